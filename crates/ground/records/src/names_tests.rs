//! The name index against a plain list.

use base::{Rng, SeededRng};
use proptest::prelude::*;

use super::*;

const KIND: KindId = KindId(1);

fn named(name: &str, rev: u64) -> Named {
    Named {
        shown: name.to_owned(),
        sort: normalise::whole(name),
        rev,
    }
}

fn id(n: u8) -> RecordId {
    RecordId::from_bytes([n; 16])
}

#[test]
fn two_letters_find_any_word_of_a_name() {
    let names = Names::new();
    names.put_all(
        KIND,
        vec![
            (id(1), named("Darakjy Josephine", 1)),
            (id(2), named("Butt James", 1)),
        ],
    );
    let shown = |query: &str| {
        names
            .search(KIND, query, 10)
            .into_iter()
            .map(|f| f.shown)
            .collect::<Vec<_>>()
    };
    assert_eq!(shown("jo"), ["Darakjy Josephine"]);
    assert_eq!(shown("da"), ["Darakjy Josephine"]);
    assert_eq!(shown("ja bu"), ["Butt James"]);
    assert!(shown("ja da").is_empty());
}

#[test]
fn an_older_revision_does_not_come_back() {
    let names = Names::new();
    names.put_all(KIND, vec![(id(1), named("New", 2))]);
    names.put_all(KIND, vec![(id(1), named("Old", 1))]);
    assert_eq!(names.get(KIND, id(1)), Some("New".into()));
}

proptest! {
    #[test]
    fn the_index_agrees_with_a_plain_list(seed in any::<u64>(), steps in 1usize..400) {
        let rng = SeededRng::new(seed);
        let names = Names::new();
        let mut model: BTreeMap<RecordId, String> = BTreeMap::new();
        for step in 0..steps {
            let mut byte = [0];
            rng.fill(&mut byte);
            let who = id(byte[0] % 40);
            if rng.below(5) == 0 {
                names.remove(KIND, who);
                model.remove(&who);
            } else {
                let pick = |n| ["ann", "bob", "anna", "carl", "bo"][rng.below(n)];
                let name = format!("{} {}", pick(5), pick(5));
                names.put_all(KIND, vec![(who, named(&name, step as u64))]);
                model.insert(who, name);
            }
            if rng.below(7) == 0 {
                names.writing().get_mut(&KIND).into_iter().for_each(Sorted::merge);
            }
        }
        let mut plain: Vec<(String, RecordId)> = model.iter().map(|(id, n)| (n.clone(), *id)).collect();
        plain.sort();
        let mut paged: Vec<(String, RecordId)> = Vec::new();
        loop {
            let after = paged.last().map(|(sort, id)| (sort.as_str(), *id));
            let page = names.page(KIND, after, false, 7);
            if page.is_empty() { break }
            paged.extend(page.into_iter().map(|f| (f.sort, f.id)));
        }
        prop_assert_eq!(&paged, &plain);
        let mut down: Vec<(String, RecordId)> =
            names.page(KIND, None, true, 1000).into_iter().map(|f| (f.sort, f.id)).collect();
        down.reverse();
        prop_assert_eq!(&down, &plain);
        for query in ["an", "bo", "carl a"] {
            let expected = plain.iter().filter(|(name, _)| {
                normalise::words(query).all(|q| normalise::words(name).any(|w| w.starts_with(q)))
            }).count();
            prop_assert_eq!(names.search(KIND, query, 1000).len(), expected);
        }
    }
}

//! Whole names taken apart.

use exchange::split_full_name;
use proptest::prelude::*;

#[test]
fn names_are_taken_apart_by_the_rules() {
    // full, prefix, given, family, suffix
    for (full, prefix, given, family, suffix) in [
        ("James Butt", "", "James", "Butt", ""),
        ("Butt, James", "", "James", "Butt", ""),
        ("  Butt ,  James  Earl ", "", "James Earl", "Butt", ""),
        ("James Butt, Jr.", "", "James", "Butt", "Jr."),
        ("Butt, James, PhD", "", "James", "Butt", "PhD"),
        ("James Earl Jones III", "", "James Earl", "Jones", "III"),
        ("Dr. Anna Müller", "Dr.", "Anna", "Müller", ""),
        (
            "Frau Prof. Dr. Anna Müller",
            "Frau Prof. Dr.",
            "Anna",
            "Müller",
            "",
        ),
        ("Müller, Dr. Anna", "Dr.", "Anna", "Müller", ""),
        ("Ludwig van Beethoven", "", "Ludwig", "van Beethoven", ""),
        ("Maria de la Cruz", "", "Maria", "de la Cruz", ""),
        ("Madonna", "", "Madonna", "", ""),
        ("山田 太郎", "", "太郎", "山田", ""),
        ("山田太郎", "", "山田太郎", "", ""),
        ("Van Morrison", "", "Van", "Morrison", ""),
        ("", "", "", "", ""),
    ] {
        let parts = split_full_name(full);
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        let found = [&parts.prefix, &parts.given, &parts.family, &parts.suffix].map(text);
        assert_eq!(found, [prefix, given, family, suffix], "{full}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_letter_is_lost_or_changed(full in "[A-Za-zäé山. ,]{0,30}|(Dr\\. |Frau )?[A-Z][a-z]{1,5}( van| de la)? [A-Z][a-z]{1,5}(, Jr\\.| III)?") {
        let parts = split_full_name(&full);
        let all = [parts.prefix, parts.given, parts.family, parts.suffix].into_iter().flatten();
        let mut found: Vec<char> = all.flat_map(|p| p.chars().collect::<Vec<_>>()).filter(|c| !c.is_whitespace() && *c != ',').collect();
        let mut wanted: Vec<char> = full.chars().filter(|c| !c.is_whitespace() && *c != ',').collect();
        found.sort_unstable();
        wanted.sort_unstable();
        prop_assert_eq!(found, wanted);
    }
}

//! Whoever was erased does not come back unnoticed, and may come back on a fresh basis.

use std::collections::BTreeMap;

use backup::testing::{make, origin, person};
use base::Timestamp;
use records::{Draft, Value};
use retention::{FreshBasis, Suppressed, suppression};
use store::testing::on_each_engine;

use crate::house::{House, all_migrations};

fn suppressed(house: &House, draft: &Draft) -> Option<Suppressed> {
    let records = &house.records;
    records
        .acts()
        .read(&house.who, |act| {
            suppression::suppressed(records, act, records.kind("person"), draft)
        })
        .unwrap()
}

#[test]
fn mails_phones_and_names_with_a_birthday_are_known_again_in_any_spelling() {
    on_each_engine(&[&all_migrations()], |db| {
        let house = House::new(&db);
        let records = &house.records;
        let born = |mut draft: Draft, day: &str| {
            draft.values.insert(5, Value::Text(day.into()));
            draft
        };
        let ann = born(
            person("Ann", "Lee", "ann@lee.org", "+15046218927"),
            "1980-12-31",
        );
        assert_eq!(suppressed(&house, &ann), None);
        let id = make(records, "person", ann);
        let own = records.clone();
        records
            .acts()
            .write(&house.who, move |act| {
                let new = person("", "", "ann@new.org", "").values.remove(&3);
                let changes = BTreeMap::from([(3, new)]);
                own.change(act, own.kind("person"), id, None, changes, &origin())
            })
            .unwrap();
        house.erasure.erase(&house.who, id).unwrap();
        for (what, draft) in [
            ("mail", person("X", "Y", "ANN@new.org", "")),
            ("earlier mail", person("X", "Y", "ann@lee.org", "")),
            ("phone", person("X", "Y", "x@y.org", "(504) 621-8927")),
            (
                "name and day",
                born(person("ÄNN", "lee", "x@y.org", ""), "1980-12-31"),
            ),
        ] {
            let found = suppressed(&house, &draft).unwrap_or_else(|| panic!("{what}"));
            assert!(found.at > Timestamp(0));
        }
        for (what, draft) in [
            (
                "a namesake",
                person("Ann", "Lee", "other@lee.org", "+15046218900"),
            ),
            (
                "born another day",
                born(person("Ann", "Lee", "o@lee.org", ""), "1980-12-30"),
            ),
            (
                "the day alone",
                born(person("Bob", "Ray", "o@lee.org", ""), "1980-12-31"),
            ),
        ] {
            assert_eq!(suppressed(&house, &draft), None, "{what}");
        }
    });
}

#[test]
fn a_fresh_basis_lifts_it_for_that_person_and_is_written_down() {
    on_each_engine(&[&all_migrations()], |db| {
        let house = House::new(&db);
        let records = &house.records;
        for (given, mail) in [("Ann", "ann@lee.org"), ("Bob", "bob@ray.org")] {
            let id = make(records, "person", person(given, "Lee", mail, ""));
            house.erasure.erase(&house.who, id).unwrap();
        }
        let own = records.clone();
        let before = backup::testing::log_head(records).size;
        let back = records
            .acts()
            .write(&house.who, move |act| -> retention::Result<_> {
                let (kind, draft) = (own.kind("person"), person("Ann", "Lee", "ann@lee.org", ""));
                let basis = FreshBasis::named("own_request").unwrap();
                assert_eq!(suppression::lift(&own, act, kind, &draft, basis)?, 1);
                assert_eq!(suppression::suppressed(&own, act, kind, &draft)?, None);
                Ok(own.create(act, kind, draft, &origin())?)
            })
            .unwrap();
        assert_eq!(backup::testing::log_head(records).size, before + 2);
        assert_eq!(backup::testing::found_by(records, "ann@lee.org"), [back]);
        assert!(suppressed(&house, &person("B", "", "bob@ray.org", "")).is_some());
        assert_eq!(house.count("KEYS SELECT COUNT(*) FROM suppression_lift"), 1);
        house.verifies();
        house.erasure.erase(&house.who, back).unwrap();
        assert!(suppressed(&house, &person("Ann", "Lee", "ann@lee.org", "")).is_some());
    });
}

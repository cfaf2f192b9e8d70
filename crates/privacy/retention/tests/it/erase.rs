//! An erasure does what its plan says, everywhere, and its certificate proves it to anybody.

use std::collections::BTreeMap;

use backup::testing::{found_by, make, note, person};
use records::testing::somebody;
use records::{Draft, Value};
use retention::{Error, State, verify_certificate};
use store::testing::on_each_engine;

use crate::house::{House, all_migrations};

fn with_house(test: impl Fn(House)) {
    on_each_engine(&[&all_migrations()], |db| test(House::new(&db)));
}

#[test]
fn a_person_is_gone_everywhere_and_the_others_stay() {
    with_house(|house| {
        let records = &house.records;
        let ann = make(
            records,
            "person",
            person("Ann", "Lee", "ann@lee.org", "+15046218927"),
        );
        let bob = make(
            records,
            "person",
            person("Bob", "Ray", "bob@ray.org", "+15046218928"),
        );
        let own = note(records, &[ann], "only about Ann");
        let shared = note(records, &[ann, bob], "about both");
        let plan = records
            .acts()
            .read(&house.who, |act| house.erasure.plan(act, ann))
            .unwrap();
        let count = |place: &str| -> u64 {
            let rows = plan.goes.iter().filter(|goes| goes.place == place);
            rows.map(|goes| goes.count).sum()
        };
        assert_eq!((count("record"), count("key_subject")), (2, 1));
        assert!(count("bidx") > 5 && count("leaf_subject") > 2);
        assert_eq!(plan.fingerprints, 2, "a mail and a phone");
        let shared_stays = plan.stays.iter().find(|stays| stays.place == "record");
        assert_eq!(shared_stays.unwrap().count, 1);
        assert_eq!(
            house.count("SELECT COUNT(*) FROM record"),
            4,
            "a plan erases nothing"
        );

        house.erasure.erase(&house.who, ann).unwrap();
        house.is_gone(ann);
        assert_eq!(house.count("SELECT COUNT(*) FROM record"), 2);
        for text in ["ann", "ann@lee.org", "504-621-8927"] {
            assert!(found_by(records, text).is_empty(), "{text}");
        }
        assert_eq!(found_by(records, "bob@ray.org"), [bob]);
        let kind = records.kind("note");
        let open = |id| {
            records
                .acts()
                .read(&house.who, |act| records.open(act, kind, id))
                .unwrap()
        };
        assert!(open(own).is_none());
        assert_eq!(open(shared).unwrap().line(kind, "body"), "about both");
        house.verifies();
        assert!(matches!(
            house.erasure.erase(&house.who, ann),
            Err(Error::Absent)
        ));
    });
}

#[test]
fn a_company_is_forgotten_like_a_person_and_its_people_stay() {
    with_house(|house| {
        let records = &house.records;
        let values = BTreeMap::from([(1, Value::Text("Morlong".into()))]);
        let company = make(
            records,
            "company",
            Draft {
                values,
                ..Draft::default()
            },
        );
        let link = records.kind("person").link("works_at").unwrap();
        let mut draft = person("Ann", "Lee", "ann@lee.org", "");
        draft.links.push((link, company));
        let ann = make(records, "person", draft);
        house.erasure.erase(&house.who, company).unwrap();
        assert_eq!(house.count("SELECT COUNT(*) FROM link"), 0);
        assert_eq!(found_by(records, "ann@lee.org"), [ann]);
        house.verifies();
    });
}

#[test]
fn somebody_in_the_trash_can_be_erased_and_a_note_cannot() {
    with_house(|house| {
        let records = &house.records;
        let ann = make(records, "person", person("Ann", "Lee", "ann@lee.org", ""));
        let about = note(records, &[ann], "x");
        assert!(matches!(
            house.erasure.erase(&house.who, about),
            Err(Error::Absent)
        ));
        let own = records.clone();
        records
            .acts()
            .write(&house.who, move |act| {
                own.delete(act, own.kind("person"), ann, None)
            })
            .unwrap();
        house.erasure.erase(&house.who, ann).unwrap();
        house.is_gone(ann);
        house.verifies();
    });
}

#[test]
fn whoever_may_not_erase_is_refused_and_that_is_logged() {
    with_house(|house| {
        let records = &house.records;
        let ann = make(records, "person", person("Ann", "Lee", "ann@lee.org", ""));
        let sales = somebody(records, "sales", "sales_outreach");
        let before = backup::testing::log_head(records).size;
        assert!(house.erasure.erase(&sales, ann).is_err());
        let plan = records
            .acts()
            .read(&sales, |act| house.erasure.plan(act, ann));
        assert!(plan.is_err());
        assert_eq!(backup::testing::log_head(records).size, before + 2);
        assert_eq!(house.count("KEYS SELECT COUNT(*) FROM erasure"), 0);
        assert_eq!(found_by(records, "ann"), [ann]);
        // A privacy officer may erase, though not make backups.
        let officer = somebody(records, "privacy_officer", "privacy_requests");
        house.erasure.erase(&officer, ann).unwrap();
    });
}

#[test]
fn the_certificate_verifies_without_the_program_and_names_nobody() {
    with_house(|house| {
        let records = &house.records;
        let ann = make(
            records,
            "person",
            person("Josephine", "Darakjy", "ann@lee.org", ""),
        );
        let certificate = house.erasure.erase(&house.who, ann).unwrap();
        // What happens later does not touch it.
        let _bob = make(records, "person", person("Bob", "Ray", "bob@ray.org", ""));
        let keys = house.keys();
        let says = verify_certificate(&certificate.text, &keys).unwrap();
        assert_eq!(says, certificate.statement().unwrap());
        assert_eq!(says["rescan"]["found"], 0);
        assert_eq!(says["key"]["generation"], 1);
        assert_eq!(says["fingerprints_kept"], 1);
        assert_eq!(says["backups"], serde_json::json!([]));
        for secret in ["Josephine", "Darakjy", &ann.to_string()] {
            assert!(!certificate.text.contains(secret), "{secret}");
        }
        let line = records
            .acts()
            .read(&house.who, |act| house.erasure.line(act, certificate.id))
            .unwrap()
            .unwrap();
        assert_eq!((line.state, line.subject), (State::Done, None));
        assert_eq!(line.certificate.as_ref(), Some(&certificate.text));

        let spoilt = certificate.text.replacen("\"found\":0", "\"found\":1", 1);
        assert_ne!(spoilt, certificate.text);
        assert!(verify_certificate(&spoilt, &keys).is_err());
        let lines: Vec<&str> = certificate.text.lines().collect();
        for left_out in 3..lines.len() {
            let mut fewer = lines.clone();
            fewer.remove(left_out);
            let text = format!("{}\n", fewer.join("\n"));
            assert!(
                verify_certificate(&text, &keys).is_err(),
                "without line {left_out}"
            );
        }
        assert!(verify_certificate(&certificate.text, &keys[..1]).is_err());
        let other = store::testing::on_sqlite;
        other(&[&all_migrations()], |db| {
            let stranger = House::new(&db).keys();
            assert!(verify_certificate(&certificate.text, &stranger).is_err());
        });
    });
}

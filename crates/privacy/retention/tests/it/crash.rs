//! An erasure that was interrupted between any two steps is completed, once, when the program starts.

use backup::testing::{found_by, make, note, person};
use base::{Rng, SystemRng};
use retention::{State, verify_certificate};
use store::params;
use store::testing::on_each_engine;

use crate::house::{House, all_migrations};

fn after(steps: impl Fn(&House, retention::Begun)) {
    on_each_engine(&[&all_migrations()], |db| {
        let house = House::new(&db);
        let ann = make(
            &house.records,
            "person",
            person("Ann", "Lee", "ann@lee.org", "+15046218927"),
        );
        let bob = make(
            &house.records,
            "person",
            person("Bob", "Ray", "bob@ray.org", ""),
        );
        let _both = note(&house.records, &[ann, bob], "about both");
        let begun = house.erasure.begin(&house.who, ann).unwrap();
        steps(&house, begun);
        let again = house.erasure.begin(&house.who, ann).unwrap();
        assert_eq!(again, begun, "one erasure, taken up again");
        let certificates = house.erasure.resume(&house.who).unwrap();
        assert_eq!(certificates.len(), 1);
        verify_certificate(&certificates[0].text, &house.keys()).unwrap();
        house.is_gone(ann);
        assert_eq!(found_by(&house.records, "bob@ray.org"), [bob]);
        assert_eq!(house.count("KEYS SELECT COUNT(*) FROM suppression"), 2);
        house.verifies();
        assert!(
            house.erasure.resume(&house.who).unwrap().is_empty(),
            "nothing is left to do"
        );
        let line = house
            .records
            .acts()
            .read(&house.who, |act| house.erasure.line(act, begun.id))
            .unwrap()
            .unwrap();
        assert_eq!((line.state, line.subject), (State::Done, None));
    });
}

#[test]
fn after_it_was_written_down() {
    after(|_, _| {});
}

#[test]
fn after_the_act_that_erases() {
    after(|house, begun| house.erasure.carry_out(&house.who, begun).unwrap());
}

#[test]
fn after_the_key_store_committed_and_the_data_did_not() {
    after(|house, begun| {
        // What the key store holds then: fingerprints, no key, a tombstone, the journal. The data is
        // as it was, and the leaf of the tombstone is not there.
        let lost = house.records.acts();
        let draft = person("Ann", "Lee", "ann@lee.org", "+15046218927");
        let marks = lost
            .read(&house.who, |act| {
                let kind = house.records.kind("person");
                house.records.fingerprints(act, kind, &draft.values)
            })
            .unwrap();
        let vault = lost.vault().clone();
        let now = lost.clock().now();
        let request: [u8; 16] = (&SystemRng as &dyn Rng).bytes();
        lost.db()
            .write(move |tx| -> Result<(), vault::Error> {
                vault.shred(tx, begun.subject, now)?;
                for mark in &marks {
                    tx.keys().execute(
                        "INSERT INTO suppression (ws, kind, fingerprint, at) VALUES (1, $1, $2, $3)",
                        params![mark.kind, &mark.digest, now],
                    )?;
                }
                tx.keys().execute(
                    "UPDATE erasure SET state = 'erased', erased_at = $1, request = $2, log_size = 0,
                     receipt = '{\"places\":[],\"stays\":[],\"key\":{},\"fingerprints\":2}'",
                    params![now, &request],
                )?;
                Ok(())
            })
            .unwrap();
        assert_eq!(house.count("SELECT COUNT(*) FROM record"), 3);
    });
}

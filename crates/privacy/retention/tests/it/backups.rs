//! One person can be forgotten in every backup ever made.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use backup::testing::{found_by, keys_in, make, note, person};
use base::RecordId;
use records::{Draft, Records, Value};
use retention::suppression;
use store::Location;

use crate::house::{House, bring_back, contents};

struct Schemas(Location);

impl Drop for Schemas {
    fn drop(&mut self) {
        let beside = [
            store::archive::aside(&self.0),
            store::archive::beside(&self.0),
        ];
        for place in beside.iter().chain([&self.0]) {
            store::testing::drop_schemas(place);
        }
    }
}

/// Runs a test in a directory and in schemas.
fn in_each_place(test: impl Fn(&Location)) {
    let dir = tempfile::tempdir().unwrap();
    test(&Location::Directory(dir.path().join("data")));
    let schemas = Schemas(store::testing::postgres_location());
    test(&schemas.0);
}

#[track_caller]
fn is_suppressed(records: &Records, mail: &str) {
    let found = records
        .acts()
        .read(&backup::testing::operator(records), |act| {
            let draft = person("X", "Y", mail, "");
            suppression::suppressed(records, act, records.kind("person"), &draft)
        })
        .unwrap();
    assert!(found.is_some(), "{mail}");
}

#[test]
fn an_old_backup_brings_nobody_back() {
    in_each_place(|place| {
        let house = House::at(place);
        let (ann, bob) = two_people(&house);
        let file = house.dir.path().join("old");
        house.backups().write(&house.who, &file).unwrap();
        // Somebody copied both files away, where no erasure reaches them.
        let away = house.dir.path().join("away");
        fs::create_dir(&away).unwrap();
        for name in ["old", "old.keys"] {
            fs::copy(house.dir.path().join(name), away.join(name)).unwrap();
        }
        let certificate = house.erasure.erase(&house.who, ann).unwrap();
        let says = certificate.statement().unwrap();
        assert_eq!(says["backups"][0]["keys"], "cleared");
        let provider = house.provider.clone();
        assert_eq!(
            keys_in(&house.dir.path().join("old.keys"), &provider),
            [bob.cast()]
        );
        assert_eq!(
            keys_in(&away.join("old.keys"), &provider).len(),
            2,
            "out of reach"
        );

        let contents = contents(&house.records);
        let House {
            dir,
            records,
            erasure,
            ..
        } = house;
        drop((records, erasure));
        let provider_again = provider.clone();
        // In place: the key store that is there knows who was erased, whichever key file is given.
        for file in [&file, &away.join("old")] {
            let (_, ready) = bring_back(file, place, &provider, &contents).unwrap();
            assert_eq!(ready.reapplied.subjects, 1);
            let records =
                backup::testing::reopened(place, &crate::house::all_migrations(), &provider_again);
            forgotten(&records, ann, bob);
        }
        // Elsewhere: the key file was cleared, and carries what must be known of the erasure.
        let elsewhere = Location::Directory(dir.path().join("elsewhere"));
        let (_, ready) = bring_back(&file, &elsewhere, &provider, &contents).unwrap();
        assert_eq!(ready.reapplied.subjects, 1);
        let records =
            backup::testing::reopened(&elsewhere, &crate::house::all_migrations(), &provider);
        forgotten(&records, ann, bob);
        let house = House::over(records, provider, dir);
        house.is_gone(ann);
        house.verifies();
        let line = house
            .records
            .acts()
            .read(&house.who, |act| house.erasure.line(act, certificate.id))
            .unwrap();
        assert!(line.is_some(), "the journal came along");
    });
}

fn two_people(house: &House) -> (RecordId, RecordId) {
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
    let _own = note(&house.records, &[ann], "only about Ann");
    let _both = note(&house.records, &[ann, bob], "about both");
    (ann, bob)
}

#[track_caller]
fn forgotten(records: &Records, gone: RecordId, stays: RecordId) {
    for text in ["ann", "ann@lee.org", "+1 504 621 8927"] {
        assert!(found_by(records, text).is_empty(), "{text}");
    }
    assert_eq!(found_by(records, "bob@ray.org"), [stays]);
    is_suppressed(records, "ann@lee.org");
    let key = records
        .acts()
        .read(&backup::testing::operator(records), |act| {
            act.subject_key(gone.cast())
        })
        .unwrap();
    assert!(key.is_none());
    let rows = records
        .acts()
        .db()
        .read(|tx| tx.number("SELECT COUNT(*) FROM record", &[]))
        .unwrap();
    assert_eq!(rows, 2, "Bob, and the note about both");
}

#[test]
fn backups_of_every_age_with_erasures_between() {
    let dir = tempfile::tempdir().unwrap();
    let place = Location::Directory(dir.path().join("data"));
    let house = House::at(&place);
    let everybody: Vec<(RecordId, String)> = (0..12)
        .map(|n| {
            let mail = format!("p{n}@lee.org");
            let name = format!("Given{n}");
            (
                make(&house.records, "person", person(&name, "Lee", &mail, "")),
                mail,
            )
        })
        .collect();
    let mut erased = Vec::new();
    let mut files = Vec::new();
    for (age, (id, mail)) in everybody.iter().step_by(2).enumerate() {
        let file = dir.path().join(format!("age{age}"));
        house.backups().write(&house.who, &file).unwrap();
        // An older backup keeps only its data: keys are kept for seven days.
        if age % 2 == 0 {
            fs::remove_file(dir.path().join(format!("age{age}.keys"))).unwrap();
        }
        files.push(file);
        house.erasure.erase(&house.who, *id).unwrap();
        erased.push(mail.clone());
    }
    let (provider, contents) = (house.provider.clone(), contents(&house.records));
    let mut house = house;
    for file in &files {
        let dir = std::mem::replace(&mut house.dir, tempfile::tempdir().unwrap());
        drop(house);
        bring_back(file, &place, &provider, &contents).unwrap();
        let records = backup::testing::reopened(&place, &crate::house::all_migrations(), &provider);
        house = House::over(records, provider.clone(), dir);
        for (id, mail) in &everybody {
            let expected: &[RecordId] = if erased.contains(mail) { &[] } else { &[*id] };
            assert_eq!(found_by(&house.records, mail), expected, "{mail}");
            if erased.contains(mail) {
                is_suppressed(&house.records, mail);
            }
        }
        house.verifies();
        assert!(house.erasure.resume(&house.who).unwrap().is_empty());
    }
}

/// The place knows of the erasure and not of everybody in the backup; the key file the other way round.
#[test]
fn a_key_file_that_knows_more_people_does_not_bring_back_the_key_of_an_erased_one() {
    in_each_place(|place| {
        let house = House::at(place);
        let ann = make(
            &house.records,
            "person",
            person("Ann", "Lee", "ann@lee.org", ""),
        );
        let (early, late) = (
            house.dir.path().join("early"),
            house.dir.path().join("late"),
        );
        house.backups().write(&house.who, &early).unwrap();
        let bob = make(
            &house.records,
            "person",
            person("Bob", "Ray", "bob@ray.org", ""),
        );
        let late_keys = house.backups().write(&house.who, &late).unwrap().keys;
        let (provider, contents) = (house.provider.clone(), contents(&house.records));
        let House {
            dir,
            records,
            erasure,
            ..
        } = house;
        drop((records, erasure));
        let target = Location::Directory(dir.path().join("other machine"));
        bring_back(&early, &target, &provider, &contents).unwrap();
        let all = crate::house::all_migrations();
        let records = backup::testing::reopened(&target, &all, &provider);
        // There no key file is in reach: this machine does not know of the later backup.
        retention::Erasure::new(records.clone(), Vec::new())
            .erase(&backup::testing::operator(&records), ann)
            .unwrap();
        drop(records);
        assert_eq!(keys_in(&late_keys, &provider).len(), 2);
        let (restored, ready) = bring_back(&late, &target, &provider, &contents).unwrap();
        assert_eq!(restored.keys_from, backup::KeysFrom::File);
        assert_eq!(ready.reapplied.subjects, 1);
        let records = backup::testing::reopened(&target, &all, &provider);
        let house = House::over(records, provider, dir);
        assert_eq!(house.count("KEYS SELECT COUNT(*) FROM key_subject"), 1);
        house.is_gone(ann);
        assert_eq!(found_by(&house.records, "bob@ray.org"), [bob]);
        is_suppressed(&house.records, "ann@lee.org");
        house.verifies();
    });
}

/// Their keys are gone, so nothing can be said of one in a leaf about the other.
#[test]
fn everybody_a_record_is_about_and_linked_to_is_erased_again() {
    in_each_place(|place| {
        let house = House::at(place);
        let records = &house.records;
        let values = BTreeMap::from([(1, Value::Text("Morlong".into()))]);
        let company = Draft {
            values,
            ..Draft::default()
        };
        let company = make(records, "company", company);
        let works_at = records.kind("person").link("works_at").unwrap();
        let mut people = Vec::new();
        for (given, mail) in [
            ("Ann", "ann@lee.org"),
            ("Bob", "bob@ray.org"),
            ("Cid", "cid@ray.org"),
        ] {
            let mut draft = person(given, "Lee", mail, "");
            draft.links.push((works_at, company));
            people.push(make(records, "person", draft));
        }
        let _of_two = note(records, &people[..2], "about two");
        let _of_three = note(records, &people, "about three");
        let file = house.dir.path().join("one");
        house.backups().write(&house.who, &file).unwrap();
        for id in [people[0], company, people[1]] {
            house.erasure.erase(&house.who, id).unwrap();
        }
        let (provider, contents) = (house.provider.clone(), contents(records));
        let House {
            dir,
            records,
            erasure,
            ..
        } = house;
        drop((records, erasure));
        let (_, ready) = bring_back(&file, place, &provider, &contents).unwrap();
        assert_eq!(
            (ready.reapplied.subjects, ready.records),
            (3, 2),
            "Cid and a note stay"
        );
        let records = backup::testing::reopened(place, &crate::house::all_migrations(), &provider);
        let house = House::over(records, provider, dir);
        assert_eq!(found_by(&house.records, "lee"), [people[2]]);
        house.verifies();
    });
}

#[test]
fn a_key_file_out_of_reach_is_named_with_its_last_day() {
    in_each_place(|place| {
        let house = House::at(place);
        let (ann, bob) = two_people(&house);
        let file = house.dir.path().join("one");
        let written = house.backups().write(&house.who, &file).unwrap();
        let away = house.dir.path().join("away");
        fs::rename(&written.keys, &away).unwrap();
        let says = house
            .erasure
            .erase(&house.who, ann)
            .unwrap()
            .statement()
            .unwrap();
        assert_eq!(says["backups"][0]["keys"], "not reachable");
        let last_day = says["backups"][0]["expires_on"].as_str().unwrap();
        assert_eq!(last_day, written.delete_keys_by.rfc3339());
        // Back in its place, the next erasure clears it of both.
        fs::rename(&away, &written.keys).unwrap();
        let says = house
            .erasure
            .erase(&house.who, bob)
            .unwrap()
            .statement()
            .unwrap();
        assert_eq!(says["backups"][0]["keys"], "cleared");
        assert!(keys_in(&written.keys, &house.provider).is_empty());
    });
}

#[test]
fn nothing_of_an_erased_person_is_left_on_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let place = Location::Directory(data.clone());
    let house = House::at(&place);
    let (ann, bob) = two_people(&house);
    let traces = |person: RecordId| -> Vec<Vec<u8>> {
        let sql = [
            "SELECT doc FROM record WHERE id = $1",
            "SELECT token FROM bidx WHERE record = $1 AND LENGTH(token) = 16",
            "KEYS SELECT wrapped FROM key_subject WHERE subject = $1",
            "SELECT wrapped FROM record_key WHERE subject = $1",
        ];
        let db = house.records.acts().db();
        let mut all = Vec::new();
        for sql in sql {
            let found: store::Result<Vec<Vec<u8>>> =
                db.read(|tx| match sql.strip_prefix("KEYS ") {
                    Some(sql) => tx
                        .keys()
                        .rows(sql, store::params![&person], |row| row.get(0)),
                    None => tx.rows(sql, store::params![&person], |row| row.get(0)),
                });
            let found = found.unwrap();
            assert!(!found.is_empty(), "{sql}");
            all.extend(found);
        }
        all
    };
    let (of_ann, of_bob) = (traces(ann), traces(bob));
    house.records.acts().db().checkpoint().unwrap();
    for trace in of_ann.iter().chain(&of_bob) {
        assert!(is_on_disk(&data, trace), "the search finds what is there");
    }
    house.erasure.erase(&house.who, ann).unwrap();
    for trace in &of_ann {
        assert!(
            !is_on_disk(&data, trace),
            "{} bytes of Ann are left",
            trace.len()
        );
    }
    let id = ann.as_bytes();
    assert!(
        !contains(&data.join("data.db"), id),
        "her id is in the tombstone alone"
    );
    assert!(contains(&data.join("keys.db"), id) || contains(&data.join("keys.db-wal"), id));
    assert!(of_bob.iter().any(|trace| is_on_disk(&data, trace)));
}

fn is_on_disk(dir: &Path, what: &[u8]) -> bool {
    let files = fs::read_dir(dir).unwrap();
    let paths: Vec<PathBuf> = files.map(|entry| entry.unwrap().path()).collect();
    paths.iter().any(|path| contains(path, what))
}

fn contains(path: &Path, what: &[u8]) -> bool {
    let bytes = fs::read(path).unwrap_or_default();
    bytes.windows(what.len()).any(|window| window == what)
}

#[test]
fn a_switch_that_was_interrupted_is_completed_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let place = Location::Directory(data.clone());
    let house = House::at(&place);
    let (ann, _) = two_people(&house);
    let file = house.dir.path().join("one");
    house.backups().write(&house.who, &file).unwrap();
    house.erasure.erase(&house.who, ann).unwrap();
    let (provider, contents) = (house.provider.clone(), contents(&house.records));
    // A restore elsewhere gives the two files that a restore here would have put beside.
    let elsewhere = Location::Directory(dir.path().join("elsewhere"));
    bring_back(&file, &elsewhere, &provider, &contents).unwrap();
    let House {
        records,
        erasure,
        dir: kept,
        ..
    } = house;
    drop((records, erasure));
    for moved in 0..3 {
        let staging = data.join("restoring");
        fs::create_dir(&staging).unwrap();
        fs::create_dir_all(data.join("replaced")).unwrap();
        for name in ["data.db", "keys.db"] {
            fs::copy(dir.path().join("elsewhere").join(name), staging.join(name)).unwrap();
        }
        fs::write(staging.join("ready"), "").unwrap();
        // How far it had come when the power went.
        if moved >= 1 {
            fs::rename(data.join("data.db"), data.join("replaced/data.db")).unwrap();
        }
        if moved >= 2 {
            fs::rename(staging.join("data.db"), data.join("data.db")).unwrap();
        }
        // Either way: whoever opens the directory completes it.
        assert!(store::Db::exists(&place).unwrap());
        assert!(moved == 1 || backup::finish_switch(&place).unwrap());
        let records = backup::testing::reopened(&place, &crate::house::all_migrations(), &provider);
        assert_eq!(found_by(&records, "bob@ray.org").len(), 1);
        assert!(found_by(&records, "ann@lee.org").is_empty());
        assert!(!staging.exists() && !backup::finish_switch(&place).unwrap());
    }
    drop(kept);
}

//! The same rows and the same root of the log, whichever engine wrote and whichever reads.

use std::collections::BTreeMap;

use backup::testing::{found_by, log_head, migrations, note, operator, reopened};
use backup::{Error, FileKind, KeysFrom, Replaced};
use records::Records;
use store::{Cell, Db, Location};

use crate::places::{Place, Schemas, all_contents, bring_back, directory};

/// Every row of every table that a backup holds, as text, in order.
fn rows(db: &Db) -> BTreeMap<String, Vec<String>> {
    let left = ["migration", "key_migration", "log_pending", "key_backup"];
    db.read(|tx| -> store::Result<_> {
        let mut out = BTreeMap::new();
        for side in 0..2 {
            let tables = if side == 0 {
                tx.tables()?
            } else {
                tx.keys().tables()?
            };
            for (table, mut columns) in tables {
                if left.contains(&table.as_str()) {
                    continue;
                }
                columns.sort();
                let sql = format!("SELECT {} FROM {table}", columns.join(", "));
                let mut all = Vec::new();
                let mut keep = |row: &store::Row<'_>| {
                    let cells: Vec<String> = (0..row.width())
                        .map(|at| row.cell(at).map(|cell: Cell<'_>| format!("{cell:?}")))
                        .collect::<store::Result<_>>()?;
                    all.push(cells.join("|"));
                    Ok(true)
                };
                if side == 0 {
                    tx.each(&sql, &[], &mut keep)?;
                } else {
                    tx.keys().each(&sql, &[], &mut keep)?;
                }
                all.sort();
                out.insert(table, all);
            }
        }
        Ok(out)
    })
    .unwrap()
}

fn filled(place: &Place) -> (Records, backup::Backups) {
    let (records, backups) = place.with_people(30);
    let ann = found_by(&records, "lee3@lee.org").first().copied();
    assert_eq!(ann, None);
    let [ann] = found_by(&records, "a3@lee.org")[..] else {
        panic!("one Ann")
    };
    let [other] = found_by(&records, "a4@lee.org")[..] else {
        panic!("one other")
    };
    let _note = note(&records, &[ann, other], "met at the fair");
    let own = records.clone();
    records
        .acts()
        .write(&operator(&records), move |act| {
            let family = Some(records::Value::Text("Miller".into()));
            let changes = BTreeMap::from([(2, family)]);
            own.change(
                act,
                own.kind("person"),
                ann,
                None,
                changes,
                &backup::testing::origin(),
            )
        })
        .unwrap();
    (records, backups)
}

fn comes_back(from: &Place, target: &Location) {
    let (records, backups) = filled(from);
    let head = log_head(&records);
    let written = backups.write(&operator(&records), &from.file()).unwrap();
    let before = rows(records.acts().db());
    let contents = all_contents(&records);
    drop((records, backups));
    let restored = bring_back(from, target, &contents).unwrap();
    assert_eq!(restored.keys_from, KeysFrom::File);
    assert_eq!(restored.replaced, Replaced::Nothing);
    assert_eq!(restored.log_size, written.log_size);
    let records = reopened(target, &migrations(&[]), &from.provider);
    let after = rows(records.acts().db());
    // The leaves of the backup itself came after the state was taken, or before it was compared.
    for (table, before) in &before {
        let log = ["leaf", "ledger_head", "ledger_node"].contains(&table.as_str());
        // Tallies are taken by the program, once everything is in place.
        let tally = table.ends_with("tally");
        if !log && !tally {
            assert_eq!(&after[table], before, "{table}");
        }
    }
    let size = i64::try_from(restored.log_size).unwrap();
    let ws = records.acts().ws();
    let root = records
        .acts()
        .db()
        .read(|tx| -> Result<_, ledger::Error> {
            let leaves = tx.number("SELECT COUNT(*) FROM leaf", &[])?;
            assert!(leaves >= size);
            let now = ledger::head(tx, ws)?;
            let path = ledger::consistency_proof(tx, ws, head.size, now.size)?;
            let (old, new) = ((head.size, &head.root), (now.size, &now.root));
            Ok(ledger::verify_consistency(old, new, &path))
        })
        .unwrap();
    assert!(root, "the log goes on where it was");
    assert_eq!(found_by(&records, "miller").len(), 1);
    assert_eq!(found_by(&records, "a29@lee.org").len(), 1);
}

#[test]
fn from_sqlite_to_sqlite() {
    let from = Place::new(directory);
    let target = Location::Directory(from.dir.path().join("elsewhere"));
    comes_back(&from, &target);
}

#[test]
fn from_sqlite_to_postgresql() {
    let target = Schemas::new();
    comes_back(&Place::new(directory), &target.0);
}

#[test]
fn from_postgresql_to_sqlite() {
    let schemas = Schemas::new();
    let from = Place::new(|_| schemas.0.clone());
    let target = Location::Directory(from.dir.path().join("elsewhere"));
    comes_back(&from, &target);
}

#[test]
fn from_postgresql_to_postgresql() {
    let (schemas, target) = (Schemas::new(), Schemas::new());
    comes_back(&Place::new(|_| schemas.0.clone()), &target.0);
}

/// Leaves that no sequencer has numbered yet come back too, on either engine.
#[test]
fn leaves_that_wait_for_a_number_are_not_lost() {
    let schemas = Schemas::new();
    let from = Place::new(|_| schemas.0.clone());
    let (records, backups) = from.with_people(5);
    backups.write(&operator(&records), &from.file()).unwrap();
    let contents = all_contents(&records);
    let target = Location::Directory(from.dir.path().join("elsewhere"));
    let restored = bring_back(&from, &target, &contents).unwrap();
    assert_eq!(restored.log_size, 0, "none had a number");
    let back = reopened(&target, &migrations(&[]), &from.provider);
    // Five were made, and the backup was written down.
    assert_eq!(log_head(&back).size, 6);
    let other = Schemas::new();
    bring_back(&from, &other.0, &contents).unwrap();
    let back = reopened(&other.0, &migrations(&[]), &from.provider);
    assert_eq!(log_head(&back).size, 6);
}

#[test]
fn a_restore_in_place_keeps_the_replaced_data_without_its_tokens() {
    let schemas = Schemas::new();
    for place in [Place::new(directory), Place::new(|_| schemas.0.clone())] {
        let (records, backups) = place.with_people(3);
        backups.write(&operator(&records), &place.file()).unwrap();
        let draft = backup::testing::person("Late", "Comer", "late@comer.org", "");
        let _late = backup::testing::make(&records, "person", draft);
        let contents = all_contents(&records);
        drop((records, backups));
        let restored = bring_back(&place, &place.location, &contents).unwrap();
        assert_eq!(
            restored.keys_from,
            KeysFrom::Target,
            "which knows more people"
        );
        assert_eq!(restored.replaced, Replaced::KeptAside);
        let aside = Db::open(&store::archive::aside(&place.location), &[]);
        if let Ok(aside) = aside {
            let count = |sql| aside.read(|tx| tx.number(sql, &[])).unwrap();
            assert_eq!(count("SELECT COUNT(*) FROM record"), 4);
            assert_eq!(count("SELECT COUNT(*) FROM bidx"), 0);
        } else {
            assert!(
                matches!(place.location, Location::Postgres { .. }),
                "its keys are gone"
            );
        }
        let records = reopened(&place.location, &migrations(&[]), &place.provider);
        assert_eq!(found_by(&records, "lee").len(), 3);
        assert!(found_by(&records, "late@comer.org").is_empty());
        assert!(!store::archive::finish_switch(&place.location).unwrap());
    }
}

#[test]
fn a_backup_is_never_written_over_and_only_its_owner_reads_it() {
    use std::os::unix::fs::MetadataExt;
    let place = Place::new(directory);
    let (records, backups) = place.with_people(1);
    backups.write(&operator(&records), &place.file()).unwrap();
    for path in [place.file(), place.keys()] {
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        let before = std::fs::read(&path).unwrap();
        let again = backups.write(&operator(&records), &place.file());
        assert!(matches!(again, Err(Error::Exists(_))));
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }
    std::fs::remove_file(place.file()).unwrap();
    let again = backups.write(&operator(&records), &place.file());
    assert!(matches!(again, Err(Error::Exists(_))), "its keys are there");
    assert!(!place.file().exists());
    let support = records::testing::somebody(&records, "support", "customer_support");
    let other = place.dir.path().join("other");
    assert!(backups.write(&support, &other).is_err());
    assert!(!other.exists() && !place.dir.path().join("other.keys").exists());
    let leftovers = std::fs::read_dir(place.dir.path())
        .unwrap()
        .filter(|entry| {
            entry
                .as_ref()
                .unwrap()
                .path()
                .to_string_lossy()
                .contains("partial")
        });
    assert_eq!(leftovers.count(), 0);
}

#[test]
fn nothing_in_a_backup_can_be_read_without_the_root_key() {
    let place = Place::new(directory);
    let (records, backups) = place.with_people(2);
    backups.write(&operator(&records), &place.file()).unwrap();
    let [ann] = found_by(&records, "a0@lee.org")[..] else {
        panic!("one Ann")
    };
    for path in [place.file(), place.keys()] {
        let bytes = std::fs::read(&path).unwrap();
        for secret in [
            ann.as_bytes().as_slice(),
            records.acts().ws().id.as_bytes(),
            b"record",
            b"Lee0",
        ] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret));
        }
        let head = String::from_utf8_lossy(&bytes[..300]).into_owned();
        assert!(head.starts_with("privet backup 1\nkind "), "{head}");
        assert_eq!(head.contains("delete by "), path == place.keys());
    }
    let providers = [std::sync::Arc::clone(&place.provider)];
    let header = backup::check(&place.keys(), FileKind::Keys, &providers).unwrap();
    assert_eq!(header.workspace, records.acts().ws().id.to_string());
    let wrong = backup::check(&place.keys(), FileKind::Data, &providers);
    assert!(matches!(wrong, Err(Error::NotABackup(_))));
}

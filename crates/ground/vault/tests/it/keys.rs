//! Subjects' keys in the store: made, found, shredded, never made again.

use std::collections::HashSet;

use aws_lc_rs::signature::{Ed25519KeyPair, ML_DSA_44_SIGNING, PqdsaKeyPair};
use base::{SubjectId, Timestamp};
use store::{Db, params};
use vault::{Error, LOG_ED25519, LOG_MLDSA44, SERVICE_KEYS, SubjectKey, TABLES, Vault};

use crate::{
    NOW, RNG, everything, new_vault, on_each_engine, on_sqlite, place, provider, reopened, subject,
};

fn made(db: &Db, vault: &Vault, number: u32) -> SubjectKey {
    let vault = vault.clone();
    db.write(move |tx| vault.new_subject(tx, subject(number), &RNG))
        .unwrap()
}

fn found(db: &Db, vault: &Vault, number: u32) -> Option<SubjectKey> {
    db.read(|tx| vault.subject(tx, subject(number))).unwrap()
}

#[test]
fn a_key_is_found_again_by_every_process() {
    on_each_engine(|db| {
        let root = provider();
        let (vault, authority) = new_vault(&db, &root, 1);
        let at = place(1, subject(1));
        let sealed = made(&db, &vault, 1).seal(at, b"Ada", &RNG);
        for vault in [vault.clone(), vault.clone(), reopened(&db, &root, 1).0] {
            let key = found(&db, &vault, 1).unwrap();
            assert_eq!(
                key.open(&everything(&authority), at, &sealed)
                    .unwrap()
                    .as_slice(),
                b"Ada"
            );
        }
        assert!(found(&db, &vault, 2).is_none());
        let own = vault.clone();
        let again = db.write(move |tx| own.new_subject(tx, subject(1), &RNG));
        assert!(matches!(again, Err(Error::SubjectExists)));
        // Another workspace knows nothing of the person.
        assert!(found(&db, &new_vault(&db, &root, 2).0, 1).is_none());
    });
}

#[test]
fn many_keys_come_in_one_call_whether_in_memory_or_not() {
    on_each_engine(|db| {
        let root = provider();
        let (vault, _) = new_vault(&db, &root, 1);
        let own = vault.clone();
        db.write(move |tx| {
            (0..600).try_for_each(|n| own.new_subject(tx, subject(n), &RNG).map(drop))
        })
        .unwrap();
        let fresh = reopened(&db, &root, 1).0;
        for count in [0, 1, 2, 16, 17, 256, 257, 600] {
            // Each asked for twice, and one that is not there.
            let wanted: Vec<SubjectId> = (0..count)
                .chain(0..count)
                .chain([9_999])
                .map(subject)
                .collect();
            let keys = db.read(|tx| fresh.subjects(tx, &wanted)).unwrap();
            assert_eq!(keys.len(), usize::try_from(count).unwrap());
            assert!(keys.iter().all(|(id, key)| key.subject() == *id));
        }
    });
}

#[test]
fn a_shredded_subject_stays_unreadable_and_is_never_made_again() {
    on_each_engine(|db| {
        let root = provider();
        let (vault, _) = new_vault(&db, &root, 1);
        made(&db, &vault, 1);
        made(&db, &vault, 2);
        assert!(found(&db, &vault, 1).is_some());
        let backup = wrapped(&db, 1);

        for (number, there) in [(1, true), (1, false), (3, false)] {
            let own = vault.clone();
            assert_eq!(
                db.write(move |tx| own.shred(tx, subject(number), NOW))
                    .unwrap(),
                there
            );
        }
        for vault in [vault.clone(), reopened(&db, &root, 1).0] {
            assert!(found(&db, &vault, 1).is_none());
            assert!(found(&db, &vault, 2).is_some());
            for number in [1, 3] {
                let own = vault.clone();
                let again = db.write(move |tx| own.new_subject(tx, subject(number), &RNG));
                assert!(matches!(again, Err(Error::Shredded)));
                let own = vault.clone();
                let rotated = db.write(move |tx| own.rotate_subject(tx, subject(number), &RNG));
                assert!(matches!(rotated, Err(Error::Shredded)));
            }
        }
        let left = db.read(|tx| vault.tombstones(tx)).unwrap();
        assert_eq!(left, [(subject(1), NOW), (subject(3), NOW)]);
        assert!(wrapped(&db, 1).is_empty());

        // Somebody puts the wrapped key back from a backup: the tombstone still decides.
        let record = backup[0].clone();
        db.write(move |tx| {
            tx.keys().execute(
                "INSERT INTO key_subject (ws, subject, generation, version, wrapped) VALUES (1, $1, 1, 1, $2)",
                params![&subject(1), &record],
            )
        })
        .unwrap();
        assert!(found(&db, &reopened(&db, &root, 1).0, 1).is_none());
        let mut told = Vec::new();
        db.read(|tx| vault.check_keys(tx, |id, outcome| told.push((id, outcome.is_ok()))))
            .unwrap();
        assert_eq!(told, [(subject(1), false), (subject(2), true)]);
    });
}

fn wrapped(db: &Db, number: u32) -> Vec<Vec<u8>> {
    db.read(|tx| {
        tx.keys().rows(
            "SELECT wrapped FROM key_subject WHERE ws = 1 AND subject = $1 ORDER BY generation",
            params![&subject(number)],
            |row| row.get(0),
        )
    })
    .unwrap()
}

/// Nothing that was rolled back may be found in memory, or data would be sealed under a key that is
/// nowhere.
#[test]
fn a_key_whose_transaction_was_rolled_back_is_not_remembered() {
    on_each_engine(|db| {
        let (vault, _) = new_vault(&db, &provider(), 1);
        vault.tick(NOW);
        let own = vault.clone();
        let refused: Result<(), Error> = db.write(move |tx| {
            own.new_subject(tx, subject(1), &RNG)?;
            assert!(own.subject(tx, subject(1))?.is_some());
            Err(Error::NotGranted)
        });
        assert!(matches!(refused, Err(Error::NotGranted)));
        assert!(found(&db, &vault, 1).is_none());

        made(&db, &vault, 1);
        let own = vault.clone();
        let refused: Result<(), Error> = db.write(move |tx| {
            own.rotate_subject(tx, subject(1), &RNG)?;
            assert_eq!(own.subject(tx, subject(1))?.unwrap().generation(), 2);
            Err(Error::NotGranted)
        });
        assert!(refused.is_err());
        assert_eq!(found(&db, &vault, 1).unwrap().generation(), 1);
    });
}

#[test]
fn keys_leave_memory_when_told_and_after_five_minutes() {
    on_sqlite(|db| {
        let root = provider();
        made(&db, &new_vault(&db, &root, 1).0, 1);
        let vault = reopened(&db, &root, 1).0;
        let empty_store = |db: &Db| {
            db.write(|tx| tx.keys().execute("DELETE FROM key_subject", params![]))
                .unwrap();
        };
        vault.tick(NOW);
        assert!(found(&db, &vault, 1).is_some());
        empty_store(&db);
        assert!(found(&db, &vault, 1).is_some(), "from memory");
        vault.tick(Timestamp(NOW.micros() + 149_000_000));
        assert!(found(&db, &vault, 1).is_some());
        vault.tick(Timestamp(NOW.micros() + 150_000_000));
        vault.tick(Timestamp(NOW.micros() + 300_000_000));
        assert!(found(&db, &vault, 1).is_none(), "five minutes later");

        for forget in [Vault::forget_all, |vault: &Vault| vault.forget(subject(7))] {
            let maker = reopened(&db, &root, 1).0;
            made(&db, &maker, 7);
            assert!(found(&db, &vault, 7).is_some());
            empty_store(&db);
            assert!(found(&db, &vault, 7).is_some());
            forget(&vault);
            assert!(found(&db, &vault, 7).is_none());
        }
    });
}

/// Many threads make, read and shred the same people: whoever has a tombstone is gone, whoever has
/// none is readable by a process that starts now.
#[test]
fn makers_and_shredders_at_the_same_time_leave_nothing_half_done() {
    on_each_engine(|db| {
        let root = provider();
        let (vault, _) = new_vault(&db, &root, 1);
        std::thread::scope(|threads| {
            for worker in 0..4_u32 {
                let (db, vault) = (db.clone(), vault.clone());
                threads.spawn(move || {
                    for number in 0..40 {
                        let own = vault.clone();
                        let outcome = db.write(move |tx| {
                            if (number + worker) % 4 == 0 {
                                own.shred(tx, subject(number / 2), NOW).map(drop)
                            } else {
                                own.new_subject(tx, subject(number / 2), &RNG).map(drop)
                            }
                        });
                        let expected = matches!(
                            outcome,
                            Ok(()) | Err(Error::Shredded | Error::SubjectExists)
                        );
                        assert!(expected, "{outcome:?}");
                        drop(found(&db, &vault, number / 2));
                    }
                });
            }
        });
        vault.forget_all();
        let gone = db.read(|tx| vault.tombstones(tx)).unwrap();
        assert!(!gone.is_empty());
        for vault in [&vault, &reopened(&db, &root, 1).0] {
            for number in 0..20 {
                let shredded = gone.iter().any(|(id, _)| *id == subject(number));
                assert_eq!(found(&db, vault, number).is_none(), shredded, "{number}");
            }
        }
    });
}

#[test]
fn the_check_finds_every_damaged_key() {
    on_each_engine(|db| {
        let (vault, _) = new_vault(&db, &provider(), 1);
        for number in 0..5 {
            made(&db, &vault, number);
        }
        let (two, three) = (wrapped(&db, 2).remove(0), wrapped(&db, 3).remove(0));
        db.write(move |tx| {
            let mut flipped = wrapped_of(tx, 1)?;
            flipped[80] ^= 1;
            for (number, record) in [(1, flipped), (2, three), (3, two), (4, vec![1, 2, 3])] {
                tx.keys().execute(
                    "UPDATE key_subject SET wrapped = $2 WHERE ws = 1 AND subject = $1",
                    params![&subject(number), &record],
                )?;
            }
            Ok::<_, store::Error>(())
        })
        .unwrap();
        let mut told = Vec::new();
        db.read(|tx| vault.check_keys(tx, |id, outcome| told.push((id, outcome))))
            .unwrap();
        assert_eq!(told.len(), 5);
        for (number, (id, outcome)) in (0..).zip(told) {
            assert_eq!(id, subject(number));
            assert_eq!(outcome.is_ok(), number == 0, "{number}");
            assert_eq!(db.read(|tx| vault.subject(tx, id)).is_ok(), number == 0);
        }
    });
}

fn wrapped_of(tx: &mut store::Tx<'_>, number: u32) -> Result<Vec<u8>, store::Error> {
    let row = tx.keys().row(
        "SELECT wrapped FROM key_subject WHERE ws = 1 AND subject = $1",
        params![&subject(number)],
        |row| row.get(0),
    )?;
    Ok(row.unwrap())
}

#[test]
fn every_service_has_its_own_key_and_keeps_it() {
    on_each_engine(|db| {
        let root = provider();
        let (vault, _) = new_vault(&db, &root, 1);
        let again = reopened(&db, &root, 1).0;
        let mut seen = HashSet::new();
        for name in SERVICE_KEYS {
            let key = vault.service_key(name).unwrap();
            assert_eq!(key.expose(), again.service_key(name).unwrap().expose());
            assert!(seen.insert(*key.expose()));
        }
        let (ed25519, mldsa44) = (
            vault.service_key(LOG_ED25519),
            vault.service_key(LOG_MLDSA44),
        );
        Ed25519KeyPair::from_seed_unchecked(ed25519.unwrap().expose()).unwrap();
        PqdsaKeyPair::from_seed(&ML_DSA_44_SIGNING, mldsa44.unwrap().expose()).unwrap();
        assert!(matches!(
            vault.service_key("none"),
            Err(Error::NoServiceKey)
        ));

        let other = new_vault(&db, &root, 2).0;
        let print =
            |vault: &Vault, kind, value: &[u8]| vault.suppression_fingerprint(kind, value).unwrap();
        let base = print(&vault, 1, b"ada@example.org");
        assert_eq!(base, print(&again, 1, b"ada@example.org"));
        assert_ne!(base, print(&vault, 2, b"ada@example.org"));
        assert_ne!(base, print(&vault, 1, b"bob@example.org"));
        assert_ne!(base, print(&other, 1, b"ada@example.org"));
        let token = |vault: &Vault| vault.blind().token(1, 1, 1, b"ada", 128);
        assert_eq!(token(&vault), token(&again));
        assert_ne!(token(&vault), token(&other));
    });
}

#[test]
fn every_column_is_answered_for() {
    on_each_engine(|db| {
        let mut declared: Vec<(String, Vec<String>)> = TABLES
            .iter()
            .map(|table| {
                let columns = table.columns.iter().map(|(name, _)| (*name).to_owned());
                (table.name.to_owned(), columns.collect())
            })
            .collect();
        declared.sort();
        let mut there: Vec<_> = db.read(|tx| tx.keys().tables()).unwrap();
        there.extend(db.read(|tx| tx.tables()).unwrap());
        there.retain(|(name, _)| !name.ends_with("migration"));
        there.sort();
        assert_eq!(there, declared);
    });
}

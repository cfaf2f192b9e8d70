//! Rotations: everything stays readable at every step, and each can stop anywhere.

use std::sync::Arc;

use store::{Db, params};
use vault::{Error, Grant, SubjectKey, Vault};

use crate::{NOW, RNG, everything, new_vault, on_each_engine, place, provider, reopened, subject};

const PEOPLE: u32 = 30;

/// Sealed fields of thirty people, to be read again and again.
struct Town {
    sealed: Vec<Vec<u8>>,
    grant: Grant,
}

impl Town {
    fn built(db: &Db, vault: &Vault, grant: Grant) -> Self {
        let own = vault.clone();
        let sealed = db.write(move |tx| {
            (0..PEOPLE)
                .map(|n| {
                    let key = own.new_subject(tx, subject(n), &RNG)?;
                    Ok(key.seal(place(1, subject(n)), &n.to_be_bytes(), &RNG))
                })
                .collect::<Result<Vec<_>, Error>>()
        });
        Self {
            sealed: sealed.unwrap(),
            grant,
        }
    }

    fn is_readable(&self, db: &Db, vault: &Vault) -> bool {
        let mut all_sound = true;
        db.read(|tx| vault.check_keys(tx, |_, outcome| all_sound &= outcome.is_ok()))
            .unwrap();
        all_sound
            && (0..PEOPLE).zip(&self.sealed).all(|(n, sealed)| {
                let key = db
                    .read(|tx| vault.subject(tx, subject(n)))
                    .unwrap()
                    .unwrap();
                let value = key.open(&self.grant, place(1, subject(n)), sealed).unwrap();
                value.as_slice() == n.to_be_bytes()
            })
    }
}

fn versions(db: &Db) -> Vec<i64> {
    db.read(|tx| {
        tx.keys().rows(
            "SELECT version FROM key_workspace WHERE ws = 1 ORDER BY version",
            params![],
            |row| row.get(0),
        )
    })
    .unwrap()
}

fn new_person(db: &Db, vault: &Vault, number: u32) -> SubjectKey {
    let vault = vault.clone();
    db.write(move |tx| vault.new_subject(tx, subject(number), &RNG))
        .unwrap()
}

#[test]
fn a_workspace_key_rotates_in_steps_and_can_stop_at_any() {
    on_each_engine(|db| {
        let root = provider();
        let (vault, authority) = new_vault(&db, &root, 1);
        let town = Town::built(&db, &vault, everything(&authority));
        let own = vault.clone();
        assert_eq!(
            db.write(move |tx| own.rotate_workspace_key(tx, &RNG, NOW))
                .unwrap(),
            2
        );
        assert!(town.is_readable(&db, &vault));

        let mut remaining = u64::from(PEOPLE);
        while remaining > 0 {
            // A step that is stopped before its commit leaves everything as it was …
            let own = vault.clone();
            let stopped: Result<(), Error> = db.write(move |tx| {
                own.rewrap_step(tx, 7, &RNG)?;
                Err(Error::NotGranted)
            });
            assert!(stopped.is_err());
            let fresh = reopened(&db, &root, 1).0;
            assert!(town.is_readable(&db, &fresh));
            // … and another process goes on from there.
            let own = fresh.clone();
            let left = db.write(move |tx| own.rewrap_step(tx, 7, &RNG)).unwrap();
            assert_eq!(left, remaining.saturating_sub(7));
            remaining = left;
            assert!(town.is_readable(&db, &fresh));
            assert_eq!(versions(&db).len(), if left == 0 { 1 } else { 2 });
        }
        assert_eq!(versions(&db), [2]);
        assert!(town.is_readable(&db, &vault));
        let own = vault.clone();
        assert_eq!(db.write(move |tx| own.rewrap_step(tx, 7, &RNG)).unwrap(), 0);
        assert_eq!(
            db.read(|tx| vault.workspace_key_uses(tx)).unwrap(),
            u64::from(PEOPLE)
        );
    });
}

#[test]
fn a_process_that_missed_a_rotation_still_makes_keys_that_open() {
    on_each_engine(|db| {
        let root = provider();
        let (here, _) = new_vault(&db, &root, 1);
        let there = reopened(&db, &root, 1).0;
        let reader = reopened(&db, &root, 1).0;
        let own = there.clone();
        db.write(move |tx| own.rotate_workspace_key(tx, &RNG, NOW))
            .unwrap();
        new_person(&db, &here, 1);
        new_person(&db, &there, 2);
        let own = there.clone();
        assert_eq!(
            db.write(move |tx| own.rewrap_step(tx, 100, &RNG)).unwrap(),
            0
        );
        assert_eq!(versions(&db), [2]);
        for vault in [&reader, &here, &there, &reopened(&db, &root, 1).0] {
            for number in [1, 2] {
                assert!(
                    db.read(|tx| vault.subject(tx, subject(number)))
                        .unwrap()
                        .is_some()
                );
            }
        }
    });
}

/// A rotation is rolled back after the new key was read into memory; the next one has the same number
/// but another key. Nothing may be wrapped by the key that never was.
#[test]
fn a_rotation_that_was_rolled_back_leaves_no_ghost() {
    on_each_engine(|db| {
        let root = provider();
        let (vault, _) = new_vault(&db, &root, 1);
        let own = vault.clone();
        let undone: Result<(), Error> = db.write(move |tx| {
            own.rotate_workspace_key(tx, &RNG, NOW)?;
            assert!(own.refresh(tx)?);
            own.new_subject(tx, subject(1), &RNG)?;
            Err(Error::NotGranted)
        });
        assert!(undone.is_err());
        assert_eq!(versions(&db), [1]);
        let other = reopened(&db, &root, 1).0;
        db.write(move |tx| other.rotate_workspace_key(tx, &RNG, NOW))
            .unwrap();
        assert_eq!(versions(&db), [1, 2]);
        new_person(&db, &vault, 1);
        let fresh = reopened(&db, &root, 1).0;
        assert!(
            db.read(|tx| fresh.subject(tx, subject(1)))
                .unwrap()
                .is_some()
        );
    });
}

#[test]
fn a_subject_key_rotates_and_old_values_still_open() {
    on_each_engine(|db| {
        let root = provider();
        let (vault, authority) = new_vault(&db, &root, 1);
        let grant = everything(&authority);
        let at = place(1, subject(1));
        let first = new_person(&db, &vault, 1);
        let old = first.seal(at, b"Ada", &RNG);
        let own = vault.clone();
        let second = db
            .write(move |tx| own.rotate_subject(tx, subject(1), &RNG))
            .unwrap();
        let new = second.seal(at, b"Ada", &RNG);
        for vault in [&vault, &reopened(&db, &root, 1).0] {
            let key = db
                .read(|tx| vault.subject(tx, subject(1)))
                .unwrap()
                .unwrap();
            assert_eq!(key.generation(), 2);
            assert!(key.is_old(&old) && !key.is_old(&new) && !key.is_behind(&new));
            assert_eq!(key.open(&grant, at, &old).unwrap().as_slice(), b"Ada");
            assert_eq!(key.open(&grant, at, &new).unwrap().as_slice(), b"Ada");
            assert_eq!(
                key.audit_commitment(b"1", b's', b"x"),
                first.audit_commitment(b"1", b's', b"x")
            );
        }
        assert!(first.is_behind(&new));
        assert!(matches!(
            first.open(&grant, at, &new),
            Err(Error::Unreadable)
        ));
        let own = vault.clone();
        let nobody = db.write(move |tx| own.rotate_subject(tx, subject(2), &RNG));
        assert!(matches!(nobody, Err(Error::NoSubject)));
        // Shredding takes every generation.
        let own = vault.clone();
        db.write(move |tx| own.shred(tx, subject(1), NOW)).unwrap();
        let left = db.read(|tx| {
            tx.keys()
                .number("SELECT count(*) FROM key_subject", params![])
        });
        assert_eq!(left.unwrap(), 0);
    });
}

#[test]
fn an_index_key_rotates_with_both_generations_in_use() {
    on_each_engine(|db| {
        let root = provider();
        let (vault, _) = new_vault(&db, &root, 1);
        let tokens = |vault: &Vault| vault.blind().tokens(1, 1, 1, b"ada", 128);
        let before = tokens(&vault);
        let own = vault.clone();
        let early = db.write(move |tx| own.end_index_rotation(tx, &RNG));
        assert!(matches!(early, Err(Error::NoRotation)));
        let own = vault.clone();
        assert_eq!(
            db.write(move |tx| own.rotate_index_key(tx, &RNG, NOW))
                .unwrap(),
            2
        );
        assert_eq!(tokens(&vault), before, "memory follows only when asked");
        assert!(db.read(|tx| vault.refresh(tx)).unwrap());
        assert!(!db.read(|tx| vault.refresh(tx)).unwrap());
        let during = tokens(&vault);
        assert_eq!(during.len(), 2);
        assert_eq!(during[1], before[0]);
        assert_eq!(vault.blind().generations(), [2, 1]);
        let own = vault.clone();
        let twice = db.write(move |tx| own.rotate_index_key(tx, &RNG, NOW));
        assert!(matches!(twice, Err(Error::RotationUnderWay)));
        let own = vault.clone();
        db.write(move |tx| own.end_index_rotation(tx, &RNG))
            .unwrap();
        assert!(db.read(|tx| vault.refresh(tx)).unwrap());
        assert_eq!(tokens(&vault), during[..1]);
        assert_eq!(tokens(&reopened(&db, &root, 1).0), during[..1]);
    });
}

#[test]
fn the_root_key_rotates_and_the_old_one_opens_nothing_any_more() {
    on_each_engine(|db| {
        let (old, new) = (provider(), provider());
        let (vault, authority) = new_vault(&db, &old, 1);
        let town = Town::built(&db, &vault, everything(&authority));
        let fingerprint = vault.suppression_fingerprint(1, b"ada").unwrap();
        let tokens = vault.blind().tokens(1, 1, 1, b"ada", 128);

        let (own, root) = (vault.clone(), Arc::clone(&new));
        let stopped: Result<(), Error> = db.write(move |tx| {
            own.rotate_root(tx, root.as_ref(), &RNG)?;
            Err(Error::NotGranted)
        });
        assert!(stopped.is_err());
        assert!(town.is_readable(&db, &reopened(&db, &old, 1).0));

        let (own, root) = (vault.clone(), Arc::clone(&new));
        db.write(move |tx| own.rotate_root(tx, root.as_ref(), &RNG))
            .unwrap();
        let refused = db.read(|tx| Vault::open(tx, Arc::clone(&old), crate::workspace(1)));
        assert!(matches!(refused, Err(Error::WrongRoot { .. })));
        // The running vault goes on, but must be given the new key before the next rotation.
        new_person(&db, &vault, PEOPLE);
        assert!(town.is_readable(&db, &vault));
        let own = vault.clone();
        let early = db.write(move |tx| own.rotate_workspace_key(tx, &RNG, NOW));
        assert!(matches!(early, Err(Error::WrongRoot { .. })));
        let wrong = db.read(|tx| vault.adopt_root(tx, provider()));
        assert!(matches!(wrong, Err(Error::WrongRoot { .. })));
        db.read(|tx| vault.adopt_root(tx, Arc::clone(&new)))
            .unwrap();
        let own = vault.clone();
        db.write(move |tx| own.rotate_workspace_key(tx, &RNG, NOW))
            .unwrap();

        for vault in [&vault, &reopened(&db, &new, 1).0] {
            assert!(town.is_readable(&db, vault));
            assert_eq!(
                vault.suppression_fingerprint(1, b"ada").unwrap(),
                fingerprint
            );
            assert_eq!(vault.blind().tokens(1, 1, 1, b"ada", 128), tokens);
        }
        assert_ne!(old.key_id(), new.key_id());
    });
}

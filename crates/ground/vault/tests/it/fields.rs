//! Sealed fields: round trips, and every way to break, move or guess one.

use std::time::Instant;

use base::{ActorId, RecordId, SubjectId, WorkspaceId};
use proptest::prelude::*;
use vault::{Error, Grant, OVERHEAD, Place, RecordKey, SubjectKey};

use crate::{RNG, everything, new_vault, on_sqlite, place, provider, row, subject, workspace};

/// Runs a test with the key of subject 1 and a grant for everything.
fn with_key(test: impl Fn(SubjectKey, &Grant)) {
    on_sqlite(|db| {
        let (vault, authority) = new_vault(&db, &provider(), 1);
        let key = db
            .write(move |tx| vault.new_subject(tx, subject(1), &RNG))
            .unwrap();
        test(key, &everything(&authority));
    });
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "each outcome is asked once, where it was made"
)]
fn is_unreadable<T>(outcome: Result<T, Error>) -> bool {
    matches!(outcome, Err(Error::Unreadable))
}

#[test]
fn every_length_comes_back() {
    with_key(|key, grant| {
        let value: Vec<u8> = (0..=5_000_u32).map(|i| i.to_le_bytes()[0]).collect();
        let at = place(1, subject(1));
        for len in 0..=5_000 {
            let sealed = key.seal(at, &value[..len], &RNG);
            assert_eq!(
                key.open(grant, at, &sealed).unwrap().as_slice(),
                &value[..len]
            );
        }
    });
}

#[test]
fn the_length_tells_only_the_bucket() {
    with_key(|key, _| {
        let at = place(1, subject(1));
        let lengths: Vec<usize> = (0..=1_000)
            .map(|len| key.seal(at, &vec![7; len], &RNG).len() - OVERHEAD)
            .collect();
        assert_eq!(OVERHEAD, 36);
        // Up to 125 bytes the value has two bytes before it, then three.
        assert!(lengths[..=14].iter().all(|len| *len == 16));
        assert!(lengths[15..=30].iter().all(|len| *len == 32));
        assert!(lengths[47..=62].iter().all(|len| *len == 64));
        assert!(lengths[63..=94].iter().all(|len| *len == 96));
        assert!(lengths[222..=253].iter().all(|len| *len == 256));
        assert_eq!(lengths[254], 272);
        let mut distinct = lengths.clone();
        distinct.dedup();
        assert!(distinct.len() < 46, "{} buckets", distinct.len());
    });
}

#[test]
fn every_flip_cut_and_growth_is_the_same_error() {
    with_key(|key, grant| {
        let at = place(1, subject(1));
        for len in [0, 3, 40, 100, 300] {
            let sealed = key.seal(at, &vec![b'x'; len], &RNG);
            for byte in 0..sealed.len() {
                for bit in 0..8 {
                    let mut bad = sealed.clone();
                    bad[byte] ^= 1 << bit;
                    assert!(
                        is_unreadable(key.open(grant, at, &bad)),
                        "byte {byte} bit {bit}"
                    );
                }
                assert!(is_unreadable(key.open(grant, at, &sealed[..byte])));
                assert!(is_unreadable(key.open(grant, at, &sealed[byte + 1..])));
            }
            for more in 1..40 {
                let longer = [sealed.clone(), vec![0; more]].concat();
                assert!(is_unreadable(key.open(grant, at, &longer)));
            }
        }
    });
}

/// Two workspaces, two people, two tables, five rows, five columns: 200 cells, all pairs.
#[test]
fn no_cell_opens_in_the_place_of_another() {
    on_sqlite(|db| {
        let root = provider();
        let mut cells: Vec<(SubjectKey, usize, Place, Vec<u8>)> = Vec::new();
        let mut grants = Vec::new();
        for ws in 1..=2 {
            let (vault, authority) = new_vault(&db, &root, ws);
            grants.push(everything(&authority));
            for person in 1..=2 {
                let vault = vault.clone();
                let key = db
                    .write(move |tx| vault.new_subject(tx, subject(person), &RNG))
                    .unwrap();
                for n in 0..50_u8 {
                    let (table, n) = (u16::from(n / 25) + 1, n % 25);
                    let column = u16::from(n % 5);
                    let at = Place {
                        ws: workspace(ws).id,
                        subject: subject(person),
                        table,
                        row: row(n / 5),
                        column,
                    };
                    let sealed = key.seal(at, b"the same value", &RNG);
                    cells.push((key.clone(), usize::from(ws) - 1, at, sealed));
                }
            }
        }
        assert_eq!(cells.len(), 200);
        for (i, (key, _, _, sealed)) in cells.iter().enumerate() {
            for (j, (other_key, other_ws, other_place, _)) in cells.iter().enumerate() {
                // With the key that belongs to the other place, and with the one that sealed it.
                let moved = other_key.open(&grants[*other_ws], *other_place, sealed);
                let kept = key.open(&grants[*other_ws], *other_place, sealed);
                assert_eq!(moved.is_ok(), i == j, "cell {i} in place {j}");
                assert_eq!(kept.is_ok(), i == j, "cell {i} in place {j}");
                assert!(i == j || is_unreadable(moved) && is_unreadable(kept));
            }
        }
    });
}

#[test]
fn each_part_of_the_place_counts_by_itself() {
    with_key(|key, _| {
        let at = place(1, subject(1));
        let sealed = key.seal(at, b"Ada", &RNG);
        let places = [
            Place {
                subject: subject(2),
                ..at
            },
            Place {
                subject: SubjectId::nil(),
                ..at
            },
            Place { table: 2, ..at },
            Place {
                table: 0x0100,
                ..at
            },
            Place { row: row(2), ..at },
            Place {
                row: RecordId::nil(),
                ..at
            },
            Place { column: 2, ..at },
            Place {
                table: at.column,
                column: at.table + 1,
                ..at
            },
        ];
        on_sqlite(|db| {
            let (_, authority) = new_vault(&db, &provider(), 1);
            let grant = authority.grant(
                ActorId::nil(),
                1,
                &[(0x0100, u64::MAX), (1, u64::MAX), (2, u64::MAX)],
            );
            for moved in places {
                assert!(is_unreadable(key.open(&grant, moved, &sealed)), "{moved:?}");
            }
            assert_eq!(key.open(&grant, at, &sealed).unwrap().as_slice(), b"Ada");
        });
    });
}

#[test]
fn what_is_not_granted_is_not_opened() {
    on_sqlite(|db| {
        let root = provider();
        let (vault, authority) = new_vault(&db, &root, 1);
        let (_, other_authority) = new_vault(&db, &root, 2);
        let key = db
            .write(move |tx| vault.new_subject(tx, subject(1), &RNG))
            .unwrap();
        let at = place(1, subject(1));
        let sealed = key.seal(at, b"Ada", &RNG);
        let refused =
            |grant: &Grant| matches!(key.open(grant, at, &sealed), Err(Error::NotGranted));

        assert!(refused(&authority.grant(ActorId::nil(), 1, &[])));
        assert!(refused(&authority.grant(
            ActorId::nil(),
            1,
            &[(2, u64::MAX)]
        )));
        assert!(refused(&authority.grant(ActorId::nil(), 1, &[(1, !0b10)])));
        assert!(refused(&other_authority.grant(
            ActorId::nil(),
            1,
            &[(1, u64::MAX)]
        )));
        assert!(!refused(&authority.grant(
            ActorId::nil(),
            1,
            &[(1, 1), (1, 0b10)]
        )));

        let grant = authority.grant(ActorId::nil(), 7, &[(1, u64::MAX)]);
        assert!(grant.covers(1, 63) && !grant.covers(1, 64) && !grant.covers(0, 0));
        assert_eq!((grant.purpose(), grant.workspace()), (7, workspace(1).id));
        // Damage and a missing grant: the grant is asked first, so nothing is learnt about the value.
        assert!(matches!(
            key.open(&authority.grant(ActorId::nil(), 1, &[]), at, b"nonsense"),
            Err(Error::NotGranted)
        ));
    });
}

#[test]
fn nonces_never_repeat() {
    with_key(|key, _| {
        let (at, started) = (place(1, subject(1)), Instant::now());
        let mut sealed = Vec::with_capacity(64);
        let mut nonces: Vec<u128> = Vec::with_capacity(1_000_000);
        for _ in 0..1_000_000 {
            sealed.clear();
            key.seal_into(&mut sealed, at, b"", &RNG);
            let mut nonce = [0; 16];
            nonce[..12].copy_from_slice(&sealed[8..20]);
            nonces.push(u128::from_be_bytes(nonce));
        }
        eprintln!("a million seals: {:?}", started.elapsed());
        nonces.sort_unstable();
        nonces.dedup();
        assert_eq!(nonces.len(), 1_000_000);
    });
}

#[test]
fn a_record_key_opens_for_each_person_it_was_wrapped_for() {
    on_sqlite(|db| {
        let (vault, authority) = new_vault(&db, &provider(), 1);
        let grant = everything(&authority);
        let [ada, bob, eve] = [1, 2, 3].map(|n| {
            let vault = vault.clone();
            db.write(move |tx| vault.new_subject(tx, subject(n), &RNG))
                .unwrap()
        });
        let at = Place {
            subject: SubjectId::nil(),
            ..place(1, subject(1))
        };
        let mail = RecordKey::generate(&RNG);
        let sealed = mail.seal(at, b"Dear both", &RNG);
        let (for_ada, for_bob) = (
            mail.wrap_for(&ada, row(1), &RNG),
            mail.wrap_for(&bob, row(1), &RNG),
        );
        assert_eq!(for_ada.len(), 81);
        for (key, wrapped) in [(&ada, &for_ada), (&bob, &for_bob)] {
            let opened = RecordKey::unwrap(key, row(1), wrapped).unwrap();
            assert_eq!(
                opened.open(&grant, at, &sealed).unwrap().as_slice(),
                b"Dear both"
            );
            assert!(is_unreadable(RecordKey::unwrap(key, row(2), wrapped)));
            assert!(is_unreadable(RecordKey::unwrap(&eve, row(1), wrapped)));
            for byte in 0..wrapped.len() {
                let mut bad = *wrapped;
                bad[byte] ^= 1;
                assert!(
                    is_unreadable(RecordKey::unwrap(key, row(1), &bad)),
                    "byte {byte}"
                );
                assert!(is_unreadable(RecordKey::unwrap(key, row(1), &bad[..byte])));
            }
        }
        assert!(is_unreadable(RecordKey::unwrap(&ada, row(1), &for_bob)));
        // A record key's field is no subject's field, nor that of another record key.
        assert!(is_unreadable(ada.open(&grant, at, &sealed)));
        assert!(is_unreadable(
            RecordKey::generate(&RNG).open(&grant, at, &sealed)
        ));
        let nothing = authority.grant(ActorId::nil(), 1, &[]);
        assert!(matches!(
            mail.open(&nothing, at, &sealed),
            Err(Error::NotGranted)
        ));
    });
}

#[test]
fn an_audit_commitment_is_stable_and_tells_apart() {
    with_key(|key, _| {
        let base = key.audit_commitment(b"1", b's', b"data");
        assert_eq!(base, key.audit_commitment(b"1", b's', b"data"));
        assert_ne!(base, key.audit_commitment(b"2", b's', b"data"));
        assert_ne!(base, key.audit_commitment(b"1", b'd', b"data"));
        assert_ne!(base, key.audit_commitment(b"1", b's', b"datb"));
    });
}

#[test]
fn nothing_secret_is_printed() {
    on_sqlite(|db| {
        let root = provider();
        let (vault, authority) = new_vault(&db, &root, 1);
        let own = vault.clone();
        let key = db
            .write(move |tx| own.new_subject(tx, subject(1), &RNG))
            .unwrap();
        assert_eq!(
            format!("{vault:?}"),
            format!("Vault({})", WorkspaceId::from_bytes([1; 16]))
        );
        assert_eq!(
            format!("{key:?}"),
            format!("SubjectKey({}, generation 1)", subject(1))
        );
        assert_eq!(format!("{:?}", RecordKey::generate(&RNG)), "RecordKey(..)");
        assert_eq!(
            format!("{:?}", vault.service_key(vault::SUPPRESSION).unwrap()),
            "Secret(..)"
        );
        assert_eq!(
            format!("{:?}", vault.blind()),
            "BlindIndex(generations [1])"
        );
        assert!(!format!("{:?}", everything(&authority)).contains("actor"));
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_value_comes_back_and_any_noise_does_not(
        values in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..600), 1..40),
        noise in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..40),
    ) {
        with_key(|key, grant| {
            let at = place(1, subject(1));
            for (value, noise) in values.iter().zip(noise.iter().cycle()) {
                let sealed = key.seal(at, value, &RNG);
                assert_eq!(key.open(grant, at, &sealed).unwrap().as_slice(), value.as_slice());
                assert!(is_unreadable(key.open(grant, at, noise)));
                // Noise behind an honest header.
                assert!(is_unreadable(key.open(grant, at, &[&sealed[..8], noise].concat())));
            }
        });
    }
}

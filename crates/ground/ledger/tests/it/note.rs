//! Checkpoints as C2SP notes.

use base::{SeededRng, Timestamp};
use ledger::{KeyKind, Signer, VerifierKey, open_note};
use store::testing::on_sqlite;

use crate::world::*;

#[test]
fn a_known_verifier_key_is_read_and_written_as_it_is() {
    // From the tests of golang.org/x/mod/sumdb/note.
    let text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let key: VerifierKey = text.parse().unwrap();
    assert_eq!((key.name(), key.kind()), ("PeterNeumann", KeyKind::Ed25519));
    assert_eq!(key.to_string(), text);
    let wrong_id = text.replace("c74f20a3", "c74f20a4");
    assert!(wrong_id.parse::<VerifierKey>().is_err());
    for key in keys() {
        assert_eq!(key.to_string().parse::<VerifierKey>().unwrap(), key);
    }
}

fn note() -> String {
    let signed = std::cell::OnceCell::new();
    on_sqlite(ALL, |db| {
        let rng = SeededRng::new(21);
        db.write(move |tx| create(tx, &rng)).unwrap();
        signed.set(sign(&db, 77)).unwrap();
    });
    signed.into_inner().unwrap()
}

#[test]
fn both_signatures_are_needed_and_each_must_be_right() {
    let note = note();
    let opened = open_note(&note, &keys()).unwrap();
    assert_eq!((opened.head.origin.as_str(), opened.head.size), (ORIGIN, 1));
    assert_eq!(opened.at, Some(at(77)));
    let (text, lines) = note.split_once("\n\n").unwrap();
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(lines.len(), 2);
    for line in &lines {
        let half = format!("{text}\n\n{line}\n");
        assert!(open_note(&half, &keys()).is_err());
    }
    let witnessed = format!("{note}\u{2014} witness.example/w1 AAAAAAAA\n");
    assert!(open_note(&witnessed, &keys()).is_ok());
    assert!(open_note(&note, &[]).is_err());
    let other = Signer::from_seeds(&[1; 32], &[3; 32]).unwrap();
    assert!(open_note(&note, &other.verifier_keys(ORIGIN).unwrap()).is_err());
    let elsewhere = signer().verifier_keys("crm.example.org/two").unwrap();
    assert!(open_note(&note, &elsewhere).is_err());
    // After a change of keys both the old and the new are trusted.
    let both = [keys(), other.verifier_keys(ORIGIN).unwrap().to_vec()].concat();
    assert!(open_note(&note, &both).is_ok());
}

#[test]
fn a_name_that_would_break_the_note_is_refused() {
    for bad in ["", "a b", "a+b", "a\nb", &"x".repeat(256)] {
        assert!(signer().verifier_keys(bad).is_err());
        on_sqlite(ALL, |db| {
            let bad = bad.to_owned();
            let outcome =
                db.write(move |tx| ledger::checkpoint(tx, ws(), &signer(), &bad, Timestamp(0)));
            assert!(outcome.is_err());
        });
    }
}

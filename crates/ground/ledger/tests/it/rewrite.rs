//! What only somebody with the program's own hands can do to the log, and how it is found.

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use base::SeededRng;
use ledger::{Action, Error};
use store::params;
use store::testing::{on_each_engine, on_postgres};

use crate::world::*;

#[test]
fn a_log_written_anew_from_the_start_is_betrayed_by_its_old_checkpoint() {
    on_each_engine(ALL, |db| {
        let rng = SeededRng::new(71);
        let mut entries: Vec<_> = (0..300).map(|_| read_entry(&rng, Action::Open)).collect();
        let logged = entries.clone();
        db.write(move |tx| ledger::append(tx, ws(), &logged))
            .unwrap();
        sequence_all(&db);
        sign(&db, 1);
        assert_whole(&db);
        entries[150].leaf.actor = base::ActorId::from_bytes([0xbb; 16]);
        db.write(move |tx| {
            for table in ["leaf", "ledger_node", "ledger_head"] {
                tx.execute(&format!("DELETE FROM {table}"), &[])?;
            }
            ledger::append(tx, ws(), &entries).map(drop)
        })
        .unwrap();
        sequence_all(&db);
        let finding = db.read(verify).unwrap().unwrap_err();
        assert_eq!(
            finding.to_string(),
            "the checkpoint of size 300: its root is not that of the leaves"
        );
        let outcome = db.write(|tx| ledger::checkpoint(tx, ws(), &signer(), ORIGIN, at(2)));
        assert!(matches!(outcome, Err(Error::Rewritten)));
    });
}

#[test]
fn a_clock_turned_back_in_the_head_is_found_in_the_leaves() {
    on_each_engine(ALL, |db| {
        for second in [900, 100] {
            let mut entry = read_entry(&SeededRng::new(72), Action::Open);
            entry.leaf.time = at(second);
            db.write(move |tx| {
                tx.execute("UPDATE ledger_head SET time_ms = 0", &[])?;
                ledger::append(tx, ws(), &[entry]).map(drop)
            })
            .unwrap();
            sequence_all(&db);
        }
        let finding = db.read(verify).unwrap().unwrap_err();
        assert_eq!(
            finding.to_string(),
            "leaf 1: its time is before that of the leaf before it"
        );
    });
}

#[test]
fn an_erasure_keeps_the_sequencer_out_until_it_is_done() {
    on_postgres(ALL, |db| {
        let rng = Arc::new(SeededRng::new(73));
        let own = Arc::clone(&rng);
        let row = db.write(move |tx| create(tx, &own)).unwrap();
        let second = db.clone();
        let sequencer = db
            .write(move |tx| {
                erase(tx, &rng, row)?;
                let (done, outcome) = mpsc::channel();
                let sequencer = thread::spawn(move || {
                    let numbered = second.write(|tx| ledger::sequence(tx, ws(), 10));
                    done.send(numbered.unwrap()).unwrap();
                });
                // It sees the creation, still linked, but may not number it now.
                assert_eq!(outcome.recv_timeout(Duration::from_secs(5)), Ok(0));
                Ok::<_, Error>(sequencer)
            })
            .unwrap();
        sequencer.join().unwrap();
        assert_eq!(sequence_all(&db), 2);
        assert_whole(&db);
        let links = db
            .read(|tx| tx.number("SELECT COUNT(*) FROM leaf_row WHERE ws = $1", params![1i64]))
            .unwrap();
        assert_eq!(links, 0);
    });
}

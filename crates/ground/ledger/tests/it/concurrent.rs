//! Many writers at once, one sequencer, no gap.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use base::SeededRng;
use store::testing::{on_each_engine, on_postgres};

use crate::world::*;

const WRITERS: u64 = 8;
const EACH: usize = 60;

#[test]
fn eight_writers_and_a_sequencer_make_a_log_without_gap() {
    on_each_engine(ALL, |db| {
        let rng = Arc::new(SeededRng::new(31));
        let rows = db
            .write(move |tx| {
                (0..5)
                    .map(|_| create(tx, &rng))
                    .collect::<Result<Vec<_>, _>>()
            })
            .unwrap();
        let busy = AtomicBool::new(true);
        thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|n| {
                    let (db, rows) = (db.clone(), rows.clone());
                    scope.spawn(move || {
                        let rng = Arc::new(SeededRng::new(100 + n));
                        for _ in 0..EACH {
                            let row = rows[rng.below(rows.len())];
                            let own = Arc::clone(&rng);
                            // A leaf first, so that ids of transactions and order of
                            // changes fall apart.
                            db.write(move |tx| {
                                let read = read_entry(&own, ledger::Action::Open);
                                ledger::append(tx, ws(), &[read])?;
                                change(tx, &own, row)
                            })
                            .unwrap();
                        }
                    })
                })
                .collect();
            for _ in 0..2 {
                let (db, busy) = (db.clone(), &busy);
                scope.spawn(move || {
                    while busy.load(Ordering::Relaxed) {
                        db.write(|tx| ledger::sequence(tx, ws(), 50)).unwrap();
                    }
                });
            }
            {
                let (db, busy) = (db.clone(), &busy);
                scope.spawn(move || {
                    let mut second = 0;
                    while busy.load(Ordering::Relaxed) {
                        sign(&db, second);
                        assert_whole(&db);
                        second += 1;
                    }
                });
            }
            let outcomes: Vec<_> = writers.into_iter().map(|writer| writer.join()).collect();
            busy.store(false, Ordering::Relaxed);
            outcomes.into_iter().for_each(|outcome| outcome.unwrap());
        });
        sequence_all(&db);
        sign(&db, 10_000);
        let (verified, found) = assert_whole(&db);
        let changes = WRITERS * EACH as u64;
        assert_eq!(verified.size, 5 + 2 * changes);
        assert_eq!(found.changes, 5 + changes);
    });
}

#[test]
fn one_sequencer_at_a_time_and_what_waits_is_not_lost() {
    on_postgres(ALL, |db| {
        let rng = Arc::new(SeededRng::new(32));
        let own = Arc::clone(&rng);
        db.write(move |tx| (0..10).try_for_each(|_| create(tx, &own).map(drop)))
            .unwrap();
        let second = db.clone();
        let (first, other) = db
            .write(move |tx| -> Result<_, ledger::Error> {
                let first = ledger::sequence(tx, ws(), 4)?;
                let other = second.write(|tx| ledger::sequence(tx, ws(), 100))?;
                Ok((first, other))
            })
            .unwrap();
        assert_eq!((first, other), (4, 0));
        assert_whole(&db);
        assert_eq!(sequence_all(&db), 6);
        assert_whole(&db);
    });
}

//! Growing, proving, and taking back.

use std::sync::Arc;

use base::SeededRng;
use ledger::{Action, Error, Head, Leaf, leaf_hash, verify_consistency, verify_inclusion};
use proptest::prelude::*;
use store::testing::{on_each_engine, on_sqlite};

use crate::world::*;

#[test]
fn an_empty_log_is_whole_and_can_be_signed() {
    on_each_engine(ALL, |db| {
        let head = db.read(|tx| ledger::head(tx, ws())).unwrap();
        let root = ledger::EMPTY_ROOT;
        assert_eq!(head, Head { size: 0, root });
        assert_whole(&db);
        sign(&db, 0);
        assert_eq!(assert_whole(&db).0.size, 0);
    });
}

#[test]
fn leaves_come_back_as_they_were_logged_with_times_that_never_go_back() {
    on_each_engine(ALL, |db| {
        let rng = SeededRng::new(1);
        let entries: Vec<_> = (0..40).map(|_| read_entry(&rng, Action::Open)).collect();
        let logged = entries.clone();
        db.write(move |tx| ledger::append(tx, ws(), &logged))
            .unwrap();
        sequence_all(&db);
        let mut leaves = db.read(|tx| ledger::leaves(tx, ws(), None, 100)).unwrap();
        leaves.reverse();
        assert_eq!(leaves.len(), 40);
        let mut time = base::Timestamp(0);
        for (n, (read, entry)) in leaves.iter().zip(&entries).enumerate() {
            let Leaf { seq, workspace, .. } = read.leaf;
            assert_eq!((seq, workspace, read.seq), (n as u64, ws().id, n as u64));
            assert_eq!(read.detail, entry.detail);
            assert_eq!(read.leaf.request, entry.leaf.request);
            assert_eq!(read.leaf.time, time.max(entry.leaf.time));
            time = read.leaf.time;
        }
        let page = db.read(|tx| ledger::leaves(tx, ws(), Some(10), 3)).unwrap();
        let seqs: Vec<u64> = page.iter().map(|leaf| leaf.seq).collect();
        assert_eq!(seqs, [9, 8, 7]);
        assert_whole(&db);
    });
}

#[test]
fn what_contradicts_itself_is_refused_and_nothing_is_written() {
    on_each_engine(ALL, |db| {
        let rng = SeededRng::new(2);
        let good = read_entry(&rng, Action::Open);
        let mut unlinked = good.clone();
        unlinked.leaf.action = Action::Change;
        let mut linked = good.clone();
        linked.row = Some(base::RecordId::from_bytes([1; 16]));
        let mut detail = good.clone();
        detail.detail = Some(vec![1]);
        detail.leaf.detail = ledger::NONE;
        for bad in [unlinked, linked, detail] {
            let entries = [good.clone(), bad];
            let outcome = db.write(move |tx| ledger::append(tx, ws(), &entries));
            assert!(matches!(outcome, Err(Error::Entry(_))));
        }
        assert_eq!(sequence_all(&db), 0);
        assert_eq!(assert_whole(&db).0.size, 0);
    });
}

#[test]
fn a_transaction_taken_back_takes_its_leaves_with_it() {
    on_each_engine(ALL, |db| {
        let rng = Arc::new(SeededRng::new(3));
        for round in 0..30 {
            let rng = Arc::clone(&rng);
            let outcome = db.write(move |tx| {
                (0..5).try_for_each(|_| random_act(tx, &rng))?;
                if round % 3 == 0 {
                    return Err(Error::NoCheckpoint);
                }
                Ok(())
            });
            assert_eq!(outcome.is_err(), round % 3 == 0);
        }
        assert_whole(&db);
        sequence_all(&db);
        sign(&db, 1);
        assert_whole(&db);
    });
}

#[test]
fn stored_nodes_prove_every_leaf_and_every_earlier_tree() {
    // Beyond 2 x 256 leaves, so that stored nodes are read as well as computed ones.
    on_each_engine(ALL, |db| {
        let rng = SeededRng::new(4);
        let entries: Vec<_> = (0..700).map(|_| read_entry(&rng, Action::Open)).collect();
        let mut heads = Vec::new();
        for chunk in entries.chunks(35) {
            let chunk = chunk.to_vec();
            db.write(move |tx| ledger::append(tx, ws(), &chunk))
                .unwrap();
            sequence_all(&db);
            heads.push(db.read(|tx| ledger::head(tx, ws())).unwrap());
        }
        let last = *heads.last().unwrap();
        assert_eq!(last.size, 700);
        db.read(|tx| -> Result<(), Error> {
            let bodies = tx.rows(
                "SELECT body FROM leaf WHERE ws = $1 ORDER BY seq",
                store::params![1i64],
                |row| row.get::<Vec<u8>>(0),
            )?;
            for head in &heads {
                for seq in (0..head.size).step_by(41).chain([head.size - 1]) {
                    let leaf = leaf_hash(&bodies[seq as usize]);
                    let path = ledger::inclusion_proof(tx, ws(), seq, head.size)?;
                    assert!(verify_inclusion(&leaf, seq, head.size, &path, &head.root));
                }
                let path = ledger::consistency_proof(tx, ws(), head.size, last.size)?;
                let (old, new) = ((head.size, &head.root), (last.size, &last.root));
                assert!(verify_consistency(old, new, &path));
            }
            let beyond = ledger::inclusion_proof(tx, ws(), 700, 700);
            assert!(matches!(beyond, Err(Error::Beyond { .. })));
            let beyond = ledger::consistency_proof(tx, ws(), 1, 701);
            assert!(matches!(beyond, Err(Error::Beyond { .. })));
            Ok(())
        })
        .unwrap();
    });
}

#[test]
fn nobody_signs_over_a_log_that_was_rewritten() {
    on_each_engine(ALL, |db| {
        let rng = Arc::new(SeededRng::new(5));
        grow(&db, &rng, 300, 100);
        for sql in [
            "UPDATE leaf SET body = (SELECT body FROM leaf WHERE ws = 1 AND seq = 0) WHERE ws = 1 AND seq = 300",
            "UPDATE ledger_node SET hash = (SELECT hash FROM ledger_node LIMIT 1 OFFSET 0) || hash WHERE ws = 1",
            "DELETE FROM leaf WHERE ws = 1 AND seq = 299",
            "UPDATE checkpoint SET size = size + 1000 WHERE ws = 1",
            "DELETE FROM ledger_head WHERE ws = 1",
        ] {
            let outcome = db.write(move |tx| -> Result<(), Error> {
                tx.execute(sql, &[])?;
                ledger::checkpoint(tx, ws(), &signer(), ORIGIN, at(9)).map(drop)
            });
            assert!(outcome.is_err(), "{sql}");
        }
        sign(&db, 10);
        assert_whole(&db);
    });
}

#[test]
fn old_checkpoints_are_thinned_to_one_a_day() {
    on_each_engine(ALL, |db| {
        let rng = Arc::new(SeededRng::new(6));
        for day in 0..3 {
            for hour in 0..4 {
                let rng = Arc::clone(&rng);
                db.write(move |tx| create(tx, &rng)).unwrap();
                sequence_all(&db);
                sign(&db, day * 86_400 + hour * 60);
            }
        }
        let gone = db
            .write(|tx| ledger::thin_checkpoints(tx, ws(), at(2 * 86_400)))
            .unwrap();
        assert_eq!(gone, 6);
        assert_whole(&db);
        let latest = db.read(|tx| ledger::latest_checkpoint(tx, ws())).unwrap();
        assert_eq!(latest.unwrap().0, 12);
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn no_clean_run_raises_an_alarm(seed: u64, acts in 1usize..120, every in 1usize..40) {
        on_sqlite(ALL, |db| {
            let rng = Arc::new(SeededRng::new(seed));
            grow(&db, &rng, acts, every);
            assert_whole(&db);
        });
    }
}

#[test]
fn the_declared_tables_are_those_that_exist() {
    on_each_engine(&[ledger::MIGRATIONS], |db| {
        let mut there = db.read(|tx| tx.tables()).unwrap();
        there.retain(|(name, _)| name != "migration");
        let mut declared: Vec<(String, Vec<String>)> = ledger::TABLES
            .iter()
            .map(|table| {
                let columns = table.columns.iter();
                let names = columns.map(|(name, _)| (*name).to_owned());
                (table.name.to_owned(), names.collect())
            })
            .collect();
        declared.sort();
        assert_eq!(there, declared);
    });
}

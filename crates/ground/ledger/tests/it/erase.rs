//! Erasure takes the links and leaves the tree.

use std::sync::Arc;

use base::SeededRng;
use store::testing::on_each_engine;

use crate::world::*;

#[test]
fn an_erased_person_leaves_no_link_and_the_log_still_verifies() {
    on_each_engine(ALL, |db| {
        let rng = Arc::new(SeededRng::new(11));
        grow(&db, &rng, 60, 20);
        let own = Arc::clone(&rng);
        let row = db
            .write(move |tx| {
                let row = create(tx, &own)?;
                change(tx, &own, row)?;
                Ok::<_, ledger::Error>(row)
            })
            .unwrap();
        sequence_all(&db);
        // On PostgreSQL this change still waits for its number when the erasure comes.
        let own = Arc::clone(&rng);
        db.write(move |tx| change(tx, &own, row)).unwrap();
        let before = db.read(|tx| ledger::head(tx, ws())).unwrap();
        let own = Arc::clone(&rng);
        db.write(move |tx| erase(tx, &own, row)).unwrap();
        assert_whole(&db);
        sequence_all(&db);
        db.read(|tx| -> Result<(), ledger::Error> {
            let history = ledger::leaves_of_subject(tx, ws(), row.cast(), None, 10)?;
            assert!(history.is_empty());
            assert!(ledger::leaves_of_row(tx, ws(), row, None, 10)?.is_empty());
            let last = &ledger::leaves(tx, ws(), None, 1)?[0];
            assert_eq!(last.leaf.action, ledger::Action::Erase);
            assert_eq!(last.leaf.count, 3);
            let head = ledger::head(tx, ws())?;
            let path = ledger::consistency_proof(tx, ws(), before.size, head.size)?;
            let (old, new) = ((before.size, &before.root), (head.size, &head.root));
            assert!(ledger::verify_consistency(old, new, &path));
            Ok(())
        })
        .unwrap();
        assert_whole(&db);
    });
}

#[test]
fn a_subjects_history_is_its_own_newest_first() {
    on_each_engine(ALL, |db| {
        let rng = Arc::new(SeededRng::new(12));
        grow(&db, &rng, 40, 40);
        let own = Arc::clone(&rng);
        let row = db
            .write(move |tx| {
                let row = create(tx, &own)?;
                (0..4).try_for_each(|_| change(tx, &own, row))?;
                Ok::<_, ledger::Error>(row)
            })
            .unwrap();
        sequence_all(&db);
        let (all, page) = db
            .read(|tx| -> Result<_, ledger::Error> {
                let all = ledger::leaves_of_subject(tx, ws(), row.cast(), None, 100)?;
                let page = ledger::leaves_of_subject(tx, ws(), row.cast(), Some(all[1].seq), 2)?;
                assert_eq!(ledger::leaves_of_row(tx, ws(), row, None, 100)?, all);
                Ok((all, page))
            })
            .unwrap();
        assert_eq!(all.len(), 5);
        assert!(all.is_sorted_by(|a, b| a.seq > b.seq));
        assert_eq!(page, all[2..4]);
    });
}

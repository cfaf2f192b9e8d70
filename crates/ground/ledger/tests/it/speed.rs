//! How fast leaves are logged and verified. Prints figures and judges none: run it optimised with
//! `--run-ignored all --no-capture`.

use std::time::Instant;

use base::SeededRng;
use ledger::Action;
use store::testing::on_sqlite;

use crate::world::*;

#[test]
#[ignore = "a measurement"]
fn leaves_a_second() {
    const BATCH: usize = 1_000;
    const BATCHES: usize = 300;
    on_sqlite(ALL, |db| {
        let rng = SeededRng::new(61);
        let mut entry = read_entry(&rng, Action::Open);
        (entry.detail, entry.leaf.detail) = (None, ledger::NONE);
        let entries = vec![entry; BATCH];
        let start = Instant::now();
        for _ in 0..BATCHES {
            let entries = entries.clone();
            db.write(move |tx| ledger::append(tx, ws(), &entries))
                .unwrap();
        }
        let total = (BATCH * BATCHES) as f64;
        let rate = |start: Instant| total / start.elapsed().as_secs_f64();
        println!("append: {:.0} leaves/s", rate(start));
        for _ in 0..3 {
            let start = Instant::now();
            let verified = db
                .read(|tx| ledger::verify_tree(tx, ws(), &keys(), &mut |_| {}))
                .unwrap();
            assert_eq!(verified.unwrap().size, (BATCH * BATCHES) as u64);
            println!("verify_tree: {:.0} leaves/s", rate(start));
        }
        let bytes = db.footprint().unwrap().data;
        println!("on disk: {:.0} bytes a leaf", bytes as f64 / total);
    });
}

//! The exported log and the proof of one leaf, read by the stand-alone verifier.

use std::io::Cursor;
use std::sync::Arc;

use base::SeededRng;
use ledger::Error;
use privet_verify::{VerifierKey, hex, verify_export, verify_inclusion};
use store::Db;
use store::testing::on_each_engine;

use crate::world::*;

fn trusted() -> Vec<VerifierKey> {
    keys()
        .iter()
        .map(|k| k.to_string().parse().unwrap())
        .collect()
}

fn export(db: &Db) -> Vec<u8> {
    let mut file = Vec::new();
    db.read(|tx| ledger::export(tx, ws(), &keys(), &mut file))
        .unwrap();
    file
}

#[test]
fn the_stand_alone_verifier_agrees_and_finds_five_hundred_tampers() {
    on_each_engine(ALL, |db| {
        let rng = Arc::new(SeededRng::new(51));
        let nothing = db.read(|tx| ledger::export(tx, ws(), &keys(), &mut Vec::new()));
        assert!(matches!(nothing, Err(Error::NoCheckpoint)));
        grow(&db, &rng, 40, 15);
        let verified = assert_whole(&db).0;
        // Not signed yet, so not in the file.
        let own = Arc::clone(&rng);
        db.write(move |tx| create(tx, &own)).unwrap();
        let file = export(&db);
        for keys in [trusted(), Vec::new()] {
            let report = verify_export(Cursor::new(&file), &keys).unwrap();
            assert_eq!((report.size, report.root), (verified.size, verified.root));
            assert_eq!(report.origin, ORIGIN);
            assert_eq!(report.checkpoints, 3);
            assert_eq!(report.keys, ledger_keys());
        }
        let alien = keys_of_another_log();
        assert!(verify_export(Cursor::new(&file), &alien).is_err());
        let keys = [trusted(), Vec::new()];
        for round in 0..250 {
            let bad = tampered(&file, &rng);
            if bad != file {
                assert!(verify_export(Cursor::new(&bad), &keys[round % 2]).is_err());
            }
        }
    });
}

fn ledger_keys() -> Vec<String> {
    keys().iter().map(ToString::to_string).collect()
}

fn keys_of_another_log() -> Vec<VerifierKey> {
    let other = ledger::Signer::from_seeds(&[8; 32], &[9; 32]).unwrap();
    let keys = other.verifier_keys(ORIGIN).unwrap();
    keys.iter()
        .map(|k| k.to_string().parse().unwrap())
        .collect()
}

/// Flip, cut off, cut out, insert, repeat or swap somewhere.
fn tampered(file: &[u8], rng: &SeededRng) -> Vec<u8> {
    let mut bad = file.to_vec();
    let (a, b) = (rng.below(bad.len()), rng.below(bad.len()));
    let (from, to) = (a.min(b), a.max(b));
    match rng.below(7) {
        0 | 1 => bad[a] ^= 1 << rng.below(8),
        2 => bad.truncate(a),
        3 => drop(bad.drain(from..to.min(from + 300))),
        4 => bad.insert(a, rng.below(256) as u8),
        5 => {
            let piece = bad[from..to.min(from + 217)].to_vec();
            bad.splice(to..to, piece);
        }
        _ => bad.swap(a, b),
    }
    bad
}

/// A forger knows how to make the closing hash right; the signatures stop him.
#[test]
fn a_forged_file_with_a_right_closing_hash_is_found() {
    on_each_engine(ALL, |db| {
        let rng = Arc::new(SeededRng::new(52));
        grow(&db, &rng, 30, 10);
        let file = export(&db);
        let end = file.len() - 69;
        let leaves = file.windows(2).position(|pair| pair == b"\n\n").unwrap() + 2;
        let size = assert_whole(&db).0.size as usize;
        for leaf in 0..size {
            let mut forged = file[..end].to_vec();
            forged[leaves + leaf * 217 + 2 + 20 + rng.below(190)] ^= 1 << rng.below(8);
            close(&mut forged);
            let problem = verify_export(Cursor::new(&forged), &trusted()).unwrap_err();
            assert!(problem.to_string().contains("leaf") || problem.to_string().contains("leaves"));
        }
        let mut cut = file[..end].to_vec();
        cut.drain(leaves..leaves + 217);
        close(&mut cut);
        assert!(verify_export(Cursor::new(&cut), &trusted()).is_err());
    });
}

fn close(file: &mut Vec<u8>) {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, file);
    file.extend(format!("end {}\n", hex(hash.as_ref())).bytes());
}

#[test]
fn a_leaf_is_proved_by_a_text_alone() {
    on_each_engine(ALL, |db| {
        let rng = Arc::new(SeededRng::new(53));
        grow(&db, &rng, 300, 300);
        let verified = assert_whole(&db).0;
        for seq in [0, 1, 255, 256, verified.size - 1] {
            let proof = db.read(|tx| ledger::proof_bundle(tx, ws(), seq)).unwrap();
            let included = verify_inclusion(&proof, &trusted()).unwrap();
            assert_eq!((included.index, included.size), (seq, verified.size));
            assert_eq!(included.root, verified.root);
            assert_eq!(ledger::Leaf::read(&included.leaf).unwrap().seq, seq);
            assert!(verify_inclusion(&proof, &[]).is_err());
            for _ in 0..20 {
                let mut bad = proof.clone().into_bytes();
                let at = rng.below(bad.len());
                bad[at] ^= 1 << rng.below(7);
                if let Ok(bad) = String::from_utf8(bad) {
                    assert!(verify_inclusion(&bad, &trusted()).is_err(), "{at}");
                }
            }
        }
        let beyond = db.read(|tx| ledger::proof_bundle(tx, ws(), verified.size));
        assert!(matches!(beyond, Err(Error::Beyond { .. })));
    });
}

/// The files that the verifier's own tests read. Where a layout changed they are made again with
/// `PRIVET_WRITE_GOLDEN=1`.
#[test]
fn the_verifiers_test_data_is_of_this_layout() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../verify/tests/data");
    store::testing::on_sqlite(ALL, |db| {
        let rng = Arc::new(SeededRng::new(54));
        grow(&db, &rng, 20, 8);
        let head = db.read(|tx| ledger::head(tx, ws())).unwrap();
        let root = format!("{} {}\n", head.size, base::hex(&head.root));
        if std::env::var("PRIVET_WRITE_GOLDEN").is_ok_and(|value| value == "1") {
            let proof = db.read(|tx| ledger::proof_bundle(tx, ws(), 11)).unwrap();
            std::fs::write(folder.join("log.export"), export(&db)).unwrap();
            std::fs::write(folder.join("leaf.tlog-proof"), proof).unwrap();
            std::fs::write(folder.join("keys"), ledger_keys().join("\n")).unwrap();
            std::fs::write(folder.join("head"), &root).unwrap();
        }
        let written = std::fs::read_to_string(folder.join("head")).unwrap();
        assert_eq!(written, root, "make them again with PRIVET_WRITE_GOLDEN=1");
    });
}

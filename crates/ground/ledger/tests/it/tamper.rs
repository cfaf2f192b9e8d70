//! Every tamper is found: in leaves, head, nodes, checkpoints, links and records.
//!
//! One log is made; each tamper is done and looked for in a transaction that is taken back.

use std::sync::Arc;

use base::SeededRng;
use ledger::{Error, Finding};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use store::testing::on_each_engine;
use store::{Db, Tx, params};

use crate::world::*;

/// A change behind the log. Numbers are taken modulo what there is.
#[derive(Debug, Clone)]
enum Tamper {
    FlipLeaf { at: u64, byte: usize, bit: u8 },
    DeleteLeaf(u64),
    AppendCopy { of: u64, renumbered: bool },
    Swap { a: u64, b: u64, renumbered: bool },
    Replay { of: u64, over: u64 },
    Truncate { keep: u64, head_too: bool },
    Detail(u64),
    Sql(usize),
    FlipNote { which: u64, at: usize },
    SwapNotes(u64),
    EditRow { which: u64, rev: bool },
    RollBack { which: u64 },
    DeleteRow { which: u64, links_too: bool },
    MoveLink { from: u64, to: u64 },
    SwapLinks { a: u64, b: u64 },
    CutLink(u64),
    FlipLink(u64),
}

/// Tampers that are one statement.
const STATEMENTS: &[&str] = &[
    "UPDATE ledger_head SET size = size - 1",
    "UPDATE ledger_head SET time_ms = time_ms + 1",
    "UPDATE ledger_head SET frontier = (SELECT hash FROM ledger_node WHERE idx = 0 AND level = 8)",
    "DELETE FROM ledger_head",
    "DELETE FROM ledger_node WHERE idx = 1",
    "DELETE FROM ledger_node",
    "UPDATE ledger_node SET idx = idx + 5 WHERE idx = 1",
    "UPDATE ledger_node SET level = 16 WHERE idx = 1",
    "UPDATE ledger_node SET hash = (SELECT n.hash FROM ledger_node n WHERE n.idx = 1 AND n.level = 8) WHERE idx = 0",
    "INSERT INTO ledger_node (ws, level, idx, hash) SELECT ws, 16, 0, hash FROM ledger_node WHERE idx = 0 AND level = 8",
    "UPDATE checkpoint SET at = at + 1000000",
    "UPDATE checkpoint SET size = size + 10000",
    "UPDATE checkpoint SET size = size - 1 WHERE size > 0",
    "INSERT INTO leaf_subject (ws, subject, seq) SELECT ws, row_id, seq + 100000 FROM leaf_row",
    "INSERT INTO leaf_row (ws, row_id, seq, ciphertexts) SELECT ws, ciphertexts, seq, ciphertexts FROM (SELECT ws, (SELECT id FROM record ORDER BY id DESC LIMIT 1) AS ciphertexts, seq FROM leaf ORDER BY seq LIMIT 1) one",
    "DELETE FROM leaf_row",
    "DELETE FROM record",
    "INSERT INTO record (ws, id, rev, cts) SELECT ws, (SELECT n.hash FROM ledger_node n WHERE n.idx = 0 AND n.level = 8), 1, cts FROM record LIMIT 1",
];

fn tampers() -> impl Strategy<Value = Tamper> {
    let n = any::<u64>;
    let flag = any::<bool>;
    prop_oneof![
        4 => (n(), 0..ledger::LEAF_LEN, 0u8..8)
            .prop_map(|(at, byte, bit)| Tamper::FlipLeaf { at, byte, bit }),
        1 => n().prop_map(Tamper::DeleteLeaf),
        1 => (n(), flag()).prop_map(|(of, renumbered)| Tamper::AppendCopy { of, renumbered }),
        1 => (n(), n(), flag()).prop_map(|(a, b, renumbered)| Tamper::Swap { a, b, renumbered }),
        1 => (n(), n()).prop_map(|(of, over)| Tamper::Replay { of, over }),
        1 => (n(), flag()).prop_map(|(keep, head_too)| Tamper::Truncate { keep, head_too }),
        1 => n().prop_map(Tamper::Detail),
        3 => (0..STATEMENTS.len()).prop_map(Tamper::Sql),
        2 => (n(), any::<usize>()).prop_map(|(which, at)| Tamper::FlipNote { which, at }),
        1 => n().prop_map(Tamper::SwapNotes),
        1 => (n(), flag()).prop_map(|(which, rev)| Tamper::EditRow { which, rev }),
        1 => n().prop_map(|which| Tamper::RollBack { which }),
        1 => (n(), flag()).prop_map(|(which, links_too)| Tamper::DeleteRow { which, links_too }),
        2 => (n(), n()).prop_map(|(from, to)| Tamper::MoveLink { from, to }),
        2 => (n(), n()).prop_map(|(a, b)| Tamper::SwapLinks { a, b }),
        1 => n().prop_map(Tamper::CutLink),
        1 => n().prop_map(Tamper::FlipLink),
    ]
}

type Bytes = Vec<u8>;

fn body(tx: &mut Tx<'_>, seq: u64) -> Result<Bytes, Error> {
    let row = tx.row(
        "SELECT body FROM leaf WHERE ws = 1 AND seq = $1",
        params![seq],
        |row| row.get(0),
    )?;
    Ok(row.unwrap())
}

fn put(tx: &mut Tx<'_>, seq: u64, body: &Bytes) -> Result<u64, Error> {
    Ok(tx.execute(
        "UPDATE leaf SET body = $2 WHERE ws = 1 AND seq = $1",
        params![seq, body],
    )?)
}

fn renumber(body: &mut Bytes, seq: u64) {
    body[1..9].copy_from_slice(&seq.to_be_bytes());
}

fn links(tx: &mut Tx<'_>) -> Result<Vec<(Bytes, u64, Bytes)>, Error> {
    Ok(tx.rows(
        "SELECT row_id, seq, ciphertexts FROM leaf_row ORDER BY row_id, seq",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?)
}

fn pick<T: Clone>(all: &[T], n: u64) -> T {
    all[(n % all.len() as u64) as usize].clone()
}

/// Does it and gives how many rows it changed: 0 when it changes nothing here.
fn tamper(tx: &mut Tx<'_>, tamper: &Tamper, size: u64) -> Result<u64, Error> {
    match *tamper {
        Tamper::FlipLeaf { at, byte, bit } => {
            let mut leaf = body(tx, at % size)?;
            leaf[byte] ^= 1 << bit;
            put(tx, at % size, &leaf)
        }
        Tamper::DeleteLeaf(at) => Ok(tx.execute(
            "DELETE FROM leaf WHERE ws = 1 AND seq = $1",
            params![at % size],
        )?),
        Tamper::AppendCopy { of, renumbered } => {
            let mut leaf = body(tx, of % size)?;
            if renumbered {
                renumber(&mut leaf, size);
            }
            Ok(tx.execute(
                "INSERT INTO leaf (ws, seq, body) VALUES (1, $1, $2)",
                params![size, &leaf],
            )?)
        }
        Tamper::Swap { a, b, renumbered } => {
            let (a, b) = (a % size, b % size);
            let (mut first, mut second) = (body(tx, a)?, body(tx, b)?);
            if renumbered {
                renumber(&mut first, b);
                renumber(&mut second, a);
            }
            put(tx, a, &second)?;
            Ok(put(tx, b, &first)? * u64::from(a != b))
        }
        Tamper::Replay { of, over } => {
            let (of, over) = (of % size, over % size);
            let mut leaf = body(tx, of)?;
            renumber(&mut leaf, over);
            Ok(put(tx, over, &leaf)? * u64::from(of != over))
        }
        Tamper::Truncate { keep, head_too } => {
            let keep = keep % size;
            if head_too {
                tx.execute("UPDATE ledger_head SET size = $1", params![keep])?;
            }
            Ok(tx.execute("DELETE FROM leaf WHERE seq >= $1", params![keep])?)
        }
        Tamper::Detail(at) => Ok(tx.execute(
            "UPDATE leaf SET detail = CASE WHEN detail IS NULL THEN body ELSE NULL END WHERE seq = $1",
            params![at % size],
        )?),
        Tamper::Sql(which) => Ok(tx.execute(STATEMENTS[which], &[])?),
        _ => tamper_beside(tx, tamper),
    }
}

fn tamper_beside(tx: &mut Tx<'_>, tamper: &Tamper) -> Result<u64, Error> {
    match *tamper {
        Tamper::FlipNote { which, at } => {
            let (size, note) = pick(&notes(tx)?, which);
            let ascii: Vec<usize> = (0..note.len())
                .filter(|n| note.is_char_boundary(*n) && note.as_bytes()[*n] < 128)
                .collect();
            let mut bytes = note.into_bytes();
            bytes[ascii[at % ascii.len()]] ^= 1;
            let note = String::from_utf8(bytes).unwrap();
            Ok(tx.execute(
                "UPDATE checkpoint SET note = $2 WHERE size = $1",
                params![size, &note],
            )?)
        }
        Tamper::SwapNotes(which) => {
            let notes = notes(tx)?;
            let (size, _) = pick(&notes, which);
            let (_, note) = pick(&notes, which.wrapping_add(1) % notes.len() as u64);
            let other = notes.iter().any(|(s, n)| *s == size && *n != note);
            let done = tx.execute(
                "UPDATE checkpoint SET note = $2 WHERE size = $1",
                params![size, &note],
            )?;
            Ok(done * u64::from(other))
        }
        Tamper::EditRow { which, rev } => {
            let row = pick(&records(tx)?, which);
            let sql = if rev {
                "UPDATE record SET rev = rev + 1 WHERE id = $1"
            } else {
                "UPDATE record SET cts = id WHERE id = $1"
            };
            Ok(tx.execute(sql, params![&row])?)
        }
        Tamper::RollBack { which } => {
            // The record as it was one revision ago, with its newest link cut.
            let changed = tx.rows(
                "SELECT id, rev FROM record WHERE rev > 1 ORDER BY id",
                &[],
                |row| Ok((row.get::<Bytes>(0)?, row.get::<i64>(1)?)),
            )?;
            let (row, _) = pick(&changed, which);
            tx.execute(
                "DELETE FROM leaf_row WHERE row_id = $1 AND seq = (SELECT MAX(l.seq) FROM leaf_row l WHERE l.row_id = $1)",
                params![&row],
            )?;
            Ok(tx.execute(
                "UPDATE record SET rev = rev - 1 WHERE id = $1",
                params![&row],
            )?)
        }
        Tamper::DeleteRow { which, links_too } => {
            let row = pick(&records(tx)?, which);
            if links_too {
                tx.execute("DELETE FROM leaf_row WHERE row_id = $1", params![&row])?;
            }
            Ok(tx.execute("DELETE FROM record WHERE id = $1", params![&row])?)
        }
        _ => tamper_links(tx, tamper),
    }
}

fn tamper_links(tx: &mut Tx<'_>, tamper: &Tamper) -> Result<u64, Error> {
    let links = links(tx)?;
    match *tamper {
        Tamper::MoveLink { from, to } => {
            let ((row, seq, _), (other, ..)) = (pick(&links, from), pick(&links, to));
            let done = tx.execute(
                "UPDATE leaf_row SET row_id = $3 WHERE row_id = $1 AND seq = $2",
                params![&row, seq, &other],
            )?;
            Ok(done * u64::from(row != other))
        }
        Tamper::SwapLinks { a, b } => {
            // With or without their digests, to another record or within one.
            let ((row, seq, cts), (other, place, digest)) = (pick(&links, a), pick(&links, b));
            for (row, seq) in [(&row, seq), (&other, place)] {
                tx.execute(
                    "DELETE FROM leaf_row WHERE row_id = $1 AND seq = $2",
                    params![row, seq],
                )?;
            }
            let crossed = if a.is_multiple_of(2) {
                [(&row, place, &digest), (&other, seq, &cts)]
            } else {
                [(&row, place, &cts), (&other, seq, &digest)]
            };
            if row == other && (seq == place || a.is_multiple_of(2)) {
                return Ok(0);
            }
            for (row, seq, digest) in crossed {
                tx.execute(
                    "INSERT INTO leaf_row (ws, row_id, seq, ciphertexts) VALUES (1, $1, $2, $3)",
                    params![row, seq, digest],
                )?;
            }
            Ok(2)
        }
        Tamper::CutLink(which) => {
            let (row, seq, _) = pick(&links, which);
            Ok(tx.execute(
                "DELETE FROM leaf_row WHERE row_id = $1 AND seq = $2",
                params![&row, seq],
            )?)
        }
        Tamper::FlipLink(which) => {
            let (row, seq, mut digest) = pick(&links, which);
            digest[(which % 32) as usize] ^= 1;
            Ok(tx.execute(
                "UPDATE leaf_row SET ciphertexts = $3 WHERE row_id = $1 AND seq = $2",
                params![&row, seq, &digest],
            )?)
        }
        _ => unreachable!("the other tampers are done elsewhere"),
    }
}

fn notes(tx: &mut Tx<'_>) -> Result<Vec<(i64, String)>, Error> {
    Ok(tx.rows(
        "SELECT size, note FROM checkpoint ORDER BY size",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?)
}

/// What was found, carried out of a transaction that is taken back.
enum Undone {
    Unchanged,
    Found(Finding),
    Missed,
    Failed(String),
}

impl From<store::Error> for Undone {
    fn from(error: store::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

fn look(db: &Db, change: Tamper, size: u64) -> Undone {
    let outcome = db.write(move |tx| -> Result<(), Undone> {
        let failed = |error: Error| Undone::Failed(error.to_string());
        if tamper(tx, &change, size).map_err(failed)? == 0 {
            return Err(Undone::Unchanged);
        }
        Err(match verify(tx).map_err(failed)? {
            Ok(_) => Undone::Missed,
            Err(finding) => Undone::Found(finding),
        })
    });
    outcome.expect_err("the transaction is always taken back")
}

#[test]
fn every_tamper_is_found() {
    on_each_engine(ALL, |db| {
        let rng = Arc::new(SeededRng::new(41));
        grow(&db, &rng, 560, 80);
        let size = assert_whole(&db).0.size;
        assert!(size > 512, "two stored nodes");
        let mut runner = TestRunner::new(Config {
            cases: 1_000,
            failure_persistence: None,
            ..Config::default()
        });
        let outcome = runner.run(&tampers(), |change| match look(&db, change.clone(), size) {
            Undone::Unchanged => Err(TestCaseError::reject("nothing changed")),
            Undone::Found(finding) => {
                prop_assert!(!finding.to_string().is_empty());
                Ok(())
            }
            Undone::Missed => Err(TestCaseError::fail("not found")),
            Undone::Failed(error) => Err(TestCaseError::fail(error)),
        });
        outcome.unwrap();
        for (which, sql) in STATEMENTS.iter().enumerate() {
            let outcome = look(&db, Tamper::Sql(which), size);
            assert!(matches!(outcome, Undone::Found(_)), "{sql}");
        }
        // And none of it stayed.
        assert_whole(&db);
    });
}

#[test]
fn a_finding_says_where() {
    on_each_engine(ALL, |db| {
        let rng = Arc::new(SeededRng::new(42));
        grow(&db, &rng, 300, 100);
        let size = assert_whole(&db).0.size;
        let cases = [
            (Tamper::DeleteLeaf(17), "leaf 17: it is missing"),
            (
                Tamper::FlipLeaf {
                    at: 40,
                    byte: 100,
                    bit: 0,
                },
                "table ledger_node: the leaves 0 to 255",
            ),
            (Tamper::Sql(3), "table ledger_head: the head is missing"),
            (
                Tamper::EditRow {
                    which: 0,
                    rev: false,
                },
                "it was changed behind the log",
            ),
        ];
        for (change, words) in cases {
            match look(&db, change, size) {
                Undone::Found(finding) => {
                    let text = finding.to_string();
                    assert!(text.contains(words), "{text}");
                }
                _ => panic!("not found: {words}"),
            }
        }
    });
}

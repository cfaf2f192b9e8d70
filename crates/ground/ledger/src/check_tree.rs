//! The verifier of the tree: every leaf, the head, the stored nodes and every checkpoint.
//!
//! Trusts nothing but the leaves' bytes and the verifier keys it is given: all else is computed
//! again and compared. What it cannot see is a log that was cut back together with its head,
//! nodes and checkpoints: only somebody who remembers a later checkpoint (a witness) can.

use std::collections::BTreeMap;

use base::Workspace;
use store::{Cell, Tx, params};

use crate::Action;
use crate::Error;
use crate::append::STRIDE;
use crate::finding::{Finding, Place, Stop, damaged, found, settle};
use crate::leaf::{self, Body, LEAF_LEN, LEAF_VERSION};
use crate::note::{VerifierKey, open_note};
use crate::tree::{Frontier, Hash, leaf_hash};

/// Leaves between two calls of the progress closure.
const STEP: u64 = 16_384;

/// A log that was found whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// How many leaves.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// Leaves that changed a record.
    pub(crate) steps: u64,
    /// How many of those the tombstones say they unlinked.
    pub(crate) erased: u64,
}

/// Verifies the tree of a log: numbers without gap, times that never go back, known layout and
/// codes, this workspace, details present where committed to; frontier, nodes and head as
/// computed from the leaves; every checkpoint signed by each kind of key in `keys` (those of the
/// present and of past signers) with the root the leaves give at its size.
///
/// `progress` is told now and then how many leaves are done. Run it in one
/// [`store::Db::read`], which sees one state of the log.
pub fn verify_tree(
    tx: &mut Tx<'_>,
    ws: Workspace,
    keys: &[VerifierKey],
    progress: &mut dyn FnMut(u64),
) -> Result<Result<Verified, Finding>, Error> {
    settle(check(tx, ws, keys, progress))
}

fn check(
    tx: &mut Tx<'_>,
    ws: Workspace,
    keys: &[VerifierKey],
    progress: &mut dyn FnMut(u64),
) -> Result<Verified, Stop> {
    let sizes = tx
        .rows(
            "SELECT size FROM checkpoint WHERE ws = $1 ORDER BY size",
            params![ws.number],
            |row| row.get::<i64>(0),
        )
        .map_err(damaged("checkpoint"))?;
    let mut walk = Walk::new(ws, sizes);
    walk.roots();
    let mut wrong = None;
    tx.each(
        "SELECT seq, body, CASE WHEN detail IS NULL THEN 0 ELSE 1 END FROM leaf
         WHERE ws = $1 ORDER BY seq",
        params![ws.number],
        |row| {
            let cells = (row.cell(0)?, row.cell(1)?, row.cell(2)?);
            if let Err(what) = walk.leaf(cells) {
                wrong = Some(found(Place::Leaf(walk.frontier.size()), what));
                return Ok(false);
            }
            if walk.frontier.size().is_multiple_of(STEP) {
                progress(walk.frontier.size());
            }
            Ok(true)
        },
    )
    .map_err(damaged("leaf"))?;
    if let Some(stop) = wrong {
        return Err(stop);
    }
    progress(walk.frontier.size());
    // The nodes first: they tell where the leaves differ, the head only that they do.
    check_nodes(tx, ws, &walk.nodes)?;
    check_head(tx, ws, &walk)?;
    check_notes(tx, ws, keys, &walk.roots)?;
    Ok(Verified {
        size: walk.frontier.size(),
        root: walk.frontier.root(),
        steps: walk.steps,
        erased: walk.erased,
    })
}

/// The walk over the leaves, and what it gathers.
struct Walk {
    ws: Workspace,
    frontier: Frontier,
    time_ms: i64,
    steps: u64,
    erased: u64,
    /// Roots of complete subtrees at the stored levels.
    nodes: BTreeMap<u8, Vec<Hash>>,
    /// Sizes of checkpoints, largest first, that are not reached yet.
    sizes: Vec<i64>,
    /// Roots at the sizes reached.
    roots: BTreeMap<i64, Hash>,
}

impl Walk {
    fn new(ws: Workspace, mut sizes: Vec<i64>) -> Self {
        sizes.reverse();
        Self {
            ws,
            frontier: Frontier::empty(),
            time_ms: 0,
            steps: 0,
            erased: 0,
            nodes: BTreeMap::new(),
            sizes,
            roots: BTreeMap::new(),
        }
    }

    /// Notes the root if there is a checkpoint of this size.
    fn roots(&mut self) {
        let size = i64::try_from(self.frontier.size()).unwrap_or(i64::MAX);
        if self.sizes.last() == Some(&size) {
            self.sizes.pop();
            self.roots.insert(size, self.frontier.root());
        }
    }

    fn leaf(&mut self, (seq, body, detail): (Cell<'_>, Cell<'_>, Cell<'_>)) -> Result<(), String> {
        let expected = self.frontier.size();
        match seq {
            Cell::Int(seq) if u64::try_from(seq) == Ok(expected) => {}
            Cell::Int(seq) => return Err(format!("it is missing; the next leaf there is {seq}")),
            _ => return Err("its number is no number".to_owned()),
        }
        let Cell::Bytes(bytes) = body else {
            return Err("its body is no bytes".to_owned());
        };
        let body: &Body = bytes
            .try_into()
            .map_err(|_| format!("it has {} bytes instead of {LEAF_LEN}", bytes.len()))?;
        self.fields(body, detail == Cell::Int(1))?;
        let nodes = &mut self.nodes;
        self.frontier.push(leaf_hash(body), |level, _, hash| {
            if level.is_multiple_of(STRIDE) {
                nodes.entry(level).or_default().push(*hash);
            }
        });
        self.roots();
        Ok(())
    }

    fn fields(&mut self, body: &Body, has_detail: bool) -> Result<(), String> {
        if body[0] != LEAF_VERSION {
            return Err(format!("its layout is {}, which is unknown", body[0]));
        }
        let seq = leaf::seq(body);
        if seq != self.frontier.size() {
            return Err(format!("it says it is number {seq}"));
        }
        let time = leaf::time_ms(body);
        if time < self.time_ms {
            return Err("its time is before that of the leaf before it".to_owned());
        }
        if leaf::workspace(body) != self.ws.id {
            return Err("it belongs to another workspace".to_owned());
        }
        if !leaf::codes_are_known(body) {
            return Err("its action, decision or outcome is unknown".to_owned());
        }
        if leaf::has_detail(body) != has_detail {
            return Err("its detail was taken away or added".to_owned());
        }
        self.time_ms = time;
        self.steps += u64::from(leaf::is_step(body));
        if leaf::action(body) == Some(Action::Erase) {
            self.erased += u64::from(leaf::count(body));
        }
        Ok(())
    }
}

fn check_head(tx: &mut Tx<'_>, ws: Workspace, walk: &Walk) -> Result<(), Stop> {
    let wrong = |what: String| Err(found(Place::Table("ledger_head"), what));
    let size = walk.frontier.size();
    let head = tx
        .row(
            "SELECT size, time_ms, frontier FROM ledger_head WHERE ws = $1",
            params![ws.number],
            |row| {
                let same = row.cell(0)? == Cell::Int(i64::try_from(size).unwrap_or(i64::MAX));
                let rest = row.cell(1)? == Cell::Int(walk.time_ms)
                    && row.cell(2)? == Cell::Bytes(&walk.frontier.to_bytes());
                Ok((same, rest))
            },
        )
        .map_err(damaged("ledger_head"))?;
    match head {
        None if size == 0 => Ok(()),
        None => wrong(format!("the head is missing; there are {size} leaves")),
        Some((false, _)) => wrong(format!("it gives another size than the {size} leaves")),
        Some((true, false)) => wrong("its frontier or time is not that of the leaves".to_owned()),
        Some((true, true)) => Ok(()),
    }
}

fn check_nodes(
    tx: &mut Tx<'_>,
    ws: Workspace,
    nodes: &BTreeMap<u8, Vec<Hash>>,
) -> Result<(), Stop> {
    let mut expected = nodes.iter().flat_map(|(level, hashes)| {
        (0u64..)
            .zip(hashes)
            .map(|(index, hash)| (*level, index, hash))
    });
    let mut wrong = None;
    tx.each(
        "SELECT level, idx, hash FROM ledger_node WHERE ws = $1 ORDER BY level, idx",
        params![ws.number],
        |row| {
            let place = (row.get::<i64>(0)?, row.get::<i64>(1)?);
            wrong = match expected.next() {
                None => Some(format!(
                    "there is a node {place:?} that no leaves belong to"
                )),
                Some((level, index, hash)) => {
                    let there =
                        u8::try_from(place.0) == Ok(level) && u64::try_from(place.1) == Ok(index);
                    let same = there && row.cell(2)? == Cell::Bytes(hash);
                    (!same).then(|| differs(level, index))
                }
            };
            Ok(wrong.is_none())
        },
    )
    .map_err(damaged("ledger_node"))?;
    if wrong.is_none() {
        wrong = expected
            .next()
            .map(|(level, index, _)| differs(level, index));
    }
    wrong.map_or(Ok(()), |what| Err(found(Place::Table("ledger_node"), what)))
}

fn differs(level: u8, index: u64) -> String {
    let (first, last) = (index << level, ((index + 1) << level) - 1);
    format!("the leaves {first} to {last} and the hash stored for them do not agree")
}

fn check_notes(
    tx: &mut Tx<'_>,
    ws: Workspace,
    keys: &[VerifierKey],
    roots: &BTreeMap<i64, Hash>,
) -> Result<(), Stop> {
    let mut wrong = None;
    tx.each(
        "SELECT size, note, at FROM checkpoint WHERE ws = $1 ORDER BY size",
        params![ws.number],
        |row| {
            let size: i64 = row.get(0)?;
            let what = match (row.cell(1)?, row.cell(2)?, roots.get(&size)) {
                (Cell::Text(note), Cell::Int(at), Some(root)) => {
                    check_note(note, (size, at, root), keys)
                }
                (_, _, None) => Err("it is larger than the log".to_owned()),
                _ => Err("it is no text with a time".to_owned()),
            };
            let whole = what.is_ok();
            if let Err(what) = what {
                let place = Place::Checkpoint(u64::try_from(size).unwrap_or(0));
                wrong = Some(found(place, what));
            }
            Ok(whole)
        },
    )
    .map_err(damaged("checkpoint"))?;
    wrong.map_or(Ok(()), Err)
}

fn check_note(
    note: &str,
    (size, at, root): (i64, i64, &Hash),
    keys: &[VerifierKey],
) -> Result<(), String> {
    let opened = open_note(note, keys).map_err(|error| error.to_string())?;
    if i64::try_from(opened.head.size) != Ok(size) {
        return Err(format!("it was signed for size {}", opened.head.size));
    }
    if opened.at.is_some_and(|signed| signed.micros() != at) {
        return Err("it was signed at another time than it is kept under".to_owned());
    }
    if opened.head.root != *root {
        return Err("its root is not that of the leaves".to_owned());
    }
    Ok(())
}

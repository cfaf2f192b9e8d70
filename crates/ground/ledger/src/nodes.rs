//! Proofs out of the tables: roots of subtrees are read where they are stored (levels 8, 16,
//! 24 ..) and computed from at most 256 children in between.

use base::Workspace;
use store::{Tx, params};

use crate::append::{STRIDE, head};
use crate::leaf::Body;
use crate::proof;
use crate::tree::{Frontier, Hash, leaf_hash};
use crate::{Error, checkpoint};

/// The root of the complete subtree of 2^level leaves that starts at leaf `index << level`.
fn subtree(tx: &mut Tx<'_>, ws: Workspace, level: u8, index: u64) -> Result<Hash, Error> {
    let below = level % STRIDE;
    let stored = level - below;
    let (from, to) = (index << below, (index + 1) << below);
    let mut frontier = Frontier::empty();
    let mut next = from;
    let mut gap = false;
    let mut add = |at: u64, hash: Hash| {
        gap |= at != next;
        next += 1;
        frontier.push(hash, |_, _, _| {});
    };
    if stored == 0 {
        tx.each(
            "SELECT seq, body FROM leaf WHERE ws = $1 AND seq >= $2 AND seq < $3 ORDER BY seq",
            params![ws.number, from, to],
            |row| {
                add(row.get(0)?, leaf_hash(row.bytes(1)?));
                Ok(true)
            },
        )?;
    } else {
        tx.each(
            "SELECT idx, hash FROM ledger_node
             WHERE ws = $1 AND level = $2 AND idx >= $3 AND idx < $4 ORDER BY idx",
            params![ws.number, stored, from, to],
            |row| {
                add(row.get(0)?, row.get(1)?);
                Ok(true)
            },
        )?;
    }
    if gap || next != to {
        return Err(Error::Damaged("the tree"));
    }
    Ok(frontier.root())
}

/// The root over the first `size` leaves, from stored nodes and leaves and not from the head.
pub(crate) fn root_at(tx: &mut Tx<'_>, ws: Workspace, size: u64) -> Result<Hash, Error> {
    proof::range_root(0, size, &mut |level, index| subtree(tx, ws, level, index))
}

fn within(tx: &mut Tx<'_>, ws: Workspace, asked: u64) -> Result<(), Error> {
    let size = head(tx, ws)?.size;
    if asked <= size {
        Ok(())
    } else {
        Err(Error::Beyond { asked, size })
    }
}

/// The proof that leaf `seq` is in the tree of the first `size` leaves; for
/// [`crate::verify_inclusion`].
pub fn inclusion_proof(
    tx: &mut Tx<'_>,
    ws: Workspace,
    seq: u64,
    size: u64,
) -> Result<Vec<Hash>, Error> {
    within(tx, ws, size)?;
    if seq >= size {
        return Err(Error::Beyond { asked: seq, size });
    }
    proof::inclusion(seq, size, |level, index| subtree(tx, ws, level, index))
}

/// The proof that the tree of `old` leaves is the beginning of the tree of `new` leaves; for
/// [`crate::verify_consistency`].
pub fn consistency_proof(
    tx: &mut Tx<'_>,
    ws: Workspace,
    old: u64,
    new: u64,
) -> Result<Vec<Hash>, Error> {
    within(tx, ws, new)?;
    if old > new {
        return Err(Error::Beyond {
            asked: old,
            size: new,
        });
    }
    proof::consistency(old, new, |level, index| subtree(tx, ws, level, index))
}

/// A C2SP `tlog-proof` for one leaf under the newest checkpoint, with the leaf itself as extra
/// data: a text that `privet-verify --inclusion` checks without anything else but the log's keys.
pub fn proof_bundle(tx: &mut Tx<'_>, ws: Workspace, seq: u64) -> Result<String, Error> {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let (size, note) = checkpoint::latest(tx, ws)?.ok_or(Error::NoCheckpoint)?;
    let path = inclusion_proof(tx, ws, seq, size)?;
    let body: Body = tx
        .row(
            "SELECT body FROM leaf WHERE ws = $1 AND seq = $2",
            params![ws.number, seq],
            |row| row.get(0),
        )?
        .ok_or(Error::Damaged("a leaf"))?;
    let mut out = format!(
        "c2sp.org/tlog-proof@v1\nextra {}\nindex {seq}\n",
        STANDARD.encode(body)
    );
    for hash in path {
        out.push_str(&STANDARD.encode(hash));
        out.push('\n');
    }
    out.push('\n');
    out.push_str(&note);
    Ok(out)
}

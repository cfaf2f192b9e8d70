//! Checkpoints: the head of the log, signed and kept.
//!
//! Must never sign a head that is no continuation of the last one signed (C2SP
//! `tlog-checkpoint`): before signing, the root is computed from the stored tree, both at the
//! present size and at the size of the last checkpoint.

use base::{Timestamp, Workspace};
use store::{Tx, params};

use crate::Error;
use crate::append::head;
use crate::nodes::root_at;
use crate::note::{SignedHead, Signer, head_of};

/// Signs the present head, keeps the note and gives it. One note is kept for each size, the
/// newest. `origin` is the name of the log, such as `crm.example.org/<workspace id>`.
pub fn checkpoint(
    tx: &mut Tx<'_>,
    ws: Workspace,
    signer: &Signer,
    origin: &str,
    now: Timestamp,
) -> Result<String, Error> {
    let head = head(tx, ws)?;
    if let Some((size, note)) = latest(tx, ws)? {
        let last = head_of(&note)?;
        let continued = size == last.size && size <= head.size;
        if !continued || root_at(tx, ws, size)? != last.root {
            return Err(Error::Rewritten);
        }
    }
    if root_at(tx, ws, head.size)? != head.root {
        return Err(Error::Rewritten);
    }
    // To the second, as it stands in the signature.
    let at = Timestamp(0).plus_seconds(now.micros().div_euclid(1_000_000).max(0));
    let note = signer.sign(
        &SignedHead {
            origin: origin.to_owned(),
            size: head.size,
            root: head.root,
        },
        at,
    )?;
    tx.execute(
        "INSERT INTO checkpoint (ws, size, note, at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (ws, size) DO UPDATE SET note = excluded.note, at = excluded.at",
        params![ws.number, head.size, &note, at],
    )?;
    Ok(note)
}

/// The checkpoint of the largest size, as (size, note).
pub fn latest(tx: &mut Tx<'_>, ws: Workspace) -> Result<Option<(u64, String)>, Error> {
    Ok(tx.row(
        "SELECT size, note FROM checkpoint WHERE ws = $1 ORDER BY size DESC LIMIT 1",
        params![ws.number],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?)
}

/// Deletes the checkpoints signed before an instant, but for the last of each UTC day, and gives
/// how many. A note is 3.5 KB, and a busy log signs one every second.
pub fn thin_checkpoints(tx: &mut Tx<'_>, ws: Workspace, before: Timestamp) -> Result<u64, Error> {
    Ok(tx.execute(
        "DELETE FROM checkpoint WHERE ws = $1 AND at < $2 AND EXISTS (
           SELECT 1 FROM checkpoint later WHERE later.ws = $1 AND later.size > checkpoint.size
           AND later.at / 86400000000 = checkpoint.at / 86400000000)",
        params![ws.number, before],
    )?)
}

//! What only PostgreSQL needs: entries that wait for their number, and the sequencer that gives it.
//!
//! Why: on PostgreSQL many transactions write at once. Numbering inside them would make each wait
//! for the head row of the one before, so they insert into `log_pending`, which has no row in
//! common. One sequencer at a time (an advisory lock) numbers all that is committed, in the order
//! of `pos`, in which it was written.
//!
//! That order is right: whoever changes a record after somebody else has waited for the other's
//! commit, so wherever the later entry is visible the earlier one is too, and has the lower `pos`.
//! The first sketch took only entries older than every running transaction (`pg_snapshot_xmin`),
//! in the order of transaction ids. That is the rule for readers who keep a cursor; here entries
//! are deleted when numbered, so none can be passed over. It would let one long import hold up
//! the whole log, and the order of transaction ids is not the order of a record's revisions.
//!
//! The only file of this crate whose SQL is not the same for both engines.

use base::{RecordId, SubjectId, Workspace};
use store::{Engine, Tx, params};

use crate::Error;
use crate::append::{Beside, Growth};
use crate::leaf::{Body, Entry};
use crate::tree::Hash;

/// One lock for each log; the schema is part of it because tests share a database.
const LOCK: &str = "hashtextextended(current_schema() || '.ledger', $1)";

/// Writes entries down to be numbered later.
pub(crate) fn wait(tx: &mut Tx<'_>, ws: Workspace, entries: &[Entry]) -> Result<(), Error> {
    for entry in entries {
        let subjects: Vec<u8> = entry.subjects.iter().flat_map(|s| *s.as_bytes()).collect();
        let ciphertexts = entry.leaf.state.map(|state| state.ciphertexts);
        tx.execute(
            "INSERT INTO log_pending (ws, body, row_id, ciphertexts, detail, subjects)
             VALUES ($1, $2, $3, $4, $5, $6)",
            params![
                ws.number,
                &entry.leaf.body(ws.id),
                entry.row.as_ref(),
                ciphertexts.as_ref(),
                entry.detail.as_ref(),
                &subjects,
            ],
        )?;
    }
    Ok(())
}

/// An entry that waits.
struct Pending {
    pos: i64,
    body: Body,
    link: Option<(RecordId, Hash)>,
    detail: Option<Vec<u8>>,
    subjects: Vec<SubjectId>,
}

/// One pass of the sequencer: numbers up to `limit` waiting entries and gives how many. 0 when
/// there are none or another sequencer is at work. On SQLite there is nothing to do.
pub fn sequence(tx: &mut Tx<'_>, ws: Workspace, limit: u32) -> Result<u64, Error> {
    if tx.engine() != Engine::Postgres {
        return Ok(0);
    }
    let mine = tx.number(
        &format!("SELECT CASE WHEN pg_try_advisory_xact_lock({LOCK}) THEN 1 ELSE 0 END"),
        params![ws.number],
    )?;
    if mine == 0 {
        return Ok(0);
    }
    // Statements after the lock see all that the sequencer before committed.
    let waiting = waiting(tx, ws, limit)?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let mut growth = Growth::load(tx, ws)?;
    let first = growth.size();
    for entry in &waiting {
        growth.add(
            tx,
            ws,
            entry.body,
            &Beside {
                link: entry.link,
                detail: entry.detail.as_deref(),
                subjects: &entry.subjects,
            },
        )?;
    }
    growth.save(tx, ws)?;
    // One by one: an entry below the last that was not visible a moment ago must stay.
    for entry in &waiting {
        tx.execute(
            "DELETE FROM log_pending WHERE ws = $1 AND pos = $2",
            params![ws.number, entry.pos],
        )?;
    }
    Ok(growth.size() - first)
}

fn waiting(tx: &mut Tx<'_>, ws: Workspace, limit: u32) -> Result<Vec<Pending>, Error> {
    let rows = tx.rows(
        "SELECT pos, body, row_id, ciphertexts, detail, subjects FROM log_pending
         WHERE ws = $1 ORDER BY pos LIMIT $2",
        params![ws.number, limit],
        |row| {
            let link = row.get::<Option<RecordId>>(2)?;
            let ciphertexts = row.get::<Option<Hash>>(3)?;
            Ok(Pending {
                pos: row.get(0)?,
                body: row.get(1)?,
                link: link.zip(ciphertexts),
                detail: row.get(4)?,
                subjects: subjects(&row.get::<Vec<u8>>(5)?),
            })
        },
    )?;
    Ok(rows)
}

fn subjects(bytes: &[u8]) -> Vec<SubjectId> {
    let (ids, _) = bytes.as_chunks::<16>();
    ids.iter().map(|id| SubjectId::from_bytes(*id)).collect()
}

/// Waits until no sequencer is at work and keeps it so until the end of this transaction: a link
/// must not move from `log_pending` to its table while it is being taken away from both.
fn hold_sequencer(tx: &mut Tx<'_>, ws: Workspace) -> Result<(), Error> {
    tx.execute(
        &format!("SELECT pg_advisory_xact_lock({LOCK})"),
        params![ws.number],
    )?;
    Ok(())
}

/// Takes a subject out of the entries that wait and gives from how many. Call it first.
pub(crate) fn unlink_subject(
    tx: &mut Tx<'_>,
    ws: Workspace,
    subject: SubjectId,
) -> Result<u64, Error> {
    if tx.engine() != Engine::Postgres {
        return Ok(0);
    }
    hold_sequencer(tx, ws)?;
    let linked = tx.rows(
        "SELECT pos, subjects FROM log_pending
         WHERE ws = $1 AND position($2 IN subjects) > 0 FOR UPDATE",
        params![ws.number, &subject],
        |row| Ok((row.get::<i64>(0)?, subjects(&row.get::<Vec<u8>>(1)?))),
    )?;
    let mut changed = 0;
    for (pos, ids) in linked {
        let kept: Vec<u8> = ids
            .iter()
            .filter(|id| **id != subject)
            .flat_map(|id| *id.as_bytes())
            .collect();
        if kept.len() != ids.len() * 16 {
            changed += tx.execute(
                "UPDATE log_pending SET subjects = $3 WHERE ws = $1 AND pos = $2",
                params![ws.number, pos, &kept],
            )?;
        }
    }
    Ok(changed)
}

/// Takes a record's link out of the entries that wait and gives from how many. Call it first.
pub(crate) fn unlink_row(tx: &mut Tx<'_>, ws: Workspace, row: RecordId) -> Result<u64, Error> {
    if tx.engine() != Engine::Postgres {
        return Ok(0);
    }
    hold_sequencer(tx, ws)?;
    Ok(tx.execute(
        "UPDATE log_pending SET row_id = NULL, ciphertexts = NULL WHERE ws = $1 AND row_id = $2",
        params![ws.number, &row],
    )?)
}

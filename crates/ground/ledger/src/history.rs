//! Reading the log, and taking a subject or a record out of its index at erasure.

use base::{RecordId, SubjectId, Workspace};
use store::{Row, Tx, params};

use crate::leaf::Leaf;
use crate::{Error, postgres};

/// A leaf with the sealed detail kept beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedLeaf {
    /// Its number.
    pub seq: u64,
    /// What it says.
    pub leaf: Leaf,
    /// The detail, sealed under its subject's key.
    pub detail: Option<Vec<u8>>,
}

/// What [`unlink_subject`] took away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unlinked {
    /// Links from the subject to leaves.
    pub subjects: u64,
    /// Links from the record of the same id to leaves of its changes: the `count` of the
    /// tombstone.
    pub rows: u64,
}

/// One row as (seq, body, detail); `None` when the body is no leaf.
fn logged(row: &Row<'_>) -> Result<Option<LoggedLeaf>, store::Error> {
    let (seq, detail) = (row.get(0)?, row.get(2)?);
    Ok(Leaf::read(row.bytes(1)?).map(|leaf| LoggedLeaf { seq, leaf, detail }))
}

fn read(rows: Vec<Option<LoggedLeaf>>) -> Result<Vec<LoggedLeaf>, Error> {
    let leaves: Option<Vec<_>> = rows.into_iter().collect();
    leaves.ok_or(Error::Damaged("a leaf"))
}

fn below(before: Option<u64>) -> i64 {
    before
        .and_then(|seq| i64::try_from(seq).ok())
        .unwrap_or(i64::MAX)
}

/// A subject's history, newest first: at most `limit` leaves with a number below `before`.
pub fn leaves_of_subject(
    tx: &mut Tx<'_>,
    ws: Workspace,
    subject: SubjectId,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<LoggedLeaf>, Error> {
    read(tx.rows(
        "SELECT l.seq, l.body, l.detail FROM leaf_subject s
         JOIN leaf l ON l.ws = s.ws AND l.seq = s.seq
         WHERE s.ws = $1 AND s.subject = $2 AND s.seq < $3 ORDER BY s.seq DESC LIMIT $4",
        params![ws.number, &subject, below(before), limit],
        logged,
    )?)
}

/// A record's changes, newest first.
pub fn leaves_of_row(
    tx: &mut Tx<'_>,
    ws: Workspace,
    row: RecordId,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<LoggedLeaf>, Error> {
    read(tx.rows(
        "SELECT l.seq, l.body, l.detail FROM leaf_row r
         JOIN leaf l ON l.ws = r.ws AND l.seq = r.seq
         WHERE r.ws = $1 AND r.row_id = $2 AND r.seq < $3 ORDER BY r.seq DESC LIMIT $4",
        params![ws.number, &row, below(before), limit],
        logged,
    )?)
}

/// The whole log, newest first: at most `limit` leaves with a number below `before`.
pub fn leaves(
    tx: &mut Tx<'_>,
    ws: Workspace,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<LoggedLeaf>, Error> {
    read(tx.rows(
        "SELECT seq, body, detail FROM leaf WHERE ws = $1 AND seq < $2
         ORDER BY seq DESC LIMIT $3",
        params![ws.number, below(before), limit],
        logged,
    )?)
}

/// Deletes every link from a subject to leaves, and from the record that has the subject's id.
///
/// A tombstone (`erase`) must follow in the same transaction with [`Unlinked::rows`] as count,
/// plus what [`unlink_row`] gave for the subject's other records.
pub fn unlink_subject(
    tx: &mut Tx<'_>,
    ws: Workspace,
    subject: SubjectId,
) -> Result<Unlinked, Error> {
    let waiting = postgres::unlink_subject(tx, ws, subject)?;
    let subjects = waiting
        + tx.execute(
            "DELETE FROM leaf_subject WHERE ws = $1 AND subject = $2",
            params![ws.number, &subject],
        )?;
    let rows = unlink_row(tx, ws, subject.cast())?;
    Ok(Unlinked { subjects, rows })
}

/// Deletes every link from a record to the leaves of its changes and gives how many: the `count`
/// of the tombstone, which must follow in the same transaction.
pub fn unlink_row(tx: &mut Tx<'_>, ws: Workspace, row: RecordId) -> Result<u64, Error> {
    let waiting = postgres::unlink_row(tx, ws, row)?;
    let linked = tx.execute(
        "DELETE FROM leaf_row WHERE ws = $1 AND row_id = $2",
        params![ws.number, &row],
    )?;
    Ok(waiting + linked)
}

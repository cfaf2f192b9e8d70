//! The verifier of the records: nothing was changed behind the log's back.
//!
//! Each change of a record has a leaf that carries the record's state after it, and a link
//! beside the tree from the record to the leaf. So for every record that lives:
//! - it has as many links as its revision says;
//! - the n-th link, with the digest of the ciphertexts it carries, gives the state in its leaf
//!   for this record and revision n: no link can be moved to another record or place;
//! - the last of these states is that of the record as it lies in the database.
//!
//! And over the whole log: no link leads to a record that is gone, and the changes without a link
//! are exactly as many as the tombstones say were erased. A record written behind the log lacks a
//! leaf, one rolled back or deleted has one too many.

use std::collections::{BTreeMap, VecDeque};

use base::{RecordId, Workspace};
use store::{Tx, params};

use crate::check_tree::Verified;
use crate::commitment::state_hash;
use crate::finding::{Finding, Place, Stop, damaged, found, settle};
use crate::leaf::{self, Body};
use crate::tree::Hash;
use crate::{Action, Error};

/// Links read at a time.
const PAGE: u32 = 2_048;

/// A record that lives, as it lies in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiveRow {
    /// Its id.
    pub row: RecordId,
    /// Its revision, 1 at creation.
    pub revision: u64,
    /// [`crate::row_state`] over its present ciphertexts.
    pub state: Hash,
}

/// Gives the next records that live: those with an id above the one handed in (from the first,
/// for `None`), ascending, as many as it likes; none when there are no more.
pub type LiveRows<'f> =
    dyn FnMut(&mut Tx<'_>, Option<RecordId>) -> Result<Vec<LiveRow>, store::Error> + 'f;

/// What was held against the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifiedRows {
    /// Records that live.
    pub rows: u64,
    /// Changes linked to them.
    pub changes: u64,
    /// Changes of erased records.
    pub erased: u64,
}

/// Holds every record that lives against a log that [`crate::verify_tree`] found whole, in the
/// same [`store::Db::read`].
///
/// Every record that has a revision counts as living until it is unlinked, those in the bin too.
pub fn verify_rows(
    tx: &mut Tx<'_>,
    ws: Workspace,
    verified: &Verified,
    live: &mut LiveRows<'_>,
) -> Result<Result<VerifiedRows, Finding>, Error> {
    settle(check(tx, ws, verified, live))
}

fn check(
    tx: &mut Tx<'_>,
    ws: Workspace,
    verified: &Verified,
    live: &mut LiveRows<'_>,
) -> Result<VerifiedRows, Stop> {
    let mut links = Links::start(tx, ws)?;
    let (mut rows, mut changes, mut last) = (0, 0, None);
    loop {
        let page = live(tx, last).map_err(damaged("of records"))?;
        let Some(end) = page.last() else { break };
        let after = last.replace(end.row);
        if !page.is_sorted_by(|a, b| a.row < b.row) || page.first().map(|row| row.row) <= after {
            return Err(Error::Entry("the records came out of order").into());
        }
        for row in page {
            let own = links.next(tx, ws)?;
            changes += check_row(&row, own)?;
            rows += 1;
        }
    }
    if let Some((row, _)) = links.next(tx, ws)? {
        return Err(no_such_record(row));
    }
    check_subjects(tx, ws, verified)?;
    let steps = verified.steps + links.steps;
    let erased = verified.erased + links.erased;
    if steps != changes + erased {
        let unlinked = steps.saturating_sub(changes);
        let what = format!("{unlinked} changes lack a link, but {erased} were erased");
        return Err(found(Place::Table("leaf_row"), what));
    }
    Ok(VerifiedRows {
        rows,
        changes,
        erased,
    })
}

fn no_such_record(row: RecordId) -> Stop {
    found(
        Place::Row(row),
        "the log knows changes of it, but there is no such record",
    )
}

/// One record against its links; gives how many there are.
fn check_row(live: &LiveRow, links: Option<(RecordId, Vec<Link>)>) -> Result<u64, Stop> {
    let wrong = |what: String| Err(found(Place::Row(live.row), what));
    let links = match links {
        Some((row, links)) if row == live.row => links,
        Some((row, _)) if row < live.row => return Err(no_such_record(row)),
        _ => return wrong("there is no leaf for it: it was written behind the log".to_owned()),
    };
    for (revision, link) in (1..).zip(&links) {
        let place = link.place;
        let Some(body) = &link.body else {
            return wrong(format!("its link to {place} leads nowhere"));
        };
        if leaf::state(body) != state_hash(live.row, revision, &link.ciphertexts) {
            return wrong(format!("{place} is not its change to revision {revision}"));
        }
        if revision == live.revision && leaf::state(body) != live.state {
            return wrong(format!(
                "it is not as {place} left it: it was changed behind the log"
            ));
        }
    }
    let count = u64::try_from(links.len()).unwrap_or(u64::MAX);
    if count != live.revision {
        return wrong(format!(
            "it is at revision {}, but {count} changes are logged",
            live.revision
        ));
    }
    Ok(count)
}

fn check_subjects(tx: &mut Tx<'_>, ws: Workspace, verified: &Verified) -> Result<(), Stop> {
    let stray = tx
        .number(
            "SELECT COUNT(*) FROM leaf_subject WHERE ws = $1 AND (seq >= $2 OR seq < 0)",
            params![ws.number, verified.size],
        )
        .map_err(damaged("leaf_subject"))?;
    if stray == 0 {
        return Ok(());
    }
    let what = format!("{stray} links lead to leaves that do not exist");
    Err(found(Place::Table("leaf_subject"), what))
}

/// A link from a record to a leaf.
struct Link {
    place: Place,
    ciphertexts: Hash,
    body: Option<Body>,
}

/// All links in the order of records and leaves, read page by page; entries that wait for their
/// number (PostgreSQL) come after a record's numbered leaves.
struct Links {
    page: VecDeque<(RecordId, Link)>,
    /// Where the next page begins; `None` after the last.
    after: Option<(Vec<u8>, i64)>,
    waiting: BTreeMap<RecordId, Vec<Link>>,
    /// Waiting changes, and what waiting tombstones unlinked.
    steps: u64,
    erased: u64,
}

impl Links {
    fn start(tx: &mut Tx<'_>, ws: Workspace) -> Result<Self, Stop> {
        let mut this = Self {
            page: VecDeque::new(),
            after: Some((Vec::new(), -1)),
            waiting: BTreeMap::new(),
            steps: 0,
            erased: 0,
        };
        tx.each(
            "SELECT body, row_id, ciphertexts FROM log_pending WHERE ws = $1 ORDER BY pos",
            params![ws.number],
            |row| {
                let body: Body = row.get(0)?;
                this.steps += u64::from(leaf::is_step(&body));
                if leaf::action(&body) == Some(Action::Erase) {
                    this.erased += u64::from(leaf::count(&body));
                }
                if let Some((id, ciphertexts)) = row.get::<Option<_>>(1)?.zip(row.get(2)?) {
                    this.waiting.entry(id).or_default().push(Link {
                        place: Place::Table("log_pending"),
                        ciphertexts,
                        body: Some(body),
                    });
                }
                Ok(true)
            },
        )
        .map_err(damaged("log_pending"))?;
        Ok(this)
    }

    /// The links of the next record that has any.
    fn next(
        &mut self,
        tx: &mut Tx<'_>,
        ws: Workspace,
    ) -> Result<Option<(RecordId, Vec<Link>)>, Stop> {
        self.fill(tx, ws)?;
        let numbered = self.page.front().map(|(row, _)| *row);
        let waiting = self.waiting.keys().next().copied();
        let Some(row) = [numbered, waiting].into_iter().flatten().min() else {
            return Ok(None);
        };
        let mut links = Vec::new();
        while self.page.front().is_some_and(|(next, _)| *next == row) {
            links.extend(self.page.pop_front().map(|(_, link)| link));
            self.fill(tx, ws)?;
        }
        links.extend(self.waiting.remove(&row).unwrap_or_default());
        Ok(Some((row, links)))
    }

    fn fill(&mut self, tx: &mut Tx<'_>, ws: Workspace) -> Result<(), Stop> {
        if !self.page.is_empty() {
            return Ok(());
        }
        let Some((row, seq)) = self.after.take() else {
            return Ok(());
        };
        tx.each(
            "SELECT r.row_id, r.seq, r.ciphertexts, l.body FROM leaf_row r
             LEFT JOIN leaf l ON l.ws = r.ws AND l.seq = r.seq
             WHERE r.ws = $1 AND (r.row_id, r.seq) > ($2, $3) ORDER BY r.row_id, r.seq LIMIT $4",
            params![ws.number, &row, seq, PAGE],
            |row| {
                let (id, seq): (RecordId, i64) = (row.get(0)?, row.get(1)?);
                let link = Link {
                    place: Place::Leaf(u64::try_from(seq).unwrap_or(u64::MAX)),
                    ciphertexts: row.get(2)?,
                    body: row.get(3)?,
                };
                self.page.push_back((id, link));
                self.after = Some((id.as_bytes().to_vec(), seq));
                Ok(true)
            },
        )
        .map_err(damaged("leaf_row"))?;
        if self.page.len() < PAGE as usize {
            self.after = None;
        }
        Ok(())
    }
}

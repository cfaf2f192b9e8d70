//! The leaf, layout version 1: 215 bytes, every number big-endian, no field optional.
//!
//! | at | bytes | field |
//! |---|---|---|
//! | 0 | 1 | version, 1 |
//! | 1 | 8 | seq: the leaf's number in this log, from 0 |
//! | 9 | 8 | time in milliseconds since the epoch, never less than the leaf before |
//! | 17 | 16 | workspace |
//! | 33 | 16 | actor (internal id) |
//! | 49 | 16 | hash of the session |
//! | 65 | 2 | [`Action`] |
//! | 67 | 1 | [`Decision`] |
//! | 68 | 2 | purpose |
//! | 70 | 16 | hash of the policy set |
//! | 86 | 2 | table |
//! | 88 | 8 | bitmap of fields |
//! | 96 | 1 | [`Outcome`] |
//! | 97 | 32 | subject commitment, or the root of the rows' commitments |
//! | 129 | 32 | state of the record after the change, zero when nothing changed |
//! | 161 | 32 | detail commitment, zero when there is no detail |
//! | 193 | 16 | request id |
//! | 209 | 2 | ordinal: position within the request |
//! | 211 | 4 | count of records (list, search, export, import) or of unlinked leaves (erase) |
//!
//! Two things differ from the first sketch of this layout, for one reason: on PostgreSQL a leaf
//! learns its number only from the sequencer, which runs after the transaction and holds no
//! subject's key. So the commitments are salted with `request id | ordinal`, which the writer
//! knows, instead of with seq, and the ordinal stands in the leaf. Seq and time are filled in
//! when the leaf is numbered.
//!
//! A change of this layout is a new version byte. A leaf must never hold a clear value of a
//! field, a name, an address or a key.

use base::{ActorId, Id, RecordId, RequestId, SubjectId, Timestamp, WorkspaceId};

use crate::tree::Hash;
use crate::{Action, Decision, Error, Outcome, RowState};

/// Bytes of a leaf.
pub const LEAF_LEN: usize = 215;
/// The layout this version writes.
pub const LEAF_VERSION: u8 = 1;
/// What stands where there is no commitment or state.
pub const NONE: Hash = [0; 32];

const SEQ: usize = 1;
const TIME: usize = 9;

/// A leaf's bytes.
pub type Body = [u8; LEAF_LEN];

/// What the writer knows of a leaf, before it has a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafDraft {
    /// When it happened; raised to the time of the leaf before it if that is later.
    pub time: Timestamp,
    /// Who acted.
    pub actor: ActorId,
    /// Hash of the session acted in; zero for a job.
    pub session: [u8; 16],
    /// What was done.
    pub action: Action,
    /// What the policies said.
    pub decision: Decision,
    /// For which purpose.
    pub purpose: u16,
    /// Hash of the policy set that decided.
    pub policy: [u8; 16],
    /// Which kind of record.
    pub table: u16,
    /// Which fields, one bit each.
    pub fields: u64,
    /// What came of it.
    pub outcome: Outcome,
    /// [`crate::subject_commitment`], or [`crate::commitment_root`] for many rows, or zero.
    pub subject: Hash,
    /// [`crate::row_state`] after a change that was done; `None` otherwise.
    pub state: Option<RowState>,
    /// [`crate::detail_commitment`], or zero.
    pub detail: Hash,
    /// The request or run.
    pub request: RequestId,
    /// Position within the request, from 0.
    pub ordinal: u16,
    /// How many records, or how many leaves an erasure unlinked.
    pub count: u32,
}

/// A leaf to be logged, with what is kept beside the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The leaf.
    pub leaf: LeafDraft,
    /// The record it changed: given exactly when the leaf carries a state.
    pub row: Option<RecordId>,
    /// The detail, sealed by the caller under the subject's key.
    pub detail: Option<Vec<u8>>,
    /// Whose history it belongs to.
    pub subjects: Vec<SubjectId>,
}

/// A numbered leaf, read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Its number.
    pub seq: u64,
    /// When, in whole milliseconds.
    pub time: Timestamp,
    /// Whose log.
    pub workspace: WorkspaceId,
    /// Who acted.
    pub actor: ActorId,
    /// Hash of the session.
    pub session: [u8; 16],
    /// What was done.
    pub action: Action,
    /// What the policies said.
    pub decision: Decision,
    /// For which purpose.
    pub purpose: u16,
    /// Hash of the policy set.
    pub policy: [u8; 16],
    /// Which kind of record.
    pub table: u16,
    /// Which fields.
    pub fields: u64,
    /// What came of it.
    pub outcome: Outcome,
    /// Commitment to the subject or root over the rows' commitments.
    pub subject: Hash,
    /// State of the record after the change, or zero.
    pub state: Hash,
    /// Commitment to the detail, or zero.
    pub detail: Hash,
    /// The request or run.
    pub request: RequestId,
    /// Position within the request.
    pub ordinal: u16,
    /// How many.
    pub count: u32,
}

impl Entry {
    /// Refuses an entry that the verifier would complain about.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let changed = self.leaf.action.is_mutation() && self.leaf.outcome == Outcome::Done;
        if changed != self.leaf.state.is_some() {
            return Err(Error::Entry(
                "a change that was done carries the state of the record, and nothing else does",
            ));
        }
        if changed != self.row.is_some() {
            return Err(Error::Entry(
                "a change that was done names the record it is linked to, and nothing else does",
            ));
        }
        if (self.leaf.detail == NONE) != self.detail.is_none() {
            return Err(Error::Entry(
                "a detail and its commitment come together or not at all",
            ));
        }
        Ok(())
    }
}

impl LeafDraft {
    /// The bytes, with seq 0 and the writer's own time.
    #[must_use]
    pub fn body(&self, workspace: WorkspaceId) -> Body {
        let mut out = Writer([0; LEAF_LEN], 0);
        out.put(&[LEAF_VERSION]);
        out.put(&0u64.to_be_bytes());
        out.put(&self.time.millis().max(0).to_be_bytes());
        out.put(workspace.as_bytes());
        out.put(self.actor.as_bytes());
        out.put(&self.session);
        out.put(&self.action.code().to_be_bytes());
        out.put(&[self.decision.code()]);
        out.put(&self.purpose.to_be_bytes());
        out.put(&self.policy);
        out.put(&self.table.to_be_bytes());
        out.put(&self.fields.to_be_bytes());
        out.put(&[self.outcome.code()]);
        out.put(&self.subject);
        out.put(&self.state.map_or(NONE, |state| state.hash));
        out.put(&self.detail);
        out.put(self.request.as_bytes());
        out.put(&self.ordinal.to_be_bytes());
        out.put(&self.count.to_be_bytes());
        out.0
    }
}

struct Writer(Body, usize);

impl Writer {
    fn put(&mut self, bytes: &[u8]) {
        self.0[self.1..self.1 + bytes.len()].copy_from_slice(bytes);
        self.1 += bytes.len();
    }
}

/// Writes number and time into a body and gives the time that stands there.
pub(crate) fn number(body: &mut Body, seq: u64, not_before: i64) -> i64 {
    let time = time_ms(body).max(not_before);
    body[SEQ..SEQ + 8].copy_from_slice(&seq.to_be_bytes());
    body[TIME..TIME + 8].copy_from_slice(&time.to_be_bytes());
    time
}

fn take<const N: usize>(body: &Body, at: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&body[at..at + N]);
    out
}

pub(crate) fn seq(body: &Body) -> u64 {
    u64::from_be_bytes(take(body, SEQ))
}

pub(crate) fn time_ms(body: &Body) -> i64 {
    i64::from_be_bytes(take(body, TIME))
}

pub(crate) fn workspace(body: &Body) -> WorkspaceId {
    Id::from_bytes(take(body, 17))
}

pub(crate) fn action(body: &Body) -> Option<Action> {
    Action::from_code(u16::from_be_bytes(take(body, 65)))
}

pub(crate) fn codes_are_known(body: &Body) -> bool {
    action(body).is_some()
        && Decision::from_code(body[67]).is_some()
        && Outcome::from_code(body[96]).is_some()
}

pub(crate) fn state(body: &Body) -> Hash {
    take(body, 129)
}

pub(crate) fn has_detail(body: &Body) -> bool {
    body[161..193] != NONE
}

pub(crate) fn count(body: &Body) -> u32 {
    u32::from_be_bytes(take(body, 211))
}

/// Whether the leaf is one step of a record's revision.
pub(crate) fn is_step(body: &Body) -> bool {
    state(body) != NONE
}

impl Leaf {
    /// Reads a leaf; `None` when the bytes are none of this version.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let body: &Body = bytes.try_into().ok()?;
        if body[0] != LEAF_VERSION {
            return None;
        }
        Some(Self {
            seq: seq(body),
            time: Timestamp(time_ms(body).checked_mul(1_000)?),
            workspace: workspace(body),
            actor: Id::from_bytes(take(body, 33)),
            session: take(body, 49),
            action: action(body)?,
            decision: Decision::from_code(body[67])?,
            purpose: u16::from_be_bytes(take(body, 68)),
            policy: take(body, 70),
            table: u16::from_be_bytes(take(body, 86)),
            fields: u64::from_be_bytes(take(body, 88)),
            outcome: Outcome::from_code(body[96])?,
            subject: take(body, 97),
            state: state(body),
            detail: take(body, 161),
            request: Id::from_bytes(take(body, 193)),
            ordinal: u16::from_be_bytes(take(body, 209)),
            count: count(body),
        })
    }
}

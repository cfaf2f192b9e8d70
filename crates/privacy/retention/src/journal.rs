//! The journal of erasures: written before the first row is touched, true after every crash.

use act::Act;
use base::{ActorId, RecordId, RequestId, SubjectId, Timestamp};
use store::{Row, Value, params};

use crate::schema::ERASURE;
use crate::{Error, Result};

/// The noun of an erasure's id.
pub enum Noun {}
/// One erasure.
pub type ErasureId = base::Id<Noun>;

/// How far an erasure has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It was ordered; nothing is erased yet.
    Begun,
    /// The person is erased; the certificate is not made yet.
    Erased,
    /// The certificate is made.
    Done,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Erased => "erased",
            Self::Done => "done",
        }
    }

    fn of(word: &str) -> Option<Self> {
        [Self::Begun, Self::Erased, Self::Done]
            .into_iter()
            .find(|state| state.word() == word)
    }
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id, which the certificate bears.
    pub id: ErasureId,
    /// Whom it is about, until it is done.
    pub subject: Option<SubjectId>,
    /// How far it has come.
    pub state: State,
    /// Who ordered it.
    pub actor: ActorId,
    /// When it was ordered.
    pub begun_at: Timestamp,
    /// When the person was erased.
    pub erased_at: Option<Timestamp>,
    /// The act that erased, as its tombstone in the log bears it.
    pub request: Option<RequestId>,
    /// Leaves of the log before it.
    pub log_size: u64,
    /// What was erased, counted, as JSON.
    pub receipt: Option<String>,
    /// When the certificate was made.
    pub done_at: Option<Timestamp>,
    /// The certificate.
    pub certificate: Option<String>,
}

const COLUMNS: &str = "id, subject, state, actor, begun_at, erased_at, request, log_size, receipt, done_at, certificate";

fn entry(row: &Row<'_>) -> store::Result<(Entry, String)> {
    let state: String = row.get(2)?;
    Ok((
        Entry {
            id: row.get(0)?,
            subject: row.get(1)?,
            state: State::Begun,
            actor: row.get(3)?,
            begun_at: row.get(4)?,
            erased_at: row.get(5)?,
            request: row.get(6)?,
            log_size: row.get::<Option<u64>>(7)?.unwrap_or(0),
            receipt: row.get(8)?,
            done_at: row.get(9)?,
            certificate: row.get(10)?,
        },
        state,
    ))
}

fn read((entry, state): (Entry, String)) -> Result<Entry> {
    let state = State::of(&state).ok_or(Error::Damaged)?;
    Ok(Entry { state, ..entry })
}

/// Writes the first line of an erasure.
pub(crate) fn begin(act: &mut Act<'_, '_>, id: ErasureId, subject: SubjectId) -> Result<()> {
    let (ws, now, actor) = (act.ws().number, act.now(), act.context().actor);
    change(
        act,
        id,
        "INSERT INTO erasure (ws, id, subject, state, actor, begun_at) VALUES ($1, $2, $3, $4, $5, $6)",
        params![ws, &id, &subject, State::Begun.word(), &actor, now],
    )
}

/// Notes that the person is erased: commits with the destruction of the key.
pub(crate) fn erased(
    act: &mut Act<'_, '_>,
    id: ErasureId,
    log_size: u64,
    receipt: &str,
) -> Result<()> {
    let (ws, now, request) = (act.ws().number, act.now(), act.id());
    change(
        act,
        id,
        "UPDATE erasure SET state = $3, erased_at = COALESCE(erased_at, $4), request = $5, log_size = $6,
         receipt = COALESCE(receipt, $7) WHERE ws = $1 AND id = $2",
        params![ws, &id, State::Erased.word(), now, &request, log_size, receipt],
    )
}

/// Notes the certificate, and takes the person's id out of the line.
pub(crate) fn done(act: &mut Act<'_, '_>, id: ErasureId, certificate: &str) -> Result<()> {
    let (ws, now) = (act.ws().number, act.now());
    change(
        act,
        id,
        "UPDATE erasure SET state = $3, subject = NULL, done_at = $4, certificate = $5 WHERE ws = $1 AND id = $2",
        params![ws, &id, State::Done.word(), now, certificate],
    )
}

/// Writes one line.
fn change(act: &mut Act<'_, '_>, id: ErasureId, sql: &str, values: &[Value<'_>]) -> Result<()> {
    let (vault, own) = (act.vault(), [Value::from(&id)]);
    let changed = vault.tallied(act.tx(), &ERASURE, "id = $2", &own, |keys| {
        keys.execute(sql, values).map_err(Error::from)
    })?;
    (changed == 1).then_some(()).ok_or(Error::Damaged)
}

/// One line.
pub(crate) fn load(act: &mut Act<'_, '_>, id: ErasureId) -> Result<Option<Entry>> {
    let ws = act.ws().number;
    let sql = format!("SELECT {COLUMNS} FROM erasure WHERE ws = $1 AND id = $2");
    let found = act.tx().keys().row(&sql, params![ws, &id], entry)?;
    found.map(read).transpose()
}

/// The line of a person's erasure that is not done.
pub(crate) fn open_for(act: &mut Act<'_, '_>, person: RecordId) -> Result<Option<Entry>> {
    let ws = act.ws().number;
    let sql = format!("SELECT {COLUMNS} FROM erasure WHERE ws = $1 AND subject = $2 ORDER BY id");
    let found = act.tx().keys().row(&sql, params![ws, &person], entry)?;
    found.map(read).transpose()
}

/// The lines that are not done, oldest first.
pub(crate) fn open(act: &mut Act<'_, '_>) -> Result<Vec<Entry>> {
    let ws = act.ws().number;
    let sql = format!("SELECT {COLUMNS} FROM erasure WHERE ws = $1 AND state <> $2 ORDER BY id");
    let rows = act
        .tx()
        .keys()
        .rows(&sql, params![ws, State::Done.word()], entry)?;
    rows.into_iter().map(read).collect()
}

/// The newest lines, at most `limit`.
pub(crate) fn newest(act: &mut Act<'_, '_>, limit: u32) -> Result<Vec<Entry>> {
    let ws = act.ws().number;
    let sql = format!("SELECT {COLUMNS} FROM erasure WHERE ws = $1 ORDER BY id DESC LIMIT $2");
    let rows = act.tx().keys().rows(&sql, params![ws, limit], entry)?;
    rows.into_iter().map(read).collect()
}

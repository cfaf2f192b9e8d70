//! A record as it is stored: open columns, and one document of sealed cells.
//!
//! `doc` = cells in order of column, each `column u16 | length u32 | sealed value`, big-endian.
//! Column 0 holds the record's origins; each value points to one of them by its number.

use std::collections::BTreeMap;

use act::Act;
use base::{ActorId, RecordId, Rng, SubjectId, Timestamp, Workspace};
use ledger::RowState;
use store::{Row, params};
use vault::{Grant, Place, RecordKey, SubjectKey};

use crate::schema::{Kind, KindId, SubjectMode};
use crate::value::{Origin, Value};
use crate::{Error, Result};

/// The column of the origins.
pub(crate) const ORIGINS: u16 = 0;
/// Origins one record keeps at most; the newest stay.
const ORIGINS_MAX: usize = 200;

/// The open columns of a record, in the order `Stored::from_row` reads them.
pub(crate) const COLUMNS: &str =
    "r.id, r.kind, r.rev, r.created_at, r.updated_at, r.deleted_at, r.owner, r.doc";

/// One row of `record`.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub id: RecordId,
    pub kind: KindId,
    pub rev: u64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
    pub owner: Option<ActorId>,
    pub doc: Vec<u8>,
}

impl Stored {
    pub fn from_row(row: &Row<'_>) -> store::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            kind: KindId(row.get(1)?),
            rev: row.get(2)?,
            created_at: row.get(3)?,
            updated_at: row.get(4)?,
            deleted_at: row.get(5)?,
            owner: row.get(6)?,
            doc: row.get(7)?,
        })
    }

    pub fn load(act: &mut Act<'_, '_>, id: RecordId) -> Result<Option<Self>> {
        let ws = act.ws().number;
        let sql = format!("SELECT {COLUMNS} FROM record r WHERE r.ws = $1 AND r.id = $2");
        Ok(act.tx().row(&sql, params![ws, &id], Self::from_row)?)
    }

    /// What a leaf commits to: every open column, the links that start here, the sealed document.
    pub fn state(&self, links: &[u8]) -> RowState {
        let mut open = Vec::with_capacity(48);
        open.extend_from_slice(&self.kind.0.to_be_bytes());
        for at in [
            Some(self.created_at),
            Some(self.updated_at),
            self.deleted_at,
        ] {
            open.extend_from_slice(&at.map_or(i64::MIN, Timestamp::micros).to_be_bytes());
        }
        // Nobody is another owner than the program itself, whose id is nil.
        let nobody = ActorId::from_bytes([0xff; 16]);
        open.extend_from_slice(self.owner.unwrap_or(nobody).as_bytes());
        ledger::row_state(self.id, self.rev, &[&open, links, &self.doc])
    }
}

/// The links that start at a record, as its state commits to them.
pub(crate) fn link_bytes(act: &mut Act<'_, '_>, id: RecordId) -> Result<Vec<u8>> {
    let ws = act.ws().number;
    let mut out = Vec::new();
    act.tx().each(
        "SELECT kind, to_id, since FROM link WHERE ws = $1 AND from_id = $2 ORDER BY kind, to_id",
        params![ws, &id],
        |row| {
            push_link(&mut out, row.get(0)?, row.bytes(1)?, row.get(2)?);
            Ok(true)
        },
    )?;
    Ok(out)
}

pub(crate) fn push_link(out: &mut Vec<u8>, kind: i64, to: &[u8], since: i64) {
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(to);
    out.extend_from_slice(&since.to_be_bytes());
}

/// The sealed cells of a document.
#[derive(Debug, Default, Clone)]
pub(crate) struct Cells(BTreeMap<u16, Vec<u8>>);

impl Cells {
    pub fn parse(doc: &[u8]) -> Result<Self> {
        let mut cells = BTreeMap::new();
        for cell in iterate(doc) {
            let (column, sealed) = cell?;
            cells.insert(column, sealed.to_vec());
        }
        Ok(Self(cells))
    }

    pub fn pack(&self) -> Vec<u8> {
        let mut doc = Vec::with_capacity(self.0.values().map(|sealed| sealed.len() + 6).sum());
        for (column, sealed) in &self.0 {
            push_cell(&mut doc, *column, sealed);
        }
        doc
    }

    pub fn set(&mut self, column: u16, sealed: Vec<u8>) -> Option<Vec<u8>> {
        self.0.insert(column, sealed)
    }

    pub fn take(&mut self, column: u16) -> Option<Vec<u8>> {
        self.0.remove(&column)
    }
}

fn push_cell(doc: &mut Vec<u8>, column: u16, sealed: &[u8]) {
    doc.extend_from_slice(&column.to_be_bytes());
    doc.extend_from_slice(
        &u32::try_from(sealed.len())
            .unwrap_or(u32::MAX)
            .to_be_bytes(),
    );
    doc.extend_from_slice(sealed);
}

/// The cells of a document, borrowed.
pub(crate) fn iterate(doc: &[u8]) -> impl Iterator<Item = Result<(u16, &[u8])>> {
    let mut rest = doc;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let cell = split_cell(rest);
        rest = cell.map_or(&[], |(_, _, behind)| behind);
        Some(
            cell.map(|(column, sealed, _)| (column, sealed))
                .ok_or(Error::Damaged),
        )
    })
}

fn split_cell(doc: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let (column, rest) = doc.split_first_chunk::<2>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    if rest.len() < length {
        return None;
    }
    let (sealed, rest) = rest.split_at(length);
    Some((u16::from_be_bytes(*column), sealed, rest))
}

/// The key of one record.
pub(crate) enum Sealer {
    Own(SubjectKey),
    Shared(RecordKey),
}

impl Sealer {
    /// The key of a stored record; `None` when the person was erased.
    pub fn of(act: &mut Act<'_, '_>, kind: &Kind, id: RecordId) -> Result<Option<Self>> {
        match kind.subject {
            SubjectMode::Itself => Ok(act.subject_key(id.cast())?.map(Self::Own)),
            SubjectMode::About => {
                let ws = act.ws().number;
                let wraps = act.tx().rows(
                    "SELECT subject, wrapped FROM record_key WHERE ws = $1 AND record = $2 ORDER BY subject",
                    params![ws, &id],
                    |row| Ok((row.get::<SubjectId>(0)?, row.get::<Vec<u8>>(1)?)),
                )?;
                for (subject, wrapped) in wraps {
                    if let Some(key) = act.subject_key(subject)? {
                        return Ok(Some(Self::Shared(RecordKey::unwrap(&key, id, &wrapped)?)));
                    }
                }
                Ok(None)
            }
        }
    }

    fn place(&self, ws: Workspace, kind: KindId, id: RecordId, column: u16) -> Place {
        let subject = match self {
            Self::Own(key) => key.subject(),
            Self::Shared(_) => SubjectId::nil(),
        };
        Place {
            ws: ws.id,
            subject,
            table: kind.0,
            row: id,
            column,
        }
    }

    pub fn seal(
        &self,
        ws: Workspace,
        kind: KindId,
        id: RecordId,
        column: u16,
        bytes: &[u8],
        rng: &dyn Rng,
    ) -> Vec<u8> {
        let place = self.place(ws, kind, id, column);
        match self {
            Self::Own(key) => key.seal(place, bytes, rng),
            Self::Shared(key) => key.seal(place, bytes, rng),
        }
    }

    fn open(
        &self,
        grant: &Grant,
        ws: Workspace,
        stored: &Stored,
        column: u16,
        sealed: &[u8],
    ) -> Result<impl AsRef<[u8]>> {
        let place = self.place(ws, stored.kind, stored.id, column);
        Ok(match self {
            Self::Own(key) => key.open(grant, place, sealed)?,
            Self::Shared(key) => key.open(grant, place, sealed)?,
        })
    }

    /// The values of a stored record in the columns of `mask` that the grant covers, each with the
    /// number of its origin.
    pub fn values(
        &self,
        grant: &Grant,
        ws: Workspace,
        kind: &Kind,
        stored: &Stored,
        mask: u64,
    ) -> Result<BTreeMap<u16, (Value, u8)>> {
        let mut out = BTreeMap::new();
        for cell in iterate(&stored.doc) {
            let (column, sealed) = cell?;
            if column == ORIGINS
                || column > 63
                || mask & (1 << column) == 0
                || !grant.covers(kind.id.0, column)
            {
                continue;
            }
            let Some(field) = kind.field_at(column) else {
                continue;
            };
            let bytes = self.open(grant, ws, stored, column, sealed)?;
            out.insert(column, Value::from_bytes(field.kind, bytes.as_ref())?);
        }
        Ok(out)
    }

    /// The origins of a stored record.
    pub fn origins(&self, grant: &Grant, ws: Workspace, stored: &Stored) -> Result<Vec<Origin>> {
        for cell in iterate(&stored.doc) {
            let (column, sealed) = cell?;
            if column == ORIGINS {
                let bytes = self.open(grant, ws, stored, column, sealed)?;
                return serde_json::from_slice(bytes.as_ref()).map_err(|_| Error::Damaged);
            }
        }
        Ok(Vec::new())
    }
}

/// Adds an origin and gives its number.
pub(crate) fn add_origin(origins: &mut Vec<Origin>, origin: Origin) -> u8 {
    if let Some(known) = origins.iter().position(|known| *known == origin) {
        return u8::try_from(known).unwrap_or(u8::MAX);
    }
    if origins.len() >= ORIGINS_MAX {
        // The last slot is reused: values that pointed to it share the newest origin from now on.
        origins.pop();
    }
    origins.push(origin);
    u8::try_from(origins.len() - 1).unwrap_or(u8::MAX)
}

/// The columns of a stored record that have a value.
pub(crate) fn present(doc: &[u8]) -> Result<u64> {
    let mut mask = 0;
    for cell in iterate(doc) {
        let (column, _) = cell?;
        if column < 64 {
            mask |= 1 << column;
        }
    }
    Ok(mask & !1)
}

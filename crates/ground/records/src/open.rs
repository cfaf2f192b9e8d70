//! Opening one record: what the actor may see of it, and where each value is from.

use access::{Action, Decision, Sight};
use act::{Act, LeafAction, Logged};
use base::{ActorId, RecordId, SubjectId, Timestamp};
use store::params;

use crate::document::{Sealer, Stored, present};
use crate::names;
use crate::schema::{Field, Kind, KindId, SubjectMode};
use crate::value::{Origin, Value};
use crate::{Error, Records, Result};

/// A record as an actor sees it.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its id.
    pub id: RecordId,
    /// Its kind.
    pub kind: KindId,
    /// How often it was changed, from 1: the ETag.
    pub rev: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Who owns it.
    pub owner: Option<ActorId>,
    /// Its name, where the actor may see the fields that make it.
    pub name: String,
    /// The fields that have a value or could have one, in schema order; absent ones are left out.
    pub fields: Vec<Shown>,
}

/// One field of a record as an actor sees it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Which field.
    pub column: u16,
    /// Clear or masked.
    pub sight: Sight,
    /// Whether there is a value at all.
    pub is_set: bool,
    /// The value, when clear and set.
    pub value: Option<Value>,
    /// Where it is from, when clear and set.
    pub origin: Option<Origin>,
}

impl Record {
    /// A value by field name.
    #[must_use]
    pub fn value(&self, kind: &Kind, field: &str) -> Option<&Value> {
        let column = kind.field(field)?.number;
        self.fields
            .iter()
            .find(|shown| shown.column == column)?
            .value
            .as_ref()
    }

    /// A value by field name, in a line; empty when there is none to see.
    #[must_use]
    pub fn line(&self, kind: &Kind, field: &str) -> String {
        self.value(kind, field).map(Value::line).unwrap_or_default()
    }

    /// As JSON: `id`, `kind`, `rev`, times, and every clear value under its field's name; masked ones
    /// are listed under `masked`.
    #[must_use]
    pub fn to_json(&self, kind: &Kind) -> serde_json::Value {
        let mut out = serde_json::Map::new();
        out.insert("id".into(), self.id.to_string().into());
        out.insert("kind".into(), kind.name.clone().into());
        out.insert("rev".into(), self.rev.into());
        out.insert("created_at".into(), self.created_at.rfc3339().into());
        out.insert("updated_at".into(), self.updated_at.rfc3339().into());
        out.insert(
            "owner".into(),
            self.owner.map(|owner| owner.to_string()).into(),
        );
        out.insert("name".into(), self.name.clone().into());
        let mut masked = Vec::new();
        for shown in &self.fields {
            let Some(field) = kind.field_at(shown.column) else {
                continue;
            };
            match (&shown.value, shown.sight) {
                (Some(value), _) => {
                    out.insert(field.name.clone(), value.to_json());
                }
                (None, Sight::Masked) if shown.is_set => masked.push(field.name.clone().into()),
                _ => {}
            }
        }
        out.insert("masked".into(), serde_json::Value::Array(masked));
        serde_json::Value::Object(out)
    }
}

impl Records {
    /// Opens one record. `None` when there is none, when it is in the trash, when its person was erased,
    /// or when it is not among the actor's rows.
    pub fn open(&self, act: &mut Act<'_, '_>, kind: &Kind, id: RecordId) -> Result<Option<Record>> {
        let decision = act.decide(Action::Read, LeafAction::Open, kind.rules())?;
        let Some(stored) = Stored::load(act, id)? else {
            return Ok(None);
        };
        if stored.kind != kind.id
            || stored.deleted_at.is_some()
            || !decision.rows.cover(stored.owner)
        {
            return Ok(None);
        }
        let Some(record) = self.see(act, kind, &stored, &decision, u64::MAX)? else {
            return Ok(None);
        };
        let subjects = self.subjects_of(act, kind, id)?;
        act.log(
            LeafAction::Open,
            Logged {
                table: kind.id.0,
                fields: opened(&record),
                subjects,
                count: 1,
                row: None,
            },
        )?;
        Ok(Some(record))
    }

    /// Opens what a decision covers of a stored record, in the columns of `mask`.
    pub(crate) fn see(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        stored: &Stored,
        decision: &Decision,
        mask: u64,
    ) -> Result<Option<Record>> {
        let Some(sealer) = Sealer::of(act, kind, stored.id)? else {
            return Ok(None);
        };
        let ws = act.ws();
        let mut values = sealer.values(&decision.grant, ws, kind, stored, mask)?;
        let origins = if mask == u64::MAX {
            sealer.origins(&decision.grant, ws, stored)?
        } else {
            Vec::new()
        };
        let held = present(&stored.doc)?;
        let may_see_name = kind
            .shown_as
            .iter()
            .all(|&column| decision.sight(column) == Sight::Clear);
        let name = if may_see_name {
            let plain = values
                .iter()
                .map(|(column, (value, _))| (*column, value.clone()))
                .collect();
            names::name_of(kind, &plain, stored.rev).shown
        } else {
            String::new()
        };
        let mut fields = Vec::with_capacity(kind.fields.len());
        for Field { number, .. } in &kind.fields {
            let sight = decision.sight(*number);
            if sight == Sight::Absent || mask & (1 << number) == 0 {
                continue;
            }
            let is_set = held & (1 << number) != 0;
            let (value, origin) = match values.remove(number) {
                Some((value, origin)) => (Some(value), origins.get(usize::from(origin)).cloned()),
                None => (None, None),
            };
            fields.push(Shown {
                column: *number,
                sight,
                is_set,
                value,
                origin,
            });
        }
        Ok(Some(Record {
            id: stored.id,
            kind: kind.id,
            rev: stored.rev,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
            owner: stored.owner,
            name,
            fields,
        }))
    }

    /// The subjects a record is about.
    pub(crate) fn subjects_of(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        id: RecordId,
    ) -> Result<Vec<SubjectId>> {
        if kind.subject == SubjectMode::Itself {
            return Ok(vec![id.cast()]);
        }
        let ws = act.ws().number;
        let all = act.tx().rows(
            "SELECT subject FROM record_key WHERE ws = $1 AND record = $2 ORDER BY subject",
            params![ws, &id],
            |row| row.get::<SubjectId>(0),
        )?;
        let mut alive = Vec::with_capacity(all.len());
        for subject in all {
            if act.subject_key(subject)?.is_some() {
                alive.push(subject);
            }
        }
        Ok(alive)
    }

    /// The kind of a record that exists, for those who only have its id.
    pub fn kind_of(&self, act: &mut Act<'_, '_>, id: RecordId) -> Result<Option<&Kind>> {
        let ws = act.ws().number;
        let found = act.tx().row(
            "SELECT kind FROM record WHERE ws = $1 AND id = $2 AND deleted_at IS NULL",
            params![ws, &id],
            |row| Ok(KindId(row.get(0)?)),
        )?;
        found
            .map(|kind| self.schema().kind_at(kind).ok_or(Error::Damaged))
            .transpose()
    }
}

/// The columns whose value was opened.
pub(crate) fn opened(record: &Record) -> u64 {
    record
        .fields
        .iter()
        .filter(|shown| shown.value.is_some())
        .fold(0, |mask, shown| mask | 1 << shown.column)
}

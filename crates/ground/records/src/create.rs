//! Making records: one or many, each with its own key, its indexes and its leaf.

use std::collections::BTreeMap;
use std::sync::Arc;

use access::{Action, Decision, Sight};
use act::{Act, LeafAction, Logged};
use aws_lc_rs::digest::{SHA256, digest};
use base::{ActorId, RecordId, SubjectId, Timestamp};
use store::params;
use vault::RecordKey;

use crate::document::{Cells, ORIGINS, Sealer, Stored, push_link};
use crate::index;
use crate::names;
use crate::schema::{Kind, KindId, LinkKind, SubjectMode};
use crate::value::{Origin, Value};
use crate::{Error, Records, Result};

/// A record to be made.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// Values by column, in their settled form.
    pub values: BTreeMap<u16, Value>,
    /// Links that start here.
    pub links: Vec<(LinkKind, RecordId)>,
    /// Who owns it.
    pub owner: Option<ActorId>,
}

impl Draft {
    /// Takes a value in by field name from JSON.
    pub fn set(
        &mut self,
        kind: &Kind,
        field: &str,
        json: &serde_json::Value,
        country: &str,
    ) -> Result<()> {
        let field = kind
            .field(field)
            .ok_or_else(|| Error::UnknownField(field.to_owned()))?;
        if let Some(value) = Value::take(field, json, country)? {
            self.values.insert(field.number, value);
        }
        Ok(())
    }

    /// A value by field name.
    #[must_use]
    pub fn get(&self, kind: &Kind, field: &str) -> Option<&Value> {
        self.values.get(&kind.field(field)?.number)
    }
}

/// A record that was made, or was there already when its request was repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    /// Its id.
    pub id: RecordId,
    /// Whether this request made it.
    pub is_new: bool,
}

impl Records {
    /// Makes one record.
    pub fn create(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        draft: Draft,
        origin: &Origin,
    ) -> Result<RecordId> {
        let made = self.create_many(act, kind, vec![draft], std::slice::from_ref(origin))?;
        made.first().copied().ok_or(Error::Damaged)
    }

    /// Makes one record, once for each idempotency key: a repeated request gets the first one's record.
    pub fn create_once(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        draft: Draft,
        origin: &Origin,
        key: &str,
        body: &[u8],
    ) -> Result<Made> {
        let ws = act.ws().number;
        let actor = act.context().actor;
        let key_hash = hash(&[b"privet.idempotency.1", actor.as_bytes(), key.as_bytes()]);
        let body_hash = hash(&[body]);
        let known = act.tx().row(
            "SELECT record, body_hash, at, mac FROM idempotency WHERE ws = $1 AND key_hash = $2",
            params![ws, &key_hash],
            |row| {
                let (id, body, at): (RecordId, Vec<u8>, Timestamp) =
                    (row.get(0)?, row.get(1)?, row.get(2)?);
                Ok((id, body, at, row.get::<Vec<u8>>(3)?))
            },
        )?;
        if let Some((id, earlier, at, mac)) = known {
            let cells = remembered(&key_hash, &earlier, &id, at);
            if !act
                .vault()
                .bears_mac(REMEMBERED, &cells, &mac)
                .map_err(act::Error::from)?
            {
                return Err(Error::Damaged);
            }
            return if earlier == body_hash {
                Ok(Made { id, is_new: false })
            } else {
                Err(Error::KeyReused)
            };
        }
        let id = self.create(act, kind, draft, origin)?;
        let at = act.now();
        let cells = remembered(&key_hash, &body_hash, &id, at);
        let mac = act
            .vault()
            .row_mac(REMEMBERED, &cells)
            .map_err(act::Error::from)?;
        act.tx().execute(
            "INSERT INTO idempotency (ws, key_hash, body_hash, record, at, mac) VALUES ($1, $2, $3, $4, $5, $6)",
            params![ws, &key_hash, &body_hash, &id, at, &mac],
        )?;
        Ok(Made { id, is_new: true })
    }

    /// Makes many records in one act: all or none. `origins` has one entry, or one for each draft.
    pub fn create_many(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        drafts: Vec<Draft>,
        origins: &[Origin],
    ) -> Result<Vec<RecordId>> {
        let decision = act.decide(Action::Create, LeafAction::Create, kind.rules())?;
        let mut made = Vec::with_capacity(drafts.len());
        let mut entries = Vec::new();
        let mut named = Vec::with_capacity(drafts.len());
        for (position, draft) in drafts.into_iter().enumerate() {
            let origin = origins
                .get(position)
                .or(origins.first())
                .ok_or(Error::Damaged)?;
            refuse_hidden(kind, &decision, draft.values.keys().copied())?;
            let id = self.insert(act, kind, &draft, origin)?;
            index::collect(self, act, kind, id, &draft.values, &mut entries);
            named.push((id, names::name_of(kind, &draft.values, 1)));
            made.push(id);
        }
        index::insert(act, entries)?;
        let (index, kind) = (Arc::clone(&self.0.names), kind.id);
        act.after_commit(move || index.put_all(kind, named));
        Ok(made)
    }

    fn insert(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        draft: &Draft,
        origin: &Origin,
    ) -> Result<RecordId> {
        let (ws, now, rng) = (act.ws(), act.now(), act.rng());
        let id = RecordId::at(now, rng);
        let targets = self.targets(act, kind, &draft.links)?;
        let (sealer, subjects) = new_sealer(act, kind, id, &targets)?;
        let mut cells = Cells::default();
        for (&column, value) in &draft.values {
            cells.set(
                column,
                sealer.seal(ws, kind.id, id, column, &value.to_bytes(0), rng),
            );
        }
        let origins = serde_json::to_vec(&[origin]).map_err(|_| Error::Damaged)?;
        cells.set(
            ORIGINS,
            sealer.seal(ws, kind.id, id, ORIGINS, &origins, rng),
        );
        let stored = Stored {
            id,
            kind: kind.id,
            rev: 1,
            created_at: now,
            updated_at: now,
            deleted_at: None,
            owner: draft.owner.or(Some(act.context().actor)),
            doc: cells.pack(),
        };
        act.tx().execute(
            "INSERT INTO record (ws, id, kind, rev, created_at, updated_at, deleted_at, owner, doc)
             VALUES ($1, $2, $3, $4, $5, $6, NULL, $7, $8)",
            params![
                ws.number,
                &id,
                kind.id.0,
                1i64,
                now,
                now,
                stored.owner.as_ref(),
                &stored.doc
            ],
        )?;
        let mut links = draft.links.clone();
        links.sort_unstable_by_key(|(kind, to)| (kind.0, *to));
        links.dedup();
        let mut link_state = Vec::new();
        for (link, to) in &links {
            act.tx().execute(
                "INSERT INTO link (ws, from_id, kind, to_id, since) VALUES ($1, $2, $3, $4, $5)",
                params![ws.number, &id, link.0, to, now],
            )?;
            push_link(
                &mut link_state,
                i64::from(link.0),
                to.as_bytes(),
                now.micros(),
            );
        }
        let fields = draft
            .values
            .keys()
            .fold(0, |mask, column| mask | 1 << column);
        let state = stored.state(&link_state);
        let made = match &sealer {
            Sealer::Own(key) => Some(key),
            Sealer::Shared(_) => None,
        };
        act.log_made(
            LeafAction::Create,
            Logged {
                table: kind.id.0,
                fields,
                subjects,
                row: Some((id, state)),
                count: 1,
            },
            made,
        )?;
        Ok(id)
    }

    /// The kinds of the records a draft links to, which must be there and within the actor's rows.
    pub(crate) fn targets(
        &self,
        act: &mut Act<'_, '_>,
        from: &Kind,
        links: &[(LinkKind, RecordId)],
    ) -> Result<Vec<(LinkKind, RecordId, KindId)>> {
        let ws = act.ws().number;
        let mut out = Vec::with_capacity(links.len());
        for (link, to) in links {
            let found = act.tx().row(
                "SELECT kind, owner FROM record WHERE ws = $1 AND id = $2 AND deleted_at IS NULL",
                params![ws, to],
                |row| Ok((KindId(row.get(0)?), row.get::<Option<ActorId>>(1)?)),
            )?;
            let (kind, owner) = found.ok_or(Error::Absent)?;
            let target = self.0.schema.kind_at(kind).ok_or(Error::Damaged)?;
            if !from.may_link(*link, &target.name) {
                return Err(Error::Absent);
            }
            let decision = act.decide(Action::Read, LeafAction::Create, target.rules())?;
            if !decision.rows.cover(owner) {
                return Err(Error::Absent);
            }
            out.push((*link, *to, kind));
        }
        Ok(out)
    }
}

/// Refuses a change of fields that the actor does not see in clear.
pub(crate) fn refuse_hidden(
    kind: &Kind,
    decision: &Decision,
    columns: impl Iterator<Item = u16>,
) -> Result<()> {
    for column in columns {
        if decision.sight(column) != Sight::Clear {
            let label = kind
                .field_at(column)
                .map_or_else(String::new, |field| field.label.clone());
            return Err(Error::FieldRefused(label));
        }
    }
    Ok(())
}

/// A new key for a new record, and the subjects its leaf is about.
fn new_sealer(
    act: &mut Act<'_, '_>,
    kind: &Kind,
    id: RecordId,
    targets: &[(LinkKind, RecordId, KindId)],
) -> Result<(Sealer, Vec<SubjectId>)> {
    let rng = act.rng();
    if kind.subject == SubjectMode::Itself {
        let vault = act.vault();
        let key = vault.new_subject(act.tx(), id.cast(), rng)?;
        return Ok((Sealer::Own(key), vec![id.cast()]));
    }
    if targets.is_empty() {
        return Err(Error::Required(format!(
            "say whom this {} is about",
            kind.label.to_lowercase()
        )));
    }
    let key = RecordKey::generate(rng);
    let ws = act.ws().number;
    let mut subjects = Vec::new();
    for (_, to, _) in targets {
        let subject: SubjectId = to.cast();
        if subjects.contains(&subject) {
            continue;
        }
        let theirs = act.subject_key(subject)?.ok_or(Error::Absent)?;
        let wrapped = key.wrap_for(&theirs, id, rng);
        act.tx().execute(
            "INSERT INTO record_key (ws, record, subject, wrapped) VALUES ($1, $2, $3, $4)",
            params![ws, &id, &subject, &wrapped],
        )?;
        subjects.push(subject);
    }
    Ok((Sealer::Shared(key), subjects))
}

/// The table of remembered requests.
pub(crate) const REMEMBERED: &str = "idempotency";

/// What the MAC of a remembered request is over.
pub(crate) fn remembered<'a>(
    key_hash: &'a [u8],
    body_hash: &'a [u8],
    record: &'a RecordId,
    at: Timestamp,
) -> [store::Value<'a>; 4] {
    [key_hash.into(), body_hash.into(), record.into(), at.into()]
}

fn hash(parts: &[&[u8]]) -> Vec<u8> {
    let mut all = Vec::new();
    for part in parts {
        all.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        all.extend_from_slice(part);
    }
    digest(&SHA256, &all).as_ref().to_vec()
}

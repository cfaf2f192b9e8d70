//! Changing a record, putting it in the trash and taking it out: each a new revision, with the cells
//! as they were kept under their seal for undo.

use std::collections::BTreeMap;
use std::sync::Arc;

use access::Action;
use act::{Act, LeafAction, Logged};
use base::{ActorId, RecordId, Timestamp};
use store::params;

use crate::create::refuse_hidden;
use crate::document::{Cells, ORIGINS, Sealer, Stored, add_origin, link_bytes};
use crate::index;
use crate::names;
use crate::schema::{Kind, LinkKind};
use crate::value::{Origin, Value};
use crate::{Error, Records, Result};

impl Records {
    /// Changes fields of a record: `Some` sets a value, `None` takes it away. `expected` is the revision
    /// the actor saw; when the record has moved on, nothing is changed.
    pub fn change(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        id: RecordId,
        expected: Option<u64>,
        changes: BTreeMap<u16, Option<Value>>,
        origin: &Origin,
    ) -> Result<u64> {
        let decision = act.decide(Action::Change, LeafAction::Change, kind.rules())?;
        let mut stored = self.load_live(act, kind, id)?;
        if !decision.rows.cover(stored.owner) {
            return Err(Error::Absent);
        }
        refuse_stale(&stored, expected)?;
        refuse_hidden(kind, &decision, changes.keys().copied())?;
        let (ws, rng) = (act.ws(), act.rng());
        let sealer = Sealer::of(act, kind, id)?.ok_or(Error::Absent)?;
        let grant = self.upkeep(act, kind)?;
        let mut values = sealer.values(&grant, ws, kind, &stored, u64::MAX)?;
        let changes = really_changed(&values, changes);
        if changes.is_empty() {
            return Ok(stored.rev);
        }
        let old_entries = index::of_stored(self, act, kind, &stored)?;
        let mut origins = sealer.origins(&grant, ws, &stored)?;
        let number = add_origin(&mut origins, origin.clone());
        let mut cells = Cells::parse(&stored.doc)?;
        let mut before = Cells::default();
        let mut fields = 0;
        for (column, value) in changes {
            fields |= 1 << column;
            let replaced = match value {
                Some(value) => {
                    let sealed = sealer.seal(ws, kind.id, id, column, &value.to_bytes(number), rng);
                    values.insert(column, (value, number));
                    cells.set(column, sealed)
                }
                None => {
                    values.remove(&column);
                    cells.take(column)
                }
            };
            // An empty cell says that there was no value before.
            before.set(column, replaced.unwrap_or_default());
        }
        let origins = serde_json::to_vec(&origins).map_err(|_| Error::Damaged)?;
        cells.set(
            ORIGINS,
            sealer.seal(ws, kind.id, id, ORIGINS, &origins, rng),
        );
        let was = stored.rev;
        keep_history(act, &stored, &before)?;
        stored.doc = cells.pack();
        self.save(act, kind, &mut stored, was, LeafAction::Change, fields)?;
        let values: BTreeMap<u16, Value> = values
            .into_iter()
            .map(|(column, (value, _))| (column, value))
            .collect();
        let mut entries = Vec::new();
        index::collect(self, act, kind, id, &values, &mut entries);
        index::replace(act, &old_entries, entries)?;
        let named = names::name_of(kind, &values, stored.rev);
        let (index, kind) = (Arc::clone(&self.0.names), kind.id);
        act.after_commit(move || index.put_all(kind, vec![(id, named)]));
        Ok(stored.rev)
    }

    /// Makes a record's links of one kind lead to exactly `targets`.
    pub fn relink(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        id: RecordId,
        link: LinkKind,
        targets: &[RecordId],
    ) -> Result<()> {
        let decision = act.decide(Action::Change, LeafAction::Change, kind.rules())?;
        let mut stored = self.load_live(act, kind, id)?;
        if !decision.rows.cover(stored.owner) {
            return Err(Error::Absent);
        }
        let before = self.linked_from(act, id, link)?;
        let (ws, now) = (act.ws().number, act.now());
        let mut changed = false;
        for gone in before.iter().filter(|known| !targets.contains(known)) {
            changed = true;
            act.tx().execute(
                "DELETE FROM link WHERE ws = $1 AND from_id = $2 AND kind = $3 AND to_id = $4",
                params![ws, &id, link.0, gone],
            )?;
        }
        for new in targets.iter().filter(|target| !before.contains(target)) {
            changed = true;
            self.targets(act, kind, &[(link, *new)])?;
            act.tx().execute(
                "INSERT INTO link (ws, from_id, kind, to_id, since) VALUES ($1, $2, $3, $4, $5)",
                params![ws, &id, link.0, new, now],
            )?;
        }
        if changed {
            let was = stored.rev;
            self.save(act, kind, &mut stored, was, LeafAction::Change, 0)?;
        }
        Ok(())
    }

    /// Puts a record in the trash: no list, search or link shows it.
    pub fn delete(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        id: RecordId,
        expected: Option<u64>,
    ) -> Result<()> {
        let decision = act.decide(Action::Delete, LeafAction::Delete, kind.rules())?;
        let mut stored = self.load_live(act, kind, id)?;
        if !decision.rows.cover(stored.owner) {
            return Err(Error::Absent);
        }
        refuse_stale(&stored, expected)?;
        stored.deleted_at = Some(act.now());
        let was = stored.rev;
        self.save(act, kind, &mut stored, was, LeafAction::Delete, 0)?;
        let (index, kind) = (Arc::clone(&self.0.names), kind.id);
        act.after_commit(move || index.remove(kind, id));
        Ok(())
    }

    /// Takes a record out of the trash.
    pub fn restore(&self, act: &mut Act<'_, '_>, kind: &Kind, id: RecordId) -> Result<()> {
        let decision = act.decide(Action::Delete, LeafAction::Restore, kind.rules())?;
        let mut stored = Stored::load(act, id)?
            .filter(|s| s.kind == kind.id)
            .ok_or(Error::Absent)?;
        if stored.deleted_at.is_none() || !decision.rows.cover(stored.owner) {
            return Err(Error::Absent);
        }
        stored.deleted_at = None;
        let was = stored.rev;
        self.save(act, kind, &mut stored, was, LeafAction::Restore, 0)?;
        let sealer = Sealer::of(act, kind, id)?.ok_or(Error::Absent)?;
        let grant = self.upkeep(act, kind)?;
        let values = sealer.values(&grant, act.ws(), kind, &stored, u64::MAX)?;
        let values = values
            .into_iter()
            .map(|(column, (value, _))| (column, value))
            .collect();
        let named = names::name_of(kind, &values, stored.rev);
        let (index, kind) = (Arc::clone(&self.0.names), kind.id);
        act.after_commit(move || index.put_all(kind, vec![(id, named)]));
        Ok(())
    }

    pub(crate) fn load_live(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        id: RecordId,
    ) -> Result<Stored> {
        Stored::load(act, id)?
            .filter(|stored| stored.kind == kind.id && stored.deleted_at.is_none())
            .ok_or(Error::Absent)
    }

    /// Writes a record's next revision, provided that it is still at revision `was`, with its leaf.
    pub(crate) fn save(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        stored: &mut Stored,
        was: u64,
        action: LeafAction,
        fields: u64,
    ) -> Result<()> {
        let ws = act.ws().number;
        stored.rev = was + 1;
        stored.updated_at = act.now();
        let changed = act.tx().execute(
            "UPDATE record SET rev = $1, updated_at = $2, deleted_at = $3, doc = $4 WHERE ws = $5 AND id = $6 AND rev = $7",
            params![stored.rev, stored.updated_at, stored.deleted_at, &stored.doc, ws, &stored.id, was],
        )?;
        if changed != 1 {
            return Err(Error::Changed { current: was + 1 });
        }
        let links = link_bytes(act, stored.id)?;
        let subjects = self.subjects_of(act, kind, stored.id)?;
        let row = Some((stored.id, stored.state(&links)));
        act.log(
            action,
            Logged {
                table: kind.id.0,
                fields,
                subjects,
                row,
                count: 1,
            },
        )?;
        Ok(())
    }
}

fn refuse_stale(stored: &Stored, expected: Option<u64>) -> Result<()> {
    match expected {
        Some(rev) if rev != stored.rev => Err(Error::Changed {
            current: stored.rev,
        }),
        _ => Ok(()),
    }
}

fn really_changed(
    values: &BTreeMap<u16, (Value, u8)>,
    mut changes: BTreeMap<u16, Option<Value>>,
) -> BTreeMap<u16, Option<Value>> {
    changes.retain(|column, new| values.get(column).map(|(value, _)| value) != new.as_ref());
    changes
}

fn keep_history(act: &mut Act<'_, '_>, stored: &Stored, before: &Cells) -> Result<()> {
    let (ws, now, actor) = (act.ws().number, act.now(), act.context().actor);
    let cells = before.pack();
    let kept = earlier(&stored.id, stored.rev, now, &actor, &cells);
    let mac = act
        .vault()
        .row_mac(EARLIER, &kept)
        .map_err(act::Error::from)?;
    act.tx().execute(
        "INSERT INTO history (ws, record, rev, at, actor, cells, mac) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![ws, &stored.id, stored.rev, now, &actor, &cells, &mac],
    )?;
    Ok(())
}

/// The table of earlier cells.
pub(crate) const EARLIER: &str = "history";

/// What the MAC of a row of earlier cells is over.
pub(crate) fn earlier<'a>(
    record: &'a RecordId,
    rev: u64,
    at: Timestamp,
    actor: &'a ActorId,
    cells: &'a [u8],
) -> [store::Value<'a>; 5] {
    [
        record.into(),
        rev.into(),
        at.into(),
        actor.into(),
        cells.into(),
    ]
}

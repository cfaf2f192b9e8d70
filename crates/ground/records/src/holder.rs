//! What the record engine holds, and how it forgets a person.

use act::{Act, Erased, Holder};
use base::{Holds, RecordId, SubjectId, Table};
use store::params;

use crate::{Records, Result};

/// Every table of the engine, column by column.
pub const TABLES: &[Table] = &[
    Table {
        name: "record",
        columns: &[
            ("ws", Holds::Reference),
            ("id", Holds::Reference),
            ("kind", Holds::Reference),
            ("rev", Holds::Reference),
            ("created_at", Holds::Reference),
            ("updated_at", Holds::Reference),
            ("deleted_at", Holds::Reference),
            ("owner", Holds::Reference),
            ("doc", Holds::Sealed),
        ],
        on_erasure: "the person's record is deleted; so is a record about nobody else",
    },
    Table {
        name: "record_key",
        columns: &[
            ("ws", Holds::Reference),
            ("record", Holds::Reference),
            ("subject", Holds::Reference),
            ("wrapped", Holds::Key),
        ],
        on_erasure: "the person's wraps are deleted",
    },
    Table {
        name: "link",
        columns: &[
            ("ws", Holds::Reference),
            ("from_id", Holds::Reference),
            ("kind", Holds::Reference),
            ("to_id", Holds::Reference),
            ("since", Holds::Reference),
        ],
        on_erasure: "links to and from the person are deleted",
    },
    Table {
        name: "bidx",
        columns: &[
            ("ws", Holds::Reference),
            ("field", Holds::Reference),
            ("token", Holds::Derived),
            ("record", Holds::Reference),
        ],
        on_erasure: "deleted with the record",
    },
    Table {
        name: "facet",
        columns: &[
            ("ws", Holds::Reference),
            ("field", Holds::Reference),
            ("value", Holds::Impersonal),
            ("record", Holds::Reference),
        ],
        on_erasure: "deleted with the record",
    },
    Table {
        name: "history",
        columns: &[
            ("ws", Holds::Reference),
            ("record", Holds::Reference),
            ("rev", Holds::Reference),
            ("at", Holds::Reference),
            ("actor", Holds::Reference),
            ("cells", Holds::Sealed),
            ("mac", Holds::Digest),
        ],
        on_erasure: "deleted with the record",
    },
    Table {
        name: "idempotency",
        columns: &[
            ("ws", Holds::Reference),
            ("key_hash", Holds::Digest),
            ("body_hash", Holds::Digest),
            ("record", Holds::Reference),
            ("at", Holds::Reference),
            ("mac", Holds::Digest),
        ],
        on_erasure: "deleted with the record",
    },
];

impl Records {
    /// The records that go with a subject: its own, and those about it and nobody else.
    fn going(&self, act: &mut Act<'_, '_>, subject: SubjectId) -> Result<Vec<RecordId>> {
        let ws = act.ws().number;
        let own: RecordId = subject.cast();
        let mut going = act.tx().rows(
            "SELECT id FROM record WHERE ws = $1 AND id = $2",
            params![ws, &own],
            |row| row.get::<RecordId>(0),
        )?;
        going.extend(act.tx().rows(
            "SELECT k.record FROM record_key k WHERE k.ws = $1 AND k.subject = $2 AND NOT EXISTS
             (SELECT 1 FROM record_key o WHERE o.ws = k.ws AND o.record = k.record AND o.subject <> k.subject)",
            params![ws, &subject],
            |row| row.get::<RecordId>(0),
        )?);
        Ok(going)
    }

    /// The records about a subject and others, which stay for the others.
    pub(crate) fn shared(
        &self,
        act: &mut Act<'_, '_>,
        subject: SubjectId,
    ) -> Result<Vec<RecordId>> {
        let ws = act.ws().number;
        Ok(act.tx().rows(
            "SELECT k.record FROM record_key k WHERE k.ws = $1 AND k.subject = $2 AND EXISTS
             (SELECT 1 FROM record_key o WHERE o.ws = k.ws AND o.record = k.record AND o.subject <> k.subject)",
            params![ws, &subject],
            |row| row.get::<RecordId>(0),
        )?)
    }

    /// Counts, in every table, the rows of the records that go and of the subject's links and keys.
    fn rows_of(
        &self,
        act: &mut Act<'_, '_>,
        subject: SubjectId,
        going: &[RecordId],
    ) -> Result<Vec<Erased>> {
        let ws = act.ws().number;
        let mut out: Vec<Erased> = Vec::new();
        for (place, what, sql) in BY_RECORD {
            let mut count = 0;
            for id in going {
                count += act
                    .tx()
                    .number(&format!("SELECT COUNT(*) FROM {sql}"), params![ws, id])?;
            }
            out.push(erased(place, what, count));
        }
        let count = act.tx().number(
            "SELECT COUNT(*) FROM record_key WHERE ws = $1 AND subject = $2",
            params![ws, &subject],
        )?;
        out.push(erased(
            "record_key",
            "keys of notes about the person",
            count,
        ));
        let named = self
            .schema()
            .kinds()
            .iter()
            .any(|kind| self.names().get(kind.id, subject.cast()).is_some());
        out.push(erased("name index", "the name in memory", i64::from(named)));
        Ok(out)
    }
}

/// What is found through a record's id ($2), table by table.
const BY_RECORD: [(&str, &str, &str); 7] = [
    (
        "record",
        "records with all sealed fields",
        "record WHERE ws = $1 AND id = $2",
    ),
    (
        "link",
        "links from the person's records",
        "link WHERE ws = $1 AND from_id = $2",
    ),
    (
        "link",
        "links to the person's records",
        "link WHERE ws = $1 AND to_id = $2",
    ),
    (
        "bidx",
        "search tokens",
        "bidx WHERE ws = $1 AND record = $2",
    ),
    (
        "facet",
        "filter values",
        "facet WHERE ws = $1 AND record = $2",
    ),
    (
        "history",
        "earlier values",
        "history WHERE ws = $1 AND record = $2",
    ),
    (
        "idempotency",
        "remembered requests",
        "idempotency WHERE ws = $1 AND record = $2",
    ),
];

fn erased(place: &'static str, what: &str, count: i64) -> Erased {
    Erased {
        place,
        what: what.to_owned(),
        count: u64::try_from(count).unwrap_or(0),
    }
}

impl Holder for Records {
    fn name(&self) -> &'static str {
        "records"
    }

    fn tables(&self) -> Vec<Table> {
        TABLES.to_vec()
    }

    fn plan_erasure(
        &self,
        act: &mut Act<'_, '_>,
        subject: SubjectId,
    ) -> std::result::Result<Vec<Erased>, act::Error> {
        let going = self.going(act, subject).map_err(into_act)?;
        self.rows_of(act, subject, &going).map_err(into_act)
    }

    fn erase(
        &self,
        act: &mut Act<'_, '_>,
        subject: SubjectId,
    ) -> std::result::Result<Vec<Erased>, act::Error> {
        let plan = self.plan_erasure(act, subject)?;
        self.carry_out(act, subject).map_err(into_act)?;
        Ok(plan)
    }

    fn remains(
        &self,
        act: &mut Act<'_, '_>,
        subject: SubjectId,
    ) -> std::result::Result<u64, act::Error> {
        // Asked about the person's own record: nothing else can be reached through it once it is gone.
        let own: RecordId = subject.cast();
        let rows = self.rows_of(act, subject, &[own]).map_err(into_act)?;
        Ok(rows
            .iter()
            .filter(|row| row.place != "name index")
            .map(|row| row.count)
            .sum())
    }
}

impl Records {
    fn carry_out(&self, act: &mut Act<'_, '_>, subject: SubjectId) -> Result<()> {
        let ws = act.ws().number;
        let going = self.going(act, subject)?;
        let shared = self.shared(act, subject)?;
        // Links first: what stays is another revision without them, which its leaf must say while the
        // person's key still commits it.
        let own: RecordId = subject.cast();
        let linking = act.tx().rows(
            "SELECT DISTINCT from_id FROM link WHERE ws = $1 AND to_id = $2",
            params![ws, &own],
            |row| row.get::<RecordId>(0),
        )?;
        for id in &going {
            let whose = act.ws();
            let unlinked = ledger::unlink_row(act.tx(), whose, *id)?;
            act.count_unlinked(unlinked);
            for (_, _, sql) in BY_RECORD {
                act.tx()
                    .execute(&format!("DELETE FROM {sql}"), params![ws, id])?;
            }
            act.tx().execute(
                "DELETE FROM record_key WHERE ws = $1 AND record = $2",
                params![ws, id],
            )?;
        }
        act.tx().execute(
            "DELETE FROM link WHERE ws = $1 AND to_id = $2",
            params![ws, &own],
        )?;
        act.tx().execute(
            "DELETE FROM record_key WHERE ws = $1 AND subject = $2",
            params![ws, &subject],
        )?;
        for id in linking
            .iter()
            .chain(&shared)
            .filter(|id| !going.contains(id))
        {
            self.revise(act, *id)?;
        }
        let names = std::sync::Arc::clone(&self.0.names);
        let kinds: Vec<_> = self.schema().kinds().iter().map(|kind| kind.id).collect();
        act.after_commit(move || {
            for kind in kinds {
                for id in &going {
                    names.remove(kind, *id);
                }
            }
        });
        Ok(())
    }

    /// Writes a next revision of a record whose links were changed by an erasure.
    fn revise(&self, act: &mut Act<'_, '_>, id: RecordId) -> Result<()> {
        let Some(mut stored) = crate::document::Stored::load(act, id)? else {
            return Ok(());
        };
        let Some(kind) = self.schema().kind_at(stored.kind).cloned() else {
            return Ok(());
        };
        if crate::document::Sealer::of(act, &kind, id)?.is_none() {
            // Everybody it is about was erased too: after a restore it goes with the last of them, and
            // until then no key is left to commit a leaf about it.
            return Ok(());
        }
        let was = stored.rev;
        self.save(act, &kind, &mut stored, was, act::LeafAction::Change, 0)
    }
}

fn into_act(error: crate::Error) -> act::Error {
    match error {
        crate::Error::Act(error) => error,
        other => act::Error::Holder(other.to_string()),
    }
}

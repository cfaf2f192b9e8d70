//! Rows in: the tables of a backup into a new store.

use std::collections::HashSet;
use std::io::BufRead;

use base::{RecordId, SubjectId, Workspace};
use ledger::{Entry, Leaf, LeafDraft, NONE, RowState};
use store::{Db, Migration, Side, Value};

use crate::forget::{SUBJECT_KEYS, as_subject};
use crate::format::{Cells, Owned, Section, Step};
use crate::reader::Reader;
use crate::write::text_hash;
use crate::{Error, Result};

/// Rows in one transaction.
const BATCH: usize = 4_000;
/// Leaves that had no number yet: they are logged again, in their order.
const WAITING: &str = "log_pending";

/// The migrations of this program that a store was under when its rows were written.
pub(crate) fn migrations_of(
    steps: &[Step],
    side: Side,
    program: &[Migration],
) -> Result<Vec<Migration>> {
    let mut out = Vec::new();
    for migration in program.iter().filter(|own| own.side == side) {
        let known = steps
            .iter()
            .find(|step| step.owner == migration.owner && step.number == migration.number);
        match known {
            None => {}
            Some(step) if step.text == text_hash(migration.sql) => out.push(*migration),
            Some(step) => {
                return Err(store::Error::Migration {
                    owner: step.owner.clone(),
                    number: i64::from(step.number),
                }
                .into());
            }
        }
    }
    let unknown = |step: &&Step| {
        !out.iter()
            .any(|own| own.owner == step.owner && own.number == step.number)
    };
    match steps.iter().find(unknown) {
        Some(step) => Err(Error::Newer(format!("{} {}", step.owner, step.number))),
        None => Ok(out),
    }
}

/// What was read besides the rows that were written.
#[derive(Default)]
pub(crate) struct Loaded {
    /// Rows written.
    pub(crate) rows: u64,
    /// Subjects with a key.
    pub(crate) subjects: HashSet<SubjectId>,
    /// Leaves that wait for a number.
    pub(crate) waiting: Vec<Entry>,
}

/// Writes every table of a file into one side of a store.
pub(crate) fn fill<R: BufRead>(db: &Db, side: Side, reader: &mut Reader<R>) -> Result<Loaded> {
    let held = db.read(|tx| match side {
        Side::Data => tx.tables(),
        Side::Keys => tx.keys().tables(),
    })?;
    let mut loaded = Loaded::default();
    while let Some(section) = reader.section()? {
        let fits = held.iter().any(|(table, columns)| {
            *table == section.table
                && columns.len() == section.columns.len()
                && columns
                    .iter()
                    .all(|column| section.columns.contains(column))
        });
        if !fits {
            return Err(Error::Damaged);
        }
        let subject = (section.table == SUBJECT_KEYS.0)
            .then(|| section.columns.iter().position(|c| c == SUBJECT_KEYS.1))
            .flatten();
        let mut batch = Vec::with_capacity(BATCH);
        while let Some(row) = reader.row()? {
            loaded.rows += 1;
            loaded
                .subjects
                .extend(subject.and_then(|at| row.get(at)).and_then(as_subject));
            if section.table == WAITING {
                loaded
                    .waiting
                    .push(entry(&section, &row).ok_or(Error::Damaged)?);
                continue;
            }
            batch.push(row);
            if batch.len() == BATCH {
                insert(db, side, &section, std::mem::take(&mut batch))?;
            }
        }
        insert(db, side, &section, batch)?;
    }
    Ok(loaded)
}

/// Writes rows of one table.
pub(crate) fn insert(db: &Db, side: Side, section: &Section, rows: Vec<Cells>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let places: Vec<String> = (1..=section.columns.len())
        .map(|n| format!("${n}"))
        .collect();
    let sql = format!(
        "INSERT INTO {} ({}) VALUES ({})",
        section.table,
        section.columns.join(", "),
        places.join(", ")
    );
    db.write(move |tx| {
        for row in &rows {
            let values: Vec<Value<'_>> = row.iter().map(Owned::value).collect();
            match side {
                Side::Data => tx.execute(&sql, &values)?,
                Side::Keys => tx.keys().execute(&sql, &values)?,
            };
        }
        Ok(())
    })
}

/// The leaves that waited for a number when the state was taken: numbered now, or waiting again.
pub(crate) fn log_waiting(db: &Db, ws: Workspace, waiting: Vec<Entry>) -> Result<()> {
    if waiting.is_empty() {
        return Ok(());
    }
    db.write(move |tx| -> Result<()> {
        ledger::append(tx, ws, &waiting)?;
        // Those whose record was erased while they waited were given to nobody: see `entry`.
        ledger::unlink_row(tx, ws, RecordId::nil())?;
        Ok(())
    })
}

fn entry(section: &Section, row: &[Owned]) -> Option<Entry> {
    let cell = |name: &str| {
        let at = section.columns.iter().position(|column| column == name)?;
        match row.get(at)? {
            Owned::Bytes(bytes) => Some(bytes.as_slice()),
            _ => None,
        }
    };
    let leaf = Leaf::read(cell("body")?)?;
    let is_change = leaf.state != NONE;
    let ciphertexts = cell("ciphertexts").map_or(Some(NONE), |bytes| bytes.try_into().ok())?;
    // A change must name its record; one that was unlinked names none, which is unlinked again.
    let record = match cell("row_id") {
        Some(bytes) => RecordId::from_bytes(bytes.try_into().ok()?),
        None => RecordId::nil(),
    };
    let (ids, _) = cell("subjects")?.as_chunks::<16>();
    Some(Entry {
        leaf: LeafDraft {
            time: leaf.time,
            actor: leaf.actor,
            session: leaf.session,
            action: leaf.action,
            decision: leaf.decision,
            purpose: leaf.purpose,
            policy: leaf.policy,
            table: leaf.table,
            fields: leaf.fields,
            outcome: leaf.outcome,
            subject: leaf.subject,
            state: is_change.then_some(RowState {
                hash: leaf.state,
                ciphertexts,
            }),
            detail: leaf.detail,
            request: leaf.request,
            ordinal: leaf.ordinal,
            count: leaf.count,
        },
        row: is_change.then_some(record),
        detail: cell("detail").map(<[u8]>::to_vec),
        subjects: ids.iter().map(|id| SubjectId::from_bytes(*id)).collect(),
    })
}

//! Who answers for the tables of the ground, and whether everything is answered for.

use std::sync::Arc;

use act::{Act, Erased, Holder};
use base::{Holds, RecordId, SubjectId, Table};
use store::params;

/// The holders of the log, the keys, workspaces, migrations, the list of backups and this crate's own
/// tables. They come last: the log unlinks the person while the key is still there, the keys go then.
#[must_use]
pub fn ground_holders() -> Vec<Arc<dyn Holder>> {
    vec![
        Arc::new(Log),
        Arc::new(Keys),
        Arc::new(Impersonal("act", act::TABLES)),
        Arc::new(Impersonal("store", STORE_TABLES)),
        Arc::new(Impersonal("retention", crate::TABLES)),
        Arc::new(backup::BackupList),
    ]
}

/// Every table and column of `tables` that no holder answers for, as `table` or `table.column`. A test
/// over the whole program says that there is none.
#[must_use]
pub fn uncovered(tables: &[(String, Vec<String>)], holders: &[Arc<dyn Holder>]) -> Vec<String> {
    let declared: Vec<Table> = holders.iter().flat_map(|holder| holder.tables()).collect();
    let mut out = Vec::new();
    for (name, columns) in tables {
        let Some(table) = declared.iter().find(|table| table.name == name) else {
            out.push(name.clone());
            continue;
        };
        let unknown = columns
            .iter()
            .filter(|column| !table.columns.iter().any(|(own, _)| own == column));
        out.extend(unknown.map(|column| format!("{name}.{column}")));
    }
    out
}

/// What the program's tables mean to a backup. `left_out` names those that mean nothing later:
/// sessions, links sent by mail, remembered requests.
#[must_use]
pub fn backup_contents(holders: &[Arc<dyn Holder>], left_out: &[&'static str]) -> backup::Contents {
    let mut tables: Vec<Table> = holders.iter().flat_map(|holder| holder.tables()).collect();
    for holder in ground_holders() {
        tables.extend(holder.tables());
    }
    backup::Contents {
        tables,
        left_out: left_out.to_vec(),
        united: vec![
            ("key_tombstone", 2),
            ("erasure", 2),
            ("suppression", 3),
            ("suppression_lift", 2),
        ],
    }
}

const STORE_TABLES: &[Table] = &[
    Table {
        name: "migration",
        columns: STEPS,
        on_erasure: "nothing: steps of the schema",
    },
    Table {
        name: "key_migration",
        columns: STEPS,
        on_erasure: "nothing: steps of the schema",
    },
];

const STEPS: &[base::Column] = &[
    ("owner", Holds::Impersonal),
    ("number", Holds::Impersonal),
    ("text", Holds::Impersonal),
];

fn erased(place: &'static str, what: &str, count: u64) -> Erased {
    Erased {
        place,
        what: what.to_owned(),
        count,
    }
}

/// Tables that are about no person.
struct Impersonal(&'static str, &'static [Table]);

impl Holder for Impersonal {
    fn name(&self) -> &'static str {
        self.0
    }

    fn tables(&self) -> Vec<Table> {
        self.1.to_vec()
    }

    fn plan_erasure(&self, _: &mut Act<'_, '_>, _: SubjectId) -> Result<Vec<Erased>, act::Error> {
        Ok(Vec::new())
    }

    fn erase(&self, _: &mut Act<'_, '_>, _: SubjectId) -> Result<Vec<Erased>, act::Error> {
        Ok(Vec::new())
    }

    fn remains(&self, _: &mut Act<'_, '_>, _: SubjectId) -> Result<u64, act::Error> {
        Ok(0)
    }
}

/// The log: its leaves stay, what leads from the person to them goes.
struct Log;

impl Log {
    const PLACE: &'static str = "leaf_subject";
    const WHAT: &'static str = "links from the person to the log";

    /// Links from a subject to leaves, those that wait for a number too.
    fn links(act: &mut Act<'_, '_>, subject: SubjectId) -> Result<u64, act::Error> {
        let ws = act.ws().number;
        let linked = act.tx().number(
            "SELECT COUNT(*) FROM leaf_subject WHERE ws = $1 AND subject = $2",
            params![ws, &subject],
        )?;
        let mut waiting = 0;
        act.tx().each(
            "SELECT subjects FROM log_pending WHERE ws = $1",
            params![ws],
            |row| {
                let (ids, _) = row.bytes(0)?.as_chunks::<16>();
                waiting += u64::from(ids.contains(subject.as_bytes()));
                Ok(true)
            },
        )?;
        Ok(linked.unsigned_abs() + waiting)
    }
}

impl Holder for Log {
    fn name(&self) -> &'static str {
        "ledger"
    }

    fn tables(&self) -> Vec<Table> {
        ledger::TABLES.to_vec()
    }

    fn plan_erasure(
        &self,
        act: &mut Act<'_, '_>,
        subject: SubjectId,
    ) -> Result<Vec<Erased>, act::Error> {
        let links = Self::links(act, subject)?;
        Ok(vec![erased(Self::PLACE, Self::WHAT, links)])
    }

    fn erase(&self, act: &mut Act<'_, '_>, subject: SubjectId) -> Result<Vec<Erased>, act::Error> {
        let ws = act.ws();
        let unlinked = ledger::unlink_subject(act.tx(), ws, subject)?;
        act.count_unlinked(unlinked.rows);
        Ok(vec![erased(Self::PLACE, Self::WHAT, unlinked.subjects)])
    }

    fn remains(&self, act: &mut Act<'_, '_>, subject: SubjectId) -> Result<u64, act::Error> {
        let (ws, own): (_, RecordId) = (act.ws().number, subject.cast());
        let rows = act.tx().number(
            "SELECT (SELECT COUNT(*) FROM leaf_row WHERE ws = $1 AND row_id = $2)
                  + (SELECT COUNT(*) FROM log_pending WHERE ws = $1 AND row_id = $2)",
            params![ws, &own],
        )?;
        Ok(Self::links(act, subject)? + rows.unsigned_abs())
    }
}

/// The keys: what a person's key sealed ends with it.
struct Keys;

impl Keys {
    fn count(act: &mut Act<'_, '_>, subject: SubjectId) -> Result<u64, act::Error> {
        let ws = act.ws().number;
        let count = act.tx().keys().number(
            "SELECT COUNT(*) FROM key_subject WHERE ws = $1 AND subject = $2",
            params![ws, &subject],
        )?;
        Ok(count.unsigned_abs())
    }
}

impl Holder for Keys {
    fn name(&self) -> &'static str {
        "vault"
    }

    fn tables(&self) -> Vec<Table> {
        vault::TABLES.to_vec()
    }

    fn plan_erasure(
        &self,
        act: &mut Act<'_, '_>,
        subject: SubjectId,
    ) -> Result<Vec<Erased>, act::Error> {
        let keys = Self::count(act, subject)?;
        Ok(vec![erased("key_subject", "the person's key", keys)])
    }

    fn erase(&self, act: &mut Act<'_, '_>, subject: SubjectId) -> Result<Vec<Erased>, act::Error> {
        let keys = Self::count(act, subject)?;
        let (now, vault) = (act.now(), act.vault().clone());
        vault.shred(act.tx(), subject, now)?;
        act.after_commit(move || vault.forget(subject));
        Ok(vec![erased("key_subject", "the person's key", keys)])
    }

    fn remains(&self, act: &mut Act<'_, '_>, subject: SubjectId) -> Result<u64, act::Error> {
        Self::count(act, subject)
    }
}

//! The list of known backups, and who answers for it.

use act::{Act, Erased, Holder};
use base::{Holds, SubjectId, Table};
use store::{Migration, Side, Value};

use crate::Result;

/// The list of backups.
pub const MIGRATIONS: &[Migration] = &[Migration {
    owner: "backup",
    number: 1,
    side: Side::Keys,
    sql: include_str!("../migrations/0001_backup.sql"),
}];

/// What it holds.
pub const TABLES: &[Table] = &[Table {
    name: "key_backup",
    columns: &[
        ("ws", Holds::Reference),
        ("id", Holds::Reference),
        ("made_at", Holds::Impersonal),
        ("keys_path", Holds::Impersonal),
        ("is_written", Holds::Impersonal),
    ],
    on_erasure: "stays: names of files; the person's key is taken out of those that can be reached",
}];

/// Its tally.
pub const TALLIED: &[vault::Tallied] = &[vault::Tallied {
    table: &TABLES[0],
    side: Side::Keys,
}];

/// Changes the line of one backup.
pub(crate) fn change_line(
    act: &mut Act<'_, '_>,
    id: &[u8; 16],
    sql: &str,
    values: &[Value<'_>],
) -> Result<()> {
    let own = [Value::from(id)];
    let vault = act.vault();
    vault.tallied(act.tx(), &TALLIED[0], "id = $2", &own, |keys| {
        keys.execute(sql, values)?;
        Ok(())
    })
}

/// Answers for the list of backups, which is about no person.
#[derive(Debug, Clone, Copy, Default)]
pub struct BackupList;

impl Holder for BackupList {
    fn name(&self) -> &'static str {
        "backup"
    }

    fn tables(&self) -> Vec<Table> {
        TABLES.to_vec()
    }

    fn plan_erasure(
        &self,
        _: &mut Act<'_, '_>,
        _: SubjectId,
    ) -> std::result::Result<Vec<Erased>, act::Error> {
        Ok(Vec::new())
    }

    fn erase(
        &self,
        _: &mut Act<'_, '_>,
        _: SubjectId,
    ) -> std::result::Result<Vec<Erased>, act::Error> {
        Ok(Vec::new())
    }

    fn remains(&self, _: &mut Act<'_, '_>, _: SubjectId) -> std::result::Result<u64, act::Error> {
        Ok(0)
    }
}

//! Rows out: one snapshot of both stores into two files.

use std::io::Write;

use aws_lc_rs::digest::{SHA256, digest};
use base::Holds;
use store::{Side, Tx, params};

use crate::backups::Contents;
use crate::format::{Cells, FileKind, Header, Owned, Step, VERSION};
use crate::writer::Writer;
use crate::{Error, Result};

/// The lists of applied migrations: they are in the header, and made anew by a restore.
pub(crate) const STEP_LISTS: [&str; 2] = ["migration", "key_migration"];

impl Contents {
    /// The tables of one side that go into a backup, in the order they can be filled, with their
    /// columns. A table or column without an owner is refused: it would be missing later.
    pub(crate) fn chosen(&self, tx: &mut Tx<'_>) -> Result<Vec<(&'static str, Vec<String>)>> {
        let held = tx.tables()?;
        for (name, columns) in held.iter().filter(|(name, _)| !is_step_list(name)) {
            let declared = self.tables.iter().find(|table| table.name == name);
            let declared = declared.ok_or_else(|| Error::Undeclared(name.clone()))?;
            let unknown = |column: &&String| !declared.columns.iter().any(|(own, _)| own == column);
            if let Some(column) = columns.iter().find(unknown) {
                return Err(Error::Undeclared(format!("{name}.{column}")));
            }
        }
        let mut chosen = Vec::new();
        for table in &self.tables {
            let there = held.iter().find(|(name, _)| name == table.name);
            let twice = chosen.iter().any(|(name, _)| *name == table.name);
            match there {
                Some((name, columns)) if !twice && !self.leaves_out(name) => {
                    chosen.push((table.name, columns.clone()));
                }
                _ => {}
            }
        }
        Ok(chosen)
    }

    /// Whether a table is derived from others, or means nothing later.
    fn leaves_out(&self, name: &str) -> bool {
        is_step_list(name) || self.left_out.contains(&name) || self.derived().contains(&name)
    }

    /// The tables that are derived from others: made anew by a restore, and emptied in replaced data.
    pub(crate) fn derived(&self) -> Vec<&'static str> {
        let is_derived = |table: &&base::Table| {
            table
                .columns
                .iter()
                .any(|(_, holds)| *holds == Holds::Derived)
        };
        self.tables
            .iter()
            .filter(is_derived)
            .map(|table| table.name)
            .collect()
    }
}

pub(crate) fn is_step_list(name: &str) -> bool {
    STEP_LISTS.contains(&name)
}

/// The steps of the schema that were applied to one side.
pub(crate) fn steps(tx: &mut Tx<'_>, side: Side) -> Result<Vec<Step>> {
    let list = match side {
        Side::Data => STEP_LISTS[0],
        Side::Keys => STEP_LISTS[1],
    };
    let sql = format!("SELECT owner, number, text FROM {list} ORDER BY owner, number");
    Ok(tx.rows(&sql, &[], |row| {
        Ok(Step {
            owner: row.get(0)?,
            number: row.get(1)?,
            text: text_hash(&row.get::<String>(2)?),
        })
    })?)
}

pub(crate) fn text_hash(text: &str) -> String {
    base::hex(digest(&SHA256, text.as_bytes()).as_ref())
}

/// The header of one of the two files.
pub(crate) fn header(
    tx: &mut Tx<'_>,
    kind: FileKind,
    ws: base::Workspace,
    backup: [u8; 16],
    made: base::Timestamp,
) -> Result<Header> {
    let head = ledger::head(tx, ws)?;
    let steps = match kind {
        FileKind::Data => steps(tx, Side::Data)?,
        FileKind::Keys => steps(&mut tx.keys(), Side::Keys)?,
    };
    Ok(Header {
        version: VERSION,
        kind,
        backup: base::hex(&backup),
        workspace_number: ws.number,
        workspace: ws.id.to_string(),
        made: made.micros(),
        steps,
        log_size: head.size,
        log_root: base::hex(&head.root),
    })
}

/// Writes every chosen table of the store this transaction speaks to. Gives the number of rows.
pub(crate) fn tables<W: Write>(
    tx: &mut Tx<'_>,
    ws: i64,
    contents: &Contents,
    out: &mut Writer<W>,
) -> Result<u64> {
    let mut rows = 0;
    for (table, columns) in contents.chosen(tx)? {
        out.table(table, &columns)?;
        let sql = format!("SELECT {} FROM {table} WHERE ws = $1", columns.join(", "));
        let mut failed = None;
        tx.each(&sql, params![ws], |row| {
            let mut write = || -> Result<()> {
                out.begin_row()?;
                for at in 0..columns.len() {
                    out.cell(row.cell(at)?)?;
                }
                Ok(())
            };
            failed = write().err();
            Ok(failed.is_none())
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        rows += out.end_table()?;
    }
    Ok(rows)
}

/// All rows of a table of the key store.
pub(crate) fn rows_of(
    tx: &mut Tx<'_>,
    ws: i64,
    table: &str,
    columns: &[String],
) -> Result<Vec<Cells>> {
    let sql = format!("SELECT {} FROM {table} WHERE ws = $1", columns.join(", "));
    Ok(tx.rows(&sql, params![ws], |row| {
        (0..columns.len())
            .map(|at| row.cell(at).map(Owned::of))
            .collect::<store::Result<Cells>>()
    })?)
}

//! One key store out of two: the one of a key file and the one at the target.
//!
//! Must never do: keep a key of anybody that either of them has a tombstone for, or lose a tombstone,
//! a line of the journal of erasures or a fingerprint that either of them holds.

use std::collections::HashSet;
use std::sync::Arc;

use base::{SubjectId, Workspace};
use store::{Db, Side, Value, archive, params};
use vault::Vault;

use crate::forget::SUBJECT_KEYS;
use crate::format::{Cells, Owned, Section, Step};
use crate::restore::{KeysFrom, Restore, wrong_root};
use crate::write::{rows_of, steps};
use crate::{Error, Result, load};

/// The steps of the key store at the target; `None` when there is none for anybody.
pub(crate) fn installed_steps(request: &Restore<'_>) -> Result<Option<Vec<Step>>> {
    let Some(installed) = archive::open_keys(request.target)? else {
        return Ok(None);
    };
    installed.read(|tx| {
        let there = tx
            .keys()
            .tables()?
            .iter()
            .any(|(table, _)| table == "key_root")
            && tx.keys().number("SELECT COUNT(*) FROM key_root", &[])? > 0;
        there.then(|| steps(&mut tx.keys(), Side::Keys)).transpose()
    })
}

/// Makes one key store of the file's, which the new store holds, and the target's.
pub(crate) fn unite(
    request: &Restore<'_>,
    ws: Workspace,
    db: &Db,
    from_file: &HashSet<SubjectId>,
    has_file: bool,
) -> Result<KeysFrom> {
    let mut keys_from = KeysFrom::File;
    if let Some(installed) = own_key_store(request, ws)? {
        let covered = installed.read(|tx| covers(tx, ws.number, from_file))?;
        if covered {
            take_over(request, ws, db, &installed)?;
            keys_from = KeysFrom::Target;
        } else {
            for (table, named_by) in &request.contents.united {
                replace_rows(ws, &installed, db, table, *named_by)?;
            }
        }
    } else if !has_file {
        return Err(Error::KeysMissing);
    }
    let (table, subject) = SUBJECT_KEYS;
    let sql = format!(
        "DELETE FROM {table} WHERE ws = $1 AND {subject} IN (SELECT subject FROM key_tombstone WHERE ws = $1)"
    );
    db.write(move |tx| tx.keys().execute(&sql, params![ws.number]))?;
    Ok(keys_from)
}

/// The key store at the target, when it is this organisation's; `None` when there is none at all.
fn own_key_store(request: &Restore<'_>, ws: Workspace) -> Result<Option<Db>> {
    let Some(installed) = archive::open_keys(request.target)? else {
        return Ok(None);
    };
    let (own, others) = installed.read(|tx| -> Result<_> {
        if !tx
            .keys()
            .tables()?
            .iter()
            .any(|(table, _)| table == "key_root")
        {
            return Ok((None, 0));
        }
        let sql = "SELECT COUNT(*) FROM key_root WHERE ws <> $1";
        let others = tx.keys().number(sql, params![ws.number])?;
        Ok((Vault::root_id(tx, ws)?, others))
    })?;
    let Some(asked) = own else {
        return if others == 0 {
            Ok(None)
        } else {
            Err(Error::Foreign)
        };
    };
    let provider = request
        .providers
        .iter()
        .find(|provider| provider.key_id() == asked)
        .ok_or_else(|| wrong_root(asked, request.providers))?;
    // The keys are bound to the workspace's id: another organisation's do not open under this one's.
    let opens = installed.read(|tx| Vault::open(tx, Arc::clone(provider), ws));
    if others > 0 || opens.is_err() {
        return Err(Error::Foreign);
    }
    Ok(Some(installed))
}

/// Whether a key store knows a key or a tombstone for each of these subjects.
fn covers(tx: &mut store::Tx<'_>, ws: i64, wanted: &HashSet<SubjectId>) -> Result<bool> {
    let (table, subject) = SUBJECT_KEYS;
    let mut missing = wanted.clone();
    let sql = format!(
        "SELECT {subject} FROM {table} WHERE ws = $1 UNION SELECT subject FROM key_tombstone WHERE ws = $1"
    );
    tx.keys().each(&sql, params![ws], |row| {
        missing.remove(&row.get(0)?);
        Ok(true)
    })?;
    Ok(missing.is_empty())
}

/// Replaces the file's key store by the target's, but for the rows that are united.
fn take_over(request: &Restore<'_>, ws: Workspace, db: &Db, installed: &Db) -> Result<()> {
    let tables: Vec<&'static str> = installed
        .read(|tx| request.contents.chosen(&mut tx.keys()))?
        .into_iter()
        .map(|(table, _)| table)
        .collect();
    for table in tables.iter().rev() {
        let united = request
            .contents
            .united
            .iter()
            .find(|(name, _)| name == table);
        if united.is_none() {
            let sql = format!("DELETE FROM {table} WHERE ws = $1");
            db.write(move |tx| tx.keys().execute(&sql, params![ws.number]))?;
        }
    }
    for table in tables {
        match request
            .contents
            .united
            .iter()
            .find(|(name, _)| *name == table)
        {
            // Of a row that both have, the target's is the later one.
            Some((_, named_by)) => replace_rows(ws, installed, db, table, *named_by)?,
            None => replace_rows(ws, installed, db, table, 0)?,
        }
    }
    Ok(())
}

/// Copies the rows of a table of the key store. A row that bears the same name, which is in the first
/// `named_by` columns, goes before; with 0 there is none.
fn replace_rows(
    ws: Workspace,
    from: &Db,
    to: &Db,
    table: &'static str,
    named_by: usize,
) -> Result<()> {
    let tables = from.read(|tx| tx.keys().tables())?;
    let Some((_, columns)) = tables.into_iter().find(|(name, _)| name == table) else {
        return Ok(());
    };
    let rows = from.read(|tx| rows_of(&mut tx.keys(), ws.number, table, &columns))?;
    let same: Vec<String> = columns[..named_by.min(columns.len())]
        .iter()
        .zip(1..)
        .map(|(column, n)| format!("{column} = ${n}"))
        .collect();
    let sql = format!("DELETE FROM {table} WHERE {}", same.join(" AND "));
    if named_by > 0 {
        let names: Vec<Cells> = rows
            .iter()
            .map(|row| row[..named_by.min(row.len())].to_vec())
            .collect();
        to.write(move |tx| -> Result<()> {
            for name in &names {
                let values: Vec<Value<'_>> = name.iter().map(Owned::value).collect();
                tx.keys().execute(&sql, &values)?;
            }
            Ok(())
        })?;
    }
    let section = Section {
        table: table.to_owned(),
        columns,
    };
    load::insert(to, Side::Keys, &section, rows)
}

//! Rows that carry a MAC: how they are written, read and held against it.
//!
//! The MAC ([`Vault::row_mac`]) is over every other column in the order of [`Kept::COLUMNS`]. It shows
//! that a row was written by this program as it stands. That a row was deleted, or an older state of it
//! put back, shows in the tally of its table: passwords, links and tokens have one. Sessions and counters
//! of attempts change with every request and have none: a session that is deleted is signed out, one
//! put back ends at its old time or epoch, and a counter set back leaves the others that count.
//!
//! A change is written only where the row still bears the MAC that was read, so two who change the
//! same row at once cannot overwrite each other.

use act::Act;
use store::{Row, Value, params};
use vault::{Tallied, Vault};

use crate::{Error, Result};

/// A row of one of this crate's tables.
pub(crate) trait Kept: Sized {
    /// The table.
    const TABLE: &'static str;
    /// Every column but `ws` and `mac`, those of the primary key first.
    const COLUMNS: &'static [&'static str];
    /// How many of them belong to the primary key.
    const KEY: usize;
    /// The tally of its table, where it has one.
    const TALLY: Option<Tallied> = None;

    /// The cells, in the order of the columns.
    fn values(&self) -> Vec<Value<'_>>;

    /// The row read back, from the same order.
    fn from_row(row: &Row<'_>) -> store::Result<Self>;
}

/// A row as it was read, with the MAC it bore.
#[derive(Debug, Clone)]
pub(crate) struct Held<T> {
    pub row: T,
    mac: [u8; 32],
}

/// Writes a new row; `false` when its key is taken.
pub(crate) fn insert<T: Kept>(act: &mut Act<'_, '_>, row: &T) -> Result<bool> {
    let ws = act.ws();
    let values = row.values();
    let mac = act.vault().row_mac(T::TABLE, &values)?;
    let places: Vec<String> = (1..=values.len() + 2).map(|n| format!("${n}")).collect();
    let sql = format!(
        "INSERT INTO {} (ws, {}, mac) VALUES ({}) ON CONFLICT DO NOTHING",
        T::TABLE,
        T::COLUMNS.join(", "),
        places.join(", ")
    );
    let mut all = vec![Value::from(ws.number)];
    all.extend_from_slice(&values);
    all.push(Value::from(&mac));
    Ok(execute::<T>(act, &own::<T>(), &values[..T::KEY], &sql, &all)? == 1)
}

/// Writes the changed row of `held`; `false` when somebody else changed or deleted it since.
pub(crate) fn replace<T: Kept>(act: &mut Act<'_, '_>, held: &Held<T>) -> Result<bool> {
    let ws = act.ws();
    let values = held.row.values();
    let mac = act.vault().row_mac(T::TABLE, &values)?;
    let mut all = vec![Value::from(ws.number)];
    all.extend_from_slice(&values);
    all.push(Value::from(&mac));
    all.push(Value::from(&held.mac));
    let numbered = |(position, column): (usize, &&str)| format!("{column} = ${}", position + 2);
    let columns: Vec<String> = T::COLUMNS.iter().enumerate().map(numbered).collect();
    let (key, rest) = columns.split_at(T::KEY);
    let sql = format!(
        "UPDATE {} SET {}, mac = ${} WHERE ws = $1 AND {} AND mac = ${}",
        T::TABLE,
        rest.join(", "),
        values.len() + 2,
        key.join(" AND "),
        values.len() + 3,
    );
    Ok(execute::<T>(act, &own::<T>(), &values[..T::KEY], &sql, &all)? == 1)
}

/// Deletes the rows of this workspace that a condition over `$2` and further holds for; says how many.
pub(crate) fn delete<T: Kept>(
    act: &mut Act<'_, '_>,
    condition: &str,
    values: &[Value<'_>],
) -> Result<u64> {
    let sql = format!("DELETE FROM {} WHERE ws = $1 AND ({condition})", T::TABLE);
    let mut all = vec![Value::from(act.ws().number)];
    all.extend_from_slice(values);
    execute::<T>(act, condition, values, &sql, &all)
}

/// Runs a statement that touches only the rows a condition holds for.
fn execute<T: Kept>(
    act: &mut Act<'_, '_>,
    condition: &str,
    values: &[Value<'_>],
    sql: &str,
    all: &[Value<'_>],
) -> Result<u64> {
    let vault = act.vault();
    match &T::TALLY {
        None => Ok(act.tx().execute(sql, all)?),
        Some(tally) => vault.tallied(act.tx(), tally, condition, values, |tx| {
            Ok(tx.execute(sql, all)?)
        }),
    }
}

/// The condition that holds for the row of one primary key.
fn own<T: Kept>() -> String {
    let named = |(position, column): (usize, &&str)| format!("{column} = ${}", position + 2);
    let columns: Vec<String> = T::COLUMNS[..T::KEY].iter().enumerate().map(named).collect();
    columns.join(" AND ")
}

/// The rows of this workspace that a condition over `$2` and further holds for, each held against
/// its MAC.
///
/// # Errors
/// [`Error::Tampered`].
pub(crate) fn find<T: Kept>(
    act: &mut Act<'_, '_>,
    condition: &str,
    values: &[Value<'_>],
) -> Result<Vec<Held<T>>> {
    let ws = act.ws();
    let sql = format!("{} AND {condition}", select::<T>());
    let mut all = vec![Value::from(ws.number)];
    all.extend_from_slice(values);
    let rows: Vec<Held<T>> = act.tx().rows(&sql, &all, held)?;
    for held in &rows {
        if !is_sound(act.vault(), held)? {
            return Err(Error::Tampered(T::TABLE));
        }
    }
    Ok(rows)
}

/// The one row that a condition holds for.
pub(crate) fn one<T: Kept>(
    act: &mut Act<'_, '_>,
    condition: &str,
    values: &[Value<'_>],
) -> Result<Option<Held<T>>> {
    Ok(find(act, condition, values)?.into_iter().next())
}

/// Counts the rows of a table, or says which one does not bear its MAC.
pub(crate) fn check<T: Kept>(act: &mut Act<'_, '_>) -> Result<std::result::Result<u64, String>> {
    let ws = act.ws();
    let vault = act.vault();
    let mut number: u64 = 0;
    let mut fault = None;
    let mut broken = None;
    let sql = format!(
        "{} ORDER BY {}",
        select::<T>(),
        T::COLUMNS[..T::KEY].join(", ")
    );
    act.tx().each(&sql, params![ws.number], |row| {
        number += 1;
        match held::<T>(row).map(|held| is_sound(vault, &held)) {
            Ok(Ok(true)) => return Ok(true),
            Ok(Ok(false)) => fault = Some("does not bear the program's MAC"),
            Ok(Err(error)) => broken = Some(error),
            Err(_) => fault = Some("has cells of another type than it must"),
        }
        Ok(false)
    })?;
    if let Some(error) = broken {
        return Err(error);
    }
    Ok(match fault {
        Some(what) => Err(format!("row {number} of the table {} {what}", T::TABLE)),
        None => Ok(number),
    })
}

fn select<T: Kept>() -> String {
    let columns = T::COLUMNS.join(", ");
    format!("SELECT {columns}, mac FROM {} WHERE ws = $1", T::TABLE)
}

fn held<T: Kept>(row: &Row<'_>) -> store::Result<Held<T>> {
    Ok(Held {
        row: T::from_row(row)?,
        mac: row.get(T::COLUMNS.len())?,
    })
}

fn is_sound<T: Kept>(vault: &Vault, held: &Held<T>) -> Result<bool> {
    Ok(vault.bears_mac(T::TABLE, &held.row.values(), &held.mac)?)
}

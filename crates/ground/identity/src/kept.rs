//! Rows that carry a MAC: how they are written, read and held against it.
//!
//! The MAC is HMAC-SHA-256 under the vault's key `session.mac` over "privet.row.1", the workspace's
//! id, the table's name and every other column in the order of [`Kept::COLUMNS`]. It shows that a row
//! was written by this program as it stands; it cannot show that a row was deleted or that an older
//! state of the same row was put back, which is why every row also expires or carries an epoch.
//!
//! A change is written only where the row still bears the MAC that was read, so two who change the
//! same row at once cannot overwrite each other.

use act::Act;
use aws_lc_rs::hmac;
use base::Workspace;
use store::{Row, Value, params};
use vault::{SESSION_MAC, Vault};

use crate::{Error, Result};

const LABEL: &[u8] = b"privet.row.1";

/// A row of one of this crate's tables.
pub(crate) trait Kept: Sized {
    /// The table.
    const TABLE: &'static str;
    /// Every column but `ws` and `mac`, those of the primary key first.
    const COLUMNS: &'static [&'static str];
    /// How many of them belong to the primary key.
    const KEY: usize;

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
    let mac = sign(act.vault(), ws, T::TABLE, &values)?;
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
    Ok(act.tx().execute(&sql, &all)? == 1)
}

/// Writes the changed row of `held`; `false` when somebody else changed or deleted it since.
pub(crate) fn replace<T: Kept>(act: &mut Act<'_, '_>, held: &Held<T>) -> Result<bool> {
    let ws = act.ws();
    let values = held.row.values();
    let mac = sign(act.vault(), ws, T::TABLE, &values)?;
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
    Ok(act.tx().execute(&sql, &all)? == 1)
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
        if !is_sound(act.vault(), ws, held)? {
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
        match held::<T>(row).map(|held| is_sound(vault, ws, &held)) {
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

fn is_sound<T: Kept>(vault: &Vault, ws: Workspace, held: &Held<T>) -> Result<bool> {
    let key = key(vault)?;
    let bound = bound(ws, T::TABLE, &held.row.values());
    Ok(hmac::verify(&key, &bound, &held.mac).is_ok())
}

fn sign(vault: &Vault, ws: Workspace, table: &str, values: &[Value<'_>]) -> Result<[u8; 32]> {
    let tag = hmac::sign(&key(vault)?, &bound(ws, table, values));
    let mut mac = [0; 32];
    mac.copy_from_slice(tag.as_ref());
    Ok(mac)
}

fn key(vault: &Vault) -> Result<hmac::Key> {
    let secret = vault.service_key(SESSION_MAC)?;
    Ok(hmac::Key::new(hmac::HMAC_SHA256, secret.expose()))
}

/// What the MAC is over: each part with its type and length, so that no two rows give the same bytes.
fn bound(ws: Workspace, table: &str, values: &[Value<'_>]) -> Vec<u8> {
    let mut out = LABEL.to_vec();
    push(&mut out, b'b', ws.id.as_bytes());
    push(&mut out, b'i', &ws.number.to_be_bytes());
    push(&mut out, b't', table.as_bytes());
    for value in values {
        match value {
            Value::Null => push(&mut out, b'n', &[]),
            Value::Int(number) => push(&mut out, b'i', &number.to_be_bytes()),
            Value::Real(number) => push(&mut out, b'r', &number.to_be_bytes()),
            Value::Text(text) => push(&mut out, b't', text.as_bytes()),
            Value::Bytes(bytes) => push(&mut out, b'b', bytes),
        }
    }
    out
}

fn push(out: &mut Vec<u8>, kind: u8, bytes: &[u8]) {
    out.push(kind);
    out.extend_from_slice(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use base::WorkspaceId;

    use super::*;

    #[test]
    fn no_two_rows_bind_the_same_bytes() {
        let ws = Workspace {
            number: 1,
            id: WorkspaceId::nil(),
        };
        let rows: [&[Value<'_>]; 6] = [
            &[Value::Text("ab"), Value::Text("c")],
            &[Value::Text("a"), Value::Text("bc")],
            &[Value::Bytes(b"ab"), Value::Text("c")],
            &[Value::Text("ab"), Value::Text("c"), Value::Null],
            &[Value::Null, Value::Int(0)],
            &[Value::Int(0), Value::Null],
        ];
        for (at, one) in rows.iter().enumerate() {
            for other in &rows[..at] {
                assert_ne!(bound(ws, "t", one), bound(ws, "t", other));
            }
            assert_ne!(bound(ws, "t", one), bound(ws, "u", one));
        }
    }
}

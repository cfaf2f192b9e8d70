//! A keyed MAC over one row, so that a row changed behind the program's back is refused and found.
//!
//! HMAC-SHA-256 under the service key `session.mac` over "privet.row.1", the workspace, the table's
//! name and the cells, each with its type and length. It shows that the program wrote the row as it
//! stands; it cannot show that a row was deleted, or that an older state of it was put back: where that
//! matters the table has a tally too, see `tally.rs`.

use aws_lc_rs::hmac;
use base::Workspace;
use store::{Cell, Value};

use crate::subject::array;
use crate::{Error, SESSION_MAC, Vault};

const LABEL: &[u8] = b"privet.row.1";

impl Vault {
    /// The MAC of a row: its cells in the order in which the table's owner declares them.
    ///
    /// # Errors
    /// [`Error::NoServiceKey`].
    pub fn row_mac(&self, table: &str, cells: &[Value<'_>]) -> Result<[u8; 32], Error> {
        let bound = bound(self.workspace(), table, cells);
        Ok(array(&hmac::sign(&self.mac_key()?, &bound)))
    }

    /// Whether a row bears its MAC. Compares in constant time.
    ///
    /// # Errors
    /// [`Error::NoServiceKey`].
    pub fn bears_mac(&self, table: &str, cells: &[Value<'_>], mac: &[u8]) -> Result<bool, Error> {
        let bound = bound(self.workspace(), table, cells);
        Ok(hmac::verify(&self.mac_key()?, &bound, mac).is_ok())
    }

    pub(crate) fn mac_key(&self) -> Result<hmac::Key, Error> {
        let secret = self.service_key(SESSION_MAC)?;
        Ok(hmac::Key::new(hmac::HMAC_SHA256, secret.expose()))
    }
}

/// What the MAC is over: each part with its type and length, so that no two rows give the same bytes.
fn bound(ws: Workspace, table: &str, cells: &[Value<'_>]) -> Vec<u8> {
    let mut out = begin(LABEL, ws, table);
    for value in cells {
        push_cell(
            &mut out,
            match *value {
                Value::Null => Cell::Null,
                Value::Int(number) => Cell::Int(number),
                Value::Real(number) => Cell::Real(number),
                Value::Text(text) => Cell::Text(text),
                Value::Bytes(bytes) => Cell::Bytes(bytes),
            },
        );
    }
    out
}

/// A label, the workspace and the table's name.
pub(crate) fn begin(label: &[u8], ws: Workspace, table: &str) -> Vec<u8> {
    let mut out = label.to_vec();
    push(&mut out, b'b', ws.id.as_bytes());
    push(&mut out, b'i', &ws.number.to_be_bytes());
    push(&mut out, b't', table.as_bytes());
    out
}

pub(crate) fn push_cell(out: &mut Vec<u8>, cell: Cell<'_>) {
    match cell {
        Cell::Null => push(out, b'n', &[]),
        Cell::Int(number) => push(out, b'i', &number.to_be_bytes()),
        Cell::Real(number) => push(out, b'r', &number.to_be_bytes()),
        Cell::Text(text) => push(out, b't', text.as_bytes()),
        Cell::Bytes(bytes) => push(out, b'b', bytes),
    }
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

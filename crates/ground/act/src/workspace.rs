//! The organisation a workspace belongs to.

use base::{Holds, Table, Timestamp, Workspace};
use store::{Migration, Side, Tx, params};

use crate::Error;

/// The table of workspaces.
pub const MIGRATIONS: &[Migration] = &[Migration {
    owner: "act",
    number: 1,
    side: Side::Data,
    sql: include_str!("../migrations/0001_workspace.sql"),
}];

/// What it holds.
pub const TABLES: &[Table] = &[Table {
    name: "workspace",
    columns: &[
        ("ws", Holds::Reference),
        ("id", Holds::Reference),
        ("name", Holds::Impersonal),
        ("country", Holds::Impersonal),
        ("created_at", Holds::Reference),
    ],
    on_erasure: "nothing: the name of an organisation and its country",
}];

/// Its tally.
pub const TALLIED: &[vault::Tallied] = &[vault::Tallied {
    table: &TABLES[0],
    side: Side::Data,
}];

/// One organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Its workspace.
    pub ws: Workspace,
    /// Its name.
    pub name: String,
    /// Where phone numbers without a country code are from: two letters of ISO 3166-1.
    pub country: String,
}

impl Organisation {
    /// Writes a new organisation.
    pub fn create(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Error> {
        tx.execute(
            "INSERT INTO workspace (ws, id, name, country, created_at) VALUES ($1, $2, $3, $4, $5)",
            params![self.ws.number, &self.ws.id, &self.name, &self.country, now],
        )?;
        Ok(())
    }

    /// The organisation with this number; `None` when there is none.
    pub fn load(tx: &mut Tx<'_>, number: i64) -> Result<Option<Self>, Error> {
        Ok(tx.row(
            "SELECT id, name, country FROM workspace WHERE ws = $1",
            params![number],
            |row| {
                Ok(Self {
                    ws: Workspace {
                        number,
                        id: row.get(0)?,
                    },
                    name: row.get(1)?,
                    country: row.get(2)?,
                })
            },
        )?)
    }
}

//! Where rows live: SQLite in a directory, or PostgreSQL, behind one small synchronous face.
//!
//! The only crate that names a database driver. One SQL text serves both engines: `$1` parameters,
//! the types `BIGINT`, `BYTEA`, `TEXT` and `DOUBLE PRECISION`, ids as 16 bytes, times as microseconds.
//! What differs between the engines is in [`sqlite`] and [`pg`] and nowhere else.
//!
//! **The closure is the transaction.** [`Db::write`] commits on `Ok` and rolls back on `Err` or panic;
//! when it returns `Ok` the change is on disk (`synchronous=FULL`). [`Db::read`] sees one snapshot.
//!
//! **Two stores, one transaction shape.** [`Tx::keys`] speaks to the key store, which is a database
//! file of its own (a schema of its own on PostgreSQL) with a backup life of its own. The key store
//! commits first: a key without data is harmless, data without its key must never exist.
//!
//! Must never do: know what a row means, open a ciphertext, or weaken durability for speed.
//! Start reading at [`Db`], then [`sqlite`].

pub mod archive;
mod db;
mod error;
mod migrate;
mod pg;
mod row;
mod sqlite;
#[cfg(feature = "testing")]
pub mod testing;
mod tx;
mod value;

pub use db::{Db, Engine, Location};
pub use error::Error;
pub use migrate::{Migration, Side, check_migrations};
pub use row::{FromCell, Row};
pub use sqlite::Footprint;
pub use tx::Tx;
pub use value::{Cell, Value};

/// The result of a statement.
pub type Result<T> = std::result::Result<T, Error>;

/// The parameters of one statement: `params![ws.number, &id, name]`.
#[macro_export]
macro_rules! params {
    () => { &[] as &[$crate::Value<'_>] };
    ($($value:expr),+ $(,)?) => { &[$($crate::Value::from($value)),+] as &[$crate::Value<'_>] };
}

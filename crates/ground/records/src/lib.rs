//! The record engine: kinds and fields as data, sealed documents, links, search. **The one door to
//! personal data**: no other code touches clear personal data on its way to or from storage.
//!
//! A record is a set of fields declared in a [`Schema`]. Each field's value is sealed on its own under
//! the key of the person it is about, so that access can open exactly what was granted and erasure can
//! end all of it at once. Blind indexes find what the disk cannot read; a [`names::Names`] index in
//! memory sorts and completes names, and nothing order-revealing reaches the disk.
//!
//! Every function here takes an [`act::Act`] and leaves a leaf. Must never do: put a clear personal
//! value into SQL, a log line or an error. Start reading at [`Records`] in `door.rs`.

mod change;
mod create;
mod document;
mod door;
mod error;
mod find;
mod fingerprint;
mod holder;
mod index;
mod list;
mod load;
pub mod names;
pub mod normalise;
mod open;
mod schema;
#[cfg(feature = "testing")]
pub mod testing;
mod value;
mod verify;
mod verify_kept;

pub use create::{Draft, Made};
pub use door::Records;
pub use error::Error;
pub use find::{Duplicate, Hit};
pub use fingerprint::Fingerprint;
pub use holder::TABLES;
pub use index::rebuild;
pub use list::{Condition, Page, Query, Sort};
pub use open::{Record, Shown};
pub use schema::{
    Field, FieldType, IndexHow, Kind, KindId, LinkKind, Schema, SchemaError, SubjectMode,
};
pub use value::{Address, Labelled, Origin, Source, Value};
pub use verify::{Checked, Finding};

/// The result of a record operation.
pub type Result<T> = std::result::Result<T, Error>;

/// The tables of the engine.
pub const MIGRATIONS: &[store::Migration] = &[
    step(1, include_str!("../migrations/0001_records.sql")),
    step(2, include_str!("../migrations/0002_row_macs.sql")),
];

const fn step(number: u32, sql: &'static str) -> store::Migration {
    store::Migration {
        owner: "records",
        number,
        side: store::Side::Data,
        sql,
    }
}

//! Backups: one consistent state of an installation as two sealed files, and the way back.
//!
//! FILE holds the data, FILE.keys the key store. They are apart because they live apart: data may be
//! kept for years, keys for [`KEYS_KEPT_DAYS`] days. Once a person is erased and the key files of that
//! time are gone, what any older FILE holds about the person cannot be read by anyone.
//!
//! Both are independent of the engine: what was written from SQLite is restored into PostgreSQL and
//! back, row for row, with the same root of the log. What is derived (search tokens) or means nothing
//! later (sessions, remembered requests) is left out. Nothing in a file is readable without the root
//! key, not even an id; its layout is written down in `format.rs`, the sealing in `stream.rs`.
//!
//! [`Backups`] writes, and takes the keys of erased people out of key files that can be reached.
//! [`restore`] checks every byte before it touches anything, builds a whole store beside the target,
//! lets the program finish it (erasures again, indexes, verification) and only then puts it in place.
//!
//! Must never do: write over a backup, bring back the key of somebody who was erased, or leave a
//! target half restored.

mod backups;
mod error;
mod forget;
mod format;
mod holder;
mod load;
mod reader;
mod restore;
mod stream;
#[cfg(feature = "testing")]
pub mod testing;
mod unite;
mod write;
mod writer;

pub use backups::{Backups, Contents, Written};
pub use error::Error;
pub use forget::{Cleared, Reached};
pub use format::{FileKind, Header, Step};
pub use holder::{BackupList, MIGRATIONS, TABLES, TALLIED};
pub use restore::{KeysFrom, Restore, Restored, check, restore};
pub use store::archive::{Replaced, finish_switch};

/// How long a key file may be kept: after that no copy of an erased person's key exists anywhere.
pub const KEYS_KEPT_DAYS: i64 = 7;

/// The result of a backup, a check or a restore.
pub type Result<T> = std::result::Result<T, Error>;

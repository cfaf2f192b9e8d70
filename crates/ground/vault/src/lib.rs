//! Keys, and what they seal: a key for each person, wrapped by the workspace's key, wrapped by a root
//! key that is never in the database. What a person's key sealed dies with it, in every backup too.
//!
//! ```text
//! root key (a sealed file, or another [`KeyProvider`])
//!  +- workspace key, versioned      wraps
//!  |   +- subject key, 81 bytes     seals fields, wraps record keys, commits the log
//!  +- index root, one or two        blind indexes
//!  +- service keys                  log signing, sessions, suppression, token pepper
//! ```
//!
//! Must never do: put a key or a clear value on disk, into an error or a log; choose a key by trying;
//! say why something did not open. Layouts are fixed: a change is a new format byte.
//!
//! Start reading at [`Vault`], then [`SubjectKey`], then the layouts in `seal.rs` and `wrapped.rs`.

#[cfg(feature = "bench-clear")]
pub mod bench_clear;
mod blind;
mod cache;
mod error;
mod file;
mod grant;
mod hierarchy;
mod holds;
mod padding;
mod provider;
mod record_key;
mod rotation;
mod row_mac;
mod seal;
mod secret;
mod sql;
mod subject;
mod tally;
mod vault;
mod wrapped;

pub use blind::{BlindIndex, Token};
pub use error::Error;
pub use file::{FileProvider, Stretch};
pub use grant::{Authority, Grant};
pub use hierarchy::{
    LOG_ED25519, LOG_MLDSA44, SERVICE_KEYS, SESSION_MAC, SUPPRESSION, TOKEN_PEPPER,
};
pub use holds::{MIGRATIONS, TABLES, TALLIED};
pub use provider::KeyProvider;
pub use record_key::RecordKey;
pub use rotation::MAX_WRAPS;
pub use seal::{OVERHEAD, Place};
pub use secret::Secret;
pub use subject::SubjectKey;
pub use tally::Tallied;
pub use vault::Vault;
pub use wrapped::WRAPPED_LEN;

/// The result of asking the vault.
pub type Result<T> = std::result::Result<T, Error>;

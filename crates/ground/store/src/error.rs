//! What can go wrong between the program and its rows.

use base::{Fault, FaultKind};

/// A statement, a transaction or a start that failed. No variant carries row values.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Another process holds the directory.
    #[error(
        "another privet process is using this data directory: stop it first, or speak to it over its address; nothing was changed"
    )]
    InUse,
    /// The SQLite library has a known defect that loses data.
    #[error(
        "this build links SQLite {0}, which can corrupt a write-ahead log (fixed in 3.44.6, 3.50.7, 3.51.3 and 3.53.0): use another build; nothing was touched"
    )]
    UnsafeSqlite(String),
    /// There is nothing at this place.
    #[error(
        "there is no Privet data here: make an installation with `privet init` or `privet demo`"
    )]
    Missing,
    /// There is something at this place already.
    #[error("there is Privet data here already: nothing was changed")]
    Exists,
    /// The disk has no room.
    #[error(
        "the disk is full: this change was not saved and everything saved before is kept; free some space and try again"
    )]
    Full,
    /// The disk failed under a commit; what is durable is no longer known.
    #[error(
        "the disk failed while saving: writing has stopped to protect what is there; check the disk, then restart"
    )]
    Stopped,
    /// A row with this key is there already.
    #[error("a row with this key exists already")]
    Duplicate,
    /// The database answered something else than was asked.
    #[error("the database refused a statement ({0}); nothing was changed")]
    Statement(String),
    /// A column had another type than the code expects.
    #[error(
        "column {column} holds {found}, not {wanted}: the data is damaged or newer than this program"
    )]
    Type {
        /// Position in the statement, from 0.
        column: usize,
        /// What the database holds.
        found: &'static str,
        /// What was asked for.
        wanted: &'static str,
    },
    /// A file of the data directory cannot be read or written.
    #[error("the data directory cannot be used ({0})")]
    Io(std::io::ErrorKind),
    /// The database server cannot be reached.
    #[error("the database server cannot be reached ({0}); nothing was changed")]
    Unreachable(String),
    /// The connection broke while a commit was under way.
    #[error(
        "the connection broke while saving: look whether the change is there before trying again"
    )]
    Unknown,
    /// A migration that was applied before has another text now.
    #[error(
        "migration {owner} {number} was applied with another text: this program does not fit this data; nothing was changed"
    )]
    Migration {
        /// The crate that owns it.
        owner: String,
        /// Its number there.
        number: i64,
    },
    /// The closure of a transaction panicked.
    #[error("a defect was met while saving: the change was taken back, nothing else was touched")]
    Panicked,
}

impl Fault for Error {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Duplicate => FaultKind::Conflict,
            Self::Full | Self::Stopped | Self::Unreachable(_) | Self::InUse | Self::Unknown => {
                FaultKind::Unavailable
            }
            _ => FaultKind::Broken,
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::StorageFull {
            return Self::Full;
        }
        Self::Io(error.kind())
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match error.sqlite_error_code() {
            Some(Code::DiskFull) => Self::Full,
            Some(Code::ConstraintViolation) => Self::Duplicate,
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => {
                Self::Statement("the file is damaged: restore a backup".into())
            }
            // Only SQLite's own words and codes, never bound values.
            _ => Self::Statement(error.to_string()),
        }
    }
}

impl From<postgres::Error> for Error {
    fn from(error: postgres::Error) -> Self {
        use postgres::error::SqlState;
        match error.as_db_error() {
            Some(db) if *db.code() == SqlState::UNIQUE_VIOLATION => Self::Duplicate,
            Some(db) if *db.code() == SqlState::DISK_FULL => Self::Full,
            // The message names relations and columns; `detail`, which may quote values, is left out.
            Some(db) => Self::Statement(format!("{}: {}", db.code().code(), db.message())),
            None if error.is_closed() => Self::Unreachable("the connection is closed".into()),
            None => Self::Unreachable(error.to_string()),
        }
    }
}

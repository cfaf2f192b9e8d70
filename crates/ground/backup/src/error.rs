//! What can go wrong with a backup or a restore, in sentences for whoever needs it most.

use base::{Fault, FaultKind};

/// A backup that was not written, or a restore that did not take place.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Store, keys, log or access.
    #[error(transparent)]
    Act(#[from] act::Error),
    /// The file is there already.
    #[error("{0} is there already: backups are never written over; nothing was changed")]
    Exists(&'static str),
    /// The name of the file is no text.
    #[error("the name of a backup file must be plain text; nothing was written")]
    Name,
    /// Another backup or erasure writes the same file.
    #[error(
        "another run is writing this backup file; nothing was changed: try again when it has ended"
    )]
    Busy,
    /// A file cannot be read or written.
    #[error("the backup file cannot be used ({0}); nothing was changed")]
    Io(std::io::ErrorKind),
    /// A table or column that nobody answers for.
    #[error(
        "nobody answers for {0}: it would be missing in the backup, so none was written; this is a defect of the program"
    )]
    Undeclared(String),
    /// The store holds more than one organisation.
    #[error(
        "this store holds several organisations, which one backup cannot hold; nothing was changed"
    )]
    Several,
    /// There is no such file.
    #[error("there is no backup file at the place given; nothing was touched")]
    Missing,
    /// The file is no backup of this kind.
    #[error("{0}: nothing was touched")]
    NotABackup(&'static str),
    /// A byte of the file is not what was written.
    #[error(
        "the backup is damaged or cut short: it was not used, and nothing was touched; take another copy of it"
    )]
    Damaged,
    /// The backup is sealed under another root key.
    #[error(
        "this backup is sealed under root key {asked}, and the key given is {given}: nothing was touched; give {asked} with --root-key"
    )]
    WrongRoot {
        /// The id of the key that is needed.
        asked: String,
        /// Those that were given.
        given: String,
    },
    /// There are no keys for the data.
    #[error(
        "the keys are missing: put the key file of this backup, or of a later one, beside it as FILE.keys, or restore into the place that still has its key store; nothing was touched"
    )]
    KeysMissing,
    /// The key file is of another organisation.
    #[error(
        "the key file belongs to another organisation than the backup: nothing was touched; give the key file that was written with it, or a later one"
    )]
    KeysForeign,
    /// The key file was written before the data.
    #[error(
        "the key file is older than the backup, so people who came in between could not be read: nothing was touched; give the key file that was written with it, or a later one"
    )]
    KeysTooOld,
    /// The target holds something else.
    #[error(
        "the place to restore into holds another organisation, or its key store cannot be opened: nothing was touched; give its root key, or restore into an empty place"
    )]
    Foreign,
    /// The program is older than the backup.
    #[error(
        "this backup was made by a newer program ({0}): nothing was touched; restore it with that one or a later one"
    )]
    Newer(String),
    /// What was restored is not what was backed up.
    #[error(
        "what was restored does not agree with the backup ({0}): the place to restore into was left as it was"
    )]
    Differs(&'static str),
    /// Erasing again, indexing or verifying failed.
    #[error(
        "the backup was read, but the restored data could not be made ready ({0}): the place to restore into was left as it was"
    )]
    Unfinished(String),
}

impl Fault for Error {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Act(error) => error.kind(),
            Self::Exists(_) | Self::Busy => FaultKind::Conflict,
            Self::Missing | Self::KeysMissing => FaultKind::Absent,
            Self::Io(_) => FaultKind::Unavailable,
            Self::Undeclared(_) | Self::Several | Self::Differs(_) | Self::Unfinished(_) => {
                FaultKind::Broken
            }
            _ => FaultKind::Invalid,
        }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Act(error.into())
    }
}

impl From<vault::Error> for Error {
    fn from(error: vault::Error) -> Self {
        Self::Act(error.into())
    }
}

impl From<ledger::Error> for Error {
    fn from(error: ledger::Error) -> Self {
        Self::Act(error.into())
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::Missing,
            std::io::ErrorKind::StorageFull => Self::Act(store::Error::Full.into()),
            other => Self::Io(other),
        }
    }
}

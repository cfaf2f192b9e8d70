//! What can go wrong with an erasure, in sentences for its reader.

use base::{Fault, FaultKind};

/// An erasure, plan, certificate or check that could not be completed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Store, keys, log or access.
    #[error(transparent)]
    Act(#[from] act::Error),
    /// The record engine refused.
    #[error(transparent)]
    Records(#[from] records::Error),
    /// A backup or key file could not be used.
    #[error(transparent)]
    Backup(#[from] backup::Error),
    /// There is no such person or other subject.
    #[error(
        "there is no such record, or it is about nobody who could be erased; nothing was changed"
    )]
    Absent,
    /// A holder did something else than it said it would.
    #[error(
        "the erasure would have done something else than its plan says, so nothing was changed: this is a defect of the program"
    )]
    PlanDiffers,
    /// The write-ahead log could not be emptied.
    #[error(
        "the person is erased; overwritten pages wait in the write-ahead log until a long read has ended, and the certificate follows when they are gone"
    )]
    ReaderInTheWay,
    /// Something of the person is found again.
    #[error(
        "the person is erased, but {0} entries were found afterwards, so no certificate was made: repeat the erasure"
    )]
    Remains(u64),
    /// The tombstone is not in the log yet.
    #[error(
        "the person is erased; the log has not numbered the tombstone yet, and the certificate follows when it has"
    )]
    NotNumbered,
    /// The log cannot be verified after a restore.
    #[error("what was restored does not pass verification: {0}")]
    Unverified(String),
    /// The journal holds what it cannot hold.
    #[error("the journal of erasures is damaged: nothing was changed; restore the key store")]
    Damaged,
    /// A text is no certificate, or not one of this log.
    #[error("this is no valid certificate of erasure: {0}")]
    Certificate(&'static str),
    /// The log's keys cannot sign.
    #[error(
        "the certificate could not be signed; the person is erased, and the certificate follows"
    )]
    Signing,
}

impl Fault for Error {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Act(error) => error.kind(),
            Self::Records(error) => error.kind(),
            Self::Backup(error) => error.kind(),
            Self::Absent => FaultKind::Absent,
            Self::ReaderInTheWay | Self::NotNumbered => FaultKind::Unavailable,
            Self::Certificate(_) => FaultKind::Invalid,
            _ => FaultKind::Broken,
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

//! What can go wrong with the log.

use base::{Fault, FaultKind};

/// An entry, a proof or a checkpoint that could not be made. Never carries what a leaf is about.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A caller's entry contradicts itself.
    #[error("a log entry was refused because {0}; nothing was written")]
    Entry(&'static str),
    /// A row of the log's own tables cannot be what the log wrote.
    #[error(
        "{0} of the log is damaged: nothing was written; verify the log to learn where, then restore a backup"
    )]
    Damaged(&'static str),
    /// A leaf or size that the log does not reach.
    #[error("the log has no leaf or size {asked}: it holds {size} leaves")]
    Beyond {
        /// The leaf or size asked for.
        asked: u64,
        /// How many leaves there are.
        size: u64,
    },
    /// The log is no continuation of what was signed before.
    #[error(
        "the log no longer agrees with what was signed before, so no new checkpoint was signed: verify the log to learn where, and keep a copy of it as evidence"
    )]
    Rewritten,
    /// Nothing was signed yet.
    #[error("no checkpoint of this log was signed yet: make one, then try again")]
    NoCheckpoint,
    /// The origin cannot be the name of a key.
    #[error("the name of a log may not be empty, longer than 255 bytes, or hold spaces or `+`")]
    Origin,
    /// The cryptographic library refused a key or a signature.
    #[error("the log's signing key cannot be used: nothing was signed")]
    Signing,
    /// A text is no verifier key.
    #[error("a verifier key looks like `name+0123abcd+base64`, of type Ed25519 or ML-DSA-44")]
    VerifierKey,
    /// A text is no inclusion proof or checkpoint.
    #[error("this is no complete checkpoint of the log: {0}")]
    Note(&'static str),
    /// The export could not be written.
    #[error("the export could not be written ({0}): delete the incomplete file")]
    Write(std::io::ErrorKind),
}

impl Fault for Error {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Beyond { .. } => FaultKind::Absent,
            Self::NoCheckpoint => FaultKind::Conflict,
            Self::Origin | Self::VerifierKey | Self::Note(_) => FaultKind::Invalid,
            Self::Write(_) => FaultKind::Unavailable,
            Self::Entry(_) | Self::Damaged(_) | Self::Rewritten | Self::Signing => {
                FaultKind::Broken
            }
        }
    }
}

//! What can go wrong with a record, in sentences for its reader.

use base::{Fault, FaultKind};

/// A record operation that could not be carried out. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Store, keys, log or access.
    #[error(transparent)]
    Act(#[from] act::Error),
    /// There is no such record, or it is not for this actor to know.
    #[error("there is no such record")]
    Absent,
    /// A value does not fit its field.
    #[error("{label}: {problem}")]
    Invalid {
        /// Name of the field.
        field: String,
        /// Its label.
        label: String,
        /// What is wrong and what would be right.
        problem: String,
    },
    /// The kind has no such field.
    #[error("there is no field \u{201c}{0}\u{201d} here")]
    UnknownField(String),
    /// The field is not for this role and purpose.
    #[error("{0} cannot be changed in this role and for this purpose; nothing was changed")]
    FieldRefused(String),
    /// A required field is missing.
    #[error("{0}")]
    Required(String),
    /// Somebody else changed the record in the meantime.
    #[error(
        "somebody else changed this record since you opened it (it is at revision {current} now); your change was not saved: look at the new state and repeat it"
    )]
    Changed {
        /// The present revision.
        current: u64,
    },
    /// Somebody like this was erased on request.
    #[error(
        "somebody like this was erased on request on {}; nothing was saved: say on what fresh basis they come back (consent, contract, own_request or legal_duty)", .since.rfc3339()
    )]
    Suppressed {
        /// When.
        since: base::Timestamp,
    },
    /// The same idempotency key was used for something else.
    #[error("this idempotency key was used for another request before; nothing was changed")]
    KeyReused,
    /// A sealed record does not have the form it must have.
    #[error(
        "a stored record is damaged; run `privet verify` to find it, and restore it from a backup"
    )]
    Damaged,
}

impl Fault for Error {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Act(error) => error.kind(),
            Self::Absent => FaultKind::Absent,
            Self::Invalid { .. } | Self::UnknownField(_) | Self::Required(_) => FaultKind::Invalid,
            Self::FieldRefused(_) => FaultKind::Refused,
            Self::Changed { .. } | Self::KeyReused | Self::Suppressed { .. } => FaultKind::Conflict,
            Self::Damaged => FaultKind::Broken,
        }
    }

    fn field(&self) -> Option<&str> {
        match self {
            Self::Invalid { field, .. } | Self::UnknownField(field) => Some(field),
            _ => None,
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

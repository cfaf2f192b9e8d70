//! What can go wrong in an act, whatever it is about.

use access::Refused;
use base::{Fault, FaultKind};

/// An act that could not be carried out. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store failed or refused.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A key is missing or a ciphertext is damaged.
    #[error(transparent)]
    Vault(#[from] vault::Error),
    /// The log could not take the leaf.
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
    /// A holder could not do its part.
    #[error("{0}")]
    Holder(String),
    /// Role or purpose do not cover it.
    #[error(transparent)]
    Refused(#[from] Refused),
}

impl Fault for Error {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Vault(error) => error.kind(),
            Self::Ledger(error) => error.kind(),
            Self::Refused(error) => error.kind(),
            Self::Holder(_) => FaultKind::Broken,
        }
    }
}

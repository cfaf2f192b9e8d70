//! What can go wrong with keys and sealed values.
//!
//! Must never do: say why a sealed value did not open. One answer for every malformed, moved or
//! altered input leaves nothing to learn from it.

use base::{Fault, FaultKind};

/// A key or a sealed value that cannot be used. Key ids are fingerprints and safe to show.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// A sealed value that was altered, cut, moved to another place, or belongs to another key.
    #[error(
        "a sealed value cannot be opened: it is damaged or not in its place; nothing was changed"
    )]
    Unreadable,
    /// The grant in hand does not cover the column.
    #[error("this was not granted for the purpose given: nothing was opened")]
    NotGranted,
    /// A wrapped key that does not open under the key above it, or opens to another key.
    #[error(
        "a wrapped key is damaged or belongs to another workspace key: nothing was opened; restore the key store"
    )]
    KeyDamaged,
    /// The subject was erased; its key is gone for ever.
    #[error("this person was erased: a key is never made for them again; nothing was changed")]
    Shredded,
    /// The subject has a key already.
    #[error("this person has a key already: nothing was changed")]
    SubjectExists,
    /// The subject has no key.
    #[error("this person has no key: nothing was changed")]
    NoSubject,
    /// The key store holds nothing for this workspace.
    #[error("the key store holds no keys for this workspace: restore it before anything else")]
    NoWorkspace,
    /// The key store holds keys for this workspace already.
    #[error("this workspace has its keys already: nothing was changed")]
    WorkspaceExists,
    /// The key store was written under another root key.
    #[error(
        "the keys of this workspace are wrapped by root key {asked}, but root key {given} was given: nothing was touched; give {asked}"
    )]
    WrongRoot {
        /// The key id that the key store asks for.
        asked: String,
        /// The key id of the key that was given.
        given: String,
    },
    /// A key of the workspace does not open although the root key bears the right id.
    #[error(
        "a key in the key store does not open under root key {root}: the key store is damaged; nothing was touched; restore it from its backup"
    )]
    StoreDamaged {
        /// The key id that the key store asks for.
        root: String,
    },
    /// No service key bears this name.
    #[error("there is no service key of this name in this workspace")]
    NoServiceKey,
    /// Two index generations exist already.
    #[error("an index rotation is under way: end it before the next one; nothing was changed")]
    RotationUnderWay,
    /// There is no older index generation to end, or a version that is still in use.
    #[error("there is no rotation to end: nothing was changed")]
    NoRotation,
    /// There is no root key file.
    #[error(
        "there is no root key file at the place given: nothing was touched; give the file whose key id the key store asks for"
    )]
    RootMissing,
    /// There is a file already; it is never written over.
    #[error("there is a file at the place given for the root key: it was left as it is")]
    RootExists,
    /// Others than the owner may read or write the file.
    #[error(
        "the root key file is open to others than its owner: it was not used; set its mode to 0600, and treat the key as seen"
    )]
    RootOpenToOthers,
    /// The file is not a root key file, is cut, or was altered.
    #[error(
        "the root key file is damaged or is no root key file: it was not used; take it from its backup"
    )]
    RootDamaged,
    /// The key is sealed and no passphrase was given.
    #[error("root key {key_id} is sealed: give its passphrase; nothing was touched")]
    PassphraseNeeded {
        /// The key id in the file.
        key_id: String,
    },
    /// The passphrase does not open the key.
    #[error("the passphrase does not open root key {key_id}: nothing was touched; try again")]
    PassphraseWrong {
        /// The key id in the file.
        key_id: String,
    },
    /// A passphrase was given for a key that lies in the file unsealed.
    #[error(
        "root key {key_id} is not sealed by a passphrase, though one was given: nothing was touched; open it without, or make a sealed key and rotate to it"
    )]
    PassphraseNotNeeded {
        /// The key id in the file.
        key_id: String,
    },
    /// The passphrase cannot be stretched with these parameters.
    #[error(
        "the parameters for the passphrase cannot be used on this machine (too little memory, or out of range); nothing was changed"
    )]
    Stretch,
    /// The key file cannot be read or written.
    #[error("the root key file cannot be used ({0})")]
    Io(std::io::ErrorKind),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Fault for Error {
    fn kind(&self) -> FaultKind {
        match self {
            Self::NotGranted => FaultKind::Refused,
            Self::NoSubject => FaultKind::Absent,
            Self::Shredded
            | Self::SubjectExists
            | Self::WorkspaceExists
            | Self::RotationUnderWay
            | Self::NoRotation
            | Self::RootExists => FaultKind::Conflict,
            Self::PassphraseNeeded { .. }
            | Self::PassphraseWrong { .. }
            | Self::PassphraseNotNeeded { .. } => FaultKind::Invalid,
            Self::Store(error) => error.kind(),
            _ => FaultKind::Broken,
        }
    }
}

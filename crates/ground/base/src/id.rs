//! Ids: UUIDs of version 7, one type for each noun so that they cannot be mixed up.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use uuid::Uuid;

use crate::{Clock, Rng, Timestamp};

/// The nouns that ids name.
pub mod kind {
    /// See [`super::WorkspaceId`].
    pub enum Workspace {}
    /// See [`super::SubjectId`].
    pub enum Subject {}
    /// See [`super::RecordId`].
    pub enum Record {}
    /// See [`super::ActorId`].
    pub enum Actor {}
    /// See [`super::RequestId`].
    pub enum Request {}
}

/// One organisation's data, keys and log.
pub type WorkspaceId = Id<kind::Workspace>;
/// A workspace as statements and cryptography know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// The small number every primary key starts with.
    pub number: i64,
    /// The id every ciphertext, key and leaf is bound to.
    pub id: WorkspaceId,
}

/// A living person whose data is held, or the pseudo-subject of a record about no person.
pub type SubjectId = Id<kind::Subject>;
/// One contact, company, note or other record.
pub type RecordId = Id<kind::Record>;
/// Who acts: user, API token, subject or system job.
pub type ActorId = Id<kind::Actor>;
/// One request from outside, or one run of a job.
pub type RequestId = Id<kind::Request>;

/// A typed id of 16 bytes. Sorts by the time it was made.
pub struct Id<K>(Uuid, PhantomData<fn() -> K>);

impl<K> Id<K> {
    /// A new id of this instant: RFC 9562 section 5.7, 48 bits of milliseconds and 74 random bits.
    pub fn new(clock: &dyn Clock, rng: &dyn Rng) -> Self {
        Self::at(clock.now(), rng)
    }

    /// A new id of a given instant.
    pub fn at(at: Timestamp, rng: &dyn Rng) -> Self {
        let millis = u64::try_from(at.millis()).unwrap_or(0);
        let random: [u8; 10] = rng.bytes();
        Self::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// The id with exactly these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes), PhantomData)
    }

    /// The 16 bytes, as stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The same 16 bytes read as the id of another noun: a person's record id is also its subject id.
    #[must_use]
    pub const fn cast<T>(self) -> Id<T> {
        Id(self.0, PhantomData)
    }

    /// The id with all bytes zero: "nobody", "none". Never made by [`Id::new`].
    #[must_use]
    pub const fn nil() -> Self {
        Self(Uuid::nil(), PhantomData)
    }

    /// Whether this is [`Id::nil`].
    #[must_use]
    pub const fn is_nil(&self) -> bool {
        self.0.is_nil()
    }

    const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The text is no id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id looks like 01939f4e-7c1a-7000-8000-0123456789ab")]
pub struct ParseIdError;

impl<K> FromStr for Id<K> {
    type Err = ParseIdError;
    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        Uuid::try_parse(text)
            .map(Self::from_uuid)
            .map_err(|_| ParseIdError)
    }
}

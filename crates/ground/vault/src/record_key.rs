//! The key of a record about several people, such as a mail. It is wrapped once under each person's
//! key: erasing one of them takes that wrap, and the record lives while another remains.

use std::fmt;

use base::{RecordId, Rng, SubjectId, WorkspaceId};
use zeroize::Zeroizing;

use crate::seal::FieldKey;
use crate::wrapped::{self, WRAPPED_LEN, aead};
use crate::{Error, Grant, Place, Secret, SubjectKey};

/// Generation in the header of what a record key sealed: none of a subject's generations.
const NO_GENERATION: u32 = 0;

/// Seals the body of one record. Its places have the nil subject.
pub struct RecordKey {
    secret: Secret,
    field: FieldKey,
}

impl RecordKey {
    /// A new random key.
    #[must_use]
    pub fn generate(rng: &dyn Rng) -> Self {
        Self::of(Secret::random(rng))
    }

    fn of(secret: Secret) -> Self {
        Self {
            field: FieldKey::of(&secret, NO_GENERATION),
            secret,
        }
    }

    /// Wraps this key for one of the people the record is about: 81 bytes under HKDF(SDK, "wrap"),
    /// bound to "privet/rck/1" | workspace | record | subject | generation.
    #[must_use]
    pub fn wrap_for(&self, key: &SubjectKey, record: RecordId, rng: &dyn Rng) -> [u8; WRAPPED_LEN] {
        let (generation, secret) = key.newest_secret();
        let wrapper = aead(&secret.derive(&[b"wrap"]));
        let aad = bound(key.workspace(), record, key.subject(), generation);
        wrapped::wrap(&wrapper, generation, &aad, &self.secret, rng)
    }

    /// Opens what [`RecordKey::wrap_for`] made for the same person and record.
    ///
    /// # Errors
    /// [`Error::Unreadable`] for whatever is wrong with it.
    pub fn unwrap(key: &SubjectKey, record: RecordId, wrapped: &[u8]) -> Result<Self, Error> {
        let generation = wrapped::version(wrapped).map_err(|_| Error::Unreadable)?;
        let secret = key.secret_of(generation).ok_or(Error::Unreadable)?;
        let wrapper = aead(&secret.derive(&[b"wrap"]));
        let aad = bound(key.workspace(), record, key.subject(), generation);
        wrapped::unwrap(&wrapper, &aad, wrapped)
            .map(Self::of)
            .map_err(|_| Error::Unreadable)
    }

    /// Seals a value for its place.
    #[must_use]
    pub fn seal(&self, place: Place, plaintext: &[u8], rng: &dyn Rng) -> Vec<u8> {
        let mut out = Vec::new();
        self.seal_into(&mut out, place, plaintext, rng);
        out
    }

    /// Appends the sealed value to `out`.
    pub fn seal_into(&self, out: &mut Vec<u8>, place: Place, plaintext: &[u8], rng: &dyn Rng) {
        self.field.seal_into(out, &place, plaintext, rng);
    }

    /// Opens a value in its place.
    ///
    /// # Errors
    /// [`Error::NotGranted`], [`Error::Unreadable`].
    pub fn open(
        &self,
        grant: &Grant,
        place: Place,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        place.granted(grant)?;
        self.field.open(&place, sealed)
    }
}

fn bound(ws: WorkspaceId, record: RecordId, subject: SubjectId, generation: u32) -> Vec<u8> {
    [
        b"privet/rck/1".as_slice(),
        ws.as_bytes(),
        record.as_bytes(),
        subject.as_bytes(),
        &generation.to_be_bytes(),
    ]
    .concat()
}

impl fmt::Debug for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordKey(..)")
    }
}

//! A person's key: seals and opens what is held about them, and commits the log to it. Once it is
//! shredded, all of that is gone.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use base::{Rng, SubjectId, WorkspaceId};
use zeroize::Zeroizing;

use crate::seal::{FieldKey, generation};
use crate::{Error, Grant, Place, Secret};

/// The key of one subject, in all its generations. Cheap to clone; zeroed with the last clone.
#[derive(Clone)]
pub struct SubjectKey(Arc<Inner>);

struct Inner {
    ws: WorkspaceId,
    subject: SubjectId,
    /// Ascending, at least one. The last seals; each opens what it sealed.
    generations: Vec<Generation>,
    audit: Secret,
}

struct Generation {
    secret: Secret,
    field: FieldKey,
}

impl SubjectKey {
    /// `secrets` are the generations in ascending order; `None` when there are none.
    pub(crate) fn of(
        ws: WorkspaceId,
        subject: SubjectId,
        secrets: Vec<(u32, Secret)>,
    ) -> Option<Self> {
        // The first generation commits for ever, so that a rotation leaves old leaves verifiable.
        let audit = secrets.first()?.1.derive(&[b"audit"]);
        let generations = secrets
            .into_iter()
            .map(|(number, secret)| Generation {
                field: FieldKey::of(&secret, number),
                secret,
            })
            .collect();
        Some(Self(Arc::new(Inner {
            ws,
            subject,
            generations,
            audit,
        })))
    }

    /// Whose key this is.
    #[must_use]
    pub fn subject(&self) -> SubjectId {
        self.0.subject
    }

    /// The workspace it belongs to.
    #[must_use]
    pub fn workspace(&self) -> WorkspaceId {
        self.0.ws
    }

    /// The generation that seals, from 1.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.newest().field.generation()
    }

    /// Whether a value was sealed by an older generation and waits to be sealed anew.
    #[must_use]
    pub fn is_old(&self, sealed: &[u8]) -> bool {
        generation(sealed).is_ok_and(|sealed_by| sealed_by < self.generation())
    }

    /// Whether a value claims to be sealed by a generation that this key does not have yet: another
    /// process rotated it. Then [`crate::Vault::forget`] the subject and ask again.
    #[must_use]
    pub fn is_behind(&self, sealed: &[u8]) -> bool {
        generation(sealed).is_ok_and(|sealed_by| sealed_by > self.generation())
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
        debug_assert!(
            place.subject == self.0.subject && place.ws == self.0.ws,
            "a subject's key seals that subject's fields"
        );
        self.newest().field.seal_into(out, &place, plaintext, rng);
    }

    /// Opens a value in its place.
    ///
    /// # Errors
    /// [`Error::NotGranted`] when the grant does not cover the column; [`Error::Unreadable`] for
    /// everything else that is wrong.
    pub fn open(
        &self,
        grant: &Grant,
        place: Place,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        place.granted(grant)?;
        let sealed_by = generation(sealed)?;
        let found = self
            .0
            .generations
            .iter()
            .find(|g| g.field.generation() == sealed_by);
        found.ok_or(Error::Unreadable)?.field.open(&place, sealed)
    }

    /// What a leaf holds in place of a subject (`b's'`) or a detail (`b'd'`):
    /// HMAC(HMAC(HKDF(SDK, "audit"), `leaf_nonce`), label | data). Without the key it is random bytes.
    #[must_use]
    pub fn audit_commitment(&self, leaf_nonce: &[u8], label: u8, data: &[u8]) -> [u8; 32] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.audit.expose());
        let r = Zeroizing::new(array(&hmac::sign(&key, leaf_nonce)));
        let mut mac = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, r.as_slice()));
        mac.update(&[label]);
        mac.update(data);
        array(&mac.sign())
    }

    pub(crate) fn newest_secret(&self) -> (u32, &Secret) {
        let newest = self.newest();
        (newest.field.generation(), &newest.secret)
    }

    pub(crate) fn secret_of(&self, number: u32) -> Option<&Secret> {
        let found = self
            .0
            .generations
            .iter()
            .find(|g| g.field.generation() == number);
        found.map(|g| &g.secret)
    }

    /// This key with one more generation.
    pub(crate) fn with(&self, number: u32, secret: Secret) -> Option<Self> {
        let mut secrets: Vec<(u32, Secret)> = self
            .0
            .generations
            .iter()
            .map(|g| (g.field.generation(), g.secret.clone()))
            .collect();
        secrets.push((number, secret));
        Self::of(self.0.ws, self.0.subject, secrets)
    }

    fn newest(&self) -> &Generation {
        self.0
            .generations
            .last()
            .expect("a subject key has a generation")
    }
}

/// The 32 bytes of an HMAC-SHA-256.
pub(crate) fn array(tag: &hmac::Tag) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(tag.as_ref());
    out
}

impl fmt::Debug for SubjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SubjectKey({}, generation {})",
            self.subject(),
            self.generation()
        )
    }
}

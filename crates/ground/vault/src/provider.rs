//! Where the root key lives. The vault asks a provider to wrap and unwrap a handful of keys at start
//! and at rotation, never once a record.

use base::Rng;

use crate::{Error, Secret};

/// Holder of a root key: a sealed file, or later a key management service or a hardware module.
pub trait KeyProvider: Send + Sync {
    /// A short fingerprint of the root key, safe to print and to store.
    fn key_id(&self) -> &str;

    /// Wraps a key, bound to `aad`.
    ///
    /// # Errors
    /// When the holder of the root key cannot be asked.
    fn wrap(&self, aad: &[u8], key: &[u8; 32], rng: &dyn Rng) -> Result<Vec<u8>, Error>;

    /// Opens what [`KeyProvider::wrap`] made with the same `aad`.
    ///
    /// # Errors
    /// [`Error::KeyDamaged`] when it does not open.
    fn unwrap(&self, aad: &[u8], wrapped: &[u8]) -> Result<Secret, Error>;
}

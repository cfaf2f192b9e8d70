//! 32 secret bytes, and the keys derived from them.
//!
//! Must never do: print, compare in varying time, or outlive their use in memory.

use std::fmt;

use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use base::Rng;
use zeroize::Zeroize;

/// A 256-bit key. On the heap, so that moving it leaves no copy behind; zeroed when dropped.
pub struct Secret(Box<[u8; 32]>);

impl Secret {
    /// A new random key.
    #[must_use]
    pub fn random(rng: &dyn Rng) -> Self {
        let mut secret = Self::zero();
        rng.fill(secret.0.as_mut_slice());
        secret
    }

    /// The key with these bytes; `None` when there are not 32. The caller zeroes its own copy.
    #[must_use]
    pub fn copied(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != 32 {
            return None;
        }
        let mut secret = Self::zero();
        secret.0.copy_from_slice(bytes);
        Some(secret)
    }

    /// The bytes, for the one call that needs them.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// HKDF-SHA-256 (RFC 5869) without salt; the parts of `info` are joined as they are, so each
    /// part but the last has a fixed length.
    #[must_use]
    pub fn derive(&self, info: &[&[u8]]) -> Self {
        let mut derived = Self::zero();
        Salt::none(HKDF_SHA256)
            .extract(self.0.as_slice())
            .expand(info, HKDF_SHA256)
            .and_then(|okm| okm.fill(derived.0.as_mut_slice()))
            .expect("32 bytes are within HKDF's limit");
        derived
    }

    /// HKDF(key, "commit")[:16]: names the key without revealing it. AES-GCM does not commit to its
    /// key, so a wrapped key is kept with this and compared with it.
    pub(crate) fn commitment(&self) -> [u8; 16] {
        let mut out = [0; 16];
        out.copy_from_slice(&self.derive(&[b"commit"]).expose()[..16]);
        out
    }

    pub(crate) fn zero() -> Self {
        Self(Box::new([0; 32]))
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8; 32] {
        &mut self.0
    }
}

impl Clone for Secret {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    /// RFC 5869 with a 32-byte key is no published vector; this one was computed with Python's
    /// `hmac` and `hashlib`: expand(extract(zeros, 00..1f), "enc").
    #[test]
    fn derivation_is_hkdf_sha256_without_salt() {
        let key: Vec<u8> = (0..32).collect();
        let derived = Secret::copied(&key).unwrap().derive(&[b"e", b"nc"]);
        assert_eq!(
            base::hex(derived.expose()),
            "1d344e2635e95697b24e0bf0722e430fe83bee4504b8203a9d0f09e4bec1dff2"
        );
    }

    #[test]
    fn nothing_secret_is_printed() {
        let secret = Secret::copied(&[7; 32]).unwrap();
        assert_eq!(format!("{secret:?}"), "Secret(..)");
    }
}

//! A key wrapped by the key above it: 81 bytes.
//!
//! | offset | bytes | content |
//! |---|---|---|
//! | 0 | 1 | format, 0xB1 |
//! | 1 | 4 | version of the wrapping key, big-endian |
//! | 5 | 12 | nonce |
//! | 17 | 32 | the key, AES-256-GCM |
//! | 49 | 16 | tag |
//! | 65 | 16 | commitment: HKDF(key, "commit")[:16] |
//!
//! The commitment is compared in constant time before the key is used: a record opened under a wrong
//! key fails here, not at the first field.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base::Rng;

use crate::{Error, Secret};

/// Length of a wrapped-key record.
pub const WRAPPED_LEN: usize = 81;
const FORMAT: u8 = 0xB1;
const NONCE: usize = 5;
const CIPHERTEXT: usize = 17;
const TAG: usize = 49;
const COMMITMENT: usize = 65;

/// The AES-256-GCM key of 32 bytes.
pub(crate) fn aead(secret: &Secret) -> LessSafeKey {
    LessSafeKey::new(
        UnboundKey::new(&AES_256_GCM, secret.expose()).expect("AES-256 takes a key of 32 bytes"),
    )
}

/// Wraps `key` under `wrapper`, which the record names by `version`.
pub(crate) fn wrap(
    wrapper: &LessSafeKey,
    version: u32,
    aad: &[u8],
    key: &Secret,
    rng: &dyn Rng,
) -> [u8; WRAPPED_LEN] {
    let mut record = [0; WRAPPED_LEN];
    let nonce: [u8; 12] = rng.bytes();
    record[0] = FORMAT;
    record[1..NONCE].copy_from_slice(&version.to_be_bytes());
    record[NONCE..CIPHERTEXT].copy_from_slice(&nonce);
    // The clear key stands in the record for the moment before it is encrypted in place.
    record[CIPHERTEXT..TAG].copy_from_slice(key.expose());
    let tag = wrapper
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(aad),
            &mut record[CIPHERTEXT..TAG],
        )
        .expect("AES-GCM seals 32 bytes");
    record[TAG..COMMITMENT].copy_from_slice(tag.as_ref());
    record[COMMITMENT..].copy_from_slice(&key.commitment());
    record
}

/// The version of the wrapping key that a record names.
pub(crate) fn version(record: &[u8]) -> Result<u32, Error> {
    match record {
        [FORMAT, a, b, c, d, rest @ ..] if rest.len() == WRAPPED_LEN - NONCE => {
            Ok(u32::from_be_bytes([*a, *b, *c, *d]))
        }
        _ => Err(Error::KeyDamaged),
    }
}

/// Opens a record. Anything but the key that was wrapped is [`Error::KeyDamaged`].
pub(crate) fn unwrap(wrapper: &LessSafeKey, aad: &[u8], record: &[u8]) -> Result<Secret, Error> {
    version(record)?;
    let nonce = Nonce::try_assume_unique_for_key(&record[NONCE..CIPHERTEXT])
        .map_err(|_| Error::KeyDamaged)?;
    let mut key = Secret::zero();
    wrapper
        .open_separate_gather(
            nonce,
            Aad::from(aad),
            &record[CIPHERTEXT..TAG],
            &record[TAG..COMMITMENT],
            key.bytes_mut(),
        )
        .map_err(|_| Error::KeyDamaged)?;
    verify_slices_are_equal(&key.commitment(), &record[COMMITMENT..])
        .map_err(|_| Error::KeyDamaged)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use base::{SeededRng, SystemRng};

    use super::*;

    #[test]
    fn the_record_is_laid_out_as_written() {
        let rng = SeededRng::new(1);
        let (wrapper, key) = (Secret::random(&rng), Secret::random(&rng));
        let nonce: [u8; 12] = (&SeededRng::new(9) as &dyn Rng).bytes();
        let record = wrap(
            &aead(&wrapper),
            0x0102_0304,
            b"aad",
            &key,
            &SeededRng::new(9),
        );
        assert_eq!(record.len(), 1 + 4 + 12 + 32 + 16 + 16);
        assert_eq!(record[..5], [0xB1, 1, 2, 3, 4]);
        assert_eq!(record[5..17], nonce);
        assert_eq!(record[65..], key.derive(&[b"commit"]).expose()[..16]);
        assert_eq!(version(&record).unwrap(), 0x0102_0304);
        assert_eq!(
            unwrap(&aead(&wrapper), b"aad", &record).unwrap().expose(),
            key.expose()
        );
    }

    #[test]
    fn every_flip_cut_and_growth_is_refused() {
        let rng = SystemRng;
        let wrapper = aead(&Secret::random(&rng));
        let record = wrap(&wrapper, 1, b"aad", &Secret::random(&rng), &rng);
        // The version only chooses the wrapping key (another one fails): bytes 1..5 are its own test.
        for at in (0..1).chain(5..WRAPPED_LEN) {
            for bit in 0..8 {
                let mut bad = record;
                bad[at] ^= 1 << bit;
                assert!(
                    unwrap(&wrapper, b"aad", &bad).is_err(),
                    "byte {at} bit {bit}"
                );
            }
        }
        for len in 0..WRAPPED_LEN {
            assert!(unwrap(&wrapper, b"aad", &record[..len]).is_err());
        }
        assert!(unwrap(&wrapper, b"aad", &[record.as_slice(), &[0]].concat()).is_err());
        assert!(unwrap(&wrapper, b"aae", &record).is_err());
        assert!(unwrap(&aead(&Secret::random(&rng)), b"aad", &record).is_err());
    }

    /// A record that decrypts (right wrapper, right tag) but to another key than it commits to.
    #[test]
    fn another_key_fails_on_the_commitment() {
        let rng = SystemRng;
        let wrapper = aead(&Secret::random(&rng));
        let (a, b) = (Secret::random(&rng), Secret::random(&rng));
        let mut record = wrap(&wrapper, 1, b"aad", &a, &rng);
        record[COMMITMENT..].copy_from_slice(&b.commitment());
        assert!(matches!(
            unwrap(&wrapper, b"aad", &record),
            Err(Error::KeyDamaged)
        ));
    }
}

//! For the benchmark alone (feature `bench-clear`): fields without encryption, so that the same
//! program can be timed with and without it. Two locks keep it out of the program: the feature is
//! declared by no other crate, and the switch is a call that only the benchmark makes.
//!
//! A field in the clear bears algorithm 0, which the vault refuses while the switch is off.

use std::sync::atomic::{AtomicBool, Ordering};

use zeroize::Zeroizing;

use crate::seal::OVERHEAD;
use crate::{Error, padding};

static ON: AtomicBool = AtomicBool::new(false);
const HEADER: [u8; 8] = [0xA1, 0, 0, 1, 0, 0, 0, 1];
const BODY: usize = 20;

/// From here to the end of the process nothing is encrypted. For data that is about nobody.
pub fn seal_in_clear() {
    ON.store(true, Ordering::Relaxed);
}

pub(crate) fn is_on() -> bool {
    ON.load(Ordering::Relaxed)
}

/// As long as the sealed form, so that only the cryptography is missing.
pub(crate) fn push(out: &mut Vec<u8>, value: &[u8]) {
    out.reserve(OVERHEAD + padding::padded_len(value.len()));
    out.extend_from_slice(&HEADER);
    out.extend_from_slice(&[0; BODY - HEADER.len()]);
    padding::push(out, value);
    out.extend_from_slice(&[0; OVERHEAD - BODY]);
}

pub(crate) fn find(sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let end = sealed
        .len()
        .checked_sub(OVERHEAD - BODY)
        .ok_or(Error::Unreadable)?;
    let padded = sealed.get(BODY..end).ok_or(Error::Unreadable)?;
    let range = padding::find(padded).ok_or(Error::Unreadable)?;
    Ok(Zeroizing::new(padded[range].to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_in_the_clear_has_the_length_of_a_sealed_one_and_comes_back() {
        for len in [0, 3, 100, 1_000] {
            let mut out = Vec::new();
            push(&mut out, &vec![b'x'; len]);
            assert_eq!(out.len(), OVERHEAD + padding::padded_len(len));
            assert_eq!(find(&out).unwrap().as_slice(), vec![b'x'; len]);
            assert!(find(&out[1..]).is_err());
        }
        assert!(find(&[]).is_err());
        assert!(!is_on());
    }
}

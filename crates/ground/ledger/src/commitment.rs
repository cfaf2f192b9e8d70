//! What a leaf says of people and records without naming them: commitments and states.
//!
//! A commitment can be opened only with the subject's audit key (`HKDF(SDK, "audit")`, from the
//! vault). Once that key is shredded it is a random-looking number that nobody can link to the
//! person or to another leaf, and the leaf and every proof over it stay valid.
//!
//! This module must never see a clear value beyond what it hashes, and never keeps a key.

use aws_lc_rs::{digest, hmac};
use base::{RecordId, RequestId, SubjectId};

use crate::tree::{Frontier, Hash, leaf_hash};

/// The random-looking value `r` that both commitments of one leaf are keyed with:
/// `HMAC(audit key, request id | ordinal)`.
fn blind(audit_key: &[u8; 32], request: RequestId, ordinal: u16) -> hmac::Key {
    let mut salt = [0; 18];
    salt[..16].copy_from_slice(request.as_bytes());
    salt[16..].copy_from_slice(&ordinal.to_be_bytes());
    let r = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, audit_key), &salt);
    hmac::Key::new(hmac::HMAC_SHA256, r.as_ref())
}

fn tagged(key: &hmac::Key, tag: &[u8], value: &[u8]) -> Hash {
    let mut context = hmac::Context::with_key(key);
    context.update(tag);
    context.update(value);
    array(context.sign().as_ref())
}

fn array(bytes: &[u8]) -> Hash {
    let mut out = [0; 32];
    out.copy_from_slice(bytes);
    out
}

/// `HMAC(r, "s" | subject id)`: whom the leaf at this place of this request is about.
#[must_use]
pub fn subject_commitment(
    audit_key: &[u8; 32],
    request: RequestId,
    ordinal: u16,
    subject: SubjectId,
) -> Hash {
    tagged(
        &blind(audit_key, request, ordinal),
        b"s",
        subject.as_bytes(),
    )
}

/// `HMAC(r, "d" | SHA-256(detail))` over the detail before it is sealed.
#[must_use]
pub fn detail_commitment(
    audit_key: &[u8; 32],
    request: RequestId,
    ordinal: u16,
    detail: &[u8],
) -> Hash {
    let digest = digest::digest(&digest::SHA256, detail);
    tagged(&blind(audit_key, request, ordinal), b"d", digest.as_ref())
}

/// What stands as subject commitment in a leaf about many rows (list, search, export): the
/// RFC 9162 Merkle root over the commitments of the rows, in the order they were shown.
#[must_use]
pub fn commitment_root(rows: &[Hash]) -> Hash {
    let mut frontier = Frontier::empty();
    for row in rows {
        frontier.push(leaf_hash(row), |_, _, _| {});
    }
    frontier.root()
}

/// A record's stored bytes at one revision, as hashes.
///
/// The leaf carries [`RowState::hash`]; the link beside the tree carries
/// [`RowState::ciphertexts`], so that every link, not only the last, can be held against its
/// leaf without the old ciphertexts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowState {
    /// `SHA-256(row id | revision u64 | ciphertexts)`.
    pub hash: Hash,
    /// SHA-256 over each ciphertext with its length (u32, big-endian) before it.
    pub ciphertexts: Hash,
}

/// The state of a record: its id, its revision (1 at creation, one more for each change) and
/// every ciphertext it holds, in the order of its columns; an empty column is an empty slice.
#[must_use]
pub fn row_state(row: RecordId, revision: u64, ciphertexts: &[&[u8]]) -> RowState {
    let mut context = digest::Context::new(&digest::SHA256);
    for ciphertext in ciphertexts {
        // No column holds 4 GiB; a length beyond it could only make the states differ.
        let length = u32::try_from(ciphertext.len()).unwrap_or(u32::MAX);
        context.update(&length.to_be_bytes());
        context.update(ciphertext);
    }
    let ciphertexts = array(context.finish().as_ref());
    RowState {
        hash: state_hash(row, revision, &ciphertexts),
        ciphertexts,
    }
}

/// The hash a leaf must carry for this record, revision and digest of ciphertexts.
pub(crate) fn state_hash(row: RecordId, revision: u64, ciphertexts: &Hash) -> Hash {
    let mut bytes = [0; 56];
    bytes[..16].copy_from_slice(row.as_bytes());
    bytes[16..24].copy_from_slice(&revision.to_be_bytes());
    bytes[24..].copy_from_slice(ciphertexts);
    array(digest::digest(&digest::SHA256, &bytes).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commitment_depends_on_every_part_of_its_salt() {
        let (key, subject) = ([7; 32], SubjectId::from_bytes([1; 16]));
        let request = RequestId::from_bytes([2; 16]);
        let base = subject_commitment(&key, request, 0, subject);
        assert_eq!(base, subject_commitment(&key, request, 0, subject));
        let others = [
            subject_commitment(&[8; 32], request, 0, subject),
            subject_commitment(&key, RequestId::from_bytes([3; 16]), 0, subject),
            subject_commitment(&key, request, 1, subject),
            subject_commitment(&key, request, 0, SubjectId::from_bytes([2; 16])),
            detail_commitment(&key, request, 0, subject.as_bytes()),
        ];
        assert!(others.iter().all(|other| *other != base));
    }

    #[test]
    fn a_state_tells_neighbouring_columns_apart() {
        let row = RecordId::from_bytes([9; 16]);
        assert_ne!(
            row_state(row, 1, &[b"ab", b"c"]),
            row_state(row, 1, &[b"a", b"bc"])
        );
        assert_ne!(row_state(row, 1, &[b"ab"]), row_state(row, 2, &[b"ab"]));
    }
}

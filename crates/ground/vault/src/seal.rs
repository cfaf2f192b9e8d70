//! A sealed field: 36 bytes more than its padded value, and bound to its place.
//!
//! | offset | bytes | content |
//! |---|---|---|
//! | 0 | 1 | format, 0xA1 |
//! | 1 | 1 | algorithm: 1 = AES-256-GCM (2 = AES-256-GCM-SIV is reserved) |
//! | 2 | 2 | version of the bound data, big-endian, 1 |
//! | 4 | 4 | generation of the key, big-endian; 0 = a record key |
//! | 8 | 12 | nonce, random |
//! | 20 | n | padded value ([`crate::padding`]), encrypted |
//! | 20+n | 16 | tag |
//!
//! Bound data, each part preceded by one byte of length: `privet.field.1`, workspace, subject, table,
//! row, column, bytes 0-7 of the header. A value that is moved to another row, column, person or
//! workspace does not open.
//!
//! Must never do: say why something did not open.

use aws_lc_rs::aead::{Aad, LessSafeKey, Nonce};
use base::{RecordId, Rng, SubjectId, WorkspaceId};
use zeroize::Zeroizing;

use crate::wrapped::aead;
use crate::{Error, Grant, Secret, padding};

const FORMAT: u8 = 0xA1;
const AES_256_GCM: u8 = 1;
const BOUND_VERSION: u16 = 1;
const HEADER: usize = 8;
const BODY: usize = HEADER + 12;
const TAG: usize = 16;
/// Bytes that a sealed field has on top of its padded value.
pub const OVERHEAD: usize = BODY + TAG;
const LABEL: &[u8; 14] = b"privet.field.1";
/// Seven parts, each with a byte of length.
const BOUND_LEN: usize = 7 + LABEL.len() + 16 + 16 + 2 + 16 + 2 + HEADER;

/// Where a sealed value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// The workspace.
    pub ws: WorkspaceId,
    /// Whose key seals it; [`base::Id::nil`] under a record key.
    pub subject: SubjectId,
    /// Number of the table.
    pub table: u16,
    /// The row.
    pub row: RecordId,
    /// Number of the column.
    pub column: u16,
}

impl Place {
    fn bound(&self, header: &[u8; HEADER]) -> [u8; BOUND_LEN] {
        let mut out = [0; BOUND_LEN];
        let parts: [&[u8]; 7] = [
            LABEL,
            self.ws.as_bytes(),
            self.subject.as_bytes(),
            &self.table.to_be_bytes(),
            self.row.as_bytes(),
            &self.column.to_be_bytes(),
            header,
        ];
        let mut at = 0;
        for part in parts {
            out[at] = u8::try_from(part.len()).expect("every part is shorter than 256 bytes");
            out[at + 1..=at + part.len()].copy_from_slice(part);
            at += 1 + part.len();
        }
        out
    }

    pub(crate) fn granted(&self, grant: &Grant) -> Result<(), Error> {
        if grant.workspace() == self.ws && grant.covers(self.table, self.column) {
            Ok(())
        } else {
            Err(Error::NotGranted)
        }
    }
}

/// The generation of the key that sealed a value, as its header says.
pub(crate) fn generation(sealed: &[u8]) -> Result<u32, Error> {
    match sealed {
        [_, _, _, _, a, b, c, d, ..] => Ok(u32::from_be_bytes([*a, *b, *c, *d])),
        _ => Err(Error::Unreadable),
    }
}

/// Seals and opens fields: HKDF(key, "enc") of a subject key or a record key.
pub(crate) struct FieldKey {
    aead: LessSafeKey,
    generation: u32,
}

impl FieldKey {
    pub(crate) fn of(secret: &Secret, generation: u32) -> Self {
        Self {
            aead: aead(&secret.derive(&[b"enc"])),
            generation,
        }
    }

    pub(crate) const fn generation(&self) -> u32 {
        self.generation
    }

    pub(crate) fn seal_into(&self, out: &mut Vec<u8>, place: &Place, value: &[u8], rng: &dyn Rng) {
        #[cfg(feature = "bench-clear")]
        if crate::bench_clear::is_on() {
            return crate::bench_clear::push(out, value);
        }
        let start = out.len();
        out.reserve(OVERHEAD + padding::padded_len(value.len()));
        let header = self.header();
        let nonce: [u8; 12] = rng.bytes();
        out.extend_from_slice(&header);
        out.extend_from_slice(&nonce);
        padding::push(out, value);
        let tag = self
            .aead
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.bound(&header)),
                &mut out[start + BODY..],
            )
            .expect("AES-GCM seals up to 64 GiB");
        out.extend_from_slice(tag.as_ref());
    }

    pub(crate) fn open(&self, place: &Place, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        #[cfg(feature = "bench-clear")]
        if crate::bench_clear::is_on() {
            return crate::bench_clear::find(sealed);
        }
        self.decrypt(place, sealed).ok_or(Error::Unreadable)
    }

    fn decrypt(&self, place: &Place, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let header: [u8; HEADER] = sealed.get(..HEADER)?.try_into().ok()?;
        let padded_len = sealed.len().checked_sub(OVERHEAD)?;
        if header != self.header() {
            return None;
        }
        let (body, tag) = sealed[BODY..].split_at(padded_len);
        let mut value = Zeroizing::new(vec![0; padded_len]);
        self.aead
            .open_separate_gather(
                Nonce::try_assume_unique_for_key(&sealed[HEADER..BODY]).ok()?,
                Aad::from(place.bound(&header)),
                body,
                tag,
                &mut value,
            )
            .ok()?;
        let range = padding::find(&value)?;
        let len = range.len();
        value.copy_within(range, 0);
        value.truncate(len);
        Some(value)
    }

    const fn header(&self) -> [u8; HEADER] {
        let version = BOUND_VERSION.to_be_bytes();
        let generation = self.generation.to_be_bytes();
        [
            FORMAT,
            AES_256_GCM,
            version[0],
            version[1],
            generation[0],
            generation[1],
            generation[2],
            generation[3],
        ]
    }
}

#[cfg(test)]
mod tests {
    use base::{SeededRng, SystemRng};

    use super::*;

    fn place() -> Place {
        Place {
            ws: WorkspaceId::from_bytes([0x11; 16]),
            subject: SubjectId::from_bytes([0x22; 16]),
            table: 0x3344,
            row: RecordId::from_bytes([0x55; 16]),
            column: 0x6677,
        }
    }

    #[test]
    fn the_field_is_laid_out_as_written() {
        let secret = Secret::copied(&[9; 32]).unwrap();
        let key = FieldKey::of(&secret, 0x0102_0304);
        let nonce: [u8; 12] = (&SeededRng::new(5) as &dyn Rng).bytes();
        let mut sealed = b"before".to_vec();
        key.seal_into(&mut sealed, &place(), b"Ada", &SeededRng::new(5));
        let sealed = &sealed[6..];
        assert_eq!(sealed.len(), 36 + 16);
        assert_eq!(sealed[..8], [0xA1, 1, 0, 1, 1, 2, 3, 4]);
        assert_eq!(sealed[8..20], nonce);

        // The same bytes, put together here from the design alone.
        let mut bound = vec![14];
        bound.extend_from_slice(b"privet.field.1");
        for part in [
            &[0x11; 16][..],
            &[0x22; 16],
            &[0x33, 0x44],
            &[0x55; 16],
            &[0x66, 0x77],
            &sealed[..8],
        ] {
            bound.push(u8::try_from(part.len()).unwrap());
            bound.extend_from_slice(part);
        }
        let mut body = *b"\x01\x03Ada\0\0\0\0\0\0\0\0\0\0\0";
        let tag = aead(&secret.derive(&[b"enc"]))
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(&bound),
                &mut body,
            )
            .unwrap();
        assert_eq!(sealed[20..36], body);
        assert_eq!(&sealed[36..], tag.as_ref());
    }

    #[test]
    fn reserved_algorithms_and_versions_are_refused() {
        let key = FieldKey::of(&Secret::random(&SystemRng), 1);
        let mut sealed = Vec::new();
        key.seal_into(&mut sealed, &place(), b"Ada", &SystemRng);
        for (at, byte) in [(0, 0xA2), (1, 0), (1, 2), (3, 2), (7, 0), (7, 2)] {
            let mut bad = sealed.clone();
            bad[at] = byte;
            assert!(matches!(key.open(&place(), &bad), Err(Error::Unreadable)));
        }
        assert_eq!(key.open(&place(), &sealed).unwrap().as_slice(), b"Ada");
    }
}

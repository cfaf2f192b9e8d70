//! A stream of bytes sealed in chunks, so that a file of any size is written and checked in little
//! memory, and any change, cut, growth or reordering of it is found.
//!
//! STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015) over AES-256-GCM: each chunk holds 65,536 bytes,
//! the last one 0 to 65,536; its nonce is `prefix 7 | number of the chunk u32 | 1 for the last, else 0`.
//! The key is random and serves one file, so no nonce repeats. What is authenticated with every chunk
//! is the SHA-256 of the file's preamble.
//!
//! Must never do: give out a byte of a chunk that did not open.

use std::io::{Read, Write};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use vault::Secret;

use crate::{Error, Result};

/// Bytes of clear text in a chunk.
pub(crate) const CHUNK: usize = 65_536;
const TAG: usize = 16;

/// What a file's chunks are sealed with.
pub(crate) struct StreamKey {
    key: LessSafeKey,
    prefix: [u8; 7],
    bound: [u8; 32],
}

impl StreamKey {
    pub(crate) fn new(secret: &Secret, prefix: [u8; 7], bound: [u8; 32]) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, secret.expose()).expect("a key of 32 bytes");
        Self {
            key: LessSafeKey::new(key),
            prefix,
            bound,
        }
    }

    fn nonce(&self, number: u32, is_last: bool) -> Nonce {
        let mut nonce = [0; 12];
        nonce[..7].copy_from_slice(&self.prefix);
        nonce[7..11].copy_from_slice(&number.to_be_bytes());
        nonce[11] = u8::from(is_last);
        Nonce::assume_unique_for_key(nonce)
    }
}

/// Seals what is put in.
pub(crate) struct Sealing<W> {
    out: W,
    key: StreamKey,
    number: u32,
    chunk: Vec<u8>,
}

impl<W: Write> Sealing<W> {
    pub(crate) fn new(out: W, key: StreamKey) -> Self {
        Self {
            out,
            key,
            number: 0,
            chunk: Vec::with_capacity(CHUNK + TAG),
        }
    }

    pub(crate) fn put(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            // A full chunk waits until something follows: only then is it known not to be the last.
            if self.chunk.len() == CHUNK {
                self.seal(false)?;
            }
            let room = (CHUNK - self.chunk.len()).min(bytes.len());
            self.chunk.extend_from_slice(&bytes[..room]);
            bytes = &bytes[room..];
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<W> {
        self.seal(true)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn seal(&mut self, is_last: bool) -> Result<()> {
        let nonce = self.key.nonce(self.number, is_last);
        self.number = self
            .number
            .checked_add(1)
            .ok_or(Error::Io(std::io::ErrorKind::FileTooLarge))?;
        self.key
            .key
            .seal_in_place_append_tag(nonce, Aad::from(self.key.bound), &mut self.chunk)
            .expect("AES-GCM seals 64 KiB");
        self.out.write_all(&self.chunk)?;
        self.chunk.clear();
        Ok(())
    }
}

/// Opens what [`Sealing`] wrote.
pub(crate) struct Opening<R> {
    from: R,
    key: StreamKey,
    number: u32,
    /// The sealed chunk that comes next; empty after the last.
    next: Vec<u8>,
    clear: Vec<u8>,
    at: usize,
}

impl<R: Read> Opening<R> {
    pub(crate) fn new(mut from: R, key: StreamKey) -> Result<Self> {
        let next = read_chunk(&mut from)?;
        if next.is_empty() {
            return Err(Error::Damaged);
        }
        Ok(Self {
            from,
            key,
            number: 0,
            next,
            clear: Vec::new(),
            at: 0,
        })
    }

    /// The next bytes, all that were asked for.
    pub(crate) fn take(&mut self, out: &mut [u8]) -> Result<()> {
        let mut filled = 0;
        while filled < out.len() {
            if self.at == self.clear.len() {
                self.open()?;
            }
            let step = (self.clear.len() - self.at).min(out.len() - filled);
            out[filled..filled + step].copy_from_slice(&self.clear[self.at..self.at + step]);
            self.at += step;
            filled += step;
        }
        Ok(())
    }

    /// Nothing may follow.
    pub(crate) fn end(&mut self) -> Result<()> {
        if self.at == self.clear.len() && self.next.is_empty() {
            Ok(())
        } else {
            Err(Error::Damaged)
        }
    }

    fn open(&mut self) -> Result<()> {
        if self.next.is_empty() {
            return Err(Error::Damaged);
        }
        let mut chunk = std::mem::take(&mut self.next);
        self.next = read_chunk(&mut self.from)?;
        let nonce = self.key.nonce(self.number, self.next.is_empty());
        self.number = self.number.checked_add(1).ok_or(Error::Damaged)?;
        let clear = self
            .key
            .key
            .open_in_place(nonce, Aad::from(self.key.bound), &mut chunk)
            .map_err(|_| Error::Damaged)?
            .len();
        if clear == 0 && self.number > 1 {
            return Err(Error::Damaged);
        }
        chunk.truncate(clear);
        self.clear = chunk;
        self.at = 0;
        Ok(())
    }
}

fn read_chunk(from: &mut impl Read) -> Result<Vec<u8>> {
    let mut chunk = Vec::with_capacity(CHUNK + TAG);
    let limit = u64::try_from(CHUNK + TAG).unwrap_or(u64::MAX);
    from.take(limit).read_to_end(&mut chunk)?;
    Ok(chunk)
}

#[cfg(test)]
mod tests {
    use base::SeededRng;
    use proptest::prelude::*;

    use super::*;

    fn key() -> StreamKey {
        StreamKey::new(&Secret::random(&SeededRng::new(1)), [7; 7], [9; 32])
    }

    fn sealed(bytes: &[u8], step: usize) -> Vec<u8> {
        let mut sealing = Sealing::new(Vec::new(), key());
        for part in bytes.chunks(step.max(1)) {
            sealing.put(part).unwrap();
        }
        sealing.finish().unwrap()
    }

    fn opened(sealed: &[u8], length: usize) -> Result<Vec<u8>> {
        let mut opening = Opening::new(sealed, key())?;
        let mut out = vec![0; length];
        opening.take(&mut out)?;
        opening.end().map(|()| out)
    }

    #[test]
    fn any_length_around_a_chunk_comes_back() {
        for length in [1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 5] {
            let bytes: Vec<u8> = (0..=250).cycle().take(length).collect();
            let sealed = sealed(&bytes, 1_000);
            assert_eq!(opened(&sealed, length).unwrap(), bytes, "{length}");
            assert!(opened(&sealed, length + 1).is_err());
            assert!(opened(&sealed, length - 1).is_err());
        }
    }

    #[test]
    fn chunks_cannot_be_left_out_swapped_repeated_or_appended() {
        let bytes = vec![5; 3 * CHUNK];
        let sealed = sealed(&bytes, CHUNK);
        let chunks: Vec<&[u8]> = sealed.chunks(CHUNK + TAG).collect();
        assert_eq!(chunks.len(), 3);
        for order in [
            &[0, 1][..],
            &[1, 2],
            &[0, 2],
            &[1, 0, 2],
            &[0, 1, 1, 2],
            &[0, 1, 2, 2],
            &[],
        ] {
            let other: Vec<u8> = order.iter().flat_map(|at| chunks[*at].to_vec()).collect();
            assert!(opened(&other, order.len() * CHUNK).is_err(), "{order:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn every_flip_and_cut_is_found(length in 1usize..200_000, at in any::<prop::sample::Index>(), bit in 0u8..8) {
            let mut bytes = sealed(&vec![3; length], 70_000);
            let at = at.index(bytes.len());
            prop_assert!(opened(&bytes[..at], length).is_err());
            bytes[at] ^= 1 << bit;
            prop_assert!(opened(&bytes, length).is_err());
        }
    }
}

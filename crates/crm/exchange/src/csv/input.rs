//! The bytes of a file as the record reader wants them: behind the byte order mark, sharing ASCII,
//! and never more than allowed.

use std::io::{self, Read, Seek, SeekFrom};

use crate::encoding::{Detected, FromUtf16};
use crate::{Encoding, ReadError};

/// The file behind its byte order mark, as bytes that share ASCII.
pub(super) enum Input<'a, R> {
    Plain(Bounded<'a, R>),
    Utf16(FromUtf16<Bounded<'a, R>>),
}

impl<'a, R: Read + Seek> Input<'a, R> {
    pub fn open(reader: &'a mut R, said: Detected, limit: u64) -> Result<Self, ReadError> {
        reader
            .seek(SeekFrom::Start(said.mark))
            .map_err(ReadError::Io)?;
        let bounded = Bounded {
            reader,
            left: limit,
        };
        Ok(match said.encoding {
            Some(Encoding::Utf16Le) => Self::Utf16(FromUtf16::new(bounded, true)),
            Some(Encoding::Utf16Be) => Self::Utf16(FromUtf16::new(bounded, false)),
            _ => Self::Plain(bounded),
        })
    }
}

impl<R: Read> Read for Input<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(reader) => reader.read(out),
            Self::Utf16(reader) => reader.read(out),
        }
    }
}

/// Stops a file that grows, or that lied about its length.
pub(super) struct Bounded<'a, R> {
    reader: &'a mut R,
    left: u64,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(out)?;
        let taken = u64::try_from(read).unwrap_or(u64::MAX);
        self.left = self
            .left
            .checked_sub(taken)
            .ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(read)
    }
}

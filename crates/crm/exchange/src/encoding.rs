//! Which characters the bytes mean: UTF-8, UTF-16 in both orders, Windows-1252.
//!
//! UTF-8 and Windows-1252 share ASCII, so a table in either is split into cells as bytes and the
//! cells are decoded afterwards; UTF-16 is turned into UTF-8 while it is read.

use std::fmt;
use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::ReadError;

/// The encoding of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without byte order mark.
    Utf8,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// Windows-1252, the western European code page of Windows; covers ISO 8859-1.
    Windows1252,
}

impl Encoding {
    /// The name people know it by.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
            Self::Windows1252 => "Windows-1252",
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What the first bytes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Detected {
    /// `None`: UTF-8 or Windows-1252, which only the whole file can tell.
    pub encoding: Option<Encoding>,
    /// Bytes of the byte order mark.
    pub mark: u64,
}

/// Reads the byte order mark, or finds UTF-16 by where its zero bytes stand.
pub(crate) fn detect(sample: &[u8]) -> Detected {
    let (encoding, mark) = match sample {
        [0xEF, 0xBB, 0xBF, ..] => (Some(Encoding::Utf8), 3),
        [0xFF, 0xFE, ..] => (Some(Encoding::Utf16Le), 2),
        [0xFE, 0xFF, ..] => (Some(Encoding::Utf16Be), 2),
        _ => (unmarked_utf16(sample), 0),
    };
    Detected { encoding, mark }
}

/// Headers, delimiters and line ends are ASCII, whose other byte is zero: always on one side, and
/// from the first character on.
fn unmarked_utf16(sample: &[u8]) -> Option<Encoding> {
    let pairs = sample.len() / 2;
    let zeros = |side: usize| {
        let bytes = sample.iter().skip(side).step_by(2);
        bytes.filter(|&&b| b == 0).count()
    };
    let enough = |count: usize| count * 10 >= pairs;
    match (sample, zeros(0), zeros(1)) {
        ([_, 0, ..], 0, low) if enough(low) => Some(Encoding::Utf16Le),
        ([0, _, ..], high, 0) if enough(high) => Some(Encoding::Utf16Be),
        _ => None,
    }
}

/// Refuses what is known to be something else than a table of text.
pub(crate) fn refuse_other_formats(sample: &[u8]) -> Result<(), ReadError> {
    const WORKBOOKS: [(&[u8], &str); 2] = [
        (
            b"PK\x03\x04",
            "an Excel or OpenDocument workbook (or another zip archive)",
        ),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Excel workbook"),
    ];
    const OTHERS: [(&[u8], &str); 10] = [
        (b"\x7fELF", "a program"),
        (b"MZ\x90\0", "a program"),
        (b"%PDF-", "a PDF document"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"7z\xBC\xAF\x27\x1C", "a 7z archive"),
        (b"\x89PNG", "a picture"),
        (b"\xFF\xD8\xFF", "a picture"),
        (b"SQLite format 3\0", "a database"),
        (b"BEGIN:VCARD", "a vCard file"),
        (b"BEGIN:VCALENDAR", "a calendar file"),
    ];
    let begins = |(magic, _): &&(&[u8], &'static str)| sample.starts_with(magic);
    if let Some(&(_, what)) = WORKBOOKS.iter().find(begins) {
        return Err(ReadError::Spreadsheet { what });
    }
    if let Some(&(_, what)) = OTHERS.iter().find(begins) {
        return Err(ReadError::NotTable { what });
    }
    let text = sample
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(sample)
        .trim_ascii_start();
    let opening: Vec<u8> = text.iter().take(16).map(u8::to_ascii_lowercase).collect();
    if ["<!doctype", "<html", "<?xml", "<table"]
        .iter()
        .any(|tag| opening.starts_with(tag.as_bytes()))
    {
        return Err(ReadError::NotTable {
            what: "a web page or XML file (some systems name such a file .xls)",
        });
    }
    if opening.starts_with(b"{") || opening.starts_with(b"[{") || opening.starts_with(b"[\n") {
        return Err(ReadError::NotTable {
            what: "a JSON file",
        });
    }
    Ok(())
}

/// Windows-1252 appended to `out`. Never fails: its five unassigned bytes become control
/// characters, for which the row is rejected later.
pub(crate) fn push_windows_1252(bytes: &[u8], out: &mut String) {
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
    out.push_str(&text);
}

/// Turns UTF-16 into UTF-8 while reading. A broken sequence is an error of kind `InvalidData`,
/// returned only after everything before it was handed out.
pub(crate) struct FromUtf16<R> {
    input: R,
    decoder: Decoder,
    raw: Vec<u8>,
    at: usize,
    filled: usize,
    ended: bool,
    broken: bool,
}

impl<R: Read> FromUtf16<R> {
    pub fn new(input: R, low_first: bool) -> Self {
        let encoding = if low_first { UTF_16LE } else { UTF_16BE };
        Self {
            input,
            decoder: encoding.new_decoder_without_bom_handling(),
            raw: vec![0; 32 * 1024],
            at: 0,
            filled: 0,
            ended: false,
            broken: false,
        }
    }
}

impl<R: Read> Read for FromUtf16<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.broken {
                return Err(io::ErrorKind::InvalidData.into());
            }
            if self.at == self.filled && !self.ended {
                (self.at, self.filled) = (0, self.input.read(&mut self.raw)?);
                self.ended = self.filled == 0;
            }
            let source = &self.raw[self.at..self.filled];
            let (result, read, written) = self
                .decoder
                .decode_to_utf8_without_replacement(source, out, self.ended);
            self.at += read;
            self.broken = matches!(result, DecoderResult::Malformed(..));
            let finished = self.ended && !self.broken && result == DecoderResult::InputEmpty;
            if written > 0 || finished {
                // After its last call the decoder may not be used again: every later read is 0.
                if finished {
                    self.decoder = self.decoder.encoding().new_decoder_without_bom_handling();
                }
                return Ok(written);
            }
        }
    }
}

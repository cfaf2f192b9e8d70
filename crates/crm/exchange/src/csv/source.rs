//! A file opened for import: read once to be checked whole, then again for its rows.

use std::fmt;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::dialect::{Delimiter, Dialect, LineEnding, Quote, line_ending, sniff};
use super::input::Input;
use super::records::{Record, Records};
use super::row::Row;
use super::survey::Survey;
use crate::encoding::{Detected, FromUtf16, detect, refuse_other_formats};
use crate::{Encoding, ReadError, Reason, Reject};

const SAMPLE: u64 = 64 * 1024;

/// What a file may hold at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub file_bytes: u64,
    /// Bytes of one record; also what bounds the memory used.
    pub record_bytes: usize,
    /// Bytes of one cell; a row with a longer one is rejected.
    pub cell_bytes: usize,
    /// Cells of one record.
    pub columns: usize,
    /// Rows below the header, blank ones not counted.
    pub rows: u64,
}

impl Default for Limits {
    /// 2 GiB, 1 MiB, 64 KiB, 1,000 columns, 1,000,000 rows.
    fn default() -> Self {
        Self {
            file_bytes: 2 << 30,
            record_bytes: 1 << 20,
            cell_bytes: 64 << 10,
            columns: 1_000,
            rows: 1_000_000,
        }
    }
}

/// How to open a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// What it may hold.
    pub limits: Limits,
    /// Its encoding, where the user said so; else it is found out.
    pub encoding: Option<Encoding>,
    /// Its delimiter, where the user said so; else it is found out.
    pub delimiter: Option<Delimiter>,
}

/// How the file is written, as found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// Its encoding.
    pub encoding: Encoding,
    /// Whether it begins with a byte order mark.
    pub byte_order_mark: bool,
    /// What stands between cells.
    pub delimiter: Delimiter,
    /// What encloses cells.
    pub quote: Quote,
    /// What most lines end with.
    pub line_ending: LineEnding,
}

/// How much the file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Bytes.
    pub bytes: u64,
    /// Headers.
    pub columns: usize,
    /// Rows below the header that will be handed out, as row or as reject.
    pub rows: u64,
    /// Rows without any text, which are skipped.
    pub blank_rows: u64,
}

/// A file that was read once to its end and found sound: every quoted cell closes, every record
/// is within the limits, the encoding is known.
pub struct Source<R> {
    reader: R,
    limits: Limits,
    form: Form,
    shape: Shape,
    mark: u64,
    dialect: Dialect,
    headers: Vec<String>,
}

impl<R> fmt::Debug for Source<R> {
    // Not derived: a reader in memory would print the whole file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({:?}, {:?})", self.form, self.shape)
    }
}

impl Source<File> {
    /// Opens a file by its path. The path appears in no error.
    pub fn open_path(path: &Path, options: &Options) -> Result<Self, ReadError> {
        Self::open(File::open(path).map_err(ReadError::Io)?, options)
    }
}

impl<R: Read + Seek> Source<R> {
    /// Finds out how the file is written and reads it once to its end.
    pub fn open(mut reader: R, options: &Options) -> Result<Self, ReadError> {
        let limits = options.limits;
        let bytes = reader.seek(SeekFrom::End(0)).map_err(ReadError::Io)?;
        if bytes > limits.file_bytes {
            return Err(ReadError::FileTooLarge {
                limit: limits.file_bytes,
            });
        }
        let sample = sample(&mut reader)?;
        refuse_other_formats(&sample)?;
        let found = detect(&sample);
        let said = Detected {
            encoding: options.encoding.or(found.encoding),
            mark: found.mark,
        };
        let text = readable_sample(&sample, said);
        let whole = bytes <= SAMPLE;
        let dialect = sniff(&text, whole, options.delimiter);

        let mut survey = Survey::new(said.encoding);
        let input = Input::open(&mut reader, said, limits.file_bytes)?;
        survey.read(
            Records::new(input, dialect, limits),
            dialect.declared,
            limits,
        )?;
        let encoding = survey.encoding()?;
        let headers = survey.headers(encoding)?;
        let form = Form {
            encoding,
            byte_order_mark: found.mark > 0,
            delimiter: dialect.delimiter,
            quote: dialect.quote,
            line_ending: line_ending(&text),
        };
        let (rows, blank_rows, columns) = (survey.rows, survey.blank_rows, headers.len());
        let shape = Shape {
            bytes,
            columns,
            rows,
            blank_rows,
        };
        Ok(Self {
            reader,
            limits,
            form,
            shape,
            mark: found.mark,
            dialect,
            headers,
        })
    }

    /// The headers, trimmed, in their order. Some may be empty or equal.
    #[must_use]
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// How the file is written.
    #[must_use]
    pub const fn form(&self) -> &Form {
        &self.form
    }

    /// How much it holds.
    #[must_use]
    pub const fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Its rows, from the first. May be called again.
    pub fn rows(&mut self) -> Result<Rows<'_, R>, ReadError> {
        let encoding = Some(self.form.encoding);
        let said = Detected {
            encoding,
            mark: self.mark,
        };
        let input = Input::open(&mut self.reader, said, self.limits.file_bytes)?;
        Ok(Rows {
            records: Records::new(input, self.dialect, self.limits),
            record: Record::default(),
            encoding: self.form.encoding,
            headers: &self.headers,
            before_rows: 1 + u8::from(self.dialect.declared),
            left: self.shape.rows,
            ended: false,
        })
    }
}

/// A row, or why it cannot be taken.
pub type RowOrReject = Result<Row, Reject>;

/// The rows of a [`Source`]. The outer error means that the file can no longer be read as it was
/// at opening; nothing follows it.
pub struct Rows<'a, R: Read> {
    records: Records<Input<'a, R>>,
    record: Record,
    encoding: Encoding,
    headers: &'a [String],
    /// Records that hold no data: `sep=` and the headers.
    before_rows: u8,
    left: u64,
    ended: bool,
}

impl<R: Read> Rows<'_, R> {
    fn read(&mut self) -> Result<Option<RowOrReject>, ReadError> {
        while self.records.next(&mut self.record)? {
            if self.record.is_blank() {
                continue;
            }
            if self.before_rows > 0 {
                self.before_rows -= 1;
                continue;
            }
            self.left = self.left.checked_sub(1).ok_or(ReadError::Changed)?;
            return Ok(Some(self.judge()));
        }
        if self.left > 0 {
            Err(ReadError::Changed)
        } else {
            Ok(None)
        }
    }

    fn judge(&self) -> RowOrReject {
        let (row, broken) = Row::decode(&self.record, self.encoding);
        let (expected, found) = (self.headers.len(), self.record.len());
        let fault = if let Some((index, reason)) = self.record.fault.clone() {
            Some((Some(index), reason))
        } else if expected != found {
            Some((None, Reason::Ragged { expected, found }))
        } else if let Some(index) = broken {
            Some((Some(index), Reason::NotUtf8))
        } else {
            row.control()
                .map(|(index, code)| (Some(index), Reason::Control { code }))
        };
        match fault {
            None => Ok(row),
            Some((index, reason)) => Err(row.reject(index, self.headers, reason)),
        }
    }
}

impl<R: Read> Iterator for Rows<'_, R> {
    type Item = Result<RowOrReject, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let item = self.read().transpose();
        self.ended = !matches!(item, Some(Ok(_)));
        item
    }
}

fn sample<R: Read + Seek>(reader: &mut R) -> Result<Vec<u8>, ReadError> {
    reader.seek(SeekFrom::Start(0)).map_err(ReadError::Io)?;
    let mut sample = Vec::new();
    reader
        .by_ref()
        .take(SAMPLE)
        .read_to_end(&mut sample)
        .map_err(ReadError::Io)?;
    Ok(sample)
}

/// The sample as bytes that share ASCII. UTF-16 that breaks off at the sample's end is no error.
fn readable_sample(sample: &[u8], said: Detected) -> Vec<u8> {
    let text = sample
        .get(usize::try_from(said.mark).unwrap_or(0)..)
        .unwrap_or_default();
    let low_first = match said.encoding {
        Some(Encoding::Utf16Le) => true,
        Some(Encoding::Utf16Be) => false,
        _ => return text.to_vec(),
    };
    let (mut decoder, mut out, mut part) = (FromUtf16::new(text, low_first), Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = decoder.read(&mut part) {
        out.extend_from_slice(&part[..read]);
    }
    out
}

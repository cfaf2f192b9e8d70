//! The first reading of a file: is it sound from end to end, how many rows, which encoding, which
//! headers. Nothing of the rows is kept.

use std::io::Read;

use super::records::{Record, Records};
use super::row::Row;
use super::source::Limits;
use crate::{Encoding, ReadError};

const HEADER_CHARS: usize = 500;

/// What the first reading learns.
pub(super) struct Survey {
    known: Option<Encoding>,
    header: Option<Record>,
    pub rows: u64,
    pub blank_rows: u64,
    /// Cells with characters beyond ASCII that are UTF-8.
    utf8: u64,
    /// Cells that are not UTF-8, and where the first one stands.
    other: u64,
    first_other: (u64, usize),
}

impl Survey {
    pub const fn new(known: Option<Encoding>) -> Self {
        Self {
            known,
            header: None,
            rows: 0,
            blank_rows: 0,
            utf8: 0,
            other: 0,
            first_other: (0, 0),
        }
    }

    pub fn read<I: Read>(
        &mut self,
        mut records: Records<I>,
        declared: bool,
        limits: Limits,
    ) -> Result<(), ReadError> {
        let mut record = Record::default();
        let mut skip = declared;
        while records.next(&mut record)? {
            if record.is_blank() {
                self.blank_rows += 1;
            } else if skip {
                skip = false;
            } else {
                self.count_encodings(&record);
                if self.header.is_none() {
                    self.header = Some(std::mem::take(&mut record));
                } else {
                    self.rows += 1;
                }
            }
            if self.rows > limits.rows {
                return Err(ReadError::TooManyRows { limit: limits.rows });
            }
        }
        Ok(())
    }

    fn count_encodings(&mut self, record: &Record) {
        if record.bytes.is_ascii() || !matches!(self.known, None | Some(Encoding::Utf8)) {
            return;
        }
        for (index, cell) in record
            .cells()
            .enumerate()
            .filter(|(_, cell)| !cell.is_ascii())
        {
            if std::str::from_utf8(cell).is_ok() {
                self.utf8 += 1;
            } else {
                if self.other == 0 {
                    self.first_other = (record.line, index + 1);
                }
                self.other += 1;
            }
        }
    }

    /// UTF-8 when a mark says so or most cells are; Windows-1252 when none is. In between nobody
    /// can tell, and guessing would garble names.
    pub const fn encoding(&self) -> Result<Encoding, ReadError> {
        let (line, column) = self.first_other;
        match self.known {
            Some(Encoding::Utf8) | None
                if self.other > 0 && self.utf8 > 0 && self.other >= self.utf8 =>
            {
                Err(ReadError::MixedEncodings { line, column })
            }
            Some(Encoding::Utf8) if self.other > 0 && self.utf8 == 0 => Err(ReadError::Encoding {
                encoding: "UTF-8",
                line,
                column,
            }),
            Some(known) => Ok(known),
            None if self.other > 0 && self.utf8 == 0 => Ok(Encoding::Windows1252),
            None => Ok(Encoding::Utf8),
        }
    }

    pub fn headers(&self, encoding: Encoding) -> Result<Vec<String>, ReadError> {
        let record = self.header.as_ref().ok_or(ReadError::Empty)?;
        let line = record.line;
        let (row, broken) = Row::decode(record, encoding);
        if let Some(index) = broken {
            return Err(ReadError::Encoding {
                encoding: "UTF-8",
                line,
                column: index + 1,
            });
        }
        if let Some((index, _)) = record.fault {
            return Err(ReadError::Header {
                line,
                column: index + 1,
            });
        }
        let mut headers = Vec::with_capacity(record.len());
        for (index, cell) in row.cells().enumerate() {
            let (cell, column) = (cell.trim(), index + 1);
            let unfit = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
            if cell.chars().count() > HEADER_CHARS || cell.contains(unfit) {
                return Err(ReadError::Header { line, column });
            }
            if crate::cells::is_mail(cell) {
                return Err(ReadError::NoHeader { column });
            }
            headers.push(cell.to_owned());
        }
        Ok(headers)
    }
}

//! Rows that cannot be taken, why, and the file in which they go back to whoever sent them.

use std::fmt;
use std::io::Write;

use crate::guard::spreadsheet_cell;
use crate::{Delimiter, ReadError};

/// The columns that the error file adds; they are ignored when it is imported again.
const ADDED: [&str; 3] = ["privet_line", "privet_column", "privet_reason"];

/// A column by number and header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnRef {
    /// From 1.
    pub number: usize,
    /// The header; empty when the column has none.
    pub name: String,
}

impl fmt::Display for ColumnRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.is_empty() {
            write!(f, "{}", self.number)
        } else {
            f.write_str(&self.name)
        }
    }
}

/// One row that cannot be taken, with its cells so that it can be given back.
/// Neither `Debug` nor `Display` shows a cell.
#[derive(Clone, PartialEq, Eq)]
pub struct Reject {
    /// Physical line where the row begins, from 1.
    pub line: u64,
    /// The column it is about, where it is about one.
    pub column: Option<ColumnRef>,
    /// What is wrong.
    pub reason: Reason,
    /// The row as it was read.
    pub cells: Vec<String>,
}

impl fmt::Debug for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reject({self})")
    }
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = &self.column {
            write!(f, ", column {} ({column})", column.number)?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// More or fewer cells than headers.
    #[error(
        "the row has {found} cells but the table has {expected} columns: a delimiter is missing or too many, or a cell with one is not quoted"
    )]
    Ragged {
        /// Number of headers.
        expected: usize,
        /// Number of cells.
        found: usize,
    },
    /// A cell over the limit.
    #[error("the cell is longer than {limit} bytes: shorten it")]
    CellTooLong {
        /// Limit in bytes.
        limit: usize,
    },
    /// Text after a closing quotation mark.
    #[error("text follows a closing quotation mark: a mark inside a quoted cell must be doubled")]
    StrayQuote,
    /// Bytes that are not UTF-8 in a file that otherwise is.
    #[error(
        "the cell is not UTF-8 although the file is; it is given back as Windows-1252: check its letters and import it again"
    )]
    NotUtf8,
    /// A control character.
    #[error("the cell holds the control character U+{code:04X}: remove it")]
    Control {
        /// Code point.
        code: u32,
    },
    /// A line break where one line is meant.
    #[error("the cell holds a line break or tab, but this field is a single line")]
    LineBreak,
    /// Not a mail address.
    #[error("the cell is not a mail address such as name@example.org")]
    Mail,
    /// Not a phone number.
    #[error("the cell holds no phone number: fewer than three digits")]
    Phone,
    /// Not a web address.
    #[error("the cell is not a web address that begins with http, https or the name of a site")]
    Web,
    /// Not yes or no.
    #[error("the cell says neither yes nor no, and an objection must not be guessed")]
    YesOrNo,
    /// Not a year.
    #[error("the cell is not a year of four digits")]
    Year,
    /// A value that its field does not take; the sentence names the field, never the value.
    #[error("{0}")]
    Value(String),
    /// No name, no mail, no company.
    #[error("nothing to identify a person by: no name, no mail address, no company")]
    Nobody,
    /// No name, no domain.
    #[error("nothing to identify a company by: no name and no domain")]
    NoCompany,
}

/// Writes rejected rows as CSV: the original columns, then `privet_line`, `privet_column` and
/// `privet_reason`. UTF-8 with byte order mark, lines end in CRLF, every cell passes
/// [`spreadsheet_cell`]. Cells beyond the last header are kept in the last column, joined by the
/// delimiter. Columns of an earlier error file are replaced, not repeated.
pub struct RejectWriter<W: Write> {
    out: W,
    delimiter: Delimiter,
    kept: Vec<usize>,
    columns: usize,
    written: u64,
}

impl<W: Write> fmt::Debug for RejectWriter<W> {
    // Not derived: a writer in memory would print the rows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RejectWriter({} rows)", self.written)
    }
}

impl<W: Write> RejectWriter<W> {
    /// Writes the header line. Use the delimiter of the source: it is the one that its reader's
    /// spreadsheet expects.
    pub fn new(out: W, headers: &[String], delimiter: Delimiter) -> Result<Self, ReadError> {
        let is_added = |header: &str| ADDED.contains(&header);
        let kept: Vec<usize> = (0..headers.len())
            .filter(|&i| !is_added(&headers[i]))
            .collect();
        let mut writer = Self {
            out,
            delimiter,
            kept,
            columns: headers.len(),
            written: 0,
        };
        writer
            .out
            .write_all("\u{feff}".as_bytes())
            .map_err(ReadError::Write)?;
        let names: Vec<&str> = writer
            .kept
            .iter()
            .map(|&i| headers[i].as_str())
            .chain(ADDED)
            .collect();
        writer.line(&names)?;
        Ok(writer)
    }

    /// Writes one row.
    pub fn write(&mut self, reject: &Reject) -> Result<(), ReadError> {
        let mut cells = reject.cells.clone();
        if cells.len() > self.columns && self.columns > 0 {
            let beyond = cells.split_off(self.columns - 1);
            cells.push(beyond.join(&char::from(self.delimiter.byte()).to_string()));
        }
        let line = reject.line.to_string();
        let column = reject
            .column
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        let reason = reject.reason.to_string();
        let row: Vec<&str> = self
            .kept
            .iter()
            .map(|&i| cells.get(i).map_or("", String::as_str))
            .chain([line.as_str(), &column, &reason])
            .collect();
        self.line(&row)?;
        self.written += 1;
        Ok(())
    }

    /// Rows written so far.
    #[must_use]
    pub const fn written(&self) -> u64 {
        self.written
    }

    /// Flushes, and gives the writer back.
    pub fn finish(mut self) -> Result<W, ReadError> {
        self.out.flush().map_err(ReadError::Write)?;
        Ok(self.out)
    }

    fn line(&mut self, cells: &[&str]) -> Result<(), ReadError> {
        let mut line = String::new();
        let delimiter = char::from(self.delimiter.byte());
        for (i, cell) in cells.iter().enumerate() {
            if i > 0 {
                line.push(delimiter);
            }
            let cell = spreadsheet_cell(cell);
            if cell.contains([delimiter, '"', '\r', '\n']) || cell.trim() != cell {
                line.push('"');
                line.push_str(&cell.replace('"', "\"\""));
                line.push('"');
            } else {
                line.push_str(&cell);
            }
        }
        line.push_str("\r\n");
        self.out
            .write_all(line.as_bytes())
            .map_err(ReadError::Write)
    }
}

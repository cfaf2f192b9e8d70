//! What can be wrong with a whole file or a whole mapping. What is wrong with one row is a
//! [`crate::Reject`].

use base::{Fault, FaultKind};

/// Why a file, a mapping or an error file could not be taken. Nothing was imported when one of
/// these is returned by [`crate::Source::open`] or by a mapping.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The reader failed.
    #[error("the file could not be read to its end: try again, or copy it to another place first")]
    Io(#[source] std::io::Error),
    /// The writer of the error file failed.
    #[error("the file of rejected rows could not be written: make room and start again")]
    Write(#[source] std::io::Error),
    /// No line with text.
    #[error("the file is empty: line 1 must hold the column headers")]
    Empty,
    /// A workbook.
    #[error(
        "this is {what}, not a CSV file: open it in your spreadsheet program and save the sheet as \"CSV UTF-8\""
    )]
    Spreadsheet {
        /// The kind of workbook.
        what: &'static str,
    },
    /// Some other known format.
    #[error("this is {what}, not a CSV file: nothing was read from it")]
    NotTable {
        /// The format.
        what: &'static str,
    },
    /// A zero byte.
    #[error(
        "line {line}, column {column} holds a zero byte: this is no text file, or it is damaged"
    )]
    Nul {
        /// Physical line, from 1.
        line: u64,
        /// Table column, from 1.
        column: usize,
    },
    /// A byte sequence that the file's encoding does not have.
    #[error(
        "line {line}, column {column} holds bytes that are not valid {encoding}: save the file as UTF-8 and try again"
    )]
    Encoding {
        /// The encoding of the rest of the file.
        encoding: &'static str,
        /// Physical line, from 1.
        line: u64,
        /// Table column, from 1.
        column: usize,
    },
    /// Too many places are not in the encoding that other places are in.
    #[error(
        "the file mixes encodings: line {line}, column {column} is not UTF-8 although other lines are; save the file as UTF-8 and try again"
    )]
    MixedEncodings {
        /// Physical line of the first place that is not UTF-8, from 1.
        line: u64,
        /// Table column, from 1.
        column: usize,
    },
    /// A quoted cell runs to the end of the file.
    #[error(
        "the quotation mark opened in line {line}, column {column} is never closed: the file is cut off, or a mark inside a cell is not doubled"
    )]
    UnclosedQuote {
        /// Physical line of the opening mark, from 1.
        line: u64,
        /// Table column, from 1.
        column: usize,
    },
    /// A record over the limit.
    #[error(
        "the row that begins in line {line} is longer than {limit} bytes: most often a quotation mark in it is never closed, or the file is no table"
    )]
    RecordTooLong {
        /// Physical line where the row begins, from 1.
        line: u64,
        /// Limit in bytes.
        limit: usize,
    },
    /// Too many cells in a row.
    #[error("line {line} has more than {limit} columns: split the table, or check the delimiter")]
    TooManyColumns {
        /// Physical line, from 1.
        line: u64,
        /// Limit in cells.
        limit: usize,
    },
    /// Too many rows.
    #[error("the file has more than {limit} rows: split it into several files")]
    TooManyRows {
        /// Limit in rows.
        limit: u64,
    },
    /// Too large a file.
    #[error("the file is larger than {limit} bytes: split it into several files")]
    FileTooLarge {
        /// Limit in bytes.
        limit: u64,
    },
    /// The first line is data.
    #[error(
        "the first line holds a mail address in column {column}, so it is data and not headers: add a line with the column names on top"
    )]
    NoHeader {
        /// Table column, from 1.
        column: usize,
    },
    /// A header cell that cannot be a header.
    #[error(
        "the header of column {column} is longer than 500 characters, holds control characters or a misplaced quotation mark: correct it in line {line}"
    )]
    Header {
        /// Physical line of the header, from 1.
        line: u64,
        /// Table column, from 1.
        column: usize,
    },
    /// Second reading differs from the first.
    #[error("the file was changed while it was read: undo what was taken from it, and start again")]
    Changed,
    /// A mapping file that is no JSON of the documented shape.
    #[error("the mapping file is not of the documented shape at line {line}, position {position}")]
    MapShape {
        /// Line in the mapping file.
        line: usize,
        /// Character in that line.
        position: usize,
    },
    /// A column that the table does not have.
    #[error(
        "the mapping names the column \"{column}\", which the table does not have: check the spelling"
    )]
    MapColumn {
        /// The column as the mapping names it.
        column: String,
    },
    /// A column named twice in the mapping.
    #[error("the mapping names the column \"{column}\" twice: keep one of the two")]
    MapColumnTwice {
        /// The column.
        column: String,
    },
    /// A header that stands twice in the table.
    #[error("the table has the column \"{column}\" more than once: say which one with \"number\"")]
    MapAmbiguous {
        /// The column.
        column: String,
    },
    /// A target that does not exist for this kind.
    #[error(
        "\"{target}\" (for column \"{column}\") is no field of a {kind}: see the list of targets"
    )]
    MapTarget {
        /// The column.
        column: String,
        /// What was asked for.
        target: String,
        /// The kind of record.
        kind: &'static str,
    },
    /// Two columns for one value.
    #[error(
        "the columns \"{first}\" and \"{second}\" both go to \"{target}\": leave one out, or number them as in mail#1, mail#2"
    )]
    MapTwice {
        /// The target.
        target: String,
        /// The column that has it first.
        first: String,
        /// The column that has it again.
        second: String,
    },
}

impl Fault for ReadError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Io(_) | Self::Write(_) => FaultKind::Unavailable,
            Self::RecordTooLong { .. }
            | Self::TooManyColumns { .. }
            | Self::TooManyRows { .. }
            | Self::FileTooLarge { .. } => FaultKind::TooLarge,
            Self::Changed => FaultKind::Conflict,
            _ => FaultKind::Invalid,
        }
    }
}

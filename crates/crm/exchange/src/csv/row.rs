//! One row as text.

use std::fmt;

use super::records::Record;
use crate::encoding::push_windows_1252;
use crate::{ColumnRef, Encoding, Reason, Reject};

/// A row: as many cells as the table has headers, as they stand in the file, free of control
/// characters but tab and line breaks. `Debug` shows no cell.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// Physical line where it begins, from 1.
    pub line: u64,
    text: String,
    ends: Vec<usize>,
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Row(line {}, {} cells)", self.line, self.ends.len())
    }
}

impl Row {
    /// A row of these cells, as a form or a paste gives them.
    #[must_use]
    pub fn new<S: AsRef<str>>(line: u64, cells: &[S]) -> Self {
        let mut row = Self {
            line,
            text: String::new(),
            ends: Vec::with_capacity(cells.len()),
        };
        for cell in cells {
            row.text.push_str(cell.as_ref());
            row.ends.push(row.text.len());
        }
        row
    }

    /// The cell at `index`, from 0; empty beyond the last.
    #[must_use]
    pub fn cell(&self, index: usize) -> &str {
        let start = if index == 0 {
            Some(0)
        } else {
            self.ends.get(index - 1).copied()
        };
        match (start, self.ends.get(index)) {
            (Some(start), Some(&end)) => &self.text[start..end],
            _ => "",
        }
    }

    /// All cells.
    pub fn cells(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|index| self.cell(index))
    }

    /// The cells, to be given back in a reject.
    #[must_use]
    pub fn to_cells(&self) -> Vec<String> {
        self.cells().map(ToOwned::to_owned).collect()
    }

    /// This row as a reject. `index` is the column from 0.
    pub(crate) fn reject(
        &self,
        index: Option<usize>,
        headers: &[String],
        reason: Reason,
    ) -> Reject {
        let column = index.map(|index| ColumnRef {
            number: index + 1,
            name: headers.get(index).cloned().unwrap_or_default(),
        });
        Reject {
            line: self.line,
            column,
            reason,
            cells: self.to_cells(),
        }
    }

    /// The record as text, with the first cell that could not be decoded.
    pub(crate) fn decode(record: &Record, encoding: Encoding) -> (Self, Option<usize>) {
        let whole = match encoding {
            Encoding::Windows1252 if !record.bytes.is_ascii() => None,
            _ => std::str::from_utf8(&record.bytes)
                .ok()
                .filter(|text| record.ends.iter().all(|&end| text.is_char_boundary(end))),
        };
        if let Some(text) = whole {
            let (text, ends) = (text.to_owned(), record.ends.clone());
            return (
                Self {
                    line: record.line,
                    text,
                    ends,
                },
                None,
            );
        }
        let mut row = Self {
            line: record.line,
            text: String::new(),
            ends: Vec::new(),
        };
        let mut broken = None;
        for (index, cell) in record.cells().enumerate() {
            match std::str::from_utf8(cell) {
                Ok(text) if encoding != Encoding::Windows1252 => row.text.push_str(text),
                Err(_) if encoding != Encoding::Windows1252 => {
                    broken.get_or_insert(index);
                    push_windows_1252(cell, &mut row.text);
                }
                _ => push_windows_1252(cell, &mut row.text),
            }
            row.ends.push(row.text.len());
        }
        (row, broken)
    }

    /// The first cell with a control character other than tab, line feed, carriage return.
    pub(crate) fn control(&self) -> Option<(usize, u32)> {
        let refused = |c: &char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
        let suspicious =
            |b: u8| (b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r')) || b == 0x7F || b == 0xC2;
        if !self.text.bytes().any(suspicious) {
            return None;
        }
        self.cells()
            .enumerate()
            .find_map(|(index, cell)| cell.chars().find(refused).map(|c| (index, u32::from(c))))
    }
}

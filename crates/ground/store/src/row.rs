//! Rows, read by position, whichever engine they come from.

use base::{Id, Timestamp};

use crate::{Cell, Error, Result};

/// One row of an answer.
pub struct Row<'a>(pub(crate) Inner<'a>);

pub(crate) enum Inner<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a postgres::Row),
}

impl Row<'_> {
    /// The value in a column, counted from 0.
    pub fn get<T: FromCell>(&self, column: usize) -> Result<T> {
        let cell = self.cell(column)?;
        T::from_cell(cell).ok_or(Error::Type {
            column,
            found: cell.kind(),
            wanted: T::WANTED,
        })
    }

    /// The cell in a column, borrowed.
    pub fn cell(&self, column: usize) -> Result<Cell<'_>> {
        match &self.0 {
            Inner::Sqlite(row) => crate::sqlite::cell(row, column),
            Inner::Postgres(row) => crate::pg::cell(row, column),
        }
    }

    /// The bytes in a column, borrowed.
    pub fn bytes(&self, column: usize) -> Result<&[u8]> {
        match self.cell(column)? {
            Cell::Bytes(bytes) => Ok(bytes),
            other => Err(Error::Type {
                column,
                found: other.kind(),
                wanted: "bytes",
            }),
        }
    }

    /// How many columns the row has.
    #[must_use]
    pub fn width(&self) -> usize {
        match &self.0 {
            Inner::Sqlite(row) => row.as_ref().column_count(),
            Inner::Postgres(row) => row.len(),
        }
    }
}

/// What a cell can be read as.
pub trait FromCell: Sized {
    /// In words, for an error.
    const WANTED: &'static str;
    /// `None` when the cell is of another type.
    fn from_cell(cell: Cell<'_>) -> Option<Self>;
}

impl FromCell for i64 {
    const WANTED: &'static str = "a number";
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Int(v) => Some(v),
            _ => None,
        }
    }
}

macro_rules! small_int {
    ($($t:ty),+) => { $(impl FromCell for $t {
        const WANTED: &'static str = "a number in range";
        fn from_cell(cell: Cell<'_>) -> Option<Self> {
            match cell { Cell::Int(v) => Self::try_from(v).ok(), _ => None }
        }
    })+ };
}
small_int!(u8, u16, u32, u64, usize, i32);

impl FromCell for f64 {
    const WANTED: &'static str = "a fraction";
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Real(v) => Some(v),
            _ => None,
        }
    }
}

impl FromCell for Timestamp {
    const WANTED: &'static str = "an instant";
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        i64::from_cell(cell).map(Self)
    }
}

impl FromCell for String {
    const WANTED: &'static str = "text";
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Text(v) => Some(v.to_owned()),
            _ => None,
        }
    }
}

impl FromCell for Vec<u8> {
    const WANTED: &'static str = "bytes";
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Bytes(v) => Some(v.to_vec()),
            _ => None,
        }
    }
}

impl<const N: usize> FromCell for [u8; N] {
    const WANTED: &'static str = "bytes of a fixed length";
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Bytes(v) => v.try_into().ok(),
            _ => None,
        }
    }
}

impl<K> FromCell for Id<K> {
    const WANTED: &'static str = "an id of 16 bytes";
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        <[u8; 16]>::from_cell(cell).map(Self::from_bytes)
    }
}

impl<T: FromCell> FromCell for Option<T> {
    const WANTED: &'static str = T::WANTED;
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Null => Some(None),
            other => T::from_cell(other).map(Some),
        }
    }
}

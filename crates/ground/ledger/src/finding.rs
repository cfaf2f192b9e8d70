//! What verification found: the first wrong entry, and what is wrong with it.

use std::fmt;

use base::RecordId;

use crate::Error;

/// Where something is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The leaf of this number.
    Leaf(u64),
    /// The checkpoint of this size.
    Checkpoint(u64),
    /// This record.
    Row(RecordId),
    /// A table of the log.
    Table(&'static str),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Leaf(seq) => write!(f, "leaf {seq}"),
            Self::Checkpoint(size) => write!(f, "the checkpoint of size {size}"),
            Self::Row(row) => write!(f, "record {row}"),
            Self::Table(name) => write!(f, "table {name}"),
        }
    }
}

/// The first thing that is wrong, in one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// What.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// Why a verification stopped: something is wrong, or it could not go on.
#[derive(Debug)]
pub(crate) enum Stop {
    Found(Finding),
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<store::Error> for Stop {
    fn from(error: store::Error) -> Self {
        Self::Failed(error.into())
    }
}

pub(crate) fn found(place: Place, what: impl Into<String>) -> Stop {
    Stop::Found(Finding {
        place,
        what: what.into(),
    })
}

/// A cell of another type than the log writes is a finding in its table, not a failure.
pub(crate) fn damaged(table: &'static str) -> impl Fn(store::Error) -> Stop {
    move |error| match error {
        store::Error::Type { .. } => found(
            Place::Table(table),
            "a row holds values of another type or length than were written",
        ),
        other => other.into(),
    }
}

/// A finding is an answer and not a failure.
pub(crate) fn settle<T>(outcome: Result<T, Stop>) -> Result<Result<T, Finding>, Error> {
    match outcome {
        Ok(value) => Ok(Ok(value)),
        Err(Stop::Found(finding)) => Ok(Err(finding)),
        Err(Stop::Failed(error)) => Err(error),
    }
}

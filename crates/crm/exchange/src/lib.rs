//! Exchange: tables of people and companies come in from other systems, and go out again.
//!
//! The reading side knows nothing of storage. A file is opened as a [`Source`], which reads it
//! once from end to end before a single row is handed out, so that a broken file is refused
//! whole and nothing is half imported. Its headers become a [`Mapping`]; a mapping turns each
//! [`Row`] into a [`Draft`] or a [`Reject`]; rejects go to a [`RejectWriter`], whose file can be
//! corrected and imported again.
//!
//! It must never evaluate a cell, re-case or complete a value, guess a value that is not there,
//! or put the content of a cell into an error or a debug print.
//!
//! "Column" in every error and reject is the number of the table's column, from 1; "line" is the
//! physical line of the file, from 1, with line breaks inside quoted cells counted.
//!
//! Start reading at [`Source::open`], then [`Mapping::guess`] and [`Mapping::apply`].

mod aliases;
mod apply;
mod cells;
mod chunk;
mod csv;
mod draft;
mod encoding;
mod error;
pub mod guard;
mod headers;
mod import;
mod jobs;
mod map_file;
mod mapping;
mod names;
pub mod pages;
mod rejects;
mod settle;
mod target;
mod wizard;

pub use self::csv::{
    Delimiter, Form, Limits, LineEnding, Options, Quote, Row, RowOrReject, Rows, Shape, Source,
};
pub use aliases::SourceName;
pub use draft::{AddressDraft, CompanyDraft, Draft, Labelled, PersonDraft};
pub use encoding::Encoding;
pub use error::ReadError;
pub use headers::{KindGuess, guess_kind, recognise};
pub use import::{
    ImportError, IsSuppressed, Options as ImportOptions, Progress, Rejected, Report, import,
};
pub use jobs::Jobs;
pub use mapping::Mapping;
pub use names::{NameParts, split_full_name};
pub use rejects::{ColumnRef, Reason, Reject, RejectWriter};
pub use target::{ColumnTarget, Field, Kind, Target, Why};
pub use wizard::routes;

/// Its place on the rail.
pub const NAV: desk::NavEntry = desk::NavEntry {
    group: "CRM",
    key: "import",
    label: "Import",
    href: "/import",
    icon: "import",
    counts: None,
    shortcut: "i",
    needs: access::Action::Import,
};

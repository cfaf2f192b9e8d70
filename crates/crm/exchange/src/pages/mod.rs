//! The screens of an import: choose a file, say where each column goes, see what would happen,
//! watch it, read what it did. Nothing is saved before the third.
//!
//! Addresses: `/import` (GET, POST multipart), `/import/{id}/mapping`, `/import/{id}/check`,
//! `/import/{id}`, and POST to `/import/{id}/start`, `/cancel`, `/undo`.

use askama::Template;
use web::Shell;
use web::view::{Chip, Choice, Count, Link, Meter, Step};

#[cfg(test)]
mod samples;

/// Seconds after which [`ProgressPage`] loads itself again: give it to [`web::refresh`].
pub const PROGRESS_SECONDS: u16 = 2;

/// The way of an import, standing at `current` (counted from 0).
#[must_use]
pub fn way(current: usize) -> Vec<Step> {
    Step::way(&["File", "Columns", "Check", "Import"], current)
}

/// Choosing a file. The form posts multipart: `csrf`, `kind`, then `file`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/upload.html")]
pub struct UploadPage {
    /// The frame.
    pub shell: Shell,
    /// Where we are: [`way`].
    pub steps: Vec<Step>,
    /// What the rows are: people, companies, or decided from the headings.
    pub kinds: Vec<Choice>,
    /// The largest file, in words: `100 MB`.
    pub largest: String,
    /// Why the last file was not taken, in sentences; empty for nothing.
    pub error: String,
    /// Imports before, newest first.
    pub before: Vec<Earlier>,
}

/// An import that was made before.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// Name of the file.
    pub file: String,
    /// Where its result stands.
    pub href: String,
    /// What it did: `498 people, 2 rejected`.
    pub did: String,
    /// When, in words.
    pub when: String,
    /// How it ended.
    pub state: Chip,
}

/// Saying where each column goes. The form posts `to` once for each column, in order.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/mapping.html")]
pub struct MappingPage {
    /// The frame.
    pub shell: Shell,
    /// Where we are: [`way`].
    pub steps: Vec<Step>,
    /// Where the form posts to.
    pub action: String,
    /// Name of the file.
    pub file: String,
    /// What was read of it: `500 rows`, `UTF-8`, `comma`, `recognised as HubSpot`.
    pub facts: Vec<String>,
    /// The columns, in the order of the file.
    pub columns: Vec<MappedColumn>,
    /// What stops the mapping as a whole; empty for nothing.
    pub error: String,
}

/// One column of the file.
#[derive(Debug, Clone)]
pub struct MappedColumn {
    /// Its heading, or `Column 7` without one.
    pub header: String,
    /// Up to three values, shown to the one who has the file anyway.
    pub samples: Vec<String>,
    /// Where it can go, grouped by class; the chosen one is set.
    pub targets: Vec<TargetGroup>,
    /// The class of data of the chosen target; `None` when it is not imported.
    pub class: Option<Chip>,
    /// Why it is not imported unless you say so: `looks like health data nobody asked for`; empty
    /// for no reason.
    pub why: String,
    /// What is wrong with the choice; empty for nothing.
    pub error: String,
}

/// Targets of one class.
#[derive(Debug, Clone)]
pub struct TargetGroup {
    /// The class in words; empty for "do not import".
    pub label: String,
    /// The targets.
    pub choices: Vec<Choice>,
}

/// What would happen: a dry run of the whole file. Nothing was saved.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/check.html")]
pub struct CheckPage {
    /// The frame.
    pub shell: Shell,
    /// Where we are: [`way`].
    pub steps: Vec<Step>,
    /// Name of the file.
    pub file: String,
    /// What would come of its rows.
    pub counts: Vec<Count>,
    /// The first rows that cannot be taken.
    pub rejects: Vec<Rejected>,
    /// All rejected rows as a file; empty for none.
    pub rejects_href: String,
    /// Where the import is started.
    pub start_action: String,
    /// `Import 498 people`; empty when there is nothing to import.
    pub start_label: String,
    /// Back to the columns.
    pub back: Link,
}

/// A row that cannot be taken.
#[derive(Debug, Clone)]
pub struct Rejected {
    /// Line of the file.
    pub line: String,
    /// Heading of the column; empty when it is the row as a whole.
    pub column: String,
    /// Why, and what to correct. Never the cell's content.
    pub reason: String,
}

/// An import on its way; loads itself again until it is done.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/progress.html")]
pub struct ProgressPage {
    /// The frame.
    pub shell: Shell,
    /// Where we are: [`way`].
    pub steps: Vec<Step>,
    /// Name of the file.
    pub file: String,
    /// How far.
    pub meter: Meter,
    /// `312 of 500 rows`.
    pub done: String,
    /// `about 10 seconds left`; empty when unknown.
    pub left: String,
    /// Where it is cancelled; what was imported stays until it is undone.
    pub cancel_action: String,
}

/// What an import did.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/result.html")]
pub struct ResultPage {
    /// The frame.
    pub shell: Shell,
    /// Where we are: [`way`] with 4, all done.
    pub steps: Vec<Step>,
    /// `us-500.csv was imported`, or that it was cancelled, undone or ended early.
    pub heading: String,
    /// In one sentence.
    pub said: String,
    /// What came of its rows.
    pub counts: Vec<Count>,
    /// All rejected rows as a file, with a column that says why; empty for none.
    pub rejects_href: String,
    /// A form posts here to take it back; `None` when it cannot be any more.
    pub undo_action: Option<String>,
    /// `until 23 December 2026`.
    pub undo_until: String,
    /// The people it brought, in the list of contacts.
    pub contacts: Link,
}

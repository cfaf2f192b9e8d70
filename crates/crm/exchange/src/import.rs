//! The import itself: rows become records, in acts of a few hundred, each all or nothing.
//!
//! The file was found sound from end to end before the first row comes here. A row that cannot be
//! taken is rejected with its reason and stops nothing. A row whose person or company is here already
//! is left as it is, so that the same file can be imported again, or on after a cancel. Rows are read
//! and settled on one thread while the store seals and writes those before them.

use std::collections::HashMap;
use std::io::{Read, Seek, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use access::Context;
use act::{Act, LeafAction, Logged};
use base::RecordId;
use records::{Draft as RecordDraft, Error as RecordError, Kind, Records};
use serde::Serialize;

use crate::chunk::{Chunk, Done, Part};
use crate::csv::Source;
use crate::draft::Draft;
use crate::mapping::Mapping;
use crate::rejects::{Reason, Reject, RejectWriter};
use crate::settle::{self, Ready};
use crate::{Kind as TableKind, ReadError};

/// Rows of one act.
const ROWS_AT_ONCE: usize = 500;
/// Rejected rows a report tells of; the error file holds all.
const REJECTS_TOLD: usize = 20;

/// Whether somebody was erased on request and may not come back without a fresh basis. Wired by the
/// program to the crate that keeps the fingerprints.
pub type IsSuppressed =
    Arc<dyn Fn(&mut Act<'_, '_>, &Kind, &RecordDraft) -> Result<bool, RecordError> + Send + Sync>;

/// How an import is done.
#[derive(Clone)]
pub struct Options {
    /// What the file is called, for the origin of each value. Never a path.
    pub file: String,
    /// Looks at everything and writes nothing.
    pub dry_run: bool,
    /// See [`IsSuppressed`].
    pub is_suppressed: IsSuppressed,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Progress {
    /// Rows dealt with.
    pub done: u64,
    /// Rows of the file.
    pub total: u64,
}

/// What an import did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// Rows of the file without blank ones; the next four add up to the rows dealt with.
    pub rows: u64,
    /// Records made.
    pub created: u64,
    /// Rows whose person or company was here already and was left as it is.
    pub already_here: u64,
    /// Rows of people who were erased on request.
    pub suppressed: u64,
    /// Rows that could not be taken; the error file says why.
    pub rejected: u64,
    /// Companies made because people work there.
    pub companies_created: u64,
    /// Notes made of what no field holds.
    pub notes_created: u64,
    /// The first of them, without their cells.
    pub rejects: Vec<Rejected>,
    /// Whether it was ended before the last row.
    pub cancelled: bool,
    /// Whether it only looked.
    pub dry_run: bool,
}

/// A row that could not be taken: where and why, never what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// Line of the file, from 1.
    pub line: u64,
    /// Column of the table, from 1, and its heading.
    pub column: Option<String>,
    /// Why, and what would be right.
    pub reason: String,
}

impl std::fmt::Display for Rejected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// An import that could not go on. What was imported before it is complete and kept.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A record, the store or the rights.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl base::Fault for ImportError {
    fn kind(&self) -> base::FaultKind {
        match self {
            Self::Read(error) => error.kind(),
            Self::Record(error) => error.kind(),
        }
    }
}

/// A row on its way: ready, or rejected.
enum Settled {
    Ready(Box<Ready>),
    Rejected(Reject),
}

/// Imports a file that was opened, by a mapping. `progress` hears of each act and ends the import by
/// answering `false`; `rejects` gets the rows that could not be taken.
pub fn import<R: Read + Seek + Send, W: Write>(
    records: &Records,
    context: &Context,
    source: &mut Source<R>,
    mapping: &Mapping,
    options: &Options,
    rejects: &mut RejectWriter<W>,
    progress: &mut dyn FnMut(Progress) -> bool,
) -> Result<Report, ImportError> {
    let total = source.shape().rows;
    let mut run = Run::new(records, context, mapping.kind(), options, total);
    let country = records.country();
    std::thread::scope(|scope| {
        let (chunks, inbox) = sync_channel(2);
        let reader = scope.spawn(move || settle_rows(records, &country, source, mapping, &chunks));
        let outcome = run.carry_out(&inbox, rejects, progress);
        // Ends the reader, which notices that nobody listens any more.
        drop(inbox);
        let read = reader.join().unwrap_or(Ok(()));
        outcome?;
        read
    })?;
    run.link_parts()?;
    run.close()?;
    Ok(run.report)
}

/// Reads and settles rows, a chunk at a time.
fn settle_rows<R: Read + Seek>(
    records: &Records,
    country: &str,
    source: &mut Source<R>,
    mapping: &Mapping,
    chunks: &SyncSender<Vec<Settled>>,
) -> Result<(), ImportError> {
    let person = records.kind("person");
    let company = records.kind("company");
    let mut chunk = Vec::with_capacity(ROWS_AT_ONCE);
    for row in source.rows()? {
        chunk.push(match row? {
            Err(reject) => Settled::Rejected(reject),
            Ok(row) => {
                let settled = match mapping.apply(&row) {
                    Err(reject) => Err(reject),
                    Ok(Draft::Person(draft)) => settle::person(person, country, *draft)
                        .map_err(|error| refused(&error, row.line, row.to_cells())),
                    Ok(Draft::Company(draft)) => settle::company(company, country, *draft)
                        .map_err(|error| refused(&error, row.line, row.to_cells())),
                };
                match settled {
                    Ok(ready) => Settled::Ready(Box::new(ready)),
                    Err(reject) => Settled::Rejected(reject),
                }
            }
        });
        if chunk.len() >= ROWS_AT_ONCE && chunks.send(std::mem::take(&mut chunk)).is_err() {
            return Ok(());
        }
    }
    if !chunk.is_empty() {
        drop(chunks.send(chunk));
    }
    Ok(())
}

/// A value that its field does not take. The reason names the field.
fn refused(error: &RecordError, line: u64, cells: Vec<String>) -> Reject {
    Reject {
        line,
        column: None,
        reason: Reason::Value(error.to_string()),
        cells,
    }
}

/// The column a reject is about; for a row of another length, the first that is missing or too many.
fn place_of(reject: &Reject) -> Option<String> {
    match (&reject.column, &reject.reason) {
        (Some(column), _) if column.name.is_empty() => Some(column.number.to_string()),
        (Some(column), _) => Some(format!("{} ({})", column.number, column.name)),
        (None, Reason::Ragged { expected, found }) => Some((expected.min(found) + 1).to_string()),
        (None, _) => None,
    }
}

/// One import under way.
struct Run<'r> {
    records: &'r Records,
    context: &'r Context,
    kind: TableKind,
    options: &'r Options,
    report: Report,
    /// Companies met so far, by folded name.
    companies: Arc<HashMap<String, RecordId>>,
    parts: Vec<Part>,
    done: u64,
}

impl<'r> Run<'r> {
    fn new(
        records: &'r Records,
        context: &'r Context,
        kind: TableKind,
        options: &'r Options,
        total: u64,
    ) -> Self {
        let report = Report {
            rows: total,
            dry_run: options.dry_run,
            ..Report::default()
        };
        Self {
            records,
            context,
            kind,
            options,
            report,
            companies: Arc::default(),
            parts: Vec::new(),
            done: 0,
        }
    }

    fn carry_out<W: Write>(
        &mut self,
        inbox: &Receiver<Vec<Settled>>,
        rejects: &mut RejectWriter<W>,
        progress: &mut dyn FnMut(Progress) -> bool,
    ) -> Result<(), ImportError> {
        while let Ok(chunk) = inbox.recv() {
            let rows = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
            let mut ready = Vec::with_capacity(chunk.len());
            for settled in chunk {
                match settled {
                    Settled::Ready(row) => ready.push(*row),
                    Settled::Rejected(reject) => {
                        rejects.write(&reject)?;
                        self.report.rejected += 1;
                        if self.report.rejects.len() < REJECTS_TOLD {
                            self.report.rejects.push(Rejected {
                                line: reject.line,
                                column: place_of(&reject),
                                reason: reject.reason.to_string(),
                            });
                        }
                    }
                }
            }
            self.write(ready)?;
            self.done += rows;
            if !progress(Progress {
                done: self.done,
                total: self.report.rows,
            }) {
                self.report.cancelled = self.done < self.report.rows;
                break;
            }
        }
        Ok(())
    }

    fn chunk(&self, ready: Vec<Ready>) -> Chunk {
        Chunk {
            records: self.records.clone(),
            kind: self.kind,
            file: self.options.file.clone(),
            is_suppressed: Arc::clone(&self.options.is_suppressed),
            companies: Arc::clone(&self.companies),
            ready,
        }
    }

    fn write(&mut self, ready: Vec<Ready>) -> Result<(), ImportError> {
        let chunk = self.chunk(ready);
        let done = if self.options.dry_run {
            self.records
                .acts()
                .read(self.context, |act| chunk.look(act))?
        } else {
            self.records
                .acts()
                .write(self.context, move |act| chunk.make(act))?
        };
        self.take(done);
        Ok(())
    }

    /// Links companies to those they are part of, once all rows are in.
    fn link_parts(&mut self) -> Result<(), ImportError> {
        let parts = std::mem::take(&mut self.parts);
        for some in parts.chunks(ROWS_AT_ONCE) {
            let (chunk, some) = (self.chunk(Vec::new()), some.to_vec());
            let acts = self.records.acts();
            let done = if self.options.dry_run {
                acts.read(self.context, |act| chunk.look_for_wholes(act, &some))?
            } else {
                acts.write(self.context, move |act| chunk.link_wholes(act, &some))?
            };
            self.take(done);
        }
        Ok(())
    }

    fn take(&mut self, done: Done) {
        self.report.created += done.created;
        self.report.already_here += done.already_here;
        self.report.suppressed += done.suppressed;
        self.report.companies_created += done.companies_created;
        self.report.notes_created += done.notes_created;
        // The act that shared them has ended, so nothing is copied here.
        Arc::make_mut(&mut self.companies).extend(done.companies);
        self.parts.extend(done.parts);
    }

    /// The leaf that says an import ended, and how many records it made.
    fn close(&self) -> Result<(), ImportError> {
        if self.options.dry_run {
            return Ok(());
        }
        let count = u32::try_from(self.report.created).unwrap_or(u32::MAX);
        let records = self.records.clone();
        let name = self.kind.name();
        self.records
            .acts()
            .write(self.context, move |act| -> Result<(), RecordError> {
                let table = records.kind(name).id.0;
                act.log(
                    LeafAction::Import,
                    Logged {
                        table,
                        count,
                        ..Logged::default()
                    },
                )?;
                Ok(())
            })?;
        Ok(())
    }
}

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
use records::{
    Draft as RecordDraft, Error as RecordError, Kind, Origin, Records, Source as Via, Value,
    normalise,
};
use serde::Serialize;

use crate::csv::Source;
use crate::draft::Draft;
use crate::mapping::Mapping;
use crate::rejects::{ColumnRef, Reason, Reject, RejectWriter};
use crate::settle::{self, Ready};
use crate::{Kind as TableKind, ReadError};

/// Rows of one act.
const ROWS_AT_ONCE: usize = 500;

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
    /// Whether it was ended before the last row.
    pub cancelled: bool,
    /// Whether it only looked.
    pub dry_run: bool,
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
    Ready(Box<Ready>, Vec<String>),
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
        let reader = scope.spawn(|| settle_rows(records, &country, source, mapping, chunks));
        let outcome = run.carry_out(&inbox, rejects, progress);
        // Ends the reader, which notices that nobody listens any more.
        drop(inbox);
        let read = reader.join().unwrap_or(Ok(()));
        outcome?;
        read
    })?;
    run.close()?;
    Ok(run.report)
}

/// Reads and settles rows, a chunk at a time.
fn settle_rows<R: Read + Seek>(
    records: &Records,
    country: &str,
    source: &mut Source<R>,
    mapping: &Mapping,
    chunks: SyncSender<Vec<Settled>>,
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
                    Ok(ready) => Settled::Ready(Box::new(ready), row.to_cells()),
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

fn refused(error: &RecordError, line: u64, cells: Vec<String>) -> Reject {
    let column = match error {
        RecordError::Invalid { label, .. } => Some(ColumnRef {
            number: 0,
            name: label.clone(),
        }),
        _ => None,
    };
    Reject {
        line,
        column,
        reason: Reason::Value(error.to_string()),
        cells,
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
    companies: HashMap<String, RecordId>,
    done: u64,
}

/// What one act did.
#[derive(Default)]
struct Done {
    created: u64,
    already_here: u64,
    suppressed: u64,
    companies: HashMap<String, RecordId>,
    companies_created: u64,
    notes_created: u64,
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
            companies: HashMap::new(),
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
                    Settled::Ready(row, _) => ready.push(*row),
                    Settled::Rejected(reject) => {
                        rejects.write(&reject)?;
                        self.report.rejected += 1;
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

    fn write(&mut self, ready: Vec<Ready>) -> Result<(), ImportError> {
        let chunk = Chunk {
            records: self.records.clone(),
            kind: self.kind,
            file: self.options.file.clone(),
            is_suppressed: Arc::clone(&self.options.is_suppressed),
            companies: self.companies.clone(),
            ready,
        };
        let done = if self.options.dry_run {
            self.records
                .acts()
                .read(self.context, |act| chunk.look(act))?
        } else {
            self.records
                .acts()
                .write(self.context, move |act| chunk.make(act))?
        };
        self.report.created += done.created;
        self.report.already_here += done.already_here;
        self.report.suppressed += done.suppressed;
        self.report.companies_created += done.companies_created;
        self.report.notes_created += done.notes_created;
        self.companies.extend(done.companies);
        Ok(())
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

/// The rows of one act.
struct Chunk {
    records: Records,
    kind: TableKind,
    file: String,
    is_suppressed: IsSuppressed,
    companies: HashMap<String, RecordId>,
    ready: Vec<Ready>,
}

impl Chunk {
    fn is_person(&self) -> bool {
        matches!(self.kind, TableKind::Person)
    }

    /// Sorts out what is new. In a dry run that is all.
    fn look(mut self, act: &mut Act<'_, '_>) -> Result<Done, RecordError> {
        let mut done = Done::default();
        let new = self.sort_out(act, &mut done)?;
        done.created = u64::try_from(new.len()).unwrap_or(u64::MAX);
        done.notes_created =
            u64::try_from(new.iter().filter(|row| row.note.is_some()).count()).unwrap_or(0);
        for name in new.iter().filter_map(|row| row.company.as_deref()) {
            let key = normalise::whole(name);
            let met = self.companies.contains_key(&key) || done.companies.contains_key(&key);
            if !met && self.find_company(act, &key, name)?.is_none() {
                done.companies.insert(key, RecordId::nil());
                done.companies_created += 1;
            }
        }
        Ok(done)
    }

    fn make(mut self, act: &mut Act<'_, '_>) -> Result<Done, RecordError> {
        let mut done = Done::default();
        let mut new = self.sort_out(act, &mut done)?;
        self.link_companies(act, &mut new, &mut done)?;
        let kind = self.records.kind(self.kind.name());
        let origins: Vec<Origin> = new.iter().map(|row| self.origin(act, row.line)).collect();
        let notes: Vec<Option<String>> = new.iter_mut().map(|row| row.note.take()).collect();
        let drafts: Vec<RecordDraft> = new.into_iter().map(|row| row.draft).collect();
        let names: Vec<String> = drafts
            .iter()
            .filter_map(|draft| draft.get(kind, "name"))
            .map(Value::line)
            .collect();
        let made = if drafts.is_empty() {
            Vec::new()
        } else {
            self.records.create_many(act, kind, drafts, &origins)?
        };
        if !self.is_person() {
            // A later row may name this one as its parent.
            done.companies.extend(
                names
                    .iter()
                    .map(|name| normalise::whole(name))
                    .zip(made.iter().copied()),
            );
        }
        self.write_notes(act, &made, notes, &origins, &mut done)?;
        done.created = u64::try_from(made.len()).unwrap_or(u64::MAX);
        Ok(done)
    }

    fn origin(&self, act: &Act<'_, '_>, line: u64) -> Origin {
        Origin {
            source: Via::Import,
            reference: format!("{} line {line}", self.file),
            at: act.now().micros(),
            actor: act.context().actor.to_string(),
        }
    }

    /// The rows that describe nobody who is here already or was erased.
    fn sort_out(
        &mut self,
        act: &mut Act<'_, '_>,
        done: &mut Done,
    ) -> Result<Vec<Ready>, RecordError> {
        let kind = self.records.kind(self.kind.name());
        let ready = std::mem::take(&mut self.ready);
        self.records.log_compared(act, kind, ready.len())?;
        let mut new = Vec::with_capacity(ready.len());
        let mut met: HashMap<String, ()> = HashMap::new();
        for row in ready {
            let keys = identities(kind, &row.draft, !self.is_person());
            let again = !keys.is_empty() && keys.iter().any(|key| met.contains_key(key));
            if again
                || self
                    .records
                    .known(act, kind, &row.draft, !self.is_person())?
                    .is_some()
            {
                done.already_here += 1;
            } else if (self.is_suppressed)(act, kind, &row.draft)? {
                done.suppressed += 1;
            } else {
                met.extend(keys.into_iter().map(|key| (key, ())));
                new.push(row);
            }
        }
        Ok(new)
    }

    /// Links each row to the company it names, which is made when it is not here.
    fn link_companies(
        &mut self,
        act: &mut Act<'_, '_>,
        new: &mut [Ready],
        done: &mut Done,
    ) -> Result<(), RecordError> {
        let kind = self.records.kind("company");
        let link = self
            .records
            .kind(self.kind.name())
            .link(if self.is_person() {
                "works_at"
            } else {
                "part_of"
            });
        let Some(link) = link else { return Ok(()) };
        for row in new {
            let Some(name) = row.company.take() else {
                continue;
            };
            let key = normalise::whole(&name);
            if key.is_empty() {
                continue;
            }
            let id = match self
                .find_company(act, &key, &name)?
                .or(done.companies.get(&key).copied())
            {
                Some(id) => id,
                None => {
                    let mut draft = RecordDraft::default();
                    draft.set(kind, "name", &name.into(), &self.records.country())?;
                    let id = self
                        .records
                        .create(act, kind, draft, &self.origin(act, row.line))?;
                    done.companies_created += 1;
                    id
                }
            };
            done.companies.insert(key, id);
            row.draft.links.push((link, id));
        }
        Ok(())
    }

    fn find_company(
        &self,
        act: &mut Act<'_, '_>,
        key: &str,
        name: &str,
    ) -> Result<Option<RecordId>, RecordError> {
        if let Some(known) = self.companies.get(key) {
            return Ok(Some(*known));
        }
        let kind = self.records.kind("company");
        let mut draft = RecordDraft::default();
        draft.set(kind, "name", &name.into(), &self.records.country())?;
        self.records.known(act, kind, &draft, true)
    }

    fn write_notes(
        &self,
        act: &mut Act<'_, '_>,
        made: &[RecordId],
        notes: Vec<Option<String>>,
        origins: &[Origin],
        done: &mut Done,
    ) -> Result<(), RecordError> {
        let kind = self.records.kind("note");
        let Some(about) = kind.link("about") else {
            return Ok(());
        };
        let body = kind.field("body").map_or(0, |field| field.number);
        let mut drafts = Vec::new();
        let mut from = Vec::new();
        for ((id, note), origin) in made.iter().zip(notes).zip(origins) {
            let Some(note) = note else { continue };
            let mut draft = RecordDraft {
                links: vec![(about, *id)],
                ..RecordDraft::default()
            };
            draft.values.insert(body, Value::Text(note));
            drafts.push(draft);
            from.push(origin.clone());
        }
        done.notes_created = u64::try_from(drafts.len()).unwrap_or(u64::MAX);
        if !drafts.is_empty() {
            self.records.create_many(act, kind, drafts, &from)?;
        }
        Ok(())
    }
}

/// What makes two rows of one file the same person or company: as [`Records::known`] decides, but in
/// clear and in memory, for rows of the same act.
fn identities(kind: &Kind, draft: &RecordDraft, name_is_enough: bool) -> Vec<String> {
    let line = |field: &str| draft.get(kind, field).map(Value::line).unwrap_or_default();
    let mut keys = Vec::new();
    let id = line("external_id");
    if !id.is_empty() {
        keys.push(format!("id {id}"));
    }
    let name = if kind.field("family_name").is_some() {
        normalise::whole(&format!("{} {}", line("given_name"), line("family_name")))
    } else {
        normalise::whole(&line("name"))
    };
    let mut contacts: Vec<String> = Vec::new();
    for field in ["mails", "phones"] {
        if let Some(Value::Several(entries)) = draft.get(kind, field) {
            contacts.extend(entries.iter().map(|entry| entry.value.to_lowercase()));
        }
    }
    if name_is_enough || contacts.is_empty() {
        keys.push(format!("name {name}"));
    } else {
        keys.extend(
            contacts
                .into_iter()
                .map(|contact| format!("{name} {contact}")),
        );
    }
    keys
}

//! One act of an import: some rows, all of them or none.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use act::Act;
use base::RecordId;
use records::{
    Draft as RecordDraft, Error as RecordError, Kind, Origin, Records, Source as Via, Value,
    normalise,
};

use crate::Kind as TableKind;
use crate::import::IsSuppressed;
use crate::settle::Ready;

/// What one act did.
#[derive(Default)]
pub(crate) struct Done {
    pub created: u64,
    pub already_here: u64,
    pub suppressed: u64,
    pub companies: HashMap<String, RecordId>,
    pub companies_created: u64,
    pub notes_created: u64,
    /// Companies that name another one they are part of, which may come later in the file.
    pub parts: Vec<Part>,
}

/// A company and the name of the one it is part of.
#[derive(Clone)]
pub(crate) struct Part {
    pub id: RecordId,
    pub line: u64,
    pub of: String,
}

/// The rows of one act.
pub(crate) struct Chunk {
    pub records: Records,
    pub kind: TableKind,
    pub file: String,
    pub is_suppressed: IsSuppressed,
    /// Companies met in acts before this one. Shared: there may be as many as rows.
    pub companies: Arc<HashMap<String, RecordId>>,
    pub ready: Vec<Ready>,
}

impl Chunk {
    fn is_person(&self) -> bool {
        matches!(self.kind, TableKind::Person)
    }

    /// Sorts out what is new. In a dry run that is all.
    pub fn look(mut self, act: &mut Act<'_, '_>) -> Result<Done, RecordError> {
        let mut done = Done::default();
        let new = self.sort_out(act, &mut done)?;
        done.created = u64::try_from(new.len()).unwrap_or(u64::MAX);
        done.notes_created =
            u64::try_from(new.iter().filter(|row| row.note.is_some()).count()).unwrap_or(0);
        if !self.is_person() {
            let named = new
                .iter()
                .map(|row| (self.name_of(&row.draft), RecordId::nil()));
            done.companies = named.collect();
            done.parts = parts(
                new.iter()
                    .map(|row| (row.company.clone(), row.line, RecordId::nil())),
            );
            return Ok(done);
        }
        for name in new.iter().filter_map(|row| row.company.as_deref()) {
            self.count_missing(act, name, &mut done)?;
        }
        Ok(done)
    }

    /// Makes what is new.
    pub fn make(mut self, act: &mut Act<'_, '_>) -> Result<Done, RecordError> {
        let mut done = Done::default();
        let mut new = self.sort_out(act, &mut done)?;
        if self.is_person() {
            self.link_companies(act, &mut new, &mut done)?;
        }
        let kind = self.records.kind(self.kind.name());
        let named: Vec<(String, u64, Option<String>)> = new
            .iter_mut()
            .map(|row| (self.name_of(&row.draft), row.line, row.company.take()))
            .collect();
        let origins: Vec<Origin> = new.iter().map(|row| self.origin(act, row.line)).collect();
        let notes: Vec<Option<String>> = new.iter_mut().map(|row| row.note.take()).collect();
        let drafts: Vec<RecordDraft> = new.into_iter().map(|row| row.draft).collect();
        let made = if drafts.is_empty() {
            Vec::new()
        } else {
            self.records.create_many(act, kind, drafts, &origins)?
        };
        if !self.is_person() {
            let with_ids = named.into_iter().zip(&made).map(|((name, line, of), &id)| {
                done.companies.insert(name, id);
                (of, line, id)
            });
            done.parts = parts(with_ids);
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
        let mut met: HashSet<String> = HashSet::new();
        for row in ready {
            let keys = identities(kind, &row.draft, !self.is_person());
            let again = !keys.is_empty() && keys.iter().any(|key| met.contains(key));
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
                met.extend(keys);
                new.push(row);
            }
        }
        Ok(new)
    }

    /// Links each person to the company the row names, which is made when it is not here.
    fn link_companies(
        &mut self,
        act: &mut Act<'_, '_>,
        new: &mut [Ready],
        done: &mut Done,
    ) -> Result<(), RecordError> {
        let Some(link) = self.records.kind("person").link("works_at") else {
            return Ok(());
        };
        for row in new {
            let Some(name) = row.company.take() else {
                continue;
            };
            if let Some(id) = self.company(act, &name, row.line, done)? {
                row.draft.links.push((link, id));
            }
        }
        Ok(())
    }

    /// Links companies to the ones they are part of, which are made when they are not here.
    pub fn link_wholes(self, act: &mut Act<'_, '_>, parts: &[Part]) -> Result<Done, RecordError> {
        let mut done = Done::default();
        let kind = self.records.kind("company");
        let Some(link) = kind.link("part_of") else {
            return Ok(done);
        };
        for part in parts {
            let whole = self.company(act, &part.of, part.line, &mut done)?;
            if let Some(whole) = whole.filter(|whole| *whole != part.id) {
                self.records.relink(act, kind, part.id, link, &[whole])?;
            }
        }
        Ok(done)
    }

    /// What [`Chunk::link_wholes`] would make.
    pub fn look_for_wholes(
        self,
        act: &mut Act<'_, '_>,
        parts: &[Part],
    ) -> Result<Done, RecordError> {
        let mut done = Done::default();
        for part in parts {
            self.count_missing(act, &part.of, &mut done)?;
        }
        Ok(done)
    }

    /// The company of this name, made when it is not here; `None` when the name has no letter.
    fn company(
        &self,
        act: &mut Act<'_, '_>,
        name: &str,
        line: u64,
        done: &mut Done,
    ) -> Result<Option<RecordId>, RecordError> {
        let key = normalise::whole(name);
        if key.is_empty() {
            return Ok(None);
        }
        let known = match done.companies.get(&key).copied() {
            Some(known) => Some(known),
            None => self.find_company(act, &key, name)?,
        };
        let id = match known {
            Some(id) => id,
            None => {
                let kind = self.records.kind("company");
                let mut draft = RecordDraft::default();
                draft.set(kind, "name", &name.into(), &self.records.country())?;
                done.companies_created += 1;
                let origin = self.origin(act, line);
                self.records.create(act, kind, draft, &origin)?
            }
        };
        done.companies.insert(key, id);
        Ok(Some(id))
    }

    fn count_missing(
        &self,
        act: &mut Act<'_, '_>,
        name: &str,
        done: &mut Done,
    ) -> Result<(), RecordError> {
        let key = normalise::whole(name);
        let met = self.companies.contains_key(&key) || done.companies.contains_key(&key);
        if !key.is_empty() && !met && self.find_company(act, &key, name)?.is_none() {
            done.companies.insert(key, RecordId::nil());
            done.companies_created += 1;
        }
        Ok(())
    }

    fn name_of(&self, draft: &RecordDraft) -> String {
        let kind = self.records.kind(self.kind.name());
        draft
            .get(kind, "name")
            .map(|name| normalise::whole(&name.line()))
            .unwrap_or_default()
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

/// Those that name a company they are part of.
fn parts(rows: impl Iterator<Item = (Option<String>, u64, RecordId)>) -> Vec<Part> {
    rows.filter_map(|(of, line, id)| of.map(|of| Part { id, line, of }))
        .collect()
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

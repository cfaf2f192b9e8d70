//! Finding people by what is remembered of them, and finding that somebody is here already.

use access::{Action, Sight};
use act::{Act, LeafAction, Logged};
use base::{RecordId, SubjectId};

use crate::create::Draft;
use crate::document::Stored;
use crate::index::{self, Lookup};
use crate::normalise;
use crate::open::{Record, opened};
use crate::schema::{IndexHow, Kind, KindId};
use crate::value::Value;
use crate::{Records, Result};

/// How many records one lookup may bring in before they are opened and compared.
const CANDIDATES: usize = 5_000;

/// Something found.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The record, opened in the columns asked for.
    pub record: Record,
    /// What matched: name, mail, phone.
    pub by: &'static str,
}

/// A record that may be the same as a new one.
#[derive(Debug, Clone)]
pub struct Duplicate {
    /// Which.
    pub id: RecordId,
    /// Its name.
    pub name: String,
    /// Why: `same mail`, `same phone`, `same name`.
    pub reasons: Vec<&'static str>,
}

impl Records {
    /// Records of a kind that a text finds: a mail address, a phone number or beginnings of names.
    /// `columns` are opened for the answer, 0 for all.
    pub fn find(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        text: &str,
        limit: usize,
        columns: u64,
    ) -> Result<Vec<Hit>> {
        let decision = act.decide(Action::Search, LeafAction::Search, kind.rules())?;
        let (by, found) = self.look(act, kind, text, limit)?;
        let rows = self.keep(act, kind, &[], decision.rows, &found)?;
        let mut records = self.see_all(act, kind, &decision, &rows, columns)?;
        if by != "name" || !self.names().is_ready() {
            self.drop_false_hits(act, kind, text, by, &rows, &mut records)?;
        }
        records.truncate(limit);
        let hidden = kind
            .shown_as
            .iter()
            .any(|&column| decision.sight(column) != Sight::Clear);
        if by == "name" && hidden {
            // Who may not see names may not learn them by asking either.
            records.clear();
        }
        self.log_found(act, kind, &records)?;
        Ok(records
            .into_iter()
            .map(|record| Hit { record, by })
            .collect())
    }

    /// Records that a draft may repeat, with the reasons; only ones the actor may see.
    pub fn duplicates(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        draft: &Draft,
    ) -> Result<Vec<Duplicate>> {
        let decision = act.decide(Action::Search, LeafAction::Search, kind.rules())?;
        let mut reasons: Vec<(RecordId, &'static str)> = Vec::new();
        for (index, text) in texts(kind, draft) {
            let (word, exact) = match index.how {
                IndexHow::Mail => ("same mail", true),
                IndexHow::Phone => ("same phone", true),
                IndexHow::Whole => ("same name", true),
                _ => ("", false),
            };
            if !exact {
                continue;
            }
            for lookup in index::lookups(self, act, kind, index, &text) {
                for id in index::candidates(act, &lookup, 20)? {
                    reasons.push((id, word));
                }
            }
        }
        let mut ids: Vec<RecordId> = reasons.iter().map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.truncate(20);
        let rows = self.keep(act, kind, &[], decision.rows, &ids)?;
        let records = self.see_all(act, kind, &decision, &rows, name_columns(kind))?;
        self.log_found(act, kind, &records)?;
        Ok(records
            .into_iter()
            .map(|record| {
                let mut own: Vec<&'static str> = reasons
                    .iter()
                    .filter(|(id, _)| *id == record.id)
                    .map(|(_, reason)| *reason)
                    .collect();
                own.sort_unstable();
                own.dedup();
                Duplicate {
                    id: record.id,
                    name: record.name,
                    reasons: own,
                }
            })
            .collect())
    }

    /// The record that a draft of an import describes already, if there is one: the same id in another
    /// system; or the same name together with a mail or phone of its own; or, where `name_is_enough` or
    /// the draft has neither mail nor phone, the same name. Nothing is opened: exact tokens decide.
    pub fn known(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        draft: &Draft,
        name_is_enough: bool,
    ) -> Result<Option<RecordId>> {
        let (mut by_name, mut by_contact, mut has_contact) = (Vec::new(), Vec::new(), false);
        for (index, text) in texts(kind, draft) {
            let contact = matches!(index.how, IndexHow::Mail | IndexHow::Phone);
            has_contact |= contact;
            for lookup in index::lookups(self, act, kind, index, &text) {
                let found = index::candidates(act, &lookup, 50)?;
                match index.how {
                    IndexHow::Exact if !found.is_empty() => return Ok(found.first().copied()),
                    IndexHow::Whole => by_name.extend(found),
                    _ if contact => by_contact.extend(found),
                    _ => {}
                }
            }
        }
        let name_decides = name_is_enough || !has_contact;
        Ok(by_name
            .into_iter()
            .find(|id| name_decides || by_contact.contains(id)))
    }

    /// Leaves the leaf of a comparison that opened nothing: how many drafts were looked up.
    pub fn log_compared(&self, act: &mut Act<'_, '_>, kind: &Kind, drafts: usize) -> Result<()> {
        act.decide(Action::Import, LeafAction::Search, kind.rules())?;
        let count = u32::try_from(drafts).unwrap_or(u32::MAX);
        act.log(
            LeafAction::Search,
            Logged {
                table: kind.id.0,
                count,
                ..Logged::default()
            },
        )?;
        Ok(())
    }

    fn log_found(&self, act: &mut Act<'_, '_>, kind: &Kind, records: &[Record]) -> Result<()> {
        let fields = records.iter().fold(0, |mask, record| mask | opened(record));
        let mut subjects: Vec<SubjectId> = Vec::new();
        for record in records {
            subjects.extend(self.subjects_of(act, kind, record.id)?);
        }
        let count = u32::try_from(records.len()).unwrap_or(u32::MAX);
        act.log(
            LeafAction::Search,
            Logged {
                table: kind.id.0,
                fields,
                subjects,
                count,
                row: None,
            },
        )?;
        Ok(())
    }

    /// Candidates for a text and what it was taken for.
    fn look(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        text: &str,
        limit: usize,
    ) -> Result<(&'static str, Vec<RecordId>)> {
        let text = text.trim();
        let digits = normalise::digits(text);
        let numeric = digits.len() >= 5
            && text
                .chars()
                .all(|c| c.is_ascii_digit() || " +-()./".contains(c));
        if text.contains('@') {
            return Ok(("mail", self.exact(act, kind, IndexHow::Mail, text)?));
        }
        if numeric {
            // What somebody types is put into the stored form first.
            let typed = normalise::phone(text, &self.country()).unwrap_or_else(|| text.to_owned());
            let mut found = self.exact(act, kind, IndexHow::Phone, &typed)?;
            if found.is_empty() {
                for index in kind
                    .indexes
                    .iter()
                    .filter(|index| index.how == IndexHow::Phone)
                {
                    if let Some(lookup) = index::last_seven_lookup(act, kind, index, &digits) {
                        found.extend(index::candidates(act, &lookup, CANDIDATES)?);
                    }
                }
            }
            return Ok(("phone", found));
        }
        if self.names().is_ready() {
            let found =
                self.names()
                    .search(kind.id, &normalise::fold(text), limit.saturating_mul(2));
            return Ok(("name", found.into_iter().map(|found| found.id).collect()));
        }
        Ok(("name", self.by_words(act, kind, text)?))
    }

    fn exact(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        how: IndexHow,
        text: &str,
    ) -> Result<Vec<RecordId>> {
        let mut found = Vec::new();
        for index in kind.indexes.iter().filter(|index| index.how == how) {
            for lookup in index::lookups(self, act, kind, index, text) {
                found.extend(index::candidates(act, &lookup, CANDIDATES)?);
            }
        }
        Ok(found)
    }

    /// Names through the blind indexes alone: each word of three letters or more narrows the answer.
    fn by_words(&self, act: &mut Act<'_, '_>, kind: &Kind, text: &str) -> Result<Vec<RecordId>> {
        let folded = normalise::fold(text);
        let mut found: Option<Vec<RecordId>> = None;
        for index in kind
            .indexes
            .iter()
            .filter(|index| index.how == IndexHow::Words)
        {
            for word in normalise::words(&folded) {
                let mut ways: Vec<Lookup> = index::lookups(self, act, kind, index, word);
                ways.push(index::word_lookup(act, kind, index, word));
                let mut hits = Vec::new();
                for way in &ways {
                    hits.extend(index::candidates(act, way, CANDIDATES)?);
                }
                found = Some(match found {
                    None => hits,
                    Some(earlier) => earlier.into_iter().filter(|id| hits.contains(id)).collect(),
                });
            }
        }
        let mut found = found.unwrap_or_default();
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// Truncated tokens hit by accident: what was opened is compared with what was asked.
    fn drop_false_hits(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        text: &str,
        by: &str,
        rows: &[Stored],
        records: &mut Vec<Record>,
    ) -> Result<()> {
        let how = match by {
            "mail" => IndexHow::Mail,
            "phone" => IndexHow::Phone,
            _ => IndexHow::Words,
        };
        let grant = self.upkeep(act, kind)?;
        let mut true_hits = Vec::with_capacity(rows.len());
        for stored in rows {
            let Some(sealer) = crate::document::Sealer::of(act, kind, stored.id)? else {
                continue;
            };
            let values = sealer.values(&grant, act.ws(), kind, stored, u64::MAX)?;
            let indexed = kind
                .indexes
                .iter()
                .filter(|index| index.how == how)
                .flat_map(|index| &index.fields);
            let held = indexed
                .filter_map(|name| values.get(&kind.field(name)?.number))
                .map(|(value, _)| value);
            if matches_text(how, text, held) {
                true_hits.push(stored.id);
            }
        }
        records.retain(|record| true_hits.contains(&record.id));
        Ok(())
    }
}

fn matches_text<'a>(how: IndexHow, text: &str, held: impl Iterator<Item = &'a Value>) -> bool {
    let mut lines: Vec<String> = Vec::new();
    for value in held {
        match value {
            Value::Several(entries) => {
                lines.extend(entries.iter().map(|entry| entry.value.clone()));
            }
            other => lines.push(other.line()),
        }
    }
    match how {
        IndexHow::Mail => {
            let wanted = text.trim().to_lowercase();
            lines.iter().any(|line| {
                let line = line.to_lowercase();
                line == normalise::mail_key(&wanted).unwrap_or_default()
                    || (wanted.starts_with('@') && line.ends_with(&wanted))
            })
        }
        IndexHow::Phone => {
            let wanted = normalise::digits(text);
            let national = wanted.trim_start_matches('0');
            lines
                .iter()
                .any(|line| normalise::digits(line).ends_with(national))
        }
        _ => {
            let held: Vec<String> = lines.iter().map(|line| normalise::whole(line)).collect();
            let wanted = normalise::whole(text);
            normalise::words(&wanted).all(|want| {
                held.iter()
                    .any(|line| normalise::words(line).any(|word| word.starts_with(want)))
            })
        }
    }
}

/// What a draft would put into each exact index, as text to look up.
fn texts<'k>(kind: &'k Kind, draft: &Draft) -> Vec<(&'k crate::schema::Index, String)> {
    let mut out = Vec::new();
    for index in &kind.indexes {
        let held: Vec<&Value> = index
            .fields
            .iter()
            .filter_map(|name| draft.values.get(&kind.field(name)?.number))
            .collect();
        match index.how {
            IndexHow::Mail | IndexHow::Phone => {
                for value in held {
                    if let Value::Several(entries) = value {
                        out.extend(entries.iter().map(|entry| (index, entry.value.clone())));
                    }
                }
            }
            IndexHow::Whole if held.len() == index.fields.len() => {
                let lines: Vec<String> = held.iter().map(|value| value.line()).collect();
                out.push((index, lines.join(" ")));
            }
            IndexHow::Exact => out.extend(held.iter().map(|value| (index, value.line()))),
            _ => {}
        }
    }
    out
}

/// The columns a kind's name is made of.
pub(crate) fn name_columns(kind: &Kind) -> u64 {
    kind.shown_as
        .iter()
        .fold(0, |mask, column| mask | 1 << column)
}

/// The kinds that can be found by name.
#[must_use]
pub fn findable(schema: &crate::Schema) -> Vec<KindId> {
    let by_name = |kind: &&Kind| {
        kind.indexes
            .iter()
            .any(|index| index.how == IndexHow::Words)
    };
    schema
        .kinds()
        .iter()
        .filter(by_name)
        .map(|kind| kind.id)
        .collect()
}

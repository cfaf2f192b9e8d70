//! What is kept of somebody who was erased, so that they do not come back unnoticed: keyed fingerprints
//! of what names them. Nobody can read a person out of one; whoever brings the same mail address again
//! gives the same one.
//!
//! | kind | over |
//! |---|---|
//! | 1 | a mail address as it is looked up, present or earlier |
//! | 2 | a phone number in E.164, present or earlier |
//! | 3 | the whole folded name and a day (of birth) |
//! | 4 | the whole folded name, postal code and street |
//!
//! A name alone gives none: it would shut out everybody who bears it. The kind of record is part of
//! what is fingerprinted: a company's switchboard shuts out no person.
//!
//! Must never do: give out a value that it opened.

use std::collections::BTreeMap;

use act::Act;
use base::{RecordId, SubjectId};
use store::params;

use crate::document::{Cells, Sealer, Stored, iterate};
use crate::normalise;
use crate::schema::{Kind, KindId, SubjectMode};
use crate::value::Value;
use crate::{Error, FieldType, Records, Result};

const MAIL: u8 = 1;
const PHONE: u8 = 2;
const NAME_AND_DAY: u8 = 3;
const NAME_AND_PLACE: u8 = 4;

/// One keyed fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint {
    /// Over what: see the head of `fingerprint.rs`.
    pub kind: u8,
    /// HMAC under the suppression key.
    pub digest: [u8; 32],
}

impl Records {
    /// The fingerprints of values, such as those of a draft, without any twice.
    pub fn fingerprints(
        &self,
        act: &Act<'_, '_>,
        kind: &Kind,
        values: &BTreeMap<u16, Value>,
    ) -> Result<Vec<Fingerprint>> {
        let mut out = Vec::new();
        for (number, text) in names_in(kind, values, &self.country()) {
            let input = [&kind.id.0.to_be_bytes(), text.as_bytes()].concat();
            let digest = act
                .vault()
                .suppression_fingerprint(number, &input)
                .map_err(act::Error::from)?;
            out.push(Fingerprint {
                kind: number,
                digest,
            });
        }
        out.sort_unstable();
        out.dedup();
        Ok(out)
    }

    /// The fingerprints of a subject's own record as it lies here, in the trash too, with the addresses
    /// and numbers it had earlier. Empty when there is no record, or no key to open it.
    pub fn fingerprints_of(
        &self,
        act: &mut Act<'_, '_>,
        subject: SubjectId,
    ) -> Result<Vec<Fingerprint>> {
        let Some(kind) = self.kind_of_subject(act, subject)?.cloned() else {
            return Ok(Vec::new());
        };
        let id: RecordId = subject.cast();
        let (Some(stored), Some(sealer)) = (Stored::load(act, id)?, Sealer::of(act, &kind, id)?)
        else {
            return Ok(Vec::new());
        };
        let grant = self.upkeep(act, &kind)?;
        let ws = act.ws();
        let mut out = Vec::new();
        for doc in self
            .earlier(act, id)?
            .into_iter()
            .chain([stored.doc.clone()])
        {
            let version = Stored {
                doc,
                ..stored.clone()
            };
            let values = sealer.values(&grant, ws, &kind, &version, u64::MAX)?;
            let values = values
                .into_iter()
                .map(|(column, (value, _))| (column, value))
                .collect();
            out.extend(self.fingerprints(act, &kind, &values)?);
        }
        out.sort_unstable();
        out.dedup();
        Ok(out)
    }

    /// The kind of a record that is a subject of its own, in the trash too.
    pub fn kind_of_subject(
        &self,
        act: &mut Act<'_, '_>,
        subject: SubjectId,
    ) -> Result<Option<&Kind>> {
        let (ws, id): (_, RecordId) = (act.ws().number, subject.cast());
        let found = act.tx().row(
            "SELECT kind FROM record WHERE ws = $1 AND id = $2",
            params![ws, &id],
            |row| Ok(KindId(row.get(0)?)),
        )?;
        let kind = found
            .map(|kind| self.schema().kind_at(kind).ok_or(Error::Damaged))
            .transpose()?;
        Ok(kind.filter(|kind| kind.subject == SubjectMode::Itself))
    }

    /// Whether anything is stored of a subject: quick, for looking through many. [`act::Holder::remains`]
    /// counts everything.
    pub fn is_stored(&self, act: &mut Act<'_, '_>, subject: SubjectId) -> Result<bool> {
        let (ws, id): (_, RecordId) = (act.ws().number, subject.cast());
        let found = act.tx().number(
            "SELECT (SELECT COUNT(*) FROM record WHERE ws = $1 AND id = $2)
                  + (SELECT COUNT(*) FROM record_key WHERE ws = $1 AND subject = $2)
                  + (SELECT COUNT(*) FROM link WHERE ws = $1 AND to_id = $2)",
            params![ws, &id],
        )?;
        Ok(found > 0)
    }

    /// How many records about a subject stay, because they are about others too.
    pub fn count_shared(&self, act: &mut Act<'_, '_>, subject: SubjectId) -> Result<u64> {
        let shared = self.shared(act, subject)?;
        Ok(u64::try_from(shared.len()).unwrap_or(u64::MAX))
    }

    /// The cells a record had before its changes, as documents.
    fn earlier(&self, act: &mut Act<'_, '_>, id: RecordId) -> Result<Vec<Vec<u8>>> {
        let ws = act.ws().number;
        let kept = act.tx().rows(
            "SELECT cells FROM history WHERE ws = $1 AND record = $2 ORDER BY rev",
            params![ws, &id],
            |row| row.get::<Vec<u8>>(0),
        )?;
        kept.iter()
            .map(|cells| {
                let mut doc = Cells::default();
                for cell in iterate(cells) {
                    let (column, sealed) = cell?;
                    // An empty cell says that there was no value.
                    if !sealed.is_empty() {
                        doc.set(column, sealed.to_vec());
                    }
                }
                Ok(doc.pack())
            })
            .collect()
    }
}

/// What names somebody, in one form each, with the kind of fingerprint it gives.
fn names_in(kind: &Kind, values: &BTreeMap<u16, Value>, country: &str) -> Vec<(u8, String)> {
    let shown: Vec<String> = kind
        .shown_as
        .iter()
        .filter_map(|column| values.get(column))
        .map(Value::line)
        .collect();
    let name = normalise::whole(&shown.join(" "));
    let mut out = Vec::new();
    for field in &kind.fields {
        let Some(value) = values.get(&field.number) else {
            continue;
        };
        match (field.kind, value) {
            (FieldType::Mails, Value::Several(entries)) => {
                let keys = entries.iter().filter_map(|e| normalise::mail_key(&e.value));
                out.extend(keys.map(|key| (MAIL, key)));
            }
            (FieldType::Phones, Value::Several(entries)) => {
                let numbers = entries
                    .iter()
                    .filter_map(|e| normalise::phone(&e.value, country));
                out.extend(numbers.map(|number| (PHONE, number)));
            }
            (FieldType::Date, Value::Text(day)) if !name.is_empty() => {
                out.push((NAME_AND_DAY, format!("{name}\n{day}")));
            }
            (FieldType::Addresses, Value::Addresses(addresses)) if !name.is_empty() => {
                for address in addresses.iter().filter(|a| !a.street.is_empty()) {
                    let place =
                        normalise::whole(&format!("{} {}", address.postal_code, address.street));
                    out.push((NAME_AND_PLACE, format!("{name}\n{place}")));
                }
            }
            _ => {}
        }
    }
    out
}

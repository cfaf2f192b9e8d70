//! Blind indexes and facets: what makes sealed values findable.
//!
//! A row of `bidx` is (index, token, record). Tokens are keyed MACs made by the vault; truncated kinds
//! give false hits on purpose, so whoever looks up must open and compare. All of it is derived: it is
//! deleted with its record, left out of backups and made anew by [`rebuild`].

use std::collections::BTreeMap;

use act::Act;
use base::RecordId;
use store::params;
use vault::{BlindIndex, Token};

use crate::document::{COLUMNS, Sealer, Stored};
use crate::normalise;
use crate::schema::{Index, IndexHow, Kind};
use crate::value::Value;
use crate::{Records, Result};

/// How tokens are made: part of the MAC and of the row's `field`.
const WORD: u8 = 1;
const PREFIX: u8 = 2;
const MAIL: u8 = 3;
const DOMAIN: u8 = 4;
const PHONE: u8 = 5;
const LAST_SEVEN: u8 = 6;
const WHOLE: u8 = 7;
const EXACT: u8 = 8;
const FACET: u8 = 9;

/// Bits of a truncated token: about N/65,536 false hits per word in a workspace of N records.
const WORD_BITS: u8 = 16;
/// Domains and last digits are rarer: fewer false hits.
const GROUP_BITS: u8 = 20;
/// Bits of an exact token.
const EXACT_BITS: u8 = 128;
/// Lengths of word beginnings that get a token, in letters.
const PREFIX_LETTERS: std::ops::RangeInclusive<usize> = 3..=8;

/// A row to be written to `bidx` or `facet`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    pub field: i64,
    pub mark: Mark,
    pub record: RecordId,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    Token(Vec<u8>),
    Facet(String),
}

/// What is looked up: any of these tokens in this index.
#[derive(Debug, Clone)]
pub(crate) struct Lookup {
    pub field: i64,
    pub tokens: Vec<Vec<u8>>,
}

/// The number a (kind, index, way) has in `bidx` and `facet`.
fn field_number(kind: &Kind, index: &Index, how: u8) -> i64 {
    i64::from(kind.id.0) << 24 | i64::from(index.number) << 8 | i64::from(how)
}

/// Collects the index rows of a record.
pub(crate) fn collect(
    records: &Records,
    act: &Act<'_, '_>,
    kind: &Kind,
    record: RecordId,
    values: &BTreeMap<u16, Value>,
    out: &mut Vec<Entry>,
) {
    let blind = act.vault().blind();
    let start = out.len();
    for index in &kind.indexes {
        collect_one(records, &blind, kind, index, record, values, out);
    }
    // A name that occurs twice in a record is one row.
    let mut own = out.split_off(start);
    own.sort_unstable();
    own.dedup();
    out.append(&mut own);
}

fn collect_one(
    records: &Records,
    blind: &BlindIndex,
    kind: &Kind,
    index: &Index,
    record: RecordId,
    values: &BTreeMap<u16, Value>,
    out: &mut Vec<Entry>,
) {
    let held: Vec<&Value> = index
        .fields
        .iter()
        .filter_map(|name| kind.field(name))
        .filter_map(|field| values.get(&field.number))
        .collect();
    if held.is_empty() {
        return;
    }
    let mut push = |how: u8, normalised: &[u8], bits: u8| {
        for token in tokens(blind, kind, index, how, normalised, bits) {
            out.push(Entry {
                field: field_number(kind, index, how),
                mark: Mark::Token(token),
                record,
            });
        }
    };
    match index.how {
        IndexHow::Words => {
            for value in held {
                let folded = normalise::fold(&value.line());
                for word in normalise::words(&folded) {
                    push(WORD, word.as_bytes(), WORD_BITS);
                    for beginning in beginnings(word) {
                        push(PREFIX, beginning.as_bytes(), WORD_BITS);
                    }
                }
            }
        }
        IndexHow::Whole => {
            let all: Vec<String> = held.iter().map(|value| value.line()).collect();
            push(
                WHOLE,
                normalise::whole(&all.join(" ")).as_bytes(),
                EXACT_BITS,
            );
        }
        IndexHow::Exact => held
            .iter()
            .for_each(|value| push(EXACT, value.line().as_bytes(), EXACT_BITS)),
        IndexHow::Mail => {
            for key in several(&held).filter_map(normalise::mail_key) {
                push(MAIL, key.as_bytes(), EXACT_BITS);
                if let Some((_, domain)) = key.rsplit_once('@') {
                    push(DOMAIN, domain.as_bytes(), GROUP_BITS);
                }
            }
        }
        IndexHow::Phone => {
            let country = records.country();
            for text in several(&held) {
                let (exact, last) = phone_keys(text, &country);
                push(PHONE, exact.as_bytes(), EXACT_BITS);
                if let Some(last) = last {
                    push(LAST_SEVEN, last.as_bytes(), GROUP_BITS);
                }
            }
        }
        IndexHow::Open => {
            let field = field_number(kind, index, FACET);
            out.extend(held.iter().map(|value| Entry {
                field,
                mark: Mark::Facet(value.line()),
                record,
            }));
        }
    }
}

fn several<'a>(values: &'a [&'a Value]) -> impl Iterator<Item = &'a str> {
    values.iter().flat_map(|value| match value {
        Value::Several(entries) => entries
            .iter()
            .map(|entry| entry.value.as_str())
            .collect::<Vec<_>>(),
        _ => Vec::new(),
    })
}

fn tokens(
    blind: &BlindIndex,
    kind: &Kind,
    index: &Index,
    how: u8,
    normalised: &[u8],
    bits: u8,
) -> Vec<Vec<u8>> {
    // The length of what was normalised is inside the MAC, so a beginning never equals another word.
    let mut input = Vec::with_capacity(normalised.len() + 1);
    input.push(u8::try_from(normalised.len()).unwrap_or(u8::MAX));
    input.extend_from_slice(normalised);
    let all = blind.tokens(kind.id.0, index.number, how, &input, bits);
    all.iter()
        .map(Token::as_bytes)
        .map(<[u8]>::to_vec)
        .collect()
}

/// The beginnings of a word that get a token: 3 to 8 letters, shorter than the word itself.
fn beginnings(word: &str) -> impl Iterator<Item = &str> {
    word.char_indices()
        .map(|(at, _)| at)
        .enumerate()
        .skip(1)
        .filter(|(letters, _)| PREFIX_LETTERS.contains(letters))
        .map(|(_, at)| &word[..at])
}

fn phone_keys(text: &str, country: &str) -> (String, Option<String>) {
    let exact = e164(text, country).unwrap_or_else(|| normalise::digits(text));
    let digits = normalise::digits(&exact);
    let last = (digits.len() >= 7).then(|| digits[digits.len() - 7..].to_owned());
    (exact, last)
}

/// The E.164 form of a number. A settled value has it already: reading it again would cost more than all
/// else that is done for its row.
fn e164(text: &str, country: &str) -> Option<String> {
    let settled = text.strip_prefix('+').is_some_and(|digits| {
        (5..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
    });
    if settled {
        Some(text.to_owned())
    } else {
        normalise::phone(text, country)
    }
}

/// What to look up for a text in an index; `None` when the text gives nothing to look up there.
pub(crate) fn lookups(
    records: &Records,
    act: &Act<'_, '_>,
    kind: &Kind,
    index: &Index,
    text: &str,
) -> Vec<Lookup> {
    let blind = act.vault().blind();
    let look = |how: u8, normalised: &[u8], bits: u8| Lookup {
        field: field_number(kind, index, how),
        tokens: tokens(&blind, kind, index, how, normalised, bits),
    };
    match index.how {
        IndexHow::Words => {
            let folded = normalise::fold(text);
            normalise::words(&folded)
                .filter_map(|word| {
                    let longest = word
                        .char_indices()
                        .nth(*PREFIX_LETTERS.end())
                        .map_or(word.len(), |(at, _)| at);
                    let long_enough = word.chars().count() >= *PREFIX_LETTERS.start();
                    long_enough.then(|| look(PREFIX, &word.as_bytes()[..longest], WORD_BITS))
                })
                .collect()
        }
        IndexHow::Whole => vec![look(WHOLE, normalise::whole(text).as_bytes(), EXACT_BITS)],
        IndexHow::Exact => vec![look(EXACT, text.as_bytes(), EXACT_BITS)],
        IndexHow::Mail => match normalise::mail_key(text) {
            Some(key) => vec![look(MAIL, key.as_bytes(), EXACT_BITS)],
            None => match text.trim().strip_prefix('@') {
                Some(domain) if domain.contains('.') => {
                    vec![look(DOMAIN, domain.to_lowercase().as_bytes(), GROUP_BITS)]
                }
                _ => Vec::new(),
            },
        },
        IndexHow::Phone => {
            let digits = normalise::digits(text);
            if digits.len() < 7 {
                return Vec::new();
            }
            match e164(text, &records.country()) {
                Some(e164) => vec![look(PHONE, e164.as_bytes(), EXACT_BITS)],
                None => vec![look(
                    LAST_SEVEN,
                    &digits.as_bytes()[digits.len() - 7..],
                    GROUP_BITS,
                )],
            }
        }
        IndexHow::Open => Vec::new(),
    }
}

/// The whole word as its own row: what [`lookups`] of a beginning does not find.
pub(crate) fn word_lookup(act: &Act<'_, '_>, kind: &Kind, index: &Index, word: &str) -> Lookup {
    let blind = act.vault().blind();
    Lookup {
        field: field_number(kind, index, WORD),
        tokens: tokens(&blind, kind, index, WORD, word.as_bytes(), WORD_BITS),
    }
}

/// The last seven digits as a group, for numbers typed without their area.
pub(crate) fn last_seven_lookup(
    act: &Act<'_, '_>,
    kind: &Kind,
    index: &Index,
    digits: &str,
) -> Option<Lookup> {
    let last = digits.len().checked_sub(7).map(|at| &digits[at..])?;
    let blind = act.vault().blind();
    Some(Lookup {
        field: field_number(kind, index, LAST_SEVEN),
        tokens: tokens(&blind, kind, index, LAST_SEVEN, last.as_bytes(), GROUP_BITS),
    })
}

/// The facet column of an open index.
pub(crate) fn facet_field(kind: &Kind, index: &Index) -> i64 {
    field_number(kind, index, FACET)
}

/// The records found by any of a lookup's tokens, at most `limit`.
pub(crate) fn candidates(
    act: &mut Act<'_, '_>,
    lookup: &Lookup,
    limit: usize,
) -> Result<Vec<RecordId>> {
    let ws = act.ws().number;
    let mut out = Vec::new();
    for token in &lookup.tokens {
        out.extend(act.tx().rows(
            "SELECT record FROM bidx WHERE ws = $1 AND field = $2 AND token = $3 LIMIT $4",
            params![ws, lookup.field, token, limit],
            |row| row.get::<RecordId>(0),
        )?);
    }
    Ok(out)
}

/// Writes index rows in key order, which keeps neighbouring pages together when many come at once.
pub(crate) fn insert(act: &mut Act<'_, '_>, mut entries: Vec<Entry>) -> Result<()> {
    let ws = act.ws().number;
    entries.sort_unstable();
    for Entry {
        field,
        mark,
        record,
    } in &entries
    {
        match mark {
            Mark::Token(token) => act.tx().execute(
                "INSERT INTO bidx (ws, field, token, record) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                params![ws, *field, token, record],
            )?,
            Mark::Facet(value) => act.tx().execute(
                "INSERT INTO facet (ws, field, value, record) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                params![ws, *field, value, record],
            )?,
        };
    }
    Ok(())
}

/// Replaces a record's index rows: what is in `old` and not in `new` goes, the rest of `new` comes.
pub(crate) fn replace(act: &mut Act<'_, '_>, old: &[Entry], new: Vec<Entry>) -> Result<()> {
    let ws = act.ws().number;
    for entry in old.iter().filter(|entry| !new.contains(entry)) {
        match &entry.mark {
            Mark::Token(token) => act.tx().execute(
                "DELETE FROM bidx WHERE ws = $1 AND field = $2 AND token = $3 AND record = $4",
                params![ws, entry.field, token, &entry.record],
            )?,
            Mark::Facet(value) => act.tx().execute(
                "DELETE FROM facet WHERE ws = $1 AND field = $2 AND value = $3 AND record = $4",
                params![ws, entry.field, value, &entry.record],
            )?,
        };
    }
    insert(
        act,
        new.into_iter()
            .filter(|entry| !old.contains(entry))
            .collect(),
    )
}

/// All index rows a stored record must have; empty when its person was erased.
pub(crate) fn of_stored(
    records: &Records,
    act: &mut Act<'_, '_>,
    kind: &Kind,
    stored: &Stored,
) -> Result<Vec<Entry>> {
    let grant = records.upkeep(act, kind)?;
    let Some(sealer) = Sealer::of(act, kind, stored.id)? else {
        return Ok(Vec::new());
    };
    let values = sealer.values(&grant, act.ws(), kind, stored, u64::MAX)?;
    let values = values
        .into_iter()
        .map(|(column, (value, _))| (column, value))
        .collect();
    let mut out = Vec::new();
    collect(records, act, kind, stored.id, &values, &mut out);
    Ok(out)
}

/// Makes the index rows of up to `limit` records after `after` anew, and says where to go on: after a
/// restore, since backups hold none.
pub fn rebuild(
    records: &Records,
    act: &mut Act<'_, '_>,
    after: Option<RecordId>,
    limit: usize,
) -> Result<Option<RecordId>> {
    let ws = act.ws().number;
    let after = after.unwrap_or_else(RecordId::nil);
    let sql = format!(
        "SELECT {COLUMNS} FROM record r WHERE r.ws = $1 AND r.id > $2 ORDER BY r.id LIMIT $3"
    );
    let rows = act
        .tx()
        .rows(&sql, params![ws, &after, limit], Stored::from_row)?;
    let mut entries = Vec::new();
    for stored in &rows {
        if let Some(kind) = records.schema().kind_at(stored.kind) {
            entries.extend(of_stored(records, act, kind, stored)?);
        }
    }
    insert(act, entries)?;
    Ok(rows.last().map(|stored| stored.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_have_three_to_eight_letters_and_are_shorter_than_the_word() {
        let all: Vec<&str> = beginnings("josephine").collect();
        assert_eq!(
            all,
            ["jos", "jose", "josep", "joseph", "josephi", "josephin"]
        );
        assert_eq!(beginnings("jos").count(), 0);
        assert_eq!(beginnings("ünwer").collect::<Vec<_>>(), ["ünw", "ünwe"]);
    }
}

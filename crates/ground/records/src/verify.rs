//! Holding what is stored against the log: every record against its last leaf, every index row against
//! what the sealed values give, every key against its record.

use std::collections::BTreeMap;

use act::Act;
use base::{RecordId, SubjectId};
use ledger::{LiveRow, Verified};
use store::{Tx, params};

use crate::document::{COLUMNS, Sealer, Stored, push_link};
use crate::index::{self, Entry, Mark};
use crate::schema::{Kind, SubjectMode};
use crate::{Error, Records, Result};

/// Records read at a time.
const PAGE: i64 = 1_000;
/// Leaves read at a time.
const LEAVES: u32 = 4_000;

/// What was held against the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Checked {
    /// Records.
    pub records: u64,
    /// Index rows.
    pub index_rows: u64,
    /// Keys of records about people, each wrapped for one of them.
    pub wraps: u64,
}

/// The first thing that is wrong, in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding(pub String);

impl Records {
    /// Every record against the log that was found whole.
    pub fn verify_rows(
        &self,
        act: &mut Act<'_, '_>,
        tree: &Verified,
    ) -> Result<std::result::Result<u64, Finding>> {
        let ws = act.ws();
        let mut live = |tx: &mut Tx<'_>, after: Option<RecordId>| live_rows(tx, ws.number, after);
        Ok(match ledger::verify_rows(act.tx(), ws, tree, &mut live)? {
            Ok(verified) => Ok(verified.rows),
            Err(finding) => Err(Finding(finding.to_string())),
        })
    }

    /// Every link from a subject to a leaf against the leaf's commitment, which only the subject's key
    /// gives; and that no more links are missing than tombstones say were deleted.
    pub fn verify_links(&self, act: &mut Act<'_, '_>) -> Result<std::result::Result<u64, Finding>> {
        let ws = act.ws();
        let mut links: BTreeMap<u64, Vec<SubjectId>> = BTreeMap::new();
        act.tx().each(
            "SELECT seq, subject FROM leaf_subject WHERE ws = $1",
            params![ws.number],
            |row| {
                links.entry(row.get(0)?).or_default().push(row.get(1)?);
                Ok(true)
            },
        )?;
        let (mut checked, mut missing, mut deleted) = (0, 0, 0);
        let mut before = None;
        loop {
            let page = ledger::leaves(act.tx(), ws, before, LEAVES)?;
            let Some(last) = page.last() else { break };
            before = Some(last.seq);
            for logged in &page {
                let mut own = links.remove(&logged.seq).unwrap_or_default();
                own.sort_unstable();
                let leaf = &logged.leaf;
                if leaf.action == ledger::Action::Erase {
                    deleted += leaf.fields;
                }
                let expected = if leaf.subject == ledger::NONE {
                    0
                } else {
                    u64::from(leaf.count)
                };
                let held = u64::try_from(own.len()).unwrap_or(u64::MAX);
                let fits = if held == expected {
                    commitment(act, leaf, &own)? == Some(leaf.subject)
                } else {
                    held < expected
                };
                if !fits {
                    let what = "is linked to somebody it is not about";
                    return Ok(Err(Finding(format!("leaf {} {what}", logged.seq))));
                }
                missing += expected - held;
                checked += held;
            }
        }
        if let Some(seq) = links.keys().next() {
            return Ok(Err(Finding(format!(
                "somebody is linked to leaf {seq}, which does not exist"
            ))));
        }
        if missing != deleted {
            let what = format!(
                "{missing} links from people to leaves are missing, but erasures deleted {deleted}"
            );
            return Ok(Err(Finding(what)));
        }
        Ok(Ok(checked))
    }

    /// Every sealed value opens, and the index rows are exactly what the values give.
    pub fn verify_values(
        &self,
        act: &mut Act<'_, '_>,
    ) -> Result<std::result::Result<Checked, Finding>> {
        let ws = act.ws().number;
        let mut checked = Checked::default();
        let mut after = RecordId::nil();
        let sql = format!(
            "SELECT {COLUMNS} FROM record r WHERE r.ws = $1 AND r.id > $2 ORDER BY r.id LIMIT $3"
        );
        loop {
            let page = act
                .tx()
                .rows(&sql, params![ws, &after, PAGE], Stored::from_row)?;
            let Some(last) = page.last() else { break };
            after = last.id;
            for stored in &page {
                match self.verify_one(act, stored)? {
                    Ok((rows, wraps)) => {
                        checked.index_rows += rows;
                        checked.wraps += wraps;
                    }
                    Err(what) => return Ok(Err(Finding(format!("record {}: {what}", stored.id)))),
                }
                checked.records += 1;
            }
        }
        let held = act.tx().number(
            "SELECT (SELECT COUNT(*) FROM bidx WHERE ws = $1) + (SELECT COUNT(*) FROM facet WHERE ws = $1)",
            params![ws],
        )?;
        if i64::try_from(checked.index_rows).ok() != Some(held) {
            return Ok(Err(Finding(format!(
                "the indexes hold {held} rows where the records give {}",
                checked.index_rows
            ))));
        }
        let held = act
            .tx()
            .number("SELECT COUNT(*) FROM record_key WHERE ws = $1", params![ws])?;
        if i64::try_from(checked.wraps).ok() != Some(held) {
            let what = "there are keys of records that belong to none";
            return Ok(Err(Finding(what.into())));
        }
        let stray = act.tx().number(
            "SELECT COUNT(*) FROM link l WHERE l.ws = $1 AND NOT EXISTS
             (SELECT 1 FROM record r WHERE r.ws = l.ws AND r.id = l.from_id)",
            params![ws],
        )?;
        if stray > 0 {
            let what = format!("{stray} links start at records that do not exist");
            return Ok(Err(Finding(what)));
        }
        Ok(Ok(checked))
    }

    fn verify_one(
        &self,
        act: &mut Act<'_, '_>,
        stored: &Stored,
    ) -> Result<std::result::Result<(u64, u64), String>> {
        let Some(kind) = self.schema().kind_at(stored.kind) else {
            return Ok(Err("its kind is unknown".into()));
        };
        let wraps = match self.verify_keys(act, kind, stored)? {
            Ok(wraps) => wraps,
            Err(what) => return Ok(Err(what)),
        };
        let entries = match index::of_stored(self, act, kind, stored) {
            Ok(entries) => entries,
            Err(Error::Damaged | Error::Act(act::Error::Vault(_))) => {
                return Ok(Err("a sealed value does not open".into()));
            }
            Err(other) => return Err(other),
        };
        for entry in &entries {
            if !holds(act, entry)? {
                return Ok(Err("an index row of it is missing".into()));
            }
        }
        let rows = u64::try_from(entries.len()).unwrap_or(u64::MAX);
        Ok(Ok((rows, wraps)))
    }

    /// A record about people has a key that each of them can unwrap; every other has a key of its own.
    /// Gives how many wraps there are.
    fn verify_keys(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        stored: &Stored,
    ) -> Result<std::result::Result<u64, String>> {
        if kind.subject == SubjectMode::Itself {
            return Ok(match act.subject_key(stored.id.cast()) {
                Ok(Some(_)) => Ok(0),
                Ok(None) => Err("its key is missing".into()),
                Err(_) => Err("its key does not open".into()),
            });
        }
        let ws = act.ws().number;
        let wraps = act.tx().rows(
            "SELECT subject, wrapped FROM record_key WHERE ws = $1 AND record = $2",
            params![ws, &stored.id],
            |row| Ok((row.get(0)?, row.get::<Vec<u8>>(1)?)),
        )?;
        let linked = act.tx().number(
            "SELECT COUNT(DISTINCT to_id) FROM link WHERE ws = $1 AND from_id = $2",
            params![ws, &stored.id],
        )?;
        if usize::try_from(linked).ok() != Some(wraps.len()) {
            return Ok(Err("its keys do not fit the people it is about".into()));
        }
        let count = u64::try_from(wraps.len()).unwrap_or(u64::MAX);
        for (subject, wrapped) in wraps {
            let Ok(Some(key)) = act.subject_key(subject) else {
                return Ok(Err("the key of somebody it is about is missing".into()));
            };
            if vault::RecordKey::unwrap(&key, stored.id, &wrapped).is_err() {
                return Ok(Err("a key of it does not open".into()));
            }
        }
        Ok(Sealer::of(act, kind, stored.id)?
            .map(|_| count)
            .ok_or_else(|| "it has no key".into()))
    }
}

/// What a leaf must carry for these subjects; `None` when a key of them is missing.
fn commitment(
    act: &mut Act<'_, '_>,
    leaf: &ledger::Leaf,
    subjects: &[SubjectId],
) -> Result<Option<ledger::Hash>> {
    let salt = act::commitment_salt(leaf.request, leaf.ordinal);
    let mut all = Vec::with_capacity(subjects.len());
    for subject in subjects {
        let Some(key) = act.subject_key(*subject)? else {
            return Ok(None);
        };
        all.push(key.audit_commitment(&salt, b's', subject.as_bytes()));
    }
    Ok(Some(act::commitment_of(&all)))
}

fn holds(act: &mut Act<'_, '_>, entry: &Entry) -> Result<bool> {
    let ws = act.ws().number;
    let count = match &entry.mark {
        Mark::Token(token) => act.tx().number(
            "SELECT COUNT(*) FROM bidx WHERE ws = $1 AND field = $2 AND token = $3 AND record = $4",
            params![ws, entry.field, token, &entry.record],
        )?,
        Mark::Facet(value) => act.tx().number(
            "SELECT COUNT(*) FROM facet WHERE ws = $1 AND field = $2 AND value = $3 AND record = $4",
            params![ws, entry.field, value, &entry.record],
        )?,
    };
    Ok(count == 1)
}

/// The next records as the log's verifier wants them.
fn live_rows(tx: &mut Tx<'_>, ws: i64, after: Option<RecordId>) -> store::Result<Vec<LiveRow>> {
    let after = after.unwrap_or_else(RecordId::nil);
    let sql = format!(
        "SELECT {COLUMNS} FROM record r WHERE r.ws = $1 AND r.id > $2 ORDER BY r.id LIMIT $3"
    );
    let page = tx.rows(&sql, params![ws, &after, PAGE], Stored::from_row)?;
    let Some(last) = page.last() else {
        return Ok(Vec::new());
    };
    let mut links: Vec<(RecordId, Vec<u8>)> = Vec::new();
    tx.each(
        "SELECT from_id, kind, to_id, since FROM link WHERE ws = $1 AND from_id > $2 AND from_id <= $3
         ORDER BY from_id, kind, to_id",
        params![ws, &after, &last.id],
        |row| {
            let from: RecordId = row.get(0)?;
            if links.last().is_none_or(|(known, _)| *known != from) {
                links.push((from, Vec::new()));
            }
            if let Some((_, bytes)) = links.last_mut() {
                push_link(bytes, row.get(1)?, row.bytes(2)?, row.get(3)?);
            }
            Ok(true)
        },
    )?;
    Ok(page
        .iter()
        .map(|stored| {
            let own = links.binary_search_by_key(&stored.id, |(from, _)| *from);
            let own: &[u8] = own.map_or(&[], |at| &links[at].1);
            LiveRow {
                row: stored.id,
                revision: stored.rev,
                state: stored.state(own).hash,
            }
        })
        .collect())
}

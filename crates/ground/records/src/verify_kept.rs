//! Holding what stands beside the records against the log: earlier cells and remembered requests.
//!
//! Each row bears a MAC. Of earlier cells there is one row for every change of fields that the log knows
//! of a record that lives, and none of any other record. A remembered request may be missing: repeated,
//! it is then carried out again.

use std::collections::BTreeSet;

use act::Act;
use base::{ActorId, RecordId, Timestamp};
use ledger::{Action, Leaf};
use store::params;

use crate::change::{EARLIER, earlier};
use crate::create::{REMEMBERED, remembered};
use crate::verify::Finding;
use crate::{Error, Records, Result};

/// A revision of a record that was replaced.
type Replaced = (RecordId, u64);

impl Records {
    /// Every row of earlier cells and every remembered request; gives how many there are.
    pub fn verify_kept(&self, act: &mut Act<'_, '_>) -> Result<std::result::Result<u64, Finding>> {
        let _ = self;
        let mut missing = changes(act)?;
        let history = match history(act, &mut missing)? {
            Ok(count) => count,
            Err(record) => {
                return Ok(Err(Finding(format!(
                    "record {record}: earlier values of it were changed"
                ))));
            }
        };
        if let Some((record, rev)) = missing.first() {
            let what = format!("record {record}: its values at revision {rev} are missing");
            return Ok(Err(Finding(what)));
        }
        let ws = act.ws().number;
        for table in [EARLIER, REMEMBERED] {
            let sql = format!(
                "SELECT COUNT(*) FROM {table} k WHERE k.ws = $1 AND NOT EXISTS
                 (SELECT 1 FROM record r WHERE r.ws = k.ws AND r.id = k.record)"
            );
            let stray = act.tx().number(&sql, params![ws])?;
            if stray > 0 {
                let what = format!("table {table}: {stray} rows belong to no record");
                return Ok(Err(Finding(what)));
            }
        }
        let requests = requests(act)?;
        Ok(requests
            .map(|count| history + count)
            .ok_or_else(|| Finding("a remembered request was changed".into())))
    }
}

/// The revisions whose fields were changed, by the numbered leaves linked to their records.
fn changes(act: &mut Act<'_, '_>) -> Result<BTreeSet<Replaced>> {
    let ws = act.ws().number;
    let (mut out, mut at) = (BTreeSet::new(), (RecordId::nil(), 0));
    act.tx().each(
        "SELECT r.row_id, l.body FROM leaf_row r JOIN leaf l ON l.ws = r.ws AND l.seq = r.seq
         WHERE r.ws = $1 ORDER BY r.row_id, r.seq",
        params![ws],
        |row| {
            let record: RecordId = row.get(0)?;
            at = if at.0 == record {
                (record, at.1 + 1)
            } else {
                (record, 0)
            };
            let leaf = Leaf::read(row.bytes(1)?);
            if leaf.is_some_and(|leaf| leaf.action == Action::Change && leaf.fields != 0) {
                out.insert(at);
            }
            Ok(true)
        },
    )?;
    Ok(out)
}

/// Counts the rows of earlier cells and takes each out of `missing`, or gives the record of one that
/// does not bear its MAC.
fn history(
    act: &mut Act<'_, '_>,
    missing: &mut BTreeSet<Replaced>,
) -> Result<std::result::Result<u64, RecordId>> {
    let (ws, vault) = (act.ws().number, act.vault());
    let (mut count, mut wrong) = (0, Ok(None));
    act.tx().each(
        "SELECT record, rev, at, actor, cells, mac FROM history WHERE ws = $1",
        params![ws],
        |row| {
            let (record, rev): (RecordId, u64) = (row.get(0)?, row.get(1)?);
            let (at, actor): (Timestamp, ActorId) = (row.get(2)?, row.get(3)?);
            let (cells, mac): (Vec<u8>, Option<Vec<u8>>) = (row.get(4)?, row.get(5)?);
            let kept = earlier(&record, rev, at, &actor, &cells);
            let sound = vault.bears_mac(EARLIER, &kept, &mac.unwrap_or_default());
            wrong = sound.map(|sound| (!sound).then_some(record));
            missing.remove(&(record, rev));
            count += 1;
            Ok(matches!(wrong, Ok(None)))
        },
    )?;
    let wrong = wrong.map_err(act::Error::from)?;
    Ok(wrong.map_or(Ok(count), Err))
}

/// Counts the remembered requests; `None` when one does not bear its MAC.
fn requests(act: &mut Act<'_, '_>) -> Result<Option<u64>> {
    let (ws, vault) = (act.ws().number, act.vault());
    let (mut count, mut sound) = (0, Ok(true));
    act.tx().each(
        "SELECT key_hash, body_hash, record, at, mac FROM idempotency WHERE ws = $1",
        params![ws],
        |row| {
            let (key, body): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
            let (record, at): (RecordId, Timestamp) = (row.get(2)?, row.get(3)?);
            let mac: Option<Vec<u8>> = row.get(4)?;
            let cells = remembered(&key, &body, &record, at);
            sound = vault.bears_mac(REMEMBERED, &cells, &mac.unwrap_or_default());
            count += 1;
            Ok(matches!(sound, Ok(true)))
        },
    )?;
    let sound = sound.map_err(|error| Error::from(act::Error::from(error)))?;
    Ok(sound.then_some(count))
}

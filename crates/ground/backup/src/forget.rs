//! Taking the keys of erased people out of key files that were written before.
//!
//! A key file that can be reached is written anew without the keys of everybody who has a tombstone by
//! now, with these tombstones and with what is kept of erasures; the old bytes are overwritten. One
//! that cannot be reached is named with the day by which it must be deleted: until then its keys could
//! open what an older data file holds.

use std::collections::HashSet;
use std::fs::OpenOptions;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::TryLockError;

use access::{Action, Context};
use act::{LeafAction, Logged};
use base::{SubjectId, Timestamp};
use store::params;

use crate::backups::{create, partial};
use crate::format::{Cells, FileKind, Owned};
use crate::holder::change_line;
use crate::reader::Reader;
use crate::write::rows_of;
use crate::writer::Writer;
use crate::{Backups, Error, KEYS_KEPT_DAYS, Result};

/// The table of wrapped subject keys, and its column that names the subject.
pub(crate) const SUBJECT_KEYS: (&str, &str) = ("key_subject", "subject");

/// One known key file, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleared {
    /// When the backup was made.
    pub made: Timestamp,
    /// What became of it.
    pub reached: Reached,
}

/// Whether a key file could be cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// It holds no key of an erased person any more; so many keys were taken out just now.
    Cleared(u64),
    /// A backup is being written at this moment: it clears all key files when it is complete.
    BeingWritten,
    /// It could not be read, or not written: it must be deleted by this day.
    OutOfReach {
        /// The end of the seven days.
        delete_by: Timestamp,
    },
}

struct Known {
    id: [u8; 16],
    made: Timestamp,
    keys: PathBuf,
    is_written: bool,
}

/// What key files must hold by now, and must not.
struct Wanted {
    erased: HashSet<SubjectId>,
    /// Table, columns, number of columns that name a row, rows.
    united: Vec<(&'static str, Vec<String>, usize, Vec<Cells>)>,
}

impl Backups {
    /// Brings every known key file up to what was erased. Says what became of each, oldest first.
    pub fn forget_erased(&self, context: &Context) -> Result<Vec<Cleared>> {
        // Whoever writes a backup at this moment clears all key files when it is complete.
        let guard = match self.0.files.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(held)) => Some(held.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        };
        let (known, wanted) = self.0.acts.read(context, |act| -> Result<_> {
            act.allow(Action::Backup, LeafAction::Key)?;
            let ws = act.ws().number;
            let known = act.tx().keys().rows(
                "SELECT id, made_at, keys_path, is_written FROM key_backup WHERE ws = $1 ORDER BY made_at, id",
                params![ws],
                |row| {
                    Ok(Known {
                        id: row.get(0)?,
                        made: row.get(1)?,
                        keys: PathBuf::from(row.get::<String>(2)?),
                        is_written: row.get::<i64>(3)? == 1,
                    })
                },
            )?;
            Ok((known, self.wanted(act)?))
        })?;
        let now = self.0.acts.clock().now();
        let mut out = Vec::new();
        let mut expired = Vec::new();
        let mut taken = 0;
        for backup in known {
            let delete_by = backup.made.plus_days(KEYS_KEPT_DAYS);
            if backup.keys.symlink_metadata().is_err() && delete_by < now {
                expired.push(backup.id);
                continue;
            }
            let outcome = guard.as_ref().map(|_| self.clear(&backup.keys, &wanted));
            let reached = match outcome {
                None => Reached::BeingWritten,
                Some(Ok(keys)) => {
                    taken += keys;
                    Reached::Cleared(keys)
                }
                Some(Err(_)) if !backup.is_written => Reached::BeingWritten,
                Some(Err(_)) => Reached::OutOfReach { delete_by },
            };
            out.push(Cleared {
                made: backup.made,
                reached,
            });
        }
        if taken > 0 || !expired.is_empty() {
            self.note(context, expired, taken)?;
        }
        Ok(out)
    }

    fn wanted(&self, act: &mut act::Act<'_, '_>) -> Result<Wanted> {
        let vault = act.vault();
        let erased = vault.tombstones(act.tx())?;
        let ws = act.ws().number;
        let tables = act.tx().keys().tables()?;
        let mut united = Vec::new();
        for (table, named_by) in &self.0.contents.united {
            if let Some((_, columns)) = tables.iter().find(|(name, _)| name == table) {
                let rows = rows_of(&mut act.tx().keys(), ws, table, columns)?;
                united.push((*table, columns.clone(), *named_by, rows));
            }
        }
        Ok(Wanted {
            erased: erased.into_iter().map(|(subject, _)| subject).collect(),
            united,
        })
    }

    /// Writes one key file anew when it holds what it must not. Gives the number of keys taken out.
    fn clear(&self, keys: &Path, wanted: &Wanted) -> Result<u64> {
        let providers = [std::sync::Arc::clone(&self.0.provider)];
        let old = OpenOptions::new().read(true).write(true).open(keys)?;
        let mut reader = Reader::open(BufReader::new(&old), FileKind::Keys, &providers)?;
        if reader.header.workspace != self.0.acts.ws().id.to_string() {
            return Err(Error::KeysForeign);
        }
        let new = create(keys)?;
        let rng = self.0.acts.rng();
        let out = BufWriter::new(&new);
        let mut writer = Writer::begin(out, &reader.header, &*self.0.provider, &*rng)?;
        let outcome = copy(&mut reader, &mut writer, wanted)
            .and_then(|taken| writer.finish().map(|_| taken))
            .and_then(|taken| Ok(new.sync_all().map(|()| taken)?));
        let taken = match outcome {
            Ok(taken) => taken,
            Err(error) => {
                drop(std::fs::remove_file(partial(keys)));
                return Err(error);
            }
        };
        // The second name keeps the old bytes in reach until they are overwritten.
        let held = partial(&partial(keys));
        drop(std::fs::remove_file(&held));
        let linked = std::fs::hard_link(keys, &held).is_ok();
        std::fs::rename(partial(keys), keys)?;
        if linked {
            store::archive::wipe(&held)?;
            std::fs::remove_file(&held)?;
        }
        store::archive::sync(keys.parent().unwrap_or(Path::new(".")))?;
        Ok(taken)
    }

    fn note(&self, context: &Context, expired: Vec<[u8; 16]>, taken: u64) -> Result<()> {
        self.0.acts.write(context, move |act| {
            let ws = act.ws().number;
            for id in &expired {
                change_line(
                    act,
                    id,
                    "DELETE FROM key_backup WHERE ws = $1 AND id = $2",
                    params![ws, id],
                )?;
            }
            let count = u32::try_from(taken).unwrap_or(u32::MAX);
            act.log(
                LeafAction::Key,
                Logged {
                    count,
                    ..Logged::default()
                },
            )?;
            Ok(())
        })
    }
}

/// Copies a key file without the keys of erased people, with today's rows in the united tables.
fn copy<R: std::io::BufRead, W: std::io::Write>(
    reader: &mut Reader<R>,
    writer: &mut Writer<W>,
    wanted: &Wanted,
) -> Result<u64> {
    let mut taken = 0;
    let mut seen = HashSet::new();
    while let Some(section) = reader.section()? {
        seen.insert(section.table.clone());
        let subject = (section.table == SUBJECT_KEYS.0)
            .then(|| section.columns.iter().position(|c| c == SUBJECT_KEYS.1))
            .flatten();
        let today = wanted
            .united
            .iter()
            .find(|(table, columns, ..)| *table == section.table && *columns == section.columns);
        let mut known = HashSet::new();
        writer.table(&section.table, &section.columns)?;
        if let Some((_, _, named_by, rows)) = today {
            for row in rows {
                known.insert(named(row, *named_by));
                writer.row(row)?;
            }
        }
        while let Some(row) = reader.row()? {
            let goes = subject.and_then(|at| row.get(at)).and_then(as_subject);
            if goes.is_some_and(|subject| wanted.erased.contains(&subject)) {
                taken += 1;
            } else if today
                .is_none_or(|(_, _, named_by, _)| !known.contains(&named(&row, *named_by)))
            {
                writer.row(&row)?;
            }
        }
        writer.end_table()?;
    }
    for (table, columns, _, rows) in &wanted.united {
        if !seen.contains(*table) {
            writer.table(table, columns)?;
            rows.iter().try_for_each(|row| writer.row(row))?;
            writer.end_table()?;
        }
    }
    Ok(taken)
}

/// What names a row: the text of its leading cells.
fn named(row: &[Owned], named_by: usize) -> String {
    format!("{:?}", &row[..named_by.min(row.len())])
}

pub(crate) fn as_subject(cell: &Owned) -> Option<SubjectId> {
    match cell {
        Owned::Bytes(bytes) => Some(SubjectId::from_bytes(bytes.as_slice().try_into().ok()?)),
        _ => None,
    }
}

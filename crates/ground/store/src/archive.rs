//! What a restore needs of the store: a place beside the one in use, and the switch between the two.
//!
//! Nothing here reads a row of the store that is replaced. A restore builds a whole store at
//! [`beside`] the target and then calls [`switch`], which either happens or does not: on PostgreSQL it
//! is one transaction that renames schemas; in a directory a marker is written first, and whoever opens
//! the directory from then on completes what was begun.
//!
//! ```text
//! <directory>/restoring/   the new data.db and keys.db, and `ready` once they are complete
//! <directory>/replaced/    the data.db that was replaced, without the tables named to `switch`
//! <schema>_restoring, <schema>_replaced   the same as schemas
//! ```
//!
//! Must never do: leave a key file that was replaced on the disk, or a data file where tokens of it
//! could be looked up, if it can be helped; delete the data that was replaced.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::pg::Pg;
use crate::sqlite::{self, DATA, KEYS, Sqlite};
use crate::{Db, Error, Location, Result, Tx, params};

const RESTORING: &str = "restoring";
const REPLACED: &str = "replaced";
const READY: &str = "ready";
/// The data file that stands in while only the key store of a directory is opened.
const SCRATCH: &str = "scratch.db";

/// What [`switch`] did with the store that was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replaced {
    /// There was none.
    Nothing,
    /// Its data is kept aside, the tables named to [`switch`] emptied.
    KeptAside,
    /// Its data is kept aside as it was: it could not be opened, so nothing was emptied in it.
    KeptUnopened,
}

/// Where a store is built that is to replace the one at `target`.
#[must_use]
pub fn beside(target: &Location) -> Location {
    named(target, RESTORING)
}

/// Where the data of a replaced store is kept.
#[must_use]
pub fn aside(target: &Location) -> Location {
    named(target, REPLACED)
}

fn named(target: &Location, name: &str) -> Location {
    match target {
        Location::Directory(dir) => Location::Directory(dir.join(name)),
        Location::Postgres { url, schema } => Location::Postgres {
            url: url.clone(),
            schema: format!("{schema}_{name}"),
        },
    }
}

/// Removes what an interrupted restore left beside a store. Closes nothing: the store there must be
/// closed.
pub fn discard_beside(target: &Location) -> Result<()> {
    match target {
        Location::Directory(dir) => {
            let staging = dir.join(RESTORING);
            for name in [KEYS, "keys.db-wal"] {
                wipe(&staging.join(name))?;
            }
            ignore_absent(fs::remove_dir_all(staging))
        }
        Location::Postgres { url, schema } => {
            let staging = format!("{schema}_{RESTORING}");
            Pg::open(url, &staging, true)?.transact("BEGIN", |tx| drop_schema(tx, &staging))
        }
    }
}

/// Opens the key store at a place by itself; `None` when there is none. The data there is neither
/// read nor touched, so that it may be damaged. Call it after the store at [`beside`] was made.
pub fn open_keys(target: &Location) -> Result<Option<Db>> {
    match target {
        Location::Directory(dir) => {
            if !dir.join(KEYS).exists() {
                return Ok(None);
            }
            let staging = dir.join(RESTORING);
            sqlite::make_private_dir(&staging)?;
            Sqlite::open_keys(dir, &staging.join(SCRATCH)).map(|open| Some(Db::of_sqlite(open)))
        }
        Location::Postgres { .. } if Db::exists(target)? => Db::open(target, &[]).map(Some),
        Location::Postgres { .. } => Ok(None),
    }
}

/// Puts the store at [`beside`] in the place of the one at `target`. Both must be closed. The data of
/// the old one is kept at [`aside`], where one that was kept earlier is removed; the tables named are
/// emptied in it; its keys are destroyed.
pub fn switch(target: &Location, emptied: &[&str]) -> Result<Replaced> {
    match target {
        Location::Directory(dir) => {
            let lock = sqlite::lock(dir)?;
            let there = dir.join(DATA).exists();
            declare_ready(dir)?;
            roll_forward(dir)?;
            drop(lock);
            Ok(match (there, empty_tables(dir, emptied)) {
                (false, _) => Replaced::Nothing,
                (true, Ok(())) => Replaced::KeptAside,
                (true, Err(_)) => Replaced::KeptUnopened,
            })
        }
        Location::Postgres { url, schema } => {
            Pg::open(url, &format!("{schema}_{RESTORING}"), false)?
                .transact("BEGIN", |tx| rename_schemas(tx, schema, emptied))
        }
    }
}

/// Completes a switch that was begun when the program ended, as opening the store does too. Says
/// whether there was one.
pub fn finish_switch(target: &Location) -> Result<bool> {
    match target {
        Location::Directory(dir) if is_ready(dir) => {
            let _lock = sqlite::lock(dir)?;
            roll_forward(dir)?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Whether a switch was begun here and is not complete.
pub(crate) fn is_ready(dir: &Path) -> bool {
    dir.join(RESTORING).join(READY).exists()
}

/// From here on the switch happens, whatever happens.
fn declare_ready(dir: &Path) -> Result<()> {
    let staging = dir.join(RESTORING);
    for name in ["data.db-wal", "keys.db-wal"] {
        // A store that was closed has moved its log into its file; one that was not is still in use.
        if fs::metadata(staging.join(name)).is_ok_and(|meta| meta.len() > 0) {
            return Err(Error::Io(ErrorKind::ResourceBusy));
        }
    }
    if !staging.join(DATA).exists() || !staging.join(KEYS).exists() {
        return Err(Error::Missing);
    }
    ignore_absent(fs::remove_dir_all(dir.join(REPLACED)))?;
    sqlite::make_private_dir(&dir.join(REPLACED))?;
    File::create(staging.join(READY))?.sync_all()?;
    sync(&staging)?;
    sync(dir)
}

/// Each step can be repeated: whatever was moved already is not there to be moved.
pub(crate) fn roll_forward(dir: &Path) -> Result<()> {
    let (staging, replaced) = (dir.join(RESTORING), dir.join(REPLACED));
    if staging.join(DATA).exists() {
        for name in ["data.db-wal", DATA] {
            ignore_absent(fs::rename(dir.join(name), replaced.join(name)))?;
        }
        ignore_absent(fs::remove_file(dir.join("data.db-shm")))?;
        fs::rename(staging.join(DATA), dir.join(DATA))?;
        sync(dir)?;
    }
    if staging.join(KEYS).exists() {
        for name in [KEYS, "keys.db-wal"] {
            wipe(&dir.join(name))?;
        }
        ignore_absent(fs::remove_file(dir.join("keys.db-wal")))?;
        ignore_absent(fs::remove_file(dir.join("keys.db-shm")))?;
        fs::rename(staging.join(KEYS), dir.join(KEYS))?;
        sync(dir)?;
    }
    fs::remove_dir_all(&staging)?;
    sync(dir)
}

/// Empties tables in the data that was put aside, and leaves no key store beside it.
fn empty_tables(dir: &Path, emptied: &[&str]) -> Result<()> {
    let replaced = dir.join(REPLACED);
    if !replaced.join(DATA).exists() {
        ignore_absent(fs::remove_dir_all(replaced))?;
        return Ok(());
    }
    let db = Db::open(&Location::Directory(replaced.clone()), &[])?;
    let tables: Vec<String> = emptied.iter().map(|table| (*table).to_owned()).collect();
    db.write(move |tx| -> Result<()> {
        // The program may name tables that are in the key store, or newer than this data.
        let there = tx.tables()?;
        for table in tables
            .iter()
            .filter(|table| there.iter().any(|(name, _)| name == *table))
        {
            tx.execute(&format!("DELETE FROM {table}"), &[])?;
        }
        Ok(())
    })?;
    db.checkpoint()?;
    drop(db);
    for name in [KEYS, "keys.db-wal", "keys.db-shm"] {
        ignore_absent(fs::remove_file(replaced.join(name)))?;
    }
    Ok(())
}

fn rename_schemas(tx: &mut Tx<'_>, schema: &str, emptied: &[&str]) -> Result<Replaced> {
    let there = tx.number(
        "SELECT COUNT(*) FROM pg_namespace WHERE nspname = $1",
        params![schema],
    )? > 0;
    if there {
        drop_schema(tx, &format!("{schema}_{REPLACED}"))?;
        let tables = tx.rows(
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = $1",
            params![schema],
            |row| row.get::<String>(0),
        )?;
        for table in emptied
            .iter()
            .filter(|name| tables.iter().any(|t| t == *name))
        {
            tx.batch(&format!("TRUNCATE \"{schema}\".\"{table}\""))?;
        }
        tx.batch(&format!(
            "DROP SCHEMA \"{schema}_keys\" CASCADE; ALTER SCHEMA \"{schema}\" RENAME TO \"{schema}_{REPLACED}\""
        ))?;
    }
    tx.batch(&format!(
        "ALTER SCHEMA \"{schema}_{RESTORING}\" RENAME TO \"{schema}\";
         ALTER SCHEMA \"{schema}_{RESTORING}_keys\" RENAME TO \"{schema}_keys\""
    ))?;
    Ok(if there {
        Replaced::KeptAside
    } else {
        Replaced::Nothing
    })
}

fn drop_schema(tx: &mut Tx<'_>, schema: &str) -> Result<()> {
    tx.batch(&format!(
        "DROP SCHEMA IF EXISTS \"{schema}\" CASCADE; DROP SCHEMA IF EXISTS \"{schema}_keys\" CASCADE"
    ))
}

/// Overwrites a file with zeros where it lies, so that what is freed with it holds no key. A file
/// system that writes elsewhere keeps the old blocks until it needs them.
pub fn wipe(path: &Path) -> Result<()> {
    let mut file = match OpenOptions::new().write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let zeros = [0; 65_536];
    let mut left = file.metadata()?.len();
    while left > 0 {
        let step = usize::try_from(left).unwrap_or(usize::MAX).min(zeros.len());
        file.write_all(&zeros[..step])?;
        left -= step as u64;
    }
    Ok(file.sync_all()?)
}

/// Makes the names in a directory durable.
pub fn sync(dir: &Path) -> Result<()> {
    let dir: PathBuf = if dir.as_os_str().is_empty() {
        ".".into()
    } else {
        dir.to_owned()
    };
    Ok(File::open(dir)?.sync_all()?)
}

fn ignore_absent(outcome: std::io::Result<()>) -> Result<()> {
    match outcome {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => Ok(other?),
    }
}

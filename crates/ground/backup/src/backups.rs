//! [`Backups`]: making backups of an open installation.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::BufWriter;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use access::{Action, Context};
use act::{Act, Acts, LeafAction, Logged};
use base::{Table, Timestamp};
use store::params;
use vault::KeyProvider;

use crate::format::FileKind;
use crate::holder::change_line;
use crate::writer::Writer;
use crate::{Error, Result, write};

/// What the program's tables mean to a backup.
#[derive(Debug, Clone)]
pub struct Contents {
    /// Every table of every holder, in an order in which they can be filled.
    pub tables: Vec<Table>,
    /// Tables that mean nothing later: sessions, links sent by mail, remembered requests. What is
    /// derived is found by its declaration.
    pub left_out: Vec<&'static str>,
    /// Tables of the key store whose rows are never lost by a restore, each with the number of leading
    /// columns that name a row: tombstones, the journal of erasures, fingerprints kept.
    pub united: Vec<(&'static str, usize)>,
}

/// A backup that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The data.
    pub file: PathBuf,
    /// The keys.
    pub keys: PathBuf,
    /// When the state was taken.
    pub made: Timestamp,
    /// When the key file must be deleted.
    pub delete_keys_by: Timestamp,
    /// Rows in the data file.
    pub rows: u64,
    /// Leaves of the log in it.
    pub log_size: u64,
}

/// Makes backups and keeps track of them. Cheap to clone.
#[derive(Clone)]
pub struct Backups(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub acts: Acts,
    pub provider: Arc<dyn KeyProvider>,
    pub contents: Contents,
    /// Held while files are written, so that two runs never write the same one.
    pub files: Mutex<()>,
}

impl Backups {
    /// Over an open installation.
    #[must_use]
    pub fn new(acts: Acts, provider: Arc<dyn KeyProvider>, contents: Contents) -> Self {
        Self(Arc::new(Inner {
            acts,
            provider,
            contents,
            files: Mutex::new(()),
        }))
    }

    /// Writes one consistent state to `file` and its keys to `file` with `.keys` behind it, readable by
    /// their owner alone. While it runs, people go on working.
    pub fn write(&self, context: &Context, file: &Path) -> Result<Written> {
        let guard = self.0.files.lock().unwrap_or_else(PoisonError::into_inner);
        let file = std::path::absolute(file)?;
        let keys = keys_of(&file);
        refuse_existing(&file, &keys)?;
        let id: [u8; 16] = self.0.acts.rng().bytes();
        // Known before it is there: an erasure from now on sees that a key file is being written.
        self.remember(context, id, &keys)?;
        let outcome = self.write_both(context, id, &file, &keys);
        for path in [&file, &keys] {
            drop(std::fs::remove_file(partial(path)));
        }
        let written = match outcome {
            Ok(written) => written,
            Err(error) => {
                self.unremember(context, id)?;
                return Err(error);
            }
        };
        self.mark_written(context, id)?;
        drop(guard);
        // Whoever was erased since the state was taken: their keys are in the file that was written.
        self.forget_erased(context)?;
        Ok(written)
    }

    fn write_both(
        &self,
        context: &Context,
        id: [u8; 16],
        file: &Path,
        keys: &Path,
    ) -> Result<Written> {
        let (data_out, keys_out) = (create(file)?, create(keys)?);
        let (made, rows, log_size) = self.0.acts.read(context, |act| -> Result<_> {
            act.allow(Action::Backup, LeafAction::Backup)?;
            let written = self.snapshot(act, id, &data_out, &keys_out)?;
            act.log(LeafAction::Backup, Logged::default())?;
            Ok(written)
        })?;
        data_out.sync_all()?;
        keys_out.sync_all()?;
        // Keys first: data without its keys must never lie there as if it were a backup.
        put_in_place(keys, "the key file")?;
        if let Err(error) = put_in_place(file, "the backup file") {
            drop(std::fs::remove_file(keys));
            return Err(error);
        }
        Ok(Written {
            file: file.to_owned(),
            keys: keys.to_owned(),
            made,
            delete_keys_by: made.plus_days(crate::KEYS_KEPT_DAYS),
            rows,
            log_size,
        })
    }

    fn snapshot(
        &self,
        act: &mut Act<'_, '_>,
        id: [u8; 16],
        data_out: &File,
        keys_out: &File,
    ) -> Result<(Timestamp, u64, u64)> {
        let (ws, now, rng) = (act.ws(), act.now(), act.rng());
        let others = act.tx().keys().number(
            "SELECT COUNT(*) FROM key_root WHERE ws <> $1",
            params![ws.number],
        )?;
        if others > 0 {
            return Err(Error::Several);
        }
        let (provider, contents) = (&*self.0.provider, &self.0.contents);
        let header = write::header(act.tx(), FileKind::Data, ws, id, now)?;
        let mut out = Writer::begin(BufWriter::new(data_out), &header, provider, rng)?;
        let rows = write::tables(act.tx(), ws.number, contents, &mut out)?;
        out.finish()?;
        let header = write::header(act.tx(), FileKind::Keys, ws, id, now)?;
        let mut out = Writer::begin(BufWriter::new(keys_out), &header, provider, rng)?;
        write::tables(&mut act.tx().keys(), ws.number, contents, &mut out)?;
        out.finish()?;
        Ok((now, rows, header.log_size))
    }

    fn remember(&self, context: &Context, id: [u8; 16], keys: &Path) -> Result<()> {
        let path = keys.to_str().ok_or(Error::Name)?.to_owned();
        self.0.acts.write(context, move |act| {
            act.allow(Action::Backup, LeafAction::Backup)?;
            let (ws, now) = (act.ws().number, act.now());
            change_line(
                act,
                &id,
                "INSERT INTO key_backup (ws, id, made_at, keys_path, is_written) VALUES ($1, $2, $3, $4, 0)",
                params![ws, &id, now, &path],
            )?;
            act.log(LeafAction::Config, Logged::default())?;
            Ok(())
        })
    }

    fn unremember(&self, context: &Context, id: [u8; 16]) -> Result<()> {
        self.0.acts.write(context, move |act| {
            let ws = act.ws().number;
            change_line(
                act,
                &id,
                "DELETE FROM key_backup WHERE ws = $1 AND id = $2",
                params![ws, &id],
            )?;
            act.log(LeafAction::Config, Logged::default())?;
            Ok(())
        })
    }

    fn mark_written(&self, context: &Context, id: [u8; 16]) -> Result<()> {
        self.0.acts.write(context, move |act| {
            let ws = act.ws().number;
            change_line(
                act,
                &id,
                "UPDATE key_backup SET is_written = 1 WHERE ws = $1 AND id = $2",
                params![ws, &id],
            )?;
            act.log(LeafAction::Config, Logged::default())?;
            Ok(())
        })
    }
}

/// Where the keys of a backup lie: its name with `.keys` behind it.
pub(crate) fn keys_of(file: &Path) -> PathBuf {
    with_end(file, ".keys")
}

pub(crate) fn partial(file: &Path) -> PathBuf {
    with_end(file, ".partial")
}

fn with_end(file: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(end);
    PathBuf::from(name)
}

fn refuse_existing(file: &Path, keys: &Path) -> Result<()> {
    for (path, what) in [
        (file, "the backup file"),
        (keys, "the key file of the backup"),
    ] {
        if path.symlink_metadata().is_ok() {
            return Err(Error::Exists(what));
        }
    }
    Ok(())
}

/// The file under its unfinished name, for its owner alone. One that an interrupted run left is used.
pub(crate) fn create(path: &Path) -> Result<File> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(partial(path))?;
    match file.try_lock() {
        Ok(()) => file.set_len(0)?,
        Err(TryLockError::WouldBlock) => return Err(Error::Busy),
        Err(TryLockError::Error(error)) => return Err(error.into()),
    }
    Ok(file)
}

/// Gives a finished file its name, never over another: a link fails where a rename would replace.
fn put_in_place(path: &Path, what: &'static str) -> Result<()> {
    let unfinished = partial(path);
    match std::fs::hard_link(&unfinished, path) {
        Ok(()) => std::fs::remove_file(unfinished)?,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(Error::Exists(what));
        }
        // A file system without links: the name was free a moment ago.
        Err(_) if path.symlink_metadata().is_err() => std::fs::rename(unfinished, path)?,
        Err(error) => return Err(error.into()),
    }
    store::archive::sync(path.parent().unwrap_or(Path::new("."))).map_err(|error| {
        drop(std::fs::remove_file(path));
        error.into()
    })
}

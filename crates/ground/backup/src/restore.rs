//! The way back: [`restore`].
//!
//! 1. Every byte of FILE and of its key file is read and checked. Nothing else is touched before.
//! 2. A new store is built beside the target: the data of FILE, and a key store. Where the target has a
//!    key store of the same organisation that knows a key or a tombstone for everybody the key file
//!    knows, that one is taken: it is the later one. Otherwise the key file's. In both cases the
//!    tombstones, the journal of erasures and the fingerprints of both are united, and no key of
//!    anybody with a tombstone is kept: **the keys of erased people never come back**.
//! 3. The program makes the new store ready through the closure it hands in: it erases again whoever
//!    was erased since, rebuilds the indexes and verifies.
//! 4. The new store is put in place. The data that was there is kept aside without its search tokens
//!    (see [`store::archive`]), its key file is overwritten. `privet` removes what is kept aside when it is
//!    told to; the next restore replaces it.
//!
//! A failure before the last step leaves the target as it was.

use std::collections::HashSet;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base::{Timestamp, Workspace};
use store::archive::{self, Replaced};
use store::{Db, Location, Migration, Side};
use vault::{KeyProvider, Vault};

use crate::backups::{Contents, keys_of};
use crate::format::{FileKind, Header};
use crate::load::{self, Loaded};
use crate::reader::Reader;
use crate::unite::{installed_steps, unite};
use crate::{Error, Result};

/// What is to be restored, and where to.
pub struct Restore<'a> {
    /// The data file.
    pub file: &'a Path,
    /// Its key file, or a later one; without it `FILE.keys` is looked for.
    pub keys: Option<&'a Path>,
    /// The place.
    pub target: &'a Location,
    /// The root keys at hand: one that opens the files, and one that the key store asks for.
    pub providers: &'a [Arc<dyn KeyProvider>],
    /// Every migration of the program.
    pub migrations: &'a [Migration],
    /// What the program's tables mean to a backup.
    pub contents: &'a Contents,
}

/// Which key store was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeysFrom {
    /// The one at the target, which is the later one.
    Target,
    /// The key file.
    File,
}

/// A restore that took place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Whose data it is.
    pub workspace: Workspace,
    /// When the state was taken.
    pub made: Timestamp,
    /// Rows of data.
    pub rows: u64,
    /// Leaves of the log.
    pub log_size: u64,
    /// Which key store was taken.
    pub keys_from: KeysFrom,
    /// What became of the data that was there.
    pub replaced: Replaced,
}

/// Reads a file from end to end and gives its header when every byte of it is as it was written.
pub fn check(path: &Path, kind: FileKind, providers: &[Arc<dyn KeyProvider>]) -> Result<Header> {
    let mut reader = open(path, kind, providers)?;
    while reader.section()?.is_some() {
        while reader.row()?.is_some() {}
    }
    Ok(reader.header)
}

/// Restores a backup: see the head of this file. `finish` gets the new store before it is put in place,
/// with its workspace and the root key its key store asks for; it must let go of the store before it
/// returns.
pub fn restore<F, E>(request: &Restore<'_>, finish: F) -> Result<Restored>
where
    F: FnOnce(&Db, Workspace, Arc<dyn KeyProvider>) -> std::result::Result<(), E>,
    E: std::fmt::Display,
{
    let data = check(request.file, FileKind::Data, request.providers)?;
    let ws = workspace(&data)?;
    let key_file = key_file(request)?;
    if let Some((_, keys)) = &key_file {
        if keys.workspace != data.workspace || keys.workspace_number != data.workspace_number {
            return Err(Error::KeysForeign);
        }
        if keys.made < data.made {
            return Err(Error::KeysTooOld);
        }
    }
    archive::finish_switch(request.target)?;
    archive::discard_beside(request.target)?;
    let outcome = build(request, ws, &data, key_file.as_ref())
        .and_then(|built| make_ready(request, ws, finish).map(|()| built))
        .and_then(|built| {
            Ok((
                archive::switch(request.target, &request.contents.derived())?,
                built,
            ))
        });
    match outcome {
        Ok((replaced, built)) => Ok(Restored {
            workspace: ws,
            made: Timestamp(data.made),
            rows: built.rows,
            log_size: data.log_size,
            keys_from: built.keys_from,
            replaced,
        }),
        Err(error) => {
            // The first failure is what the reader needs to know, not that of the tidying.
            drop(archive::discard_beside(request.target));
            Err(error)
        }
    }
}

struct Built {
    rows: u64,
    keys_from: KeysFrom,
}

/// The new store, with the rows as they were backed up and the key store that goes with them.
fn build(
    request: &Restore<'_>,
    ws: Workspace,
    data: &Header,
    key_file: Option<&(PathBuf, Header)>,
) -> Result<Built> {
    let place = archive::beside(request.target);
    let mut migrations = load::migrations_of(&data.steps, Side::Data, request.migrations)?;
    // The key store's own steps come with whichever key store is taken; a file's are checked first.
    let installed = installed_steps(request)?;
    let key_steps = match (key_file, &installed) {
        (Some((_, keys)), Some(own)) if own.len() >= keys.steps.len() => own,
        (Some((_, keys)), _) => &keys.steps,
        (None, Some(own)) => own,
        (None, None) => return Err(Error::KeysMissing),
    };
    migrations.extend(load::migrations_of(
        key_steps,
        Side::Keys,
        request.migrations,
    )?);
    let db = Db::create(&place, &migrations)?;
    let mut reader = open(request.file, FileKind::Data, request.providers)?;
    let Loaded { rows, waiting, .. } = load::fill(&db, Side::Data, &mut reader)?;
    let head = db.read(|tx| ledger::head(tx, ws))?;
    if head.size != data.log_size || base::hex(&head.root) != data.log_root {
        return Err(Error::Differs("its log has another root"));
    }
    load::log_waiting(&db, ws, waiting)?;
    let mut from_file = HashSet::new();
    if let Some((path, _)) = key_file {
        let mut reader = open(path, FileKind::Keys, request.providers)?;
        from_file = load::fill(&db, Side::Keys, &mut reader)?.subjects;
    }
    let keys_from = unite(request, ws, &db, &from_file, key_file.is_some())?;
    Ok(Built { rows, keys_from })
}

fn make_ready<F, E>(request: &Restore<'_>, ws: Workspace, finish: F) -> Result<()>
where
    F: FnOnce(&Db, Workspace, Arc<dyn KeyProvider>) -> std::result::Result<(), E>,
    E: std::fmt::Display,
{
    let place = archive::beside(request.target);
    // The rows are in; now the schema may move on to what this program needs.
    let db = Db::open(&place, request.migrations)?;
    let asked = db
        .read(|tx| Vault::root_id(tx, ws))?
        .ok_or(vault::Error::NoWorkspace)?;
    let provider = request
        .providers
        .iter()
        .find(|provider| provider.key_id() == asked)
        .ok_or_else(|| wrong_root(asked, request.providers))?;
    finish(&db, ws, Arc::clone(provider)).map_err(|error| Error::Unfinished(error.to_string()))?;
    if db.checkpoint()? {
        Ok(())
    } else {
        Err(Error::Unfinished(
            "the new store is still being read".into(),
        ))
    }
}

fn open(
    path: &Path,
    kind: FileKind,
    providers: &[Arc<dyn KeyProvider>],
) -> Result<Reader<BufReader<File>>> {
    Reader::open(BufReader::new(File::open(path)?), kind, providers)
}

/// The key file that was named, or the one that lies beside the data; `None` when there is none there.
fn key_file(request: &Restore<'_>) -> Result<Option<(PathBuf, Header)>> {
    let path = match request.keys {
        Some(path) => path.to_owned(),
        None => keys_of(request.file),
    };
    match check(&path, FileKind::Keys, request.providers) {
        Ok(header) => Ok(Some((path, header))),
        Err(Error::Missing) if request.keys.is_none() => Ok(None),
        Err(error) => Err(error),
    }
}

fn workspace(header: &Header) -> Result<Workspace> {
    Ok(Workspace {
        number: header.workspace_number,
        id: header.workspace.parse().map_err(|_| Error::Damaged)?,
    })
}

pub(crate) fn wrong_root(asked: String, given: &[Arc<dyn KeyProvider>]) -> Error {
    let given: Vec<&str> = given.iter().map(|provider| provider.key_id()).collect();
    Error::WrongRoot {
        asked,
        given: given.join(", "),
    }
}

//! The SQLite engine: one writer thread with group commit, a pool of readers, one process.
//!
//! All writes pass one thread. It takes what is waiting (up to [`BATCH_MAX`]), runs each closure
//! under a savepoint of its own, commits once with `synchronous=FULL`, and only then answers all of
//! them. Group commit is the only road to speed: sync is never weakened.
//!
//! Two files: `data.db` and `keys.db`. The key file commits first (see the crate's head).

mod writer;

use std::fs::{File, OpenOptions, TryLockError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::config::DbConfig;
use rusqlite::{CachedStatement, Connection, OpenFlags};

use crate::{Cell, Error, Result, Tx, Value, archive};

/// How many acts share one commit at most.
const BATCH_MAX: usize = 256;
/// How many read transactions run at once.
const READERS: usize = 8;
/// Statements kept prepared on each connection.
const STATEMENTS: usize = 256;
pub(crate) const DATA: &str = "data.db";
pub(crate) const KEYS: &str = "keys.db";
const LOCK: &str = "privet.lock";

/// What the database occupies, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Footprint {
    /// Records, indexes and log.
    pub data: u64,
    /// Wrapped keys.
    pub keys: u64,
}

pub(crate) struct Sqlite {
    dir: PathBuf,
    jobs: Option<Sender<Message>>,
    writer: Option<JoinHandle<()>>,
    readers: Mutex<Vec<Pair>>,
    reader_free: Condvar,
    stopped: Arc<AtomicBool>,
    /// Held for the life of the process: a second one is refused.
    _lock: File,
}

struct Pair {
    data: Connection,
    keys: Connection,
}

enum Message {
    Write(Job),
    Checkpoint(SyncSender<Result<bool>>),
}

struct Job {
    run: Box<dyn FnOnce(&mut Tx<'_>) -> bool + Send>,
    done: SyncSender<Result<()>>,
}

impl Sqlite {
    /// Whether a directory holds a data store.
    pub(crate) fn is_present(dir: &Path) -> bool {
        dir.join(DATA).exists() || archive::is_ready(dir)
    }

    pub(crate) fn open(dir: &Path, create: bool) -> Result<Self> {
        refuse_unsafe_library(rusqlite::version_number(), rusqlite::version())?;
        if !create && !Self::is_present(dir) {
            return Err(Error::Missing);
        }
        if create {
            make_private_dir(dir)?;
        }
        Self::start(dir, &dir.join(DATA))
    }

    /// The key store of a directory with a data file elsewhere: for a restore, which must not touch
    /// the data it may replace and need not be able to read it.
    pub(crate) fn open_keys(dir: &Path, data: &Path) -> Result<Self> {
        refuse_unsafe_library(rusqlite::version_number(), rusqlite::version())?;
        Self::start(dir, data)
    }

    fn start(dir: &Path, data: &Path) -> Result<Self> {
        let (lock, keys) = (lock(dir)?, dir.join(KEYS));
        if archive::is_ready(dir) {
            archive::roll_forward(dir)?;
        }
        let writer = Pair::open(data, &keys, true)?;
        let mut readers = Vec::with_capacity(READERS);
        for _ in 0..READERS {
            readers.push(Pair::open(data, &keys, false)?);
        }
        let (jobs, inbox) = channel();
        let stopped = Arc::new(AtomicBool::new(false));
        let seen_by_writer = Arc::clone(&stopped);
        let writer = std::thread::Builder::new()
            .name("privet-writer".into())
            .spawn(move || writer::write_loop(&writer, &inbox, &seen_by_writer))?;
        Ok(Self {
            dir: dir.to_owned(),
            jobs: Some(jobs),
            writer: Some(writer),
            readers: Mutex::new(readers),
            reader_free: Condvar::new(),
            stopped,
            _lock: lock,
        })
    }

    pub(crate) fn write(&self, run: Box<dyn FnOnce(&mut Tx<'_>) -> bool + Send>) -> Result<()> {
        if self.stopped.load(Ordering::Acquire) {
            return Err(Error::Stopped);
        }
        let (done, answer) = sync_channel(1);
        self.send(Message::Write(Job { run, done }))?;
        answer.recv().map_err(|_| Error::Stopped)?
    }

    pub(crate) fn read<T, E: From<Error>>(
        &self,
        f: impl FnOnce(&mut Tx<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let pair = self.take_reader();
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            pair.begin_snapshot()?;
            f(&mut Tx::sqlite(&pair.data, &pair.keys))
        }));
        pair.end_snapshot();
        self.give_reader(pair);
        outcome.unwrap_or_else(|_| Err(Error::Panicked.into()))
    }

    /// Moves the write-ahead logs into the files and empties them; `false` when a reader was in the way.
    pub(crate) fn checkpoint(&self) -> Result<bool> {
        let (done, answer) = sync_channel(1);
        self.send(Message::Checkpoint(done))?;
        answer.recv().map_err(|_| Error::Stopped)?
    }

    pub(crate) fn footprint(&self) -> Result<Footprint> {
        let size = |name: &str| -> Result<u64> {
            let mut total = 0;
            for suffix in ["", "-wal"] {
                match std::fs::metadata(self.dir.join(format!("{name}{suffix}"))) {
                    Ok(meta) => total += meta.len(),
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Ok(total)
        };
        Ok(Footprint {
            data: size(DATA)?,
            keys: size(KEYS)?,
        })
    }

    fn send(&self, message: Message) -> Result<()> {
        let jobs = self.jobs.as_ref().ok_or(Error::Stopped)?;
        jobs.send(message).map_err(|_| Error::Stopped)
    }

    fn take_reader(&self) -> Pair {
        let mut free = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(pair) = free.pop() {
                return pair;
            }
            free = self
                .reader_free
                .wait(free)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn give_reader(&self, pair: Pair) {
        self.readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(pair);
        self.reader_free.notify_one();
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(writer) = self.writer.take() {
            // A panic of the writer was answered as an error already.
            drop(writer.join());
        }
    }
}

impl Pair {
    fn open(data: &Path, keys: &Path, writes: bool) -> Result<Self> {
        Ok(Self {
            data: connect(data, writes)?,
            keys: connect(keys, writes)?,
        })
    }

    /// The data snapshot is taken first: whatever row it shows has its key in the later key snapshot.
    fn begin_snapshot(&self) -> Result<()> {
        for connection in [&self.data, &self.keys] {
            connection.prepare_cached("BEGIN DEFERRED")?.raw_execute()?;
            let mut probe = connection.prepare_cached("SELECT 1 FROM sqlite_schema LIMIT 1")?;
            probe.raw_query().next()?;
        }
        Ok(())
    }

    fn end_snapshot(&self) {
        for connection in [&self.data, &self.keys] {
            if !connection.is_autocommit() {
                // A read transaction has nothing to lose.
                drop(
                    connection
                        .prepare_cached("ROLLBACK")
                        .and_then(|mut s| s.raw_execute()),
                );
            }
        }
    }

    fn both(&self, sql: &str) -> Result<()> {
        // The key store commits first: a key without data is harmless, the reverse is not.
        for connection in [&self.keys, &self.data] {
            connection.prepare_cached(sql)?.raw_execute()?;
        }
        Ok(())
    }

    fn is_intact(&self) -> bool {
        !self.data.is_autocommit() && !self.keys.is_autocommit()
    }

    fn roll_back(&self) {
        for connection in [&self.keys, &self.data] {
            if !connection.is_autocommit() {
                drop(connection.execute_batch("ROLLBACK"));
            }
        }
    }
}

/// Versions with the write-ahead-log reset defect, and the withdrawn 3.52.0, are refused.
fn refuse_unsafe_library(number: i32, name: &str) -> Result<()> {
    let sound = number >= 3_053_000
        || number == 3_051_003
        || (number > 3_051_003 && number < 3_052_000)
        || (3_050_007..3_051_000).contains(&number)
        || (3_044_006..3_045_000).contains(&number);
    if sound {
        Ok(())
    } else {
        Err(Error::UnsafeSqlite(name.to_owned()))
    }
}

pub(crate) fn make_private_dir(dir: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)?;
    // One that was there already is closed to others too.
    #[cfg(unix)]
    std::fs::set_permissions(dir, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}

pub(crate) fn lock(dir: &Path) -> Result<File> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(dir.join(LOCK))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::InUse),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

fn connect(path: &Path, writes: bool) -> Result<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if writes {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let connection = Connection::open_with_flags(path, flags)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    // A plan never depends on bound values; without this, clearing them has some statements parsed anew
    // at every use.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // `secure_delete` overwrites what is deleted; `temp_store` keeps sorters off the disk.
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON; PRAGMA journal_size_limit = 67108864;
         PRAGMA wal_autocheckpoint = 8000;",
    )?;
    if writes {
        connection.execute_batch("PRAGMA cache_size = -131072")?;
    } else {
        connection.execute_batch("PRAGMA cache_size = -16384; PRAGMA query_only = ON")?;
    }
    Ok(connection)
}

/// `$1` names a parameter in SQLite; `?1` numbers it.
fn numbered(sql: &str) -> String {
    debug_assert!(
        sql.split('\'')
            .skip(1)
            .step_by(2)
            .all(|literal| !literal.contains('$')),
        "a literal may not hold a dollar sign"
    );
    sql.replace('$', "?")
}

/// Takes the comments that are meant for SQLite as SQL.
pub(crate) fn dialect(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some((before, after)) = rest.split_once("/*sqlite:") {
        out.push_str(before);
        let (own, behind) = after.split_once("*/").unwrap_or((after, ""));
        out.push_str(own);
        rest = behind;
    }
    out.push_str(rest);
    out
}

pub(crate) fn prepare<'c>(
    connection: &'c Connection,
    sql: &str,
    params: &[Value<'_>],
) -> Result<CachedStatement<'c>> {
    let mut statement = connection.prepare_cached(&numbered(sql))?;
    for (index, value) in params.iter().enumerate() {
        let at = index + 1;
        match value {
            Value::Null => statement.raw_bind_parameter(at, rusqlite::types::Null)?,
            Value::Int(v) => statement.raw_bind_parameter(at, v)?,
            Value::Real(v) => statement.raw_bind_parameter(at, v)?,
            Value::Text(v) => statement.raw_bind_parameter(at, v)?,
            Value::Bytes(v) => statement.raw_bind_parameter(at, v)?,
        }
    }
    Ok(statement)
}

pub(crate) fn execute(connection: &Connection, sql: &str, params: &[Value<'_>]) -> Result<u64> {
    let mut statement = prepare(connection, sql, params)?;
    if statement.column_count() > 0 {
        // RETURNING: the change is made while the rows are read.
        let mut rows = statement.raw_query();
        let mut changed = 0;
        while rows.next()?.is_some() {
            changed += 1;
        }
        return Ok(changed);
    }
    Ok(u64::try_from(statement.raw_execute()?).unwrap_or(u64::MAX))
}

pub(crate) fn cell<'r>(row: &'r rusqlite::Row<'_>, column: usize) -> Result<Cell<'r>> {
    use rusqlite::types::ValueRef;
    Ok(match row.get_ref(column)? {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(v) => Cell::Int(v),
        ValueRef::Real(v) => Cell::Real(v),
        ValueRef::Text(v) => Cell::Text(std::str::from_utf8(v).map_err(|_| Error::Type {
            column,
            found: "text that is not UTF-8",
            wanted: "text",
        })?),
        ValueRef::Blob(v) => Cell::Bytes(v),
    })
}

pub(crate) fn tables(connection: &Connection) -> Result<Vec<(String, Vec<String>)>> {
    let mut out: Vec<(String, Vec<String>)> = Vec::new();
    let mut statement = connection.prepare(
        "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.cid",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (table, column): (String, String) = (row.get(0)?, row.get(1)?);
        match out.last_mut() {
            Some((name, columns)) if *name == table => columns.push(column),
            _ => out.push((table, vec![column])),
        }
    }
    Ok(out)
}

/// The engine's own check of both files.
pub(crate) fn integrity(data: &Connection, keys: &Connection) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for (connection, file) in [(data, DATA), (keys, KEYS)] {
        let mut statement = connection.prepare("PRAGMA integrity_check(10)")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let said: String = row.get(0)?;
            if said != "ok" {
                problems.push(format!("{file}: {said}"));
            }
        }
    }
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_with_the_log_reset_defect_are_refused() {
        for bad in [
            3_044_005, 3_045_001, 3_050_006, 3_051_000, 3_051_002, 3_052_000, 3_007_000,
        ] {
            assert!(refuse_unsafe_library(bad, "x").is_err(), "{bad}");
        }
        for good in [
            3_044_006,
            3_050_007,
            3_051_003,
            3_053_000,
            3_054_001,
            rusqlite::version_number(),
        ] {
            assert!(refuse_unsafe_library(good, "x").is_ok(), "{good}");
        }
    }

    #[test]
    fn only_sqlite_reads_its_own_comments() {
        assert_eq!(
            dialect("a /*sqlite: WITHOUT ROWID*/; b"),
            "a  WITHOUT ROWID; b"
        );
    }
}

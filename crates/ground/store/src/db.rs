//! The face of the store: open a place, read in a snapshot, write in a transaction.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::migrate::{Migration, migrate};
use crate::pg::Pg;
use crate::sqlite::{Footprint, Sqlite};
use crate::{Error, Tx};

/// Where the rows are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// SQLite files in this directory, made private to its owner.
    Directory(PathBuf),
    /// A PostgreSQL database; data in this schema, keys in `<schema>_keys`.
    Postgres {
        /// `postgres://…`
        url: String,
        /// Name of the data schema.
        schema: String,
    },
}

/// Which engine answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Embedded.
    Sqlite,
    /// A server.
    Postgres,
}

/// An open store. Cheap to clone; the last one closes it.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

enum Inner {
    Sqlite(Sqlite),
    Postgres(Pg),
}

impl Db {
    /// Opens what is there and brings its schema up to date. [`Error::Missing`] when nothing is there.
    pub fn open(location: &Location, migrations: &[Migration]) -> Result<Self, Error> {
        Self::start(location, migrations, false)
    }

    /// Makes a new store, or opens the one that is there.
    pub fn create(location: &Location, migrations: &[Migration]) -> Result<Self, Error> {
        Self::start(location, migrations, true)
    }

    /// Whether something is stored at this place.
    pub fn exists(location: &Location) -> Result<bool, Error> {
        match location {
            Location::Directory(dir) => Ok(Sqlite::is_present(dir)),
            Location::Postgres { url, schema } => match Pg::open(url, schema, false) {
                Ok(_) => Ok(true),
                Err(Error::Missing) => Ok(false),
                Err(other) => Err(other),
            },
        }
    }

    fn start(location: &Location, migrations: &[Migration], create: bool) -> Result<Self, Error> {
        let inner = match location {
            Location::Directory(dir) => Inner::Sqlite(Sqlite::open(dir, create)?),
            Location::Postgres { url, schema } => Inner::Postgres(Pg::open(url, schema, create)?),
        };
        let db = Self(Arc::new(inner));
        migrate(&db, migrations)?;
        Ok(db)
    }

    /// Runs a closure on one snapshot of both stores. Statements that change something fail.
    pub fn read<T, E: From<Error>>(
        &self,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        match &*self.0 {
            Inner::Sqlite(sqlite) => sqlite.read(f),
            Inner::Postgres(pg) => {
                pg.transact("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", f)
            }
        }
    }

    /// Runs a closure as a transaction over both stores: durable when this returns `Ok`, without any
    /// effect when it returns `Err` (but for [`Error::Unknown`], which says so).
    ///
    /// Blocks the calling thread until the commit; never call it from an asynchronous task.
    pub fn write<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        match &*self.0 {
            Inner::Postgres(pg) => pg.transact("BEGIN", f),
            Inner::Sqlite(sqlite) => {
                let slot = Arc::new(Mutex::new(None));
                let filled = Arc::clone(&slot);
                let run = Box::new(move |tx: &mut Tx<'_>| {
                    let outcome = f(tx);
                    let kept = outcome.is_ok();
                    *filled.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
                    kept
                });
                sqlite.write(run)?;
                let outcome = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
                outcome.unwrap_or_else(|| Err(Error::Panicked.into()))
            }
        }
    }

    /// Empties the write-ahead logs, so that nothing overwritten lingers there; `false` when a long
    /// read was in the way. PostgreSQL keeps its own log and answers `true`.
    pub fn checkpoint(&self) -> Result<bool, Error> {
        match &*self.0 {
            Inner::Sqlite(sqlite) => sqlite.checkpoint(),
            Inner::Postgres(_) => Ok(true),
        }
    }

    /// Bytes on disk.
    pub fn footprint(&self) -> Result<Footprint, Error> {
        match &*self.0 {
            Inner::Sqlite(sqlite) => sqlite.footprint(),
            Inner::Postgres(pg) => pg.footprint(),
        }
    }

    /// Which engine this is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match &*self.0 {
            Inner::Sqlite(_) => Engine::Sqlite,
            Inner::Postgres(_) => Engine::Postgres,
        }
    }

    pub(crate) fn of_sqlite(sqlite: Sqlite) -> Self {
        Self(Arc::new(Inner::Sqlite(sqlite)))
    }

    #[cfg(feature = "testing")]
    pub(crate) fn drop_schemas(&self) -> Result<(), Error> {
        match &*self.0 {
            Inner::Sqlite(_) => Ok(()),
            Inner::Postgres(pg) => pg.drop_schemas(),
        }
    }
}

//! A transaction in progress: statements against the data store and the key store.

use crate::row::Inner;
use crate::{Engine, Error, Result, Row, Side, Value, pg, sqlite};

/// A transaction. Handed to the closure of [`crate::Db::read`] or [`crate::Db::write`]; ends with it.
pub struct Tx<'a>(Session<'a>);

enum Session<'a> {
    Sqlite {
        here: &'a rusqlite::Connection,
        keys: &'a rusqlite::Connection,
    },
    Postgres {
        session: &'a mut pg::Session,
        side: Side,
    },
}

impl<'a> Tx<'a> {
    pub(crate) const fn sqlite(
        here: &'a rusqlite::Connection,
        keys: &'a rusqlite::Connection,
    ) -> Self {
        Self(Session::Sqlite { here, keys })
    }

    pub(crate) const fn postgres(session: &'a mut pg::Session) -> Self {
        Self(Session::Postgres {
            session,
            side: Side::Data,
        })
    }

    /// The same transaction, speaking to the key store.
    pub fn keys(&mut self) -> Tx<'_> {
        match &mut self.0 {
            Session::Sqlite { keys, .. } => Tx(Session::Sqlite { here: keys, keys }),
            // One connection whose search path holds both schemas: table names are distinct.
            Session::Postgres { session, .. } => Tx(Session::Postgres {
                session,
                side: Side::Keys,
            }),
        }
    }

    /// Which engine answers. Only code that lives in a file named after an engine may ask.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        match self.0 {
            Session::Sqlite { .. } => Engine::Sqlite,
            Session::Postgres { .. } => Engine::Postgres,
        }
    }

    /// Runs a statement and gives the number of rows it changed.
    pub fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64> {
        match &mut self.0 {
            Session::Sqlite { here, .. } => sqlite::execute(here, sql, params),
            Session::Postgres { session, .. } => session.execute(sql, params),
        }
    }

    /// Walks the rows of an answer until the closure says `false`.
    pub fn each(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        mut f: impl FnMut(&Row<'_>) -> Result<bool>,
    ) -> Result<()> {
        match &mut self.0 {
            Session::Sqlite { here, .. } => {
                let mut statement = sqlite::prepare(here, sql, params)?;
                let mut rows = statement.raw_query();
                while let Some(row) = rows.next()? {
                    if !f(&Row(Inner::Sqlite(row)))? {
                        break;
                    }
                }
                Ok(())
            }
            Session::Postgres { session, .. } => {
                session.each(sql, params, |row| f(&Row(Inner::Postgres(row))))
            }
        }
    }

    /// All rows of an answer.
    pub fn rows<T>(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        mut f: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut out = Vec::new();
        self.each(sql, params, |row| {
            out.push(f(row)?);
            Ok(true)
        })?;
        Ok(out)
    }

    /// The first row of an answer; `None` when there is none.
    pub fn row<T>(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        mut f: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut out = None;
        self.each(sql, params, |row| {
            out = Some(f(row)?);
            Ok(false)
        })?;
        Ok(out)
    }

    /// A single number, such as a count.
    pub fn number(&mut self, sql: &str, params: &[Value<'_>]) -> Result<i64> {
        self.row(sql, params, |row| row.get(0))?.ok_or(Error::Type {
            column: 0,
            found: "no row",
            wanted: "a number",
        })
    }

    /// What the engine itself finds wrong with its pages and indexes, in its own words; empty when
    /// nothing. PostgreSQL checks its pages as it reads them and answers nothing here.
    pub fn integrity(&mut self) -> Result<Vec<String>> {
        match &self.0 {
            Session::Sqlite { here, keys } => sqlite::integrity(here, keys),
            Session::Postgres { .. } => Ok(Vec::new()),
        }
    }

    /// Several statements without parameters, for migrations.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<()> {
        match &mut self.0 {
            Session::Sqlite { here, .. } => Ok(here.execute_batch(&sqlite::dialect(sql))?),
            Session::Postgres { session, .. } => session.batch(sql),
        }
    }

    /// What is created in the rest of this transaction lands in the key store.
    pub(crate) fn create_in_keys(&mut self) -> Result<()> {
        match &mut self.0 {
            Session::Sqlite { .. } => Ok(()),
            Session::Postgres { session, .. } => session.create_in_keys(),
        }
    }

    /// The tables of the store this transaction speaks to, with their columns, in order of name.
    pub fn tables(&mut self) -> Result<Vec<(String, Vec<String>)>> {
        match &mut self.0 {
            Session::Sqlite { here, .. } => sqlite::tables(here),
            Session::Postgres { session, side } => session.tables(*side),
        }
    }
}

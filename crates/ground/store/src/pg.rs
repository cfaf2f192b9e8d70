//! The PostgreSQL engine: a pool of connections; data and keys in two schemas of one database.
//!
//! A `postgres::Client` aborts the process when it is dropped inside an asynchronous runtime, so
//! sessions live in the pool and the pool is emptied on a plain thread.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, PoisonError};

use postgres::fallible_iterator::FallibleIterator;
use postgres::types::{FromSql, IsNull, ToSql, Type, private::BytesMut};
use postgres::{Client, NoTls, Row, Statement};

use crate::{Cell, Error, Result, Side, Tx, Value};

/// Connections opened at most.
const CONNECTIONS: usize = 16;

pub(crate) struct Pg {
    url: String,
    schema: String,
    pool: Mutex<Pool>,
    free: Condvar,
}

struct Pool {
    idle: Vec<Session>,
    open: usize,
}

/// One connection with its prepared statements.
pub(crate) struct Session {
    client: Client,
    schema: String,
    statements: HashMap<String, Statement>,
}

impl Pg {
    /// Opens a database. `schema` names the data schema; keys live in `<schema>_keys`.
    pub(crate) fn open(url: &str, schema: &str, create: bool) -> Result<Self> {
        let this = Self {
            url: url.to_owned(),
            schema: schema.to_owned(),
            pool: Mutex::new(Pool {
                idle: Vec::new(),
                open: 0,
            }),
            free: Condvar::new(),
        };
        let mut session = this.take()?;
        let there = session
            .client
            .query_opt("SELECT 1 FROM pg_namespace WHERE nspname = $1", &[&schema]);
        let outcome = match there {
            Err(error) => Err(error.into()),
            Ok(None) if create => session
                .client
                .batch_execute(&format!(
                    "CREATE SCHEMA \"{schema}\"; CREATE SCHEMA \"{schema}_keys\""
                ))
                .map_err(Error::from),
            Ok(None) => Err(Error::Missing),
            Ok(Some(_)) => Ok(()),
        };
        this.give(session);
        outcome.map(|()| this)
    }

    pub(crate) fn transact<T, E: From<Error>>(
        &self,
        begin: &str,
        f: impl FnOnce(&mut Tx<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let mut session = self.take()?;
        if let Err(error) = session.client.batch_execute(begin) {
            self.give(session);
            return Err(Error::from(error).into());
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| f(&mut Tx::postgres(&mut session))));
        let answer = match outcome {
            Ok(Ok(value)) => match session.client.batch_execute("COMMIT") {
                Ok(()) => Ok(value),
                Err(error) if error.is_closed() => Err(Error::Unknown.into()),
                Err(error) => Err(Error::from(error).into()),
            },
            Ok(Err(error)) => {
                drop(session.client.batch_execute("ROLLBACK"));
                Err(error)
            }
            Err(_) => {
                drop(session.client.batch_execute("ROLLBACK"));
                Err(Error::Panicked.into())
            }
        };
        self.give(session);
        answer
    }

    /// Removes both schemas: for tests.
    #[cfg(feature = "testing")]
    pub(crate) fn drop_schemas(&self) -> Result<()> {
        let mut session = self.take()?;
        let schema = &self.schema;
        let outcome = session.client.batch_execute(&format!(
            "DROP SCHEMA IF EXISTS \"{schema}\" CASCADE; DROP SCHEMA IF EXISTS \"{schema}_keys\" CASCADE"
        ));
        self.give(session);
        Ok(outcome?)
    }

    pub(crate) fn footprint(&self) -> Result<crate::Footprint> {
        let mut session = self.take()?;
        let mut size = |schema: &str| -> Result<u64> {
            let row = session.client.query_one(
                "SELECT COALESCE(SUM(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c
                 JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'r'",
                &[&schema],
            )?;
            Ok(u64::try_from(row.get::<_, i64>(0)).unwrap_or(0))
        };
        let data = size(&self.schema);
        let keys = size(&format!("{}_keys", self.schema));
        self.give(session);
        Ok(crate::Footprint {
            data: data?,
            keys: keys?,
        })
    }

    fn take(&self) -> Result<Session> {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(session) = pool.idle.pop() {
                return Ok(session);
            }
            if pool.open < CONNECTIONS {
                pool.open += 1;
                drop(pool);
                return self.connect().inspect_err(|_| self.forget_one());
            }
            pool = self.free.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn give(&self, session: Session) {
        if session.client.is_closed() {
            drop_elsewhere(vec![session]);
            self.forget_one();
            return;
        }
        self.pool
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .idle
            .push(session);
        self.free.notify_one();
    }

    fn forget_one(&self) {
        self.pool
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .open -= 1;
        self.free.notify_one();
    }

    fn connect(&self) -> Result<Session> {
        let mut client = Client::connect(&self.url, NoTls)?;
        let schema = &self.schema;
        client.batch_execute(&format!(
            "SET search_path TO \"{schema}\", \"{schema}_keys\"; SET synchronous_commit TO on;
             SET client_min_messages TO warning"
        ))?;
        Ok(Session {
            client,
            schema: schema.clone(),
            statements: HashMap::new(),
        })
    }
}

impl Drop for Pg {
    fn drop(&mut self) {
        let pool = self.pool.get_mut().unwrap_or_else(PoisonError::into_inner);
        drop_elsewhere(std::mem::take(&mut pool.idle));
    }
}

fn drop_elsewhere(sessions: Vec<Session>) {
    // Joined, so that connections are closed when the store is gone; a plain thread has no runtime.
    drop(std::thread::spawn(move || drop(sessions)).join());
}

impl Session {
    fn statement(&mut self, sql: &str) -> Result<Statement> {
        if let Some(known) = self.statements.get(sql) {
            return Ok(known.clone());
        }
        let statement = self.client.prepare(sql)?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    pub(crate) fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64> {
        let statement = self.statement(sql)?;
        let bound: Vec<&(dyn ToSql + Sync)> =
            params.iter().map(|v| v as &(dyn ToSql + Sync)).collect();
        Ok(self.client.execute(&statement, &bound)?)
    }

    pub(crate) fn each(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        mut f: impl FnMut(&Row) -> Result<bool>,
    ) -> Result<()> {
        let statement = self.statement(sql)?;
        let mut rows = self.client.query_raw(&statement, params)?;
        while let Some(row) = rows.next()? {
            if !f(&row)? {
                break;
            }
        }
        Ok(())
    }

    pub(crate) fn batch(&mut self, sql: &str) -> Result<()> {
        Ok(self.client.batch_execute(sql)?)
    }

    /// Until the end of the transaction, new tables land in the schema of the keys.
    pub(crate) fn create_in_keys(&mut self) -> Result<()> {
        let schema = &self.schema;
        Ok(self.client.batch_execute(&format!(
            "SET LOCAL search_path TO \"{schema}_keys\", \"{schema}\""
        ))?)
    }

    pub(crate) fn tables(&mut self, side: Side) -> Result<Vec<(String, Vec<String>)>> {
        let schema = match side {
            Side::Data => self.schema.clone(),
            Side::Keys => format!("{}_keys", self.schema),
        };
        let rows = self.client.query(
            "SELECT table_name::text, column_name::text FROM information_schema.columns
             WHERE table_schema = $1 ORDER BY table_name, ordinal_position",
            &[&schema],
        )?;
        let mut out: Vec<(String, Vec<String>)> = Vec::new();
        for row in rows {
            let (table, column): (String, String) = (row.get(0), row.get(1));
            match out.last_mut() {
                Some((name, columns)) if *name == table => columns.push(column),
                _ => out.push((table, vec![column])),
            }
        }
        Ok(out)
    }
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(v) if *ty == Type::INT4 => i32::try_from(*v)?.to_sql(ty, out),
            Self::Int(v) => v.to_sql(ty, out),
            Self::Real(v) => v.to_sql(ty, out),
            Self::Text(v) => v.to_sql(ty, out),
            Self::Bytes(v) => v.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    postgres::types::to_sql_checked!();
}

struct Raw<'a>(Cell<'a>);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(
        ty: &Type,
        raw: &'a [u8],
    ) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(match *ty {
            Type::INT8 => Cell::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Cell::Int(i64::from(i32::from_sql(ty, raw)?)),
            Type::FLOAT8 => Cell::Real(f64::from_sql(ty, raw)?),
            Type::BYTEA => Cell::Bytes(raw),
            _ => Cell::Text(std::str::from_utf8(raw)?),
        }))
    }

    fn from_sql_null(
        _: &Type,
    ) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(Cell::Null))
    }

    fn accepts(ty: &Type) -> bool {
        matches!(
            *ty,
            Type::INT8
                | Type::INT4
                | Type::FLOAT8
                | Type::BYTEA
                | Type::TEXT
                | Type::VARCHAR
                | Type::NAME
        )
    }
}

pub(crate) fn cell(row: &Row, column: usize) -> Result<Cell<'_>> {
    Ok(row.try_get::<_, Raw<'_>>(column)?.0)
}

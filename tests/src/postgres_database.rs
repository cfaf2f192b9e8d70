//! A PostgreSQL database for one journey, made in the server that `./test` starts, and removed after it.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use postgres::{Client, NoTls};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A database that no other test uses.
pub struct Database {
    server: String,
    name: String,
}

impl Database {
    /// Makes an empty database.
    ///
    /// # Panics
    /// When there is no server to make it on.
    #[must_use]
    pub fn new() -> Self {
        let server = std::env::var("PRIVET_TEST_POSTGRES").unwrap_or_else(|_| {
            panic!("PRIVET_TEST_POSTGRES is not set: run ./test, which starts a private PostgreSQL")
        });
        let name = format!(
            "journey_{}_{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let database = Self { server, name };
        database.on_server(&format!("CREATE DATABASE {}", database.name));
        database
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        let (server, _) = self.server.rsplit_once('/').expect("postgres://…/DATABASE");
        format!("{server}/{}", self.name)
    }

    /// The directory in which the server keeps the files of this database, with all rows written to it.
    ///
    /// # Panics
    /// When `./test` did not say where the server's files are.
    #[must_use]
    pub fn files(&self) -> PathBuf {
        let root = std::env::var_os("PRIVET_TEST_POSTGRES_FILES").unwrap_or_else(|| {
            panic!("PRIVET_TEST_POSTGRES_FILES is not set: run ./test, which knows where they are")
        });
        let mut client = self.connect();
        client.batch_execute("CHECKPOINT").expect("a checkpoint");
        let row = client
            .query_one(
                "SELECT oid::bigint FROM pg_database WHERE datname = $1",
                &[&self.name],
            )
            .expect("the database is listed");
        let oid: i64 = row.get(0);
        PathBuf::from(root).join("base").join(oid.to_string())
    }

    fn connect(&self) -> Client {
        Client::connect(&self.server, NoTls).expect("the PostgreSQL server of the tests answers")
    }

    fn on_server(&self, statement: &str) {
        self.connect()
            .batch_execute(statement)
            .expect("the server carries out the statement");
    }
}

impl Default for Database {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // Not a second panic while a journey fails: the server goes away with ./test in any case.
        if let Ok(mut client) = Client::connect(&self.server, NoTls) {
            drop(client.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name)));
        }
    }
}

//! Every store function is tested on both engines: [`on_each_engine`].

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::{Db, Location, Migration};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// The variable that holds the address of a PostgreSQL server for tests.
pub const POSTGRES: &str = "PRIVET_TEST_POSTGRES";

/// Runs a test on a fresh SQLite directory, then on fresh PostgreSQL schemas.
///
/// # Panics
/// When a test fails, or when there is no PostgreSQL to test on: `./test` starts one.
pub fn on_each_engine(migrations: &[&[Migration]], test: impl Fn(Db)) {
    on_sqlite(migrations, &test);
    on_postgres(migrations, &test);
}

/// Runs a test on a fresh SQLite directory.
///
/// # Panics
/// When the test fails.
pub fn on_sqlite(migrations: &[&[Migration]], test: impl Fn(Db)) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let location = Location::Directory(dir.path().join("data"));
    test(Db::create(&location, &migrations.concat()).expect("a new SQLite store"));
}

/// Runs a test on fresh PostgreSQL schemas.
///
/// # Panics
/// When the test fails, or when [`POSTGRES`] names no server.
pub fn on_postgres(migrations: &[&[Migration]], test: impl Fn(Db)) {
    let location = postgres_location();
    let db = Db::create(&location, &migrations.concat()).expect("new PostgreSQL schemas");
    let outcome = catch_unwind(AssertUnwindSafe(|| test(db.clone())));
    db.drop_schemas()
        .expect("the schemas of the test are removed");
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

/// Schemas that no other test uses.
///
/// # Panics
/// When [`POSTGRES`] names no server.
#[must_use]
pub fn postgres_location() -> Location {
    let url = std::env::var(POSTGRES).unwrap_or_else(|_| {
        panic!("{POSTGRES} is not set: run ./test, which starts a private PostgreSQL")
    });
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    Location::Postgres {
        url,
        schema: format!("t_{}_{number}", std::process::id()),
    }
}

/// Removes the schemas of a place on PostgreSQL, when they are there.
///
/// # Panics
/// When the server does not answer.
pub fn drop_schemas(place: &Location) {
    match Db::open(place, &[]) {
        Ok(db) => db
            .drop_schemas()
            .expect("the schemas of a test are removed"),
        Err(crate::Error::Missing) => {}
        Err(other) => panic!("{other}"),
    }
}

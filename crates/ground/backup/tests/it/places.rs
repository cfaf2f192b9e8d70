//! Places to keep an installation and its backups in, for one test.

use std::path::PathBuf;
use std::sync::Arc;

use backup::testing::{found, migrations, operator, person, root_key, wired};
use backup::{Backups, Contents, Error, Restore, Restored};
use base::{SystemClock, Table};
use records::Records;
use store::{Db, Location};
use vault::KeyProvider;

/// Tables of the ground as a program declares them.
pub fn contents() -> Contents {
    let mut tables: Vec<Table> = Vec::new();
    tables.extend(act::TABLES);
    tables.extend(vault::TABLES);
    tables.extend(ledger::TABLES);
    tables.extend(backup::TABLES);
    Contents {
        tables,
        left_out: vec!["idempotency"],
        united: vec![("key_tombstone", 2)],
    }
}

/// The same with the record engine's.
pub fn all_contents(records: &Records) -> Contents {
    let mut contents = contents();
    contents.tables.extend(act::Holder::tables(records));
    contents
}

pub struct Place {
    pub dir: tempfile::TempDir,
    pub location: Location,
    pub provider: Arc<dyn KeyProvider>,
}

impl Place {
    pub fn new(location: impl Fn(PathBuf) -> Location) -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self {
            location: location(dir.path().join("data")),
            provider: root_key(dir.path()),
            dir,
        }
    }

    pub fn with_people(&self, count: usize) -> (Records, Backups) {
        let db = Db::create(&self.location, &migrations(&[])).unwrap();
        let records = found(&db, &self.provider, Arc::new(SystemClock));
        for n in 0..count {
            let draft = person("Ann", &format!("Lee{n}"), &format!("a{n}@lee.org"), "");
            let _id = backup::testing::make(&records, "person", draft);
        }
        let backups = self.backups(&records);
        (records, backups)
    }

    pub fn backups(&self, records: &Records) -> Backups {
        let provider = Arc::clone(&self.provider);
        Backups::new(records.acts().clone(), provider, all_contents(records))
    }

    pub fn file(&self) -> PathBuf {
        self.dir.path().join("b.privet")
    }

    pub fn keys(&self) -> PathBuf {
        self.dir.path().join("b.privet.keys")
    }
}

/// Restores the backup of `from` to `target`.
pub fn bring_back(from: &Place, target: &Location, contents: &Contents) -> Result<Restored, Error> {
    let all = migrations(&[]);
    let request = Restore {
        file: &from.file(),
        keys: None,
        target,
        providers: &[Arc::clone(&from.provider)],
        migrations: &all,
        contents,
    };
    backup::restore(&request, |db, ws, provider| {
        let records = wired(db, ws, &provider, Arc::new(SystemClock));
        let who = operator(&records);
        let own = records.clone();
        let mut after = None;
        loop {
            let own = own.clone();
            after = records
                .acts()
                .write(&who, move |act| records::rebuild(&own, act, after, 100))?;
            if after.is_none() {
                return Ok::<(), records::Error>(());
            }
        }
    })
}

pub fn directory(path: PathBuf) -> Location {
    Location::Directory(path)
}

/// Schemas that are dropped at the end.
pub struct Schemas(pub Location);

impl Schemas {
    pub fn new() -> Self {
        Self(store::testing::postgres_location())
    }
}

impl Drop for Schemas {
    fn drop(&mut self) {
        for place in [
            self.0.clone(),
            store::archive::aside(&self.0),
            store::archive::beside(&self.0),
        ] {
            store::testing::drop_schemas(&place);
        }
    }
}

//! What the store promises, on both engines.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use store::testing::{on_each_engine, on_sqlite};
use store::{Db, Error, Location, Migration, Side, params};

const TABLES: &[Migration] = &[
    Migration {
        owner: "test",
        number: 1,
        side: Side::Data,
        sql: "CREATE TABLE thing (ws BIGINT NOT NULL, id BYTEA NOT NULL, n BIGINT, t TEXT, r DOUBLE PRECISION, PRIMARY KEY (ws, id)) /*sqlite: WITHOUT ROWID*/;
              CREATE INDEX thing_n ON thing (ws, n)",
    },
    Migration {
        owner: "test",
        number: 1,
        side: Side::Keys,
        sql: "CREATE TABLE thing_key (ws BIGINT NOT NULL, id BYTEA NOT NULL, PRIMARY KEY (ws, id))",
    },
];

fn insert(db: &Db, n: i64) -> Result<(), Error> {
    db.write(move |tx| {
        let id = n.to_be_bytes();
        tx.keys().execute(
            "INSERT INTO thing_key (ws, id) VALUES ($1, $2)",
            params![1i64, &id],
        )?;
        tx.execute(
            "INSERT INTO thing (ws, id, n, t, r) VALUES ($1, $2, $3, $4, $5)",
            params![1i64, &id, n, "ä", 0.5],
        )?;
        Ok(())
    })
}

fn count(db: &Db) -> (i64, i64) {
    db.read(|tx| -> Result<_, Error> {
        let data = tx.number("SELECT COUNT(*) FROM thing", params![])?;
        let keys = tx
            .keys()
            .number("SELECT COUNT(*) FROM thing_key", params![])?;
        Ok((data, keys))
    })
    .unwrap()
}

#[test]
fn what_is_written_is_read_back_in_every_type() {
    on_each_engine(&[TABLES], |db| {
        insert(&db, 7).unwrap();
        let row = db
            .read(|tx| {
                tx.row(
                    "SELECT id, n, t, r, NULL FROM thing WHERE ws = $1 AND n = $2",
                    params![1i64, 7i64],
                    |row| {
                        Ok((
                            row.get::<[u8; 8]>(0)?,
                            row.get::<i64>(1)?,
                            row.get::<String>(2)?,
                            row.get::<f64>(3)?,
                            row.get::<Option<String>>(4)?,
                        ))
                    },
                )
            })
            .unwrap();
        assert_eq!(
            row,
            Some((7i64.to_be_bytes(), 7, "ä".to_owned(), 0.5, None))
        );
    });
}

#[test]
fn a_refused_closure_leaves_nothing_in_either_store() {
    on_each_engine(&[TABLES], |db| {
        let refused: Result<(), Error> = db.write(|tx| {
            tx.keys().execute(
                "INSERT INTO thing_key (ws, id) VALUES (1, $1)",
                params![b"k"],
            )?;
            tx.execute(
                "INSERT INTO thing (ws, id, n) VALUES (1, $1, 1)",
                params![b"d"],
            )?;
            Err(Error::Missing)
        });
        assert!(matches!(refused, Err(Error::Missing)));
        assert_eq!(count(&db), (0, 0));
    });
}

#[test]
fn a_panic_is_answered_and_leaves_nothing_and_the_store_goes_on() {
    on_each_engine(&[TABLES], |db| {
        let answer: Result<(), Error> = db.write(|tx| {
            tx.execute(
                "INSERT INTO thing (ws, id, n) VALUES (1, $1, 1)",
                params![b"d"],
            )?;
            panic!("on purpose");
        });
        assert!(matches!(answer, Err(Error::Panicked)));
        assert_eq!(count(&db), (0, 0));
        insert(&db, 1).unwrap();
        assert_eq!(count(&db), (1, 1));
    });
}

#[test]
fn a_duplicate_key_is_named_as_such_and_spoils_only_its_own_act() {
    on_each_engine(&[TABLES], |db| {
        insert(&db, 1).unwrap();
        assert!(matches!(insert(&db, 1), Err(Error::Duplicate)));
        insert(&db, 2).unwrap();
        assert_eq!(count(&db), (2, 2));
    });
}

#[test]
fn writers_side_by_side_lose_nothing() {
    on_each_engine(&[TABLES], |db| {
        let next = Arc::new(AtomicI64::new(0));
        std::thread::scope(|scope| {
            for _ in 0..16 {
                let (db, next) = (db.clone(), Arc::clone(&next));
                scope.spawn(move || {
                    for _ in 0..20 {
                        let n = next.fetch_add(1, Ordering::SeqCst);
                        let outcome = insert(&db, n);
                        assert!(outcome.is_ok(), "{outcome:?}");
                        // Every third one meets a neighbour's key and is refused alone.
                        if n % 3 == 0 {
                            assert!(insert(&db, n).is_err());
                        }
                    }
                });
            }
        });
        assert_eq!(count(&db), (320, 320));
    });
}

#[test]
fn readers_cannot_write() {
    on_each_engine(&[TABLES], |db| {
        let answer: Result<u64, Error> = db.read(|tx| {
            tx.execute(
                "INSERT INTO thing (ws, id, n) VALUES (1, $1, 1)",
                params![b"d"],
            )
        });
        assert!(answer.is_err());
        assert_eq!(count(&db), (0, 0));
    });
}

#[test]
fn a_changed_migration_is_refused() {
    on_sqlite(&[TABLES], |_| {});
    let dir = tempfile::tempdir().unwrap();
    let location = Location::Directory(dir.path().to_owned());
    drop(Db::create(&location, TABLES).unwrap());
    let mut changed = TABLES.to_vec();
    changed[0].sql = "CREATE TABLE other (x BIGINT)";
    assert!(matches!(
        Db::open(&location, &changed),
        Err(Error::Migration { .. })
    ));
    assert!(Db::open(&location, TABLES).is_ok());
}

#[test]
fn a_second_opener_of_the_same_directory_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let location = Location::Directory(dir.path().to_owned());
    let first = Db::create(&location, TABLES).unwrap();
    assert!(matches!(Db::open(&location, TABLES), Err(Error::InUse)));
    drop(first);
    assert!(Db::open(&location, TABLES).is_ok());
}

#[test]
fn the_directory_is_closed_to_others_even_when_it_was_there_before() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(dir.path(), open).unwrap();
    let _db = Db::create(&Location::Directory(dir.path().to_owned()), TABLES).unwrap();
    let mode = std::fs::metadata(dir.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn nothing_is_made_where_nothing_was() {
    let dir = tempfile::tempdir().unwrap();
    let empty = dir.path().join("none");
    assert!(matches!(
        Db::open(&Location::Directory(empty.clone()), TABLES),
        Err(Error::Missing)
    ));
    assert!(!empty.exists());
}

#[test]
fn a_checkpoint_empties_the_write_ahead_log() {
    let dir = tempfile::tempdir().unwrap();
    let db = Db::create(&Location::Directory(dir.path().to_owned()), TABLES).unwrap();
    for n in 0..50 {
        insert(&db, n).unwrap();
    }
    assert!(db.checkpoint().unwrap());
    assert_eq!(
        std::fs::metadata(dir.path().join("data.db-wal"))
            .unwrap()
            .len(),
        0
    );
    assert_eq!(
        std::fs::metadata(dir.path().join("keys.db-wal"))
            .unwrap()
            .len(),
        0
    );
}

#[test]
fn the_tables_of_each_store_are_listed_with_their_columns() {
    on_each_engine(&[TABLES], |db| {
        let (data, keys) = db
            .read(|tx| -> Result<_, Error> { Ok((tx.tables()?, tx.keys().tables()?)) })
            .unwrap();
        let columns: Vec<String> = ["ws", "id", "n", "t", "r"].map(String::from).to_vec();
        assert!(data.contains(&("thing".into(), columns)));
        assert!(keys.iter().any(|(name, _)| name == "thing_key"));
        assert!(
            !data.iter().any(|(name, _)| name == "thing_key"),
            "keys live apart from the data"
        );
    });
}

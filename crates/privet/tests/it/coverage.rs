//! Every table and column of both stores has somebody who answers for it, and every declared one exists.

use std::collections::BTreeSet;
use std::sync::Arc;

use act::Holder;
use privet::capabilities;
use privet::commands::verify::verify;
use privet::installation::Installation;
use store::{Db, Location};

use crate::house::{Town, create, on_postgres};

type Tables = Vec<(String, Vec<String>)>;

fn tables(house: &Installation) -> Tables {
    let read = |tx: &mut store::Tx<'_>| -> store::Result<Tables> {
        let mut all = tx.tables()?;
        all.extend(tx.keys().tables()?);
        Ok(all)
    };
    house.records.acts().db().read(read).unwrap()
}

fn holders(house: &Installation) -> Vec<Arc<dyn Holder>> {
    capabilities::holders(&house.records, &house.identity)
}

fn everything_is_answered_for(house: &Installation) {
    let (there, holders) = (tables(house), holders(house));
    assert!(there.len() > 30, "only {} tables were found", there.len());
    assert_eq!(retention::uncovered(&there, &holders), Vec::<String>::new());
    let there: BTreeSet<(String, String)> = there
        .into_iter()
        .flat_map(|(table, columns)| {
            columns
                .into_iter()
                .map(move |column| (table.clone(), column))
        })
        .collect();
    let mut declared = BTreeSet::new();
    for table in holders.iter().flat_map(|holder| holder.tables()) {
        assert!(!table.on_erasure.is_empty(), "{}", table.name);
        for (column, _) in table.columns {
            let new = declared.insert((table.name.to_owned(), (*column).to_owned()));
            assert!(new, "{}.{column} is answered for twice", table.name);
        }
    }
    assert_eq!(declared, there);
}

/// A table and a column that nobody knows are named: the test above can fail.
fn a_new_column_is_named(house: Installation, location: &Location) {
    let db: Db = house.records.acts().db().clone();
    db.write(|tx| -> store::Result<()> {
        tx.execute("CREATE TABLE stray (ws BIGINT NOT NULL)", &[])?;
        tx.execute("ALTER TABLE facet ADD COLUMN nickname TEXT", &[])?;
        Ok(())
    })
    .unwrap();
    drop((db, house));
    let house = open(location);
    let found = retention::uncovered(&tables(&house), &holders(&house));
    assert_eq!(found, ["facet.nickname", "stray"]);
}

fn open(location: &Location) -> Installation {
    let provider = crate::house::provider();
    let db = Db::open(location, &capabilities::migrations()).unwrap();
    Installation::over(db, provider).unwrap()
}

fn on(location: &Location) {
    let town = Town::built(create(location));
    everything_is_answered_for(&town.house);
    town.lives_on();
    let verdict = verify(&town.house).unwrap();
    assert_eq!(verdict.finding, None);
    assert!(verdict.kept_rows > 30 && verdict.index_rows > 100);
    let house = town.house.clone();
    drop(town);
    a_new_column_is_named(house, location);
}

#[test]
fn every_table_and_column_is_answered_for_on_sqlite() {
    let dir = tempfile::tempdir().unwrap();
    on(&Location::Directory(dir.path().join("data")));
}

#[test]
fn every_table_and_column_is_answered_for_on_postgresql() {
    on_postgres(on);
}

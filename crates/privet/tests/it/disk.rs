//! The files may not grow any more: what was saved stays, nothing is half saved, and with room it goes on.

use privet::commands::verify::verify;
use privet::made_up::MadeUp;
use records::Error;
use store::{Db, Engine};

use crate::house::{Town, empty, origin};

/// Lets the writer's files grow by so many pages and no further; `None` for as far as they like.
fn room(db: &Db, pages: Option<i64>) {
    assert_eq!(db.engine(), Engine::Sqlite);
    db.write(move |tx| -> store::Result<()> {
        for keys in [false, true] {
            let mut on = |sql: &str| {
                if keys {
                    tx.keys().number(sql, &[])
                } else {
                    tx.number(sql, &[])
                }
            };
            let limit = match pages {
                Some(pages) => on("PRAGMA page_count")? + pages,
                None => 1 << 30,
            };
            let set = on(&format!("PRAGMA max_page_count = {limit}"))?;
            assert_eq!(set, limit);
        }
        Ok(())
    })
    .unwrap();
}

#[test]
fn without_room_changes_are_refused_and_nothing_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let town = Town::built(empty(&dir.path().join("data")));
    let (house, db) = (&town.house, town.house.records.acts().db());
    let who = house.operator("record_keeping");
    let mut kept = town.people.clone();
    let mut number = 1_000;
    for pages in [0, 1, 3, 9, 27] {
        room(db, Some(pages));
        let refused = loop {
            number += 1;
            let records = house.records.clone();
            let made = house.records.acts().write(&who, move |act| {
                let draft = MadeUp::new(number).person(
                    records.kind("person"),
                    usize::try_from(number).unwrap(),
                    None,
                );
                records.create(act, records.kind("person"), draft, &origin())
            });
            match made {
                Ok(person) => kept.push(person),
                Err(error) => break error,
            }
            assert!(number < 50_000, "the limit holds");
        };
        let full = matches!(
            &refused,
            Error::Act(act::Error::Store(store::Error::Full))
                | Error::Act(act::Error::Vault(vault::Error::Store(store::Error::Full)))
                | Error::Act(act::Error::Ledger(ledger::Error::Store(store::Error::Full)))
        );
        assert!(full, "with {pages} pages left: {refused:?}");
        room(db, None);
    }
    assert!(kept.len() > town.people.len(), "some were saved in between");
    for person in &kept {
        let records = &house.records;
        let opened = records.acts().read(&who, |act| {
            records.open(act, records.kind("person"), *person)
        });
        assert!(opened.unwrap().is_some());
    }
    let verdict = verify(house).unwrap();
    assert_eq!(verdict.finding, None);
    assert_eq!(
        verdict.records,
        (kept.len() + town.companies.len() + town.notes.len() + 5) as u64
    );
}

//! What comes back from a backup is whole: in a new place, and over data that went on meanwhile.

use privet::cli::Place;
use privet::commands::backup::restore;
use privet::commands::verify::verify;
use privet::installation::Installation;
use records::Query;

use crate::house::{change, closed_town, copy, place};
use crate::tampers::finding;

#[test]
fn a_restored_installation_is_whole() {
    let (town, _early) = closed_town();
    let (backup, key) = (
        town.path().join("backup"),
        town.path().join("data").join("root.key"),
    );
    let elsewhere = tempfile::tempdir().unwrap();
    let new = Place {
        root_key: Some(key),
        ..place(&elsewhere.path().join("data"))
    };
    restore(&new, &backup).unwrap();
    let house = Installation::open(&new).unwrap();
    let verdict = verify(&house).unwrap();
    assert_eq!(verdict.finding, None);
    assert!(verdict.records > 100 && verdict.kept_rows > 30);
}

#[test]
fn a_restore_in_place_is_whole_and_what_follows_is_too() {
    let (town, _early) = closed_town();
    let (backup, data) = (town.path().join("backup"), tempfile::tempdir().unwrap());
    copy(&town.path().join("data"), data.path());
    let house = Installation::open(&place(data.path())).unwrap();
    let records = &house.records;
    let page = records
        .acts()
        .read(&house.operator("record_keeping"), |act| {
            records.list(act, records.kind("person"), &Query::default())
        });
    let person = page.unwrap().records[0].id;
    change(&house, person, "job_title", "Keeper of the last gate");
    drop(house);
    restore(&place(data.path()), &backup).unwrap();
    assert_eq!(finding(data.path()), None);
    let house = Installation::open(&place(data.path())).unwrap();
    change(&house, person, "job_title", "Keeper of the first gate");
    drop(house);
    assert_eq!(finding(data.path()), None);
}

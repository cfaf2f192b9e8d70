//! One person can be forgotten, in the live data and in every backup ever made.

use std::fs;

use journeys::{Contact, Privet, Traces, contacts, contacts_csv, copy_tree, id_of};

#[test]
fn an_erased_person_is_gone_and_no_backup_brings_them_back() {
    let privet = Privet::new();
    let (gone, stays) = a_person_and_a_witness();
    let id = import_and_erase_after_backup(&privet, &gone);

    let backup = privet.beside("before.backup");
    let backup = backup.to_str().expect("a path that is text");
    let _restored = privet.run("restore", &[backup]).ok();
    is_forgotten(
        &privet,
        &gone,
        &id,
        "after the old backup was restored in place",
    );
    assert_eq!(privet.find(&stays.mail).len(), 1, "the others are back");

    // Another machine: an empty directory, the root key, and the backup with its keys beside it.
    let elsewhere = Privet::nowhere();
    fs::create_dir(elsewhere.data()).expect("an empty directory");
    copy_tree(
        &privet.data().join("root.key"),
        &elsewhere.data().join("root.key"),
    );
    let _restored = elsewhere.run("restore", &[backup]).ok();
    is_forgotten(
        &elsewhere,
        &gone,
        &id,
        "after the old backup was restored elsewhere",
    );
    assert_eq!(elsewhere.find(&stays.mail).len(), 1, "the others are there");
    Traces::of(&[gone]).none_in(elsewhere.data());
}

#[test]
fn an_erased_person_is_gone_on_postgresql() {
    let privet = Privet::on_postgres();
    let (gone, stays) = a_person_and_a_witness();
    let _id = import_and_erase_after_backup(&privet, &gone);
    assert_eq!(privet.find(&stays.mail).len(), 1, "the others stay");
    let rows = privet.database().expect("a database").files();
    Traces::of(&[gone]).none_in(&rows);
}

#[test]
fn an_erased_person_does_not_come_back_by_import() {
    let privet = Privet::new();
    let (gone, _) = a_person_and_a_witness();
    let id = import_and_erase_after_backup(&privet, &gone);
    let again = privet.json("import", &[&contacts_csv()]);
    assert_eq!(again["created"], 0, "{again}");
    is_forgotten(
        &privet,
        &gone,
        &id,
        "after the same list was imported again",
    );
}

/// Imports everybody, backs up, erases one: planned, shown, carried out.
fn import_and_erase_after_backup(privet: &Privet, person: &Contact) -> String {
    assert_eq!(privet.json("import", &[&contacts_csv()])["created"], 500);
    let found = privet.find(&person.mail);
    let id = id_of(&found[0]).to_owned();
    let backup = privet.beside("before.backup");
    let backup_text = backup.to_str().expect("a path that is text");
    let _written = privet.run("backup", &[backup_text]).ok();
    assert!(backup.is_file(), "the backup is where it was asked for");
    assert!(
        backup.with_file_name("before.backup.keys").is_file(),
        "its keys lie beside it"
    );
    // The backup holds no more in clear than the directory does.
    let room = backup.parent().expect("the directory of the backup");
    Traces::of(std::slice::from_ref(person)).none_in(room);

    let plan = privet.json("erase", &[&id, "--dry-run"]);
    assert!(
        plan.as_object().is_some_and(|plan| !plan.is_empty()),
        "the plan says what will go: {plan}"
    );
    assert_eq!(privet.find(&person.mail).len(), 1, "a plan erases nothing");
    let receipt = privet.json("erase", &[&id]);
    assert!(
        receipt
            .as_object()
            .is_some_and(|receipt| !receipt.is_empty()),
        "a receipt: {receipt}"
    );
    is_forgotten(privet, person, &id, "after the erasure");
    id
}

#[track_caller]
fn is_forgotten(privet: &Privet, person: &Contact, id: &str, when: &str) {
    let digits = person.phones[0].replace('-', "");
    for text in [
        &person.mail,
        &person.family,
        &person.phones[0],
        &person.phones[1],
        &digits,
    ] {
        let found = privet.find(text);
        let is_them = |record: &serde_json::Value| {
            id_of(record) == id || record.to_string().contains(&person.mail)
        };
        assert!(
            !found.iter().any(is_them),
            "{text:?} finds them {when}: {found:?}"
        );
    }
    privet.run("show", &[id]).refused(&[]);
    Traces::of(std::slice::from_ref(person)).none_in(privet.data());
    privet.verifies();
}

/// Somebody whose names nobody else on the list bears, long enough to leave no doubt, and somebody else.
fn a_person_and_a_witness() -> (Contact, Contact) {
    let people = contacts();
    let alone = |person: &&Contact| {
        let names = [&person.given, &person.family];
        let bearers = people
            .iter()
            .filter(|other| names.contains(&&other.given) || names.contains(&&other.family));
        person.given.len() >= 6 && person.family.len() >= 6 && bearers.count() == 1
    };
    let mut fitting = people.iter().filter(alone);
    let gone = fitting
        .next()
        .expect("a person with names of their own")
        .clone();
    let stays = fitting.next().expect("a second one").clone();
    (gone, stays)
}

//! People are found by two letters, a mail or a telephone number, and are nowhere on the disk.

use std::path::PathBuf;

use journeys::{Contact, Privet, Traces, companies_csv, contacts, contacts_csv, id_of, list_in};
use serde_json::Value;

#[test]
fn an_imported_list_is_found_by_two_letters_and_is_nowhere_on_the_disk() {
    let privet = Privet::new();
    found_but_not_on_disk(&privet, &[privet.data().to_owned()]);
}

#[test]
fn the_same_on_postgresql() {
    let privet = Privet::on_postgres();
    let rows = privet.database().expect("a database").files();
    found_but_not_on_disk(&privet, &[privet.data().to_owned(), rows]);
}

fn found_but_not_on_disk(privet: &Privet, places: &[PathBuf]) {
    let people = contacts();
    let mut traces = Traces::of(&people);
    for place in places {
        traces = traces.less_those_in(place);
    }
    let unseen = |when: &str| {
        if let Some(database) = privet.database() {
            // Brings what is still in memory to the files that are looked through.
            assert!(
                database.files().is_dir(),
                "the rows lie where they are looked for, {when}"
            );
        }
        for place in places {
            traces.none_in(place);
        }
    };
    let told = privet.json("import", &[&contacts_csv()]);
    assert_eq!(told["created"], 500, "{told}");
    unseen("after the import");

    for person in rarest_prefixes(&people, 12) {
        let two_letters: String = person.family.chars().take(2).collect();
        finds(privet, &two_letters, &person);
        let found = finds(privet, &person.mail, &person);
        assert_eq!(found.len(), 1, "a mail address finds one person: {found:?}");
        let digits = person.phones[0].replace('-', "");
        for spelling in [
            person.phones[0].clone(),
            digits.clone(),
            format!("+1 {digits}"),
        ] {
            finds(privet, &spelling, &person);
        }
        let shown = privet.json("show", &[id_of(&found[0])]).to_string();
        for kept in [&person.given, &person.family, &person.mail, &person.street] {
            assert!(shown.contains(kept.as_str()), "{kept} was kept: {shown}");
        }
    }
    privet.verifies();
    unseen("after people were found and opened");

    let token = privet.token();
    let server = privet.serve();
    let mut api = server.api(&token);
    for person in people.iter().take(20) {
        assert!(
            !api.find(&person.mail).expect("an answer").is_empty(),
            "{} is found",
            person.mail
        );
    }
    unseen("while the server runs");
    traces.none_in_text("what the server printed", &server.said());
    assert!(server.stop().success(), "the server stops when asked");
    unseen("after the server stopped");
}

/// The people whose family name's first two letters begin the fewest other names.
fn rarest_prefixes(people: &[Contact], count: usize) -> Vec<Contact> {
    let two = |name: &str| name.chars().take(2).collect::<String>().to_lowercase();
    let alike = |person: &Contact| {
        let own = two(&person.family);
        let names = people
            .iter()
            .flat_map(|other| [&other.given, &other.family]);
        names.filter(|name| two(name) == own).count()
    };
    let mut sorted = people.to_vec();
    sorted.sort_by_key(alike);
    sorted.truncate(count);
    sorted
}

#[track_caller]
fn finds(privet: &Privet, text: &str, person: &Contact) -> Vec<Value> {
    let found = privet.find(text);
    let named = |record: &Value| {
        let record = record.to_string();
        record.contains(&person.family) && record.contains(&person.given)
    };
    assert!(
        found.iter().any(named),
        "{text:?} does not find {} {}: {found:?}",
        person.given,
        person.family
    );
    found
}

#[test]
fn a_list_of_companies_is_imported_whole() {
    let privet = Privet::new();
    let told = privet.json("import", &[&companies_csv(), "--as", "company"]);
    assert_eq!(told["created"], 85, "{told}");
    privet.verifies();
}

#[test]
fn importing_the_same_list_again_makes_nobody_twice() {
    let privet = Privet::new();
    importing_twice(&privet);
}

#[test]
fn importing_twice_on_postgresql_makes_nobody_twice() {
    importing_twice(&Privet::on_postgres());
}

fn importing_twice(privet: &Privet) {
    let list = contacts_csv();
    let plan = privet.json("import", &[&list, "--dry-run"]);
    assert_eq!(plan["created"], 500, "the dry run is the plan: {plan}");
    assert!(
        privet.find("jbutt@gmail.com").is_empty(),
        "a dry run changes nothing"
    );
    assert_eq!(privet.json("import", &[&list])["created"], 500);
    let again = privet.json("import", &[&list]);
    assert_eq!(again["created"], 0, "{again}");
    assert_eq!(
        privet.find("jbutt@gmail.com").len(),
        1,
        "there is one of him"
    );
    privet.verifies();
    let leaves = privet.json("log", &[]);
    assert!(!list_in(&leaves).is_empty(), "the imports are in the log");
}

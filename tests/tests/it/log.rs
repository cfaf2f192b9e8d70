//! Every read and write leaves a leaf; the log verifies, and tells nobody's name.

use journeys::{Privet, Traces, contacts, contacts_csv, id_of, list_in};

#[test]
fn reads_are_in_the_log_and_the_log_verifies() {
    each_read_leaves_a_leaf(&Privet::new());
}

#[test]
fn reads_are_in_the_log_on_postgresql() {
    each_read_leaves_a_leaf(&Privet::on_postgres());
}

fn each_read_leaves_a_leaf(privet: &Privet) {
    assert_eq!(privet.json("import", &[&contacts_csv()])["created"], 500);
    let count = || list_in(&privet.json("log", &[])).len();
    let before = count();
    let found = privet.find("jbutt@gmail.com");
    let id = id_of(&found[0]).to_owned();
    let searched = count();
    assert!(
        searched > before,
        "a search leaves a leaf: {before} before, {searched} after"
    );
    let about_them = || list_in(&privet.json("log", &["--subject", &id])).len();
    let known = about_them();
    let _shown = privet.json("show", &[&id]);
    assert!(
        about_them() > known,
        "opening a contact leaves a leaf about that person"
    );
    privet.verifies();

    let log = privet.json("log", &[]).to_string();
    Traces::of(&contacts()).none_in_text("the log", &log);
}

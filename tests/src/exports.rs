//! Real exports of other systems, which the import is judged on. They lie beside the project, not in it.

use std::path::{Path, PathBuf};

/// The project's root.
#[must_use]
pub fn project_root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent()
        .expect("the workspace around this package")
        .to_owned()
}

/// A sample contact list: 500 people with company, address, two phones and mail.
#[must_use]
pub fn contacts_csv() -> String {
    export("us-500.csv")
}

/// A sample list of 85 companies.
#[must_use]
pub fn companies_csv() -> String {
    export("maven-accounts.csv")
}

fn export(name: &str) -> String {
    let shared = std::env::var_os("PRIVET_SHARED")
        .map_or_else(|| project_root().join("../shared"), PathBuf::from);
    let path = shared.join("data/imports").join(name);
    assert!(
        path.is_file(),
        "{} is not there: this journey imports it; set PRIVET_SHARED to the directory that holds data/imports",
        path.display()
    );
    path.to_str().expect("a path that is text").to_owned()
}

/// One row of the sample contact list: what the product must keep and never show on disk.
#[derive(Debug, Clone)]
pub struct Contact {
    /// First name.
    pub given: String,
    /// Last name.
    pub family: String,
    /// The street line of the address.
    pub street: String,
    /// Both telephone numbers, as `504-621-8927`.
    pub phones: [String; 2],
    /// Mail address.
    pub mail: String,
}

/// The rows of the sample contact list.
#[must_use]
pub fn contacts() -> Vec<Contact> {
    let mut reader = csv::Reader::from_path(contacts_csv()).expect("a CSV file");
    let header = reader.headers().expect("a header").clone();
    let column = |name: &str| {
        let found = header.iter().position(|given| given == name);
        found.unwrap_or_else(|| panic!("the sample list has no column {name}"))
    };
    let [given, family, street, phone1, phone2, mail] = [
        "first_name",
        "last_name",
        "address",
        "phone1",
        "phone2",
        "email",
    ]
    .map(column);
    let contact = |row: csv::StringRecord| Contact {
        given: row[given].to_owned(),
        family: row[family].to_owned(),
        street: row[street].to_owned(),
        phones: [row[phone1].to_owned(), row[phone2].to_owned()],
        mail: row[mail].to_owned(),
    };
    reader
        .records()
        .map(|row| contact(row.expect("a row")))
        .collect()
}

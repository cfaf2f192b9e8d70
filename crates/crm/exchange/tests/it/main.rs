//! The reading side of import, from bytes to drafts.

#![expect(
    clippy::unwrap_used,
    reason = "the functions that tests share are tests too"
)]

mod faults;
mod headers;
mod import;
mod mapping;
mod names;
mod real_files;
mod rejects;
mod round_trip;

use std::io::Cursor;

use exchange::{Draft, Kind, Mapping, Options, PersonDraft, ReadError, Reject, Row, Source};

type Memory = Source<Cursor<Vec<u8>>>;

fn open(bytes: impl Into<Vec<u8>>) -> Result<Memory, ReadError> {
    Source::open(Cursor::new(bytes.into()), &Options::default())
}

/// Rows and rejects of a table that opens.
fn read(bytes: impl Into<Vec<u8>>) -> (Vec<Row>, Vec<Reject>) {
    let mut source = open(bytes).unwrap();
    let (mut rows, mut rejects) = (Vec::new(), Vec::new());
    for item in source.rows().unwrap() {
        match item.unwrap() {
            Ok(row) => rows.push(row),
            Err(reject) => rejects.push(reject),
        }
    }
    let shape = source.shape();
    assert_eq!(
        shape.rows,
        (rows.len() + rejects.len()) as u64,
        "the totals reconcile"
    );
    (rows, rejects)
}

/// The header and one row, guessed as people.
fn person(header: &str, line: &str) -> Result<PersonDraft, Reject> {
    let (headers, cells) = (owned(header), owned(line));
    match Mapping::guess(&headers, Kind::Person).apply(&Row::new(2, &cells))? {
        Draft::Person(person) => Ok(*person),
        Draft::Company(_) => panic!("asked for a person"),
    }
}

/// Cells divided by `|`.
fn owned(line: &str) -> Vec<String> {
    line.split('|').map(str::to_owned).collect()
}

/// A real export that lies beside the project. A missing one is a failure with its name.
fn shared(name: &str) -> std::path::PathBuf {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../../shared/data/imports")
        .join(name);
    assert!(
        path.exists(),
        "{name} is not beside the project in shared/data/imports"
    );
    path
}

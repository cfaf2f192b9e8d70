//! A thousand forgeries over every table of both stores: verification finds them, and finds nothing in
//! what was not touched.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;

use base::SeededRng;
use privet::commands::verify::verify;
use privet::installation::Installation;

use crate::forge::{Forger, Way, dump};
use crate::house::{closed_town, copy, place};

const FORGERIES: usize = 1_000;
const CLEAN_RUNS: usize = 50;

/// What a forger may do unseen, and why nothing comes of it.
const HARMLESS: [(&str, Way, &str); 6] = [
    ("session", Way::Delete, "whoever it was is signed out"),
    (
        "session",
        Way::PutBack,
        "it ends at its own time and with its user's epoch, which the tally of credentials holds",
    ),
    (
        "attempt",
        Way::Delete,
        "one of three counters of failures begins anew; the other two go on",
    ),
    ("attempt", Way::PutBack, "the same"),
    (
        "idempotency",
        Way::Delete,
        "a request that is repeated makes a second record, with its leaf",
    ),
    (
        "checkpoint",
        Way::Delete,
        "a signed statement less; the log is computed from its leaves, and whoever holds the note still holds it",
    ),
];

fn is_harmless(table: &str, way: Way) -> bool {
    HARMLESS
        .iter()
        .any(|(name, harmless, _)| *name == table && *harmless == way)
}

/// Why an installation is not whole; `None` when nothing was found.
pub fn finding(dir: &Path) -> Option<String> {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let house = match Installation::open(&place(dir)) {
            Ok(house) => house,
            Err(error) => return Some(format!("it does not open: {error}")),
        };
        match verify(&house) {
            Ok(verdict) => verdict.finding,
            Err(error) => Some(format!("it cannot be verified: {error}")),
        }
    }));
    outcome.unwrap_or_else(|_| panic!("verification panicked"))
}

/// Runs numbered jobs on two threads.
pub fn on_two_threads(count: usize, job: impl Fn(usize) + Sync) {
    std::thread::scope(|scope| {
        for first in 0..2 {
            let job = &job;
            scope.spawn(move || (first..count).step_by(2).for_each(job));
        }
    });
}

#[test]
fn a_thousand_forgeries_are_found() {
    let (town, early) = closed_town();
    let original = town.path().join("data");
    let forger = Forger::new(&original, early.path());
    let tables = forger.tables();
    let missed: Mutex<Vec<String>> = Mutex::default();
    let counts: Mutex<BTreeMap<String, (usize, usize)>> = Mutex::default();
    // Another thousand with another number here.
    let first: u64 = std::env::var("PRIVET_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    on_two_threads(FORGERIES, |number| {
        let rng = SeededRng::new(first + number as u64);
        let dir = tempfile::tempdir().unwrap();
        // Every table gets its share, large or small.
        let table = &tables[number % tables.len()];
        let what = loop {
            copy(&original, dir.path());
            let way = Way::ALL[rng.below(Way::ALL.len())];
            if is_harmless(&table.1, way) {
                continue;
            }
            if let Some(what) = forger.forge(dir.path(), table, way, &rng) {
                break what;
            }
        };
        let found = finding(dir.path()).is_some();
        let mut counts = counts.lock().unwrap();
        let count = counts
            .entry(format!("{}/{}", table.0, table.1))
            .or_default();
        count.0 += usize::from(found);
        count.1 += 1;
        if !found {
            missed.lock().unwrap().push(format!("{number}: {what}"));
        }
    });
    for (table, (found, total)) in counts.into_inner().unwrap() {
        eprintln!("{table:32} {found:4} of {total:4}");
    }
    let missed = missed.into_inner().unwrap();
    assert!(
        missed.is_empty(),
        "{} of {FORGERIES} were missed:\n{}",
        missed.len(),
        missed.join("\n")
    );
}

#[test]
fn what_was_not_touched_is_whole() {
    let (town, _early) = closed_town();
    let original = town.path().join("data");
    on_two_threads(CLEAN_RUNS, |number| {
        let dir = tempfile::tempdir().unwrap();
        copy(&original, dir.path());
        assert_eq!(finding(dir.path()), None, "run {number}");
        // Verifying is an act of its own, and what it leaves is whole too.
        assert_eq!(finding(dir.path()), None, "run {number}, again");
    });
}

/// Keeps the list of what is harmless true: what it names is not found, so it must stay explained.
#[test]
fn what_is_listed_as_harmless_is_what_stays_unseen() {
    let (town, early) = closed_town();
    let original = town.path().join("data");
    let forger = Forger::new(&original, early.path());
    let tables = forger.tables();
    for (number, (name, way, _)) in HARMLESS.iter().enumerate() {
        let table = tables.iter().find(|(_, table)| table == name).unwrap();
        let dir = tempfile::tempdir().unwrap();
        copy(&original, dir.path());
        let rng = SeededRng::new(number as u64);
        let what = forger.forge(dir.path(), table, *way, &rng);
        assert!(what.is_some(), "{name} {way:?} is possible");
        assert_ne!(
            dump(dir.path()).unwrap(),
            forger.present,
            "{name} {way:?} changes something"
        );
        assert_eq!(finding(dir.path()), None, "{name} {way:?}");
    }
}

//! Damage below the rows: bytes that flip in the files, files that end too soon. It is found, or it
//! changed nothing that anybody could read; nothing panics, and no value comes out wrong.

use std::fs::OpenOptions;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use base::SeededRng;

use crate::forge::{Dump, FILES, dump};
use crate::house::{closed_town, copy};
use crate::tampers::{finding, on_two_threads};

const FLIPS: usize = 300;
const CUTS: usize = 50;

#[test]
fn flipped_bytes_are_found_or_changed_nothing() {
    harmed("flips", FLIPS, |path, rng| {
        let mut bytes = std::fs::read(path).unwrap();
        let at = rng.below(bytes.len());
        bytes[at] ^= 1 << rng.below(8);
        std::fs::write(path, bytes).unwrap();
        format!("byte {at}")
    });
}

#[test]
fn cut_files_are_found_or_changed_nothing() {
    harmed("cuts", CUTS, |path, rng| {
        let file = OpenOptions::new().write(true).open(path).unwrap();
        let length = usize::try_from(file.metadata().unwrap().len()).unwrap();
        // A third of them at the border of a page, where a file looks whole.
        let to = match rng.below(3) {
            0 => rng.below(length / 4096) * 4096,
            1 => length - 1 - rng.below(4096),
            _ => rng.below(length),
        };
        file.set_len(to as u64).unwrap();
        format!("cut to {to} of {length}")
    });
}

/// Harms one of the two files so many times, each time anew.
fn harmed(what: &str, count: usize, harm: impl Fn(&Path, &SeededRng) -> String + Sync) {
    let (town, _early) = closed_town();
    let original = town.path().join("data");
    let whole: Dump = dump(&original).unwrap();
    let missed: Mutex<Vec<String>> = Mutex::default();
    let found = AtomicUsize::new(0);
    on_two_threads(count, |number| {
        let rng = SeededRng::new(number as u64);
        let dir = tempfile::tempdir().unwrap();
        copy(&original, dir.path());
        let file = FILES[usize::from(rng.below(4) == 0)];
        let how = harm(&dir.path().join(file), &rng);
        let after = dump(dir.path());
        if finding(dir.path()).is_some() {
            found.fetch_add(1, Ordering::Relaxed);
        } else if after.as_ref().is_err() || after.is_ok_and(|after| after != whole) {
            missed
                .lock()
                .unwrap()
                .push(format!("{number}: {file} {how}"));
        }
    });
    let found = found.into_inner();
    eprintln!(
        "{what}: {found} of {count} found, {} changed nothing",
        count - found
    );
    let missed = missed.into_inner().unwrap();
    assert!(
        missed.is_empty(),
        "{} were missed:\n{}",
        missed.len(),
        missed.join("\n")
    );
}

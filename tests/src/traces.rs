//! Looking for people in raw bytes, as a thief of the disk would: `grep -rca` for everything at once.
//!
//! Two kinds of trace. Long ones (six bytes and more) must not occur at all, in any case. Short ones
//! (names of four or five letters) occur in ciphertext by chance: four random bytes are `Rose` once in
//! four thousand million. They are counted against what chance allows, so that a real leak, which
//! repeats, fails, and a coincidence does not.
//!
//! Words that a new and empty installation holds already are the program's own (a person may be called
//! like a column): they say nothing about a leak, and [`Traces::less_those_in`] takes them out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::{Contact, files_under};

/// The shortest trace that must not occur even once.
const LONG: usize = 6;
/// The shortest name worth looking for.
const SHORTEST: usize = 4;

/// What to look for.
pub struct Traces {
    texts: Vec<Trace>,
    /// Positions in `texts` by the first two bytes in lower case.
    starts: Vec<Vec<usize>>,
}

struct Trace {
    bytes: Vec<u8>,
    /// Letters count in any case; a short trace only as it is.
    any_case: bool,
}

impl Traces {
    /// Every spelling by which these people could be recognised: names, mails, telephones, streets.
    #[must_use]
    pub fn of(people: &[Contact]) -> Self {
        Self::of_texts(people.iter().flat_map(everything_about))
    }

    /// These texts, long ones in any case, short ones in the three usual cases.
    #[must_use]
    pub fn of_texts(texts: impl IntoIterator<Item = String>) -> Self {
        let texts: BTreeSet<String> = texts
            .into_iter()
            .filter(|text| text.len() >= SHORTEST)
            .collect();
        assert!(!texts.is_empty(), "there is something to look for");
        let mut traces = Vec::new();
        for text in texts {
            if text.len() >= LONG {
                let wide: Vec<u8> = text
                    .to_lowercase()
                    .encode_utf16()
                    .flat_map(u16::to_le_bytes)
                    .collect();
                traces.push(Trace {
                    bytes: wide,
                    any_case: true,
                });
                traces.push(Trace {
                    bytes: text.to_lowercase().into_bytes(),
                    any_case: true,
                });
            } else {
                for spelling in [text.clone(), text.to_lowercase(), text.to_uppercase()] {
                    traces.push(Trace {
                        bytes: spelling.into_bytes(),
                        any_case: false,
                    });
                }
            }
        }
        Self::indexed(traces)
    }

    fn indexed(texts: Vec<Trace>) -> Self {
        let mut starts = vec![Vec::new(); 1 << 16];
        for (at, trace) in texts.iter().enumerate() {
            starts[start(&trace.bytes)].push(at);
        }
        Self { texts, starts }
    }

    /// The same without the words that this directory holds already.
    #[must_use]
    pub fn less_those_in(self, dir: &Path) -> Self {
        let known: BTreeSet<Vec<u8>> = self.search(dir).found.into_keys().collect();
        let texts: Vec<Trace> = self
            .texts
            .into_iter()
            .filter(|trace| !known.contains(&trace.bytes))
            .collect();
        assert!(
            known.len() * 20 < texts.len(),
            "an empty installation holds {} of the names",
            known.len()
        );
        Self::indexed(texts)
    }

    /// None of them is under this directory, in a file or in a file's name.
    ///
    /// # Panics
    /// When one is, with the file and the number of hits.
    #[track_caller]
    pub fn none_in(&self, dir: &Path) {
        let hits = self.search(dir);
        assert!(
            hits.bytes > 0,
            "{} holds nothing to look through",
            dir.display()
        );
        hits.judge(&dir.display().to_string());
    }

    /// None of them is in this text.
    ///
    /// # Panics
    /// When one is.
    #[track_caller]
    pub fn none_in_text(&self, what: &str, text: &str) {
        let mut hits = Hits::default();
        self.look(text.as_bytes(), Path::new(what), &mut hits);
        hits.judge(what);
    }

    /// How many different traces are under this directory. A journey uses it to show that looking finds.
    #[must_use]
    pub fn count_in(&self, dir: &Path) -> usize {
        self.search(dir).found.len()
    }

    fn search(&self, dir: &Path) -> Hits {
        let mut hits = Hits::default();
        for path in files_under(dir) {
            // A file may go away while a server runs: what is gone holds nothing.
            let Ok(bytes) = fs::read(&path) else { continue };
            self.look(&bytes, &path, &mut hits);
            let name = path
                .strip_prefix(dir)
                .unwrap_or(&path)
                .to_string_lossy()
                .into_owned();
            self.look(name.as_bytes(), &path, &mut hits);
        }
        hits
    }

    fn look(&self, bytes: &[u8], path: &Path, hits: &mut Hits) {
        hits.bytes += bytes.len();
        for at in 0..bytes.len().saturating_sub(SHORTEST - 1) {
            let here = &bytes[at..];
            for &trace in &self.starts[start(here)] {
                let trace = &self.texts[trace];
                if trace.is_at(here) {
                    let (count, first) = hits.found.entry(trace.bytes.clone()).or_default();
                    *count += 1;
                    path.clone_into(first);
                }
            }
        }
    }
}

impl Trace {
    fn is_at(&self, bytes: &[u8]) -> bool {
        let Some(here) = bytes.get(..self.bytes.len()) else {
            return false;
        };
        if self.any_case {
            here.eq_ignore_ascii_case(&self.bytes)
        } else {
            here == self.bytes
        }
    }
}

#[derive(Default)]
struct Hits {
    bytes: usize,
    found: BTreeMap<Vec<u8>, (usize, PathBuf)>,
}

impl Hits {
    #[track_caller]
    fn judge(&self, place: &str) {
        let mut short = 0;
        for (bytes, (count, path)) in &self.found {
            let text = String::from_utf8_lossy(bytes);
            assert!(
                bytes.len() < LONG,
                "{text:?} is {count} times in clear in {}",
                path.display()
            );
            short += count;
        }
        let allowed = allowed_by_chance(self.bytes);
        assert!(
            short <= allowed,
            "short names are {short} times in clear in {place}, chance explains {allowed}: {:?}",
            self.found
                .keys()
                .map(|bytes| String::from_utf8_lossy(bytes))
                .collect::<Vec<_>>()
        );
    }
}

/// An upper bound for hits of all short names of the sample list in this many random bytes: about 600
/// spellings of four letters, the mean of a Poisson count, and six deviations more.
fn allowed_by_chance(bytes: usize) -> usize {
    let per_position_per_billion = 600 * 1_000_000_000 / 4_294_967_296_usize;
    let mean = bytes.div_ceil(1_000_000) * per_position_per_billion / 1_000;
    mean + 6 * mean.isqrt() + 6
}

fn start(bytes: &[u8]) -> usize {
    usize::from(bytes[0].to_ascii_lowercase()) << 8 | usize::from(bytes[1].to_ascii_lowercase())
}

/// Every text by which one person could be recognised.
#[must_use]
pub fn everything_about(person: &Contact) -> Vec<String> {
    let mut texts = vec![
        person.given.clone(),
        person.family.clone(),
        format!("{} {}", person.given, person.family),
        person.mail.clone(),
        hex(&person.mail),
        person.street.clone(),
    ];
    for phone in &person.phones {
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        let (area, rest) = digits.split_at(3);
        let (office, line) = rest.split_at(3);
        texts.extend([
            phone.clone(),
            digits.clone(),
            format!("+1{digits}"),
            format!("({area}) {office}-{line}"),
            format!("{area} {office} {line}"),
            format!("{area}.{office}.{line}"),
        ]);
    }
    texts.retain(|text| text.len() >= SHORTEST);
    texts
}

/// Bytes written as hexadecimal digits are still the bytes.
fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

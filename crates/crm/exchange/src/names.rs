//! A whole name in one column, taken apart as well as a rule can.
//!
//! Used only where a row has neither given nor family name. The rules, in their order:
//! `Family, Given` is taken at its comma, unless what follows is a suffix (`Jr.`, `PhD`); titles
//! in front (`Dr.`, `Frau`) become the prefix; in Chinese, Japanese and Korean script the first
//! word is the family name; a lower-case particle (`van`, `de la`) begins the family name; else
//! the last word is the family name. A single word is kept whole as the given name. No letter is
//! changed and none is lost.

use std::fmt;

const PREFIXES: [&str; 22] = [
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "dr",
    "prof",
    "professor",
    "sir",
    "dame",
    "rev",
    "herr",
    "frau",
    "hr",
    "fr",
    "dipl.-ing",
    "ing",
    "med",
    "mme",
    "mlle",
    "monsieur",
    "madame",
];
const SUFFIXES: [&str; 18] = [
    "jr", "sr", "ii", "iii", "iv", "phd", "ph.d", "md", "m.d", "esq", "mba", "cpa", "dds", "llm",
    "ll.m", "msc", "m.sc", "b.sc",
];
const PARTICLES: [&str; 27] = [
    "van", "von", "vom", "der", "den", "de", "del", "della", "di", "da", "das", "dos", "do", "du",
    "la", "le", "les", "ter", "ten", "zu", "zur", "zum", "bin", "ibn", "af", "av", "y",
];

/// A name in parts. `Debug` shows none.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct NameParts {
    /// Titles before the name.
    pub prefix: Option<String>,
    /// Given names.
    pub given: Option<String>,
    /// Family name with its particles.
    pub family: Option<String>,
    /// Suffix.
    pub suffix: Option<String>,
}

impl fmt::Debug for NameParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NameParts")
    }
}

/// Takes a whole name apart; see the head of this module for the rules.
#[must_use]
pub fn split_full_name(full: &str) -> NameParts {
    let mut parts = NameParts::default();
    let mut rest = full.trim();
    if let Some((before, after)) = rest.rsplit_once(',')
        && !after.trim().is_empty()
        && after
            .split_whitespace()
            .all(|word| is_one_of(word, &SUFFIXES))
    {
        parts.suffix = joined(&[after.trim()]);
        rest = before.trim();
    }
    if let Some((family, given)) = rest.split_once(',')
        && !family.trim().is_empty()
    {
        let given: Vec<&str> = given.split_whitespace().collect();
        let titles = count_titles(&given);
        parts.prefix = joined(&given[..titles]);
        parts.given = joined(&given[titles..]);
        parts.family = joined(&family.split_whitespace().collect::<Vec<_>>());
        return parts;
    }
    let words: Vec<&str> = rest.split_whitespace().collect();
    let titles = count_titles(&words);
    parts.prefix = joined(&words[..titles]);
    let mut words = &words[titles..];
    if let [before @ .., last] = words
        && before.len() >= 2
        && parts.suffix.is_none()
        && is_one_of(last, &SUFFIXES)
    {
        parts.suffix = joined(&[last]);
        words = before;
    }
    let (given, family) = divide(words);
    (parts.given, parts.family) = (joined(given), joined(family));
    parts
}

fn divide<'a, 'b>(words: &'a [&'b str]) -> (&'a [&'b str], &'a [&'b str]) {
    if words.len() < 2 {
        return (words, &[]);
    }
    if words.iter().all(|word| word.chars().all(is_east_asian)) {
        return (&words[1..], &words[..1]);
    }
    let inner = 1..words.len() - 1;
    let particle = inner.into_iter().find(|&i| PARTICLES.contains(&words[i]));
    words.split_at(particle.unwrap_or(words.len() - 1))
}

/// Titles in front, but never all words: "Frau" alone is a name as far as anybody can tell, and
/// "Dr. Müller" has a family name only.
fn count_titles(words: &[&str]) -> usize {
    let titles = words
        .iter()
        .take_while(|word| is_one_of(word, &PREFIXES))
        .count();
    titles.min(words.len().saturating_sub(1))
}

fn is_one_of(word: &str, list: &[&str]) -> bool {
    let word = word.trim_end_matches(['.', ',']);
    list.iter().any(|known| known.eq_ignore_ascii_case(word))
}

fn joined(words: &[&str]) -> Option<String> {
    (!words.is_empty()).then(|| words.join(" "))
}

const fn is_east_asian(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

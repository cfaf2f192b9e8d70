//! What a table is about and which system wrote it, told by its headers alone.

use crate::aliases::{Aliases, SourceName};
use crate::{Field, Kind, Why};

/// What the rows seem to be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindGuess {
    /// People or companies.
    pub kind: Kind,
    /// How sure, in percent. Below 60 the user should be asked.
    pub percent: u8,
    /// The headers look most like deals, notes or activities, which are neither.
    pub looks_like_deals: bool,
}

/// Weighs the headers: a given or family name speaks loudest, then headers that only people, only
/// companies or only deals have.
#[must_use]
pub fn guess_kind<S: AsRef<str>>(headers: &[S]) -> KindGuess {
    let aliases = Aliases::get();
    let source = recognise(headers);
    let (mut person, mut company, mut deals) = (0_usize, 0_usize, 0_usize);
    for header in headers {
        let header = header.as_ref();
        let as_person = aliases.candidates(header, Kind::Person, source);
        let as_company = aliases.candidates(header, Kind::Company, source);
        match (as_person.first(), as_company.first()) {
            (Some(found), _)
                if matches!(found.target.field, Field::GivenName | Field::FamilyName) =>
            {
                // "Nom" is also the name of a company.
                person += if as_company.is_empty() { 8 } else { 1 };
            }
            (Some(found), None) if found.target.field == Field::FullName => person += 4,
            (Some(_), None) => person += 2,
            (None, Some(_)) => company += 2,
            (Some(found), Some(_)) if found.target.field == Field::Mail => person += 1,
            (Some(_), Some(_)) => {}
            (None, None) => deals += 2 * usize::from(aliases.left_out(header) == Some(Why::Deal)),
        }
    }
    // A table that begins with its company names but has no other sign is about companies.
    let first = headers
        .first()
        .map(|header| aliases.candidates(header.as_ref(), Kind::Company, source));
    company += usize::from(
        first.is_some_and(|c| c.first().is_some_and(|c| c.target.field == Field::Name)),
    );
    let kind = if company > person {
        Kind::Company
    } else {
        Kind::Person
    };
    let (most, all) = (person.max(company), person + company + deals);
    let percent = (most * 100).checked_div(all).unwrap_or(0);
    KindGuess {
        kind,
        percent: u8::try_from(percent).unwrap_or(100),
        looks_like_deals: deals > most,
    }
}

/// The system that wrote the headers, by those spelled exactly as it spells them; `None` when no
/// system, or more than one, fits.
#[must_use]
pub fn recognise<S: AsRef<str>>(headers: &[S]) -> Option<SourceName> {
    let mut scores: Vec<(usize, SourceName)> = Vec::new();
    for (source, marks) in &Aliases::get().sources {
        let mut score = 0;
        for header in headers {
            let header = header.as_ref().trim();
            let prefixed = marks
                .prefixes
                .iter()
                .any(|prefix| header.starts_with(prefix.as_str()));
            if prefixed || marks.strong.iter().any(|mark| mark == header) {
                score += 2;
            } else if marks.marks.iter().any(|mark| mark == header) {
                score += 1;
            }
        }
        scores.push((score, *source));
    }
    scores.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    match scores.as_slice() {
        [(best, source), (next, _), ..] if *best >= 2 && best > next => Some(*source),
        _ => None,
    }
}

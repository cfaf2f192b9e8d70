//! Which column goes where: guessed from the headers, changed by the user, kept as a file.

use std::collections::HashMap;

use crate::aliases::{Aliases, SourceName, compact};
use crate::headers::recognise;
use crate::target::Takes;
use crate::{ColumnTarget, Field, Kind, ReadError, Target, Why};

/// What becomes of each column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    kind: Kind,
    source: Option<SourceName>,
    headers: Vec<String>,
    columns: Vec<ColumnTarget>,
}

impl Mapping {
    /// The mapping that the headers suggest for records of this kind. Sensitive columns, and
    /// those about somebody else, are left out; so is every column that is not understood.
    #[must_use]
    pub fn guess(headers: &[String], kind: Kind) -> Self {
        let aliases = Aliases::get();
        let source = recognise(headers);
        let candidates: Vec<_> = headers
            .iter()
            .map(|header| aliases.candidates(header, kind, source))
            .collect();
        let mut wishes: Vec<(usize, usize, &Target)> = Vec::new();
        for (column, list) in candidates.iter().enumerate() {
            wishes.extend(
                list.iter()
                    .map(|candidate| (candidate.rank, column, &candidate.target)),
            );
        }
        wishes.sort_by_key(|(rank, column, _)| (*rank, *column));

        let mut given: Vec<Option<Target>> = vec![None; headers.len()];
        for (_, column, target) in wishes {
            if given[column].is_none() {
                given[column] = free_place(&given, target);
            }
        }
        settle_whole_addresses(headers, &mut given);
        settle_lone_names(headers, &mut given);
        let columns = given
            .into_iter()
            .enumerate()
            .map(|(column, target)| match target {
                Some(target) => ColumnTarget::Import(target),
                None if !candidates[column].is_empty() => {
                    ColumnTarget::DoNotImport { why: Why::Taken }
                }
                None => ColumnTarget::DoNotImport {
                    why: why_not(&headers[column], kind, source),
                },
            })
            .collect();
        Self {
            kind,
            source,
            headers: headers.to_vec(),
            columns,
        }
    }

    /// A mapping given column by column, for a table with these headers. Refused when two columns
    /// go to one place or a target does not fit the kind.
    pub fn new(
        headers: &[String],
        kind: Kind,
        columns: Vec<ColumnTarget>,
    ) -> Result<Self, ReadError> {
        let source = recognise(headers);
        let mut mapping = Self {
            kind,
            source,
            headers: headers.to_vec(),
            columns,
        };
        let left_out = ColumnTarget::DoNotImport { why: Why::Chosen };
        mapping.columns.resize(headers.len(), left_out);
        mapping.check()?;
        Ok(mapping)
    }

    /// Sends one column, counted from 0, elsewhere. Refused as in [`Mapping::new`]; then nothing
    /// is changed.
    pub fn set(&mut self, column: usize, target: ColumnTarget) -> Result<(), ReadError> {
        let mut columns = self.columns.clone();
        let Some(place) = columns.get_mut(column) else {
            return Err(ReadError::MapColumn {
                column: format!("{}", column + 1),
            });
        };
        *place = target;
        *self = Self::new(&self.headers, self.kind, columns)?;
        Ok(())
    }

    /// What the rows are about.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The system that wrote the table, where its headers tell.
    #[must_use]
    pub const fn source(&self) -> Option<SourceName> {
        self.source
    }

    /// The headers it was made for.
    #[must_use]
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// One entry for each header.
    #[must_use]
    pub fn columns(&self) -> &[ColumnTarget] {
        &self.columns
    }

    /// The columns that are imported, by their place from 0.
    pub(crate) fn imported(&self) -> impl Iterator<Item = (usize, &Target)> {
        self.columns
            .iter()
            .enumerate()
            .filter_map(|(column, target)| match target {
                ColumnTarget::Import(target) => Some((column, target)),
                ColumnTarget::DoNotImport { .. } => None,
            })
    }

    fn check(&self) -> Result<(), ReadError> {
        let mut taken: HashMap<&Target, usize> = HashMap::new();
        for (column, target) in self.imported() {
            if !target.field.fits(self.kind) {
                return Err(ReadError::MapTarget {
                    column: self.headers[column].clone(),
                    target: target.to_string(),
                    kind: self.kind.name(),
                });
            }
            if target.field.takes() == Takes::Many {
                continue;
            }
            if let Some(first) = taken.insert(target, column) {
                return Err(ReadError::MapTwice {
                    target: target.to_string(),
                    first: self.headers[first].clone(),
                    second: self.headers[column].clone(),
                });
            }
        }
        Ok(())
    }
}

/// The target, or for mails and phones the next index that is free; `None` when it is taken.
fn free_place(given: &[Option<Target>], target: &Target) -> Option<Target> {
    let is_free = |wanted: &Target| !given.iter().flatten().any(|other| other == wanted);
    if target.field.takes() == Takes::Many || is_free(target) {
        return Some(target.clone());
    }
    if !matches!(target.field, Field::Mail | Field::Phone) {
        return None;
    }
    let next = |index| Target {
        index,
        ..target.clone()
    };
    (target.index..=u16::MAX).map(next).find(is_free)
}

/// "Address" is a street where there is a city beside it, and a whole address where there is not.
fn settle_whole_addresses(headers: &[String], given: &mut [Option<Target>]) {
    for column in 0..given.len() {
        let Some(target) = given[column].clone() else {
            continue;
        };
        let names_all =
            ["address", "adresse", "anschrift"].contains(&compact(&headers[column]).as_str());
        let is_part = |other: &Target| {
            matches!(other.field, Field::City | Field::PostalCode | Field::Region)
                && (&other.label, other.index) == (&target.label, target.index)
        };
        let whole = Target {
            field: Field::FormattedAddress,
            ..target.clone()
        };
        let free = !given.iter().flatten().any(|other| *other == whole);
        if names_all
            && target.field == Field::Street
            && free
            && !given.iter().flatten().any(is_part)
        {
            given[column] = Some(whole);
        }
    }
}

/// "Nom" alone is a whole name; "Name" beside "Vorname" is a family name.
fn settle_lone_names(headers: &[String], given: &mut [Option<Target>]) {
    let place = |given: &[Option<Target>], field| {
        given
            .iter()
            .position(|target| target.as_ref().is_some_and(|target| target.field == field))
    };
    let first = place(given, Field::GivenName);
    let family = place(given, Field::FamilyName);
    let full = place(given, Field::FullName);
    match (first, family, full) {
        (None, Some(column), None) if compact(&headers[column]) == "nom" => {
            given[column] = Some(Target::of(Field::FullName));
        }
        (Some(first), None, Some(column))
            if compact(&headers[first]) == "vorname" && compact(&headers[column]) == "name" =>
        {
            given[column] = Some(Target::of(Field::FamilyName));
        }
        _ => {}
    }
}

fn why_not(header: &str, kind: Kind, source: Option<SourceName>) -> Why {
    let aliases = Aliases::get();
    let other = if kind == Kind::Person {
        Kind::Company
    } else {
        Kind::Person
    };
    if let Some(why) = aliases.left_out(header) {
        why
    } else if aliases.candidates(header, other, source).is_empty() {
        Why::Unknown
    } else {
        Why::OtherKind
    }
}

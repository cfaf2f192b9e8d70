//! A mapping as a JSON file, for `--map` and for keeping.
//!
//! ```json
//! {
//!   "kind": "person",
//!   "columns": [
//!     { "column": "First Name", "target": "given_name" },
//!     { "column": "E-mail 1 - Label", "target": "mail_label#1" },
//!     { "column": "E-mail 1 - Value", "target": "mail#1" },
//!     { "column": "Notes", "number": 14, "target": "note" },
//!     { "column": "Children", "target": "do_not_import", "why": "other_person" }
//!   ]
//! }
//! ```
//!
//! `kind` is `person` or `company`. `column` is the header, compared exactly but for blanks around
//! it; `number`, from 1, is needed only where a header stands more than once. `target` is a
//! [`Target`] or `do_not_import`. Columns that are not listed are not imported.

use serde::{Deserialize, Serialize};

use crate::{ColumnTarget, Kind, Mapping, ReadError, Target, Why};

const LEFT_OUT: &str = "do_not_import";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    kind: FileKind,
    columns: Vec<Line>,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum FileKind {
    Person,
    Company,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    column: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<usize>,
    target: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl Mapping {
    /// Reads a mapping file for a table with these headers.
    pub fn from_json(text: &str, headers: &[String]) -> Result<Self, ReadError> {
        let file: File = serde_json::from_str(text).map_err(|error| ReadError::MapShape {
            line: error.line(),
            position: error.column(),
        })?;
        let kind = match file.kind {
            FileKind::Person => Kind::Person,
            FileKind::Company => Kind::Company,
        };
        let mut columns: Vec<Option<ColumnTarget>> = vec![None; headers.len()];
        for line in &file.columns {
            let place = &mut columns[line.place(headers)?];
            if place.is_some() {
                return Err(ReadError::MapColumnTwice {
                    column: line.column.clone(),
                });
            }
            *place = Some(line.target(kind)?);
        }
        let left_out = || ColumnTarget::DoNotImport { why: Why::Chosen };
        let columns = columns
            .into_iter()
            .map(|column| column.unwrap_or_else(left_out))
            .collect();
        Self::new(headers, kind, columns)
    }

    /// The mapping as a file that [`Mapping::from_json`] reads back.
    #[must_use]
    pub fn to_json(&self) -> String {
        let headers = self.headers();
        let lines = headers.iter().zip(self.columns()).enumerate();
        let columns = lines.map(|(place, (header, target))| {
            let repeated = headers.iter().filter(|other| *other == header).count() > 1;
            let (target, why) = match target {
                ColumnTarget::Import(target) => (target.to_string(), None),
                ColumnTarget::DoNotImport { why } => {
                    (LEFT_OUT.to_owned(), Some(why.name().to_owned()))
                }
            };
            Line {
                column: header.clone(),
                number: repeated.then_some(place + 1),
                target,
                why,
            }
        });
        let kind = match self.kind() {
            Kind::Person => FileKind::Person,
            Kind::Company => FileKind::Company,
        };
        let file = File {
            kind,
            columns: columns.collect(),
        };
        serde_json::to_string_pretty(&file).expect("strings and numbers always are JSON")
    }
}

impl Line {
    fn place(&self, headers: &[String]) -> Result<usize, ReadError> {
        let column = || self.column.clone();
        let is_it = |header: &String| header == self.column.trim();
        if let Some(number) = self.number {
            let place = number
                .checked_sub(1)
                .filter(|&place| headers.get(place).is_some_and(is_it));
            return place.ok_or_else(|| ReadError::MapColumn { column: column() });
        }
        let mut places = (0..headers.len()).filter(|&place| is_it(&headers[place]));
        let first = places
            .next()
            .ok_or_else(|| ReadError::MapColumn { column: column() })?;
        if places.next().is_some() {
            return Err(ReadError::MapAmbiguous { column: column() });
        }
        Ok(first)
    }

    fn target(&self, kind: Kind) -> Result<ColumnTarget, ReadError> {
        let wrong = |target: &str| ReadError::MapTarget {
            column: self.column.clone(),
            target: target.to_owned(),
            kind: kind.name(),
        };
        if self.target == LEFT_OUT {
            let name = self.why.as_deref().unwrap_or(Why::Chosen.name());
            let why = Why::ALL.into_iter().find(|why| why.name() == name);
            return Ok(ColumnTarget::DoNotImport {
                why: why.ok_or_else(|| wrong(name))?,
            });
        }
        let target: Target = self.target.parse().map_err(|_| wrong(&self.target))?;
        Ok(ColumnTarget::Import(target))
    }
}

//! Rows that repeat: several mail addresses, several phone numbers.

use askama::Template;
use askama::filters::HtmlSafe;

use crate::view::Chip;

/// Rows of one kind, such as mail addresses. The form sends `name`, `name_label` and the place of
/// the primary row (from 0) as `name_primary`. There is always one empty row, so it works without
/// script; rows left empty are to be skipped.
#[derive(Debug, Clone, Template)]
#[template(path = "part/repeat.html")]
pub struct Repeat {
    /// Name in the form.
    pub name: &'static str,
    /// What they are: `Mail addresses`.
    pub legend: String,
    /// One of them: `Mail address`.
    pub one: String,
    /// `<input>` type of the value.
    pub kind: &'static str,
    /// The rows; [`Repeat::new`] adds an empty one.
    pub rows: Vec<RepeatRow>,
    /// Labels to choose from, such as `work`; empty for none.
    pub labels: Vec<&'static str>,
    /// The class of data they are.
    pub class: Option<Chip>,
    /// What to write here; empty for nothing.
    pub help: String,
    /// Whether typing here asks for duplicates.
    pub hints: bool,
}

/// One row.
#[derive(Debug, Clone, Default)]
pub struct RepeatRow {
    /// What it holds.
    pub value: String,
    /// Its label; empty for none.
    pub label: String,
    /// Whether it is the one to use first.
    pub primary: bool,
    /// What is wrong; empty for nothing.
    pub error: String,
}

impl Repeat {
    /// These rows and an empty one; the first is primary if none is.
    #[must_use]
    pub fn new(
        name: &'static str,
        legend: impl Into<String>,
        one: impl Into<String>,
        mut rows: Vec<RepeatRow>,
    ) -> Self {
        rows.push(RepeatRow::default());
        if !rows.iter().any(|row| row.primary) {
            rows[0].primary = true;
        }
        Self {
            name,
            legend: legend.into(),
            one: one.into(),
            kind: "text",
            rows,
            labels: Vec::new(),
            class: None,
            help: String::new(),
            hints: false,
        }
    }
}

impl HtmlSafe for Repeat {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeat_always_offers_an_empty_row_and_one_primary() {
        let repeat = Repeat::new("email", "Mail addresses", "Mail address", Vec::new());
        assert_eq!(repeat.rows.len(), 1);
        assert!(repeat.rows[0].primary && repeat.rows[0].value.is_empty());
    }
}

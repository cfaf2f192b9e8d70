//! The parts that pages are made of, as typed values: a template shows one by naming it,
//! `{{ chip }}`. They hold ready words; nothing here decides, reads or counts.

mod chip;
mod fields;
mod list;
mod page_parts;

use askama::Template;
use askama::filters::HtmlSafe;

pub use chip::{Avatar, Chip, Tone};
pub use fields::{Ask, Cell, FieldList, FieldRow, Shown, ShownValue};
pub use list::{Column, FilterChip, Order, Pager, Tab};
pub use page_parts::{Choice, Confirm, Count, Empty, Link, Meter, Step, StepState};

/// Marks a part whose template has escaped everything already.
macro_rules! rendered {
    ($($part:ty),+) => { $(impl HtmlSafe for $part {})+ };
}
rendered!(
    Chip, Avatar, Pager, Empty, Confirm, Meter, Icon, FieldList, Cell
);

/// A picture from the sprite, for beside a word that says the same.
#[derive(Debug, Clone, Copy, Template)]
#[template(
    ext = "html",
    source = r##"<svg class="icon" aria-hidden="true" focusable="false"><use href="#i-{{ name }}"/></svg>"##
)]
pub struct Icon {
    /// Name of a symbol in `part/sprite.html` without `i-`.
    pub name: &'static str,
}

/// `1204` as `1,204`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Up to two letters that stand for a name: the first of its first and last word.
#[must_use]
pub fn initials(name: &str) -> String {
    let mut words = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    first
        .into_iter()
        .chain(words.next_back())
        .flat_map(char::to_uppercase)
        .collect()
}

/// `1 person`, `1,204 people`.
#[must_use]
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        grouped(number),
        if number == 1 { one } else { many }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_three() {
        let shown = [0, 7, 999, 1_000, 48_310, 1_234_567].map(grouped);
        assert_eq!(shown, ["0", "7", "999", "1,000", "48,310", "1,234,567"]);
    }

    #[test]
    fn initials_come_from_the_first_and_last_word() {
        let shown = [
            "Josephine Darakjy",
            "  ",
            "Cher",
            "J. R. R. Tolkien",
            "(anna) öz",
        ];
        assert_eq!(shown.map(initials), ["JD", "", "C", "JT", "AÖ"]);
    }

    #[test]
    fn parts_escape_what_they_are_given() {
        let chip = Chip::new(Tone::Yes, "<b>&\"").to_string();
        assert!(!chip.contains("<b>"), "{chip}");
    }
}

//! Cells that a spreadsheet would run as a formula, made harmless on the way out and restored on
//! the way in. Every CSV that leaves the program passes [`spreadsheet_cell`].
//!
//! The rule: a cell whose first character, after blanks and apostrophes, is one of `= + - @`,
//! their full-width forms, a tab or a line break gets one apostrophe in front; a plain negative
//! number such as `-12.50` does not. [`unguarded`] takes exactly that apostrophe away again, so
//! that export and re-import give back the same text. A phone number `+49 30 …` is guarded too:
//! a spreadsheet would compute with it and lose the plus sign.

use std::borrow::Cow;

/// The cell as it may stand in a file that a spreadsheet opens.
#[must_use]
pub fn spreadsheet_cell(text: &str) -> Cow<'_, str> {
    if would_run(text) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The cell without the apostrophe that [`spreadsheet_cell`] put in front; any other text as it is.
#[must_use]
pub fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if would_run(rest) => rest,
        _ => text,
    }
}

fn would_run(text: &str) -> bool {
    let first = text.chars().find(|c| !matches!(c, ' ' | '\''));
    let starts = matches!(
        first,
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
    );
    starts && !is_negative_number(text)
}

fn is_negative_number(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('-') else {
        return false;
    };
    let (whole, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, "0"));
    [whole, fraction]
        .iter()
        .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

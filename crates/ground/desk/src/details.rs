//! A record's fields as rows on a screen: value, class, and where each value is from.

use access::Sight;
use base::Timestamp;
use records::{Field, FieldType, Kind, Labelled, Origin, Record, Source, Value, normalise};
use web::view::{Chip, FieldList, FieldRow, ShownValue, Tone};

use crate::words;

/// The rows of a record: those with a value, in schema order; masked ones say why.
#[must_use]
pub fn details(kind: &Kind, record: &Record, csrf: String, left_out: &[&str]) -> FieldList {
    let mut rows = Vec::new();
    for shown in record.fields.iter().filter(|shown| shown.is_set) {
        let Some(field) = kind.field_at(shown.column) else {
            continue;
        };
        if left_out.contains(&field.name.as_str()) {
            continue;
        }
        rows.push(match (&shown.value, shown.sight) {
            (Some(value), Sight::Clear) => {
                let from = shown.origin.as_ref().map(origin_words).unwrap_or_default();
                FieldRow::clear(
                    field.label.clone(),
                    &field.class,
                    values(field, value, &from),
                )
            }
            _ if field.class == "special" => {
                FieldRow::masked(field.label.clone(), class_chip(field), None)
            }
            _ => FieldRow::masked(
                field.label.clone(),
                Chip::new(Tone::Wait, "not for this purpose"),
                None,
            ),
        });
    }
    FieldList { csrf, rows }
}

/// The chip of a field's class.
#[must_use]
pub fn class_chip(field: &Field) -> Chip {
    Chip::class_of(&field.class)
}

/// `from us-500.csv line 12, 4 Mar 2026`.
#[must_use]
pub fn origin_words(origin: &Origin) -> String {
    let how = match origin.source {
        Source::Form => "typed in here",
        Source::Api => "through the API",
        Source::Import => "from import",
        Source::Demo => "made up for the demonstration",
        Source::System => "set by Privet",
    };
    let what = if origin.reference.is_empty() {
        String::new()
    } else {
        format!(" {}", origin.reference)
    };
    format!("{how}{what}, {}", words::day_of(Timestamp(origin.at)))
}

fn values(field: &Field, value: &Value, from: &str) -> Vec<ShownValue> {
    let one = |text: String, href: String| ShownValue {
        text,
        href,
        from: from.to_owned(),
        ..ShownValue::default()
    };
    match value {
        Value::Several(entries) => entries
            .iter()
            .enumerate()
            .map(|(place, entry)| {
                let mut shown = one(entry_text(field, entry), entry_href(field, entry));
                shown.label.clone_from(&entry.label);
                shown.first = place == 0 && entries.len() > 1;
                shown
            })
            .collect(),
        Value::Addresses(addresses) => addresses
            .iter()
            .map(|address| {
                let mut shown = one(address.line(), String::new());
                shown.label.clone_from(&address.label);
                shown
            })
            .collect(),
        Value::Number(number) => vec![one(number_text(*number), String::new())],
        Value::Text(text) if field.kind == FieldType::Link => {
            vec![one(bare_link(text), text.clone())]
        }
        Value::Text(text) => vec![one(text.clone(), String::new())],
    }
}

fn entry_text(field: &Field, entry: &Labelled) -> String {
    if field.kind == FieldType::Phones {
        normalise::phone_shown(&entry.value)
    } else {
        entry.value.clone()
    }
}

fn entry_href(field: &Field, entry: &Labelled) -> String {
    match field.kind {
        FieldType::Mails => format!("mailto:{}", entry.value),
        FieldType::Phones if entry.value.starts_with('+') => format!("tel:{}", entry.value),
        _ => String::new(),
    }
}

fn bare_link(link: &str) -> String {
    let bare = link.split_once("://").map_or(link, |(_, rest)| rest);
    bare.strip_prefix("www.")
        .unwrap_or(bare)
        .trim_end_matches('/')
        .to_owned()
}

fn number_text(number: f64) -> String {
    let text = number.to_string();
    let (whole, rest) = text
        .split_once('.')
        .map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    // Years are not grouped; figures of five digits and more are.
    let whole = match whole.parse::<u64>() {
        Ok(value) if value >= 10_000 => web::view::grouped(value),
        _ => whole.to_owned(),
    };
    rest.map_or(whole.clone(), |rest| format!("{whole}.{rest}"))
}

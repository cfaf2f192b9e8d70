//! Forms of a kind of record: the fields an actor may fill, and what was sent as values.
//!
//! Names in the form: a field's own name; for mails and phones `name`, `name_label` and `name_primary`
//! per row; for addresses `name_street`, `name_city` … per group.

use std::collections::BTreeMap;

use access::{Decision, Sight};
use act::Act;
use base::RecordId;
use records::{Address, Draft, Error, Field, FieldType, Kind, Labelled, Origin, Source, Value};
use web::Submission;
use web::form::{Field as Entry, Group, Item, Repeat, RepeatRow, Width};
use web::view::Choice;

use crate::details::class_chip;

/// The id in an address; one that is none names nothing.
pub fn record_id(text: &str) -> web::Result<RecordId> {
    text.parse().map_err(|_| web::Error::absent())
}

/// The origin of what is typed into a form in this act.
#[must_use]
pub fn typed_in(act: &Act<'_, '_>) -> Origin {
    Origin {
        source: Source::Form,
        reference: String::new(),
        at: act.now().micros(),
        actor: act.context().actor.to_string(),
    }
}

const LABELS: [&str; 4] = ["work", "home", "mobile", "other"];

/// The form items of some fields, filled with values and with errors beside them.
#[must_use]
pub fn form_items(
    kind: &Kind,
    names: &[&'static str],
    decision: &Decision,
    values: &BTreeMap<u16, Value>,
    errors: &BTreeMap<String, String>,
) -> Vec<Item> {
    let mut items = Vec::new();
    for name in names {
        let Some(field) = kind.field(name) else {
            continue;
        };
        if decision.sight(field.number) == Sight::Clear {
            item(
                field,
                name,
                values.get(&field.number),
                errors.get(*name),
                &mut items,
            );
        }
    }
    items
}

fn item(
    field: &Field,
    name: &'static str,
    value: Option<&Value>,
    error: Option<&String>,
    out: &mut Vec<Item>,
) {
    let error = error.cloned().unwrap_or_default();
    let text = value.map(Value::line).unwrap_or_default();
    let dressed = |entry: Entry| {
        let entry = entry
            .value(text.clone())
            .help(field.help.clone())
            .error(error.clone())
            .class(&field.class);
        if HINTED.contains(&name) {
            entry.hints()
        } else {
            entry
        }
    };
    match field.kind {
        FieldType::Mails => out.push(repeat(field, name, value, "email", &error).into()),
        FieldType::Phones => out.push(repeat(field, name, value, "tel", &error).into()),
        FieldType::Addresses => out.extend(
            groups(field, name, value, &error)
                .into_iter()
                .map(Item::from),
        ),
        FieldType::Choice => {
            let mut choices: Vec<(&str, &str)> = vec![("", "\u{2014}")];
            choices.extend(
                field
                    .options
                    .iter()
                    .map(|option| (option.as_str(), option.as_str())),
            );
            out.push(
                dressed(Entry::select(
                    name,
                    field.label.clone(),
                    Choice::list(&choices, &text),
                ))
                .width(Width::Half)
                .into(),
            );
        }
        FieldType::LongText => out.push(dressed(Entry::area(name, field.label.clone())).into()),
        FieldType::Date => out.push(
            dressed(Entry::of_type("date", name, field.label.clone()))
                .width(Width::Half)
                .into(),
        ),
        FieldType::Link | FieldType::Text | FieldType::Number => {
            out.push(
                dressed(Entry::text(name, field.label.clone()))
                    .width(Width::Half)
                    .into(),
            );
        }
    }
}

/// Typing in these asks for duplicates.
const HINTED: [&str; 3] = ["given_name", "family_name", "name"];

fn repeat(
    field: &Field,
    name: &'static str,
    value: Option<&Value>,
    kind: &'static str,
    error: &str,
) -> Repeat {
    let entries = match value {
        Some(Value::Several(entries)) => entries.clone(),
        _ => Vec::new(),
    };
    let rows = entries
        .into_iter()
        .enumerate()
        .map(|(place, entry)| RepeatRow {
            value: if entry.typed.is_empty() {
                entry.value
            } else {
                entry.typed
            },
            label: entry.label,
            primary: place == 0,
            error: if place == 0 {
                error.to_owned()
            } else {
                String::new()
            },
        })
        .collect();
    let mut repeat = Repeat::new(name, field.label.clone(), field.label.clone(), rows);
    repeat.kind = kind;
    repeat.labels = LABELS.to_vec();
    repeat.class = Some(class_chip(field));
    repeat.help.clone_from(&field.help);
    repeat.hints = true;
    if let (Some(first), false) = (repeat.rows.first_mut(), error.is_empty()) {
        first.error = error.to_owned();
    }
    repeat
}

fn groups(field: &Field, name: &str, value: Option<&Value>, error: &str) -> Vec<Group> {
    let mut addresses = match value {
        Some(Value::Addresses(addresses)) => addresses.clone(),
        _ => Vec::new(),
    };
    let held = addresses.len();
    addresses.push(Address::default());
    addresses
        .into_iter()
        .enumerate()
        .map(|(place, address)| {
            let part = |what: &str, label: &str, value: &str, width: Width| {
                Entry::text(format!("{name}_{what}"), label)
                    .value(value)
                    .width(width)
                    .nth(place)
            };
            let legend = if address.label.is_empty() {
                field.label.clone()
            } else {
                format!("{} ({})", field.label, address.label)
            };
            Group {
                legend,
                class: Some(class_chip(field)),
                fields: vec![
                    part("street", "Street and number", &address.street, Width::Full)
                        .error(if place == 0 { error } else { "" }),
                    part(
                        "postal_code",
                        "Postal code",
                        &address.postal_code,
                        Width::Third,
                    ),
                    part("city", "City", &address.city, Width::Third),
                    part("region", "State or province", &address.region, Width::Third),
                    part("country", "Country", &address.country, Width::Third)
                        .help("Two letters: DE, FR, US"),
                    part("label", "Label", &address.label, Width::Third),
                ],
                folded: place > 0 && place == held,
            }
        })
        .collect()
}

/// What was sent, as values in their settled form, with the error of each field that cannot be taken.
/// Values that cannot be taken are kept as typed, so that the form can be shown again.
#[must_use]
pub fn draft_from(
    kind: &Kind,
    names: &[&str],
    decision: &Decision,
    sent: &Submission,
    country: &str,
) -> (Draft, BTreeMap<String, String>) {
    let (mut draft, mut errors) = (Draft::default(), BTreeMap::new());
    for name in names {
        let Some(field) = kind.field(name) else {
            continue;
        };
        if decision.sight(field.number) != Sight::Clear {
            continue;
        }
        let Some(typed) = typed(field, name, sent) else {
            continue;
        };
        match typed.clone().settled(field, country) {
            Ok(Some(value)) => {
                draft.values.insert(field.number, value);
            }
            Ok(None) => {}
            Err(error) => {
                let problem = match &error {
                    Error::Invalid { problem, .. } => problem.clone(),
                    other => other.to_string(),
                };
                errors.insert(field.name.clone(), problem);
                draft.values.insert(field.number, typed);
            }
        }
    }
    (draft, errors)
}

/// A draft as changes of a record: what the form had and was left empty is taken away.
#[must_use]
pub fn changes_from(
    kind: &Kind,
    names: &[&str],
    decision: &Decision,
    draft: Draft,
) -> BTreeMap<u16, Option<Value>> {
    let mut values = draft.values;
    let fields = names.iter().filter_map(|name| kind.field(name));
    fields
        .filter(|field| decision.sight(field.number) == Sight::Clear)
        .map(|field| (field.number, values.remove(&field.number)))
        .collect()
}

fn typed(field: &Field, name: &str, sent: &Submission) -> Option<Value> {
    match field.kind {
        FieldType::Mails | FieldType::Phones => {
            let label_name = format!("{name}_label");
            let mut labels = sent.all(&label_name);
            let mut entries: Vec<Labelled> = sent
                .all(name)
                .map(|value| Labelled {
                    value: value.to_owned(),
                    label: labels.next().unwrap_or_default().to_owned(),
                    typed: String::new(),
                })
                .collect();
            let primary: usize = sent.text(&format!("{name}_primary")).parse().unwrap_or(0);
            if primary > 0 && primary < entries.len() {
                let first = entries.remove(primary);
                entries.insert(0, first);
            }
            entries.retain(|entry| !entry.value.is_empty());
            Some(Value::Several(entries))
        }
        FieldType::Addresses => Some(Value::Addresses(addresses(name, sent))),
        FieldType::Number => {
            let text = sent.text(name);
            if text.is_empty() {
                None
            } else {
                Some(Value::Number(
                    text.replace(',', "").parse().unwrap_or(f64::NAN),
                ))
            }
        }
        _ => Some(Value::Text(sent.text(name).to_owned())),
    }
}

fn addresses(name: &str, sent: &Submission) -> Vec<Address> {
    let column = |what: &str| -> Vec<String> {
        sent.all(&format!("{name}_{what}"))
            .map(str::to_owned)
            .collect()
    };
    let [street, city, region, postal_code, country, label] = [
        "street",
        "city",
        "region",
        "postal_code",
        "country",
        "label",
    ]
    .map(column);
    let at = |column: &[String], place: usize| column.get(place).cloned().unwrap_or_default();
    (0..street.len())
        .map(|place| Address {
            label: at(&label, place),
            street: at(&street, place),
            city: at(&city, place),
            region: at(&region, place),
            postal_code: at(&postal_code, place),
            country: at(&country, place),
        })
        .collect()
}

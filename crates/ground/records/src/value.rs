//! Values of fields: how they are taken in, checked, sealed and shown. One JSON shape for each type,
//! the same in the API and under the seal.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::normalise;
use crate::schema::{Field, FieldType};
use crate::{Error, Result};

/// Longest line in characters.
const TEXT_MAX: usize = 500;
/// Longest text in characters.
const LONG_TEXT_MAX: usize = 50_000;
/// Most mails, phones or addresses of one record.
const SEVERAL_MAX: usize = 50;

/// The value of one field.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A line or paragraphs, a day, a web address or an option.
    Text(String),
    /// A number.
    Number(f64),
    /// Mail addresses or phone numbers.
    Several(Vec<Labelled>),
    /// Postal addresses.
    Addresses(Vec<Address>),
}

/// A mail address or phone number with its label; the first is the primary one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Labelled {
    /// Mail address, or number in E.164 where it could be understood, else as typed.
    pub value: String,
    /// work, home, mobile, other … or own words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// What was typed, where `value` differs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub typed: String,
}

/// A postal address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Address {
    /// work, home, other … or own words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// Street and number, and further lines.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub street: String,
    /// Place.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub city: String,
    /// State, province or county.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub region: String,
    /// Postal code.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub postal_code: String,
    /// Country, as two letters of ISO 3166-1 where known, else as typed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub country: String,
}

impl Address {
    /// In one line: `4 B Blue Ridge Blvd, Brighton MI 48116, US`.
    #[must_use]
    pub fn line(&self) -> String {
        let place = join(&[&self.city, &self.region, &self.postal_code], " ");
        join(&[&self.street, &place, &self.country], ", ")
    }

    fn is_empty(&self) -> bool {
        self.line().is_empty()
    }
}

fn join(parts: &[&str], between: &str) -> String {
    parts
        .iter()
        .filter(|part| !part.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join(between)
}

/// How a value came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Typed into a form here.
    Form,
    /// Sent through the API.
    Api,
    /// Read from a file.
    Import,
    /// Made up, for demonstration.
    Demo,
    /// Set by the program.
    System,
}

/// Where a value is from: each value points to one of its record's origins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// How it came in.
    pub source: Source,
    /// What exactly: `us-500.csv row 12`. Never personal data.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reference: String,
    /// When, in microseconds UTC.
    pub at: i64,
    /// Through whom: id of the actor.
    pub actor: String,
}

impl Value {
    /// Takes a value in from JSON, checks it and puts it into its stored form. `None` when it is empty,
    /// which takes the field out of the record.
    pub fn take(field: &Field, json: &Json, country: &str) -> Result<Option<Self>> {
        let invalid = |problem: &str| Error::Invalid {
            field: field.name.clone(),
            label: field.label.clone(),
            problem: problem.to_owned(),
        };
        if json.is_null() {
            return Ok(None);
        }
        let value = match field.kind {
            FieldType::Mails | FieldType::Phones => {
                let several: Vec<Labelled> = serde_json::from_value(json.clone())
                    .map_err(|_| invalid("give a list of entries with \u{201c}value\u{201d} and \u{201c}label\u{201d}"))?;
                Self::Several(several)
            }
            FieldType::Addresses => {
                Self::Addresses(serde_json::from_value(json.clone()).map_err(|_| {
                    invalid(
                        "give a list of addresses with street, city, region, postal_code, country",
                    )
                })?)
            }
            FieldType::Number => match json {
                Json::Number(number) => Self::Number(number.as_f64().unwrap_or(f64::NAN)),
                Json::String(text) if text.trim().is_empty() => return Ok(None),
                Json::String(text) => Self::Number(
                    text.trim()
                        .replace([' ', '\u{a0}', '\''], "")
                        .parse()
                        .map_err(|_| invalid("this is no number"))?,
                ),
                _ => return Err(invalid("this is no number")),
            },
            _ => Self::Text(
                json.as_str()
                    .ok_or_else(|| invalid("give a text"))?
                    .to_owned(),
            ),
        };
        value.settled(field, country)
    }

    /// Checks a value and puts it into its stored form.
    pub fn settled(self, field: &Field, country: &str) -> Result<Option<Self>> {
        let invalid = |problem: String| Error::Invalid {
            field: field.name.clone(),
            label: field.label.clone(),
            problem,
        };
        match self {
            Self::Text(text) => {
                let text = settle_text(&text, field.kind).map_err(invalid)?;
                if field.kind == FieldType::Choice
                    && !text.is_empty()
                    && !field.options.contains(&text)
                {
                    return Err(invalid(format!(
                        "choose one of {}",
                        field.options.join(", ")
                    )));
                }
                Ok(if text.is_empty() {
                    None
                } else {
                    Some(Self::Text(text))
                })
            }
            Self::Number(number) if number.is_finite() => Ok(Some(Self::Number(number))),
            Self::Number(_) => Err(invalid("this is no number".into())),
            Self::Several(entries) => {
                let mut settled: Vec<Labelled> = Vec::new();
                for entry in entries {
                    let Some(entry) = settle_entry(entry, field.kind, country).map_err(invalid)?
                    else {
                        continue;
                    };
                    if !settled.iter().any(|known| known.value == entry.value) {
                        settled.push(entry);
                    }
                }
                if settled.len() > SEVERAL_MAX {
                    return Err(invalid(format!("at most {SEVERAL_MAX} entries")));
                }
                Ok(if settled.is_empty() {
                    None
                } else {
                    Some(Self::Several(settled))
                })
            }
            Self::Addresses(addresses) => {
                let mut settled = Vec::new();
                for address in addresses {
                    settled.extend(settle_address(address).map_err(invalid)?);
                }
                if settled.len() > SEVERAL_MAX {
                    return Err(invalid(format!("at most {SEVERAL_MAX} entries")));
                }
                Ok(if settled.is_empty() {
                    None
                } else {
                    Some(Self::Addresses(settled))
                })
            }
        }
    }

    /// As JSON: the shape of the API and of the seal.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Text(text) => Json::String(text.clone()),
            Self::Number(number) => {
                serde_json::Number::from_f64(*number).map_or(Json::Null, Json::Number)
            }
            Self::Several(entries) => serde_json::to_value(entries).unwrap_or_default(),
            Self::Addresses(addresses) => serde_json::to_value(addresses).unwrap_or_default(),
        }
    }

    /// The bytes that are sealed.
    pub(crate) fn to_bytes(&self, origin: u8) -> Vec<u8> {
        let mut out = vec![origin];
        let written = match self {
            Self::Text(text) => serde_json::to_writer(&mut out, text),
            Self::Number(number) => serde_json::to_writer(&mut out, number),
            Self::Several(entries) => serde_json::to_writer(&mut out, entries),
            Self::Addresses(addresses) => serde_json::to_writer(&mut out, addresses),
        };
        debug_assert!(written.is_ok(), "writing into memory cannot fail");
        out
    }

    /// What [`Value::to_bytes`] wrote, with the number of its origin.
    pub(crate) fn from_bytes(kind: FieldType, bytes: &[u8]) -> Result<(Self, u8)> {
        let (&origin, json) = bytes.split_first().ok_or(Error::Damaged)?;
        let value = match kind {
            FieldType::Mails | FieldType::Phones => serde_json::from_slice(json).map(Self::Several),
            FieldType::Addresses => serde_json::from_slice(json).map(Self::Addresses),
            FieldType::Number => serde_json::from_slice(json).map(Self::Number),
            _ => serde_json::from_slice(json).map(Self::Text),
        };
        Ok((value.map_err(|_| Error::Damaged)?, origin))
    }

    /// The value in a line, for lists and search results.
    #[must_use]
    pub fn line(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Several(entries) => entries.first().map(|e| e.value.clone()).unwrap_or_default(),
            Self::Addresses(addresses) => addresses.first().map(Address::line).unwrap_or_default(),
        }
    }

    /// The text, where it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

fn settle_text(text: &str, kind: FieldType) -> std::result::Result<String, String> {
    let max = if kind == FieldType::LongText {
        LONG_TEXT_MAX
    } else {
        TEXT_MAX
    };
    let text = text.trim();
    if text.chars().count() > max {
        return Err(format!("at most {max} characters"));
    }
    let several_lines = kind == FieldType::LongText;
    if text
        .chars()
        .any(|c| c.is_control() && !(several_lines && matches!(c, '\n' | '\r' | '\t')))
    {
        return Err("it holds characters that cannot be shown; remove them".into());
    }
    match kind {
        FieldType::Date if !text.is_empty() => {
            normalise::date(text).ok_or_else(|| "write the day as 1980-12-31".to_owned())
        }
        FieldType::Link if !text.is_empty() => normalise::link(text)
            .ok_or_else(|| "write an address such as https://example.org".to_owned()),
        _ => Ok(text.to_owned()),
    }
}

fn settle_entry(
    mut entry: Labelled,
    kind: FieldType,
    country: &str,
) -> std::result::Result<Option<Labelled>, String> {
    let given = entry.value.trim().to_owned();
    if given.is_empty() {
        return Ok(None);
    }
    if given.chars().count() > TEXT_MAX || entry.label.chars().count() > 60 {
        return Err("this entry is too long".into());
    }
    if given
        .chars()
        .chain(entry.label.chars())
        .any(char::is_control)
    {
        return Err("it holds characters that cannot be shown; remove them".into());
    }
    entry.label = entry.label.trim().to_owned();
    if kind == FieldType::Mails {
        let settled = normalise::mail(&given)
            .ok_or_else(|| "write a mail address such as name@example.org".to_owned())?;
        entry.typed = String::new();
        entry.value = settled;
        return Ok(Some(entry));
    }
    if entry.typed.is_empty() {
        entry.typed.clone_from(&given);
    }
    entry.value = match normalise::phone(&given, country) {
        Some(e164) => e164,
        None if given.chars().filter(char::is_ascii_digit).count() >= 3 => given,
        None => return Err("write a phone number such as +1 810 292 9388".into()),
    };
    if entry.typed == entry.value {
        entry.typed = String::new();
    }
    Ok(Some(entry))
}

fn settle_address(mut address: Address) -> std::result::Result<Option<Address>, String> {
    for part in [
        &mut address.label,
        &mut address.street,
        &mut address.city,
        &mut address.region,
        &mut address.postal_code,
        &mut address.country,
    ] {
        *part = part.trim().to_owned();
        if part.chars().count() > TEXT_MAX {
            return Err("this address is too long".into());
        }
        if part.chars().any(|c| c.is_control() && c != '\n') {
            return Err("it holds characters that cannot be shown; remove them".into());
        }
    }
    Ok(if address.is_empty() {
        None
    } else {
        Some(address)
    })
}

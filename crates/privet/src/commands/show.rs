//! `privet show`: one record with what it is linked to and its notes.

use std::process::ExitCode;

use anyhow::Result;
use base::{PageSize, RecordId};
use records::{Condition, Error, Query, Records, Sort};
use serde_json::{Value, json};

use crate::cli::Place;
use crate::installation::Installation;
use crate::say;

pub fn run(place: &Place, id: &str, as_json: bool) -> Result<ExitCode> {
    let id: RecordId = id.parse()?;
    let house = Installation::open(place)?;
    let who = house.operator("record_keeping");
    let records = &house.records;
    let shown = records.acts().read(&who, |act| whole(records, act, id))?;
    let shown = shown.ok_or(Error::Absent)?;
    if as_json {
        say::json(&shown);
    } else {
        print(&shown);
    }
    Ok(ExitCode::SUCCESS)
}

fn whole(
    records: &Records,
    act: &mut act::Act<'_, '_>,
    id: RecordId,
) -> Result<Option<Value>, Error> {
    let Some(kind) = records.kind_of(act, id)? else {
        return Ok(None);
    };
    let Some(record) = records.open(act, kind, id)? else {
        return Ok(None);
    };
    let mut shown = record.to_json(kind);
    if let Some(link) = kind.link("works_at") {
        let company = records.kind("company");
        let mut companies = Vec::new();
        for linked in records.linked_from(act, id, link)? {
            if let Some(found) = records.open(act, company, linked)? {
                companies.push(json!({ "id": linked.to_string(), "name": found.name }));
            }
        }
        shown["companies"] = Value::Array(companies);
    }
    let note = records.kind("note");
    if let Some(about) = note.link("about").filter(|_| note.id != kind.id) {
        let query = Query {
            conditions: vec![Condition::LinkedTo(about, id)],
            sort: Sort::Changed,
            size: PageSize::clamped(200),
            ..Query::default()
        };
        let notes = records.list(act, note, &query)?;
        shown["notes"] = notes
            .records
            .iter()
            .map(|record| record.to_json(note))
            .collect();
    }
    Ok(Some(shown))
}

fn print(shown: &Value) {
    let Some(fields) = shown.as_object() else {
        return;
    };
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Array(all) if all.is_empty() => continue,
            other => other.to_string(),
        };
        say::line(format!("{name:<14} {text}"));
    }
}

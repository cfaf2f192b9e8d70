//! `privet find`: people and companies by name, mail or phone.

use std::process::ExitCode;

use access::Context;
use anyhow::Result;
use records::{Error, Hit, Kind, Records, normalise};
use serde_json::{Value, json};

use crate::cli::Place;
use crate::installation::Installation;
use crate::say;

/// The columns a line of the answer shows.
const SHOWN: [&str; 5] = ["given_name", "family_name", "name", "mails", "phones"];

pub fn run(place: &Place, text: &str, limit: usize, as_json: bool) -> Result<ExitCode> {
    let house = Installation::open(place)?;
    let who = house.operator("record_keeping");
    let hits = search(&house.records, &who, text, limit)?;
    if as_json {
        say::json(&hits);
        return Ok(ExitCode::SUCCESS);
    }
    if hits.is_empty() {
        say::note(
            "nobody found; give two letters of a name, a whole mail address or a phone number",
        );
    }
    for hit in hits {
        let first = |key: &str| hit[key][0]["value"].as_str().unwrap_or_default().to_owned();
        let name = hit["name"].as_str().unwrap_or_default();
        let id = hit["id"].as_str().unwrap_or_default();
        say::line(format!(
            "{id}  {name:<28}  {:<34}  {}",
            first("mails"),
            normalise::phone_shown(&first("phones"))
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn search(records: &Records, who: &Context, text: &str, limit: usize) -> Result<Vec<Value>> {
    let folded = normalise::fold(text);
    let short = normalise::words(&folded).any(|word| word.chars().count() < 3);
    if short && !text.contains('@') {
        // Two letters have no blind index: the names themselves are opened, once, in memory.
        records.load_names(who)?;
    }
    let mut out = Vec::new();
    for name in ["person", "company"] {
        let kind = records.kind(name);
        let columns = SHOWN
            .iter()
            .filter_map(|field| kind.field(field))
            .fold(0, |mask, f| mask | 1 << f.number);
        let hits = records.acts().read(who, |act| -> Result<Vec<Hit>, Error> {
            records.find(act, kind, text, limit, columns)
        })?;
        out.extend(hits.iter().map(|hit| as_json(kind, hit)));
    }
    Ok(out)
}

fn as_json(kind: &Kind, hit: &Hit) -> Value {
    let mut value = hit.record.to_json(kind);
    value["found_by"] = json!(hit.by);
    value
}

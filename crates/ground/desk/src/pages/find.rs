//! The search of the bar. A POST, so that no name stands in an address or a history.

use access::Sight;
use axum::extract::State;
use axum::response::Response;
use records::{Hit, Kind, normalise};
use web::screens::{FindPage, Found, FoundGroup};
use web::view::{Avatar, Empty, counted};
use web::{Result, Submission};

use crate::{Desk, SignedIn};

/// Results of one kind at most.
const MOST: usize = 25;

/// Kinds that can be found, with their heading and address.
const KINDS: [(&str, &str, &str, &str, &str); 2] = [
    ("person", "Contacts", "/contacts", "person", "people"),
    ("company", "Companies", "/companies", "company", "companies"),
];

pub async fn empty(who: SignedIn, State(desk): State<Desk>) -> Result<Response> {
    desk.run(move |desk| Ok(web::page(&view(desk, &who, "", Vec::new(), String::new()))))
        .await
}

pub async fn page(who: SignedIn, State(desk): State<Desk>, sent: Submission) -> Result<Response> {
    sent.check(&who.secret)?;
    desk.run(move |desk| {
        let text = sent.text("q");
        let (mut groups, mut said) = (Vec::new(), Vec::new());
        for (name, label, address, one, many) in KINDS {
            if text.is_empty() {
                break;
            }
            let kind = desk.records().kind(name);
            let hits = desk.read(&who.context, |records, act| {
                records.find(act, kind, text, MOST, shown(kind))
            })?;
            if !hits.is_empty() {
                let count = counted(u64::try_from(hits.len()).unwrap_or(0), one, many);
                said.push(if hits.len() == MOST {
                    format!("the first {count}")
                } else {
                    count
                });
                groups.push(FoundGroup {
                    label,
                    found: hits.iter().map(|hit| found(kind, address, hit)).collect(),
                });
            }
        }
        Ok(web::page(&view(
            desk,
            &who,
            text,
            groups,
            said.join(" and "),
        )))
    })
    .await
}

fn view(
    desk: &Desk,
    who: &SignedIn,
    text: &str,
    groups: Vec<FoundGroup>,
    said: String,
) -> FindPage {
    let mut shell = desk.shell(who, "Search", "");
    text.clone_into(&mut shell.search);
    let empty = groups.is_empty().then(|| Empty {
        icon: "search",
        title: if text.is_empty() { "What do you remember of them?".into() } else { "Nobody found".into() },
        text: "Two letters of a name are enough; so is a whole mail address or a phone number in any spelling.".into(),
        action: None,
        other: None,
    });
    FindPage {
        shell,
        groups,
        said,
        empty,
    }
}

fn shown(kind: &Kind) -> u64 {
    let names = [
        "given_name",
        "family_name",
        "name",
        "mails",
        "phones",
        "job_title",
        "industry",
    ];
    names
        .iter()
        .filter_map(|name| kind.field(name))
        .fold(0, |mask, field| mask | 1 << field.number)
}

fn found(kind: &Kind, address: &str, hit: &Hit) -> Found {
    let record = &hit.record;
    let masked = record
        .fields
        .iter()
        .any(|f| f.is_set && f.sight == Sight::Masked);
    let mut notes: Vec<String> = ["job_title", "industry", "mails"]
        .iter()
        .map(|name| record.line(kind, name))
        .collect();
    notes.push(normalise::phone_shown(&record.line(kind, "phones")));
    notes.retain(|note| !note.is_empty());
    if masked && notes.is_empty() {
        notes.push("masked for this purpose".into());
    }
    Found {
        avatar: Avatar::of(&record.name),
        title: if record.name.is_empty() {
            "masked".into()
        } else {
            record.name.clone()
        },
        href: format!("{address}/{}", record.id),
        note: notes.join(" · "),
    }
}

//! My day: how many there are, who was changed last, what happened last.

use access::Action;
use axum::extract::State;
use axum::response::Response;
use base::PageSize;
use ledger::LoggedLeaf;
use records::{Query, Sort};
use web::Result;
use web::screens::{HomePage, Recent};
use web::view::{Avatar, Count, Empty, Link, Tone, grouped};

use super::activity::{actor_name, sentence};
use crate::{Desk, SignedIn, long_day, when};

pub async fn page(who: SignedIn, State(desk): State<Desk>) -> Result<Response> {
    desk.run(move |desk| {
        let now = desk.now();
        let query = Query { sort: Sort::Changed, size: PageSize::clamped(8), columns: columns(desk), ..Query::default() };
        let kind = desk.records().kind("person");
        let people = desk.read(&who.context, |records, act| records.list(act, kind, &query))?.records;
        let activity = if desk.may(&who, Action::ReadLog) { recent(desk, &who)? } else { Vec::new() };
        let mut counts = vec![count(desk, "Contacts", "person", "/contacts"), count(desk, "Companies", "company", "/companies")];
        if desk.may(&who, Action::ReadLog) {
            let size = desk.read(&who.context, |_, act| {
                let ws = act.ws();
                Ok(ledger::head(act.tx(), ws)?.size)
            })?;
            counts.push(Count {
                label: "Entries in the log".into(),
                value: grouped(size),
                note: "every look and every change".into(),
                href: "/log".into(),
                tone: Tone::Plain,
            });
        }
        let contacts: Vec<Recent> = people
            .iter()
            .map(|record| Recent {
                avatar: Avatar::of(&record.name),
                title: if record.name.is_empty() { "masked".into() } else { record.name.clone() },
                href: format!("/contacts/{}", record.id),
                note: record.line(kind, "job_title"),
                when: when(record.updated_at, now),
            })
            .collect();
        let empty = contacts.is_empty().then(|| Empty {
            icon: "people",
            title: "Nobody is here yet".into(),
            text: "Bring your contacts in from the system you use now, or write down the first one. Everything is sealed the moment it arrives.".into(),
            action: Some(Link::new("Import contacts", "/import")),
            other: Some(Link::new("Add one by hand", "/contacts/new")),
        });
        let first = who.name.split_whitespace().next().unwrap_or_default().to_owned();
        let hour = now.micros().div_euclid(3_600_000_000).rem_euclid(24);
        let part = match hour {
            4..12 => "morning",
            12..18 => "afternoon",
            _ => "evening",
        };
        Ok(web::page(&HomePage {
            shell: desk.shell(&who, "Home", "home"),
            greeting: format!("Good {part}, {first}"),
            today: long_day(now),
            counts,
            contacts,
            activity,
            empty,
        }))
    })
    .await
}

fn columns(desk: &Desk) -> u64 {
    let kind = desk.records().kind("person");
    ["given_name", "family_name", "job_title"]
        .iter()
        .filter_map(|name| kind.field(name))
        .fold(0, |mask, f| mask | 1 << f.number)
}

fn count(desk: &Desk, label: &str, kind: &str, href: &str) -> Count {
    let kind = desk.records().kind(kind).id;
    let number = u64::try_from(desk.records().names().count(kind)).unwrap_or(0);
    Count {
        label: label.into(),
        value: grouped(number),
        note: String::new(),
        href: href.into(),
        tone: Tone::Plain,
    }
}

fn recent(desk: &Desk, who: &SignedIn) -> Result<Vec<Recent>> {
    let leaves: Vec<LoggedLeaf> = desk.read(&who.context, |_, act| {
        let ws = act.ws();
        Ok(ledger::leaves(act.tx(), ws, None, 8)?)
    })?;
    let now = desk.now();
    Ok(leaves
        .iter()
        .map(|logged| {
            let actor = actor_name(desk, &logged.leaf);
            Recent {
                avatar: Avatar::of(&actor),
                title: actor,
                href: String::new(),
                note: sentence(desk, &logged.leaf),
                when: when(logged.leaf.time, now),
            }
        })
        .collect())
}

//! One contact: the fields, the timeline, and beside them what we may do, how long we keep it and who
//! has looked.

use std::collections::BTreeMap;

use access::{Action, PurposeId};
use axum::extract::{Path, State};
use axum::response::Response;
use base::{ActorId, Timestamp};
use desk::{Desk, SignedIn, details, record_id, when};
use ledger::LoggedLeaf;
use records::{Error, Kind, Record, Value};
use web::Result;
use web::view::{Avatar, Link, counted};

use crate::Timeline;
use crate::pages::{ContactPage, Looked, Rights};
use crate::rules;

/// Looks shown beside the person.
const LOOKS: u32 = 200;
/// Lookers shown beside the person.
const LOOKERS: usize = 4;

pub async fn page(
    who: SignedIn,
    State(desk): State<Desk>,
    Path(id): Path<String>,
    timeline: Timeline,
) -> Result<Response> {
    desk.run(move |desk| Ok(web::page(&view(desk, &who, &id, timeline)?)))
        .await
}

fn view(desk: &Desk, who: &SignedIn, id: &str, timeline: Timeline) -> Result<ContactPage> {
    let id = record_id(id)?;
    let kind = desk.records().kind("person");
    let (record, company, looks) = desk.read(&who.context, |records, act| {
        // Who has looked before: this look joins the log when the page is answered.
        let ws = act.ws();
        let looks = ledger::leaves_of_subject(act.tx(), ws, id.cast(), None, LOOKS)?;
        let record = records.open(act, kind, id)?.ok_or(Error::Absent)?;
        let company = match kind.link("works_at") {
            Some(link) => records.linked_from(act, id, link)?.first().copied(),
            None => None,
        };
        Ok((record, company, looks))
    })?;
    let now = desk.now();
    let shell = desk.shell(who, &record.name, "contacts");
    let policy = desk.records().acts().policy();
    let company = company.and_then(|company| {
        let name = desk
            .records()
            .names()
            .get(desk.records().kind("company").id, company)?;
        Some(Link::new(name, format!("/companies/{company}")))
    });
    let may_read_log = desk.may(who, Action::ReadLog);
    Ok(ContactPage {
        name: if record.name.is_empty() {
            "Masked for this purpose".into()
        } else {
            record.name.clone()
        },
        avatar: Avatar::of(&record.name).large(),
        job: record.line(kind, "job_title"),
        company,
        place: place(kind, &record),
        stage: record.line(kind, "stage"),
        mail_href: link_of(kind, &record, "mails", "mailto:"),
        phone_href: link_of(kind, &record, "phones", "tel:"),
        edit_href: desk
            .may(who, Action::Change)
            .then(|| format!("/contacts/{id}/edit")),
        details: details(
            kind,
            &record,
            shell.csrf.clone(),
            &["given_name", "family_name", "stage"],
        ),
        timeline: timeline(desk, who, id, "/contacts")?,
        may: rules::may_do(policy, policy.role(&who.context.role)),
        keep: rules::keep(record.updated_at, now),
        looked: lookers(desk, &looks, now),
        all_looks: (may_read_log && !looks.is_empty())
            .then(|| Link::new(all_words(looks.len()), format!("/log?subject={id}"))),
        rights: Rights {
            export_action: None,
            erase_href: desk
                .may(who, Action::Erase)
                .then(|| format!("/contacts/{id}/erase")),
        },
        shell,
    })
}

fn all_words(looks: usize) -> String {
    let count = u64::try_from(looks).unwrap_or(0);
    if looks >= usize::try_from(LOOKS).unwrap_or(0) {
        "All".into()
    } else {
        format!("All {count}")
    }
}

fn place(kind: &Kind, record: &Record) -> String {
    let Some(Value::Addresses(all)) = record.value(kind, "addresses") else {
        return String::new();
    };
    let Some(first) = all.first() else {
        return String::new();
    };
    let parts = [
        &first.city,
        if first.region.is_empty() {
            &first.country
        } else {
            &first.region
        },
    ];
    parts
        .iter()
        .filter(|part| !part.is_empty())
        .map(|part| part.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}

fn link_of(kind: &Kind, record: &Record, field: &str, scheme: &str) -> String {
    let value = record.line(kind, field);
    let fits = scheme == "mailto:" || value.starts_with('+');
    if value.is_empty() || !fits {
        String::new()
    } else {
        format!("{scheme}{value}")
    }
}

/// Who has looked, newest first: for which purpose, how often, when last.
fn lookers(desk: &Desk, looks: &[LoggedLeaf], now: Timestamp) -> Vec<Looked> {
    let policy = desk.records().acts().policy();
    let mut order: Vec<(ActorId, u16)> = Vec::new();
    let mut seen: BTreeMap<(ActorId, u16), (u64, Timestamp)> = BTreeMap::new();
    for logged in looks {
        let key = (logged.leaf.actor, logged.leaf.purpose);
        let entry = seen.entry(key).or_insert_with(|| {
            order.push(key);
            (0, logged.leaf.time)
        });
        entry.0 += 1;
    }
    order
        .into_iter()
        .take(LOOKERS)
        .map(|key| {
            let (times, last) = seen[&key];
            let name = if key.0.is_nil() {
                "The machine's operator".into()
            } else {
                desk.identity()
                    .user_name(key.0)
                    .unwrap_or_else(|| "a former user".into())
            };
            let purpose = policy
                .purpose(PurposeId(key.1))
                .map(|p| p.label.to_lowercase())
                .unwrap_or_default();
            Looked {
                avatar: Avatar::of(&name),
                who: name,
                note: format!("{purpose} · {}", counted(times, "time", "times")),
                when: when(last, now),
            }
        })
        .collect()
}

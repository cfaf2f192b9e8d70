//! One company: its facts, the people who work there, its timeline.

use access::Action;
use axum::extract::{Path, State};
use axum::response::Response;
use base::PageSize;
use desk::{Desk, SignedIn, details, record_id};
use records::{Condition, Error, Sort, Value};
use web::Result;
use web::view::{Avatar, Link, counted};

use crate::Timeline;
use crate::pages::{CompanyPage, Person};

/// People shown on the page.
const PEOPLE: u16 = 12;

pub async fn page(
    who: SignedIn,
    State(desk): State<Desk>,
    Path(id): Path<String>,
    timeline: Timeline,
) -> Result<Response> {
    desk.run(move |desk| Ok(web::page(&view(desk, &who, &id, timeline)?)))
        .await
}

fn view(desk: &Desk, who: &SignedIn, id: &str, timeline: Timeline) -> Result<CompanyPage> {
    let id = record_id(id)?;
    let (kind, person) = (
        desk.records().kind("company"),
        desk.records().kind("person"),
    );
    let works_at = person.link("works_at");
    let (record, people, total, part_of) = desk.read(&who.context, |records, act| {
        let record = records.open(act, kind, id)?.ok_or(Error::Absent)?;
        let link = works_at.ok_or(Error::Damaged)?;
        let query = records::Query {
            conditions: vec![Condition::LinkedTo(link, id)],
            sort: Sort::Changed,
            size: PageSize::clamped(PEOPLE),
            columns: ["given_name", "family_name", "job_title", "stage"]
                .iter()
                .filter_map(|name| person.field(name))
                .fold(0, |mask, field| mask | 1 << field.number),
            after: None,
        };
        let people = records.list(act, person, &query)?.records;
        let total = records.count_linked_to(act, id, link)?;
        let part_of = match kind.link("part_of") {
            Some(link) => records.linked_from(act, id, link)?.first().copied(),
            None => None,
        };
        Ok((record, people, total, part_of))
    })?;
    let shell = desk.shell(who, &record.name, "companies");
    let whole = part_of.and_then(|whole| desk.records().names().get(kind.id, whole));
    let mut facts: Vec<String> = vec![
        place(record.value(kind, "addresses")),
        record.line(kind, "industry"),
        record.line(kind, "tier"),
    ];
    facts.extend(whole.map(|whole| format!("part of {whole}")));
    facts.retain(|fact| !fact.is_empty());
    let shown = u64::try_from(people.len()).unwrap_or(0);
    let may_change = desk.may(who, Action::Change);
    Ok(CompanyPage {
        name: if record.name.is_empty() {
            "Masked for this purpose".into()
        } else {
            record.name.clone()
        },
        avatar: Avatar::of(&record.name).large(),
        facts,
        edit_href: may_change.then(|| format!("/companies/{id}/edit")),
        add_person_href: desk
            .may(who, Action::Create)
            .then(|| "/contacts/new".to_owned()),
        details: details(kind, &record, shell.csrf.clone(), &["name", "tier"]),
        people: people
            .iter()
            .map(|one| Person {
                avatar: Avatar::of(&one.name),
                name: if one.name.is_empty() {
                    "masked".into()
                } else {
                    one.name.clone()
                },
                href: format!("/contacts/{}", one.id),
                job: one.line(person, "job_title"),
                stage: one.line(person, "stage"),
            })
            .collect(),
        people_note: counted(total, "person", "people"),
        all_people: (total > shown).then(|| Link::new("All", format!("/contacts?company={id}"))),
        timeline: timeline(desk, who, id, "/companies")?,
        shell,
    })
}

fn place(addresses: Option<&Value>) -> String {
    let Some(Value::Addresses(all)) = addresses else {
        return String::new();
    };
    all.first()
        .map(|address| {
            [&address.city, &address.country]
                .map(String::as_str)
                .join(" ")
                .trim()
                .to_owned()
        })
        .unwrap_or_default()
}

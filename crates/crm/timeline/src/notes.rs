//! Notes: shown on the page of whom they are about, added, taken away.

use std::collections::BTreeMap;

use access::Action;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use base::{PageSize, RecordId};
use desk::{Desk, SignedIn, record_id, typed_in, when};
use records::{Condition, Draft, Error, Record, Sort, Value};
use web::view::{Avatar, counted};
use web::{Html, Result, Submission, see_other};

use crate::pages::{Entry, NoteForm, Span, TimelineCard};

/// Notes shown at once.
const SHOWN: u16 = 20;

/// The card of a record's notes, for the page of that record under `base`.
pub fn card(desk: &Desk, who: &SignedIn, about: RecordId, base: &str) -> Result<Html> {
    Html::of(&view(desk, who, about, base, None, NoteForm::default())?)
}

pub async fn of_contact(
    who: SignedIn,
    state: State<Desk>,
    path: Path<String>,
    query: Query<BTreeMap<String, String>>,
) -> Result<Response> {
    older(who, state, path, query, "/contacts").await
}

pub async fn of_company(
    who: SignedIn,
    state: State<Desk>,
    path: Path<String>,
    query: Query<BTreeMap<String, String>>,
) -> Result<Response> {
    older(who, state, path, query, "/companies").await
}

pub async fn add_to_contact(
    who: SignedIn,
    state: State<Desk>,
    path: Path<String>,
    sent: Submission,
) -> Result<Response> {
    add(who, state, path, sent, "/contacts").await
}

pub async fn add_to_company(
    who: SignedIn,
    state: State<Desk>,
    path: Path<String>,
    sent: Submission,
) -> Result<Response> {
    add(who, state, path, sent, "/companies").await
}

/// Older notes, for the background; by itself the address leads to the page of the record.
async fn older(
    who: SignedIn,
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    base: &'static str,
) -> Result<Response> {
    desk.run(move |desk| {
        let about = record_id(&id)?;
        let after: Option<RecordId> = query.get("after").and_then(|text| text.parse().ok());
        Ok(web::fragment(&view(
            desk,
            &who,
            about,
            base,
            after,
            NoteForm::default(),
        )?))
    })
    .await
}

async fn add(
    who: SignedIn,
    State(desk): State<Desk>,
    Path(id): Path<String>,
    sent: Submission,
    base: &'static str,
) -> Result<Response> {
    sent.check(&who.secret)?;
    desk.run(move |desk| {
        let about = record_id(&id)?;
        let text = sent.text("text").to_owned();
        let kind = desk.records().kind("note");
        let settled = kind
            .field("body")
            .map(|field| Value::Text(text.clone()).settled(field, ""));
        let (value, problem) = match settled {
            Some(Ok(Some(value))) => (Some(value), None),
            Some(Err(error)) => (None, Some(error.to_string())),
            _ => (None, Some("write something first".to_owned())),
        };
        let Some(value) = value else {
            let form = NoteForm {
                text,
                error: problem.unwrap_or_default(),
                ..NoteForm::default()
            };
            let card = view(desk, &who, about, base, None, form)?;
            return Ok(web::page_with_status(
                StatusCode::UNPROCESSABLE_ENTITY,
                &card,
            ));
        };
        desk.write(&who.context, move |records, act| {
            let kind = records.kind("note");
            let link = kind.link("about").ok_or(Error::Damaged)?;
            let column = kind.field("body").ok_or(Error::Damaged)?.number;
            let draft = Draft {
                values: BTreeMap::from([(column, value)]),
                links: vec![(link, about)],
                owner: None,
            };
            let origin = typed_in(act);
            records.create(act, kind, draft, &origin)
        })?;
        Ok(see_other(&format!("{base}/{about}?done=noted")))
    })
    .await
}

pub async fn remove(
    who: SignedIn,
    State(desk): State<Desk>,
    Path(id): Path<String>,
    sent: Submission,
) -> Result<Response> {
    sent.check(&who.secret)?;
    desk.run(move |desk| {
        let id = record_id(&id)?;
        let back = desk.read(&who.context, |records, act| {
            let kind = records.kind("note");
            let link = kind.link("about").ok_or(Error::Damaged)?;
            let about = records
                .linked_from(act, id, link)?
                .first()
                .copied()
                .ok_or(Error::Absent)?;
            let of = records
                .kind_of(act, about)?
                .map_or("person", |kind| kind.name.as_str())
                .to_owned();
            Ok((about, of))
        })?;
        desk.write(&who.context, move |records, act| {
            records.delete(act, records.kind("note"), id, None)
        })?;
        let base = if back.1 == "company" {
            "/companies"
        } else {
            "/contacts"
        };
        Ok(see_other(&format!("{base}/{}", back.0)))
    })
    .await
}

fn view(
    desk: &Desk,
    who: &SignedIn,
    about: RecordId,
    base: &str,
    after: Option<RecordId>,
    form: NoteForm,
) -> Result<TimelineCard> {
    let kind = desk.records().kind("note");
    let (notes, next, others) = desk.read(&who.context, |records, act| {
        let link = kind.link("about").ok_or(Error::Damaged)?;
        let query = records::Query {
            conditions: vec![Condition::LinkedTo(link, about)],
            sort: Sort::Changed,
            after,
            size: PageSize::clamped(SHOWN),
            columns: 0,
        };
        let page = records.list(act, kind, &query)?;
        let mut others = Vec::with_capacity(page.records.len());
        for note in &page.records {
            others.push(
                records
                    .linked_from(act, note.id, link)?
                    .len()
                    .saturating_sub(1),
            );
        }
        Ok((page.records, page.next, others))
    })?;
    let csrf = web::csrf::token(&who.secret, &*desk.records().acts().rng());
    let may_write = desk.may(who, Action::Create);
    Ok(TimelineCard {
        form: may_write.then(|| NoteForm {
            action: format!("{base}/{about}/notes"),
            ..form
        }),
        entries: notes
            .iter()
            .zip(others)
            .map(|(note, others)| entry(desk, who, note, others, &csrf))
            .collect(),
        older: next
            .map(|next| format!("{base}/{about}/notes?after={next}"))
            .unwrap_or_default(),
        hidden: String::new(),
        csrf,
    })
}

fn entry(desk: &Desk, who: &SignedIn, note: &Record, others: usize, csrf: &str) -> Entry {
    let kind = desk.records().kind("note");
    let now = desk.now();
    let author = match note.owner {
        Some(owner) if !owner.is_nil() => desk
            .identity()
            .user_name(owner)
            .unwrap_or_else(|| "a former user".into()),
        _ => "Privet itself".into(),
    };
    let text = note.line(kind, "body");
    let masked = text.is_empty();
    let others = u64::try_from(others).unwrap_or(0);
    Entry {
        id: note.id.to_string(),
        avatar: Avatar::of(&author),
        author,
        what: "Note".into(),
        spans: Span::plain(if masked {
            "\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}\u{2022} masked for this purpose".into()
        } else {
            text
        }),
        when: when(note.created_at, now),
        instant: note.created_at.rfc3339(),
        edited: if note.rev > 1 && note.updated_at > note.created_at {
            format!("edited {}", when(note.updated_at, now))
        } else {
            String::new()
        },
        also_about: if others == 0 {
            String::new()
        } else {
            counted(others, "other", "others")
        },
        remove_action: desk
            .may(who, Action::Delete)
            .then(|| format!("/notes/{}/remove", note.id)),
        csrf: csrf.to_owned(),
    }
}

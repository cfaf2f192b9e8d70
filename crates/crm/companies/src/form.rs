//! The form of a company: new and changed.

use std::collections::BTreeMap;

use access::{Action, Decision};
use act::LeafAction;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use base::RecordId;
use desk::{Desk, SignedIn, changes_from, draft_from, form_items, record_id, typed_in};
use records::{Error, Value};
use web::form::{Form, Section};
use web::view::Link;
use web::{Result, Submission, see_other};

use crate::pages::FormPage;

/// The sections of the form: heading, fields.
const SECTIONS: [(&str, &[&str]); 3] = [
    ("Company", &["name", "industry", "tier", "web"]),
    ("How to reach it", &["mails", "phones", "addresses"]),
    (
        "More",
        &["founded_year", "employees", "revenue", "description"],
    ),
];

/// What the form holds.
#[derive(Default)]
struct Shown {
    id: Option<RecordId>,
    rev: u64,
    values: BTreeMap<u16, Value>,
    errors: BTreeMap<String, String>,
    error: String,
}

fn names() -> Vec<&'static str> {
    SECTIONS
        .iter()
        .flat_map(|(_, fields)| fields.iter().copied())
        .collect()
}

fn decide(desk: &Desk, who: &SignedIn, action: Action) -> Result<Decision> {
    let kind = desk.records().kind("company");
    desk.read(&who.context, |_, act| {
        Ok(act.decide(action, LeafAction::Open, kind.rules())?)
    })
}

fn view(desk: &Desk, who: &SignedIn, decision: &Decision, shown: Shown) -> FormPage {
    let kind = desk.records().kind("company");
    let shell = desk.shell(
        who,
        if shown.id.is_some() {
            "Edit company"
        } else {
            "New company"
        },
        "companies",
    );
    let sections = SECTIONS
        .iter()
        .map(|(heading, fields)| Section {
            heading: (*heading).into(),
            note: String::new(),
            items: form_items(kind, fields, decision, &shown.values, &shown.errors),
        })
        .collect();
    let place = shown
        .id
        .map_or_else(|| "/companies".to_owned(), |id| format!("/companies/{id}"));
    let form = Form {
        id: "company-form",
        action: shown.id.map_or_else(
            || "/companies/new".to_owned(),
            |id| format!("/companies/{id}/edit"),
        ),
        csrf: shell.csrf.clone(),
        rev: shown.id.map(|_| shown.rev.to_string()).unwrap_or_default(),
        sections,
        error: shown.error,
        button: if shown.id.is_some() {
            "Save"
        } else {
            "Add company"
        }
        .into(),
        anyway: String::new(),
        cancel: place.clone(),
        duplicates_at: String::new(),
    };
    let name = shown
        .id
        .and_then(|id| desk.records().names().get(kind.id, id));
    FormPage {
        heading: name.unwrap_or_else(|| "New company".into()),
        back: Link::new(
            if shown.id.is_some() {
                "Company"
            } else {
                "Companies"
            },
            place,
        ),
        form,
        shell,
    }
}

pub async fn new(who: SignedIn, State(desk): State<Desk>) -> Result<Response> {
    desk.run(move |desk| {
        let decision = decide(desk, &who, Action::Create)?;
        Ok(web::page(&view(desk, &who, &decision, Shown::default())))
    })
    .await
}

pub async fn create(who: SignedIn, State(desk): State<Desk>, sent: Submission) -> Result<Response> {
    sent.check(&who.secret)?;
    desk.run(move |desk| {
        let decision = decide(desk, &who, Action::Create)?;
        let kind = desk.records().kind("company");
        let (draft, errors) =
            draft_from(kind, &names(), &decision, &sent, &desk.records().country());
        let nameless = draft.get(kind, "name").is_none();
        if nameless || !errors.is_empty() {
            let error = if nameless {
                "Give the company a name."
            } else {
                "Look at the fields marked below; nothing was saved yet."
            };
            let shown = Shown {
                values: draft.values,
                errors,
                error: error.into(),
                ..Shown::default()
            };
            return Ok(web::page_with_status(
                StatusCode::UNPROCESSABLE_ENTITY,
                &view(desk, &who, &decision, shown),
            ));
        }
        let id = desk.write(&who.context, move |records, act| {
            let origin = typed_in(act);
            records.create(act, records.kind("company"), draft, &origin)
        })?;
        Ok(see_other(&format!("/companies/{id}?done=created")))
    })
    .await
}

pub async fn edit(
    who: SignedIn,
    State(desk): State<Desk>,
    Path(id): Path<String>,
) -> Result<Response> {
    desk.run(move |desk| {
        let id = record_id(&id)?;
        let decision = decide(desk, &who, Action::Change)?;
        let kind = desk.records().kind("company");
        let record = desk.read(&who.context, |records, act| {
            records.open(act, kind, id)?.ok_or(Error::Absent)
        })?;
        let values = record
            .fields
            .into_iter()
            .filter_map(|shown| Some((shown.column, shown.value?)))
            .collect();
        let shown = Shown {
            id: Some(id),
            rev: record.rev,
            values,
            ..Shown::default()
        };
        Ok(web::page(&view(desk, &who, &decision, shown)))
    })
    .await
}

pub async fn change(
    who: SignedIn,
    State(desk): State<Desk>,
    Path(id): Path<String>,
    sent: Submission,
) -> Result<Response> {
    sent.check(&who.secret)?;
    desk.run(move |desk| {
        let id = record_id(&id)?;
        let decision = decide(desk, &who, Action::Change)?;
        let kind = desk.records().kind("company");
        let rev: u64 = sent.text("rev").parse().map_err(|_| web::Error::absent())?;
        let (draft, errors) = draft_from(kind, &names(), &decision, &sent, &desk.records().country());
        let typed = draft.values.clone();
        if !errors.is_empty() {
            let error = "Look at the fields marked below; nothing was saved yet.".into();
            let shown = Shown { id: Some(id), rev, values: typed, errors, error };
            return Ok(web::page_with_status(StatusCode::UNPROCESSABLE_ENTITY, &view(desk, &who, &decision, shown)));
        }
        let changes = changes_from(kind, &names(), &decision, draft);
        let outcome = desk.write(&who.context, move |records, act| {
            let origin = typed_in(act);
            records.change(act, records.kind("company"), id, Some(rev), changes, &origin)
        });
        match outcome {
            Ok(_) => Ok(see_other(&format!("/companies/{id}?done=changed"))),
            Err(Error::Changed { current }) => {
                let error = "Somebody else changed this company meanwhile. Your version is below: compare it, then save again.".into();
                let shown = Shown { id: Some(id), rev: current, values: typed, error, ..Shown::default() };
                Ok(web::page_with_status(StatusCode::CONFLICT, &view(desk, &who, &decision, shown)))
            }
            Err(error) => {
                Err(error.into())
            }
        }
    })
    .await
}

//! The form of a contact: new and changed, with the warning about people it may be already.

use std::collections::BTreeMap;

use access::{Action, Decision};
use act::LeafAction;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use base::{Fault, FaultKind, RecordId};
use desk::{Desk, SignedIn, changes_from, day_of, draft_from, form_items, record_id, typed_in};
use records::{Draft, Error, Kind, Origin, Records, Value, normalise};
use web::form::{Field, Form, Item, Section, Width};
use web::view::{Avatar, Choice, Link};
use web::{Result, Submission, see_other};

use crate::pages::{Duplicate, Duplicates, FormPage};

/// The sections of the form: heading, note, fields.
const SECTIONS: [(&str, &str, &[&str]); 4] = [
    (
        "Who",
        "",
        &[
            "given_name",
            "family_name",
            "prefix",
            "middle_name",
            "suffix",
            "nickname",
        ],
    ),
    (
        "How to reach them",
        "The first mail and the first phone are used first.",
        &["mails", "phones", "addresses", "web"],
    ),
    ("Work", "", &["job_title", "department", "stage", "source"]),
    (
        "More",
        "Only what the work really needs. Each field shows its class.",
        &["language", "birthday", "needs"],
    ),
];

/// The company is a link, typed by name.
const COMPANY: &str = "company";
/// On what basis somebody who was erased comes back.
const BASIS: &str = "fresh_basis";

fn names() -> Vec<&'static str> {
    SECTIONS
        .iter()
        .flat_map(|(_, _, fields)| fields.iter().copied())
        .collect()
}

fn decide(desk: &Desk, who: &SignedIn, action: Action) -> Result<Decision> {
    let kind = desk.records().kind("person");
    desk.read(&who.context, |_, act| {
        Ok(act.decide(action, LeafAction::Open, kind.rules())?)
    })
}

pub async fn new(who: SignedIn, State(desk): State<Desk>) -> Result<Response> {
    desk.run(move |desk| {
        let decision = decide(desk, &who, Action::Create)?;
        let page = Shown::default();
        Ok(web::page(&view(
            desk,
            &who,
            &decision,
            page,
            &BTreeMap::new(),
            Duplicates::default(),
            String::new(),
        )))
    })
    .await
}

/// What the form holds.
#[derive(Default)]
struct Shown {
    id: Option<RecordId>,
    rev: u64,
    name: String,
    company: String,
    values: BTreeMap<u16, Value>,
    /// Whether somebody like this was erased on request.
    erased: bool,
}

fn view(
    desk: &Desk,
    who: &SignedIn,
    decision: &Decision,
    shown: Shown,
    errors: &BTreeMap<String, String>,
    duplicates: Duplicates,
    error: String,
) -> FormPage {
    let kind = desk.records().kind("person");
    let shell = desk.shell(
        who,
        if shown.id.is_some() {
            "Edit contact"
        } else {
            "New contact"
        },
        "contacts",
    );
    let sections = SECTIONS
        .iter()
        .map(|(heading, note, fields)| {
            let mut items = form_items(kind, fields, decision, &shown.values, errors);
            if *heading == "Work" {
                items.insert(0, company_item(desk, &shown.company));
            }
            Section {
                heading: (*heading).into(),
                note: (*note).into(),
                items,
            }
        })
        .filter(|section| !section.items.is_empty());
    let sections = shown
        .erased
        .then(basis_section)
        .into_iter()
        .chain(sections)
        .collect();
    let (action, cancel) = match shown.id {
        Some(id) => (format!("/contacts/{id}/edit"), format!("/contacts/{id}")),
        None => ("/contacts/new".to_owned(), "/contacts".to_owned()),
    };
    let form = Form {
        id: "contact-form",
        action,
        csrf: shell.csrf.clone(),
        rev: shown.id.map(|_| shown.rev.to_string()).unwrap_or_default(),
        sections,
        error,
        button: if shown.id.is_some() {
            "Save"
        } else {
            "Add contact"
        }
        .into(),
        anyway: if shown.id.is_none() && !duplicates.found.is_empty() {
            "Add anyway".into()
        } else {
            String::new()
        },
        cancel: cancel.clone(),
        duplicates_at: if shown.id.is_none() {
            "/contacts/duplicates".into()
        } else {
            String::new()
        },
    };
    FormPage {
        heading: if shown.id.is_some() {
            shown.name
        } else {
            "New contact".into()
        },
        back: Link::new(
            if shown.id.is_some() {
                "Contact"
            } else {
                "Contacts"
            },
            cancel,
        ),
        duplicates,
        form,
        shell,
    }
}

fn company_item(desk: &Desk, company: &str) -> Item {
    let kind = desk.records().kind("company").id;
    let known = desk.records().names().page(kind, None, false, SUGGESTED);
    let pairs: Vec<(String, String)> = known
        .into_iter()
        .map(|found| (found.shown.clone(), found.shown))
        .collect();
    Field::suggest(COMPANY, "Company", Choice::list(&pairs, ""))
        .value(company)
        .class("employment")
        .help("A company that is not here yet is added.")
        .width(Width::Half)
        .into()
}

/// Asks on what basis somebody who was erased on request comes back.
fn basis_section() -> Section {
    let choices = [
        ("", "Choose one"),
        ("own_request", "They asked for it themselves"),
        ("consent", "They gave consent again"),
        ("contract", "A contract with them needs it"),
        ("legal_duty", "The law demands it"),
    ];
    let field = Field::select(BASIS, "Fresh basis", Choice::list(&choices, ""));
    Section {
        heading: "Erased on request before".into(),
        note: "What you choose is written into the log.".into(),
        items: vec![
            field
                .help("Without one of these they stay forgotten.")
                .into(),
        ],
    }
}

/// Companies suggested by name; all are found when typed in full.
const SUGGESTED: usize = 500;

pub async fn create(who: SignedIn, State(desk): State<Desk>, sent: Submission) -> Result<Response> {
    sent.check(&who.secret)?;
    desk.run(move |desk| {
        let decision = decide(desk, &who, Action::Create)?;
        let kind = desk.records().kind("person");
        let (draft, errors) =
            draft_from(kind, &names(), &decision, &sent, &desk.records().country());
        let company = sent.text(COMPANY).to_owned();
        let again = |draft: Draft,
                     errors: &BTreeMap<String, String>,
                     duplicates: Duplicates,
                     error: &str| {
            let shown = Shown {
                company: company.clone(),
                values: draft.values,
                ..Shown::default()
            };
            let page = view(
                desk,
                &who,
                &decision,
                shown,
                errors,
                duplicates,
                error.to_owned(),
            );
            Ok(web::page_with_status(
                StatusCode::UNPROCESSABLE_ENTITY,
                &page,
            ))
        };
        if !errors.is_empty() {
            return again(
                draft,
                &errors,
                Duplicates::default(),
                "Look at the fields marked below; nothing was saved yet.",
            );
        }
        if draft.values.is_empty() {
            return again(
                draft,
                &errors,
                Duplicates::default(),
                "Write at least a name, a mail address or a phone number.",
            );
        }
        if !sent.has("anyway") {
            let duplicates = find_duplicates(desk, &who, &draft)?;
            if !duplicates.found.is_empty() {
                return again(
                    draft,
                    &errors,
                    duplicates,
                    "Somebody like this is here already. Look below, or add them anyway.",
                );
            }
        }
        let basis = sent.one(BASIS).map(str::to_owned);
        let (door, typed) = (desk.clone(), draft.clone());
        let named = company.clone();
        let made = desk.write(&who.context, move |records, act| {
            let kind = records.kind("person");
            let origin = typed_in(act);
            let mut draft = draft;
            door.admit(act, kind, &draft, basis.as_deref())?;
            if let (Some(link), Some(company)) = (
                kind.link("works_at"),
                company_of(records, act, &named, &origin)?,
            ) {
                draft.links.push((link, company));
            }
            records.create(act, kind, draft, &origin)
        });
        match made {
            Ok(id) => Ok(see_other(&format!("/contacts/{id}?done=created"))),
            Err(Error::Suppressed { since }) => {
                let said = format!(
                    "Somebody like this was erased on request on {}. Say below on what fresh basis they come back; nothing was saved yet.",
                    day_of(since)
                );
                let shown = Shown { company, values: typed.values, erased: true, ..Shown::default() };
                let page = view(desk, &who, &decision, shown, &errors, Duplicates::default(), said);
                Ok(web::page_with_status(StatusCode::CONFLICT, &page))
            }
            Err(error) => Err(error.into()),
        }
    })
    .await
}

pub async fn duplicates(
    who: SignedIn,
    State(desk): State<Desk>,
    sent: Submission,
) -> Result<Response> {
    sent.check(&who.secret)?;
    desk.run(move |desk| {
        let decision = decide(desk, &who, Action::Create)?;
        let kind = desk.records().kind("person");
        let (mut draft, errors) =
            draft_from(kind, &names(), &decision, &sent, &desk.records().country());
        // Half-typed values find nobody; they are no reason to complain yet.
        draft.values.retain(|column, _| {
            kind.field_at(*column)
                .is_some_and(|field| !errors.contains_key(&field.name))
        });
        Ok(web::fragment(&find_duplicates(desk, &who, &draft)?))
    })
    .await
}

fn find_duplicates(desk: &Desk, who: &SignedIn, draft: &Draft) -> Result<Duplicates> {
    let kind = desk.records().kind("person");
    let found = desk.read(&who.context, |records, act| {
        records.duplicates(act, kind, draft)
    })?;
    let found = found
        .into_iter()
        .map(|one| Duplicate {
            avatar: Avatar::of(&one.name),
            href: format!("/contacts/{}", one.id),
            name: if one.name.is_empty() {
                "masked".into()
            } else {
                one.name
            },
            reasons: one.reasons.into_iter().map(str::to_owned).collect(),
        })
        .collect();
    Ok(Duplicates {
        found,
        hidden: false,
    })
}

pub async fn edit(
    who: SignedIn,
    State(desk): State<Desk>,
    Path(id): Path<String>,
) -> Result<Response> {
    desk.run(move |desk| {
        let id = record_id(&id)?;
        let decision = decide(desk, &who, Action::Change)?;
        let shown = load(desk, &who, id)?;
        Ok(web::page(&view(
            desk,
            &who,
            &decision,
            shown,
            &BTreeMap::new(),
            Duplicates::default(),
            String::new(),
        )))
    })
    .await
}

fn load(desk: &Desk, who: &SignedIn, id: RecordId) -> Result<Shown> {
    let kind = desk.records().kind("person");
    let (record, company) = desk.read(&who.context, |records, act| {
        let record = records.open(act, kind, id)?.ok_or(Error::Absent)?;
        let company = match kind.link("works_at") {
            Some(link) => records.linked_from(act, id, link)?.first().copied(),
            None => None,
        };
        Ok((record, company))
    })?;
    let companies = desk.records().kind("company").id;
    let company = company
        .and_then(|company| desk.records().names().get(companies, company))
        .unwrap_or_default();
    let values = record
        .fields
        .into_iter()
        .filter_map(|shown| Some((shown.column, shown.value?)))
        .collect();
    Ok(Shown {
        id: Some(id),
        rev: record.rev,
        name: record.name,
        company,
        values,
        erased: false,
    })
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
        let kind = desk.records().kind("person");
        let rev: u64 = sent.text("rev").parse().map_err(|_| web::Error::absent())?;
        let (draft, errors) = draft_from(kind, &names(), &decision, &sent, &desk.records().country());
        let company = sent.text(COMPANY).to_owned();
        let again = |values: BTreeMap<u16, Value>, errors: &BTreeMap<String, String>, error: String, rev: u64| {
            let name = desk.records().names().get(kind.id, id).unwrap_or_default();
            let shown = Shown { id: Some(id), rev, name, company: company.clone(), values, erased: false };
            view(desk, &who, &decision, shown, errors, Duplicates::default(), error)
        };
        if !errors.is_empty() {
            let error = "Look at the fields marked below; nothing was saved yet.".to_owned();
            return Ok(web::page_with_status(StatusCode::UNPROCESSABLE_ENTITY, &again(draft.values, &errors, error, rev)));
        }
        let typed = draft.values.clone();
        let changes = changes_from(kind, &names(), &decision, draft);
        let named = company.clone();
        let outcome = desk.write(&who.context, move |records, act| {
            let kind = records.kind("person");
            let origin = typed_in(act);
            records.change(act, kind, id, Some(rev), changes, &origin)?;
            if let Some(link) = kind.link("works_at") {
                let company = company_of(records, act, &named, &origin)?;
                records.relink(act, kind, id, link, company.as_slice())?;
            }
            Ok(())
        });
        match outcome {
            Ok(()) => Ok(see_other(&format!("/contacts/{id}?done=changed"))),
            // What was typed stays in the form, now on top of the newer revision.
            Err(error) if error.kind() == FaultKind::Conflict => {
                let current = match error {
                    Error::Changed { current } => current,
                    _ => rev,
                };
                let said = "Somebody else changed this contact meanwhile. Your version is below: compare it with the contact, then save again.";
                Ok(web::page_with_status(StatusCode::CONFLICT, &again(typed, &BTreeMap::new(), said.to_owned(), current)))
            }
            Err(error) => Err(error.into()),
        }
    })
    .await
}

/// The company of this name; made when it is not here, none when nothing was typed.
fn company_of(
    records: &Records,
    act: &mut act::Act<'_, '_>,
    name: &str,
    origin: &Origin,
) -> std::result::Result<Option<RecordId>, Error> {
    if normalise::whole(name).is_empty() {
        return Ok(None);
    }
    let kind: &Kind = records.kind("company");
    let mut draft = Draft::default();
    draft.set(kind, "name", &name.into(), &records.country())?;
    if let Some(known) = records.known(act, kind, &draft, true)? {
        return Ok(Some(known));
    }
    records.create(act, kind, draft, origin).map(Some)
}

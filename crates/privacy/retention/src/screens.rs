//! The screens of an erasure: the plan, the name typed to confirm it, the certificate, the list of all.

use access::Action;
use axum::Router;
use axum::extract::{FromRef, Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base::RecordId;
use desk::{Desk, NavEntry, SignedIn, day_of, record_id};
use serde_json::Value;
use web::view::{Avatar, Confirm, Link, counted, grouped};
use web::{Result, Submission, see_other};

use crate::pages::{CertificatePage, ErasuresPage, Going, Line, PlanPage, Staying};
use crate::{Entry, Erasure, ErasureId, Plan, State as Stage};

/// Its place on the rail.
pub const NAV: NavEntry = NavEntry {
    group: "Privacy",
    key: "erasures",
    label: "Erasures",
    href: "/erasures",
    icon: "hourglass",
    counts: None,
    shortcut: "e",
    needs: Action::Erase,
};

/// Lines of the journal on the page.
const LINES: u32 = 200;

#[derive(Clone)]
struct Room {
    desk: Desk,
    erasure: Erasure,
}

impl FromRef<Room> for Desk {
    fn from_ref(room: &Room) -> Self {
        room.desk.clone()
    }
}

/// Its routes.
pub fn routes(desk: Desk, erasure: Erasure) -> Router {
    Router::new()
        .route("/contacts/{id}/erase", get(plan).post(erase))
        .route("/erasures", get(list))
        .route("/erasures/{id}", get(certificate))
        .route("/erasures/{id}/certificate.txt", get(file))
        .with_state(Room { desk, erasure })
}

async fn plan(who: SignedIn, State(room): State<Room>, Path(id): Path<String>) -> Result<Response> {
    room.desk
        .clone()
        .run(move |desk| {
            let person = record_id(&id)?;
            let plan = read_plan(desk, &room.erasure, &who, person)?;
            Ok(web::page(&plan_view(desk, &who, &plan, String::new())))
        })
        .await
}

fn read_plan(desk: &Desk, erasure: &Erasure, who: &SignedIn, person: RecordId) -> Result<Plan> {
    Ok(desk
        .records()
        .acts()
        .read(&who.context, |act| erasure.plan(act, person))?)
}

fn name_of(desk: &Desk, person: RecordId) -> String {
    let name = desk
        .records()
        .names()
        .get(desk.records().kind("person").id, person);
    name.filter(|name| !name.is_empty())
        .unwrap_or_else(|| "ERASE".into())
}

fn plan_view(desk: &Desk, who: &SignedIn, plan: &Plan, error: String) -> PlanPage {
    let name = name_of(desk, plan.person);
    let shell = desk.shell(who, "Erase", "contacts");
    let back = format!("/contacts/{}", plan.person);
    let goes: Vec<Going> = plan
        .goes
        .iter()
        .filter(|goes| goes.count > 0)
        .map(|goes| Going {
            holder: goes.holder.to_owned(),
            what: goes.what.clone(),
            how: goes.place.replace('_', " "),
            count: grouped(goes.count),
        })
        .collect();
    let total: u64 = plan.goes.iter().map(|goes| goes.count).sum();
    let mut stays: Vec<Staying> = plan
        .stays
        .iter()
        .filter(|stays| stays.count > 0)
        .map(|stays| Staying {
            what: if stays.count == 1 {
                sentence(stays.what)
            } else {
                format!("{} {}", grouped(stays.count), stays.what)
            },
            why: stays.why.to_owned(),
            until: String::new(),
        })
        .collect();
    stays.push(Staying {
        what: counted(plan.fingerprints, "keyed fingerprint", "keyed fingerprints"),
        why: "so that an import, a form or a program does not bring them back without a fresh basis; nobody can be read out of them".into(),
        until: String::new(),
    });
    PlanPage {
        avatar: Avatar::of(&name),
        back: Link::new(name.clone(), back.clone()),
        goes,
        total: counted(total, "entry", "entries"),
        stays,
        backups: "Their key is taken out of every backup of keys that can be reached, and no key file may be older than seven days: what any backup holds of them can then be read by nobody.".into(),
        stopped: String::new(),
        confirm: Some(Confirm {
            id: "erase-form",
            action: format!("/contacts/{}/erase", plan.person),
            csrf: shell.csrf.clone(),
            warning: format!("{name} will be forgotten: here, in the log and in every backup. This cannot be undone by anyone."),
            name: name.clone(),
            button: "Erase for good".into(),
            cancel: back,
            error,
            carried: vec![("plan", plan.digest())],
        }),
        name,
        shell,
    }
}

/// With a capital letter.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

async fn erase(
    who: SignedIn,
    State(room): State<Room>,
    Path(id): Path<String>,
    sent: Submission,
) -> Result<Response> {
    sent.check(&who.secret)?;
    room.desk.clone().run(move |desk| {
        let person = record_id(&id)?;
        let plan = read_plan(desk, &room.erasure, &who, person)?;
        let again = |error: &str| {
            let view = plan_view(desk, &who, &plan, error.to_owned());
            Ok(web::page_with_status(StatusCode::UNPROCESSABLE_ENTITY, &view))
        };
        if sent.text("typed") != name_of(desk, person).trim() {
            return again("Type the name exactly as it stands above; nothing was erased.");
        }
        if sent.text("plan") != plan.digest() {
            return again("Something was added since the plan was shown. Look at it again; nothing was erased.");
        }
        let certificate = room.erasure.erase(&who.context, person)?;
        Ok(see_other(&format!("/erasures/{}?done=erased", certificate.id)))
    }).await
}

fn line(desk: &Desk, room: &Erasure, who: &SignedIn, id: &str) -> Result<Entry> {
    let id: ErasureId = id.parse().map_err(|_| web::Error::absent())?;
    let line = desk
        .records()
        .acts()
        .read(&who.context, |act| room.line(act, id))?;
    line.ok_or_else(web::Error::absent)
}

async fn list(who: SignedIn, State(room): State<Room>) -> Result<Response> {
    room.desk
        .clone()
        .run(move |desk| {
            let entries = desk
                .records()
                .acts()
                .read(&who.context, |act| room.erasure.journal(act, LINES))?;
            let lines = entries
                .iter()
                .map(|entry| Line {
                    href: format!("/erasures/{}", entry.id),
                    number: entry.id.to_string(),
                    when: day_of(entry.begun_at),
                    done: entry.state == Stage::Done,
                })
                .collect();
            Ok(web::page(&ErasuresPage {
                shell: desk.shell(&who, "Erasures", "erasures"),
                lines,
            }))
        })
        .await
}

async fn certificate(
    who: SignedIn,
    State(room): State<Room>,
    Path(id): Path<String>,
) -> Result<Response> {
    room.desk
        .clone()
        .run(move |desk| {
            let entry = line(desk, &room.erasure, &who, &id)?;
            let text = entry.certificate.clone().ok_or_else(web::Error::absent)?;
            let said = crate::Certificate { id: entry.id, text }.statement()?;
            Ok(web::page(&certificate_view(desk, &who, &entry, &said)))
        })
        .await
}

fn certificate_view(desk: &Desk, who: &SignedIn, entry: &Entry, said: &Value) -> CertificatePage {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let rows = |key: &str| said[key].as_array().cloned().unwrap_or_default();
    let went = rows("places")
        .iter()
        .filter(|row| row["count"].as_u64() != Some(0))
        .map(|row| Going {
            holder: text(&row["holder"]),
            what: text(&row["what"]),
            how: text(&row["place"]).replace('_', " "),
            count: text(&row["count"]),
        })
        .collect();
    let stays = rows("stays")
        .iter()
        .map(|row| Staying {
            what: text(&row["what"]),
            why: text(&row["why"]),
            until: String::new(),
        })
        .collect();
    let actor = entry.actor;
    let by = if actor.is_nil() {
        "the machine's operator".into()
    } else {
        desk.identity()
            .user_name(actor)
            .unwrap_or_else(|| "a former user".into())
    };
    CertificatePage {
        shell: desk.shell(who, "Certificate of erasure", "erasures"),
        number: entry.id.to_string(),
        when: entry.begun_at.rfc3339(),
        by,
        because: "asked for by the person or due by retention".into(),
        went,
        stays,
        leaf: text(&said["tombstone"]["leaf"]),
        tree_size: text(&said["tree"]["size"]),
        root: text(&said["tree"]["root"]),
        key: desk.records().acts().log_origin(),
        file_href: format!("/erasures/{}/certificate.txt", entry.id),
    }
}

async fn file(who: SignedIn, State(room): State<Room>, Path(id): Path<String>) -> Result<Response> {
    room.desk
        .clone()
        .run(move |desk| {
            let entry = line(desk, &room.erasure, &who, &id)?;
            let text = entry.certificate.ok_or_else(web::Error::absent)?;
            let headers = [
                (CONTENT_TYPE, "text/plain; charset=utf-8"),
                (
                    CONTENT_DISPOSITION,
                    "attachment; filename=\"certificate-of-erasure.txt\"",
                ),
            ];
            Ok((headers, text).into_response())
        })
        .await
}

//! The first step: a file is chosen and read from end to end.

use axum::extract::{Multipart, State};
use axum::response::Response;
use base::RequestId;
use desk::{Desk, SignedIn, when};
use web::view::{Chip, Choice, Tone};
use web::{Result, see_other};

use super::{Wizard, allowed, said};
use crate::jobs::{FILE_MAX, Job, Jobs, State as Stage};
use crate::pages::{Earlier, UploadPage, way};
use crate::{Kind, ReadError, guess_kind};

pub(super) async fn upload_page(who: SignedIn, State(wizard): State<Wizard>) -> Result<Response> {
    wizard
        .desk
        .clone()
        .run(move |desk| {
            allowed(desk, &who)?;
            Ok(web::page(&upload_view(
                desk,
                &who,
                &wizard.jobs,
                String::new(),
            )))
        })
        .await
}

fn upload_view(desk: &Desk, who: &SignedIn, jobs: &Jobs, error: String) -> UploadPage {
    let now = desk.now();
    let before = jobs.of(who.context.actor).into_iter().map(|(id, job)| {
        let (did, state, href) = match &*job.state() {
            Stage::Mapping => (
                String::new(),
                Chip::new(Tone::Wait, "columns"),
                format!("/import/{id}/mapping"),
            ),
            Stage::Checked(..) => (
                String::new(),
                Chip::new(Tone::Wait, "checked"),
                format!("/import/{id}/check"),
            ),
            Stage::Running => (
                String::new(),
                Chip::new(Tone::Info, "running"),
                format!("/import/{id}"),
            ),
            Stage::Ended(report, _) => (
                said(report),
                Chip::new(Tone::Yes, "done"),
                format!("/import/{id}"),
            ),
            Stage::Failed(why) => (
                why.clone(),
                Chip::new(Tone::No, "failed"),
                format!("/import/{id}"),
            ),
        };
        Earlier {
            file: job.file.clone(),
            href,
            did,
            when: when(job.began, now),
            state,
        }
    });
    UploadPage {
        shell: desk.shell(who, "Import", "import"),
        steps: way(0),
        kinds: Choice::list(
            &[
                ("", "Find out from the headings"),
                ("person", "People"),
                ("company", "Companies"),
            ],
            "",
        ),
        largest: format!("{} MB", FILE_MAX >> 20),
        error,
        before: before.collect(),
    }
}

pub(super) async fn upload(
    who: SignedIn,
    State(wizard): State<Wizard>,
    mut form: Multipart,
) -> Result<Response> {
    let (mut csrf, mut kind, mut name, mut bytes) =
        (String::new(), String::new(), String::new(), Vec::new());
    loop {
        let part = form
            .next_field()
            .await
            .map_err(|error| web::Error::of_status(error.status()))?;
        let Some(part) = part else { break };
        let field = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(str::to_owned);
        let content = part
            .bytes()
            .await
            .map_err(|error| web::Error::of_status(error.status()))?;
        let text = || String::from_utf8_lossy(&content).into_owned();
        match field.as_str() {
            "csrf" => csrf = text(),
            "kind" => kind = text(),
            "file" => {
                // Only the last part of the name: what lies before it is the sender's machine.
                name = file
                    .unwrap_or_default()
                    .rsplit(['/', '\\'])
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                bytes = content.to_vec();
            }
            _ => {}
        }
    }
    web::csrf::check(&who.secret, &csrf)?;
    wizard
        .desk
        .clone()
        .run(move |desk| {
            allowed(desk, &who)?;
            let again = |error: String| {
                let view = upload_view(desk, &who, &wizard.jobs, error);
                Ok(web::page_with_status(
                    axum::http::StatusCode::UNPROCESSABLE_ENTITY,
                    &view,
                ))
            };
            if name.is_empty() {
                return again("Choose a file first.".into());
            }
            match take_in(desk, &who, &name, &kind, bytes) {
                Ok(job) => {
                    let id = RequestId::new(
                        &*desk.records().acts().clock(),
                        &*desk.records().acts().rng(),
                    );
                    wizard.jobs.add(id, job, desk.now())?;
                    Ok(see_other(&format!("/import/{id}/mapping")))
                }
                Err(error) => again(format!("{name}: {error}. Nothing was imported.")),
            }
        })
        .await
}

fn take_in(
    desk: &Desk,
    who: &SignedIn,
    name: &str,
    kind: &str,
    bytes: Vec<u8>,
) -> std::result::Result<Job, ReadError> {
    let guessed = {
        let source = crate::Source::open(std::io::Cursor::new(&bytes), &crate::Options::default())?;
        guess_kind(source.headers()).kind
    };
    let kind = match kind {
        "person" => Kind::Person,
        "company" => Kind::Company,
        _ => guessed,
    };
    Job::new(who.context.actor, name.to_owned(), kind, bytes, desk.now())
}

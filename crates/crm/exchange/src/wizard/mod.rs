//! The import in the browser, in four steps: file, columns, check, import. Nothing is saved before the
//! last; a closed tab stops nothing.

mod columns;
mod run;
mod upload;

use std::sync::Arc;

use access::Action;
use act::LeafAction;
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::routing::{get, post};
use base::RequestId;
use desk::{Desk, SignedIn};
use web::Result;
use web::view::{Count, Tone, counted, grouped};

use crate::Kind;
use crate::import::{Options, Report};
use crate::jobs::{FILE_MAX, Job, Jobs};

#[derive(Clone)]
struct Wizard {
    desk: Desk,
    jobs: Jobs,
}

impl FromRef<Wizard> for Desk {
    fn from_ref(wizard: &Wizard) -> Self {
        wizard.desk.clone()
    }
}

/// Its routes.
pub fn routes(desk: Desk, jobs: Jobs) -> Router {
    Router::new()
        .route(
            "/import",
            get(upload::upload_page)
                .post(upload::upload)
                .layer(DefaultBodyLimit::max(FILE_MAX)),
        )
        .route("/import/{id}", get(run::progress))
        .route(
            "/import/{id}/mapping",
            get(columns::mapping_page).post(columns::map),
        )
        .route("/import/{id}/check", get(run::check_page))
        .route("/import/{id}/start", post(run::start))
        .route("/import/{id}/cancel", post(run::cancel))
        .route("/import/{id}/errors.csv", get(run::errors))
        .with_state(Wizard { desk, jobs })
}

/// Whoever may not import learns so before anything else.
fn allowed(desk: &Desk, who: &SignedIn) -> Result<()> {
    desk.read(&who.context, |_, act| {
        Ok(act.allow(Action::Import, LeafAction::Import)?)
    })
}

fn job(wizard: &Wizard, who: &SignedIn, id: &str) -> Result<Arc<Job>> {
    let id: RequestId = id.parse().map_err(|_| web::Error::absent())?;
    wizard
        .jobs
        .get(id, who.context.actor)
        .ok_or_else(web::Error::absent)
}

fn options(jobs: &Jobs, job: &Job, dry_run: bool) -> Options {
    Options {
        file: job.file.clone(),
        dry_run,
        is_suppressed: Arc::clone(&jobs.is_suppressed),
    }
}

fn words(kind: Kind, count: u64) -> String {
    match kind {
        Kind::Person => counted(count, "person", "people"),
        Kind::Company => counted(count, "company", "companies"),
    }
}

fn counts(report: &Report) -> Vec<Count> {
    let all = [
        ("New", report.created, Tone::Yes),
        ("Here already", report.already_here, Tone::Plain),
        ("Companies added", report.companies_created, Tone::Plain),
        ("Notes", report.notes_created, Tone::Plain),
        ("Erased before", report.suppressed, Tone::Wait),
        ("Cannot be taken", report.rejected, Tone::No),
    ];
    all.into_iter()
        .filter(|(label, count, _)| *count > 0 || matches!(*label, "New" | "Cannot be taken"))
        .map(|(label, count, tone)| Count {
            label: label.into(),
            value: grouped(count),
            note: String::new(),
            href: String::new(),
            tone: if count == 0 { Tone::Plain } else { tone },
        })
        .collect()
}

fn said(report: &Report) -> String {
    format!(
        "{} new, {} here already, {} not taken",
        grouped(report.created),
        grouped(report.already_here),
        grouped(report.rejected)
    )
}

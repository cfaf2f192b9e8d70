//! The last steps: what would happen, the import itself, what it did.

use std::sync::atomic::Ordering;

use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use desk::{Desk, SignedIn};
use web::view::{Link, Meter, grouped};
use web::{Result, Submission, see_other};

use super::{Wizard, counts, job, options, said, words};
use crate::import::{ImportError, Progress, Report, import};
use crate::jobs::{Job, Jobs, State as Stage};
use crate::pages::{CheckPage, PROGRESS_SECONDS, ProgressPage, Rejected, ResultPage, way};
use crate::{Kind, RejectWriter};

pub(super) async fn check_page(
    who: SignedIn,
    State(wizard): State<Wizard>,
    Path(id): Path<String>,
) -> Result<Response> {
    wizard
        .desk
        .clone()
        .run(move |desk| {
            let job = job(&wizard, &who, &id)?;
            let view = match &*job.state() {
                Stage::Checked(report) => Some(check_view(desk, &who, &job, &id, report)),
                _ => None,
            };
            Ok(view.map_or_else(
                || see_other(&format!("/import/{id}/mapping")),
                |view| web::page(&view),
            ))
        })
        .await
}

fn check_view(desk: &Desk, who: &SignedIn, job: &Job, id: &str, report: &Report) -> CheckPage {
    let rejects = report.rejects.iter().map(|reject| Rejected {
        line: reject.line.to_string(),
        column: reject.column.clone().unwrap_or_default(),
        reason: reject.reason.clone(),
    });
    CheckPage {
        shell: desk.shell(who, "Import: check", "import"),
        steps: way(2),
        file: job.file.clone(),
        counts: counts(report),
        rejects: rejects.collect(),
        rejects_href: String::new(),
        start_action: format!("/import/{id}/start"),
        start_label: format!("Import {}", words(job.kind, report.created)),
        back: Link::new("Columns", format!("/import/{id}/mapping")),
    }
}

pub(super) async fn start(
    who: SignedIn,
    State(wizard): State<Wizard>,
    Path(id): Path<String>,
    sent: Submission,
) -> Result<Response> {
    sent.check(&who.secret)?;
    let job = job(&wizard, &who, &id)?;
    {
        let mut state = job.state();
        if !matches!(*state, Stage::Checked(..)) {
            return Ok(see_other(&format!("/import/{id}")));
        }
        *state = Stage::Running;
    }
    let desk = wizard.desk.clone();
    // On a thread of its own: a closed tab stops nothing.
    tokio::task::spawn_blocking(move || {
        let ended = carry_out(&desk, &wizard.jobs, &who, &job);
        job.forget_file();
        *job.state() = match ended {
            Ok((report, errors)) => Stage::Ended(report, errors),
            Err(error) => Stage::Failed(error.to_string()),
        };
    });
    Ok(see_other(&format!("/import/{id}")))
}

fn carry_out(
    desk: &Desk,
    jobs: &Jobs,
    who: &SignedIn,
    job: &Job,
) -> std::result::Result<(Report, Vec<u8>), ImportError> {
    let Some(source) = job.source() else {
        return Ok((Report::default(), Vec::new()));
    };
    let mut source = source?;
    let mapping = job.mapping();
    let mut rejects = RejectWriter::new(Vec::new(), source.headers(), source.form().delimiter)?;
    let report = import(
        desk.records(),
        &who.context,
        &mut source,
        &mapping,
        &options(jobs, job, false),
        &mut rejects,
        &mut |Progress { done, .. }| {
            job.done.store(done, Ordering::Relaxed);
            !job.is_cancelled()
        },
    )?;
    let errors = if report.rejected > 0 {
        rejects.finish()?
    } else {
        Vec::new()
    };
    Ok((report, errors))
}

pub(super) async fn cancel(
    who: SignedIn,
    State(wizard): State<Wizard>,
    Path(id): Path<String>,
    sent: Submission,
) -> Result<Response> {
    sent.check(&who.secret)?;
    job(&wizard, &who, &id)?
        .cancel
        .store(true, Ordering::Relaxed);
    Ok(see_other(&format!("/import/{id}")))
}

pub(super) async fn progress(
    who: SignedIn,
    State(wizard): State<Wizard>,
    Path(id): Path<String>,
) -> Result<Response> {
    wizard.desk.clone().run(move |desk| {
        let job = job(&wizard, &who, &id)?;
        Ok(match &*job.state() {
            Stage::Mapping => see_other(&format!("/import/{id}/mapping")),
            Stage::Checked(..) => see_other(&format!("/import/{id}/check")),
            Stage::Running => web::refresh(web::page(&progress_view(desk, &who, &job, &id)), PROGRESS_SECONDS),
            Stage::Ended(report, errors) => web::page(&result_view(desk, &who, &job, &id, report, !errors.is_empty())),
            Stage::Failed(why) => {
                let report = Report::default();
                let mut view = result_view(desk, &who, &job, &id, &report, false);
                view.heading = "The import stopped".into();
                view.said = format!("{why} What came in before is complete and kept; import the same file again to go on.");
                web::page(&view)
            }
        })
    }).await
}

fn progress_view(desk: &Desk, who: &SignedIn, job: &Job, id: &str) -> ProgressPage {
    let done = job.done.load(Ordering::Relaxed);
    ProgressPage {
        shell: desk.shell(who, "Import", "import"),
        steps: way(3),
        file: job.file.clone(),
        meter: Meter {
            label: "rows imported".into(),
            value: done,
            max: job.rows.max(1),
        },
        done: format!("{} of {} rows", grouped(done), grouped(job.rows)),
        left: if job.is_cancelled() {
            "ending after these rows".into()
        } else {
            "you can close this page; it goes on".into()
        },
        cancel_action: format!("/import/{id}/cancel"),
    }
}

fn result_view(
    desk: &Desk,
    who: &SignedIn,
    job: &Job,
    id: &str,
    report: &Report,
    has_errors: bool,
) -> ResultPage {
    let heading = if report.cancelled {
        "Import ended early"
    } else {
        "Import done"
    };
    let list = match job.kind {
        Kind::Person => Link::new("See contacts", "/contacts?sort=-touched"),
        Kind::Company => Link::new("See companies", "/companies?sort=-touched"),
    };
    let cut = if report.cancelled {
        " Import the same file again to go on where it ended."
    } else {
        ""
    };
    ResultPage {
        shell: desk.shell(who, "Import", "import"),
        steps: way(4),
        heading: heading.into(),
        said: format!("{}: {}.{cut}", job.file, said(report)),
        counts: counts(report),
        rejects_href: if has_errors {
            format!("/import/{id}/errors.csv")
        } else {
            String::new()
        },
        undo_action: None,
        undo_until: String::new(),
        contacts: list,
    }
}

pub(super) async fn errors(
    who: SignedIn,
    State(wizard): State<Wizard>,
    Path(id): Path<String>,
) -> Result<Response> {
    let job = job(&wizard, &who, &id)?;
    let Stage::Ended(_, errors) = &*job.state() else {
        return Err(web::Error::absent());
    };
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            CONTENT_DISPOSITION,
            "attachment; filename=\"not-imported.csv\"",
        ),
    ];
    Ok((headers, errors.clone()).into_response())
}

//! The import in the browser, in four steps: file, columns, check, import. Nothing is saved before the
//! last; a closed tab stops nothing.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use access::Action;
use act::LeafAction;
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef, Multipart, Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base::RequestId;
use desk::{Desk, SignedIn, when};
use records::Kind as RecordKind;
use web::view::{Chip, Choice, Count, Link, Meter, Tone, counted, grouped};
use web::{Result, Submission, see_other};

use crate::import::{ImportError, Options, Progress, Report, import};
use crate::jobs::{FILE_MAX, Job, Jobs, State as Stage};
use crate::pages::{
    CheckPage, Earlier, MappedColumn, MappingPage, PROGRESS_SECONDS, ProgressPage, Rejected,
    ResultPage, TargetGroup, UploadPage, way,
};
use crate::{
    ColumnTarget, Delimiter, Field, Kind, ReadError, RejectWriter, Target, Why, guess_kind,
    recognise,
};

/// Sample values shown beside a column.
const SAMPLES: usize = 3;

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
            get(upload_page)
                .post(upload)
                .layer(DefaultBodyLimit::max(FILE_MAX)),
        )
        .route("/import/{id}", get(progress))
        .route("/import/{id}/mapping", get(mapping_page).post(map))
        .route("/import/{id}/check", get(check_page))
        .route("/import/{id}/start", post(start))
        .route("/import/{id}/cancel", post(cancel))
        .route("/import/{id}/errors.csv", get(errors))
        .with_state(Wizard { desk, jobs })
}

/// Whoever may not import learns so before anything else.
fn allowed(desk: &Desk, who: &SignedIn) -> Result<()> {
    desk.read(&who.context, |_, act| {
        Ok(act.allow(Action::Import, LeafAction::Import)?)
    })
}

async fn upload_page(who: SignedIn, State(wizard): State<Wizard>) -> Result<Response> {
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

async fn upload(
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

fn job(wizard: &Wizard, who: &SignedIn, id: &str) -> Result<Arc<Job>> {
    let id: RequestId = id.parse().map_err(|_| web::Error::absent())?;
    wizard
        .jobs
        .get(id, who.context.actor)
        .ok_or_else(web::Error::absent)
}

async fn mapping_page(
    who: SignedIn,
    State(wizard): State<Wizard>,
    Path(id): Path<String>,
) -> Result<Response> {
    wizard
        .desk
        .clone()
        .run(move |desk| {
            let job = job(&wizard, &who, &id)?;
            Ok(web::page(&mapping_view(desk, &who, &job, &id, None)?))
        })
        .await
}

fn mapping_view(
    desk: &Desk,
    who: &SignedIn,
    job: &Job,
    id: &str,
    error: Option<String>,
) -> Result<MappingPage> {
    let mut source = job.source().ok_or_else(web::Error::absent)??;
    let form = *source.form();
    let headers = source.headers().to_vec();
    let mut samples: Vec<Vec<String>> = vec![Vec::new(); headers.len()];
    for row in source.rows()?.take(50) {
        let Ok(row) = row? else { continue };
        for (held, cell) in samples.iter_mut().zip(row.cells()) {
            if !cell.trim().is_empty()
                && held.len() < SAMPLES
                && !held.iter().any(|known| known == cell)
            {
                held.push(cell.to_owned());
            }
        }
    }
    let mapping = job.mapping();
    let kind = desk.records().kind(job.kind.name());
    let columns =
        headers
            .iter()
            .zip(samples)
            .zip(mapping.columns())
            .map(|((header, samples), target)| {
                let (chosen, why) = match target {
                    ColumnTarget::Import(target) => (target.to_string(), String::new()),
                    ColumnTarget::DoNotImport { why } => (String::new(), why.sentence().to_owned()),
                };
                let class = match target {
                    ColumnTarget::Import(target) => class_of(kind, target.field),
                    ColumnTarget::DoNotImport { .. } => None,
                };
                MappedColumn {
                    header: header.clone(),
                    samples,
                    targets: targets(job.kind, &chosen),
                    class,
                    why,
                    error: String::new(),
                }
            });
    let mut facts = vec![
        counted(job.rows, "row", "rows"),
        form.encoding.name().to_owned(),
        format!("divided by {}", delimiter_name(form.delimiter)),
    ];
    facts.extend(recognise(&headers).map(|source| format!("looks like {}", source.label())));
    Ok(MappingPage {
        shell: desk.shell(who, "Import: columns", "import"),
        steps: way(1),
        action: format!("/import/{id}/mapping"),
        file: job.file.clone(),
        facts,
        columns: columns.collect(),
        error: error.unwrap_or_default(),
    })
}

const fn delimiter_name(delimiter: Delimiter) -> &'static str {
    match delimiter {
        Delimiter::Comma => "commas",
        Delimiter::Semicolon => "semicolons",
        Delimiter::Tab => "tabs",
        Delimiter::Pipe => "vertical bars",
    }
}

/// The class of the field a target lands in.
fn class_of(kind: &RecordKind, field: Field) -> Option<Chip> {
    let own = match field.name() {
        "mail" => "mails",
        "phone" | "phone_calling_code" => "phones",
        "street" | "street2" | "city" | "region" | "postal_code" | "country"
        | "formatted_address" => "addresses",
        "full_name" => "family_name",
        "domain" => "web",
        "company" => "job_title",
        name => name,
    };
    kind.field(own).map(|field| Chip::class_of(&field.class))
}

fn targets(kind: Kind, chosen: &str) -> Vec<TargetGroup> {
    let mut pairs: Vec<(String, String)> = vec![(String::new(), "Do not import".into())];
    let fitting = Field::ALL.iter().filter(|field| field.fits(kind));
    pairs.extend(fitting.map(|field| {
        (
            Target::of(*field).to_string(),
            field.name().replace('_', " "),
        )
    }));
    if !chosen.is_empty() && !pairs.iter().any(|(value, _)| value == chosen) {
        pairs.push((
            chosen.to_owned(),
            chosen.replace('_', " ").replace(':', ", "),
        ));
    }
    vec![TargetGroup {
        label: "Goes to".into(),
        choices: Choice::list(&pairs, chosen),
    }]
}

async fn map(
    who: SignedIn,
    State(wizard): State<Wizard>,
    Path(id): Path<String>,
    sent: Submission,
) -> Result<Response> {
    sent.check(&who.secret)?;
    wizard.desk.clone().run(move |desk| {
        let job = job(&wizard, &who, &id)?;
        let mut mapping = job.mapping();
        let wanted: Vec<String> = sent.all("to").map(str::to_owned).collect();
        let free = ColumnTarget::DoNotImport { why: Why::Chosen };
        // First everything that goes out, so that two columns can change places.
        for (column, to) in wanted.iter().enumerate() {
            let held = mapping.columns().get(column).cloned();
            let same = matches!(&held, Some(ColumnTarget::Import(target)) if target.to_string() == *to);
            let stays_out = to.is_empty() && matches!(held, Some(ColumnTarget::DoNotImport { .. }));
            if !same && !stays_out {
                mapping.set(column, free.clone())?;
            }
        }
        for (column, to) in wanted.iter().enumerate().filter(|(_, to)| !to.is_empty()) {
            let target: Target = to.parse().map_err(|_| web::Error::absent())?;
            if let Err(error) = mapping.set(column, ColumnTarget::Import(target)) {
                let view = mapping_view(desk, &who, &job, &id, Some(error.to_string()))?;
                return Ok(web::page_with_status(axum::http::StatusCode::UNPROCESSABLE_ENTITY, &view));
            }
        }
        *job.mapping.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = mapping;
        *job.state() = Stage::Checked(dry_run(desk, &wizard.jobs, &who, &job)?);
        Ok(see_other(&format!("/import/{id}/check")))
    }).await
}

fn options(jobs: &Jobs, job: &Job, dry_run: bool) -> Options {
    Options {
        file: job.file.clone(),
        dry_run,
        is_suppressed: Arc::clone(&jobs.is_suppressed),
    }
}

fn dry_run(desk: &Desk, jobs: &Jobs, who: &SignedIn, job: &Job) -> Result<Report> {
    let mut source = job.source().ok_or_else(web::Error::absent)??;
    let mapping = job.mapping();
    let mut sink = RejectWriter::new(std::io::sink(), source.headers(), source.form().delimiter)?;
    let options = options(jobs, job, true);
    Ok(import(
        desk.records(),
        &who.context,
        &mut source,
        &mapping,
        &options,
        &mut sink,
        &mut |_| true,
    )?)
}

async fn check_page(
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

async fn start(
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

async fn cancel(
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

async fn progress(
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

async fn errors(
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

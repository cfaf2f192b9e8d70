//! The second step: where each column goes, and a dry run of it.

use axum::extract::{Path, State};
use axum::response::Response;
use desk::{Desk, SignedIn};
use records::Kind as RecordKind;
use web::view::{Chip, Choice, counted};
use web::{Result, Submission, see_other};

use super::{Wizard, job, options};
use crate::import::{Report, import};
use crate::jobs::{Job, Jobs, State as Stage};
use crate::pages::{MappedColumn, MappingPage, TargetGroup, way};
use crate::{ColumnTarget, Delimiter, Field, Kind, RejectWriter, Target, Why, recognise};

/// Sample values shown beside a column.
const SAMPLES: usize = 3;

pub(super) async fn mapping_page(
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
            chosen.replace(['_', '#'], " ").replace(':', ", "),
        ));
    }
    vec![TargetGroup {
        label: "Goes to".into(),
        choices: Choice::list(&pairs, chosen),
    }]
}

pub(super) async fn map(
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

//! `privet import`: a CSV file comes in.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result, bail};
use exchange::{ColumnTarget, ImportOptions, Kind, Mapping, Options, RejectWriter, Report, Source};
use serde_json::json;

use crate::cli::{Place, Table};
use crate::installation::Installation;
use crate::{capabilities, say};

pub fn run(
    place: &Place,
    file: &Path,
    kind: Option<Table>,
    map: Option<&Path>,
    dry_run: bool,
    as_json: bool,
) -> Result<ExitCode> {
    let name = file
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    // The file is read from end to end before anything is opened: a broken one changes nothing.
    let mut source = Source::open_path(file, &Options::default())
        .with_context(|| format!("{name} cannot be imported"))?;
    let mapping = mapping(&source, kind, map)?;
    if !mapping
        .columns()
        .iter()
        .any(|column| matches!(column, ColumnTarget::Import(_)))
    {
        bail!(
            "{name} cannot be imported: line 1: none of its headings is known; say where each column goes with --map FILE (`--dry-run --json` prints one to start from)"
        );
    }
    let house = Installation::open(place)?;
    let who = house.operator("record_keeping");
    let errors = file.with_extension("errors.csv");
    let delimiter = source.form().delimiter;
    let out = Lazy::new(errors.clone(), dry_run);
    let mut rejects = RejectWriter::new(BufWriter::new(out), source.headers(), delimiter)?;
    let options = ImportOptions {
        file: name,
        dry_run,
        is_suppressed: capabilities::is_suppressed(&house.records),
    };
    let bar = say::bar(source.shape().rows, "rows");
    let cancelled = on_interrupt();
    let report = exchange::import(
        &house.records,
        &who,
        &mut source,
        &mapping,
        &options,
        &mut rejects,
        &mut |at| {
            bar.set_position(at.done);
            !cancelled.load(Ordering::Relaxed)
        },
    )?;
    bar.finish_and_clear();
    rejects.finish()?;
    for reject in &report.rejects {
        say::note(reject);
    }
    let errors = (report.rejected > 0 && !dry_run).then_some(errors);
    if as_json {
        let mut out = serde_json::to_value(&report)?;
        out["error_file"] = json!(errors.map(|path| path.display().to_string()));
        if dry_run {
            out["mapping"] = serde_json::from_str(&mapping.to_json())?;
        }
        say::json(&out);
    } else {
        print(&report, errors);
    }
    Ok(ExitCode::SUCCESS)
}

fn mapping(source: &Source<File>, kind: Option<Table>, map: Option<&Path>) -> Result<Mapping> {
    if let Some(path) = map {
        let text = std::fs::read_to_string(path).context("the mapping file cannot be read")?;
        return Ok(Mapping::from_json(&text, source.headers())?);
    }
    let kind = match kind {
        Some(Table::Person) => Kind::Person,
        Some(Table::Company) => Kind::Company,
        None => exchange::guess_kind(source.headers()).kind,
    };
    Ok(Mapping::guess(source.headers(), kind))
}

fn print(report: &Report, errors: Option<PathBuf>) {
    let would = if report.dry_run {
        "would be made"
    } else {
        "made"
    };
    say::line(format!(
        "{} of {} rows: {} {would}",
        report.created,
        report.rows,
        if report.created == 1 {
            "record"
        } else {
            "records"
        }
    ));
    for (count, what) in [
        (
            report.already_here,
            "were here already and left as they are",
        ),
        (
            report.suppressed,
            "were erased on request and not brought back",
        ),
        (
            report.companies_created,
            "companies made because people work there",
        ),
        (report.notes_created, "notes made of what no field holds"),
        (report.rejected, "could not be taken"),
    ] {
        if count > 0 {
            say::line(format!("{count} {what}"));
        }
    }
    if let Some(path) = errors {
        say::line(format!("why, row by row: {}", path.display()));
    }
    if report.cancelled {
        say::line("ended before the last row; import the same file again to go on");
    }
}

/// Set when the person at the keyboard presses Ctrl C: the act under way is finished, then it ends.
fn on_interrupt() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
        else {
            return;
        };
        if runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
            set.store(true, Ordering::Relaxed);
        }
    });
    flag
}

/// A file that comes into being with its first byte beyond the headings: no rejects, no file.
struct Lazy {
    path: PathBuf,
    held: Vec<u8>,
    file: Option<File>,
    discard: bool,
}

impl Lazy {
    const fn new(path: PathBuf, discard: bool) -> Self {
        Self {
            path,
            held: Vec::new(),
            file: None,
            discard,
        }
    }
}

impl std::io::Write for Lazy {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.discard {
            return Ok(bytes.len());
        }
        if self.file.is_none() {
            self.held.extend_from_slice(bytes);
            // The headings are one line; a second one is the first reject.
            if self.held.iter().filter(|byte| **byte == b'\n').count() < 2 {
                return Ok(bytes.len());
            }
            let mut file = private_file(&self.path)?;
            file.write_all(&std::mem::take(&mut self.held))?;
            self.file = Some(file);
            return Ok(bytes.len());
        }
        self.file.as_mut().map_or(Ok(0), |file| file.write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.as_mut().map_or(Ok(()), std::io::Write::flush)
    }
}

/// The error file holds rows of people: only its owner may read it.
fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

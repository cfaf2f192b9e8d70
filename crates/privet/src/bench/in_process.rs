//! What the engine does without HTTP around it: single acts, an import, the verification of the log.

use std::fmt::Write as _;
use std::io::{Cursor, sink};
use std::time::Instant;

use access::Action;
use act::{LeafAction, Logged};
use anyhow::{Result, bail};
use base::PageSize;
use exchange::{ImportOptions, Mapping, Options, RejectWriter};
use records::{Condition, Draft, Error, Kind, Query, Sort, Value};

use super::installed::{Installed, companies, fresh_number};
use super::report::{Mark, Report};
use super::sample::Sample;
use crate::installation::Installation;
use crate::made_up::MadeUp;
use crate::{capabilities, say};

const OPENED: usize = 2_000;
const LISTED: usize = 300;
/// Rows of the import at most.
const ROWS: u64 = 100_000;
/// The log is verified again until this much time has passed, so that a short one is measured too.
const VERIFY_FOR: f64 = 1.0;

/// Measures everything that needs no server.
pub fn measure(installed: &Installed, report: &mut Report) -> Result<()> {
    let house = Installation::open(&installed.place)?;
    house
        .records
        .load_names(&house.operator("record_keeping"))?;
    opens(&house, installed, report)?;
    lists(&house, report)?;
    verify(&house, report)?;
    import(&house, installed.people.min(ROWS), report)
}

fn opens(house: &Installation, installed: &Installed, report: &mut Report) -> Result<()> {
    let (records, who) = (&house.records, house.operator("record_keeping"));
    let kind = records.kind("person");
    let sample = Sample::of(OPENED, |number| {
        let id = installed.ids[(OPENED + number) % installed.ids.len()];
        let found = records
            .acts()
            .read(&who, |act| records.open(act, kind, id))?;
        if found.is_none() {
            bail!("a person of the benchmark is gone");
        }
        Ok(())
    })?;
    report.times("in process: open a record", sample, Mark::None);
    Ok(())
}

fn lists(house: &Installation, report: &mut Report) -> Result<()> {
    let (records, who) = (&house.records, house.operator("record_keeping"));
    let kind = records.kind("person");
    let mut query = Query {
        conditions: vec![Condition::Is {
            index: "stage".into(),
            value: "Lead".into(),
        }],
        sort: Sort::Changed,
        size: PageSize::default(),
        ..Query::default()
    };
    let sample = Sample::of(LISTED, |_| {
        let page = records
            .acts()
            .read(&who, |act| records.list(act, kind, &query))?;
        query.after = page.next;
        Ok(())
    })?;
    report.times("in process: list of 50, by stage", sample, Mark::None);
    Ok(())
}

/// Leaves a second, over the whole tree and every checkpoint.
fn verify(house: &Installation, report: &mut Report) -> Result<()> {
    say::note("verifying the log …");
    let acts = house.records.acts();
    acts.checkpoint()?;
    let keys = acts.signer()?.verifier_keys(&acts.log_origin())?;
    let (mut leaves, mut rounds) = (0, 0);
    let begun = Instant::now();
    while begun.elapsed().as_secs_f64() < VERIFY_FOR {
        let tree = acts.read(&house.operator("security"), |act| -> Result<_, Error> {
            act.allow(Action::Verify, LeafAction::Verify)?;
            let ws = act.ws();
            let tree = ledger::verify_tree(act.tx(), ws, &keys, &mut |_| ())?;
            act.log(LeafAction::Verify, Logged::default())?;
            Ok(tree)
        })?;
        match tree {
            Ok(tree) => leaves += tree.size,
            Err(finding) => bail!("the log of the benchmark is not whole: {finding}"),
        }
        rounds += 1;
    }
    #[expect(clippy::cast_precision_loss, reason = "a count of leaves fits a float")]
    let rate = leaves as f64 / begun.elapsed().as_secs_f64();
    report
        .figure(
            "verify the log",
            rate,
            "leaves/s",
            Mark::AtLeast(1_000_000.0),
        )
        .runs(rounds);
    Ok(())
}

/// A file of people who are not here yet, at companies of whom some are.
fn import(house: &Installation, rows: u64, report: &mut Report) -> Result<()> {
    say::note(format!("importing {} rows …", web::view::grouped(rows)));
    let file = Cursor::new(csv(house, usize::try_from(rows)?)?.into_bytes());
    let begun = Instant::now();
    let mut source = exchange::Source::open(file, &Options::default())?;
    let mapping = Mapping::guess(source.headers(), exchange::Kind::Person);
    let mut rejects = RejectWriter::new(sink(), source.headers(), source.form().delimiter)?;
    let options = ImportOptions {
        file: "benchmark.csv".into(),
        dry_run: false,
        is_suppressed: capabilities::is_suppressed(&house.records),
    };
    let bar = say::bar(rows, "rows");
    let who = house.operator("record_keeping");
    let done = exchange::import(
        &house.records,
        &who,
        &mut source,
        &mapping,
        &options,
        &mut rejects,
        &mut |at| {
            bar.set_position(at.done);
            true
        },
    )?;
    bar.finish_and_clear();
    let seconds = begun.elapsed().as_secs_f64();
    if done.created + done.already_here != rows {
        bail!(
            "the import took {} of {rows} rows",
            done.created + done.already_here
        );
    }
    #[expect(clippy::cast_precision_loss, reason = "a count of rows fits a float")]
    let rate = rows as f64 / seconds;
    let note = format!(
        "file read twice, duplicates looked for, {} companies made",
        web::view::grouped(done.companies_created)
    );
    report
        .figure("import", rate, "rows/s", Mark::AtLeast(5_000.0))
        .runs(usize::try_from(rows)?)
        .note(note);
    Ok(())
}

/// The columns of the file, and the fields they are from.
const COLUMNS: [(&str, &str); 6] = [
    ("First name", "given_name"),
    ("Last name", "family_name"),
    ("Job title", "job_title"),
    ("Email", "mails"),
    ("Phone", "phones"),
    ("Stage", "stage"),
];

fn csv(house: &Installation, rows: usize) -> Result<String> {
    let (person, company) = (house.records.kind("person"), house.records.kind("company"));
    let (first, count) = (fresh_number(), companies(rows));
    let made_up = MadeUp::new(u64::try_from(first)?);
    let mut out =
        COLUMNS.map(|(header, _)| header).join(",") + ",Street,City,State,Zip,Country,Company\n";
    for number in first..first + rows {
        let draft = made_up.person(person, number, None);
        let employer = made_up.company(company, made_up.below(count));
        for (_, field) in COLUMNS {
            write!(out, "\"{}\",", line(person, &draft, field))?;
        }
        if let Some(Value::Addresses(all)) = draft.get(person, "addresses") {
            let address = &all[0];
            let parts = [
                &address.street,
                &address.city,
                &address.region,
                &address.postal_code,
                &address.country,
            ];
            parts
                .iter()
                .try_for_each(|part| write!(out, "\"{part}\","))?;
        }
        writeln!(out, "\"{}\"", line(company, &employer, "name"))?;
    }
    Ok(out)
}

fn line(kind: &Kind, draft: &Draft, field: &str) -> String {
    draft.get(kind, field).map(Value::line).unwrap_or_default()
}

//! `privet log`: what was done, by whom, for which purpose.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::process::ExitCode;

use access::Action;
use act::{LeafAction, Logged};
use anyhow::{Context as _, Result};
use base::SubjectId;
use ledger::LoggedLeaf;
use records::Error;
use serde_json::{Value, json};

use crate::cli::Place;
use crate::installation::Installation;
use crate::say;

/// Entries read at a time.
const PAGE: usize = 2_000;

pub fn run(
    place: &Place,
    subject: Option<&str>,
    limit: Option<u32>,
    export: Option<&Path>,
    as_json: bool,
) -> Result<ExitCode> {
    let house = Installation::open(place)?;
    let acts = house.records.acts();
    acts.checkpoint()?;
    if let Some(path) = export {
        return write(&house, path);
    }
    let subject: Option<SubjectId> = subject.map(str::parse).transpose()?;
    let who = house.operator("security");
    let leaves = acts.read(&who, |act| -> Result<Vec<LoggedLeaf>, Error> {
        act.allow(Action::ReadLog, LeafAction::ReadLog)?;
        let ws = act.ws();
        let most = usize::try_from(limit.unwrap_or(u32::MAX)).unwrap_or(usize::MAX);
        let (mut found, mut before) = (Vec::new(), None);
        while found.len() < most {
            let page = u32::try_from((most - found.len()).min(PAGE)).unwrap_or(u32::MAX);
            let more = match subject {
                Some(subject) => ledger::leaves_of_subject(act.tx(), ws, subject, before, page)?,
                None => ledger::leaves(act.tx(), ws, before, page)?,
            };
            let Some(last) = more.last() else { break };
            before = Some(last.seq);
            found.extend(more);
        }
        act.log(
            LeafAction::ReadLog,
            Logged {
                count: u32::try_from(found.len()).unwrap_or(u32::MAX),
                ..Logged::default()
            },
        )?;
        Ok(found)
    })?;
    let lines: Vec<Value> = leaves.iter().map(|leaf| line(&house, leaf)).collect();
    if as_json {
        say::json(&lines);
        return Ok(ExitCode::SUCCESS);
    }
    for entry in &lines {
        let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        say::line(format!(
            "{:>8}  {}  {:<16} {:<10} {:>5}  {:<20} {}",
            entry["seq"],
            text("time"),
            text("action"),
            text("kind"),
            entry["count"],
            text("purpose"),
            text("outcome"),
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn line(house: &Installation, logged: &LoggedLeaf) -> Value {
    let leaf = &logged.leaf;
    let records = &house.records;
    let kind = records
        .schema()
        .kind_at(records::KindId(leaf.table))
        .map(|kind| kind.name.clone());
    let purpose = records
        .acts()
        .policy()
        .purpose(access::PurposeId(leaf.purpose))
        .map(|p| p.name.clone());
    json!({
        "seq": logged.seq,
        "time": leaf.time.rfc3339(),
        "action": leaf.action.word(),
        "kind": kind,
        "count": leaf.count,
        "actor": if leaf.actor.is_nil() { "the machine's operator".to_owned() } else { leaf.actor.to_string() },
        "purpose": purpose,
        "outcome": leaf.outcome.word(),
    })
}

fn write(house: &Installation, path: &Path) -> Result<ExitCode> {
    let acts = house.records.acts();
    let keys = acts.signer()?.verifier_keys(&acts.log_origin())?;
    let mut out = BufWriter::new(File::create_new(path).context("the file cannot be made")?);
    let ws = acts.ws();
    let exported = acts
        .db()
        .read(|tx| ledger::export(tx, ws, &keys, &mut out))?;
    say::line(format!(
        "{} leaves and {} checkpoints written to {}",
        exported.leaves,
        exported.checkpoints,
        path.display()
    ));
    say::line(format!(
        "check it anywhere with: privet-verify {}",
        path.display()
    ));
    Ok(ExitCode::SUCCESS)
}

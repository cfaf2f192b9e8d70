//! `privet verify`: the log, the records, the indexes and the keys hold each other.

use std::process::ExitCode;

use access::Action;
use act::{Act, LeafAction, Logged};
use anyhow::Result;
use records::Error;
use serde::Serialize;
use store::{Side, params};

use crate::capabilities;
use crate::cli::Place;
use crate::installation::{Installation, tallied};
use crate::say;

/// What a verification saw.
#[derive(Debug, Default, Serialize)]
pub struct Verdict {
    /// Whether everything is whole.
    pub ok: bool,
    /// Leaves in the log.
    pub size: u64,
    /// Root of the tree over them.
    pub root: String,
    /// Records held against their last leaf.
    pub records: u64,
    /// Links from people to leaves.
    pub links: u64,
    /// Index rows held against the values.
    pub index_rows: u64,
    /// Keys that open and fit their commitment.
    pub keys: u64,
    /// Rows of users, sessions and tokens whose MAC fits.
    pub identity_rows: u64,
    /// Rows of earlier values, remembered requests and tables with a tally that fit.
    pub kept_rows: u64,
    /// The first thing that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
}

pub fn run(place: &Place, json: bool) -> Result<ExitCode> {
    let house = Installation::open(place)?;
    let verdict = verify(&house)?;
    if json {
        say::json(&verdict);
    } else if let Some(finding) = &verdict.finding {
        say::line(format!("NOT WHOLE: {finding}"));
    } else {
        say::line(format!(
            "whole: {} leaves, root {}",
            verdict.size, verdict.root
        ));
        say::line(format!(
            "{} records, {} links, {} index rows and {} keys fit the log",
            verdict.records, verdict.links, verdict.index_rows, verdict.keys
        ));
    }
    Ok(if verdict.ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Verifies an open installation. The log is signed first, so that the head that was verified is one
/// that somebody can be held to; the verification leaves a leaf of its own.
pub fn verify(house: &Installation) -> Result<Verdict> {
    let acts = house.records.acts();
    if let Err(error) = acts.checkpoint() {
        let finding = Some(format!("the log cannot be signed: {error}"));
        return Ok(Verdict {
            finding,
            ..Verdict::default()
        });
    }
    let who = house.operator("security");
    let mut verdict = Verdict::default();
    let bar = say::bar(0, "leaves");
    let found = acts.read(&who, |act| {
        act.allow(Action::Verify, LeafAction::Verify)?;
        let found = check(house, act, &mut verdict, &bar)?;
        act.log(LeafAction::Verify, Logged::default())?;
        Ok::<_, Error>(found)
    });
    bar.finish_and_clear();
    verdict.finding = match found {
        Ok(Ok(())) => None,
        Ok(Err(finding)) => Some(finding),
        // A row that cannot even be read is a finding, not a failure to look.
        Err(error) => Some(error.to_string()),
    };
    verdict.ok = verdict.finding.is_none();
    Ok(verdict)
}

fn check(
    house: &Installation,
    act: &mut Act<'_, '_>,
    verdict: &mut Verdict,
    bar: &indicatif::ProgressBar,
) -> Result<Result<(), String>, Error> {
    let acts = house.records.acts();
    let ws = act.ws();
    if let Some(problem) = act
        .tx()
        .integrity()
        .map_err(act::Error::from)?
        .into_iter()
        .next()
    {
        return Ok(Err(problem));
    }
    let keys = acts
        .signer()?
        .verifier_keys(&acts.log_origin())
        .map_err(act::Error::from)?;
    let tree = match ledger::verify_tree(act.tx(), ws, &keys, &mut |done| bar.set_position(done))? {
        Ok(tree) => tree,
        Err(finding) => return Ok(Err(finding.to_string())),
    };
    (verdict.size, verdict.root) = (tree.size, base::hex(&tree.root));
    match check_keys(house, act)? {
        Ok(keys) => verdict.keys = keys,
        Err(finding) => return Ok(Err(finding)),
    }
    match house.records.verify_rows(act, &tree)? {
        Ok(records) => verdict.records = records,
        Err(finding) => return Ok(Err(finding.0)),
    }
    match house.records.verify_links(act)? {
        Ok(links) => verdict.links = links,
        Err(finding) => return Ok(Err(finding.0)),
    }
    match house.records.verify_values(act)? {
        Ok(checked) => verdict.index_rows = checked.index_rows,
        Err(finding) => return Ok(Err(finding.0)),
    }
    match house
        .identity
        .verify_rows(act)
        .map_err(|error| act::Error::Holder(error.to_string()))?
    {
        Ok(rows) => verdict.identity_rows = rows,
        Err(finding) => return Ok(Err(finding)),
    }
    match house.records.verify_kept(act)? {
        Ok(rows) => verdict.kept_rows = rows,
        Err(finding) => return Ok(Err(finding.0)),
    }
    for table in tallied() {
        match acts
            .vault()
            .check_tally(act.tx(), &table)
            .map_err(act::Error::from)?
        {
            Ok(rows) => verdict.kept_rows += rows,
            Err(finding) => return Ok(Err(finding)),
        }
    }
    Ok(nothing_else(act)?.map_or(Ok(()), Err))
}

/// What this program did not write: steps of the schema, rows of other workspaces, other tallies.
fn nothing_else(act: &mut Act<'_, '_>) -> Result<Option<String>, store::Error> {
    let ws = act.ws().number;
    if let Some(finding) = store::check_migrations(act.tx(), &capabilities::migrations())? {
        return Ok(Some(finding));
    }
    let (data, keys) = (act.tx().tables()?, act.tx().keys().tables()?);
    for (side, (table, columns)) in data
        .iter()
        .map(|table| (Side::Data, table))
        .chain(keys.iter().map(|table| (Side::Keys, table)))
    {
        if !columns.iter().any(|column| column == "ws") {
            continue;
        }
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE ws <> $1");
        let others = match side {
            Side::Data => act.tx().number(&sql, params![ws])?,
            Side::Keys => act.tx().keys().number(&sql, params![ws])?,
        };
        if others > 0 {
            return Ok(Some(format!(
                "table {table}: {others} rows belong to no workspace of this installation"
            )));
        }
    }
    let tallies = act.tx().number("SELECT COUNT(*) FROM tally", params![])?
        + act
            .tx()
            .keys()
            .number("SELECT COUNT(*) FROM key_tally", params![])?;
    let known = tallied().len();
    Ok((usize::try_from(tallies) != Ok(known))
        .then(|| format!("there are {tallies} tallies instead of {known}")))
}

fn check_keys(house: &Installation, act: &mut Act<'_, '_>) -> Result<Result<u64, String>, Error> {
    let (mut keys, mut wrong) = (0, None);
    let vault = house.records.acts().vault();
    vault.forget_all();
    vault.check_keys(act.tx(), |subject, outcome| {
        keys += 1;
        if let Err(error) = outcome {
            wrong.get_or_insert(format!("the key of {subject}: {error}"));
        }
    })?;
    Ok(wrong.map_or(Ok(keys), Err))
}

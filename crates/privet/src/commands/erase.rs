//! `privet erase`: the plan, and then the same code carries it out.

use std::process::ExitCode;

use anyhow::Result;
use base::RecordId;
use retention::Plan;
use serde_json::json;

use crate::cli::Place;
use crate::installation::Installation;
use crate::{capabilities, say};

pub fn run(place: &Place, id: &str, dry_run: bool, as_json: bool) -> Result<ExitCode> {
    let person: RecordId = id.parse()?;
    let house = Installation::open(place)?;
    house.settle()?;
    let erasure = capabilities::erasure(&house);
    let who = house.operator("privacy_requests");
    let plan = house
        .records
        .acts()
        .read(&who, |act| erasure.plan(act, person))?;
    if dry_run {
        if as_json {
            say::json(&plan.to_json());
        } else {
            print(&plan, "would go");
        }
        return Ok(ExitCode::SUCCESS);
    }
    if !as_json {
        print(&plan, "goes");
    }
    let certificate = erasure.erase(&who, person)?;
    if as_json {
        say::json(
            &json!({ "plan": plan.to_json(), "erasure": certificate.id.to_string(), "certificate": certificate.text }),
        );
    } else {
        say::line("");
        say::line(&certificate.text);
    }
    Ok(ExitCode::SUCCESS)
}

fn print(plan: &Plan, word: &str) {
    say::line(format!("{} {}:", plan.kind, plan.person));
    for goes in plan.goes.iter().filter(|goes| goes.count > 0) {
        say::line(format!(
            "  {word:<9} {:>5}  {} ({})",
            goes.count, goes.what, goes.place
        ));
    }
    for stays in &plan.stays {
        say::line(format!(
            "  stays     {:>5}  {}: {}",
            stays.count, stays.what, stays.why
        ));
    }
    say::line(format!(
        "  kept      {:>5}  keyed fingerprints, so that they do not come back unnoticed",
        plan.fingerprints
    ));
}

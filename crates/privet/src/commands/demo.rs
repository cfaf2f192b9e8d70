//! `privet demo`: a workspace of made-up people, ready to look around.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use base::{Clock, FixedClock, RecordId};
use records::{Error, Origin, Source};

use super::init;
use crate::cli::Place;
use crate::installation::Installation;
use crate::made_up::MadeUp;
use crate::{say, server};

const PEOPLE: usize = 2_400;
const COMPANIES: usize = 320;
const NOTES: usize = 1_200;
/// Records made in one act.
const AT_ONCE: usize = 40;
/// The made-up people came in over this many days.
const DAYS: i64 = 120;
/// Acts in which they are made, and some to spare, so that the last one lies before today.
const ACTS: i64 = 100;
const SEED: u64 = 20_261_123;

/// Marks a directory as a demonstration: only such a one is started over.
const MARK: &str = "DEMONSTRATION";

pub fn run(fresh: bool, listen: SocketAddr, data: Option<PathBuf>) -> Result<ExitCode> {
    let dir = data.map_or_else(default_dir, Ok)?;
    if fresh {
        start_over(&dir)?;
    }
    let place = Place {
        data: dir.clone(),
        database: None,
        root_key: None,
    };
    let (house, link) = if dir.join("data.db").exists() {
        let house = Installation::open(&place)?;
        house.settle()?;
        let user = init::user(&house, None)?;
        let link = init::sign_in_link(&house, user)?;
        (house, link)
    } else {
        say::note("making up people, companies and notes …");
        let house = Installation::create(&place, "Hedgerow Trading", "US")?;
        std::fs::write(
            dir.join(MARK),
            "Made-up people for looking around. `privet demo --fresh` starts over.\n",
        )?;
        fill_in_the_past(&house)?;
        let link = init::first_link(&house, "Marta Kowal", "marta@hedgerow.example")?;
        (house, link)
    };
    server::serve(&house, listen, |address| {
        say::line(format!("Privet is ready on http://{address}"));
        say::line("Open this address; it signs you in once:");
        say::line(format!("  http://{address}{link}"));
        say::line(format!(
            "The data is in {}. Ctrl C ends; `privet demo` goes on; `--fresh` starts over.",
            dir.display()
        ));
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Beside the build when run from the project, else in the user's data directory.
fn default_dir() -> Result<PathBuf> {
    if Path::new("Cargo.toml").exists() {
        return Ok(PathBuf::from("target").join("demo"));
    }
    let base = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from);
    let base = base
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share")));
    Ok(base
        .context("there is no home directory; say where with --data DIR")?
        .join("privet-demo"))
}

fn start_over(dir: &Path) -> Result<()> {
    if !dir.exists() {
        return Ok(());
    }
    if !dir.join(MARK).exists() {
        bail!(
            "{} is not a demonstration made by `privet demo`; nothing was removed",
            dir.display()
        );
    }
    // Refuses while another process has it open.
    drop(Installation::open(&Place {
        data: dir.to_owned(),
        database: None,
        root_key: None,
    })?);
    std::fs::remove_dir_all(dir).context("the old demonstration cannot be removed")
}

/// Fills the workspace as if people had come in over the last months.
fn fill_in_the_past(house: &Installation) -> Result<()> {
    let now = house.records.acts().clock().now();
    let clock = Arc::new(FixedClock::at(now.plus_days(-DAYS)));
    let (db, provider) = (
        house.records.acts().db().clone(),
        Arc::clone(&house.provider),
    );
    let past = Installation::over_with(db, provider, Arc::clone(&clock) as Arc<dyn Clock>)?;
    fill(&past, &|| clock.advance_seconds(DAYS * 86_400 / ACTS))
}

fn fill(house: &Installation, later: &dyn Fn()) -> Result<()> {
    let made_up = MadeUp::new(SEED);
    let companies = make(house, later, "company", COMPANIES, |house, number| {
        made_up.company(house.records.kind("company"), number)
    })?;
    let works_at = house.records.kind("person").link("works_at");
    let people = make(house, later, "person", PEOPLE, |house, number| {
        let company = works_at
            .filter(|_| made_up.chance(92))
            .map(|link| (link, companies[made_up.below(companies.len())]));
        made_up.person(house.records.kind("person"), number, company)
    })?;
    let about = house
        .records
        .kind("note")
        .link("about")
        .context("notes are about people")?;
    make(house, later, "note", NOTES, |house, _| {
        made_up.note(
            house.records.kind("note"),
            about,
            people[made_up.below(people.len())],
        )
    })?;
    Ok(())
}

fn make(
    house: &Installation,
    later: &dyn Fn(),
    kind: &'static str,
    count: usize,
    mut draft: impl FnMut(&Installation, usize) -> records::Draft,
) -> Result<Vec<RecordId>> {
    let who = house.operator("record_keeping");
    let mut made = Vec::with_capacity(count);
    for begin in (0..count).step_by(AT_ONCE) {
        later();
        let drafts: Vec<records::Draft> = (begin..count.min(begin + AT_ONCE))
            .map(|number| draft(house, number))
            .collect();
        let records = house.records.clone();
        made.extend(house.records.acts().write(
            &who,
            move |act| -> Result<Vec<RecordId>, Error> {
                let origin = Origin {
                    source: Source::Demo,
                    reference: String::new(),
                    at: act.now().micros(),
                    actor: act.context().actor.to_string(),
                };
                records.create_many(act, records.kind(kind), drafts, &[origin])
            },
        )?);
    }
    Ok(made)
}

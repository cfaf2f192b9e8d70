//! The installation that is measured: made once, marked as made for this, and used again.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use base::{Clock, RecordId, SystemClock, SystemRng};
use identity::TokenDraft;
use records::{Draft, Error, Kind, Origin, Source};
use serde::{Deserialize, Serialize};
use store::params;

use super::report::{Mark, Report};
use crate::cli::Place;
use crate::installation::Installation;
use crate::made_up::MadeUp;
use crate::say;

/// Marks a directory as made for this.
const MARK: &str = "BENCHMARK";
/// Records made in one act.
const AT_ONCE: usize = 1_000;
/// One company for so many people.
const PEOPLE_OF_A_COMPANY: usize = 8;
const SEED: u64 = 20_261_123;
const ADMINISTRATOR: &str = "bench@bench.example";

/// The directory of a measurement: one that was named, or one that is removed again.
pub enum Directory {
    /// It stays.
    Named(PathBuf),
    /// It goes.
    Passing(PathBuf),
}

impl Directory {
    /// The directory that was named, or a new one for this run.
    pub fn of(named: Option<PathBuf>) -> Result<Self> {
        if let Some(path) = named {
            return Ok(Self::Named(path));
        }
        let own = RecordId::new(&SystemClock, &SystemRng);
        let path = std::env::temp_dir().join(format!("privet-bench-{own}"));
        std::fs::create_dir(&path)?;
        Ok(Self::Passing(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        match self {
            Self::Named(path) | Self::Passing(path) => path,
        }
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        if let Self::Passing(path) = self {
            drop(std::fs::remove_dir_all(path));
        }
    }
}

/// What the mark holds: enough to use the installation again.
#[derive(Serialize, Deserialize)]
struct Made {
    people: u64,
}

/// An installation ready to be measured. Closed: whoever measures opens it.
pub struct Installed {
    /// Where it is.
    pub place: Place,
    /// People in it now: earlier runs may have added some.
    pub people: u64,
    /// Companies in it now.
    pub companies: u64,
    /// Bytes on disk, data and keys.
    pub bytes: u64,
    /// Ids of people, all of them, in no order.
    pub ids: Vec<RecordId>,
    /// A token for the API.
    pub token: String,
    /// Version of SQLite.
    pub sqlite: String,
}

impl Installed {
    /// Makes an installation of `people`, or takes the one that was made with as many. Gives with it
    /// how many people a second were made, where they were.
    pub fn ready(dir: &Path, people: u64) -> Result<(Self, Option<f64>)> {
        let place = Place {
            data: dir.to_owned(),
            database: None,
            root_key: None,
        };
        let mark = dir.join(MARK);
        let mut rate = None;
        let house = if mark.exists() {
            let made: Made = serde_json::from_slice(&std::fs::read(&mark)?)
                .context("the mark of the benchmark is damaged")?;
            if made.people != people {
                bail!(
                    "this directory holds a benchmark of {} people; name another one, or measure with --people {}",
                    made.people,
                    made.people
                );
            }
            Installation::open(&place)?
        } else {
            if dir.exists() && std::fs::read_dir(dir)?.next().is_some() {
                bail!(
                    "this directory is not empty and was not made by `privet bench`; nothing was touched"
                );
            }
            let house = Installation::create(&place, "Benchmark", "US")?;
            rate = Some(fill(&house, usize::try_from(people)?)?);
            first_administrator(&house)?;
            // Last, so that a directory that is half full is never taken for a whole one.
            std::fs::write(&mark, serde_json::to_vec(&Made { people })?)?;
            house
        };
        Ok((Self::of(&house, place)?, rate))
    }

    fn of(house: &Installation, place: Place) -> Result<Self> {
        let db = house.records.acts().db();
        db.checkpoint()?;
        let footprint = db.footprint()?;
        let ids = ids(house, house.records.kind("person"))?;
        Ok(Self {
            place,
            people: u64::try_from(ids.len())?,
            companies: u64::try_from(ids_count(house, house.records.kind("company"))?)?,
            bytes: footprint.data + footprint.keys,
            ids,
            token: token(house)?,
            sqlite: db
                .read(|tx| {
                    tx.row("SELECT sqlite_version()", params![], |row| {
                        row.get::<String>(0)
                    })
                })?
                .unwrap_or_default(),
        })
    }

    /// What it takes on disk, and how fast it was made.
    pub fn disk(&self, making: Option<f64>, report: &mut Report) -> Result<()> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "bytes of a disk fit a float well enough"
        )]
        let each = self.bytes as f64 / self.people.max(1) as f64;
        report
            .figure(
                "disk for a person, all in",
                each,
                "bytes",
                Mark::AtMost(3_000.0),
            )
            .note("data, indexes, log, keys, their companies");
        if let Some(rate) = making {
            report.figure("made in acts of 1,000", rate, "people/s", Mark::None);
        }
        Ok(())
    }
}

/// Fills a new installation; gives how many people were made a second.
pub fn fill(house: &Installation, people: usize) -> Result<f64> {
    let made_up = MadeUp::new(SEED);
    let (person, company) = (house.records.kind("person"), house.records.kind("company"));
    let count = companies(people);
    let companies = make(house, company, count, |number| {
        made_up.company(company, number)
    })?;
    let works_at = person.link("works_at");
    let begun = Instant::now();
    make(house, person, people, |number| {
        let company = works_at.map(|link| (link, companies[made_up.below(companies.len())]));
        made_up.person(person, number, company)
    })?;
    #[expect(clippy::cast_precision_loss, reason = "a count of people fits a float")]
    let rate = people as f64 / begun.elapsed().as_secs_f64();
    Ok(rate)
}

/// How many companies so many people work at.
pub const fn companies(people: usize) -> usize {
    if people < PEOPLE_OF_A_COMPANY {
        1
    } else {
        people / PEOPLE_OF_A_COMPANY
    }
}

fn make(
    house: &Installation,
    kind: &Kind,
    count: usize,
    mut draft: impl FnMut(usize) -> Draft,
) -> Result<Vec<RecordId>> {
    say::note(format!(
        "making {} {} …",
        web::view::grouped(u64::try_from(count)?),
        kind.plural.to_lowercase()
    ));
    let bar = say::bar(u64::try_from(count)?, "records");
    let who = house.operator("record_keeping");
    let mut made = Vec::with_capacity(count);
    for begin in (0..count).step_by(AT_ONCE) {
        let drafts: Vec<Draft> = (begin..count.min(begin + AT_ONCE))
            .map(&mut draft)
            .collect();
        let (records, name) = (house.records.clone(), kind.name.clone());
        made.extend(house.records.acts().write(
            &who,
            move |act| -> Result<Vec<RecordId>, Error> {
                let origin = Origin {
                    source: Source::Demo,
                    reference: String::new(),
                    at: act.now().micros(),
                    actor: act.context().actor.to_string(),
                };
                records.create_many(act, records.kind(&name), drafts, &[origin])
            },
        )?);
        bar.set_position(u64::try_from(made.len())?);
    }
    bar.finish_and_clear();
    Ok(made)
}

fn ids(house: &Installation, kind: &Kind) -> Result<Vec<RecordId>> {
    let sql = "SELECT id FROM record WHERE ws = $1 AND kind = $2 AND deleted_at IS NULL";
    let ws = house.organisation.ws.number;
    let mut ids = house
        .records
        .acts()
        .db()
        .read(|tx| tx.rows(sql, params![ws, kind.id.0], |row| row.get::<RecordId>(0)))?;
    // Shuffled by the same stream each time, so that neighbours on the page are not asked for in turn.
    let rng = base::SeededRng::new(SEED);
    for at in (1..ids.len()).rev() {
        ids.swap(at, rng.below(at + 1));
    }
    Ok(ids)
}

fn ids_count(house: &Installation, kind: &Kind) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM record WHERE ws = $1 AND kind = $2 AND deleted_at IS NULL";
    let ws = house.organisation.ws.number;
    Ok(house
        .records
        .acts()
        .db()
        .read(|tx| tx.number(sql, params![ws, kind.id.0]))?)
}

fn first_administrator(house: &Installation) -> Result<()> {
    let identity = house.identity.clone();
    let made = house
        .records
        .acts()
        .write(&house.operator("security"), move |act| {
            identity.first_administrator(act, "Benchmark", ADMINISTRATOR)
        });
    made.map(drop)
        .context("the administrator of the benchmark cannot be made")
}

/// A token that acts as an administrator keeping records, for a day.
fn token(house: &Installation) -> Result<String> {
    let (records, who) = (&house.records, house.operator("security"));
    let kind = records.kind("user");
    let found = records
        .acts()
        .read(&who, |act| records.find(act, kind, ADMINISTRATOR, 1, 0))?;
    let user = found
        .first()
        .context("the administrator of the benchmark is gone")?
        .record
        .id;
    let purpose = records
        .acts()
        .policy()
        .purpose_named("record_keeping")
        .context("record keeping is a purpose")?
        .number;
    let draft = TokenDraft {
        label: "benchmark".into(),
        role: "administrator".into(),
        purpose,
        days: 1,
    };
    let identity = house.identity.clone();
    let token = records
        .acts()
        .write(&who, move |act| identity.create_token(act, user, &draft))?;
    Ok(token.expose().to_owned())
}

/// A number that no earlier run used, so that what is made now is nobody who is there.
pub fn fresh_number() -> usize {
    usize::try_from(SystemClock.now().millis() / 100).unwrap_or(0) % 1_000_000_000
}

//! What encryption costs: the same work with fields sealed and with fields in the clear.
//!
//! Only where the program was built with the feature `bench-clear`, which is off by default. Each run is
//! a process of its own over a small store of its own, because sealing that was switched off stays off;
//! sealed and clear runs take turns, so that both meet the same disk. Keys, search tokens and the log
//! are as always in both: the figure is the price of the seal itself.

#[cfg(feature = "bench-clear")]
pub use with_and_without::{as_child, measure};

#[cfg(not(feature = "bench-clear"))]
pub use left_out::{as_child, measure};

#[cfg(not(feature = "bench-clear"))]
mod left_out {
    use std::path::Path;
    use std::process::ExitCode;

    use anyhow::Result;

    use super::{READS, READS_MARK, WRITES, WRITES_MARK};
    use crate::bench::report::Report;

    /// No run of this program is one of a pair.
    #[expect(
        clippy::unnecessary_wraps,
        reason = "the same face as with the feature"
    )]
    pub const fn as_child(_people: u64, _data: Option<&Path>) -> Result<Option<ExitCode>> {
        Ok(None)
    }

    /// Says how to take the figure.
    #[expect(
        clippy::unnecessary_wraps,
        reason = "the same face as with the feature"
    )]
    pub fn measure(_dir: &Path, report: &mut Report) -> Result<()> {
        for (what, mark) in [(WRITES, WRITES_MARK), (READS, READS_MARK)] {
            report.unknown(what, "times", mark, "needs --features bench-clear");
        }
        Ok(())
    }
}

use super::report::Mark;

const WRITES: &str = "encryption: writes, sealed : clear";
const READS: &str = "encryption: reads, sealed : clear";
const WRITES_MARK: Mark = Mark::AtMost(1.15);
const READS_MARK: Mark = Mark::AtMost(1.10);

#[cfg(feature = "bench-clear")]
mod with_and_without {
    use std::path::Path;
    use std::process::{Command, ExitCode, Stdio};
    use std::time::Instant;

    use anyhow::{Context as _, Result, bail};
    use base::PageSize;
    use records::{Query, Sort};
    use serde::{Deserialize, Serialize};

    use super::{READS, READS_MARK, WRITES, WRITES_MARK};
    use crate::bench::installed;
    use crate::bench::report::Report;
    use crate::cli::Place;
    use crate::installation::Installation;
    use crate::say;

    /// Tells a child what it is to do: `sealed` or `clear`.
    const TURN: &str = "PRIVET_BENCH_TURN";
    const PEOPLE: usize = 8_000;
    const PAIRS: usize = 7;
    /// How often a child reads everybody.
    const ROUNDS: usize = 5;

    /// Seconds of one run.
    #[derive(Serialize, Deserialize)]
    struct Turn {
        writing: f64,
        reading: f64,
    }

    /// Does one run of a pair, where this process was started for one.
    pub fn as_child(people: u64, data: Option<&Path>) -> Result<Option<ExitCode>> {
        let Some(turn) = std::env::var_os(TURN) else {
            return Ok(None);
        };
        if turn == "clear" {
            vault::bench_clear::seal_in_clear();
        }
        let place = Place {
            data: data.context("a directory for the run")?.to_owned(),
            database: None,
            root_key: None,
        };
        let house = Installation::create(&place, "Benchmark", "US")?;
        let people = usize::try_from(people)?;
        #[expect(clippy::cast_precision_loss, reason = "a count of people fits a float")]
        let writing = people as f64 / installed::fill(&house, people)?;
        let begun = Instant::now();
        for _ in 0..ROUNDS {
            read_everybody(&house, people)?;
        }
        say::json(&Turn {
            writing,
            reading: begun.elapsed().as_secs_f64(),
        });
        Ok(Some(ExitCode::SUCCESS))
    }

    fn read_everybody(house: &Installation, people: usize) -> Result<()> {
        let (records, who) = (&house.records, house.operator("record_keeping"));
        let kind = records.kind("person");
        let mut query = Query {
            sort: Sort::Changed,
            size: PageSize::clamped(PageSize::MAX),
            ..Query::default()
        };
        let mut seen = 0;
        loop {
            let page = records
                .acts()
                .read(&who, |act| records.list(act, kind, &query))?;
            seen += page.records.len();
            query.after = page.next;
            if query.after.is_none() {
                break;
            }
        }
        if seen == people {
            Ok(())
        } else {
            bail!("{seen} of {people} people were read")
        }
    }

    /// Takes turns and compares; the middle of the pairs counts.
    pub fn measure(dir: &Path, report: &mut Report) -> Result<()> {
        say::note("sealed and clear, in turns …");
        let (mut writes, mut reads) = (Vec::new(), Vec::new());
        for pair in 0..PAIRS {
            // Who goes first changes, so that neither always meets the fuller cache.
            let (first, second) = if pair % 2 == 0 {
                ("sealed", "clear")
            } else {
                ("clear", "sealed")
            };
            let (a, b) = (turn(dir, first)?, turn(dir, second)?);
            let (sealed, clear) = if first == "sealed" { (a, b) } else { (b, a) };
            writes.push(sealed.writing / clear.writing);
            reads.push(sealed.reading / clear.reading);
        }
        for (what, ratios, mark) in [(WRITES, writes, WRITES_MARK), (READS, reads, READS_MARK)] {
            let (middle, lowest, highest) = middle(ratios);
            report
                .figure(what, middle, "times", mark)
                .runs(PAIRS)
                .note(format!(
                    "pairs between {lowest:.2} and {highest:.2}; acts of 1,000, pages of 200"
                ));
        }
        Ok(())
    }

    fn turn(dir: &Path, how: &str) -> Result<Turn> {
        let own = dir.join(format!("turn-{how}"));
        let run = Command::new(std::env::current_exe()?)
            .args(["bench", "--people", &PEOPLE.to_string(), "--data"])
            .arg(&own)
            .env(TURN, how)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .context("a run of the benchmark cannot be started");
        let removed = std::fs::remove_dir_all(&own);
        let turn = serde_json::from_slice(&run?.stdout).context("a run of the benchmark failed")?;
        removed?;
        Ok(turn)
    }

    fn middle(mut ratios: Vec<f64>) -> (f64, f64, f64) {
        ratios.sort_unstable_by(f64::total_cmp);
        (
            ratios[ratios.len() / 2],
            ratios[0],
            ratios[ratios.len() - 1],
        )
    }
}

//! What the figures were taken on: no name and no path, which would say who measured.

use std::path::Path;

use base::{Clock, SystemClock};
use serde::Serialize;

use super::installed::Installed;

/// The machine and what is measured on it.
#[derive(Debug, Clone, Serialize)]
pub struct Machine {
    /// The day, UTC.
    pub date: String,
    /// Cores this process may use.
    pub cores: usize,
    /// Model of the processor, where the system tells.
    pub cpu: String,
    /// Memory in MB, where the system tells.
    pub memory_mb: Option<u64>,
    /// Version of the program.
    pub privet: &'static str,
    /// Version of SQLite inside it.
    pub sqlite: String,
    /// People when the measurement began.
    pub people: u64,
    /// Companies they work at.
    pub companies: u64,
}

/// Looks at the machine.
pub fn look(installed: &Installed) -> Machine {
    let (year, month, day) = SystemClock.now().civil();
    Machine {
        date: format!("{year:04}-{month:02}-{day:02}"),
        cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        cpu: value_of(Path::new("/proc/cpuinfo"), "model name")
            .unwrap_or_else(|| "unknown".to_owned()),
        memory_mb: kilobytes(Path::new("/proc/meminfo"), "MemTotal").map(|kb| kb / 1024),
        privet: env!("CARGO_PKG_VERSION"),
        sqlite: installed.sqlite.clone(),
        people: installed.people,
        companies: installed.companies,
    }
}

/// How much of the cores other programs take while this one measures: what they take, it does not get.
pub struct Watch(Option<Ticks>);

/// Time of the processors so far, in the ticks of `/proc`.
#[derive(Clone, Copy)]
struct Ticks {
    all: u64,
    busy: u64,
    own: u64,
}

impl Watch {
    /// From now on.
    pub fn begin() -> Self {
        Self(ticks())
    }

    /// Percent of all cores that others have used since then, where the system tells.
    pub fn others(&self) -> Option<f64> {
        let (before, now) = (self.0?, ticks()?);
        let others = (now.busy - before.busy).saturating_sub(now.own - before.own);
        #[expect(
            clippy::cast_precision_loss,
            reason = "ticks of a processor fit a float well enough"
        )]
        let percent = others as f64 * 100.0 / (now.all - before.all).max(1) as f64;
        Some(percent)
    }
}

fn ticks() -> Option<Ticks> {
    // Some numbers of no interest are below zero.
    let number = |text: &str| text.parse::<i64>().map_or(0, i64::unsigned_abs);
    let numbers = |text: &str| text.split_whitespace().map(number).collect::<Vec<u64>>();
    // user nice system idle iowait irq softirq steal
    let all = std::fs::read_to_string("/proc/stat").ok()?;
    let all = numbers(all.lines().next()?.strip_prefix("cpu")?);
    // Behind the name: a letter, then from the 11th on the time of this process and of its ended children.
    let own = std::fs::read_to_string("/proc/self/stat").ok()?;
    let own = numbers(own.rsplit_once(')')?.1.trim_start().get(1..)?);
    let idle = all.get(3)? + all.get(4)?;
    let total = all.iter().take(8).sum();
    Some(Ticks {
        all: total,
        busy: total - idle,
        own: own.get(10..14)?.iter().sum(),
    })
}

/// Resident memory of a process in bytes; `None` where the system does not tell.
pub fn resident(process: u32) -> Option<u64> {
    kilobytes(Path::new(&format!("/proc/{process}/status")), "VmRSS").map(|kb| kb * 1024)
}

fn kilobytes(file: &Path, key: &str) -> Option<u64> {
    value_of(file, key)?.split_whitespace().next()?.parse().ok()
}

fn value_of(file: &Path, key: &str) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(key))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

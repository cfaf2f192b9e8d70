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

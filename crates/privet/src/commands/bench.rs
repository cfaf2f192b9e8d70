//! `privet bench`: the budgets, measured, as a table.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;

use crate::bench;

pub fn run(people: u64, data: Option<PathBuf>, json: bool) -> Result<ExitCode> {
    bench::run(people, data, json)
}

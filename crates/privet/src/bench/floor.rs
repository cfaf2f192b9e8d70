//! What nothing can be faster than: a sync of this disk, an answer that does nothing.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use anyhow::Result;

use super::client::Client;
use super::report::{Mark, Report};
use super::sample::Sample;
use super::serving::Serving;

const SYNCS: usize = 300;
const ANSWERS: usize = 3_000;
const FILE: &str = "bench-floor.bin";

/// Appends of 4 KiB, each on the disk before the next.
pub fn disk(dir: &Path, report: &mut Report) -> Result<()> {
    let path = dir.join(FILE);
    let taken = syncs(
        OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .open(&path)?,
    );
    std::fs::remove_file(&path)?;
    report.times("floor: sync of 4 KiB", taken?, Mark::None);
    Ok(())
}

fn syncs(mut file: File) -> Result<Sample> {
    Sample::of(SYNCS, |_| {
        file.write_all(&[7; 4_096])?;
        Ok(file.sync_data()?)
    })
}

/// Answers that touch neither the store nor a key.
pub fn http(serving: &Serving, token: &str, report: &mut Report) -> Result<()> {
    let mut client = Client::connect(serving.address, token)?;
    let taken = Sample::of(ANSWERS, |_| client.get("/assets/none", 404).map(drop))?;
    report.times("floor: empty answer over HTTP", taken, Mark::None);
    Ok(())
}

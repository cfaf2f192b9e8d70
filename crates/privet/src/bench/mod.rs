//! `privet bench`: measures the budgets of this program on this machine and says which are met.
//!
//! Everything is about made-up people in an installation of its own. What is measured over HTTP is
//! answered by this same program, started as a child on a loopback address; the floors (an answer that
//! does nothing, a sync of the same disk) are taken in the same run, because no figure means anything
//! without them. A figure that misses its mark is printed like any other.
//!
//! Must never do: touch a directory that it did not make, or weaken what it measures to look better.
//! Start reading at [`run`].

mod client;
mod encryption;
mod floor;
mod in_process;
mod installed;
mod machine;
mod over_http;
mod report;
mod sample;
mod serving;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;

use crate::say;
use installed::{Directory, Installed};
use report::{Mark, Report};
use serving::Serving;

/// Measures everything over `people` made-up people, in `data` or a directory that is removed again.
pub fn run(people: u64, data: Option<PathBuf>, json: bool) -> Result<ExitCode> {
    if let Some(code) = encryption::as_child(people, data.as_deref())? {
        return Ok(code);
    }
    let directory = Directory::of(data)?;
    let (installed, making) = Installed::ready(directory.path(), people)?;
    let mut report = Report::new(machine::look(&installed));
    let watch = machine::Watch::begin();
    installed.disk(making, &mut report)?;
    floor::disk(directory.path(), &mut report)?;
    {
        say::note("starting the server …");
        let serving = Serving::start(directory.path(), &installed)?;
        over_http::measure(&serving, &installed, &mut report)?;
    }
    in_process::measure(&installed, &mut report)?;
    encryption::measure(directory.path(), &mut report)?;
    if let Some(percent) = watch.others() {
        report.figure(
            "cores taken by other programs meanwhile",
            percent,
            "%",
            Mark::None,
        );
    }
    report.print(json);
    Ok(ExitCode::SUCCESS)
}

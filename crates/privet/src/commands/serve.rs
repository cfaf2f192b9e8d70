//! `privet serve`.

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Result;

use crate::cli::Place;
use crate::installation::Installation;
use crate::{say, server};

pub fn run(place: &Place, listen: SocketAddr) -> Result<ExitCode> {
    let house = Installation::open(place)?;
    house.settle()?;
    server::serve(&house, listen, |address| {
        say::line(format!(
            "Privet serves {} on http://{address}",
            house.organisation.name
        ));
    })?;
    Ok(ExitCode::SUCCESS)
}

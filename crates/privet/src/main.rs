//! `privet`: the program. Command line, wiring and the server; no rules live here.

mod capabilities;
mod cli;
mod commands;
mod installation;
mod made_up;
mod say;
mod server;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let arguments = cli::Cli::parse();
    match commands::run(arguments) {
        Ok(code) => code,
        Err(error) => {
            say::error(&error);
            ExitCode::FAILURE
        }
    }
}

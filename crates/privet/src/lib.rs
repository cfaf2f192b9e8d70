//! The program's rooms: command line, wiring and the server. No rules live here.
//!
//! They are a library only so that whole-surface tests reach what the program itself runs; `main.rs`
//! does nothing but call [`main`].

#![expect(
    missing_docs,
    reason = "a program, not a library: nobody else builds on these items"
)]

pub mod bench;
pub mod capabilities;
pub mod cli;
pub mod commands;
pub mod installation;
pub mod made_up;
pub mod say;
pub mod server;

use std::process::ExitCode;

use clap::Parser;

/// Reads the command line, carries it out, and says how it ended.
pub fn main() -> ExitCode {
    let arguments = cli::Cli::parse();
    match commands::run(arguments) {
        Ok(code) => code,
        Err(error) => {
            say::error(&error);
            ExitCode::FAILURE
        }
    }
}

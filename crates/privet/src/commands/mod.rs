//! The commands, one file each. Every one acts as an operator with a purpose and leaves its leaves.

pub mod backup;
mod bench;

mod demo;
mod erase;
mod find;
mod import;
pub mod init;
mod log;
mod serve;
mod show;
pub mod verify;

use std::process::ExitCode;

use anyhow::Result;

use crate::cli::{Cli, Command};

/// Carries out what was asked.
pub fn run(cli: Cli) -> Result<ExitCode> {
    match cli.command {
        Command::Demo {
            fresh,
            listen,
            data,
        } => demo::run(fresh, listen, data),
        Command::Init {
            place,
            workspace,
            admin,
            country,
        } => init::run(&place, &workspace, &admin, &country),
        Command::Serve { place, listen } => serve::run(&place, listen),
        Command::Link { place, user } => init::link(&place, user.as_deref()),
        Command::User {
            place,
            name,
            mail,
            role,
        } => init::add_user(&place, &name, &mail, &role),
        Command::Token {
            place,
            label,
            days,
            role,
            purpose,
        } => init::token(&place, &label, days, &role, &purpose),
        Command::Import {
            place,
            file,
            kind,
            map,
            dry_run,
            json,
        } => import::run(&place, &file, kind, map.as_deref(), dry_run, json),
        Command::Find {
            place,
            text,
            limit,
            json,
        } => find::run(&place, &text, limit, json),
        Command::Show { place, id, json } => show::run(&place, &id, json),
        Command::Verify { place, json } => verify::run(&place, json),
        Command::Log {
            place,
            subject,
            limit,
            export,
            json,
        } => log::run(&place, subject.as_deref(), limit, export.as_deref(), json),
        Command::Erase {
            place,
            id,
            dry_run,
            json,
        } => erase::run(&place, &id, dry_run, json),
        Command::Backup { place, file } => backup::write(&place, &file),
        Command::Restore { place, file } => backup::restore(&place, &file),
        Command::Bench { people, data, json } => bench::run(people, data, json),
    }
}

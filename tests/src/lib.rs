//! Drivers for the journeys: the program as a process, its address, its files, and a real browser.
//!
//! The journeys judge Privet from outside, as its users, operators and thieves meet it: nothing here
//! links a crate of the product, so nothing here can share its mistakes.
//!
//! Must never do: reach into the product's code, wait for a clock where an event can be waited for,
//! or leave a process, directory or database behind. Start reading at [`Privet`]; what is proved
//! with it is in `tests/it/`.

mod api;
mod browser;
mod exports;
mod files;
mod http;
mod postgres_database;
mod program;
mod server;
mod traces;

pub use api::{Api, id_of, list_in};
pub use browser::{Browser, Focus, Page, Scheme, Screen};
pub use exports::{Contact, companies_csv, contacts, contacts_csv, project_root};
pub use files::{copy_tree, files_under, fingerprint};
pub use http::{Client, Reply};
pub use postgres_database::Database;
pub use program::{Outcome, Privet};
pub use server::Server;
pub use traces::{Traces, everything_about};

/// How long anything may take before a journey calls it hung. Waiting ends with the event, not with this.
pub const DEADLINE: std::time::Duration = std::time::Duration::from_secs(30);

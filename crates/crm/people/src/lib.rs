//! People: contacts with several mails, phones and addresses, each value with its class and origin.
//!
//! This crate is the example the other capabilities follow: `schema.toml` declares the fields,
//! `rules.rs` says what may be done and for how long it is kept, `list.rs`, `contact.rs` and `form.rs`
//! answer requests, `pages/` draws, `api.rs` names the endpoints. No SQL: people are records.
//!
//! Must never do: reach a person but through an act of whoever asked.

mod api;
mod contact;
mod form;
mod list;
pub mod pages;
mod rules;

use access::Action;
use axum::Router;
use axum::routing::{get, post};
use base::RecordId;
use desk::{Desk, NavEntry, SignedIn};
use web::Html;

pub use api::endpoints;
pub use rules::KEPT_AFTER_LAST_CONTACT_DAYS;

/// What this capability declares: its name and the text of its schema.
pub const SCHEMA: (&str, &str) = ("people", include_str!("schema.toml"));

/// Its place on the rail.
pub const NAV: NavEntry = NavEntry {
    group: "CRM",
    key: "contacts",
    label: "Contacts",
    href: "/contacts",
    icon: "people",
    counts: Some("person"),
    shortcut: "c",
    needs: Action::Read,
};

/// Draws the timeline of a record: wired by the program to the crate that keeps it.
pub type Timeline = fn(&Desk, &SignedIn, RecordId, &str) -> web::Result<Html>;

/// Its pages.
pub fn routes(timeline: Timeline) -> Router<Desk> {
    Router::new()
        .route("/contacts", get(list::page).post(list::searched))
        .route("/contacts/new", get(form::new).post(form::create))
        .route("/contacts/duplicates", post(form::duplicates))
        .route(
            "/contacts/{id}",
            get(move |who, state, path| contact::page(who, state, path, timeline)),
        )
        .route("/contacts/{id}/edit", get(form::edit).post(form::change))
}

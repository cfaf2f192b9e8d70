//! Companies, and who works there.

mod api;
mod company;
mod form;
mod list;
pub mod pages;

use access::Action;
use axum::Router;
use axum::routing::get;
use base::RecordId;
use desk::{Desk, NavEntry, SignedIn};
use web::Html;

pub use api::endpoints;

/// What this capability declares: its name and the text of its schema.
pub const SCHEMA: (&str, &str) = ("companies", include_str!("schema.toml"));

/// Its place on the rail.
pub const NAV: NavEntry = NavEntry {
    group: "CRM",
    key: "companies",
    label: "Companies",
    href: "/companies",
    icon: "building",
    counts: Some("company"),
    shortcut: "o",
    needs: Action::Read,
};

/// Draws the timeline of a record: wired by the program to the crate that keeps it.
pub type Timeline = fn(&Desk, &SignedIn, RecordId, &str) -> web::Result<Html>;

/// Its pages.
pub fn routes(timeline: Timeline) -> Router<Desk> {
    Router::new()
        .route("/companies", get(list::page).post(list::searched))
        .route("/companies/new", get(form::new).post(form::create))
        .route(
            "/companies/{id}",
            get(move |who, state, path| company::page(who, state, path, timeline)),
        )
        .route("/companies/{id}/edit", get(form::edit).post(form::change))
}

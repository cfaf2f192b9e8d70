//! The timeline of a person or company: notes, each sealed for those it is about.
//!
//! A note belongs to everyone it is about: it is sealed under a key of its own that is wrapped for each
//! of them, stays readable as long as one of them remains, and goes with the last.

mod api;
mod notes;
pub mod pages;

use axum::Router;
use axum::routing::{get, post};
use desk::Desk;

pub use api::endpoints;
pub use notes::card;

/// What this capability declares: its name and the text of its schema.
pub const SCHEMA: (&str, &str) = ("timeline", include_str!("schema.toml"));

/// Its routes: notes of contacts and of companies.
pub fn routes() -> Router<Desk> {
    Router::new()
        .route(
            "/contacts/{id}/notes",
            get(notes::of_contact).post(notes::add_to_contact),
        )
        .route(
            "/companies/{id}/notes",
            get(notes::of_company).post(notes::add_to_company),
        )
        .route("/notes/{id}/remove", post(notes::remove))
}

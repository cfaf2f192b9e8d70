//! The desk: what a signed-in person works at. From a request to who asks and why, from a record to
//! the rows on a screen, from a form to a draft; the pages that belong to no capability; and the REST
//! endpoints every kind of record has, made from its schema.
//!
//! Must never do: read or write a record but through `records`, or let a handler run without a
//! [`SignedIn`] or [`Caller`]. Start reading at [`Desk`], then `session.rs`.

mod api;
mod api_schema;
mod details;
mod entry;
mod pages;
mod session;
mod state;
mod words;

pub use api::{RecordApi, record_endpoints};
pub use api_schema::record_schema;
pub use details::{class_chip, details, origin_words};
pub use entry::{changes_from, draft_from, form_items, record_id, typed_in};
pub use pages::routes;
pub use session::{Caller, SignedIn, address_of, session_cookie};
pub use state::{Desk, NavEntry, Site, Suppression};
pub use words::{day, day_of, long_day, when};

//! The web's ground: the page shell and its parts, forms, cross-site protection, headers, errors
//! to HTTP, assets, and the table that both the REST routes and their OpenAPI document come from.
//!
//! It knows no capability, no session and no storage: a page is a struct of ready strings that a
//! capability fills and askama renders. It must never put personal data into an address, a header
//! or an error, and never emit inline script or style: the content security policy refuses both.
//!
//! Start reading at [`Shell`] (what every page has), [`page`] (how it is answered), [`guard`]
//! (what surrounds every route), [`Error`] (how failures are told) and [`api::Endpoint`].

// Templates name `web::assets::...` in this crate and in capabilities alike.
extern crate self as web;

pub mod api;
pub mod assets;
pub mod csrf;
pub mod form;
#[cfg(any(test, feature = "gallery"))]
pub mod gallery;
pub mod screens;
pub mod view;

mod error;
mod guard;
mod headers;
mod page;
mod plain;
mod shell;
mod submission;

pub use error::{Error, FieldProblem, Problem, Result};
pub use guard::{MAX_BODY_BYTES, guard};
pub use headers::{CONTENT_SECURITY_POLICY, Site};
pub use page::{Html, fragment, page, page_with_status, refresh, see_other, wanted_fragment};
pub use plain::Plain;
pub use shell::{
    Density, Flash, Look, NavGroup, NavItem, Purpose, PurposeMenu, Shell, Theme, Undo, User,
};
pub use submission::Submission;

//! The pages that belong to no capability: coming in, my day, search, the activity log.

mod activity;
mod enter;
mod find;
mod home;

use axum::Router;
use axum::routing::{get, post};

use crate::Desk;

/// Their routes.
pub fn routes() -> Router<Desk> {
    Router::new()
        .route("/", get(home::page))
        .route("/find", get(find::empty).post(find::page))
        .route("/log", get(activity::page))
        .route("/sign-in", get(enter::sign_in_page).post(enter::sign_in))
        .route("/link/{token}", get(enter::link_page))
        .route("/link", post(enter::redeem))
        .route(
            "/welcome",
            get(enter::welcome_page).post(enter::set_password),
        )
        .route("/sign-out", post(enter::sign_out))
        .route("/purpose", post(enter::purpose))
}

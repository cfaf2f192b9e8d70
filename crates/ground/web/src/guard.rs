//! What surrounds every route, in one place and one order.

use std::any::Any;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;

use crate::{Error, Problem, Site, assets, csrf, error, headers};

/// The largest body a route reads unless it says otherwise, in bytes: 1 MiB. A file upload sets
/// its own limit with `DefaultBodyLimit`.
pub const MAX_BODY_BYTES: usize = 1 << 20;

/// Adds the assets and surrounds all routes: headers, then errors as pages or problems, then
/// panics as 500 without details, then the same-site check, then the body limit. Called once, by
/// the program, on the whole router.
pub fn guard<S: Clone + Send + Sync + 'static>(routes: Router<S>, site: Site) -> Router<S> {
    routes
        .merge(assets::routes())
        .fallback(nowhere)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn(csrf::same_site))
        .layer(CatchPanicLayer::custom(broken))
        .layer(from_fn(error::tell))
        .layer(from_fn_with_state(site, headers::headers))
}

async fn nowhere() -> Error {
    Problem::absent().into()
}

/// The panic's own text may hold anything; it never leaves.
fn broken(_: Box<dyn Any + Send>) -> Response {
    Error::from(Problem::broken()).into_response()
}

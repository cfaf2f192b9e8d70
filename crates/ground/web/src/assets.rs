//! The few files the browser loads: one sheet, one module, one picture. They lie in the program
//! itself; their address names their content, so browsers may keep them for ever.

use std::sync::LazyLock;

use aws_lc_rs::digest;
use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderMap, IF_NONE_MATCH};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// One file.
#[derive(Debug)]
pub struct Asset {
    /// Address: `/assets/privet.<hash>.css`.
    pub href: String,
    /// Its bytes.
    pub bytes: &'static [u8],
    kind: &'static str,
    etag: String,
}

impl Asset {
    fn new(stem: &str, extension: &str, kind: &'static str, bytes: &'static [u8]) -> Self {
        let hash = digest::digest(&digest::SHA256, bytes);
        // 64 bits tell versions of one file apart; nobody gains by a collision with our own file.
        let hash = base::hex(&hash.as_ref()[..8]);
        Self {
            href: format!("/assets/{stem}.{hash}.{extension}"),
            etag: format!("\"{hash}\""),
            bytes,
            kind,
        }
    }
}

static CSS: LazyLock<Asset> = LazyLock::new(|| {
    let bytes = include_bytes!("../assets/privet.css");
    Asset::new("privet", "css", "text/css; charset=utf-8", bytes)
});

static JS: LazyLock<Asset> = LazyLock::new(|| {
    let bytes = include_bytes!("../assets/privet.js");
    Asset::new("privet", "js", "text/javascript; charset=utf-8", bytes)
});

static ICON: LazyLock<Asset> = LazyLock::new(|| {
    let bytes = include_bytes!("../assets/favicon.svg");
    Asset::new("favicon", "svg", "image/svg+xml", bytes)
});

/// Address of the sheet.
#[must_use]
pub fn css() -> &'static str {
    &CSS.href
}

/// Address of the module.
#[must_use]
pub fn js() -> &'static str {
    &JS.href
}

/// Address of the picture in the browser's tab.
#[must_use]
pub fn icon() -> &'static str {
    &ICON.href
}

/// All of them.
#[must_use]
pub fn all() -> [&'static Asset; 3] {
    [&CSS, &JS, &ICON]
}

pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    all()
        .into_iter()
        .fold(Router::new(), |router, asset| {
            router.route(
                &asset.href,
                get(move |headers: HeaderMap| async move { serve(asset, &headers) }),
            )
        })
        .route(
            "/favicon.ico",
            // This address names no content, so it only shows the way.
            get(|| async { crate::see_other(icon()) }),
        )
}

fn serve(asset: &'static Asset, asked: &HeaderMap) -> Response {
    let headers = [
        (CONTENT_TYPE, asset.kind),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (ETAG, asset.etag.as_str()),
    ];
    let known = asked
        .get(IF_NONE_MATCH)
        .and_then(|known| known.to_str().ok())
        .is_some_and(|known| known.split(',').any(|one| one.trim() == asset.etag));
    if known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, Bytes::from_static(asset.bytes)).into_response()
}

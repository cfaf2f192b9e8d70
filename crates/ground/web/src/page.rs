//! How a rendered template becomes an answer.

use askama::Template;
use askama::filters::HtmlSafe;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::{Error, Problem};

/// Names the fragment a background request wants, by the `id` of its element.
pub(crate) const X_FRAGMENT: HeaderName = HeaderName::from_static("x-fragment");

/// A whole page, status 200. Headers such as the content security policy and `no-store` are
/// added by [`crate::guard`].
pub fn page(template: &impl Template) -> Response {
    page_with_status(StatusCode::OK, template)
}

/// A whole page with another status, such as 422 for a form shown again with its errors.
pub fn page_with_status(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, [(CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response(),
        Err(_) => Error::from(Problem::broken()).into_response(),
    }
}

/// Part of a page, for a background request. The browser's module replaces the element whose
/// `id` the request named; a whole page that holds this element serves as well.
pub fn fragment(template: &impl Template) -> Response {
    page(template)
}

/// The fragment that a background request asked for; `None` for an ordinary page load.
#[must_use]
pub fn wanted_fragment(headers: &HeaderMap) -> Option<&str> {
    headers.get(X_FRAGMENT)?.to_str().ok()
}

/// Sends the browser on after a form was taken: 303, so that reloading does not send it again.
/// `to` is an address inside this site and begins with one slash; anything else leads home.
#[must_use]
pub fn see_other(to: &str) -> Response {
    let inside = to.starts_with('/') && !to.starts_with("//") && !to.contains('\\');
    let to = HeaderValue::from_str(if inside { to } else { "/" })
        .unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response()
}

/// Lets a progress page load itself again after `seconds`, without script.
#[must_use]
pub fn refresh(mut response: Response, seconds: u16) -> Response {
    response
        .headers_mut()
        .insert(HeaderName::from_static("refresh"), seconds.into());
    response
}

/// HTML that a template rendered, to be placed in another page as it is. It can only be made
/// from a template, so nothing unescaped comes this way.
#[derive(Debug, Clone, Default)]
pub struct Html(String);

impl Html {
    /// Renders a template to be placed in another page.
    pub fn of(template: &impl Template) -> crate::Result<Self> {
        template
            .render()
            .map(Self)
            .map_err(|_| Problem::broken().into())
    }

    /// Nothing: the place stays empty.
    #[must_use]
    pub const fn empty() -> Self {
        Self(String::new())
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Display for Html {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Html {}

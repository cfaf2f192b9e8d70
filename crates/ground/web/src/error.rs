//! Failures as answers: problem details (RFC 9457) for programs, a page that helps for people.
//!
//! A handler returns [`Error`]; the layer [`tell`] decides the form by who asked. Whatever
//! answers 4xx or 5xx in plain text (unknown method, body too large) passes here too.

use std::io::Write;

use axum::Json;
use axum::extract::Request;
use axum::http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base::{Fault, FaultKind};
use serde::Serialize;

use crate::page::X_FRAGMENT;
use crate::screens::ErrorPage;

/// What a handler answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Any failure on its way to the browser. Made from whatever is a [`base::Fault`] by `?`.
#[derive(Debug, Clone)]
pub struct Error(Box<Problem>);

/// A failure as it is told. Holds no personal data: the sentences come from error enums.
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    /// HTTP status.
    #[serde(serialize_with = "as_number")]
    pub status: StatusCode,
    /// What kind of failure, in a few words.
    pub title: &'static str,
    /// What happened, in a sentence.
    pub detail: String,
    /// What was kept.
    pub kept: String,
    /// What to do next.
    pub next: String,
    /// The inputs it is about, where there are any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
}

/// What is wrong with one input.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct FieldProblem {
    /// JSON pointer into the body (RFC 6901), name of a query parameter or of a header.
    pub pointer: String,
    /// What is wrong with it, in a sentence.
    pub detail: String,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
fn as_number<S: serde::Serializer>(
    status: &StatusCode,
    to: S,
) -> std::result::Result<S::Ok, S::Error> {
    to.serialize_u16(status.as_u16())
}

/// The status that a kind of failure is answered with.
#[must_use]
pub(crate) const fn status_of(kind: FaultKind) -> StatusCode {
    match kind {
        FaultKind::Absent => StatusCode::NOT_FOUND,
        FaultKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        FaultKind::Conflict => StatusCode::CONFLICT,
        FaultKind::Unknown => StatusCode::UNAUTHORIZED,
        FaultKind::Refused => StatusCode::FORBIDDEN,
        FaultKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        FaultKind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        FaultKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        FaultKind::Broken => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Title, what was kept and what to do next, for a status.
const fn words(status: u16) -> (&'static str, &'static str, &'static str) {
    match status {
        400 | 422 => (
            "This could not be taken",
            "Nothing was saved.",
            "Go back, correct what is named above and send it again; what you typed is still there.",
        ),
        401 => (
            "Please sign in",
            "Nothing was changed.",
            "Sign in and try again.",
        ),
        403 => (
            "You may not do this",
            "Nothing was changed.",
            "Switch the purpose at the top right if another one covers it, or ask an administrator.",
        ),
        404 => (
            "There is nothing here",
            "Nothing was changed.",
            "Check the address, or look for it with the search.",
        ),
        405 => (
            "This address does not take that",
            "Nothing was changed.",
            "Go back and use the button on the page.",
        ),
        409 | 412 => (
            "Somebody was faster",
            "The other change was kept; yours was not saved.",
            "Go back, reload the page to see what changed, and send yours again.",
        ),
        413 => (
            "This is too large",
            "Nothing was saved.",
            "Send a smaller one, or split it.",
        ),
        415 => (
            "This format is not understood",
            "Nothing was saved.",
            "Send JSON as application/json, or a form from the page.",
        ),
        428 => (
            "Say which version you mean",
            "Nothing was changed.",
            "Read it first and send its ETag back as If-Match.",
        ),
        429 => (
            "A little slower, please",
            "Nothing was changed.",
            "Wait a minute and try again.",
        ),
        503 => (
            "Not available at present",
            "Nothing was changed.",
            "Try again in a moment.",
        ),
        _ => (
            "Something broke on our side",
            "What was not confirmed was not saved; what was saved is safe.",
            "Try again. If it happens twice, tell whoever runs Privet the time it happened.",
        ),
    }
}

const fn sentence(status: u16) -> &'static str {
    match status {
        400 | 422 => "The request is not complete or not in the form this address takes.",
        401 => "Nobody is signed in.",
        403 => "Your role or purpose does not cover this.",
        404 => "There is no such page, or you may not know of it.",
        405 => "The address exists, but not for this method.",
        409 | 412 => "It was changed since you opened it.",
        413 => "The request is larger than this address takes.",
        415 => "The body is not of a type this address reads.",
        428 => "The request does not say which version it was made from.",
        429 => "There were too many requests in a short time.",
        503 => "The service cannot answer at the moment.",
        406..=499 => "The request was not understood.",
        _ => "The request could not be carried out because of a defect.",
    }
}

impl Problem {
    /// A problem of this status, told in the usual words.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        let (title, kept, next) = words(status.as_u16());
        Self {
            status,
            title,
            detail: sentence(status.as_u16()).to_owned(),
            kept: kept.to_owned(),
            next: next.to_owned(),
            errors: Vec::new(),
        }
    }

    /// Nothing at this address, or nothing the actor may know of.
    #[must_use]
    pub fn absent() -> Self {
        Self::of_status(StatusCode::NOT_FOUND)
    }

    /// A defect.
    #[must_use]
    pub fn broken() -> Self {
        Self::of_status(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The problem with another sentence about what happened.
    #[must_use]
    pub fn saying(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// The problem with another sentence about what to do next.
    #[must_use]
    pub fn with_next(mut self, next: impl Into<String>) -> Self {
        self.next = next.into();
        self
    }

    /// The problem with the inputs it is about.
    #[must_use]
    pub fn about(mut self, errors: Vec<FieldProblem>) -> Self {
        self.errors = errors;
        self
    }
}

impl Error {
    /// A problem of this status, told in the usual words.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        Problem::of_status(status).into()
    }

    /// Nothing there, or nothing the actor may know of: 404.
    #[must_use]
    pub fn absent() -> Self {
        Problem::absent().into()
    }

    /// Refused, with what happened and what to do next: 403.
    #[must_use]
    pub fn refused(detail: &str, next: &str) -> Self {
        Problem::of_status(StatusCode::FORBIDDEN)
            .saying(detail)
            .with_next(next)
            .into()
    }

    /// Inputs that cannot be taken: 422, each named.
    #[must_use]
    pub fn invalid(detail: impl Into<String>, errors: Vec<FieldProblem>) -> Self {
        Problem::of_status(StatusCode::UNPROCESSABLE_ENTITY)
            .saying(detail)
            .about(errors)
            .into()
    }

    /// How it is told.
    #[must_use]
    pub const fn problem(&self) -> &Problem {
        &self.0
    }

    /// The status it is answered with.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.0.status
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl<F: Fault> From<F> for Error {
    fn from(fault: F) -> Self {
        if fault.kind() == FaultKind::Broken {
            // What broke is for whoever runs the program: error enums hold nothing personal, but
            // statements and columns are nobody else's business either.
            drop(writeln!(std::io::stderr().lock(), "privet: {fault}"));
            return Problem::broken().into();
        }
        let mut problem = Problem::of_status(status_of(fault.kind())).saying(fault.to_string());
        if let Some(field) = fault.field() {
            problem.errors.push(FieldProblem {
                pointer: format!("/{}", field.replace('.', "/")),
                detail: fault.to_string(),
            });
        }
        problem.into()
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = as_json(&self.0);
        response.extensions_mut().insert(*self.0);
        response
    }
}

fn as_json(problem: &Problem) -> Response {
    let mut response = (problem.status, Json(problem)).into_response();
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    retry(headers, problem.status);
    response
}

fn retry(headers: &mut HeaderMap, status: StatusCode) {
    let seconds = match status {
        StatusCode::TOO_MANY_REQUESTS => "60",
        StatusCode::SERVICE_UNAVAILABLE => "5",
        _ => return,
    };
    headers
        .entry(RETRY_AFTER)
        .or_insert(HeaderValue::from_static(seconds));
}

/// Turns every failure into the form that whoever asked can read.
pub(crate) async fn tell(request: Request, next: Next) -> Response {
    let program = asks_for_json(&request);
    let mut response = next.run(request).await;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None if is_told(response.headers()) => return response,
        None => Problem::of_status(status),
    };
    let mut told = if program {
        as_json(&problem)
    } else {
        crate::page_with_status(status, &ErrorPage::of(problem))
    };
    keep_headers(response.headers(), told.headers_mut());
    retry(told.headers_mut(), status);
    told
}

/// Cookies, `Allow`, `WWW-Authenticate` and the like survive; what described the old body does not.
fn keep_headers(from: &HeaderMap, to: &mut HeaderMap) {
    for (name, value) in from {
        if !name.as_str().starts_with("content-") && name != "transfer-encoding" {
            to.append(name, value.clone());
        }
    }
}

fn asks_for_json(request: &Request) -> bool {
    let headers = request.headers();
    let accepts_json = headers
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("json") && !accept.contains("text/html"));
    let path = request.uri().path();
    (path.starts_with("/api/") && path != "/api/docs")
        || accepts_json
        || headers.contains_key(X_FRAGMENT)
}

/// Pages and JSON of a handler's own making, such as a form shown again, stay as they are.
fn is_told(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| {
        let kind = kind.as_bytes();
        kind.starts_with(b"text/html") || kind.starts_with(b"application/")
    })
}

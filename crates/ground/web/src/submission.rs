//! A form as it was sent: pairs in the order of the page, names may repeat.

use axum::Form;
use axum::extract::{FromRequest, Request};

use crate::{Error, csrf};

/// The fields of a sent form. Repeating names are kept in order, so several mail addresses and
/// their labels can be read side by side.
#[derive(Clone, Default)]
pub struct Submission(Vec<(String, String)>);

impl Submission {
    /// The form with these pairs.
    #[must_use]
    pub const fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The first value of a name, trimmed; `None` when absent or blank.
    #[must_use]
    pub fn one(&self, name: &str) -> Option<&str> {
        let first = self.0.iter().find(|(n, _)| n == name);
        first
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// The first value of a name, trimmed; empty when absent.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.one(name).unwrap_or_default()
    }

    /// Every value of a name, trimmed, in order; blank ones too, so that rows stay aligned.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(n, _)| n == name)
            .map(|(_, value)| value.trim())
    }

    /// Whether a box of this name was ticked.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n == name)
    }

    /// Whether the form belongs to the session. Every handler that changes something asks first.
    pub fn check(&self, session_secret: &[u8]) -> Result<(), Error> {
        csrf::check(session_secret, self.text(csrf::FIELD))
    }
}

// What people type is never printed.
impl std::fmt::Debug for Submission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Submission({} fields)", self.0.len())
    }
}

impl<S: Send + Sync> FromRequest<S> for Submission {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let Form(pairs) = Form::<Vec<(String, String)>>::from_request(request, state)
            .await
            .map_err(|rejection| Error::of_status(rejection.status()))?;
        Ok(Self(pairs))
    }
}

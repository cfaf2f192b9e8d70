//! The page for whatever went wrong: what happened, what was kept, what to do next.

use askama::Template;

use crate::{Plain, Problem};

/// A failure, told to a person. Drawn without a session, because the session may be what failed.
#[derive(Debug, Clone, Template)]
#[template(path = "screens/error.html")]
pub struct ErrorPage {
    /// The frame.
    pub plain: Plain,
    /// What happened.
    pub problem: Problem,
}

impl ErrorPage {
    /// The page of a problem.
    #[must_use]
    pub fn of(problem: Problem) -> Self {
        Self {
            plain: Plain::new(problem.title),
            problem,
        }
    }

    fn signed_out(&self) -> bool {
        self.problem.status.as_u16() == 401
    }
}

//! The pages that belong to no capability: signing in, the first page, the search, the activity
//! log, errors, the description of the API. View structs only; who fills them is above.

mod api_docs;
mod error;
mod find;
mod home;
mod log;
#[cfg(test)]
mod samples;
mod sign_in;

pub use api_docs::{ApiDocsPage, Operation, OperationGroup, Parameter};
pub use error::ErrorPage;
pub use find::{FindPage, Found, FoundGroup};
pub use home::{HomePage, Recent};
pub use log::{LogEntry, LogFilter, LogPage, Verified};
pub use sign_in::{SignInPage, SignInState, WelcomePage, WelcomeState};

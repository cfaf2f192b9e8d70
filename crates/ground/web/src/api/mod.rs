//! Building blocks of the REST API. An [`Endpoint`] says once what an operation is; the routes
//! and the OpenAPI document are made from the same table, and what the document says about a
//! request is checked before the handler runs, so paper and practice cannot drift.
//!
//! Paths begin with `/api/`; failures are problem details (RFC 9457).

mod check;
mod endpoint;
mod openapi;
mod precondition;
mod schema;

pub use check::problems;
pub use endpoint::{Endpoint, MAX_BODY_BYTES, Query, router};
pub use openapi::{About, openapi};
pub use precondition::{etag, idempotency_key, if_match, not_modified, with_etag, with_next};
pub use schema::Schema;

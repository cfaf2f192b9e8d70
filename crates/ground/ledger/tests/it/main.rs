//! What the ledger promises, on both engines.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(
    clippy::cast_possible_truncation,
    reason = "sizes of tests are small numbers"
)]

mod concurrent;
mod erase;
mod exported;
mod grow;
mod note;
mod rewrite;
mod tamper;
mod world;

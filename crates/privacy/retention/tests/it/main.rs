//! People are forgotten, stay forgotten, and it can be proved.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it must be"
)]

mod backups;
mod coverage;
mod crash;
mod erase;
mod house;
mod suppress;

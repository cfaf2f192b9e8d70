//! Backups of an installation: written, damaged in every way, and brought back on either engine.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it must be"
)]

mod damage;
mod places;
mod round_trip;

//! Backups of an installation: written, damaged in every way, and brought back on either engine.

mod damage;
mod places;
mod round_trip;

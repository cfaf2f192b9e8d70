//! The whole surface of the program: every table, field, right, route and row, and every kind of damage.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot set its scene has failed, and says what it counted"
)]

mod coverage;
mod damage;
mod disk;
mod fields;
mod forge;
mod house;
mod leaves;
mod quiet;
mod restored;
mod rights;
mod routes;
mod tampers;
mod web;

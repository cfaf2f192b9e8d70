//! The way in, on both engines: what opens it, what must not, and what is left behind.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod disk;
mod doors;
mod erasure;
mod house;
mod password;
mod rows;
mod session;
mod throttle;
mod token;

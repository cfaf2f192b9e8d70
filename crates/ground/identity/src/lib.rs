//! Who comes in: users, passwords, one-time links, sessions and API tokens.
//!
//! A user is a record of the kind `user`: sealed under a key of its own, logged, erasable; the actor
//! id of a user is its record id. What opens the door is in five tables of this crate, and each of
//! their rows carries a keyed MAC: a row changed behind the program's back is refused when it is read
//! and found by [`Identity::verify_rows`].
//!
//! Must never do: store a token or password, put a mail address or name into an error, answer
//! differently for "no such account" than for "wrong password", or hash a password inside a
//! transaction. No HTTP here: cookies and pages are the business of `web`.
//!
//! Start reading at [`Identity`] in `door.rs`, then `sign_in.rs` and `session.rs`.

mod api_token;
mod attempt;
mod door;
mod error;
mod gate;
mod holder;
mod kept;
mod link;
mod password;
mod rows;
mod session;
mod set_password;
mod sign_in;
mod stretch;
mod throttle;
mod token;
mod user;

pub use api_token::{TokenDraft, TokenShown};
pub use door::Identity;
pub use error::Error;
pub use holder::{TABLES, TALLIED};
pub use password::Weak;
pub use rows::{LinkKind, Via};
pub use session::{SessionShown, Signed, SignedIn};
pub use stretch::Cost;
pub use token::{ApiToken, Handle, LinkToken, SessionToken};

/// The result of an identity operation.
pub type Result<T> = std::result::Result<T, Error>;

/// The kind `user`, as [`records::Schema::load`] takes it.
pub const SCHEMA: (&str, &str) = ("identity", include_str!("schema.toml"));

/// The tables of this crate.
pub const MIGRATIONS: &[store::Migration] = &[store::Migration {
    owner: "identity",
    number: 1,
    side: store::Side::Data,
    sql: include_str!("../migrations/0001_identity.sql"),
}];

//! Retention: forgetting a person for good, and proving it.
//!
//! [`Erasure`] plans an erasure ([`Erasure::plan`]) and carries it out by the same code
//! ([`Erasure::erase`]): a line in the journal first, then one act in which every holder forgets the
//! person, the key is destroyed and a tombstone is logged; then the write-ahead logs are emptied, every
//! holder is asked again, key files of backups are cleared, and a signed [`Certificate`] says so. What
//! was interrupted is completed by [`Erasure::resume`]; what a backup brings back is erased again by
//! [`Erasure::reapply`]. [`suppression`] knows who must not come back unnoticed.
//!
//! Must never do: name an erased person anywhere, keep more of them than keyed fingerprints, or
//! certify what was not looked at.
//!
//! Start reading at `erasure.rs`.

mod after_restore;
mod certificate;
mod erasure;
mod error;
mod find_leaf;
mod ground;
mod journal;
mod note;
pub mod pages;
mod plan;
mod schema;
mod screens;
pub mod suppression;

pub use after_restore::{Ready, Reapplied};
pub use certificate::{Certificate, verify_certificate};
pub use erasure::{Begun, Erasure};
pub use error::Error;
pub use ground::{backup_contents, ground_holders, uncovered};
pub use journal::{Entry, ErasureId, State};
pub use plan::{Goes, Plan, Stays};
pub use schema::{MIGRATIONS, TABLES, TALLIED};
pub use screens::{NAV, routes};
pub use suppression::{FreshBasis, Suppressed};

/// The result of an operation of this crate.
pub type Result<T> = std::result::Result<T, Error>;

//! An act: who, why, when, in which transaction, and the leaves it leaves.
//!
//! [`Acts`] is the only way to a transaction above this crate. An [`Act`] carries the actor and the
//! purpose, the clock and chance, the transaction and the leaves; without one nothing is read or
//! written. A write's leaves commit with the change or not at all; a read answers only after its
//! leaves are durable; a refusal leaves a leaf too.
//!
//! Must never do: give out a transaction without an act, or an answer before its leaf.

mod acts;
mod error;
mod holder;
mod workspace;

pub use acts::{Act, Acts, House, Logged, commitment_of, commitment_salt};
pub use error::Error;
pub use holder::{Erased, Holder};
pub use ledger::Action as LeafAction;
pub use workspace::{MIGRATIONS, Organisation, TABLES, TALLIED};

//! The ledger: a log of every read and write that nobody can alter unseen, and that still forgets.
//!
//! Each workspace has one log: leaves of fixed layout ([`LeafDraft`]) under an RFC 9162 Merkle
//! tree, whose head is signed as a C2SP checkpoint. [`append`] writes leaves in the transaction of
//! what they tell of; [`sequence`] numbers them on PostgreSQL; [`checkpoint`] signs;
//! [`verify_tree`] and [`verify_rows`] find the first thing that is wrong; [`export`] lets anyone
//! else do so with `privet-verify`.
//!
//! It forgets because nothing personal is in a leaf: whom it is about is a commitment that only
//! the subject's own key opens, and the links from people and records to leaves lie outside the
//! tree and are deleted at erasure ([`unlink_subject`], [`unlink_row`]).
//!
//! Must never do: hold a clear value or a key, update or delete a leaf, keep a size or root in
//! memory between transactions, or sign a head that does not continue the last one.
//!
//! Start reading at [`LeafDraft`] for what is logged, then `append`, then `check_tree`.

mod action;
mod append;
mod check_rows;
mod check_tree;
mod checkpoint;
mod commitment;
mod error;
mod export;
mod finding;
mod history;
mod leaf;
mod nodes;
mod note;
mod postgres;
mod proof;
mod schema;
mod tree;

pub use action::{Action, Decision, Outcome};
pub use append::{Appended, Head, append, head};
pub use check_rows::{LiveRow, LiveRows, VerifiedRows, verify_rows};
pub use check_tree::{Verified, verify_tree};
pub use checkpoint::{checkpoint, latest as latest_checkpoint, thin_checkpoints};
pub use commitment::{RowState, commitment_root, detail_commitment, row_state, subject_commitment};
pub use error::Error;
pub use export::{Exported, export};
pub use finding::{Finding, Place};
pub use history::{
    LoggedLeaf, Unlinked, leaves, leaves_of_row, leaves_of_subject, unlink_row, unlink_subject,
};
pub use leaf::{Body, Entry, LEAF_LEN, LEAF_VERSION, Leaf, LeafDraft, NONE};
pub use nodes::{consistency_proof, inclusion_proof, proof_bundle};
pub use note::{KeyKind, OpenedNote, SignedHead, Signer, VerifierKey, open_note};
pub use postgres::sequence;
pub use proof::{verify_consistency, verify_inclusion};
pub use schema::{MIGRATIONS, TABLES};
pub use tree::{EMPTY_ROOT, Hash, leaf_hash, node_hash};

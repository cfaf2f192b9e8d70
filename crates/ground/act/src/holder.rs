//! The seam that keeps coverage whole: every crate that owns tables says which they are, and how to
//! find, count and erase a subject's rows in them.

use base::{SubjectId, Table};

use crate::{Act, Error};

/// What an erasure found, or did, in one table or index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// The table, index or cache.
    pub place: &'static str,
    /// What becomes of it, in words.
    pub what: String,
    /// How many rows or entries.
    pub count: u64,
}

/// Whoever keeps personal data. Erasure, the data map and breach scope only walk the holders.
pub trait Holder: Send + Sync {
    /// The crate.
    fn name(&self) -> &'static str;

    /// Every table it owns, with every column.
    fn tables(&self) -> Vec<Table>;

    /// What erasing this subject would do here. Changes nothing.
    fn plan_erasure(&self, act: &mut Act<'_, '_>, subject: SubjectId)
    -> Result<Vec<Erased>, Error>;

    /// Does it. The same rows as [`Holder::plan_erasure`] named.
    fn erase(&self, act: &mut Act<'_, '_>, subject: SubjectId) -> Result<Vec<Erased>, Error>;

    /// How many rows of this subject are still found: 0 after an erasure.
    fn remains(&self, act: &mut Act<'_, '_>, subject: SubjectId) -> Result<u64, Error>;
}

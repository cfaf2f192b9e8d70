//! The declaration of what a table holds, column by column. A test compares the union of all
//! declarations with the tables that exist: a column nobody answers for fails the build.

/// What one column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// An id, number or instant that means nothing without the record it belongs to.
    Reference,
    /// Clear values that are never about a person: names of migrations, settings, counters.
    Impersonal,
    /// Ciphertext under a subject's key; unreadable once that key is shredded.
    Sealed,
    /// A key, wrapped by another key.
    Key,
    /// A keyed token derived from a sealed value; deleted with it and rebuilt from it.
    Derived,
    /// A hash, commitment or signature that reveals nothing of what it was computed over.
    Digest,
}

/// One column and what it holds.
pub type Column = (&'static str, Holds);

/// One table, who answers for it, and what its columns hold.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Name in SQL.
    pub name: &'static str,
    /// Every column.
    pub columns: &'static [Column],
    /// What becomes of a subject's rows at erasure, in words for the data map.
    pub on_erasure: &'static str,
}

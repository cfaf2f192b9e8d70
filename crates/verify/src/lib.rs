//! The stand-alone verifier of Privet's log: for auditors, authorities and anyone who was handed
//! an export or a proof and has no reason to trust the server.
//!
//! No code of the server is in here, and no dependency but hashes, signatures and base64. It needs
//! no database, no network and no secret. It must never report a log as whole that it did not read
//! to the end, and never trust a number in a file before it is checked.
//!
//! Start reading at [`verify_export`]; `main.rs` is the command.

mod export;
mod merkle;
mod note;
mod proof;

use std::fmt;

pub use export::{Report, verify_export};
pub use merkle::{Hash, Tree, leaf_hash, root_of_path};
pub use note::{Checkpoint, VerifierKey, open as open_checkpoint};
pub use proof::{Included, verify_inclusion};

/// Why a log was not found whole.
#[derive(Debug)]
pub enum Problem {
    /// The file could not be read; nothing is known about the log.
    Read(std::io::Error),
    /// Something is wrong.
    Wrong {
        /// Where: the first place.
        place: String,
        /// What.
        what: String,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => write!(f, "the file could not be read: {error}"),
            Self::Wrong { place, what } => write!(f, "{place}: {what}"),
        }
    }
}

impl std::error::Error for Problem {}

fn wrong<T>(place: &str, what: &str) -> Result<T, Problem> {
    Err(Problem::Wrong {
        place: place.to_owned(),
        what: what.to_owned(),
    })
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = |c: &u8| c.is_ascii_digit() || (b'a'..=b'f').contains(c);
    if !text.len().is_multiple_of(2) || !text.as_bytes().iter().all(digits) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}

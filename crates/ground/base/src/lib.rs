//! What every room stands on: ids, time, chance, kinds of failure, paging, and the
//! declaration of what a table holds.
//!
//! No I/O and almost no dependencies; knows nothing of storage, people or the law.
//! The two exceptions are [`SystemClock`] and [`SystemRng`], the only places in the
//! whole program that ask the machine for the time or for chance.

mod clock;
mod fault;
mod holds;
mod id;
mod page;
mod rng;

pub use clock::{Clock, FixedClock, SystemClock, Timestamp};
pub use fault::{Fault, FaultKind};
pub use holds::{Column, Holds, Table};
pub use id::{
    ActorId, Id, ParseIdError, RecordId, RequestId, SubjectId, Workspace, WorkspaceId, kind,
};
pub use page::{Cursor, CursorError, PageSize};
pub use rng::{Rng, SeededRng, SystemRng};

/// Lower-case hexadecimal, for fingerprints and tree roots shown to people.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes.len() * 2);
    for &b in bytes {
        out.push(DIGITS[usize::from(b >> 4)] as char);
        out.push(DIGITS[usize::from(b & 15)] as char);
    }
    out
}

/// The bytes behind [`hex`]; `None` when the text is not hexadecimal.
#[must_use]
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&text[i..i + 2], 16).ok())
        .collect()
}

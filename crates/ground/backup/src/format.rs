//! The layout of a backup file, version 1.
//!
//! ```text
//! privet backup 1\n
//! kind data\n                       or `keys`
//! root rk-0123456789abcdef\n        the root key that wraps the key of this file
//! made 2026-11-23T19:40:00Z\n
//! delete by 2026-11-30T19:40:00Z\n  in key files alone: how long keys may be kept
//! key <wrapped key, hexadecimal>\n
//! nonce <7 bytes, hexadecimal>\n
//! \n
//! chunks                            see `stream.rs`; what follows is inside them, numbers big-endian
//!   length u32 | header, JSON       see [`Header`]
//!   1 | length u16, name of a table | columns u16 | (length u16, name of a column) ..
//!     (1 | cell ..) ..              one row each: every cell in the order of the columns
//!     0 | rows u64 | SHA-256 of the section up to here
//!   2 | sections u32 | SHA-256 of everything from the header up to here
//! ```
//!
//! A cell is `0` (nothing), `1 | i64`, `2 | f64`, `3 | length u32, UTF-8`, `4 | length u32, bytes`.
//! Tables are in an order in which they can be filled. A change of this layout is a new version.

use std::io::{BufRead, Read};

use aws_lc_rs::digest::{SHA256, digest};
use base::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Cell, Value};

use crate::{Error, KEYS_KEPT_DAYS, Result};

const MAGIC: &str = "privet backup 1";
/// The number every header of this layout bears.
pub(crate) const VERSION: u16 = 1;
const PREAMBLE_MAX: u64 = 4_096;
pub(crate) const SECTION: u8 = 1;
pub(crate) const END: u8 = 2;

/// Which of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// Records, links, log, settings.
    Data,
    /// Wrapped keys, tombstones, what is kept of erasures.
    Keys,
}

impl FileKind {
    const fn word(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Keys => "keys",
        }
    }
}

/// One step of the schema that the rows were written under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The crate that owns it.
    pub owner: String,
    /// Its number there.
    pub number: u32,
    /// SHA-256 of its text, in hexadecimal.
    pub text: String,
}

/// What a file says of itself, under seal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Of the layout.
    pub version: u16,
    /// Which of the two files.
    pub kind: FileKind,
    /// The id both files of one backup share.
    pub backup: String,
    /// The workspace's number.
    pub workspace_number: i64,
    /// The workspace's id.
    pub workspace: String,
    /// When the state was taken, in microseconds UTC.
    pub made: i64,
    /// Every step of the schema of this side, in the order of owner and number.
    pub steps: Vec<Step>,
    /// Leaves of the log in the data.
    pub log_size: u64,
    /// Root of the log over them, in hexadecimal.
    pub log_root: String,
}

/// What stands before the sealed part.
pub(crate) struct Preamble {
    pub(crate) kind: FileKind,
    pub(crate) root: String,
    pub(crate) wrapped: Vec<u8>,
    pub(crate) prefix: [u8; 7],
    pub(crate) text: String,
}

impl Preamble {
    pub(crate) fn write(header: &Header, root: &str, wrapped: &[u8], prefix: [u8; 7]) -> Self {
        let made = Timestamp(header.made);
        let mut text = format!(
            "{MAGIC}\nkind {}\nroot {root}\nmade {made}\n",
            header.kind.word()
        );
        if header.kind == FileKind::Keys {
            text.push_str(&format!("delete by {}\n", made.plus_days(KEYS_KEPT_DAYS)));
        }
        let (key, nonce) = (base::hex(wrapped), base::hex(&prefix));
        text.push_str(&format!("key {key}\nnonce {nonce}\n\n"));
        Self {
            kind: header.kind,
            root: root.to_owned(),
            wrapped: wrapped.to_vec(),
            prefix,
            text,
        }
    }

    pub(crate) fn read(from: &mut impl BufRead) -> Result<Self> {
        const NONE: Error = Error::NotABackup("this is no backup of Privet");
        let mut text = String::new();
        let mut from = from.take(PREAMBLE_MAX);
        while !text.ends_with("\n\n") {
            let read = from.read_line(&mut text);
            if !read.is_ok_and(|length| length > 0) {
                return Err(if text.starts_with(MAGIC) {
                    Error::Damaged
                } else {
                    NONE
                });
            }
        }
        let mut lines = text.lines();
        if lines.next() != Some(MAGIC) {
            return Err(NONE);
        }
        Self::parse(&text).ok_or(Error::Damaged)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().skip(1);
        let kind = match lines.next()?.strip_prefix("kind ")? {
            "data" => FileKind::Data,
            "keys" => FileKind::Keys,
            _ => return None,
        };
        let root = lines.next()?.strip_prefix("root ")?.to_owned();
        lines.next()?.strip_prefix("made ")?;
        if kind == FileKind::Keys {
            lines.next()?.strip_prefix("delete by ")?;
        }
        let wrapped = base::unhex(lines.next()?.strip_prefix("key ")?)?;
        let prefix = base::unhex(lines.next()?.strip_prefix("nonce ")?)?;
        let ends = lines.next() == Some("") && lines.next().is_none();
        ends.then_some(Self {
            kind,
            root,
            wrapped,
            prefix: prefix.try_into().ok()?,
            text: text.to_owned(),
        })
    }

    pub(crate) fn bound(&self) -> [u8; 32] {
        let mut out = [0; 32];
        out.copy_from_slice(digest(&SHA256, self.text.as_bytes()).as_ref());
        out
    }

    pub(crate) fn key_bound(kind: FileKind) -> Vec<u8> {
        [b"privet/backup/1/".as_slice(), kind.word().as_bytes()].concat()
    }
}

/// A cell that outlives its row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Owned {
    Null,
    Int(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
}

/// One row.
pub(crate) type Cells = Vec<Owned>;

impl Owned {
    pub(crate) fn of(cell: Cell<'_>) -> Self {
        match cell {
            Cell::Null => Self::Null,
            Cell::Int(v) => Self::Int(v),
            Cell::Real(v) => Self::Real(v),
            Cell::Text(v) => Self::Text(v.to_owned()),
            Cell::Bytes(v) => Self::Bytes(v.to_vec()),
        }
    }

    pub(crate) fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Int(v) => Value::Int(*v),
            Self::Real(v) => Value::Real(*v),
            Self::Text(v) => Value::Text(v),
            Self::Bytes(v) => Value::Bytes(v),
        }
    }

    pub(crate) fn cell(&self) -> Cell<'_> {
        match self {
            Self::Null => Cell::Null,
            Self::Int(v) => Cell::Int(*v),
            Self::Real(v) => Cell::Real(*v),
            Self::Text(v) => Cell::Text(v),
            Self::Bytes(v) => Cell::Bytes(v),
        }
    }
}

/// The beginning of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) table: String,
    pub(crate) columns: Vec<String>,
}

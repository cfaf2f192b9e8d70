//! The log as one file that `privet-verify` checks without this program, its database or its keys.
//!
//! ```text
//! privet-log-export 1\n
//! origin <name of the log>\n
//! workspace <32 hex digits>\n
//! key <verifier key, C2SP text>\n          one line for each key
//! leaves <number>\n
//! checkpoints <number>\n
//! \n
//! (length u16, leaf) ...                    big-endian, in the order of their numbers
//! (length u32, checkpoint) ...              in the order of their sizes
//! end <SHA-256 of all before this line, 64 hex digits>\n
//! ```
//!
//! The file ends at the newest checkpoint, so that all in it is signed. It holds no detail, no
//! link and nothing personal. The closing hash finds damage; only the signatures find a forgery,
//! and only when the reader knows the keys from elsewhere.

use std::io::Write;

use aws_lc_rs::digest;
use base::Workspace;
use store::{Tx, params};

use crate::Error;
use crate::checkpoint;
use crate::note::{VerifierKey, open_note};

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exported {
    /// Leaves in the file.
    pub leaves: u64,
    /// Checkpoints in the file.
    pub checkpoints: u64,
}

/// Writes the log up to its newest checkpoint. `keys` are the log's own.
pub fn export(
    tx: &mut Tx<'_>,
    ws: Workspace,
    keys: &[VerifierKey],
    out: &mut dyn Write,
) -> Result<Exported, Error> {
    let (leaves, note) = checkpoint::latest(tx, ws)?.ok_or(Error::NoCheckpoint)?;
    let origin = open_note(&note, keys)?.head.origin;
    let checkpoints = tx.number(
        "SELECT COUNT(*) FROM checkpoint WHERE ws = $1",
        params![ws.number],
    )?;
    let mut out = Hashing {
        out,
        context: digest::Context::new(&digest::SHA256),
        failed: None,
    };
    let mut header = format!(
        "privet-log-export 1\norigin {origin}\nworkspace {}\n",
        base::hex(ws.id.as_bytes())
    );
    for key in keys {
        header.push_str(&format!("key {key}\n"));
    }
    header.push_str(&format!("leaves {leaves}\ncheckpoints {checkpoints}\n\n"));
    out.put(header.as_bytes());
    tx.each(
        "SELECT body FROM leaf WHERE ws = $1 AND seq < $2 ORDER BY seq",
        params![ws.number, leaves],
        |row| {
            let body = row.bytes(0)?;
            out.put(&u16::try_from(body.len()).unwrap_or(u16::MAX).to_be_bytes());
            Ok(out.put(body))
        },
    )?;
    tx.each(
        "SELECT note FROM checkpoint WHERE ws = $1 ORDER BY size",
        params![ws.number],
        |row| {
            let note: String = row.get(0)?;
            out.put(&u32::try_from(note.len()).unwrap_or(u32::MAX).to_be_bytes());
            Ok(out.put(note.as_bytes()))
        },
    )?;
    out.finish()?;
    Ok(Exported {
        leaves,
        checkpoints: u64::try_from(checkpoints).unwrap_or(0),
    })
}

/// A writer that remembers its first failure and hashes what it wrote.
struct Hashing<'a> {
    out: &'a mut dyn Write,
    context: digest::Context,
    failed: Option<std::io::ErrorKind>,
}

impl Hashing<'_> {
    /// Writes; `false` once something failed.
    fn put(&mut self, bytes: &[u8]) -> bool {
        if self.failed.is_none() {
            self.context.update(bytes);
            self.failed = self.out.write_all(bytes).err().map(|error| error.kind());
        }
        self.failed.is_none()
    }

    fn finish(mut self) -> Result<(), Error> {
        let hash = base::hex(self.context.clone().finish().as_ref());
        self.put(format!("end {hash}\n").as_bytes());
        match self.failed {
            Some(kind) => Err(Error::Write(kind)),
            None => self.out.flush().map_err(|error| Error::Write(error.kind())),
        }
    }
}

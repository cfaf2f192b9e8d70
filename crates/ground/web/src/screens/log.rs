//! The activity log: every look and every change, in words, with the proof that none was altered.

use askama::Template;

use crate::Shell;
use crate::view::{Avatar, Choice, Empty, Pager, Tone};

/// The activity log.
#[derive(Debug, Clone, Template)]
#[template(path = "screens/log.html")]
pub struct LogPage {
    /// The frame.
    pub shell: Shell,
    /// State of the proof.
    pub verified: Verified,
    /// What it is narrowed by.
    pub filter: LogFilter,
    /// The entries, newest first.
    pub entries: Vec<LogEntry>,
    /// The foot.
    pub pager: Pager,
    /// Shown when nothing fits.
    pub empty: Option<Empty>,
}

/// What the log is narrowed by: a GET form of these fields.
#[derive(Debug, Clone)]
pub struct LogFilter {
    /// Record id of whom it is about (`subject`), never a name: the log holds none.
    pub subject: String,
    /// Name of that person, if the reader may see it.
    pub subject_name: String,
    /// Who acted (`actor`).
    pub actors: Vec<Choice>,
    /// What was done (`action`).
    pub actions: Vec<Choice>,
}

/// Whether the log is whole.
#[derive(Debug, Clone)]
pub struct Verified {
    /// Yes: verified. No: does not verify. Wait: not verified lately.
    pub tone: Tone,
    /// In words: `Verified 2 minutes ago`.
    pub said: String,
    /// Entries in the tree, ready to show.
    pub size: String,
    /// Root of the tree, hexadecimal.
    pub root: String,
    /// Where the tree and its proofs can be fetched; empty for nowhere.
    pub proof_href: String,
}

impl Verified {
    fn short_root(&self) -> String {
        let (head, tail) = (
            self.root.get(..8),
            self.root.get(self.root.len().saturating_sub(6)..),
        );
        match (head, tail) {
            (Some(head), Some(tail)) if self.root.len() > 14 => format!("{head}…{tail}"),
            _ => self.root.clone(),
        }
    }
}

/// One entry, in words.
#[derive(Debug, Clone)]
pub struct LogEntry {
    /// Place in the tree.
    pub number: String,
    /// Picture of who acted.
    pub avatar: Avatar,
    /// Who acted.
    pub actor: String,
    /// What was done: `looked at`, `changed`, `exported`.
    pub did: String,
    /// To whom or what; `an erased person` once erased.
    pub about: String,
    /// Where that is; empty for nowhere.
    pub href: String,
    /// Which fields, and more; empty for nothing.
    pub detail: String,
    /// Label of the purpose.
    pub purpose: String,
    /// When, in words.
    pub when: String,
    /// When, exactly (RFC 3339).
    pub instant: String,
    /// What it means: refused acts stand out.
    pub tone: Tone,
}

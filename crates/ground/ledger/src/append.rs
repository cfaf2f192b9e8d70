//! Leaves into the log: numbered at once on SQLite, left to the sequencer on PostgreSQL.
//!
//! Everything is in the tables and nothing in memory between calls: a transaction that is taken
//! back takes its leaves, the frontier and the size back with it.

use std::ops::Range;

use base::{RecordId, SubjectId, Workspace};
use store::{Engine, Tx, params};

use crate::leaf::{self, Body, Entry};
use crate::tree::{Frontier, Hash, leaf_hash};
use crate::{Error, postgres};

/// Roots of complete subtrees are stored at every so many levels.
pub(crate) const STRIDE: u8 = 8;

/// What became of the entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The numbers the leaves got; `None` on PostgreSQL, where [`crate::sequence`] numbers them
    /// within a second.
    pub numbers: Option<Range<u64>>,
}

/// How far the log has grown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// How many leaves.
    pub size: u64,
    /// The root of the tree.
    pub root: Hash,
}

/// Logs the entries, in their order, in the caller's transaction.
pub fn append(tx: &mut Tx<'_>, ws: Workspace, entries: &[Entry]) -> Result<Appended, Error> {
    entries.iter().try_for_each(Entry::check)?;
    if tx.engine() == Engine::Postgres {
        postgres::wait(tx, ws, entries)?;
        return Ok(Appended { numbers: None });
    }
    let mut growth = Growth::load(tx, ws)?;
    let first = growth.size();
    for entry in entries {
        growth.add(
            tx,
            ws,
            entry.leaf.body(ws.id),
            &Beside {
                link: entry.row.zip(entry.leaf.state.map(|s| s.ciphertexts)),
                detail: entry.detail.as_deref(),
                subjects: &entry.subjects,
            },
        )?;
    }
    let numbers = Some(first..growth.size());
    if !entries.is_empty() {
        growth.save(tx, ws)?;
    }
    Ok(Appended { numbers })
}

/// Size and root of the log as this transaction sees it.
pub fn head(tx: &mut Tx<'_>, ws: Workspace) -> Result<Head, Error> {
    let growth = Growth::load(tx, ws)?;
    Ok(Head {
        size: growth.size(),
        root: growth.frontier.root(),
    })
}

/// What is kept beside the tree for one leaf.
pub(crate) struct Beside<'a> {
    /// The record it changed and the digest of its ciphertexts.
    pub link: Option<(RecordId, Hash)>,
    pub detail: Option<&'a [u8]>,
    pub subjects: &'a [SubjectId],
}

/// The log's head while it grows within one transaction.
pub(crate) struct Growth {
    pub frontier: Frontier,
    /// Time of the last leaf.
    pub time_ms: i64,
}

impl Growth {
    pub(crate) fn load(tx: &mut Tx<'_>, ws: Workspace) -> Result<Self, Error> {
        let row = tx.row(
            "SELECT size, time_ms, frontier FROM ledger_head WHERE ws = $1",
            params![ws.number],
            |row| Ok((row.get::<u64>(0)?, row.get(1)?, row.get::<Vec<u8>>(2)?)),
        )?;
        match row {
            None => Ok(Self {
                frontier: Frontier::empty(),
                time_ms: 0,
            }),
            Some((size, time_ms, bytes)) => Ok(Self {
                frontier: Frontier::from_bytes(size, &bytes).ok_or(Error::Damaged("the head"))?,
                time_ms,
            }),
        }
    }

    pub(crate) const fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Numbers a leaf, writes it and what is beside it, and extends the tree.
    pub(crate) fn add(
        &mut self,
        tx: &mut Tx<'_>,
        ws: Workspace,
        mut body: Body,
        beside: &Beside<'_>,
    ) -> Result<(), Error> {
        let seq = self.size();
        self.time_ms = leaf::number(&mut body, seq, self.time_ms);
        tx.execute(
            "INSERT INTO leaf (ws, seq, body, detail) VALUES ($1, $2, $3, $4)",
            params![ws.number, seq, &body, beside.detail],
        )?;
        if let Some((row, ciphertexts)) = &beside.link {
            tx.execute(
                "INSERT INTO leaf_row (ws, row_id, seq, ciphertexts) VALUES ($1, $2, $3, $4)",
                params![ws.number, row, seq, ciphertexts],
            )?;
        }
        for subject in beside.subjects {
            tx.execute(
                "INSERT INTO leaf_subject (ws, subject, seq) VALUES ($1, $2, $3)
                 ON CONFLICT (ws, subject, seq) DO NOTHING",
                params![ws.number, subject, seq],
            )?;
        }
        let mut stored = Vec::new();
        self.frontier.push(leaf_hash(&body), |level, index, hash| {
            if level.is_multiple_of(STRIDE) {
                stored.push((level, index, *hash));
            }
        });
        for (level, index, hash) in &stored {
            tx.execute(
                "INSERT INTO ledger_node (ws, level, idx, hash) VALUES ($1, $2, $3, $4)",
                params![ws.number, *level, *index, hash],
            )?;
        }
        Ok(())
    }

    pub(crate) fn save(&self, tx: &mut Tx<'_>, ws: Workspace) -> Result<(), Error> {
        tx.execute(
            "INSERT INTO ledger_head (ws, size, time_ms, frontier) VALUES ($1, $2, $3, $4)
             ON CONFLICT (ws) DO UPDATE SET size = excluded.size, time_ms = excluded.time_ms,
             frontier = excluded.frontier",
            params![
                ws.number,
                self.size(),
                self.time_ms,
                &self.frontier.to_bytes()
            ],
        )?;
        Ok(())
    }
}

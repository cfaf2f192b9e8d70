//! The proof that access was decided. A sealed value opens only for a column that a [`Grant`] covers,
//! and only the one [`Authority`] of an open vault makes grants: whoever holds none cannot read.

use base::{ActorId, WorkspaceId};

/// What was granted: to whom, for which purpose, and which columns of which tables.
pub struct Grant {
    ws: WorkspaceId,
    actor: ActorId,
    purpose: u16,
    columns: Box<[(u16, u64)]>,
}

impl Grant {
    /// Who asked.
    #[must_use]
    pub const fn actor(&self) -> ActorId {
        self.actor
    }

    /// What for.
    #[must_use]
    pub const fn purpose(&self) -> u16 {
        self.purpose
    }

    /// The workspace it holds in.
    #[must_use]
    pub const fn workspace(&self) -> WorkspaceId {
        self.ws
    }

    /// Whether a column of a table may be opened. Columns from 64 on are never covered.
    #[must_use]
    pub fn covers(&self, table: u16, column: u16) -> bool {
        column < 64 && self.columns_of(table) & (1 << column) != 0
    }

    /// The columns of a table that may be opened, bit 0 for column 0.
    #[must_use]
    pub fn columns_of(&self, table: u16) -> u64 {
        self.columns
            .iter()
            .filter(|(granted, _)| *granted == table)
            .fold(0, |all, (_, columns)| all | columns)
    }
}

impl std::fmt::Debug for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Grant")
            .field("purpose", &self.purpose)
            .field("columns", &self.columns)
            .finish_non_exhaustive()
    }
}

/// The right to make grants. There is one for each open vault, handed out by [`crate::Vault::open`]
/// and kept by the crate that decides access; it cannot be copied.
#[derive(Debug)]
pub struct Authority(WorkspaceId);

impl Authority {
    pub(crate) const fn over(ws: WorkspaceId) -> Self {
        Self(ws)
    }

    /// Records a decision: `columns` pairs a table with the set of its columns that may be opened.
    #[must_use]
    pub fn grant(&self, actor: ActorId, purpose: u16, columns: &[(u16, u64)]) -> Grant {
        Grant {
            ws: self.0,
            actor,
            purpose,
            columns: columns.into(),
        }
    }
}

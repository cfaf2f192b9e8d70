//! The tables of this crate and what their columns hold.

use base::Holds::{Digest, Impersonal, Reference};
use base::Table;
use store::{Migration, Side};
use vault::Tallied;

/// The journal of erasures and the fingerprints, in the key store.
pub const MIGRATIONS: &[Migration] = &[Migration {
    owner: "retention",
    number: 1,
    side: Side::Keys,
    sql: include_str!("../migrations/0001_retention.sql"),
}];

/// Their tallies.
pub const TALLIED: &[Tallied] = &[ERASURE, SUPPRESSION, LIFT];

pub(crate) const ERASURE: Tallied = tallied(&TABLES[0]);
pub(crate) const SUPPRESSION: Tallied = tallied(&TABLES[1]);
pub(crate) const LIFT: Tallied = tallied(&TABLES[2]);

const fn tallied(table: &'static Table) -> Tallied {
    Tallied {
        table,
        side: Side::Keys,
    }
}

/// What they hold.
pub const TABLES: &[Table] = &[
    Table {
        name: "erasure",
        columns: &[
            ("ws", Reference),
            ("id", Reference),
            ("subject", Reference),
            ("state", Impersonal),
            ("actor", Reference),
            ("begun_at", Reference),
            ("erased_at", Reference),
            ("request", Reference),
            ("log_size", Impersonal),
            ("receipt", Impersonal),
            ("done_at", Reference),
            ("certificate", Impersonal),
        ],
        on_erasure: "written: what was erased and when, without the person; the id goes when it is done",
    },
    Table {
        name: "suppression",
        columns: &[
            ("ws", Reference),
            ("kind", Impersonal),
            ("fingerprint", Digest),
            ("at", Reference),
        ],
        on_erasure: "written: keyed fingerprints, so that the person does not come back unnoticed",
    },
    Table {
        name: "suppression_lift",
        columns: &[
            ("ws", Reference),
            ("id", Reference),
            ("at", Reference),
            ("actor", Reference),
            ("basis", Impersonal),
            ("fingerprints", Impersonal),
        ],
        on_erasure: "stays: numbers only",
    },
];

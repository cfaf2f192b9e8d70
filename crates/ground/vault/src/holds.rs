//! The tables of the key store, the tallies of both stores, and what their columns hold.

use base::Holds::{Derived, Digest, Impersonal, Key, Reference};
use base::Table;
use store::{Migration, Side};

use crate::Tallied;

/// The key store's schema, and the tallies.
pub const MIGRATIONS: &[Migration] = &[
    step(1, Side::Keys, include_str!("../migrations/0001_keys.sql")),
    step(
        2,
        Side::Keys,
        include_str!("../migrations/0002_key_tally.sql"),
    ),
    step(3, Side::Data, include_str!("../migrations/0003_tally.sql")),
];

const fn step(number: u32, side: Side, sql: &'static str) -> Migration {
    Migration {
        owner: "vault",
        number,
        side,
        sql,
    }
}

/// The tables of this crate that have a tally. Subjects' keys have none: each is held by its record.
pub const TALLIED: &[Tallied] = &[
    keys(&TABLES[0]),
    keys(&TABLES[1]),
    keys(&TABLES[2]),
    keys(&TABLES[3]),
    keys(&TABLES[5]),
];

/// Those that a rotation changes.
pub(crate) const ROTATED: &[Tallied] = &[
    keys(&TABLES[0]),
    keys(&TABLES[1]),
    keys(&TABLES[2]),
    keys(&TABLES[3]),
];

pub(crate) const TOMBSTONES: Tallied = keys(&TABLES[5]);

const fn keys(table: &'static Table) -> Tallied {
    Tallied {
        table,
        side: Side::Keys,
    }
}

/// A sum is derived from the rows it is over: no backup holds it, a restore takes it anew.
const SUM: &[base::Column] = &[
    ("ws", Reference),
    ("name", Impersonal),
    ("counted", Impersonal),
    ("total", Derived),
    ("mac", Digest),
];

const STAYS: &str = "stays: it is about no person";

/// Every table that this crate answers for.
pub const TABLES: &[Table] = &[
    Table {
        name: "key_root",
        columns: &[
            ("ws", Reference),
            ("root_id", Impersonal),
            ("stamp", Impersonal),
            ("made_at", Impersonal),
        ],
        on_erasure: STAYS,
    },
    Table {
        name: "key_workspace",
        columns: &[
            ("ws", Reference),
            ("version", Impersonal),
            ("wrapped", Key),
            ("made_at", Impersonal),
        ],
        on_erasure: STAYS,
    },
    Table {
        name: "key_blind",
        columns: &[
            ("ws", Reference),
            ("generation", Impersonal),
            ("wrapped", Key),
            ("made_at", Impersonal),
        ],
        on_erasure: STAYS,
    },
    Table {
        name: "key_service",
        columns: &[
            ("ws", Reference),
            ("name", Impersonal),
            ("wrapped", Key),
            ("made_at", Impersonal),
        ],
        on_erasure: STAYS,
    },
    Table {
        name: "key_subject",
        columns: &[
            ("ws", Reference),
            ("subject", Reference),
            ("generation", Impersonal),
            ("version", Impersonal),
            ("wrapped", Key),
        ],
        on_erasure: "deleted and overwritten: everything the key sealed is unreadable from then on",
    },
    Table {
        name: "key_tombstone",
        columns: &[("ws", Reference), ("subject", Reference), ("at", Reference)],
        on_erasure: "written: the random id and the instant, so that the key is never made again",
    },
    Table {
        name: "key_tally",
        columns: SUM,
        on_erasure: "moved with the rows it is over; nothing can be read out of it",
    },
    Table {
        name: "tally",
        columns: SUM,
        on_erasure: "moved with the rows it is over; nothing can be read out of it",
    },
];

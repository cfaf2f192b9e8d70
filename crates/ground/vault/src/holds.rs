//! The tables of the key store and what their columns hold.

use base::Holds::{Impersonal, Key, Reference};
use base::Table;
use store::{Migration, Side};

/// The key store's schema.
pub const MIGRATIONS: &[Migration] = &[Migration {
    owner: "vault",
    number: 1,
    side: Side::Keys,
    sql: include_str!("../migrations/0001_keys.sql"),
}];

const STAYS: &str = "stays: it is about no person";

/// Every table of the key store that this crate answers for.
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
];

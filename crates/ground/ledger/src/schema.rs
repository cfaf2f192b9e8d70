//! The log's tables: which they are, what their columns hold, and what erasure does to them.
//!
//! `leaf` is never updated and never deleted from; the program's database role needs no right to.
//! What links leaves to people and records is kept apart (`leaf_subject`, `leaf_row`), outside
//! the tree, so that erasure deletes links and leaves the tree alone.
//!
//! `leaf_row` is a table of its own and no column of `leaf`: the id stands on disk once instead
//! of in the row and again in its index, and unlinking is a delete instead of a rewrite.

use base::{Holds, Table};
use store::{Migration, Side};

const UNTOUCHED: &str = "stays: the commitments in it can no longer be linked to the person";
const UNLINKED: &str = "the subject's rows are deleted";

/// Every table of the log.
pub const TABLES: &[Table] = &[
    Table {
        name: "leaf",
        columns: &[
            ("ws", Holds::Reference),
            ("seq", Holds::Reference),
            ("body", Holds::Digest),
            ("detail", Holds::Sealed),
        ],
        on_erasure: UNTOUCHED,
    },
    Table {
        name: "leaf_subject",
        columns: &[
            ("ws", Holds::Reference),
            ("subject", Holds::Reference),
            ("seq", Holds::Reference),
        ],
        on_erasure: UNLINKED,
    },
    Table {
        name: "leaf_row",
        columns: &[
            ("ws", Holds::Reference),
            ("row_id", Holds::Reference),
            ("seq", Holds::Reference),
            ("ciphertexts", Holds::Digest),
        ],
        on_erasure: UNLINKED,
    },
    Table {
        name: "ledger_head",
        columns: &[
            ("ws", Holds::Reference),
            ("size", Holds::Impersonal),
            ("time_ms", Holds::Impersonal),
            ("frontier", Holds::Digest),
        ],
        on_erasure: UNTOUCHED,
    },
    Table {
        name: "ledger_node",
        columns: &[
            ("ws", Holds::Reference),
            ("level", Holds::Impersonal),
            ("idx", Holds::Impersonal),
            ("hash", Holds::Digest),
        ],
        on_erasure: UNTOUCHED,
    },
    Table {
        name: "checkpoint",
        columns: &[
            ("ws", Holds::Reference),
            ("size", Holds::Impersonal),
            ("note", Holds::Digest),
            ("at", Holds::Impersonal),
        ],
        on_erasure: UNTOUCHED,
    },
    Table {
        name: "log_pending",
        columns: &[
            ("ws", Holds::Reference),
            ("pos", Holds::Reference),
            ("body", Holds::Digest),
            ("row_id", Holds::Reference),
            ("ciphertexts", Holds::Digest),
            ("detail", Holds::Sealed),
            ("subjects", Holds::Reference),
        ],
        on_erasure: "the subject's links are taken out of the waiting entries",
    },
];

/// The schema, step by step.
pub const MIGRATIONS: &[Migration] = &[Migration {
    owner: "ledger",
    number: 1,
    side: Side::Data,
    sql: include_str!("../migrations/1.sql"),
}];

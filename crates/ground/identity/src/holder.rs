//! What this crate holds, and how it forgets a user.

use act::{Act, Erased, Holder};
use base::Holds::{Derived, Digest, Impersonal, Reference, Sealed};
use base::{RecordId, SubjectId, Table};
use store::{Side, params};
use vault::Tallied;

use crate::rows::{Attempt, Credential, Link, Session, Token};
use crate::{Identity, kept};

/// Every table of this crate, column by column.
pub const TABLES: &[Table] = &[
    Table {
        name: "credential",
        columns: &[
            ("ws", Reference),
            ("user_id", Reference),
            ("phc", Digest),
            ("epoch", Reference),
            ("changed_at", Reference),
            ("mac", Digest),
        ],
        on_erasure: "the user's is deleted",
    },
    Table {
        name: "one_time_link",
        columns: &[
            ("ws", Reference),
            ("token_hash", Digest),
            ("user_id", Reference),
            ("kind", Impersonal),
            ("created", Reference),
            ("expires", Reference),
            ("used_at", Reference),
            ("mac", Digest),
        ],
        on_erasure: "the user's are deleted",
    },
    Table {
        name: "session",
        columns: &[
            ("ws", Reference),
            ("token_hash", Digest),
            ("user_id", Reference),
            ("purpose", Impersonal),
            ("via", Impersonal),
            ("created", Reference),
            ("seen_at", Reference),
            ("expires", Reference),
            ("epoch", Reference),
            ("mac", Digest),
        ],
        on_erasure: "the user's are deleted, which signs them out",
    },
    Table {
        name: "api_token",
        columns: &[
            ("ws", Reference),
            ("token_hash", Digest),
            ("user_id", Reference),
            ("role", Impersonal),
            ("purpose", Impersonal),
            ("label", Sealed),
            ("created", Reference),
            ("expires", Reference),
            ("last_used", Reference),
            ("revoked_at", Reference),
            ("mac", Digest),
        ],
        on_erasure: "the user's are deleted, which ends what they open",
    },
    Table {
        name: "attempt",
        columns: &[
            ("ws", Reference),
            ("kind", Impersonal),
            ("fingerprint", Derived),
            ("user_id", Reference),
            ("failures", Reference),
            ("since", Reference),
            ("last_at", Reference),
            ("good_at", Reference),
            ("mac", Digest),
        ],
        on_erasure: "the user's are deleted; keyed fingerprints of addresses go after a day",
    },
];

/// The tallies of passwords, links and tokens.
pub const TALLIED: &[Tallied] = &[
    tallied(&TABLES[0]),
    tallied(&TABLES[1]),
    tallied(&TABLES[3]),
];

const fn tallied(table: &'static Table) -> Tallied {
    Tallied {
        table,
        side: Side::Data,
    }
}

/// Each table with what its rows are, in words.
const PLACES: [(&str, &str); 5] = [
    ("credential", "the password's hash"),
    ("one_time_link", "links that sign in"),
    ("session", "sessions"),
    ("api_token", "API tokens"),
    ("attempt", "counters of failed attempts to sign in"),
];

impl Identity {
    fn delete_all(&self, act: &mut Act<'_, '_>, user: SubjectId) -> crate::Result<()> {
        let (rows, user) = ("user_id = $2", params![&user]);
        kept::delete::<Credential>(act, rows, user)?;
        kept::delete::<Link>(act, rows, user)?;
        kept::delete::<Session>(act, rows, user)?;
        kept::delete::<Token>(act, rows, user)?;
        kept::delete::<Attempt>(act, rows, user)?;
        Ok(())
    }
}

impl Holder for Identity {
    fn name(&self) -> &'static str {
        "identity"
    }

    fn tables(&self) -> Vec<Table> {
        TABLES.to_vec()
    }

    fn plan_erasure(
        &self,
        act: &mut Act<'_, '_>,
        subject: SubjectId,
    ) -> Result<Vec<Erased>, act::Error> {
        let ws = act.ws().number;
        let mut plan = Vec::with_capacity(PLACES.len());
        for (place, what) in PLACES {
            let sql = format!("SELECT COUNT(*) FROM {place} WHERE ws = $1 AND user_id = $2");
            let count = act.tx().number(&sql, params![ws, &subject])?;
            plan.push(Erased {
                place,
                what: what.to_owned(),
                count: u64::try_from(count).unwrap_or(0),
            });
        }
        Ok(plan)
    }

    fn erase(&self, act: &mut Act<'_, '_>, subject: SubjectId) -> Result<Vec<Erased>, act::Error> {
        let plan = self.plan_erasure(act, subject)?;
        self.delete_all(act, subject)
            .map_err(|error| act::Error::Holder(error.to_string()))?;
        let (own, user): (_, RecordId) = (self.clone(), subject.cast());
        act.after_commit(move || own.forget(user));
        Ok(plan)
    }

    fn remains(&self, act: &mut Act<'_, '_>, subject: SubjectId) -> Result<u64, act::Error> {
        let rows = self.plan_erasure(act, subject)?;
        Ok(rows.iter().map(|row| row.count).sum())
    }
}

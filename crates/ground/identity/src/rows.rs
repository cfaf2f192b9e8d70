//! The rows of the five tables, as values.

use base::{RecordId, Timestamp};
use store::{Row, Value};
use vault::Tallied;

use crate::holder::TALLIED;
use crate::kept::Kept;

/// Makes an enum that is stored as a small number.
macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $number:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            pub(crate) const fn number(self) -> i64 {
                match self { $(Self::$variant => $number,)* }
            }

            fn read(row: &Row<'_>, column: usize) -> store::Result<Self> {
                match row.get::<i64>(column)? {
                    $($number => Ok(Self::$variant),)*
                    _ => Err(store::Error::Type { column, found: "another number", wanted: stringify!($name) }),
                }
            }
        }
    };
}

numbered! {
    /// What a one-time link is for, which says how long it lives.
    LinkKind {
        /// Signing in without a password: 15 minutes.
        SignIn = 1,
        /// Coming in for the first time: 72 hours.
        Invitation = 2,
    }
}

impl LinkKind {
    /// How long such a link lives.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        match self {
            Self::SignIn => 15 * 60,
            Self::Invitation => 72 * 3_600,
        }
    }
}

numbered! {
    /// How a session began.
    Via {
        /// With a password.
        Password = 1,
        /// With a one-time link.
        Link = 2,
    }
}

numbered! {
    /// What failed attempts are counted by.
    Counted {
        /// Account and address together.
        Pair = 1,
        /// The account, from wherever.
        Account = 2,
        /// The address, for whatever account.
        Address = 3,
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Credential {
    pub user: RecordId,
    /// `None` until a password is set.
    pub phc: Option<String>,
    /// Sessions of an earlier epoch are dead, whatever their row says.
    pub epoch: u64,
    pub changed_at: Timestamp,
}

impl Kept for Credential {
    const TABLE: &'static str = "credential";
    const COLUMNS: &'static [&'static str] = &["user_id", "phc", "epoch", "changed_at"];
    const KEY: usize = 1;
    const TALLY: Option<Tallied> = Some(TALLIED[0]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.user).into(),
            self.phc.as_deref().into(),
            self.epoch.into(),
            self.changed_at.into(),
        ]
    }

    fn from_row(row: &Row<'_>) -> store::Result<Self> {
        Ok(Self {
            user: row.get(0)?,
            phc: row.get(1)?,
            epoch: row.get(2)?,
            changed_at: row.get(3)?,
        })
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub token_hash: [u8; 32],
    pub user: RecordId,
    pub kind: LinkKind,
    pub created: Timestamp,
    pub expires: Timestamp,
    pub used_at: Option<Timestamp>,
}

impl Kept for Link {
    const TABLE: &'static str = "one_time_link";
    const COLUMNS: &'static [&'static str] = &[
        "token_hash",
        "user_id",
        "kind",
        "created",
        "expires",
        "used_at",
    ];
    const KEY: usize = 1;
    const TALLY: Option<Tallied> = Some(TALLIED[1]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.token_hash).into(),
            (&self.user).into(),
            self.kind.number().into(),
            self.created.into(),
            self.expires.into(),
            self.used_at.into(),
        ]
    }

    fn from_row(row: &Row<'_>) -> store::Result<Self> {
        Ok(Self {
            token_hash: row.get(0)?,
            user: row.get(1)?,
            kind: LinkKind::read(row, 2)?,
            created: row.get(3)?,
            expires: row.get(4)?,
            used_at: row.get(5)?,
        })
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub token_hash: [u8; 32],
    pub user: RecordId,
    pub purpose: u16,
    pub via: Via,
    pub created: Timestamp,
    pub seen_at: Timestamp,
    pub expires: Timestamp,
    pub epoch: u64,
}

impl Kept for Session {
    const TABLE: &'static str = "session";
    const COLUMNS: &'static [&'static str] = &[
        "token_hash",
        "user_id",
        "purpose",
        "via",
        "created",
        "seen_at",
        "expires",
        "epoch",
    ];
    const KEY: usize = 1;

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.token_hash).into(),
            (&self.user).into(),
            self.purpose.into(),
            self.via.number().into(),
            self.created.into(),
            self.seen_at.into(),
            self.expires.into(),
            self.epoch.into(),
        ]
    }

    fn from_row(row: &Row<'_>) -> store::Result<Self> {
        Ok(Self {
            token_hash: row.get(0)?,
            user: row.get(1)?,
            purpose: row.get(2)?,
            via: Via::read(row, 3)?,
            created: row.get(4)?,
            seen_at: row.get(5)?,
            expires: row.get(6)?,
            epoch: row.get(7)?,
        })
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub token_hash: [u8; 32],
    pub user: RecordId,
    pub role: String,
    pub purpose: u16,
    /// Sealed under the user's key.
    pub label: Vec<u8>,
    pub created: Timestamp,
    pub expires: Timestamp,
    pub last_used: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

impl Kept for Token {
    const TABLE: &'static str = "api_token";
    const COLUMNS: &'static [&'static str] = &[
        "token_hash",
        "user_id",
        "role",
        "purpose",
        "label",
        "created",
        "expires",
        "last_used",
        "revoked_at",
    ];
    const KEY: usize = 1;
    const TALLY: Option<Tallied> = Some(TALLIED[2]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.token_hash).into(),
            (&self.user).into(),
            (&self.role).into(),
            self.purpose.into(),
            (&self.label).into(),
            self.created.into(),
            self.expires.into(),
            self.last_used.into(),
            self.revoked_at.into(),
        ]
    }

    fn from_row(row: &Row<'_>) -> store::Result<Self> {
        Ok(Self {
            token_hash: row.get(0)?,
            user: row.get(1)?,
            role: row.get(2)?,
            purpose: row.get(3)?,
            label: row.get(4)?,
            created: row.get(5)?,
            expires: row.get(6)?,
            last_used: row.get(7)?,
            revoked_at: row.get(8)?,
        })
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub kind: Counted,
    pub fingerprint: [u8; 32],
    /// Whose account it is, once that is known: for erasure.
    pub user: Option<RecordId>,
    pub failures: u32,
    /// When counting began.
    pub since: Timestamp,
    pub last_at: Timestamp,
    /// When signing in last succeeded.
    pub good_at: Option<Timestamp>,
}

impl Kept for Attempt {
    const TABLE: &'static str = "attempt";
    const COLUMNS: &'static [&'static str] = &[
        "kind",
        "fingerprint",
        "user_id",
        "failures",
        "since",
        "last_at",
        "good_at",
    ];
    const KEY: usize = 2;

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            self.kind.number().into(),
            (&self.fingerprint).into(),
            self.user.as_ref().into(),
            self.failures.into(),
            self.since.into(),
            self.last_at.into(),
            self.good_at.into(),
        ]
    }

    fn from_row(row: &Row<'_>) -> store::Result<Self> {
        Ok(Self {
            kind: Counted::read(row, 0)?,
            fingerprint: row.get(1)?,
            user: row.get(2)?,
            failures: u32::try_from(row.get::<u64>(3)?).unwrap_or(u32::MAX),
            since: row.get(4)?,
            last_at: row.get(5)?,
            good_at: row.get(6)?,
        })
    }
}

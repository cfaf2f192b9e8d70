//! What can go wrong on the way in, in sentences that help and tell nothing about accounts.

use base::{Fault, FaultKind};

use crate::Weak;

/// An identity operation that could not be carried out. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Records, store, keys, log or access.
    #[error(transparent)]
    Records(#[from] records::Error),
    /// No such account, no password set, or the wrong one: the same answer for all.
    #[error("the mail address or the password is not right; try again, or ask for a one-time link")]
    SignIn,
    /// Too many failures from here.
    #[error("too many attempts failed from here: try again in {seconds} seconds")]
    Throttled {
        /// How long to wait.
        seconds: u64,
    },
    /// More people are signing in at this moment than the machine can check.
    #[error("many people are signing in at this moment; try again in a few seconds")]
    Busy,
    /// The link is unknown, was used, or has expired: the same answer for all.
    #[error("this link was used before or has expired; ask for a new one")]
    Link,
    /// The session has ended.
    #[error("this session has ended; sign in again")]
    SessionEnded,
    /// The new password cannot be taken.
    #[error("{0}; the password was not changed")]
    Password(Weak),
    /// The present password is missing or wrong.
    #[error("the present password is not right; the password was not changed")]
    OldPassword,
    /// A password is set by its owner alone.
    #[error("only the person can set this password; send them a one-time link instead")]
    OnlyOwn,
    /// There is a user with this mail address.
    #[error("there is a user with this mail address already; nothing was changed")]
    MailTaken,
    /// There are users already.
    #[error("there are users already: an administrator can add more; nothing was changed")]
    NotFirst,
    /// There is no such user, or it is not for this actor to know.
    #[error("there is no such user")]
    Absent,
    /// Nobody changes their own role.
    #[error("nobody can change their own role; another administrator can")]
    OwnRole,
    /// No person or token may hold this role here.
    #[error("this role cannot be given here; choose the user's own role or a lesser one")]
    Role,
    /// The purpose is not one of the role's.
    #[error("the purpose is not one of those the role may work for; choose another")]
    Purpose,
    /// A token's life is out of range.
    #[error("a token lives between 1 and 90 days")]
    Days,
    /// A token's label is empty or too long.
    #[error("give the token a label of 1 to 100 characters, such as what will use it")]
    Label,
    /// A token cannot make tokens.
    #[error("a token cannot make another token: sign in and make it there")]
    TokenByToken,
    /// Somebody else changed the same account at the same moment.
    #[error("this account was changed at the same moment; your change was not saved: try again")]
    Changed,
    /// The cost of hashing that was configured is out of range.
    #[error(
        "the configured cost of password hashing cannot be used; set at least 47104 KiB and one pass; the password was not changed"
    )]
    Cost,
    /// A stored row does not bear the program's MAC.
    #[error(
        "a stored row of the table {0} was changed outside the program and is refused; run `privet verify` and restore it from a backup"
    )]
    Tampered(&'static str),
}

impl Fault for Error {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Records(error) => error.kind(),
            Self::SignIn | Self::Link | Self::SessionEnded => FaultKind::Unknown,
            Self::Throttled { .. } | Self::Busy => FaultKind::TooMany,
            Self::Password(_)
            | Self::OldPassword
            | Self::Role
            | Self::Purpose
            | Self::Days
            | Self::Label => FaultKind::Invalid,
            Self::OnlyOwn | Self::OwnRole | Self::TokenByToken => FaultKind::Refused,
            Self::MailTaken | Self::NotFirst | Self::Changed => FaultKind::Conflict,
            Self::Absent => FaultKind::Absent,
            Self::Tampered(_) | Self::Cost => FaultKind::Broken,
        }
    }

    fn field(&self) -> Option<&str> {
        match self {
            Self::Records(error) => error.field(),
            Self::Password(_) => Some("new"),
            Self::OldPassword => Some("old"),
            Self::MailTaken => Some("mail"),
            Self::Role => Some("role"),
            Self::Purpose => Some("purpose"),
            Self::Days => Some("days"),
            Self::Label => Some("label"),
            _ => None,
        }
    }
}

impl From<act::Error> for Error {
    fn from(error: act::Error) -> Self {
        Self::Records(error.into())
    }
}
impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Records(error.into())
    }
}
impl From<vault::Error> for Error {
    fn from(error: vault::Error) -> Self {
        Self::Records(error.into())
    }
}

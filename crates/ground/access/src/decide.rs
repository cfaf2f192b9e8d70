//! The decision: may this actor do this to this kind of record for this purpose, and which fields
//! and rows does it cover.

use base::{ActorId, Fault, FaultKind};
use serde::Deserialize;
use vault::{Authority, Grant};

use crate::policy::{Policy, Reach};
use crate::{Context, PurposeId};

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Open one record or a list.
    Read,
    /// Find records by what is in them.
    Search,
    /// Make a record.
    Create,
    /// Change a record.
    Change,
    /// Put a record in the trash, or take it out.
    Delete,
    /// Bring in many records from a file.
    Import,
    /// Take records out of the system.
    Export,
    /// Forget a person.
    Erase,
    /// Read the log.
    ReadLog,
    /// Change users, keys and settings.
    Configure,
    /// Take or restore a backup.
    Backup,
    /// Check the log, rows and keys.
    Verify,
}

impl Action {
    const fn words(self) -> &'static str {
        match self {
            Self::Read => "read this",
            Self::Search => "search here",
            Self::Create => "make a new one",
            Self::Change => "change this",
            Self::Delete => "delete this",
            Self::Import => "import",
            Self::Export => "export",
            Self::Erase => "erase a person",
            Self::ReadLog => "read the log",
            Self::Configure => "change settings",
            Self::Backup => "take a backup",
            Self::Verify => "verify the data",
        }
    }
}

/// How a field appears to whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Its value.
    Clear,
    /// That it has a value, not which.
    Masked,
    /// As if it did not exist.
    Absent,
}

/// What the schema says of one field, as far as access needs it.
#[derive(Debug, Clone)]
pub struct FieldRule {
    /// Its column.
    pub column: u16,
    /// Its class.
    pub class: String,
    /// The purposes it may be used for.
    pub purposes: Vec<PurposeId>,
}

/// What the schema says of one kind of record, as far as access needs it.
#[derive(Debug, Clone)]
pub struct KindRules {
    /// Its number.
    pub table: u16,
    /// As people read it.
    pub label: String,
    /// Its fields.
    pub fields: Vec<FieldRule>,
}

/// Which rows a decision covers. Lists turn it into SQL; single records are checked against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// All of the workspace.
    All,
    /// Those this actor owns.
    OwnedBy(ActorId),
}

impl Rows {
    /// Whether a row with this owner is covered. Lists apply the same rule in SQL.
    #[must_use]
    pub fn cover(self, owner: Option<ActorId>) -> bool {
        match self {
            Self::All => true,
            Self::OwnedBy(actor) => owner == Some(actor),
        }
    }
}

/// What was decided for one kind of record.
pub struct Decision {
    /// Opens exactly the fields that are [`Sight::Clear`].
    pub grant: Grant,
    /// The rows it covers.
    pub rows: Rows,
    clear: u64,
    masked: u64,
}

impl Decision {
    /// How a field appears.
    #[must_use]
    pub const fn sight(&self, column: u16) -> Sight {
        let bit = bit(column);
        if self.clear & bit != 0 {
            Sight::Clear
        } else if self.masked & bit != 0 {
            Sight::Masked
        } else {
            Sight::Absent
        }
    }

    /// The fields in clear, one bit a column.
    #[must_use]
    pub const fn clear_fields(&self) -> u64 {
        self.clear
    }
}

const fn bit(column: u16) -> u64 {
    if column < 64 { 1 << column } else { 0 }
}

/// A refusal, in words for whoever is refused: the rule, and who can change it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The role lacks the action.
    #[error("the role {role} may not {action}; an administrator can change what a role may do")]
    Action {
        /// Label of the role.
        role: String,
        /// What was asked, in words.
        action: &'static str,
    },
    /// The role may not work for the purpose.
    #[error(
        "the role {role} may not work for the purpose \u{201c}{purpose}\u{201d}; choose another purpose, or ask an administrator"
    )]
    Purpose {
        /// Label of the role.
        role: String,
        /// Label of the purpose.
        purpose: String,
    },
    /// There is no such role.
    #[error("this account has no role any more; ask an administrator")]
    NoRole,
}

impl Fault for Refused {
    fn kind(&self) -> FaultKind {
        FaultKind::Refused
    }
}

/// The policy in force and the right to grant.
pub struct Access {
    authority: Authority,
    policy: Policy,
}

impl Access {
    /// Takes the vault's only authority: from here on, nothing opens that was not decided here.
    #[must_use]
    pub const fn new(authority: Authority, policy: Policy) -> Self {
        Self { authority, policy }
    }

    /// Roles and purposes.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Whether the actor may take an action at all: for what is not about one kind of record.
    pub fn allow(&self, context: &Context, action: Action) -> Result<(), Refused> {
        let role = self.policy.role(&context.role).ok_or(Refused::NoRole)?;
        if !role.may(action) {
            return Err(Refused::Action {
                role: role.label.clone(),
                action: action.words(),
            });
        }
        if !self
            .policy
            .purposes_of(role)
            .any(|p| p.number == context.purpose)
        {
            let purpose = self
                .policy
                .purpose(context.purpose)
                .map_or("none", |p| p.label.as_str());
            return Err(Refused::Purpose {
                role: role.label.clone(),
                purpose: purpose.to_owned(),
            });
        }
        Ok(())
    }

    /// Decides for one kind of record. A field is clear when the role sees its class *and* the field
    /// may be used for the purpose; masked when only one of the two holds and the role knows the class.
    pub fn decide(
        &self,
        context: &Context,
        action: Action,
        kind: &KindRules,
    ) -> Result<Decision, Refused> {
        self.allow(context, action)?;
        let role = self.policy.role(&context.role).ok_or(Refused::NoRole)?;
        let (mut clear, mut masked) = (0, 0);
        for field in &kind.fields {
            let for_purpose = field.purposes.contains(&context.purpose);
            if role.clear.contains(&field.class) && for_purpose {
                clear |= bit(field.column);
            } else if role.clear.contains(&field.class) || role.masked.contains(&field.class) {
                masked |= bit(field.column);
            }
        }
        let rows = match role.rows {
            Reach::All => Rows::All,
            Reach::Own => Rows::OwnedBy(context.actor),
        };
        let grant = self
            .authority
            .grant(context.actor, context.purpose.0, &[(kind.table, clear)]);
        Ok(Decision {
            grant,
            rows,
            clear,
            masked,
        })
    }
}

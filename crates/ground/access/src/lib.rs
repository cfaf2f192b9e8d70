//! Who may do what, for which purpose, and see which fields: decided once per act, below every
//! screen, endpoint, export and job.
//!
//! [`Access::decide`] is the only maker of [`vault::Grant`]s, and without a grant no field opens.
//! Roles and purposes are data ([`Policy`]); what they do not state is refused. Must never do: read a
//! record, or know a screen. This first cut holds built-in roles; editable policies replace
//! [`Policy::built_in`], not the decision's shape.

mod context;
mod decide;
mod policy;

pub use context::Context;
pub use decide::{Access, Action, Decision, FieldRule, KindRules, Refused, Rows, Sight};
pub use policy::{Basis, Policy, Purpose, PurposeId, Role};

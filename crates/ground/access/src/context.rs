//! Who asks, and why: what every act starts from.

use base::ActorId;

use crate::PurposeId;

/// Who acts in which role, for which purpose, in which session.
#[derive(Debug, Clone)]
pub struct Context {
    /// The user, token owner, subject or job.
    pub actor: ActorId,
    /// Name of the role they act in.
    pub role: String,
    /// First half of the SHA-256 of the session token; zeros where there is no session.
    pub session: [u8; 16],
    /// Why.
    pub purpose: PurposeId,
}

impl Context {
    /// The program acting by itself, for a purpose of the system role.
    #[must_use]
    pub fn system(purpose: PurposeId) -> Self {
        Self {
            actor: ActorId::nil(),
            role: "system".into(),
            session: [0; 16],
            purpose,
        }
    }
}

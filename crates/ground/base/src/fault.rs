//! What a failure means to whoever asked, whatever crate it comes from.

/// How a failure is answered: the web maps it to a status, the command line to an exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// There is no such thing, or the actor may not know of it: 404.
    Absent,
    /// The input cannot be taken as it is: 422.
    Invalid,
    /// Somebody else changed it first, or it exists already: 409.
    Conflict,
    /// Nobody is signed in: 401.
    Unknown,
    /// The actor's role or purpose does not cover this: 403.
    Refused,
    /// More than a stated limit: 413.
    TooLarge,
    /// Too often: 429.
    TooMany,
    /// Cannot be answered at present, nothing was changed; try again: 503.
    Unavailable,
    /// A defect or damaged data; nothing was changed: 500.
    Broken,
}

/// A failure that knows what it means. Its `Display` is a sentence that helps its reader and
/// never holds personal data, a key or a path of the machine.
pub trait Fault: std::error::Error {
    /// How it is answered.
    fn kind(&self) -> FaultKind;

    /// The input field it is about, where there is one.
    fn field(&self) -> Option<&str> {
        None
    }
}

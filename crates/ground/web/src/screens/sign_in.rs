//! Signing in, and choosing a password with a one-time link.

use askama::Template;

use crate::Plain;

/// What the sign-in page has to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignInState {
    /// Nothing yet.
    #[default]
    Fresh,
    /// Name and password do not fit together; never says which of them.
    Wrong,
    /// Too many tries.
    Wait,
    /// The session ended by time or by hand.
    Ended,
    /// The password was set by a one-time link.
    PasswordSet,
    /// The one-time link was used before.
    LinkUsed,
    /// The one-time link is too old.
    LinkExpired,
}

impl SignInState {
    /// Class of the message; empty for no message.
    #[must_use]
    pub const fn tone(self) -> &'static str {
        match self {
            Self::Fresh => "",
            Self::Wrong => "no",
            Self::PasswordSet => "yes",
            Self::Ended => "info",
            Self::Wait | Self::LinkUsed | Self::LinkExpired => "wait",
        }
    }

    /// What is said.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Fresh => "",
            Self::Wrong => {
                "The mail address and password do not fit together. Check both; capital letters count."
            }
            Self::Wait => {
                "Too many tries. For the safety of your account, wait a minute and try again."
            }
            Self::Ended => "Your session has ended. Sign in to go on where you were.",
            Self::PasswordSet => "Your password is set. Sign in with it now.",
            Self::LinkUsed => {
                "This link was used already; each one works once. Sign in with your password, or ask an administrator for a new link."
            }
            Self::LinkExpired => {
                "This link is too old. Ask an administrator for a new one; it works for a day."
            }
        }
    }
}

/// The sign-in page. The form posts `email`, `password`, `next` and `csrf` to `/sign-in`.
#[derive(Debug, Clone, Template)]
#[template(path = "screens/sign_in.html")]
pub struct SignInPage {
    /// The frame.
    pub plain: Plain,
    /// Token of a session that nobody has signed in to yet.
    pub csrf: String,
    /// What to say.
    pub state: SignInState,
    /// What was typed as mail address.
    pub email: String,
    /// Where to go on: an address inside this site, or empty.
    pub next: String,
}

/// What the one-time link leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WelcomeState {
    /// A password can be set.
    Open,
    /// What was sent cannot be taken, and why.
    Refused(String),
}

/// Setting a password with a one-time link. Posts `token`, `password`, `again` and `csrf` to
/// `/welcome`. The token stands in the form, not in the address, once the page is open.
#[derive(Debug, Clone, Template)]
#[template(path = "screens/welcome.html")]
pub struct WelcomePage {
    /// The frame.
    pub plain: Plain,
    /// Token of a session that nobody has signed in to yet.
    pub csrf: String,
    /// The one-time token.
    pub token: String,
    /// For whom: the name as it will be shown.
    pub name: String,
    /// The mail address to sign in with.
    pub email: String,
    /// The fewest characters a password has.
    pub least: u16,
    /// What to say.
    pub state: WelcomeState,
}

impl WelcomePage {
    fn refused(&self) -> &str {
        match &self.state {
            WelcomeState::Open => "",
            WelcomeState::Refused(why) => why,
        }
    }
}

//! The first page: my day.

use askama::Template;

use crate::Shell;
use crate::view::{Avatar, Count, Empty};

/// My day: figures, the contacts touched last, what happened last.
#[derive(Debug, Clone, Template)]
#[template(path = "screens/home.html")]
pub struct HomePage {
    /// The frame.
    pub shell: Shell,
    /// `Good morning, Marta`.
    pub greeting: String,
    /// `Monday, 23 November 2026`.
    pub today: String,
    /// Up to four figures; what runs against a deadline first.
    pub counts: Vec<Count>,
    /// Contacts touched last.
    pub contacts: Vec<Recent>,
    /// What happened last.
    pub activity: Vec<Recent>,
    /// Shown instead of the lists while there is nobody yet.
    pub empty: Option<Empty>,
}

/// One line: who, what, when.
#[derive(Debug, Clone)]
pub struct Recent {
    /// Picture of whom or who.
    pub avatar: Avatar,
    /// Whom or what, shown strong.
    pub title: String,
    /// Where it leads; empty for nowhere.
    pub href: String,
    /// A line below.
    pub note: String,
    /// When, in words: `today 10:42`.
    pub when: String,
}

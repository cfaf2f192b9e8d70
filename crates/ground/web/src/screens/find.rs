//! What the search of the bar found, grouped by kind. The palette reads the same page.

use askama::Template;

use crate::Shell;
use crate::view::{Avatar, Empty};

/// The results page of `/find`. The element `#found` is what the palette takes.
#[derive(Debug, Clone, Template)]
#[template(path = "screens/find.html")]
pub struct FindPage {
    /// The frame; its `search` holds what was asked.
    pub shell: Shell,
    /// Results, grouped by kind; groups without results left out.
    pub groups: Vec<FoundGroup>,
    /// What was found, in words: `3 people and 1 company`; read out.
    pub said: String,
    /// Shown when there is nothing.
    pub empty: Option<Empty>,
}

/// Results of one kind.
#[derive(Debug, Clone)]
pub struct FoundGroup {
    /// The kind: `Contacts`.
    pub label: &'static str,
    /// The results, best first.
    pub found: Vec<Found>,
}

/// One result.
#[derive(Debug, Clone)]
pub struct Found {
    /// Picture.
    pub avatar: Avatar,
    /// Its name.
    pub title: String,
    /// Where it is.
    pub href: String,
    /// Why it was found or what tells it apart.
    pub note: String,
}

//! What happened with a person or company, newest first, and the form to add a note. Other
//! capabilities show [`TimelineCard`] on their pages without knowing what is in it.
//!
//! The card's id is `timeline`; its forms are sent in the background and the answer's `#timeline`
//! takes its place, so a handler may answer with the card alone or lead back to the whole page.

use askama::Template;
use askama::filters::HtmlSafe;
use web::view::Avatar;

#[cfg(test)]
mod samples;

/// The card: form, entries, the way to older ones.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/timeline.html")]
pub struct TimelineCard {
    /// Synchroniser token.
    pub csrf: String,
    /// The form for a note; `None` when the actor may not write.
    pub form: Option<NoteForm>,
    /// The entries, newest first.
    pub entries: Vec<Entry>,
    /// Address of older entries; empty when these are all.
    pub older: String,
    /// How many are not shown because the purpose does not cover them, in words; empty for none.
    pub hidden: String,
}

/// The form for a note: posts `text` to `action`.
#[derive(Debug, Clone, Default)]
pub struct NoteForm {
    /// Where it posts to: `/contacts/{id}/notes`.
    pub action: String,
    /// What was typed, when it was not taken.
    pub text: String,
    /// What was wrong; empty for nothing.
    pub error: String,
}

/// One entry.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/entry.html")]
pub struct Entry {
    /// Record id; also the element's id after `entry-`.
    pub id: String,
    /// Picture of who did it.
    pub avatar: Avatar,
    /// Who did it.
    pub author: String,
    /// What it is: `Note`, `Call`.
    pub what: String,
    /// The text, cut where something in it is marked.
    pub spans: Vec<Span>,
    /// When, in words.
    pub when: String,
    /// When, exactly (RFC 3339).
    pub instant: String,
    /// `edited today 11:02`; empty for never.
    pub edited: String,
    /// Who else it is about, in words; empty for nobody.
    pub also_about: String,
    /// A form posts here to take it away; `None` when the actor may not.
    pub remove_action: Option<String>,
    /// Synchroniser token.
    pub csrf: String,
}

/// A piece of text.
#[derive(Debug, Clone)]
pub struct Span {
    /// The piece.
    pub text: String,
    /// Why it is marked: `health data found in a note`; empty for unmarked.
    pub mark: String,
}

impl Span {
    /// A whole text without marks.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Vec<Self> {
        vec![Self {
            text: text.into(),
            mark: String::new(),
        }]
    }
}

impl HtmlSafe for TimelineCard {}
impl HtmlSafe for Entry {}

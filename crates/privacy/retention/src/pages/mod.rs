//! The screens of an erasure: the plan, which is the dry run, and the certificate after it.
//!
//! Addresses: `/contacts/{id}/erase` (GET the plan, POST to carry it out), `/erasures/{id}`.

use askama::Template;
use web::Shell;
use web::view::{Avatar, Confirm, Link};

#[cfg(test)]
mod samples;

/// What an erasure would do. Its form carries the plan's fingerprint, so that what is carried out
/// is what was shown.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/plan.html")]
pub struct PlanPage {
    /// The frame.
    pub shell: Shell,
    /// Whom it is about.
    pub name: String,
    /// Picture.
    pub avatar: Avatar,
    /// Where one came from.
    pub back: Link,
    /// What will go, holder by holder.
    pub goes: Vec<Going>,
    /// `31 values in 4 places`.
    pub total: String,
    /// What stays, and why.
    pub stays: Vec<Staying>,
    /// What happens in backups, in a sentence.
    pub backups: String,
    /// What stops it, such as a hold; empty for nothing. Then there is no [`PlanPage::confirm`].
    pub stopped: String,
    /// The block that asks for the name; `None` when stopped or the actor may not.
    pub confirm: Option<Confirm>,
}

/// What goes from one holder.
#[derive(Debug, Clone)]
pub struct Going {
    /// Who holds it, as people know it: `Contacts`, `Timeline`.
    pub holder: String,
    /// What: `name, 2 mail addresses, 1 phone number`.
    pub what: String,
    /// How it goes: `key destroyed`, `rows deleted`.
    pub how: String,
    /// How many, ready to show.
    pub count: String,
}

/// What stays.
#[derive(Debug, Clone)]
pub struct Staying {
    /// What: `2 invoices`.
    pub what: String,
    /// Why: the rule in words and its article.
    pub why: String,
    /// Until when, in words; empty for no end.
    pub until: String,
}

/// The certificate of an erasure. Holds nothing of the person.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/certificate.html")]
pub struct CertificatePage {
    /// The frame.
    pub shell: Shell,
    /// Its number: `41`.
    pub number: String,
    /// When, in words with the zone.
    pub when: String,
    /// Who carried it out.
    pub by: String,
    /// Why: `asked by the person, Art. 17(1)(b) GDPR`.
    pub because: String,
    /// What went.
    pub went: Vec<Going>,
    /// What stays.
    pub stays: Vec<Staying>,
    /// Entry in the log: its place.
    pub leaf: String,
    /// Entries in the tree when it was signed.
    pub tree_size: String,
    /// Root of the tree, hexadecimal.
    pub root: String,
    /// Fingerprint of the destroyed key, hexadecimal.
    pub key: String,
    /// The signed certificate as a file, for the offline verifier; empty for none.
    pub file_href: String,
}

/// All erasures.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/list.html")]
pub struct ErasuresPage {
    /// The frame.
    pub shell: Shell,
    /// Newest first.
    pub lines: Vec<Line>,
}

/// One erasure in the list.
#[derive(Debug, Clone)]
pub struct Line {
    /// Address of its certificate.
    pub href: String,
    /// Its number.
    pub number: String,
    /// The day.
    pub when: String,
    /// Whether it is completed.
    pub done: bool,
}

//! The screens of people: the list, one contact, the form. View structs of ready words; the
//! handlers fill them, the templates beside them only place them.
//!
//! Addresses: `/contacts`, `/contacts/new`, `/contacts/{id}`, `/contacts/{id}/edit`,
//! `/contacts/duplicates` (POST), `/contacts/bulk` (POST).

use askama::Template;
use web::form::Form;
use web::view::{
    Avatar, Cell, Chip, Choice, Column, Empty, FieldList, FilterChip, Link, Meter, Pager, Tab,
};
use web::{Html, Shell};

#[cfg(test)]
mod samples;

/// The list of contacts. A background request replaces `#rows`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/list.html")]
pub struct ListPage {
    /// The frame.
    pub shell: Shell,
    /// Below the heading: `1,204 people`; read out after a search.
    pub total: String,
    /// Views.
    pub tabs: Vec<Tab>,
    /// What the list is searched for (`q`).
    pub query: String,
    /// Selects to narrow by; each has an empty choice for "any".
    pub filters: Vec<ListFilter>,
    /// Conditions of the view that are no select.
    pub chips: Vec<FilterChip>,
    /// What the search form carries along: view and order.
    pub carried: Vec<(&'static str, String)>,
    /// Headings of name, company, mail, phone, city, stage, owner, last touch.
    pub columns: [Column; 8],
    /// The people.
    pub rows: Vec<Row>,
    /// The foot; its note says how many are hidden and why.
    pub pager: Pager,
    /// What can be done with the ticked ones; none: nothing can be ticked.
    pub bulk: Vec<BulkAct>,
    /// Whether the actor may add a contact.
    pub may_create: bool,
    /// Whether the actor may import.
    pub may_import: bool,
    /// Where an export of this list is asked for; `None` when the actor may not.
    pub export_href: Option<String>,
    /// Shown when there is nobody.
    pub empty: Option<Empty>,
}

/// One select above a list.
#[derive(Debug, Clone)]
pub struct ListFilter {
    /// Name in the query.
    pub name: &'static str,
    /// In words.
    pub label: &'static str,
    /// What can be chosen.
    pub choices: Vec<Choice>,
}

/// One person in the list.
#[derive(Debug, Clone)]
pub struct Row {
    /// Record id.
    pub id: String,
    /// Address of the contact.
    pub href: String,
    /// Picture.
    pub avatar: Avatar,
    /// Name.
    pub name: String,
    /// Company, with its address.
    pub company: Option<Link>,
    /// First mail address.
    pub mail: Cell,
    /// First phone number.
    pub phone: Cell,
    /// City.
    pub city: Cell,
    /// Stage.
    pub stage: String,
    /// Who looks after them.
    pub owner: String,
    /// Last touch, in words.
    pub touched: String,
}

/// What can be done with the ticked ones: a button that sends `act` to `/contacts/bulk`.
#[derive(Debug, Clone)]
pub struct BulkAct {
    /// Value of `act`.
    pub act: &'static str,
    /// In words.
    pub label: &'static str,
    /// Whether it cannot be undone.
    pub danger: bool,
}

/// One contact.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/contact.html")]
pub struct ContactPage {
    /// The frame.
    pub shell: Shell,
    /// Name.
    pub name: String,
    /// Picture, large.
    pub avatar: Avatar,
    /// Job title; empty for none.
    pub job: String,
    /// Company, with its address.
    pub company: Option<Link>,
    /// `Brighton, MI`; empty for none.
    pub place: String,
    /// Stage; empty for none.
    pub stage: String,
    /// First mail address as `mailto:`; empty when not covered or none.
    pub mail_href: String,
    /// First phone number as `tel:`; empty when not covered or none.
    pub phone_href: String,
    /// Address of the form; `None` when the actor may not change.
    pub edit_href: Option<String>,
    /// The fields.
    pub details: FieldList,
    /// Notes and more, drawn by the timeline.
    pub timeline: Html,
    /// What we may do, by purpose.
    pub may: Vec<MayDo>,
    /// How long we keep it.
    pub keep: Keep,
    /// Who has looked, newest first.
    pub looked: Vec<Looked>,
    /// All looks, in the activity log.
    pub all_looks: Option<Link>,
    /// What the person can ask for and the actor may do.
    pub rights: Rights,
}

/// Whether something may be done, and why.
#[derive(Debug, Clone)]
pub struct MayDo {
    /// What: label of the purpose.
    pub what: String,
    /// Why or why not: basis, article, date.
    pub basis: String,
    /// yes, no or ask.
    pub answer: Chip,
}

/// How long the person's data is kept.
#[derive(Debug, Clone, Default)]
pub struct Keep {
    /// How much of the time is over.
    pub meter: Option<Meter>,
    /// The day, in words: `4 March 2029`; empty when there is no end yet.
    pub until: String,
    /// Behind the day: `, three years after the last contact.`; or the whole sentence without one.
    pub because: String,
    /// What stays longer, and why.
    pub floors: Vec<String>,
}

/// Somebody who has looked.
#[derive(Debug, Clone)]
pub struct Looked {
    /// Picture.
    pub avatar: Avatar,
    /// Who.
    pub who: String,
    /// What for and how often.
    pub note: String,
    /// When last, in words.
    pub when: String,
}

/// Acts for the person; each `None` when the actor may not.
#[derive(Debug, Clone, Default)]
pub struct Rights {
    /// A form posts here to make a copy of all their data.
    pub export_action: Option<String>,
    /// The plan of an erasure.
    pub erase_href: Option<String>,
}

/// A new contact, or a change of one.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/form.html")]
pub struct FormPage {
    /// The frame.
    pub shell: Shell,
    /// `New contact`, or the name.
    pub heading: String,
    /// Where one came from.
    pub back: Link,
    /// Who it may be already.
    pub duplicates: Duplicates,
    /// The form.
    pub form: Form,
}

/// People it may be already: the fragment `#duplicates`, asked for while typing.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "pages/duplicates.html")]
pub struct Duplicates {
    /// The ones the actor may see.
    pub found: Vec<Duplicate>,
    /// Whether there is also one the actor may not see; says no more than that.
    pub hidden: bool,
}

/// One person it may be.
#[derive(Debug, Clone)]
pub struct Duplicate {
    /// Picture.
    pub avatar: Avatar,
    /// Name.
    pub name: String,
    /// Address of the contact.
    pub href: String,
    /// What is the same: `same mail address`.
    pub reasons: Vec<String>,
}

impl Duplicates {
    fn any(&self) -> bool {
        !self.found.is_empty() || self.hidden
    }

    fn said(&self) -> String {
        match self.found.len() {
            0 if !self.hidden => String::new(),
            0 => "Somebody like this may be here already.".into(),
            1 => "One contact looks the same.".into(),
            n => format!("{n} contacts look the same."),
        }
    }
}

impl askama::filters::HtmlSafe for Duplicates {}

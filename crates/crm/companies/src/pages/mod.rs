//! The screens of companies: the list, one company with its people, the form.
//!
//! Addresses: `/companies`, `/companies/new`, `/companies/{id}`, `/companies/{id}/edit`.

use askama::Template;
use web::form::Form;
use web::view::{Avatar, Cell, Choice, Column, Empty, FieldList, Link, Pager};
use web::{Html, Shell};

#[cfg(test)]
mod samples;

/// The list of companies. A background request replaces `#rows`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/list.html")]
pub struct ListPage {
    /// The frame.
    pub shell: Shell,
    /// Below the heading: `310 companies`; read out after a search.
    pub total: String,
    /// What the list is searched for (`q`).
    pub query: String,
    /// The relationship to narrow by (`tier`); the first choice is "any".
    pub tiers: Vec<Choice>,
    /// What the search form carries along, such as the order.
    pub carried: Vec<(&'static str, String)>,
    /// Headings of name, city, website, relationship, people, last touch.
    pub columns: [Column; 6],
    /// The companies.
    pub rows: Vec<Row>,
    /// The foot.
    pub pager: Pager,
    /// Whether the actor may add a company.
    pub may_create: bool,
    /// Shown when there is none.
    pub empty: Option<Empty>,
}

/// One company in the list.
#[derive(Debug, Clone)]
pub struct Row {
    /// Address of the company.
    pub href: String,
    /// Picture.
    pub avatar: Avatar,
    /// Name.
    pub name: String,
    /// City.
    pub city: Cell,
    /// Website, without the scheme.
    pub site: Cell,
    /// Relationship; empty for none.
    pub tier: String,
    /// How many people, ready to show.
    pub people: String,
    /// Last touch, in words.
    pub touched: String,
}

/// One company.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/company.html")]
pub struct CompanyPage {
    /// The frame.
    pub shell: Shell,
    /// Name.
    pub name: String,
    /// Picture, large.
    pub avatar: Avatar,
    /// Short facts below the name, such as place and relationship.
    pub facts: Vec<String>,
    /// Address of the form; `None` when the actor may not change.
    pub edit_href: Option<String>,
    /// Address of the form for a person who works here; `None` when the actor may not.
    pub add_person_href: Option<String>,
    /// The fields.
    pub details: FieldList,
    /// Who works here.
    pub people: Vec<Person>,
    /// `12 people`, and how many are hidden.
    pub people_note: String,
    /// Everybody who works here, in the list of contacts, when more than shown.
    pub all_people: Option<Link>,
    /// Notes and more, drawn by the timeline.
    pub timeline: Html,
}

/// One person who works at the company.
#[derive(Debug, Clone)]
pub struct Person {
    /// Picture.
    pub avatar: Avatar,
    /// Name.
    pub name: String,
    /// Address of the contact.
    pub href: String,
    /// Job title; empty for none.
    pub job: String,
    /// Stage; empty for none.
    pub stage: String,
}

/// A new company, or a change of one.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/form.html")]
pub struct FormPage {
    /// The frame.
    pub shell: Shell,
    /// `New company`, or the name.
    pub heading: String,
    /// Where one came from.
    pub back: Link,
    /// The form.
    pub form: Form,
}

//! What lists have: tabs, filters, sortable columns, pages by key.

use askama::Template;

/// One view of a list.
#[derive(Debug, Clone)]
pub struct Tab {
    /// In words.
    pub label: String,
    /// Address of the view.
    pub href: String,
    /// How many, ready to show; empty shows nothing.
    pub count: String,
    /// Whether it is the present one.
    pub current: bool,
}

/// One condition the list is narrowed by.
#[derive(Debug, Clone)]
pub struct FilterChip {
    /// In words: `Stage is Lead`.
    pub label: String,
    /// Address of the list without it.
    pub without: String,
}

/// Which way a column is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Not by this column.
    None,
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

impl Order {
    /// The value of `aria-sort`.
    #[must_use]
    pub const fn aria(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Ascending => "ascending",
            Self::Descending => "descending",
        }
    }
}

/// One column heading.
#[derive(Debug, Clone)]
pub struct Column {
    /// In words.
    pub label: String,
    /// Address of the list sorted by it; empty when it cannot be sorted by.
    pub href: String,
    /// Which way it is sorted now.
    pub order: Order,
    /// Whether its values stand right.
    pub right: bool,
}

impl Column {
    /// A column that cannot be sorted by.
    #[must_use]
    pub fn plain(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            href: String::new(),
            order: Order::None,
            right: false,
        }
    }

    /// A column that can be sorted by.
    #[must_use]
    pub fn sortable(label: impl Into<String>, href: impl Into<String>, order: Order) -> Self {
        Self {
            href: href.into(),
            order,
            ..Self::plain(label)
        }
    }

    /// The column with its values right.
    #[must_use]
    pub fn right(mut self) -> Self {
        self.right = true;
        self
    }
}

/// The foot of a list: how much is shown, and the way to more, by key.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "part/pager.html")]
pub struct Pager {
    /// `50 of 1,204`.
    pub shown: String,
    /// What is left out and why: `2 people are hidden: your purpose does not cover them`.
    pub note: String,
    /// Address of the first page; empty on the first page.
    pub first: String,
    /// Address of the next page; empty on the last page.
    pub next: String,
    /// `id` of the element that a background request replaces; empty for whole pages.
    pub swaps: &'static str,
}

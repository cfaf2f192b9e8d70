//! The fields of a record as they are shown: label, values, class, and where each value is from.

use askama::Template;

use super::Chip;

/// All fields of a record.
#[derive(Debug, Clone, Template)]
#[template(path = "part/fields.html")]
pub struct FieldList {
    /// Synchroniser token, for asking to see.
    pub csrf: String,
    /// The rows, in order.
    pub rows: Vec<FieldRow>,
}

/// One field.
#[derive(Debug, Clone)]
pub struct FieldRow {
    /// As people read it.
    pub label: String,
    /// What is shown.
    pub shown: Shown,
    /// Its class of data, or why it is masked.
    pub chip: Chip,
}

/// What is shown of a field.
#[derive(Debug, Clone)]
pub enum Shown {
    /// Its values.
    Clear(Vec<ShownValue>),
    /// That there is something, and how to ask for it where that is possible.
    Masked(Option<Ask>),
}

/// One value.
#[derive(Debug, Clone, Default)]
pub struct ShownValue {
    /// As people read it.
    pub text: String,
    /// `mailto:`, `tel:` or the address of a record; empty for none.
    pub href: String,
    /// `work`, `home`; empty for none.
    pub label: String,
    /// Whether it is the one to use first among several.
    pub first: bool,
    /// Where it is from: `from import us-500.csv row 12 on 4 Mar 2026`.
    pub from: String,
}

/// How to ask for a masked field: a form to `action` that sends `field`.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Where it posts to.
    pub action: String,
    /// Name of the field.
    pub field: String,
}

impl FieldRow {
    /// A field with its values.
    #[must_use]
    pub fn clear(label: impl Into<String>, class: &str, values: Vec<ShownValue>) -> Self {
        Self {
            label: label.into(),
            shown: Shown::Clear(values),
            chip: Chip::class_of(class),
        }
    }

    /// A field that is not shown; the chip says why.
    #[must_use]
    pub fn masked(label: impl Into<String>, chip: Chip, ask: Option<Ask>) -> Self {
        Self {
            label: label.into(),
            shown: Shown::Masked(ask),
            chip,
        }
    }
}

impl ShownValue {
    /// A value without label or link.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    fn outside(&self) -> bool {
        self.href.starts_with("http")
    }
}

/// One value in a table.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r#"{% if masked %}<span class="masked" aria-hidden="true">••••••</span><span class="sr">masked</span>{% else %}{{ text }}{% endif %}"#
)]
pub struct Cell {
    /// As people read it; empty for nothing.
    pub text: String,
    /// Whether there is something that is not shown.
    pub masked: bool,
}

impl Cell {
    /// A value.
    #[must_use]
    pub fn clear(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            masked: false,
        }
    }

    /// Something that is not shown.
    #[must_use]
    pub const fn masked() -> Self {
        Self {
            text: String::new(),
            masked: true,
        }
    }

    /// Whether there is nothing at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.text.is_empty() && !self.masked
    }
}

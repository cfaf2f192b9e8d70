//! Forms: fields with label, help, class of data and error; rows that repeat; sections. A form
//! that was not taken is shown again with what was typed and the error beside each field.

use askama::Template;
use askama::filters::HtmlSafe;

mod repeat;

pub use repeat::{Repeat, RepeatRow};

use crate::view::{Chip, Choice};

/// A whole form.
#[derive(Debug, Clone, Template)]
#[template(path = "part/form.html")]
pub struct Form {
    /// The element's id.
    pub id: &'static str,
    /// Where it posts to.
    pub action: String,
    /// Synchroniser token.
    pub csrf: String,
    /// Revision it was read at, sent back as `rev`, so that nobody's change is overwritten; empty
    /// for something new.
    pub rev: String,
    /// Its sections.
    pub sections: Vec<Section>,
    /// What was wrong as a whole; empty for nothing.
    pub error: String,
    /// The word on the button.
    pub button: String,
    /// The word on a second button, named `anyway`, that saves in spite of a warning; empty for none.
    pub anyway: String,
    /// Where to go instead.
    pub cancel: String,
    /// Address that is asked for possible duplicates while typing, by POST of the whole form;
    /// its answer holds `<div id="duplicates">`. Empty for none.
    pub duplicates_at: String,
}

/// Fields that belong together.
#[derive(Debug, Clone)]
pub struct Section {
    /// What they are.
    pub heading: String,
    /// Why they are asked, or empty.
    pub note: String,
    /// The fields, in order.
    pub items: Vec<Item>,
}

/// One thing in a section.
#[derive(Debug, Clone)]
pub enum Item {
    /// One field.
    Field(Field),
    /// Several rows of one kind.
    Repeat(Repeat),
    /// Fields that make one value, such as an address.
    Group(Group),
}

/// Fields that make one value together.
#[derive(Debug, Clone, Template)]
#[template(path = "part/group.html")]
pub struct Group {
    /// What they make: `Address (work)`.
    pub legend: String,
    /// The class of data they are.
    pub class: Option<Chip>,
    /// The fields, in the order of the country.
    pub fields: Vec<Field>,
    /// Whether it is folded until somebody opens it: the empty one for a further value.
    pub folded: bool,
}

impl From<Group> for Item {
    fn from(group: Group) -> Self {
        Self::Group(group)
    }
}

impl From<Field> for Item {
    fn from(field: Field) -> Self {
        Self::Field(field)
    }
}

impl From<Repeat> for Item {
    fn from(repeat: Repeat) -> Self {
        Self::Repeat(repeat)
    }
}

/// How a field is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// `<input>` of this type.
    Line(&'static str),
    /// Several lines.
    Area,
    /// One of the choices.
    Select,
    /// A line with suggestions from the choices.
    Suggest,
}

/// How wide a field stands in its section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// The whole row.
    Full,
    /// Half of it.
    Half,
    /// A third.
    Third,
}

impl Width {
    /// The class in the sheet.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Half => "half",
            Self::Third => "third",
        }
    }
}

/// One field.
#[derive(Debug, Clone, Template)]
#[template(path = "part/field.html")]
pub struct Field {
    /// Name in the form.
    pub name: String,
    /// `f-` and the name; [`Field::nth`] tells fields of one name apart.
    pub id: String,
    /// As people read it.
    pub label: String,
    /// What it holds.
    pub value: String,
    /// How it is typed.
    pub input: Input,
    /// Options of a select, suggestions of a suggest.
    pub choices: Vec<Choice>,
    /// What to write here; empty for nothing.
    pub help: String,
    /// What is wrong; empty for nothing.
    pub error: String,
    /// The class of data it is.
    pub class: Option<Chip>,
    /// Whether it must be filled.
    pub required: bool,
    /// How wide it stands.
    pub width: Width,
    /// The browser's `autocomplete` token; `off` for other people's data.
    pub autocomplete: &'static str,
    /// Whether typing here asks for duplicates.
    pub hints: bool,
    /// Whether the page opens with the cursor here.
    pub focus: bool,
}

impl Field {
    /// A line of text.
    #[must_use]
    pub fn text(name: impl Into<String>, label: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            id: format!("f-{name}"),
            name,
            label: label.into(),
            value: String::new(),
            input: Input::Line("text"),
            choices: Vec::new(),
            help: String::new(),
            error: String::new(),
            class: None,
            required: false,
            width: Width::Half,
            autocomplete: "off",
            hints: false,
            focus: false,
        }
    }

    /// An `<input>` of another type: `email`, `tel`, `date`, `url`, `number`, `password`.
    #[must_use]
    pub fn of_type(kind: &'static str, name: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            input: Input::Line(kind),
            ..Self::text(name, label)
        }
    }

    /// One of some choices.
    #[must_use]
    pub fn select(name: impl Into<String>, label: impl Into<String>, choices: Vec<Choice>) -> Self {
        Self {
            input: Input::Select,
            choices,
            ..Self::text(name, label)
        }
    }

    /// A line with suggestions.
    #[must_use]
    pub fn suggest(
        name: impl Into<String>,
        label: impl Into<String>,
        suggestions: Vec<Choice>,
    ) -> Self {
        Self {
            input: Input::Suggest,
            choices: suggestions,
            ..Self::text(name, label)
        }
    }

    /// Several lines.
    #[must_use]
    pub fn area(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            input: Input::Area,
            width: Width::Full,
            ..Self::text(name, label)
        }
    }

    /// With what it holds.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// With what to write here.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// With what is wrong.
    #[must_use]
    pub fn error(mut self, error: impl Into<String>) -> Self {
        self.error = error.into();
        self
    }

    /// With the class of data it is, by its name in the schema.
    #[must_use]
    pub fn class(mut self, class: &str) -> Self {
        self.class = Some(Chip::class_of(class));
        self
    }

    /// Must be filled.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Stands this wide.
    #[must_use]
    pub const fn width(mut self, width: Width) -> Self {
        self.width = width;
        self
    }

    /// With the browser's `autocomplete` token.
    #[must_use]
    pub const fn autocomplete(mut self, token: &'static str) -> Self {
        self.autocomplete = token;
        self
    }

    /// The field of this name in the n-th group, counted from 0.
    #[must_use]
    pub fn nth(mut self, place: usize) -> Self {
        self.id = format!("f-{}-{place}", self.name);
        self
    }

    /// Typing here asks for duplicates.
    #[must_use]
    pub const fn hints(mut self) -> Self {
        self.hints = true;
        self
    }

    /// The page opens with the cursor here.
    #[must_use]
    pub const fn focused(mut self) -> Self {
        self.focus = true;
        self
    }

    fn kind(&self) -> &'static str {
        match self.input {
            Input::Line(kind) => kind,
            _ => "text",
        }
    }

    fn described(&self) -> String {
        let help = (!self.help.is_empty()).then(|| format!("{}-help", self.id));
        let error = (!self.error.is_empty()).then(|| format!("{}-error", self.id));
        let both: Vec<String> = help.into_iter().chain(error).collect();
        both.join(" ")
    }
}

impl HtmlSafe for Form {}
impl HtmlSafe for Field {}
impl HtmlSafe for Group {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_names_its_help_and_error() {
        let field = Field::text("city", "City").help("Where").error("Too long");
        assert_eq!(field.described(), "f-city-help f-city-error");
        let html = field.to_string();
        assert!(html.contains("aria-invalid=\"true\"") && html.contains("Too long"));
    }
}

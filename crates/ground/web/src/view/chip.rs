//! Chips and avatars.

use askama::Template;

/// What a chip or message means. The word beside the colour always says it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Allowed, done.
    Yes,
    /// Not allowed, failed.
    No,
    /// Waiting, ask first.
    Wait,
    /// Worth knowing; ordinary personal data.
    Info,
    /// Special categories of data (GDPR Art. 9) and what was found of them in text.
    Special,
    /// Neither.
    #[default]
    Plain,
}

impl Tone {
    /// The class in the sheet.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Wait => "wait",
            Self::Info => "info",
            Self::Special => "special",
            Self::Plain => "plain",
        }
    }

    /// Name of the symbol that stands for it.
    #[must_use]
    pub const fn icon(self) -> &'static str {
        match self {
            Self::Yes => "check",
            Self::No => "stop",
            Self::Wait => "clock",
            Self::Info | Self::Plain => "info",
            Self::Special => "shield",
        }
    }
}

/// A word in a coloured pill.
#[derive(Debug, Clone, Template)]
#[template(path = "part/chip.html")]
pub struct Chip {
    /// What it means.
    pub tone: Tone,
    /// The word.
    pub label: String,
}

impl Chip {
    /// A chip.
    #[must_use]
    pub fn new(tone: Tone, label: impl Into<String>) -> Self {
        Self {
            tone,
            label: label.into(),
        }
    }

    /// The chip of a class of data, by its name in the schema: `contact`, `special`, ...
    #[must_use]
    pub fn class_of(class: &str) -> Self {
        match class {
            "special" => Self::new(Tone::Special, "special category"),
            "identity" | "contact" | "location" | "employment" => Self::new(Tone::Info, class),
            _ => Self::new(Tone::Plain, class),
        }
    }
}

/// Two letters in a circle. The name always stands beside it, so it is not read out.
#[derive(Debug, Clone, Template)]
#[template(path = "part/avatar.html")]
pub struct Avatar {
    /// The letters.
    pub initials: String,
    /// Whether it heads a page.
    pub large: bool,
}

impl Avatar {
    /// The avatar of a name.
    #[must_use]
    pub fn of(name: &str) -> Self {
        Self {
            initials: super::initials(name),
            large: false,
        }
    }

    /// The same, for the head of a page.
    #[must_use]
    pub fn large(mut self) -> Self {
        self.large = true;
        self
    }
}

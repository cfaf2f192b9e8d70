//! Empty places, counts, meters, steps, and the block that asks for a name before what cannot
//! be undone.

use askama::Template;

use super::{Icon, Tone};

/// A place to go.
#[derive(Debug, Clone)]
pub struct Link {
    /// In words.
    pub label: String,
    /// Address.
    pub href: String,
}

impl Link {
    /// A link.
    #[must_use]
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            href: href.into(),
        }
    }
}

/// One option of a select.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// As people read it.
    pub label: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

impl Choice {
    /// Options from pairs of value and label, one of them chosen.
    #[must_use]
    pub fn list<V: AsRef<str>, L: AsRef<str>>(pairs: &[(V, L)], chosen: &str) -> Vec<Self> {
        pairs
            .iter()
            .map(|(value, label)| Self {
                value: value.as_ref().to_owned(),
                label: label.as_ref().to_owned(),
                chosen: value.as_ref() == chosen,
            })
            .collect()
    }
}

/// An empty place that teaches: what it is for, the first thing to do, one button.
#[derive(Debug, Clone, Template)]
#[template(path = "part/empty.html")]
pub struct Empty {
    /// Picture.
    pub icon: &'static str,
    /// What is missing, in a few words.
    pub title: String,
    /// What this place is for and the first thing to do.
    pub text: String,
    /// The button.
    pub action: Option<Link>,
    /// A second way, as a link.
    pub other: Option<Link>,
}

/// One figure with its meaning.
#[derive(Debug, Clone)]
pub struct Count {
    /// What is counted.
    pub label: String,
    /// The figure, ready to show.
    pub value: String,
    /// A line below it.
    pub note: String,
    /// Where it leads; empty for nowhere.
    pub href: String,
    /// What it means.
    pub tone: Tone,
}

/// A bar that is part full, with its meaning in words beside it.
#[derive(Debug, Clone, Template)]
#[template(path = "part/meter.html")]
pub struct Meter {
    /// What it measures, read out.
    pub label: String,
    /// How much is full.
    pub value: u64,
    /// When it is full; at least 1.
    pub max: u64,
}

/// Where a long way has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// Behind us.
    Done,
    /// Here.
    Current,
    /// To come.
    Ahead,
}

impl StepState {
    /// The class in the sheet.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Current => "current",
            Self::Ahead => "ahead",
        }
    }
}

/// One step of a long way.
#[derive(Debug, Clone)]
pub struct Step {
    /// In words.
    pub label: &'static str,
    /// Where we are.
    pub state: StepState,
}

impl Step {
    /// The steps of a way, standing at `current` (counted from 0).
    #[must_use]
    pub fn way(labels: &[&'static str], current: usize) -> Vec<Self> {
        labels
            .iter()
            .enumerate()
            .map(|(i, label)| Self {
                label,
                state: match i.cmp(&current) {
                    std::cmp::Ordering::Less => StepState::Done,
                    std::cmp::Ordering::Equal => StepState::Current,
                    std::cmp::Ordering::Greater => StepState::Ahead,
                },
            })
            .collect()
    }
}

/// The block before an act that cannot be undone: it says what will go and asks for a name to be
/// typed. The server compares; the browser only helps.
#[derive(Debug, Clone, Template)]
#[template(path = "part/confirm.html")]
pub struct Confirm {
    /// The element's id.
    pub id: &'static str,
    /// Where it posts to.
    pub action: String,
    /// Synchroniser token.
    pub csrf: String,
    /// What must be typed, exactly. The form sends it as `typed`.
    pub name: String,
    /// What will happen, in one sentence.
    pub warning: String,
    /// The word on the button.
    pub button: String,
    /// Where to go instead.
    pub cancel: String,
    /// What was wrong with the last try; empty for none.
    pub error: String,
    /// Values the form carries along, by name: the plan that was shown.
    pub carried: Vec<(&'static str, String)>,
}

impl Empty {
    fn picture(&self) -> Icon {
        Icon { name: self.icon }
    }
}

//! What every page of a signed-in person has: the rail, the bar, the purpose, and a message.

/// The frame around a page. A capability fills it from the session; the template
/// `shell.html` draws it. Everything here is ready to show.
#[derive(Debug, Clone)]
pub struct Shell {
    /// Title of the page, without the program's name.
    pub title: String,
    /// Key of the rail item this page belongs to, such as `contacts`; empty for none.
    pub active: &'static str,
    /// The rail, holding only what the actor may use. Empty groups are not drawn.
    pub groups: Vec<NavGroup>,
    /// What the actor works for, and what else it may choose.
    pub purpose: PurposeMenu,
    /// Who is signed in.
    pub user: User,
    /// Name of the workspace.
    pub workspace: String,
    /// The synchroniser token for every form on the page: [`crate::csrf::token`].
    pub csrf: String,
    /// What happened last, once.
    pub flash: Option<Flash>,
    /// Text in the search box of the bar.
    pub search: String,
    /// How the actor likes it.
    pub look: Look,
}

impl Shell {
    /// The shell under another title and rail item.
    #[must_use]
    pub fn titled(mut self, title: impl Into<String>, active: &'static str) -> Self {
        self.title = title.into();
        self.active = active;
        self
    }

    /// The shell with a message.
    #[must_use]
    pub fn with_flash(mut self, flash: Flash) -> Self {
        self.flash = Some(flash);
        self
    }

    /// `data-` attribute value of the theme.
    #[must_use]
    pub const fn theme(&self) -> &'static str {
        self.look.theme.name()
    }

    /// `data-` attribute value of the density.
    #[must_use]
    pub const fn density(&self) -> &'static str {
        self.look.density.name()
    }
}

/// One group of the rail. The first has no heading or "CRM"; then "Privacy" and "Security".
#[derive(Debug, Clone)]
pub struct NavGroup {
    /// Heading above the group; also its id after `nav-`.
    pub heading: &'static str,
    /// Its items, in order.
    pub items: Vec<NavItem>,
}

impl NavGroup {
    /// The heading as an id.
    #[must_use]
    pub fn key(&self) -> String {
        self.heading.to_lowercase().replace(' ', "-")
    }
}

/// One item of the rail.
#[derive(Debug, Clone)]
pub struct NavItem {
    /// Compared with [`Shell::active`].
    pub key: &'static str,
    /// In words.
    pub label: &'static str,
    /// Address.
    pub href: &'static str,
    /// Name of a symbol in `part/sprite.html` without `i-`.
    pub icon: &'static str,
    /// How many there are; `None` shows nothing.
    pub count: Option<u64>,
    /// The key after `g` that goes here, such as `c`; empty for none.
    pub shortcut: &'static str,
}

impl NavItem {
    /// The count as people read it.
    #[must_use]
    pub fn counted(&self) -> String {
        self.count.map(crate::view::grouped).unwrap_or_default()
    }
}

/// The purpose in view and the ones that can be chosen.
#[derive(Debug, Clone)]
pub struct PurposeMenu {
    /// Label of the present one.
    pub current: String,
    /// All the actor may choose from, the present one included. One or none: nothing to switch.
    pub choices: Vec<Purpose>,
    /// Where to go on after switching: the address of this page.
    pub back: String,
}

/// One purpose to choose.
#[derive(Debug, Clone)]
pub struct Purpose {
    /// Value that the form sends as `purpose`.
    pub name: String,
    /// As people read it.
    pub label: String,
    /// What it covers, in one sentence.
    pub description: String,
    /// Whether it is the present one.
    pub current: bool,
}

/// Who is signed in.
#[derive(Debug, Clone)]
pub struct User {
    /// Full name.
    pub name: String,
    /// Two letters for the avatar: [`crate::view::initials`].
    pub initials: String,
    /// Label of the role.
    pub role: String,
}

/// A message shown once, at the top of the page, and read out.
#[derive(Debug, Clone)]
pub struct Flash {
    /// Yes: it was done. No: it was not. Wait or Info: worth knowing.
    pub tone: crate::view::Tone,
    /// One sentence.
    pub text: String,
    /// How to take it back, where that is possible.
    pub undo: Option<Undo>,
}

impl Flash {
    /// It was done.
    #[must_use]
    pub fn done(text: impl Into<String>) -> Self {
        Self {
            tone: crate::view::Tone::Yes,
            text: text.into(),
            undo: None,
        }
    }

    /// It was not done.
    #[must_use]
    pub fn refused(text: impl Into<String>) -> Self {
        Self {
            tone: crate::view::Tone::No,
            ..Self::done(text)
        }
    }

    /// Offers to take it back by a form to `action`.
    #[must_use]
    pub fn with_undo(mut self, action: impl Into<String>) -> Self {
        self.undo = Some(Undo {
            action: action.into(),
        });
        self
    }
}

/// A form that takes an act back.
#[derive(Debug, Clone)]
pub struct Undo {
    /// Where it posts to.
    pub action: String,
}

/// How the actor likes the screen.
#[derive(Debug, Clone, Copy, Default)]
pub struct Look {
    /// Light, dark, or as the system says.
    pub theme: Theme,
    /// How close rows stand.
    pub density: Density,
}

/// Light or dark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// The value of `data-theme`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// How close rows stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Density {
    /// With air.
    #[default]
    Normal,
    /// More rows on the screen.
    Compact,
}

impl Density {
    /// The value of `data-density`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Compact => "compact",
        }
    }
}

//! For tests only: a sample shell, and the checks that every page must pass. Capabilities render
//! all their pages through [`Gallery`] into `target/gallery`, to be looked at and checked.

mod check;
mod markup;

use std::path::PathBuf;

use askama::Template;

use crate::view::initials;
use crate::{Density, Look, NavGroup, NavItem, Purpose, PurposeMenu, Shell, Theme, User, assets};

pub use check::faults;

/// The pages of one crate, on disk and checked.
#[derive(Debug)]
pub struct Gallery {
    crate_name: &'static str,
    room: PathBuf,
}

impl Gallery {
    /// The gallery of a crate. Writes the assets beside it.
    ///
    /// # Panics
    /// When the target directory cannot be written.
    #[must_use]
    pub fn open(crate_name: &'static str) -> Self {
        let room = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../target/gallery");
        std::fs::create_dir_all(room.join("assets")).expect("the gallery can be made");
        for asset in assets::all() {
            std::fs::write(room.join(&asset.href[1..]), asset.bytes)
                .expect("assets can be written");
        }
        Self { crate_name, room }
    }

    /// Renders a whole page, writes it, and checks it.
    ///
    /// # Panics
    /// When the page breaks a rule; the message names all of them.
    pub fn page(&self, name: &str, template: &impl Template) {
        let html = self.write(name, template);
        let faults = check::faults(&html, true);
        assert!(faults.is_empty(), "{name}: {}", faults.join("\n  "));
    }

    /// Renders a part of a page, writes it, and checks it.
    ///
    /// # Panics
    /// When the part breaks a rule; the message names all of them.
    pub fn part(&self, name: &str, template: &impl Template) {
        let html = self.write(name, template);
        let faults = check::faults(&html, false);
        assert!(faults.is_empty(), "{name}: {}", faults.join("\n  "));
    }

    fn write(&self, name: &str, template: &impl Template) -> String {
        let html = template.render().expect("the page renders");
        let file = self.room.join(format!("{}-{name}.html", self.crate_name));
        std::fs::write(file, html.replace("\"/assets/", "\"assets/"))
            .expect("pages can be written");
        html
    }
}

const ITEM: NavItem = NavItem {
    key: "",
    label: "",
    href: "",
    icon: "",
    count: None,
    shortcut: "",
};

impl Shell {
    /// A shell as a privacy officer who also sells would see it.
    #[must_use]
    pub fn sample() -> Self {
        let crm = vec![
            NavItem {
                key: "home",
                label: "Home",
                href: "/",
                icon: "home",
                shortcut: "h",
                ..ITEM
            },
            NavItem {
                key: "contacts",
                label: "Contacts",
                href: "/contacts",
                icon: "people",
                count: Some(1_204),
                shortcut: "c",
            },
            NavItem {
                key: "companies",
                label: "Companies",
                href: "/companies",
                icon: "building",
                count: Some(310),
                shortcut: "o",
            },
            NavItem {
                key: "import",
                label: "Import",
                href: "/import",
                icon: "import",
                ..ITEM
            },
        ];
        let privacy = vec![
            NavItem {
                key: "retention",
                label: "Retention",
                href: "/retention",
                icon: "hourglass",
                count: Some(12),
                shortcut: "r",
            },
            NavItem {
                key: "erasures",
                label: "Erasures",
                href: "/erasures",
                icon: "trash",
                ..ITEM
            },
        ];
        let security = vec![
            NavItem {
                key: "log",
                label: "Activity log",
                href: "/log",
                icon: "log",
                shortcut: "l",
                ..ITEM
            },
            NavItem {
                key: "access",
                label: "Access",
                href: "/access",
                icon: "key",
                ..ITEM
            },
        ];
        Self {
            title: "Sample".into(),
            active: "",
            groups: vec![
                NavGroup {
                    heading: "CRM",
                    items: crm,
                },
                NavGroup {
                    heading: "Privacy",
                    items: privacy,
                },
                NavGroup {
                    heading: "Security",
                    items: security,
                },
            ],
            purpose: sample_purposes(),
            user: User {
                name: "Marta Kowal".into(),
                initials: initials("Marta Kowal"),
                role: "Administrator".into(),
            },
            workspace: "Chanay Ltd".into(),
            csrf: "sample-token".into(),
            flash: None,
            search: String::new(),
            look: Look {
                theme: Theme::System,
                density: Density::Normal,
            },
        }
    }
}

fn sample_purposes() -> PurposeMenu {
    let all = [
        (
            "sales_outreach",
            "Sales outreach",
            "Finding out whether people want what we offer, and talking with those who do.",
        ),
        (
            "contract",
            "Quote and contract",
            "Preparing, closing and carrying out a contract the person asked for.",
        ),
        (
            "customer_support",
            "Customer support",
            "Answering questions and solving problems of people who use what we offer.",
        ),
    ];
    PurposeMenu {
        current: "Sales outreach".into(),
        choices: all
            .iter()
            .map(|(name, label, description)| Purpose {
                name: (*name).into(),
                label: (*label).into(),
                description: (*description).into(),
                current: *name == "sales_outreach",
            })
            .collect(),
        back: "/contacts".into(),
    }
}

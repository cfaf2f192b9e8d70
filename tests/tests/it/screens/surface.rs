//! Every page, in light and dark, on a laptop and a telephone: accessible, quiet, complete.
//!
//! The pages are found by walking the navigation, so that a new page is judged without being named here.

use std::collections::BTreeSet;
use std::path::PathBuf;

use journeys::{Page, Scheme, Screen, project_root};

use super::place::*;

#[test]
fn every_page_is_accessible_in_both_schemes_on_both_screens() {
    let desk = Desk::new(true);
    let page = &desk.page;
    let pages = pages(page);
    assert!(pages.len() >= 5, "the pages are found: {pages:?}");
    let mut faults = Vec::new();
    for path in &pages {
        for (screen, screen_name) in [(Screen::WIDE, "wide"), (Screen::NARROW, "narrow")] {
            for (scheme, scheme_name) in [(Scheme::Light, "light"), (Scheme::Dark, "dark")] {
                page.show(screen, scheme);
                page.open(path);
                let found = page.audit();
                let how = |fault: String| format!("{path} {screen_name} {scheme_name}: {fault}");
                faults.extend(found.into_iter().map(how));
                page.picture(&picture(path, screen_name, scheme_name));
            }
        }
    }
    page.is_clean();
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn every_page_is_usable_by_keyboard() {
    let desk = Desk::new(true);
    let page = &desk.page;
    for path in pages(page) {
        page.open(&path);
        let stops = page.is_usable_by_keyboard();
        assert!(!stops.is_empty(), "{path} has something to reach");
    }
}

#[test]
fn the_pictures_of_the_readme() {
    let desk = Desk::new(true);
    let page = &desk.page;
    let wanted = std::env::var("PRIVET_WRITE_IMAGES").is_ok_and(|value| value == "1");
    let dir = if wanted {
        project_root().join("docs/images")
    } else {
        screens()
    };
    page.show(Screen::WIDE, Scheme::Light);
    page.open(CONTACTS);
    page.wait(ROWS);
    page.picture(&dir.join("contacts.png"));
    page.click(ROW_LINK);
    page.wait(NOTE);
    page.picture(&dir.join("contact.png"));
}

/// What the navigation leads to, and the pages of one contact.
fn pages(page: &Page) -> BTreeSet<String> {
    page.open(CONTACTS);
    page.wait(ROWS);
    let links =
        page.ask("[...document.querySelectorAll('nav a[href^=\"/\"]')].map((a) => a.pathname)");
    let links = links.as_array().expect("a list of links").iter();
    let mut pages: BTreeSet<String> = links
        .filter_map(|link| link.as_str())
        .map(str::to_owned)
        .collect();
    pages.retain(|path| !path.contains("sign-out"));
    let row = format!("document.querySelector({ROW_LINK:?}).pathname");
    let contact = page
        .ask(&row)
        .as_str()
        .expect("a contact in the list")
        .to_owned();
    for end in ["", "/edit", "/erase"] {
        pages.insert(format!("{contact}{end}"));
    }
    pages.extend([CONTACTS.to_owned(), NEW.to_owned()]);
    pages
}

fn screens() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target
        .unwrap_or_else(|| project_root().join("target"))
        .join("screens")
}

/// A picture's name has no record's id in it, so that each run overwrites the last.
fn picture(path: &str, screen: &str, scheme: &str) -> PathBuf {
    let words = path.split('/').filter(|word| !word.is_empty());
    let words: Vec<&str> = words
        .map(|word| if word.len() >= 20 { "one" } else { word })
        .collect();
    let name = if words.is_empty() {
        "home".to_owned()
    } else {
        words.join("-")
    };
    screens().join(format!("{name}-{screen}-{scheme}.png"))
}

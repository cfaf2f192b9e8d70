//! A day's work: sign in, search, open, note, edit, add, erase. With JavaScript, and without.

use journeys::{Page, Privet, Traces, contacts};

use super::place::*;

#[test]
fn a_days_work() {
    let desk = Desk::new(true);
    let page = &desk.page;
    page.wait(ROWS);

    // Search as you type: the list follows without a key to send it.
    page.fill(SEARCH, "jbutt@gmail.com");
    page.wait_count(ROWS, 1);
    page.wait_text("Butt");
    page.fill(SEARCH, "Darak");
    page.wait_text("Darakjy");
    nothing_personal_in_addresses(page, &["Darak", "jbutt"]);

    page.click(ROW_LINK);
    page.wait_path("the contact", |path| path.starts_with("/contacts/"));
    page.wait_text("josephine_darakjy@darakjy.org");
    let contact = page.path();

    page.fill(NOTE, "Asked for forty seats before the board meets.");
    page.click(NOTE_SAVE);
    page.wait_text("forty seats before the board");

    page.click(EDIT_LINK);
    page.wait_path("the form", |path| path.ends_with("/edit"));
    page.fill(FAMILY, "Darakjian");
    page.click(SAVE);
    page.wait_path("the contact again", |path| {
        path.starts_with(&contact) && !path.ends_with("/edit")
    });
    page.wait_text("Darakjian");

    add_with_a_warning(page);
    erase_by_typing_the_name(page, &contact, "Josephine Darakjian");
    page.is_clean();

    drop(desk.server);
    let gone: Vec<_> = contacts()
        .into_iter()
        .filter(|person| person.family == "Darakjy")
        .collect();
    Traces::of(&gone).none_in(desk.privet.data());
    Traces::of_texts(["Darakjian".to_owned(), "forty seats before".to_owned()])
        .none_in(desk.privet.data());
    desk.privet.verifies();
}

fn add_with_a_warning(page: &Page) {
    page.open(CONTACTS);
    page.click(NEW_LINK);
    page.wait(GIVEN);
    page.fill(GIVEN, "James");
    page.fill(FAMILY, "Butt");
    page.fill(MAIL, "jbutt@gmail.com");
    page.click(SAVE);
    page.wait(DUPLICATE);
    assert!(
        page.text(DUPLICATE).contains("Butt"),
        "the warning says who is there: {}",
        page.text(DUPLICATE)
    );
    page.click(SAVE_ANYWAY);
    page.wait_path("the new contact", |path| {
        path.starts_with("/contacts/") && path != NEW
    });
    page.wait_text("jbutt@gmail.com");
    page.open(CONTACTS);
    page.fill(SEARCH, "jbutt@gmail.com");
    // Both are there, as was asked.
    page.wait_count(ROWS, 2);
}

fn erase_by_typing_the_name(page: &Page, contact: &str, name: &str) {
    page.open(contact);
    page.click(ERASE_LINK);
    page.wait(ERASE_NAME);
    page.fill(ERASE_NAME, "Somebody Else");
    page.click(ERASE);
    page.wait(ERASE_NAME);
    assert!(
        page.path().starts_with(contact),
        "a wrong name erases nobody"
    );
    page.fill(ERASE_NAME, name);
    page.click(ERASE);
    page.wait_path("another page than the contact's", |path| {
        !path.starts_with(contact)
    });
    page.open(CONTACTS);
    page.fill(SEARCH, "josephine_darakjy@darakjy.org");
    page.wait_gone("Darakjian");
    assert!(
        !page.text("main").contains("Josephine"),
        "nobody is found by that address"
    );
}

/// Addresses go into histories and proxies' logs: what is searched for must not be in them.
fn nothing_personal_in_addresses(page: &Page, texts: &[&str]) {
    for url in page.requests() {
        for text in texts {
            assert!(
                !url.contains(text),
                "what is searched for is in an address: {url}"
            );
        }
    }
}

#[test]
fn the_same_without_javascript() {
    let desk = Desk::new(false);
    let page = &desk.page;
    page.wait(ROWS);
    page.fill(SEARCH, "darakjy");
    page.follow(SEARCH_BUTTON);
    page.wait_text("Darakjy");
    assert_eq!(page.count(ROWS), 1);
    page.follow(ROW_LINK);
    let contact = page.path();
    page.wait_text("josephine_darakjy@darakjy.org");

    page.fill(NOTE, "Asked for forty seats before the board meets.");
    page.follow(NOTE_SAVE);
    page.wait_text("forty seats before the board");

    page.follow(EDIT_LINK);
    page.fill(FAMILY, "Darakjian");
    page.follow(SAVE);
    assert!(page.path().starts_with(&contact) && !page.path().ends_with("/edit"));
    page.wait_text("Darakjian");

    page.open(NEW);
    page.fill(GIVEN, "James");
    page.fill(FAMILY, "Butt");
    page.fill(MAIL, "jbutt@gmail.com");
    page.follow(SAVE);
    page.wait(DUPLICATE);
    page.follow(SAVE_ANYWAY);
    page.wait_text("jbutt@gmail.com");

    page.open(&contact);
    page.follow(ERASE_LINK);
    page.fill(ERASE_NAME, "Josephine Darakjian");
    page.follow(ERASE);
    assert!(
        !page.path().starts_with(&contact),
        "they are gone: {}",
        page.path()
    );
    page.is_clean();
}

#[test]
fn a_one_time_link_works_once_and_nobody_gets_in_without() {
    let desk = Desk::new(true);
    let browser = journeys::Browser::start();
    let stranger = browser.open(desk.server.address());
    stranger.open(CONTACTS);
    assert_eq!(stranger.count(ROWS), 0, "a stranger sees no contacts");
    stranger.open(desk.privet.link());
    if stranger.is_visible(SIGN_IN) {
        stranger.follow(SIGN_IN);
    }
    stranger.open(CONTACTS);
    assert_eq!(stranger.count(ROWS), 0, "a used link opens nothing");
}

#[test]
fn the_demo_is_ready_at_once() {
    let privet = Privet::nowhere();
    let mut server = privet.demo(&["--fresh"]);
    let link = server.link();
    let browser = journeys::Browser::start();
    let page = browser.open(server.address());
    sign_in(&page, &link);
    page.open(CONTACTS);
    page.wait(ROWS);
    assert!(
        page.count(ROWS) >= 10,
        "the demo has people to look at: {}",
        page.count(ROWS)
    );
    page.is_clean();
}

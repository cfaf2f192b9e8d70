//! Where things are on the screen: the only file that knows addresses and selectors.

use journeys::{Browser, Page, Privet, Server, contacts_csv};

/// The list of contacts.
pub(super) const CONTACTS: &str = "/contacts";
/// The form for a new contact.
pub(super) const NEW: &str = "/contacts/new";
/// The search field of the list, in the page's main part.
pub(super) const SEARCH: &str = "main input[type=search]";
/// Sends the search where JavaScript does not.
pub(super) const SEARCH_BUTTON: &str = "main form[role=search] button[type=submit]";
/// The rows of the list.
pub(super) const ROWS: &str = "main table tbody tr";
/// The link to a contact in its row.
pub(super) const ROW_LINK: &str = "main table tbody tr a[href^='/contacts/']";
/// The link to the form for a new contact.
pub(super) const NEW_LINK: &str = "main a[href='/contacts/new']";
/// The form of a contact, new or edited.
pub(super) const GIVEN: &str = "#contact-form input[name=given_name]";
/// Family name.
pub(super) const FAMILY: &str = "#contact-form input[name=family_name]";
/// Mail address.
pub(super) const MAIL: &str = "#contact-form input[name=mails]";
/// Saves the form.
pub(super) const SAVE: &str = "#contact-form button[type=submit]:not([name])";
/// The warning that such a contact is there already.
pub(super) const DUPLICATE: &str = "[data-duplicate]";
/// Saves although there is one.
pub(super) const SAVE_ANYWAY: &str = "#contact-form button[name=anyway]";
/// The link from a contact to its form.
pub(super) const EDIT_LINK: &str = "main a[href$='/edit']";
/// The text of a new note.
pub(super) const NOTE: &str = "#note-form textarea[name=text]";
/// Saves the note.
pub(super) const NOTE_SAVE: &str = "#note-form button[type=submit]";
/// The link from a contact to its erasure.
pub(super) const ERASE_LINK: &str = "main a[href$='/erase']";
/// Where the name is typed to confirm.
pub(super) const ERASE_NAME: &str = "#erase-form input[name=typed]";
/// Erases.
pub(super) const ERASE: &str = "#erase-form button[type=submit]";
/// The button on the page behind a one-time link.
pub(super) const SIGN_IN: &str = "main form button[type=submit]";

/// An installation with the sample list, its server, a browser signed in by the one-time link.
pub(super) struct Desk {
    pub(super) page: Page,
    pub(super) server: Server,
    pub(super) privet: Privet,
    // Last, so that the window goes before its browser.
    _browser: Browser,
}

impl Desk {
    /// Everything ready, on the list of contacts.
    pub(super) fn new(javascript: bool) -> Self {
        let privet = Privet::new();
        assert_eq!(privet.json("import", &[&contacts_csv()])["created"], 500);
        let server = privet.serve();
        let browser = Browser::start();
        let page = browser.open(server.address());
        page.javascript(javascript);
        sign_in(&page, privet.link());
        page.open(CONTACTS);
        Self {
            page,
            server,
            privet,
            _browser: browser,
        }
    }
}

/// Opens a one-time link and confirms it: opening alone must not use it up, mail scanners open links.
pub(super) fn sign_in(page: &Page, link: &str) {
    page.open(link);
    if page.path() == link {
        page.follow(SIGN_IN);
    }
    page.wait_path("the first page after signing in", |path| path != link);
}

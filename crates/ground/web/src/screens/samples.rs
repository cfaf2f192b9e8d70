//! Filled pages for the gallery: what each looks like full, empty and refused.

use super::*;
use crate::gallery::Gallery;
use crate::view::{Avatar, Chip, Choice, Count, Empty, Link, Pager, Tone, grouped};
use crate::{FieldProblem, Flash, Plain, Problem, Shell, api};
use axum::http::StatusCode;

fn recent(name: &str, note: &str, when: &str) -> Recent {
    Recent {
        avatar: Avatar::of(name),
        title: name.into(),
        href: "/contacts/01939f4e-7c1a-7000-8000-0123456789ab".into(),
        note: note.into(),
        when: when.into(),
    }
}

fn count(label: &str, value: u64, note: &str, href: &str, tone: Tone) -> Count {
    Count {
        label: label.into(),
        value: grouped(value),
        note: note.into(),
        href: href.into(),
        tone,
    }
}

impl HomePage {
    fn sample() -> Self {
        Self {
            shell: Shell::sample().titled("Home", "home"),
            greeting: "Good morning, Marta".into(),
            today: "Monday, 23 November 2026".into(),
            counts: vec![
                count(
                    "Due for erasure",
                    12,
                    "the next on Thursday, 26 November",
                    "/retention",
                    Tone::Wait,
                ),
                count(
                    "Contacts",
                    1_204,
                    "9 new this week",
                    "/contacts",
                    Tone::Plain,
                ),
                count("Companies", 310, "", "/companies", Tone::Plain),
                count(
                    "Entries in the log",
                    48_310,
                    "verified 2 minutes ago",
                    "/log",
                    Tone::Plain,
                ),
            ],
            contacts: vec![
                recent(
                    "Josephine Darakjy",
                    "Chanay, Jeffrey A Esq · Negotiation",
                    "today 10:42",
                ),
                recent("James Butt", "Benton, John B Jr · Lead", "yesterday"),
                recent("Art Venere", "Chemel, James L Cpa · Proposal", "Friday"),
                recent("Lenna Paprocki", "Feltz Printing Service · Won", "Thursday"),
            ],
            activity: vec![
                recent(
                    "Marta Kowal",
                    "added a note about Josephine Darakjy",
                    "10:42",
                ),
                recent(
                    "Tom Reyes",
                    "looked at the phone of James Butt for customer support",
                    "10:31",
                ),
                recent("Marta Kowal", "imported 500 people from us-500.csv", "9:12"),
            ],
            empty: None,
        }
    }
}

fn entry(number: u64, actor: &str, did: &str, about: &str, detail: &str) -> LogEntry {
    LogEntry {
        number: grouped(number),
        avatar: Avatar::of(actor),
        actor: actor.into(),
        did: did.into(),
        about: about.into(),
        href: if about.contains("erased person") {
            String::new()
        } else {
            "/contacts/1".into()
        },
        detail: detail.into(),
        purpose: "Sales outreach".into(),
        when: "today 10:42".into(),
        instant: "2026-11-23T10:42:07Z".into(),
        tone: if did.contains("refused") {
            Tone::No
        } else {
            Tone::Plain
        },
    }
}

impl LogPage {
    fn sample() -> Self {
        Self {
            shell: Shell::sample().titled("Activity log", "log"),
            verified: Verified {
                tone: Tone::Yes,
                said: "Verified 2 minutes ago: nothing altered, nothing missing".into(),
                size: "48,310".into(),
                root: "9f3c5b1e7a8d44f0c2b19e6d5a7f3310b8e1c4d92f6a7b5e8c1d0f4a3b2c6da1".into(),
                proof_href: "/log/proof".into(),
            },
            filter: LogFilter {
                subject: "01939f4e-7c1a-7000-8000-0123456789ab".into(),
                subject_name: "Josephine Darakjy".into(),
                actors: Choice::list(&[("", "anybody"), ("1", "Marta Kowal")], ""),
                actions: Choice::list(
                    &[
                        ("", "anything"),
                        ("read", "looked at"),
                        ("change", "changed"),
                    ],
                    "",
                ),
            },
            entries: vec![
                entry(
                    48_310,
                    "Marta Kowal",
                    "added a note about",
                    "Josephine Darakjy",
                    "",
                ),
                entry(
                    48_309,
                    "Marta Kowal",
                    "looked at",
                    "Josephine Darakjy",
                    "name, mail, phone, address",
                ),
                entry(
                    48_308,
                    "Tom Reyes",
                    "was refused",
                    "Josephine Darakjy",
                    "date of birth: not for this purpose",
                ),
                entry(
                    48_307,
                    "Privet itself",
                    "carried out the erasure of",
                    "an erased person",
                    "three years after the last contact; certificate 41",
                ),
            ],
            pager: Pager {
                shown: "4 of 48,310".into(),
                next: "/log?after=AAA".into(),
                swaps: "rows",
                ..Pager::default()
            },
            empty: None,
        }
    }
}

fn nobody() -> Empty {
    Empty {
        icon: "people",
        title: "Nobody here yet".into(),
        text: "Contacts are the people you work with. Bring them in from a file of another system, and see each column before anything is saved; or add the first by hand.".into(),
        action: Some(Link::new("Import a file", "/import")),
        other: Some(Link::new("New contact", "/contacts/new")),
    }
}

fn sign_in(state: SignInState) -> SignInPage {
    SignInPage {
        plain: Plain::new("Sign in"),
        csrf: "sample".into(),
        state,
        email: if state == SignInState::Wrong {
            "marta@chanay.example".into()
        } else {
            String::new()
        },
        next: "/contacts".into(),
    }
}

fn welcome(state: WelcomeState) -> WelcomePage {
    WelcomePage {
        plain: Plain {
            title: "Welcome".into(),
            organisation: "Chanay Ltd".into(),
        },
        csrf: "sample".into(),
        token: "one-time".into(),
        name: "Marta Kowal".into(),
        email: "marta@chanay.example".into(),
        least: 12,
        state,
    }
}

fn found() -> FindPage {
    let mut shell = Shell::sample().titled("Search", "");
    shell.search = "ja".into();
    let line = |title: &str, note: &str| Found {
        avatar: Avatar::of(title),
        title: title.into(),
        href: "/contacts/1".into(),
        note: note.into(),
    };
    FindPage {
        shell,
        groups: vec![
            FoundGroup {
                label: "Contacts",
                found: vec![
                    line("James Butt", "Benton, John B Jr · name"),
                    line("Jani Biddy", "Warehouse Office · mail"),
                ],
            },
            FoundGroup {
                label: "Companies",
                found: vec![line("Chanay, Jeffrey A Esq", "Brighton · name")],
            },
        ],
        said: "2 people and 1 company".into(),
        empty: None,
    }
}

#[test]
fn every_page_keeps_the_rules() {
    let gallery = Gallery::open("web");
    gallery.page("home", &HomePage::sample());
    let flash = Flash::done("500 people were imported.").with_undo("/import/7/undo");
    let shell = Shell::sample().titled("Home", "home").with_flash(flash);
    gallery.page(
        "home-empty",
        &HomePage {
            shell,
            empty: Some(nobody()),
            ..HomePage::sample()
        },
    );
    gallery.page("log", &LogPage::sample());
    gallery.page("find", &found());
    let nothing = Empty { icon: "search", title: "Nobody was found".into(), text: "Search by the beginning of a name or company, a whole mail address, or the last seven digits of a phone number.".into(), action: None, other: None };
    gallery.page(
        "find-empty",
        &FindPage {
            groups: vec![],
            empty: Some(nothing),
            said: "Nothing found".into(),
            ..found()
        },
    );
    for state in [
        SignInState::Fresh,
        SignInState::Wrong,
        SignInState::Wait,
        SignInState::Ended,
        SignInState::PasswordSet,
        SignInState::LinkUsed,
        SignInState::LinkExpired,
    ] {
        gallery.page(
            &format!("sign-in-{state:?}").to_lowercase(),
            &sign_in(state),
        );
    }
    gallery.page("welcome", &welcome(WelcomeState::Open));
    gallery.page(
        "welcome-refused",
        &welcome(WelcomeState::Refused(
            "The two are not the same. Type the password twice.".into(),
        )),
    );
    let errors = vec![FieldProblem {
        pointer: "/email".into(),
        detail: "This must be a mail address.".into(),
    }];
    for status in [
        400, 401, 403, 404, 405, 409, 413, 415, 422, 428, 429, 500, 503,
    ] {
        let problem =
            Problem::of_status(StatusCode::from_u16(status).unwrap()).about(errors.clone());
        gallery.page(&format!("error-{status}"), &ErrorPage::of(problem));
    }
    gallery.part(
        "chips",
        &Chips {
            chips: ["identity", "contact", "special", "internal"].map(Chip::class_of),
        },
    );
}

#[derive(askama::Template)]
#[template(
    ext = "html",
    source = "<p>{% for chip in chips %}{{ chip }} {% endfor %}</p>"
)]
struct Chips {
    chips: [Chip; 4],
}

#[test]
fn the_description_of_the_api_is_drawn_from_the_document() {
    let contact = api::Schema::new(
        "Contact",
        serde_json::json!({"type": "object", "properties": {"first_name": {"type": "string"}}}),
    );
    let table: [api::Endpoint<()>; 2] = [
        api::Endpoint::new(
            axum::http::Method::GET,
            "/api/v1/contacts",
            "listContacts",
            || async {},
        )
        .about(
            "Contacts",
            "List contacts",
            "The people your purpose covers, newest first.",
        )
        .gives(StatusCode::OK, contact.clone())
        .paged(),
        api::Endpoint::new(
            axum::http::Method::POST,
            "/api/v1/contacts",
            "createContact",
            || async {},
        )
        .about(
            "Contacts",
            "Create a contact",
            "Fields without a class do not exist; unknown ones are refused.",
        )
        .takes(contact.clone())
        .gives(StatusCode::CREATED, contact)
        .idempotent(),
    ];
    let about = api::About {
        title: "Privet",
        version: "1",
        description: "Everything the screens do. Every call names its purpose and leaves an entry in the log.",
    };
    let page = ApiDocsPage::of(&api::openapi(about, &table));
    assert_eq!(page.groups.len(), 1);
    assert_eq!(page.groups[0].operations.len(), 2);
    Gallery::open("web").page("api-docs", &page);
}

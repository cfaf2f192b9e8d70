//! Filled parts for the gallery.

use super::*;
use web::gallery::Gallery;
use web::view::Link;
use web::{Html, Shell};

fn entry(id: &str, author: &str, what: &str, spans: Vec<Span>) -> Entry {
    Entry {
        id: id.into(),
        avatar: Avatar::of(author),
        author: author.into(),
        what: what.into(),
        spans,
        when: "today 10:42".into(),
        instant: "2026-11-23T10:42:00Z".into(),
        edited: String::new(),
        also_about: String::new(),
        remove_action: None,
        csrf: "sample".into(),
    }
}

impl TimelineCard {
    fn sample() -> Self {
        let piece = |text: &str, mark: &str| Span {
            text: text.into(),
            mark: mark.into(),
        };
        let marked = vec![
            piece(
                "Wants a quote for 40 seats before the board meets. Mentioned ",
                "",
            ),
            piece("her allergy", "health data found in a note"),
            piece(" for the lunch.\nWill call again on Friday.", ""),
        ];
        let own = Entry {
            remove_action: Some("/notes/1/remove".into()),
            edited: "edited today 11:02".into(),
            also_about: "James Butt".into(),
            ..entry("1", "Marta Kowal", "Note", marked)
        };
        Self {
            csrf: "sample".into(),
            form: Some(NoteForm {
                action: "/contacts/1/notes".into(),
                ..NoteForm::default()
            }),
            entries: vec![
                own,
                entry(
                    "2",
                    "Tom Reyes",
                    "Note",
                    Span::plain("Asked for the security questionnaire; sent version 4."),
                ),
                entry(
                    "3",
                    "Privet itself",
                    "Import",
                    Span::plain("Came in with us-500.csv, row 12."),
                ),
            ],
            older: "/contacts/1?before=A".into(),
            hidden: "1 note is not covered by your purpose".into(),
        }
    }
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% extends "shell.html" %}{% block main %}<a class="back" href="{{ back.href }}">{{ back.label }}</a><h1>Josephine Darakjy</h1>{{ card }}{% endblock %}"#
)]
struct Around {
    shell: Shell,
    back: Link,
    card: Html,
}

#[test]
fn every_part_keeps_the_rules() {
    let gallery = Gallery::open("timeline");
    gallery.part("card", &TimelineCard::sample());
    gallery.part(
        "entry",
        &entry("9", "Marta Kowal", "Note", Span::plain("<b>not bold</b>")),
    );
    let refused = NoteForm {
        text: "x".into(),
        error: "A note has at most 10,000 characters.".into(),
        action: "/contacts/1/notes".into(),
    };
    gallery.part(
        "card-refused",
        &TimelineCard {
            form: Some(refused),
            entries: vec![],
            older: String::new(),
            hidden: String::new(),
            ..TimelineCard::sample()
        },
    );
    let around = Around {
        shell: Shell::sample().titled("Josephine Darakjy", "contacts"),
        back: Link::new("Contacts", "/contacts"),
        card: Html::of(&TimelineCard::sample()).unwrap(),
    };
    gallery.page("page", &around);
}

#[test]
fn the_text_of_a_note_is_never_markup() {
    let html = entry("9", "A", "Note", Span::plain("<script>x</script>")).to_string();
    assert!(!html.contains("<script>"), "{html}");
}

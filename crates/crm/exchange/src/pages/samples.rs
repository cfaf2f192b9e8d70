//! Filled pages for the gallery.

use super::*;
use web::gallery::Gallery;
use web::view::Tone;

fn targets(chosen: &str) -> Vec<TargetGroup> {
    let group = |label: &str, pairs: &[(&str, &str)]| TargetGroup {
        label: label.into(),
        choices: Choice::list(pairs, chosen),
    };
    vec![
        group("", &[("", "Do not import")]),
        group(
            "Identity",
            &[
                ("given_name", "Given name"),
                ("family_name", "Family name"),
                ("birthday", "Date of birth"),
            ],
        ),
        group(
            "Contact",
            &[
                ("mail", "Mail address"),
                ("phone", "Phone number"),
                ("web", "Website"),
            ],
        ),
        group(
            "Location",
            &[("city", "City"), ("postal_code", "Postal code")],
        ),
    ]
}

fn column(header: &str, samples: &[&str], target: &str, class: &str, why: &str) -> MappedColumn {
    MappedColumn {
        header: header.into(),
        samples: samples.iter().map(|s| (*s).into()).collect(),
        targets: targets(target),
        class: (!class.is_empty()).then(|| Chip::class_of(class)),
        why: why.into(),
        error: String::new(),
    }
}

fn count(label: &str, value: &str, note: &str, tone: Tone) -> Count {
    Count {
        label: label.into(),
        value: value.into(),
        note: note.into(),
        href: String::new(),
        tone,
    }
}

fn shell() -> Shell {
    Shell::sample().titled("Import", "import")
}

fn upload(error: &str) -> UploadPage {
    UploadPage {
        shell: shell(),
        steps: way(0),
        kinds: Choice::list(
            &[
                ("", "decide from the headings"),
                ("person", "people"),
                ("company", "companies"),
            ],
            "",
        ),
        largest: "100 MB".into(),
        error: error.into(),
        before: vec![Earlier {
            file: "us-500.csv".into(),
            href: "/import/1".into(),
            did: "498 people, 2 rejected".into(),
            when: "4 Mar".into(),
            state: Chip::new(Tone::Yes, "done"),
        }],
    }
}

fn mapping() -> MappingPage {
    let mut columns = vec![
        column(
            "first_name",
            &["James", "Josephine", "Art"],
            "given_name",
            "identity",
            "",
        ),
        column(
            "last_name",
            &["Butt", "Darakjy", "Venere"],
            "family_name",
            "identity",
            "",
        ),
        column(
            "email",
            &["jbutt@gmail.com", "josephine_darakjy@darakjy.org"],
            "mail",
            "contact",
            "",
        ),
        column("city", &["New Orleans", "Brighton"], "city", "location", ""),
        column(
            "diet",
            &["vegan", "halal"],
            "",
            "",
            "This looks like health or religion, and nobody asked for it. Choose a field only with the person's explicit consent.",
        ),
        column("row_hash", &[], "", "", "Nothing about a person."),
    ];
    columns[3].error = "Another column goes to the city already.".into();
    MappingPage {
        shell: shell(),
        steps: way(1),
        action: "/import/1/mapping".into(),
        file: "us-500.csv".into(),
        facts: vec!["500 rows".into(), "6 columns".into(), "UTF-8, comma".into()],
        columns,
        error: "Two columns go to the same field.".into(),
    }
}

fn counts() -> Vec<Count> {
    vec![
        count(
            "New people",
            "486",
            "and 312 companies they work at",
            Tone::Plain,
        ),
        count("Here already", "11", "left as they are", Tone::Plain),
        count(
            "Erased on request",
            "1",
            "stay out without a fresh basis",
            Tone::Wait,
        ),
        count("Rejected", "2", "named below", Tone::No),
    ]
}

fn check() -> CheckPage {
    let reject = |line: &str, column: &str, reason: &str| Rejected {
        line: line.into(),
        column: column.into(),
        reason: reason.into(),
    };
    CheckPage {
        shell: shell(),
        steps: way(2),
        file: "us-500.csv".into(),
        counts: counts(),
        rejects: vec![
            reject("217", "email", "This is no mail address: it has no @."),
            reject("404", "", "The row has 14 cells, the heading has 12."),
        ],
        rejects_href: "/import/1/rejects.csv".into(),
        start_action: "/import/1/start".into(),
        start_label: "Import 486 people".into(),
        back: Link::new("Columns", "/import/1/mapping"),
    }
}

#[test]
fn every_page_keeps_the_rules() {
    let gallery = Gallery::open("exchange");
    gallery.page("upload", &upload(""));
    gallery.page("upload-refused", &upload("The file breaks off inside a quoted cell that begins at line 212. Nothing was imported. Close the quote and try again."));
    gallery.page("mapping", &mapping());
    gallery.page("check", &check());
    gallery.page(
        "check-nothing",
        &CheckPage {
            rejects: vec![],
            rejects_href: String::new(),
            start_label: String::new(),
            ..check()
        },
    );
    gallery.page(
        "progress",
        &ProgressPage {
            shell: shell(),
            steps: way(3),
            file: "us-500.csv".into(),
            meter: Meter {
                label: "Rows done".into(),
                value: 312,
                max: 500,
            },
            done: "312 of 500 rows".into(),
            left: "about 2 seconds left".into(),
            cancel_action: "/import/1/cancel".into(),
        },
    );
    let result = ResultPage {
        shell: shell(),
        steps: way(4),
        heading: "us-500.csv was imported".into(),
        said: "486 people came in, in 3 seconds, by Marta Kowal for record keeping.".into(),
        counts: counts(),
        rejects_href: "/import/1/rejects.csv".into(),
        undo_action: Some("/import/1/undo".into()),
        undo_until: "until 23 December 2026".into(),
        contacts: Link::new("See the people", "/contacts?import=1"),
    };
    gallery.page("result", &result);
    gallery.page(
        "result-undone",
        &ResultPage {
            undo_action: None,
            rejects_href: String::new(),
            ..result
        },
    );
}

//! Filled pages for the gallery.

use super::*;
use web::form::{Field, Group, Item, Repeat, RepeatRow, Section, Width};
use web::gallery::Gallery;
use web::view::{Ask, FieldRow, Order, ShownValue, Tone};

const ID: &str = "01939f4e-7c1a-7000-8000-0123456789ab";

fn row(name: &str, company: &str, mail: &str, city: &str, stage: &str, touched: &str) -> Row {
    Row {
        id: ID.into(),
        href: format!("/contacts/{ID}"),
        avatar: Avatar::of(name),
        name: name.into(),
        company: (!company.is_empty()).then(|| Link::new(company, "/companies/1")),
        mail: Cell::clear(mail),
        phone: if city.is_empty() {
            Cell::masked()
        } else {
            Cell::clear("+1 810 292 9388")
        },
        city: Cell::clear(city),
        stage: stage.into(),
        owner: "Marta Kowal".into(),
        touched: touched.into(),
    }
}

fn tab(label: &str, count: &str, current: bool) -> Tab {
    Tab {
        label: label.into(),
        href: "/contacts?view=1".into(),
        count: count.into(),
        current,
    }
}

impl ListPage {
    fn sample() -> Self {
        let by = |label: &str, order| Column::sortable(label, "/contacts?sort=x", order);
        Self {
            shell: Shell::sample().titled("Contacts", "contacts"),
            total: "1,204 people".into(),
            tabs: vec![
                tab("All", "1,204", true),
                tab("Mine", "86", false),
                tab("Due for erasure", "12", false),
            ],
            query: String::new(),
            filters: vec![ListFilter {
                name: "stage",
                label: "Stage",
                choices: Choice::list(
                    &[("", "any"), ("Lead", "Lead"), ("Customer", "Customer")],
                    "",
                ),
            }],
            chips: vec![FilterChip {
                label: "Owner is Marta".into(),
                without: "/contacts".into(),
            }],
            carried: vec![("sort", "name".into())],
            columns: [
                by("Name", Order::Ascending),
                Column::plain("Company"),
                Column::plain("Mail"),
                Column::plain("Phone"),
                Column::plain("City"),
                by("Stage", Order::None),
                Column::plain("Owner"),
                by("Last touch", Order::None).right(),
            ],
            rows: vec![
                row(
                    "Josephine Darakjy",
                    "Chanay, Jeffrey A Esq",
                    "josephine_darakjy@darakjy.org",
                    "Brighton",
                    "Negotiation",
                    "today",
                ),
                row(
                    "James Butt",
                    "Benton, John B Jr",
                    "jbutt@gmail.com",
                    "New Orleans",
                    "Lead",
                    "yesterday",
                ),
                row(
                    "Art Venere",
                    "Chemel, James L Cpa",
                    "art@venere.org",
                    "Bridgeport",
                    "Proposal",
                    "Fri",
                ),
                row(
                    "Lenna Paprocki",
                    "Feltz Printing Service",
                    "lpaprocki@hotmail.com",
                    "Anchorage",
                    "Customer",
                    "Thu",
                ),
                row(
                    "Donette Foller",
                    "Printing Dimensions",
                    "donette.foller@cox.net",
                    "Hamilton",
                    "Lead",
                    "11 Nov",
                ),
                row(
                    "Simona Morasca",
                    "",
                    "simona@morasca.com",
                    "",
                    "Qualified",
                    "9 Nov",
                ),
                row(
                    "Mitsue Tollner",
                    "Morlong Associates",
                    "mitsue_tollner@yahoo.com",
                    "Chicago",
                    "Lead",
                    "7 Nov",
                ),
                row(
                    "Leota Dilliard",
                    "Commercial Press",
                    "leota@hotmail.com",
                    "San Jose",
                    "Former customer",
                    "2 Nov",
                ),
            ],
            pager: Pager {
                shown: "8 of 1,204".into(),
                note: "2 people are hidden: your purpose does not cover them".into(),
                next: "/contacts?after=AAA".into(),
                swaps: "rows",
                ..Pager::default()
            },
            bulk: vec![
                BulkAct {
                    act: "stage",
                    label: "Set stage…",
                    danger: false,
                },
                BulkAct {
                    act: "delete",
                    label: "Move to trash",
                    danger: true,
                },
            ],
            may_create: true,
            may_import: true,
            export_href: Some("/contacts/export".into()),
            empty: None,
        }
    }
}

fn value(text: &str, label: &str, href: &str, first: bool) -> ShownValue {
    ShownValue {
        text: text.into(),
        href: href.into(),
        label: label.into(),
        first,
        from: "from import us-500.csv row 12 on 4 Mar 2026".into(),
    }
}

fn details() -> FieldList {
    let mails = vec![
        value(
            "josephine_darakjy@darakjy.org",
            "work",
            "mailto:josephine_darakjy@darakjy.org",
            true,
        ),
        value("jo@example.org", "home", "mailto:jo@example.org", false),
    ];
    let ask = Ask {
        action: format!("/contacts/{ID}/reveal"),
        field: "birthday".into(),
    };
    FieldList {
        csrf: "sample".into(),
        rows: vec![
            FieldRow::clear("Mail", "contact", mails),
            FieldRow::clear(
                "Phone",
                "contact",
                vec![value("+1 810 292 9388", "work", "tel:+18102929388", false)],
            ),
            FieldRow::clear(
                "Address",
                "location",
                vec![value(
                    "4 B Blue Ridge Blvd, Brighton MI 48116, United States",
                    "work",
                    "",
                    false,
                )],
            ),
            FieldRow::clear(
                "Website",
                "contact",
                vec![value(
                    "chanayjeffreyaesq.com",
                    "",
                    "https://chanay.example",
                    false,
                )],
            ),
            FieldRow::clear(
                "Job title",
                "employment",
                vec![value("Head of Operations", "", "", false)],
            ),
            FieldRow::masked(
                "Date of birth",
                Chip::new(Tone::Wait, "not for this purpose"),
                Some(ask),
            ),
            FieldRow::masked("Dietary or access needs", Chip::class_of("special"), None),
            FieldRow::clear(
                "Found us through",
                "internal",
                vec![value("Event", "", "", false)],
            ),
        ],
    }
}

fn may(what: &str, basis: &str, tone: Tone, word: &str) -> MayDo {
    MayDo {
        what: what.into(),
        basis: basis.into(),
        answer: Chip::new(tone, word),
    }
}

fn looked(who: &str, note: &str, when: &str) -> Looked {
    Looked {
        avatar: Avatar::of(who),
        who: who.into(),
        note: note.into(),
        when: when.into(),
    }
}

impl ContactPage {
    fn sample() -> Self {
        Self {
            shell: Shell::sample().titled("Josephine Darakjy", "contacts"),
            name: "Josephine Darakjy".into(),
            avatar: Avatar::of("Josephine Darakjy").large(),
            job: "Head of Operations".into(),
            company: Some(Link::new("Chanay, Jeffrey A Esq", "/companies/1")),
            place: "Brighton, MI".into(),
            stage: "Negotiation".into(),
            mail_href: "mailto:josephine_darakjy@darakjy.org".into(),
            phone_href: "tel:+18102929388".into(),
            edit_href: Some(format!("/contacts/{ID}/edit")),
            details: details(),
            timeline: Html::empty(),
            may: vec![
                may(
                    "Quote and contract",
                    "contract, Art. 6(1)(b) GDPR",
                    Tone::Yes,
                    "yes",
                ),
                may(
                    "Sales outreach",
                    "legitimate interest, Art. 6(1)(f) GDPR",
                    Tone::Yes,
                    "yes",
                ),
                may("Phone calls", "objected on 3 October", Tone::No, "no"),
                may("Event photos", "asked, no answer yet", Tone::Wait, "ask"),
            ],
            keep: Keep {
                meter: Some(Meter {
                    label: "Time over".into(),
                    value: 34,
                    max: 100,
                }),
                until: "4 March 2029".into(),
                because: ", three years after the last contact.".into(),
                floors: vec!["Invoices stay until 31 December 2034 (tax law, § 147 AO).".into()],
            },
            looked: vec![
                looked("Marta Kowal", "sales outreach · 5 times", "today"),
                looked("Tom Reyes", "customer support · revealed phone", "Mon"),
            ],
            all_looks: Some(Link::new("All 14", "/log?subject=1")),
            rights: Rights {
                export_action: Some(format!("/contacts/{ID}/export")),
                erase_href: Some(format!("/contacts/{ID}/erase")),
            },
        }
    }
}

fn mails(wrong: bool) -> Repeat {
    let mut rows = vec![RepeatRow {
        value: "josephine_darakjy@darakjy.org".into(),
        label: "work".into(),
        primary: true,
        error: String::new(),
    }];
    if wrong {
        rows.push(RepeatRow {
            value: "jo@".into(),
            label: "home".into(),
            error: "A mail address looks like name@example.org.".into(),
            ..RepeatRow::default()
        });
    }
    Repeat {
        kind: "email",
        labels: vec!["work", "home", "other"],
        class: Some(Chip::class_of("contact")),
        hints: true,
        ..Repeat::new("mails", "Mail addresses", "Mail address", rows)
    }
}

fn address() -> Group {
    let line = |name: &str, label: &str, value: &str, width| {
        Field::text(name, label).nth(0).value(value).width(width)
    };
    let countries = Choice::list(
        &[("US", "United States"), ("DE", "Germany"), ("FR", "France")],
        "US",
    );
    Group {
        legend: "Address".into(),
        class: Some(Chip::class_of("location")),
        fields: vec![
            line(
                "address_street",
                "Street and number",
                "4 B Blue Ridge Blvd",
                Width::Full,
            ),
            line("address_postal_code", "Postal code", "48116", Width::Third),
            line("address_city", "City", "Brighton", Width::Third),
            line("address_region", "State or region", "MI", Width::Third),
            Field::select("address_country", "Country", countries).nth(0),
        ],
        folded: false,
    }
}

fn sections(wrong: bool) -> Vec<Section> {
    let family = Field::text("family_name", "Family name")
        .class("identity")
        .hints();
    let family = if wrong {
        family.error("A contact needs at least a family name or a mail address.")
    } else {
        family.value("Darakjy")
    };
    let name: Vec<Item> = vec![
        Field::text("given_name", "Given name")
            .value("Josephine")
            .class("identity")
            .hints()
            .focused()
            .into(),
        family.into(),
        Field::text("prefix", "Title before the name")
            .help("Dr, Prof., Ms …")
            .class("identity")
            .width(Width::Third)
            .into(),
        Field::text("nickname", "Called")
            .class("identity")
            .width(Width::Third)
            .into(),
        Field::of_type("date", "birthday", "Date of birth")
            .help("Only where a contract needs it.")
            .class("identity")
            .width(Width::Third)
            .into(),
    ];
    let phones = Repeat {
        kind: "tel",
        labels: vec!["work", "mobile", "home"],
        class: Some(Chip::class_of("contact")),
        hints: true,
        ..Repeat::new("phones", "Phone numbers", "Phone number", vec![])
    };
    let second = Group {
        legend: "Another address".into(),
        class: None,
        fields: vec![Field::text("address_street", "Street and number").nth(1)],
        folded: true,
    };
    let companies = Choice::list(
        &[
            ("Chanay, Jeffrey A Esq", "Brighton"),
            ("Chemel, James L Cpa", "Bridgeport"),
        ],
        "",
    );
    let work: Vec<Item> = vec![
        Field::suggest("company", "Company", companies)
            .help("Type to find it; a new name makes a new company.")
            .class("employment")
            .into(),
        Field::text("job_title", "Job title")
            .value("Head of Operations")
            .class("employment")
            .into(),
        Field::select(
            "stage",
            "Stage",
            Choice::list(&[("", "none"), ("Lead", "Lead")], "Lead"),
        )
        .class("internal")
        .into(),
        Field::select(
            "source",
            "Found us through",
            Choice::list(&[("", "unknown"), ("Event", "Event")], "Event"),
        )
        .class("internal")
        .required()
        .into(),
    ];
    vec![
        Section {
            heading: "Name".into(),
            note: "As the person writes it; nothing is re-cased.".into(),
            items: name,
        },
        Section {
            heading: "How to reach them".into(),
            note: "Only what you need. Each address is sealed under the person's own key.".into(),
            items: vec![
                mails(wrong).into(),
                phones.into(),
                address().into(),
                second.into(),
            ],
        },
        Section {
            heading: "Work".into(),
            note: String::new(),
            items: work,
        },
    ]
}

impl FormPage {
    fn sample(wrong: bool) -> Self {
        let found = Duplicate {
            avatar: Avatar::of("Josephine Darakji"),
            name: "Josephine Darakji".into(),
            href: "/contacts/2".into(),
            reasons: vec!["same phone number".into(), "similar name".into()],
        };
        Self {
            shell: Shell::sample().titled("New contact", "contacts"),
            heading: "New contact".into(),
            back: Link::new("Contacts", "/contacts"),
            duplicates: if wrong {
                Duplicates {
                    found: vec![found],
                    hidden: true,
                }
            } else {
                Duplicates::default()
            },
            form: Form {
                action: "/contacts".into(),
                csrf: "sample".into(),
                rev: String::new(),
                sections: sections(wrong),
                error: if wrong {
                    "Two fields need another look. Nothing was saved yet.".into()
                } else {
                    String::new()
                },
                button: "Save contact".into(),
                cancel: "/contacts".into(),
                id: "sample-form",
                anyway: String::new(),
                duplicates_at: "/contacts/duplicates".into(),
            },
        }
    }
}

#[test]
fn every_page_keeps_the_rules() {
    let gallery = Gallery::open("people");
    gallery.page("list", &ListPage::sample());
    let empty = Empty {
        icon: "people",
        title: "Nobody here yet".into(),
        text: "Contacts are the people you work with. Bring them in from a file of another system and see each column before anything is saved, or add the first by hand.".into(),
        action: Some(Link::new("Import a file", "/import")),
        other: Some(Link::new("New contact", "/contacts/new")),
    };
    gallery.page(
        "list-empty",
        &ListPage {
            empty: Some(empty),
            total: "Nobody yet".into(),
            tabs: vec![],
            export_href: None,
            ..ListPage::sample()
        },
    );
    gallery.page(
        "list-plain",
        &ListPage {
            bulk: vec![],
            may_create: false,
            may_import: false,
            export_href: None,
            ..ListPage::sample()
        },
    );
    gallery.page("contact", &ContactPage::sample());
    let bare = ContactPage {
        job: String::new(),
        company: None,
        place: String::new(),
        mail_href: String::new(),
        phone_href: String::new(),
        edit_href: None,
        looked: vec![],
        all_looks: None,
        rights: Rights::default(),
        keep: Keep {
            because: "Kept while the contract runs.".into(),
            ..Keep::default()
        },
        ..ContactPage::sample()
    };
    gallery.page("contact-bare", &bare);
    gallery.page("form", &FormPage::sample(false));
    gallery.page("form-wrong", &FormPage::sample(true));
    gallery.part(
        "duplicates",
        &Duplicates {
            found: vec![],
            hidden: true,
        },
    );
}

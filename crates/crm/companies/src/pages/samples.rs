//! Filled pages for the gallery.

use super::*;
use web::form::{Field, Section};
use web::gallery::Gallery;
use web::view::{FieldRow, Order, ShownValue};

fn row(name: &str, city: &str, tier: &str, people: &str) -> Row {
    Row {
        href: "/companies/01939f4e-7c1a-7000-8000-0123456789ab".into(),
        avatar: Avatar::of(name),
        name: name.into(),
        city: Cell::clear(city),
        site: if tier.is_empty() {
            Cell::masked()
        } else {
            Cell::clear("example.org")
        },
        tier: tier.into(),
        people: people.into(),
        touched: "9 Nov".into(),
    }
}

impl ListPage {
    fn sample() -> Self {
        let by = |label: &str, order| Column::sortable(label, "/companies?sort=x", order);
        Self {
            shell: Shell::sample().titled("Companies", "companies"),
            total: "310 companies".into(),
            query: String::new(),
            tiers: Choice::list(&[("", "any"), ("Customer", "Customer")], ""),
            carried: vec![("sort", "name".into())],
            columns: [
                by("Name", Order::Ascending),
                Column::plain("City"),
                Column::plain("Website"),
                Column::plain("Relationship"),
                by("People", Order::None).right(),
                by("Last touch", Order::None).right(),
            ],
            rows: vec![
                row("Benton, John B Jr", "New Orleans", "Prospect", "3"),
                row("Chanay, Jeffrey A Esq", "Brighton", "Customer", "12"),
                row("Feltz Printing Service", "Anchorage", "Customer", "4"),
                row("Printing Dimensions", "Hamilton", "", "1"),
            ],
            pager: Pager {
                shown: "4 of 310".into(),
                next: "/companies?after=A".into(),
                swaps: "rows",
                ..Pager::default()
            },
            may_create: true,
            empty: None,
        }
    }
}

impl CompanyPage {
    fn sample() -> Self {
        let value = |text: &str| {
            vec![ShownValue {
                from: "from import us-500.csv row 12 on 4 Mar 2026".into(),
                ..ShownValue::plain(text)
            }]
        };
        let person = |name: &str, job: &str| Person {
            avatar: Avatar::of(name),
            name: name.into(),
            href: "/contacts/1".into(),
            job: job.into(),
            stage: "Negotiation".into(),
        };
        Self {
            shell: Shell::sample().titled("Chanay, Jeffrey A Esq", "companies"),
            name: "Chanay, Jeffrey A Esq".into(),
            avatar: Avatar::of("Chanay Esq").large(),
            facts: vec![
                "Brighton, MI".into(),
                "Customer".into(),
                "42 employees".into(),
            ],
            edit_href: Some("/companies/1/edit".into()),
            add_person_href: Some("/contacts/new?company=1".into()),
            details: FieldList {
                csrf: "sample".into(),
                rows: vec![
                    FieldRow::clear("Website", "contact", value("chanay.example")),
                    FieldRow::clear("Phone", "contact", value("+1 810 292 9388")),
                    FieldRow::clear(
                        "Address",
                        "location",
                        value("4 B Blue Ridge Blvd, Brighton MI 48116, United States"),
                    ),
                    FieldRow::clear("Industry", "internal", value("Law")),
                ],
            },
            people: vec![
                person("Josephine Darakjy", "Head of Operations"),
                person("Jeffrey Chanay", "Partner"),
            ],
            people_note: "2 of 12; 1 is hidden from your purpose".into(),
            all_people: Some(Link::new("All 12", "/contacts?company=1")),
            timeline: Html::empty(),
        }
    }
}

fn form() -> FormPage {
    let fields = vec![
        Field::text("name", "Name")
            .class("identity")
            .required()
            .focused()
            .into(),
        Field::of_type("url", "web", "Website")
            .class("contact")
            .error("A web address begins with https://")
            .value("chanay")
            .into(),
        Field::select(
            "tier",
            "Relationship",
            Choice::list(&[("", "none"), ("Customer", "Customer")], ""),
        )
        .class("internal")
        .into(),
        Field::of_type("number", "employees", "Employees")
            .class("internal")
            .into(),
        Field::area("description", "Description")
            .class("internal")
            .into(),
    ];
    let note = "A sole trader's company is a person: it is sealed like one.".into();
    FormPage {
        shell: Shell::sample().titled("New company", "companies"),
        heading: "New company".into(),
        back: Link::new("Companies", "/companies"),
        form: Form {
            action: "/companies".into(),
            csrf: "sample".into(),
            rev: "3".into(),
            sections: vec![Section {
                heading: "Company".into(),
                note,
                items: fields,
            }],
            error: String::new(),
            button: "Save company".into(),
            cancel: "/companies".into(),
            id: "sample-form",
            anyway: String::new(),
            duplicates_at: String::new(),
        },
    }
}

#[test]
fn every_page_keeps_the_rules() {
    let gallery = Gallery::open("companies");
    gallery.page("list", &ListPage::sample());
    let empty = Empty {
        icon: "building",
        title: "No companies yet".into(),
        text: "Companies come by themselves when you import contacts who work there. You can also add one by hand.".into(),
        action: Some(Link::new("New company", "/companies/new")),
        other: Some(Link::new("Import a file", "/import")),
    };
    gallery.page(
        "list-empty",
        &ListPage {
            empty: Some(empty),
            total: "None yet".into(),
            ..ListPage::sample()
        },
    );
    gallery.page("company", &CompanyPage::sample());
    gallery.page(
        "company-bare",
        &CompanyPage {
            people: vec![],
            people_note: String::new(),
            all_people: None,
            add_person_href: None,
            edit_href: None,
            ..CompanyPage::sample()
        },
    );
    gallery.page("form", &form());
}

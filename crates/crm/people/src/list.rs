//! The list of contacts: in order, narrowed, or searched. A search is a POST, so that what is typed
//! stands in no address and no history.

use std::collections::{BTreeMap, HashMap};

use access::{Action, Sight};
use axum::extract::{Query, State};
use axum::response::Response;
use base::{PageSize, RecordId};
use desk::{Desk, SignedIn, when};
use records::{Condition, Error, Kind, Record, Sort, normalise};
use web::view::{Avatar, Cell, Choice, Column, Empty, Link, Order, Pager, Tab, counted};
use web::{Result, Submission};

use crate::pages::{ListFilter, ListPage, Row};

const SHOWN: [&str; 6] = [
    "given_name",
    "family_name",
    "mails",
    "phones",
    "addresses",
    "stage",
];

/// What a list is asked for, besides the search.
struct Asked {
    view: String,
    stage: String,
    sort: String,
    after: Option<RecordId>,
    company: Option<RecordId>,
    query: String,
}

impl Asked {
    fn of(get: impl Fn(&str) -> String) -> Self {
        Self {
            view: get("view"),
            stage: get("stage"),
            sort: get("sort"),
            after: get("after").parse().ok(),
            company: get("company").parse().ok(),
            query: get("q"),
        }
    }

    fn order(&self) -> Sort {
        match self.sort.as_str() {
            "-name" => Sort::NameDown,
            "touched" => Sort::ChangedUp,
            "-touched" => Sort::Changed,
            _ => Sort::Name,
        }
    }

    /// The address of this list with one thing changed.
    fn address(&self, name: &str, value: &str) -> String {
        let company = self.company.map(|id| id.to_string()).unwrap_or_default();
        let mut parts = vec![
            ("view", self.view.as_str()),
            ("stage", &self.stage),
            ("sort", &self.sort),
            ("company", &company),
        ];
        parts.retain(|(key, value)| *key != name && !value.is_empty());
        if !value.is_empty() {
            parts.push((name, value));
        }
        let query: Vec<String> = parts
            .iter()
            .map(|(key, value)| format!("{key}={}", value.replace(' ', "+")))
            .collect();
        if query.is_empty() {
            "/contacts".into()
        } else {
            format!("/contacts?{}", query.join("&"))
        }
    }
}

pub async fn page(
    who: SignedIn,
    State(desk): State<Desk>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response> {
    let asked = Asked::of(|name| {
        if name == "q" {
            String::new()
        } else {
            query.get(name).cloned().unwrap_or_default()
        }
    });
    desk.run(move |desk| Ok(web::page(&view(desk, &who, &asked)?)))
        .await
}

pub async fn searched(
    who: SignedIn,
    State(desk): State<Desk>,
    sent: Submission,
) -> Result<Response> {
    sent.check(&who.secret)?;
    let asked = Asked::of(|name| sent.text(name).to_owned());
    desk.run(move |desk| Ok(web::page(&view(desk, &who, &asked)?)))
        .await
}

fn view(desk: &Desk, who: &SignedIn, asked: &Asked) -> Result<ListPage> {
    let kind = desk.records().kind("person");
    let columns = SHOWN
        .iter()
        .filter_map(|name| kind.field(name))
        .fold(0, |mask, field| mask | 1 << field.number);
    let mut conditions = Vec::new();
    if asked.view == "mine" {
        conditions.push(Condition::Mine);
    }
    if !asked.stage.is_empty() {
        conditions.push(Condition::Is {
            index: "stage".into(),
            value: asked.stage.clone(),
        });
    }
    let works_at = kind.link("works_at");
    if let (Some(link), Some(company)) = (works_at, asked.company) {
        conditions.push(Condition::LinkedTo(link, company));
    }
    let found = desk.read(&who.context, |records, act| {
        let (found, next, total) = if asked.query.is_empty() {
            let query = records::Query {
                conditions: conditions.clone(),
                sort: asked.order(),
                after: asked.after,
                size: PageSize::default(),
                columns,
            };
            let page = records.list(act, kind, &query)?;
            let total = records.count(act, kind, &conditions, MOST_COUNTED)?;
            (page.records, page.next, total)
        } else {
            let hits = records.find(act, kind, &asked.query, 100, columns)?;
            let records: Vec<Record> = hits.into_iter().map(|hit| hit.record).collect();
            let total = u64::try_from(records.len()).unwrap_or(0);
            (records, None, total)
        };
        let mut companies: HashMap<RecordId, RecordId> = HashMap::new();
        if let Some(link) = works_at {
            for record in &found {
                companies.extend(
                    records
                        .linked_from(act, record.id, link)?
                        .first()
                        .map(|company| (record.id, *company)),
                );
            }
        }
        Ok::<_, Error>((found, next, total, companies))
    })?;
    let (found, next, total, companies) = found;
    let rows: Vec<Row> = found
        .iter()
        .map(|record| row(desk, kind, record, companies.get(&record.id)))
        .collect();
    let empty = rows
        .is_empty()
        .then(|| empty(desk, who, asked, !conditions.is_empty()));
    let said = if total >= MOST_COUNTED {
        format!("more than {}", counted(MOST_COUNTED, "person", "people"))
    } else {
        counted(total, "person", "people")
    };
    let shown = format!("{} of {}", rows.len(), web::view::grouped(total));
    Ok(ListPage {
        shell: desk.shell(who, "Contacts", "contacts"),
        total: said,
        tabs: tabs(asked),
        query: asked.query.clone(),
        filters: vec![ListFilter {
            name: "stage",
            label: "Stage",
            choices: stages(kind, &asked.stage),
        }],
        chips: Vec::new(),
        carried: carried(asked),
        columns: headings(asked),
        rows,
        pager: Pager {
            shown,
            note: String::new(),
            first: if asked.after.is_some() {
                asked.address("after", "")
            } else {
                String::new()
            },
            next: next
                .map(|id| asked.address("after", &id.to_string()))
                .unwrap_or_default(),
            swaps: "rows",
        },
        bulk: Vec::new(),
        may_create: desk.may(who, Action::Create),
        may_import: desk.may(who, Action::Import),
        export_href: None,
        empty,
    })
}

/// Beyond this a narrowed list is not counted to the end.
const MOST_COUNTED: u64 = 10_000;

fn row(desk: &Desk, kind: &Kind, record: &Record, company: Option<&RecordId>) -> Row {
    let cell = |field: &str| {
        let column = kind.field(field).map_or(0, |field| field.number);
        match record.fields.iter().find(|shown| shown.column == column) {
            Some(shown) if shown.sight == Sight::Masked && shown.is_set => Cell::masked(),
            _ => Cell::clear(record.line(kind, field)),
        }
    };
    let phone = match cell("phones") {
        Cell {
            text,
            masked: false,
        } => Cell::clear(normalise::phone_shown(&text)),
        masked => masked,
    };
    let city = match record.value(kind, "addresses") {
        Some(records::Value::Addresses(all)) => {
            Cell::clear(all.first().map(|a| a.city.clone()).unwrap_or_default())
        }
        _ => cell("addresses"),
    };
    let company = company.and_then(|id| {
        let name = desk
            .records()
            .names()
            .get(desk.records().kind("company").id, *id)?;
        Some(Link::new(name, format!("/companies/{id}")))
    });
    let owner = record
        .owner
        .filter(|owner| !owner.is_nil())
        .and_then(|owner| desk.identity().user_name(owner));
    Row {
        id: record.id.to_string(),
        href: format!("/contacts/{}", record.id),
        avatar: Avatar::of(&record.name),
        name: if record.name.is_empty() {
            "masked".into()
        } else {
            record.name.clone()
        },
        company,
        mail: cell("mails"),
        phone,
        city,
        stage: record.line(kind, "stage"),
        owner: owner.unwrap_or_default(),
        touched: when(record.updated_at, desk.now()),
    }
}

fn tabs(asked: &Asked) -> Vec<Tab> {
    [("All", ""), ("Mine", "mine")]
        .into_iter()
        .map(|(label, view)| Tab {
            label: label.into(),
            href: asked.address("view", view),
            count: String::new(),
            current: asked.view == view,
        })
        .collect()
}

fn stages(kind: &Kind, chosen: &str) -> Vec<Choice> {
    let mut pairs: Vec<(String, String)> = vec![(String::new(), "Any".into())];
    let options = kind
        .field("stage")
        .map(|field| field.options.clone())
        .unwrap_or_default();
    pairs.extend(options.into_iter().map(|option| (option.clone(), option)));
    Choice::list(&pairs, chosen)
}

fn carried(asked: &Asked) -> Vec<(&'static str, String)> {
    let company = asked.company.map(|id| id.to_string()).unwrap_or_default();
    let mut all = vec![
        ("view", asked.view.clone()),
        ("sort", asked.sort.clone()),
        ("company", company),
    ];
    all.retain(|(_, value)| !value.is_empty());
    all
}

fn headings(asked: &Asked) -> [Column; 8] {
    let searched = !asked.query.is_empty();
    let sortable = |label: &str, up: &str, down: &str| {
        if searched {
            return Column::plain(label);
        }
        let current = if asked.sort.is_empty() {
            "name"
        } else {
            asked.sort.as_str()
        };
        let order = if current == up {
            Order::Ascending
        } else if current == down {
            Order::Descending
        } else {
            Order::None
        };
        Column::sortable(
            label,
            asked.address("sort", if current == up { down } else { up }),
            order,
        )
    };
    [
        sortable("Name", "name", "-name"),
        Column::plain("Company"),
        Column::plain("Mail"),
        Column::plain("Phone"),
        Column::plain("City"),
        Column::plain("Stage"),
        Column::plain("Owner"),
        sortable("Last touch", "touched", "-touched").right(),
    ]
}

fn empty(desk: &Desk, who: &SignedIn, asked: &Asked, narrowed: bool) -> Empty {
    if !asked.query.is_empty() || narrowed {
        return Empty {
            icon: "search",
            title: "Nobody fits".into(),
            text: "Two letters of a name are enough; so is a whole mail address or a phone number in any spelling.".into(),
            action: None,
            other: Some(Link::new("Show all contacts", "/contacts")),
        };
    }
    let may_import = desk.may(who, Action::Import);
    Empty {
        icon: "people",
        title: "Nobody is here yet".into(),
        text: "Bring your contacts in from the system you use now, or write down the first one. Everything is sealed the moment it arrives.".into(),
        action: Some(if may_import { Link::new("Import contacts", "/import") } else { Link::new("New contact", "/contacts/new") }),
        other: may_import.then(|| Link::new("Add one by hand", "/contacts/new")),
    }
}

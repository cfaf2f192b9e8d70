//! The list of companies: in order, narrowed, or searched by POST.

use std::collections::{BTreeMap, HashMap};

use access::Action;
use axum::extract::{Query, State};
use axum::response::Response;
use base::{PageSize, RecordId};
use desk::{Desk, SignedIn, when};
use records::{Condition, Error, Kind, Record, Sort, Value};
use web::view::{Avatar, Cell, Choice, Column, Empty, Link, Order, Pager, counted, grouped};
use web::{Result, Submission};

use crate::pages::{ListPage, Row};

const SHOWN: [&str; 4] = ["name", "addresses", "web", "tier"];
/// Beyond this a narrowed list is not counted to the end.
const MOST_COUNTED: u64 = 10_000;

#[derive(Default)]
struct Asked {
    tier: String,
    sort: String,
    after: Option<RecordId>,
    query: String,
}

pub async fn page(
    who: SignedIn,
    State(desk): State<Desk>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response> {
    let get = |name: &str| query.get(name).cloned().unwrap_or_default();
    let asked = Asked {
        tier: get("tier"),
        sort: get("sort"),
        after: get("after").parse().ok(),
        query: String::new(),
    };
    desk.run(move |desk| Ok(web::page(&view(desk, &who, &asked)?)))
        .await
}

pub async fn searched(
    who: SignedIn,
    State(desk): State<Desk>,
    sent: Submission,
) -> Result<Response> {
    sent.check(&who.secret)?;
    let asked = Asked {
        tier: sent.text("tier").to_owned(),
        sort: sent.text("sort").to_owned(),
        after: None,
        query: sent.text("q").to_owned(),
    };
    desk.run(move |desk| Ok(web::page(&view(desk, &who, &asked)?)))
        .await
}

fn view(desk: &Desk, who: &SignedIn, asked: &Asked) -> Result<ListPage> {
    let kind = desk.records().kind("company");
    let columns = SHOWN
        .iter()
        .filter_map(|name| kind.field(name))
        .fold(0, |mask, field| mask | 1 << field.number);
    let mut conditions = Vec::new();
    if !asked.tier.is_empty() {
        conditions.push(Condition::Is {
            index: "tier".into(),
            value: asked.tier.clone(),
        });
    }
    let works_at = desk.records().kind("person").link("works_at");
    let (found, next, total, people) = desk.read(&who.context, |records, act| {
        let (found, next, total) = if asked.query.is_empty() {
            let sort = match asked.sort.as_str() {
                "-name" => Sort::NameDown,
                "touched" => Sort::ChangedUp,
                "-touched" => Sort::Changed,
                _ => Sort::Name,
            };
            let query = records::Query {
                conditions: conditions.clone(),
                sort,
                after: asked.after,
                size: PageSize::default(),
                columns,
            };
            let page = records.list(act, kind, &query)?;
            let total = records.count(act, kind, &conditions, MOST_COUNTED)?;
            (page.records, page.next, total)
        } else {
            let hits = records.find(act, kind, &asked.query, 100, columns)?;
            let found: Vec<Record> = hits.into_iter().map(|hit| hit.record).collect();
            let total = u64::try_from(found.len()).unwrap_or(0);
            (found, None, total)
        };
        let mut people: HashMap<RecordId, u64> = HashMap::new();
        if let Some(link) = works_at {
            for record in &found {
                people.insert(record.id, records.count_linked_to(act, record.id, link)?);
            }
        }
        Ok::<_, Error>((found, next, total, people))
    })?;
    let rows: Vec<Row> = found
        .iter()
        .map(|record| row(desk, kind, record, people.get(&record.id).copied()))
        .collect();
    let empty = rows.is_empty().then(|| empty(desk, who, asked));
    Ok(ListPage {
        shell: desk.shell(who, "Companies", "companies"),
        total: counted(total, "company", "companies"),
        query: asked.query.clone(),
        tiers: tiers(kind, &asked.tier),
        carried: if asked.sort.is_empty() {
            Vec::new()
        } else {
            vec![("sort", asked.sort.clone())]
        },
        columns: headings(asked),
        pager: Pager {
            shown: format!("{} of {}", rows.len(), grouped(total)),
            note: String::new(),
            first: if asked.after.is_some() {
                address(asked, "after", "")
            } else {
                String::new()
            },
            next: next
                .map(|id| address(asked, "after", &id.to_string()))
                .unwrap_or_default(),
            swaps: "rows",
        },
        rows,
        may_create: desk.may(who, Action::Create),
        empty,
    })
}

fn address(asked: &Asked, name: &str, value: &str) -> String {
    let mut parts = vec![("tier", asked.tier.as_str()), ("sort", asked.sort.as_str())];
    parts.retain(|(key, value)| *key != name && !value.is_empty());
    if !value.is_empty() {
        parts.push((name, value));
    }
    let query: Vec<String> = parts
        .iter()
        .map(|(key, value)| format!("{key}={}", value.replace(' ', "+")))
        .collect();
    if query.is_empty() {
        "/companies".into()
    } else {
        format!("/companies?{}", query.join("&"))
    }
}

fn row(desk: &Desk, kind: &Kind, record: &Record, people: Option<u64>) -> Row {
    let city = match record.value(kind, "addresses") {
        Some(Value::Addresses(all)) => all
            .first()
            .map(|address| address.city.clone())
            .unwrap_or_default(),
        _ => String::new(),
    };
    let site = record.line(kind, "web");
    let site = site
        .split_once("://")
        .map_or(site.as_str(), |(_, rest)| rest)
        .trim_end_matches('/')
        .to_owned();
    Row {
        href: format!("/companies/{}", record.id),
        avatar: Avatar::of(&record.name),
        name: if record.name.is_empty() {
            "masked".into()
        } else {
            record.name.clone()
        },
        city: Cell::clear(city),
        site: Cell::clear(site),
        tier: record.line(kind, "tier"),
        people: people
            .filter(|people| *people > 0)
            .map(grouped)
            .unwrap_or_default(),
        touched: when(record.updated_at, desk.now()),
    }
}

fn tiers(kind: &Kind, chosen: &str) -> Vec<Choice> {
    let mut pairs: Vec<(String, String)> = vec![(String::new(), "Any".into())];
    let options = kind
        .field("tier")
        .map(|field| field.options.clone())
        .unwrap_or_default();
    pairs.extend(options.into_iter().map(|option| (option.clone(), option)));
    Choice::list(&pairs, chosen)
}

fn headings(asked: &Asked) -> [Column; 6] {
    let sortable = |label: &str, up: &str, down: &str| {
        if !asked.query.is_empty() {
            return Column::plain(label);
        }
        let current = if asked.sort.is_empty() {
            "name"
        } else {
            asked.sort.as_str()
        };
        let order = match current {
            _ if current == up => Order::Ascending,
            _ if current == down => Order::Descending,
            _ => Order::None,
        };
        Column::sortable(
            label,
            address(asked, "sort", if current == up { down } else { up }),
            order,
        )
    };
    [
        sortable("Name", "name", "-name"),
        Column::plain("City"),
        Column::plain("Website"),
        Column::plain("Relationship"),
        Column::plain("People").right(),
        sortable("Last touch", "touched", "-touched").right(),
    ]
}

fn empty(desk: &Desk, who: &SignedIn, asked: &Asked) -> Empty {
    if !asked.query.is_empty() || !asked.tier.is_empty() {
        return Empty {
            icon: "search",
            title: "No company fits".into(),
            text:
                "Two letters of its name are enough; so is a whole mail address or a phone number."
                    .into(),
            action: None,
            other: Some(Link::new("Show all companies", "/companies")),
        };
    }
    Empty {
        icon: "building",
        title: "No company is here yet".into(),
        text: "Companies come in with the people who work there, from a file of their own, or by hand.".into(),
        action: desk.may(who, Action::Create).then(|| Link::new("New company", "/companies/new")),
        other: desk.may(who, Action::Import).then(|| Link::new("Import", "/import")),
    }
}

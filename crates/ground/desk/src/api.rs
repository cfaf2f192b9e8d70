//! The REST endpoints every kind of record has, made from its schema: list, find, make, open, change,
//! delete. One kind brings them by naming its paths; the JSON Schema follows the declared fields.

use std::collections::BTreeMap;

use crate::api_schema::{FRESH_BASIS, body_schema, find_schema, list_schema, record_schema};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use base::{FaultKind, PageSize, RecordId};
use records::{Condition, Draft, Error, Kind, Origin, Records, Sort, Source, Value};
use serde_json::{Map, Value as Any, json};
use web::api::{Endpoint, idempotency_key, if_match, not_modified, with_etag, with_next};

use crate::{Caller, Desk};

/// Where the endpoints of a kind are and what they are called.
#[derive(Debug, Clone, Copy)]
pub struct RecordApi {
    /// Name of the kind.
    pub kind: &'static str,
    /// The group in the document, and the plural: `People`.
    pub tag: &'static str,
    /// Name of the schema: `Person`.
    pub schema: &'static str,
    /// `/api/v1/people`
    pub all: &'static str,
    /// `/api/v1/people/{id}`
    pub one: &'static str,
    /// `/api/v1/people/find`
    pub find: &'static str,
    /// `operationId`s of list, find, make, open, change, delete.
    pub names: [&'static str; 6],
}

/// The six endpoints of a kind.
#[must_use]
pub fn record_endpoints(api: RecordApi, kind: &Kind) -> Vec<Endpoint<Desk>> {
    let RecordApi {
        tag,
        all,
        one,
        find,
        names,
        ..
    } = api;
    let schema = record_schema(api.schema, kind);
    let list_schema = list_schema(api.schema, &schema);
    let name = api.kind;
    vec![
        Endpoint::new(Method::GET, all, names[0], move |c, s, q| list(name, c, s, q))
            .about(tag, "List", "A page of records in an order, narrowed by values that say nothing about a person. Searching by what does is a POST, so that no name stands in an address.")
            .query("limit", json!({"type": "integer", "minimum": 1, "maximum": 200}), "Records on the page; 50 when left out.")
            .query("after", json!({"type": "string"}), "Id of the last record of the page before.")
            .query("sort", json!({"type": "string", "enum": ["name", "-name", "changed", "-changed"]}), "The order; `-` turns it around. `-changed` is last changed first.")
            .query("is", json!({"type": "string"}), "`field:value` of a field that is indexed in clear, such as `stage:Lead`.")
            .query("linked", json!({"type": "string"}), "`link:id` of a record it must be linked to, such as `works_at:0193…`.")
            .paged()
            .gives(StatusCode::OK, list_schema.clone()),
        Endpoint::new(Method::POST, find, names[1], move |c, s, b| search(name, c, s, b))
            .about(tag, "Find", "By two letters or more of names, a mail address or a phone number.")
            .takes(find_schema())
            .gives(StatusCode::OK, list_schema),
        Endpoint::new(Method::POST, all, names[2], move |c, s, h, b| create(api, c, s, h, b))
            .about(tag, "Make", "Makes a record. With an Idempotency-Key a repeated request makes nothing new.")
            .takes(body_schema(api.schema, kind))
            .idempotent()
            .versioned()
            .gives(StatusCode::CREATED, schema.clone())
            .fails(&[FaultKind::Conflict]),
        Endpoint::new(Method::GET, one, names[3], move |c, s, p, h| open(name, c, s, p, h))
            .about(tag, "Open", "One record with every field the token's role and purpose see; what they do not is listed under `masked`.")
            .versioned()
            .gives(StatusCode::OK, schema.clone())
            .fails(&[FaultKind::Absent]),
        Endpoint::new(Method::PATCH, one, names[4], move |c, s, p, h, b| change(name, c, s, p, h, b))
            .about(tag, "Change", "Sets the fields that are named and takes away those that are null (RFC 7396). Needs If-Match with the ETag that was read.")
            .takes(body_schema(api.schema, kind))
            .versioned()
            .gives(StatusCode::OK, schema)
            .fails(&[FaultKind::Absent])
            .fails(&[FaultKind::Conflict]),
        Endpoint::new(Method::DELETE, one, names[5], move |c, s, p, h| delete(name, c, s, p, h))
            .about(tag, "Delete", "Puts a record in the trash, where it can be restored. To forget a person, erase them.")
            .versioned()
            .gives_nothing(StatusCode::NO_CONTENT)
            .fails(&[FaultKind::Absent])
            .fails(&[FaultKind::Conflict]),
    ]
}

type Answer = web::Result<Response>;

async fn list(
    kind: &'static str,
    caller: Caller,
    State(desk): State<Desk>,
    Query(asked): Query<BTreeMap<String, String>>,
) -> Answer {
    desk.run(move |desk| {
        let kind = desk.records().kind(kind);
        let query = query_of(kind, &asked)?;
        let page = desk.read(&caller.context, |records, act| {
            records.list(act, kind, &query)
        })?;
        let found: Vec<Any> = page
            .records
            .iter()
            .map(|record| record.to_json(kind))
            .collect();
        let next = page.next.map(|id| id.to_string());
        let body = Json(json!({ "data": found, "next": next }));
        Ok(with_next(
            body,
            next.as_deref()
                .map(|next| next_page(&asked, next))
                .as_deref(),
        ))
    })
    .await
}

async fn search(
    kind: &'static str,
    caller: Caller,
    State(desk): State<Desk>,
    Json(asked): Json<Wanted>,
) -> Answer {
    desk.run(move |desk| {
        let kind = desk.records().kind(kind);
        let limit = asked.limit.unwrap_or(50).clamp(1, 200);
        let hits = desk.read(&caller.context, |records, act| {
            records.find(act, kind, &asked.text, limit, 0)
        })?;
        let found: Vec<Any> = hits.iter().map(|hit| hit.record.to_json(kind)).collect();
        Ok(Json(json!({ "data": found, "next": null })).into_response())
    })
    .await
}

/// The same question from a later record on.
fn next_page(asked: &BTreeMap<String, String>, after: &str) -> String {
    let mut address = format!("?after={after}");
    for (name, value) in asked.iter().filter(|(name, _)| *name != "after") {
        // Values are ids, numbers and options; what could end a part is escaped.
        let value = value
            .replace('%', "%25")
            .replace('&', "%26")
            .replace('#', "%23");
        address.push_str(&format!(
            "&{name}={}",
            value.replace('+', "%2B").replace(' ', "+")
        ));
    }
    address
}

#[derive(serde::Deserialize)]
struct Wanted {
    text: String,
    limit: Option<usize>,
}

async fn create(
    api: RecordApi,
    caller: Caller,
    State(desk): State<Desk>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    desk.run(move |desk| {
        let key = idempotency_key(&headers)?.map(str::to_owned);
        let name = api.kind;
        let kind = desk.records().kind(name);
        let (draft, basis) = draft_of(desk.records(), kind, &body)?;
        let door = desk.clone();
        let who = caller.context.clone();
        // Opened for the answer in the same act: one commit instead of two.
        let (made, record) = desk.write(&caller.context, move |records, act| {
            let kind = records.kind(name);
            let origin = origin(act.now().micros(), &who);
            door.admit(act, kind, &draft, basis.as_deref())?;
            let made = match key {
                Some(key) => records.create_once(act, kind, draft, &origin, &key, &body)?,
                None => {
                    let id = records.create(act, kind, draft, &origin)?;
                    records::Made { id, is_new: true }
                }
            };
            let record = records.open(act, kind, made.id)?.ok_or(Error::Absent)?;
            Ok((made, record))
        })?;
        let status = if made.is_new {
            StatusCode::CREATED
        } else {
            StatusCode::OK
        };
        let mut response = with_etag((status, Json(record.to_json(kind))), record.rev);
        if let Ok(place) = HeaderValue::from_str(&format!("{}/{}", api.all, made.id)) {
            response.headers_mut().insert(LOCATION, place);
        }
        Ok(response)
    })
    .await
}

async fn open(
    kind: &'static str,
    caller: Caller,
    State(desk): State<Desk>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    desk.run(move |desk| {
        let kind = desk.records().kind(kind);
        let record = desk.read(&caller.context, |records, act| {
            records.open(act, kind, parse(&id)?)?.ok_or(Error::Absent)
        })?;
        if let Some(unchanged) = not_modified(&headers, record.rev) {
            return Ok(unchanged);
        }
        Ok(with_etag(Json(record.to_json(kind)), record.rev))
    })
    .await
}

async fn change(
    name: &'static str,
    caller: Caller,
    State(desk): State<Desk>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    desk.run(move |desk| {
        let expected = if_match(&headers)?;
        let kind = desk.records().kind(name);
        let id = parse(&id)?;
        let (changes, links) = changes_of(desk.records(), kind, &body)?;
        let who = caller.context.clone();
        // Opened for the answer in the same act: one commit instead of two.
        let record = desk.write(&caller.context, move |records, act| {
            let kind = records.kind(name);
            let origin = origin(act.now().micros(), &who);
            records.change(act, kind, id, Some(expected), changes, &origin)?;
            for (link, targets) in links {
                records.relink(act, kind, id, link, &targets)?;
            }
            records.open(act, kind, id)?.ok_or(Error::Absent)
        })?;
        Ok(with_etag(Json(record.to_json(kind)), record.rev))
    })
    .await
}

async fn delete(
    name: &'static str,
    caller: Caller,
    State(desk): State<Desk>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    desk.run(move |desk| {
        let expected = if_match(&headers)?;
        let id = parse(&id)?;
        desk.write(&caller.context, move |records, act| {
            records.delete(act, records.kind(name), id, Some(expected))
        })?;
        Ok(StatusCode::NO_CONTENT.into_response())
    })
    .await
}

fn origin(at: i64, who: &access::Context) -> Origin {
    Origin {
        source: Source::Api,
        reference: String::new(),
        at,
        actor: who.actor.to_string(),
    }
}

/// An id that is none names nothing.
fn parse(id: &str) -> Result<RecordId, Error> {
    id.parse().map_err(|_| Error::Absent)
}

fn object(body: &[u8]) -> Result<Map<String, Any>, Error> {
    serde_json::from_slice(body).map_err(|_| Error::Required("send a JSON object".into()))
}

/// The record to be made, and the fresh basis on which somebody erased comes back.
fn draft_of(records: &Records, kind: &Kind, body: &[u8]) -> Result<(Draft, Option<String>), Error> {
    let (mut draft, mut basis) = (Draft::default(), None);
    for (name, json) in object(body)? {
        if name == FRESH_BASIS {
            basis = json.as_str().map(str::to_owned);
        } else if let Some(link) = kind.link(&name) {
            draft
                .links
                .extend(ids(&name, &json)?.into_iter().map(|id| (link, id)));
        } else {
            draft.set(kind, &name, &json, &records.country())?;
        }
    }
    Ok((draft, basis))
}

type Changes = (
    BTreeMap<u16, Option<Value>>,
    Vec<(records::LinkKind, Vec<RecordId>)>,
);

fn changes_of(records: &Records, kind: &Kind, body: &[u8]) -> Result<Changes, Error> {
    let (mut changes, mut links) = (BTreeMap::new(), Vec::new());
    for (name, json) in object(body)? {
        if let Some(link) = kind.link(&name) {
            links.push((link, ids(&name, &json)?));
        } else {
            let field = kind
                .field(&name)
                .ok_or_else(|| Error::UnknownField(name.clone()))?;
            changes.insert(field.number, Value::take(field, &json, &records.country())?);
        }
    }
    Ok((changes, links))
}

fn ids(name: &str, json: &Any) -> Result<Vec<RecordId>, Error> {
    let wrong = || Error::Invalid {
        field: name.into(),
        label: name.into(),
        problem: "give a list of ids".into(),
    };
    let list = json.as_array().ok_or_else(wrong)?;
    list.iter()
        .map(|id| id.as_str().and_then(|id| id.parse().ok()).ok_or_else(wrong))
        .collect()
}

fn query_of(kind: &Kind, asked: &BTreeMap<String, String>) -> Result<records::Query, Error> {
    let mut query = records::Query::default();
    let wrong = |field: &str, problem: &str| Error::Invalid {
        field: field.into(),
        label: field.into(),
        problem: problem.into(),
    };
    for (name, value) in asked {
        match name.as_str() {
            "limit" => {
                query.size =
                    PageSize::clamped(value.parse().map_err(|_| wrong("limit", "give a number"))?);
            }
            "after" => query.after = Some(value.parse().map_err(|_| wrong("after", "give an id"))?),
            "sort" => {
                query.sort = match value.as_str() {
                    "-name" => Sort::NameDown,
                    "changed" => Sort::ChangedUp,
                    "-changed" => Sort::Changed,
                    _ => Sort::Name,
                }
            }
            "is" => {
                let (index, value) = value
                    .split_once(':')
                    .ok_or_else(|| wrong("is", "give field:value"))?;
                query.conditions.push(Condition::Is {
                    index: index.into(),
                    value: value.into(),
                });
            }
            _ => {
                let (link, id) = value
                    .split_once(':')
                    .ok_or_else(|| wrong("linked", "give link:id"))?;
                let link = kind
                    .link(link)
                    .ok_or_else(|| wrong("linked", "there is no such link"))?;
                query.conditions.push(Condition::LinkedTo(
                    link,
                    id.parse().map_err(|_| wrong("linked", "give an id"))?,
                ));
            }
        }
    }
    Ok(query)
}

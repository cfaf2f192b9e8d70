//! The OpenAPI 3.1 document of a table of operations.

use axum::http::Method;
use base::FaultKind;
use serde_json::{Map, Value, json};

use super::{Endpoint, Schema};
use crate::error::status_of;

/// What stands at the head of the document.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// Title.
    pub title: &'static str,
    /// Version of the API, not of the program.
    pub version: &'static str,
    /// What it is, in a paragraph.
    pub description: &'static str,
}

/// The document. Paths stand in alphabetical order, so that two builds give the same bytes.
#[must_use]
pub fn openapi<S: Clone + Send + Sync + 'static>(about: About, endpoints: &[Endpoint<S>]) -> Value {
    let mut paths = Map::new();
    for endpoint in endpoints {
        let method = endpoint.method.as_str().to_lowercase();
        let path = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        path[&method] = operation(endpoint);
    }
    let mut schemas = Map::new();
    schemas.insert("Problem".into(), problem_schema());
    for schema in endpoints.iter().flat_map(schemas_of) {
        schemas.insert(schema.name.into(), schema.body.clone());
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": about.title,
            "version": about.version,
            "description": about.description,
        },
        "servers": [{ "url": "/" }],
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": {
                "type": "http", "scheme": "bearer",
                "description": "An API token: `Authorization: Bearer pvt_...`",
            }},
            "schemas": schemas,
        },
    })
}

fn schemas_of<S>(endpoint: &Endpoint<S>) -> Vec<&Schema> {
    let both = endpoint.request.iter().chain(&endpoint.response);
    both.flat_map(Schema::all).collect()
}

fn operation<S>(endpoint: &Endpoint<S>) -> Value {
    let mut operation = json!({
        "operationId": endpoint.name,
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "description": endpoint.description,
        "parameters": parameters(endpoint),
        "responses": responses(endpoint),
    });
    if let Some(schema) = &endpoint.request {
        operation["requestBody"] = json!({
            "required": true,
            "content": { "application/json": { "schema": schema.reference() } },
        });
    }
    if endpoint.open {
        operation["security"] = json!([]);
    }
    operation
}

fn parameters<S>(endpoint: &Endpoint<S>) -> Vec<Value> {
    let mut all: Vec<Value> = path_names(endpoint.path)
        .map(|name| {
            json!({ "name": name, "in": "path", "required": true,
                "schema": { "type": "string", "format": "uuid" } })
        })
        .collect();
    all.extend(endpoint.query.iter().map(|query| {
        json!({ "name": query.name, "in": "query", "required": query.required,
            "description": query.description, "schema": query.schema })
    }));
    if endpoint.idempotency {
        all.push(json!({ "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "Your own key for this request: sending it again within a day gives the first answer and does nothing twice.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 64 } }));
    }
    if needs_version(endpoint) {
        all.push(
            json!({ "name": "If-Match", "in": "header", "required": true,
            "description": "The ETag of the version you changed.",
            "schema": { "type": "string" } }),
        );
    }
    all
}

fn needs_version<S>(endpoint: &Endpoint<S>) -> bool {
    endpoint.etag && [Method::PUT, Method::PATCH, Method::DELETE].contains(&endpoint.method)
}

fn path_names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn responses<S>(endpoint: &Endpoint<S>) -> Value {
    let mut success = json!({ "description": "Done." });
    if let Some(schema) = &endpoint.response {
        success["content"] = json!({ "application/json": { "schema": schema.reference() } });
    }
    let mut headers = Map::new();
    if endpoint.etag {
        headers.insert("ETag".into(), header("The version, for If-Match."));
    }
    if endpoint.paged {
        headers.insert(
            "Link".into(),
            header("The next page, as rel=\"next\"; absent on the last."),
        );
    }
    if !headers.is_empty() {
        success["headers"] = Value::Object(headers);
    }
    let mut responses = Map::new();
    responses.insert(endpoint.status.as_str().to_owned(), success);
    for (status, meaning) in failures(endpoint) {
        responses.insert(
            status.to_string(),
            json!({ "description": meaning, "content": {
                "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } }),
        );
    }
    Value::Object(responses)
}

fn header(description: &str) -> Value {
    json!({ "description": description, "schema": { "type": "string" } })
}

fn failures<S>(endpoint: &Endpoint<S>) -> Vec<(u16, &'static str)> {
    let everywhere = [
        FaultKind::TooMany,
        FaultKind::Broken,
        FaultKind::Unavailable,
    ];
    let mut kinds = endpoint.errors.clone();
    kinds.extend(everywhere);
    if !endpoint.open {
        kinds.extend([FaultKind::Unknown, FaultKind::Refused]);
    }
    if endpoint.request.is_some() {
        kinds.extend([FaultKind::Invalid, FaultKind::TooLarge]);
    }
    if !endpoint.query.is_empty() {
        kinds.push(FaultKind::Invalid);
    }
    let mut all: Vec<(u16, &str)> = kinds
        .into_iter()
        .map(|kind| (status_of(kind).as_u16(), meaning(kind)))
        .collect();
    if endpoint.request.is_some() {
        all.push((400, "The body is not JSON."));
        all.push((415, "The body is not declared as application/json."));
    }
    if needs_version(endpoint) {
        all.push((412, "It has changed since that version."));
        all.push((428, "If-Match is missing."));
    }
    all.sort_unstable();
    all.dedup_by_key(|(status, _)| *status);
    all
}

const fn meaning(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Absent => "There is no such thing, or the token may not know of it.",
        FaultKind::Invalid => "The input does not fit; each place is named.",
        FaultKind::Conflict => "Somebody else changed it first, or it exists already.",
        FaultKind::Unknown => "The token is missing, unknown or expired.",
        FaultKind::Refused => "The token's role or purpose does not cover this.",
        FaultKind::TooLarge => "The body is too large.",
        FaultKind::TooMany => "Too many requests; wait as Retry-After says.",
        FaultKind::Unavailable => "Not available at present; nothing was changed.",
        FaultKind::Broken => "A defect; nothing unconfirmed was saved.",
    }
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "Problem details (RFC 9457).",
        "required": ["status", "title", "detail", "kept", "next"],
        "properties": {
            "status": { "type": "integer" },
            "title": { "type": "string", "description": "What kind of failure." },
            "detail": { "type": "string", "description": "What happened." },
            "kept": { "type": "string", "description": "What was kept." },
            "next": { "type": "string", "description": "What to do next." },
            "errors": { "type": "array", "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": { "type": "string", "description": "JSON pointer into the body, or name of a query parameter." },
                    "detail": { "type": "string" },
                },
            }},
        },
    })
}

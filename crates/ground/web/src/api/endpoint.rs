//! One operation of the API, said once.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use base::FaultKind;
use serde_json::Value;

use super::Schema;
use super::check::problems;
use crate::{Error, FieldProblem, Problem};

/// The largest JSON body, in bytes.
pub const MAX_BODY_BYTES: usize = 1 << 20;

/// One operation: what it is called, what it takes and gives, and the handler that does it.
/// `S` is the state of the router it joins.
#[derive(Clone)]
pub struct Endpoint<S = ()> {
    /// Method.
    pub method: Method,
    /// Path with parameters in braces: `/api/v1/contacts/{id}`.
    pub path: &'static str,
    /// `operationId`: unique, lower camel case.
    pub name: &'static str,
    /// The group it is shown in.
    pub tag: &'static str,
    /// In a few words.
    pub summary: &'static str,
    /// In a paragraph.
    pub description: &'static str,
    /// Query parameters; any other is refused.
    pub query: Vec<Query>,
    /// Schema of the JSON body; checked before the handler runs.
    pub request: Option<Schema>,
    /// Status of success.
    pub status: StatusCode,
    /// Schema of the answer, where it has a body.
    pub response: Option<Schema>,
    /// What can go wrong besides what can go wrong everywhere (401, 403, 429, 500, 503).
    pub errors: Vec<FaultKind>,
    /// Takes an `Idempotency-Key`.
    pub idempotency: bool,
    /// Answers with an `ETag`; a change needs `If-Match`.
    pub etag: bool,
    /// Answers with `Link: rel="next"` while there is more.
    pub paged: bool,
    /// Can be asked without a token.
    pub open: bool,
    handler: MethodRouter<S>,
}

/// One query parameter.
#[derive(Debug, Clone)]
pub struct Query {
    /// Name.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub description: &'static str,
    /// JSON Schema of its value: `string`, `integer` or `boolean`.
    pub schema: Value,
    /// Whether it must be given.
    pub required: bool,
}

impl<S: Clone + Send + Sync + 'static> Endpoint<S> {
    /// An operation done by `handler`. Success is 201 for POST, 200 otherwise, until said otherwise.
    pub fn new<H, T>(method: Method, path: &'static str, name: &'static str, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::GET);
        Self {
            status: match method {
                Method::POST => StatusCode::CREATED,
                _ => StatusCode::OK,
            },
            method,
            path,
            name,
            tag: "",
            summary: "",
            description: "",
            query: Vec::new(),
            request: None,
            response: None,
            errors: Vec::new(),
            idempotency: false,
            etag: false,
            paged: false,
            open: false,
            handler: on(filter, handler),
        }
    }

    /// In a group, a few words and a paragraph.
    #[must_use]
    pub fn about(
        mut self,
        tag: &'static str,
        summary: &'static str,
        description: &'static str,
    ) -> Self {
        (self.tag, self.summary, self.description) = (tag, summary, description);
        self
    }

    /// Takes a query parameter.
    #[must_use]
    pub fn query(mut self, name: &'static str, schema: Value, description: &'static str) -> Self {
        self.query.push(Query {
            name,
            description,
            schema,
            required: false,
        });
        self
    }

    /// Takes a JSON body.
    #[must_use]
    pub fn takes(mut self, schema: Schema) -> Self {
        self.request = Some(schema);
        self
    }

    /// Gives a JSON body.
    #[must_use]
    pub fn gives(mut self, status: StatusCode, schema: Schema) -> Self {
        (self.status, self.response) = (status, Some(schema));
        self
    }

    /// Gives no body.
    #[must_use]
    pub fn gives_nothing(mut self, status: StatusCode) -> Self {
        (self.status, self.response) = (status, None);
        self
    }

    /// Can fail like this.
    #[must_use]
    pub fn fails(mut self, errors: &[FaultKind]) -> Self {
        self.errors.extend_from_slice(errors);
        self
    }

    /// Takes an `Idempotency-Key`.
    #[must_use]
    pub fn idempotent(mut self) -> Self {
        self.idempotency = true;
        self
    }

    /// Answers with an `ETag`; a change needs `If-Match`.
    #[must_use]
    pub fn versioned(mut self) -> Self {
        self.etag = true;
        self
    }

    /// Answers page by page: takes `after` and `limit`, answers with `Link`.
    #[must_use]
    pub fn paged(mut self) -> Self {
        self.paged = true;
        self.query(
            "after",
            serde_json::json!({"type": "string", "maxLength": 64}),
            "Where the page begins: taken from the Link header of the page before.",
        )
        .query(
            "limit",
            serde_json::json!({"type": "integer", "minimum": 1, "maximum": 200}),
            "Rows on a page; 50 unless said.",
        )
    }

    /// Can be asked without a token.
    #[must_use]
    pub fn open(mut self) -> Self {
        self.open = true;
        self
    }

    fn route(&self) -> MethodRouter<S> {
        let gate = Arc::new(Gate {
            query: self.query.clone(),
            request: self.request.clone(),
        });
        self.handler
            .clone()
            .layer(from_fn_with_state(gate, check_request))
    }
}

/// The routes of a table of operations.
pub fn router<S: Clone + Send + Sync + 'static>(endpoints: &[Endpoint<S>]) -> Router<S> {
    endpoints.iter().fold(Router::new(), |router, endpoint| {
        router.route(endpoint.path, endpoint.route())
    })
}

struct Gate {
    query: Vec<Query>,
    request: Option<Schema>,
}

async fn check_request(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    match gate.check(request).await {
        Ok(request) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

impl Gate {
    async fn check(&self, request: Request) -> Result<Request, Error> {
        let wrong = self.query_problems(request.uri().query().unwrap_or_default());
        if !wrong.is_empty() {
            return Err(Error::invalid("The query was not understood.", wrong));
        }
        let Some(schema) = &self.request else {
            return Ok(request);
        };
        if !is_json(&request) {
            return Err(Error::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let (parts, body) = request.into_parts();
        let bytes = to_bytes(body, MAX_BODY_BYTES)
            .await
            .map_err(|_| Error::of_status(StatusCode::PAYLOAD_TOO_LARGE))?;
        let value: Value = serde_json::from_slice(&bytes).map_err(|error| not_json(&error))?;
        let wrong = problems(schema, &value);
        if wrong.is_empty() {
            return Ok(Request::from_parts(parts, Body::from(bytes)));
        }
        let detail = "The body does not fit: each place is named in `errors`. Nothing was saved.";
        Err(Error::invalid(detail, wrong))
    }

    fn query_problems(&self, query: &str) -> Vec<FieldProblem> {
        let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(
            &format!("/?{query}").parse().unwrap_or_default(),
        );
        let Ok(axum::extract::Query(pairs)) = pairs else {
            return vec![problem("", "The query is not percent-encoded correctly.")];
        };
        let mut found = Vec::new();
        for (name, text) in &pairs {
            let Some(known) = self.query.iter().find(|known| known.name == name) else {
                found.push(problem(name, "There is no such parameter here."));
                continue;
            };
            let schema = Schema::new("Query", known.schema.clone());
            let wrong = problems(&schema, &typed(&known.schema, text));
            found.extend(wrong.iter().map(|wrong| problem(name, &wrong.detail)));
        }
        let missing =
            |one: &&Query| one.required && !pairs.iter().any(|(name, _)| name == one.name);
        let missing = self.query.iter().filter(missing);
        found.extend(missing.map(|one| problem(one.name, "This is required.")));
        found
    }
}

fn problem(name: &str, detail: &str) -> FieldProblem {
    FieldProblem {
        pointer: name.to_owned(),
        detail: detail.to_owned(),
    }
}

/// The text of a query as the value its schema speaks of.
fn typed(schema: &Value, text: &str) -> Value {
    let read = match schema["type"].as_str() {
        Some("integer") => text.parse::<i64>().ok().map(Value::from),
        Some("boolean") => text.parse::<bool>().ok().map(Value::from),
        _ => None,
    };
    read.unwrap_or_else(|| Value::String(text.to_owned()))
}

fn is_json(request: &Request) -> bool {
    let kind = request.headers().get(CONTENT_TYPE);
    kind.and_then(|kind| kind.to_str().ok())
        .and_then(|kind| kind.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// Says where, never what: the text may be personal.
fn not_json(error: &serde_json::Error) -> Error {
    Problem::of_status(StatusCode::BAD_REQUEST)
        .saying(format!(
            "The body is not JSON: it breaks off or goes wrong at line {}, column {}. Nothing was saved.",
            error.line(),
            error.column()
        ))
        .into()
}

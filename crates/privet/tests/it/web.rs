//! The whole router in this process, without sockets, and those who ask it.

use axum::Router;
use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST, LOCATION};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use base::{RecordId, SystemRng};
use privet::{capabilities, server};
use serde_json::Value;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

use crate::house::{Town, empty};

/// A town that is served.
pub struct Served {
    pub town: Town,
    /// An erasure that is done.
    pub erasure: String,
    app: Router,
    runtime: Runtime,
    _dir: tempfile::TempDir,
}

/// Somebody with a session in a browser.
#[derive(Clone)]
pub struct Visitor {
    cookie: String,
    secret: [u8; 32],
}

/// An answer.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: impl axum::http::header::AsHeaderName) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// Whether it shows the way to the sign-in page and nothing else.
    pub fn asks_to_sign_in(&self) -> bool {
        self.status == StatusCode::SEE_OTHER
            && self.header(LOCATION).starts_with("/sign-in")
            && self.body.is_empty()
    }

    pub fn is_problem(&self) -> bool {
        self.header(CONTENT_TYPE)
            .starts_with("application/problem+json")
    }

    /// The words of a page without its frame, or the whole of anything else.
    pub fn said(&self) -> &str {
        self.body
            .split_once("<main")
            .map_or(&self.body, |(_, main)| main)
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

impl Served {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let town = Town::built(empty(&dir.path().join("data")));
        let app = server::app(&town.house);
        let who = town.house.operator("privacy_requests");
        let erased = capabilities::erasure(&town.house)
            .erase(&who, town.people[59])
            .unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        Self {
            town,
            erasure: erased.id.to_string(),
            app,
            runtime,
            _dir: dir,
        }
    }

    pub fn send(&self, request: Request<Body>) -> Answer {
        self.runtime.block_on(async {
            let answer = self.app.clone().oneshot(request).await.unwrap();
            let (parts, body) = answer.into_parts();
            let body = axum::body::to_bytes(body, 1 << 24).await.unwrap();
            Answer {
                status: parts.status,
                headers: parts.headers,
                body: String::from_utf8_lossy(&body).into_owned(),
            }
        })
    }

    /// Signs somebody in.
    pub fn visitor(&self, user: RecordId) -> Visitor {
        let identity = &self.town.house.identity;
        let came = identity.redeem_link(&self.town.link(user)).unwrap();
        let cookie = came.token.expose().to_owned();
        let secret = identity.session(&cookie).unwrap().unwrap().csrf;
        Visitor { cookie, secret }
    }

    pub fn get(&self, who: Option<&Visitor>, path: &str) -> Answer {
        self.send(
            who.map_or_else(
                || request(Method::GET, path),
                |who| who.asks(Method::GET, path),
            )
            .body(Body::empty())
            .unwrap(),
        )
    }

    /// Sends a form as the page itself would, or one that is not quite that.
    pub fn post(&self, who: Option<&Visitor>, path: &str, form: &str) -> Answer {
        let builder = who.map_or_else(
            || request(Method::POST, path),
            |who| who.asks(Method::POST, path),
        );
        self.send(
            builder
                .header("sec-fetch-site", "same-origin")
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from(form.to_owned()))
                .unwrap(),
        )
    }

    /// Asks the API with a token.
    pub fn api(
        &self,
        token: Option<&str>,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Answer {
        let mut builder = request(method, path);
        if let Some(token) = token {
            builder = builder.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if body.is_some() {
            builder = builder.header(CONTENT_TYPE, "application/json");
        }
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        self.send(
            builder
                .body(Body::from(body.unwrap_or_default().to_owned()))
                .unwrap(),
        )
    }

    /// Leaves of the log, and whether the last one is a refusal.
    pub fn log(&self) -> (u64, bool) {
        let acts = self.town.house.records.acts();
        let ws = acts.ws();
        let read = acts.db().read(|tx| {
            let size = ledger::head(tx, ws)?.size;
            let last = ledger::leaves(tx, ws, None, 1)?;
            let refused = last
                .first()
                .is_some_and(|logged| logged.leaf.outcome == ledger::Outcome::Refused);
            Ok::<_, ledger::Error>((size, refused))
        });
        read.unwrap()
    }
}

impl Visitor {
    pub fn asks(&self, method: Method, path: &str) -> axum::http::request::Builder {
        request(method, path).header(COOKIE, format!("privet={}", self.cookie))
    }

    /// The hidden field of every form.
    pub fn csrf(&self) -> String {
        format!("csrf={}", ::web::csrf::token(&self.secret, &SystemRng))
    }
}

pub fn request(method: Method, path: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, "crm.example")
}

/// The form that confirms an erasure, as the plan's page would send it.
pub fn plan_of(served: &Served, person: RecordId) -> String {
    let visitor = served.visitor(served.town.administrator);
    let page = served
        .get(Some(&visitor), &format!("/contacts/{person}/erase"))
        .body;
    let digest = between(&page, "name=\"plan\" value=\"", "\"");
    let records = &served.town.house.records;
    let name = records
        .names()
        .get(records.kind("person").id, person)
        .unwrap();
    format!("plan={digest}&typed={}", name.replace(' ', "+"))
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).expect("the form has a plan");
    rest.split_once(after).unwrap().0
}

//! Every route against those who may not: nobody, another site, a form of another session.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, ORIGIN};
use axum::http::{Method, StatusCode};
use privet::capabilities;

use crate::web::{Served, Visitor, request};

/// Every address of a page that somebody must be signed in for, with its methods.
pub const PAGES: [(&str, &str); 27] = [
    ("/", "get"),
    ("/companies", "get post"),
    ("/companies/new", "get post"),
    ("/companies/{id}", "get"),
    ("/companies/{id}/edit", "get post"),
    ("/companies/{id}/notes", "get post"),
    ("/contacts", "get post"),
    ("/contacts/duplicates", "post"),
    ("/contacts/new", "get post"),
    ("/contacts/{id}", "get"),
    ("/contacts/{id}/edit", "get post"),
    ("/contacts/{id}/erase", "get post"),
    ("/contacts/{id}/notes", "get post"),
    ("/erasures", "get"),
    ("/erasures/{id}", "get"),
    ("/erasures/{id}/certificate.txt", "get"),
    ("/find", "get post"),
    ("/import", "get post"),
    ("/import/{id}", "get"),
    ("/import/{id}/cancel", "post"),
    ("/import/{id}/check", "get"),
    ("/import/{id}/errors.csv", "get"),
    ("/import/{id}/mapping", "get post"),
    ("/import/{id}/start", "post"),
    ("/log", "get"),
    ("/notes/{id}/remove", "post"),
    ("/welcome", "get post"),
];

/// Those of the signed-in person's own session.
pub const OWN: [(&str, &str); 2] = [("/purpose", "post"), ("/sign-out", "post")];

/// Addresses anybody may ask, and why.
pub const OPEN: [(&str, &str, &str); 7] = [
    ("/sign-in", "get post", "the way in"),
    ("/link", "post", "the way in by a one-time link"),
    (
        "/link/{token}",
        "get",
        "one button, so that programs that follow links spend nothing",
    ),
    (
        "/api/v1/openapi.json",
        "get",
        "says what can be asked, and nothing about anybody",
    ),
    ("/api/docs", "get", "the same, to read"),
    ("/favicon.ico", "get", "a picture"),
    ("/nowhere", "", "what is not there is not there for anybody"),
];

fn sources(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|end| end == "rs") {
            out.push(path);
        }
    }
}

/// What `.route("…", …)` says in the sources: the address and the methods.
fn routed() -> BTreeSet<(String, String)> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for group in ["ground", "crm", "privacy", "security"] {
        let Ok(rooms) = std::fs::read_dir(crates.join(group)) else {
            continue;
        };
        rooms.for_each(|room| sources(&room.unwrap().path().join("src"), &mut files));
    }
    sources(&crates.join("privet/src"), &mut files);
    let mut found = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        for (at, _) in text.match_indices(".route(") {
            let call = &text[at + ".route(".len()..];
            let Some(quoted) = call.trim_start().strip_prefix('"') else {
                continue;
            };
            let (address, rest) = quoted.split_once('"').unwrap();
            let call = &rest[..end_of_call(rest)];
            let methods = ["get", "post", "put", "patch", "delete"]
                .into_iter()
                .filter(|method| {
                    call.match_indices(&format!("{method}(")).any(|(at, _)| {
                        !call[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
                    })
                });
            found.insert((address.to_owned(), methods.collect::<Vec<_>>().join(" ")));
        }
    }
    found
}

/// Where the bracket that is open closes.
fn end_of_call(text: &str) -> usize {
    let mut depth = 1;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

#[test]
fn every_route_is_known_here() {
    let known = PAGES
        .iter()
        .chain(&OWN)
        .copied()
        .chain(OPEN.iter().map(|(path, methods, _)| (*path, *methods)));
    let known: BTreeSet<(String, String)> = known
        .filter(|(_, methods)| !methods.is_empty())
        .map(|(path, methods)| (path.to_owned(), methods.to_owned()))
        .collect();
    let routed = routed();
    let new: Vec<_> = routed.difference(&known).collect();
    let gone: Vec<_> = known.difference(&routed).collect();
    assert!(
        new.is_empty() && gone.is_empty(),
        "not listed here: {new:?}\nlisted but not routed: {gone:?}"
    );
}

/// An address with ids that exist.
pub fn filled(served: &Served, path: &str) -> String {
    let town = &served.town;
    let id = if path.starts_with("/contacts") || path.contains("/people") {
        town.people[5].to_string()
    } else if path.contains("/companies") {
        town.companies[2].to_string()
    } else if path.contains("/notes") {
        town.notes[4].to_string()
    } else {
        served.erasure.clone()
    };
    path.replace("{id}", &id).replace("{token}", "abc")
}

#[test]
fn nobody_gets_any_page() {
    let served = Served::new();
    for (path, methods) in PAGES.iter().chain(&OWN) {
        let path = filled(&served, path);
        for method in methods.split(' ') {
            let before = served.log().0;
            let answer = match method {
                "get" => served.get(None, &path),
                _ => served.post(None, &path, "q=somebody"),
            };
            assert!(
                answer.asks_to_sign_in(),
                "{method} {path}: {}",
                answer.status
            );
            assert_eq!(served.log().0, before, "{method} {path} did something");
        }
    }
}

#[test]
fn what_is_open_shows_nothing_of_anybody() {
    let served = Served::new();
    for (path, methods, _) in OPEN {
        for method in methods.split(' ').filter(|method| !method.is_empty()) {
            let answer = match method {
                "get" => served.get(None, &filled(&served, path)),
                _ => served.post(None, path, "token=abc&email=a%40b.example&password=x"),
            };
            assert!(!answer.asks_to_sign_in() || method == "get", "{path}");
            for name in ["Marta", "hedgerow.example", "User Of"] {
                assert!(!answer.body.contains(name), "{method} {path} shows {name}");
            }
        }
    }
    assert_eq!(served.get(None, "/nowhere").status, StatusCode::NOT_FOUND);
}

#[test]
fn nobody_gets_any_endpoint() {
    let served = Served::new();
    let unknown = format!("pvt_{}", "A".repeat(50));
    for endpoint in capabilities::endpoints(served.town.house.records.schema()) {
        assert!(!endpoint.open, "{}", endpoint.name);
        let path = filled(&served, endpoint.path);
        let body = endpoint.request.is_some().then_some(body_of(endpoint.name));
        for token in [None, Some("pvt_nonsense"), Some(unknown.as_str())] {
            let before = served.log().0;
            let answer = served.api(
                token,
                endpoint.method.clone(),
                &path,
                &[("if-match", "\"1\"")],
                body.as_deref(),
            );
            assert_eq!(
                answer.status,
                StatusCode::UNAUTHORIZED,
                "{} {}",
                endpoint.name,
                answer.said()
            );
            assert!(answer.is_problem(), "{}", endpoint.name);
            assert_eq!(served.log().0, before, "{} did something", endpoint.name);
        }
    }
}

/// A body that fits an endpoint.
pub fn body_of(name: &str) -> String {
    let body = match name {
        "createPerson" => r#"{"given_name":"Nora","family_name":"Quill"}"#,
        "changePerson" => r#"{"job_title":"Keeper"}"#,
        "createCompany" => r#"{"name":"Quill and Daughters"}"#,
        "changeCompany" => r#"{"industry":"Ink"}"#,
        "createNote" | "changeNote" => r#"{"body":"Called back."}"#,
        _ => r#"{"text":"Quill"}"#,
    };
    body.to_owned()
}

#[test]
fn a_form_of_another_site_or_session_is_refused() {
    let served = Served::new();
    let (own, other) = (
        served.visitor(served.town.administrator),
        served.visitor(served.town.users["sales"]),
    );
    let posts = PAGES
        .iter()
        .chain(&OWN)
        .filter(|(_, methods)| methods.contains("post"));
    for (path, _) in posts {
        let path = filled(&served, path);
        let before = served.log().0;
        let refused = |what: &str, answer: &crate::web::Answer| {
            assert_eq!(
                answer.status,
                StatusCode::FORBIDDEN,
                "{path} {what}: {}",
                answer.said()
            );
            assert_eq!(served.log().0, before, "{path} {what} did something");
        };
        let form = own.csrf();
        for (name, value) in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.example"),
            ("origin", "null"),
        ] {
            let asked = own
                .asks(Method::POST, &path)
                .header(name, value)
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
            refused(
                value,
                &served.send(asked.body(Body::from(form.clone())).unwrap()),
            );
        }
        for (what, form) in [
            ("without a token", String::new()),
            ("with another session's token", other.csrf()),
            ("with nonsense", "csrf=AAAA".to_owned()),
        ] {
            refused(what, &send_form(&served, &own, &path, &form));
        }
    }
    let evil = request(Method::POST, "/sign-in")
        .header(ORIGIN, "https://evil.example")
        .header("cookie", "privet=x");
    assert_eq!(
        served.send(evil.body(Body::empty()).unwrap()).status,
        StatusCode::FORBIDDEN
    );
}

/// The upload takes its form in parts.
fn send_form(served: &Served, who: &Visitor, path: &str, form: &str) -> crate::web::Answer {
    if path != "/import" {
        return served.post(Some(who), path, form);
    }
    let token = form.strip_prefix("csrf=").unwrap_or_default();
    let body =
        format!("--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n--b--\r\n");
    let asked = who
        .asks(Method::POST, path)
        .header("sec-fetch-site", "same-origin");
    served.send(
        asked
            .header(CONTENT_TYPE, "multipart/form-data; boundary=b")
            .body(Body::from(body))
            .unwrap(),
    )
}

//! No read and no write without a leaf: every page and endpoint, asked once by somebody who may.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, ETAG, LOCATION};
use axum::http::{Method, StatusCode};
use privet::capabilities;

use crate::routes::{OWN, PAGES, body_of, filled};
use crate::web::{Served, Visitor, plan_of};

/// Pages that read nothing about anybody who is stored, and why.
const NOTHING_READ: [(&str, &str, &str); 9] = [
    ("get", "/contacts/new", "an empty form"),
    ("get", "/companies/new", "an empty form"),
    ("get", "/find", "an empty page"),
    (
        "get",
        "/import",
        "names of files the person themselves brought",
    ),
    ("get", "/import/{id}", "how far their own import is"),
    (
        "get",
        "/import/{id}/mapping",
        "the first rows of their own file",
    ),
    (
        "get",
        "/import/{id}/errors.csv",
        "rows of their own file that did not come in",
    ),
    (
        "post",
        "/import/{id}/cancel",
        "nothing is written that was not written before",
    ),
    ("get", "/welcome", "a form for their own password"),
];

/// Stands for the form that confirms an erasure.
const PLAN: &str = "plan";

/// What each page was asked with: the address, the form, and what must come back.
struct Asked {
    method: &'static str,
    path: &'static str,
    form: String,
    status: StatusCode,
}

fn asked(method: &'static str, path: &'static str, form: &str) -> Asked {
    let status = match method {
        "get" => StatusCode::OK,
        _ => StatusCode::SEE_OTHER,
    };
    Asked {
        method,
        path,
        form: form.to_owned(),
        status,
    }
}

/// Every page once, in an order in which each succeeds.
fn all_pages() -> Vec<Asked> {
    let mut all: Vec<Asked> = PAGES
        .iter()
        .filter(|(path, methods)| methods.contains("get") && !path.starts_with("/import/"))
        .map(|(path, _)| asked("get", path, ""))
        .collect();
    let ok = |mut one: Asked| {
        one.status = StatusCode::OK;
        one
    };
    all.extend([
        ok(asked("post", "/contacts", "q=Quill")),
        ok(asked("post", "/companies", "q=Quill")),
        ok(asked("post", "/find", "q=Quill")),
        ok(asked(
            "post",
            "/contacts/duplicates",
            "given_name=Nora&family_name=Quill",
        )),
        asked("post", "/contacts/new", "given_name=Nora&family_name=Quill"),
        asked("post", "/companies/new", "name=Quill+and+Daughters"),
        asked(
            "post",
            "/contacts/{id}/edit",
            "rev=1&given_name=Nora&family_name=Quill",
        ),
        asked(
            "post",
            "/companies/{id}/edit",
            "rev=1&name=Quill+and+Daughters",
        ),
        asked("post", "/contacts/{id}/notes", "text=Called+back."),
        asked("post", "/companies/{id}/notes", "text=Called+back."),
        asked("post", "/notes/{id}/remove", "back=%2F"),
        asked("post", "/contacts/{id}/erase", PLAN),
        asked("post", "/purpose", "purpose=contract&back=%2F"),
        asked(
            "post",
            "/welcome",
            &format!("password={0}&again={0}", "a+quite+long+password+of+mine"),
        ),
        asked("post", "/sign-out", ""),
    ]);
    all
}

#[test]
fn every_page_leaves_a_leaf() {
    let served = Served::new();
    let visitor = served.visitor(served.town.administrator);
    let mut seen: Vec<(String, String)> = Vec::new();
    // Who it is was looked up once before: what is counted is what the page itself reads.
    served.get(Some(&visitor), "/");
    for one in all_pages() {
        let path = filled(&served, one.path);
        // The plan as it is by now: it was changed and written about meanwhile.
        let form = if one.form == PLAN {
            plan_of(&served, served.town.people[5])
        } else {
            one.form
        };
        let before = served.log().0;
        let answer = match one.method {
            "get" => served.get(Some(&visitor), &path),
            _ => served.post(
                Some(&visitor),
                &path,
                &format!("{}&{}", visitor.csrf(), form),
            ),
        };
        assert_eq!(
            answer.status,
            one.status,
            "{} {path}: {}",
            one.method,
            answer.said()
        );
        judge(one.method, one.path, served.log().0 - before);
        seen.push((one.method.to_owned(), one.path.to_owned()));
    }
    for (path, methods) in PAGES
        .iter()
        .chain(&OWN)
        .filter(|(path, _)| !path.starts_with("/import"))
    {
        for method in methods.split(' ') {
            assert!(
                seen.contains(&(method.to_owned(), (*path).to_owned())),
                "{method} {path} was not asked"
            );
        }
    }
}

fn judge(method: &str, path: &str, leaves: u64) {
    let excused = NOTHING_READ
        .iter()
        .any(|(own, known, _)| *own == method && *known == path);
    if excused {
        assert_eq!(
            leaves, 0,
            "{method} {path} is listed as reading nothing, and left {leaves} leaves"
        );
    } else {
        assert!(leaves > 0, "{method} {path} left no leaf");
    }
}

#[test]
fn every_step_of_an_import_is_counted() {
    let served = Served::new();
    let visitor = served.visitor(served.town.administrator);
    served.get(Some(&visitor), "/");
    let job = upload(
        &served,
        &visitor,
        "First Name,Last Name,Email\nNora,Quill,nora@quill.example\nOla,Reed,not a mail\n",
    );
    let step = |method: &'static str, path: &'static str, form: &str| {
        let address = path.replace("{id}", &job);
        let before = served.log().0;
        let answer = match method {
            "get" => served.get(Some(&visitor), &address),
            _ => served.post(
                Some(&visitor),
                &address,
                &format!("{}&{form}", visitor.csrf()),
            ),
        };
        (answer, served.log().0 - before)
    };
    for (method, path) in [("get", "/import"), ("get", "/import/{id}/mapping")] {
        let (answer, leaves) = step(method, path, "");
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.said());
        judge(method, path, leaves);
    }
    let (answer, leaves) = step("post", "/import/{id}/mapping", "");
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.said());
    // The dry run asks whether somebody like this is here already.
    assert!(leaves > 0, "the dry run left no leaf");
    let (answer, _) = step("get", "/import/{id}/check", "");
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.said());
    let before = served.log().0;
    let (answer, _) = step("post", "/import/{id}/start", "");
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    loop {
        let (answer, _) = step("get", "/import/{id}/errors.csv", "");
        if answer.status == StatusCode::OK {
            // Asked again, because the import itself left its last leaf meanwhile.
            let (_, leaves) = step("get", "/import/{id}/errors.csv", "");
            judge("get", "/import/{id}/errors.csv", leaves);
            break;
        }
        assert!(
            std::time::Instant::now() < deadline,
            "the import does not end"
        );
        std::thread::yield_now();
    }
    assert!(served.log().0 > before, "the import left no leaf");
    let (answer, leaves) = step("get", "/import/{id}", "");
    assert_eq!(answer.status, StatusCode::OK);
    judge("get", "/import/{id}", leaves);
    let (answer, leaves) = step("post", "/import/{id}/cancel", "");
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    judge("post", "/import/{id}/cancel", leaves);
}

fn upload(served: &Served, who: &Visitor, csv: &str) -> String {
    let part = |name: &str, rest: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{rest}\r\n")
    };
    let token = who.csrf();
    let body = [
        part("csrf", "\r\n"),
        format!("{}\r\n", token.strip_prefix("csrf=").unwrap()),
        part("kind", "\r\n"),
        "people\r\n".to_owned(),
        part(
            "file",
            "; filename=\"people.csv\"\r\nContent-Type: text/csv\r\n",
        ),
        format!("{csv}\r\n--b--\r\n"),
    ]
    .concat();
    let asked = who
        .asks(Method::POST, "/import")
        .header("sec-fetch-site", "same-origin");
    let answer = served.send(
        asked
            .header(CONTENT_TYPE, "multipart/form-data; boundary=b")
            .body(Body::from(body))
            .unwrap(),
    );
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.said());
    let place = answer.header(LOCATION);
    place.split('/').nth(2).unwrap().to_owned()
}

#[test]
fn every_endpoint_leaves_a_leaf() {
    let served = Served::new();
    let token = served.town.token(served.town.administrator, "a script");
    served.api(Some(&token), Method::GET, "/api/v1/people", &[], None);
    let about = format!(
        r#"{{"body":"Called back.","about":["{}"]}}"#,
        served.town.people[7]
    );
    let mut etag = String::from("\"1\"");
    let mut count = 0;
    for endpoint in capabilities::endpoints(served.town.house.records.schema()) {
        let path = filled(&served, endpoint.path);
        let body = match endpoint.name {
            "createNote" => Some(about.clone()),
            name => endpoint.request.is_some().then(|| body_of(name)),
        };
        let before = served.log().0;
        let answer = served.api(
            Some(&token),
            endpoint.method.clone(),
            &path,
            &[("if-match", &etag)],
            body.as_deref(),
        );
        assert_eq!(
            answer.status,
            endpoint.status,
            "{}: {}",
            endpoint.name,
            answer.said()
        );
        assert!(served.log().0 > before, "{} left no leaf", endpoint.name);
        if endpoint.name.starts_with("open") || endpoint.name.starts_with("change") {
            answer.header(ETAG).clone_into(&mut etag);
        }
        count += 1;
    }
    assert_eq!(count, 17);
}

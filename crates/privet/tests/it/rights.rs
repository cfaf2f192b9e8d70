//! Every route against a role without the right, and against rows out of its reach.

use axum::http::{Method, StatusCode};

use crate::routes::{body_of, filled};
use crate::web::Served;

/// What a role may not do, as (role, method, page or endpoint).
const NOT_FOR: [(&str, &str, &str); 24] = [
    ("sales", "get", "/log"),
    ("support", "get", "/log"),
    ("agent", "get", "/log"),
    ("sales", "get", "/erasures"),
    ("sales", "get", "/erasures/{id}"),
    ("sales", "get", "/erasures/{id}/certificate.txt"),
    ("sales", "get", "/contacts/{id}/erase"),
    ("sales", "post", "/contacts/{id}/erase"),
    ("agent", "get", "/contacts/{id}/erase"),
    ("sales", "get", "/import"),
    ("support", "get", "/import"),
    ("privacy_officer", "get", "/import"),
    ("privacy_officer", "get", "/contacts/new"),
    ("privacy_officer", "post", "/contacts/new"),
    ("privacy_officer", "get", "/companies/new"),
    ("privacy_officer", "post", "/companies/new"),
    ("privacy_officer", "post", "/contacts/duplicates"),
    ("support", "post", "/notes/{id}/remove"),
    ("privacy_officer", "POST", "/api/v1/people"),
    ("privacy_officer", "POST", "/api/v1/companies"),
    ("privacy_officer", "POST", "/api/v1/notes"),
    ("support", "DELETE", "/api/v1/people/{id}"),
    ("support", "DELETE", "/api/v1/companies/{id}"),
    ("agent", "DELETE", "/api/v1/notes/{id}"),
];

#[test]
fn a_role_without_the_right_is_refused_and_the_log_says_so() {
    let served = Served::new();
    for (role, method, path) in NOT_FOR {
        let user = served.town.users[role];
        let (address, visitor) = (filled(&served, path), served.visitor(user));
        let token = served.town.token(user, "a script");
        let ask = || match method {
            "get" => served.get(Some(&visitor), &address),
            "post" => served.post(
                Some(&visitor),
                &address,
                &format!("{}&given_name=Nora&name=Quill", visitor.csrf()),
            ),
            method => {
                let method = Method::from_bytes(method.as_bytes()).unwrap();
                let name = if path.contains("people") {
                    "createPerson"
                } else if path.contains("notes") {
                    "createNote"
                } else {
                    "createCompany"
                };
                let about = format!(
                    r#"{{"body":"Called.","about":["{}"]}}"#,
                    served.town.people[3]
                );
                let body = if name == "createNote" {
                    about
                } else {
                    body_of(name)
                };
                let body = (method == Method::POST).then_some(body);
                served.api(
                    Some(&token),
                    method,
                    &address,
                    &[("if-match", "\"1\"")],
                    body.as_deref(),
                )
            }
        };
        let before = served.log().0;
        let answer = ask();
        assert_eq!(
            answer.status,
            StatusCode::FORBIDDEN,
            "{role} {method} {path}: {}",
            answer.said()
        );
        let (size, refused) = served.log();
        assert!(
            size > before && refused,
            "{role} {method} {path}: the refusal is not in the log"
        );
    }
}

/// Rows of others are not there for a role that reaches its own only: absent, not refused.
#[test]
fn rows_out_of_reach_are_absent() {
    let served = Served::new();
    let user = served.town.users["agent"];
    let (visitor, token) = (served.visitor(user), served.town.token(user, "a script"));
    for path in [
        "/contacts/{id}",
        "/contacts/{id}/edit",
        "/companies/{id}",
        "/companies/{id}/edit",
    ] {
        let answer = served.get(Some(&visitor), &filled(&served, path));
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/api/v1/people", "/api/v1/companies", "/api/v1/notes"] {
        let one = filled(&served, &format!("{path}/{{id}}"));
        assert_eq!(
            served
                .api(Some(&token), Method::GET, &one, &[], None)
                .status,
            StatusCode::NOT_FOUND,
            "{one}"
        );
        let absent = format!("{path}/{}", base::RecordId::from_bytes([7; 16]));
        let (there, not_there) = (
            served.api(Some(&token), Method::GET, &one, &[], None),
            served.api(Some(&token), Method::GET, &absent, &[], None),
        );
        assert_eq!(there.json()["detail"], not_there.json()["detail"], "{path}");
        let all = served.api(Some(&token), Method::GET, path, &[], None);
        assert_eq!(
            all.json()["data"].as_array().map(Vec::len),
            Some(0),
            "{path}: {}",
            all.body
        );
    }
    let name = filled(&served, "/api/v1/people/{id}");
    let change = served.api(
        Some(&token),
        Method::PATCH,
        &name,
        &[("if-match", "\"1\"")],
        Some(r#"{"stage":"Customer"}"#),
    );
    assert_eq!(change.status, StatusCode::NOT_FOUND);
}

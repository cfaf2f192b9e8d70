//! What somebody typed stays out of refusals and out of what the program prints: a mistyped value, a
//! broken body, a name searched for are personal as much as what is stored.

use std::process::Command;

use axum::http::{Method, StatusCode};

use crate::web::Served;

/// Nothing else says this.
const CANARY: &str = "Zyxwquill";
const MARK: &str = "the canaries were sent";

/// One request with a canary where a value stands (names of fields are the asker's own words): method, path, headers, body, expected status.
type Sent = (
    Method,
    String,
    Vec<(&'static str, String)>,
    Option<String>,
    u16,
);

fn requests(served: &Served) -> Vec<Sent> {
    let one = format!("/api/v1/people/{}", served.town.people[3]);
    let body = |text: &str| Some(text.replace('@', CANARY));
    let at = |path: &str| path.replace('@', CANARY);
    let etag = |etag: &str| vec![("if-match", etag.to_owned())];
    let key = || vec![("idempotency-key", "one-and-the-same".to_owned())];
    let people = || "/api/v1/people".to_owned();
    vec![
        (
            Method::POST,
            people(),
            vec![],
            body(r#"{"mails":[{"value":"@ at nowhere"}]}"#),
            422,
        ),
        (
            Method::POST,
            people(),
            vec![],
            body(r#"{"phones":[{"value":"@"}]}"#),
            422,
        ),
        (
            Method::POST,
            people(),
            vec![],
            body(r#"{"birthday":"@"}"#),
            422,
        ),
        (
            Method::POST,
            people(),
            vec![],
            body(r#"{"web":"javascript:@"}"#),
            422,
        ),
        (
            Method::POST,
            people(),
            vec![],
            body(r#"{"given_name":["@"]}"#),
            422,
        ),
        (
            Method::POST,
            people(),
            vec![],
            body(r#"{"works_at":["@"]}"#),
            422,
        ),
        (
            Method::POST,
            people(),
            vec![],
            body(r#"{"given_name":"@","#),
            400,
        ),
        (Method::POST, people(), vec![], body("@"), 400),
        (
            Method::POST,
            people(),
            key(),
            body(r#"{"given_name":"@"}"#),
            201,
        ),
        (
            Method::POST,
            people(),
            key(),
            body(r#"{"given_name":"@","family_name":"B"}"#),
            409,
        ),
        (
            Method::PATCH,
            one.clone(),
            etag("\"99\""),
            body(r#"{"given_name":"@"}"#),
            409,
        ),
        (
            Method::PATCH,
            one.clone(),
            etag(CANARY),
            body(r#"{"given_name":"@"}"#),
            412,
        ),
        (
            Method::PATCH,
            one,
            vec![],
            body(r#"{"given_name":"@"}"#),
            428,
        ),
        (Method::GET, at("/api/v1/people/@"), vec![], None, 404),
        (Method::GET, at("/api/v1/people?is=@"), vec![], None, 422),
        (
            Method::GET,
            at("/api/v1/people?is=given_name:@"),
            vec![],
            None,
            422,
        ),
        (Method::GET, at("/api/v1/people?after=@"), vec![], None, 422),
        (Method::GET, at("/api/v1/people?sort=@"), vec![], None, 422),
        (
            Method::GET,
            at("/api/v1/people?linked=works_at:@"),
            vec![],
            None,
            422,
        ),
        (Method::GET, at("/api/v1/people?limit=@"), vec![], None, 422),
        (Method::GET, at("/api/v1/@"), vec![], None, 404),
        (Method::GET, at("/contacts/@"), vec![], None, 404),
        (Method::GET, at("/@"), vec![], None, 404),
        (
            Method::POST,
            "/api/v1/people/find".into(),
            vec![],
            body(r#"{"text":"@"}"#),
            200,
        ),
        (
            Method::POST,
            "/api/v1/people/find".into(),
            vec![],
            body(r#"{"text":"@","limit":"@"}"#),
            422,
        ),
        (Method::PUT, at("/api/v1/people/@"), vec![], body("@"), 405),
    ]
}

/// Run by the test below in a process of its own, whose words are read.
#[test]
#[ignore = "run by what_was_typed_is_neither_repeated_nor_printed"]
fn canaries_are_sent() {
    let served = Served::new();
    let token = served.town.token(served.town.administrator, "a script");
    let visitor = served.visitor(served.town.administrator);
    for (number, (method, path, headers, body, status)) in requests(&served).into_iter().enumerate()
    {
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let answer = if path.starts_with("/api") {
            served.api(Some(&token), method, &path, &headers, body.as_deref())
        } else {
            served.get(Some(&visitor), &path)
        };
        let said = answer.body.replace(CANARY, "CANARY");
        // What was made or found is the answer itself; every refusal keeps to itself what was sent.
        if answer.status.is_client_error() || answer.status.is_server_error() {
            assert!(
                !said.contains("CANARY"),
                "request {number} is answered with what was sent: {said}"
            );
            assert!(
                !path.starts_with("/api") || answer.is_problem(),
                "request {number}: {said}"
            );
        }
        assert_eq!(answer.status.as_u16(), status, "request {number}: {said}");
    }
    let sent = format!("email={CANARY}%40a.example&password={CANARY}2");
    let answer = served.post(None, "/sign-in", &sent);
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(
        !answer.body.contains(&format!("{CANARY}2")),
        "the password comes back"
    );
    assert!(
        !served
            .get(None, &format!("/link/{CANARY}"))
            .status
            .is_server_error()
    );
    assert!(
        served
            .town
            .house
            .identity
            .redeem_link(CANARY)
            .is_err_and(|error| !error.to_string().contains(CANARY))
    );
    eprintln!("{MARK}");
}

#[test]
fn what_was_typed_is_neither_repeated_nor_printed() {
    let own = std::env::current_exe().unwrap();
    let told = Command::new(own)
        .args([
            "quiet::canaries_are_sent",
            "--exact",
            "--ignored",
            "--nocapture",
        ])
        .output()
        .unwrap();
    let said = [told.stdout, told.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(told.status.success(), "{said}");
    assert!(said.contains(MARK), "the requests were not sent: {said}");
    assert!(!said.contains(CANARY), "what was typed is printed");
    for mail in ["hedgerow.example", "correct horse"] {
        assert!(!said.contains(mail), "what is stored is printed");
    }
}

//! Headers, cross-site protection, errors, assets.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::{get as on_get, post};
use base::{Fault, FaultKind};
use web::{Error, Problem, Site, Submission, guard};

use crate::{get, json, send, text};

#[derive(Debug, thiserror::Error)]
#[error("Revision 7 was changed by somebody else. Yours was not saved.")]
struct Late;

impl Fault for Late {
    fn kind(&self) -> FaultKind {
        FaultKind::Conflict
    }
    fn field(&self) -> Option<&str> {
        Some("emails.0.value")
    }
}

async fn late() -> Result<&'static str, Error> {
    Err(Late)?
}

async fn defect() -> &'static str {
    panic!("canary-of-a-panic")
}

async fn read(form: Submission) -> String {
    let emails: Vec<&str> = form.all("email").collect();
    format!("{}:{}", form.text("name"), emails.join("|"))
}

fn site() -> Router {
    let routes = Router::new()
        .route("/late", on_get(late).post(late))
        .route("/api/v1/late", on_get(late))
        .route("/defect", on_get(defect))
        .route("/form", post(read))
        .route(
            "/told",
            on_get(|| async {
                (
                    StatusCode::UNPROCESSABLE_ENTITY,
                    axum::response::Html("<p>form</p>"),
                )
            }),
        );
    guard(routes, Site { https: true })
}

#[tokio::test]
async fn every_answer_carries_the_headers() {
    for path in [
        "/late",
        "/nowhere",
        "/defect",
        "/api/v1/nowhere",
        web::assets::css(),
    ] {
        let response = send(&site(), get(path)).await;
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .map(|v| v.to_str().unwrap().to_owned())
        };
        assert_eq!(
            header("content-security-policy").unwrap(),
            web::CONTENT_SECURITY_POLICY,
            "{path}"
        );
        assert_eq!(header("x-content-type-options").unwrap(), "nosniff");
        assert_eq!(header("cross-origin-opener-policy").unwrap(), "same-origin");
        assert_eq!(
            header("cross-origin-resource-policy").unwrap(),
            "same-origin"
        );
        assert_eq!(header("referrer-policy").unwrap(), "no-referrer");
        assert!(
            header("strict-transport-security")
                .unwrap()
                .starts_with("max-age=31536000")
        );
        assert!(header("permissions-policy").unwrap().contains("camera=()"));
        let asset = path.starts_with("/assets/");
        assert_eq!(
            header("cache-control").unwrap() == "no-store",
            !asset,
            "{path}"
        );
    }
}

#[tokio::test]
async fn without_https_nothing_is_promised_about_it() {
    let plain = guard(Router::new(), Site { https: false });
    let response = send(&plain, get("/")).await;
    assert!(!response.headers().contains_key("strict-transport-security"));
}

#[tokio::test]
async fn assets_are_kept_for_ever_and_named_by_content() {
    for asset in web::assets::all() {
        let response = send(&site(), get(&asset.href)).await;
        assert_eq!(response.status(), 200);
        assert!(
            response.headers()["cache-control"]
                .to_str()
                .unwrap()
                .contains("immutable")
        );
        let etag = response.headers()["etag"].clone();
        let again = Request::get(&asset.href)
            .header("if-none-match", etag)
            .body(Body::empty())
            .unwrap();
        assert_eq!(send(&site(), again).await.status(), 304);
    }
}

fn posting(headers: &[(&str, &str)]) -> Request<Body> {
    let mut request =
        Request::post("/form").header("content-type", "application/x-www-form-urlencoded");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request
        .body(Body::from("name=+A+&email=a%40b&email=&email=c%40d"))
        .expect("a request")
}

#[tokio::test]
async fn other_sites_change_nothing() {
    let cases: [(&[(&str, &str)], u16); 8] = [
        (&[("sec-fetch-site", "same-origin")], 200),
        (&[("sec-fetch-site", "same-site")], 403),
        (
            &[
                ("sec-fetch-site", "cross-site"),
                ("origin", "https://crm.example"),
                ("host", "crm.example"),
            ],
            403,
        ),
        (
            &[("origin", "https://crm.example"), ("host", "crm.example")],
            200,
        ),
        (
            &[("origin", "https://evil.example"), ("host", "crm.example")],
            403,
        ),
        (&[("origin", "null"), ("host", "crm.example")], 403),
        (&[("cookie", "__Host-session=x")], 403),
        (&[], 200),
    ];
    for (headers, status) in cases {
        let response = send(&site(), posting(headers)).await;
        assert_eq!(response.status().as_u16(), status, "{headers:?}");
    }
}

#[tokio::test]
async fn a_form_keeps_the_order_of_its_rows() {
    let response = send(&site(), posting(&[])).await;
    assert_eq!(text(response).await, "A:a@b||c@d");
}

#[tokio::test]
async fn people_get_a_page_and_programs_a_problem() {
    let page = send(&site(), get("/late")).await;
    assert_eq!(page.status(), StatusCode::CONFLICT);
    assert!(
        page.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    let html = text(page).await;
    assert!(
        html.contains("What was kept") && html.contains("Revision 7"),
        "{html}"
    );

    let answer = send(&site(), get("/api/v1/late")).await;
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let problem = json(answer).await;
    assert_eq!(problem["status"], 409);
    assert_eq!(problem["errors"][0]["pointer"], "/emails/0/value");

    let module = Request::get("/late")
        .header("x-fragment", "rows")
        .body(Body::empty())
        .unwrap();
    assert_eq!(json(send(&site(), module).await).await["status"], 409);
}

#[tokio::test]
async fn what_nobody_handles_is_told_too() {
    let cases = [
        ("GET", "/nowhere", 404),
        ("DELETE", "/form", 405),
        ("GET", "/defect", 500),
    ];
    for (method, path, status) in cases {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .body(Body::empty())
            .unwrap();
        let response = send(&site(), request).await;
        assert_eq!(response.status().as_u16(), status);
        let html = text(response).await;
        assert!(
            html.contains("What to do next") && !html.contains("canary"),
            "{path}: {html}"
        );
    }
    let large = Request::post("/form")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(vec![b'a'; web::MAX_BODY_BYTES + 1]))
        .unwrap();
    assert_eq!(
        send(&site(), large).await.status(),
        StatusCode::PAYLOAD_TOO_LARGE
    );
}

#[tokio::test]
async fn a_form_shown_again_stays_as_it_is() {
    let response = send(&site(), get("/told")).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(text(response).await, "<p>form</p>");
}

#[tokio::test]
async fn the_way_on_stays_inside() {
    for (to, leads) in [
        ("/contacts?a=1", "/contacts?a=1"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\\evil", "/"),
        ("/a\nb", "/"),
    ] {
        assert_eq!(web::see_other(to).headers()["location"], leads, "{to:?}");
    }
}

#[test]
fn every_kind_of_failure_has_words() {
    for status in 400..=511 {
        let Ok(status) = StatusCode::from_u16(status) else {
            continue;
        };
        let problem = Problem::of_status(status);
        assert!(
            problem.detail.ends_with('.')
                && problem.kept.ends_with('.')
                && problem.next.ends_with('.')
        );
    }
}

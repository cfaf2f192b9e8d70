//! What the document says about a request is what is checked.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use axum::{Json, Router};
use base::FaultKind;
use serde_json::{Value, json as value};
use web::api::{self, About, Endpoint, Schema};
use web::{Site, guard};

use crate::{get, json, send};

const ABOUT: About = About {
    title: "Privet",
    version: "1",
    description: "Test.",
};

fn table() -> Vec<Endpoint> {
    let contact = Schema::new(
        "NewContact",
        value!({"type": "object", "required": ["first_name"], "properties": {
            "first_name": {"type": "string", "minLength": 1, "maxLength": 20}}}),
    );
    vec![
        Endpoint::new(Method::GET, "/api/v1/contacts", "listContacts", || async {
            "[]"
        })
        .about("Contacts", "List", "Lists.")
        .gives(
            StatusCode::OK,
            Schema::new("Contacts", value!({"type": "array"})),
        )
        .paged(),
        Endpoint::new(
            Method::POST,
            "/api/v1/contacts",
            "createContact",
            |Json(body): Json<Value>| async move { (StatusCode::CREATED, Json(body)) },
        )
        .about("Contacts", "Create", "Creates.")
        .takes(contact.clone())
        .gives(StatusCode::CREATED, contact)
        .idempotent(),
        Endpoint::new(
            Method::PATCH,
            "/api/v1/contacts/{id}",
            "changeContact",
            || async { "" },
        )
        .about("Contacts", "Change", "Changes.")
        .versioned()
        .fails(&[FaultKind::Absent, FaultKind::Conflict]),
    ]
}

fn site() -> Router {
    guard(api::router(&table()), Site { https: false })
}

fn posted(kind: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post("/api/v1/contacts")
        .header("content-type", kind)
        .body(body.into())
        .expect("a request")
}

#[tokio::test]
async fn a_body_that_fits_reaches_the_handler() {
    let response = send(
        &site(),
        posted("application/json; charset=utf-8", r#"{"first_name":"Ann"}"#),
    )
    .await;
    assert_eq!(response.status(), StatusCode::CREATED);
    assert_eq!(json(response).await["first_name"], "Ann");
}

#[tokio::test]
async fn a_body_that_does_not_fit_is_told_place_by_place() {
    let response = send(
        &site(),
        posted("application/json", r#"{"nickname":"canary"}"#),
    )
    .await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
    let problem = json(response).await;
    let places: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(places, ["/first_name", "/nickname"]);
    assert!(!problem.to_string().contains("canary"));
}

#[tokio::test]
async fn what_is_no_json_is_refused_without_repeating_it() {
    let broken = send(
        &site(),
        posted("application/json", r#"{"first_name":"canary"#),
    )
    .await;
    assert_eq!(broken.status(), StatusCode::BAD_REQUEST);
    assert!(!json(broken).await.to_string().contains("canary"));
    let form = send(&site(), posted("text/plain", "{}")).await;
    assert_eq!(form.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let large = send(
        &site(),
        posted("application/json", vec![b' '; api::MAX_BODY_BYTES + 1]),
    )
    .await;
    assert_eq!(large.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn unknown_and_wrong_parameters_are_refused() {
    for (path, status) in [
        ("/api/v1/contacts?limit=50&after=abc", 200),
        ("/api/v1/contacts?limit=0", 422),
        ("/api/v1/contacts?limit=many", 422),
        ("/api/v1/contacts?sort=name", 422),
        ("/api/v1/contacts?limit=%zz", 422),
    ] {
        assert_eq!(
            send(&site(), get(path)).await.status().as_u16(),
            status,
            "{path}"
        );
    }
}

#[test]
fn the_document_names_every_operation_and_all_it_needs() {
    let document = api::openapi(ABOUT, &table());
    assert_eq!(document["openapi"], "3.1.0");
    for endpoint in table() {
        let method = endpoint.method.as_str().to_lowercase();
        let operation = &document["paths"][endpoint.path][&method];
        assert_eq!(operation["operationId"], endpoint.name);
        assert!(
            operation["responses"]["401"].is_object() && operation["responses"]["500"].is_object()
        );
    }
    let change = &document["paths"]["/api/v1/contacts/{id}"]["patch"];
    let names: Vec<&str> = change["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["id", "If-Match"]);
    assert!(change["responses"]["412"].is_object() && change["responses"]["428"].is_object());
    let text = document.to_string();
    for reference in text.split("#/components/schemas/").skip(1) {
        let name = &reference[..reference.find('"').unwrap()];
        assert!(
            document["components"]["schemas"][name].is_object(),
            "{name} is not described"
        );
    }
    assert_eq!(
        document["components"]["schemas"]["NewContact"]["additionalProperties"],
        false
    );
}

//! The API as a program of the customer uses it: JSON, a bearer token, an idempotency key.

use std::io::Result;
use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::{Client, Reply};

/// A connection to the API with a token.
pub struct Api {
    client: Client,
    authorization: String,
}

impl Api {
    /// Connects at the first request.
    #[must_use]
    pub fn new(address: SocketAddr, token: &str) -> Self {
        Self {
            client: Client::new(address),
            authorization: format!("Bearer {token}"),
        }
    }

    /// Makes a contact. The same `key` again must not make a second one.
    pub fn create(&mut self, given: &str, family: &str, mail: &str, key: &str) -> Result<Reply> {
        let person = json!({
            "given_name": given,
            "family_name": family,
            "mails": [{ "value": mail, "label": "work" }],
        });
        let headers = [
            ("authorization", self.authorization.as_str()),
            ("content-type", "application/json"),
            ("idempotency-key", key),
        ];
        let body = person.to_string();
        self.client
            .send("POST", "/api/v1/people", &headers, body.as_bytes())
    }

    /// One contact by id.
    pub fn read(&mut self, id: &str) -> Result<Reply> {
        self.get(&format!("/api/v1/people/{id}"))
    }

    /// The contacts that a text finds.
    pub fn find(&mut self, text: &str) -> Result<Vec<Value>> {
        // A POST: what is searched for stands in no address.
        let body = serde_json::json!({ "text": text }).to_string();
        let headers = [
            ("authorization", self.authorization.as_str()),
            ("content-type", "application/json"),
        ];
        let reply = self
            .client
            .send("POST", "/api/v1/people/find", &headers, body.as_bytes())?;
        assert_eq!(reply.status, 200, "searching failed: {}", reply.text());
        Ok(list_in(&reply.json()).to_vec())
    }

    /// Any path, with the token.
    pub fn get(&mut self, path: &str) -> Result<Reply> {
        let headers = [("authorization", self.authorization.as_str())];
        self.client.send("GET", path, &headers, &[])
    }
}

/// The list in an answer: the answer itself, or its first member that is a list.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn list_in(answer: &Value) -> &[Value] {
    let member = answer
        .as_object()
        .and_then(|members| members.values().find_map(Value::as_array));
    match answer.as_array().or(member) {
        Some(list) => list,
        None => panic!("there is no list in {answer}"),
    }
}

/// The id of a record in an answer.
///
/// # Panics
/// When it has none.
#[must_use]
pub fn id_of(record: &Value) -> &str {
    record["id"]
        .as_str()
        .unwrap_or_else(|| panic!("there is no id in {record}"))
}

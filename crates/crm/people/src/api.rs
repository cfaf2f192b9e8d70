//! The endpoints of people.

use desk::{Desk, RecordApi, record_endpoints};
use records::Schema;
use web::api::Endpoint;

/// List, find, make, open, change, delete.
#[must_use]
pub fn endpoints(schema: &Schema) -> Vec<Endpoint<Desk>> {
    let Some(kind) = schema.kind("person") else {
        return Vec::new();
    };
    let api = RecordApi {
        kind: "person",
        tag: "People",
        schema: "Person",
        all: "/api/v1/people",
        one: "/api/v1/people/{id}",
        find: "/api/v1/people/find",
        names: [
            "listPeople",
            "findPeople",
            "createPerson",
            "openPerson",
            "changePerson",
            "deletePerson",
        ],
    };
    record_endpoints(api, kind)
}

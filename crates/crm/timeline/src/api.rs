//! The endpoints of notes.

use desk::{Desk, RecordApi, record_endpoints};
use records::Schema;
use web::api::Endpoint;

/// List, find, make, open, change, delete.
#[must_use]
pub fn endpoints(schema: &Schema) -> Vec<Endpoint<Desk>> {
    let Some(kind) = schema.kind("note") else {
        return Vec::new();
    };
    let api = RecordApi {
        kind: "note",
        tag: "Notes",
        schema: "Note",
        all: "/api/v1/notes",
        one: "/api/v1/notes/{id}",
        find: "/api/v1/notes/find",
        names: [
            "listNotes",
            "findNotes",
            "createNote",
            "openNote",
            "changeNote",
            "deleteNote",
        ],
    };
    // A note has no name to be found by.
    let mut endpoints = record_endpoints(api, kind);
    endpoints.retain(|endpoint| endpoint.name != "findNotes");
    endpoints
}

//! The endpoints of companies.

use desk::{Desk, RecordApi, record_endpoints};
use records::Schema;
use web::api::Endpoint;

/// List, find, make, open, change, delete.
#[must_use]
pub fn endpoints(schema: &Schema) -> Vec<Endpoint<Desk>> {
    let Some(kind) = schema.kind("company") else {
        return Vec::new();
    };
    let api = RecordApi {
        kind: "company",
        tag: "Companies",
        schema: "Company",
        all: "/api/v1/companies",
        one: "/api/v1/companies/{id}",
        find: "/api/v1/companies/find",
        names: [
            "listCompanies",
            "findCompanies",
            "createCompany",
            "openCompany",
            "changeCompany",
            "deleteCompany",
        ],
    };
    record_endpoints(api, kind)
}

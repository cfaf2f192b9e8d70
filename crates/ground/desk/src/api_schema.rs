//! JSON Schemas of a kind of record, made from its declared fields.

use records::{FieldType, Kind};
use serde_json::{Map, Value as Any, json};
use web::api::Schema;

/// Says on what basis somebody who was erased on request comes back.
pub(crate) const FRESH_BASIS: &str = "fresh_basis";

/// What a record looks like, as JSON Schema.
#[must_use]
pub fn record_schema(name: &'static str, kind: &Kind) -> Schema {
    let mut properties = fields(kind);
    let id = json!({"type": "string", "format": "uuid"});
    let instant = json!({"type": "string", "format": "date-time"});
    for (name, schema) in [
        ("id", id.clone()),
        ("kind", json!({"type": "string", "const": kind.name})),
        (
            "rev",
            json!({"type": "integer", "minimum": 1, "description": "How often it was changed; the ETag."}),
        ),
        ("created_at", instant.clone()),
        ("updated_at", instant),
        (
            "owner",
            json!({"type": ["string", "null"], "format": "uuid"}),
        ),
        (
            "name",
            json!({"type": "string", "description": "Its name, where the role sees it."}),
        ),
        (
            "masked",
            json!({"type": "array", "items": {"type": "string"}, "description": "Fields that have a value outside this role and purpose."}),
        ),
    ] {
        properties.insert(name.into(), schema);
    }
    Schema::new(
        name,
        json!({"type": "object", "properties": properties, "required": ["id", "rev"]}),
    )
}

/// What makes or changes a record.
pub(crate) fn body_schema(name: &'static str, kind: &Kind) -> Schema {
    let mut properties = fields(kind);
    for link in kind.link_names() {
        let ids = json!({"type": "array", "items": {"type": "string", "format": "uuid"}});
        properties.insert(link.to_owned(), ids);
    }
    properties.insert(
        FRESH_BASIS.into(),
        json!({"enum": ["consent", "contract", "own_request", "legal_duty"], "description": "Only where somebody was erased on request: on what basis they come back."}),
    );
    let name = match name {
        "Person" => "PersonBody",
        "Company" => "CompanyBody",
        _ => "NoteBody",
    };
    Schema::new(
        name,
        json!({"type": "object", "properties": properties, "additionalProperties": false}),
    )
}

pub(crate) fn list_schema(name: &'static str, one: &Schema) -> Schema {
    let name = match name {
        "Person" => "PersonPage",
        "Company" => "CompanyPage",
        _ => "NotePage",
    };
    let body = json!({
        "type": "object",
        "properties": {"data": {"type": "array", "items": one.reference()}, "next": {"type": ["string", "null"]}},
        "required": ["data"],
    });
    Schema::new(name, body).with(one.clone())
}

pub(crate) fn find_schema() -> Schema {
    Schema::new(
        "Find",
        json!({
            "type": "object",
            "properties": {
                "text": {"type": "string", "minLength": 1, "maxLength": 200},
                "limit": {"type": "integer", "minimum": 1, "maximum": 200},
            },
            "required": ["text"],
            "additionalProperties": false,
        }),
    )
}

fn fields(kind: &Kind) -> Map<String, Any> {
    let mut properties = Map::new();
    for field in &kind.fields {
        let mut schema = match field.kind {
            FieldType::Mails | FieldType::Phones => several(&json!({
                "value": {"type": "string"}, "label": {"type": "string"}, "typed": {"type": "string"},
            })),
            FieldType::Addresses => several(&json!({
                "label": {"type": "string"}, "street": {"type": "string"}, "city": {"type": "string"},
                "region": {"type": "string"}, "postal_code": {"type": "string"}, "country": {"type": "string"},
            })),
            FieldType::Number => json!({"type": ["number", "string", "null"]}),
            FieldType::Choice => {
                let mut options: Vec<Any> = field
                    .options
                    .iter()
                    .map(|option| option.clone().into())
                    .collect();
                options.push(Any::Null);
                json!({"enum": options})
            }
            FieldType::Date => json!({"type": ["string", "null"], "format": "date"}),
            FieldType::Text | FieldType::LongText | FieldType::Link => {
                json!({"type": ["string", "null"]})
            }
        };
        schema["description"] = format!(
            "{}. Class: {}; sensitivity: {}. {}",
            field.label, field.class, field.sensitivity, field.help
        )
        .into();
        properties.insert(field.name.clone(), schema);
    }
    properties
}

fn several(properties: &Any) -> Any {
    json!({"type": ["array", "null"], "items": {"type": "object", "properties": properties, "additionalProperties": false}})
}

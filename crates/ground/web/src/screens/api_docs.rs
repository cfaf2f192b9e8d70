//! The description of the API for people, drawn from the same OpenAPI document that programs read.

use askama::Template;
use serde_json::Value;

use crate::Plain;

/// The page of an OpenAPI document.
#[derive(Debug, Clone, Template)]
#[template(path = "screens/api_docs.html")]
pub struct ApiDocsPage {
    /// The frame.
    pub plain: Plain,
    /// Version of the API.
    pub version: String,
    /// What it is, in a paragraph.
    pub description: String,
    /// Address of the document itself.
    pub document: &'static str,
    /// Operations, grouped by tag.
    pub groups: Vec<OperationGroup>,
    /// Named schemas with their JSON, in alphabetical order.
    pub schemas: Vec<(String, String)>,
}

/// Operations of one tag.
#[derive(Debug, Clone)]
pub struct OperationGroup {
    /// The tag.
    pub tag: String,
    /// Its operations.
    pub operations: Vec<Operation>,
}

/// One operation.
#[derive(Debug, Clone)]
pub struct Operation {
    /// `operationId`.
    pub id: String,
    /// Method, upper case.
    pub method: String,
    /// Path.
    pub path: String,
    /// In a few words.
    pub summary: String,
    /// In a paragraph.
    pub description: String,
    /// What it takes in path, query and headers.
    pub parameters: Vec<Parameter>,
    /// Name of the schema of its body; empty for none.
    pub body: String,
    /// Status, what it means, and the name of its schema (may be empty).
    pub answers: Vec<(String, String, String)>,
}

/// One thing an operation takes.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Name.
    pub name: String,
    /// path, query or header.
    pub place: String,
    /// Type in words.
    pub kind: String,
    /// What it does.
    pub description: String,
    /// Whether it must be given.
    pub required: bool,
}

impl ApiDocsPage {
    /// Reads an OpenAPI 3.1 document, such as [`crate::api::openapi`] makes.
    #[must_use]
    pub fn of(document: &Value) -> Self {
        let mut groups: Vec<OperationGroup> = Vec::new();
        for (path, methods) in members(&document["paths"]) {
            for (method, operation) in members(methods) {
                let tag = text(&operation["tags"][0]);
                let read = read_operation(path, method, operation);
                match groups.iter_mut().find(|group| group.tag == tag) {
                    Some(group) => group.operations.push(read),
                    None => groups.push(OperationGroup {
                        tag,
                        operations: vec![read],
                    }),
                }
            }
        }
        let schemas = members(&document["components"]["schemas"])
            .map(|(name, schema)| {
                let json = serde_json::to_string_pretty(schema).unwrap_or_default();
                (name.clone(), json)
            })
            .collect();
        Self {
            plain: Plain::new("API"),
            version: text(&document["info"]["version"]),
            description: text(&document["info"]["description"]),
            document: "/api/openapi.json",
            groups,
            schemas,
        }
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The last part of `#/components/schemas/Name`.
fn schema_name(content: &Value) -> String {
    let schema = members(content).next().map(|(_, media)| &media["schema"]);
    let reference = schema.and_then(|schema| schema["$ref"].as_str());
    reference
        .and_then(|path| path.rsplit('/').next())
        .unwrap_or_default()
        .to_owned()
}

fn read_operation(path: &str, method: &str, operation: &Value) -> Operation {
    let parameters = items(&operation["parameters"])
        .map(|one| Parameter {
            name: text(&one["name"]),
            place: text(&one["in"]),
            kind: kind_of(&one["schema"]),
            description: text(&one["description"]),
            required: one["required"] == Value::Bool(true),
        })
        .collect();
    let answers = members(&operation["responses"])
        .map(|(status, answer)| {
            (
                status.clone(),
                text(&answer["description"]),
                schema_name(&answer["content"]),
            )
        })
        .collect();
    Operation {
        id: text(&operation["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&operation["summary"]),
        description: text(&operation["description"]),
        parameters,
        body: schema_name(&operation["requestBody"]["content"]),
        answers,
    }
}

/// `string (uuid)`, `integer, 1 to 200`, `one of a, b`.
fn kind_of(schema: &Value) -> String {
    if let Some(options) = schema["enum"].as_array() {
        let options: Vec<&str> = options.iter().filter_map(Value::as_str).collect();
        return format!("one of {}", options.join(", "));
    }
    let mut kind = text(&schema["type"]);
    if let Some(format) = schema["format"].as_str() {
        kind = format!("{kind} ({format})");
    }
    if let (Some(least), Some(most)) = (schema["minimum"].as_i64(), schema["maximum"].as_i64()) {
        kind = format!("{kind}, {least} to {most}");
    }
    kind
}

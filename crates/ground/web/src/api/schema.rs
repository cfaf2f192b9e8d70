//! A named JSON Schema (draft 2020-12, the part that `check` understands).

use serde_json::Value;

/// A schema of the document's components. An object that lists its properties takes no others.
#[derive(Debug, Clone)]
pub struct Schema {
    /// Its name: `Contact`.
    pub name: &'static str,
    /// Its body.
    pub body: Value,
    /// The schemas it names by `{"$ref": "#/components/schemas/..."}`.
    pub parts: Vec<Schema>,
}

impl Schema {
    /// A schema under a name. The check knows `type`, `properties`, `required`, `items`, `enum`,
    /// `minLength`, `maxLength`, `minItems`, `maxItems`, `minimum`, `maximum`, `format` (`uuid`,
    /// `date`, `email`) and `$ref`; what else stands in the body is only documented.
    #[must_use]
    pub fn new(name: &'static str, mut body: Value) -> Self {
        close(&mut body);
        Self {
            name,
            body,
            parts: Vec::new(),
        }
    }

    /// The schema with another that it names.
    #[must_use]
    pub fn with(mut self, part: Schema) -> Self {
        self.parts.push(part);
        self
    }

    /// How another schema names this one.
    #[must_use]
    pub fn reference(&self) -> Value {
        serde_json::json!({ "$ref": format!("#/components/schemas/{}", self.name) })
    }

    /// This schema and all it names.
    pub(crate) fn all(&self) -> Vec<&Schema> {
        let mut all = vec![self];
        for part in &self.parts {
            all.extend(part.all());
        }
        all
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Value> {
        self.all()
            .into_iter()
            .find(|schema| schema.name == name)
            .map(|schema| &schema.body)
    }
}

/// Says of every object with listed properties that it takes no others.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            let open = members.contains_key("properties")
                && members.contains_key("type")
                && !members.contains_key("additionalProperties");
            if open {
                members.insert("additionalProperties".into(), Value::Bool(false));
            }
            members.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

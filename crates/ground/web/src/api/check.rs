//! Compares a value with a schema and names every place where they part. Never repeats a value:
//! what somebody sent may be personal.

use serde_json::{Map, Value};

use super::Schema;
use crate::FieldProblem;

/// Where `value` parts from `schema`, each with a JSON pointer; empty when it fits. At most 20.
#[must_use]
pub fn problems(schema: &Schema, value: &Value) -> Vec<FieldProblem> {
    let mut found = Found {
        root: schema,
        problems: Vec::new(),
    };
    found.compare(&schema.body, value, "", 0);
    found.problems
}

const MOST: usize = 20;
/// Deeper nesting than any body of ours, so that a hostile one cannot exhaust the stack.
const DEEPEST: usize = 32;

struct Found<'a> {
    root: &'a Schema,
    problems: Vec<FieldProblem>,
}

impl Found<'_> {
    fn add(&mut self, pointer: &str, detail: impl Into<String>) {
        if self.problems.len() < MOST {
            self.problems.push(FieldProblem {
                pointer: pointer.to_owned(),
                detail: detail.into(),
            });
        }
    }

    fn compare(&mut self, schema: &Value, value: &Value, at: &str, depth: usize) {
        if depth > DEEPEST {
            return self.add(at, "This is nested too deeply.");
        }
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.rsplit('/').next().unwrap_or_default();
            let root = self.root;
            return match root.find(name) {
                Some(named) => self.compare(named, value, at, depth + 1),
                None => self.add(at, "The description of this field is incomplete."),
            };
        }
        if !of_type(&schema["type"], value) {
            return self.add(at, format!("This must be {}.", type_words(&schema["type"])));
        }
        if let Some(options) = schema["enum"].as_array()
            && !options.contains(value)
        {
            let known: Vec<&str> = options.iter().filter_map(Value::as_str).collect();
            return self.add(at, format!("This must be one of: {}.", known.join(", ")));
        }
        match value {
            Value::Object(members) => self.object(schema, members, at, depth),
            Value::Array(items) => self.array(schema, items, at, depth),
            Value::String(text) => self.text(schema, text, at),
            Value::Number(number) => self.number(schema, number.as_f64(), at),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn object(&mut self, schema: &Value, members: &Map<String, Value>, at: &str, depth: usize) {
        let required = schema["required"].as_array().into_iter().flatten();
        for name in required.filter_map(Value::as_str) {
            if !members.contains_key(name) {
                self.add(&pointer(at, name), "This is required.");
            }
        }
        let known = schema["properties"].as_object();
        let closed = schema["additionalProperties"] == Value::Bool(false);
        for (name, value) in members {
            match known.and_then(|known| known.get(name)) {
                Some(member) => self.compare(member, value, &pointer(at, name), depth + 1),
                None if closed => self.add(&pointer(at, name), unknown(known)),
                None => {}
            }
        }
    }

    fn array(&mut self, schema: &Value, items: &[Value], at: &str, depth: usize) {
        let count = items.len() as u64;
        if let Some(least) = schema["minItems"].as_u64().filter(|least| count < *least) {
            self.add(at, format!("At least {least} are needed."));
        }
        if let Some(most) = schema["maxItems"].as_u64().filter(|most| count > *most) {
            return self.add(at, format!("At most {most} are taken."));
        }
        if schema["items"].is_null() {
            return;
        }
        for (i, item) in items.iter().enumerate() {
            self.compare(
                &schema["items"],
                item,
                &pointer(at, &i.to_string()),
                depth + 1,
            );
        }
    }

    fn text(&mut self, schema: &Value, text: &str, at: &str) {
        let length = text.chars().count() as u64;
        if let Some(least) = schema["minLength"].as_u64().filter(|least| length < *least) {
            let detail = match least {
                1 => "This must not be empty.".to_owned(),
                _ => format!("This must have at least {least} characters."),
            };
            return self.add(at, detail);
        }
        if let Some(most) = schema["maxLength"].as_u64().filter(|most| length > *most) {
            return self.add(at, format!("This must have at most {most} characters."));
        }
        let fits = match schema["format"].as_str() {
            Some("uuid") => text.parse::<base::RecordId>().is_ok(),
            Some("date") => is_date(text),
            Some("email") => text
                .split_once('@')
                .is_some_and(|(a, b)| !a.is_empty() && !b.is_empty()),
            _ => true,
        };
        if !fits {
            self.add(
                at,
                format!("This must be {}.", format_words(&schema["format"])),
            );
        }
    }

    fn number(&mut self, schema: &Value, number: Option<f64>, at: &str) {
        let Some(number) = number else { return };
        if let Some(least) = schema["minimum"].as_f64().filter(|least| number < *least) {
            self.add(at, format!("This must be at least {least}."));
        }
        if let Some(most) = schema["maximum"].as_f64().filter(|most| number > *most) {
            self.add(at, format!("This must be at most {most}."));
        }
    }
}

fn unknown(known: Option<&Map<String, Value>>) -> String {
    let names: Vec<&str> = known
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .collect();
    format!(
        "There is no such field here; the fields are: {}.",
        names.join(", ")
    )
}

/// RFC 6901: `~` and `/` in a name are written `~0` and `~1`.
fn pointer(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn of_type(wanted: &Value, value: &Value) -> bool {
    match wanted {
        Value::String(one) => is_a(one, value),
        Value::Array(any) => any
            .iter()
            .filter_map(Value::as_str)
            .any(|one| is_a(one, value)),
        _ => true,
    }
}

fn is_a(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    }
}

fn type_words(wanted: &Value) -> String {
    let word = |kind: &str| match kind {
        "object" => "an object",
        "array" => "a list",
        "string" => "text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        _ => "null",
    };
    match wanted {
        Value::String(one) => word(one).to_owned(),
        Value::Array(any) => {
            let words: Vec<&str> = any.iter().filter_map(Value::as_str).map(word).collect();
            words.join(" or ")
        }
        _ => String::new(),
    }
}

fn format_words(format: &Value) -> &'static str {
    match format.as_str() {
        Some("uuid") => "an id such as 01939f4e-7c1a-7000-8000-0123456789ab",
        Some("date") => "a day such as 2026-11-23",
        _ => "a mail address",
    }
}

/// `YYYY-MM-DD`, a day that exists (RFC 3339 full-date).
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else {
        return false;
    };
    let digits = |part: &str, n: usize| part.len() == n && part.bytes().all(|b| b.is_ascii_digit());
    if !(digits(year, 4) && digits(month, 2) && digits(day, 2)) {
        return false;
    }
    let (Ok(year), Ok(month), Ok(day)) = (
        year.parse::<u32>(),
        month.parse::<u32>(),
        day.parse::<u32>(),
    ) else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => 0,
    };
    (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn contact() -> Schema {
        let mail = Schema::new(
            "Mail",
            json!({"type": "object", "required": ["value"], "properties": {
                "value": {"type": "string", "format": "email", "maxLength": 254},
                "label": {"type": "string", "enum": ["work", "home"]}}}),
        );
        Schema::new(
            "NewContact",
            json!({"type": "object", "required": ["first_name"], "properties": {
                "first_name": {"type": "string", "minLength": 1, "maxLength": 100},
                "birthday": {"type": ["string", "null"], "format": "date"},
                "employees": {"type": "integer", "minimum": 0},
                "emails": {"type": "array", "maxItems": 2, "items": mail.reference()}}}),
        )
        .with(mail)
    }

    fn places(value: &Value) -> Vec<String> {
        problems(&contact(), value)
            .into_iter()
            .map(|p| p.pointer)
            .collect()
    }

    #[test]
    fn what_fits_has_no_problems() {
        let value = json!({"first_name": "A", "birthday": null, "emails": [{"value": "a@b", "label": "work"}]});
        assert_eq!(places(&value), Vec::<String>::new());
    }

    #[test]
    fn every_place_that_does_not_fit_is_named() {
        let value = json!({"birthday": "2026-02-29", "employees": 1.5, "nick/name": "x",
            "emails": [{"value": "a@b"}, {"value": 7, "label": "car"}]});
        let mut places = places(&value);
        places.sort();
        assert_eq!(
            places,
            [
                "/birthday",
                "/emails/1/label",
                "/emails/1/value",
                "/employees",
                "/first_name",
                "/nick~1name"
            ]
        );
    }

    #[test]
    fn values_are_never_repeated() {
        let value =
            json!({"first_name": {"a": "canary"}, "birthday": "canary", "emails": "canary"});
        let told = format!("{:?}", problems(&contact(), &value));
        assert!(!told.contains("canary"), "{told}");
    }

    #[test]
    fn days_exist_or_not() {
        assert!(is_date("2024-02-29") && is_date("2000-02-29") && is_date("2026-12-31"));
        assert!(!is_date("2100-02-29") && !is_date("2026-13-01") && !is_date("2026-1-01"));
        assert!(!is_date("2026-04-31") && !is_date("+026-04-01") && !is_date(""));
    }
}

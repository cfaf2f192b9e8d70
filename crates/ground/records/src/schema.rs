//! Kinds and fields as data. A field exists only with its class, sensitivity, purposes and retention:
//! a declaration that lacks one of them does not load, so the schema is the data map.

use std::collections::BTreeMap;

use access::{FieldRule, KindRules, Policy, PurposeId};
use serde::Deserialize;

/// A kind's stable number: the `table` of ciphertexts and leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub struct KindId(pub u16);

/// A kind of link's stable number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub struct LinkKind(pub u16);

/// Whose data a record of this kind is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectMode {
    /// The record is the data subject (or stands for one): sealed under its own key.
    Itself,
    /// The record is about the subjects it is linked to: sealed under a key wrapped for each of them.
    About,
}

/// What values a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// One line.
    Text,
    /// Several paragraphs.
    LongText,
    /// Mail addresses with labels.
    Mails,
    /// Phone numbers with labels.
    Phones,
    /// Postal addresses with labels.
    Addresses,
    /// A calendar day.
    Date,
    /// An address on the web.
    Link,
    /// One of the field's options.
    Choice,
    /// A number.
    Number,
}

/// How an index makes tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexHow {
    /// Each word, and each word's beginnings of 3 to 8 letters.
    Words,
    /// The whole folded text of all its fields together.
    Whole,
    /// A mail address, exact, and its domain.
    Mail,
    /// A phone number, exact, and its last seven digits.
    Phone,
    /// The exact bytes.
    Exact,
    /// In clear: only for fields that say nothing about a person.
    Open,
}

/// One field.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Stable number within the kind, 1..=63: the `column` of ciphertexts.
    pub number: u16,
    /// Stable name, as the API uses it.
    pub name: String,
    /// As people read it.
    pub label: String,
    /// What values it takes.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// Category of data: identity, contact, location, employment, communication, special, internal.
    pub class: String,
    /// none, personal, sensitive or special.
    pub sensitivity: String,
    /// What it may be used for.
    pub purposes: Vec<String>,
    /// The retention class that ends it.
    pub retention: String,
    /// The options of a choice.
    #[serde(default)]
    pub options: Vec<String>,
    /// What to write here, for people.
    #[serde(default)]
    pub help: String,
}

/// One index over one or more fields.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Index {
    pub number: u16,
    pub name: String,
    pub how: IndexHow,
    pub fields: Vec<String>,
}

/// One kind of link that starts at a kind.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Link {
    pub number: LinkKind,
    pub name: String,
    pub to: Vec<String>,
}

/// One kind of record.
#[derive(Debug, Clone)]
pub struct Kind {
    /// Stable number.
    pub id: KindId,
    /// Stable name.
    pub name: String,
    /// One of them, as people read it.
    pub label: String,
    /// Many of them.
    pub plural: String,
    /// Whose data it is.
    pub subject: SubjectMode,
    /// The fields that make its name.
    pub shown_as: Vec<u16>,
    /// The fields it is sorted by.
    pub sorted_by: Vec<u16>,
    /// Its fields, by number.
    pub fields: Vec<Field>,
    pub(crate) indexes: Vec<Index>,
    pub(crate) links: Vec<Link>,
    pub(crate) rules: KindRules,
    columns: BTreeMap<String, u16>,
}

impl Kind {
    /// A field by name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.columns
            .get(name)
            .and_then(|&column| self.field_at(column))
    }

    /// A field by number.
    #[must_use]
    pub fn field_at(&self, column: u16) -> Option<&Field> {
        self.fields.iter().find(|field| field.number == column)
    }

    /// What access needs to know of it.
    #[must_use]
    pub const fn rules(&self) -> &KindRules {
        &self.rules
    }

    /// The link kind of this name that starts here.
    #[must_use]
    pub fn link(&self, name: &str) -> Option<LinkKind> {
        self.links
            .iter()
            .find(|link| link.name == name)
            .map(|link| link.number)
    }

    /// The names of the links that start here.
    pub fn link_names(&self) -> impl Iterator<Item = &str> {
        self.links.iter().map(|link| link.name.as_str())
    }

    /// Whether a link that starts here may lead to a record of that kind.
    pub(crate) fn may_link(&self, link: LinkKind, to: &str) -> bool {
        let declared = self.links.iter().find(|known| known.number == link);
        declared.is_some_and(|known| known.to.iter().any(|kind| kind == to))
    }

    pub(crate) fn index(&self, name: &str) -> Option<&Index> {
        self.indexes.iter().find(|index| index.name == name)
    }
}

/// All kinds.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    kinds: Vec<Kind>,
}

/// A declaration that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the schema of {owner} cannot be used: {problem}")]
pub struct SchemaError {
    owner: String,
    problem: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    kind: DeclaredKind,
    field: Vec<Field>,
    #[serde(default)]
    index: Vec<Index>,
    #[serde(default)]
    link: Vec<Link>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeclaredKind {
    number: KindId,
    name: String,
    label: String,
    plural: String,
    subject: SubjectMode,
    shown_as: Vec<String>,
    sorted_by: Vec<String>,
}

const CLASSES: [&str; 7] = [
    "identity",
    "contact",
    "location",
    "employment",
    "communication",
    "special",
    "internal",
];
const SENSITIVITIES: [&str; 4] = ["none", "personal", "sensitive", "special"];

impl Schema {
    /// Reads the declarations of all capabilities: `(owner, text of its schema.toml)`.
    pub fn load(declarations: &[(&str, &str)], policy: &Policy) -> Result<Self, SchemaError> {
        let mut schema = Self::default();
        for (owner, text) in declarations {
            let refuse = |problem: String| SchemaError {
                owner: (*owner).to_owned(),
                problem,
            };
            let declared: Declared =
                toml::from_str(text).map_err(|error| refuse(error.to_string()))?;
            let kind = build(declared, policy).map_err(refuse)?;
            if schema
                .kinds
                .iter()
                .any(|other| other.id == kind.id || other.name == kind.name)
            {
                return Err(refuse(format!("the kind {} is declared twice", kind.name)));
            }
            schema.kinds.push(kind);
        }
        Ok(schema)
    }

    /// All kinds, in the order they were declared.
    #[must_use]
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// A kind by name.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.name == name)
    }

    /// A kind by number.
    #[must_use]
    pub fn kind_at(&self, id: KindId) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.id == id)
    }
}

fn build(declared: Declared, policy: &Policy) -> Result<Kind, String> {
    let Declared {
        kind,
        field: fields,
        index: indexes,
        link: links,
    } = declared;
    let mut columns = BTreeMap::new();
    // Column 0 holds where values are from: seen by whoever sees anything.
    let everywhere = policy
        .purposes()
        .iter()
        .map(|purpose| purpose.number)
        .collect();
    let mut rules = vec![FieldRule {
        column: 0,
        class: "internal".into(),
        purposes: everywhere,
    }];
    for field in &fields {
        let name = &field.name;
        if !(1..=63).contains(&field.number) {
            return Err(format!("the field {name} must have a number from 1 to 63"));
        }
        if rules
            .iter()
            .any(|rule: &FieldRule| rule.column == field.number)
        {
            return Err(format!("the number of the field {name} is taken"));
        }
        if columns.insert(name.clone(), field.number).is_some() {
            return Err(format!("the field {name} is declared twice"));
        }
        if !CLASSES.contains(&field.class.as_str()) {
            return Err(format!(
                "the field {name} has the unknown class {}",
                field.class
            ));
        }
        if !SENSITIVITIES.contains(&field.sensitivity.as_str()) {
            return Err(format!(
                "the field {name} has the unknown sensitivity {}",
                field.sensitivity
            ));
        }
        if field.retention.is_empty() || field.purposes.is_empty() {
            return Err(format!(
                "the field {name} needs purposes and a retention class"
            ));
        }
        if (field.kind == FieldType::Choice) == field.options.is_empty() {
            return Err(format!(
                "the field {name}: a choice, and only a choice, has options"
            ));
        }
        let mut purposes: Vec<PurposeId> = Vec::new();
        for purpose in &field.purposes {
            let known = policy.purpose_named(purpose);
            purposes.push(
                known
                    .ok_or(format!(
                        "the field {name} names the unknown purpose {purpose}"
                    ))?
                    .number,
            );
        }
        // The program's own upkeep keeps indexes and verifies: nobody looks, and it leaves its leaf.
        purposes.extend(policy.purpose_named("upkeep").map(|p| p.number));
        rules.push(FieldRule {
            column: field.number,
            class: field.class.clone(),
            purposes,
        });
    }
    let lookup = |names: &[String]| -> Result<Vec<u16>, String> {
        names
            .iter()
            .map(|name| {
                columns
                    .get(name)
                    .copied()
                    .ok_or(format!("there is no field {name}"))
            })
            .collect()
    };
    for index in &indexes {
        lookup(&index.fields)?;
        let personal = fields
            .iter()
            .any(|field| index.fields.contains(&field.name) && field.sensitivity != "none");
        if index.how == IndexHow::Open && personal {
            return Err(format!(
                "the index {} would put a personal field in clear",
                index.name
            ));
        }
    }
    Ok(Kind {
        id: kind.number,
        rules: KindRules {
            table: kind.number.0,
            label: kind.label.clone(),
            fields: rules,
        },
        name: kind.name,
        label: kind.label,
        plural: kind.plural,
        subject: kind.subject,
        shown_as: lookup(&kind.shown_as)?,
        sorted_by: lookup(&kind.sorted_by)?,
        fields,
        indexes,
        links,
        columns,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = r#"
        [kind]
        number = 1
        name = "x"
        label = "X"
        plural = "Xs"
        subject = "itself"
        shown_as = ["a"]
        sorted_by = ["a"]
        [[field]]
        number = 1
        name = "a"
        label = "A"
        type = "text"
        class = "identity"
        sensitivity = "personal"
        purposes = ["sales_outreach"]
        retention = "contact"
        [[index]]
        number = 1
        name = "a"
        how = "words"
        fields = ["a"]
    "#;

    fn load(text: &str) -> Result<Schema, SchemaError> {
        Schema::load(&[("test", text)], &Policy::built_in())
    }

    #[test]
    fn a_sound_declaration_loads() {
        assert_eq!(load(SOUND).unwrap().kinds().len(), 1);
    }

    #[test]
    fn a_field_without_class_purpose_retention_or_sensitivity_does_not_load() {
        for needed in [
            "class =",
            "sensitivity =",
            "purposes =",
            "retention =",
            "type =",
        ] {
            let without: String = SOUND
                .lines()
                .filter(|line| !line.trim().starts_with(needed))
                .collect::<Vec<_>>()
                .join("\n");
            assert!(load(&without).is_err(), "{needed}");
        }
    }

    #[test]
    fn a_personal_field_is_never_indexed_in_clear() {
        assert!(load(&SOUND.replace("\"words\"", "\"open\"")).is_err());
    }

    #[test]
    fn unknown_purposes_and_classes_are_refused() {
        assert!(load(&SOUND.replace("sales_outreach", "whatever")).is_err());
        assert!(load(&SOUND.replace("\"identity\"", "\"stuff\"")).is_err());
    }
}

//! The JSON Schema of the document, made from its shape.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::shape::{Member, Shape};

/// The JSON Schema (2020-12) of the document, as pretty JSON.
#[must_use]
pub fn schema() -> String {
    let mut named = BTreeMap::new();
    let mut root = of(super::shape(), &mut named);
    // The root stands at the top and not among the definitions.
    if let Some(Value::Object(facts)) = named.remove("Facts") {
        root = Value::Object(facts);
    }
    if let Value::Object(root) = &mut root {
        root.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        root.insert("$id".to_owned(), json!(super::SCHEMA));
        root.insert("title".to_owned(), json!(super::SCHEMA));
        root.insert("$defs".to_owned(), json!(named));
    }
    crate::reports::to_json(&root, true)
}

/// The schema of one place. Records and sets of words go into the definitions. The depth of the shape is ours.
fn of(shape: &Shape, named: &mut BTreeMap<&'static str, Value>) -> Value {
    match shape {
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Number => json!({ "type": "integer" }),
        Shape::Text => json!({ "type": "string" }),
        Shape::Instant => json!({ "type": "string", "format": "date-time" }),
        Shape::List(item) => json!({ "type": "array", "items": of(item, named) }),
        Shape::Map => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        Shape::Word(name, words) => {
            named.entry(name).or_insert_with(|| json!({ "type": "string", "enum": words }));
            reference(name)
        }
        Shape::Record(name, members) => {
            let record = record(members, named);
            named.insert(name, record);
            reference(name)
        }
    }
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn record(members: &[Member], named: &mut BTreeMap<&'static str, Value>) -> Value {
    let mut properties = Map::new();
    for member in members {
        let mut schema = of(&member.shape, named);
        if let Value::Object(schema) = &mut schema {
            schema.insert("description".to_owned(), json!(member.meaning));
        }
        properties.insert(member.name.to_owned(), schema);
    }
    let required: Vec<_> = members.iter().filter(|member| !member.optional).map(|member| member.name).collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

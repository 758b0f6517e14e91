//! A check against a JSON Schema, in the part of draft 2020-12 that our schemas use. Any other keyword is a mistake
//! too, so that none is passed over.

#![allow(missing_docs, unreachable_pub, clippy::unwrap_used)]

use serde_json::Value;

/// What does not fit.
pub fn mistakes(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let Some(rules) = schema.as_object() else {
        return if schema == &Value::Bool(true) { Vec::new() } else { vec![format!("{at}: nothing fits")] };
    };
    rules.iter().flat_map(|(keyword, rule)| broken_by(root, keyword, rule, value, at)).collect()
}

fn broken_by(root: &Value, keyword: &str, rule: &Value, value: &Value, at: &str) -> Vec<String> {
    let unless = |holds: bool| if holds { Vec::new() } else { vec![format!("{at}: {value} breaks {keyword} {rule}")] };
    match keyword {
        "title" | "description" | "$schema" | "$id" | "$defs" => Vec::new(),
        "$ref" => {
            let target = root.pointer(rule.as_str().unwrap().trim_start_matches('#')).unwrap();
            mistakes(root, target, value, at)
        }
        "anyOf" => unless(list(rule).any(|one| mistakes(root, one, value, at).is_empty())),
        "enum" => unless(list(rule).any(|one| one == value)),
        "const" => unless(rule == value),
        "type" => unless(one_or_more(rule).any(|kind| is_of(value, kind))),
        "format" => unless(fits_format(rule, value)),
        "pattern" => unless(value.as_str().is_none_or(is_kebab) && rule == r"^[a-z0-9]+(-[a-z0-9]+)*$"),
        "minimum" => unless(value.as_f64().is_none_or(|number| number >= rule.as_f64().unwrap())),
        "maximum" => unless(value.as_f64().is_none_or(|number| number <= rule.as_f64().unwrap())),
        "minItems" => unless(value.as_array().is_none_or(|items| items.len() as u64 >= rule.as_u64().unwrap())),
        "maxItems" => unless(value.as_array().is_none_or(|items| items.len() as u64 <= rule.as_u64().unwrap())),
        "required" => list(rule).flat_map(|name| unless(value.get(name.as_str().unwrap()).is_some())).collect(),
        "properties" => {
            let known =
                rule.as_object().unwrap().iter().filter_map(|(name, part)| Some((name, part, value.get(name)?)));
            known.flat_map(|(name, part, value)| mistakes(root, part, value, &format!("{at}.{name}"))).collect()
        }
        "additionalProperties" => {
            let values = value.as_object().into_iter().flat_map(|object| object.values());
            values.flat_map(|value| mistakes(root, rule, value, at)).collect()
        }
        "items" => list(value).flat_map(|item| mistakes(root, rule, item, &format!("{at}[]"))).collect(),
        "prefixItems" => list(rule)
            .zip(list(value))
            .flat_map(|(part, item)| mistakes(root, part, item, &format!("{at}[]")))
            .collect(),
        _ => vec![format!("the check does not know the keyword `{keyword}`")],
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn one_or_more(value: &Value) -> impl Iterator<Item = &str> {
    value.as_str().into_iter().chain(list(value).filter_map(Value::as_str))
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

fn fits_format(format: &Value, value: &Value) -> bool {
    match (format.as_str().unwrap(), value) {
        (_, Value::Null) | ("uint64", Value::Number(_)) => true,
        ("date-time", Value::String(text)) => text.parse::<countersign::time::Time>().is_ok() && text.ends_with('Z'),
        _ => false,
    }
}

fn is_kebab(text: &str) -> bool {
    !text.is_empty()
        && text
            .split('-')
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
}

//! The JSON Schema that is shipped is the one of the code, and real verdicts fit it.

#![allow(missing_docs)]

mod program;

use std::fs;
use std::path::Path;

use program::{run, run_in};
use serde_json::Value;

fn shipped() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema/verdict-v1.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn the_shipped_schema_is_the_one_of_the_code() {
    let now = run(&["schema"]).expect(0);
    assert_eq!(now.json(), shipped(), "run: countersign schema > docs/schema/verdict-v1.json");
}

#[test]
fn verdicts_fit_the_schema() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a"), "x").unwrap();
    let bundle = br#"{"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[{"sig":"AA=="}]}"#;
    fs::write(folder.path().join("a.intoto.jsonl"), bundle).unwrap();
    let schema = shipped();
    let zeros = format!("sha256:{}", "0".repeat(64));
    for arguments in [&["a"][..], &["--environment", "lab", "a"], &["--digest", &zeros], &["--no-discover", "a"]] {
        let verdict = run_in(folder.path(), &[&["verify", "--format", "json"], arguments].concat()).json();
        assert_eq!(mistakes(&schema, &schema, &verdict, "$"), Vec::<String>::new());
    }
}

#[test]
fn the_check_notices_what_does_not_fit() {
    let schema = shipped();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a"), "x").unwrap();
    let verdict = run_in(folder.path(), &["verify", "--format", "json", "a"]).json();
    let spoilt = |spoil: fn(&mut Value)| {
        let mut copy = verdict.clone();
        spoil(&mut copy);
        mistakes(&schema, &schema, &copy, "$")
    };
    assert_eq!(spoilt(|v| v["decision"] = "allow".into()).len(), 1);
    assert_eq!(spoilt(|v| v["schema"] = "countersign/verdict/v2".into()).len(), 1);
    assert_ne!(spoilt(|v| v["artifact"]["size"] = "1".into()).len(), 0);
    assert_eq!(spoilt(|v| drop(v.as_object_mut().unwrap().remove("claims"))).len(), 1);
    assert_eq!(spoilt(|v| v["questions"]["signed"]["requirements"][0]["reason"] = "Free text".into()).len(), 1);
}

/// What does not fit, in the part of JSON Schema 2020-12 that our schema uses. Any other keyword is a mistake
/// too, so that none is passed over.
fn mistakes(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
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

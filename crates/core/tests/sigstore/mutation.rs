//! Systematic changes to a JSON document: every member changed, emptied, doubled and removed.

use countersign::encoding::base64;
use serde_json::{Map, Value};

/// Valid documents of every kind: family and case.
pub const BASES: [(&str, &str); 14] = [
    ("sigstore-conformance", "happy-path-v0.1"),
    ("sigstore-conformance", "happy-path-v0.2"),
    ("sigstore-conformance", "happy-path-v0.3"),
    ("sigstore-conformance", "happy-path-intoto-in-dsse-v3"),
    ("sigstore-conformance", "intoto-with-custom-trust-root"),
    ("sigstore-conformance", "rekor2-checkpoint-cosigned"),
    ("sigstore-conformance", "rekor2-dsse-happy-path"),
    ("sigstore-conformance", "rekor2-timestamp-with-embedded-cert"),
    ("sigstore-conformance", "managed-key-happy-path"),
    ("sigstore", "js-bundleV01-intoto-no-proof"),
    ("sigstore", "gh-private-python-demo"),
    ("sigstore", "pypi-pypi_attestations-0.0.19-slsa"),
    ("sigstore", "model-v1.1.0-key"),
    ("sigstore", "model-v1.0.1-certificate"),
];

/// One change to a document.
pub struct Mutation {
    pub path: String,
    pub what: &'static str,
    pub document: Value,
}

/// Every place in a document, as steps.
fn places(value: &Value, here: &[Step], all: &mut Vec<Vec<Step>>) {
    if !here.is_empty() {
        all.push(here.to_vec());
    }
    let below = |step: Step| [here, &[step]].concat();
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| places(value, &below(Step::Name(name.clone())), all));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| places(value, &below(Step::Index(index)), all));
        }
        _ => {}
    }
}

#[derive(Clone)]
enum Step {
    Name(String),
    Index(usize),
}

fn path(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Name(name) if path.is_empty() => path.push_str(name),
            Step::Name(name) => path.push_str(&format!(".{name}")),
            Step::Index(index) => path.push_str(&format!("[{index}]")),
        }
    }
    path
}

fn at<'a>(value: &'a mut Value, steps: &[Step]) -> &'a mut Value {
    steps.iter().fold(value, |value, step| match step {
        Step::Name(name) => &mut value[name.as_str()],
        Step::Index(index) => &mut value[*index],
    })
}

/// Every change to every member of a document, one at a time.
pub fn mutations(document: &Value) -> Vec<Mutation> {
    let mut all = Vec::new();
    places(document, &[], &mut all);
    all.iter().flat_map(|steps| of_place(document, steps)).collect()
}

fn of_place(document: &Value, steps: &[Step]) -> Vec<Mutation> {
    let mut found = Vec::new();
    let mut add = |what, change: &dyn Fn(&mut Value)| {
        let mut document = document.clone();
        change(&mut document);
        found.push(Mutation { path: path(steps), what, document });
    };
    let (last, parent) = steps.split_last().unwrap();
    add("removed", &|document| match (at(document, parent), last) {
        (Value::Object(members), Step::Name(name)) => drop(members.remove(name)),
        (Value::Array(items), Step::Index(index)) => drop(items.remove(*index)),
        _ => unreachable!(),
    });
    let mut whole = document.clone();
    match at(&mut whole, steps).clone() {
        Value::String(text) => {
            for changed in changed_texts(&text) {
                add("changed", &|document| *at(document, steps) = Value::String(changed.clone()));
            }
            add("emptied", &|document| *at(document, steps) = Value::String(String::new()));
        }
        Value::Number(number) => {
            let next = number.as_i64().unwrap() + 1;
            add("changed", &|document| *at(document, steps) = next.into());
        }
        Value::Object(_) => add("emptied", &|document| *at(document, steps) = Value::Object(Map::new())),
        Value::Array(items) => {
            add("emptied", &|document| *at(document, steps) = Value::Array(Vec::new()));
            if let Some(first) = items.first() {
                let more: Vec<_> = items.iter().chain([first]).cloned().collect();
                add("doubled", &|document| *at(document, steps) = Value::Array(more.clone()));
            }
        }
        _ => {}
    }
    found
}

/// Other texts of the same form: another number, other bytes, another letter.
fn changed_texts(text: &str) -> Vec<String> {
    if let Ok(number) = text.parse::<i64>() {
        return vec![(number + 1).to_string(), (-number - 1).to_string()];
    }
    if let Some(bytes) = base64::decode(text).filter(|bytes| bytes.len() > 8) {
        let flipped = [0, bytes.len() / 2, bytes.len() - 1].map(|position| {
            let mut bytes = bytes.clone();
            bytes[position] ^= 1;
            base64::encode(&bytes)
        });
        return flipped.to_vec();
    }
    let letters: Vec<char> = text.chars().collect();
    let replaced = |position: usize| {
        let mut letters = letters.clone();
        letters[position] = if letters[position] == 'x' { 'y' } else { 'x' };
        letters.into_iter().collect()
    };
    if letters.is_empty() { vec!["x".to_owned()] } else { vec![replaced(0), replaced(letters.len() / 2)] }
}

//! Systematic damage: every member of a few valid documents is changed, emptied and removed, one at a time.
//! None of it may leave a valid signature, except where the member provably does not matter; those are
//! listed with the reason.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::unwrap_used,
    dead_code,
    missing_docs,
    unreachable_pub
)]

mod sigstore;

use std::collections::BTreeSet;
use std::fs;

use countersign::encoding::base64;
use countersign::evidence::State;
use countersign::material::EvidenceFile;
use serde_json::{Map, Value};
use sigstore::{Case, cases};

/// Valid documents of every kind: family and case.
const BASES: [(&str, &str); 14] = [
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

/// Members that may change without effect, by the end of case and path, what was done, and why.
const WITHOUT_EFFECT: &[(&str, &str, &str)] = &[
    ("publicKey.hint", "*", "a hint at a key that the relying party has; nobody signed it"),
    (".keyid", "*", "the same in an envelope"),
    ("messageSignature.messageDigest", "removed", "a hint: the artifact's own digest takes its place"),
    ("messageDigest.algorithm", "changed", "an algorithm that is not read makes the hint as good as absent"),
    ("messageDigest.algorithm", "emptied", "the same"),
    ("inclusionProof.rootHash", "removed", "the checkpoint states the root, signed"),
    ("verificationMaterial.tlogEntries", "removed", "where the log is not demanded: keys, and GitHub's instance"),
    ("inclusionPromise", "removed", "where a timestamp or nothing needs to prove the time"),
    ("timestampVerificationData", "removed", "where a promise proves the time, or a key needs none"),
    ("rfc3161Timestamps", "removed", "the same"),
    ("rfc3161Timestamps[0]", "removed", "the same"),
    ("tlogEntries[0]", "removed", "where the log is not demanded"),
    ("inclusionProof", "removed", "v0.1 rests on the promise alone"),
    ("publicKey", "emptied", "the hint is all that is in it"),
    ("tlogEntries", "emptied", "where the log is not demanded"),
    ("timestampVerificationData", "emptied", "where a promise proves the time, or a key needs none"),
    ("rfc3161Timestamps", "emptied", "the same"),
    ("x509CertificateChain.certificates", "doubled", "the leaf once more as an intermediate that it cannot be"),
    ("intoto-with-custom-trust-root: verificationMaterial.tlogEntries[0].inclusionProof.hashes", "*", "a tree of one"),
    (
        "intoto-with-custom-trust-root: verificationMaterial.tlogEntries[0].inclusionProof.logIndex",
        "removed",
        "is zero",
    ),
    (
        "rekor2-dsse-happy-path: verificationMaterial.tlogEntries[0].inclusionProof.checkpoint.envelope",
        "changed",
        "a cosignature of a witness that nobody named; the log's own line is checked in the other cases",
    ),
];

/// One change to a document.
struct Mutation {
    path: String,
    what: &'static str,
    document: Value,
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

fn mutations(document: &Value) -> Vec<Mutation> {
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

/// The line of the list that allows for a change.
fn allowance(id: &str, mutation: &Mutation) -> Option<usize> {
    let place = format!("{id}: {}", mutation.path);
    let allows = |(end, what, _): &(&str, &str, &str)| place.ends_with(end) && (*what == "*" || *what == mutation.what);
    WITHOUT_EFFECT.iter().position(allows)
}

fn is_valid(case: &Case, document: &Value) -> bool {
    let mut material = case.material().unwrap();
    material.evidence.push(EvidenceFile { path: "mutated".to_owned(), bytes: serde_json::to_vec(document).unwrap() });
    case.examine_with(&material).signatures.iter().any(|signature| signature.state() == State::Valid)
}

#[test]
fn no_change_to_a_member_that_matters_leaves_a_valid_signature() {
    let (mut tried, mut survived, mut used) = (0, Vec::new(), BTreeSet::new());
    for (family, id) in BASES {
        let Some(case) = cases(family).into_iter().find(|case| case.id == id) else { return };
        let text = fs::read(&case.evidence()[0]).unwrap();
        let document: Value = serde_json::from_slice(&text).unwrap();
        assert!(is_valid(&case, &document), "{id}");
        for mutation in mutations(&document) {
            tried += 1;
            if is_valid(&case, &mutation.document) {
                match allowance(id, &mutation) {
                    Some(line) => drop(used.insert(line)),
                    None => survived.push(format!("{id}: {} {}", mutation.path, mutation.what)),
                }
            }
        }
    }
    eprintln!("{tried} changes tried");
    assert!(survived.is_empty(), "{} changes without effect:\n{}", survived.len(), survived.join("\n"));
    let unused: Vec<_> = (0..WITHOUT_EFFECT.len()).filter(|line| !used.contains(line)).collect();
    assert!(
        unused.is_empty(),
        "lines of the list that allow for nothing: {:?}",
        unused.iter().map(|l| WITHOUT_EFFECT[*l]).collect::<Vec<_>>()
    );
}

/// Halves of two valid documents: nothing of one may vouch for the other.
#[test]
fn halves_of_two_valid_documents_never_make_a_valid_one() {
    let bundles: Vec<_> = BASES
        .iter()
        .filter_map(|(family, id)| {
            let case = cases(family).into_iter().find(|case| case.id == *id)?;
            let document: Value = serde_json::from_slice(&fs::read(&case.evidence()[0]).unwrap()).unwrap();
            document.get("mediaType")?;
            Some((case, document))
        })
        .collect();
    let parts: [&[&str]; 4] = [
        &["messageSignature"],
        &["dsseEnvelope"],
        &["verificationMaterial", "tlogEntries"],
        &["verificationMaterial", "timestampVerificationData"],
    ];
    let mut survived = Vec::new();
    for (case, document) in &bundles {
        for (other, donor) in bundles.iter().filter(|(other, _)| other.id != case.id) {
            for part in parts {
                let pointer = format!("/{}", part.join("/"));
                let (Some(own), Some(foreign)) = (document.pointer(&pointer), donor.pointer(&pointer)) else {
                    continue;
                };
                let is_empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty);
                if own == foreign || is_empty(own) || is_empty(foreign) {
                    continue;
                }
                let mut mixed = document.clone();
                *mixed.pointer_mut(&pointer).unwrap() = foreign.clone();
                if is_valid(case, &mixed) {
                    survived.push(format!("{} with {} of {}", case.id, part.join("."), other.id));
                }
            }
        }
    }
    assert!(survived.is_empty(), "{survived:#?}");
}

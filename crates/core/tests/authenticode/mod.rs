//! What the tests over the Authenticode family of the corpus have in common.

#![allow(dead_code, missing_docs, unreachable_pub, reason = "shared by tests that each use a part")]

use std::path::{Path, PathBuf};

use countersign::artifact::{Artifact, Content, Source};
use countersign::dossier::Dossier;
use countersign::encoding::pem;
use countersign::evidence::{Outcome, Signature};
use countersign::examine::examine;
use countersign::material::{Limits, Material};
use countersign::pki::crl;
use countersign::time::Time;
use countersign::trust::TrustBundle;
use serde_json::Value;

pub fn family() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/authenticode");
    if !path.is_dir() {
        eprintln!("SKIPPED: {} is not there", path.display());
        return None;
    }
    Some(path)
}

pub fn cases(family: &Path) -> Vec<Value> {
    let lines = std::fs::read_to_string(family.join("cases.jsonl")).unwrap();
    let cases = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let is_ours = |case: &Value| {
        let id = case["id"].as_str().unwrap();
        (id.starts_with("pe-") || id.starts_with("efi-")) && !id.starts_with("pe-sigblob-")
    };
    cases.filter(is_ours).collect()
}

pub fn material(family: &Path, case: &Value) -> Material {
    let mut material = Material { anchors: TrustBundle::built_in(), ..Material::default() };
    let args: Vec<&str> = case["args"].as_array().into_iter().flatten().map(|arg| arg.as_str().unwrap()).collect();
    for pair in args.chunks(2) {
        let path = pair[1].replace("{dir}", family.to_str().unwrap());
        let bytes = std::fs::read(&path).unwrap();
        match pair[0] {
            "--anchor" => {
                for certificate in pem::certificates(&bytes).unwrap() {
                    material.anchors = material.anchors.with_anchor(certificate, &path);
                }
            }
            "--crl" => material.crls.extend(crl::read_all(&bytes).unwrap()),
            other => panic!("{other}"),
        }
    }
    material
}

pub fn dossier(family: &Path, case: &Value) -> Dossier {
    let bytes = std::fs::read(family.join(case["artifact"].as_str().unwrap())).unwrap();
    look(&bytes, &material(family, case), case["at"].as_str().unwrap().parse().unwrap())
}

pub fn look(bytes: &dyn Source, material: &Material, at: Time) -> Dossier {
    let artifact = Artifact { name: String::new(), path: String::new(), content: Content::File(bytes) };
    examine(&artifact, material, at, &Limits::default()).unwrap()
}

pub fn words(value: &Value) -> Vec<&str> {
    match value {
        Value::String(word) => vec![word],
        Value::Array(words) => words.iter().map(|word| word.as_str().unwrap()).collect(),
        _ => Vec::new(),
    }
}

pub fn fits(signature: &Signature, expect: &Value) -> bool {
    let contains =
        |key: &str, text: Option<&str>| expect[key].as_str().is_none_or(|want| text.is_some_and(|t| t.contains(want)));
    let states = words(&expect["state"]);
    (states.is_empty() || states.contains(&signature.state().word()))
        && expect["format"].as_str().is_none_or(|format| format == signature.format)
        && contains("signer", signature.signer.name.as_deref())
        && contains("issuer", signature.signer.issuer.as_deref())
        && expect["trusted_time"].as_str().is_none_or(|time| signature.time.trusted == Some(time.parse().unwrap()))
}

/// The answer to question 1 without a policy: every embedded signature must hold.
pub fn signed(dossier: &Dossier) -> &'static str {
    let outcomes: Vec<Outcome> = dossier.signatures.iter().map(Signature::integrity).collect();
    if outcomes.is_empty() || outcomes.iter().any(|outcome| matches!(outcome, Outcome::Fail(_))) {
        "no"
    } else if outcomes.iter().all(|outcome| *outcome == Outcome::Pass) {
        "yes"
    } else {
        "not-established"
    }
}

pub fn describe(dossier: &Dossier) -> String {
    let mut text = String::new();
    for signature in &dossier.signatures {
        text += &format!(
            "  {} {}: {} ({}), signer {:?}, time {:?}\n",
            signature.id,
            signature.position.as_deref().unwrap_or_default(),
            signature.state().word(),
            signature.reason(),
            signature.signer.name,
            signature.time.trusted.map(|time| time.to_string()),
        );
        for check in &signature.checks {
            text += &format!("    {} {}: {}\n", check.id.word(), check.outcome.reason(), check.detail);
        }
        for uncovered in &signature.coverage.uncovered {
            text += &format!("    uncovered {:?}: {}\n", uncovered.range, uncovered.what);
        }
    }
    for finding in &dossier.findings {
        text += &format!("  finding {}: {}\n", finding.id.word(), finding.message);
    }
    text
}

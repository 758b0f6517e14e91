//! Every PE and EFI case of the corpus beside the project, through `examine`.
//!
//! The corpus runner asks the same of the command line; this asks core alone, and says more when it fails.

#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests read files and may panic"
)]

use std::path::{Path, PathBuf};

use countersign::artifact::{Artifact, Content};
use countersign::dossier::Dossier;
use countersign::encoding::pem;
use countersign::evidence::{Outcome, Signature};
use countersign::examine::examine;
use countersign::material::{Limits, Material};
use countersign::pki::crl;
use countersign::trust::TrustBundle;
use serde_json::Value;

fn family() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/authenticode");
    if !path.is_dir() {
        eprintln!("SKIPPED: {} is not there", path.display());
        return None;
    }
    Some(path)
}

fn cases(family: &Path) -> Vec<Value> {
    let lines = std::fs::read_to_string(family.join("cases.jsonl")).unwrap();
    let cases = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let is_ours = |case: &Value| {
        let id = case["id"].as_str().unwrap();
        (id.starts_with("pe-") || id.starts_with("efi-")) && !id.starts_with("pe-sigblob-")
    };
    cases.filter(is_ours).collect()
}

fn material(family: &Path, case: &Value) -> Material {
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

fn dossier(family: &Path, case: &Value) -> Dossier {
    let bytes = std::fs::read(family.join(case["artifact"].as_str().unwrap())).unwrap();
    let name = case["artifact"].as_str().unwrap().to_owned();
    let artifact = Artifact { name: name.clone(), path: name, content: Content::File(&bytes) };
    let at = case["at"].as_str().unwrap().parse().unwrap();
    examine(&artifact, &material(family, case), at, &Limits::default()).unwrap()
}

fn words(value: &Value) -> Vec<&str> {
    match value {
        Value::String(word) => vec![word],
        Value::Array(words) => words.iter().map(|word| word.as_str().unwrap()).collect(),
        _ => Vec::new(),
    }
}

fn fits(signature: &Signature, expect: &Value) -> bool {
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
fn signed(dossier: &Dossier) -> &'static str {
    let outcomes: Vec<Outcome> = dossier.signatures.iter().map(Signature::integrity).collect();
    if outcomes.is_empty() || outcomes.iter().any(|outcome| matches!(outcome, Outcome::Fail(_))) {
        "no"
    } else if outcomes.iter().all(|outcome| *outcome == Outcome::Pass) {
        "yes"
    } else {
        "not-established"
    }
}

fn problems(dossier: &Dossier, expect: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    let answers = [words(&expect["signed"]), words(&expect["signed_in"])].concat();
    if !answers.is_empty() && !answers.contains(&signed(dossier)) {
        problems.push(format!("signed is {}, not {answers:?}", signed(dossier)));
    }
    let unsigned = words(&expect["state"]).contains(&"unsigned") && dossier.signatures.is_empty();
    if !expect["state"].is_null() && !unsigned && !dossier.signatures.iter().any(|signature| fits(signature, expect)) {
        problems.push(format!("no signature fits {expect}"));
    }
    let forbidden = words(&expect["no_state"]);
    if dossier.signatures.iter().any(|signature| forbidden.contains(&signature.state().word())) {
        problems.push(format!("a signature has a state of {forbidden:?}"));
    }
    let uncovered = dossier.signatures.iter().any(|signature| !signature.coverage.uncovered.is_empty());
    if expect["uncovered"].as_bool().is_some_and(|want| want != uncovered) {
        problems.push(format!("uncovered bytes: {uncovered}"));
    }
    problems
}

fn describe(dossier: &Dossier) -> String {
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

#[test]
fn every_undisputed_case_is_judged_as_its_truth() {
    let Some(family) = family() else { return };
    let verbose = std::env::var("VERBOSE").ok();
    let mut failed = Vec::new();
    let cases = cases(&family);
    for case in &cases {
        let id = case["id"].as_str().unwrap();
        let dossier = dossier(&family, case);
        let problems = problems(&dossier, &case["expect"]);
        let disputed = case["disputed"].as_bool() == Some(true);
        if verbose.as_deref().is_some_and(|part| id.contains(part)) {
            eprintln!("{id}: {problems:?}\n{}", describe(&dossier));
        }
        if !problems.is_empty() {
            eprintln!("{}{id}: {problems:?}\n{}", if disputed { "(disputed) " } else { "" }, describe(&dossier));
        }
        if !problems.is_empty() && !disputed {
            failed.push(id);
        }
    }
    assert!(failed.is_empty(), "{} of {} cases: {failed:?}", failed.len(), cases.len());
}

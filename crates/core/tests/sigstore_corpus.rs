//! Public Sigstore cases through `examine`: the state of the signature, who signed and when, and the reason,
//! so that a case that fails for another reason than before is noticed (the conformance suite itself passes
//! clients that refuse for the wrong reason).
//!
//! The reasons are kept in `data/sigstore-reasons.txt`. After a change that is meant to change them, run with
//! `UPDATE=1` and read the difference.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    dead_code,
    missing_docs,
    unreachable_pub
)]

mod sigstore;

use std::fs;
use std::path::Path;

use countersign::dossier::Dossier;
use countersign::evidence::{Outcome, Signature, State};
use sigstore::{Case, cases};

const FAMILIES: [&str; 2] = ["sigstore", "sigstore-conformance"];

fn contains(texts: &[Option<&str>], wanted: &str) -> bool {
    texts.iter().flatten().any(|text| text.contains(wanted))
}

/// What of the expectation a signature does not meet.
fn misses(signature: &Signature, case: &Case) -> Vec<String> {
    let mut missed = Vec::new();
    let state = signature.state().word();
    let accepted = case.any_of("state");
    if !accepted.is_empty() && !accepted.contains(&state) {
        missed.push(format!("state {state} ({})", signature.reason()));
    }
    let signer = &signature.signer;
    let names: Vec<_> = signer.san.iter().map(String::as_str).map(Some).chain([signer.name.as_deref()]).collect();
    if case.expected("signer").is_some_and(|wanted| !contains(&names, wanted)) {
        missed.push(format!("signer {names:?}"));
    }
    let issuers = [signer.issuer.as_deref(), signer.oidc_issuer.as_deref()];
    if case.expected("issuer").is_some_and(|wanted| !contains(&issuers, wanted)) {
        missed.push(format!("issuer {issuers:?}"));
    }
    let time = case.expected("trusted_time").map(|time| time.parse().unwrap());
    if time.is_some() && signature.time.trusted != time {
        missed.push(format!("trusted time {:?}", signature.time.trusted));
    }
    missed
}

/// Question 1 without a policy, as the contract defines it for evidence beside the artifact.
fn signed(dossier: &Dossier) -> &'static str {
    let outcomes: Vec<_> = dossier.signatures.iter().map(Signature::integrity).collect();
    if outcomes.contains(&Outcome::Pass) {
        "yes"
    } else if outcomes.iter().any(|outcome| matches!(outcome, Outcome::Undecided(_))) {
        "not-established"
    } else {
        "no"
    }
}

fn problems(case: &Case, dossier: &Dossier) -> Vec<String> {
    let mut problems = Vec::new();
    let signatures = &dossier.signatures;
    let unsigned = signatures.is_empty() && case.any_of("state").contains(&"unsigned");
    let all: Vec<_> = signatures.iter().map(|signature| misses(signature, case)).collect();
    if !unsigned && !all.iter().any(Vec::is_empty) {
        problems.push(format!("no signature fits: {all:?}"));
    }
    let forbidden = case.any_of("no_state");
    if signatures.iter().any(|signature| forbidden.contains(&signature.state().word())) {
        problems.push(format!("a signature is {forbidden:?}"));
    }
    let answers = [case.any_of("signed"), case.any_of("signed_in")].concat();
    let answer = signed(dossier);
    if !answers.is_empty() && !answers.contains(&answer) {
        problems.push(format!("signed is {answer}, expected {answers:?}"));
    }
    problems
}

fn reasons(dossier: &Dossier) -> String {
    let of = |signature: &Signature| format!("{} {}", signature.state().word(), signature.reason());
    dossier.signatures.iter().map(of).collect::<Vec<_>>().join(", ")
}

#[test]
fn every_case_is_judged_as_its_truth_says_and_for_the_known_reason() {
    let mut failed = Vec::new();
    let mut lines = String::new();
    for family in FAMILIES {
        for case in &cases(family) {
            let reason = match case.examine() {
                Ok(dossier) => {
                    if !case.is_disputed() {
                        failed.extend(problems(case, &dossier).into_iter().map(|p| format!("{}: {p}", case.id)));
                    }
                    reasons(&dossier)
                }
                Err(error) => {
                    assert!(case.may_not_run(), "{}: {error}", case.id);
                    format!("cannot run: {}", error.problem)
                }
            };
            lines.push_str(&format!("{family}/{}: {reason}\n", case.id));
        }
    }
    assert!(failed.is_empty(), "{} cases:\n{}", failed.len(), failed.join("\n"));
    if !lines.is_empty() {
        compare_with_known(&lines);
    }
}

fn compare_with_known(lines: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sigstore-reasons.txt");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, lines).unwrap();
    }
    let known = fs::read_to_string(&path).unwrap();
    let changed: Vec<_> = lines.lines().zip(known.lines()).filter(|(now, before)| now != before).collect();
    assert!(changed.is_empty(), "reasons changed (UPDATE=1 accepts them): {changed:#?}");
    assert_eq!(lines.lines().count(), known.lines().count(), "cases were added or removed: UPDATE=1");
}

#[test]
fn a_damaged_copy_of_any_bundle_never_crashes() {
    for case in cases("sigstore").iter().filter(|case| case.is_expected_to_verify()) {
        let Some(path) = case.evidence().into_iter().next() else { continue };
        let whole = fs::read(path).unwrap();
        for part in 1..8 {
            let mut material = case.material().unwrap();
            let bytes = whole[..whole.len() * part / 8].to_vec();
            material.evidence.push(countersign::material::EvidenceFile { path: "cut".to_owned(), bytes });
            let dossier = case.examine_with(&material);
            // The first lines of a collection may be whole.
            let lines = whole.iter().filter(|byte| **byte == b'\n').count();
            let valid = dossier.signatures.iter().any(|signature| signature.state() == State::Valid);
            assert!(!valid || lines > 0, "{} cut at {part}/8 is still valid", case.id);
        }
    }
}

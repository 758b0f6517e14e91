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

mod authenticode;

use authenticode::{cases, describe, dossier, family, fits, signed, words};
use countersign::dossier::Dossier;
use serde_json::Value;

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

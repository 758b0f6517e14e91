//! The code-signing limbo (testdata/codesigning-limbo): a truth table of time, revocation, usage and anchors.
//!
//! Every case is examined and appraised, and all of it must be as the suite says:
//! state, proven time and its source, what is known about revocation, both answers, and the findings that the
//! suite is about. There is no list of exceptions: where we differed, either we were wrong or the case was.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used
)]

mod codesigning;

use std::collections::BTreeSet;

use countersign::appraise::{Terms, appraise};
use countersign::evidence::{CheckId, Need, Outcome, Signature, SignatureId};
use countersign::finding::{Finding, FindingId};
use countersign::policy::{DEFAULT_ENVIRONMENT, Expectations, Policy};
use countersign::registry::Registry;
use countersign::verdict::{Question, Verdict};
use serde_json::Value;

use codesigning::Case;

/// The findings that the suite decides; others may come and go beside them.
const DECIDED: [&str; 11] = [
    "weak-algorithm",
    "weak-algorithm-tolerated",
    "timestamp-without-effect",
    "signed-within-validity",
    "lifetime-signing",
    "revoked-since",
    "retired-since",
    "ineffective-revocation",
    "revocation-unknown",
    "self-signed",
    "lenient-encoding",
];

/// What the suite means by its two answers: question 1, and question 2 where nobody says whom to expect.
const POLICY: &str = r#"
schema = 1
name = "codesigning-limbo"
[environment.production.signed]
intact = "required"
[environment.production.signer]
vouched = "by-anchor"
not-revoked = "established"
"#;

fn verdict(case: &Case) -> Verdict {
    let terms = Terms {
        policy: &Policy::parse(POLICY, "codesigning-limbo").unwrap(),
        environment: DEFAULT_ENVIRONMENT,
        expectations: &Expectations::default(),
        registry: &Registry::default(),
        at: case.at(),
    };
    appraise(case.examine(), &terms).unwrap()
}

fn answer(verdict: &Verdict, question: Question) -> &'static str {
    verdict.questions.iter().find(|found| found.question == question).unwrap().answer.word()
}

fn revocation(signature: &Signature, verdict: &Verdict) -> Option<&'static str> {
    let is_since = |finding: &&Finding| matches!(finding.id, FindingId::RevokedSince | FindingId::RetiredSince);
    // The same is said of timestamping authorities, in so many words.
    let since =
        verdict.findings.iter().filter(is_since).any(|finding| !finding.message.starts_with("of the timestamp"));
    match signature.outcome(CheckId::Revocation)? {
        Outcome::Pass | Outcome::Undecided(_) if since => Some("revoked-since"),
        Outcome::Pass => Some("good"),
        Outcome::Undecided(Need::RevocationStatus) => Some("unknown"),
        Outcome::Fail(_) => Some("revoked"),
        Outcome::Undecided(_) => None,
    }
}

/// Every way in which a verdict differs from what the case says is right.
fn differences(case: &Case) -> Vec<String> {
    let verdict = verdict(case);
    let expected = &case.json["code_signing"]["expected"];
    let [signature] = verdict.dossier.signatures.as_slice() else {
        return vec![format!("{} signatures", verdict.dossier.signatures.len())];
    };
    let states: Vec<&str> = expected["states"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    let state = signature.state().word();
    let mut found = Vec::new();
    if !states.contains(&state) {
        found.push(format!("state {state} ({}), not {}", signature.reason(), states.join(" or ")));
    }
    let mut compare = |what: &str, ours: Option<String>| {
        let right = expected[what].as_str().map(str::to_owned);
        if ours != right {
            found.push(format!("{what} {ours:?}, not {right:?}"));
        }
    };
    compare("trusted_time", signature.time.trusted.map(|time| time.to_string()));
    compare("time_source", Some(signature.time.source.word().to_owned()));
    // Where several states are right, what follows from them differs as well.
    if states.first() == Some(&state) {
        compare("signed", Some(answer(&verdict, Question::Signed).to_owned()));
        compare("revocation", revocation(signature, &verdict).map(str::to_owned));
        compare("signer", Some(answer(&verdict, Question::Signer).to_owned()));
        if !expected["assurance"].is_null() {
            compare("assurance", Some(signature.assurance.word().to_owned()));
        }
        found.extend(finding_differences(&verdict, signature.id, expected));
    }
    found
}

fn finding_differences(verdict: &Verdict, id: SignatureId, expected: &Value) -> Option<String> {
    let ours = verdict.findings.iter().filter(|finding| finding.signatures.contains(&id));
    let ours: BTreeSet<&str> = ours.map(|finding| finding.id.word()).filter(|word| DECIDED.contains(word)).collect();
    let right: BTreeSet<&str> =
        expected["findings"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    (ours != right).then(|| format!("findings {ours:?}, not {right:?}"))
}

#[test]
fn every_case_is_as_the_suite_says() {
    let cases = codesigning::cases();
    let mut wrong = Vec::new();
    for case in &cases {
        let differences = differences(case);
        if !differences.is_empty() {
            wrong.push(format!("{}: {}", case.id(), differences.join("; ")));
        }
    }
    println!("{} of {} cases right", cases.len().saturating_sub(wrong.len()), cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases.len() >= 300, "only {} cases", cases.len());
}

#[test]
fn ids_are_unique_and_every_answer_names_its_section() {
    let cases = codesigning::cases();
    let ids: BTreeSet<&str> = cases.iter().map(Case::id).collect();
    assert_eq!(ids.len(), cases.len());
    for case in &cases {
        let sections = case.json["code_signing"]["decided_by"].as_array().unwrap();
        assert!(!sections.is_empty() && sections.iter().all(Value::is_string), "{}", case.id());
        assert!(case.json["description"].as_str().unwrap().ends_with('.'), "{}", case.id());
    }
}

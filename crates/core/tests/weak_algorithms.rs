//! Real and made files of the corpus whose signatures hold under MD5, SHA-1, RSA below 2048 bits or DSA: every output
//! says so in the same words, and none calls the signature bad, or valid without saying it.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests read files and may panic"
)]

mod authenticode;

use std::collections::BTreeMap;

use authenticode::{cases, dossier, family};
use countersign::appraise::{Terms, appraise};
use countersign::evidence::{CheckId, Outcome, Reason, Signature, State};
use countersign::policy::{Expectations, Policy};
use countersign::registry::Registry;
use countersign::reports::{self, Form};

const WORDS: &str = "verifies under a weak algorithm";
const POLICY: &str = "
schema = 1
name = \"strong\"
[environment.production.signed]
intact = \"required\"
algorithms = \"strong\"
";

fn is_weak(signature: &Signature) -> bool {
    let strength = signature.outcome(CheckId::Strength);
    matches!(strength, Some(Outcome::Fail(Reason::WeakAlgorithm | Reason::WeakAlgorithmTolerated)))
}

#[test]
fn every_output_says_that_a_signature_verifies_under_a_weak_algorithm() {
    let Some(family) = family() else { return };
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for case in cases(&family) {
        let dossier = dossier(&family, &case);
        let id = case["id"].as_str().unwrap();
        if !dossier.signatures.iter().any(is_weak) {
            continue;
        }
        for signature in dossier.signatures.iter().filter(|signature| is_weak(signature)) {
            let check = signature.checks.iter().find(|check| check.id == CheckId::Strength).unwrap();
            assert!(check.detail.starts_with(WORDS), "{id}: {}", check.detail);
            assert_ne!(signature.state(), State::Bad, "{id}");
            let what = check.detail.rsplit_once(": ").unwrap().1.split(';').next().unwrap();
            *seen.entry(format!("{what}, {}", check.outcome.reason())).or_default() += 1;
        }
        let at = case["at"].as_str().unwrap().parse().unwrap();
        let policy = Policy::parse(POLICY, "strong.toml").unwrap();
        let (expectations, registry) = (&Expectations::default(), &Registry::default());
        let verdict =
            appraise(dossier, &Terms { policy: &policy, environment: "production", expectations, registry, at })
                .unwrap();
        for format in ["text", "json"] {
            let report = reports::named(format).unwrap();
            assert!((report.verdict)(&verdict, &Form::default()).contains(WORDS), "{id}: {format}");
        }
        assert!(reports::explain(&verdict, None, &Form::default()).contains(WORDS), "{id}: explain");
    }
    eprintln!("weak signatures that hold: {seen:?}");
    assert!(!seen.is_empty());
}

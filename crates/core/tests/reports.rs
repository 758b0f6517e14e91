//! Reports on evidence that an attacker wrote: nothing in it reaches a terminal as it is, and no report
//! loses it.

#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeMap;

use countersign::appraise::{Terms, appraise};
use countersign::claim::{Claim, Claims, Fact, Standing, Voucher};
use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::dossier::{ArtifactFacts, Dossier};
use countersign::evidence::{CheckId, Need, Origin, Outcome, Reason, Signature, SignatureId, Uncovered};
use countersign::finding::{Finding, FindingId};
use countersign::material::MaterialDates;
use countersign::policy::{Expectations, Policy};
use countersign::registry::Registry;
use countersign::reports::{Form, REPORTS, Tally, explain, inspect_json, inspect_text};
use countersign::time::Time;
use countersign::verdict::{Question, Verdict};

/// Clears the screen, reorders the line, hides, ends the line.
const HOSTILE: &str = "Evil\u{1b}[2J\u{9b}0m\u{202e}gnp.exe\u{200b}\u{7}\r\nadmitted (exit 0)";

fn signature() -> Signature {
    let mut signature = Signature::new("authenticode", Origin::File(HOSTILE.to_owned()));
    signature.position = Some(HOSTILE.to_owned());
    signature.signer.name = Some(HOSTILE.to_owned());
    signature.signer.issuer = Some(HOSTILE.to_owned());
    signature.signer.oidc_issuer = Some(HOSTILE.to_owned());
    signature.signer.san = vec![HOSTILE.to_owned()];
    signature.signer.fingerprint = Some(HOSTILE.to_owned());
    signature.signature_algorithm = Some(HOSTILE.to_owned());
    signature.chain = vec![HOSTILE.to_owned()];
    signature.coverage.uncovered = vec![Uncovered { range: 1..3, what: HOSTILE.to_owned() }];
    signature.check(CheckId::Signature, Outcome::Pass, HOSTILE);
    signature.check(CheckId::Chain, Outcome::Fail(Reason::NoPathToAnchor), HOSTILE);
    signature.check(CheckId::Revocation, Outcome::Undecided(Need::RevocationStatus), HOSTILE);
    signature
}

fn verdict() -> Verdict {
    let sha256 = Digest::of(DigestAlgorithm::Sha256, b"x");
    let claim = Claim {
        fact: Fact::BuiltBy { builder: HOSTILE.to_owned(), build_type: None, graded: None },
        vouched_by: Voucher::Tenant,
        standing: Standing::Asserted,
        subject: Some(sha256),
        evidence: SignatureId(0),
    };
    let finding =
        Finding { id: FindingId::UncoveredBytes, message: HOSTILE.to_owned(), signatures: vec![SignatureId(0)] };
    let dossier = Dossier {
        artifact: ArtifactFacts {
            name: HOSTILE.to_owned(),
            path: HOSTILE.to_owned(),
            size: Some(1),
            container: "data",
            digests: BTreeMap::from([(DigestAlgorithm::Sha256, sha256)]),
        },
        signatures: vec![signature()],
        claims: Claims::new(vec![claim]),
        findings: vec![finding],
        evidence: Vec::new(),
        layout: None,
        material: MaterialDates::default(),
    };
    let expectations = Expectations { signer: Some(HOSTILE.to_owned()), ..Expectations::default() };
    let terms = Terms {
        policy: &Policy::built_in(),
        environment: "production",
        expectations: &expectations,
        registry: &Registry::default(),
        at: Time::from_unix(0),
    };
    appraise(dossier, &terms).unwrap()
}

/// What may stand in a text for people: printable characters and line ends.
fn is_harmless(text: &str) -> bool {
    let hidden = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
    !text.chars().any(|c| (c.is_control() && c != '\n') || hidden(c))
}

#[test]
fn nothing_hostile_reaches_the_terminal() {
    let verdict = verdict();
    for form in [Form::default(), Form { many: true, ..Form::default() }, Form { ascii: true, ..Form::default() }] {
        let mut texts: Vec<String> = REPORTS.iter().map(|report| (report.verdict)(&verdict, &form)).collect();
        texts.push(explain(&verdict, None, &form));
        texts.extend(Question::ALL.map(|question| explain(&verdict, Some(question), &form)));
        texts.push(inspect_text(&verdict.dossier, verdict.at, &form));
        texts.push(inspect_json(&verdict.dossier));
        for text in texts {
            assert!(is_harmless(&text), "{text:?}");
            assert!(!text.lines().any(|line| line.starts_with("admitted")), "{text}");
            assert!(!form.ascii || text.is_ascii() || text.contains('{'), "{text}");
        }
    }
}

#[test]
fn json_keeps_what_was_found_as_it_was() {
    let verdict = verdict();
    let (report, form) = (REPORTS.iter().find(|report| report.id == "json").unwrap(), Form::default());
    let document: serde_json::Value = serde_json::from_str(&(report.verdict)(&verdict, &form)).unwrap();
    let signature = &document["signatures"][0];
    assert_eq!(signature["signer"]["name"], HOSTILE);
    assert_eq!(signature["checks"][1]["detail"], HOSTILE);
    assert_eq!(signature["coverage"]["uncovered"], serde_json::json!([[1, 2, HOSTILE]]));
    assert_eq!(signature["state"], "untrusted");
    assert_eq!(document["claims"][0]["value"]["builder"], HOSTILE);
    assert_eq!(document["claims"][0]["standing"], "asserted");
    assert_eq!(document["findings"][0]["question"], "signed");
}

#[test]
fn sarif_is_one_document_with_a_rule_for_every_result() {
    let (verdict, form) = (verdict(), Form::default());
    let report = REPORTS.iter().find(|report| report.id == "sarif").unwrap();
    let mut tally = Tally::default();
    tally.count(verdict.decision);
    let text = (report.begin)(&form) + &(report.verdict)(&verdict, &form) + &(report.end)(&form, &tally);
    let run = serde_json::from_str::<serde_json::Value>(&text).unwrap()["runs"][0].clone();
    let rules: Vec<&str> =
        run["tool"]["driver"]["rules"].as_array().unwrap().iter().filter_map(|rule| rule["id"].as_str()).collect();
    let results = run["results"].as_array().unwrap();
    assert!(results.len() > 3);
    for result in results {
        assert!(rules.contains(&result["rule"]["id"].as_str().unwrap()), "{result}");
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.starts_with("Evil%1B%5B2J") && uri.is_ascii(), "{uri}");
    }
    assert_eq!(run["invocations"][0]["exitCode"], verdict.decision.exit_code());
}

#[test]
fn ansi_colours_come_only_when_asked_for() {
    let verdict = verdict();
    let report = REPORTS.iter().find(|report| report.id == "text").unwrap();
    let plain = (report.verdict)(&verdict, &Form::default());
    let coloured = (report.verdict)(&verdict, &Form { colour: true, ..Form::default() });
    assert!(!plain.contains('\u{1b}'));
    let mut stripped = coloured;
    for sequence in ["\u{1b}[32m", "\u{1b}[31m", "\u{1b}[33m", "\u{1b}[1m", "\u{1b}[2m", "\u{1b}[0m"] {
        stripped = stripped.replace(sequence, "");
    }
    let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(squeeze(&stripped), squeeze(&plain));
}

//! How the run ended that built an artifact, from the document of the forge to the answer.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod dossiers;

use countersign::appraise::{Terms, appraise};
use countersign::artifact::{Artifact, Content};
use countersign::claim::{Claims, Fact, Voucher};
use countersign::dossier::Dossier;
use countersign::examine::examine;
use countersign::exports::ReadExport;
use countersign::material::{EvidenceFile, Limits, Material};
use countersign::policy::{Expectations, Policy};
use countersign::registry::Registry;
use countersign::time::Time;
use countersign::verdict::{Answer, Question, Verdict};

use dossiers::{built_by, built_from, claim, dossier, fulcio};

const RUN: &str = "https://github.com/acme/app/actions/runs/7";
const WORKFLOW: &str = "https://github.com/acme/app/.github/workflows/release.yml";

/// What the forge says of attempt `attempt` of the run.
fn export(attempt: u32, conclusion: &str, more: &str) -> EvidenceFile {
    let text = format!(
        r#"{{"html_url":"{RUN}","run_attempt":{attempt},"status":"completed","conclusion":"{conclusion}","head_sha":"c0",
            "updated_at":"2026-05-11T10:00:00Z"{more}}}"#
    );
    EvidenceFile { path: "run.json".to_owned(), bytes: text.into_bytes() }
}

/// A release with provenance out of the first attempt of the run, and what is said about runs.
fn release(observed: &[EvidenceFile], evidence: &[EvidenceFile], event: &str) -> Dossier {
    let material = Material {
        observed: observed.iter().map(|file| ReadExport::observed(file).unwrap()).collect(),
        evidence: evidence.to_vec(),
        ..Material::default()
    };
    let bytes = b"artifact".to_vec();
    let artifact = Artifact { name: "app".to_owned(), path: "app".to_owned(), content: Content::File(&bytes) };
    let found = examine(&artifact, &material, Time::from_unix(0), &Limits::default()).unwrap();
    let invocation = format!("{RUN}/attempts/1");
    let mut source = built_from("https://github.com/acme/app", Some("refs/tags/v1.0.0"));
    if let Fact::BuiltFrom(source) = &mut source {
        source.commit = Some("c0".to_owned());
    }
    let facts = vec![
        built_by(&format!("{WORKFLOW}@refs/tags/v1.0.0")),
        source,
        Fact::TriggeredBy { event: event.to_owned() },
        Fact::BuiltIn { invocation, started: None, finished: None },
    ];
    let claims = facts.into_iter().map(|fact| claim(0, fact)).chain(found.claims.all().iter().cloned()).collect();
    Dossier {
        claims: Claims::new(claims),
        exports: found.exports,
        findings: found.findings,
        ..dossier(vec![fulcio("app", 0)], Vec::new())
    }
}

fn judge(dossier: Dossier, demand: &str) -> Verdict {
    let text = format!(
        "schema = 1\nname = \"p\"\n[environment.production]\nsigned.intact = \"required\"\npath.provenance = \"verified\"\n{demand}"
    );
    let terms = Terms {
        policy: &Policy::parse(&text, "test").unwrap(),
        environment: "production",
        expectations: &Expectations::default(),
        registry: &Registry::default(),
        at: Time::from_unix(0),
    };
    appraise(dossier, &terms).unwrap()
}

fn run(verdict: &Verdict) -> Option<(Answer, &'static str)> {
    let path = verdict.questions.iter().find(|of| of.question == Question::Path).unwrap();
    path.requirements.iter().find(|known| known.id == "run").map(|run| (run.answer, run.reason))
}

const REQUIRED: &str = "path.run = \"established\"";

#[test]
fn only_what_somebody_vouches_for_supports_a_run() {
    let good = [export(1, "success", "")];
    assert_eq!(run(&judge(release(&good, &[], "push"), REQUIRED)), Some((Answer::Yes, "run-succeeded")));
    let asserted = judge(release(&[], &good, "push"), REQUIRED);
    assert_eq!(run(&asserted), Some((Answer::NotEstablished, "not-vouched-for")));
    assert_eq!(run(&judge(release(&[], &[], "push"), REQUIRED)), Some((Answer::NotEstablished, "run-not-known")));
}

#[test]
fn a_run_that_failed_counts_whoever_says_so_and_whatever_the_policy_asks() {
    for conclusion in ["failure", "cancelled", "timed_out", "startup_failure"] {
        let bad = [export(1, conclusion, "")];
        for dossier in [release(&bad, &[], "push"), release(&[], &bad, "push")] {
            let verdict = judge(dossier, "");
            assert_eq!(run(&verdict), Some((Answer::No, "run-failed")), "{conclusion}");
            assert_eq!(verdict.decision.exit_code(), 1);
        }
    }
    assert_eq!(run(&judge(release(&[], &[], "push"), "")), None, "nothing is known, nothing is asked");
}

#[test]
fn another_attempt_or_run_says_nothing_about_this_one() {
    let later = [export(2, "success", "")];
    assert_eq!(run(&judge(release(&later, &[], "push"), REQUIRED)), Some((Answer::NotEstablished, "run-not-known")));
    let failed = [export(2, "failure", ""), export(1, "success", "")];
    assert_eq!(run(&judge(release(&failed, &[], "push"), REQUIRED)), Some((Answer::Yes, "run-succeeded")));
}

#[test]
fn outsiders_neither_set_it_off_nor_write_what_runs() {
    for event in ["issue_comment", "pull_request_target"] {
        assert_eq!(run(&judge(release(&[], &[], event), "")), Some((Answer::No, "run-of-outsider")), "{event}");
    }
    let fork = r#","repository":{"full_name":"acme/app"},"head_repository":{"full_name":"x/app"}"#;
    let forked = [export(1, "success", fork)];
    assert_eq!(run(&judge(release(&forked, &[], "push"), "")), Some((Answer::No, "run-of-outsider")));
}

#[test]
fn a_run_on_another_commit_is_not_this_one() {
    let text = String::from_utf8(export(1, "success", "").bytes).unwrap().replace("c0", "c1");
    let other = [EvidenceFile { path: "run.json".to_owned(), bytes: text.into_bytes() }];
    assert_eq!(run(&judge(release(&other, &[], "push"), "")), Some((Answer::No, "claim-contradicted")));
}

#[test]
fn what_a_signed_statement_passes_on_is_a_tools_word_and_counts() {
    let mut dossier = release(&[], &[], "push");
    let read = ReadExport::observed(&export(1, "success", "")).unwrap();
    let material = Material { observed: vec![read], ..Material::default() };
    let bytes = b"artifact".to_vec();
    let artifact = Artifact { name: "app".to_owned(), path: "app".to_owned(), content: Content::File(&bytes) };
    let found = examine(&artifact, &material, Time::from_unix(0), &Limits::default()).unwrap();
    let mut signed = found.claims.all()[0].clone();
    signed.evidence = dossier.signatures[0].id.into();
    signed.vouched_by = Voucher::Tool;
    dossier.claims = Claims::new(dossier.claims.all().iter().cloned().chain([signed]).collect());
    assert_eq!(run(&judge(dossier, REQUIRED)), Some((Answer::Yes, "run-succeeded")));
}

#[test]
fn what_cannot_be_read_as_an_export_is_said() {
    let unknown = EvidenceFile { path: "x.json".to_owned(), bytes: b"{\"a\":1}".to_vec() };
    assert!(ReadExport::observed(&unknown).unwrap_err().to_string().contains("github-run"));
    let text = r#"{"html_url":"u","run_attempt":"x","status":"completed","head_sha":"c0"}"#;
    let broken = EvidenceFile { path: "x.json".to_owned(), bytes: text.as_bytes().to_vec() };
    assert_eq!(ReadExport::observed(&broken).unwrap_err().to_string(), "x.json: `run_attempt` is no 64-bit integer");
    let dossier = release(&[], &[broken], "push");
    assert_eq!(dossier.findings[0].id.word(), "evidence-not-read");
}

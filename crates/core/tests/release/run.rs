//! How the run ended that built an artifact.

use countersign::artifact::{Artifact, Content};
use countersign::claim::{Claims, Voucher};
use countersign::evidence::{Signature, SignatureId};
use countersign::examine::examine;
use countersign::exports::ReadExport;
use countersign::material::{EvidenceFile, Limits, Material};
use countersign::time::Time;
use countersign::verdict::{Answer, Verdict};

use crate::dossiers::fulcio;
use crate::{RUN, Release, judge, requirement};

/// What the forge says of attempt `attempt` of the run.
fn export(attempt: u32, conclusion: &str, more: &str) -> EvidenceFile {
    let text = format!(
        r#"{{"html_url":"{RUN}","run_attempt":{attempt},"status":"completed","conclusion":"{conclusion}","head_sha":"c0",
            "updated_at":"2026-05-11T10:00:00Z"{more}}}"#
    );
    EvidenceFile { path: "run.json".to_owned(), bytes: text.into_bytes() }
}

fn release(observed: &[EvidenceFile], evidence: &[EvidenceFile], event: &'static str) -> countersign::dossier::Dossier {
    Release { observed: observed.to_vec(), evidence: evidence.to_vec(), event, ..Release::default() }.dossier()
}

fn run(verdict: &Verdict) -> Option<(Answer, &'static str)> {
    requirement(verdict, "run")
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
        let verdict = judge(release(&[], &[], event), "");
        assert_eq!(requirement(&verdict, "provenance"), Some((Answer::No, "run-of-outsider")), "{event}");
        let asked = judge(release(&[], &[], event), REQUIRED);
        assert_eq!(run(&asked), Some((Answer::No, "run-of-outsider")), "{event}");
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
fn what_a_signed_statement_passes_on_counts_if_its_signer_is_known() {
    let read = ReadExport::observed(&export(1, "success", "")).unwrap();
    let material = Material { observed: vec![read], ..Material::default() };
    let bytes = crate::ARTIFACT.to_vec();
    let artifact = Artifact { name: "app".to_owned(), path: "app".to_owned(), content: Content::File(&bytes) };
    let found = examine(&artifact, &material, Time::from_unix(0), &Limits::default()).unwrap();
    let said_by = |signature: Signature| {
        let mut dossier = release(&[], &[], "push");
        let signature = Signature { id: SignatureId(1), ..signature };
        let mut said = found.claims.all()[0].clone();
        (said.evidence, said.vouched_by) = (signature.id.into(), Voucher::Tool);
        dossier.signatures.push(signature);
        dossier.claims = Claims::new(dossier.claims.all().iter().cloned().chain([said]).collect());
        run(&judge(dossier, REQUIRED))
    };
    let not_vouched_for = Some((Answer::NotEstablished, "not-vouched-for"));
    let mut stranger = fulcio("app", 0);
    stranger.signer.san = vec!["https://github.com/x/app/.github/workflows/release.yml@refs/heads/main".to_owned()];
    assert_eq!(said_by(stranger), not_vouched_for, "anybody obtains a certificate");
    assert_eq!(said_by(fulcio("app", 0)), not_vouched_for, "nobody bears witness to the own build");
    assert_eq!(said_by(fulcio("observer", 0)), Some((Answer::Yes, "run-succeeded")), "another pipeline that is named");
    let mut given = fulcio("app", 0);
    given.chain.clear();
    (given.signer.san, given.signer.oidc_issuer) = (Vec::new(), None);
    assert_eq!(said_by(given), Some((Answer::Yes, "run-succeeded")), "a key that the relying party gave");
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

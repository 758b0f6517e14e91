//! Waivers, warnings and dates: what they change in a decision, and what they never change.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod dossiers;

use countersign::appraise::{Terms, appraise};
use countersign::claim::{Claim, Claims, EvidenceId, Fact, Standing, Voucher};
use countersign::dossier::Dossier;
use countersign::evidence::{CheckId, Need, Outcome, Reason, Signature};
use countersign::exports::ExportId;
use countersign::finding::FindingId;
use countersign::policy::{Expectations, Policy};
use countersign::registry::Registry;
use countersign::release::released::ReleasedFile;
use countersign::release::run::{Conclusion, RunOutcome};
use countersign::reports::{Form, Tally, explain, named};
use countersign::time::Time;
use countersign::verdict::{Answer, Appraised, Decision, Mode, Question, Verdict, WaiverEffect};
use serde_json::Value;

use dossiers::{built_by, claim, dossier, embedded, fulcio, in_file};

/// The digest of the artifact that all dossiers here are about.
const DIGEST: &str = "sha256:c7c5c1d70c5dec4416ab6158afd0b223ef40c29b1dc1f97ed9428b94d4cadb1c";

const POLICY: &str = r#"
schema = 1
name = "p"

[environment.production.signed]
intact = "required"
timestamp = "verified"

[environment.production.signer]
vouched = "by-anchor"
"#;

fn waiver(requirement: &str, artifact: &str) -> String {
    format!(
        "[[waiver]]\nid = \"INC-1\"\nrequirement = \"{requirement}\"\nartifact = \"{artifact}\"\n\
         owner = \"j.doe@acme.example\"\napproved_by = [\"k.lee@acme.example\"]\nreason = \"old build\"\n\
         granted = 2026-11-01\nexpires = 2026-12-01\n"
    )
}

fn judge(policy: &str, dossier: Dossier, at: &str) -> Verdict {
    let terms = Terms {
        policy: &Policy::parse(policy, "p").unwrap(),
        environment: "production",
        expectations: &Expectations::default(),
        registry: &Registry::default(),
        at: at.parse().unwrap(),
    };
    appraise(dossier, &terms).unwrap()
}

const NOW: &str = "2026-11-15T00:00:00Z";

fn requirement<'a>(verdict: &'a Verdict, id: &str) -> &'a Appraised {
    verdict.requirements().find(|one| one.id == id).unwrap()
}

fn found(verdict: &Verdict, id: FindingId) -> bool {
    verdict.findings.iter().any(|finding| finding.id == id)
}

/// A signature in which everything holds, but nothing proves its time.
fn undated() -> Dossier {
    dossier(vec![embedded("Acme")], vec![])
}

#[test]
fn the_digest_is_that_of_the_artifact() {
    let digest = undated().artifact.digests.values().next().unwrap().to_string();
    assert_eq!(digest, DIGEST);
}

#[test]
fn a_waiver_changes_the_decision_and_no_answer() {
    let without = judge(POLICY, undated(), NOW);
    assert_eq!(without.decision, Decision::RefuseForLackOfEvidence);
    for artifact in [DIGEST, "app"] {
        let with = judge(&format!("{POLICY}{}", waiver("timestamp", artifact)), undated(), NOW);
        assert_eq!(with.decision, Decision::Admit, "{artifact}");
        let answers = |verdict: &Verdict| verdict.questions.iter().map(|of| of.answer).collect::<Vec<_>>();
        assert_eq!(answers(&with), answers(&without));
        assert_eq!(requirement(&with, "timestamp").answer, Answer::NotEstablished);
        assert_eq!(requirement(&with, "timestamp").waived_by.as_deref(), Some("INC-1"));
        assert_eq!(with.waivers[0].effect, WaiverEffect::Applied);
        assert!(!found(&with, FindingId::WaiverUnused));
    }
}

#[test]
fn a_waiver_for_something_else_is_none() {
    let other = format!("sha256:{}", "0".repeat(64));
    for (requirement, artifact) in [("timestamp", other.as_str()), ("timestamp", "other-*.exe")] {
        let verdict = judge(&format!("{POLICY}{}", waiver(requirement, artifact)), undated(), NOW);
        assert_eq!(verdict.decision, Decision::RefuseForLackOfEvidence);
        // It could not have been about this artifact: no finding.
        assert!(verdict.waivers.is_empty() && !found(&verdict, FindingId::WaiverUnused));
    }
    let elsewhere = format!(
        "{POLICY}[environment.lab.signed]\nintact = \"required\"\n{}environment = \"lab\"\n",
        waiver("timestamp", DIGEST)
    );
    assert_eq!(judge(&elsewhere, undated(), NOW).decision, Decision::RefuseForLackOfEvidence);
}

#[test]
fn a_waiver_counts_from_its_first_day_to_its_last_and_is_told_of_before_and_after() {
    let policy = format!("{POLICY}{}", waiver("timestamp", DIGEST));
    for (at, decision, finding) in [
        ("2026-10-31T23:59:59Z", Decision::RefuseForLackOfEvidence, Some(FindingId::WaiverNotYetInForce)),
        ("2026-11-01T00:00:00Z", Decision::Admit, None),
        ("2026-11-30T23:59:59Z", Decision::Admit, None),
        ("2026-12-01T00:00:00Z", Decision::RefuseForLackOfEvidence, Some(FindingId::WaiverExpired)),
    ] {
        let verdict = judge(&policy, undated(), at);
        assert_eq!(verdict.decision, decision, "{at}");
        assert_eq!(
            verdict.findings.iter().map(|it| it.id).find(|id| id.word().starts_with("waiver-")),
            finding,
            "{at}"
        );
    }
}

#[test]
fn a_waiver_that_excuses_nothing_is_a_finding() {
    for id in ["vouched", "provenance"] {
        let verdict = judge(&format!("{POLICY}{}", waiver(id, DIGEST)), undated(), NOW);
        assert!(found(&verdict, FindingId::WaiverUnused), "{id}");
        assert_eq!(verdict.waivers[0].effect, WaiverEffect::Unused);
    }
}

#[test]
fn who_was_revoked_or_distrusted_and_what_was_changed_is_never_excused() {
    let policy = format!("{POLICY}{}", waiver("vouched", DIGEST)).replace("timestamp = \"verified\"\n", "");
    let spoilt = |id: CheckId, outcome: Outcome| {
        let mut signature = embedded("Acme");
        signature.checks.retain(|check| check.id != id);
        signature.check(id, outcome, "");
        judge(&policy, dossier(vec![signature], vec![]), NOW)
    };
    // Nobody knows the root, or it is out of date: that is what waivers are for.
    for reason in [Reason::NoPathToAnchor, Reason::SelfSigned, Reason::Expired] {
        let verdict = spoilt(CheckId::Chain, Outcome::Fail(reason));
        assert_eq!(verdict.decision, Decision::Admit, "{}", reason.word());
    }
    assert_eq!(spoilt(CheckId::Chain, Outcome::Undecided(Need::Limit)).decision, Decision::Admit);
    for (id, reason) in [
        (CheckId::Revocation, Reason::Revoked),
        (CheckId::Distrust, Reason::Distrusted),
        (CheckId::Digest, Reason::DigestMismatch),
        (CheckId::Structure, Reason::Malformed),
    ] {
        let verdict = spoilt(id, Outcome::Fail(reason));
        assert_eq!(verdict.decision, Decision::Refuse, "{}", reason.word());
        assert!(found(&verdict, FindingId::WaiverRefused), "{}", reason.word());
        assert_eq!(requirement(&verdict, "vouched").waived_by, None);
    }
}

#[test]
fn other_evidence_beside_the_artifact_does_not_take_a_waiver_away() {
    let beside = |reason: Reason| -> Signature {
        let mut signature = in_file("sigstore", "app.sigstore.json");
        signature.check(CheckId::Signature, Outcome::Pass, "");
        signature.check(CheckId::Subject, Outcome::Pass, "");
        signature.check(CheckId::Chain, Outcome::Fail(reason), "");
        signature
    };
    let policy = format!("{POLICY}{}", waiver("vouched", DIGEST)).replace("timestamp = \"verified\"\n", "");
    let (unknown, revoked) = (beside(Reason::SelfSigned), beside(Reason::Revoked));
    for signatures in [vec![unknown.clone(), revoked.clone()], vec![revoked.clone(), unknown.clone()], vec![unknown]] {
        let verdict = judge(&policy, dossier(signatures, vec![]), NOW);
        assert_eq!(verdict.decision, Decision::Admit);
    }
    assert_eq!(judge(&policy, dossier(vec![revoked], vec![]), NOW).decision, Decision::Refuse);
}

#[test]
fn what_is_only_warned_of_is_told_and_decides_nothing() {
    let policy = format!("{POLICY}[environment.production]\nwarn = [\"timestamp\"]\n");
    let verdict = judge(&policy, undated(), NOW);
    assert_eq!(verdict.decision, Decision::Admit);
    let timestamp = requirement(&verdict, "timestamp");
    assert_eq!((timestamp.answer, timestamp.mode), (Answer::NotEstablished, Mode::Warned));
    assert_eq!(verdict.questions[0].answer, Answer::Yes);
    assert!(found(&verdict, FindingId::RequirementWarned));
}

#[test]
fn a_date_is_when_a_requirement_begins_to_refuse() {
    let policy = format!("{POLICY}[environment.production]\neffective_on = {{ timestamp = 2026-12-24 }}\n");
    let before = judge(&policy, undated(), "2026-12-23T23:59:59Z");
    assert_eq!(before.decision, Decision::Admit);
    assert_eq!(requirement(&before, "timestamp").effective_on, Some("2026-12-24T00:00:00Z".parse().unwrap()));
    assert!(before.findings.iter().any(|it| it.message.contains("from 2026-12-24T00:00:00Z on this refuses")));
    let on = judge(&policy, undated(), "2026-12-24T00:00:00Z");
    assert_eq!(on.decision, Decision::RefuseForLackOfEvidence);
    assert_eq!(
        (requirement(&on, "timestamp").mode, requirement(&on, "timestamp").effective_on),
        (Mode::Required, None)
    );
    assert!(!found(&on, FindingId::RequirementWarned));
}

#[test]
fn a_question_of_which_everything_is_only_warned_is_not_required() {
    let policy = format!("{POLICY}[environment.production]\nwarn = [\"timestamp\", \"vouched\"]\n");
    let mut signature = embedded("Acme");
    signature.check(CheckId::Chain, Outcome::Fail(Reason::SelfSigned), "");
    let verdict = judge(&policy, dossier(vec![signature], vec![]), NOW);
    let signer = &verdict.questions[1];
    assert_eq!((signer.question, signer.required, signer.answer), (Question::Signer, false, Answer::No));
    assert_eq!(verdict.decision, Decision::Admit);
    assert_eq!(signer.requirements.iter().filter(|one| one.id == "vouched").count(), 1);
}

#[test]
fn what_the_command_line_expects_is_required_also_where_the_policy_only_warns() {
    let policy = format!(
        "{POLICY}expected = {{ signer = \"Somebody\" }}\n[environment.production]\nwarn = [\"expected\", \"timestamp\"]\n"
    );
    let judged = |signer: &str| {
        let expectations = Expectations { signer: Some(signer.to_owned()), ..Expectations::default() };
        let terms = Terms {
            policy: &Policy::parse(&policy, "p").unwrap(),
            environment: "production",
            expectations: &expectations,
            registry: &Registry::default(),
            at: Time::from_unix(0),
        };
        appraise(undated(), &terms).unwrap()
    };
    let verdict = judged("Acme");
    assert_eq!(verdict.decision, Decision::Admit);
    let both: Vec<_> =
        verdict.requirements().filter(|one| one.id == "expected").map(|one| (one.mode, one.answer)).collect();
    assert_eq!(both, [(Mode::Required, Answer::Yes), (Mode::Warned, Answer::No)]);
    assert_eq!(judged("Nobody").decision, Decision::Refuse);
}

fn written(verdict: &Verdict, format: &str) -> String {
    let (report, form) = (named(format).unwrap(), Form::default());
    let mut tally = Tally::default();
    tally.count(verdict.decision);
    [(report.begin)(&form), (report.verdict)(verdict, &form), (report.end)(&form, &tally)].concat()
}

#[test]
fn every_report_lists_the_waiver() {
    let verdict = judge(&format!("{POLICY}{}", waiver("timestamp", DIGEST)), undated(), NOW);
    let who = ["INC-1", "j.doe@acme.example", "k.lee@acme.example", "old build", "2026-12-01"];
    let many = (named("text").unwrap().verdict)(&verdict, &Form { many: true, ..Form::default() });
    let texts = [many, written(&verdict, "text"), explain(&verdict, None, &Form::default())];
    let formats = ["json", "jsonl", "sarif"].map(|format| written(&verdict, format));
    for text in texts.iter().chain(&formats) {
        assert!(who.iter().all(|word| text.contains(word)), "{text}");
    }
    assert!(texts[1].contains("admitted under 1 waiver (exit 0)"), "{}", texts[1]);
    let json: Value = serde_json::from_str(&formats[0]).unwrap();
    let waived: Vec<&Value> =
        json["questions"]["signed"]["requirements"].as_array().unwrap().iter().map(|it| &it["waived_by"]).collect();
    assert_eq!(waived, [&Value::Null, &Value::from("INC-1")]);
    assert_eq!(json["waivers"][0]["effect"], "applied");
    let sarif: Value = serde_json::from_str(&formats[2]).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "signed/timestamp");
    assert_eq!(result["suppressions"][0]["kind"], "external");
    assert_eq!(result["suppressions"][0]["status"], "accepted");
}

#[test]
fn nothing_is_suppressed_without_a_waiver() {
    let sarif: Value = serde_json::from_str(&written(&judge(POLICY, undated(), NOW), "sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(!results.is_empty() && results.iter().all(|result| result.get("suppressions").is_none()));
}

const RUN: &str = "https://github.com/acme/app/actions/runs/7";

/// A release with provenance, and what the relying party obtained about it.
fn release(observed: Fact) -> Dossier {
    let invocation = RUN.to_owned();
    let claims = vec![
        claim(0, built_by("https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1.0.0")),
        claim(0, Fact::BuiltIn { invocation, started: None, finished: None }),
    ];
    let observed = Claim {
        fact: observed,
        vouched_by: Voucher::Platform,
        standing: Standing::Verified,
        subject: None,
        evidence: EvidenceId::Export(ExportId { export: 0 }),
    };
    let mut dossier = dossier(vec![fulcio("app", 0)], claims);
    dossier.claims = Claims::new(dossier.claims.all().iter().cloned().chain([observed]).collect());
    dossier
}

const PATH: &str = "schema = 1\nname = \"p\"\nenvironment.production.signed.intact = \"required\"\n\
                    environment.production.path.provenance = \"verified\"\n";

#[test]
fn a_waiver_of_provenance_excuses_no_run_that_failed() {
    let failed = || {
        release(Fact::RunEnded(RunOutcome {
            invocation: RUN.to_owned(),
            conclusion: Conclusion::Failure,
            event: None,
            from_fork: None,
            actor: None,
            commit: None,
            ended: None,
        }))
    };
    let verdict = judge(&format!("{PATH}{}", waiver("provenance", DIGEST)), failed(), NOW);
    assert_eq!((verdict.decision, requirement(&verdict, "run").reason), (Decision::Refuse, "run-failed"));
}

#[test]
fn no_waiver_excuses_a_file_that_was_changed_since_its_release() {
    let changed = || {
        release(Fact::Released(ReleasedFile {
            name: "app".to_owned(),
            digests: vec![format!("sha256:{}", "0".repeat(64)).parse().unwrap()],
            version: None,
            published: None,
            signed: None,
            withdrawn: None,
        }))
    };
    let policy = format!("{PATH}environment.production.path.as-released = \"established\"\n");
    let verdict = judge(&format!("{policy}{}", waiver("as-released", DIGEST)), changed(), NOW);
    assert_eq!(verdict.decision, Decision::Refuse);
    assert_eq!(requirement(&verdict, "as-released").reason, "changed-since-release");
    assert!(found(&verdict, FindingId::WaiverRefused));
}

//! Appraisal under the built-in policy: what each question answers, and why.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod dossiers;

use countersign::appraise::{Terms, UnknownEnvironment, appraise};
use countersign::claim::{Claim, Fact, Standing, Voucher};
use countersign::dossier::Dossier;
use countersign::evidence::{CheckId, Need, Origin, Outcome, Reason, Signature};
use countersign::finding::FindingId;
use countersign::policy::{Expectations, Policy};
use countersign::registry::Registry;
use countersign::time::Time;
use countersign::verdict::{Answer, Decision, Question, Verdict};

use dossiers::{built_by, built_from, claim, dossier, embedded, fulcio, in_file};

fn expecting(change: impl FnOnce(&mut Expectations)) -> Expectations {
    let mut expectations = Expectations::default();
    change(&mut expectations);
    expectations
}

fn try_under(environment: &str, dossier: Dossier, expectations: &Expectations) -> Result<Verdict, UnknownEnvironment> {
    let terms = Terms {
        policy: &Policy::built_in(),
        environment,
        expectations,
        registry: &Registry::default(),
        at: Time::from_unix(0),
    };
    appraise(dossier, &terms)
}

fn under(environment: &str, dossier: Dossier, expectations: &Expectations) -> Verdict {
    try_under(environment, dossier, expectations).unwrap()
}

fn production(signatures: Vec<Signature>, claims: Vec<Claim>, expectations: &Expectations) -> Verdict {
    under("production", dossier(signatures, claims), expectations)
}

fn answer(verdict: &Verdict, question: Question) -> (Answer, &'static str) {
    let of = verdict.questions.iter().find(|of| of.question == question).unwrap();
    let worst = of.requirements.iter().min_by_key(|appraised| appraised.answer).unwrap();
    assert_eq!(worst.answer, of.answer);
    (of.answer, worst.reason)
}

fn requirement(verdict: &Verdict, id: &str) -> (Answer, &'static str) {
    let mut all = verdict.questions.iter().flat_map(|of| &of.requirements);
    let appraised = all.find(|appraised| appraised.id == id).unwrap();
    (appraised.answer, appraised.reason)
}

fn failing(mut signature: Signature, id: CheckId, reason: Reason) -> Signature {
    signature.check(id, Outcome::Fail(reason), "");
    signature
}

fn everything_expected() -> Expectations {
    expecting(|e| {
        e.signer = Some("https://github.com/acme/app/*".to_owned());
        e.issuer = Some("https://token.actions.githubusercontent.com".to_owned());
        e.source = Some("github.com/acme/app".to_owned());
        e.builder = Some("https://github.com/acme/app/.github/workflows/release.yml".to_owned());
    })
}

fn provenance(signature: usize) -> Vec<Claim> {
    vec![
        claim(signature, built_by("https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1.0.0")),
        claim(signature, built_from("https://github.com/acme/app", Some("refs/tags/v1.0.0"))),
    ]
}

#[test]
fn nothing_is_not_signed_and_nothing_else_is_established() {
    let verdict = production(vec![], vec![], &Expectations::default());
    assert_eq!(answer(&verdict, Question::Signed), (Answer::No, "unsigned"));
    assert_eq!(answer(&verdict, Question::Signer), (Answer::NotEstablished, "unsigned"));
    assert_eq!(answer(&verdict, Question::Path), (Answer::NotEstablished, "no-provenance"));
    assert_eq!(verdict.decision, Decision::Refuse);
}

#[test]
fn what_everything_is_known_about_is_admitted() {
    let verdict = production(vec![fulcio("app", 0)], provenance(0), &everything_expected());
    assert_eq!(verdict.decision, Decision::Admit, "{:#?}", verdict.questions);
}

#[test]
fn a_valid_signature_by_nobody_in_particular_is_not_enough() {
    let verdict = production(vec![embedded("Acme")], vec![], &Expectations::default());
    assert_eq!(answer(&verdict, Question::Signed), (Answer::Yes, "signature-holds"));
    assert_eq!(requirement(&verdict, "vouched"), (Answer::Yes, "chains-to-anchor"));
    assert_eq!(requirement(&verdict, "expected"), (Answer::NotEstablished, "expected-signer-not-said"));
    assert_eq!(verdict.decision, Decision::RefuseForLackOfEvidence);
}

#[test]
fn every_signature_inside_must_hold() {
    let good = embedded("Acme");
    for (id, reason) in [(CheckId::Digest, Reason::DigestMismatch), (CheckId::Structure, Reason::Malformed)] {
        let bad = failing(Signature::new("authenticode", Origin::Embedded), id, reason);
        for signatures in [vec![good.clone(), bad.clone()], vec![bad.clone(), good.clone()]] {
            let verdict = production(signatures, vec![], &Expectations::default());
            assert_eq!(answer(&verdict, Question::Signed), (Answer::No, reason.word()));
            assert_eq!(requirement(&verdict, "vouched"), (Answer::No, reason.word()));
        }
        // Evidence beside the artifact does not heal it.
        let verdict = production(vec![bad, fulcio("app", 0)], provenance(1), &everything_expected());
        assert_eq!(answer(&verdict, Question::Signed), (Answer::No, reason.word()));
        assert_eq!(verdict.decision, Decision::Refuse);
    }
}

#[test]
fn no_name_is_taken_from_a_signature_that_does_not_hold() {
    let forged = failing(embedded("Acme"), CheckId::Signature, Reason::SignatureMismatch);
    let expectations = expecting(|e| e.signer = Some("Acme".to_owned()));
    let verdict = production(vec![forged], vec![], &expectations);
    for id in ["vouched", "not-revoked", "expected"] {
        assert_eq!(requirement(&verdict, id), (Answer::No, "signature-mismatch"), "{id}");
    }
}

#[test]
fn of_evidence_beside_the_artifact_the_best_counts() {
    let other = failing(fulcio("other", 0), CheckId::Subject, Reason::SubjectMismatch);
    let bad = failing(fulcio("app", 0), CheckId::Signature, Reason::SignatureMismatch);
    let verdict = production(vec![other.clone(), bad.clone()], vec![], &Expectations::default());
    assert_eq!(answer(&verdict, Question::Signed).0, Answer::No);
    let verdict = production(vec![other, bad, fulcio("app", 0)], provenance(2), &everything_expected());
    assert_eq!(verdict.decision, Decision::Admit);
}

#[test]
fn a_key_not_at_hand_is_not_a_bad_signature() {
    let mut signature = in_file("minisign", "app.minisig");
    signature.check(CheckId::Signature, Outcome::Undecided(Need::Key), "");
    let verdict = production(vec![signature], vec![], &Expectations::default());
    assert_eq!(answer(&verdict, Question::Signed), (Answer::NotEstablished, "key-not-at-hand"));
    assert_eq!(answer(&verdict, Question::Signer), (Answer::NotEstablished, "key-not-at-hand"));
    assert_eq!(verdict.decision, Decision::RefuseForLackOfEvidence);
}

#[test]
fn a_signer_other_than_expected_is_a_no() {
    let signer = |name: &str| expecting(|e| e.signer = Some(name.to_owned()));
    let verdict = |expectations| production(vec![embedded("Acme")], vec![], &expectations);
    for name in ["CN=Acme,O=Acme Inc.", "Acme", "Acme Inc.", "Acm*", "CN=*,O=Acme Inc."] {
        assert_eq!(requirement(&verdict(signer(name)), "expected").0, Answer::Yes, "{name}");
    }
    for name in ["acme", "Acm", "O=Acme Inc.", "Acme Inc", "CN=Acme", ""] {
        assert_eq!(requirement(&verdict(signer(name)), "expected"), (Answer::No, "identity-mismatch"), "{name}");
    }
    let issued =
        |issuer: &str| expecting(|e| (e.signer, e.issuer) = (Some("Acme".to_owned()), Some(issuer.to_owned())));
    assert_eq!(requirement(&verdict(issued("Some CA")), "expected").0, Answer::Yes);
    assert_eq!(requirement(&verdict(issued("Other CA")), "expected"), (Answer::No, "issuer-mismatch"));
    // Anybody may be a customer of a CA.
    let issuer = expecting(|e| e.issuer = Some("Some CA".to_owned()));
    assert_eq!(requirement(&verdict(issuer), "expected"), (Answer::NotEstablished, "expected-signer-not-said"));
}

#[test]
fn the_name_of_fulcio_is_not_the_issuer_of_an_identity() {
    let signature = || vec![fulcio("app", 0)];
    for (issuer, expected) in [
        ("https://token.actions.githubusercontent.com", Answer::Yes),
        ("https://token.actions.githubusercontent.com.evil.example", Answer::No),
        ("https://token.actions.githubusercontent", Answer::No),
        ("O=sigstore.dev,CN=sigstore-intermediate", Answer::No),
    ] {
        let expectations = expecting(|e| {
            (e.signer, e.issuer) = (Some("https://github.com/acme/app/*".to_owned()), Some(issuer.to_owned()));
        });
        assert_eq!(requirement(&production(signature(), vec![], &expectations), "expected").0, expected, "{issuer}");
    }
}

#[test]
fn a_name_alone_is_no_identity_of_a_provider() {
    let expectations = expecting(|e| e.signer = Some("https://github.com/acme/app/*".to_owned()));
    let verdict = production(vec![fulcio("app", 0)], vec![], &expectations);
    assert_eq!(requirement(&verdict, "expected"), (Answer::NotEstablished, "expected-issuer-not-said"));
    let other = expecting(|e| e.signer = Some("https://github.com/acme/other/*".to_owned()));
    let verdict = production(vec![fulcio("app", 0)], vec![], &other);
    assert_eq!(requirement(&verdict, "expected"), (Answer::No, "identity-mismatch"));
}

#[test]
fn halves_of_two_signatures_do_not_add_up() {
    // The expected name, but nobody vouches; and somebody vouched for, but not the expected one.
    let mut impostor = in_file("sigstore", "a.json");
    impostor.signer = embedded("Acme").signer;
    impostor.check(CheckId::Signature, Outcome::Pass, "");
    impostor.check(CheckId::Chain, Outcome::Fail(Reason::SelfSigned), "");
    let expectations = expecting(|e| e.signer = Some("Acme".to_owned()));
    let verdict = production(vec![impostor, fulcio("other", 0)], vec![], &expectations);
    assert_eq!(answer(&verdict, Question::Signer).0, Answer::No);
}

#[test]
fn not_knowing_about_revocation_is_never_good() {
    let mut unknown = embedded("Acme");
    unknown.checks.retain(|check| check.id != CheckId::Revocation);
    let verdict = production(vec![unknown.clone()], vec![], &Expectations::default());
    assert_eq!(requirement(&verdict, "not-revoked"), (Answer::NotEstablished, "revocation-not-known"));
    let revoked = failing(unknown, CheckId::Revocation, Reason::Revoked);
    let verdict = production(vec![revoked], vec![], &Expectations::default());
    assert_eq!(requirement(&verdict, "not-revoked"), (Answer::No, "revoked"));
    let verdict = production(vec![fulcio("app", 0)], vec![], &Expectations::default());
    assert_eq!(requirement(&verdict, "not-revoked"), (Answer::Yes, "certificate-short-lived"));
    let mut of_a_private_instance = fulcio("app", 0);
    of_a_private_instance.signer.validity = Some((Time::from_unix(0), Time::from_unix(365 * Time::DAY)));
    let verdict = production(vec![of_a_private_instance], vec![], &Expectations::default());
    assert_eq!(requirement(&verdict, "not-revoked"), (Answer::NotEstablished, "revocation-not-known"));
}

#[test]
fn a_key_given_as_accepted_is_an_expected_signer() {
    let mut signature = in_file("dsse", "app.dsse.json");
    for id in [CheckId::Signature, CheckId::Subject, CheckId::Chain, CheckId::Validity] {
        signature.check(id, Outcome::Pass, "");
    }
    let verdict = production(vec![signature.clone()], vec![], &Expectations::default());
    assert_eq!(answer(&verdict, Question::Signer).0, Answer::Yes);
    // But not if somebody else is named.
    let verdict = production(vec![signature], vec![], &everything_expected());
    assert_eq!(answer(&verdict, Question::Signer), (Answer::No, "identity-mismatch"));
}

#[test]
fn self_signed_passes_the_lab_with_a_finding_and_nothing_else() {
    let mut signature = embedded("Anybody");
    signature.checks.retain(|check| check.id != CheckId::Chain);
    signature.check(CheckId::Chain, Outcome::Fail(Reason::SelfSigned), "");
    let expectations = Expectations::default();
    let verdict = under("lab", dossier(vec![signature.clone()], vec![]), &expectations);
    assert_eq!(verdict.decision, Decision::Admit);
    assert!(verdict.findings.iter().any(|finding| finding.id == FindingId::SelfSigned));
    assert!(!verdict.questions[2].required);
    assert_eq!(verdict.questions[2].answer, Answer::NotEstablished);
    let verdict = under("production", dossier(vec![signature], vec![]), &expectations);
    assert_eq!(answer(&verdict, Question::Signer), (Answer::No, "self-signed"));
}

#[test]
fn an_expectation_is_judged_whatever_the_policy_asks() {
    let expectations = everything_expected();
    let verdict = under("lab", dossier(vec![embedded("Acme")], vec![]), &expectations);
    assert_eq!(requirement(&verdict, "expected"), (Answer::No, "identity-mismatch"));
    assert_eq!(requirement(&verdict, "source"), (Answer::NotEstablished, "no-provenance"));
    assert_eq!(verdict.decision, Decision::Refuse);
}

#[test]
fn the_source_must_be_the_same_wherever_it_is_named() {
    let mut claims = provenance(0);
    claims.push(claim(0, built_from("git+https://github.com/evil/app@refs/tags/v1.0.0", None)));
    let verdict = production(vec![fulcio("app", 0)], claims, &everything_expected());
    assert_eq!(requirement(&verdict, "source"), (Answer::No, "source-mismatch"));
    assert_eq!(requirement(&verdict, "builder"), (Answer::Yes, "builder-matches"));
}

#[test]
fn without_an_expectation_provenance_is_listed_but_proves_no_control() {
    let verdict = production(vec![fulcio("app", 0)], provenance(0), &Expectations::default());
    assert_eq!(requirement(&verdict, "provenance"), (Answer::Yes, "provenance-verified"));
    assert_eq!(requirement(&verdict, "source"), (Answer::NotEstablished, "expected-source-not-said"));
    assert_eq!(requirement(&verdict, "builder"), (Answer::NotEstablished, "expected-builder-not-said"));
}

#[test]
fn unverified_provenance_speaks_against_but_never_for() {
    let asserted = |mut claims: Vec<Claim>| {
        claims.iter_mut().for_each(|claim| claim.standing = Standing::Asserted);
        claims
    };
    let mut signature = fulcio("app", 0);
    signature.checks.retain(|check| check.id != CheckId::Validity);
    let verdict = production(vec![signature.clone()], asserted(provenance(0)), &everything_expected());
    assert_eq!(requirement(&verdict, "source"), (Answer::NotEstablished, "provenance-not-verified"));
    let other = expecting(|e| e.source = Some("github.com/acme/other".to_owned()));
    let verdict = production(vec![signature], asserted(provenance(0)), &other);
    assert_eq!(requirement(&verdict, "source"), (Answer::No, "source-mismatch"));
}

#[test]
fn the_job_about_itself_is_no_voucher() {
    let mut claims = provenance(0);
    claims.iter_mut().for_each(|claim| claim.vouched_by = Voucher::Tenant);
    let verdict = production(vec![fulcio("app", 0)], claims, &everything_expected());
    assert_eq!(requirement(&verdict, "builder"), (Answer::NotEstablished, "voucher-not-accepted"));
}

#[test]
fn an_unknown_environment_is_an_error_that_names_the_known_ones() {
    let error = try_under("prodution", dossier(vec![], vec![]), &Expectations::default());
    assert_eq!(error.unwrap_err().to_string(), "the policy has no environment `prodution`; it has: lab, production");
}

#[test]
fn the_certificate_adds_the_class_to_a_runner_that_is_named_without_it() {
    let runner = "https://github.com/actions/runner";
    let answer = |named: &str, class: Option<&str>, expected: &str| {
        let mut claims = vec![claim(0, built_by(named))];
        claims.extend(class.map(|class| claim(0, Fact::RanOn { environment: class.to_owned() })));
        let expectations = expecting(|e| e.builder = Some(expected.to_owned()));
        requirement(&production(vec![fulcio("app", 0)], claims, &expectations), "builder").0
    };
    let hosted = format!("{runner}/github-hosted");
    assert_eq!(answer(&hosted, Some("github-hosted"), &hosted), Answer::Yes);
    assert_eq!(answer(&hosted, Some("github-hosted"), runner), Answer::No);
    // The first release of the npm client left the class out.
    assert_eq!(answer(runner, Some("github-hosted"), &hosted), Answer::Yes);
    assert_eq!(answer(runner, Some("github-hosted"), runner), Answer::Yes);
    assert_eq!(answer(runner, Some("self-hosted"), &hosted), Answer::No);
    assert_eq!(answer(runner, None, &hosted), Answer::No);
    assert_eq!(answer("https://github.com/actions/runner2", Some("2"), runner), Answer::No);
}

#[test]
fn a_stored_dossier_gives_the_same_verdict() {
    let claims =
        vec![claim(0, built_by("https://builder.example/b")), claim(0, built_from("github.com/acme/app", None))];
    let found = dossier(vec![fulcio("app", 0), embedded("CN=Acme")], claims);
    let stored = serde_json::to_string(&found).unwrap();
    let read: Dossier = serde_json::from_str(&stored).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), stored);
    let verdict = |dossier| format!("{:?}", under("production", dossier, &everything_expected()));
    assert_eq!(verdict(read), verdict(found));
}

#[test]
fn a_stored_dossier_with_a_word_that_nobody_knows_is_refused() {
    let stored = serde_json::to_string(&dossier(vec![fulcio("app", 0)], vec![])).unwrap();
    for (known, unknown) in [("\"sigstore\"", "\"sigstor\""), ("\"chain\"", "\"chains\""), ("\"origin\"", "\"orgin\"")]
    {
        assert!(stored.contains(known), "{known}");
        assert!(serde_json::from_str::<Dossier>(&stored.replace(known, unknown)).is_err(), "{unknown}");
    }
}

//! What a policy may ask of the registry: every requirement with all its answers, and identity drift.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod dossiers;
mod identities;

use std::collections::BTreeMap;

use countersign::appraise::{Terms, appraise};
use countersign::claim::{Claim, Fact};
use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::dossier::Dossier;
use countersign::event::{Change, Event, Field, KeyHeld, KeyStore, Right, Source, Stated, Window};
use countersign::evidence::{CheckId, Outcome, Reason, Signature};
use countersign::finding::{FindingId, Severity};
use countersign::identity::{Assurance, KeyProtection};
use countersign::policy::{Expectations, Policy};
use countersign::registry::{Binding, BindingField, KeyHash, Product, Registry, Selector};
use countersign::time::Time;
use countersign::verdict::{Answer, Decision, Verdict};
use identities::{active, bound, day, declared, discovered, event, registry, text, workload};

const REPOSITORY: &str = "https://github.com/acme/app";
const WORKFLOW: &str = "https://github.com/acme/app/.github/workflows/release.yml";

/// The names of a certificate for a run of Acme's release workflow.
const NAMES: [(&str, &str); 10] = [
    ("issuer", "https://token.actions.githubusercontent.com"),
    ("source-repository-uri", REPOSITORY),
    ("source-repository-identifier", "1000"),
    ("source-repository-owner-identifier", "20"),
    ("source-repository-ref", "refs/tags/v1.0.0"),
    ("build-signer-uri", "https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1.0.0"),
    ("build-config-uri", "https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1.0.0"),
    ("build-trigger", "push"),
    ("runner-environment", "github-hosted"),
    ("deployment-environment", "release"),
];

fn binding() -> Binding {
    Binding {
        issuer: Some(text("https://token.actions.githubusercontent.com")),
        owner_id: Some(text("20")),
        repository_id: Some(text("1000")),
        repository: Some(text(REPOSITORY)),
        workflow: Some(text(WORKFLOW)),
        signer: Some(text(WORKFLOW)),
        references: vec![text("refs/tags/v*")],
        triggers: vec![text("push")],
        runner: Some(text("github-hosted")),
        environment: Some(text("release")),
        ..Binding::open(day(-365))
    }
}

/// Acme's release workflow, active in production and bound to where it signs.
fn acme() -> Vec<Event> {
    active("acme", vec![workload()], "production", Some(binding()))
}

fn also(mut events: Vec<Event>, at: Time, actor: &str, change: Change) -> Vec<Event> {
    events.push(event("acme", at, actor, change));
    events
}

/// The day on which the signatures of these tests are proven to be made.
const SIGNED: i64 = 10;
/// The day on which they are judged.
const NOW: i64 = 20;

fn signature() -> Signature {
    dossiers::fulcio("app", day(SIGNED).unix())
}

fn claim(changes: &[(&str, Option<&str>)]) -> Claim {
    let mut names: BTreeMap<String, String> =
        NAMES.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    for (name, value) in changes {
        match value {
            Some(value) => drop(names.insert((*name).to_owned(), (*value).to_owned())),
            None => drop(names.remove(*name)),
        }
    }
    dossiers::claim(0, Fact::WorkflowIdentity(names))
}

fn signed_from(changes: &[(&str, Option<&str>)]) -> Dossier {
    dossiers::dossier(vec![signature()], vec![claim(changes)])
}

/// Without anything that proves when it was signed.
fn untimed() -> Dossier {
    let mut dossier = signed_from(&[]);
    dossier.signatures[0].time.trusted = None;
    dossier
}

fn policy(demand: &str, environment: &str) -> Policy {
    let text = format!(
        "schema = 1\nname = \"p\"\n[environment.{environment}]\nsigned.intact = \"required\"\nsigner.{demand}\n"
    );
    Policy::parse(&text, "test").unwrap()
}

fn weigh(dossier: &Dossier, registry: &Registry, policy: &Policy, environment: &str) -> Verdict {
    let expectations = Expectations::default();
    let terms = Terms { policy, environment, expectations: &expectations, registry, at: day(NOW) };
    appraise(dossier.clone(), &terms).unwrap()
}

/// What a policy that asks this gets for an answer.
fn ask_in(environment: &str, demand: &str, dossier: &Dossier, registry: &Registry) -> (Answer, &'static str) {
    let verdict = weigh(dossier, registry, &policy(demand, environment), environment);
    let id = demand.split(' ').next().unwrap();
    let mut all = verdict.questions.iter().flat_map(|of| &of.requirements);
    let appraised = all.find(|appraised| appraised.id == id).unwrap();
    (appraised.answer, appraised.reason)
}

fn ask(demand: &str, dossier: &Dossier, events: &[Event]) -> (Answer, &'static str) {
    ask_in("production", demand, dossier, &registry(events))
}

const ALL: [&str; 8] = [
    "registered",
    "owner-active",
    "rotation-not-overdue",
    "reviewed",
    "monitored",
    "no-drift",
    "expected-publisher",
    "not-distrusted",
];

#[test]
fn without_a_registry_nothing_is_established_and_nothing_speaks_against() {
    for id in ALL {
        let (strict, lenient) = (format!("{id} = \"established\""), format!("{id} = \"nothing-known\""));
        let none = Registry::default();
        let answer = ask_in("production", &strict, &signed_from(&[]), &none);
        assert_eq!(answer, (Answer::NotEstablished, "registry-not-at-hand"), "{id}");
        let answer = ask_in("production", &lenient, &signed_from(&[]), &none);
        assert_eq!(answer, (Answer::Yes, "nothing-known-of-signer"), "{id}");
    }
}

#[test]
fn who_is_not_registered_is_not_established_to_be_anything() {
    let empty = Registry::empty();
    for id in ALL {
        let strict = ask_in("production", &format!("{id} = \"established\""), &signed_from(&[]), &empty);
        assert_eq!(strict.0, if id == "registered" { Answer::No } else { Answer::NotEstablished }, "{id}");
        let lenient = ask_in("production", &format!("{id} = \"nothing-known\""), &signed_from(&[]), &empty);
        assert_eq!(lenient.0, Answer::Yes, "{id}");
    }
    let mut untrusted = signed_from(&[]);
    untrusted.signatures[0].check(CheckId::Chain, Outcome::Fail(Reason::NoPathToAnchor), "");
    let answer = ask_in("production", "registered = \"established\"", &untrusted, &empty);
    assert_eq!(answer, (Answer::NotEstablished, "signer-not-identified"));
}

const REGISTERED: &str = "registered = \"established\"";

#[test]
fn registered_follows_the_life_of_the_identity() {
    let dossier = signed_from(&[]);
    assert_eq!(ask(REGISTERED, &dossier, &acme()), (Answer::Yes, "identity-registered"));
    // Found, claimed, bound, approved: not active yet.
    for events in 1..5 {
        assert_eq!(ask(REGISTERED, &dossier, &acme()[..events]), (Answer::NotEstablished, "identity-not-active"));
        let lenient = ask("registered = \"nothing-known\"", &dossier, &acme()[..events]);
        assert_eq!(lenient.0, Answer::Yes);
    }
    for (change, ended) in
        [(Change::Suspended {}, "identity-signs-no-more"), (Change::Retired {}, "identity-signs-no-more")]
    {
        let before = also(acme(), day(SIGNED - 1), "bob", change.clone());
        let after = also(acme(), day(SIGNED + 1), "bob", change);
        for demand in [REGISTERED, "registered = \"nothing-known\""] {
            assert_eq!(ask(demand, &dossier, &before), (Answer::No, ended));
            assert_eq!(ask(demand, &dossier, &after).0, Answer::Yes);
            assert_eq!(ask(demand, &untimed(), &after), (Answer::NotEstablished, "time-not-proven"));
        }
    }
    // What was signed while it was suspended stays so.
    let resumed = also(also(acme(), day(5), "bob", Change::Suspended {}), day(15), "bob", Change::Resumed {});
    assert_eq!(ask(REGISTERED, &dossier, &resumed), (Answer::No, "identity-signs-no-more"));
}

#[test]
fn registered_needs_a_credential_that_counts() {
    let key = |byte| Selector::Key { spki_sha256: KeyHash::new([byte; 32]) };
    let dossier = |byte: u8| {
        let mut dossier = signed_from(&[]);
        dossier.claims = Default::default();
        dossier.signatures[0].signer.spki_sha256 = Digest::new(DigestAlgorithm::Sha256, &[byte; 32]);
        dossier
    };
    let start = Change::RotationStarted { successors: vec![key(2)], until: day(30) };
    let events = also(active("acme", vec![key(1)], "production", None), day(1), "alice", start);
    assert_eq!(ask(REGISTERED, &dossier(1), &events).0, Answer::Yes);
    assert_eq!(ask(REGISTERED, &dossier(2), &events), (Answer::NotEstablished, "credential-not-approved"));
    let events = also(events, day(2), "bob", Change::Approved {});
    assert_eq!(ask(REGISTERED, &dossier(2), &events).0, Answer::Yes);
    let early = also(events.clone(), day(SIGNED - 1), "alice", Change::RotationFinished { next_due: None });
    assert_eq!(ask(REGISTERED, &dossier(1), &early), (Answer::No, "credential-replaced"));
    assert_eq!(ask(REGISTERED, &dossier(2), &early).0, Answer::Yes);
    let late = also(events, day(SIGNED + 1), "alice", Change::RotationFinished { next_due: None });
    assert_eq!(ask(REGISTERED, &dossier(1), &late).0, Answer::Yes);
}

#[test]
fn a_lab_identity_does_not_sign_for_production() {
    let lab = registry(&active("acme", vec![workload()], "lab", Some(binding())));
    for demand in [REGISTERED, "registered = \"nothing-known\""] {
        assert_eq!(ask_in("production", demand, &signed_from(&[]), &lab), (Answer::No, "right-not-held"));
        assert_eq!(ask_in("lab", demand, &signed_from(&[]), &lab).0, Answer::Yes);
    }
}

#[test]
fn rights_formats_and_windows_bound_what_it_signs() {
    let with = |field| {
        let change = Change::Described { fields: vec![declared(field, day(1))] };
        also(acme(), day(1), "bob", change)
    };
    let window = |from, until| Field::Window(Window { from: day(from), until: Some(day(until)) });
    for (field, answer) in [
        (Field::Rights(vec![Right::Sign]), Answer::Yes),
        (Field::Rights(vec![Right::Build, Right::Publish]), Answer::No),
        (Field::Formats(vec![text("sigstore")]), Answer::Yes),
        (Field::Formats(vec![text("authenticode")]), Answer::No),
        (window(1, SIGNED + 1), Answer::Yes),
        (window(1, SIGNED), Answer::No),
    ] {
        assert_eq!(ask(REGISTERED, &signed_from(&[]), &with(field.clone())).0, answer, "{field:?}");
    }
}

#[test]
fn two_identities_that_could_have_signed_are_none() {
    let mut events = acme();
    events.extend(active("other", vec![workload()], "production", Some(binding())));
    assert_eq!(ask(REGISTERED, &signed_from(&[]), &events), (Answer::NotEstablished, "signer-ambiguous"));
    // Two workflows of one repository are told apart by what they are bound to.
    let nightly =
        Binding { workflow: Some(text("https://github.com/acme/app/.github/workflows/nightly.yml")), ..binding() };
    let mut events = acme();
    events.extend(active("nightly", vec![workload()], "production", Some(nightly)));
    assert_eq!(ask(REGISTERED, &signed_from(&[]), &events).0, Answer::Yes);
}

#[test]
fn an_owner_must_be_there_when_it_signs() {
    let demand = "owner-active = \"established\"";
    let dossier = signed_from(&[]);
    assert_eq!(ask(demand, &dossier, &acme()), (Answer::Yes, "owner-active"));
    let left = |day_left, who: &str| also(acme(), day(day_left), "hr", Change::OwnerLeft { who: text(who) });
    assert_eq!(ask(demand, &dossier, &left(SIGNED - 1, "olga")), (Answer::No, "owner-left"));
    assert_eq!(ask(demand, &dossier, &left(SIGNED + 1, "olga")).0, Answer::Yes);
    assert_eq!(ask(demand, &untimed(), &left(SIGNED + 1, "olga")), (Answer::NotEstablished, "time-not-proven"));
    assert_eq!(ask(demand, &dossier, &left(SIGNED - 1, "sam")), (Answer::NotEstablished, "owner-not-known"));
    assert_eq!(ask("owner-active = \"nothing-known\"", &dossier, &left(SIGNED - 1, "sam")).0, Answer::Yes);
    assert_eq!(ask(demand, &dossier, &acme()[..1]), (Answer::NotEstablished, "owner-not-known"));
}

#[test]
fn a_key_must_be_replaced_in_time() {
    let demand = "rotation-not-overdue = \"established\"";
    let dossier = signed_from(&[]);
    assert_eq!(ask(demand, &dossier, &acme()), (Answer::NotEstablished, "rotation-not-known"));
    let due = |due| {
        let fields = vec![declared(Field::RotationDue(day(due)), day(1))];
        also(acme(), day(1), "bob", Change::Described { fields })
    };
    assert_eq!(ask(demand, &dossier, &due(SIGNED + 1)), (Answer::Yes, "rotation-in-time"));
    assert_eq!(ask(demand, &dossier, &due(SIGNED)), (Answer::No, "rotation-overdue"));
    assert_eq!(ask(demand, &untimed(), &due(SIGNED)), (Answer::NotEstablished, "time-not-proven"));
    let rotate = |until| Change::RotationStarted { successors: Vec::new(), until: day(until) };
    assert_eq!(ask(demand, &dossier, &also(due(SIGNED), day(2), "alice", rotate(SIGNED + 1))).0, Answer::Yes);
    assert_eq!(ask(demand, &dossier, &also(due(SIGNED), day(2), "alice", rotate(SIGNED - 1))).0, Answer::No);
}

/// S29: of forty keys to be replaced by a day, three were not.
#[test]
fn keys_left_out_of_a_rotation_are_found() {
    let wrong = (0..40_u8).filter(|number| {
        let selector = Selector::Key { spki_sha256: KeyHash::new([*number; 32]) };
        let fields = vec![declared(Field::RotationDue(day(5)), day(1))];
        let mut events = active("acme", vec![selector], "production", None);
        events = also(events, day(1), "bob", Change::Described { fields });
        if ![7, 19, 38].contains(number) {
            events = also(events, day(2), "alice", Change::RotationStarted { successors: Vec::new(), until: day(5) });
            events = also(events, day(3), "alice", Change::RotationFinished { next_due: Some(day(365)) });
        }
        let mut dossier = signed_from(&[]);
        dossier.signatures[0].signer.spki_sha256 = Digest::new(DigestAlgorithm::Sha256, &[*number; 32]);
        ask("rotation-not-overdue = \"established\"", &dossier, &events).0 == Answer::No
    });
    assert_eq!(wrong.collect::<Vec<_>>(), [7, 19, 38]);
}

#[test]
fn a_key_in_hardware_needs_evidence_of_the_class_asked_for() {
    let held = |store, source, evidence: Option<&str>, exportable| {
        let held = KeyHeld { store, exportable, evidence: evidence.map(text) };
        let fields = vec![Stated { field: Field::Key(held), source, observed_at: day(1) }];
        also(acme(), day(1), "alice", Change::Described { fields })
    };
    let (attested, declared) = ("key-in-hardware = \"attested\"", "key-in-hardware = \"declared\"");
    let by_rule = KeyProtection::RequiredByRule { rule: "CSBR".to_owned(), asserted_by: "CN=CA".to_owned() };
    let by_device = KeyProtection::Attested { by: "YubiKey".to_owned(), what: "generated here".to_owned() };
    for (protection, answers) in [
        (KeyProtection::Unknown, [Answer::NotEstablished; 3]),
        (by_rule, [Answer::NotEstablished, Answer::Yes, Answer::Yes]),
        (by_device, [Answer::Yes; 3]),
    ] {
        let mut dossier = signed_from(&[]);
        dossier.signatures[0].key_protection = protection;
        for (demand, answer) in [attested, "key-in-hardware = \"required\"", declared].into_iter().zip(answers) {
            assert_eq!(ask_in("production", demand, &dossier, &Registry::default()).0, answer, "{demand}");
            // The registry knows better that it is a file.
            let file = held(KeyStore::File, Source::Declared, None, None);
            assert_eq!(ask(demand, &dossier, &file), (Answer::No, "key-not-in-hardware"));
        }
        dossier.signatures[0].check(CheckId::Chain, Outcome::Fail(Reason::NoPathToAnchor), "");
        assert_eq!(ask_in("production", declared, &dossier, &Registry::default()).0, Answer::NotEstablished);
    }
    for (events, least_attested, least_declared) in [
        (held(KeyStore::Hsm, Source::Attested, Some("attestation.pem"), None), Answer::Yes, Answer::Yes),
        (held(KeyStore::Hsm, Source::Attested, None, None), Answer::NotEstablished, Answer::Yes),
        (held(KeyStore::Tpm, Source::Declared, None, None), Answer::NotEstablished, Answer::Yes),
        (held(KeyStore::Tpm, Source::Discovered, None, None), Answer::NotEstablished, Answer::NotEstablished),
        (held(KeyStore::Hsm, Source::Attested, Some("letter"), Some(true)), Answer::No, Answer::No),
        (held(KeyStore::File, Source::Declared, None, None), Answer::No, Answer::No),
        (acme(), Answer::NotEstablished, Answer::NotEstablished),
    ] {
        assert_eq!(ask(attested, &signed_from(&[]), &events).0, least_attested);
        assert_eq!(ask(declared, &signed_from(&[]), &events).0, least_declared);
    }
}

#[test]
fn reviews_come_due() {
    let demand = "reviewed = \"established\"";
    assert_eq!(ask(demand, &signed_from(&[]), &acme()), (Answer::Yes, "entry-reviewed"));
    let next = |next| also(acme(), day(1), "bob", Change::Reviewed { next: day(next) });
    assert_eq!(ask(demand, &signed_from(&[]), &next(NOW)), (Answer::No, "review-overdue"));
    assert_eq!(ask(demand, &signed_from(&[]), &next(NOW + 1)).0, Answer::Yes);
    assert_eq!(ask(demand, &signed_from(&[]), &acme()[..1]), (Answer::NotEstablished, "review-not-known"));
}

#[test]
fn monitoring_is_a_log_that_somebody_watches() {
    let demand = "monitored = \"established\"";
    assert_eq!(ask(demand, &signed_from(&[]), &acme()), (Answer::NotEstablished, "use-not-watched"));
    let with = |field| also(acme(), day(1), "alice", Change::Described { fields: vec![declared(field, day(1))] });
    assert_eq!(ask(demand, &signed_from(&[]), &with(Field::Logs(vec![text("rekor.sigstore.dev")]))).0, Answer::Yes);
    let feeds = with(Field::Feeds(vec![text("CertGraveyard")]));
    assert_eq!(ask(demand, &signed_from(&[]), &feeds).0, Answer::NotEstablished);
}

#[test]
fn a_compromise_is_judged_by_its_date_and_the_proven_time() {
    let compromised = |since| also(acme(), day(NOW), "soc", Change::Compromised { since: day(since) });
    for demand in ["not-distrusted = \"established\"", "not-distrusted = \"nothing-known\""] {
        let before = ask(demand, &signed_from(&[]), &compromised(SIGNED + 1));
        assert_eq!(before, (Answer::Yes, "signed-before-compromise"));
        for since in [SIGNED, SIGNED - 1] {
            assert_eq!(ask(demand, &signed_from(&[]), &compromised(since)), (Answer::No, "identity-compromised"));
        }
        assert_eq!(ask(demand, &untimed(), &compromised(SIGNED + 1)), (Answer::NotEstablished, "time-not-proven"));
        assert_eq!(ask(demand, &signed_from(&[]), &acme()), (Answer::Yes, "not-compromised"));
    }
    let verdict =
        weigh(&signed_from(&[]), &registry(&compromised(SIGNED + 1)), &policy(REGISTERED, "production"), "production");
    assert!(verdict.findings.iter().any(|finding| finding.id == FindingId::SignedBeforeCompromise));
}

#[test]
fn who_stands_on_a_list_is_distrusted_with_or_without_a_registry() {
    let mut listed = signed_from(&[]);
    listed.signatures[0].check(CheckId::Distrust, Outcome::Fail(Reason::Distrusted), "entry 7");
    for registry in [Registry::default(), registry(&acme())] {
        let answer = ask_in("production", "not-distrusted = \"nothing-known\"", &listed, &registry);
        assert_eq!(answer, (Answer::No, "distrusted"));
    }
}

#[test]
fn the_compromise_of_a_key_counts_whatever_the_certificate_around_it() {
    let key = Selector::Key { spki_sha256: KeyHash::new([1; 32]) };
    let events = active("acme", vec![key], "production", None);
    let events = also(events, day(9), "soc", Change::Compromised { since: day(8) });
    let mut dossier = signed_from(&[]);
    dossier.signatures[0].signer.spki_sha256 = Digest::new(DigestAlgorithm::Sha256, &[1; 32]);
    dossier.signatures[0].check(CheckId::Chain, Outcome::Fail(Reason::SelfSigned), "");
    let answer = ask("not-distrusted = \"nothing-known\"", &dossier, &events);
    assert_eq!(answer, (Answer::No, "identity-compromised"));
}

#[test]
fn assurance_is_ordered_only_where_it_says_more_of_the_same() {
    let answer = |level: &str, assurance| {
        let mut dossier = signed_from(&[]);
        dossier.signatures[0].assurance = assurance;
        ask_in("production", &format!("assurance-at-least = \"{level}\""), &dossier, &Registry::default()).0
    };
    use Assurance::*;
    let levels = ["extended-validation", "organization-validated", "individual-validated", "somebody-else"];
    for (assurance, enough) in [
        (ExtendedValidation, 0),
        (OrganizationValidated, 1),
        (Platform, 1),
        (IndividualValidated, 2),
        (WorkloadOidc, 3),
        (PersonOidc, 3),
        (WebOfTrust, 3),
        (KeyOnly, 4),
        (SelfSigned, 4),
        (Test, 4),
        (Unknown, 4),
    ] {
        for (position, level) in levels.into_iter().enumerate() {
            let expected = if position >= enough { Answer::Yes } else { Answer::No };
            assert_eq!(answer(level, assurance), expected, "{level} {assurance:?}");
        }
    }
    let mut expired = signed_from(&[]);
    expired.signatures[0].check(CheckId::Validity, Outcome::Fail(Reason::Expired), "");
    let (answer, _) = ask_in("production", "assurance-at-least = \"somebody-else\"", &expired, &Registry::default());
    assert_eq!(answer, Answer::NotEstablished);
}

const NO_DRIFT: &str = "no-drift = \"established\"";

/// Each part of the binding, changed by itself: its answer and the severity of its finding.
const DRIFTS: [(&str, Option<&str>, Answer, Option<Severity>); 19] = [
    ("runner-environment", Some("self-hosted"), Answer::No, Some(Severity::High)),
    ("runner-environment", Some("gitlab-hosted"), Answer::No, Some(Severity::Medium)),
    ("runner-environment", None, Answer::NotEstablished, None),
    ("deployment-environment", None, Answer::No, Some(Severity::High)),
    ("deployment-environment", Some("staging"), Answer::No, Some(Severity::Medium)),
    ("build-trigger", Some("pull_request_target"), Answer::No, Some(Severity::High)),
    ("build-trigger", Some("issue_comment"), Answer::No, Some(Severity::High)),
    ("build-trigger", Some("workflow_dispatch"), Answer::No, Some(Severity::Medium)),
    ("build-trigger", Some("Push"), Answer::No, Some(Severity::Medium)),
    ("source-repository-ref", Some("refs/heads/main"), Answer::No, Some(Severity::High)),
    ("source-repository-ref", Some("refs/pull/1/merge"), Answer::No, Some(Severity::High)),
    ("source-repository-ref", Some("refs/tags/nightly"), Answer::No, Some(Severity::Medium)),
    (
        "build-config-uri",
        Some("https://github.com/acme/app/.github/workflows/release.yaml@refs/tags/v1.0.0"),
        Answer::No,
        Some(Severity::High),
    ),
    (
        "build-config-uri",
        Some("https://github.com/acme/app/.github/workflows/Release.yml@refs/tags/v1.0.0"),
        Answer::No,
        Some(Severity::High),
    ),
    (
        "build-signer-uri",
        Some("https://github.com/evil/shared/.github/workflows/release.yml@refs/tags/v1.0.0"),
        Answer::No,
        Some(Severity::High),
    ),
    ("source-repository-uri", Some("https://github.com/acme-inc/app"), Answer::Yes, Some(Severity::Low)),
    ("source-repository-ref", Some("refs/tags/v2.0.0"), Answer::Yes, None),
    (
        "build-config-uri",
        Some("https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v2.0.0"),
        Answer::Yes,
        None,
    ),
    ("token-subject", Some("anything"), Answer::Yes, None),
];

fn worst_drift(dossier: &Dossier, events: &[Event]) -> Option<Severity> {
    use FindingId::*;
    let verdict = weigh(dossier, &registry(events), &policy(REGISTERED, "production"), "production");
    let drifts = [IdentityDriftCritical, IdentityDriftHigh, IdentityDrift, IdentityDriftLow, NameKeptIdChanged];
    let drifts = verdict.findings.iter().filter(|finding| drifts.contains(&finding.id));
    drifts.map(|finding| finding.id.severity()).max()
}

#[test]
fn every_part_of_the_binding_is_compared_and_graded() {
    assert_eq!(ask(NO_DRIFT, &signed_from(&[]), &acme()), (Answer::Yes, "signed-from-binding"));
    for (name, value, answer, severity) in DRIFTS {
        let dossier = signed_from(&[(name, value)]);
        assert_eq!(ask(NO_DRIFT, &dossier, &acme()).0, answer, "{name} {value:?}");
        assert_eq!(worst_drift(&dossier, &acme()), severity, "{name} {value:?}");
        let lenient = if answer == Answer::NotEstablished { Answer::Yes } else { answer };
        assert_eq!(ask("no-drift = \"nothing-known\"", &dossier, &acme()).0, lenient, "{name} {value:?}");
    }
}

#[test]
fn the_commit_of_the_workflow_is_a_finding_alone() {
    let binding = Binding { workflow_digest: Some(text("aa")), ..binding() };
    let events = active("acme", vec![workload()], "production", Some(binding));
    let dossier = signed_from(&[("build-config-digest", Some("bb"))]);
    assert_eq!(ask(NO_DRIFT, &dossier, &events).0, Answer::Yes);
    assert_eq!(worst_drift(&dossier, &events), Some(Severity::Low));
}

/// A key that is bound to a workflow is drift in itself if the numbers behind it change.
#[test]
fn another_owner_repository_or_issuer_is_critical() {
    let key = Selector::Key { spki_sha256: KeyHash::new([1; 32]) };
    let events = active("acme", vec![key], "production", Some(binding()));
    for (name, issuer) in [
        ("source-repository-owner-identifier", None),
        ("source-repository-identifier", None),
        ("token-subject", Some("https://evil.example")),
    ] {
        let mut dossier = signed_from(&[(name, Some("9"))]);
        dossier.signatures[0].signer.spki_sha256 = Digest::new(DigestAlgorithm::Sha256, &[1; 32]);
        if let Some(issuer) = issuer {
            dossier.signatures[0].signer.oidc_issuer = Some(issuer.to_owned());
        }
        assert_eq!(ask(NO_DRIFT, &dossier, &events), (Answer::No, "identity-drifted"), "{name}");
        assert_eq!(worst_drift(&dossier, &events), Some(Severity::Critical), "{name}");
    }
}

/// What imitates Acme's release workflow: a verified certificate that is nearly its own.
struct NearMiss {
    what: &'static str,
    names: &'static [(&'static str, Option<&'static str>)],
    san: Option<&'static str>,
    issuer: Option<&'static str>,
}

const OTHER_NUMBERS: (&str, Option<&str>) = ("source-repository-identifier", Some("6666"));
const OTHER_OWNER: (&str, Option<&str>) = ("source-repository-owner-identifier", Some("6666"));

/// S50: prefix, case, homoglyph, renamed organisation, wrong issuer, reusable workflow, reference.
const NEAR_MISSES: [NearMiss; 14] = [
    NearMiss { what: "the repository's name taken over", names: &[OTHER_NUMBERS], san: None, issuer: None },
    NearMiss {
        what: "the organisation's name taken over",
        names: &[OTHER_NUMBERS, OTHER_OWNER],
        san: None,
        issuer: None,
    },
    NearMiss {
        what: "in other letter case",
        names: &[OTHER_NUMBERS, OTHER_OWNER, ("source-repository-uri", Some("https://github.com/Acme/App"))],
        san: Some("https://github.com/Acme/App/.github/workflows/release.yml@refs/tags/v1.0.0"),
        issuer: None,
    },
    NearMiss {
        what: "an issuer that begins like the right one",
        names: &[],
        san: None,
        issuer: Some("https://token.actions.githubusercontent.com.evil.example"),
    },
    NearMiss {
        what: "an issuer of an enterprise",
        names: &[],
        san: None,
        issuer: Some("https://token.actions.githubusercontent.com/acme"),
    },
    NearMiss { what: "another issuer", names: &[], san: None, issuer: Some("https://gitlab.com") },
    NearMiss {
        what: "its reusable workflow, called from elsewhere",
        names: &[OTHER_NUMBERS, OTHER_OWNER, ("source-repository-uri", Some("https://github.com/evil/app"))],
        san: None,
        issuer: None,
    },
    NearMiss {
        what: "a repository that begins like it",
        names: &[
            OTHER_NUMBERS,
            OTHER_OWNER,
            ("source-repository-uri", Some("https://github.com/acme/app-evil")),
            ("build-signer-uri", None),
            ("build-config-uri", None),
        ],
        san: Some("https://github.com/acme/app-evil/.github/workflows/release.yml@refs/tags/v1.0.0"),
        issuer: None,
    },
    NearMiss {
        what: "an organisation that begins like it",
        names: &[
            OTHER_NUMBERS,
            OTHER_OWNER,
            ("source-repository-uri", Some("https://github.com/acme-evil/app")),
            ("build-signer-uri", None),
            ("build-config-uri", None),
        ],
        san: Some("https://github.com/acme-evil/app/.github/workflows/release.yml@refs/tags/v1.0.0"),
        issuer: None,
    },
    NearMiss {
        what: "a letter that looks alike",
        names: &[
            OTHER_NUMBERS,
            OTHER_OWNER,
            ("source-repository-uri", Some("https://github.com/\u{430}cme/app")),
            ("build-signer-uri", None),
            ("build-config-uri", None),
        ],
        san: Some("https://github.com/\u{430}cme/app/.github/workflows/release.yml@refs/tags/v1.0.0"),
        issuer: None,
    },
    NearMiss {
        what: "its name inside of another's path",
        names: &[
            OTHER_NUMBERS,
            OTHER_OWNER,
            ("source-repository-uri", Some("https://evil.example/https://github.com/acme/app")),
            ("build-signer-uri", None),
            ("build-config-uri", None),
        ],
        san: Some("https://evil.example/https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1.0.0"),
        issuer: None,
    },
    NearMiss {
        what: "its numbers, but not verified as such",
        names: &[("source-repository-identifier", None)],
        san: None,
        issuer: None,
    },
    NearMiss {
        what: "its numbers swapped",
        names: &[("source-repository-identifier", Some("20")), ("source-repository-owner-identifier", Some("1000"))],
        san: None,
        issuer: None,
    },
    NearMiss {
        what: "numbers that begin like its own",
        names: &[("source-repository-identifier", Some("10000"))],
        san: None,
        issuer: None,
    },
];

#[test]
fn no_near_miss_is_taken_for_the_identity() {
    let expected = Change::Expected { products: vec![Product::File(text("app"))] };
    let events = also(also(acme(), day(1), "alice", expected), day(1), "bob", Change::Approved {});
    let registry = registry(&events);
    let built_in = |dossier: &Dossier| weigh(dossier, &registry, &Policy::built_in(), "production");
    let answer = |verdict: &Verdict, id: &str| {
        let mut all = verdict.questions.iter().flat_map(|of| &of.requirements);
        all.find(|appraised| appraised.id == id).map(|appraised| appraised.answer)
    };
    let real = built_in(&signed_from(&[]));
    assert_eq!(answer(&real, "no-drift"), Some(Answer::Yes));
    assert_eq!(answer(&real, "expected-publisher"), Some(Answer::Yes));
    for near in NEAR_MISSES {
        let mut dossier = signed_from(near.names);
        if let Some(san) = near.san {
            dossier.signatures[0].signer.san = vec![san.to_owned()];
        }
        if let Some(issuer) = near.issuer {
            dossier.signatures[0].signer.oidc_issuer = Some(issuer.to_owned());
        }
        let verdict = built_in(&dossier);
        assert_ne!(verdict.decision, Decision::Admit, "{}", near.what);
        assert_eq!(answer(&verdict, "expected-publisher"), Some(Answer::No), "{}", near.what);
        assert!(verdict.findings.iter().any(|it| it.id == FindingId::FirstSeenSigner), "{}", near.what);
    }
    // Those that bear the very name are known for what they are.
    let taken_over = NEAR_MISSES.iter().filter(|near| {
        let mut dossier = signed_from(near.names);
        dossier.signatures[0].signer.oidc_issuer =
            near.issuer.map(str::to_owned).or(dossier.signatures[0].signer.oidc_issuer.take());
        near.san.is_none() && worst_drift(&dossier, &events) == Some(Severity::Critical)
    });
    assert_eq!(taken_over.count(), 9);
}

#[test]
fn the_workflow_of_a_shared_builder_belongs_to_nobody_who_uses_it() {
    let shared = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/builder.yml";
    let binding = Binding { signer: Some(text(shared)), ..binding() };
    let events = active("acme", vec![workload()], "production", Some(binding));
    let signer = format!("{shared}@refs/tags/v2.0.0");
    let stranger = signed_from(&[
        OTHER_NUMBERS,
        OTHER_OWNER,
        ("source-repository-uri", Some("https://github.com/stranger/tool")),
        ("build-signer-uri", Some(&signer)),
        ("build-config-uri", Some("https://github.com/stranger/tool/.github/workflows/ci.yml@refs/heads/main")),
    ]);
    let mut stranger = stranger;
    stranger.signatures[0].signer.san = vec![signer];
    assert_eq!(worst_drift(&stranger, &events), None);
    assert_eq!(ask("no-drift = \"nothing-known\"", &stranger, &events).0, Answer::Yes);
}

/// N08: the pipeline moved, and somebody else approved the new version of the binding before.
#[test]
fn a_new_version_of_the_binding_explains_what_is_signed_after_it() {
    let moved = Binding { runner: Some(text("self-hosted")), valid_from: day(5), ..binding() };
    let events = also(also(acme(), day(4), "alice", bound(Some(moved))), day(4), "bob", Change::Approved {});
    let dossier = signed_from(&[("runner-environment", Some("self-hosted"))]);
    assert_eq!(ask(NO_DRIFT, &dossier, &events).0, Answer::Yes);
    assert_eq!(worst_drift(&dossier, &events), None);
    let proposed_only = &events[..events.len() - 1];
    assert_eq!(ask(NO_DRIFT, &dossier, proposed_only).0, Answer::No);
    // What was signed before is compared with what held before.
    let mut before = dossier;
    before.signatures[0].time.trusted = Some(day(4));
    assert_eq!(ask(NO_DRIFT, &before, &events).0, Answer::No);
}

#[test]
fn an_approved_change_explains_what_it_names_and_nothing_else() {
    let change = |field, from: Option<&str>, to: &str, days: (i64, i64)| Change::ChangeApproved {
        field,
        from: from.map(text),
        to: text(to),
        valid: Window { from: day(days.0), until: Some(day(days.1)) },
        reference: text("CHG-7"),
    };
    let hot_fix = signed_from(&[("source-repository-ref", Some("refs/heads/hotfix/1"))]);
    let reference = BindingField::Reference;
    for (change, answer) in [
        (change(reference, None, "refs/heads/hotfix/*", (9, 11)), Answer::Yes),
        (change(reference, Some("refs/tags/v*"), "refs/heads/hotfix/1", (9, 11)), Answer::Yes),
        (change(reference, Some("refs/tags/x*"), "refs/heads/hotfix/1", (9, 11)), Answer::No),
        (change(reference, None, "refs/heads/hotfix", (9, 11)), Answer::No),
        (change(reference, None, "refs/heads/hotfix/*", (1, SIGNED)), Answer::No),
        (change(BindingField::Trigger, None, "refs/heads/hotfix/1", (9, 11)), Answer::No),
    ] {
        let events = also(acme(), day(12), "bob", change.clone());
        assert_eq!(ask(NO_DRIFT, &hot_fix, &events).0, answer, "{change:?}");
    }
    let events = also(acme(), day(12), "bob", change(reference, None, "refs/heads/hotfix/*", (9, 11)));
    let verdict = weigh(&hot_fix, &registry(&events), &policy(NO_DRIFT, "production"), "production");
    assert!(verdict.findings.iter().any(|it| it.id == FindingId::IdentityDriftExplained));
}

/// S05: the Team ID differs from that of all releases before.
#[test]
fn a_product_is_signed_by_those_expected_to_sign_it() {
    let demand = "expected-publisher = \"established\"";
    let team = |team: &str| {
        let mut dossier = dossiers::dossier(vec![dossiers::embedded("Acme")], Vec::new());
        dossier.signatures[0].signer.team_id = Some(team.to_owned());
        dossier.signatures[0].time.trusted = Some(day(SIGNED));
        dossier
    };
    let events = |pattern: &str| {
        let events = active("acme", vec![Selector::TeamId(text("TEAMX"))], "production", None);
        let products = vec![Product::File(text(pattern))];
        also(also(events, day(1), "alice", Change::Expected { products }), day(1), "bob", Change::Approved {})
    };
    for pattern in ["app", "a*", "*pp", "*a*"] {
        assert_eq!(ask(demand, &team("TEAMX"), &events(pattern)), (Answer::Yes, "publisher-expected"), "{pattern}");
        assert_eq!(ask(demand, &team("TEAMY"), &events(pattern)), (Answer::No, "publisher-unexpected"), "{pattern}");
    }
    assert_eq!(ask(demand, &team("TEAMX"), &events("app-*")), (Answer::NotEstablished, "no-publisher-expected"));
    let proposed = &events("app")[..6];
    assert_eq!(ask(demand, &team("TEAMY"), proposed), (Answer::NotEstablished, "no-publisher-expected"));
    // The built-in policy judges it too, because the registry has something to say.
    let verdict = weigh(&team("TEAMY"), &registry(&events("app")), &Policy::built_in(), "production");
    assert_eq!(verdict.decision, Decision::Refuse);
}

/// S31: somebody who is registered, but new, signs a product.
#[test]
fn a_new_signer_of_an_old_product_is_pointed_out() {
    let key = |byte| Selector::Key { spki_sha256: KeyHash::new([byte; 32]) };
    let expect = |name: &str, at: i64| {
        let products = vec![Product::File(text("app"))];
        [event(name, day(at), "alice", Change::Expected { products }), event(name, day(at), "bob", Change::Approved {})]
    };
    let mut events = active("old", vec![key(1)], "production", None);
    events.extend(expect("old", -1).map(|mut event| {
        event.at = day(0).plus(300);
        event
    }));
    events.extend(active("new", vec![key(2)], "production", None));
    events.extend(expect("new", 9));
    let registry = registry(&events);
    let signed = |byte: u8| {
        let mut dossier = signed_from(&[]);
        dossier.signatures[0].time.trusted = Some(day(60));
        dossier.signatures[0].signer.spki_sha256 = Digest::new(DigestAlgorithm::Sha256, &[byte; 32]);
        dossier
    };
    let is_new = |dossier: &Dossier| {
        let verdict = weigh(dossier, &registry, &Policy::built_in(), "production");
        verdict.findings.iter().any(|finding| finding.id == FindingId::FirstSeenSigner)
    };
    assert!(!is_new(&signed(1)) && !is_new(&signed(2)) && is_new(&signed(3)));
    let mut early = signed(2);
    early.signatures[0].time.trusted = Some(day(SIGNED));
    assert!(is_new(&early));
}

#[test]
fn one_key_of_two_identities_is_pointed_out() {
    let key = Selector::Key { spki_sha256: KeyHash::new([1; 32]) };
    let mut dossier = signed_from(&[]);
    dossier.signatures[0].signer.spki_sha256 = Digest::new(DigestAlgorithm::Sha256, &[1; 32]);
    let found = |other: &str| {
        let mut events = active("a", vec![key.clone()], "production", None);
        events.extend(active("b", vec![key.clone()], other, None));
        let verdict = weigh(&dossier, &registry(&events), &Policy::built_in(), "production");
        verdict.findings.iter().map(|finding| finding.id).collect::<Vec<_>>()
    };
    assert!(found("production").contains(&FindingId::KeyReused));
    assert!(found("lab").contains(&FindingId::KeyReusedAcrossEnvironments));
}

/// D07 and N06: another CA is a finding, unless a rotation is recorded.
#[test]
fn a_credential_changes_only_with_a_rotation() {
    let stated = Change::Described { fields: vec![declared(Field::IssuedBy(text("CN=Some CA,O=Trust Corp")), day(1))] };
    let events = also(acme(), day(1), "alice", stated);
    let changed = |events: &[Event]| {
        let verdict = weigh(&signed_from(&[]), &registry(events), &policy(REGISTERED, "production"), "production");
        verdict.findings.iter().any(|finding| finding.id == FindingId::CredentialChanged)
    };
    assert!(changed(&events));
    let rotating = also(events, day(2), "alice", Change::RotationStarted { successors: Vec::new(), until: day(15) });
    assert!(!changed(&rotating));
    assert!(!changed(&also(rotating, day(12), "alice", Change::RotationFinished { next_due: None })));
}

#[test]
fn what_the_registry_says_is_judged_whatever_the_policy_asks() {
    let events = also(acme(), day(NOW), "soc", Change::Compromised { since: day(5) });
    let lab = Policy::parse(
        "schema = 1\nname = \"p\"\n[environment.production]\nsigned.intact = \"required\"\nsigner.vouched = \"by-anchor\"\n",
        "test",
    )
    .unwrap();
    assert_eq!(weigh(&signed_from(&[]), &Registry::default(), &lab, "production").decision, Decision::Admit);
    assert_eq!(weigh(&signed_from(&[]), &registry(&acme()), &lab, "production").decision, Decision::Admit);
    let verdict = weigh(&signed_from(&[]), &registry(&events), &lab, "production");
    assert_eq!(verdict.decision, Decision::Refuse);
    let asked: Vec<_> = verdict.questions[1].requirements.iter().map(|appraised| &*appraised.id).collect();
    for id in ["registered", "owner-active", "rotation-not-overdue", "no-drift", "not-distrusted"] {
        assert!(asked.contains(&id), "{id}");
    }
    // Nothing is asked where the registry has nothing to say.
    let stranger = registry(&[event("x", day(0), "scanner", discovered(vec![Selector::TeamId(text("X"))]))]);
    let verdict = weigh(&signed_from(&[]), &stranger, &lab, "production");
    assert_eq!(verdict.questions[1].requirements.len(), 1);
}

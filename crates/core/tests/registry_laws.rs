//! The laws of appraisal with a registry at hand: it only ever takes admissions away.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod dossiers;
mod identities;

use std::collections::BTreeMap;

use countersign::appraise::{Terms, appraise};
use countersign::claim::{Claims, Fact};
use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::dossier::Dossier;
use countersign::event::{Change, Event, Field};
use countersign::evidence::{CheckId, Origin, Outcome, Reason, Signature, SignatureId};
use countersign::policy::{Expectations, Policy};
use countersign::record::blast::{Effect, effect};
use countersign::record::{Reliance, VerdictRecord};
use countersign::registry::{Binding, Product, Registry, Selector};
use countersign::verdict::{Answer, Decision, Verdict};
use identities::{active, day, declared, event, id, key, registry, text, workload};
use proptest::prelude::*;
use proptest::sample::select;

const CASES: u32 = 1_500;
const NOW: i64 = 20;

/// A signature that mostly holds, by one of three keys, made on some day if that is proven.
fn signature() -> impl Strategy<Value = Signature> {
    let spoil = prop_oneof![5 => Just(None), 1 => select(Reason::ALL).prop_map(Some)];
    let day_made = prop::option::weighted(0.8, 0..NOW);
    (any::<bool>(), 1..4_u8, day_made, spoil).prop_map(|(is_inside, by, made, spoil)| {
        let mut signature = if is_inside { dossiers::embedded("Acme") } else { dossiers::fulcio("app", day(0).unix()) };
        signature.signer.spki_sha256 = Digest::new(DigestAlgorithm::Sha256, &[by; 32]);
        signature.time.trusted = made.map(day);
        signature.check(CheckId::Strength, Outcome::Pass, "");
        if let Some(reason) = spoil {
            signature.check(CheckId::Chain, Outcome::Fail(reason), "");
        }
        signature
    })
}

fn dossier() -> impl Strategy<Value = Dossier> {
    let names = (select(&["1000", "1001"][..]), select(&["github-hosted", "self-hosted"][..]));
    (prop::collection::vec(signature(), 1..4), names).prop_map(|(signatures, (number, runner))| {
        let names = [
            ("source-repository-uri", "https://github.com/acme/app"),
            ("source-repository-identifier", number),
            ("source-repository-owner-identifier", "20"),
            ("runner-environment", runner),
        ];
        let names: BTreeMap<_, _> = names.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let valid = signatures.iter().enumerate().filter(|(_, it)| it.state() == countersign::evidence::State::Valid);
        let claims = valid.map(|(at, _)| dossiers::claim(at, Fact::WorkflowIdentity(names.clone()))).collect();
        dossiers::dossier(signatures, claims)
    })
}

/// What may become of an identity after its first day.
fn fate() -> impl Strategy<Value = Option<Change>> {
    prop::option::of(prop_oneof![
        Just(Change::Suspended {}),
        Just(Change::Retired {}),
        Just(Change::OwnerLeft { who: text("olga") }),
        (0..2_i64).prop_map(|since| Change::Compromised { since: day(since) }),
        Just(Change::Described { fields: vec![declared(Field::RotationDue(day(5)), day(2))] }),
    ])
}

/// Three identities at any point of their lives, one of them expected to sign the artifact, or none.
fn events() -> impl Strategy<Value = Vec<Event>> {
    let life = || (1..6_usize, select(&["production", "lab"][..]), fate());
    (life(), life(), life(), any::<bool>()).prop_map(|(a, b, c, expects)| {
        let binding = || {
            Some(Binding {
                runner: Some(text("github-hosted")),
                repository: Some(text("https://github.com/acme/app")),
                ..Binding::open(day(-9))
            })
        };
        let selectors: [(&str, Selector, _); 3] =
            [("a", key(1), None), ("b", key(2), binding()), ("c", workload(), binding())];
        let mut events = Vec::new();
        for ((name, selector, binding), (steps, environment, fate)) in selectors.into_iter().zip([a, b, c]) {
            let mut story = active(name, vec![selector], environment, binding);
            story.truncate(steps);
            if expects && steps == 5 && name == "a" {
                let products = vec![Product::File(text("app"))];
                story.push(event(name, day(1), "alice", Change::Expected { products }));
                story.push(event(name, day(1), "bob", Change::Approved {}));
            }
            story.extend(fate.map(|change| event(name, day(2), "carol", change)));
            events.extend(story);
        }
        events
    })
}

/// As far as the life cycle permits these events.
fn fold(events: &[Event]) -> Registry {
    let mut registry = Registry::empty();
    for event in events {
        let _ = registry.apply(event);
    }
    registry
}

fn policy(demands: usize) -> Policy {
    let all = [
        "signer.vouched = \"by-anchor\"",
        "signer.vouched = \"by-anchor-or-itself\"",
        "signed.timestamp = \"verified\"",
        "",
    ];
    let text = format!(
        "schema = 1\nname = \"p\"\n[environment.production]\nsigned.intact = \"required\"\n{}\n",
        all[demands % all.len()]
    );
    Policy::parse(&text, "generated").unwrap()
}

fn judge(dossier: &Dossier, policy: &Policy, registry: &Registry) -> Verdict {
    let expectations = Expectations::default();
    let terms = Terms { policy, environment: "production", expectations: &expectations, registry, at: day(NOW) };
    appraise(dossier.clone(), &terms).unwrap()
}

fn rank(verdict: &Verdict) -> Answer {
    match verdict.decision {
        Decision::Refuse => Answer::No,
        Decision::RefuseForLackOfEvidence => Answer::NotEstablished,
        Decision::Admit => Answer::Yes,
    }
}

fn without(dossier: &Dossier, gone: SignatureId) -> Dossier {
    let mut rest = dossier.clone();
    rest.signatures.retain(|signature| signature.id != gone);
    rest.claims = Claims::new(dossier.claims.all().iter().filter(|claim| claim.evidence != gone).cloned().collect());
    rest
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_registry_never_admits_what_was_refused(d in dossier(), events in events(), p in 0..4_usize) {
        let (with, none) = (judge(&d, &policy(p), &fold(&events)), judge(&d, &policy(p), &Registry::default()));
        prop_assert!(rank(&with) <= rank(&none));
    }

    #[test]
    fn taking_evidence_away_never_admits(d in dossier(), events in events(), p in 0..4_usize) {
        let registry = fold(&events);
        if judge(&d, &policy(p), &registry).decision != Decision::Admit {
            for gone in d.signatures.iter().filter(|signature| signature.origin != Origin::Embedded) {
                let rest = judge(&without(&d, gone.id), &policy(p), &registry);
                prop_assert!(rest.decision != Decision::Admit, "{}", gone.id);
            }
        }
    }

    #[test]
    fn a_compromise_never_admits_what_was_refused(d in dossier(), events in events(), since in 0..NOW) {
        let before = fold(&events);
        let mut after = before.clone();
        if after.apply(&event("a", day(NOW), "soc", Change::Compromised { since: day(since) })).is_ok() {
            let (then, now) = (judge(&d, &policy(0), &before), judge(&d, &policy(0), &after));
            prop_assert!(rank(&now) <= rank(&then));
        }
    }

    /// What is said of a record from its facts alone is what appraising it again says.
    #[test]
    fn the_reach_of_a_compromise_is_what_appraisal_says(signature in signature(), since in 0..NOW) {
        let mut dossier = dossiers::dossier(vec![signature], Vec::new());
        dossier.signatures[0].signer.spki_sha256 = Digest::new(DigestAlgorithm::Sha256, &[1; 32]);
        let policy = policy(0);
        let registry = registry(&active("a", vec![key(1)], "production", None));
        let then = judge(&dossier, &policy, &registry);
        let mut after = registry.clone();
        after.apply(&event("a", day(NOW), "soc", Change::Compromised { since: day(since) })).unwrap();
        let now = judge(&dossier, &policy, &after);
        let record = VerdictRecord::new(&then, &Expectations::default(), Some(5), Reliance::default());
        let effect = effect(&record, registry.identity(&id("a")).unwrap(), day(since));
        let answer = |verdict: &Verdict| {
            let mut all = verdict.questions.iter().flat_map(|of| &of.requirements);
            all.find(|it| it.id == "not-distrusted").map(|it| it.answer)
        };
        match effect {
            Effect::NotConcerned => prop_assert_eq!(answer(&now), None),
            Effect::Saved(_) => {
                prop_assert_eq!(answer(&now), Some(Answer::Yes));
                prop_assert_eq!(rank(&now), rank(&then));
            }
            Effect::Lost(_) => prop_assert_eq!(answer(&now), Some(Answer::No)),
            Effect::Undecided => prop_assert_eq!(answer(&now), Some(Answer::NotEstablished)),
        }
    }
}

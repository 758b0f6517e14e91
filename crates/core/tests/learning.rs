//! What is learnt from artifacts: proposals that can be imported, and that make nobody a signer.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod dossiers;
mod identities;

use std::collections::BTreeMap;

use countersign::claim::Fact;
use countersign::dossier::Dossier;
use countersign::event::{Change, Event};
use countersign::evidence::{CheckId, Outcome, Reason};
use countersign::registry::learn::Learnt;
use countersign::registry::{Made, Product, Recognition, Registry, State};
use identities::{day, text};

fn release(version: &str, runner: &str) -> Dossier {
    let names = [
        ("source-repository-uri", "https://github.com/acme/app"),
        ("source-repository-identifier", "1000"),
        ("source-repository-owner-identifier", "20"),
        ("source-repository-ref", &format!("refs/tags/v{version}")),
        ("build-trigger", "push"),
        ("runner-environment", runner),
    ];
    let names: BTreeMap<_, _> = names.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let claim = dossiers::claim(0, Fact::WorkflowIdentity(names));
    let mut dossier = dossiers::dossier(vec![dossiers::fulcio("app", day(0).unix())], vec![claim]);
    dossier.artifact.name = format!("app-{version}.tar.gz");
    dossier
}

fn learn(dossiers: &[Dossier]) -> Vec<Event> {
    let mut learnt = Learnt::default();
    dossiers.iter().for_each(|dossier| learnt.take(dossier));
    learnt.events(&text("learner"), day(1)).unwrap()
}

#[test]
fn releases_of_one_repository_are_one_identity_bound_to_what_they_share() {
    let events = learn(&[release("1.0.0", "github-hosted"), release("1.1.0", "self-hosted")]);
    let changes: Vec<_> = events.iter().map(|event| event.change.name()).collect();
    assert_eq!(changes, ["discovered", "bound", "expected"]);
    let Change::Bound { binding: Some(binding), .. } = &events[1].change else { panic!() };
    assert_eq!(binding.repository_id, Some(text("1000")));
    assert_eq!(binding.references, [text("refs/tags/*")]);
    assert_eq!(binding.runner, None);
    let Change::Expected { products } = &events[2].change else { panic!() };
    assert_eq!(*products, [Product::File(text("app-*.tar.gz"))]);
}

#[test]
fn the_proposals_can_be_imported_and_change_no_answer_by_themselves() {
    let dossier = release("1.0.0", "github-hosted");
    let events = learn(std::slice::from_ref(&dossier));
    let mut registry = Registry::replay(&events).unwrap();
    let identity = registry.identities().next().unwrap().clone();
    assert_eq!(identity.state, State::Discovered);
    assert_eq!(identity.binding_at(day(2)), None);
    assert_eq!(registry.expecting("app-1.0.0.tar.gz", &[]).len(), 0);
    // People make an identity of it.
    let id = identity.id.as_str();
    for (at, actor, change) in [
        (2, "alice", identities::claimed(day(2), "production")),
        (3, "alice", identities::bound(None)),
        (4, "bob", Change::Approved {}),
        (5, "alice", Change::Activated { since: Some(day(-1)) }),
    ] {
        registry.apply(&identities::event(id, day(at), actor, change)).unwrap();
    }
    let recognised = registry.recognise(&dossier.signatures[0], &dossier.claims, Made::By(day(0)));
    assert!(matches!(recognised, Recognition::Known(known, _) if known.state == State::Active));
    assert_eq!(registry.expecting("app-2.0.0.tar.gz", &[]).len(), 1);
}

#[test]
fn the_order_of_the_artifacts_does_not_matter_and_invalid_signatures_teach_nothing() {
    let (a, mut b) = (release("1.0.0", "github-hosted"), release("1.1.0", "github-hosted"));
    b.claims = release("1.1.0", "github-hosted").claims;
    let names = |events: &[Event]| events.iter().map(|event| event.identity.clone()).collect::<Vec<_>>();
    assert_eq!(names(&learn(&[a.clone(), b.clone()])), names(&learn(&[b, a])));
    let mut bad = release("1.0.0", "github-hosted");
    bad.signatures[0].check(CheckId::Chain, Outcome::Fail(Reason::NoPathToAnchor), "");
    assert_eq!(learn(&[bad]), []);
}

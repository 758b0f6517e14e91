//! The life cycle of identities: no state without its conditions, whatever is tried in whatever order.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod identities;

use std::cell::RefCell;
use std::collections::BTreeSet;

use countersign::event::{Change, Event, Field, FieldName, Text, Window};
use countersign::registry::{
    Binding, BindingField, Identity, MAX_ENTRIES, Product, Refused, Registry, Selector, State,
};
use countersign::time::Time;
use identities::{DAY, START, active, bound, claimed, day, declared, discovered, event, id, key, registry, text};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};

/// Enough that every state is reached hundreds of times.
const CASES: u32 = 2_000;
const STEPS: usize = 60;

fn change(at: Time) -> impl Strategy<Value = Change> {
    let who = select(&["olga", "sam", "alice", "bob"][..]);
    let days = -2..400_i64;
    let product = select(&["app-*", "lib-*"][..]).prop_map(|name| Product::File(text(name)));
    let binding = (-3..400_i64)
        .prop_map(move |days| Binding { runner: Some(text("github-hosted")), ..Binding::open(at.plus(days * DAY)) });
    let key = (0..6_u8).prop_map(key);
    prop_oneof![
        2 => Just(discovered(vec![identities::key(0)])),
        8 => Just(claimed(at, "production")),
        2 => (who.clone(), prop::option::of(who.clone())).prop_map(|(owner, second)| Change::Claimed {
            owner: text(owner), second_owner: second.map(text), fields: Vec::new(),
        }),
        2 => prop_oneof![
            Just(Field::Owner(text("mallory"))), Just(Field::ReviewDue(at.plus(DAY))),
            Just(Field::Environments(vec![text("lab")])), Just(Field::RotationDue(at.plus(DAY))),
        ].prop_map(move |field| Change::Described { fields: vec![declared(field, at)] }),
        8 => prop::option::of(binding).prop_map(bound),
        2 => product.clone().prop_map(|product| Change::Expected { products: vec![product] }),
        1 => product.prop_map(|product| Change::Unexpected { product }),
        12 => Just(Change::Approved {}),
        1 => Just(Change::Rejected {}),
        10 => Just(Change::Activated { since: None }),
        1 => days.clone().prop_map(move |days| Change::Activated { since: Some(at.plus(-days * DAY)) }),
        4 => (prop::collection::vec(key, 0..2), days.clone()).prop_map(move |(successors, days)|
            Change::RotationStarted { successors, until: at.plus(days * DAY) }),
        4 => prop::option::of(days.clone()).prop_map(move |days| Change::RotationFinished {
            next_due: days.map(|days| at.plus(days * DAY)),
        }),
        2 => Just(Change::Suspended {}),
        3 => Just(Change::Resumed {}),
        1 => Just(Change::Retired {}),
        2 => Just(Change::Destroyed { proof: text("ceremony") }),
        1 => (-2..30_i64).prop_map(move |days| Change::Compromised { since: at.plus(-days * DAY) }),
        2 => days.prop_map(move |days| Change::Reviewed { next: at.plus(days * DAY) }),
        1 => who.prop_map(|who| Change::OwnerLeft { who: text(who) }),
        1 => Just(Change::ChangeApproved {
            field: BindingField::Runner, from: None, to: text("self-hosted"),
            valid: Window { from: at, until: None }, reference: text("T-2"),
        }),
    ]
}

/// Anything by anybody, in time mostly forwards.
fn events() -> impl Strategy<Value = Vec<Event>> {
    let step = prop_oneof![20 => 0..3 * DAY, 1 => -200..0_i64, 1 => -DAY..-300_i64];
    let event = (select(&["alice", "Alice", "bob", "carol"][..]), step).prop_flat_map(|(actor, step)| {
        // The instants in a change are drawn around one within the story; `events` sets the event's own.
        change(day(30)).prop_map(move |change| (actor, step, change))
    });
    prop::collection::vec(event, STEPS).prop_map(|drawn| {
        let mut at = Time::from_unix(START);
        let first = event_at(at, "scanner", discovered(vec![key(0)]));
        let mut events = vec![first];
        for (actor, step, change) in drawn {
            at = at.plus(step);
            events.push(event_at(at, actor, change));
        }
        events
    })
}

fn event_at(at: Time, actor: &str, change: Change) -> Event {
    event("acme", at, actor, change)
}

fn same(a: &Text, b: &Text) -> bool {
    a.as_str().eq_ignore_ascii_case(b.as_str())
}

/// Where an identity can go in one step, written down apart from the code.
fn may_follow(from: State, to: State) -> bool {
    use State::*;
    let next: &[State] = match from {
        Discovered => &[Claimed, Retired],
        Claimed => &[Bound, Retired],
        Bound => &[Claimed, Approved, Retired],
        Approved => &[Active, Retired],
        Active => &[Rotating, Suspended, Retired],
        Rotating => &[Active, Suspended, Retired],
        Suspended => &[Active, Rotating, Retired],
        Retired => &[Destroyed],
        Destroyed => &[],
        Compromised => &[Destroyed],
    };
    from == to || to == Compromised || next.contains(&to)
}

/// What must be true of an identity in its state.
fn is_sound(it: &Identity) -> Result<(), TestCaseError> {
    let open = it.signing.last().is_some_and(|period| period.until.is_none());
    let signs = matches!(it.state, State::Active | State::Rotating);
    prop_assert_eq!(open, signs);
    if signs {
        prop_assert_eq!(it.lacking(), Vec::<FieldName>::new());
        let (owner, second) = (it.owner().unwrap(), it.second_owner().unwrap());
        prop_assert!(!same(owner, second));
        prop_assert!(it.has_left(owner).is_none());
    }
    if matches!(it.state, State::Approved | State::Active | State::Rotating | State::Suspended) {
        prop_assert!(it.approved.is_some() && it.claimed_by.is_some() && it.bound_by.is_some());
    }
    if !matches!(it.state, State::Discovered | State::Retired | State::Destroyed | State::Compromised) {
        prop_assert!(it.owner().is_some() && it.claimed_by.is_some());
    }
    prop_assert!(it.state != State::Rotating || it.rotation.is_some());
    prop_assert!(it.state != State::Active || it.rotation.is_none());
    prop_assert!(it.state != State::Retired || it.retired.is_some());
    prop_assert!(it.state != State::Destroyed || it.destroyed.is_some());
    prop_assert!(it.state != State::Compromised || it.compromised.is_some());
    prop_assert!(it.compromised.is_none() || matches!(it.state, State::Compromised | State::Destroyed));
    let approvals = it
        .credentials
        .iter()
        .map(|it| (&it.by, &it.approved))
        .chain(it.bindings.iter().map(|it| (&it.by, &it.approved)))
        .chain(it.products.iter().map(|it| (&it.by, &it.approved)));
    for (by, approved) in approvals {
        prop_assert!(approved.as_ref().is_none_or(|approval| !same(by, &approval.by)));
    }
    Ok(())
}

fn step_is_sound(before: &Identity, event: &Event, after: &Identity) -> Result<(), TestCaseError> {
    prop_assert!(may_follow(before.state, after.state), "{} to {}", before.state, after.state);
    prop_assert!(after.last >= before.last && event.at.plus(120) >= before.last);
    prop_assert_eq!(after.events, before.events + 1);
    if matches!(event.change, Change::Approved {}) {
        for who in [&before.claimed_by, &before.bound_by].into_iter().flatten() {
            prop_assert!(!same(who, &event.actor));
        }
    }
    if let (Some(was), Some(is)) = (&before.compromised, &after.compromised) {
        prop_assert!(is.since <= was.since);
    }
    prop_assert!(before.compromised.is_none() || after.compromised.is_some());
    // A credential that was replaced never signs again.
    for old in before.credentials.iter().filter(|old| old.replaced.is_some()) {
        prop_assert!(after.credentials.iter().any(|it| it.selector == old.selector && it.replaced == old.replaced));
    }
    Ok(())
}

#[test]
fn every_reachable_state_is_sound() {
    let seen = RefCell::new(BTreeSet::new());
    let mut runner = TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
    let run = runner.run(&events(), |events| {
        let mut registry = Registry::empty();
        let mut taken = Vec::new();
        for event in events {
            let before = registry.identity(&event.identity).cloned();
            match registry.apply(&event) {
                Ok(()) => {
                    let after = registry.identity(&event.identity).unwrap();
                    is_sound(after)?;
                    if let Some(before) = &before {
                        step_is_sound(before, &event, after)?;
                    }
                    seen.borrow_mut().insert(after.state);
                    taken.push(event);
                }
                Err(_) => prop_assert_eq!(registry.identity(&event.identity), before.as_ref()),
            }
        }
        // A store may fold again from the start, or from the snapshot that it kept.
        let folded = Registry::replay(&taken).unwrap();
        let (kept, again) = (registry.identity(&id("acme")).unwrap(), folded.identity(&id("acme")).unwrap());
        prop_assert_eq!(kept, again);
        let json = serde_json::to_string(kept).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Identity>(&json).unwrap(), kept);
        Ok(())
    });
    run.unwrap();
    assert_eq!(seen.into_inner().into_iter().collect::<Vec<_>>(), State::ALL.to_vec());
}

#[test]
fn folding_on_from_a_snapshot_is_folding_everything() {
    let mut runner = TestRunner::new(Config { cases: 300, failure_persistence: None, ..Config::default() });
    let strategy = (events(), 0..STEPS);
    let run = runner.run(&strategy, |(events, cut)| {
        let (mut whole, mut first) = (Registry::empty(), Registry::empty());
        for event in &events[..cut] {
            let _ = whole.apply(event);
            let _ = first.apply(event);
        }
        let kept: Vec<String> = first.identities().map(|it| serde_json::to_string(it).unwrap()).collect();
        let mut second = Registry::of(kept.iter().map(|json| serde_json::from_str(json).unwrap()));
        for event in &events[cut..] {
            prop_assert_eq!(whole.apply(event), second.apply(event));
        }
        prop_assert!(whole.identities().eq(second.identities()));
        Ok(())
    });
    run.unwrap();
}

#[test]
fn identities_depend_on_their_own_events_alone() {
    let (a, b) = (active("a", vec![key(1)], "production", None), active("b", vec![key(1)], "lab", None));
    let mixed: Vec<Event> = a.iter().zip(&b).flat_map(|(a, b)| [b.clone(), a.clone()]).collect();
    let (mixed, alone) = (registry(&mixed), registry(&a));
    assert_eq!(mixed.identity(&id("a")), alone.identity(&id("a")));
    assert_eq!(mixed.identities().count(), 2);
}

/// The registry after the usual story, and what becomes of one more event.
fn then(at: Time, actor: &str, change: Change) -> Result<Registry, Refused> {
    let mut registry = registry(&active("acme", vec![key(0)], "production", None));
    registry.apply(&event_at(at, actor, change))?;
    Ok(registry)
}

#[test]
fn activity_needs_every_one_of_its_conditions() {
    for missing in FieldName::ALL.iter().filter(|name| {
        use FieldName::*;
        matches!(name, Purpose | Environments | ReviewDue | EndOfLife | Escalation)
    }) {
        let mut events = active("acme", vec![key(0)], "production", None);
        let Change::Claimed { fields, .. } = &mut events[1].change else { panic!() };
        fields.retain(|stated| stated.field.name() != *missing);
        assert_eq!(Registry::replay(&events).unwrap_err(), Refused::Lacking(vec![*missing]));
    }
    let mut events = active("acme", vec![key(0)], "production", None);
    let Change::Claimed { second_owner, .. } = &mut events[1].change else { panic!() };
    *second_owner = None;
    assert_eq!(Registry::replay(&events).unwrap_err(), Refused::Lacking(vec![FieldName::SecondOwner]));
}

#[test]
fn duties_are_separate() {
    for (position, did) in [(1, "claimed it"), (2, "bound it"), (0, "proposed it")] {
        let mut events = active("acme", vec![key(0)], "production", None);
        events[position].actor = text("BOB");
        let refused = Registry::replay(&events).unwrap_err();
        assert_eq!(refused, Refused::SameActor { actor: text("bob"), did });
    }
    let wider = || Change::Described { fields: vec![declared(Field::Environments(vec![text("lab")]), day(1))] };
    assert!(matches!(then(day(1), "alice", wider()), Err(Refused::SameActor { .. })));
    assert!(then(day(1), "bob", wider()).is_ok());
}

#[test]
fn an_identity_whose_owner_left_signs_no_more_until_somebody_claims_it() {
    let mut registry = then(day(1), "hr", Change::OwnerLeft { who: text("Olga") }).unwrap();
    assert_eq!(registry.identity(&id("acme")).unwrap().state, State::Suspended);
    let resume = |registry: &mut Registry, at| registry.apply(&event_at(at, "alice", Change::Resumed {}));
    assert_eq!(resume(&mut registry, day(2)), Err(Refused::Left(text("olga"))));
    let claim = Change::Claimed { owner: text("otto"), second_owner: None, fields: Vec::new() };
    registry.apply(&event_at(day(2), "alice", claim)).unwrap();
    resume(&mut registry, day(2)).unwrap();
    let identity = registry.identity(&id("acme")).unwrap();
    assert!(identity.could_sign(day(0).plus(600)) && !identity.could_sign(day(1)) && identity.could_sign(day(2)));
}

#[test]
fn a_rotation_takes_effect_when_somebody_else_approves_the_successor() {
    let start = Change::RotationStarted { successors: vec![key(1)], until: day(30) };
    let mut registry = then(day(1), "alice", start).unwrap();
    let finish = || event_at(day(2), "alice", Change::RotationFinished { next_due: Some(day(365)) });
    assert_eq!(registry.apply(&finish()), Err(Refused::NotApproved(key(1))));
    let approve = |actor: &str| event_at(day(1), actor, Change::Approved {});
    assert!(matches!(registry.apply(&approve("alice")), Err(Refused::SameActor { .. })));
    registry.apply(&approve("bob")).unwrap();
    registry.apply(&finish()).unwrap();
    let identity = registry.identity(&id("acme")).unwrap();
    let replaced: Vec<_> = identity.credentials.iter().map(|it| it.replaced).collect();
    assert_eq!(replaced, [Some(day(2)), None]);
    assert_eq!(identity.rotation_due(), Some(day(365)));
    let back = Change::RotationStarted { successors: vec![key(0)], until: day(30) };
    assert_eq!(registry.apply(&event_at(day(3), "alice", back)), Err(Refused::SelectorKnown(key(0))));
}

#[test]
fn a_new_version_of_the_binding_explains_nothing_that_was() {
    let binding = |from| Some(Binding { runner: Some(text("self-hosted")), ..Binding::open(from) });
    let refused = then(day(5), "alice", bound(binding(day(4)))).unwrap_err();
    assert!(matches!(refused, Refused::Retroactive { .. }));
    let mut registry = then(day(5), "alice", bound(binding(day(6)))).unwrap();
    assert_eq!(registry.identity(&id("acme")).unwrap().binding_at(day(7)), None);
    registry.apply(&event_at(day(5), "bob", Change::Approved {})).unwrap();
    let identity = registry.identity(&id("acme")).unwrap();
    assert_eq!(identity.binding_at(day(5)), None);
    assert_eq!(identity.binding_at(day(6)).map(|(version, _)| version), Some(1));
}

#[test]
fn a_compromise_only_ever_reaches_further_back() {
    let compromised = |since| Change::Compromised { since };
    let mut registry = then(day(9), "soc", compromised(day(5))).unwrap();
    let later = event_at(day(10), "soc", compromised(day(7)));
    assert_eq!(registry.apply(&later), Err(Refused::CompromisedSince(day(5))));
    registry.apply(&event_at(day(10), "soc", compromised(day(3)))).unwrap();
    assert_eq!(registry.identity(&id("acme")).unwrap().compromised.as_ref().unwrap().since, day(3));
    assert!(matches!(then(day(1), "soc", compromised(day(2))), Err(Refused::InFuture { .. })));
}

#[test]
fn an_identity_does_not_grow_without_end() {
    let mut registry = registry(&active("acme", vec![key(0)], "production", None));
    let change = |number: i64| Change::ChangeApproved {
        field: BindingField::Reference,
        from: None,
        to: text("refs/heads/hotfix"),
        valid: Window { from: day(number), until: None },
        reference: text("T-1"),
    };
    for number in 0..i64::try_from(MAX_ENTRIES).unwrap() {
        registry.apply(&event_at(day(1), "bob", change(number))).unwrap();
    }
    assert_eq!(registry.apply(&event_at(day(1), "bob", change(0))), Err(Refused::TooMany("approved changes")));
}

#[test]
fn every_refusal_says_what_to_do_about_it() {
    let unknown = Registry::empty().apply(&event_at(day(0), "alice", Change::Approved {})).unwrap_err();
    assert_eq!(unknown.to_string(), "no identity `acme` is recorded: it must be discovered first");
    let wrong = then(day(1), "alice", Change::Destroyed { proof: text("x") }).unwrap_err();
    assert_eq!(
        wrong.to_string(),
        "`destroyed` does not happen to an identity that is active, only if it is retired, compromised"
    );
    let selector = Selector::TeamId(text("ABCDE12345"));
    assert_eq!(selector.to_string(), "team ABCDE12345");
}

/// What a store keeps of an identity. A change of this form needs a new fold of every store.
#[test]
fn the_form_of_a_snapshot_is_stable() {
    let registry = registry(&active("acme", vec![key(0)], "production", None)[..2]);
    let json = serde_json::to_string_pretty(registry.identity(&id("acme")).unwrap()).unwrap();
    let expected = include_str!("data/identity.json");
    assert_eq!(json, expected.trim_end());
    let unknown = json.replacen('{', "{ \"note\": 1,", 1);
    assert!(serde_json::from_str::<Identity>(&unknown).is_err());
}

//! Identities made by hand, for tests of the registry.
#![allow(dead_code, clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)] // Each test program uses its part.

use countersign::event::{Change, Event, Field, IdentityId, Kind, Source, Stated, Text};
use countersign::registry::{Binding, KeyHash, Registry, Selector};
use countersign::time::Time;

/// The first instant of the stories: 2026-01-01T00:00:00Z.
pub(crate) const START: i64 = 1_767_225_600;
pub(crate) const DAY: i64 = Time::DAY;

pub(crate) fn day(number: i64) -> Time {
    Time::from_unix(START).plus(number.saturating_mul(DAY))
}

pub(crate) fn text(text: &str) -> Text {
    Text::new(text).unwrap()
}

pub(crate) fn id(name: &str) -> IdentityId {
    IdentityId::new(name).unwrap()
}

pub(crate) fn event(identity: &str, at: Time, actor: &str, change: Change) -> Event {
    Event { at, actor: text(actor), reason: text("TICKET-1"), identity: id(identity), change }
}

pub(crate) fn declared(field: Field, at: Time) -> Stated {
    Stated { field, source: Source::Declared, observed_at: at }
}

pub(crate) fn discovered(selectors: Vec<Selector>) -> Change {
    Change::Discovered {
        kind: Kind::Workload,
        name: text("Acme release"),
        selectors,
        found_in: text("app.sigstore.json"),
    }
}

/// What is said on the occasion of a claim, so that nothing is missing.
pub(crate) fn everything(at: Time, environment: &str) -> Vec<Stated> {
    [
        Field::Purpose(text("signs releases")),
        Field::Environments(vec![text(environment)]),
        Field::ReviewDue(at.plus(180 * DAY)),
        Field::EndOfLife(text("end of the product")),
        Field::Escalation(text("on-call, then CISO after 30 minutes")),
    ]
    .into_iter()
    .map(|field| declared(field, at))
    .collect()
}

pub(crate) fn claimed(at: Time, environment: &str) -> Change {
    Change::Claimed { owner: text("olga"), second_owner: Some(text("sam")), fields: everything(at, environment) }
}

pub(crate) fn bound(binding: Option<Binding>) -> Change {
    Change::Bound { proof: text("run 1"), selectors: Vec::new(), binding: binding.map(Box::new) }
}

/// An identity from discovery to activity, by alice with bob's approval, in the first minutes.
pub(crate) fn active(name: &str, selectors: Vec<Selector>, environment: &str, binding: Option<Binding>) -> Vec<Event> {
    let at = |minute: i64| Time::from_unix(START).plus(minute.saturating_mul(60));
    vec![
        event(name, at(0), "scanner", discovered(selectors)),
        event(name, at(1), "alice", claimed(at(1), environment)),
        event(name, at(2), "alice", bound(binding)),
        event(name, at(3), "bob", Change::Approved {}),
        event(name, at(4), "alice", Change::Activated { since: None }),
    ]
}

/// An active identity of this kind, for which this person answers.
pub(crate) fn person(name: &str, owner: &str, selector: Selector, of: Kind) -> Vec<Event> {
    let mut events = active(name, vec![selector], "production", None);
    for event in &mut events {
        match &mut event.change {
            Change::Claimed { owner: named, .. } => *named = text(owner),
            Change::Discovered { kind, .. } => *kind = of,
            _ => {}
        }
    }
    events
}

pub(crate) fn registry(events: &[Event]) -> Registry {
    Registry::replay(events).unwrap()
}

pub(crate) fn key(byte: u8) -> Selector {
    Selector::Key { spki_sha256: KeyHash::new([byte; 32]) }
}

pub(crate) fn workload() -> Selector {
    Selector::Workload {
        issuer: text("https://token.actions.githubusercontent.com"),
        repository_id: text("1000"),
        owner_id: text("20"),
    }
}

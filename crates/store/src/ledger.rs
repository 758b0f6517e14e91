//! The registry in a store: documents to identities and back. What is permitted is core's to say.

use std::collections::BTreeMap;
use std::fmt;

use countersign::encoding::json::text_of;
use countersign::event::{Event, IdentityId};
use countersign::registry::{Identity, Refused, Registry};

use crate::error::{StoreError, StoreErrorKind};
use crate::store::{AppendError, Change, Conflict, Flaw, NewEvent, Sequence, Snapshot, Store, StoredEvent};

/// Why events were not appended. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerError {
    /// The life cycle does not permit this one.
    Refused {
        /// Which of the events, counted from 0.
        event: usize,
        /// The condition that it breaks.
        refused: Refused,
    },
    /// Somebody else was faster.
    Conflict(Conflict),
    /// The store could not do it.
    Store(StoreError),
}

impl fmt::Display for LedgerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { refused, .. } => refused.fmt(f),
            Self::Conflict(conflict) => AppendError::Conflict(conflict.clone()).fmt(f),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for LedgerError {}

impl From<StoreError> for LedgerError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<AppendError> for LedgerError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Conflict(conflict) => Self::Conflict(conflict),
            AppendError::Store(error) => Self::Store(error),
        }
    }
}

/// The identity of this name as it is now, with its sequence.
///
/// # Errors
/// If the store cannot be read, or holds what this version does not understand.
pub fn identity(store: &impl Store, id: &IdentityId) -> Result<Option<(Identity, Sequence)>, StoreError> {
    let snapshot = store.identity(id.as_str())?;
    snapshot.map(|snapshot| read(store, &snapshot).map(|identity| (identity, snapshot.sequence))).transpose()
}

/// Every identity, by its name.
///
/// # Errors
/// If the store cannot be read, `each` fails, or it holds what this version does not understand.
pub fn identities<S: Store>(
    store: &S,
    each: &mut dyn FnMut(Identity, Sequence) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    store.identities(&mut |snapshot| each(read(store, &snapshot)?, snapshot.sequence))
}

/// The part of the registry that could be behind signatures with these keys. A registry is at hand even if
/// none of them is known.
///
/// # Errors
/// If the store cannot be read, or holds what this version does not understand.
pub fn registry_of(store: &impl Store, keys: &[String]) -> Result<Registry, StoreError> {
    let found = store.candidates(keys)?;
    let identities: Result<Vec<Identity>, StoreError> = found.iter().map(|snapshot| read(store, snapshot)).collect();
    Ok(Registry::of(identities?))
}

/// The events of one identity, in order.
///
/// # Errors
/// If the store cannot be read, or holds what this version does not understand.
pub fn events_of(store: &impl Store, id: &IdentityId) -> Result<Vec<Event>, StoreError> {
    store.events_of(id.as_str())?.iter().map(event).collect()
}

/// Appends events in their order: all, or none. With `expected`, only if the one identity concerned has as many
/// events. With `registry`, only if the registry has.
///
/// # Errors
/// If the life cycle refuses one of them, or they cannot be written.
pub fn append(
    store: &mut impl Store,
    registry: Option<Sequence>,
    expected: Option<Sequence>,
    events: &[Event],
) -> Result<Sequence, LedgerError> {
    let mut changes: BTreeMap<&IdentityId, Pending> = BTreeMap::new();
    for (number, event) in events.iter().enumerate() {
        if !changes.contains_key(&event.identity) {
            let before = identity(store, &event.identity)?;
            changes.insert(&event.identity, Pending::new(before, expected));
        }
        if let Some(pending) = changes.get_mut(&event.identity) {
            let taken = pending.registry.apply(event);
            taken.map_err(|refused| LedgerError::Refused { event: number, refused })?;
            pending.events.push(NewEvent { at: event.at, body: text_of(event) });
        }
    }
    let changes: Vec<Change> = changes.into_iter().filter_map(|(id, pending)| pending.change(id)).collect();
    Ok(store.append(registry, &changes)?)
}

/// What is to become of one identity.
struct Pending {
    registry: Registry,
    expected: Sequence,
    events: Vec<NewEvent>,
}

impl Pending {
    fn new(before: Option<(Identity, Sequence)>, expected: Option<Sequence>) -> Self {
        let found = before.as_ref().map_or(Sequence::START, |(_, sequence)| *sequence);
        let registry = Registry::of(before.map(|(identity, _)| identity));
        Self { registry, expected: expected.unwrap_or(found), events: Vec::new() }
    }

    fn change(self, id: &IdentityId) -> Option<Change> {
        let identity = self.registry.identity(id)?;
        Some(Change {
            identity: id.to_string(),
            expected: self.expected,
            events: self.events,
            snapshot: text_of(identity),
            keys: identity.keys().into_iter().collect(),
        })
    }
}

/// Looks at everything that is kept, and whether every snapshot is the fold over its events.
///
/// # Errors
/// If the store cannot be read at all.
pub fn check(store: &impl Store) -> Result<Vec<Flaw>, StoreError> {
    let mut flaws = store.check()?;
    if flaws.is_empty() {
        store.identities(&mut |snapshot| {
            flaws.extend(unlike_its_events(store, &snapshot)?);
            Ok(())
        })?;
    }
    Ok(flaws)
}

fn unlike_its_events(store: &impl Store, snapshot: &Snapshot) -> Result<Option<Flaw>, StoreError> {
    let flaw = |detail: String| Some(Flaw { place: format!("identity `{}`", snapshot.identity), detail });
    let folded = match folded(store, &snapshot.identity) {
        Ok(folded) => folded,
        Err(Unfolded::Store(error)) => return Err(error),
        Err(Unfolded::Refused(refused)) => {
            return Ok(flaw(format!("its events do not follow from each other: {refused}")));
        }
    };
    let keys: Vec<String> = folded.keys().into_iter().collect();
    if text_of(&folded) != snapshot.body {
        return Ok(flaw("its snapshot is not the fold over its events".to_owned()));
    }
    for key in keys {
        let found = store.candidates(std::slice::from_ref(&key))?;
        if !found.iter().any(|candidate| candidate.identity == snapshot.identity) {
            return Ok(flaw(format!("it is not found by its key `{key}`")));
        }
    }
    Ok(None)
}

enum Unfolded {
    Refused(Refused),
    Store(StoreError),
}

fn folded(store: &impl Store, id: &str) -> Result<Identity, Unfolded> {
    let stored = store.events_of(id).map_err(Unfolded::Store)?;
    let events: Result<Vec<Event>, StoreError> = stored.iter().map(event).collect();
    let registry = Registry::replay(&events.map_err(Unfolded::Store)?).map_err(Unfolded::Refused)?;
    registry.identities().next().cloned().ok_or_else(|| Unfolded::Store(not_understood(id, "it has no events")))
}

/// The identity of a snapshot. One that an earlier version wrote in another form is folded anew.
fn read(store: &impl Store, snapshot: &Snapshot) -> Result<Identity, StoreError> {
    if let Ok(identity) = serde_json::from_str(&snapshot.body) {
        return Ok(identity);
    }
    folded(store, &snapshot.identity).map_err(|unfolded| match unfolded {
        Unfolded::Store(error) => error,
        Unfolded::Refused(refused) => not_understood(&snapshot.identity, &refused.to_string()),
    })
}

fn event(stored: &StoredEvent) -> Result<Event, StoreError> {
    Event::from_json(&stored.body).map_err(|bad| not_understood(&stored.identity, &bad.to_string()))
}

fn not_understood(id: &str, why: &str) -> StoreError {
    StoreError { place: format!("identity `{id}`"), kind: StoreErrorKind::TooNew, detail: why.to_owned() }
}

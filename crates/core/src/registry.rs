//! The registry of signing identities: who owns each, what it may do, how its key is held, from where it
//! signs.
//!
//! The registry is a fold over append-only events. Each identity depends on its own events alone, so that a
//! store can fold one by itself and keep the result as a snapshot.

mod apply;
mod binding;
pub mod drift;
mod findings;
mod hints;
mod identity;
pub mod learn;
mod matching;
mod recognition;
mod selector;

use std::collections::{BTreeMap, BTreeSet};

pub use apply::{CLOCK_SKEW, MAX_ENTRIES, Refused};
pub use binding::{Binding, BindingField, Product};
pub(crate) use hints::packages_of;
pub use hints::{keys_of, keys_of_artifact};
pub use identity::{
    Approval, ApprovedChange, Compromise, Credential, Identity, Period, Proposed, Review, Rotation, State,
};
pub use matching::{Matches, selectors_of, selectors_of_statement};
pub use recognition::{Made, Recognition};
pub use selector::{BadKeyHash, KeyHash, Selector};

use crate::event::{Event, IdentityId};

/// The registry of signing identities, or the part of it that a question needs.
///
/// The default is that none is at hand, which is not the same as one that knows nobody.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    at_hand: bool,
    identities: BTreeMap<IdentityId, Identity>,
    /// Keys of selectors, to the identities that have them.
    index: BTreeMap<String, BTreeSet<IdentityId>>,
}

impl Registry {
    /// A registry that knows nobody yet.
    #[must_use]
    pub const fn empty() -> Self {
        Self { at_hand: true, identities: BTreeMap::new(), index: BTreeMap::new() }
    }

    /// A registry of these identities, as a store kept them.
    #[must_use]
    pub fn of(identities: impl IntoIterator<Item = Identity>) -> Self {
        let mut registry = Self::empty();
        identities.into_iter().for_each(|identity| registry.put(identity));
        registry
    }

    /// The registry after these events, in their order.
    ///
    /// # Errors
    /// The first event that the life cycle refuses.
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a Event>) -> Result<Self, Refused> {
        let mut registry = Self::empty();
        events.into_iter().try_for_each(|event| registry.apply(event))?;
        Ok(registry)
    }

    /// Takes an event in.
    ///
    /// # Errors
    /// The condition that it breaks; then nothing has changed.
    pub fn apply(&mut self, event: &Event) -> Result<(), Refused> {
        self.at_hand = true;
        let next = Identity::after(self.identities.get(&event.identity), event)?;
        self.put(next);
        Ok(())
    }

    /// Whether a registry is at hand, if one that knows nobody.
    #[must_use]
    pub const fn is_at_hand(&self) -> bool {
        self.at_hand
    }

    /// Whether it knows nobody: then it has nothing to say of anybody, and nothing is looked up.
    fn is_empty(&self) -> bool {
        self.identities.is_empty()
    }

    /// The identity of this name.
    #[must_use]
    pub fn identity(&self, id: &IdentityId) -> Option<&Identity> {
        self.identities.get(id)
    }

    /// Every identity, by its name.
    pub fn identities(&self) -> impl Iterator<Item = &Identity> {
        self.identities.values()
    }

    /// The identity that this selector stands for, if it is exactly one.
    #[must_use]
    pub fn of_selector(&self, selector: &Selector) -> Option<&Identity> {
        let key = selector.key();
        let mut found = self.of_key(&key).filter(|identity| identity.has(selector));
        found.next().filter(|_| found.next().is_none())
    }

    /// The identities that one of their selectors of this key stands for.
    fn of_key(&self, key: &str) -> impl Iterator<Item = &Identity> {
        let ids = self.index.get(key).into_iter().flatten();
        ids.filter_map(|id| self.identities.get(id))
    }

    fn put(&mut self, identity: Identity) {
        if let Some(before) = self.identities.get(&identity.id) {
            for key in before.keys() {
                if let Some(ids) = self.index.get_mut(&key) {
                    ids.remove(&identity.id);
                }
            }
        }
        for key in identity.keys() {
            self.index.entry(key).or_default().insert(identity.id.clone());
        }
        self.identities.insert(identity.id.clone(), identity);
    }
}

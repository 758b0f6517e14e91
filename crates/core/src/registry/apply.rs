//! The life cycle: what an event does to an identity, and under which conditions.
//!
//! `discovered → claimed → bound → approved → active → rotating → suspended → retired → destroyed`, and
//! `compromised` from any of them with the date from which on it counts. Duties are separate: nobody approves
//! what they proposed, nor an identity that they claimed or bound.

use std::fmt;

use super::identity::{
    Approval, ApprovedChange, Compromise, Credential, Identity, Period, Proposed, Review, Rotation, State,
};
use super::{Binding, Product, Selector};
use crate::event::{BadEvent, Change, Event, Field, FieldName, IdentityId, Source, Stated, Text};
use crate::time::Time;

/// Seconds by which the clocks of those who record events may differ. Within one identity, time never runs
/// backwards by more.
pub const CLOCK_SKEW: i64 = 120;

/// Most credentials, versions of the binding, products, changes, spans and former owners of one identity. A
/// rotation every month for eighty years stays below; each costs some hundred bytes.
pub const MAX_ENTRIES: usize = 1_000;

/// Why the life cycle refuses an event. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It breaks a bound that holds in any state.
    Bad(BadEvent),
    /// Nothing is recorded about this identity yet: it must be discovered first.
    Unknown(IdentityId),
    /// The identity is there already.
    AlreadyKnown(IdentityId),
    /// This does not happen to an identity in this state.
    WrongState {
        /// The state that it is in.
        state: State,
        /// What happened.
        change: &'static str,
        /// The states in which that can happen.
        possible: &'static [State],
    },
    /// An identity that signs needs these fields.
    Lacking(Vec<FieldName>),
    /// Duties are separate: this must be done by somebody else.
    SameActor {
        /// Who did both.
        actor: Text,
        /// What they did before.
        did: &'static str,
    },
    /// Owner and second owner are one person.
    OwnersEqual(Text),
    /// This person left.
    Left(Text),
    /// This person is no owner of it.
    NotOwner(Text),
    /// Nothing waits for approval.
    NothingProposed,
    /// What replaces the old is not approved.
    NotApproved(Selector),
    /// The identity has this selector, or had it before.
    SelectorKnown(Selector),
    /// The event lies before what was recorded last.
    TimeBackwards {
        /// The latest instant recorded.
        last: Time,
        /// The event's.
        at: Time,
    },
    /// This instant must lie after the event.
    NotAfter {
        /// What it is.
        what: &'static str,
        /// The instant.
        time: Time,
    },
    /// This instant must not lie after the event.
    InFuture {
        /// What it is.
        what: &'static str,
        /// The instant.
        time: Time,
    },
    /// This instant must not lie before the event: what was is not changed afterwards.
    Retroactive {
        /// What it is.
        what: &'static str,
        /// The instant.
        time: Time,
    },
    /// The field is set by an event of its own.
    OwnEvent {
        /// The field.
        field: FieldName,
        /// The event that sets it.
        event: &'static str,
    },
    /// It is known to be compromised from this instant on; a later one would clear signatures again.
    CompromisedSince(Time),
    /// It is not expected to sign this.
    NotExpected(Product),
    /// A list of the identity is full.
    TooMany(&'static str),
}

impl From<BadEvent> for Refused {
    fn from(bad: BadEvent) -> Self {
        Self::Bad(bad)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bad(bad) => bad.fmt(f),
            Self::Unknown(id) => write!(f, "no identity `{id}` is recorded: it must be discovered first"),
            Self::AlreadyKnown(id) => write!(f, "the identity `{id}` is recorded already"),
            Self::WrongState { state, change, possible } => {
                let possible = list(possible.iter().map(|state| state.word()));
                write!(f, "`{change}` does not happen to an identity that is {state}, only if it is {possible}")
            }
            Self::Lacking(fields) => {
                write!(f, "an identity that signs needs: {}", list(fields.iter().map(|field| field.word())))
            }
            Self::SameActor { actor, did } => {
                write!(f, "duties are separate: `{actor}` {did}, so that somebody else must do this")
            }
            Self::OwnersEqual(who) => write!(f, "`{who}` cannot be owner and second owner"),
            Self::Left(who) => write!(f, "`{who}` left: another owner must claim it"),
            Self::NotOwner(who) => write!(f, "`{who}` is neither owner nor second owner"),
            Self::NothingProposed => f.write_str("nothing waits for approval"),
            Self::NotApproved(selector) => write!(f, "the successor is not approved: {selector}"),
            Self::SelectorKnown(selector) => write!(f, "the identity has, or had, this selector: {selector}"),
            Self::TimeBackwards { last, at } => {
                write!(f, "{at} lies more than {CLOCK_SKEW} seconds before what was recorded last ({last})")
            }
            Self::NotAfter { what, time } => write!(f, "{what} must lie after the event: {time}"),
            Self::InFuture { what, time } => write!(f, "{what} must not lie in the future: {time}"),
            Self::Retroactive { what, time } => write!(f, "{what} must not lie in the past: {time}"),
            Self::OwnEvent { field, event } => write!(f, "`{field}` is set by `{event}` alone"),
            Self::CompromisedSince(since) => {
                write!(f, "compromised since {since}: only an earlier instant can take its place")
            }
            Self::NotExpected(product) => write!(f, "it is not expected to sign {product}"),
            Self::TooMany(what) => write!(f, "more than {MAX_ENTRIES} {what}: describe several identities"),
        }
    }
}

impl std::error::Error for Refused {}

fn list<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

/// Every state in which somebody works with the identity.
const LIVE: &[State] =
    &[State::Claimed, State::Bound, State::Approved, State::Active, State::Rotating, State::Suspended];
/// Those after approval.
const APPROVED: &[State] = &[State::Approved, State::Active, State::Rotating, State::Suspended];
const SIGNING: &[State] = &[State::Active, State::Rotating];
const ENDED: &[State] = &[State::Retired, State::Compromised];

/// In which states a change can happen.
const fn possible(change: &Change) -> &'static [State] {
    use State::{Active, Approved, Bound, Claimed, Compromised, Discovered, Retired, Rotating, Suspended};
    match change {
        Change::Discovered { .. } => &[],
        Change::Compromised { .. } => State::ALL,
        Change::Described { .. } => {
            &[Discovered, Claimed, Bound, Approved, Active, Rotating, Suspended, Retired, Compromised]
        }
        Change::Claimed { .. } | Change::Retired {} => {
            &[Discovered, Claimed, Bound, Approved, Active, Rotating, Suspended]
        }
        // From where it signs, and what, is seen before anybody claims it.
        Change::Bound { .. } | Change::Expected { .. } => {
            &[Discovered, Claimed, Bound, Approved, Active, Rotating, Suspended]
        }
        Change::Reviewed { .. } | Change::OwnerLeft { .. } => LIVE,
        Change::Approved {} | Change::Rejected {} => &[Bound, Approved, Active, Rotating, Suspended],
        Change::Unexpected { .. } | Change::ChangeApproved { .. } => APPROVED,
        Change::Activated { .. } => &[Approved],
        Change::RotationStarted { .. } => &[Active],
        Change::RotationFinished { .. } => &[Rotating],
        Change::Suspended {} => SIGNING,
        Change::Resumed {} => &[Suspended],
        Change::Destroyed { .. } => ENDED,
    }
}

impl Identity {
    /// The identity after an event.
    pub(super) fn after(before: Option<&Self>, event: &Event) -> Result<Self, Refused> {
        event.check()?;
        match (before, &event.change) {
            (None, Change::Discovered { .. }) => Self::discovered(event),
            (None, _) => Err(Refused::Unknown(event.identity.clone())),
            (Some(_), Change::Discovered { .. }) => Err(Refused::AlreadyKnown(event.identity.clone())),
            (Some(before), _) => {
                let mut next = before.clone();
                next.take(event)?;
                next.bounded()
            }
        }
    }

    fn discovered(event: &Event) -> Result<Self, Refused> {
        let Change::Discovered { kind, name, selectors, found_in } = &event.change else {
            return Err(Refused::Unknown(event.identity.clone()));
        };
        let mut identity = Self {
            id: event.identity.clone(),
            kind: *kind,
            name: name.clone(),
            found_in: found_in.clone(),
            state: State::Discovered,
            created: event.at,
            last: event.at,
            events: 1,
            credentials: Vec::new(),
            bindings: Vec::new(),
            products: Vec::new(),
            changes: Vec::new(),
            fields: std::collections::BTreeMap::new(),
            claimed_by: None,
            bound_by: None,
            approved: None,
            signing: Vec::new(),
            left: std::collections::BTreeMap::new(),
            reviewed: None,
            rotation: None,
            rotated: None,
            retired: None,
            destroyed: None,
            compromised: None,
        };
        identity.propose_selectors(selectors, event)?;
        Ok(identity)
    }

    fn take(&mut self, event: &Event) -> Result<(), Refused> {
        if event.at.plus(CLOCK_SKEW) < self.last {
            return Err(Refused::TimeBackwards { last: self.last, at: event.at });
        }
        let possible = possible(&event.change);
        if !possible.contains(&self.state) {
            return Err(Refused::WrongState { state: self.state, change: event.change.name(), possible });
        }
        self.change(event)?;
        self.last = self.last.max(event.at);
        self.events = self.events.saturating_add(1);
        Ok(())
    }

    fn change(&mut self, event: &Event) -> Result<(), Refused> {
        match &event.change {
            Change::Discovered { .. } => Err(Refused::AlreadyKnown(self.id.clone())),
            Change::Described { fields } => self.describe(fields, event),
            Change::Claimed { owner, second_owner, fields } => self.claim(owner, second_owner.as_ref(), fields, event),
            Change::Bound { selectors, binding, .. } => self.bind(selectors, binding.as_deref(), event),
            Change::Expected { products } => self.expect(products, event),
            Change::Unexpected { product } => self.unexpect(product, event),
            Change::Approved {} => self.approve(event),
            Change::Rejected {} => self.reject(),
            Change::Activated { since } => self.activate(*since, event),
            Change::RotationStarted { successors, until } => self.rotate(successors, *until, event),
            Change::RotationFinished { next_due } => self.finish_rotation(*next_due, event),
            Change::Suspended {} => {
                self.stop_signing(State::Suspended, event.at);
                Ok(())
            }
            Change::Resumed {} => self.resume(event),
            Change::Retired {} => {
                self.stop_signing(State::Retired, event.at);
                self.retired = Some(event.at);
                Ok(())
            }
            Change::Destroyed { .. } => {
                self.state = State::Destroyed;
                self.destroyed = Some(event.at);
                Ok(())
            }
            Change::Compromised { since } => self.compromise(*since, event),
            Change::Reviewed { next } => self.review(*next, event),
            Change::OwnerLeft { who } => self.owner_left(who, event),
            Change::ChangeApproved { .. } => self.approve_change(event),
        }
    }

    /// Refuses an actor who claimed or bound the identity.
    fn separate(&self, actor: &Text) -> Result<(), Refused> {
        let before = [(&self.claimed_by, "claimed it"), (&self.bound_by, "bound it")];
        let same = before.into_iter().find(|(who, _)| who.as_ref().is_some_and(|who| who.is_same_person(actor)));
        same.map_or(Ok(()), |(_, did)| Err(Refused::SameActor { actor: actor.clone(), did }))
    }

    fn set(&mut self, field: Field, source: Source, observed_at: Time) {
        self.fields.insert(field.name(), Stated { field, source, observed_at });
    }

    fn describe(&mut self, fields: &[Stated], event: &Event) -> Result<(), Refused> {
        for stated in fields {
            let own = match stated.field.name() {
                FieldName::Owner | FieldName::SecondOwner => Some("claimed"),
                FieldName::ReviewDue if !matches!(self.state, State::Discovered | State::Claimed) => Some("reviewed"),
                _ => None,
            };
            if let Some(event) = own {
                return Err(Refused::OwnEvent { field: stated.field.name(), event });
            }
            not_in_future("the date of a field", stated.observed_at, event.at)?;
            // What an identity may do is part of what was approved.
            if self.approved.is_some() && is_right(stated.field.name()) {
                self.separate(&event.actor)?;
            }
            self.fields.insert(stated.field.name(), stated.clone());
        }
        Ok(())
    }

    fn claim(&mut self, owner: &Text, second: Option<&Text>, fields: &[Stated], event: &Event) -> Result<(), Refused> {
        let second = second.or_else(|| self.second_owner()).cloned();
        if let Some(left) = [Some(owner), second.as_ref()].into_iter().flatten().find(|it| self.has_left(it).is_some())
        {
            return Err(Refused::Left(left.clone()));
        }
        if second.as_ref().is_some_and(|second| second.is_same_person(owner)) {
            return Err(Refused::OwnersEqual(owner.clone()));
        }
        self.describe(fields, event)?;
        self.set(Field::Owner(owner.clone()), Source::Declared, event.at);
        if let Some(second) = second {
            self.set(Field::SecondOwner(second), Source::Declared, event.at);
        }
        self.claimed_by = Some(event.actor.clone());
        if self.state == State::Discovered {
            self.state = State::Claimed;
        }
        Ok(())
    }

    fn propose_selectors(&mut self, selectors: &[Selector], event: &Event) -> Result<(), Refused> {
        for selector in selectors {
            // A key that was replaced must not come back under the same identity.
            if self.credentials.iter().any(|credential| credential.selector == *selector) {
                return Err(Refused::SelectorKnown(selector.clone()));
            }
            self.credentials.push(Credential {
                selector: selector.clone(),
                by: event.actor.clone(),
                at: event.at,
                approved: None,
                replaced: None,
            });
        }
        Ok(())
    }

    fn bind(&mut self, selectors: &[Selector], binding: Option<&Binding>, event: &Event) -> Result<(), Refused> {
        self.propose_selectors(selectors, event)?;
        if let Some(binding) = binding {
            // The first binding describes what was; later ones must not explain away what happened.
            if self.approved.is_some() && binding.valid_from.plus(CLOCK_SKEW) < event.at {
                return Err(Refused::Retroactive { what: "a new version of the binding", time: binding.valid_from });
            }
            self.bindings.push(proposed(binding, event));
        }
        self.bound_by = Some(event.actor.clone());
        if self.state == State::Claimed {
            self.state = State::Bound;
        }
        Ok(())
    }

    fn expect(&mut self, products: &[Product], event: &Event) -> Result<(), Refused> {
        for product in products {
            if !self.products.iter().any(|known| known.what == *product) {
                self.products.push(proposed(product, event));
            }
        }
        Ok(())
    }

    fn unexpect(&mut self, product: &Product, event: &Event) -> Result<(), Refused> {
        self.separate(&event.actor)?;
        let known = self.products.len();
        self.products.retain(|expected| expected.what != *product);
        if self.products.len() == known { Err(Refused::NotExpected(product.clone())) } else { Ok(()) }
    }

    fn approve(&mut self, event: &Event) -> Result<(), Refused> {
        if self.state != State::Bound && !self.has_proposals() {
            return Err(Refused::NothingProposed);
        }
        self.separate(&event.actor)?;
        let approval = Approval { by: event.actor.clone(), at: event.at };
        approve_all(self.credentials.iter_mut().map(|it| (&it.by, &mut it.approved)), &approval)?;
        approve_all(self.bindings.iter_mut().map(|it| (&it.by, &mut it.approved)), &approval)?;
        approve_all(self.products.iter_mut().map(|it| (&it.by, &mut it.approved)), &approval)?;
        if self.state == State::Bound {
            self.state = State::Approved;
            self.approved = Some(approval);
        }
        Ok(())
    }

    fn reject(&mut self) -> Result<(), Refused> {
        if self.state != State::Bound && !self.has_proposals() {
            return Err(Refused::NothingProposed);
        }
        let created = self.created;
        let is_new = self.state == State::Bound;
        // What it was found by stays: without it nobody would know what was rejected.
        self.credentials.retain(|it| it.approved.is_some() || (is_new && it.at == created));
        self.bindings.retain(|it| it.approved.is_some());
        self.products.retain(|it| it.approved.is_some());
        if is_new {
            self.state = State::Claimed;
            self.bound_by = None;
        }
        Ok(())
    }

    /// What must hold for an identity to sign from now on.
    fn may_sign(&self, at: Time) -> Result<(), Refused> {
        let lacking = self.lacking();
        if !lacking.is_empty() {
            return Err(Refused::Lacking(lacking));
        }
        let owners = [self.owner(), self.second_owner()];
        if let Some(left) = owners.into_iter().flatten().find(|owner| self.has_left(owner).is_some()) {
            return Err(Refused::Left(left.clone()));
        }
        match self.review_due() {
            Some(due) if due <= at => Err(Refused::NotAfter { what: "the next review", time: due }),
            _ => Ok(()),
        }
    }

    fn activate(&mut self, since: Option<Time>, event: &Event) -> Result<(), Refused> {
        self.may_sign(event.at)?;
        let from = since.unwrap_or(event.at);
        not_in_future("the first signature", from, event.at)?;
        self.state = State::Active;
        self.signing.push(Period { from, until: None });
        Ok(())
    }

    fn resume(&mut self, event: &Event) -> Result<(), Refused> {
        self.may_sign(event.at)?;
        self.state = if self.rotation.is_some() { State::Rotating } else { State::Active };
        self.signing.push(Period { from: event.at, until: None });
        Ok(())
    }

    fn stop_signing(&mut self, state: State, at: Time) {
        self.state = state;
        if let Some(open) = self.signing.last_mut().filter(|period| period.until.is_none()) {
            open.until = Some(at);
        }
    }

    fn rotate(&mut self, successors: &[Selector], until: Time, event: &Event) -> Result<(), Refused> {
        after("the end of the rotation", until, event.at)?;
        self.propose_selectors(successors, event)?;
        self.rotation = Some(Rotation { started: event.at, until, successors: successors.to_vec() });
        self.state = State::Rotating;
        Ok(())
    }

    fn finish_rotation(&mut self, next_due: Option<Time>, event: &Event) -> Result<(), Refused> {
        let successors = self.rotation.take().map(|rotation| rotation.successors).unwrap_or_default();
        let is_approved = |selector: &&Selector| {
            self.credentials.iter().any(|held| held.selector == **selector && held.approved.is_some())
        };
        if let Some(missing) = successors.iter().find(|selector| !is_approved(selector)) {
            return Err(Refused::NotApproved(missing.clone()));
        }
        if !successors.is_empty() {
            let old = self.credentials.iter_mut().filter(|held| !successors.contains(&held.selector));
            old.filter(|held| held.replaced.is_none()).for_each(|held| held.replaced = Some(event.at));
        }
        self.fields.remove(&FieldName::RotationDue);
        if let Some(due) = next_due {
            after("the next rotation", due, event.at)?;
            self.set(Field::RotationDue(due), Source::Declared, event.at);
        }
        self.rotated = Some(event.at);
        self.state = State::Active;
        Ok(())
    }

    fn compromise(&mut self, since: Time, event: &Event) -> Result<(), Refused> {
        not_in_future("the date of the compromise", since, event.at)?;
        if let Some(known) = self.compromised.as_ref().filter(|known| since >= known.since) {
            return Err(Refused::CompromisedSince(known.since));
        }
        let recorded = Approval { by: event.actor.clone(), at: event.at };
        self.compromised = Some(Compromise { since, reason: event.reason.clone(), recorded });
        self.stop_signing(State::Compromised, event.at);
        Ok(())
    }

    fn review(&mut self, next: Time, event: &Event) -> Result<(), Refused> {
        after("the next review", next, event.at)?;
        self.reviewed = Some(Review { by: event.actor.clone(), at: event.at });
        self.set(Field::ReviewDue(next), Source::Declared, event.at);
        Ok(())
    }

    fn owner_left(&mut self, who: &Text, event: &Event) -> Result<(), Refused> {
        let is = |owner: Option<&Text>| owner.is_some_and(|owner| owner.is_same_person(who));
        let is_owner = is(self.owner());
        if !is_owner && !is(self.second_owner()) {
            return Err(Refused::NotOwner(who.clone()));
        }
        self.left.insert(who.clone(), event.at);
        if is_owner && SIGNING.contains(&self.state) {
            self.stop_signing(State::Suspended, event.at);
        }
        Ok(())
    }

    fn approve_change(&mut self, event: &Event) -> Result<(), Refused> {
        self.separate(&event.actor)?;
        if let Change::ChangeApproved { field, from, to, valid, reference } = &event.change {
            self.changes.push(ApprovedChange {
                field: *field,
                from: from.clone(),
                to: to.clone(),
                valid: *valid,
                reference: reference.clone(),
                approved: Approval { by: event.actor.clone(), at: event.at },
            });
        }
        Ok(())
    }

    fn bounded(self) -> Result<Self, Refused> {
        let lists = [
            (self.credentials.len(), "selectors"),
            (self.bindings.len(), "versions of the binding"),
            (self.products.len(), "products"),
            (self.changes.len(), "approved changes"),
            (self.signing.len(), "spans in which it signed"),
            (self.left.len(), "owners who left"),
        ];
        let full = lists.into_iter().find(|(length, _)| *length > MAX_ENTRIES);
        full.map_or(Ok(self), |(_, what)| Err(Refused::TooMany(what)))
    }
}

/// Fields that say what an identity may do, or how long.
const fn is_right(name: FieldName) -> bool {
    matches!(
        name,
        FieldName::Environments
            | FieldName::Rights
            | FieldName::Formats
            | FieldName::Window
            | FieldName::MaximumSignatures
            | FieldName::RotationDue
    )
}

fn proposed<T: Clone>(what: &T, event: &Event) -> Proposed<T> {
    Proposed { what: what.clone(), by: event.actor.clone(), at: event.at, approved: None }
}

/// Approves what waits, unless its proposer would approve it.
fn approve_all<'a>(
    proposals: impl Iterator<Item = (&'a Text, &'a mut Option<Approval>)>,
    approval: &Approval,
) -> Result<(), Refused> {
    for (by, approved) in proposals.filter(|(_, approved)| approved.is_none()) {
        if by.is_same_person(&approval.by) {
            return Err(Refused::SameActor { actor: approval.by.clone(), did: "proposed it" });
        }
        *approved = Some(approval.clone());
    }
    Ok(())
}

fn after(what: &'static str, time: Time, at: Time) -> Result<(), Refused> {
    if time > at { Ok(()) } else { Err(Refused::NotAfter { what, time }) }
}

fn not_in_future(what: &'static str, time: Time, at: Time) -> Result<(), Refused> {
    if time <= at.plus(CLOCK_SKEW) { Ok(()) } else { Err(Refused::InFuture { what, time }) }
}

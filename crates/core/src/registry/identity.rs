//! One identity: what its events add up to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Binding, BindingField, Product, Selector};
use crate::event::field::words;
use crate::event::{Field, FieldName, IdentityId, Kind, Stated, Text, Window};
use crate::time::Time;

words! {
    /// Where in its life an identity is.
    State {
        /// Found, and nobody answers for it yet.
        Discovered = "discovered",
        /// Somebody answers for it.
        Claimed = "claimed",
        /// Proven to be theirs and bound to where it signs.
        Bound = "bound",
        /// Approved by somebody else.
        Approved = "approved",
        /// It signs.
        Active = "active",
        /// It signs while its key or certificate is being replaced.
        Rotating = "rotating",
        /// It signs nothing for now.
        Suspended = "suspended",
        /// It signs nothing any more.
        Retired = "retired",
        /// Its key is gone.
        Destroyed = "destroyed",
        /// Somebody else could have signed in its name.
        Compromised = "compromised",
    }
}

/// A signing identity: the sum of its events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Identity {
    /// Its name in the registry.
    pub id: IdentityId,
    /// What kind of identity it is.
    pub kind: Kind,
    /// What people call it. Never used to match.
    pub name: Text,
    /// Where it was found.
    pub found_in: Text,
    /// Where in its life it is.
    pub state: State,
    /// When it was first recorded.
    pub created: Time,
    /// The latest instant of its events.
    pub last: Time,
    /// How many events it has.
    pub events: u64,
    /// By what its signatures are known.
    pub credentials: Vec<Credential>,
    /// From where it signs, in the order in which that was proposed: the versions of the binding.
    pub bindings: Vec<Proposed<Binding>>,
    /// What it is expected to sign.
    pub products: Vec<Proposed<Product>>,
    /// Departures from its binding that are right.
    pub changes: Vec<ApprovedChange>,
    /// What is stated about it, each with source and date. What is not here is not established.
    pub fields: BTreeMap<FieldName, Stated>,
    /// Who claimed it for its owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_by: Option<Text>,
    /// Who bound it, since the last approval or before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound_by: Option<Text>,
    /// Who approved it as a whole, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<Approval>,
    /// When it could sign; the last span is open while it signs.
    pub signing: Vec<Period>,
    /// Owners who left, and when that was recorded.
    pub left: BTreeMap<Text, Time>,
    /// When it was last looked at, and by whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed: Option<Review>,
    /// The rotation under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotation: Option<Rotation>,
    /// When the last rotation was complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotated: Option<Time>,
    /// When it was retired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired: Option<Time>,
    /// When its key was destroyed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destroyed: Option<Time>,
    /// Since when somebody else could have signed in its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compromised: Option<Compromise>,
}

/// Something that takes effect once somebody else than its proposer approves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Proposed<T> {
    /// What is proposed.
    pub what: T,
    /// Who proposed it.
    pub by: Text,
    /// When.
    pub at: Time,
    /// Who approved it, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<Approval>,
}

/// A selector with its life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Credential {
    /// The selector.
    pub selector: Selector,
    /// Who proposed it.
    pub by: Text,
    /// When.
    pub at: Time,
    /// Who approved it, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<Approval>,
    /// When it was replaced by another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced: Option<Time>,
}

/// Who approved, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Approval {
    /// Who.
    pub by: Text,
    /// When.
    pub at: Time,
}

/// A departure from the binding that is right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ApprovedChange {
    /// What differs.
    pub field: BindingField,
    /// What the binding says; without it, whatever it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Text>,
    /// What is right too.
    pub to: Text,
    /// During which time.
    pub valid: Window,
    /// The ticket or merge that decided it.
    pub reference: Text,
    /// Who approved it, and when.
    pub approved: Approval,
}

/// A span in which an identity could sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Period {
    /// The first instant.
    pub from: Time,
    /// The first instant after it; none while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
}

/// A replacement of key or certificate that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Rotation {
    /// When it began.
    pub started: Time,
    /// When it must be done.
    pub until: Time,
    /// By what the successor is known, where that differs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub successors: Vec<Selector>,
}

/// A look at an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Review {
    /// Who looked.
    pub by: Text,
    /// When.
    pub at: Time,
}

/// Since when somebody else could have signed in the name of an identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Compromise {
    /// From when on.
    pub since: Time,
    /// Why that is thought.
    pub reason: Text,
    /// When it was recorded, and by whom.
    pub recorded: Approval,
}

/// What an identity that signs must have.
pub(super) const NEEDED_TO_SIGN: [FieldName; 7] = [
    FieldName::Owner,
    FieldName::SecondOwner,
    FieldName::Purpose,
    FieldName::Environments,
    FieldName::ReviewDue,
    FieldName::EndOfLife,
    FieldName::Escalation,
];

impl Identity {
    /// The field of this name with its source and date; none is not established.
    #[must_use]
    pub fn stated(&self, name: FieldName) -> Option<&Stated> {
        self.fields.get(&name)
    }

    /// The value of the field of this name.
    #[must_use]
    pub fn field(&self, name: FieldName) -> Option<&Field> {
        self.stated(name).map(|stated| &stated.field)
    }

    /// The person who answers for it.
    #[must_use]
    pub fn owner(&self) -> Option<&Text> {
        if let Some(Field::Owner(owner)) = self.field(FieldName::Owner) { Some(owner) } else { None }
    }

    /// The person who answers for it when the owner cannot.
    #[must_use]
    pub fn second_owner(&self) -> Option<&Text> {
        if let Some(Field::SecondOwner(owner)) = self.field(FieldName::SecondOwner) { Some(owner) } else { None }
    }

    /// Whether this person left, and since when that is known.
    #[must_use]
    pub fn has_left(&self, who: &Text) -> Option<Time> {
        self.left.iter().find(|(left, _)| left.is_same_person(who)).map(|(_, at)| *at)
    }

    /// The environments that it may sign for; empty if that is not established.
    #[must_use]
    pub fn environments(&self) -> &[Text] {
        if let Some(Field::Environments(list)) = self.field(FieldName::Environments) { list } else { &[] }
    }

    /// When its key must have been replaced.
    #[must_use]
    pub fn rotation_due(&self) -> Option<Time> {
        if let Some(Field::RotationDue(due)) = self.field(FieldName::RotationDue) { Some(*due) } else { None }
    }

    /// The last instant at which its present key may sign: the end of the rotation under way, else the day by
    /// which it must have been replaced.
    #[must_use]
    pub fn rotation_deadline(&self) -> Option<Time> {
        self.rotation.as_ref().map(|rotation| rotation.until).or_else(|| self.rotation_due())
    }

    /// When it must be looked at again.
    #[must_use]
    pub fn review_due(&self) -> Option<Time> {
        if let Some(Field::ReviewDue(due)) = self.field(FieldName::ReviewDue) { Some(*due) } else { None }
    }

    /// Which of the things that an identity needs in order to sign are missing.
    #[must_use]
    pub fn lacking(&self) -> Vec<FieldName> {
        NEEDED_TO_SIGN.into_iter().filter(|name| !self.fields.contains_key(name)).collect()
    }

    /// Whether it could sign at this instant, as far as its states say.
    #[must_use]
    pub fn could_sign(&self, at: Time) -> bool {
        self.signing.iter().any(|period| period.from <= at && period.until.is_none_or(|until| at < until))
    }

    /// The version of the binding that counts at this instant, with its number from 1: of the approved ones
    /// that are valid by then, the one that is valid from latest, and of equals the newest.
    #[must_use]
    pub fn binding_at(&self, at: Time) -> Option<(usize, &Binding)> {
        let numbered = (1..).zip(&self.bindings);
        let approved = numbered.filter(|(_, binding)| binding.approved.is_some() && binding.what.valid_from <= at);
        approved
            .max_by_key(|(number, binding)| (binding.what.valid_from, *number))
            .map(|(n, binding)| (n, &binding.what))
    }

    /// The products that it is expected to sign.
    pub fn expected(&self) -> impl Iterator<Item = &Product> {
        self.products.iter().filter(|product| product.approved.is_some()).map(|product| &product.what)
    }

    /// Whether nobody answers for it: nobody ever did, or its owner left.
    #[must_use]
    pub fn is_orphan(&self) -> bool {
        self.owner().is_none_or(|owner| self.has_left(owner).is_some())
    }

    /// Whether something waits for approval.
    #[must_use]
    pub fn has_proposals(&self) -> bool {
        self.credentials.iter().any(|it| it.approved.is_none())
            || self.bindings.iter().any(|it| it.approved.is_none())
            || self.products.iter().any(|it| it.approved.is_none())
    }
}

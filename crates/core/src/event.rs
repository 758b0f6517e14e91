//! Events: everything that ever happened to a signing identity, as whoever was responsible recorded it.
//!
//! An event names who did it, why and when; without these nothing changes. The registry is a fold over
//! events ([`Registry::apply`](crate::registry::Registry::apply)), which refuses what the life cycle does not
//! permit. An event that was recorded is never changed: what turns out wrong is corrected by another one.

pub mod field;
mod text;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use field::{Criticality, Field, FieldName, KeyHeld, KeyStore, Kind, Right, Source, Stated, Window};
pub use text::{BadText, IdentityId, MAX_ID, MAX_TEXT, Text};

use crate::registry::{Binding, BindingField, Product, Selector};
use crate::time::Time;

/// Most items of a list in an event: selectors, fields, references, watched logs. A registry that needs more
/// for one identity describes several.
pub const MAX_ITEMS: usize = 100;

/// Most bytes of an event in JSON: more than all lists full of ordinary texts.
pub const MAX_JSON: usize = 262_144;

/// The first instant that an event may name, and the last: 1970-01-01 and 9999-01-01. RFC 3339 writes all
/// between them, so that what is stored is read back.
const TIMES: std::ops::Range<i64> = 0..253_370_764_800;

/// The name and version of an event's form. Another form takes another name; fields are never added
/// silently, because a reader that skips what it does not know would fold to another state.
pub const SCHEMA: &str = "countersign/event/v1";

/// One thing that happened to one identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Document", into = "Document")]
pub struct Event {
    /// When it was recorded.
    pub at: Time,
    /// Who recorded it.
    pub actor: Text,
    /// Why.
    pub reason: Text,
    /// The identity.
    pub identity: IdentityId,
    /// What changed.
    pub change: Change,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum Change {
    /// It was found, or is announced: the first event of an identity.
    Discovered {
        /// What kind of identity it is.
        kind: Kind,
        /// What people call it. Never used to match.
        name: Text,
        /// By what its signatures are known.
        selectors: Vec<Selector>,
        /// Where it was found.
        found_in: Text,
    },
    /// Something was learned or said about it.
    Described {
        /// The fields, each with its source and date. A later one takes the place of an earlier one.
        fields: Vec<Stated>,
    },
    /// Somebody answers for it. Once it is claimed, this hands it over to others.
    Claimed {
        /// The person who answers for it.
        owner: Text,
        /// The person who answers for it when the owner cannot.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        second_owner: Option<Text>,
        /// What else is said on that occasion, such as the purpose.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        fields: Vec<Stated>,
    },
    /// It was proven to be theirs and bound to where it signs. Takes effect when somebody else approves.
    Bound {
        /// What proves it: a certificate, a key attestation, a successful run.
        proof: Text,
        /// Further selectors of the same identity.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        selectors: Vec<Selector>,
        /// From where it signs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        binding: Option<Box<Binding>>,
    },
    /// What it is expected to sign. Takes effect when somebody else approves.
    Expected {
        /// The products.
        products: Vec<Product>,
    },
    /// It is not expected to sign this any more.
    Unexpected {
        /// The product, as it was expected.
        product: Product,
    },
    /// What others proposed takes effect.
    Approved {},
    /// What others proposed is dropped.
    Rejected {},
    /// It signs.
    Activated {
        /// From when on, where it signed before it was registered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Time>,
    },
    /// Its key or certificate is being replaced.
    RotationStarted {
        /// By what the successor is known, where that differs. Takes effect when somebody else approves.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        successors: Vec<Selector>,
        /// When it must be done.
        until: Time,
    },
    /// The replacement is complete: what was replaced signs no more.
    RotationFinished {
        /// When the next one is due.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_due: Option<Time>,
    },
    /// It signs nothing for now. What it signed before stays as it was.
    Suspended {},
    /// It signs again.
    Resumed {},
    /// It signs nothing any more. What it signed before stays as it was.
    Retired {},
    /// Its key is gone.
    Destroyed {
        /// What proves it.
        proof: Text,
    },
    /// Somebody else could have signed in its name.
    Compromised {
        /// From when on. An earlier date than the one known replaces it; a later one is refused.
        since: Time,
    },
    /// Its entry was looked at and is right.
    Reviewed {
        /// When to look again.
        next: Time,
    },
    /// One of its owners left.
    OwnerLeft {
        /// Who.
        who: Text,
    },
    /// It signed, or will sign, from elsewhere than its binding says, and that is right.
    ChangeApproved {
        /// What differs.
        field: BindingField,
        /// What it is bound to, if it is bound.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Text>,
        /// What is right too.
        to: Text,
        /// During which time.
        valid: Window,
        /// The ticket or merge that decided it.
        reference: Text,
    },
}

/// Why an event cannot be read or recorded, whatever the state of its identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadEvent {
    /// It is no JSON of this form; the parser's words.
    Json(String),
    /// It is longer than [`MAX_JSON`].
    TooLong,
    /// It is of another form than [`SCHEMA`].
    Schema(String),
    /// A list is empty where that says nothing, or has more than [`MAX_ITEMS`] items.
    List(&'static str),
    /// An instant lies outside of what can be written and read back.
    Time(Time),
    /// A binding that leaves everything open, or a pattern that fits everything.
    Open(&'static str),
    /// A span of time that ends before it begins.
    Window,
}

impl fmt::Display for BadEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(message) => write!(f, "no event: {message}"),
            Self::TooLong => write!(f, "no event: longer than {MAX_JSON} bytes"),
            Self::Schema(found) => write!(f, "an event of the form `{found}`; `{SCHEMA}` is read here"),
            Self::List(what) => write!(f, "{what}: between one and {MAX_ITEMS} are needed"),
            Self::Time(time) => write!(f, "the instant {time} lies outside of the years 1970 to 9998"),
            Self::Open(what) => write!(f, "{what} says nothing: name at least one thing"),
            Self::Window => f.write_str("a span of time ends before it begins"),
        }
    }
}

impl std::error::Error for BadEvent {}

impl Event {
    /// Reads an event from JSON.
    ///
    /// # Errors
    /// If it is no event of this form, has a field that is not known, or breaks a bound.
    pub fn from_json(json: &str) -> Result<Self, BadEvent> {
        if json.len() > MAX_JSON {
            return Err(BadEvent::TooLong);
        }
        let document: Document = serde_json::from_str(json).map_err(|error| BadEvent::Json(error.to_string()))?;
        document.try_into()
    }

    /// Whether it keeps the bounds that hold in any state.
    ///
    /// # Errors
    /// The first bound that it breaks.
    pub fn check(&self) -> Result<(), BadEvent> {
        let times = std::iter::once(self.at).chain(self.change.times());
        if let Some(time) = times.into_iter().find(|time| !TIMES.contains(&time.unix())) {
            return Err(BadEvent::Time(time));
        }
        self.change.check()
    }
}

impl Change {
    /// Its kebab-case name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Discovered { .. } => "discovered",
            Self::Described { .. } => "described",
            Self::Claimed { .. } => "claimed",
            Self::Bound { .. } => "bound",
            Self::Expected { .. } => "expected",
            Self::Unexpected { .. } => "unexpected",
            Self::Approved {} => "approved",
            Self::Rejected {} => "rejected",
            Self::Activated { .. } => "activated",
            Self::RotationStarted { .. } => "rotation-started",
            Self::RotationFinished { .. } => "rotation-finished",
            Self::Suspended {} => "suspended",
            Self::Resumed {} => "resumed",
            Self::Retired {} => "retired",
            Self::Destroyed { .. } => "destroyed",
            Self::Compromised { .. } => "compromised",
            Self::Reviewed { .. } => "reviewed",
            Self::OwnerLeft { .. } => "owner-left",
            Self::ChangeApproved { .. } => "change-approved",
        }
    }

    /// The instants in it.
    fn times(&self) -> Vec<Time> {
        match self {
            Self::Described { fields } | Self::Claimed { fields, .. } => {
                let times = |stated: &Stated| std::iter::once(stated.observed_at).chain(stated.field.times());
                fields.iter().flat_map(times).collect()
            }
            Self::Bound { binding: Some(binding), .. } => vec![binding.valid_from],
            Self::RotationStarted { until: time, .. }
            | Self::RotationFinished { next_due: Some(time) }
            | Self::Activated { since: Some(time) }
            | Self::Compromised { since: time }
            | Self::Reviewed { next: time } => vec![*time],
            Self::ChangeApproved { valid, .. } => std::iter::once(valid.from).chain(valid.until).collect(),
            _ => Vec::new(),
        }
    }

    fn check(&self) -> Result<(), BadEvent> {
        match self {
            Self::Discovered { selectors, .. } => some(selectors, "selectors"),
            Self::Described { fields } => some(fields, "fields").and_then(|()| well_formed(fields)),
            Self::Claimed { fields, .. } => few(fields, "fields").and_then(|()| well_formed(fields)),
            Self::Bound { selectors, binding, .. } => {
                few(selectors, "selectors")?;
                binding.as_deref().map_or(Ok(()), check_binding)
            }
            Self::Expected { products } => {
                some(products, "products")?;
                if products.iter().any(Product::is_open) { Err(BadEvent::Open("a product")) } else { Ok(()) }
            }
            Self::RotationStarted { successors, .. } => few(successors, "successors"),
            Self::ChangeApproved { valid, .. } => check_window(valid),
            _ => Ok(()),
        }
    }
}

fn few<T>(list: &[T], what: &'static str) -> Result<(), BadEvent> {
    if list.len() <= MAX_ITEMS { Ok(()) } else { Err(BadEvent::List(what)) }
}

fn some<T>(list: &[T], what: &'static str) -> Result<(), BadEvent> {
    if list.is_empty() { Err(BadEvent::List(what)) } else { few(list, what) }
}

fn well_formed(fields: &[Stated]) -> Result<(), BadEvent> {
    for stated in fields {
        if !stated.field.is_well_formed(MAX_ITEMS) {
            return Err(BadEvent::List(stated.field.name().word()));
        }
        if let Field::Window(window) = &stated.field {
            check_window(window)?;
        }
    }
    Ok(())
}

fn check_binding(binding: &Binding) -> Result<(), BadEvent> {
    few(&binding.references, "references")?;
    few(&binding.triggers, "triggers")?;
    if binding.is_open() { Err(BadEvent::Open("the binding")) } else { Ok(()) }
}

fn check_window(window: &Window) -> Result<(), BadEvent> {
    if window.until.is_some_and(|until| until <= window.from) { Err(BadEvent::Window) } else { Ok(()) }
}

/// An event as it is written: with its form, and nothing that is not known.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Document {
    schema: String,
    identity: IdentityId,
    at: Time,
    actor: Text,
    reason: Text,
    change: Change,
}

impl From<Event> for Document {
    fn from(event: Event) -> Self {
        let Event { at, actor, reason, identity, change } = event;
        Self { schema: SCHEMA.to_owned(), identity, at, actor, reason, change }
    }
}

impl TryFrom<Document> for Event {
    type Error = BadEvent;

    fn try_from(document: Document) -> Result<Self, BadEvent> {
        let Document { schema, identity, at, actor, reason, change } = document;
        if schema != SCHEMA {
            return Err(BadEvent::Schema(schema));
        }
        let event = Self { at, actor, reason, identity, change };
        event.check().map(|()| event)
    }
}

#[cfg(test)]
mod tests;

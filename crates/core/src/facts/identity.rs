//! Who of the registry signed.

use super::shape::{OneOf, WordSet, records};
use crate::dossier::Dossier;
use crate::event::{Field, FieldName, KeyStore, Kind, Source};
use crate::evidence::Signature;
use crate::finding::Severity;
use crate::registry::drift::{Drift, FieldDrift, Seen};
use crate::registry::{BindingField, Made, Recognition, Registry, State};
use crate::reports::words::Word;
use crate::time::Time;

records! {
    /// An identity of the registry that made a signature.
    SigningIdentity<'a> = "Identity" {
        /// Its name in the registry.
        id: &'a str,
        /// The signature that it made.
        signature: String,
        /// What people call it.
        name: &'a str,
        /// What kind of identity it is.
        kind: OneOf<Kinds>,
        /// Where in its life it is.
        status: OneOf<States>,
        /// Whether it could sign when it did, as far as its life says.
        could_sign: bool,
        /// Whether the key or certificate that signed was approved for it, and not replaced before.
        credential_current: bool,
        /// The person who answers for it.
        owner: Option<&'a str>,
        /// The person who answers for it when the owner cannot.
        second_owner: Option<&'a str>,
        /// Whether it has an owner who had not left when it signed.
        owner_active: bool,
        /// The environments that it may sign for.
        environments: Vec<&'a str>,
        /// How its key is held, as the registry states it.
        key_protection: Option<KeyHolding>,
        /// The last instant at which its present key may sign.
        rotation_due: Option<Time>,
        /// When its entry must be looked at again.
        review_due: Option<Time>,
        /// Whether the registry names logs in which its use is watched.
        monitored: bool,
        /// Whether it signed from where it is bound to.
        drift: OneOf<Drifts>,
        /// What differs from its binding and nothing explains, worst first.
        departures: Vec<Departure>,
        /// Since when somebody else could have signed in its name.
        compromised_since: Option<Time>,
    }

    /// How a key is held, as the registry states it.
    KeyHolding = "KeyHolding" {
        /// Where.
        store: OneOf<Stores>,
        /// Whether it cannot be copied from there.
        in_hardware: bool,
        /// Who says so: `attested` by evidence that can be checked, `declared` or `discovered`.
        source: OneOf<Sources>,
        /// Whether the registry names that evidence.
        evidenced: bool,
    }

    /// A part of a binding that differs.
    Departure = "Departure" {
        /// Which part.
        part: OneOf<Parts>,
        /// How much it matters.
        severity: Word<Severity>,
        /// What the binding says.
        expected: String,
        /// What the signature says.
        found: Option<String>,
    }
}

/// The identities that made these signatures, one for each signature that is known to be of exactly one.
pub(super) fn of<'a>(
    signatures: impl Iterator<Item = &'a Signature>,
    dossier: &'a Dossier,
    registry: &'a Registry,
    at: Time,
) -> Vec<SigningIdentity<'a>> {
    let known = |signature: &'a Signature| {
        let made = Made::of(signature, at);
        match registry.recognise(signature, &dossier.claims, made) {
            Recognition::Known(identity, credential) => {
                let drift = identity.drift(&Seen::of(signature, &dossier.claims), made.instant());
                let is_current = credential.approved.is_some()
                    && credential.replaced.is_none_or(|replaced| made.instant() < replaced);
                Some(SigningIdentity::of(identity, signature, made, is_current, drift))
            }
            _ => None,
        }
    };
    signatures.filter_map(known).collect()
}

impl<'a> SigningIdentity<'a> {
    fn of(
        identity: &'a crate::registry::Identity,
        signature: &Signature,
        made: Made,
        credential_current: bool,
        drift: Option<Drift>,
    ) -> Self {
        let owner = identity.owner();
        let has_left = |who| identity.has_left(who).is_some_and(|left| left <= made.instant());
        Self {
            id: identity.id.as_str(),
            signature: signature.id.to_string(),
            name: identity.name.as_str(),
            kind: OneOf::new(identity.kind.word()),
            status: OneOf::new(identity.state.word()),
            could_sign: identity.could_sign(made.instant()),
            credential_current,
            owner: owner.map(|owner| owner.as_str()),
            second_owner: identity.second_owner().map(|owner| owner.as_str()),
            owner_active: owner.is_some_and(|owner| !has_left(owner)),
            environments: identity.environments().iter().map(|name| name.as_str()).collect(),
            key_protection: KeyHolding::of(identity),
            rotation_due: identity.rotation_deadline(),
            review_due: identity.review_due(),
            monitored: identity.field(FieldName::Logs).is_some(),
            drift: OneOf::new(drift_word(drift.as_ref())),
            departures: drift
                .map(|drift| drift.unexplained.into_iter().map(Departure::of).collect())
                .unwrap_or_default(),
            compromised_since: identity.compromised.as_ref().map(|compromise| compromise.since),
        }
    }
}

impl KeyHolding {
    fn of(identity: &crate::registry::Identity) -> Option<Self> {
        let stated = identity.stated(FieldName::Key)?;
        let Field::Key(held) = &stated.field else { return None };
        Some(Self {
            store: OneOf::new(held.store.word()),
            in_hardware: held.store.is_hardware() && held.exportable != Some(true),
            source: OneOf::new(stated.source.word()),
            evidenced: held.evidence.is_some(),
        })
    }
}

impl Departure {
    fn of(drift: FieldDrift) -> Self {
        Self {
            part: OneOf::new(drift.field.word()),
            severity: Word(drift.severity),
            expected: drift.expected,
            found: drift.found,
        }
    }
}

/// How a signature compares with the binding of its identity.
fn drift_word(drift: Option<&Drift>) -> &'static str {
    match drift {
        None => NO_BINDING,
        Some(drift) if !drift.unexplained.is_empty() => UNEXPLAINED,
        Some(drift) if !drift.missing.is_empty() => NOT_COMPARABLE,
        Some(drift) if !drift.explained.is_empty() => EXPLAINED,
        Some(_) => NONE,
    }
}

const NONE: &str = "none";
const EXPLAINED: &str = "explained";
const UNEXPLAINED: &str = "unexplained";
const NOT_COMPARABLE: &str = "not-comparable";
const NO_BINDING: &str = "no-binding";

/// The words for how a signature compares with a binding.
#[derive(Clone, Debug)]
pub(super) enum Drifts {}

impl WordSet for Drifts {
    const NAME: &'static str = "Drift";

    fn words() -> Vec<&'static str> {
        vec![NONE, EXPLAINED, UNEXPLAINED, NOT_COMPARABLE, NO_BINDING]
    }
}

macro_rules! sets {
    ($($marker:ident = $set:ident, $name:literal;)*) => { $(
        #[doc = concat!("The words of [`", stringify!($set), "`].")]
        #[derive(Clone, Debug)]
        pub(super) enum $marker {}

        impl WordSet for $marker {
            const NAME: &'static str = $name;

            fn words() -> Vec<&'static str> {
                $set::ALL.iter().map(|value| value.word()).collect()
            }
        }
    )* };
}

sets! {
    Kinds = Kind, "IdentityKind";
    States = State, "IdentityStatus";
    Stores = KeyStore, "KeyStore";
    Sources = Source, "StatementSource";
    Parts = BindingField, "BindingPart";
}

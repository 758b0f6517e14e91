//! `key-in-hardware`: the key cannot be copied out of where it is held, on evidence of the class named.

use super::{Choice, Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::event::{Field, FieldName, KeyHeld, Source};
use crate::evidence::{Signature, State};
use crate::ground::Ground;
use crate::identity::KeyProtection;
use crate::registry::{Made, Recognition};
use crate::verdict::Question;

const ATTESTED: Choice =
    Choice { word: "attested", meaning: "evidence about this very key that can be checked, such as a key attestation" };
const REQUIRED: Choice =
    Choice { word: "required", meaning: "at least a rule that binds the CA, which says that it checked" };
const DECLARED: Choice = Choice { word: "declared", meaning: "at least the word of whoever is responsible" };

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "key-in-hardware",
    section: Section::Of(Question::Signer),
    title: "The key is held in hardware",
    meaning: "The key is held where it cannot be copied from, by evidence of at least the class that is asked for: \
              what comes with the signature, or what the registry states of its identity. Never more than the \
              evidence says: what somebody declares is no attestation.",
    shape: Shape::Word(&[ATTESTED, REQUIRED, DECLARED]),
    judge: Judge::Signature(judge),
    fix: "give the key's attestation as evidence, or record it in the registry",
    controls: &[
        Control { framework: "OWASP NHI Top 10", id: "NHI2:2025" },
        Control { framework: "EU DORA", id: "Art 9(4)(d)" },
    ],
};

/// What stands behind the statement that a key is held in hardware, weakest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    None,
    Declared,
    Required,
    Attested,
}

fn judge(context: Context<'_>, signature: &Signature, setting: &Setting) -> Weighed {
    let registered = held(context, signature);
    if let Some((held, _)) = &registered
        && (!held.store.is_hardware() || held.exportable == Some(true))
    {
        return Weighed::no(Ground::KeyNotInHardware, format!("the registry says: {}", held.store));
    }
    let of_registry = registered.map(|(held, source)| (class_of(&held, source), describe(&held, source)));
    let best = of_registry.into_iter().chain([of_signature(signature)]).max_by_key(|(class, _)| *class);
    let (class, detail) = best.unwrap_or((Class::None, String::new()));
    let least = match () {
        () if setting.is(DECLARED.word) => Class::Declared,
        () if setting.is(REQUIRED.word) => Class::Required,
        () => Class::Attested,
    };
    match class {
        Class::None => Weighed::missing(Ground::KeyProtectionNotKnown, detail),
        class if class >= least => Weighed::yes(Ground::KeyInHardware, detail),
        _ => Weighed::missing(Ground::KeyEvidenceTooWeak, detail),
    }
}

/// What the registry states about the key of the identity that signed.
fn held(context: Context<'_>, signature: &Signature) -> Option<(KeyHeld, Source)> {
    let made = Made::of(signature, context.at);
    let Recognition::Known(identity, _) = context.registry.recognise(signature, &context.dossier.claims, made) else {
        return None;
    };
    let stated = identity.stated(FieldName::Key)?;
    if let Field::Key(held) = &stated.field { Some((held.clone(), stated.source)) } else { None }
}

fn class_of(held: &KeyHeld, source: Source) -> Class {
    match source {
        // An attestation that nobody can look at is a declaration.
        Source::Attested if held.evidence.is_some() => Class::Attested,
        Source::Attested | Source::Declared => Class::Declared,
        Source::Discovered => Class::None,
    }
}

fn describe(held: &KeyHeld, source: Source) -> String {
    let evidence = held.evidence.as_ref().map(|evidence| format!(": {evidence}")).unwrap_or_default();
    format!("the registry says: {}, {source}{evidence}", held.store)
}

/// What comes with the signature. Names of which nobody vouches have no rule behind them.
fn of_signature(signature: &Signature) -> (Class, String) {
    let protection = &signature.key_protection;
    let class = match protection {
        _ if signature.state() != State::Valid => Class::None,
        KeyProtection::Attested { .. } => Class::Attested,
        KeyProtection::RequiredByRule { .. } => Class::Required,
        KeyProtection::Declared { .. } => Class::Declared,
        KeyProtection::Unknown => Class::None,
    };
    (class, protection.detail())
}

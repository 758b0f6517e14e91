//! `key-in-hardware`: the key cannot be copied out of where it is held, on evidence of the class named.

use super::registered::ask;
use super::{Choice, Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::event::{Field, FieldName, KeyHeld, Source, Stated};
use crate::evidence::Signature;
use crate::ground::Ground;
use crate::verdict::Question;

/// The least evidence that is accepted, strongest first.
const ATTESTED: Choice =
    Choice { word: "attested", meaning: "evidence that can be checked, such as a key attestation" };
const DECLARED: Choice = Choice { word: "declared", meaning: "at least the word of whoever is responsible" };

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "key-in-hardware",
    section: Section::Of(Question::Signer),
    title: "The key is held in hardware",
    meaning: "The key of the identity is held where it cannot be copied from, as far as the evidence says that is \
              asked for. Never more than the evidence says: what somebody declares is no attestation.",
    shape: Shape::Word(&[ATTESTED, DECLARED]),
    judge: Judge::Signature(judge),
    fix: "record how the key is held, with its attestation",
    controls: &[
        Control { framework: "OWASP NHI Top 10", id: "NHI2:2025" },
        Control { framework: "EU DORA", id: "Art 9(4)(d)" },
    ],
};

fn judge(context: Context<'_>, signature: &Signature, setting: &Setting) -> Weighed {
    let known = match ask(context, signature, setting) {
        Ok(known) => known,
        Err(weighed) => return weighed,
    };
    match known.identity.stated(FieldName::Key) {
        Some(Stated { field: Field::Key(held), source, .. }) => weigh(held, *source, setting),
        _ => Weighed::missing(Ground::KeyProtectionNotKnown, format!("`{}` does not say", known.identity.id)),
    }
}

fn weigh(held: &KeyHeld, source: Source, setting: &Setting) -> Weighed {
    let evidence = held.evidence.as_ref().map(|evidence| format!(": {evidence}")).unwrap_or_default();
    let detail = format!("{}, {source}{evidence}", held.store);
    if !held.store.is_hardware() || held.exportable == Some(true) {
        return Weighed::no(Ground::KeyNotInHardware, detail);
    }
    // An attestation that nobody can look at is a declaration.
    let is_attested = source == Source::Attested && held.evidence.is_some();
    if is_attested || (setting.is(DECLARED.word) && source >= Source::Declared) {
        Weighed::yes(Ground::KeyInHardware, detail)
    } else {
        Weighed::missing(Ground::KeyEvidenceTooWeak, detail)
    }
}

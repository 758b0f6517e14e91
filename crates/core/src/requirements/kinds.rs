//! `kinds`: the signature is of a format that the policy names.

use super::{Choice, Context, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::evidence::Signature;
use crate::formats;
use crate::ground::Ground;
use crate::verdict::Question;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "kinds",
    section: Section::Of(Question::Signed),
    title: "The signature is of an accepted kind",
    meaning: "The format of the signature is one of those named. A signature of another kind does not count.",
    shape: Shape::Words(kinds),
    judge: Judge::Signature(judge),
    fix: "obtain a release with a signature of an accepted kind",
    controls: &[],
};

fn kinds() -> Vec<Choice> {
    formats::FORMATS.iter().map(|format| Choice { word: format.id, meaning: format.title }).collect()
}

fn judge(_: Context<'_>, signature: &Signature, kinds: &Setting) -> Weighed {
    if kinds.has(signature.format) {
        Weighed::yes(Ground::KindAccepted, signature.format)
    } else {
        Weighed::no(Ground::KindNotAccepted, signature.format)
    }
}

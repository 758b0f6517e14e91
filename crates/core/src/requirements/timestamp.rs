//! `timestamp`: something verified proves when the signature was made.

use super::{Choice, Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::evidence::{Signature, TimeSource};
use crate::ground::Ground;
use crate::verdict::Question;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "timestamp",
    section: Section::Of(Question::Signed),
    title: "The time of signing is proven",
    meaning: "A verified timestamp or log entry proves that the signature existed at an instant. What the \
              signer says about the time proves nothing.",
    shape: Shape::Word(&[Choice { word: "verified", meaning: "a timestamp or log entry must hold" }]),
    judge: Judge::Signature(judge),
    fix: "obtain a signature with a timestamp or log entry",
    controls: &[Control { framework: "NIST SP 800-53", id: "AU-10" }],
};

fn judge(_: Context<'_>, signature: &Signature, _: &Setting) -> Weighed {
    match (signature.time.trusted, signature.time.source) {
        (Some(time), source) if source != TimeSource::None => {
            Weighed::yes(Ground::TimeProven, format!("{time} by {}", source.word()))
        }
        _ => Weighed::missing(Ground::TimeNotProven, ""),
    }
}

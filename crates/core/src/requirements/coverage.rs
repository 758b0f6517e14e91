//! `coverage`: no byte of the artifact is outside of its signatures.

use super::{Choice, Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::evidence::{Outcome, Signature};
use crate::ground::Ground;
use crate::verdict::Question;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "coverage",
    section: Section::Of(Question::Signed),
    title: "Every byte is covered",
    meaning: "The signature covers every byte of the artifact but itself: nothing was appended or hidden in \
              padding (as with CVE-2013-3900).",
    shape: Shape::Word(&[Choice { word: "complete", meaning: "no byte may be outside of the signature" }]),
    judge: Judge::Signature(judge),
    fix: "obtain the file again from its publisher; compare the uncovered bytes with `countersign inspect`",
    controls: &[Control { framework: "NIST SSDF SP 800-218", id: "PS.2.1" }],
};

fn judge(_: Context<'_>, signature: &Signature, _: &Setting) -> Weighed {
    let uncovered = &signature.coverage.uncovered;
    match uncovered.first() {
        Some(first) => {
            let detail = format!(
                "{}: {} uncovered ranges, the first at {}..{}: {}",
                signature.id,
                uncovered.len(),
                first.range.start,
                first.range.end,
                first.what
            );
            Weighed::no(Ground::BytesUncovered, detail)
        }
        None if signature.integrity() == Outcome::Pass => Weighed::yes(Ground::Covered, ""),
        None => Weighed::missing(Ground::NoneAboutArtifact, ""),
    }
}

//! `algorithms`: nothing in the signature can be forged.

use super::{Choice, Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::evidence::{CheckId, Outcome, Signature};
use crate::ground::Ground;
use crate::verdict::{Answer, Question};

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "algorithms",
    section: Section::Of(Question::Signed),
    title: "The algorithms cannot be forged",
    meaning: "No MD5 or SHA-1, no RSA under 2048 bits, no DSA: not in the signature and not in its chain.",
    shape: Shape::Word(&[Choice { word: "strong", meaning: "no algorithm may be one that can be forged" }]),
    judge: Judge::Signature(judge),
    fix: "obtain a newer signature from the publisher",
    controls: &[Control { framework: "NIST SP 800-53", id: "SC-13" }],
};

fn judge(_: Context<'_>, signature: &Signature, _: &Setting) -> Weighed {
    if let Some(digest) = signature.digest_algorithm.filter(|digest| digest.is_broken()) {
        return Weighed::new(Answer::No, crate::evidence::Reason::WeakAlgorithm.word(), digest.name());
    }
    match signature.outcome(CheckId::Strength) {
        Some(Outcome::Pass) => {
            Weighed::yes(Ground::AlgorithmsStrong, signature.signature_algorithm.as_deref().unwrap_or_default())
        }
        Some(Outcome::Fail(reason)) => {
            let check = signature.checks.iter().find(|check| check.outcome == Outcome::Fail(reason));
            Weighed::new(Answer::No, reason.word(), check.map(|check| check.detail.as_str()).unwrap_or_default())
        }
        Some(Outcome::Undecided(need)) => Weighed::new(Answer::NotEstablished, need.word(), ""),
        None => Weighed::missing(Ground::AlgorithmsNotJudged, ""),
    }
}

//! `transparency`: the signature is proven to be in a transparency log.

use super::{Choice, Context, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::evidence::{CheckId, Outcome, Signature};
use crate::ground::Ground;
use crate::verdict::{Answer, Question};

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "transparency",
    section: Section::Of(Question::Signed),
    title: "The signature is in a transparency log",
    meaning: "A log's entry describes this signature, and a proof under the log's signed checkpoint shows that \
              the entry is in the log, where its owner can see it. A mere promise of the log is not enough.",
    shape: Shape::Word(&[Choice { word: "logged", meaning: "an inclusion proof must hold" }]),
    judge: Judge::Signature(judge),
    fix: "obtain a bundle with an inclusion proof",
    controls: &[],
};

/// What the proof rests on.
const PROOF: [CheckId; 3] = [CheckId::LogEntry, CheckId::LogInclusion, CheckId::LogCheckpoint];

fn judge(_: Context<'_>, signature: &Signature, _: &Setting) -> Weighed {
    for id in PROOF {
        match signature.outcome(id) {
            Some(Outcome::Pass) => {}
            Some(Outcome::Fail(reason)) => return Weighed::new(Answer::No, reason.word(), id.word()),
            Some(Outcome::Undecided(need)) => return Weighed::new(Answer::NotEstablished, need.word(), id.word()),
            None => return Weighed::missing(Ground::NotLogged, id.word()),
        }
    }
    Weighed::yes(Ground::Logged, "")
}

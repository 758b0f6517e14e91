//! `assurance`: what stands behind the signer's name is of a kind that the policy names.

use super::{Choice, Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::evidence::{Signature, State};
use crate::ground::Ground;
use crate::identity::Assurance;
use crate::verdict::Question;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "assurance",
    section: Section::Of(Question::Signer),
    title: "The assurance behind the name is accepted",
    meaning: "What stands behind the signer's name is one of the kinds named. Strong assurance alone never \
              admits: it says who signed, not whether that was right.",
    shape: Shape::Words(kinds),
    judge: Judge::Signature(judge),
    fix: "obtain a release signed with an accepted kind of identity",
    controls: &[Control { framework: "OWASP NHI Top 10", id: "NHI4:2025" }],
};

fn kinds() -> Vec<Choice> {
    Assurance::ALL.iter().map(|kind| Choice { word: kind.word(), meaning: kind.proves() }).collect()
}

fn judge(_: Context<'_>, signature: &Signature, kinds: &Setting) -> Weighed {
    let word = signature.assurance.word();
    if !kinds.has(word) {
        return Weighed::no(Ground::AssuranceNotAccepted, word);
    }
    // A name of which nobody vouches has no assurance, whatever it looks like.
    match signature.state() {
        State::Valid => Weighed::yes(Ground::AssuranceAccepted, word),
        State::Untrusted if matches!(signature.assurance, Assurance::SelfSigned | Assurance::Test) => {
            Weighed::yes(Ground::AssuranceAccepted, word)
        }
        _ => Weighed::new(crate::verdict::Answer::NotEstablished, signature.reason(), word),
    }
}

//! `assurance-at-least`: what stands behind the signer's name says at least what the policy names.
//!
//! Kinds of assurance are no rank: a workload's identity is neither more nor less than an organisation's. What
//! can be ordered is what was checked about a *person or organisation*, and only that is ordered here.

use super::{Choice, Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::evidence::{Signature, State};
use crate::ground::Ground;
use crate::identity::Assurance;
use crate::verdict::{Answer, Question};

/// What may be asked, and the kinds that say at least that.
const LEVELS: [(Choice, &[Assurance]); 4] = [
    (
        Choice {
            word: "extended-validation",
            meaning: "the organisation exists and holds its key in hardware: extended-validation",
        },
        &[Assurance::ExtendedValidation],
    ),
    (
        Choice {
            word: "organization-validated",
            meaning: "the organisation exists: organization-validated, extended-validation, platform",
        },
        &[Assurance::ExtendedValidation, Assurance::OrganizationValidated, Assurance::Platform],
    ),
    (
        Choice {
            word: "individual-validated",
            meaning: "somebody checked papers: individual-validated, organization-validated, extended-validation, platform",
        },
        &[
            Assurance::ExtendedValidation,
            Assurance::OrganizationValidated,
            Assurance::Platform,
            Assurance::IndividualValidated,
        ],
    ),
    (
        Choice {
            word: "somebody-else",
            meaning: "somebody else than the signer vouches for the name: all but key-only, self-signed, test and unknown",
        },
        &[
            Assurance::ExtendedValidation,
            Assurance::OrganizationValidated,
            Assurance::Platform,
            Assurance::IndividualValidated,
            Assurance::WorkloadOidc,
            Assurance::PersonOidc,
            Assurance::WebOfTrust,
        ],
    ),
];

/// The words, in the same order.
const WORDS: [Choice; 4] = {
    let [(a, _), (b, _), (c, _), (d, _)] = LEVELS;
    [a, b, c, d]
};

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "assurance-at-least",
    section: Section::Of(Question::Signer),
    title: "The assurance behind the name is high enough",
    meaning: "What stands behind the signer's name says at least this. The order is that of what somebody checked \
              about a person or organisation; a workload's identity has no place in it. To accept kinds one by \
              one, use `assurance`.",
    shape: Shape::Word(&WORDS),
    judge: Judge::Signature(judge),
    fix: "obtain a release signed with a stronger kind of identity",
    controls: &[
        Control { framework: "OWASP NHI Top 10", id: "NHI4:2025" },
        Control { framework: "NIST CSF", id: "PR.AA-02" },
    ],
};

/// Whether a kind of assurance says at least what this level asks.
pub(crate) fn says_at_least(kind: &str, level: &str) -> bool {
    let known = LEVELS.iter().find(|(choice, _)| choice.word == level);
    known.is_some_and(|(_, kinds)| kinds.iter().any(|accepted| accepted.word() == kind))
}

fn judge(_: Context<'_>, signature: &Signature, setting: &Setting) -> Weighed {
    let word = signature.assurance.word();
    let level = LEVELS.iter().find(|(choice, _)| setting.is(choice.word));
    if !level.is_some_and(|(_, kinds)| kinds.contains(&signature.assurance)) {
        return Weighed::no(Ground::AssuranceNotAccepted, word);
    }
    match signature.state() {
        State::Valid => Weighed::yes(Ground::AssuranceAccepted, word),
        _ => Weighed::new(Answer::NotEstablished, signature.reason(), word),
    }
}

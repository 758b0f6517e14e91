//! What the policy's own requirements say, and the findings.

use super::shape::{OneOf, WordSet, records};
use super::signature::Reasons;
use crate::finding::{Finding as Found, FindingId, Severity};
use crate::reports::words::Word;
use crate::requirements::{REQUIREMENTS, Section};
use crate::verdict::{Answer, Appraised, Mode};

records! {
    /// How a requirement was answered.
    Requirement = "Requirement" {
        /// The requirement.
        id: OneOf<Ids>,
        /// The question that it belongs to, or `other`.
        question: OneOf<Sections>,
        /// What it means for the decision.
        mode: Word<Mode>,
        /// The answer.
        answer: Word<Answer>,
        /// Why: a word that `countersign explain --reasons` explains.
        reason: OneOf<Reasons>,
        /// The signatures that it rests on.
        signatures: Vec<String>,
    }

    /// What a reader should know beyond the answers.
    Finding<'a> = "Finding" {
        /// What kind of finding it is.
        id: OneOf<Findings>,
        /// How much it matters.
        severity: Word<Severity>,
        /// The question that it belongs to, or `other`.
        question: OneOf<Sections>,
        /// One sentence with the facts of this case. Texts of attackers may stand in it.
        message: &'a str,
        /// The signatures that it is about.
        signatures: Vec<String>,
    }
}

impl Requirement {
    /// A requirement that was answered; none for what is a rule of the policy itself.
    pub(super) fn of(section: Section, appraised: &Appraised) -> Option<Self> {
        let known = REQUIREMENTS.iter().find(|known| known.id == appraised.id)?;
        Some(Self {
            id: OneOf::new(known.id),
            question: OneOf::new(section.word()),
            mode: Word(appraised.mode),
            answer: Word(appraised.answer),
            reason: OneOf::new(appraised.reason),
            signatures: appraised.evidence.iter().map(ToString::to_string).collect(),
        })
    }
}

impl<'a> Finding<'a> {
    pub(super) fn of(finding: &'a Found) -> Self {
        let section = finding.id.question().map_or(Section::Other, Section::Of);
        Self {
            id: OneOf::new(finding.id.word()),
            severity: Word(finding.id.severity()),
            question: OneOf::new(section.word()),
            message: &finding.message,
            signatures: finding.signatures.iter().map(ToString::to_string).collect(),
        }
    }
}

/// The ids of requirements.
#[derive(Clone, Debug)]
pub(super) enum Ids {}

impl WordSet for Ids {
    const NAME: &'static str = "RequirementId";

    fn words() -> Vec<&'static str> {
        REQUIREMENTS.iter().map(|known| known.id).collect()
    }
}

/// The sections of a policy.
#[derive(Clone, Debug)]
pub(super) enum Sections {}

impl WordSet for Sections {
    const NAME: &'static str = "Section";

    fn words() -> Vec<&'static str> {
        Section::ALL.map(Section::word).to_vec()
    }
}

/// The ids of findings.
#[derive(Clone, Debug)]
pub(super) enum Findings {}

impl WordSet for Findings {
    const NAME: &'static str = "FindingId";

    fn words() -> Vec<&'static str> {
        FindingId::ALL.iter().map(|id| id.word()).collect()
    }
}

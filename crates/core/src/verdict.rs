//! The verdict: three questions, their answers, and the decision.

use std::borrow::Cow;

use crate::dossier::Dossier;
use crate::evidence::SignatureId;
use crate::finding::Finding;
use crate::policy::{PolicyId, Waiver};
use crate::time::Time;

/// The three questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// Is it signed?
    Signed,
    /// Is the signer trusted?
    Signer,
    /// Is the release path controlled?
    Path,
}

impl Question {
    /// All three, in order.
    pub const ALL: [Self; 3] = [Self::Signed, Self::Signer, Self::Path];

    /// The key of the contract.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::Signer => "signer",
            Self::Path => "path",
        }
    }

    /// The question itself.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Signed => "Is it signed?",
            Self::Signer => "Is the signer trusted?",
            Self::Path => "Is the release path controlled?",
        }
    }
}

/// An answer. Ordered, so that the conjunction is the minimum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// Evidence speaks against it.
    No,
    /// Evidence is missing, unreadable, beyond a limit, or not checkable with the material at hand.
    NotEstablished,
    /// Evidence supports it.
    Yes,
}

impl Answer {
    /// All three, worst first.
    pub const ALL: [Self; 3] = [Self::No, Self::NotEstablished, Self::Yes];

    /// The word of the contract.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::NotEstablished => "not-established",
            Self::Yes => "yes",
        }
    }

    /// The worst of several answers; of none at all, `not-established`.
    #[must_use]
    pub fn worst(answers: impl IntoIterator<Item = Self>) -> Self {
        answers.into_iter().min().unwrap_or(Self::NotEstablished)
    }
}

/// Whether the policy lets the artifact in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Every required answer is yes.
    Admit,
    /// Some required answer is no.
    Refuse,
    /// No required answer is no, but some is not established.
    RefuseForLackOfEvidence,
}

impl Decision {
    /// The word of the contract.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Admit => "admit",
            Self::Refuse | Self::RefuseForLackOfEvidence => "refuse",
        }
    }

    /// The exit code of the contract.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Admit => 0,
            Self::Refuse => 1,
            Self::RefuseForLackOfEvidence => 3,
        }
    }
}

/// What a requirement means for the decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// The decision rests on it.
    Required,
    /// It is judged and reported; the decision does not rest on it, or not yet.
    Warned,
    /// The policy does not ask for it; it is judged so that the question has an answer.
    Informative,
}

impl Mode {
    /// All modes.
    pub const ALL: [Self; 3] = [Self::Required, Self::Warned, Self::Informative];

    /// The word of the contract.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Warned => "warned",
            Self::Informative => "informative",
        }
    }
}

/// How one requirement of the policy was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appraised {
    /// The id of the requirement, or of the policy's own rule.
    pub id: Cow<'static, str>,
    /// Its answer.
    pub answer: Answer,
    /// Why: a kebab-case word.
    pub reason: &'static str,
    /// The facts of this case.
    pub detail: String,
    /// The signatures it rests on.
    pub evidence: Vec<SignatureId>,
    /// What would change the answer; empty if nothing needs to.
    pub fix: String,
    /// What it means for the decision.
    pub mode: Mode,
    /// From when on the decision will rest on it, if that is still to come.
    pub effective_on: Option<Time>,
    /// The id of the waiver that excuses it: the decision does not rest on it, its answer stays.
    pub waived_by: Option<String>,
}

impl Appraised {
    /// Whether it is one more reason to refuse.
    #[must_use]
    pub fn stands_in_the_way(&self) -> bool {
        self.mode == Mode::Required && self.answer != Answer::Yes && self.waived_by.is_none()
    }

    /// Why the decision does not rest on it, in words; `None` if it does.
    #[must_use]
    pub fn standing(&self) -> Option<String> {
        match (&self.waived_by, self.mode, self.effective_on) {
            (Some(waiver), ..) => Some(format!("waived by {waiver}")),
            (None, Mode::Informative, _) => Some("not required here".to_owned()),
            (None, Mode::Warned, Some(date)) => Some(format!("only warned of until {date}")),
            (None, Mode::Warned, None) => Some("only warned of".to_owned()),
            (None, Mode::Required, _) => None,
        }
    }
}

/// A waiver that could be about the artifact, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaiverUse {
    /// The waiver.
    pub waiver: Waiver,
    /// What became of it.
    pub effect: WaiverEffect,
}

/// What became of a waiver that could be about the artifact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WaiverEffect {
    /// It excuses a requirement that is not met.
    Applied,
    /// There is nothing to excuse.
    Unused,
    /// What there is to excuse can never be waived: a changed file, a revoked or distrusted signer.
    Refused,
    /// It does not count any more.
    Expired,
    /// It does not count yet.
    NotYetInForce,
}

impl WaiverEffect {
    /// All effects.
    pub const ALL: [Self; 5] = [Self::Applied, Self::Unused, Self::Refused, Self::Expired, Self::NotYetInForce];

    /// The word of the contract.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Unused => "unused",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::NotYetInForce => "not-yet-in-force",
        }
    }
}

/// The requirements under one question, and the answer they give together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionVerdict {
    /// The question.
    pub question: Question,
    /// Whether the policy requires an answer to it.
    pub required: bool,
    /// The worst answer of its requirements that are in force; where none is, of all.
    pub answer: Answer,
    /// Each requirement.
    pub requirements: Vec<Appraised>,
}

/// Something that no signature can say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotExamined {
    /// What it is.
    pub id: &'static str,
    /// In words.
    pub what: &'static str,
    /// The claim of another tool that covers it, if there is one.
    pub covered_by: Option<String>,
}

/// The SLSA levels of an artifact, by track. They come from what the policy asks and our table, never from provenance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    /// That of the provenance that the policy accepts, where it asks for provenance and a row of the table fits.
    pub build: Option<BuildLevel>,
    /// The least that the policy accepts of the source, where it asks for a level and that is met.
    pub source: Option<u8>,
}

/// The SLSA Build level of an artifact, as the table of builders grants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildLevel {
    /// The level, 0 to 3.
    pub level: u8,
    /// The row of the table: of the policy, or of the shipped one.
    pub builder: String,
    /// The signature over the provenance that it is granted to.
    pub evidence: SignatureId,
}

/// The verdict on one artifact under one policy at one instant.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// What was found, without opinion.
    pub dossier: Dossier,
    /// The instant of appraisal.
    pub at: Time,
    /// The policy that was applied.
    pub policy: PolicyId,
    /// Whether it is admitted.
    pub decision: Decision,
    /// The three questions, in order.
    pub questions: Vec<QuestionVerdict>,
    /// The SLSA levels that are established.
    pub levels: Levels,
    /// What the policy requires of other tools' evidence, under none of the questions.
    pub other: Vec<Appraised>,
    /// The waivers that could be about the artifact, in the order of the policy.
    pub waivers: Vec<WaiverUse>,
    /// Findings of examination and appraisal.
    pub findings: Vec<Finding>,
    /// What no signature can say.
    pub not_examined: Vec<NotExamined>,
}

impl Verdict {
    /// Every requirement that was judged.
    pub fn requirements(&self) -> impl Iterator<Item = &Appraised> {
        self.questions.iter().flat_map(|judged| &judged.requirements).chain(&self.other)
    }

    /// The waivers that the decision rests on.
    pub fn applied_waivers(&self) -> impl Iterator<Item = &Waiver> {
        self.waivers.iter().filter(|one| one.effect == WaiverEffect::Applied).map(|one| &one.waiver)
    }
}

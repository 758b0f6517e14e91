//! Records of verdicts: who relied on what, when, under which policy, with the facts it rests on.
//!
//! A record can be appraised again without the artifact: under the same terms it gives the same verdict, under
//! others it tells what that verdict would have been. That is how an identity's compromise is followed to
//! everything that somebody relied on.

pub mod blast;
pub mod diff;

use serde::{Deserialize, Serialize};

use crate::appraise::{Terms, UnknownEnvironment, appraise};
use crate::crypto::Digest;
use crate::dossier::Dossier;
use crate::encoding::json::text_of;
use crate::policy::{Expectations, Policy, PolicyErrors, PolicyId};
use crate::registry::Registry;
use crate::time::Time;
use crate::verdict::{Answer, Decision, Question, Verdict};

/// The form of the document that says everything but the facts.
pub const SCHEMA: &str = "countersign/record/v1";

/// Who relied on a verdict, and where. Texts of the relying party, for people; nothing is decided by them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reliance {
    /// The account that asked.
    pub party: String,
    /// The host, cluster or site where the artifact is relied on.
    pub place: String,
}

/// A verdict that somebody relied on.
#[derive(Clone, Debug)]
pub struct VerdictRecord {
    /// Who, and where.
    pub reliance: Reliance,
    /// The instant of appraisal.
    pub at: Time,
    /// The policy that was applied.
    pub policy: PolicyId,
    /// What was expected of the artifact.
    pub expectations: Expectations,
    /// How many events the registry had, if one was asked: with it, the registry of then can be made again.
    pub registry: Option<u64>,
    /// What was decided: the worst of the required answers.
    pub decided: Answer,
    /// The answers to the three questions.
    pub answers: Vec<(Question, Answer)>,
    /// The facts.
    pub dossier: Dossier,
}

/// Documents that are no record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRecord(String);

impl std::fmt::Display for BadRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no record of a verdict: {}", self.0)
    }
}

impl std::error::Error for BadRecord {}

/// Why a record cannot be appraised again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAppraised {
    /// The policy's text is not the one that the record names.
    OtherPolicy {
        /// Its digest by the record.
        expected: String,
        /// The digest of the text given.
        found: String,
    },
    /// This version cannot read the policy.
    Policy(PolicyErrors),
    /// The policy has no such environment.
    Environment(UnknownEnvironment),
}

impl std::fmt::Display for NotAppraised {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OtherPolicy { expected, found } => write!(f, "the policy is {found}, the record is of {expected}"),
            Self::Policy(errors) => {
                write!(f, "{}: {} mistakes in the recorded policy", errors.source, errors.problems.len())
            }
            Self::Environment(unknown) => unknown.fmt(f),
        }
    }
}

impl std::error::Error for NotAppraised {}

/// Everything but the facts, as it is written. What differs between two copies of one file stands here, so that
/// their facts are the same document.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    schema: String,
    at: Time,
    reliance: Reliance,
    artifact: Called,
    policy: PolicyId,
    expectations: Expectations,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    registry: Option<u64>,
    decided: Answer,
    answers: Vec<(Question, Answer)>,
}

/// What the artifact is called where it was found.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Called {
    name: String,
    path: String,
}

impl VerdictRecord {
    /// The record of a verdict.
    #[must_use]
    pub fn new(verdict: &Verdict, expectations: &Expectations, registry: Option<u64>, reliance: Reliance) -> Self {
        Self {
            reliance,
            at: verdict.at,
            policy: verdict.policy.clone(),
            expectations: expectations.clone(),
            registry,
            decided: decided(verdict.decision),
            answers: verdict.questions.iter().map(|on| (on.question, on.answer)).collect(),
            dossier: verdict.dossier.clone(),
        }
    }

    /// Writes it as two documents: the facts, and everything else.
    #[must_use]
    pub fn to_documents(&self) -> (String, String) {
        let mut facts = self.dossier.clone();
        let called =
            Called { name: std::mem::take(&mut facts.artifact.name), path: std::mem::take(&mut facts.artifact.path) };
        let body = Body {
            schema: SCHEMA.to_owned(),
            at: self.at,
            reliance: self.reliance.clone(),
            artifact: called,
            policy: self.policy.clone(),
            expectations: self.expectations.clone(),
            registry: self.registry,
            decided: self.decided,
            answers: self.answers.clone(),
        };
        (text_of(&facts), text_of(&body))
    }

    /// Reads it from its two documents.
    ///
    /// # Errors
    /// If they are of another form, or name something that is not known here.
    pub fn from_documents(facts: &str, body: &str) -> Result<Self, BadRecord> {
        let bad = |error: serde_json::Error| BadRecord(error.to_string());
        let mut dossier: Dossier = serde_json::from_str(facts).map_err(bad)?;
        let body: Body = serde_json::from_str(body).map_err(bad)?;
        if body.schema != SCHEMA {
            return Err(BadRecord(format!("of the form `{}`; `{SCHEMA}` is read here", body.schema)));
        }
        dossier.artifact.name = body.artifact.name;
        dossier.artifact.path = body.artifact.path;
        Ok(Self {
            reliance: body.reliance,
            at: body.at,
            policy: body.policy,
            expectations: body.expectations,
            registry: body.registry,
            decided: body.decided,
            answers: body.answers,
            dossier,
        })
    }

    /// Weighs the recorded facts again, under the recorded policy and expectations.
    ///
    /// # Errors
    /// If `policy` is not the text of the recorded policy, or cannot be read.
    pub fn appraise(&self, policy: &RecordedPolicy, registry: &Registry, at: Time) -> Result<Verdict, NotAppraised> {
        if policy.sha256 != self.policy.sha256 {
            return Err(NotAppraised::OtherPolicy {
                expected: self.policy.sha256.to_string(),
                found: policy.sha256.to_string(),
            });
        }
        let terms = Terms {
            policy: &policy.policy,
            environment: &self.policy.environment,
            expectations: &self.expectations,
            registry,
            at,
        };
        appraise(self.dossier.clone(), &terms).map_err(NotAppraised::Environment)
    }
}

/// A policy as it was kept beside the records: read once, however many records name it.
#[derive(Clone, Debug)]
pub struct RecordedPolicy {
    sha256: Digest,
    policy: Policy,
}

impl RecordedPolicy {
    /// Reads the text of a policy.
    ///
    /// # Errors
    /// If this version cannot read it.
    pub fn read(text: &str) -> Result<Self, NotAppraised> {
        let policy = Policy::parse(text, "the recorded policy").map_err(NotAppraised::Policy)?;
        Ok(Self { sha256: policy.sha256(), policy })
    }
}

const fn decided(decision: Decision) -> Answer {
    match decision {
        Decision::Admit => Answer::Yes,
        Decision::Refuse => Answer::No,
        Decision::RefuseForLackOfEvidence => Answer::NotEstablished,
    }
}

#[cfg(test)]
mod tests;

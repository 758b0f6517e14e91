//! Tests of a policy: a table of cases, each with what is judged, as of when, and what must come out.
//!
//! The table is read and compared here. Files are read, and evidence is examined, by whoever runs it.

mod compare;
mod coverage;
mod load;

pub use coverage::{Coverage, Seen};

use super::problem::PolicyErrors;
use crate::crypto::Digest;
use crate::finding::FindingId;
use crate::time::Time;
use crate::verdict::{Answer, Decision, Question, Verdict};

/// Most cases of a table: each is a whole examination.
const MAX_CASES: usize = 10_000;

/// A table of cases.
#[derive(Clone, Debug)]
pub struct CaseTable {
    /// The policy that is tested, as a path relative to the table; `None` for the one beside it.
    pub policy: Option<String>,
    /// The cases, in the order of the text; at least one.
    pub cases: Vec<Case>,
}

/// One case.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// The environment of the policy.
    pub environment: String,
    /// What is judged.
    pub subject: Subject,
    /// The instant of appraisal: without it the outcome would depend on the day.
    pub at: Time,
    /// Options of `verify`.
    pub options: Vec<CaseOption>,
    /// What must come out.
    pub expected: Expected,
}

/// What is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A file, or a directory that is signed as a whole, relative to the table.
    Artifact(String),
    /// A digest that stands for a file.
    Digest(Digest),
    /// A file with a dossier that was written down, relative to the table.
    Dossier(String),
}

/// An option of `verify`, by its long name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseOption {
    /// Its long name without the dashes.
    pub name: String,
    /// Its values, in order; none for a switch.
    pub values: Vec<String>,
}

/// What must come out of a case. What is not mentioned may be anything.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The decision.
    pub decision: Decision,
    /// Answers to questions.
    pub answers: Vec<(Question, Answer)>,
    /// Answers to requirements.
    pub requirements: Vec<ExpectedRequirement>,
    /// Findings that must be among those told.
    pub findings: Vec<FindingId>,
}

/// How a requirement must be answered.
#[derive(Clone, Debug)]
pub struct ExpectedRequirement {
    /// Its id.
    pub id: String,
    /// Its answer.
    pub answer: Answer,
    /// The word for why, if it matters.
    pub reason: Option<String>,
    /// The waiver that must excuse it, if one must.
    pub waived_by: Option<String>,
}

impl CaseTable {
    /// Reads a table. `source` is where it comes from, for the errors; `options` are the long names of the options that
    /// a case may give.
    ///
    /// # Errors
    /// Everything that is wrong with it: a table that is half understood would pass without testing anything.
    pub fn parse(text: &str, source: &str, options: &[&str]) -> Result<Self, PolicyErrors> {
        load::table(text, source, options)
    }
}

impl Expected {
    /// Where the verdict differs, in words; nothing if it is as expected.
    #[must_use]
    pub fn differences(&self, verdict: &Verdict) -> Vec<String> {
        compare::differences(self, verdict)
    }
}

#[cfg(test)]
mod tests;

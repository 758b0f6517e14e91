//! The table of reports: how a verdict is written down. One file per report, two lines here to add one.
//!
//! A report is written in pieces, so that a tree of any size streams: the opening, one piece per verdict
//! with a separator between, the ending. No report holds more than one verdict.

mod document;
mod escape;
mod explain;
mod inspect;
mod json;
mod jsonl;
mod junit;
mod markdown;
mod page;
mod policy;
mod sarif;
mod statement;
mod svr;
mod text;
mod verifier;
mod vsa;
pub(crate) mod words;

pub(crate) use document::value as fact_value;
pub use document::{DossierDocument, VerdictDocument};
pub use escape::{for_terminal, to_json};
pub use explain::{explain, vocabulary};
pub use inspect::{inspect_json, inspect_text};
pub use policy::explain_policy;
pub use verifier::{BadVerifier, Verifier};

use crate::verdict::{Decision, Verdict};

/// Every report, in the order of the documentation.
pub static REPORTS: &[&Report] = &[
    &text::ENTRY,
    &json::ENTRY,
    &jsonl::ENTRY,
    &sarif::ENTRY,
    &junit::ENTRY,
    &markdown::ENTRY,
    &vsa::ENTRY,
    &svr::ENTRY,
];

/// One way to write verdicts: plain data with functions.
pub struct Report {
    /// Its name: the value of `--format`.
    pub id: &'static str,
    /// What it is for, in one sentence.
    pub title: &'static str,
    /// In whose name it is written.
    pub voice: Voice,
    /// Whether what could not be judged stands in it, so that it is written where there is no verdict too.
    pub tells_failures: bool,
    /// What stands before the first verdict.
    pub begin: fn(&Form) -> String,
    /// One verdict.
    pub verdict: fn(&Verdict, &Form) -> String,
    /// What stands between two verdicts that wrote something.
    pub between: fn(&Form) -> &'static str,
    /// What stands after the last verdict.
    pub end: fn(&Form, &Tally) -> String,
}

/// In whose name a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// Nobody's: it tells whoever asked.
    Report,
    /// A verifier's, to be relied on by others: one in-toto statement on a line per verdict, to be signed. Nothing is
    /// written without [`Form::verifier`], nor about an artifact of which no digest is at hand that names it.
    Statement {
        /// Whether it says as which resource the artifact was judged.
        about_resource: bool,
    },
}

/// How a report is to look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// Whether several artifacts were asked about, so that the report is a list.
    pub many: bool,
    /// Whether to use terminal colours.
    pub colour: bool,
    /// Whether to write ASCII only.
    pub ascii: bool,
    /// Who states the verdict, in reports that are statements.
    pub verifier: Option<Verifier>,
}

/// What became of all artifacts of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many were admitted.
    pub admitted: u64,
    /// How many were refused because an answer is *no*.
    pub refused: u64,
    /// How many were refused because evidence is missing.
    pub lacking: u64,
    /// What could not be judged at all.
    pub failures: Vec<Failure>,
}

/// Something that could not be judged: the run failed there, which says nothing about the artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The path, as text.
    pub path: String,
    /// What went wrong.
    pub problem: String,
}

impl Tally {
    /// Counts one verdict.
    pub fn count(&mut self, decision: Decision) {
        let counter = match decision {
            Decision::Admit => &mut self.admitted,
            Decision::Refuse => &mut self.refused,
            Decision::RefuseForLackOfEvidence => &mut self.lacking,
        };
        *counter = counter.saturating_add(1);
    }

    /// How many artifacts were judged.
    #[must_use]
    pub fn judged(&self) -> u64 {
        self.admitted.saturating_add(self.refused).saturating_add(self.lacking)
    }

    /// The exit code of the contract: the worst of 2, 1, 3, 0. Nothing judged is no success.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        if !self.failures.is_empty() || self.judged() == 0 {
            2
        } else if self.refused > 0 {
            1
        } else if self.lacking > 0 {
            3
        } else {
            0
        }
    }
}

/// The report of this name.
#[must_use]
pub fn named(id: &str) -> Option<&'static Report> {
    REPORTS.iter().find(|report| report.id == id).copied()
}

/// The JSON Schema of the verdict, as pretty JSON.
#[cfg(feature = "schema")]
#[must_use]
pub fn schema() -> String {
    document::schema()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(admitted: u64, refused: u64, lacking: u64, failures: usize) -> Tally {
        let failure = Failure { path: "a".into(), problem: "b".into() };
        Tally { admitted, refused, lacking, failures: vec![failure; failures] }
    }

    #[test]
    fn the_exit_code_is_the_worst_of_2_1_3_0() {
        assert_eq!(tally(1, 0, 0, 0).exit_code(), 0);
        assert_eq!(tally(1, 0, 1, 0).exit_code(), 3);
        assert_eq!(tally(1, 1, 1, 0).exit_code(), 1);
        assert_eq!(tally(1, 1, 1, 1).exit_code(), 2);
    }

    #[test]
    fn nothing_judged_is_no_success() {
        assert_eq!(tally(0, 0, 0, 0).exit_code(), 2);
    }

    #[test]
    fn names_of_reports_are_unique() {
        for report in REPORTS {
            assert_eq!(REPORTS.iter().filter(|other| other.id == report.id).count(), 1, "{}", report.id);
        }
    }
}

//! What other tools say about an artifact: "tool X says Y about digest D at T".
//!
//! Tools look where no signature does: for flaws, malware, behaviour, ingredients. Their documents come in exports
//! ([`crate::exports`]) or as predicates of signed statements, and are read by the same readers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::artifact::{Digests, is_among};
use crate::crypto::Digest;
use crate::event::field::words;
use crate::time::Time;

words! {
    /// What a tool looked at.
    ToolKind {
        /// Which components are inside (CycloneDX, SPDX).
        Sbom = "sbom",
        /// Which known vulnerabilities its components have.
        Vulnerabilities = "vulnerabilities",
        /// Which known vulnerabilities concern it (OpenVEX, CSAF).
        Vex = "vex",
        /// Whether scanners hold it for malware.
        Malware = "malware",
        /// What it does when it runs.
        Behaviour = "behaviour",
        /// Whether its tests pass.
        Tests = "tests",
        /// What is wrong in its code, without running it.
        StaticAnalysis = "static-analysis",
        /// Whether it contains what its source says.
        SourceComparison = "source-comparison",
        /// Whether somebody lets it run.
        AllowList = "allow-list",
    }
}

words! {
    /// What came of it.
    ToolOutcome {
        /// The tool looked for something bad and found nothing.
        Clean = "clean",
        /// The tool found what it looks for.
        Found = "found",
        /// What was tried passed.
        Passed = "passed",
        /// What was tried failed.
        Failed = "failed",
        /// It is on a list, or the document is one.
        Listed = "listed",
        /// The tool came to no result.
        Unknown = "unknown",
    }
}

words! {
    /// How bad something is that a tool found, in the common words.
    ToolSeverity {
        /// CVSS 9.0 and more.
        Critical = "critical",
        /// CVSS 7.0 to 8.9; Red Hat's *important*; SARIF's *error*.
        High = "high",
        /// CVSS 4.0 to 6.9; *moderate*; SARIF's *warning*.
        Medium = "medium",
        /// CVSS below 4.0; *negligible*; SARIF's *note*.
        Low = "low",
        /// The tool does not say.
        Unknown = "unknown",
    }
}

impl ToolOutcome {
    /// Whether it speaks for the artifact (`true`), against it (`false`), or neither.
    #[must_use]
    pub const fn speaks_for(self) -> Option<bool> {
        match self {
            Self::Clean | Self::Passed | Self::Listed => Some(true),
            Self::Found | Self::Failed => Some(false),
            Self::Unknown => None,
        }
    }
}

impl ToolOutcome {
    /// The worse of two: what speaks against the artifact, then what says nothing.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        let rank = |outcome: Self| match outcome.speaks_for() {
            Some(false) => 0,
            None => 1,
            Some(true) => 2,
        };
        if rank(other) < rank(self) { other } else { self }
    }
}

impl ToolSeverity {
    /// The severity of a word in any of the usual scales, or of a CVSS score.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "critical" => Self::Critical,
            "high" | "important" | "error" => Self::High,
            "medium" | "moderate" | "warning" => Self::Medium,
            "low" | "negligible" | "note" | "info" | "none" => Self::Low,
            other => other.parse().map_or(Self::Unknown, Self::of_score),
        }
    }

    /// The severity of a CVSS score (CVSS v3.1 §5).
    fn of_score(score: f64) -> Self {
        match score {
            9.0..=10.0 => Self::Critical,
            7.0..9.0 => Self::High,
            4.0..7.0 => Self::Medium,
            0.0..4.0 => Self::Low,
            _ => Self::Unknown,
        }
    }
}

/// What one tool says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolResult {
    /// The tool, as it names itself; the author, where the document names no tool.
    pub tool: String,
    /// Its version, if said.
    pub version: Option<String>,
    /// What it looked at.
    pub kind: ToolKind,
    /// What came of it.
    pub outcome: ToolOutcome,
    /// When; the older of the result and of the database that it rests on.
    pub at: Option<Time>,
    /// The digests that it is about. None, where the document names none: it is about what its statement is about.
    pub digests: Vec<Digest>,
    /// What was found, by severity.
    pub severities: BTreeMap<ToolSeverity, u64>,
    /// The result in one line.
    pub summary: String,
}

impl ToolResult {
    /// A result of which only the essence is known.
    pub(crate) fn new(tool: impl Into<String>, kind: ToolKind, outcome: ToolOutcome) -> Self {
        Self {
            tool: tool.into(),
            version: None,
            kind,
            outcome,
            at: None,
            digests: Vec::new(),
            severities: BTreeMap::new(),
            summary: String::new(),
        }
    }

    /// Whether it is about the artifact with these digests: it names one of them by an algorithm without practical
    /// collisions, or names none and its statement is about the artifact.
    pub(crate) fn is_about(&self, artifact: &Digests, is_subject: bool) -> bool {
        if self.digests.is_empty() { is_subject } else { is_among(artifact, &self.digests) }
    }

    /// Takes the older of two instants, if both are known.
    pub(crate) fn not_newer_than(mut self, other: Option<Time>) -> Self {
        self.at = match (self.at, other) {
            (Some(ours), Some(other)) => Some(ours.min(other)),
            (ours, other) => ours.or(other),
        };
        self
    }
}

impl std::fmt::Display for ToolResult {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}`", self.tool)?;
        if let Some(version) = &self.version {
            write!(f, " {version}")?;
        }
        write!(f, ": {} {}", self.kind, self.outcome)?;
        if !self.summary.is_empty() {
            write!(f, " ({})", self.summary)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::DigestAlgorithm;

    #[test]
    fn a_result_is_about_the_digests_that_it_names_and_else_about_its_subject() {
        let ours = Digest::of(DigestAlgorithm::Sha256, b"a");
        let artifact: Digests = std::iter::once((DigestAlgorithm::Sha256, ours)).collect();
        let mut result = ToolResult::new("t", ToolKind::Malware, ToolOutcome::Clean);
        assert!(result.is_about(&artifact, true) && !result.is_about(&artifact, false));
        result.digests = vec![Digest::of(DigestAlgorithm::Sha256, b"b")];
        assert!(!result.is_about(&artifact, true), "the document names another");
        result.digests.push(ours);
        assert!(result.is_about(&artifact, false));
        let weak = Digest::of(DigestAlgorithm::Sha1, b"a");
        let with_weak: Digests = std::iter::once((DigestAlgorithm::Sha1, weak)).collect();
        result.digests = vec![weak];
        assert!(!result.is_about(&with_weak, true), "collisions of SHA-1 are practical");
    }

    #[test]
    fn severities_come_in_several_scales() {
        for (text, severity) in [
            ("CRITICAL", ToolSeverity::Critical),
            ("9.8", ToolSeverity::Critical),
            ("Important", ToolSeverity::High),
            ("7", ToolSeverity::High),
            ("moderate", ToolSeverity::Medium),
            ("3.9", ToolSeverity::Low),
            ("11", ToolSeverity::Unknown),
            ("NaN", ToolSeverity::Unknown),
            ("dire", ToolSeverity::Unknown),
        ] {
            assert_eq!(ToolSeverity::of_text(text), severity, "{text}");
        }
    }
}

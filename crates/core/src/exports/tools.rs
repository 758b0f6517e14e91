//! What the readers of tools' documents share: digests under many names of algorithms, and counts by severity.

use std::collections::BTreeMap;

use crate::crypto::{Digest, DigestAlgorithm};
use crate::encoding::hex;
use crate::encoding::json::{Cursor, FieldError};
use crate::tool::{ToolOutcome, ToolResult, ToolSeverity};

/// The digest of an algorithm's name as tools write it (`SHA-256`, `sha256`, `SHA256`); others are ignored.
pub(super) fn digest_of(algorithm: &str, value: &str) -> Option<Digest> {
    let plain = algorithm.replace(['-', '_'], "").to_ascii_lowercase();
    let known = DigestAlgorithm::ALL.into_iter().find(|known| known.name() == plain)?;
    Digest::new(known, &hex::decode(&value.to_ascii_lowercase())?)
}

/// The digests of an object from names of algorithms to values.
pub(super) fn digest_map(of: &Cursor<'_>, name: &str) -> Result<Vec<Digest>, FieldError> {
    let Some(place) = of.optional(name)? else { return Ok(Vec::new()) };
    let members = place.value().as_object().into_iter().flatten();
    Ok(members.filter_map(|(algorithm, value)| digest_of(algorithm, value.as_str()?)).collect())
}

/// What a tool found, by severity.
#[derive(Default)]
pub(super) struct Found {
    severities: BTreeMap<ToolSeverity, u64>,
}

impl Found {
    /// Adds one thing that was found, by the worst of the words on how bad it is.
    pub(super) fn add<'a>(&mut self, said: impl Iterator<Item = &'a str>) {
        let worst = said.map(ToolSeverity::of_text).min().unwrap_or(ToolSeverity::Unknown);
        let count = self.severities.entry(worst).or_default();
        *count = count.saturating_add(1);
    }

    fn total(&self) -> u64 {
        self.severities.values().fold(0, |sum, count| sum.saturating_add(*count))
    }
}

/// The result with what was found; `of` says out of how much, or what.
pub(super) fn named(result: ToolResult, found: Found, of: &str) -> ToolResult {
    let outcome = if found.total() == 0 { ToolOutcome::Clean } else { ToolOutcome::Found };
    let each: Vec<_> = found.severities.iter().map(|(severity, count)| format!("{count} {severity}")).collect();
    let counts = if each.is_empty() { "0".to_owned() } else { each.join(", ") };
    ToolResult { outcome, summary: format!("{counts} {of}"), severities: found.severities, ..result }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::claim::Fact;
    use crate::encoding::json::parse;

    pub(in super::super) const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// What a document says, by the table of exports.
    pub(in super::super) fn read(document: &str) -> Vec<ToolResult> {
        let facts = super::super::of_predicate(&parse(document.as_bytes()).unwrap()).unwrap().unwrap();
        let result = |fact| if let Fact::ToolFound(result) = fact { result } else { panic!("{fact:?}") };
        facts.into_iter().map(result).collect()
    }

    #[test]
    fn names_of_algorithms_are_written_in_many_ways() {
        for name in ["SHA-256", "sha256", "SHA256", "sha_256"] {
            assert_eq!(digest_of(name, HEX), Some(Digest::of(DigestAlgorithm::Sha256, b"")), "{name}");
        }
        assert_eq!(digest_of("SHA-256", "00"), None);
        assert_eq!(digest_of("BLAKE2b-256", HEX), None);
    }
    #[test]
    fn documents_are_read_as_tools_really_write_them() {
        let said = |document: &str| -> Vec<_> {
            let results = read(document).into_iter();
            results.map(|result| (result.tool, result.kind.word(), result.outcome.word(), result.summary)).collect()
        };
        let one = |tool: &str, kind: &'static str, outcome: &'static str, summary: &str| {
            vec![(tool.to_owned(), kind, outcome, summary.to_owned())]
        };
        for (document, expected) in [
            (include_str!("../../tests/data/tools/npm.cyclonedx.json"), one("cli", "sbom", "listed", "1 components")),
            (include_str!("../../tests/data/tools/npm.spdx.json"), one("npm/cli", "sbom", "listed", "2 packages")),
            (
                include_str!("../../tests/data/tools/cyclonedx-py.cyclonedx.json"),
                one("cyclonedx-py", "sbom", "listed", "1 components"),
            ),
            (
                include_str!("../../tests/data/tools/bandit.sarif"),
                one("Bandit", "static-analysis", "found", "1 high, 1 low results"),
            ),
            (
                include_str!("../../tests/data/tools/bandit-clean.sarif"),
                one("Bandit", "static-analysis", "clean", "0 results"),
            ),
            (
                include_str!("../../tests/data/tools/zizmor.sarif"),
                one("zizmor", "static-analysis", "found", "2 high, 1 medium results"),
            ),
        ] {
            assert_eq!(said(document), expected);
        }
    }
}

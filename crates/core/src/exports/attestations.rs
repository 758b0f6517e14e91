//! Predicates of in-toto and cosign in which tools state their results. They name no digest of their own: they are about
//! the subject of their statement.

use super::tools::{Found, named};
use super::{instant, text};
use crate::claim::Fact;
use crate::encoding::json::{Cursor, FieldError, Json};
use crate::tool::{ToolKind, ToolOutcome, ToolResult};

/// Reads a predicate.
type ReadPredicate = fn(&Cursor<'_>) -> Result<Vec<Fact>, FieldError>;

/// Beginnings of predicate types that are read by themselves; versions follow.
const PREDICATES: [(&str, ReadPredicate); 4] = [
    ("https://in-toto.io/attestation/vulns/v0.", vulnerabilities),
    ("https://cosign.sigstore.dev/attestation/vuln/v1", vulnerabilities),
    ("https://in-toto.io/attestation/test-result/v0.", tests),
    ("https://in-toto.io/attestation/scai/", attributes),
];

/// Beginnings of predicate types whose predicate is a document that is also read as export.
const DOCUMENTS: [&str; 8] = [
    "https://cyclonedx.org/",
    "https://spdx.dev/Document",
    "https://spdx.github.io/spdx-spec/",
    "https://openvex.dev/ns",
    "https://docs.oasis-open.org/csaf/",
    "https://docs.oasis-open.org/sarif/",
    "https://json.schemastore.org/sarif",
    "https://sarifweb.azurewebsites.net/",
];

/// What a predicate of this type says of a tool's result; `None` if it is of no type that is read here.
pub(super) fn read(predicate_type: &str, predicate: &Json) -> Option<Result<Vec<Fact>, FieldError>> {
    let own = PREDICATES.iter().find(|(beginning, _)| predicate_type.starts_with(beginning));
    if let Some((_, read)) = own {
        return Some(read(&Cursor::new(predicate)));
    }
    let is_document = DOCUMENTS.iter().any(|beginning| predicate_type.starts_with(beginning));
    let read = is_document.then(|| super::of_predicate(predicate)).flatten()?;
    // Nothing but what tools say may come in under these types.
    Some(read.map(|facts| facts.into_iter().filter(|fact| matches!(fact, Fact::ToolFound(_))).collect()))
}

/// `vulns` v0.1 and v0.2, and cosign's `vuln` v1, in which the result is the scanner's own document.
fn vulnerabilities(predicate: &Cursor<'_>) -> Result<Vec<Fact>, FieldError> {
    let scanner = predicate.field("scanner")?;
    let name = text(&scanner, "uri")?.unwrap_or_else(|| "vulns".to_owned());
    let mut result = ToolResult::new(name, ToolKind::Vulnerabilities, ToolOutcome::Unknown);
    result.version = text(&scanner, "version")?;
    if let Some(metadata) = predicate.optional("metadata")? {
        result.at = instant(&metadata, "scanFinishedOn")?.or(instant(&metadata, "scanStartedOn")?);
    }
    if let Some(database) = scanner.optional("db")? {
        result = result.not_newer_than(instant(&database, "lastUpdate")?);
    }
    let Some(found) = scanner.optional("result")? else { return Ok(vec![Fact::ToolFound(result)]) };
    let finished = predicate.value().text_at(&["metadata", "scanFinishedOn"]).is_some();
    let result = match found.value() {
        // An empty list is what a scan leaves behind that was stopped, too.
        Json::Array(items) if items.is_empty() && !finished => result,
        Json::Array(_) => listed(result, &found)?,
        _ => embedded(result, found.value()),
    };
    Ok(vec![Fact::ToolFound(result)])
}

/// The list of `vulns`: every vulnerability with its severity by several methods, of which the worst counts.
fn listed(result: ToolResult, list: &Cursor<'_>) -> Result<ToolResult, FieldError> {
    let mut found = Found::default();
    for one in list.items()? {
        let severities = one.list("severity")?;
        found.add(severities.iter().filter_map(|severity| severity.value().text_at(&["score"])));
    }
    Ok(named(result, found, "known vulnerabilities"))
}

/// The scanner's own document, if it is one that is read here. It is about what the statement is about, and the worst of
/// the results in it is that of the scan.
fn embedded(result: ToolResult, document: &Json) -> ToolResult {
    let read = super::of_predicate(document).and_then(Result::ok).unwrap_or_default();
    let inner = read.into_iter().filter_map(|fact| match fact {
        Fact::ToolFound(inner) if inner.kind != ToolKind::Sbom => Some(inner),
        _ => None,
    });
    let Some(ToolResult { outcome, severities, summary, at, .. }) = inner.reduce(both) else { return result };
    ToolResult { outcome, severities, summary, ..result }.not_newer_than(at)
}

/// Two results of one document as one.
fn both(one: ToolResult, other: ToolResult) -> ToolResult {
    let mut both = ToolResult { outcome: one.outcome.worse(other.outcome), ..one }.not_newer_than(other.at);
    for (severity, count) in other.severities {
        let sum = both.severities.entry(severity).or_default();
        *sum = sum.saturating_add(count);
    }
    if both.summary.len().saturating_add(other.summary.len()) < MAX_SUMMARY {
        both.summary = format!("{}; {}", both.summary, other.summary);
    }
    both
}

/// Bytes of a summary that is put together from several: the outcome counts, and the rest is in the document.
const MAX_SUMMARY: usize = 1_000;

/// `test-result` v0.1: with warnings it is neither passed nor failed.
fn tests(predicate: &Cursor<'_>) -> Result<Vec<Fact>, FieldError> {
    let outcome = match predicate.field("result")?.text()? {
        "PASSED" => ToolOutcome::Passed,
        "FAILED" => ToolOutcome::Failed,
        _ => ToolOutcome::Unknown,
    };
    let configuration = predicate.list("configuration")?;
    let name = configuration.first().and_then(|first| first.value().text_at(&["name"])).unwrap_or("test-result");
    let mut result = ToolResult::new(name, ToolKind::Tests, outcome);
    let (passed, failed) = (predicate.list("passedTests")?.len(), predicate.list("failedTests")?.len());
    result.summary = format!("{passed} passed, {failed} failed");
    Ok(vec![Fact::ToolFound(result)])
}

/// SCAI: attributes of the artifact in free words. Whether they are good, only their author knows.
fn attributes(predicate: &Cursor<'_>) -> Result<Vec<Fact>, FieldError> {
    let attributes = predicate.list("attributes")?;
    let producer = predicate.value().text_at(&["producer", "name"]).unwrap_or("scai");
    let mut result = ToolResult::new(producer, ToolKind::StaticAnalysis, ToolOutcome::Unknown);
    let names: Vec<_> = attributes.iter().filter_map(|one| one.value().text_at(&["attribute"])).collect();
    result.summary = names.join(", ");
    Ok(vec![Fact::ToolFound(result)])
}

#[cfg(test)]
mod tests_of_predicates {
    use super::*;
    use crate::encoding::json::parse;
    use crate::tool::ToolSeverity;

    fn result(predicate_type: &str, predicate: &str) -> ToolResult {
        let mut facts = read(predicate_type, &parse(predicate.as_bytes()).unwrap()).unwrap().unwrap();
        let fact = facts.remove(0);
        if let Fact::ToolFound(result) = fact { result } else { panic!("{fact:?}") }
    }

    #[test]
    fn scans_are_as_old_as_their_database() {
        let scan = r#"{"scanner":{"uri":"pkg:x/trivy","version":"1","db":{"lastUpdate":"2026-01-01T00:00:00Z"},
            "result":[{"id":"CVE-1","severity":[{"method":"nvd","score":"5.0"},{"method":"v","score":"9.1"}]}]},
            "metadata":{"scanStartedOn":"2026-02-01T00:00:00Z","scanFinishedOn":"2026-02-01T00:01:00Z"}}"#;
        let found = result("https://in-toto.io/attestation/vulns/v0.1", scan);
        assert_eq!(found.at, Some("2026-01-01T00:00:00Z".parse().unwrap()));
        assert_eq!((found.outcome, found.severities.get(&ToolSeverity::Critical)), (ToolOutcome::Found, Some(&1)));
        let empty = |metadata: &str| {
            let scan = format!(r#"{{"scanner":{{"uri":"u","result":[]}},"metadata":{{{metadata}}}}}"#);
            result("https://in-toto.io/attestation/vulns/v0.2", &scan).outcome
        };
        assert_eq!(empty(r#""scanFinishedOn":"2026-02-01T00:01:00Z""#), ToolOutcome::Clean);
        assert_eq!(
            empty(r#""scanStartedOn":"2026-02-01T00:00:00Z""#),
            ToolOutcome::Unknown,
            "it may have been stopped"
        );
    }

    #[test]
    fn cosign_wraps_the_scanners_own_document() {
        let wrapped = |inner: &str| {
            let predicate = format!(
                r#"{{"scanner":{{"uri":"u","result":{inner}}},"metadata":{{"scanFinishedOn":"2026-02-01T00:00:00Z"}}}}"#
            );
            result("https://cosign.sigstore.dev/attestation/vuln/v1", &predicate)
        };
        let trivy = r#"{"SchemaVersion":2,"ArtifactName":"a","ArtifactType":"x","Results":[{"Vulnerabilities":[{"Severity":"LOW"}]}]}"#;
        assert_eq!(wrapped(trivy).outcome, ToolOutcome::Found);
        assert_eq!(wrapped(r#"{"other":1}"#).outcome, ToolOutcome::Unknown, "no result is not a clean one");
    }

    #[test]
    fn tests_with_warnings_are_neither_passed_nor_failed() {
        let outcome = |word: &str| {
            let predicate =
                format!(r#"{{"result":"{word}","configuration":[{{"name":"ci.yml"}}],"passedTests":["a"]}}"#);
            result("https://in-toto.io/attestation/test-result/v0.1", &predicate).outcome
        };
        assert_eq!(outcome("PASSED"), ToolOutcome::Passed);
        assert_eq!(outcome("FAILED"), ToolOutcome::Failed);
        assert_eq!(outcome("WARNED"), ToolOutcome::Unknown);
    }

    #[test]
    fn every_result_of_an_embedded_document_counts() {
        let run = |level: &str| format!(r#"{{"tool":{{"driver":{{"name":"s"}}}},"results":[{level}]}}"#);
        let scan = |runs: &[String]| {
            let document = format!(r#"{{"version":"2.1.0","runs":[{}]}}"#, runs.join(","));
            let scan = format!(r#"{{"scanner":{{"uri":"u","result":{document}}},"metadata":{{}}}}"#);
            result("https://cosign.sigstore.dev/attestation/vuln/v1", &scan)
        };
        let error = || run(r#"{"level":"error"}"#);
        let both = scan(&[run(""), error(), error()]);
        assert_eq!((both.outcome, both.severities.get(&ToolSeverity::High)), (ToolOutcome::Found, Some(&2)));
        assert_eq!(both.summary, "0 results; 1 high results; 1 high results");
        let stopped = r#"{"tool":{"driver":{"name":"s"}}}"#.to_owned();
        assert_eq!(scan(&[run(""), stopped]).outcome, ToolOutcome::Unknown);
    }

    #[test]
    fn a_document_under_the_type_of_a_tool_brings_no_other_facts() {
        let record = parse(br#"{"schema":"countersign/release/v1","files":[{"name":"a"}]}"#).unwrap();
        assert_eq!(read("https://cyclonedx.org/bom", &record), Some(Ok(Vec::new())));
        assert_eq!(read("https://example.com/other", &record), None);
    }
}

//! SARIF 2.1.0 (OASIS): what static analysis found, one result for each run.

use std::collections::BTreeMap;

use super::tools::{Found, digest_map, named};
use super::{ExportFormat, MANY, Reader, at_most, has, instant, text};
use crate::claim::{Fact, Voucher};
use crate::encoding::json::{Cursor, FieldError, Json};
use crate::time::Time;
use crate::tool::{ToolKind, ToolOutcome, ToolResult};

/// The entry of the table.
pub(super) static LOG: ExportFormat =
    ExportFormat { id: "sarif", reader: Reader::Json { detect: is_log, read }, voucher: Voucher::Tool };

fn is_log(document: &Json) -> bool {
    has(document, &["version", "runs"])
        && document.text_at(&["version"]).is_some_and(|version| version.starts_with("2."))
}

fn read(document: &Cursor<'_>) -> Result<Vec<Fact>, FieldError> {
    let mut results: Vec<_> =
        at_most(document, "runs", MANY)?.iter().map(this_run).collect::<Result<_, FieldError>>()?;
    // The runs of one document stand beside each other: the later of two does not supersede the other.
    let mut oldest: BTreeMap<String, Option<Time>> = BTreeMap::new();
    for result in &results {
        let known = oldest.entry(result.tool.clone()).or_insert(result.at);
        *known = (*known).min(result.at);
    }
    for result in &mut results {
        result.at = oldest.get(&result.tool).copied().flatten();
    }
    Ok(results.into_iter().map(Fact::ToolFound).collect())
}

fn this_run(run: &Cursor<'_>) -> Result<ToolResult, FieldError> {
    let driver = run.field("tool")?.field("driver")?;
    let mut result = ToolResult::new(driver.field("name")?.text()?, ToolKind::StaticAnalysis, ToolOutcome::Unknown);
    result.version = text(&driver, "semanticVersion")?.or(text(&driver, "version")?);
    for artifact in run.list("artifacts")? {
        result.digests.extend(digest_map(&artifact, "hashes")?);
    }
    let mut completed = true;
    for invocation in run.list("invocations")? {
        result = result.not_newer_than(instant(&invocation, "endTimeUtc")?);
        completed &= invocation.value().get("executionSuccessful") == Some(&Json::Bool(true));
    }
    // Without a list of results the tool did not look (§3.14.23).
    let (Some(results), true) = (run.optional("results")?, completed) else { return Ok(result) };
    let mut found = Found::default();
    for one in results.items()?.iter().filter(|one| is_present(one.value())) {
        found.add(std::iter::once(one.value().text_at(&["level"]).unwrap_or("warning")));
    }
    Ok(named(result, found, "results"))
}

/// Whether a result is a failure that is still there and that nobody suppressed (§3.27.9, §3.27.23, §3.27.24).
fn is_present(result: &Json) -> bool {
    let is = |name: &str, word: &str| result.text_at(&[name]) == Some(word);
    let is_failure = result.get("kind").is_none() || is("kind", "fail");
    let suppressions = result.get("suppressions").and_then(Json::as_array).unwrap_or_default();
    let accepted = |one: &Json| one.text_at(&["status"]).is_none_or(|status| status == "accepted");
    is_failure && !is("baselineState", "absent") && (suppressions.is_empty() || !suppressions.iter().all(accepted))
}

#[cfg(test)]
mod tests {
    use super::super::tools::tests::{HEX, read as results};
    use super::*;

    fn run(rest: &str) -> ToolResult {
        let text = format!(
            r#"{{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{{"tool":{{"driver":{{"name":"zizmor","version":"1.32"}}}},
                "artifacts":[{{"location":{{"uri":"a"}},"hashes":{{"sha-256":"{HEX}"}}}}],{rest}}}]}}"#
        );
        results(&text).remove(0)
    }

    #[test]
    fn what_is_suppressed_gone_or_no_failure_does_not_count() {
        let none = r#""invocations":[{"executionSuccessful":true,"endTimeUtc":"2026-01-01T00:00:00Z"}],"results":[
            {"kind":"pass"},{"baselineState":"absent"},{"suppressions":[{"kind":"inSource"}]}]"#;
        let clean = run(none);
        assert_eq!((clean.outcome, clean.at.is_some(), clean.digests.len()), (ToolOutcome::Clean, true, 1));
        let found =
            run(r#""results":[{"level":"error"},{},{"suppressions":[{"kind":"external","status":"rejected"}]}]"#);
        assert_eq!((found.outcome, found.summary.as_str()), (ToolOutcome::Found, "1 high, 2 medium results"));
    }

    #[test]
    fn a_run_that_did_not_end_well_says_nothing() {
        assert_eq!(run(r#""invocations":[{"executionSuccessful":false}],"results":[]"#).outcome, ToolOutcome::Unknown);
        assert_eq!(run(r#""results":null"#).outcome, ToolOutcome::Unknown);
    }
    #[test]
    fn no_run_of_a_document_supersedes_another() {
        let run = |tool: &str, ended: &str, results: &str| {
            format!(
                r#"{{"tool":{{"driver":{{"name":"{tool}"}}}},"invocations":[{{"executionSuccessful":true{ended}}}],"results":[{results}]}}"#
            )
        };
        let ended = |day: u8| format!(r#","endTimeUtc":"2026-01-0{day}T00:00:00Z""#);
        let at = |runs: &[String]| -> Vec<_> {
            let read = results(&format!(r#"{{"version":"2.1.0","runs":[{}]}}"#, runs.join(",")));
            read.into_iter().map(|result| result.at.map(|at| at.to_string())).collect()
        };
        let day = |day: u8| Some(format!("2026-01-0{day}T00:00:00Z"));
        let runs = [run("a", &ended(1), "{}"), run("a", &ended(2), ""), run("b", &ended(3), "")];
        assert_eq!(at(&runs), [day(1), day(1), day(3)]);
        // Nor does it lend its date to one that has none.
        assert_eq!(at(&[run("a", "", ""), run("a", &ended(2), "")]), [None, None]);
    }
}

//! What scanners for known vulnerabilities write: Grype and Trivy, JSON.

use super::tools::{Found, named};
use super::{ExportFormat, Reader, has, instant, text};
use crate::claim::{Fact, Voucher};
use crate::crypto::Digest;
use crate::encoding::json::{Cursor, FieldError, Json};
use crate::tool::{ToolKind, ToolOutcome, ToolResult};

/// `grype -o json`.
pub(super) static GRYPE: ExportFormat =
    ExportFormat { id: "grype", reader: Reader::Json { detect: is_grype, read: grype }, voucher: Voucher::Tool };

/// `trivy --format json`.
pub(super) static TRIVY: ExportFormat =
    ExportFormat { id: "trivy", reader: Reader::Json { detect: is_trivy, read: trivy }, voucher: Voucher::Tool };

fn is_grype(document: &Json) -> bool {
    has(document, &["matches", "descriptor", "source"])
}

fn is_trivy(document: &Json) -> bool {
    has(document, &["SchemaVersion", "ArtifactName", "ArtifactType"])
}

fn grype(document: &Cursor<'_>) -> Result<Vec<Fact>, FieldError> {
    let descriptor = document.field("descriptor")?;
    let mut result = ToolResult::new("grype", ToolKind::Vulnerabilities, ToolOutcome::Unknown);
    result.version = text(&descriptor, "version")?;
    result.at = instant(&descriptor, "timestamp")?;
    if let Some(database) = descriptor.optional("db")? {
        result = result.not_newer_than(built(&database)?);
    }
    result.digests = images(document.value().at(&["source", "target", "repoDigests"]));
    // A scan that ended writes a list, if need be an empty one.
    let Some(matches) = document.optional("matches")? else { return Ok(vec![Fact::ToolFound(result)]) };
    let mut found = Found::default();
    for one in matches.items()? {
        found.add(one.value().text_at(&["vulnerability", "severity"]).into_iter());
    }
    Ok(vec![Fact::ToolFound(named(result, found, "known vulnerabilities"))])
}

/// When the database was built: at the top up to Grype 0.87, below `status` since.
fn built(database: &Cursor<'_>) -> Result<Option<crate::time::Time>, FieldError> {
    match database.optional("status")? {
        Some(status) => instant(&status, "built"),
        None => instant(database, "built"),
    }
}

fn trivy(document: &Cursor<'_>) -> Result<Vec<Fact>, FieldError> {
    let mut result = ToolResult::new("trivy", ToolKind::Vulnerabilities, ToolOutcome::Unknown);
    result.at = instant(document, "CreatedAt")?;
    result.digests = images(document.value().at(&["Metadata", "RepoDigests"]));
    let places = document.list("Results")?;
    // Without anything to look at, it did not look for vulnerabilities.
    if !places.iter().any(|place| is_scanned(place.value())) {
        return Ok(vec![Fact::ToolFound(result)]);
    }
    let mut found = Found::default();
    for place in places {
        for one in place.list("Vulnerabilities")? {
            found.add(one.value().text_at(&["Severity"]).into_iter());
        }
    }
    Ok(vec![Fact::ToolFound(named(result, found, "known vulnerabilities"))])
}

/// Whether packages were looked at. What it finds of secrets, licences and configuration is listed beside them, by class;
/// releases before 0.20 name no class.
fn is_scanned(place: &Json) -> bool {
    let is_of_packages = |class: &str| matches!(class, "os-pkgs" | "lang-pkgs");
    place.get("Vulnerabilities").is_some_and(|found| *found != Json::Null)
        || place.text_at(&["Class"]).is_none_or(is_of_packages)
}

/// The digests of images in `NAME@ALGORITHM:HEX`.
fn images(list: Option<&Json>) -> Vec<Digest> {
    let names = list.and_then(Json::as_array).unwrap_or_default().iter().filter_map(Json::as_str);
    names.filter_map(|name| name.rsplit_once('@')?.1.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tools::tests::{HEX, read as results};
    use super::*;
    use crate::tool::ToolSeverity;

    #[test]
    fn the_older_of_scan_and_database_counts() {
        let text = format!(
            r#"{{"matches":[{{"vulnerability":{{"id":"CVE-1","severity":"High"}}}},{{"vulnerability":{{"severity":"Negligible"}}}}],
                "source":{{"type":"image","target":{{"repoDigests":["docker.io/a@sha256:{HEX}"]}}}},
                "descriptor":{{"name":"grype","version":"0.9","timestamp":"2026-02-01T00:00:00.5Z","db":{{"built":"2026-01-01T00:00:00Z"}}}}}}"#
        );
        let result = &results(&text)[0];
        assert_eq!(result.at, Some("2026-01-01T00:00:00Z".parse().unwrap()));
        assert_eq!((result.outcome, result.digests.len()), (ToolOutcome::Found, 1));
        assert_eq!((result.severities[&ToolSeverity::High], result.severities[&ToolSeverity::Low]), (1, 1));
        assert_eq!(result.summary, "1 high, 1 low known vulnerabilities");
    }

    #[test]
    fn a_scan_of_trivy_without_findings_is_clean() {
        let with = |found: &str| {
            results(&format!(
                r#"{{"SchemaVersion":2,"ArtifactName":"a","ArtifactType":"container_image","CreatedAt":"2026-01-01T00:00:00+01:00",
                    "Metadata":{{"RepoDigests":["a@sha256:{HEX}"]}},"Results":[{{"Target":"os","Vulnerabilities":{found}}}]}}"#
            ))
            .remove(0)
        };
        assert_eq!(with("null").outcome, ToolOutcome::Clean);
        assert_eq!(with(r#"[{"Severity":"CRITICAL"}]"#).outcome, ToolOutcome::Found);
    }
    #[test]
    fn where_no_scan_ended_nothing_is_clean() {
        let trivy = |rest: &str| {
            results(&format!(r#"{{"SchemaVersion":2,"ArtifactName":"a","ArtifactType":"filesystem"{rest}}}"#))[0]
                .outcome
        };
        for nothing in ["", r#","Results":null"#, r#","Results":[]"#, r#","Results":[{"Target":"a","Class":"secret"}]"#]
        {
            assert_eq!(trivy(nothing), ToolOutcome::Unknown, "{nothing}");
        }
        assert_eq!(trivy(r#","Results":[{"Target":"a","Class":"lang-pkgs"}]"#), ToolOutcome::Clean);
        let grype = |matches: &str| {
            results(&format!(r#"{{"matches":{matches},"source":{{}},"descriptor":{{"name":"grype"}}}}"#))[0].outcome
        };
        assert_eq!((grype("null"), grype("[]")), (ToolOutcome::Unknown, ToolOutcome::Clean));
    }
}

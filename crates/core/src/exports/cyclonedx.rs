//! CycloneDX bills of materials, JSON, 1.2 and later (ECMA-424), and the analyses of vulnerabilities in them.

use super::tools::{Found, digest_of, named};
use super::{ExportFormat, Reader, instant, text};
use crate::claim::{Fact, Voucher};
use crate::crypto::Digest;
use crate::encoding::json::{Cursor, FieldError, Json};
use crate::tool::{ToolKind, ToolOutcome, ToolResult};

/// The entry of the table.
pub(super) static BOM: ExportFormat =
    ExportFormat { id: "cyclonedx", reader: Reader::Json { detect: is_bom, read }, voucher: Voucher::Tool };

fn is_bom(document: &Json) -> bool {
    document.text_at(&["bomFormat"]) == Some("CycloneDX")
}

/// What a bill of materials says.
pub(super) fn read(document: &Cursor<'_>) -> Result<Vec<Fact>, FieldError> {
    let components = document.list("components")?.len();
    let mut sbom = ToolResult::new("CycloneDX", ToolKind::Sbom, ToolOutcome::Listed);
    sbom.summary = format!("{components} components");
    if let Some(metadata) = document.optional("metadata")? {
        (sbom.tool, sbom.version) = tool(&metadata)?.unwrap_or((sbom.tool, None));
        sbom.at = instant(&metadata, "timestamp")?;
        sbom.digests = metadata.optional("component")?.map_or_else(|| Ok(Vec::new()), |main| hashes(&main))?;
    }
    let analysed = analyses(document, &sbom)?;
    Ok(std::iter::once(sbom).chain(analysed).map(Fact::ToolFound).collect())
}

/// The tool that wrote it: a list up to 1.4, components since 1.5.
fn tool(metadata: &Cursor<'_>) -> Result<Option<(String, Option<String>)>, FieldError> {
    let Some(tools) = metadata.optional("tools")? else { return Ok(None) };
    let list = if tools.value().as_array().is_some() { tools.items()? } else { tools.list("components")? };
    let Some(first) = list.first() else { return Ok(None) };
    let name = text(first, "name")?;
    name.map(|name| text(first, "version").map(|version| (name, version))).transpose()
}

fn hashes(component: &Cursor<'_>) -> Result<Vec<Digest>, FieldError> {
    let each = component.list("hashes")?;
    let digest = |hash: &Cursor<'_>| digest_of(hash.value().text_at(&["alg"])?, hash.value().text_at(&["content"])?);
    Ok(each.iter().filter_map(digest).collect())
}

/// The states in which a vulnerability does not concern the artifact (`analysis.state`).
const HARMLESS: [&str; 4] = ["resolved", "resolved_with_pedigree", "false_positive", "not_affected"];

/// What it says of vulnerabilities. A list without any says nothing: nobody may have looked.
fn analyses(document: &Cursor<'_>, sbom: &ToolResult) -> Result<Option<ToolResult>, FieldError> {
    let listed = document.list("vulnerabilities")?;
    if listed.is_empty() {
        return Ok(None);
    }
    let mut found = Found::default();
    for vulnerability in &listed {
        let state = vulnerability.value().text_at(&["analysis", "state"]);
        if !state.is_some_and(|state| HARMLESS.contains(&state)) {
            let ratings = vulnerability.list("ratings")?;
            found.add(ratings.iter().filter_map(|rating| rating.value().text_at(&["severity"])));
        }
    }
    let vex = ToolResult { kind: ToolKind::Vex, ..sbom.clone() };
    Ok(Some(named(vex, found, &format!("of {} vulnerabilities", listed.len()))))
}

#[cfg(test)]
mod tests {
    use super::super::tools::tests::{HEX, read as results};
    use super::*;

    #[test]
    fn the_bill_and_its_analyses_are_read() {
        let bom = |tools: &str, state: &str| {
            format!(
                r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{{"timestamp":"2026-01-01T00:00:00Z","tools":{tools},
                    "component":{{"name":"app","hashes":[{{"alg":"SHA-256","content":"{HEX}"}},{{"alg":"BLAKE3","content":"00"}}]}}}},
                    "components":[{{"name":"a"}},{{"name":"b"}}],
                    "vulnerabilities":[{{"id":"CVE-1","ratings":[{{"severity":"high"}}],"analysis":{{"state":"{state}"}}}}]}}"#
            )
        };
        let new = results(&bom(r#"{"components":[{"name":"syft","version":"1.9"}]}"#, "exploitable"));
        assert_eq!(
            (new[0].tool.as_str(), new[0].version.as_deref(), new[0].summary.as_str()),
            ("syft", Some("1.9"), "2 components")
        );
        assert_eq!((new[0].digests.len(), new[0].at.is_some(), new[0].outcome), (1, true, ToolOutcome::Listed));
        assert_eq!((new[1].kind, new[1].outcome), (ToolKind::Vex, ToolOutcome::Found));
        let old = results(&bom(r#"[{"vendor":"v","name":"cdxgen"}]"#, "not_affected"));
        assert_eq!((old[0].tool.as_str(), old[1].outcome), ("cdxgen", ToolOutcome::Clean));
    }
}

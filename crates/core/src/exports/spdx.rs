//! SPDX documents: 2.2 and 2.3 as JSON (ISO/IEC 5962), and 3.0 as JSON-LD.

use std::collections::BTreeSet;

use super::tools::digest_of;
use super::{ExportFormat, Reader, has, instant};
use crate::claim::{Fact, Voucher};
use crate::crypto::Digest;
use crate::encoding::json::{Cursor, FieldError, Json};
use crate::tool::{ToolKind, ToolOutcome, ToolResult};

/// A document of version 2.
pub(super) static V2: ExportFormat =
    ExportFormat { id: "spdx", reader: Reader::Json { detect: is_v2, read: v2 }, voucher: Voucher::Tool };

/// A document of version 3.
pub(super) static V3: ExportFormat =
    ExportFormat { id: "spdx-3", reader: Reader::Json { detect: is_v3, read: v3 }, voucher: Voucher::Tool };

fn is_v2(document: &Json) -> bool {
    document.text_at(&["spdxVersion"]).is_some_and(|version| version.starts_with("SPDX-2."))
}

fn is_v3(document: &Json) -> bool {
    let is_spdx = |context: &Json| context.as_str().is_some_and(|text| text.starts_with("https://spdx.org/rdf/3."));
    let context = document.get("@context");
    let named = context
        .is_some_and(|context| is_spdx(context) || context.as_array().is_some_and(|all| all.iter().any(is_spdx)));
    named && has(document, &["@graph"])
}

fn sbom(tool: &str, packages: usize) -> ToolResult {
    let summary = format!("{packages} packages");
    ToolResult { summary, ..ToolResult::new(tool, ToolKind::Sbom, ToolOutcome::Listed) }
}

fn v2(document: &Cursor<'_>) -> Result<Vec<Fact>, FieldError> {
    let creation = document.field("creationInfo")?;
    let packages = document.list("packages")?;
    let mut sbom = sbom("SPDX", packages.len());
    sbom.at = instant(&creation, "created")?;
    let creators = creation.list("creators")?;
    let tool = creators.iter().filter_map(|creator| creator.value().as_str()?.strip_prefix("Tool:")).next();
    if let Some((name, version)) = tool.map(|tool| name_and_version(tool.trim())) {
        (sbom.tool, sbom.version) = (name.to_owned(), version.map(str::to_owned));
    }
    let described = described(document)?;
    for element in packages.iter().chain(&document.list("files")?) {
        if element.value().text_at(&["SPDXID"]).is_some_and(|id| described.contains(id)) {
            sbom.digests.extend(checksums(element, "checksums", ["algorithm", "checksumValue"])?);
        }
    }
    Ok(vec![Fact::ToolFound(sbom)])
}

/// `Tool: NAME-VERSION` (SPDX 2.3 §6.8).
fn name_and_version(tool: &str) -> (&str, Option<&str>) {
    match tool.rsplit_once('-') {
        Some((name, version)) if version.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit()) => {
            (name, Some(version))
        }
        _ => (tool, None),
    }
}

/// The elements that the document is about, under both ways to say so.
fn described<'a>(document: &Cursor<'a>) -> Result<BTreeSet<&'a str>, FieldError> {
    let listed = document.list("documentDescribes")?;
    let mut ids: BTreeSet<_> = listed.iter().filter_map(|id| id.value().as_str()).collect();
    for relationship in document.list("relationships")? {
        let relationship = relationship.value();
        if relationship.text_at(&["relationshipType"]) == Some("DESCRIBES") {
            ids.extend(relationship.text_at(&["relatedSpdxElement"]));
        }
    }
    Ok(ids)
}

fn checksums(element: &Cursor<'_>, list: &str, names: [&str; 2]) -> Result<Vec<Digest>, FieldError> {
    let [algorithm, value] = names;
    let digest = |sum: &Cursor<'_>| digest_of(sum.value().text_at(&[algorithm])?, sum.value().text_at(&[value])?);
    Ok(element.list(list)?.iter().filter_map(digest).collect())
}

fn v3(document: &Cursor<'_>) -> Result<Vec<Fact>, FieldError> {
    let graph = document.list("@graph")?;
    let of_type = |name: &'static str| graph.iter().filter(move |element| is_of_type(element.value(), name));
    let mut sbom = sbom("SPDX", of_type("software_Package").count());
    if let Some(tool) = of_type("Tool").filter_map(|tool| tool.value().text_at(&["name"])).next() {
        let (name, version) = name_and_version(tool);
        (sbom.tool, sbom.version) = (name.to_owned(), version.map(str::to_owned));
    }
    for creation in of_type("CreationInfo") {
        sbom = sbom.not_newer_than(instant(creation, "created")?);
    }
    let mut roots = BTreeSet::new();
    for element in of_type("SpdxDocument").chain(of_type("software_Sbom")) {
        roots.extend(element.list("rootElement")?.iter().filter_map(|id| id.value().as_str()));
    }
    for element in &graph {
        if element.value().text_at(&["spdxId"]).is_some_and(|id| roots.contains(id)) {
            sbom.digests.extend(verified_using(element)?);
        }
    }
    Ok(vec![Fact::ToolFound(sbom)])
}

fn is_of_type(element: &Json, name: &str) -> bool {
    element.text_at(&["type"]).or_else(|| element.text_at(&["@type"])) == Some(name)
}

/// The digests of an element. Those that stand elsewhere in the graph are not followed.
fn verified_using(element: &Cursor<'_>) -> Result<Vec<Digest>, FieldError> {
    checksums(element, "verifiedUsing", ["algorithm", "hashValue"])
}

#[cfg(test)]
mod tests {
    use super::super::tools::tests::{HEX, read as results};

    #[test]
    fn version_2_names_what_it_describes() {
        let document = |described: &str| {
            format!(
                r#"{{"spdxVersion":"SPDX-2.3","creationInfo":{{"created":"2026-01-01T00:00:00Z","creators":["Organization: O","Tool: syft-1.9.0"]}},
                    "packages":[{{"SPDXID":"SPDXRef-a","checksums":[{{"algorithm":"SHA256","checksumValue":"{HEX}"}}]}},{{"SPDXID":"SPDXRef-b"}}],
                    {described}}}"#
            )
        };
        let by_list = results(&document(r#""documentDescribes":["SPDXRef-a"]"#));
        let by_relationship = results(&document(
            r#""relationships":[{"spdxElementId":"SPDXRef-DOCUMENT","relationshipType":"DESCRIBES","relatedSpdxElement":"SPDXRef-a"}]"#,
        ));
        assert_eq!(by_list, by_relationship);
        let sbom = &by_list[0];
        assert_eq!((sbom.tool.as_str(), sbom.version.as_deref()), ("syft", Some("1.9.0")));
        assert_eq!((sbom.summary.as_str(), sbom.digests.len()), ("2 packages", 1));
        assert!(results(&document(r#""documentDescribes":["SPDXRef-b"]"#))[0].digests.is_empty());
    }

    #[test]
    fn version_3_names_its_root_element() {
        let text = format!(
            r#"{{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[
                {{"type":"CreationInfo","@id":"_:c","created":"2026-01-01T00:00:00Z"}},{{"type":"Tool","spdxId":"t","name":"scanner"}},
                {{"type":"SpdxDocument","spdxId":"d","rootElement":["s"]}},{{"type":"software_Sbom","spdxId":"s","rootElement":["p"]}},
                {{"type":"software_Package","spdxId":"p","verifiedUsing":[{{"type":"Hash","algorithm":"sha256","hashValue":"{HEX}"}}]}}]}}"#
        );
        let sbom = &results(&text)[0];
        assert_eq!((sbom.tool.as_str(), sbom.digests.len(), sbom.at.is_some()), ("scanner", 1, true));
    }
}

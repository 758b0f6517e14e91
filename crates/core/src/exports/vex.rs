//! Which known vulnerabilities concern a product: OpenVEX (0.0.1, 0.2.0) and CSAF 2.0 with its profile VEX.

use std::collections::{BTreeMap, BTreeSet};

use super::tools::{digest_map, digest_of};
use super::{ExportFormat, MANY, Reader, at_most, has, instant, repeated, state, text};
use crate::claim::{Fact, Voucher};
use crate::crypto::Digest;
use crate::encoding::json::{Cursor, FieldError, Json, Problem};
use crate::tool::{ToolKind, ToolOutcome, ToolResult};

/// An OpenVEX document.
pub(super) static OPENVEX: ExportFormat =
    ExportFormat { id: "openvex", reader: Reader::Json { detect: is_openvex, read: openvex }, voucher: Voucher::Tool };

/// A CSAF document about vulnerabilities.
pub(super) static CSAF: ExportFormat =
    ExportFormat { id: "csaf", reader: Reader::Json { detect: is_csaf, read: csaf }, voucher: Voucher::Tool };

fn is_openvex(document: &Json) -> bool {
    document.text_at(&["@context"]).is_some_and(|context| context.starts_with("https://openvex.dev/ns"))
}

/// One fact for each statement: they may be about different products.
fn openvex(document: &Cursor<'_>) -> Result<Vec<Fact>, FieldError> {
    let author = text(document, "tooling")?.or(text(document, "author")?).unwrap_or_else(|| "OpenVEX".to_owned());
    let author = repeated(document, &author)?;
    let of_document = instant(document, "last_updated")?.or(instant(document, "timestamp")?);
    let mut facts = Vec::new();
    for statement in at_most(document, "statements", MANY)? {
        let status = statement.field("status")?.text()?;
        let mut result = ToolResult::new(author, ToolKind::Vex, outcome_of_openvex(status));
        result.at = instant(&statement, "last_updated")?.or(instant(&statement, "timestamp")?).or(of_document);
        let named = statement.field("vulnerability")?;
        let id = named.value().as_str().or_else(|| named.value().text_at(&["name"])).unwrap_or_default();
        result.summary = format!("{id} {status}");
        for product in statement.list("products")?.iter().filter(|product| product.value().as_object().is_some()) {
            result.digests.extend(digest_map(product, "hashes")?);
        }
        facts.push(Fact::ToolFound(result));
    }
    Ok(facts)
}

fn outcome_of_openvex(status: &str) -> ToolOutcome {
    match status {
        "not_affected" | "fixed" => ToolOutcome::Clean,
        "affected" => ToolOutcome::Found,
        _ => ToolOutcome::Unknown,
    }
}

fn is_csaf(document: &Json) -> bool {
    document.at(&["document", "csaf_version"]).is_some() && has(document, &["vulnerabilities"])
}

/// The lists of a `product_status` (CSAF 2.0 §3.2.3.9), and what each says.
const STATUSES: [(&str, ToolOutcome); 7] = [
    ("known_affected", ToolOutcome::Found),
    ("first_affected", ToolOutcome::Found),
    ("last_affected", ToolOutcome::Found),
    ("known_not_affected", ToolOutcome::Clean),
    ("fixed", ToolOutcome::Clean),
    ("first_fixed", ToolOutcome::Clean),
    ("under_investigation", ToolOutcome::Unknown),
];

/// Digests that all statements of a document name together. Every vulnerability may concern every product, so that a
/// document of some megabytes could name billions; these are 35 MB.
const MAX_DIGESTS: usize = 500_000;

fn csaf(document: &Cursor<'_>) -> Result<Vec<Fact>, FieldError> {
    let head = document.field("document")?;
    let publisher = repeated(&head, head.value().text_at(&["publisher", "name"]).unwrap_or("CSAF"))?;
    let at = head.optional("tracking")?.map_or(Ok(None), |tracking| instant(&tracking, "current_release_date"))?;
    let products = document.optional("product_tree")?.map_or_else(BTreeMap::new, |tree| products(tree.value()));
    let mut facts = Vec::new();
    let mut digests = MAX_DIGESTS;
    for vulnerability in document.list("vulnerabilities")? {
        let id = text(&vulnerability, "cve")?.or(text(&vulnerability, "title")?).unwrap_or_default();
        let Some(status) = vulnerability.optional("product_status")? else { continue };
        for (name, outcome) in STATUSES {
            let listed = status.list(name)?;
            if listed.is_empty() {
                continue;
            }
            let mut result = ToolResult::new(publisher, ToolKind::Vex, outcome);
            let ids: BTreeSet<_> = listed.iter().filter_map(|id| id.value().as_str()).collect();
            let named: Vec<_> = ids.into_iter().filter_map(|id| products.get(id)).collect();
            let count = named.iter().fold(0_usize, |sum, digests| sum.saturating_add(digests.len()));
            let too_many = || status.error(Problem::BadValue("in a document that names at most 500,000 digests"));
            digests = digests.checked_sub(count).ok_or_else(too_many)?;
            result.digests = named.into_iter().flatten().copied().collect();
            result.summary = format!("{id} {name}");
            state(&mut facts, Fact::ToolFound(ToolResult { at, ..result }), &status)?;
        }
    }
    Ok(facts)
}

/// The digests of every product, by its id, wherever in the tree it stands. Without recursion: the tree is not ours.
fn products(tree: &Json) -> BTreeMap<&str, Vec<Digest>> {
    let mut found: BTreeMap<&str, Vec<Digest>> = BTreeMap::new();
    let mut open = vec![tree];
    while let Some(place) = open.pop() {
        match place {
            Json::Array(items) => open.extend(items),
            Json::Object(members) => {
                open.extend(members.values());
                if let Some(id) = place.text_at(&["product_id"]) {
                    found.entry(id).or_default().extend(hashes(place));
                }
            }
            _ => {}
        }
    }
    found
}

/// The digests of a product (`product_identification_helper.hashes[].file_hashes[]`).
fn hashes(product: &Json) -> Vec<Digest> {
    let files = product.at(&["product_identification_helper", "hashes"]).and_then(Json::as_array).unwrap_or_default();
    let each = files.iter().filter_map(|file| file.get("file_hashes")?.as_array()).flatten();
    each.filter_map(|hash| digest_of(hash.text_at(&["algorithm"])?, hash.text_at(&["value"])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tools::tests::{HEX, read as results};
    use super::*;

    #[test]
    fn every_statement_of_openvex_is_a_result() {
        let text = format!(
            r#"{{"@context":"https://openvex.dev/ns/v0.2.0","author":"sec@acme","timestamp":"2026-01-01T00:00:00Z","statements":[
                {{"vulnerability":{{"name":"CVE-1"}},"products":[{{"@id":"pkg:a","hashes":{{"sha-256":"{HEX}"}}}}],"status":"not_affected"}},
                {{"vulnerability":"CVE-2","products":["pkg:b"],"status":"affected"}},
                {{"vulnerability":"CVE-3","status":"under_investigation"}}]}}"#
        );
        let read = results(&text);
        let said: Vec<_> = read.iter().map(|one| (one.summary.as_str(), one.outcome, one.digests.len())).collect();
        let expected = [
            ("CVE-1 not_affected", ToolOutcome::Clean, 1),
            ("CVE-2 affected", ToolOutcome::Found, 0),
            ("CVE-3 under_investigation", ToolOutcome::Unknown, 0),
        ];
        assert_eq!(said, expected);
        assert!(read.iter().all(|one| one.at.is_some() && one.tool == "sec@acme"));
    }

    #[test]
    fn products_of_csaf_are_found_in_the_depth_of_the_tree() {
        let text = format!(
            r#"{{"document":{{"category":"csaf_vex","csaf_version":"2.0","publisher":{{"name":"ACME"}},
                    "tracking":{{"current_release_date":"2026-01-01T00:00:00Z"}}}},
                "product_tree":{{"branches":[{{"branches":[{{"product":{{"product_id":"P1","name":"app","product_identification_helper":
                    {{"hashes":[{{"filename":"app","file_hashes":[{{"algorithm":"sha256","value":"{HEX}"}}]}}]}}}}}}]}}]}},
                "vulnerabilities":[{{"cve":"CVE-1","product_status":{{"known_not_affected":["P1"],"known_affected":["P2"]}}}}]}}"#
        );
        let read = results(&text);
        let said: Vec<_> = read.iter().map(|one| (one.summary.as_str(), one.outcome, one.digests.len())).collect();
        let expected =
            [("CVE-1 known_affected", ToolOutcome::Found, 0), ("CVE-1 known_not_affected", ToolOutcome::Clean, 1)];
        assert_eq!(said, expected);
    }
    #[test]
    fn what_every_vulnerability_repeats_of_every_product_is_bounded() {
        let hash = format!(r#"{{"algorithm":"sha256","value":"{HEX}"}}"#);
        let hashes = vec![hash; 1_001].join(",");
        let read = |vulnerabilities: usize| {
            let statement = r#"{"cve":"CVE-1","product_status":{"fixed":["P","P"]}}"#;
            let text = format!(
                r#"{{"document":{{"csaf_version":"2.0"}},"product_tree":{{"product_id":"P","product_identification_helper":
                    {{"hashes":[{{"file_hashes":[{hashes}]}}]}}}},"vulnerabilities":[{}]}}"#,
                vec![statement; vulnerabilities].join(",")
            );
            let document = crate::encoding::json::parse(text.as_bytes()).unwrap();
            csaf(&Cursor::new(&document)).map(|facts| facts.iter().map(|fact| fact.digests().len()).collect::<Vec<_>>())
        };
        assert_eq!(read(2).unwrap(), [1_001, 1_001], "each product once");
        assert!(read(500).unwrap_err().to_string().contains("at most 500,000 digests"));
    }
}

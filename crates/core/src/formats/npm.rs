//! The npm registry's answer to `/-/npm/v1/attestations/PACKAGE@VERSION`: bundles by their predicate type
//! (<https://github.com/npm/attestation>). Provenance is signed by a workflow, publication by the registry.

use super::sigstore::{Defect, Item, Pending, bundle};
use super::{Format, Reader, Reading};
use crate::encoding::json::{Cursor, top_level_names};
use crate::evidence::Reason;
use crate::material::{EvidenceFile, Limits};

/// The entry of the table.
pub(super) static ENTRY: Format = Format {
    id: "npm-attestations",
    title: "npm attestations",
    specification: "https://github.com/npm/attestation",
    reader: Reader::Detached { detect, signs_tree: |_| false, open },
};

fn detect(bytes: &[u8]) -> bool {
    top_level_names(bytes).first().is_some_and(|names| names.iter().any(|name| name == "attestations"))
}

fn open(file: &EvidenceFile, _limits: &Limits) -> Reading {
    Box::new(Pending::of_document(&ENTRY, file, items))
}

fn items(top: &Cursor<'_>) -> Result<Vec<Item>, Defect> {
    let items = top.field("attestations")?.items()?;
    Ok(items.iter().enumerate().map(|(index, place)| item(index, place)).collect())
}

fn item(index: usize, place: &Cursor<'_>) -> Item {
    let kind = place.value().text_at(&["predicateType"]).unwrap_or("");
    let position = Some(format!("attestation {}, {kind}", index.saturating_add(1)));
    let read = || {
        let attestation = bundle(&place.field("bundle")?)?;
        match &attestation.statement {
            // The registry's label is signed by nobody; it must not say something else than the statement.
            Some(Ok(statement)) if statement.predicate_type != kind => {
                let detail = format!("labelled `{kind}`, but a statement of type `{}`", statement.predicate_type);
                Err(Defect::new(Reason::Contradiction, detail))
            }
            _ => Ok(attestation),
        }
    };
    Item { position, attestation: read() }
}

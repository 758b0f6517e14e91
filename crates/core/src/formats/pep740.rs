//! PyPI attestations (<https://peps.python.org/pep-0740/>): one by itself, or the provenance object of the
//! index, which groups them by publisher.

use super::sigstore::{Attestation, Content, Defect, Item, Pending, Verifier, attestation};
use super::{Format, Reader, Reading};
use crate::encoding::dsse::{Envelope, EnvelopeSignature, IN_TOTO, Signs};
use crate::encoding::json::{Cursor, FieldError, Json, top_level_names};
use crate::evidence::Reason;
use crate::material::{EvidenceFile, Limits};

/// The entry of the table.
pub(super) static ENTRY: Format = Format {
    id: "pep740",
    title: "PyPI attestation",
    specification: "https://peps.python.org/pep-0740/",
    reader: Reader::Detached { detect, signs_tree: |_| false, open },
};

/// The kinds of statement that PyPI accepts.
const PREDICATE_TYPES: [&str; 2] = ["https://docs.pypi.org/attestations/publish/v1", "https://slsa.dev/provenance/v1"];

fn detect(bytes: &[u8]) -> bool {
    let names = top_level_names(bytes);
    let Some(names) = names.first() else { return false };
    let has = |name: &str| names.iter().any(|found| found == name);
    has("attestation_bundles") || (has("verification_material") && has("envelope"))
}

fn open(file: &EvidenceFile, _limits: &Limits) -> Reading {
    Box::new(Pending::of_document(&ENTRY, file, items))
}

fn items(top: &Cursor<'_>) -> Result<Vec<Item>, Defect> {
    let Some(groups) = top.optional("attestation_bundles")? else {
        return Ok(vec![Item { position: None, attestation: read(top) }]);
    };
    version(top)?;
    let mut items = Vec::new();
    for group in groups.items()? {
        let publisher = publisher(&group);
        for (index, place) in group.field("attestations")?.items()?.iter().enumerate() {
            let index = index.saturating_add(1);
            let position = Some(format!("{publisher}, attestation {index}"));
            items.push(Item { position, attestation: read(place) });
        }
    }
    Ok(items)
}

/// Whom the index names; no signature covers it, so it only says where in the object the attestation is.
fn publisher(group: &Cursor<'_>) -> String {
    let publisher = group.value().get("publisher").unwrap_or(&Json::Null);
    let parts = ["kind", "repository", "workflow", "environment"].iter().filter_map(|name| publisher.text_at(&[name]));
    format!("publisher `{}` as the index says", parts.collect::<Vec<_>>().join(" "))
}

fn version(place: &Cursor<'_>) -> Result<(), Defect> {
    let version = place.field("version")?;
    match version.integer() {
        Ok(1) => Ok(()),
        _ => Err(Defect::new(Reason::VersionUnknown, format!("version {:?}", version.value()))),
    }
}

fn read(place: &Cursor<'_>) -> Result<Attestation, Defect> {
    version(place)?;
    let material = place.field("verification_material")?;
    let certificate = material.field("certificate")?.bytes()?;
    let entries = material.field("transparency_entries")?.items()?;
    let envelope = envelope(&place.field("envelope")?)?;
    let attestation =
        attestation(Content::Envelope(envelope), Verifier::Certificates(vec![certificate]), &entries, Vec::new())?;
    match &attestation.statement {
        Some(Ok(statement)) if !PREDICATE_TYPES.contains(&statement.predicate_type.as_str()) => {
            let detail = format!("PyPI knows no statements of type `{}`", statement.predicate_type);
            Err(Defect::new(Reason::ContentTypeWrong, detail))
        }
        Some(Ok(statement)) if statement.subjects.len() != 1 => {
            let detail = format!("an attestation has one subject, this one {}", statement.subjects.len());
            Err(Defect::new(Reason::Contradiction, detail))
        }
        _ => Ok(attestation),
    }
}

/// The envelope is one of DSSE with its type left out.
fn envelope(place: &Cursor<'_>) -> Result<Envelope, FieldError> {
    let sig = place.field("signature")?.bytes()?;
    let signature = EnvelopeSignature { keyid: None, sig, certificate: None, signs: Signs::Encoding };
    Ok(Envelope {
        payload_type: IN_TOTO.to_owned(),
        payload: place.field("statement")?.bytes()?,
        signatures: vec![signature],
    })
}

//! DSSE envelopes by themselves (<https://github.com/secure-systems-lab/dsse>): signed with keys that the
//! relying party has, or with a certificate beside the signature, as slsa-github-generator wrote them before
//! bundles. Without a log entry or timestamp, nothing proves when such a certificate signed.

use super::sigstore::{Attestation, Content, Defect, Item, Pending, Verifier, attestation};
use super::{Format, Reader, Reading};
use crate::encoding::dsse::Envelope;
use crate::encoding::json::{Cursor, documents, top_level_names};
use crate::material::{EvidenceFile, Limits};

/// The entry of the table.
pub(super) static ENTRY: Format = Format {
    id: "dsse",
    title: "DSSE envelope",
    specification: "https://github.com/secure-systems-lab/dsse",
    reader: Reader::Detached { detect, signs_tree: |_| false, open },
};

fn detect(bytes: &[u8]) -> bool {
    let is_envelope = |names: &[String]| ["payload", "payloadType"].iter().all(|name| names.iter().any(|n| n == name));
    top_level_names(bytes).iter().any(|names| is_envelope(names))
}

fn open(file: &EvidenceFile, _limits: &Limits) -> Reading {
    let documents = match documents(&file.bytes) {
        Ok(documents) => documents,
        Err(error) => return Box::new(Pending::broken(&ENTRY, file, error.into())),
    };
    let mut pending = Pending::new(&ENTRY, file);
    pending.ignored = documents.unreadable;
    for (line, document) in &documents.documents {
        let position = line.map(|line| format!("line {line}"));
        if document.get("payload").is_some() {
            pending.items.push(Item { position, attestation: read(&Cursor::new(document)) });
        } else {
            pending.ignored = pending.ignored.saturating_add(1);
        }
    }
    Box::new(pending)
}

/// Reads an envelope.
pub(super) fn read(place: &Cursor<'_>) -> Result<Attestation, Defect> {
    attestation(Content::Envelope(Envelope::from_json(place)?), Verifier::Unsaid, &[], Vec::new())
}

//! DSSE envelopes by themselves (<https://github.com/secure-systems-lab/dsse>): signed with keys that the
//! relying party has, or with a certificate beside the signature, as slsa-github-generator wrote them before
//! bundles. Without a log entry or timestamp, nothing proves when such a certificate signed.

use super::sigstore::{Attestation, Content, Defect, Pending, Verifier, attestation};
use super::{Format, Reader, Reading};
use crate::encoding::dsse::Envelope;
use crate::encoding::json::{Cursor, top_level_names};
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
    Box::new(Pending::of_lines(&ENTRY, file, |place| place.value().get("payload").map(|_| read(place))))
}

/// Reads an envelope.
pub(super) fn read(place: &Cursor<'_>) -> Result<Attestation, Defect> {
    attestation(Content::Envelope(Envelope::from_json(place)?), Verifier::Unsaid, &[], Vec::new())
}

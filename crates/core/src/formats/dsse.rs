//! DSSE envelopes by themselves (<https://github.com/secure-systems-lab/dsse>): signed with keys that the
//! relying party has, or with a certificate beside the signature, as slsa-github-generator wrote them before
//! bundles. Without a log entry or timestamp, nothing proves when such a certificate signed.
//!
//! The attestations of gittuf (<https://github.com/gittuf/gittuf>) are such envelopes. Their signatures are those of SSH
//! keys, or of Sigstore with certificate and log entry beside each of them.

use super::sigstore::{Apart, Attestation, Content, Defect, Pending, Verifier, attestation};
use super::{Format, Reader, Reading};
use crate::encoding::dsse::Envelope;
use crate::encoding::json::{Cursor, parse, top_level_names};
use crate::evidence::Reason;
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

/// The extension of a signature that carries what a bundle carries beside it, in any version.
const MATERIAL: &str = "application/vnd.dev.sigstore.verificationmaterial";

/// The version that is read: that of bundles v0.3, whose members have not changed since.
const MATERIAL_0_3: &str = "application/vnd.dev.sigstore.verificationmaterial;version=0.3";

/// Reads an envelope.
pub(super) fn read(place: &Cursor<'_>) -> Result<Attestation, Defect> {
    let envelope = Content::Envelope(Envelope::from_json(place)?);
    let apart = place.list("signatures")?.iter().map(|signature| apart(signature).transpose()).collect();
    Ok(Attestation { apart, ..attestation(envelope, Verifier::Unsaid, &[], Vec::new())? })
}

/// A signature of Sigstore with its evidence, as gittuf writes it: the value is the text of a message signature. An extension
/// of another kind says nothing here; no signature covers it.
fn apart(signature: &Cursor<'_>) -> Result<Option<Apart>, Defect> {
    let Some(extension) = signature.optional("extension")? else { return Ok(None) };
    match extension.field("kind")?.text()? {
        MATERIAL_0_3 => {}
        kind if kind.starts_with(MATERIAL) => {
            return Err(Defect::new(Reason::VersionUnknown, format!("extension `{kind}`")));
        }
        _ => return Ok(None),
    }
    let message = parse(&signature.field("sig")?.bytes()?)?;
    Apart::read(&Cursor::new(&message), &extension.field("ext")?).map(Some)
}

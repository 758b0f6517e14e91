//! What in the file a signature does not cover: above all what can be put into the certificate table without
//! breaking anything (CVE-2013-3900 and its kin).

use crate::encoding::asn1::oid;
use crate::encoding::cms::SignedData;
use crate::encoding::hex;
use crate::evidence::Uncovered;

/// Unsigned attributes that Authenticode defines: timestamps and further signatures.
const KNOWN_ATTRIBUTES: [&[u8]; 4] =
    [oid::COUNTERSIGNATURE, oid::SPC_RFC3161_TIMESTAMP, oid::TIMESTAMP_TOKEN, oid::SPC_NESTED_SIGNATURE];

/// Zero bytes after a signature that can be the alignment of its entry to eight bytes.
const ALIGNMENT: usize = 7;

/// The uncovered bytes inside one signature that begins at this offset of the file.
pub(super) fn inside(signed: &SignedData<'_>, blob: &[u8], offset: u64) -> Vec<Uncovered> {
    let at = |start: usize, length: usize| {
        let start = offset.saturating_add(start as u64);
        start..start.saturating_add(length as u64)
    };
    let mut found: Vec<Uncovered> =
        unknown_attributes(signed).map(|(start, length, what)| Uncovered { range: at(start, length), what }).collect();
    let after = blob.get(signed.raw.len()..).unwrap_or_default();
    if let Some(what) = trailing(after) {
        found.push(Uncovered { range: at(signed.raw.len(), after.len()), what });
    }
    found
}

/// Offset, length and description of every unsigned attribute that nothing defines.
fn unknown_attributes<'a>(signed: &'a SignedData<'_>) -> impl Iterator<Item = (usize, usize, String)> + 'a {
    let attributes = signed.signers.iter().flat_map(|signer| &signer.unsigned.list);
    let unknown = attributes.filter(|attribute| !KNOWN_ATTRIBUTES.contains(&attribute.kind));
    unknown.map(|attribute| {
        let name = oid::dotted(attribute.kind).unwrap_or_else(|| hex::encode(attribute.kind));
        (attribute.element.offset, attribute.element.raw.len(), format!("unsigned attribute {name}"))
    })
}

fn trailing(after: &[u8]) -> Option<String> {
    let is_zero = after.iter().all(|byte| *byte == 0);
    match (is_zero, after.len()) {
        (true, ..=ALIGNMENT) => None,
        (true, _) => Some("zeros after the signature in its table entry".to_owned()),
        (false, _) => Some("data after the signature in its table entry".to_owned()),
    }
}

//! What in the file a signature does not cover: above all what can be put into the certificate table without
//! breaking anything (CVE-2013-3900 and its kin).

use std::collections::BTreeSet;

use crate::encoding::asn1::{Element, oid};
use crate::encoding::cms::{SignedData, SignerInfo};
use crate::encoding::hex;
use crate::encoding::x509::{Certificate, Name};
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
    found.extend(
        strangers(signed)
            .map(|(element, what)| Uncovered { range: at(element.offset, element.raw.len()), what: what.to_owned() }),
    );
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

/// Certificates of one bag that are looked at; real signatures carry fewer than ten.
const MAX_CERTIFICATES: usize = 64;

/// What stands among the certificates although no signer needs it. The bag is not signed, and tools that tag
/// files after signing hide their data in it.
fn strangers<'a>(signed: &SignedData<'a>) -> impl Iterator<Item = (Element<'a>, &'static str)> {
    let bag: Vec<(Element<'a>, Option<Certificate>)> = signed
        .certificates
        .iter()
        .take(MAX_CERTIFICATES)
        .map(|element| (*element, Certificate::from_der(element.raw).ok()))
        .collect();
    let certificates: Vec<&Certificate> = bag.iter().filter_map(|(_, certificate)| certificate.as_ref()).collect();
    let needed = needed(signed, &certificates);
    let describe = |(element, certificate): (Element<'a>, Option<Certificate>)| match certificate {
        None => Some((element, "no readable certificate among the certificates")),
        Some(certificate) if !needed.contains(certificate.subject().der()) => {
            Some((element, "certificate that no signer of the file needs"))
        }
        Some(_) => None,
    };
    let beyond = signed.certificates.iter().skip(MAX_CERTIFICATES);
    let beyond = beyond.map(|element| (*element, "certificate beyond those that are looked at"));
    bag.into_iter().filter_map(describe).chain(beyond).collect::<Vec<_>>().into_iter()
}

/// The names of signers, authorities of timestamps, and all their issuers, as far as certificates are here.
fn needed(signed: &SignedData<'_>, certificates: &[&Certificate]) -> BTreeSet<Vec<u8>> {
    let own = signed.signers.iter();
    let unsigned = |kind| own.clone().flat_map(move |signer| signer.unsigned.values(kind));
    let counter: Vec<SignerInfo<'_>> =
        unsigned(oid::COUNTERSIGNATURE).filter_map(|value| SignerInfo::read(value).ok()).collect();
    let tokens = unsigned(oid::SPC_RFC3161_TIMESTAMP).chain(unsigned(oid::TIMESTAMP_TOKEN));
    let tokens: Vec<SignedData<'_>> = tokens.filter_map(|value| SignedData::parse(value.raw).ok()).collect();
    let signers = own.clone().chain(&counter).chain(tokens.iter().flat_map(|token| &token.signers));
    let signers: Vec<&SignerInfo<'_>> = signers.collect();
    let is_signer = |certificate: &&&Certificate| signers.iter().any(|signer| signer.sid.names(certificate));
    let mut wanted: Vec<Name> = certificates.iter().filter(is_signer).map(|c| c.subject().clone()).collect();
    // A token brings its own certificates; their issuers may stand in the outer bag.
    wanted.extend(tokens.iter().flat_map(issuers));
    let mut found = BTreeSet::new();
    while let Some(name) = wanted.pop() {
        for certificate in certificates.iter().filter(|certificate| *certificate.subject() == name) {
            if found.insert(certificate.subject().der().to_vec()) {
                wanted.push(certificate.issuer().clone());
            }
        }
    }
    found
}

fn issuers(token: &SignedData<'_>) -> Vec<Name> {
    let certificates = token.certificates.iter().take(MAX_CERTIFICATES);
    let read = certificates.filter_map(|element| Certificate::from_der(element.raw).ok());
    read.map(|certificate| certificate.issuer().clone()).collect()
}

fn trailing(after: &[u8]) -> Option<String> {
    let is_zero = after.iter().all(|byte| *byte == 0);
    match (is_zero, after.len()) {
        (true, ..=ALIGNMENT) => None,
        (true, _) => Some("zeros after the signature in its table entry".to_owned()),
        (false, _) => Some("data after the signature in its table entry".to_owned()),
    }
}

//! Certificates themselves (PEM or DER): each is named by its SHA-256, and its holder is known.

use super::{ImportFormat, Imported, known};
use crate::crypto::{Digest, DigestAlgorithm};
use crate::distrust::selector::registrations;
use crate::distrust::{Entry, Holder, Selector, Why};
use crate::encoding::asn1::oid;
use crate::encoding::pem;
use crate::encoding::x509::Certificate;

pub(super) static ENTRY: ImportFormat = ImportFormat {
    id: "certificates",
    title: "certificates (PEM or DER)",
    origin: "certificates",
    detect: |bytes| pem::certificates(bytes).is_ok(),
    read,
};

fn read(bytes: &[u8]) -> Result<Imported, String> {
    let certificates = pem::certificates(bytes).map_err(|error| error.to_string())?;
    Ok(Imported { entries: certificates.iter().map(entry).collect(), ..Imported::default() })
}

fn entry(certificate: &Certificate) -> Entry {
    let selector = Selector::Certificate(certificate.fingerprint());
    Entry { holder: Some(holder(certificate)), ..Entry::new(selector, Why::Other) }
}

/// What a certificate says about its holder.
fn holder(certificate: &Certificate) -> Holder {
    let subject = certificate.subject();
    let text = |kind| subject.attribute(kind).and_then(|text| known(&text));
    Holder {
        name: text(oid::ORGANIZATION).or_else(|| text(oid::COMMON_NAME)),
        registration: registrations(subject).next().and_then(|number| known(&number)),
        country: text(oid::JURISDICTION_COUNTRY).or_else(|| text(oid::COUNTRY)),
        spki_sha256: Some(Digest::of(DigestAlgorithm::Sha256, certificate.spki()).hex()),
    }
}

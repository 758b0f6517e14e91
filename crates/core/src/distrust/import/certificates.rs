//! Certificates themselves (PEM or DER): each is named by its SHA-256, and its holder is known.

use super::{ImportFormat, Imported, known};
use crate::distrust::{Entry, FoundHolder, Holder, Selector, Why};
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
    let found = FoundHolder::of(certificate);
    Holder {
        name: found.names.first().and_then(|name| known(name)),
        registration: found.registrations.first().and_then(|number| known(number)),
        country: found.country,
        spki_sha256: Some(found.spki_sha256.hex()),
    }
}

//! CertGraveyard: code-signing certificates that signed malware, one row per sample.

use super::table::{Row, Table, has_columns};
use super::{ImportFormat, Imported, by_digest, known};
use crate::distrust::{Entry, Holder, Selector, Why};

pub(super) static ENTRY: ImportFormat = ImportFormat {
    id: "certgraveyard",
    title: "CertGraveyard (CSV)",
    origin: "https://certgraveyard.org",
    detect: |bytes| has_columns(bytes, &["thumbprint", "tbs sha256", "signer", "malware"]),
    read,
};

fn read(bytes: &[u8]) -> Result<Imported, String> {
    let table = Table::read(bytes)?;
    let mut imported = Imported::default();
    for row in table.rows() {
        imported.take(certificate(&row).map(|selector| entry(&row, selector)));
        if known(row.text("hash")).is_some() {
            let file = by_digest("file", row.text("hash"));
            imported.take(file.map(|selector| Entry { holder: None, ..entry(&row, selector) }));
        }
    }
    Ok(imported)
}

/// The certificate by its thumbprint, else by the digest of its signed part. Its serial number comes with the
/// issuer's common name alone, which names no certificate.
fn certificate(row: &Row<'_>) -> Result<Selector, String> {
    by_digest("certificate", row.text("thumbprint"))
        .or_else(|_| by_digest("tbs", row.text("tbs sha256")))
        .or_else(|_| by_digest("tbs", row.text("tbs sha384")))
        .or_else(|_| by_digest("tbs", row.text("tbs sha1")))
        .map_err(|_| "a row has neither a thumbprint nor a digest of the signed part".to_owned())
}

fn entry(row: &Row<'_>, selector: Selector) -> Entry {
    let holder = Holder {
        name: known(row.text("signer")),
        registration: known(row.text("rdn serial number")),
        country: known(row.text("country")),
        spki_sha256: None,
    };
    Entry { note: known(row.text("malware")), holder: Some(holder), ..Entry::new(selector, Why::Malware) }
}

//! Revocation lists (RFC 5280 §5): issuer and serial number, and when it was revoked.
//!
//! Whether the issuer signed the list is not judged here, where its certificate is not at hand; `--crl` does.

use super::{ImportFormat, Imported};
use crate::distrust::{Entry, MAX_ENTRIES, Selector, Why};
use crate::pki::crl::{Crl, read_all};
use crate::pki::revocation::RevocationReason;

pub(super) static ENTRY: ImportFormat = ImportFormat {
    id: "crl",
    title: "revocation lists (PEM or DER)",
    origin: "revocation list",
    detect: |bytes| read_all(bytes).is_ok(),
    read,
};

fn read(bytes: &[u8]) -> Result<Imported, String> {
    let lists = read_all(bytes).map_err(|error| error.to_string())?;
    let dated = lists.iter().map(Crl::this_update).min();
    let mut imported = Imported { dated, ..Imported::default() };
    for list in &lists {
        let revoked = list.revoked(MAX_ENTRIES).map_err(|error| error.to_string())?;
        for (serial, entry) in revoked {
            let selector = Selector::issuer_serial(list.issuer().clone(), &serial);
            imported.entries.push(Entry {
                since: Some(entry.effective()),
                revoked_at: Some(entry.revoked),
                ..Entry::new(selector, why(entry.reason))
            });
        }
    }
    Ok(imported)
}

fn why(reason: Option<RevocationReason>) -> Why {
    match reason.map(RevocationReason::name) {
        Some("keyCompromise") => Why::StolenKey,
        Some("cACompromise" | "aACompromise") => Why::Compromised,
        Some("superseded" | "cessationOfOperation" | "affiliationChanged" | "privilegeWithdrawn") => Why::Withdrawn,
        _ => Why::Other,
    }
}

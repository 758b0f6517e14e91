//! Statements about publication: who put the artifact where, under which name. They say nothing about builds.

use super::CertificateFacts;
use crate::claim::{Fact, Voucher};
use crate::encoding::statement::Statement;
use crate::evidence::Signature;

const NPM: &str = "https://github.com/npm/attestation/tree/main/specs/publish/v0.1";
const PYPI: &str = "https://docs.pypi.org/attestations/publish/v1";
const CONDA: &str = "https://schemas.conda.org/attestations-publish-1.schema.json";
const RELEASES: [&str; 2] =
    ["https://in-toto.io/attestation/release/v0.1", "https://in-toto.io/attestation/release/v0.2"];

/// What a statement about publication claims; nothing for other statements.
pub(super) fn facts(
    statement: &Statement,
    signature: &Signature,
    certificate: &CertificateFacts,
    certified_by: Voucher,
) -> Vec<(Fact, Voucher)> {
    let text = |name: &str| statement.predicate.text_at(&[name]).map(str::to_owned);
    let subject = statement.subjects.first().map(|subject| subject.name.clone());
    match statement.predicate_type.as_str() {
        // Signed with a key of the registry: with a certificate, anybody could say so.
        NPM => {
            let voucher = if certificate.issuer.is_some() { Voucher::Tenant } else { Voucher::Registry };
            package(text("name").or(subject), text("version"), text("registry"), voucher)
        }
        PYPI => {
            let publisher = certificate.signer.clone().or_else(|| signature.signer.san.first().cloned());
            let by = publisher.map(|publisher| (Fact::PublishedBy { publisher }, certified_by));
            let named = package(subject, None, Some("https://pypi.org".to_owned()), Voucher::Tenant);
            by.into_iter().chain(named).collect()
        }
        CONDA => package(subject, None, text("targetChannel"), Voucher::Tenant),
        kind if RELEASES.contains(&kind) => package(text("purl"), None, None, Voucher::Tenant),
        _ => Vec::new(),
    }
}

fn package(
    package: Option<String>,
    version: Option<String>,
    registry: Option<String>,
    voucher: Voucher,
) -> Vec<(Fact, Voucher)> {
    package.map(|package| (Fact::PublishedAs { package, version, registry }, voucher)).into_iter().collect()
}

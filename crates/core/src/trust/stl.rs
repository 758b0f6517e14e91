//! Microsoft's signed list of roots (`authroot.stl`): a certificate trust list in a CMS `SignedData`.
//!
//! The list names roots by digest and says what each may be used for and since when not. The certificates
//! themselves come beside it. Specification: [MS-CAESO] §4.4.5.3.3 and `CERT_*_PROP_ID` of `wincrypt.h`.

use std::collections::BTreeMap;

use super::{AnchorSourceInfo, ImportError, Limit, ListedAnchor, Purposes, TrustBundle};
use crate::crypto::{Digest, DigestAlgorithm};
use crate::encoding::asn1::oid;
use crate::encoding::ctl::{ListError, Properties, SignedList, TrustedSubject};
use crate::encoding::hex;
use crate::encoding::x509::Certificate;
use crate::time::Time;

/// Certificates by their SHA-1 digest, as trust lists name them.
#[derive(Clone, Debug, Default)]
pub struct CertificateSet(BTreeMap<Vec<u8>, Certificate>);

impl FromIterator<Certificate> for CertificateSet {
    fn from_iter<I: IntoIterator<Item = Certificate>>(certificates: I) -> Self {
        let named = |c: Certificate| (Digest::of(DigestAlgorithm::Sha1, c.der()).as_bytes().to_vec(), c);
        Self(certificates.into_iter().map(named).collect())
    }
}

/// Reads a signed root list, with `certificates` that hold the roots that it names.
///
/// The signature of the list must hold, and its signer must be entitled to sign root lists and lead to an
/// anchor of `authority` by certificates in the list. Names the list has no certificate for: they are
/// returned beside the bundle.
///
/// # Errors
/// [`ImportError`] for a list that is broken or not signed as it must be.
pub fn import_stl(
    stl: &[u8],
    certificates: &CertificateSet,
    authority: &TrustBundle,
    source: AnchorSourceInfo,
) -> Result<(TrustBundle, Vec<String>), ImportError> {
    let signed = SignedList::open(stl).map_err(|error| match error {
        ListError::Signature(_) | ListError::NoSigner => ImportError::NotSigned(error.to_string()),
        _ => ImportError::Malformed(error.to_string()),
    })?;
    let list = &signed.list;
    check_signer(&signed, authority)?;
    let source = AnchorSourceInfo { dated: Some(list.this_update), ..source };
    let mut bundle = TrustBundle::default();
    bundle.date(source.dated);
    bundle.add_source(source.clone());
    let mut missing = Vec::new();
    for subject in &list.subjects {
        match certificates.0.get(&subject.id).filter(|certificate| is_meant(subject, certificate)) {
            Some(certificate) => {
                bundle.insert(&anchor(subject.properties.clone(), certificate.clone(), source.clone()));
            }
            None => missing.push(subject.properties.friendly_name.clone().unwrap_or_else(|| hex::encode(&subject.id))),
        }
    }
    Ok((bundle, missing))
}

/// The list must be one of roots, and its signer may sign such lists and leads to an anchor.
fn check_signer(signed: &SignedList, authority: &TrustBundle) -> Result<(), ImportError> {
    if !signed.list.usage.iter().any(|usage| usage == oid::ROOT_LIST_SIGNER) {
        return Err(ImportError::Malformed("not a list of roots".to_owned()));
    }
    let leaf = &signed.signer;
    if !leaf.extended_key_usage().ok().flatten().is_some_and(|usage| usage.contains(oid::ROOT_LIST_SIGNER)) {
        return Err(ImportError::NotSigned("the signer may not sign root lists".to_owned()));
    }
    check_path(leaf, &signed.certificates, authority, signed.list.this_update)
}

/// Certificates from the signer of a root list to its anchor; Microsoft's has two.
const MAX_PATH: usize = 4;

/// Follows issuers from `leaf` by names and signatures to an anchor.
///
/// Only lists of one kind of issuer come here, one certificate per name: no search is needed.
fn check_path(leaf: &Certificate, chain: &[Certificate], authority: &TrustBundle, at: Time) -> Result<(), ImportError> {
    let mut current = leaf;
    for _ in 0..MAX_PATH {
        if !current.is_valid_at(at) {
            return Err(ImportError::NotSigned(format!("{}: not valid at {at}", current.subject())));
        }
        let signed_by = |issuer: &Certificate| {
            issuer.public_key().is_ok_and(|key| current.verify_signed_by(&key).is_ok()) && issuer.is_ca()
        };
        if authority.listed(current.issuer()).iter().any(|anchor| signed_by(&anchor.certificate)) {
            return Ok(());
        }
        let next = chain.iter().find(|issuer| issuer.subject() == current.issuer() && signed_by(issuer));
        current =
            next.ok_or_else(|| ImportError::NotSigned(format!("no path from {} to an anchor", leaf.subject())))?;
    }
    Err(ImportError::NotSigned(format!("more than {MAX_PATH} certificates above the signer")))
}

/// Whether this is the certificate that the list means: SHA-1 alone is no proof.
fn is_meant(subject: &TrustedSubject, certificate: &Certificate) -> bool {
    subject.properties.sha256 == Some(certificate.fingerprint())
}

fn anchor(properties: Properties, certificate: Certificate, source: AnchorSourceInfo) -> ListedAnchor {
    let purposes = |usages: &Vec<Vec<u8>>| Purposes::of_usages(usages.iter().map(Vec::as_slice));
    let disallowed_for = Some(&properties.disallowed_usages).filter(|usages| !usages.is_empty());
    ListedAnchor {
        purposes: properties.usages.as_ref().map_or_else(Purposes::of_any_usage, purposes),
        issued_before: limit(properties.not_before, properties.not_before_usages.as_ref().map(purposes)),
        disallowed_since: limit(properties.disallowed_since, disallowed_for.map(purposes)),
        name: properties.friendly_name.unwrap_or_else(|| certificate.subject().to_string()),
        certificate,
        source,
    }
}

/// An instant without usages limits all of them; usages without an instant are limited from the beginning.
fn limit(at: Option<Time>, purposes: Option<Purposes>) -> Option<Limit> {
    match (at, purposes) {
        (None, None) => None,
        (at, purposes) => Some(Limit {
            at: at.unwrap_or(Time::from_unix(0)),
            purposes: purposes.unwrap_or_else(Purposes::of_any_usage),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_without_instant_or_usages_are_the_strictest_reading() {
        let code = Purposes::of_usages([oid::CODE_SIGNING]);
        let at = Time::from_unix(9);
        assert_eq!(limit(None, None), None);
        assert_eq!(limit(Some(at), None), Some(Limit { at, purposes: Purposes::of_any_usage() }));
        assert_eq!(limit(None, Some(code)), Some(Limit { at: Time::from_unix(0), purposes: code }));
    }
}

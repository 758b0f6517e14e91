//! Where pieces of revocation information are kept in a store: by issuer, so that those that may be about a
//! certificate are found without reading all.

use crate::crypto::{Digest, DigestAlgorithm};
use crate::encoding::hex;
use crate::encoding::x509::Name;
use crate::pki::crl::Crl;
use crate::pki::ocsp::OcspResponse;

/// The shelves on which pieces about certificates of this issuer lie. What lies there is only a candidate: who
/// signed it and whom it is about is checked like that of any other piece.
#[must_use]
pub fn shelves_of(issuer: &Name) -> Vec<String> {
    let of_responses =
        DigestAlgorithm::ALL.map(|algorithm| responses(algorithm, Digest::of(algorithm, issuer.der()).as_bytes()));
    std::iter::once(lists(issuer)).chain(of_responses).collect()
}

impl Crl {
    /// The shelf on which it is kept.
    #[must_use]
    pub fn shelf(&self) -> String {
        lists(self.issuer())
    }
}

impl OcspResponse {
    /// The shelves on which it is kept: one for every issuer whose certificates it is about.
    #[must_use]
    pub fn shelves(&self) -> Vec<String> {
        let mut shelves: Vec<String> =
            self.issuer_names().map(|(algorithm, digest)| responses(algorithm, digest)).collect();
        shelves.sort_unstable();
        shelves.dedup();
        shelves
    }
}

/// Names that are equal have one shelf, however they are encoded.
fn lists(issuer: &Name) -> String {
    format!("list:{}", Digest::of(DigestAlgorithm::Sha256, issuer.canonical()).hex())
}

/// A response names the issuer by a digest of its encoding alone (RFC 6960 §4.1.1).
fn responses(algorithm: DigestAlgorithm, issuer: &[u8]) -> String {
    format!("response:{}:{}", algorithm.name(), hex::encode(issuer))
}

#[cfg(test)]
mod tests {
    use super::shelves_of;
    use crate::pki::minting::Holder;

    #[test]
    fn a_list_lies_where_certificates_of_its_issuer_look() {
        let (issuer, other) = (Holder::new("issuer", 1), Holder::new("other", 2));
        let list = issuer.revoke(&[], &[]);
        let leaf = issuer.certify(&Holder::new("leaf", 3), &crate::pki::minting::Order::default());
        let foreign = other.certify(&Holder::new("leaf", 3), &crate::pki::minting::Order::default());
        assert!(shelves_of(leaf.issuer()).contains(&list.shelf()));
        assert!(!shelves_of(foreign.issuer()).contains(&list.shelf()));
    }
}

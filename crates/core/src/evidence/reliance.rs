//! The certificates and keys that a signature rests on.

use serde::{Deserialize, Serialize};

use crate::crypto::{Digest, DigestAlgorithm};
use crate::encoding::x509::Certificate;
use crate::pki::path::Path;

/// What a certificate or key does for a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// It made the signature.
    Signer,
    /// It stands between the signer's certificate and the anchor, or is the anchor.
    Issuer,
    /// It made the timestamp that proves the time of signing, or vouches for what did.
    Timestamp,
}

impl Role {
    /// The words for a detail.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Signer => "signer",
            Self::Issuer => "issuer",
            Self::Timestamp => "timestamp authority",
        }
    }
}

/// One certificate or bare key that a signature rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reliance {
    /// What it does for the signature.
    pub role: Role,
    /// What it is.
    pub on: ReliedOn,
}

/// A certificate, or a key that came without one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReliedOn {
    /// A certificate.
    Certificate(Certificate),
    /// The `SubjectPublicKeyInfo` of a bare key.
    Key(#[serde(with = "crate::encoding::base64::text")] Vec<u8>),
}

impl Reliance {
    /// Reliance on a certificate.
    #[must_use]
    pub const fn certificate(role: Role, certificate: Certificate) -> Self {
        Self { role, on: ReliedOn::Certificate(certificate) }
    }

    /// Reliance on the signer's certificate, and on every one that vouches for it as far as there is a path.
    #[must_use]
    pub fn of_path(leaf: &Certificate, path: Option<&Path>) -> Vec<Self> {
        let issuers = path.into_iter().flat_map(Path::with_anchor).filter(|issuer| *issuer != leaf);
        let issuers = issuers.map(|issuer| Self::certificate(Role::Issuer, issuer.clone()));
        std::iter::once(Self::certificate(Role::Signer, leaf.clone())).chain(issuers).collect()
    }

    /// The certificate, if it is one.
    #[must_use]
    pub const fn as_certificate(&self) -> Option<&Certificate> {
        match &self.on {
            ReliedOn::Certificate(certificate) => Some(certificate),
            ReliedOn::Key(_) => None,
        }
    }

    /// SHA-256 of the `SubjectPublicKeyInfo`.
    #[must_use]
    pub fn spki_sha256(&self) -> Digest {
        let spki = match &self.on {
            ReliedOn::Certificate(certificate) => certificate.spki(),
            ReliedOn::Key(spki) => spki,
        };
        Digest::of(DigestAlgorithm::Sha256, spki)
    }
}

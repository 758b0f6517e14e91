//! Material: what the relying party brings to the examination.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::crypto::PublicKey;
use crate::distrust::{Distrust, PackSummary};
use crate::encoding::x509::Certificate;
use crate::exports::ReadExport;
use crate::in_toto::LayoutMaterial;
use crate::key_attestation::KeyAttestation;
use crate::pki::anchor::Anchor;
use crate::pki::crl::Crl;
use crate::pki::ocsp::OcspResponse;
use crate::pki::revocation::RevocationInfo;
use crate::time::Time;
use crate::tlog::trusted_root::TrustedRoot;
use crate::trust::TrustBundle;

/// A file given or found beside the artifact.
#[derive(Clone, Debug)]
pub struct EvidenceFile {
    /// Its path, as the user wrote it.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A key or certificate that the user accepts.
#[derive(Clone, Debug)]
pub struct AcceptedKey {
    /// Where it comes from.
    pub source: String,
    /// The key.
    pub key: PublicKey,
    /// The certificate that it came in, if it came in one.
    pub certificate: Option<Certificate>,
}

/// What the relying party brings.
#[derive(Clone, Debug, Default)]
pub struct Material {
    /// Anchors for certificates, by purpose.
    pub anchors: TrustBundle,
    /// Sigstore instances that are accepted.
    pub sigstore: Vec<TrustedRoot>,
    /// Keys that are accepted as they are.
    pub keys: Vec<AcceptedKey>,
    /// Revocation lists.
    pub crls: Vec<Crl>,
    /// OCSP responses.
    pub ocsp: Vec<OcspResponse>,
    /// Lists of what must not be trusted.
    pub distrust: Distrust,
    /// The in-toto layout that the release must have followed.
    pub layout: Option<LayoutMaterial>,
    /// Evidence beside the artifact.
    pub evidence: Vec<EvidenceFile>,
    /// What the relying party obtained itself from forges, registries and tools.
    pub observed: Vec<ReadExport>,
    /// Statements by which hardware attests keys.
    pub key_attestations: Vec<KeyAttestation>,
    /// Anchors that are accepted for such statements, and for nothing else.
    pub attestation_anchors: Vec<Anchor>,
}

impl Material {
    /// Everything in it about revocation.
    #[must_use]
    pub fn revocation(&self) -> RevocationInfo {
        RevocationInfo { crls: self.crls.clone(), ocsp: self.ocsp.clone() }
    }
}

/// How old the material is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaterialDates {
    /// The date of the anchors.
    pub anchors: Option<Time>,
    /// The date of the newest revocation list or OCSP response.
    pub revocation: Option<Time>,
    /// The lists of what must not be trusted that were asked.
    pub distrust: Vec<PackSummary>,
}

/// Bounds on what one examination may use. Running into one is evidence: `not-established`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest artifact that is hashed, in bytes.
    pub artifact_bytes: u64,
    /// Largest evidence file or embedded signature block, in bytes.
    pub memory_bytes: u64,
    /// Signatures examined per artifact; real files carry fewer than ten.
    pub signatures: usize,
    /// Nesting of signatures in signatures, and of values in JSON and ASN.1.
    pub depth: usize,
    /// Threads that hash one artifact.
    pub hash_threads: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { artifact_bytes: 1 << 40, memory_bytes: 32 << 20, signatures: 64, depth: 32, hash_threads: 1 }
    }
}

/// Material that the user gave cannot be used: the run fails, this says nothing about any artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaterialError {
    /// What was given: a path.
    pub source: String,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for MaterialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.source, self.problem)
    }
}

impl std::error::Error for MaterialError {}

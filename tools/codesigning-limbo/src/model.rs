//! The published form: the fields of x509-limbo where they fit, and what signed code has beyond them.

use schemars::JsonSchema;
use serde::Serialize;

/// The suite.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Limbo {
    /// Version of this schema.
    pub(crate) version: u8,
    /// The cases, in an order that groups them.
    pub(crate) testcases: Vec<Testcase>,
}

/// One case: fields up to `crls` as in C2SP/x509-limbo.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Testcase {
    /// Its name, `family::what`; never reused.
    pub(crate) id: String,
    /// What a verifier must be able to express to be asked: `rfc3161`, `pkcs9`, `crl`, `ocsp`, `anchor-terms`,
    /// `accepted-key`, `weak-algorithm`, `lenient`.
    pub(crate) features: Vec<&'static str>,
    /// How much an error would matter: `low`, `medium`, `high`, `critical`.
    pub(crate) importance: &'static str,
    /// The case in a sentence.
    pub(crate) description: String,
    /// Always `CODE_SIGNING`.
    pub(crate) validation_kind: &'static str,
    /// Anchors, in PEM, whatever their terms: see `code_signing.anchors`.
    pub(crate) trusted_certs: Vec<String>,
    /// The other certificates of the signature's own chain, in PEM; they are in the artifact too.
    pub(crate) untrusted_intermediates: Vec<String>,
    /// The signer's certificate, in PEM.
    pub(crate) peer_certificate: String,
    /// The instant of appraisal.
    pub(crate) validation_time: String,
    /// `SUCCESS` if the state is `valid`, else `FAILURE`.
    pub(crate) expected_result: &'static str,
    /// Revocation lists, in PEM.
    pub(crate) crls: Vec<String>,
    /// What x509-limbo has no field for.
    pub(crate) code_signing: CodeSigning,
}

/// The extension of the schema.
#[derive(Serialize, JsonSchema)]
pub(crate) struct CodeSigning {
    /// The signed PE image, in Base64.
    pub(crate) artifact: String,
    /// Under which terms the anchors are accepted, one for each of `trusted_certs`.
    pub(crate) anchors: Vec<AnchorTerms>,
    /// Certificates whose keys the relying party accepts as they are, in PEM.
    pub(crate) accepted_keys: Vec<String>,
    /// OCSP responses, in Base64.
    pub(crate) ocsp: Vec<String>,
    /// The sections that decide, most telling first.
    pub(crate) decided_by: Vec<&'static str>,
    /// What is right.
    pub(crate) expected: ExpectedDocument,
}

/// The terms of one anchor. Nothing given limits nothing.
#[derive(Serialize, JsonSchema)]
pub(crate) struct AnchorTerms {
    /// `code-signing`, `time-stamping`; empty for every purpose.
    pub(crate) purposes: Vec<&'static str>,
    /// Nothing signed at or after this instant is accepted (Microsoft's *disallowed* date).
    pub(crate) disallowed_since: Option<String>,
    /// Certificates issued at or after this instant are not accepted (Microsoft's *not before* date).
    pub(crate) issued_before: Option<String>,
}

/// The right answer.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ExpectedDocument {
    /// `valid`, `expired`, `revoked`, `untrusted`, `distrusted`, `wrong-usage`, `bad`, `broken`, `unknown`. The
    /// first is the best; others are right as well where no section decides between them.
    pub(crate) states: Vec<&'static str>,
    /// The instant that the timestamps prove.
    pub(crate) trusted_time: Option<String>,
    /// What proves it: `rfc3161`, `authenticode-countersignature`, `none`.
    pub(crate) time_source: &'static str,
    /// What is known about revocation: `good`, `unknown`, `revoked`, `revoked-since` (after the signature was
    /// provably made), or nothing where no path leads to an anchor.
    pub(crate) revocation: Option<&'static str>,
    /// Whether a signature covers the bytes and holds: `yes`, `no`.
    pub(crate) signed: &'static str,
    /// Whether the signer is trusted, where revocation must be known good: `yes`, `no`, `not-established`.
    pub(crate) signer: &'static str,
    /// What stands behind the signer's name, where the case is about that.
    pub(crate) assurance: Option<&'static str>,
    /// What a careful verifier points out beside its answer.
    pub(crate) findings: Vec<&'static str>,
}

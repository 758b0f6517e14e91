//! Statements by which hardware attests where a key was made and that it cannot leave.
//!
//! A certificate says nothing about how its key is held. What does is a statement signed by the device: it counts if
//! it is about the very key that signed, holds, and leads to an anchor that the relying party accepts for such
//! statements. Everything else about a key is a rule that somebody says is kept, or nothing.
//!
//! Two kinds are read: certificates of `YubiKey`'s PIV application, and TPM 2.0 `TPM2_Certify`. Statements of cloud
//! services are not: Google's are in a format of the module's maker whose layout is published as scripts that change
//! with the firmware, Azure's format is not specified apart from a tool, and AWS makes none about a key.

mod piv;
mod tpm;

use crate::crypto::Digest;
use crate::encoding::pem;
use crate::encoding::x509::Certificate;
use crate::identity::KeyProtection;
use crate::material::MaterialError;
use crate::pki::anchor::{Anchor, Purpose};
use crate::pki::path::{PathQuery, build_path};
use crate::time::Time;

/// A statement about one key, as a file holds it.
#[derive(Clone, Debug)]
pub struct KeyAttestation {
    /// Where it comes from: a path.
    pub source: String,
    statement: Statement,
}

#[derive(Clone, Debug)]
enum Statement {
    Piv(piv::Statement),
    Tpm(Box<tpm::Statement>),
}

impl KeyAttestation {
    /// Reads a file: the PEM certificates of a PIV attestation, or the JSON document of a `TPM2_Certify`
    /// (`docs/key-attestation.md`).
    ///
    /// # Errors
    /// If it is neither. Whether the statement holds is not asked here.
    pub fn read(source: &str, bytes: &[u8]) -> Result<Self, MaterialError> {
        let unusable = |problem: String| MaterialError { source: source.to_owned(), problem };
        let statement = if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{') {
            Statement::Tpm(Box::new(tpm::Statement::read(bytes).map_err(unusable)?))
        } else {
            let certificates = pem::certificates(bytes).map_err(|error| unusable(error.to_string()))?;
            Statement::Piv(piv::Statement::read(certificates).map_err(unusable)?)
        };
        Ok(Self { source: source.to_owned(), statement })
    }

    /// SHA-256 of the `SubjectPublicKeyInfo` that the statement is about, if the statement is as it says.
    #[must_use]
    pub fn spki_sha256(&self) -> Digest {
        match &self.statement {
            Statement::Piv(statement) => statement.spki_sha256(),
            Statement::Tpm(statement) => statement.spki_sha256(),
        }
    }

    /// What the statement proves about the key.
    ///
    /// # Errors
    /// Why it proves nothing, in words.
    pub fn verify(&self, anchors: &[Anchor], at: Time) -> Result<KeyProtection, String> {
        let (by, what) = match &self.statement {
            Statement::Piv(statement) => ("YubiKey PIV", statement.verify(anchors, at)?),
            Statement::Tpm(statement) => ("TPM 2.0", statement.verify(anchors, at)?),
        };
        Ok(KeyProtection::Attested { by: by.to_owned(), what })
    }
}

/// The certificate name of the anchor that vouches for the certificate of a device.
fn vouched(leaf: &Certificate, others: &[Certificate], anchors: &[Anchor], at: Time) -> Result<String, String> {
    if anchors.is_empty() {
        return Err("no anchor is accepted for statements about keys (--attestation-anchor)".to_owned());
    }
    let report = build_path(&PathQuery::new(leaf, others, &anchors, Purpose::Any, at));
    match report.accepted() {
        Some(path) if path.weaknesses.is_empty() => Ok(path.anchor.certificate.subject().to_string()),
        Some(_) => Err("its certificates are signed with a weak algorithm".to_owned()),
        None => Err(report.faults().first().map_or_else(|| "no path".to_owned(), |fault| fault.detail.clone())),
    }
}

#[cfg(test)]
mod tests;

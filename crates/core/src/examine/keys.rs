//! Statements about keys, matched with the signatures that those keys made.

use crate::evidence::{CheckId, Signature};
use crate::finding::{Finding, FindingId};
use crate::key_attestation::KeyAttestation;
use crate::material::Material;
use crate::time::Time;

/// Leaves in each signature how its key is held, as far as a statement at hand proves it. A statement about another
/// key, or one that does not hold, counts for nothing and is reported.
pub(super) fn attested(signatures: &mut [Signature], material: &Material, at: Time, findings: &mut Vec<Finding>) {
    for attestation in &material.key_attestations {
        let about = attestation.spki_sha256();
        let made = |signature: &&mut Signature| {
            signature.signer.spki_sha256 == Some(about) && signature.passes(CheckId::Signature)
        };
        let mut signed: Vec<&mut Signature> = signatures.iter_mut().filter(made).collect();
        let ids = signed.iter().map(|signature| signature.id).collect::<Vec<_>>();
        let report = |id, problem: String| {
            let message = format!("{}: {problem}", attestation.source);
            Finding { id, message, signatures: ids.clone() }
        };
        if signed.is_empty() {
            let problem = format!("it attests the key {} (SPKI SHA-256), which made no signature here", about.hex());
            findings.push(report(FindingId::KeyAttestationAboutAnother, problem));
            continue;
        }
        match KeyAttestation::verify(attestation, &material.attestation_anchors, at) {
            Ok(held) => signed.iter_mut().for_each(|signature| signature.key_protection = held.clone()),
            Err(problem) => findings.push(report(FindingId::KeyAttestationDoesNotVerify, problem)),
        }
    }
}

//! Names that hide something from their readers.

use crate::encoding::asn1::oid;
use crate::evidence::{Outcome, Role, Signature};
use crate::finding::{Finding, FindingId};
use crate::lookalike::{Oddity, oddities};

/// The attributes of a certificate name that people know a publisher by.
const READ_BY_PEOPLE: [(&str, &[u8]); 3] =
    [("CN", oid::COMMON_NAME), ("O", oid::ORGANIZATION), ("OU", oid::ORGANIZATIONAL_UNIT)];

/// Tells of invisible characters and mixed scripts in the names of signers, with their code points.
pub(super) fn findings(signatures: &[Signature], findings: &mut Vec<Finding>) {
    for signature in signatures.iter().filter(|signature| signature.integrity() == Outcome::Pass) {
        findings.extend(deceptive(signature).into_iter().map(|message| Finding {
            id: FindingId::DeceptiveName,
            message,
            signatures: vec![signature.id],
        }));
    }
}

fn deceptive(signature: &Signature) -> Vec<String> {
    let signer = signature.rests_on.iter().find(|one| one.role == Role::Signer);
    let Some(certificate) = signer.and_then(|signer| signer.as_certificate()) else { return Vec::new() };
    let mut messages = Vec::new();
    for (key, kind) in READ_BY_PEOPLE {
        let Some(name) = certificate.subject().attribute(kind) else { continue };
        let words: Vec<String> = oddities(&name).iter().map(Oddity::words).collect();
        if !words.is_empty() {
            messages.push(format!("{key} of the signer: {}", words.join("; ")));
        }
    }
    messages
}

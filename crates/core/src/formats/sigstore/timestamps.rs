//! What proves when the signature existed.

use super::bundle::{Attestation, Content};
use crate::encoding::x509::Certificate;
use crate::evidence::{CheckId, Outcome, Reason, Reliance, Role, Signature, TimeSource};
use crate::pki::timestamp::{Authority, Timestamp, Vouched, verify_token};
use crate::time::Time;
use crate::tlog::trusted_root::TrustedRoot;

/// An instant at which the signature provably existed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Proven {
    pub(super) time: Time,
    pub(super) source: TimeSource,
}

/// Verifies every RFC 3161 token over the signature value.
///
/// A token that does not hold makes nothing better or worse by itself, but Sigstore's rule is that whatever
/// evidence of time is in a bundle must hold: sigstore-go and sigstore-rust refuse otherwise.
pub(super) fn verify(
    signature: &mut Signature,
    attestation: &Attestation,
    index: usize,
    roots: &[&TrustedRoot],
) -> Vec<Proven> {
    let stamped = match &attestation.content {
        Content::Message { signature, .. } => signature.as_slice(),
        Content::Envelope(envelope) => envelope.signatures.get(index).map_or(&[][..], |signature| &signature.sig),
    };
    let authorities: Vec<Authority> = roots.iter().flat_map(|root| &root.timestamp_authorities).map(accepted).collect();
    let certificates: Vec<Certificate> = authorities.iter().flat_map(|authority| &authority.chain).cloned().collect();
    let results: Vec<Timestamp> =
        attestation.timestamps.iter().map(|token| one(token, stamped, &authorities, &certificates)).collect();
    for timestamp in &results {
        signature.check(CheckId::Timestamp, timestamp.outcome, timestamp.detail.clone());
        signature.time.claimed = signature.time.claimed.or(timestamp.time);
    }
    let proven: Vec<_> = results.iter().filter_map(Timestamp::proves).collect();
    let paths = results.iter().flat_map(|timestamp| &timestamp.path).cloned();
    signature.rests_on.extend(paths.map(|certificate| Reliance::certificate(Role::Timestamp, certificate)));
    if proven.len() < results.len() {
        let detail = format!("{} of {} timestamps hold; every one in a bundle must", proven.len(), results.len());
        signature.check(CheckId::Timestamp, Outcome::Fail(Reason::TransparencyFailed), detail);
    }
    let tokens = &attestation.timestamps;
    if tokens.iter().enumerate().any(|(index, token)| tokens.iter().take(index).any(|earlier| earlier == token)) {
        let detail = "the same timestamp is there twice, as if it were two";
        signature.check(CheckId::Timestamp, Outcome::Fail(Reason::TransparencyFailed), detail);
    }
    proven.into_iter().map(|time| Proven { time, source: TimeSource::Rfc3161 }).collect()
}

fn one(token: &[u8], stamped: &[u8], authorities: &[Authority], certificates: &[Certificate]) -> Timestamp {
    // The authority that made the token must itself be accepted at that instant: no other lends its validity.
    let vouching = |leaf: &Certificate, others: &[Certificate], at: Time| {
        let mut problems = Vec::new();
        for authority in authorities {
            match authority.vouch(leaf, others, at) {
                Ok(path) => return Ok(Vouched { path, ..Vouched::default() }),
                Err(problem) => problems.push(problem),
            }
        }
        problems.dedup();
        Err(if problems.is_empty() { "no timestamp authority is accepted".to_owned() } else { problems.join("; ") })
    };
    verify_token(token, stamped, certificates, &vouching)
}

fn accepted(authority: &crate::tlog::trusted_root::Authority) -> Authority {
    Authority {
        chain: authority.certificates.clone(),
        valid_from: authority.valid.start,
        valid_until: authority.valid.end,
    }
}

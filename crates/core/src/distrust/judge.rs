//! What lists mean for the signatures of one artifact.
//!
//! The rule of dates: an entry that says since when something is abused acts on signatures that a trusted time
//! puts at or after that instant, and on those without a trusted time, since nothing proves that they are
//! older. A signature from before stays as it is, and is flagged. An entry without a date acts always, and so
//! does one about a file (the bytes are the same whenever they were signed) or about a timestamp authority
//! (whoever holds its key can write any time).

use super::{Distrust, Hit};
use crate::artifact::Digests;
use crate::evidence::{CheckId, Outcome, Reason, Reliance, ReliedOn, Role, Signature};
use crate::finding::{Finding, FindingId};
use crate::pki::revocation::effect;
use crate::time::Time;

/// Checks every signature against the lists, and reports what they say about the artifact itself.
pub(crate) fn judge(signatures: &mut [Signature], digests: &Digests, distrust: &Distrust, findings: &mut Vec<Finding>) {
    if distrust.is_empty() {
        return;
    }
    let of_file: Vec<String> =
        distrust.on_file(digests).iter().map(|hit| format!("the file is {}", hit.words())).collect();
    if let Some(first) = of_file.first() {
        let about = signatures.iter().map(|signature| signature.id).collect();
        findings.push(Finding { id: FindingId::KnownAbused, message: first.clone(), signatures: about });
    }
    for signature in signatures {
        judge_one(signature, &of_file, distrust, findings);
    }
}

fn judge_one(signature: &mut Signature, of_file: &[String], distrust: &Distrust, findings: &mut Vec<Finding>) {
    let mut noted = |id, message| findings.push(Finding { id, message, signatures: vec![signature.id] });
    let (trusted, revoked) = (signature.time.trusted, signature.revoked_from);
    let mut acting = of_file.to_vec();
    for reliance in attributed(signature) {
        for hit in hits(distrust, reliance) {
            if let Some(timeline) = outrun(&hit, reliance.role, revoked, trusted) {
                let message = format!("{}: {timeline}; {}", name(reliance), hit.words());
                noted(FindingId::IneffectiveRevocation, message);
            }
            let message = format!("{} {}: {}", reliance.role.words(), name(reliance), hit.words());
            if acts(&hit, reliance.role, trusted) {
                noted(FindingId::KnownAbused, message.clone());
                acting.push(message);
            } else {
                noted(FindingId::DistrustedSince, message);
            }
        }
        for message in super::neighbour::of(distrust, reliance) {
            noted(FindingId::NearDistrusted, message);
        }
    }
    let (outcome, detail) = match acting.first() {
        Some(first) => (Outcome::Fail(Reason::Distrusted), first.clone()),
        None => (Outcome::Pass, on_none(distrust)),
    };
    signature.check(CheckId::Distrust, outcome, detail);
}

/// What the signature rests on, unless its value does not hold: then the names in it are nobody's.
fn attributed(signature: &Signature) -> &[Reliance] {
    match signature.outcome(CheckId::Signature) {
        Some(Outcome::Fail(_)) => &[],
        _ => &signature.rests_on,
    }
}

fn hits<'a>(distrust: &'a Distrust, reliance: &Reliance) -> Vec<Hit<'a>> {
    match &reliance.on {
        ReliedOn::Certificate(certificate) => distrust.on_certificate(certificate),
        ReliedOn::Key(_) => distrust.on_key(&reliance.spki_sha256()),
    }
}

fn acts(hit: &Hit<'_>, role: Role, trusted: Option<Time>) -> bool {
    match (role, hit.entry.since, trusted) {
        (Role::Signer | Role::Issuer, Some(since), Some(trusted)) => trusted >= since,
        _ => true,
    }
}

/// The timeline, if the signer's revocation lies after the first abuse that the list knows of, and the signature
/// between the two: by the revocation alone it would stay valid. What was established about the revocation comes
/// before what the list says of it.
fn outrun(hit: &Hit<'_>, role: Role, revoked: Option<Time>, trusted: Option<Time>) -> Option<String> {
    let since = hit.entry.since.filter(|_| role == Role::Signer)?;
    let revoked = revoked.or(hit.entry.revoked_at)?;
    let effect = effect(Some(revoked), since, trusted);
    effect.spares_signature().then(|| effect.to_string())
}

pub(super) fn name(reliance: &Reliance) -> String {
    match &reliance.on {
        ReliedOn::Certificate(certificate) => format!("`{}`", certificate.subject()),
        ReliedOn::Key(_) => format!("key {}", reliance.spki_sha256()),
    }
}

fn on_none(distrust: &Distrust) -> String {
    let lists: Vec<String> = distrust.packs().map(|pack| format!("`{}` of {}", pack.name(), pack.dated())).collect();
    format!("on none of: {}", lists.join(", "))
}

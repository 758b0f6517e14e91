//! What lists mean for the signatures of one artifact.
//!
//! The rule of dates: an entry that says since when something is abused acts on signatures that a trusted time
//! puts at or after that instant, and on those without a trusted time, since nothing proves that they are
//! older. A signature from before stays as it is, and is flagged. An entry without a date acts always, and so
//! does one about a file (the bytes are the same whenever they were signed) or about a timestamp authority
//! (whoever holds its key can write any time).

use super::{Distrust, Hit};
use crate::artifact::Digests;
use crate::claim::Claims;
use crate::evidence::{CheckId, Outcome, Reason, Reliance, ReliedOn, Role, Signature};
use crate::finding::{Finding, FindingId};
use crate::pki::revocation::effect;
use crate::registry;
use crate::time::Time;

/// Checks every signature against the lists, and reports what they say about the artifact itself.
pub(crate) fn judge(
    signatures: &mut [Signature],
    claims: &Claims,
    digests: &Digests,
    distrust: &Distrust,
    findings: &mut Vec<Finding>,
) {
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
        let known_by = registry::selectors_of_statement(signature, claims);
        judge_one(signature, &Known { of_file: &of_file, by: &known_by }, distrust, findings);
    }
}

/// What is known of a signature beside what it rests on.
struct Known<'a> {
    /// What the lists say about the file.
    of_file: &'a [String],
    /// The identities that it is of. Names count only if somebody accepted vouches for them.
    by: &'a [registry::Selector],
}

fn judge_one(signature: &mut Signature, known: &Known<'_>, distrust: &Distrust, findings: &mut Vec<Finding>) {
    let trusted = signature.time.trusted;
    let mut acting = known.of_file.to_vec();
    let mut weigh = |hit: &Hit<'_>, role, message: String| {
        let acts = acts(hit, role, trusted);
        let id = if acts { FindingId::KnownAbused } else { FindingId::DistrustedSince };
        findings.push(Finding { id, message: message.clone(), signatures: vec![signature.id] });
        acting.extend(acts.then_some(message));
    };
    for hit in distrust.on_identity(known.by) {
        weigh(&hit, Role::Signer, format!("identity {}", hit.words()));
    }
    let mut told = Vec::new();
    for reliance in attributed(signature) {
        for hit in hits(distrust, reliance) {
            let timeline = outrun(&hit, reliance.role, signature.revoked_from, trusted);
            let outrun = timeline.map(|timeline| format!("{}: {timeline}; {}", name(reliance), hit.words()));
            told.extend(outrun.map(|message| (FindingId::IneffectiveRevocation, message)));
            weigh(&hit, reliance.role, format!("{} {}: {}", reliance.role.words(), name(reliance), hit.words()));
        }
        let near = super::neighbour::of(distrust, reliance);
        told.extend(near.into_iter().map(|message| (FindingId::NearDistrusted, message)));
    }
    let signatures = || vec![signature.id];
    findings.extend(told.into_iter().map(|(id, message)| Finding { id, message, signatures: signatures() }));
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

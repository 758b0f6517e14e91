//! The signer of a CMS signature, judged: who it is, when it signed, and whether an accepted anchor vouches.
//!
//! What every format that signs with certificates has in common: Authenticode in its containers, NuGet,
//! kernel modules, gitsign. The format finds the [`SignerInfo`] and says what it covers; this makes the
//! checks and leaves the facts in the [`Signature`].

mod revocation;
mod strength;
mod time;

use crate::encoding::asn1::{Element, oid};
use crate::encoding::cms::{Signed, SignerInfo, verify_signer};
use crate::encoding::x509::Certificate;
use crate::evidence::{CheckId, Need, Outcome, Reason, Reliance, Signature};
use crate::finding::FindingId;
use crate::identity::{Assurance, Signer};
use crate::material::Material;
use crate::pki::anchor::Purpose;
use crate::pki::assurance;
use crate::pki::path::{Path, PathQuery, build_path};
use crate::pki::profile::{self, LeafRole};
use crate::time::Time;

use self::strength::Strengths;
use self::time::TimeOfSigning;

/// A signer and what it claims to have signed.
#[derive(Clone, Copy)]
pub struct Claimed<'a> {
    /// The signer.
    pub signer: &'a SignerInfo<'a>,
    /// What it covers.
    pub signed: Signed<'a>,
    /// The certificates that came with it.
    pub certificates: &'a [Certificate],
    /// The revocation lists that came with it, as found.
    pub crls: &'a [Element<'a>],
    /// What its certificate must be good for.
    pub purpose: Purpose,
}

/// What the judge of a signer works with.
#[derive(Clone, Copy)]
pub struct Bench<'a> {
    /// What the relying party brings.
    pub material: &'a Material,
    /// The instant that counts where no trusted time is proven.
    pub at: Time,
}

/// Things a reader should know about one signature.
pub type Notes = Vec<(FindingId, String)>;

/// Judges a signer: makes every check that the material allows, and fills in signer, time and chain.
pub fn judge(signature: &mut Signature, claimed: &Claimed<'_>, bench: &Bench<'_>) -> Notes {
    let mut notes = Notes::new();
    signature.time.claimed = claimed.signer.signed.as_ref().and_then(super::timestamp::signing_time);
    let Some(leaf) = find_certificate(claimed, bench.material) else {
        let detail = "no certificate of the signer is there: its signature value cannot be checked";
        signature.check(CheckId::Signature, Outcome::Fail(Reason::CertificateMissing), detail);
        return notes;
    };
    signature.signer = Signer::of_certificate(&leaf);
    notes.extend(leaf.leniencies().into_iter().map(|leniency| (FindingId::LenientEncoding, leniency.to_string())));
    let Some(strength) = check_mathematics(signature, claimed, &leaf) else { return notes };
    let info = revocation::at_hand(claimed, bench, &mut notes);
    let time = TimeOfSigning::establish(claimed, bench, &info);
    time.record(signature, &mut notes);
    let path = check_certificate(signature, claimed, bench, &leaf, time.instant(bench.at));
    signature.rests_on.splice(0..0, Reliance::of_path(&leaf, path.as_ref()));
    signature.assurance = match assurance::of_leaf(&leaf, path.as_ref()) {
        // Vouched for by its key alone: whatever the certificate says, nobody accepted checked it.
        Assurance::Unknown if path.is_none() && signature.passes(CheckId::Chain) => Assurance::KeyOnly,
        known => known,
    };
    if signature.assurance == Assurance::SelfSigned {
        notes.push((FindingId::SelfSigned, "the signer's certificate vouches for itself".to_owned()));
    }
    signature.key_protection =
        path.as_ref().map(|path| profile::key_protection(path, signature.assurance)).unwrap_or_default();
    note_profile(&mut notes, &leaf, path.as_ref());
    let instants = (time.trusted(), bench.at);
    let revocation = path.as_ref().map(|path| revocation::check(signature, &mut notes, path, &info, instants));
    check_lifetime(signature, &mut notes, &leaf, &time, bench.at);
    let relied_upon = time.weakness().filter(|_| !leaf.is_valid_at(bench.at));
    Strengths { own: strength, time: relied_upon, path: path.as_ref() }.check(signature, &mut notes, time.trusted());
    note_expiry(signature, &mut notes, &leaf, &time, bench.at);
    if let Some((path, status)) = path.as_ref().zip(revocation.as_ref()) {
        revocation::note_ghost(signature, &mut notes, path, status, bench.at);
    }
    notes
}

/// The signer's certificate: among those that came along, or one that the user accepts.
fn find_certificate(claimed: &Claimed<'_>, material: &Material) -> Option<Certificate> {
    let accepted = material.keys.iter().filter_map(|key| key.certificate.as_ref());
    claimed.certificates.iter().chain(accepted).find(|certificate| claimed.signer.sid.names(certificate)).cloned()
}

/// Message digest and signature value; the strength of a signature that holds or might.
fn check_mathematics(
    signature: &mut Signature,
    claimed: &Claimed<'_>,
    leaf: &Certificate,
) -> Option<Option<crate::crypto::Strength>> {
    let key = match leaf.public_key() {
        Ok(key) => key,
        Err(error) => {
            signature.check(CheckId::Signature, Outcome::Undecided(Need::Algorithm), error.to_string());
            return None;
        }
    };
    signature.signature_algorithm = claimed.signer.scheme().map(|scheme| scheme.describe(&key));
    let verification = verify_signer(claimed.signer, claimed.signed, &key);
    let strength = verification.strength;
    signature.checks.extend(verification.checks);
    Some(strength)
}

/// Who vouches for the certificate at an instant.
fn check_certificate(
    signature: &mut Signature,
    claimed: &Claimed<'_>,
    bench: &Bench<'_>,
    leaf: &Certificate,
    instant: Time,
) -> Option<Path> {
    if let Some(source) = accepted_as_key(leaf, bench.material) {
        signature.check(CheckId::Chain, Outcome::Pass, format!("its key is accepted: {source}"));
        check_own_validity(signature, leaf, instant);
        return None;
    }
    let anchors = &bench.material.anchors;
    let report = build_path(&PathQuery::new(leaf, claimed.certificates, anchors, claimed.purpose, instant));
    signature.checks.extend(report.checks());
    let path = report.leading().cloned();
    signature.chain = path.as_ref().map(Path::names).unwrap_or_default();
    path
}

/// Where the user's acceptance of this certificate's key comes from.
fn accepted_as_key<'a>(leaf: &Certificate, material: &'a Material) -> Option<&'a str> {
    let accepted = material.keys.iter().find(|accepted| accepted.key.spki() == leaf.spki());
    accepted.map(|accepted| accepted.source.as_str())
}

fn check_own_validity(signature: &mut Signature, leaf: &Certificate, instant: Time) {
    let detail = format!("certificate valid {} to {}, signed {instant}", leaf.not_before(), leaf.not_after());
    let outcome = match instant {
        instant if instant < leaf.not_before() => Outcome::Fail(Reason::NotYetValid),
        instant if instant > leaf.not_after() => Outcome::Fail(Reason::Expired),
        _ => Outcome::Pass,
    };
    signature.check(CheckId::Validity, outcome, detail);
}

/// What the certificate breaks of the public requirements, if these bind its issuer.
fn note_profile(notes: &mut Notes, leaf: &Certificate, path: Option<&Path>) {
    if path.is_some_and(profile::applies_to) {
        let breaches = profile::of_certificate(leaf, LeafRole::CodeSigning);
        notes.extend(breaches.iter().map(|breach| (breach.finding(), breach.to_string())));
    }
}

/// Under the lifetime-signing usage a signature ends with its certificate, timestamp or not (Microsoft;
/// CA/Browser Forum code-signing requirements §7.1.2.3).
fn check_lifetime(signature: &mut Signature, notes: &mut Notes, leaf: &Certificate, time: &TimeOfSigning, at: Time) {
    let usage = leaf.extended_key_usage().ok().flatten();
    if !usage.is_some_and(|usage| usage.contains(oid::LIFETIME_SIGNING)) {
        return;
    }
    let detail = format!("the certificate ends its signatures with its own validity, {}", leaf.not_after());
    notes.push((FindingId::LifetimeSigning, detail.clone()));
    if time.trusted().is_some() && at > leaf.not_after() {
        signature.check(CheckId::Validity, Outcome::Fail(Reason::LifetimeSigning), detail);
    }
}

fn note_expiry(signature: &Signature, notes: &mut Notes, leaf: &Certificate, time: &TimeOfSigning, at: Time) {
    if let Some(trusted) = time.trusted().filter(|_| at > leaf.not_after() && signature.passes(CheckId::Validity)) {
        let message = format!("signed {trusted}; the certificate has expired on {}", leaf.not_after());
        notes.push((FindingId::SignedWithinValidity, message));
    }
}

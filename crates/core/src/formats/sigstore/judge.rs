//! The ladder: every check on one attestation, in order, none skipped because another failed.

use super::bundle::{Apart, Attestation, Content, Defect, Verifier};
use super::chain::{self, Issuance};
use super::content::{self, Held};
use super::fulcio::{self, Extensions};
use super::log::{Expected, Logs};
use super::timestamps::{self, Proven};
use crate::crypto::{Digest, PublicKey, SignatureError};
use crate::encoding::dsse::{Envelope, EnvelopeSignature};
use crate::encoding::pem;
use crate::encoding::x509::Certificate;
use crate::evidence::{CheckId, Need, Outcome, Reason, Reliance, ReliedOn, Role, Signature};
use crate::formats::{Context, Found};
use crate::identity::{Assurance, Signer};
use crate::material::AcceptedKey;
use crate::provenance;
use crate::tlog::entry;
use crate::tlog::trusted_root::TrustedRoot;

/// Judges every signature of an attestation.
pub(super) fn attestation(
    found: &mut Found,
    attestation: &Attestation,
    blank: &dyn Fn() -> Signature,
    context: &Context<'_>,
) {
    match &attestation.verifier {
        Verifier::Certificates(chain) => by_certificate(found, attestation, 0, chain, blank(), context),
        Verifier::Key(hint) => {
            let detail = hint.as_ref().map_or_else(String::new, |hint| format!("key hint `{hint}`"));
            by_key(found, attestation, 0, blank(), context, &detail);
        }
        Verifier::Unsaid => unsaid(found, attestation, blank, context),
    }
}

/// Records that an attestation cannot be read.
pub(super) fn defect(found: &mut Found, defect: &Defect, mut signature: Signature) {
    signature.check(CheckId::Structure, defect.outcome, defect.detail.clone());
    found.signatures.push(signature);
}

/// An envelope by itself: any number of signatures, each with its own evidence, with its certificate or by a key of the
/// user.
fn unsaid(found: &mut Found, attestation: &Attestation, blank: &dyn Fn() -> Signature, context: &Context<'_>) {
    let Content::Envelope(envelope) = &attestation.content else { return };
    if envelope.signatures.is_empty() {
        let none = Defect::new(Reason::SignerCountWrong, "the envelope has no signature");
        return defect(found, &none, blank());
    }
    let many = envelope.signatures.len() > 1;
    for (index, one) in envelope.signatures.iter().enumerate().take(context.limits.signatures) {
        let mut signature = blank();
        if many {
            let number = index.saturating_add(1);
            let place = signature.position.map_or_else(String::new, |position| format!("{position}, "));
            signature.position = Some(format!("{place}signature {number} of {}", envelope.signatures.len()));
        }
        match attestation.apart(index) {
            Some(Ok(own)) => apart(found, own, envelope, attestation, signature, context),
            Some(Err(problem)) => defect(found, problem, signature),
            None => one_of_envelope(found, attestation, (index, one), signature, context),
        }
    }
    strangers(found, attestation, envelope.signatures.len(), context);
}

/// A signature that comes with nothing but perhaps a certificate.
fn one_of_envelope(
    found: &mut Found,
    attestation: &Attestation,
    (index, one): (usize, &EnvelopeSignature),
    signature: Signature,
    context: &Context<'_>,
) {
    match one.certificate.as_deref() {
        Some(text) => match pem::certificates(text.as_bytes()) {
            Ok(chain) => {
                let chain: Vec<_> = chain.iter().map(|certificate| certificate.der().to_vec()).collect();
                by_certificate(found, attestation, index, &chain, signature, context);
            }
            Err(error) => {
                defect(found, &Defect::new(Reason::Malformed, format!("certificate: {error}")), signature);
            }
        },
        None => {
            let detail = one.keyid.as_ref().map_or_else(String::new, |keyid| format!("key id `{keyid}`"));
            by_key(found, attestation, index, signature, context, &detail);
        }
    }
}

/// A signature that comes with its own evidence: an attestation by itself.
fn apart(
    found: &mut Found,
    own: &Apart,
    envelope: &Envelope,
    whole: &Attestation,
    mut signature: Signature,
    context: &Context<'_>,
) {
    if let Some(contradiction) = own.contradiction(envelope) {
        signature.check(CheckId::Consistency, Outcome::Fail(Reason::Contradiction), contradiction);
    }
    attestation(found, &own.over(envelope, whole.statement.as_ref()), &|| signature.clone(), context);
}

/// Where one of several signatures holds, the others are by keys that we do not know: that says nothing
/// against the envelope. The same if not all could be looked at. What came with its own certificate is by no stranger.
fn strangers(found: &mut Found, attestation: &Attestation, count: usize, context: &Context<'_>) {
    if count < 2 {
        return;
    }
    let start = found.signatures.len().saturating_sub(count.min(context.limits.signatures));
    let of_envelope = found.signatures.get_mut(start..).unwrap_or_default();
    let one_holds = of_envelope.iter().any(|signature| signature.passes(CheckId::Signature));
    let all_seen = count <= context.limits.signatures;
    if !one_holds && all_seen {
        return;
    }
    let need = if one_holds { Need::Key } else { Need::Limit };
    let unknown = of_envelope.iter_mut().enumerate().filter(|(index, _)| attestation.apart(*index).is_none());
    for check in unknown.flat_map(|(_, signature)| &mut signature.checks) {
        if check.id == CheckId::Signature && check.outcome == Outcome::Fail(Reason::SignatureMismatch) {
            check.outcome = Outcome::Undecided(need);
        }
    }
}

fn by_certificate(
    found: &mut Found,
    attestation: &Attestation,
    index: usize,
    chain: &[Vec<u8>],
    mut signature: Signature,
    context: &Context<'_>,
) {
    let (leaf, mut others) = match certificates(chain) {
        Ok(read) => read,
        Err(problem) => return defect(found, &problem, signature),
    };
    let extensions = Extensions::read(&leaf);
    signature.signer = fulcio::signer(&leaf, &extensions);
    signature.check(CheckId::Structure, Outcome::Pass, "well formed");
    check_root(&mut signature, &mut others, !attestation.is_first_version);
    let held = hold(&mut signature, attestation, index, leaf.public_key(), context);
    content::bind(&mut signature, attestation, held.as_ref(), context);
    let digest = held.as_ref().and_then(|held| held.digest);
    certified(&mut signature, &Certified { leaf: &leaf, others: &others, digest, index }, attestation, context);
    extensions.check(&mut signature);
    provenance::claims(found, attestation.statement.as_ref(), signature, &extensions.facts());
}

/// A signature by a certificate.
pub(in crate::formats) struct Certified<'a> {
    /// The certificate.
    pub(in crate::formats) leaf: &'a Certificate,
    /// What else came with it.
    pub(in crate::formats) others: &'a [Certificate],
    /// The digest that is signed, for a message signature that holds.
    pub(in crate::formats) digest: Option<Digest>,
    /// Which of the signatures of the attestation it is.
    pub(in crate::formats) index: usize,
}

/// Checks what proves when a certificate signed, who vouches for it, and what it says of its holder.
pub(in crate::formats) fn certified(
    signature: &mut Signature,
    by: &Certified<'_>,
    attestation: &Attestation,
    context: &Context<'_>,
) {
    let (leaf, others) = (by.leaf, by.others);
    let issuance = Issuance::find(leaf, others, &context.material.sigstore);
    let roots: Vec<&TrustedRoot> = match &issuance {
        Some(issuance) => vec![issuance.root],
        None => context.material.sigstore.iter().collect(),
    };
    let verifier = entry::Verifier::Certificate(leaf.der().to_vec());
    let times = transparency(signature, &Expected { verifier, digest: by.digest, attestation }, by.index, &roots);
    match &issuance {
        Some(issuance) => {
            require_log(signature, attestation, issuance.root);
            signature.assurance = fulcio::assurance(leaf, &Extensions::read(leaf));
            let issuer = issuance.check(signature, leaf, &times);
            chain::check_validity(signature, leaf, &times, context.at);
            if let Some(issuer) = issuer {
                chain::check_logged(signature, leaf, issuer, issuance.root);
            }
        }
        None => chain::check_anchored(signature, leaf, others, &times, context),
    }
}

/// The certificates of an attestation: at least the leaf.
fn certificates(chain: &[Vec<u8>]) -> Result<(Certificate, Vec<Certificate>), Defect> {
    let read = |der: &Vec<u8>| {
        Certificate::from_der(der).map_err(|error| Defect::new(Reason::Malformed, format!("certificate: {error}")))
    };
    let mut all = chain.iter().map(read).collect::<Result<Vec<_>, _>>()?.into_iter();
    let leaf = all.next().ok_or_else(|| Defect::new(Reason::CertificateMissing, "the chain has no certificate"))?;
    Ok((leaf, all.collect()))
}

/// A chain must not bring its root along (protobuf-specs, `X509CertificateChain`): a verifier that took it
/// for an anchor would believe anybody. It is never used here, `forbidden` or not.
fn check_root(signature: &mut Signature, others: &mut Vec<Certificate>, forbidden: bool) {
    let is_root = |one: &Certificate| {
        one.is_self_issued() && one.public_key().is_ok_and(|key| one.verify_signed_by(&key).is_ok())
    };
    if let Some(root) = others.iter().find(|one| forbidden && is_root(one)) {
        let detail = format!("the chain contains the root {}", root.subject());
        signature.check(CheckId::Consistency, Outcome::Fail(Reason::RootIncluded), detail);
    }
    others.retain(|one| !is_root(one));
}

/// Verifies the signature value under the key of the certificate, and records it.
fn hold(
    signature: &mut Signature,
    attestation: &Attestation,
    index: usize,
    key: Result<PublicKey, crate::crypto::KeyError>,
    context: &Context<'_>,
) -> Option<Held> {
    let key = match key {
        Ok(key) => key,
        Err(error) => {
            signature.check(CheckId::Signature, Outcome::Undecided(Need::Algorithm), error.to_string());
            return None;
        }
    };
    match content::verify(attestation, index, &key, context) {
        Ok(held) => {
            content::record(signature, &held, &key);
            Some(held)
        }
        Err(error) => {
            signature.check(CheckId::Signature, content::outcome(error), error.to_string());
            None
        }
    }
}

/// Timestamps and log entries; the instants that they prove, and the earliest of them as the trusted time.
fn transparency(
    signature: &mut Signature,
    expected: &Expected<'_>,
    index: usize,
    roots: &[&TrustedRoot],
) -> Vec<Proven> {
    let mut times = timestamps::verify(signature, expected.attestation, index, roots);
    let logs = Logs::verify(signature, expected, roots);
    times.extend(&logs.proven);
    logs.check_validity(signature, &times);
    if let Some(earliest) = times.iter().min_by_key(|proven| proven.time) {
        (signature.time.trusted, signature.time.source) = (Some(earliest.time), earliest.source);
    }
    times
}

/// An instance that has a log demands an entry.
fn require_log(signature: &mut Signature, attestation: &Attestation, root: &TrustedRoot) {
    if attestation.entries.is_empty() && !root.logs.is_empty() {
        let detail = "signatures of this instance are logged, and no entry is in the evidence";
        signature.check(CheckId::LogEntry, Outcome::Undecided(Need::LogEntry), detail);
    }
}

fn by_key(
    found: &mut Found,
    attestation: &Attestation,
    index: usize,
    mut signature: Signature,
    context: &Context<'_>,
    hint: &str,
) {
    let (outcome, detail) = content::structure(attestation, index);
    signature.check(CheckId::Structure, outcome, detail);
    let holds = |accepted: &'_ AcceptedKey| content::verify(attestation, index, &accepted.key, context);
    let results: Vec<_> = context.material.keys.iter().map(|accepted| (accepted, holds(accepted))).collect();
    let mut held = None;
    match results.iter().find_map(|(accepted, result)| Some((*accepted, result.as_ref().ok()?))) {
        Some((accepted, result)) => {
            content::record(&mut signature, result, &accepted.key);
            accept(&mut signature, accepted, context);
            held = Some((result, accepted));
        }
        None => {
            let (outcome, detail) = unheld(results.iter().filter_map(|(_, result)| result.as_ref().err()), hint);
            signature.check(CheckId::Signature, outcome, detail);
        }
    }
    content::bind(&mut signature, attestation, held.map(|(held, _)| held), context);
    if let Some((held, accepted)) = held {
        let expected =
            Expected { verifier: entry::Verifier::Key(accepted.key.spki().to_vec()), digest: held.digest, attestation };
        let roots: Vec<_> = context.material.sigstore.iter().collect();
        transparency(&mut signature, &expected, index, &roots);
    }
    provenance::claims(found, attestation.statement.as_ref(), signature, &provenance::CertificateFacts::default());
}

/// What it means that no key of the user verifies the signature.
fn unheld<'a>(errors: impl Iterator<Item = &'a SignatureError>, hint: &str) -> (Outcome, String) {
    let worst = errors.copied().max_by_key(|error| match error {
        SignatureError::Unsupported => 0,
        SignatureError::NeedsMessage => 1,
        SignatureError::Mismatch => 2,
    });
    match worst {
        None => (Outcome::Undecided(Need::Key), hint.to_owned()),
        Some(error) => (content::outcome(error), format!("under no key given: {error}; {hint}")),
    }
}

/// A key of the user vouches for itself.
fn accept(signature: &mut Signature, accepted: &AcceptedKey, context: &Context<'_>) {
    signature.assurance = Assurance::KeyOnly;
    let certificate = accepted.certificate.as_ref();
    let key = || ReliedOn::Key(accepted.key.spki().to_vec());
    let on = certificate.map_or_else(key, |certificate| ReliedOn::Certificate(certificate.clone()));
    signature.rests_on.push(Reliance { role: Role::Signer, on });
    signature.signer = Signer {
        name: certificate.map(|certificate| certificate.subject().to_string()),
        issuer: certificate.map(|certificate| certificate.issuer().to_string()),
        spki_sha256: Some(accepted.key.spki_sha256()),
        fingerprint: Some(accepted.key.spki_sha256().hex()),
        ..Signer::default()
    };
    signature.check(CheckId::Chain, Outcome::Pass, format!("key accepted from {}", accepted.source));
    let (outcome, detail) = match certificate {
        None => (Outcome::Pass, "a bare key has no validity of its own".to_owned()),
        Some(certificate) if certificate.is_valid_at(context.at) => (Outcome::Pass, "certificate valid".to_owned()),
        Some(certificate) if context.at < certificate.not_before() => {
            (Outcome::Fail(Reason::NotYetValid), certificate.not_before().to_string())
        }
        Some(certificate) => (Outcome::Fail(Reason::Expired), certificate.not_after().to_string()),
    };
    signature.check(CheckId::Validity, outcome, detail);
}

//! Whether a signature holds, and over what.

use super::bundle::{Attestation, Content};
use crate::artifact;
use crate::crypto::{
    self, Digest, DigestAlgorithm, Message, PublicKey, SignatureError, SignatureScheme, Strength, first_that_holds,
    schemes, verify_any_scheme,
};
use crate::encoding::dsse::Envelope;
use crate::encoding::ssh::{SshSignature, SshSignatureError};
use crate::evidence::{CheckId, Coverage, Need, Outcome, Reason, Signature, Subject};
use crate::formats::Context;
use crate::provenance::builders;

/// The namespace of SSH signatures over envelopes: gittuf, which alone makes them, signs under that of Git (`SSHSigNamespace`
/// in its `internal/signerverifier/ssh`). Git's own signatures are no danger: what they are over starts with the name of a
/// member of a commit or tag, never with `DSSEv1`.
const SSH_NAMESPACE: &str = "git";

/// What became of a signature value under a key.
pub(super) struct Held {
    /// How it was made.
    pub(super) scheme: SignatureScheme,
    /// What the result is worth.
    pub(super) strength: Strength,
    /// The digest of the message that it holds over, for a message signature.
    pub(super) digest: Option<Digest>,
}

/// Verifies signature `index` of an attestation under one key.
pub(super) fn verify(
    attestation: &Attestation,
    index: usize,
    key: &PublicKey,
    context: &Context<'_>,
) -> Result<Held, SignatureError> {
    match &attestation.content {
        Content::Message { digest, signature } => verify_message(*digest, signature, key, context),
        Content::Envelope(envelope) => {
            let signature = envelope.signatures.get(index).ok_or(SignatureError::Mismatch)?;
            if let Some(ssh) = ssh_signature(&signature.sig) {
                return verify_ssh(&ssh.map_err(|error| without(&error))?, envelope, key);
            }
            let may_sign_payload = builders::signs_payload(key.spki_sha256());
            let message = envelope.message(index, may_sign_payload).ok_or(SignatureError::Mismatch)?;
            let (scheme, strength) = verify_any_scheme(key, Message::Bytes(&message), &signature.sig)?;
            Ok(Held { scheme, strength, digest: None })
        }
    }
}

/// The signature value as one of SSH, if it says that it is one.
fn ssh_signature(value: &[u8]) -> Option<Result<SshSignature, SshSignatureError>> {
    SshSignature::is_one(value).then(|| SshSignature::read(value, SSH_NAMESPACE))
}

fn verify_ssh(signature: &SshSignature, envelope: &Envelope, key: &PublicKey) -> Result<Held, SignatureError> {
    // Of many keys all but one are out of the question, before as many copies of the payload are made.
    if !signature.is_by(key) {
        return Err(SignatureError::Mismatch);
    }
    let (scheme, strength) = signature.verify(key, &envelope.signed_bytes())?;
    Ok(Held { scheme, strength, digest: None })
}

/// What follows for the value from an SSH signature that cannot be read: it holds under no key.
const fn without(error: &SshSignatureError) -> SignatureError {
    match error {
        SshSignatureError::Unsupported(_) => SignatureError::Unsupported,
        SshSignatureError::Malformed(_) | SshSignatureError::OtherNamespace(_) => SignatureError::Mismatch,
    }
}

/// Whether signature `index` of an attestation is written as its kind demands.
pub(super) fn structure(attestation: &Attestation, index: usize) -> (Outcome, String) {
    let value = match &attestation.content {
        Content::Envelope(envelope) => envelope.signatures.get(index).map(|signature| signature.sig.as_slice()),
        Content::Message { .. } => None,
    };
    match value.and_then(ssh_signature) {
        None | Some(Ok(_)) => (Outcome::Pass, "well formed".to_owned()),
        Some(Err(error)) => {
            let outcome = match error {
                SshSignatureError::Malformed(_) => Outcome::Fail(Reason::Malformed),
                SshSignatureError::OtherNamespace(_) => Outcome::Fail(Reason::ContentTypeWrong),
                SshSignatureError::Unsupported(_) => Outcome::Undecided(Need::Algorithm),
            };
            (outcome, error.to_string())
        }
    }
}

/// A message signature is over the artifact. If it is not over this one, it is worth knowing whether it
/// holds over the digest that the bundle names: then it is about something else, else it is damaged.
fn verify_message(
    hint: Option<Digest>,
    signature: &[u8],
    key: &PublicKey,
    context: &Context<'_>,
) -> Result<Held, SignatureError> {
    let algorithm = hint.map_or(DigestAlgorithm::Sha256, |digest| digest.algorithm());
    let digests = [context.digests.get(&algorithm).copied(), hint];
    let mut error = SignatureError::NeedsMessage;
    for digest in digests.into_iter().flatten() {
        match verify_digest(&digest, signature, key) {
            Ok((scheme, strength)) => return Ok(Held { scheme, strength, digest: Some(digest) }),
            Err(found) => error = found,
        }
    }
    if error == SignatureError::NeedsMessage
        && let Some(bytes) = whole(context)
    {
        let (scheme, strength) = verify_any_scheme(key, Message::Bytes(&bytes), signature)?;
        return Ok(Held { scheme, strength, digest: context.digests.get(&algorithm).copied() });
    }
    Err(error)
}

fn verify_digest(
    digest: &Digest,
    signature: &[u8],
    key: &PublicKey,
) -> Result<(SignatureScheme, Strength), SignatureError> {
    let fits = |scheme: &SignatureScheme| scheme.digest().is_none_or(|algorithm| algorithm == digest.algorithm());
    first_that_holds(schemes(key.kind()).into_iter().filter(fits), |scheme| {
        crypto::verify(key, scheme, Message::Digest(digest), signature)
    })
}

/// The whole artifact, for algorithms that sign the message itself; only if it is small.
fn whole(context: &Context<'_>) -> Option<Vec<u8>> {
    let artifact::Content::File(source) = context.artifact.content else { return None };
    let length = usize::try_from(source.len().min(context.limits.memory_bytes.saturating_add(1))).ok()?;
    if source.len() > context.limits.memory_bytes {
        return None;
    }
    let mut bytes = vec![0; length];
    source.read_exact_at(0, &mut bytes).ok()?;
    // It must be what the digests were made of.
    let same = context.digests.iter().all(|(algorithm, digest)| Digest::of(*algorithm, &bytes) == *digest);
    same.then_some(bytes)
}

/// Records that the signature holds under a key.
pub(super) fn record(signature: &mut Signature, held: &Held, key: &PublicKey) {
    let described = held.scheme.describe(key);
    signature.digest_algorithm = held.scheme.digest();
    signature.check(CheckId::Signature, Outcome::Pass, format!("{described} under {}", key.spki_sha256()));
    signature.signature_algorithm = Some(described);
    if let Strength::Weak(weakness) = held.strength {
        signature.check(
            CheckId::Strength,
            Outcome::Fail(Reason::WeakAlgorithm),
            format!("verifies under a weak algorithm: {weakness}"),
        );
    }
}

/// What a failed verification says about a signature.
pub(super) const fn outcome(error: SignatureError) -> Outcome {
    match error {
        SignatureError::Mismatch => Outcome::Fail(Reason::SignatureMismatch),
        SignatureError::Unsupported => Outcome::Undecided(Need::Algorithm),
        SignatureError::NeedsMessage => Outcome::Undecided(Need::ArtifactBytes),
    }
}

/// Records what the signature is about: the digest of the artifact for a message signature, subjects for a
/// statement, else the payload itself.
pub(super) fn bind(signature: &mut Signature, attestation: &Attestation, held: Option<&Held>, context: &Context<'_>) {
    let size = context.artifact.size().unwrap_or(0);
    signature.coverage = Coverage { bytes: size, of: size, uncovered: Vec::new() };
    match (&attestation.content, &attestation.statement) {
        (Content::Message { digest, .. }, _) => bind_message(signature, *digest, held, context),
        (Content::Envelope(_), Some(Ok(statement))) => {
            if !super::model::check(signature, statement, context) {
                signature.subjects = Some(statement.subjects.clone());
            }
        }
        (Content::Envelope(_), Some(Err(error))) => {
            signature.check(CheckId::Structure, statement_outcome(error), error.to_string());
            signature.subjects = Some(Vec::new());
        }
        (Content::Envelope(envelope), None) => {
            let name = format!("payload of type {}", envelope.payload_type);
            let digests = context.digests.keys().map(|algorithm| Digest::of(*algorithm, &envelope.payload)).collect();
            signature.subjects = Some(vec![Subject { name, digests, commit: None, references: Vec::new() }]);
        }
    }
}

fn statement_outcome(error: &crate::encoding::statement::StatementError) -> Outcome {
    match error {
        crate::encoding::statement::StatementError::Json(error) if error.is_limit() => Outcome::Undecided(Need::Limit),
        _ => Outcome::Fail(Reason::Malformed),
    }
}

fn bind_message(signature: &mut Signature, hint: Option<Digest>, held: Option<&Held>, context: &Context<'_>) {
    let over = held.and_then(|held| held.digest);
    let algorithm = hint.or(over).map_or(DigestAlgorithm::Sha256, |digest| digest.algorithm());
    let (outcome, detail) = match (context.digests.get(&algorithm), over, hint) {
        (None, ..) => (Outcome::Undecided(context.lacking), format!("no {algorithm} digest of the artifact")),
        (Some(ours), _, Some(named)) if *ours != named => {
            (Outcome::Fail(Reason::DigestMismatch), format!("the bundle names {named}, the artifact has {ours}"))
        }
        (Some(ours), Some(signed), _) if *ours != signed => {
            (Outcome::Fail(Reason::DigestMismatch), format!("signed is {signed}, the artifact has {ours}"))
        }
        (Some(ours), ..) => (Outcome::Pass, ours.to_string()),
    };
    signature.check(CheckId::Digest, outcome, detail);
}

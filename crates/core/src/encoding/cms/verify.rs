//! The checks on one signer that need no more than a key (RFC 5652 §5.4, §5.6).

use super::{Attributes, SignerInfo};
use crate::crypto::{self, Digest, DigestAlgorithm, Message, PublicKey, SignatureError, Strength};
use crate::encoding::asn1::{Reader, Rules, oid};
use crate::encoding::hex;
use crate::evidence::{Check, CheckId, Need, Outcome, Reason};

/// What a signer claims to have signed.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// The content type that the signed attributes must repeat; `None` for a counter-signature, which
    /// covers a signature value and need not name a type.
    pub content_type: Option<&'a [u8]>,
    /// The content, or its digest by the signer's algorithm.
    pub content: Message<'a>,
}

/// How verifying one signer went.
#[derive(Clone, Debug)]
pub struct Verification {
    /// The checks made: structure only where it is at fault, message digest where there are attributes,
    /// signature always.
    pub checks: Vec<Check>,
    /// How much the signature is worth, if it holds.
    pub strength: Option<Strength>,
}

impl Verification {
    /// Whether every check passed.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.strength.is_some() && self.checks.iter().all(|check| check.outcome == Outcome::Pass)
    }

    /// The detail of the first check that did not pass.
    #[must_use]
    pub fn problem(&self) -> Option<&Check> {
        self.checks.iter().find(|check| check.outcome != Outcome::Pass)
    }

    fn add(&mut self, id: CheckId, outcome: Outcome, detail: impl Into<String>) {
        self.checks.push(Check { id, outcome, detail: detail.into() });
    }
}

/// Verifies that `signer` signed `signed` with `key`.
#[must_use]
pub fn verify_signer(signer: &SignerInfo<'_>, signed: Signed<'_>, key: &PublicKey) -> Verification {
    let mut verification = Verification { checks: Vec::new(), strength: None };
    let Some(digest) = signer.digest() else {
        let name = oid::dotted(signer.digest_algorithm).unwrap_or_else(|| hex::encode(signer.digest_algorithm));
        verification.add(CheckId::Signature, Outcome::Undecided(Need::Algorithm), format!("digest algorithm {name}"));
        return verification;
    };
    match &signer.signed {
        Some(attributes) => {
            check_content_type(&mut verification, attributes, signed.content_type);
            check_message_digest(&mut verification, attributes, digest, signed.content);
            check_signature(&mut verification, signer, digest, Message::Bytes(&attributes.signed_bytes()), key);
        }
        None => {
            check_attributes_may_be_absent(&mut verification, signed.content_type);
            check_signature(&mut verification, signer, digest, signed.content, key);
        }
    }
    verification
}

/// Without signed attributes the content itself is signed, which RFC 5652 §5.3 permits for `data` alone:
/// otherwise attributes could be passed off as a content of another type.
fn check_attributes_may_be_absent(verification: &mut Verification, content_type: Option<&[u8]>) {
    if content_type.is_some_and(|kind| kind != oid::DATA) {
        let outcome = Outcome::Fail(Reason::Malformed);
        verification.add(CheckId::Structure, outcome, "no signed attributes although the content is not `data`");
    }
}

fn check_content_type(verification: &mut Verification, attributes: &Attributes<'_>, expected: Option<&[u8]>) {
    let named = attributes.single(oid::CONTENT_TYPE).map(|value| value.content);
    let holds = match expected {
        Some(expected) => named == Some(expected),
        None => attributes.of(oid::CONTENT_TYPE).next().is_none() || named == Some(oid::DATA),
    };
    if !holds {
        let named = named.and_then(oid::dotted).unwrap_or_else(|| "no single type".to_owned());
        let detail = format!("the signed attributes name {named} as content type");
        verification.add(CheckId::Structure, Outcome::Fail(Reason::ContentTypeWrong), detail);
    }
}

fn check_message_digest(
    verification: &mut Verification,
    attributes: &Attributes<'_>,
    algorithm: DigestAlgorithm,
    content: Message<'_>,
) {
    let found = attributes.single(oid::MESSAGE_DIGEST).map(|value| value.content);
    let actual = match content {
        Message::Bytes(bytes) => Digest::of(algorithm, bytes),
        Message::Digest(digest) => *digest,
    };
    let (outcome, detail) = match found {
        None => (Outcome::Fail(Reason::Malformed), "the signed attributes carry no single messageDigest".to_owned()),
        Some(value) if actual.algorithm() == algorithm && value == actual.as_bytes() => {
            (Outcome::Pass, actual.to_string())
        }
        Some(value) => {
            let detail = format!("signed {algorithm}:{}, content {actual}", hex::encode(value));
            (Outcome::Fail(Reason::MessageDigestMismatch), detail)
        }
    };
    verification.add(CheckId::MessageDigest, outcome, detail);
}

fn check_signature(
    verification: &mut Verification,
    signer: &SignerInfo<'_>,
    digest: DigestAlgorithm,
    message: Message<'_>,
    key: &PublicKey,
) {
    let Some(scheme) = signer.scheme() else {
        let detail = format!("signature algorithm {}", algorithm_name(signer.signature_algorithm));
        return verification.add(CheckId::Signature, Outcome::Undecided(Need::Algorithm), detail);
    };
    if let Some(other) = scheme.digest().filter(|other| *other != digest) {
        let detail = format!("the signer digests with {digest}, its signature algorithm with {other}");
        verification.add(CheckId::Structure, Outcome::Fail(Reason::Contradiction), detail);
    }
    let (outcome, detail) = match crypto::verify(key, scheme, message, &signer.signature) {
        Ok(strength) => {
            verification.strength = Some(strength);
            (Outcome::Pass, scheme.describe(key))
        }
        Err(error) => (unverified(error), format!("{}: {error}", scheme.describe(key))),
    };
    verification.add(CheckId::Signature, outcome, detail);
}

const fn unverified(error: SignatureError) -> Outcome {
    match error {
        SignatureError::Mismatch => Outcome::Fail(Reason::SignatureMismatch),
        SignatureError::Unsupported => Outcome::Undecided(Need::Algorithm),
        SignatureError::NeedsMessage => Outcome::Undecided(Need::ArtifactBytes),
    }
}

/// The dotted name of an `AlgorithmIdentifier`'s algorithm.
fn algorithm_name(der: &[u8]) -> String {
    let name = Reader::new(der, Rules::Ber).sequence().and_then(|mut fields| fields.oid()).ok();
    name.and_then(oid::dotted).unwrap_or_else(|| hex::encode(der))
}

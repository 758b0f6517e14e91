//! Signatures as `ssh-keygen -Y sign` makes them (SSHSIG).

use std::fmt;

use super::{CURVES, ED25519, Fields, MAX_BLOB, RSA, public_key};
use crate::crypto::{
    self, Curve, Digest, DigestAlgorithm, KeyError, KeyKind, Message, PublicKey, SignatureError, SignatureScheme,
    Strength,
};
use crate::encoding::asn1::{encode_sequence, encode_unsigned};
use crate::encoding::pem;

/// What a signature starts with, and what is signed.
const MAGIC: &[u8] = b"SSHSIG";

/// The only version that is defined.
const VERSION: u32 = 1;

const LABEL: &str = "SSH SIGNATURE";
const BEGIN: &[u8] = b"-----BEGIN SSH SIGNATURE-----";

/// Largest text around a signature, in bytes: base64 makes four of three, and lines end.
const MAX_ARMOUR: usize = 2 * MAX_BLOB;

/// Characters of a name that an error shows; namespaces are a word or an address.
const SHOWN: usize = 100;

/// A signature over the digest of a message, for one purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshSignature {
    /// The key that it names. Nobody vouches for it: it counts only as far as it is one that is accepted.
    key: PublicKey,
    namespace: String,
    digest: DigestAlgorithm,
    scheme: SignatureScheme,
    /// The signature value as [`crypto::verify`] takes it.
    value: Vec<u8>,
}

/// Why bytes are no signature that can be verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SshSignatureError {
    /// They do not follow the format, for this reason.
    Malformed(&'static str),
    /// It was made for another purpose, named here.
    OtherNamespace(String),
    /// Its algorithm, named here, is not one we verify.
    Unsupported(String),
}

impl fmt::Display for SshSignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(why) => write!(f, "SSH signature: {why}"),
            Self::OtherNamespace(name) => write!(f, "SSH signature: made for the namespace `{name}`"),
            Self::Unsupported(name) => write!(f, "SSH signature: keys of the algorithm `{name}` are not supported"),
        }
    }
}

impl std::error::Error for SshSignatureError {}

impl SshSignature {
    /// Whether bytes start as such a signature does, as text or binary.
    #[must_use]
    pub fn is_one(bytes: &[u8]) -> bool {
        bytes.starts_with(BEGIN) || bytes.starts_with(MAGIC)
    }

    /// Reads a signature, as text or binary, that must have been made for this namespace: for whatever else the same key
    /// signs, the signer meant something else.
    ///
    /// # Errors
    /// [`SshSignatureError`]
    pub fn read(bytes: &[u8], namespace: &str) -> Result<Self, SshSignatureError> {
        if bytes.starts_with(MAGIC) {
            return Self::from_blob(bytes, namespace);
        }
        let broken = || SshSignatureError::Malformed("its text is not one block of base64");
        let text = Some(bytes).filter(|bytes| bytes.len() <= MAX_ARMOUR).ok_or_else(broken)?;
        let blocks = pem::blocks(text).map_err(|_| broken())?;
        match blocks.as_slice() {
            [block] if block.label == LABEL => Self::from_blob(&block.der, namespace),
            _ => Err(broken()),
        }
    }

    fn from_blob(blob: &[u8], namespace: &str) -> Result<Self, SshSignatureError> {
        let parts = Some(blob).filter(|blob| blob.len() <= MAX_BLOB).and_then(Parts::read);
        let parts = parts.ok_or(SshSignatureError::Malformed("not the fields of version 1"))?;
        if parts.namespace != namespace.as_bytes() {
            return Err(SshSignatureError::OtherNamespace(shown(parts.namespace)));
        }
        // OpenSSH signs an empty field whatever stands here, so that nobody signed what else does.
        if !parts.reserved.is_empty() {
            return Err(SshSignatureError::Malformed("the reserved field is not empty"));
        }
        let digest = match parts.digest {
            b"sha256" => DigestAlgorithm::Sha256,
            b"sha512" => DigestAlgorithm::Sha512,
            _ => return Err(SshSignatureError::Malformed("the digest of the message is neither SHA-256 nor SHA-512")),
        };
        let key = key(parts.key)?;
        let (scheme, value) = value(parts.value, key.kind())?;
        Ok(Self { key, namespace: namespace.to_owned(), digest, scheme, value })
    }

    /// The key that the signature names.
    #[must_use]
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Whether it names this key.
    #[must_use]
    pub fn is_by(&self, key: &PublicKey) -> bool {
        (key.kind(), key.key_bits()) == (self.key.kind(), self.key.key_bits())
    }

    /// Verifies it over a message, under a key that somebody vouches for.
    ///
    /// # Errors
    /// See [`SignatureError`]; [`SignatureError::Mismatch`] under any key but the one that it names.
    pub fn verify(&self, key: &PublicKey, message: &[u8]) -> Result<(SignatureScheme, Strength), SignatureError> {
        if !self.is_by(key) {
            return Err(SignatureError::Mismatch);
        }
        let strength = crypto::verify(key, self.scheme, Message::Bytes(&self.signed_bytes(message)), &self.value)?;
        Ok((self.scheme, strength))
    }

    /// What is signed in place of a message.
    fn signed_bytes(&self, message: &[u8]) -> Vec<u8> {
        let digest = Digest::of(self.digest, message);
        let fields = [self.namespace.as_bytes(), &[], self.digest.name().as_bytes(), digest.as_bytes()];
        let mut signed = MAGIC.to_vec();
        for field in fields {
            // Each is shorter than a signature may be.
            signed.extend(u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
            signed.extend(field);
        }
        signed
    }
}

/// The fields of a signature, as found.
struct Parts<'a> {
    key: &'a [u8],
    namespace: &'a [u8],
    reserved: &'a [u8],
    digest: &'a [u8],
    value: &'a [u8],
}

impl<'a> Parts<'a> {
    fn read(blob: &'a [u8]) -> Option<Self> {
        let mut fields = Fields(blob.strip_prefix(MAGIC)?);
        if fields.number()? != VERSION {
            return None;
        }
        let (key, namespace, reserved) = (fields.string()?, fields.string()?, fields.string()?);
        let (digest, value) = (fields.string()?, fields.string()?);
        fields.end()?;
        Some(Self { key, namespace, reserved, digest, value })
    }
}

fn key(blob: &[u8]) -> Result<PublicKey, SshSignatureError> {
    public_key(blob).map(|(_, key)| key).map_err(|error| match error {
        KeyError::Malformed => SshSignatureError::Malformed("the key in it cannot be read"),
        KeyError::Unsupported => SshSignatureError::Unsupported(shown(Fields(blob).string().unwrap_or_default())),
    })
}

/// How a key of this kind signed, and the value in the form in which X.509 carries it.
fn value(blob: &[u8], kind: KeyKind) -> Result<(SignatureScheme, Vec<u8>), SshSignatureError> {
    let malformed = || SshSignatureError::Malformed("the signature value cannot be read");
    let mut fields = Fields(blob);
    let (name, value) = fields.string().zip(fields.string()).ok_or_else(malformed)?;
    fields.end().ok_or_else(malformed)?;
    let scheme = scheme(name, kind)?;
    let value = match scheme {
        SignatureScheme::Ecdsa(_) => ecdsa(value).ok_or_else(malformed)?,
        _ => value.to_vec(),
    };
    Ok((scheme, value))
}

/// The scheme of a name, which must be one of those for the kind of key.
fn scheme(name: &[u8], kind: KeyKind) -> Result<SignatureScheme, SshSignatureError> {
    let is = |known: &str| name == known.as_bytes();
    match kind {
        KeyKind::Ed25519 if is(ED25519) => Ok(SignatureScheme::Ed25519),
        KeyKind::Rsa { .. } if is("rsa-sha2-256") => Ok(SignatureScheme::RsaPkcs1(DigestAlgorithm::Sha256)),
        KeyKind::Rsa { .. } if is("rsa-sha2-512") => Ok(SignatureScheme::RsaPkcs1(DigestAlgorithm::Sha512)),
        // The name of the key as that of a signature is RSA with SHA-1.
        KeyKind::Rsa { .. } if is(RSA) => Err(SshSignatureError::Malformed("the format forbids RSA with SHA-1")),
        KeyKind::Ec(curve) if CURVES.iter().any(|(known, _, of)| is(known) && *of == curve) => {
            Ok(SignatureScheme::Ecdsa(digest_for(curve)))
        }
        _ => Err(SshSignatureError::Malformed("its algorithm is not one of the key's")),
    }
}

/// The digest that goes with a curve (RFC 5656 §6.2.1).
const fn digest_for(curve: Curve) -> DigestAlgorithm {
    match curve {
        Curve::P256 | Curve::P256K1 => DigestAlgorithm::Sha256,
        Curve::P384 => DigestAlgorithm::Sha384,
        Curve::P521 => DigestAlgorithm::Sha512,
    }
}

/// The two numbers of a signature (RFC 5656 §3.1.2) as an `ECDSA-Sig-Value` (RFC 3279 §2.2.3).
fn ecdsa(blob: &[u8]) -> Option<Vec<u8>> {
    let mut fields = Fields(blob);
    let (r, s) = (fields.unsigned()?, fields.unsigned()?);
    fields.end()?;
    Some(encode_sequence(&[encode_unsigned(r), encode_unsigned(s)]))
}

/// A name from a file, of which only so much is shown as a reader can take in.
fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).chars().take(SHOWN).collect()
}

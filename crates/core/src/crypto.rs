//! The one place that names a cryptographic library.
//!
//! Digests and signature verification; signatures are made with a key that the caller brings, and only such that need
//! no randomness. No keys are made here and nothing is encrypted. Modern algorithms come from `aws-lc-rs`; MD5, SHA-1
//! (with collision detection) and deterministic ECDSA from RustCrypto; what no safe library offers any more (DSA, RSA
//! of odd sizes or with MD5) from `legacy`, whose best result is [`Strength::Weak`].

mod legacy;
mod signing;
mod spki;
mod unnamed;

#[cfg(any(test, feature = "minting"))]
pub(crate) use self::legacy::expected_block;

pub use self::signing::SigningKey;
pub use self::spki::encode_spki;

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::signature::{self as lc, UnparsedPublicKey, VerificationAlgorithm};
use aws_lc_rs::{digest as lc_digest, error::Unspecified};
use md5::Digest as _;

use crate::encoding::asn1::{self, Reader, Rules, oid};
use crate::encoding::hex;

pub(crate) use unnamed::{first_that_holds, schemes, verify_any_scheme};

/// The digest algorithms that occur in signatures we read, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DigestAlgorithm {
    /// MD5 (RFC 1321): collisions are practical.
    Md5,
    /// SHA-1 (FIPS 180-4): collisions are practical.
    Sha1,
    /// SHA-256 (FIPS 180-4).
    Sha256,
    /// SHA-384 (FIPS 180-4).
    Sha384,
    /// SHA-512 (FIPS 180-4).
    Sha512,
}

impl DigestAlgorithm {
    /// Every algorithm, weakest first.
    pub const ALL: [Self; 5] = [Self::Md5, Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512];

    /// The name as in-toto and our JSON write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    /// Length of the digest in bytes.
    #[must_use]
    pub const fn length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// Whether two inputs with one digest can be made in practice.
    #[must_use]
    pub const fn is_broken(self) -> bool {
        matches!(self, Self::Md5 | Self::Sha1)
    }

    /// The content bytes of its DER object identifier.
    #[must_use]
    pub const fn oid(self) -> &'static [u8] {
        match self {
            Self::Md5 => oid::MD5,
            Self::Sha1 => oid::SHA1,
            Self::Sha256 => oid::SHA256,
            Self::Sha384 => oid::SHA384,
            Self::Sha512 => oid::SHA512,
        }
    }

    /// The algorithm of a DER object identifier's content bytes.
    #[must_use]
    pub fn from_oid(content: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.oid() == content)
    }

    fn lc(self) -> Option<&'static lc_digest::Algorithm> {
        Some(match self {
            Self::Md5 => return None,
            Self::Sha1 => &lc_digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &lc_digest::SHA256,
            Self::Sha384 => &lc_digest::SHA384,
            Self::Sha512 => &lc_digest::SHA512,
        })
    }
}

impl fmt::Display for DigestAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The value of a digest with its algorithm.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest {
    algorithm: DigestAlgorithm,
    bytes: [u8; 64],
}

/// A text that is no `algorithm:hex` digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadDigest(String);

impl Digest {
    /// A digest value computed elsewhere, or `None` if its length does not fit the algorithm.
    #[must_use]
    pub fn new(algorithm: DigestAlgorithm, value: &[u8]) -> Option<Self> {
        if value.len() != algorithm.length() {
            return None;
        }
        let mut bytes = [0; 64];
        bytes.get_mut(..value.len())?.copy_from_slice(value);
        Some(Self { algorithm, bytes })
    }

    /// The digest of `bytes`.
    #[must_use]
    pub fn of(algorithm: DigestAlgorithm, bytes: &[u8]) -> Self {
        let mut hasher = Hasher::new(algorithm);
        hasher.update(bytes);
        hasher.finish()
    }

    /// The algorithm that made it.
    #[must_use]
    pub const fn algorithm(&self) -> DigestAlgorithm {
        self.algorithm
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.algorithm.length()).unwrap_or(&self.bytes)
    }

    /// Its bytes in lower-case hexadecimal.
    #[must_use]
    pub fn hex(&self) -> String {
        hex::encode(self.as_bytes())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm, self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = BadDigest;

    fn from_str(text: &str) -> Result<Self, BadDigest> {
        let bad = || BadDigest(text.to_owned());
        let (name, value) = text.split_once(':').ok_or_else(bad)?;
        let algorithm = DigestAlgorithm::ALL.into_iter().find(|a| a.name() == name).ok_or_else(bad)?;
        let bytes = hex::decode(value).ok_or_else(bad)?;
        Self::new(algorithm, &bytes).ok_or_else(bad)
    }
}

impl serde::Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for BadDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no digest: expected ALGORITHM:HEX with sha256, sha384, sha512, sha1 or md5", self.0)
    }
}

impl std::error::Error for BadDigest {}

/// A digest being computed.
pub struct Hasher {
    algorithm: DigestAlgorithm,
    state: HasherState,
}

// SHA-1 is computed with collision detection, so that a crafted pair of files is not taken for one.
enum HasherState {
    Md5(Box<md5::Md5>),
    Sha1(Box<sha1_checked::Sha1>),
    Lc(Box<lc_digest::Context>),
}

impl Hasher {
    /// Starts a digest.
    #[must_use]
    pub fn new(algorithm: DigestAlgorithm) -> Self {
        let state = match algorithm {
            DigestAlgorithm::Md5 => HasherState::Md5(Box::default()),
            DigestAlgorithm::Sha1 => HasherState::Sha1(Box::default()),
            DigestAlgorithm::Sha256 => HasherState::Lc(Box::new(lc_digest::Context::new(&lc_digest::SHA256))),
            DigestAlgorithm::Sha384 => HasherState::Lc(Box::new(lc_digest::Context::new(&lc_digest::SHA384))),
            DigestAlgorithm::Sha512 => HasherState::Lc(Box::new(lc_digest::Context::new(&lc_digest::SHA512))),
        };
        Self { algorithm, state }
    }

    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.state {
            HasherState::Md5(hasher) => hasher.update(bytes),
            HasherState::Sha1(hasher) => sha1_checked::Digest::update(hasher.as_mut(), bytes),
            HasherState::Lc(context) => context.update(bytes),
        }
    }

    /// Ends the digest.
    #[must_use]
    pub fn finish(self) -> Digest {
        let mut bytes = [0; 64];
        let mut fill = |value: &[u8]| {
            if let Some(slot) = bytes.get_mut(..value.len()) {
                slot.copy_from_slice(value);
            }
        };
        match self.state {
            HasherState::Md5(hasher) => fill(&hasher.finalize()),
            HasherState::Sha1(hasher) => fill(hasher.try_finalize().hash()),
            HasherState::Lc(context) => fill(context.finish().as_ref()),
        }
        Digest { algorithm: self.algorithm, bytes }
    }
}

/// The elliptic curves that occur in signatures we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Curve {
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
    /// secp256k1.
    P256K1,
}

impl Curve {
    const fn name(self) -> &'static str {
        match self {
            Self::P256 => "p256",
            Self::P384 => "p384",
            Self::P521 => "p521",
            Self::P256K1 => "secp256k1",
        }
    }

    /// The content bytes of its DER object identifier.
    const fn oid(self) -> &'static [u8] {
        match self {
            Self::P256 => oid::P256,
            Self::P384 => oid::P384,
            Self::P521 => oid::P521,
            Self::P256K1 => oid::P256K1,
        }
    }

    /// Length of one coordinate in bytes.
    const fn length(self) -> usize {
        match self {
            Self::P256 | Self::P256K1 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// What a public key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA with this many bits of modulus.
    Rsa {
        /// Bits of the modulus.
        bits: usize,
    },
    /// An elliptic curve named by object identifier. Explicit parameters are refused (CVE-2020-0601).
    Ec(Curve),
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// DSA (FIPS 186-4), verified by the legacy module only.
    Dsa,
    /// ML-DSA (FIPS 204) of this parameter set: 44, 65 or 87.
    MlDsa(u8),
}

/// A public key as a DER `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    spki: Vec<u8>,
    key: Vec<u8>,
    kind: KeyKind,
}

/// Why a public key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// It is no `SubjectPublicKeyInfo`, or its parts contradict each other.
    Malformed,
    /// Its algorithm or curve is not one we verify; explicit curve parameters are among these.
    Unsupported,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "malformed public key",
            Self::Unsupported => "public key of an algorithm or curve that is not supported",
        })
    }
}

impl std::error::Error for KeyError {}

impl PublicKey {
    /// Reads a DER `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] if it is none, [`KeyError::Unsupported`] for other algorithms.
    pub fn from_spki(spki: &[u8]) -> Result<Self, KeyError> {
        let malformed = |_: asn1::Error| KeyError::Malformed;
        let mut outer = Reader::new(spki, Rules::Der);
        let mut fields = outer.sequence().map_err(malformed)?;
        outer.finish().map_err(malformed)?;
        let mut algorithm = fields.sequence().map_err(malformed)?;
        let name = algorithm.oid().map_err(malformed)?;
        let key = fields.bit_string().map_err(malformed)?.to_vec();
        let kind = match name {
            oid::RSA_ENCRYPTION | oid::RSA_PSS => KeyKind::Rsa { bits: rsa_bits(&key)? },
            oid::EC_PUBLIC_KEY => KeyKind::Ec(named_curve(&mut algorithm)?),
            oid::ED25519 => KeyKind::Ed25519,
            oid::DSA => KeyKind::Dsa,
            oid::ML_DSA_44 => KeyKind::MlDsa(44),
            oid::ML_DSA_65 => KeyKind::MlDsa(65),
            oid::ML_DSA_87 => KeyKind::MlDsa(87),
            _ => return Err(KeyError::Unsupported),
        };
        Ok(Self { spki: spki.to_vec(), key, kind })
    }

    /// The whole `SubjectPublicKeyInfo`, as found.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// The content of its `subjectPublicKey` bit string (what RFC 5280 key identifiers hash).
    #[must_use]
    pub fn key_bits(&self) -> &[u8] {
        &self.key
    }

    /// What kind of key it is.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// SHA-256 of the `SubjectPublicKeyInfo`: the name of the key itself, whoever certifies it.
    #[must_use]
    pub fn spki_sha256(&self) -> Digest {
        Digest::of(DigestAlgorithm::Sha256, &self.spki)
    }
}

fn rsa_bits(key: &[u8]) -> Result<usize, KeyError> {
    let malformed = |_: asn1::Error| KeyError::Malformed;
    let mut outer = Reader::new(key, Rules::Der);
    let mut fields = outer.sequence().map_err(malformed)?;
    let modulus = fields.unsigned().map_err(malformed)?;
    if modulus.is_empty() { Err(KeyError::Malformed) } else { Ok(bit_length(modulus)) }
}

/// Bits of a number from its first octets on, which are no zeros.
pub(crate) fn bit_length(number: &[u8]) -> usize {
    let leading = number.first().map_or(0, |byte| byte.leading_zeros());
    number.len().saturating_mul(8).saturating_sub(usize::try_from(leading).unwrap_or(0))
}

fn named_curve(algorithm: &mut Reader<'_>) -> Result<Curve, KeyError> {
    match algorithm.oid() {
        Ok(oid::P256) => Ok(Curve::P256),
        Ok(oid::P384) => Ok(Curve::P384),
        Ok(oid::P521) => Ok(Curve::P521),
        Ok(oid::P256K1) => Ok(Curve::P256K1),
        // Anything but a named curve, explicit parameters above all: CVE-2020-0601.
        Ok(_) | Err(_) => Err(KeyError::Unsupported),
    }
}

/// How a signature was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureScheme {
    /// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2).
    RsaPkcs1(DigestAlgorithm),
    /// RSASSA-PSS (RFC 8017 §8.1) with MGF1 over the same digest and a salt of the digest's length.
    RsaPss(DigestAlgorithm),
    /// ECDSA with a DER signature (RFC 3279 §2.2.3).
    Ecdsa(DigestAlgorithm),
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// DSA (RFC 3279 §2.2.2).
    Dsa(DigestAlgorithm),
    /// ML-DSA (FIPS 204) with an empty context.
    MlDsa,
}

impl SignatureScheme {
    /// The digest that the scheme signs, if it signs one.
    #[must_use]
    pub const fn digest(self) -> Option<DigestAlgorithm> {
        match self {
            Self::RsaPkcs1(d) | Self::RsaPss(d) | Self::Ecdsa(d) | Self::Dsa(d) => Some(d),
            Self::Ed25519 | Self::MlDsa => None,
        }
    }

    /// The scheme that a bare key with this digest uses when nothing else is said: PKCS #1 v1.5 for RSA.
    #[must_use]
    pub const fn usual_for(kind: KeyKind, digest: DigestAlgorithm) -> Self {
        match kind {
            KeyKind::Rsa { .. } => Self::RsaPkcs1(digest),
            KeyKind::Ec(_) => Self::Ecdsa(digest),
            KeyKind::Ed25519 => Self::Ed25519,
            KeyKind::Dsa => Self::Dsa(digest),
            KeyKind::MlDsa(_) => Self::MlDsa,
        }
    }

    /// The scheme of an `AlgorithmIdentifier` (RFC 3279, 4055, 5758, 8410), or `None` if not supported.
    ///
    /// `digest` is what CMS says beside it, for identifiers that name a key type alone (`rsaEncryption`).
    #[must_use]
    pub fn from_algorithm_identifier(der: &[u8], digest: Option<DigestAlgorithm>) -> Option<Self> {
        let mut fields = Reader::new(der, Rules::Ber).sequence().ok()?;
        let name = fields.oid().ok()?;
        Some(match name {
            oid::RSA_ENCRYPTION => Self::RsaPkcs1(digest?),
            oid::MD5_WITH_RSA => Self::RsaPkcs1(DigestAlgorithm::Md5),
            oid::SHA1_WITH_RSA | oid::SHA1_WITH_RSA_OIW => Self::RsaPkcs1(DigestAlgorithm::Sha1),
            oid::SHA256_WITH_RSA => Self::RsaPkcs1(DigestAlgorithm::Sha256),
            oid::SHA384_WITH_RSA => Self::RsaPkcs1(DigestAlgorithm::Sha384),
            oid::SHA512_WITH_RSA => Self::RsaPkcs1(DigestAlgorithm::Sha512),
            oid::RSA_PSS => Self::RsaPss(pss_digest(&mut fields)?),
            oid::EC_PUBLIC_KEY => Self::Ecdsa(digest?),
            oid::ECDSA_WITH_SHA1 => Self::Ecdsa(DigestAlgorithm::Sha1),
            oid::ECDSA_WITH_SHA256 => Self::Ecdsa(DigestAlgorithm::Sha256),
            oid::ECDSA_WITH_SHA384 => Self::Ecdsa(DigestAlgorithm::Sha384),
            oid::ECDSA_WITH_SHA512 => Self::Ecdsa(DigestAlgorithm::Sha512),
            oid::ED25519 => Self::Ed25519,
            oid::DSA => Self::Dsa(digest?),
            oid::DSA_WITH_SHA1 => Self::Dsa(DigestAlgorithm::Sha1),
            oid::DSA_WITH_SHA256 => Self::Dsa(DigestAlgorithm::Sha256),
            oid::ML_DSA_44 | oid::ML_DSA_65 | oid::ML_DSA_87 => Self::MlDsa,
            _ => return None,
        })
    }

    /// The name for the verdict, such as `rsa-pkcs1-3072` or `ecdsa-p256`.
    #[must_use]
    pub fn describe(self, key: &PublicKey) -> String {
        match (self, key.kind) {
            (Self::RsaPkcs1(_), KeyKind::Rsa { bits }) => format!("rsa-pkcs1-{bits}"),
            (Self::RsaPss(_), KeyKind::Rsa { bits }) => format!("rsa-pss-{bits}"),
            (Self::Ecdsa(_), KeyKind::Ec(curve)) => format!("ecdsa-{}", curve.name()),
            (Self::Ed25519, _) => "ed25519".to_owned(),
            (Self::Dsa(_), _) => "dsa".to_owned(),
            (Self::MlDsa, KeyKind::MlDsa(set)) => format!("ml-dsa-{set}"),
            _ => "mismatched".to_owned(),
        }
    }
}

/// RSASSA-PSS-params (RFC 4055 §3.1): one digest for message and mask, salt of its length, or `None`.
fn pss_digest(fields: &mut Reader<'_>) -> Option<DigestAlgorithm> {
    let mut params = fields.sequence().ok()?;
    let (mut digest, mut mask, mut salt) = (DigestAlgorithm::Sha1, DigestAlgorithm::Sha1, 20_u64);
    while !params.is_empty() {
        let field = params.any().ok()?;
        let mut content = Reader::new(field.content, Rules::Ber);
        match field.tag {
            0xa0 => digest = DigestAlgorithm::from_oid(content.sequence().ok()?.oid().ok()?)?,
            0xa1 => {
                let mut mgf = content.sequence().ok()?;
                if mgf.oid().ok()? != oid::MGF1 {
                    return None;
                }
                mask = DigestAlgorithm::from_oid(mgf.sequence().ok()?.oid().ok()?)?;
            }
            0xa2 => salt = content.u64().ok()?,
            0xa3 => {}
            _ => return None,
        }
    }
    let expected = u64::try_from(digest.length()).ok()?;
    (digest == mask && salt == expected).then_some(digest)
}

/// The message of a signature: whole, or its digest made in a streaming pass.
#[derive(Clone, Copy, Debug)]
pub enum Message<'a> {
    /// The bytes that were signed.
    Bytes(&'a [u8]),
    /// Their digest; not enough for Ed25519 and ML-DSA, which sign the message itself.
    Digest(&'a Digest),
}

/// How much a signature that verifies is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// No practical forgery is known.
    Strong,
    /// The mathematics hold, but could have been forged.
    Weak(Weakness),
}

/// Smallest RSA modulus, in bits, of which no forgery is known; smaller ones were ended by Microsoft in 2012
/// (KB2661254).
pub const SMALLEST_RSA: usize = 1024;

/// Smallest RSA modulus that is not weak, in bits (NIST SP 800-131A).
const STRONG_RSA: usize = 2048;

/// What makes a signature weak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// MD5: collisions on a laptop.
    Md5,
    /// SHA-1: collisions for some ten thousand dollars.
    Sha1,
    /// RSA with fewer than 2048 bits.
    SmallRsa(usize),
    /// DSA: withdrawn by FIPS 186-5, verified by the legacy module.
    Dsa,
    /// RSA of a size or exponent that only the legacy module computes.
    OddRsa(usize),
}

impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Md5 => f.write_str("MD5"),
            Self::Sha1 => f.write_str("SHA-1"),
            Self::SmallRsa(bits) => write!(f, "RSA with {bits} bits"),
            Self::Dsa => f.write_str("DSA"),
            Self::OddRsa(bits) => write!(f, "RSA of an unusual size ({bits} bits)"),
        }
    }
}

/// Why a signature does not verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureError {
    /// The mathematics do not hold.
    Mismatch,
    /// The scheme does not fit the key, or no library here knows the combination.
    Unsupported,
    /// The scheme signs the message itself, and only a digest is at hand.
    NeedsMessage,
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mismatch => "the signature value does not match",
            Self::Unsupported => "this combination of key and algorithm is not supported",
            Self::NeedsMessage => "this algorithm needs the whole message, only a digest is at hand",
        })
    }
}

impl std::error::Error for SignatureError {}

/// Verifies one signature.
///
/// # Errors
/// See [`SignatureError`]. A scheme that does not fit the key is `Unsupported`, never a pass.
pub fn verify(
    key: &PublicKey,
    scheme: SignatureScheme,
    message: Message<'_>,
    signature: &[u8],
) -> Result<Strength, SignatureError> {
    if let Some(algorithm) = modern(key, scheme) {
        verify_modern(algorithm, key, scheme, message, signature)?;
        return Ok(strength(key.kind, scheme));
    }
    let digest = scheme.digest().ok_or(SignatureError::Unsupported)?;
    let digest = match message {
        Message::Bytes(bytes) => Digest::of(digest, bytes),
        Message::Digest(given) if given.algorithm == digest => *given,
        Message::Digest(_) => return Err(SignatureError::Mismatch),
    };
    legacy::verify(key, scheme, &digest, signature).map(Strength::Weak)
}

/// Verifies an ECDSA signature in the fixed form `r || s` (IEEE P1363), as DSSE and JOSE may carry it.
///
/// # Errors
/// See [`SignatureError`].
pub fn verify_fixed_ecdsa(
    key: &PublicKey,
    digest: DigestAlgorithm,
    message: Message<'_>,
    signature: &[u8],
) -> Result<Strength, SignatureError> {
    let KeyKind::Ec(curve) = key.kind else { return Err(SignatureError::Unsupported) };
    let half = curve.length();
    if signature.len() != half.saturating_mul(2) {
        return Err(SignatureError::Mismatch);
    }
    let (r, s) = signature.split_at_checked(half).ok_or(SignatureError::Mismatch)?;
    let der = asn1::encode_sequence(&[asn1::encode_unsigned(r), asn1::encode_unsigned(s)]);
    verify(key, SignatureScheme::Ecdsa(digest), message, &der)
}

fn verify_modern(
    algorithm: &'static dyn VerificationAlgorithm,
    key: &PublicKey,
    scheme: SignatureScheme,
    message: Message<'_>,
    signature: &[u8],
) -> Result<(), SignatureError> {
    let key = UnparsedPublicKey::new(algorithm, &key.spki);
    let mismatch = |_: Unspecified| SignatureError::Mismatch;
    match (message, scheme.digest()) {
        (Message::Bytes(bytes), _) => key.verify(bytes, signature).map_err(mismatch),
        (Message::Digest(_), None) => Err(SignatureError::NeedsMessage),
        (Message::Digest(digest), Some(expected)) => {
            let lc = digest.algorithm.lc().filter(|_| digest.algorithm == expected).ok_or(SignatureError::Mismatch)?;
            let value = lc_digest::Digest::import_less_safe(digest.as_bytes(), lc).map_err(mismatch)?;
            key.verify_digest(&value, signature).map_err(mismatch)
        }
    }
}

/// The aws-lc algorithm of a combination, or `None` where only the legacy module can help.
fn modern(key: &PublicKey, scheme: SignatureScheme) -> Option<&'static dyn VerificationAlgorithm> {
    use DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
    Some(match (scheme, key.kind) {
        (SignatureScheme::RsaPkcs1(_), KeyKind::Rsa { .. }) if legacy::has_unusual_exponent(key) => return None,
        (SignatureScheme::RsaPkcs1(digest), KeyKind::Rsa { bits }) => modern_rsa(digest, bits)?,
        (SignatureScheme::RsaPss(Sha256), KeyKind::Rsa { bits: 2048..=8192 }) => &lc::RSA_PSS_2048_8192_SHA256,
        (SignatureScheme::RsaPss(Sha384), KeyKind::Rsa { bits: 2048..=8192 }) => &lc::RSA_PSS_2048_8192_SHA384,
        (SignatureScheme::RsaPss(Sha512), KeyKind::Rsa { bits: 2048..=8192 }) => &lc::RSA_PSS_2048_8192_SHA512,
        (SignatureScheme::Ecdsa(digest), KeyKind::Ec(curve)) => match (curve, digest) {
            (Curve::P256, Sha1) => &lc::ECDSA_P256_SHA1_ASN1,
            (Curve::P256, Sha256) => &lc::ECDSA_P256_SHA256_ASN1,
            (Curve::P256, Sha384) => &lc::ECDSA_P256_SHA384_ASN1,
            (Curve::P256, Sha512) => &lc::ECDSA_P256_SHA512_ASN1,
            (Curve::P384, Sha256) => &lc::ECDSA_P384_SHA256_ASN1,
            (Curve::P384, Sha384) => &lc::ECDSA_P384_SHA384_ASN1,
            (Curve::P384, Sha512) => &lc::ECDSA_P384_SHA512_ASN1,
            (Curve::P521, Sha1) => &lc::ECDSA_P521_SHA1_ASN1,
            (Curve::P521, Sha256) => &lc::ECDSA_P521_SHA256_ASN1,
            (Curve::P521, Sha384) => &lc::ECDSA_P521_SHA384_ASN1,
            (Curve::P521, Sha512) => &lc::ECDSA_P521_SHA512_ASN1,
            (Curve::P256K1, Sha256) => &lc::ECDSA_P256K1_SHA256_ASN1,
            _ => return None,
        },
        (SignatureScheme::Ed25519, KeyKind::Ed25519) => &lc::ED25519,
        (SignatureScheme::MlDsa, KeyKind::MlDsa(44)) => &lc::ML_DSA_44,
        (SignatureScheme::MlDsa, KeyKind::MlDsa(65)) => &lc::ML_DSA_65,
        (SignatureScheme::MlDsa, KeyKind::MlDsa(87)) => &lc::ML_DSA_87,
        _ => return None,
    })
}

fn modern_rsa(digest: DigestAlgorithm, bits: usize) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match (digest, bits) {
        (DigestAlgorithm::Sha1, 1024..=8192) => &lc::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        (DigestAlgorithm::Sha256, 1024..=8192) => &lc::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        (DigestAlgorithm::Sha512, 1024..=8192) => &lc::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        (DigestAlgorithm::Sha384, 2048..=8192) => &lc::RSA_PKCS1_2048_8192_SHA384,
        _ => return None,
    })
}

fn strength(kind: KeyKind, scheme: SignatureScheme) -> Strength {
    weakness(kind, scheme.digest()).map_or(Strength::Strong, Strength::Weak)
}

/// The worst of what makes a signature weak: whoever judges it sees one weakness, and must not take a digest with
/// known collisions for a key that is merely short.
const fn weakness(kind: KeyKind, digest: Option<DigestAlgorithm>) -> Option<Weakness> {
    match (kind, digest) {
        (_, Some(DigestAlgorithm::Md5)) => Some(Weakness::Md5),
        (KeyKind::Rsa { bits }, _) if bits < SMALLEST_RSA => Some(Weakness::SmallRsa(bits)),
        (_, Some(DigestAlgorithm::Sha1)) => Some(Weakness::Sha1),
        (KeyKind::Rsa { bits }, _) if bits < STRONG_RSA => Some(Weakness::SmallRsa(bits)),
        (KeyKind::Dsa, _) => Some(Weakness::Dsa),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_match_the_published_values_of_abc() {
        let value = |algorithm| Digest::of(algorithm, b"abc").hex();
        assert_eq!(value(DigestAlgorithm::Md5), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(value(DigestAlgorithm::Sha1), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(value(DigestAlgorithm::Sha256), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert!(value(DigestAlgorithm::Sha384).starts_with("cb00753f45a35e8bb5a03d699ac65007"));
        assert!(value(DigestAlgorithm::Sha512).starts_with("ddaf35a193617abacc417349ae204131"));
    }

    #[test]
    fn a_digest_is_read_back_and_its_length_is_checked() {
        let digest = Digest::of(DigestAlgorithm::Sha256, b"abc");
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert!("sha256:00".parse::<Digest>().is_err());
        assert!("sha3:00".parse::<Digest>().is_err());
        assert_eq!(Digest::new(DigestAlgorithm::Sha1, &[0; 32]), None);
    }
}

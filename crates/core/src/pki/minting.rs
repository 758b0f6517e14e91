//! Certificates and revocation lists made for tests, signed with throw-away keys: Ed25519 from fixed seeds, or
//! RSA keys that the caller gives. Both kinds of signature are deterministic, so that what is made is the same
//! byte for byte every time.
//!
//! Compiled for tests and under the feature `minting` only; it panics on what cannot be made.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, reason = "a test that cannot be set up must fail")]

pub mod ocsp;
mod rsa;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};

use crate::crypto::{DigestAlgorithm, encode_spki};
use crate::encoding::asn1::{encode, encode_sequence, encode_unsigned, oid, tag};
use crate::encoding::x509::Certificate;
use crate::pki::crl::Crl;
use crate::time::Time;

/// A throw-away key pair.
#[derive(Clone)]
pub enum Key {
    /// Ed25519, by the byte that its seed repeats.
    Ed25519(u8),
    /// RSA with RSASSA-PKCS1-v1_5.
    Rsa(rsa::RsaKey),
}

impl Key {
    /// An RSA key from its DER `PrivateKeyInfo` (PKCS #8, RFC 5208).
    ///
    /// # Panics
    /// If it is none.
    #[must_use]
    pub fn rsa(pkcs8: &[u8]) -> Self {
        Self::Rsa(rsa::RsaKey::from_pkcs8(pkcs8))
    }

    fn ed25519(seed: u8) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
    }

    /// The DER `SubjectPublicKeyInfo`.
    #[must_use]
    pub fn spki(&self) -> Vec<u8> {
        let (algorithm, key) = match self {
            Self::Ed25519(seed) => {
                let key = Self::ed25519(*seed).public_key().as_ref().to_vec();
                (vec![encode(tag::OID, oid::ED25519)], key)
            }
            Self::Rsa(key) => (rsa::algorithm_fields(oid::RSA_ENCRYPTION).to_vec(), key.public_key()),
        };
        encode_spki(&algorithm, &key)
    }

    /// The `AlgorithmIdentifier` of its signatures over this digest, as certificates and lists name it.
    #[must_use]
    pub fn algorithm(&self, digest: DigestAlgorithm) -> Vec<u8> {
        match self {
            Self::Ed25519(_) => encode_sequence(&[encode(tag::OID, oid::ED25519)]),
            Self::Rsa(_) => rsa::algorithm(rsa::signature_oid(digest)),
        }
    }

    /// The `AlgorithmIdentifier` as a CMS `SignerInfo` names it: the digest stands in a field of its own.
    #[must_use]
    pub fn cms_algorithm(&self) -> Vec<u8> {
        match self {
            Self::Ed25519(_) => encode_sequence(&[encode(tag::OID, oid::ED25519)]),
            Self::Rsa(_) => rsa::algorithm(oid::RSA_ENCRYPTION),
        }
    }

    /// The signature over these bytes; Ed25519 has no use for the digest.
    #[must_use]
    pub fn sign(&self, digest: DigestAlgorithm, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Ed25519(seed) => Self::ed25519(*seed).sign(bytes).as_ref().to_vec(),
            Self::Rsa(key) => key.sign(digest, bytes),
        }
    }
}

/// A key and the name that goes with it.
#[derive(Clone)]
pub struct Holder {
    /// The DER name.
    pub name: Vec<u8>,
    /// The key.
    pub key: Key,
}

/// An instant.
///
/// # Panics
/// If the text is no RFC 3339 time.
#[must_use]
pub fn time(text: &str) -> Time {
    text.parse().unwrap()
}

/// A name of attributes in their order, such as `[(oid::COMMON_NAME, "x")]`.
#[must_use]
pub fn name(attributes: &[(&[u8], &str)]) -> Vec<u8> {
    let rdn = |(oid, text): &(&[u8], &str)| {
        let pair = encode_sequence(&[encode(tag::OID, oid), encode(tag::UTF8_STRING, text.as_bytes())]);
        encode(tag::SET, &pair)
    };
    encode_sequence(&attributes.iter().map(rdn).collect::<Vec<_>>())
}

/// The content octets of a dotted object identifier.
///
/// # Panics
/// If it is none.
#[must_use]
pub fn oid_of(dotted: &str) -> Vec<u8> {
    const_oid::ObjectIdentifier::new(dotted).unwrap().as_bytes().to_vec()
}

/// One extension around its DER value.
#[must_use]
pub fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let flag = if critical { vec![1, 1, 0xff] } else { Vec::new() };
    encode_sequence(&[encode(tag::OID, oid), flag, encode(tag::OCTET_STRING, value)])
}

/// A SEQUENCE of object identifiers.
#[must_use]
pub fn oids(identifiers: &[&[u8]]) -> Vec<u8> {
    encode_sequence(&identifiers.iter().map(|oid| encode(tag::OID, oid)).collect::<Vec<_>>())
}

/// The extended key usage, not critical.
#[must_use]
pub fn usages(purposes: &[&[u8]]) -> Vec<u8> {
    extension(oid::EXTENDED_KEY_USAGE, false, &oids(purposes))
}

/// Certificate policies without qualifiers, not critical.
#[must_use]
pub fn policies(dotted: &[&str]) -> Vec<u8> {
    let information = dotted.iter().map(|policy| encode_sequence(&[encode(tag::OID, &oid_of(policy))]));
    extension(oid::CERTIFICATE_POLICIES, false, &encode_sequence(&information.collect::<Vec<_>>()))
}

/// CA, with at most this many intermediates below.
#[must_use]
pub fn ca(path_len: Option<u8>) -> Vec<u8> {
    let length = path_len.map(|length| vec![2, 1, length]).unwrap_or_default();
    extension(oid::BASIC_CONSTRAINTS, true, &encode_sequence(&[vec![1, 1, 0xff], length]))
}

/// What a certificate says, to vary one thing at a time.
pub struct Order {
    /// The serial number.
    pub serial: u8,
    /// Start of validity as the text of a UTCTime, or of a GeneralizedTime if it has four digits of year.
    pub from: &'static str,
    /// End of validity, likewise.
    pub until: &'static str,
    /// The extensions, each whole; none leaves the field out.
    pub extensions: Vec<Vec<u8>>,
    /// The digest that the issuer signs, where its key needs one.
    pub digest: DigestAlgorithm,
}

impl Default for Order {
    fn default() -> Self {
        let (from, until) = ("200101000000Z", "300101000000Z");
        Self { serial: 7, from, until, extensions: Vec::new(), digest: DigestAlgorithm::Sha256 }
    }
}

impl Order {
    /// The usual certificate with these extensions.
    #[must_use]
    pub fn with(extensions: &[Vec<u8>]) -> Self {
        Self { extensions: extensions.to_vec(), ..Self::default() }
    }
}

/// A UTCTime, or a GeneralizedTime if the year has four digits.
fn instant(text: &str) -> Vec<u8> {
    let kind = if text.len() == "YYYYMMDDHHMMSSZ".len() { tag::GENERALIZED_TIME } else { tag::UTC_TIME };
    encode(kind, text.as_bytes())
}

impl Holder {
    /// A holder with a common name alone, and the Ed25519 key of this seed.
    #[must_use]
    pub fn new(common_name: &str, seed: u8) -> Self {
        Self::named(name(&[(oid::COMMON_NAME, common_name)]), seed)
    }

    /// A holder with this DER name, and the Ed25519 key of this seed.
    #[must_use]
    pub const fn named(name: Vec<u8>, seed: u8) -> Self {
        Self { name, key: Key::Ed25519(seed) }
    }

    /// Its signature over these bytes, by way of SHA-256 where its key needs a digest.
    #[must_use]
    pub fn sign_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        self.key.sign(DigestAlgorithm::Sha256, bytes)
    }

    /// `SIGNED { tbs }`: what is to be signed, the algorithm, the signature.
    #[must_use]
    pub fn sign(&self, digest: DigestAlgorithm, tbs: Vec<u8>) -> Vec<u8> {
        let bits = [vec![0], self.key.sign(digest, &tbs)].concat();
        encode_sequence(&[tbs, self.key.algorithm(digest), encode(tag::BIT_STRING, &bits)])
    }

    /// Certifies `holder` as `order` says.
    ///
    /// # Panics
    /// If what is ordered is no certificate.
    #[must_use]
    pub fn certify(&self, holder: &Self, order: &Order) -> Certificate {
        let validity = encode_sequence(&[instant(order.from), instant(order.until)]);
        let mut tbs =
            vec![encode(0xa0, &[2, 1, 2]), encode_unsigned(&[order.serial]), self.key.algorithm(order.digest)];
        tbs.extend([self.name.clone(), validity, holder.name.clone(), holder.key.spki()]);
        if !order.extensions.is_empty() {
            tbs.push(encode(0xa3, &encode_sequence(&order.extensions)));
        }
        Certificate::from_der(&self.sign(order.digest, encode_sequence(&tbs))).unwrap()
    }

    /// A root: certifies itself as a CA.
    #[must_use]
    pub fn root(&self) -> Certificate {
        self.certify(self, &Order::with(&[ca(None)]))
    }

    /// A list of entries `(serial, revoked at, extensions)`.
    ///
    /// # Panics
    /// If what is asked for is no list.
    #[must_use]
    pub fn revoke(&self, entries: &[(u8, &str, Vec<Vec<u8>>)], extensions: &[Vec<u8>]) -> Crl {
        let entry = |(serial, at, extensions): &(u8, &str, Vec<Vec<u8>>)| {
            let list = if extensions.is_empty() { Vec::new() } else { encode_sequence(extensions) };
            encode_sequence(&[encode_unsigned(&[*serial]), encode(tag::UTC_TIME, at.as_bytes()), list])
        };
        let digest = DigestAlgorithm::Sha256;
        let mut tbs = vec![vec![2, 1, 1], self.key.algorithm(digest), self.name.clone()];
        tbs.push(encode(tag::UTC_TIME, b"250101000000Z"));
        tbs.push(encode(tag::UTC_TIME, b"250201000000Z"));
        if !entries.is_empty() {
            tbs.push(encode_sequence(&entries.iter().map(entry).collect::<Vec<_>>()));
        }
        tbs.push(encode(0xa0, &encode_sequence(extensions)));
        Crl::from_der(&self.sign(digest, encode_sequence(&tbs))).unwrap()
    }
}

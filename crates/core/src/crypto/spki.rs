//! Keys that come without their `SubjectPublicKeyInfo`, put into one.

use super::{KeyError, PublicKey};
use crate::encoding::asn1::{encode, encode_sequence, oid, tag};

/// A DER `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7): the fields of its `AlgorithmIdentifier`, and the key.
#[must_use]
pub fn encode_spki(algorithm: &[Vec<u8>], key: &[u8]) -> Vec<u8> {
    encode_sequence(&[encode_sequence(algorithm), encode(tag::BIT_STRING, &[&[0], key].concat())])
}

impl PublicKey {
    /// The Ed25519 key of these 32 bytes (RFC 8410 §4).
    ///
    /// # Errors
    /// As [`PublicKey::from_spki`].
    pub fn from_ed25519(raw: &[u8]) -> Result<Self, KeyError> {
        Self::from_spki(&encode_spki(&[encode(tag::OID, oid::ED25519)], raw))
    }
}

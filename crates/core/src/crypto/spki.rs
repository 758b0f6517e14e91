//! Keys that come without their `SubjectPublicKeyInfo`, put into one.

use super::{Curve, KeyError, PublicKey};
use crate::encoding::asn1::{encode, encode_sequence, encode_unsigned, oid, tag};

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

    /// The key that is this point of a curve, written without compression (SEC 1 §2.3.3, RFC 5480 §2.2).
    ///
    /// # Errors
    /// [`KeyError::Malformed`] if it is written in another form.
    pub(crate) fn from_ec_point(curve: Curve, point: &[u8]) -> Result<Self, KeyError> {
        const UNCOMPRESSED: u8 = 4;
        let length = curve.length().saturating_mul(2).saturating_add(1);
        if point.first() != Some(&UNCOMPRESSED) || point.len() != length {
            return Err(KeyError::Malformed);
        }
        Self::from_spki(&encode_spki(&[encode(tag::OID, oid::EC_PUBLIC_KEY), encode(tag::OID, curve.oid())], point))
    }

    /// The RSA key of this modulus and exponent, each as big-endian bytes (RFC 3279 §2.3.1).
    ///
    /// # Errors
    /// As [`PublicKey::from_spki`].
    pub(crate) fn from_rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self, KeyError> {
        let algorithm = [encode(tag::OID, oid::RSA_ENCRYPTION), encode(tag::NULL, &[])];
        Self::from_spki(&encode_spki(
            &algorithm,
            &encode_sequence(&[encode_unsigned(modulus), encode_unsigned(exponent)]),
        ))
    }
}

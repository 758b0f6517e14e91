//! Signing with a key that the caller brings. Only algorithms whose signatures need no randomness, so that the same
//! key and message give the same signature: Ed25519 (RFC 8032 §5.1.6), and ECDSA on P-256 with the nonce derived
//! (RFC 6979), which aws-lc does not offer.

use std::fmt;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use p256::ecdsa::signature::Signer as _;
use p256::pkcs8::DecodePrivateKey as _;

use super::{KeyError, PublicKey, encode_spki};
use crate::encoding::asn1::{encode, oid, tag};

/// A key that signs.
pub struct SigningKey {
    secret: Secret,
    public: PublicKey,
}

enum Secret {
    Ed25519(Ed25519KeyPair),
    P256(p256::ecdsa::SigningKey),
}

impl SigningKey {
    /// Reads a DER `PrivateKeyInfo` (PKCS #8, RFC 5958) of Ed25519 (RFC 8410) or ECDSA on P-256 (RFC 5915), with or
    /// without the public key in it.
    ///
    /// # Errors
    /// [`KeyError`] if it is none, or of another algorithm.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let secret = match Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
            Ok(pair) => Secret::Ed25519(pair),
            Err(_) => Secret::P256(p256::ecdsa::SigningKey::from_pkcs8_der(der).map_err(|_| KeyError::Unsupported)?),
        };
        let public = PublicKey::from_spki(&secret.spki())?;
        Ok(Self { secret, public })
    }

    /// The key that verifies what this one signs.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// The signature over a message: the 64 bytes of RFC 8032, or a DER `ECDSA-Sig-Value` over its SHA-256.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.secret {
            Secret::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Secret::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.to_der().as_bytes().to_vec()
            }
        }
    }
}

impl Secret {
    /// The `SubjectPublicKeyInfo` of its public key.
    fn spki(&self) -> Vec<u8> {
        let (algorithm, key) = match self {
            Self::Ed25519(pair) => (vec![encode(tag::OID, oid::ED25519)], pair.public_key().as_ref().to_vec()),
            Self::P256(key) => {
                let algorithm = vec![encode(tag::OID, oid::EC_PUBLIC_KEY), encode(tag::OID, oid::P256)];
                (algorithm, key.verifying_key().to_sec1_point(false).as_bytes().to_vec())
            }
        };
        encode_spki(&algorithm, &key)
    }
}

impl fmt::Debug for SigningKey {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("public", &self.public.spki_sha256()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{DigestAlgorithm, Message, SignatureScheme, verify};
    use crate::encoding::asn1::encode_sequence;
    use crate::encoding::hex;

    /// The first test vector of RFC 8032 §7.1, as PKCS #8.
    fn pkcs8() -> Vec<u8> {
        let seed = hex::decode("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
        let algorithm = encode_sequence(&[encode(tag::OID, oid::ED25519)]);
        let key = encode(tag::OCTET_STRING, &encode(tag::OCTET_STRING, &seed));
        encode_sequence(&[encode(tag::INTEGER, &[0]), algorithm, key])
    }

    #[test]
    fn signs_as_rfc_8032_says_and_the_same_each_time() {
        let key = SigningKey::from_pkcs8(&pkcs8()).unwrap();
        let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        assert_eq!(hex::encode(key.public_key().key_bits()), public);
        let signature = key.sign(b"");
        assert!(
            hex::encode(&signature).starts_with("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155")
        );
        assert_eq!(signature, key.sign(b""));
        assert!(verify(key.public_key(), SignatureScheme::Ed25519, Message::Bytes(b""), &signature).is_ok());
        assert!(verify(key.public_key(), SignatureScheme::Ed25519, Message::Bytes(b"x"), &signature).is_err());
    }

    /// The key of RFC 6979 §A.2.5, as PKCS #8.
    fn p256() -> Vec<u8> {
        let secret = hex::decode("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721").unwrap();
        let inner = encode_sequence(&[encode(tag::INTEGER, &[1]), encode(tag::OCTET_STRING, &secret)]);
        let algorithm = encode_sequence(&[encode(tag::OID, oid::EC_PUBLIC_KEY), encode(tag::OID, oid::P256)]);
        encode_sequence(&[encode(tag::INTEGER, &[0]), algorithm, encode(tag::OCTET_STRING, &inner)])
    }

    #[test]
    fn signs_as_rfc_6979_says_and_the_same_each_time() {
        let key = SigningKey::from_pkcs8(&p256()).unwrap();
        let x = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6";
        assert!(hex::encode(key.public_key().key_bits()).starts_with(&format!("04{x}")));
        let signature = hex::encode(&key.sign(b"sample"));
        assert!(signature.contains("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"), "{signature}");
        assert!(signature.contains("f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"), "{signature}");
        let scheme = SignatureScheme::Ecdsa(DigestAlgorithm::Sha256);
        assert!(verify(key.public_key(), scheme, Message::Bytes(b"sample"), &key.sign(b"sample")).is_ok());
        assert!(verify(key.public_key(), scheme, Message::Bytes(b"simple"), &key.sign(b"sample")).is_err());
    }

    #[test]
    fn what_is_no_key_is_refused_and_the_secret_is_not_printed() {
        assert!(SigningKey::from_pkcs8(b"").is_err());
        assert!(SigningKey::from_pkcs8(&pkcs8()[..20]).is_err());
        assert!(SigningKey::from_pkcs8(&p256()[..40]).is_err());
        for (key, secret) in [(pkcs8(), "9d61"), (p256(), "c9af")] {
            let printed = format!("{:?}", SigningKey::from_pkcs8(&key).unwrap());
            assert!(!printed.contains(secret) && printed.contains("sha256:"));
        }
    }
}

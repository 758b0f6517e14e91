//! Signing with a key that the caller brings: Ed25519 only, which needs no randomness (RFC 8032 §5.1.6), so
//! that the same key and message give the same signature.

use std::fmt;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};

use super::{KeyError, PublicKey};
use crate::encoding::asn1::{encode, encode_sequence, oid, tag};

/// An Ed25519 key that signs.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl SigningKey {
    /// Reads a DER `PrivateKeyInfo` (PKCS #8, RFC 8410), with or without the public key in it.
    ///
    /// # Errors
    /// [`KeyError`] if it is none, or of another algorithm.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map_err(|_| KeyError::Unsupported)?;
        let algorithm = encode_sequence(&[encode(tag::OID, oid::ED25519)]);
        let bits = [&[0], pair.public_key().as_ref()].concat();
        let spki = encode_sequence(&[algorithm, encode(tag::BIT_STRING, &bits)]);
        Ok(Self { pair, public: PublicKey::from_spki(&spki)? })
    }

    /// The key that verifies what this one signs.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// The signature over a message.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
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
    use crate::crypto::{Message, SignatureScheme, verify};
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

    #[test]
    fn what_is_no_key_is_refused_and_the_secret_is_not_printed() {
        assert!(SigningKey::from_pkcs8(b"").is_err());
        assert!(SigningKey::from_pkcs8(&pkcs8()[..20]).is_err());
        let printed = format!("{:?}", SigningKey::from_pkcs8(&pkcs8()).unwrap());
        assert!(!printed.contains("9d61") && printed.contains("sha256:"));
    }
}

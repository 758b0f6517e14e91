//! RSASSA-PKCS1-v1_5 signatures with any digest and any size of key: no maintained library still signs with MD5
//! or with 1024 bits, and the truth about such signatures is what tests ask for.

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};

use crate::crypto::{Digest, DigestAlgorithm, expected_block};
use crate::encoding::asn1::{self, Reader, Rules, encode, encode_sequence, encode_unsigned, oid, tag};

/// A throw-away RSA key.
#[derive(Clone)]
pub struct RsaKey {
    modulus: Vec<u8>,
    public_exponent: Vec<u8>,
    private_exponent: Vec<u8>,
}

impl RsaKey {
    pub(super) fn from_pkcs8(der: &[u8]) -> Self {
        Self::read(der).unwrap()
    }

    /// `PrivateKeyInfo` around an `RSAPrivateKey` (RFC 8017 §A.1.2).
    fn read(der: &[u8]) -> Result<Self, asn1::Error> {
        let mut fields = Reader::new(der, Rules::Der).sequence()?;
        fields.unsigned()?;
        fields.sequence()?;
        let inner = fields.octet_string()?.to_vec();
        let mut key = Reader::new(&inner, Rules::Der).sequence()?;
        key.unsigned()?;
        let mut next = || key.unsigned().map(<[u8]>::to_vec);
        Ok(Self { modulus: next()?, public_exponent: next()?, private_exponent: next()? })
    }

    pub(super) fn public_key(&self) -> Vec<u8> {
        encode_sequence(&[encode_unsigned(&self.modulus), encode_unsigned(&self.public_exponent)])
    }

    /// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2.1).
    pub(super) fn sign(&self, digest: DigestAlgorithm, bytes: &[u8]) -> Vec<u8> {
        let modulus = BoxedUint::from_be_slice_vartime(&self.modulus);
        let precision = modulus.bits_precision();
        let length = usize::try_from(modulus.bit_width_vartime().div_ceil(8)).unwrap();
        let block = expected_block(&Digest::of(digest, bytes), length).unwrap();
        let block = BoxedUint::from_be_slice(&block, precision).unwrap();
        let exponent = BoxedUint::from_be_slice_vartime(&self.private_exponent);
        let params = BoxedMontyParams::new_vartime(Option::<Odd<BoxedUint>>::from(Odd::new(modulus)).unwrap());
        let value = BoxedMontyForm::new(block, &params).pow(&exponent).retrieve().to_be_bytes();
        value.get(value.len().checked_sub(length).unwrap()..).unwrap().to_vec()
    }
}

/// The `AlgorithmIdentifier`.
pub(super) fn algorithm(identifier: &[u8]) -> Vec<u8> {
    encode_sequence(&algorithm_fields(identifier))
}

/// Its fields, with the NULL that RFC 3279 §2.2.1 demands.
pub(super) fn algorithm_fields(identifier: &[u8]) -> [Vec<u8>; 2] {
    [encode(tag::OID, identifier), encode(tag::NULL, &[])]
}

pub(super) const fn signature_oid(digest: DigestAlgorithm) -> &'static [u8] {
    match digest {
        DigestAlgorithm::Md5 => oid::MD5_WITH_RSA,
        DigestAlgorithm::Sha1 => oid::SHA1_WITH_RSA,
        DigestAlgorithm::Sha256 => oid::SHA256_WITH_RSA,
        DigestAlgorithm::Sha384 => oid::SHA384_WITH_RSA,
        DigestAlgorithm::Sha512 => oid::SHA512_WITH_RSA,
    }
}

/// A key of 1,024 bits, thrown away, as PKCS #8 in hexadecimal.
#[cfg(test)]
const KEY: &str = "30820277020100300d06092a864886f70d0101010500048202613082025d02010002818100b39ffd5672ac7f9051a2dcbe10\
    66c385a79660d717a189a0c51c9ef7cb89b7e7780f2e6b75b2c6b2b7947026bfd2d597be826dd5905c70c68039ea34e729c8\
    515c958e882cafd9146df24a0b5f0f9b54f91f56c831dbaacdb9e9e6c1c16e4c3cd8680e4cb16a1a8c0dd8ccf238de32ca7f\
    149b0a6fe89aae663f76c0ea60084302030100010281806c577ead6ac362b9c093b4032bcf5ff538acfa42222dbbde6da5a2\
    b8a15ab2c2f96666c0482089ba78021f572ff2520491d307be7db15410567d1827ca9a2808f039dffe7658382336896784a8\
    7157396660325c5a6ce26d402e925797643ffb2d3503f1c941eedc039e48d4a91a21e7081530d155bd08fa10b95b1804352b\
    81024100dd1c1b31788176e87ef47021bd5ce56bc4dc077c96acb0f009e4cc443c06962b2d5d7b7e0d8f14d45dc67abd174d\
    c7349d1135445f41b2519c9dcb7e39e25903024100cff812aa57aecf9fc1cf29dc93645cec20a621f6e5eb008fc13c279ddb\
    d9eae7f2653d76df5c79ba21f95bd4e4f4456b79f6da8b2f8f8e5e22f9a9bfc6c14fc1024100b617737da654586cd840ce27\
    bb1f4a011aba699ffd267300fbe4e5243c9ae008e6ef59c851ba47d92cf14c1b7599a4387c31b3c07f0247ac5662cd3742cc\
    59a902405f315fe9d4c4d18880c0009b5464061c973d3422bd4efa2cd2f863f1dfe6399dfdd7d5708a00dc3f14b9fd0ccfd7\
    f7c6a0471bf5c5c9621338d32a9dfbae1481024100d902f45be985a9a557a02fd912e6434cfe0e9f853e2e45623cd923c260\
    7609557ec5403421da31d73bf50b43138e24305be1fa8c2550bd91d9689398884fc58e";

#[cfg(test)]
impl super::Key {
    /// An RSA key of 1,024 bits, thrown away.
    pub(crate) fn rsa_1024() -> Self {
        Self::rsa(&crate::encoding::hex::decode(KEY).unwrap())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Message, PublicKey, SignatureError, SignatureScheme, verify};
    use crate::encoding::hex;
    use crate::pki::minting::Key;

    #[test]
    fn what_it_signs_verifies_with_every_digest() {
        let key = Key::rsa_1024();
        let public = PublicKey::from_spki(&key.spki()).unwrap();
        for digest in DigestAlgorithm::ALL {
            let signature = key.sign(digest, b"message");
            let verified =
                |message| verify(&public, SignatureScheme::RsaPkcs1(digest), Message::Bytes(message), &signature);
            // SHA-512 needs 94 of the 128 bytes: even that fits.
            assert!(verified(b"message").is_ok(), "{digest}");
            assert_eq!(verified(b"another"), Err(SignatureError::Mismatch), "{digest}");
        }
    }

    #[test]
    fn it_signs_as_openssl_does() {
        // `printf message | openssl dgst -sha256 -sign KEY`, OpenSSL 3.0.
        let theirs = "9d65f6e1676be4115d63738d63c21f5f169fbbf5728c419f2e8864b8be6db1da64b0b4ac2c89d6eb45d3863ec3\
             17e6d42922243b936d7aca3d3ca60b56a175340249844d9285d66253421b5d918350b428c88b581ae0228c9de7\
             a6f080378d7c727be6d2bdd2549d91b2c25c719f2e7a03b40b6b4edcb418a1a253548f16fa7a";
        let key = Key::rsa_1024();
        assert_eq!(hex::encode(&key.sign(DigestAlgorithm::Sha256, b"message")), theirs);
    }
}

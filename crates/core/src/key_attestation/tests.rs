//! PIV attestations made here, and a real `TPM2_Certify` of a software TPM
//! (`tests/data/key-attestation/make-tpm2-certify.sh`).

use super::*;
use crate::crypto::DigestAlgorithm;
use crate::encoding::asn1::oid;
use crate::pki::minting::{Holder, Order, ca, extension, time};

const AT: &str = "2027-06-01T00:00:00Z";

/// A device below a root, and a key that it attests.
struct Device {
    root: Certificate,
    other_root: Certificate,
    slot: Certificate,
    key: Holder,
    holder: Holder,
}

impl Device {
    fn new() -> Self {
        let (root, holder) = (Holder::new("Attestation Root", 1), Holder::new("PIV Attestation", 2));
        let slot = root.certify(&holder, &Order::with(&[ca(Some(0))]));
        let other_root = Holder::new("Attestation Root", 9).root();
        Self { root: root.root(), other_root, slot, key: Holder::new("PIV Attestation 9c", 3), holder }
    }

    fn attest(&self, extensions: &[Vec<u8>]) -> Certificate {
        self.holder.certify(&self.key, &Order::with(extensions))
    }

    fn usual(&self) -> Certificate {
        self.attest(&[
            extension(oid::YUBICO_FIRMWARE, false, &[5, 4, 3]),
            extension(oid::YUBICO_SERIAL, false, &[2, 3, 1, 0, 1]),
            extension(oid::YUBICO_POLICIES, false, &[2, 3]),
        ])
    }
}

fn pem_of(certificates: &[&Certificate]) -> Vec<u8> {
    let block = |certificate: &&Certificate| {
        let text = crate::encoding::base64::encode(certificate.der());
        format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
    };
    certificates.iter().map(block).collect::<String>().into_bytes()
}

fn anchors(certificate: &Certificate) -> Vec<Anchor> {
    vec![Anchor::unlimited(certificate.clone(), "root.pem")]
}

fn read(certificates: &[&Certificate]) -> Result<KeyAttestation, MaterialError> {
    KeyAttestation::read("attestation.pem", &pem_of(certificates))
}

fn verify(attestation: &KeyAttestation, anchors: &[Anchor]) -> Result<KeyProtection, String> {
    attestation.verify(anchors, time(AT))
}

#[test]
fn a_piv_attestation_names_the_device_and_its_policies() {
    let device = Device::new();
    let attestation = read(&[&device.usual(), &device.slot]).unwrap();
    assert_eq!(attestation.spki_sha256(), Digest::of(DigestAlgorithm::Sha256, &device.key.key.spki()));
    let KeyProtection::Attested { by, what } = verify(&attestation, &anchors(&device.root)).unwrap() else { panic!() };
    assert_eq!(by, "YubiKey PIV");
    assert_eq!(
        what,
        "generated in YubiKey 65537 (firmware 5.4.3), never exported; PIN once per session, touch cached for 15 \
         seconds; vouched for by CN=Attestation Root"
    );
}

#[test]
fn a_piv_attestation_counts_below_an_accepted_anchor_alone() {
    let device = Device::new();
    let attestation = read(&[&device.usual(), &device.slot]).unwrap();
    assert!(verify(&attestation, &[]).unwrap_err().contains("--attestation-anchor"));
    assert!(verify(&attestation, &anchors(&device.other_root)).is_err());
    let without_device = read(&[&device.usual()]).unwrap();
    assert!(verify(&without_device, &anchors(&device.root)).is_err());
}

#[test]
fn what_is_no_piv_attestation_cannot_be_used() {
    let device = Device::new();
    let problem = |certificates: &[&Certificate]| read(certificates).unwrap_err().problem;
    assert!(problem(&[&device.slot]).contains("no certificate is a PIV attestation"));
    assert!(problem(&[&device.usual(), &device.usual()]).contains("more than one"));
    let short = device.attest(&[extension(oid::YUBICO_POLICIES, false, &[2])]);
    assert!(problem(&[&short]).contains("not two bytes"));
    let silent = device.attest(&[extension(oid::YUBICO_POLICIES, false, &[2, 1])]);
    assert!(problem(&[&silent]).contains("firmware"));
    assert!(KeyAttestation::read("x", b"nothing").is_err());
}

const CERTIFIED: &str = include_str!("../../tests/data/key-attestation/tpm2-certify-key.json");
const IMPORTED: &str = include_str!("../../tests/data/key-attestation/tpm2-certify-imported.json");
const ROOT: &[u8] = include_bytes!("../../tests/data/key-attestation/tpm2-certify-root.pem");
const KEY: &[u8] = include_bytes!("../../tests/data/key-attestation/tpm2-certify-key.der");
const IMPORTED_KEY: &[u8] = include_bytes!("../../tests/data/key-attestation/tpm2-certify-imported.der");

fn tpm_anchors() -> Vec<Anchor> {
    anchors(&pem::certificates(ROOT).unwrap()[0])
}

fn tpm(document: &str) -> KeyAttestation {
    KeyAttestation::read("tpm.json", document.as_bytes()).unwrap()
}

/// The document with one member replaced.
fn with(member: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> String {
    let mut document: serde_json::Value = serde_json::from_str(CERTIFIED).unwrap();
    let bytes = crate::encoding::base64::decode(document[member].as_str().unwrap()).unwrap();
    document[member] = crate::encoding::base64::encode(&change(bytes)).into();
    document.to_string()
}

#[test]
fn a_tpm_certifies_a_key_that_it_made_and_keeps() {
    let attestation = tpm(CERTIFIED);
    assert_eq!(attestation.spki_sha256(), Digest::of(DigestAlgorithm::Sha256, KEY));
    let KeyProtection::Attested { by, what } = verify(&attestation, &tpm_anchors()).unwrap() else { panic!() };
    assert_eq!(by, "TPM 2.0");
    assert_eq!(
        what,
        "generated in a TPM and fixed to it; certified by an attestation key that CN=Throw-away TPM CA vouches for"
    );
}

#[test]
fn a_key_that_was_imported_is_not_kept_by_the_tpm() {
    let attestation = tpm(IMPORTED);
    assert_eq!(attestation.spki_sha256(), Digest::of(DigestAlgorithm::Sha256, IMPORTED_KEY));
    assert!(verify(&attestation, &tpm_anchors()).unwrap_err().contains("lack fixedTPM"));
}

#[test]
fn a_tpm_statement_that_was_changed_proves_nothing() {
    let flip = |at: usize| {
        move |mut bytes: Vec<u8>| {
            bytes[at] ^= 1;
            bytes
        }
    };
    let fails = |document: &str| verify(&tpm(document), &tpm_anchors()).unwrap_err();
    assert!(fails(&with("attest", flip(0))).contains("signature"), "what is not the TPM's own word");
    assert!(fails(&with("attest", flip(60))).contains("signature"));
    assert!(fails(&with("signature", flip(20))).contains("signature"));
    // Bit 1 of the attributes, which lie after the size, the type and the algorithm.
    assert!(fails(&with("public", flip(9))).contains("another object"));
    assert!(verify(&tpm(CERTIFIED), &anchors(&Device::new().root)).is_err());
}

#[test]
fn the_public_area_of_another_key_does_not_fit() {
    let other: serde_json::Value = serde_json::from_str(IMPORTED).unwrap();
    let mut document: serde_json::Value = serde_json::from_str(CERTIFIED).unwrap();
    document["public"] = other["public"].clone();
    let attestation = tpm(&document.to_string());
    assert!(verify(&attestation, &tpm_anchors()).unwrap_err().contains("another object"));
}

#[test]
fn an_attestation_key_is_certified_as_one() {
    let device = Device::new();
    let mut document: serde_json::Value = serde_json::from_str(CERTIFIED).unwrap();
    let any = String::from_utf8(pem_of(&[&device.slot])).unwrap();
    document["certificates"] = any.into();
    let problem = verify(&tpm(&document.to_string()), &anchors(&device.root)).unwrap_err();
    assert!(problem.contains("2.23.133.8.3"), "{problem}");
}

#[test]
fn documents_that_say_more_or_less_cannot_be_used() {
    let refused = |document: &str| KeyAttestation::read("tpm.json", document.as_bytes()).unwrap_err().problem;
    assert!(refused("{}").contains("format"));
    let more = CERTIFIED.replacen('{', "{\"extra\": 1,", 1);
    assert!(refused(&more).contains("`extra`"));
    assert!(refused(&CERTIFIED.replace("tpm2-certify/v1", "tpm2-certify/v9")).contains("expected a document"));
    for cut in [0, 1, 20, 80] {
        let short = with("public", |bytes| bytes[..cut].to_vec());
        assert!(refused(&short).contains("TPMT_PUBLIC"), "{cut}");
    }
}

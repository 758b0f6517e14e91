//! Statements about keys, from material to the signature that the key made.

#![allow(clippy::disallowed_methods, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use countersign::artifact::{Artifact, Content};
use countersign::dossier::Dossier;
use countersign::encoding::asn1::oid;
use countersign::encoding::base64;
use countersign::encoding::x509::Certificate;
use countersign::examine::examine;
use countersign::finding::FindingId;
use countersign::formats::authenticode::fixtures::Publisher;
use countersign::identity::KeyProtection;
use countersign::key_attestation::KeyAttestation;
use countersign::material::{Limits, Material};
use countersign::pki::anchor::Anchor;
use countersign::pki::minting::{Holder, Order, ca, extension};
use countersign::trust::TrustBundle;

const AT: &str = "2020-06-01T00:00:00Z";

/// A device that attests the key of `holder`, as the certificates of a file and the root to accept.
fn attested(holder: &Holder) -> (KeyAttestation, Anchor) {
    let (root, device) = (Holder::new("Attestation Root", 1), Holder::new("PIV Attestation", 2));
    let slot = root.certify(&device, &Order::with(&[ca(Some(0))]));
    let key = Holder { name: Holder::new("PIV Attestation 9c", 0).name, key: holder.key.clone() };
    let statement = device.certify(
        &key,
        &Order::with(&[
            extension(oid::YUBICO_FIRMWARE, false, &[5, 7, 1]),
            extension(oid::YUBICO_POLICIES, false, &[3, 2]),
        ]),
    );
    let block = |certificate: &Certificate| {
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", base64::encode(certificate.der()))
    };
    let file = block(&statement) + &block(&slot);
    (KeyAttestation::read("piv.pem", file.as_bytes()).unwrap(), Anchor::unlimited(root.root(), "root.pem"))
}

fn examined(publisher: &Publisher, attestation: KeyAttestation, anchors: Vec<Anchor>) -> Dossier {
    let file = publisher.signing().file();
    let material = Material {
        anchors: TrustBundle::default().with_anchor(publisher.root.clone(), "test"),
        key_attestations: vec![attestation],
        attestation_anchors: anchors,
        ..Material::default()
    };
    let artifact = Artifact { name: "t.exe".into(), path: "t.exe".into(), content: Content::File(&file) };
    examine(&artifact, &material, AT.parse().unwrap(), &Limits::default()).unwrap()
}

fn has(dossier: &Dossier, id: FindingId) -> bool {
    dossier.findings.iter().any(|finding| finding.id == id)
}

#[test]
fn a_statement_about_the_signers_key_is_left_in_the_signature() {
    let publisher = Publisher::new(&[oid::CODE_SIGNING]);
    let (attestation, anchor) = attested(&publisher.holder);
    let dossier = examined(&publisher, attestation, vec![anchor]);
    let KeyProtection::Attested { by, what } = &dossier.signatures[0].key_protection else { panic!("{dossier:#?}") };
    assert_eq!(by, "YubiKey PIV");
    assert!(what.contains("firmware 5.7.1") && what.contains("PIN always, touch always"), "{what}");
}

#[test]
fn a_statement_about_another_key_counts_for_nothing_and_is_reported() {
    let publisher = Publisher::new(&[oid::CODE_SIGNING]);
    let (attestation, anchor) = attested(&Holder::new("Somebody", 99));
    let dossier = examined(&publisher, attestation, vec![anchor]);
    assert_eq!(dossier.signatures[0].key_protection, KeyProtection::Unknown);
    assert!(has(&dossier, FindingId::KeyAttestationAboutAnother));
}

#[test]
fn a_statement_that_nobody_accepted_vouches_for_counts_for_nothing_and_is_reported() {
    let publisher = Publisher::new(&[oid::CODE_SIGNING]);
    let (attestation, _) = attested(&publisher.holder);
    let dossier = examined(&publisher, attestation, Vec::new());
    assert_eq!(dossier.signatures[0].key_protection, KeyProtection::Unknown);
    assert!(has(&dossier, FindingId::KeyAttestationDoesNotVerify));
}

#[test]
fn an_anchor_for_statements_vouches_for_no_signer() {
    let publisher = Publisher::new(&[oid::CODE_SIGNING]);
    let (attestation, _) = attested(&publisher.holder);
    let file = publisher.signing().file();
    let material = Material {
        key_attestations: vec![attestation],
        attestation_anchors: vec![Anchor::unlimited(publisher.root.clone(), "root.pem")],
        ..Material::default()
    };
    let artifact = Artifact { name: "t.exe".into(), path: "t.exe".into(), content: Content::File(&file) };
    let dossier = examine(&artifact, &material, AT.parse().unwrap(), &Limits::default()).unwrap();
    assert_eq!(dossier.signatures[0].state().word(), "untrusted");
}

//! What a user may be talked into giving: keys, certificates, trust lists, trusted roots.

#![no_main]

use std::sync::LazyLock;

use countersign::crypto::{DigestAlgorithm, Message, PublicKey, SignatureScheme, verify};
use countersign::distrust::{self, DistrustPack};
use countersign::encoding::cms::SignedData;
use countersign::encoding::ctl::SignedList;
use countersign::encoding::x509::{Certificate, Name};
use countersign::encoding::ssh::{self, SshSignature};
use countersign::encoding::{json, pem};
use countersign::event::Event;
use countersign::exports::ReadExport;
use countersign::in_toto::LayoutMaterial;
use countersign::key_attestation::KeyAttestation;
use countersign::lookalike;
use countersign::material::EvidenceFile;
use countersign::pki::{crl, ocsp};
use countersign::time::Time;
use countersign::tlog::trusted_root::TrustedRoot;
use countersign::trust::TrustBundle;
use libfuzzer_sys::fuzz_target;

/// Some key: whose signature is missing is found after a layout was read.
static OWNER: LazyLock<PublicKey> = LazyLock::new(|| {
    let head = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];
    PublicKey::from_spki(&[&head[..], &[7; 32]].concat()).expect("an Ed25519 key")
});

fuzz_target!(|bytes: &[u8]| {
    let _ = pem::certificates(bytes);
    let _ = pem::public_key(bytes);
    let _ = ssh::public_keys(bytes);
    if let Ok(signature) = SshSignature::read(bytes, "git") {
        let _ = signature.verify(signature.key(), b"message");
    }
    let _ = json::parse(bytes);
    let _ = TrustedRoot::from_json("file", bytes);
    let _ = SignedList::open(bytes);
    let _ = LayoutMaterial::read("file", bytes, vec![OWNER.clone()]);
    let _ = KeyAttestation::read("file", bytes);
    let _ = std::str::from_utf8(bytes).map(Event::from_json);
    distrust_lists(bytes);
    let _ = crl::read_all(bytes);
    let _ = ocsp::read_all(bytes);
    if let Ok(bundle) = TrustBundle::from_der(bytes) {
        let again = TrustBundle::from_der(&bundle.to_der()).expect("what is written is read");
        assert_eq!(again.to_der(), bundle.to_der());
    }
    if let Ok(signed) = SignedData::parse(bytes) {
        for certificate in &signed.certificates {
            certificate_and_key(certificate.raw);
        }
    }
    certificate_and_key(bytes);
});

fn distrust_lists(bytes: &[u8]) {
    let _ = distrust::open(bytes, &[]);
    if let Ok(pack) = DistrustPack::from_json(bytes) {
        let again = DistrustPack::from_json(&pack.to_json()).expect("what is written is read");
        assert_eq!(again.entries(), pack.entries());
    }
    if let Ok((_, imported)) = distrust::import::import(bytes) {
        if let Ok(pack) = DistrustPack::new("fuzz", "fuzz", "", Time::from_unix(0), imported.entries) {
            let again = DistrustPack::from_json(&pack.to_json()).expect("what is imported is written and read");
            assert_eq!(again.entries(), pack.entries());
        }
    }
    let _ = ReadExport::observed(&EvidenceFile { path: "fuzz".to_owned(), bytes: bytes.to_vec() });
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = (lookalike::normalise(text), lookalike::oddities(text));
        let _ = lookalike::Letters::ALL.map(|letters| lookalike::eye(text, letters));
        let _ = Name::from_text(text);
    }
}

fn certificate_and_key(der: &[u8]) {
    if let Ok(certificate) = Certificate::from_der(der) {
        let _ = certificate.subject().to_string();
        let _ = certificate.leniencies();
        let _ = (certificate.extended_key_usage(), certificate.policies(), certificate.basic_constraints());
        if let Ok(key) = certificate.public_key() {
            let _ = certificate.verify_signed_by(&key);
        }
    }
    if let Ok(key) = PublicKey::from_spki(der) {
        for digest in DigestAlgorithm::ALL {
            let scheme = SignatureScheme::usual_for(key.kind(), digest);
            let _ = verify(&key, scheme, Message::Bytes(b"message"), der);
        }
    }
}

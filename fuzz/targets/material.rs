//! What a user may be talked into giving: keys, certificates, trust lists, trusted roots.

#![no_main]

use countersign::crypto::{DigestAlgorithm, Message, PublicKey, SignatureScheme, verify};
use countersign::encoding::cms::SignedData;
use countersign::encoding::ctl::SignedList;
use countersign::encoding::x509::Certificate;
use countersign::encoding::{json, pem};
use countersign::pki::{crl, ocsp};
use countersign::tlog::trusted_root::TrustedRoot;
use countersign::trust::TrustBundle;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = pem::certificates(bytes);
    let _ = pem::public_key(bytes);
    let _ = json::parse(bytes);
    let _ = TrustedRoot::from_json("file", bytes);
    let _ = SignedList::open(bytes);
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

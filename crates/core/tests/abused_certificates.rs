//! 2,072 real code-signing certificates that signed malware (NDSS 2026): every one is read, with every
//! extension, and exactly the nine with mistyped strings are flagged.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used
)]

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;

use countersign::encoding::asn1::oid;
use countersign::encoding::x509::{Certificate, Leniency};

fn certificates() -> Option<Vec<(String, Vec<u8>)>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/abused-certificates/certs.zip");
    let Ok(file) = std::fs::File::open(&path) else {
        eprintln!("SKIPPED: no abused certificates at {}", path.display());
        return None;
    };
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let mut found = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        if entry.is_file() {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            found.push((entry.name().unwrap().into_owned(), bytes));
        }
    }
    Some(found)
}

#[test]
fn every_certificate_is_read_and_nine_are_flagged_as_mistyped() {
    let Some(certificates) = certificates() else { return };
    let mut leniencies: BTreeMap<String, usize> = BTreeMap::new();
    let (mut mistyped, mut code_signing) = (0, 0);
    for (name, der) in &certificates {
        let certificate = Certificate::from_der(der).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(certificate.der(), der);
        let found = certificate.leniencies();
        let is_mistyped =
            |l: &Leniency| matches!(l, Leniency::MistypedSubject { .. } | Leniency::MistypedIssuer { .. });
        mistyped += usize::from(found.iter().any(is_mistyped));
        for leniency in found {
            *leniencies.entry(leniency.to_string()).or_default() += 1;
        }
        let usage = certificate.extended_key_usage().unwrap_or_else(|error| panic!("{name}: {error}"));
        code_signing += usize::from(usage.is_some_and(|usage| usage.contains(oid::CODE_SIGNING)));
        for check in
            [certificate.key_usage().err(), certificate.policies().err(), certificate.basic_constraints().err()]
        {
            assert_eq!(check, None, "{name}");
        }
        certificate.subject_alternative_names().unwrap_or_else(|error| panic!("{name}: {error}"));
        certificate.public_key().unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(certificate.signature_scheme().is_some(), "{name}");
    }
    eprintln!(
        "{} certificates, {code_signing} for code signing, {mistyped} mistyped: {leniencies:?}",
        certificates.len()
    );
    assert_eq!((certificates.len(), mistyped), (2072, 9));
}

//! Certificates made here by hand, and the real ones of `../shared/corpus` where it is at hand.

use super::*;
use crate::encoding::asn1::{encode, encode_sequence};

/// Fields of a minimal certificate, to vary one at a time. Its signature is no signature.
struct Template {
    version: Option<u8>,
    serial: Vec<u8>,
    inner_algorithm: Vec<u8>,
    extensions: Vec<Vec<u8>>,
}

impl Default for Template {
    fn default() -> Self {
        Self {
            version: Some(2),
            serial: vec![5],
            inner_algorithm: encode_sequence(&[encode(tag::OID, oid::ED25519)]),
            extensions: vec![extension(oid::BASIC_CONSTRAINTS, true, &[0x30, 3, 1, 1, 0xff])],
        }
    }
}

fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let flag = if critical { vec![1, 1, 0xff] } else { Vec::new() };
    encode_sequence(&[encode(tag::OID, oid), flag, encode(tag::OCTET_STRING, value)])
}

impl Template {
    fn der(&self) -> Vec<u8> {
        let algorithm = encode_sequence(&[encode(tag::OID, oid::ED25519)]);
        let name = encode_sequence(&[encode(
            tag::SET,
            &encode_sequence(&[encode(tag::OID, oid::COMMON_NAME), encode(tag::UTF8_STRING, b"x")]),
        )]);
        let validity =
            encode_sequence(&[encode(tag::UTC_TIME, b"200101000000Z"), encode(tag::UTC_TIME, b"300101000000Z")]);
        let spki = encode_sequence(&[algorithm.clone(), encode(tag::BIT_STRING, &[0; 33])]);
        let version = self.version.map(|v| encode(0xa0, &[2, 1, v])).unwrap_or_default();
        let mut tbs = vec![version, encode(tag::INTEGER, &self.serial), self.inner_algorithm.clone(), name.clone()];
        tbs.extend([validity, name, spki]);
        if !self.extensions.is_empty() {
            tbs.push(encode(0xa3, &encode_sequence(&self.extensions)));
        }
        encode_sequence(&[encode_sequence(&tbs), algorithm, encode(tag::BIT_STRING, &[0; 65])])
    }

    fn error(&self) -> CertificateErrorKind {
        Certificate::from_der(&self.der()).unwrap_err().kind
    }
}

#[test]
fn fields_are_slices_of_what_was_read() {
    let der = Template::default().der();
    let certificate = Certificate::from_der(&der).unwrap();
    assert_eq!(certificate.der(), der);
    assert_eq!((certificate.version(), certificate.serial()), (3, &[5][..]));
    assert_eq!(certificate.subject().to_string(), "CN=x");
    assert!(certificate.is_self_issued() && certificate.is_ca());
    assert_eq!(certificate.not_before().to_string(), "2020-01-01T00:00:00Z");
    assert_eq!(certificate.signature(), [0; 64]);
    assert_eq!(certificate.signature_scheme(), Some(SignatureScheme::Ed25519));
    let key = certificate.public_key().unwrap();
    assert_eq!(certificate.verify_signed_by(&key), Err(SignatureError::Mismatch));
    assert_eq!(certificate.leniencies(), []);
}

#[test]
fn contradictions_are_errors() {
    let other = encode_sequence(&[encode(tag::OID, oid::SHA256_WITH_RSA)]);
    let differ = Template { inner_algorithm: other, ..Template::default() };
    assert_eq!(differ.error(), CertificateErrorKind::AlgorithmsDiffer);
    let twice = vec![extension(&[0x2a, 3], false, &[]), extension(&[0x2a, 3], false, &[1])];
    assert_eq!(Template { extensions: twice, ..Template::default() }.error(), CertificateErrorKind::DuplicateExtension);
    assert_eq!(Template { version: Some(3), ..Template::default() }.error(), CertificateErrorKind::Version);
    let many = (0..=127).map(|last| extension(&[0x2a, last], false, &[]));
    let many = many.chain([extension(&[0x2b, 1], false, &[])]).collect();
    assert_eq!(Template { extensions: many, ..Template::default() }.error(), CertificateErrorKind::TooManyExtensions);
    let trailing = [Template::default().der(), vec![0]].concat();
    let error = Certificate::from_der(&trailing).unwrap_err();
    assert_eq!(error.kind, CertificateErrorKind::Encoding(ErrorKind::TrailingBytes));
    assert_eq!(error.offset, trailing.len() - 1);
}

#[test]
fn departures_are_read_and_listed() {
    let of = |template: Template| Certificate::from_der(&template.der()).unwrap().leniencies();
    assert_eq!(of(Template { serial: vec![0x80], ..Template::default() }), [Leniency::NegativeSerial]);
    assert_eq!(of(Template { serial: vec![0], ..Template::default() }), [Leniency::ZeroSerial]);
    let long = [vec![0], vec![0x90; 20]].concat();
    assert_eq!(of(Template { serial: long, ..Template::default() }), []);
    assert_eq!(of(Template { serial: vec![1; 21], ..Template::default() }), [Leniency::LongSerial]);
    assert_eq!(of(Template { version: None, ..Template::default() }), [Leniency::ExtensionsBeforeVersion3]);
    let odd_flag = encode_sequence(&[encode(tag::OID, &[0x2a, 3]), vec![1, 1, 1], encode(tag::OCTET_STRING, &[])]);
    assert_eq!(of(Template { extensions: vec![odd_flag], ..Template::default() }), [Leniency::NotDer]);
}

#[test]
fn every_truncation_is_an_error_and_none_panics() {
    let der = Template::default().der();
    for length in 0..der.len() {
        assert!(Certificate::from_der(&der[..length]).is_err());
    }
}

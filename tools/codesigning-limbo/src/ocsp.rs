//! OCSP responses as the suite describes them (RFC 6960 §4.2).

use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::encoding::asn1::{Reader, Rules, encode, encode_sequence, oid, tag};
use countersign::time::Time;

use crate::certificate::Certificate;
use crate::cms::digest_algorithm;
use crate::names::{generalized_time, object, on};
use crate::pair::Pair;

/// A response about one certificate, to be made.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    /// The issuer that the response names: name and key.
    pub(crate) issuer: Certificate,
    pub(crate) serial: Vec<u8>,
    pub(crate) status: Status,
    pub(crate) issued: Time,
    pub(crate) next: Option<Time>,
    /// Who answers, by name.
    pub(crate) responder: Vec<u8>,
    pub(crate) signer: Pair,
    /// Certificates that go along.
    pub(crate) certificates: Vec<Certificate>,
    /// The digest by which the certificate is named.
    pub(crate) digest: DigestAlgorithm,
    /// The signature value is changed.
    pub(crate) changed: bool,
}

/// What a response says.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Status {
    Good,
    /// Since when, and why: a number of RFC 5280 §5.3.1.
    Revoked(Time, Option<u8>),
    Unknown,
    /// The responder gives no answer: a number of RFC 6960 §4.2.1.
    NoAnswer(u8),
}

impl Response {
    /// A current answer about `certificate` by its issuer itself.
    pub(crate) fn of(certificate: &Certificate, issuer: &Certificate, status: Status) -> Self {
        Self {
            issuer: issuer.clone(),
            serial: certificate.serial.clone(),
            status,
            issued: on("2023-08-30"),
            next: Some(on("2023-09-03")),
            responder: issuer.subject.clone(),
            signer: issuer.key,
            certificates: Vec::new(),
            digest: DigestAlgorithm::Sha1,
            changed: false,
        }
    }

    /// Answered by a responder, whose certificate goes along.
    pub(crate) fn by(self, responder: &Certificate) -> Self {
        let (name, certificates) = (responder.subject.clone(), vec![responder.clone()]);
        Self { responder: name, signer: responder.key, certificates, ..self }
    }

    pub(crate) fn issued(self, issued: &str, next: &str) -> Self {
        Self { issued: on(issued), next: Some(on(next)), ..self }
    }

    /// The whole `OCSPResponse`.
    pub(crate) fn der(&self) -> Vec<u8> {
        if let Status::NoAnswer(code) = self.status {
            return encode_sequence(&[encode(tag::ENUMERATED, &[code])]);
        }
        let bytes = [object(oid::OCSP_BASIC), encode(tag::OCTET_STRING, &self.basic())];
        encode_sequence(&[encode(tag::ENUMERATED, &[0]), encode(0xa0, &encode_sequence(&bytes))])
    }

    fn basic(&self) -> Vec<u8> {
        let data = encode_sequence(&[
            encode(0xa1, &self.responder),
            generalized_time(self.issued),
            encode_sequence(&[self.answer()]),
        ]);
        let digest = DigestAlgorithm::Sha256;
        let mut signature = self.signer.sign(digest, &data);
        if self.changed {
            signature.iter_mut().take(1).for_each(|byte| *byte ^= 1);
        }
        let certificates: Vec<Vec<u8>> = self.certificates.iter().map(Certificate::der).collect();
        encode_sequence(&[
            data,
            self.signer.key().algorithm(digest),
            encode(tag::BIT_STRING, &[vec![0], signature].concat()),
            if certificates.is_empty() { Vec::new() } else { encode(0xa0, &encode_sequence(&certificates)) },
        ])
    }

    /// `SingleResponse`.
    fn answer(&self) -> Vec<u8> {
        let status = match self.status {
            Status::Revoked(since, reason) => {
                let reason = reason.map(|code| encode(0xa0, &encode(tag::ENUMERATED, &[code]))).unwrap_or_default();
                encode(0xa1, &[generalized_time(since), reason].concat())
            }
            Status::Unknown => encode(0x82, &[]),
            Status::Good | Status::NoAnswer(_) => encode(0x80, &[]),
        };
        let next = self.next.map(|next| encode(0xa0, &generalized_time(next))).unwrap_or_default();
        encode_sequence(&[self.certificate_id(), status, generalized_time(self.issued), next])
    }

    /// `CertID`: digests of the issuer's name and of its key without the algorithm.
    fn certificate_id(&self) -> Vec<u8> {
        let digest = |bytes: &[u8]| encode(tag::OCTET_STRING, Digest::of(self.digest, bytes).as_bytes());
        encode_sequence(&[
            digest_algorithm(self.digest),
            digest(&self.issuer.subject),
            digest(&key_bits(&self.issuer.key.key().spki())),
            encode(tag::INTEGER, &self.serial),
        ])
    }
}

/// The content of the BIT STRING in a `SubjectPublicKeyInfo`.
fn key_bits(spki: &[u8]) -> Vec<u8> {
    let mut fields = Reader::new(spki, Rules::Der).sequence().expect("keys of the suite are well formed");
    fields.sequence().expect("keys of the suite are well formed");
    fields.bit_string().expect("keys of the suite are well formed").to_vec()
}

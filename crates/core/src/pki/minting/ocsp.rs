//! OCSP responses made for tests: change a field to make another part wrong.
//!
//! They panic on what cannot be made, as the rest of `minting` does.

use super::Holder;
use crate::crypto::{Digest, DigestAlgorithm, PublicKey};
use crate::encoding::asn1::{encode, encode_sequence, encode_unsigned, oid, tag};
use crate::encoding::x509::Certificate;

/// `good`.
#[must_use]
pub fn good() -> Vec<u8> {
    vec![0x80, 0]
}

/// `revoked` at this `GeneralizedTime`, for this reason.
#[must_use]
pub fn revoked(at: &str, reason: Option<u8>) -> Vec<u8> {
    let reason = reason.map(|code| encode(0xa0, &[tag::ENUMERATED, 1, code])).unwrap_or_default();
    encode(0xa1, &[encode(tag::GENERALIZED_TIME, at.as_bytes()), reason].concat())
}

/// `unknown`.
#[must_use]
pub fn unknown() -> Vec<u8> {
    vec![0x82, 0]
}

/// The answer about one certificate.
#[derive(Clone)]
pub struct Answer {
    /// The digest of the `CertID`.
    pub digest: DigestAlgorithm,
    /// The DER name that it hashes.
    pub issuer_name: Vec<u8>,
    /// The bits of the key that it hashes.
    pub issuer_key: Vec<u8>,
    /// Its serial number, unsigned.
    pub serial: Vec<u8>,
    /// The `CertStatus`.
    pub status: Vec<u8>,
    /// A `GeneralizedTime`.
    pub this_update: &'static str,
    /// A `GeneralizedTime`.
    pub next_update: Option<&'static str>,
    /// The `singleExtensions`.
    pub extensions: Vec<Vec<u8>>,
}

impl Answer {
    /// About this certificate of this issuer: good, of 2025-01-01, the next one due on 2025-01-08.
    ///
    /// # Panics
    /// If the issuer's key is of no known kind.
    #[must_use]
    pub fn about(certificate: &Certificate, issuer: &Certificate) -> Self {
        Self {
            digest: DigestAlgorithm::Sha1,
            issuer_name: certificate.issuer().der().to_vec(),
            issuer_key: issuer.public_key().unwrap().key_bits().to_vec(),
            serial: certificate.serial().to_vec(),
            status: good(),
            this_update: "20250101000000Z",
            next_update: Some("20250108000000Z"),
            extensions: Vec::new(),
        }
    }

    fn der(&self) -> Vec<u8> {
        let hash = |bytes: &[u8]| encode(tag::OCTET_STRING, Digest::of(self.digest, bytes).as_bytes());
        let algorithm = encode_sequence(&[encode(tag::OID, self.digest.oid()), vec![5, 0]]);
        let id = [algorithm, hash(&self.issuer_name), hash(&self.issuer_key), encode_unsigned(&self.serial)];
        let next = self.next_update.map(|at| encode(0xa0, &generalized(at))).unwrap_or_default();
        let fields = [encode_sequence(&id), self.status.clone(), generalized(self.this_update), next];
        encode_sequence(&[fields.concat(), wrapped(0xa1, &self.extensions)])
    }
}

/// A response: who makes it, when, with what.
pub struct Response<'a> {
    /// Who signs it.
    pub by: &'a Holder,
    /// The responder names itself by its key instead of its name.
    pub by_key: bool,
    /// A `GeneralizedTime`.
    pub produced_at: &'static str,
    /// The answers.
    pub answers: Vec<Answer>,
    /// The `responseExtensions`.
    pub extensions: Vec<Vec<u8>>,
    /// The certificates that it carries.
    pub certificates: Vec<Certificate>,
}

impl<'a> Response<'a> {
    /// With this answer, of 2025-01-01.
    #[must_use]
    pub fn new(by: &'a Holder, answer: Answer) -> Self {
        Self {
            by,
            by_key: false,
            produced_at: "20250101000000Z",
            answers: vec![answer],
            extensions: Vec::new(),
            certificates: Vec::new(),
        }
    }

    /// The `BasicOCSPResponse`.
    #[must_use]
    pub fn basic(&self) -> Vec<u8> {
        let key_hash =
            || Digest::of(DigestAlgorithm::Sha1, PublicKey::from_spki(&self.by.key.spki()).unwrap().key_bits());
        let responder = match self.by_key {
            true => encode(0xa2, &encode(tag::OCTET_STRING, key_hash().as_bytes())),
            false => encode(0xa1, &self.by.name),
        };
        let answers: Vec<Vec<u8>> = self.answers.iter().map(Answer::der).collect();
        let fields = [responder, generalized(self.produced_at), encode_sequence(&answers)];
        let data = encode_sequence(&[fields.concat(), wrapped(0xa1, &self.extensions)]);
        let certificates: Vec<Vec<u8>> = self.certificates.iter().map(|c| c.der().to_vec()).collect();
        let bits = [vec![0], self.by.sign_bytes(&data)].concat();
        let algorithm = self.by.key.algorithm(DigestAlgorithm::Sha256);
        encode_sequence(&[data, algorithm, encode(tag::BIT_STRING, &bits), wrapped(0xa0, &certificates)])
    }

    /// The whole `OCSPResponse`.
    #[must_use]
    pub fn der(&self) -> Vec<u8> {
        let bytes = [encode(tag::OID, oid::OCSP_BASIC), encode(tag::OCTET_STRING, &self.basic())];
        encode_sequence(&[vec![tag::ENUMERATED, 1, 0], encode(0xa0, &encode_sequence(&bytes))])
    }
}

/// A response without an answer, with this status.
#[must_use]
pub fn refusal(status: u8) -> Vec<u8> {
    encode_sequence(&[vec![tag::ENUMERATED, 1, status]])
}

fn generalized(text: &str) -> Vec<u8> {
    encode(tag::GENERALIZED_TIME, text.as_bytes())
}

/// A list in an explicit tag, absent if it is empty.
fn wrapped(context: u8, list: &[Vec<u8>]) -> Vec<u8> {
    if list.is_empty() { Vec::new() } else { encode(context, &encode_sequence(list)) }
}

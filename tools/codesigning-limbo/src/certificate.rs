//! Certificates as the suite describes them: everything that they say, and every way to say it wrongly.

use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::encoding::asn1::{encode, encode_sequence, oid, tag};
use countersign::time::Time;

use crate::extension::{self, Extension};
use crate::names::{generalized_time, instant, name, on};
use crate::pair::Pair;

/// A certificate to be made.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    pub(crate) subject: Vec<u8>,
    pub(crate) key: Pair,
    pub(crate) issuer: Vec<u8>,
    pub(crate) signer: Pair,
    /// Content octets of the serial number.
    pub(crate) serial: Vec<u8>,
    pub(crate) from: Time,
    pub(crate) until: Time,
    pub(crate) version: u8,
    pub(crate) digest: DigestAlgorithm,
    pub(crate) extensions: Vec<Extension>,
    pub(crate) oddity: Oddity,
}

/// Something about a certificate that no issuer does on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Oddity {
    None,
    /// Dates before 2050 as GeneralizedTime.
    GeneralizedTime,
    /// The signature value is changed.
    SignatureChanged,
    /// The two names of the signature algorithm differ.
    AlgorithmsDiffer,
}

/// A serial number of 16 octets that no other name or key has: positive, and without leading zeros.
fn serial_of(subject: &[u8], key: Pair) -> Vec<u8> {
    let digest = Digest::of(DigestAlgorithm::Sha256, &[subject, &key.key().spki()].concat());
    std::iter::once(0x4c).chain(digest.as_bytes().iter().copied().take(15)).collect()
}

impl Certificate {
    /// A certificate of `subject` that signs itself.
    fn self_signed(organization: &str, common_name: &str, key: Pair, from: &str, until: &str) -> Self {
        let subject = name(organization, common_name);
        Self {
            serial: serial_of(&subject, key),
            issuer: subject.clone(),
            subject,
            key,
            signer: key,
            from: on(from),
            until: on(until),
            version: 3,
            digest: DigestAlgorithm::Sha256,
            extensions: vec![extension::subject_key(&key.key())],
            oddity: Oddity::None,
        }
    }

    /// A root.
    pub(crate) fn root(common_name: &str, key: Pair) -> Self {
        let root = Self::self_signed("Limbo Trust", common_name, key, "2005-01-01", "2045-01-01");
        root.with(extension::ca(None)).with(extension::key_usage(&[extension::CERT_SIGN, extension::CRL_SIGN]))
    }

    /// An authority below `issuer`, for this usage.
    pub(crate) fn authority(common_name: &str, key: Pair, issuer: &Self, usage: &[u8]) -> Self {
        let authority = Self::self_signed("Limbo Trust", common_name, key, "2006-01-01", "2044-01-01");
        authority
            .with(extension::ca(None))
            .with(extension::key_usage(&[extension::CERT_SIGN, extension::CRL_SIGN]))
            .with(extension::usages(&[usage]))
            .issued_by(issuer)
    }

    /// A publisher below `issuer`, as CSBR 7.1.2.3 describes its certificate.
    pub(crate) fn publisher(issuer: &Self) -> Self {
        let publisher =
            Self::self_signed("Example Software", "Example Software", Pair::Publisher, "2023-01-01", "2026-01-01");
        publisher
            .with(extension::key_usage(&[extension::DIGITAL_SIGNATURE]))
            .with(extension::usages(&[oid::CODE_SIGNING]))
            .with(extension::policies(&["2.23.140.1.4.1"]))
            .with(extension::crl_point("http://crl.limbo.invalid/code-ca.crl"))
            .with(extension::issuer_address("http://aia.limbo.invalid/code-ca.cer"))
            .issued_by(issuer)
    }

    /// A timestamping authority below `issuer`, as CSBR 7.1.2.3 describes its certificate.
    pub(crate) fn stamps(issuer: &Self) -> Self {
        let stamps = Self::self_signed("Limbo Time", "Limbo Time Stamps", Pair::Stamps, "2023-01-01", "2034-01-01");
        stamps
            .with(extension::key_usage(&[extension::DIGITAL_SIGNATURE]))
            .with(extension::usages(&[oid::TIME_STAMPING]).critical())
            .with(extension::policies(&["2.23.140.1.4.2"]))
            .with(extension::crl_point("http://crl.limbo.invalid/time-ca.crl"))
            .with(extension::issuer_address("http://aia.limbo.invalid/time-ca.cer"))
            .issued_by(issuer)
    }

    /// Signed by another holder: issuer's name, key and identifier of the key.
    pub(crate) fn issued_by(self, issuer: &Self) -> Self {
        let named = Self { issuer: issuer.subject.clone(), signer: issuer.key, ..self };
        named.with(extension::authority_key(&issuer.key.key()))
    }

    /// With this extension instead of the one of its kind.
    pub(crate) fn with(mut self, extension: Extension) -> Self {
        match self.extensions.iter_mut().find(|known| known.oid == extension.oid) {
            Some(known) => *known = extension,
            None => self.extensions.push(extension),
        }
        self
    }

    /// With this extension, even if there is one of its kind.
    pub(crate) fn and(mut self, extension: Extension) -> Self {
        self.extensions.push(extension);
        self
    }

    pub(crate) fn without(mut self, oid: &[u8]) -> Self {
        self.extensions.retain(|extension| extension.oid != oid);
        self
    }

    pub(crate) fn valid(self, from: &str, until: &str) -> Self {
        Self { from: on(from), until: on(until), ..self }
    }

    pub(crate) fn serial(self, serial: &[u8]) -> Self {
        Self { serial: serial.to_vec(), ..self }
    }

    pub(crate) fn digest(self, digest: DigestAlgorithm) -> Self {
        Self { digest, ..self }
    }

    pub(crate) fn named(self, subject: Vec<u8>) -> Self {
        Self { subject, ..self }
    }

    /// With another key of its own.
    pub(crate) fn key(self, key: Pair) -> Self {
        Self { key, ..self }.with(extension::subject_key(&key.key()))
    }

    pub(crate) fn odd(self, oddity: Oddity) -> Self {
        Self { oddity, ..self }
    }

    /// As version 1: no extensions.
    pub(crate) fn version_1(self) -> Self {
        Self { version: 1, extensions: Vec::new(), ..self }
    }

    /// The whole certificate.
    pub(crate) fn der(&self) -> Vec<u8> {
        let tbs = self.to_be_signed();
        let mut signature = self.signer.sign(self.digest, &tbs);
        if self.oddity == Oddity::SignatureChanged {
            signature.iter_mut().take(1).for_each(|byte| *byte ^= 1);
        }
        let outer = match self.oddity {
            Oddity::AlgorithmsDiffer => DigestAlgorithm::Sha384,
            _ => self.digest,
        };
        let bits = encode(tag::BIT_STRING, &[vec![0], signature].concat());
        encode_sequence(&[tbs, self.signer.key().algorithm(outer), bits])
    }

    fn to_be_signed(&self) -> Vec<u8> {
        let write = if self.oddity == Oddity::GeneralizedTime { generalized_time } else { instant };
        let version = if self.version == 1 { Vec::new() } else { encode(0xa0, &[tag::INTEGER, 1, self.version - 1]) };
        let extensions: Vec<Vec<u8>> = self.extensions.iter().map(Extension::der).collect();
        encode_sequence(&[
            version,
            encode(tag::INTEGER, &self.serial),
            self.signer.key().algorithm(self.digest),
            self.issuer.clone(),
            encode_sequence(&[write(self.from), write(self.until)]),
            self.subject.clone(),
            self.key.key().spki(),
            if extensions.is_empty() { Vec::new() } else { encode(0xa3, &encode_sequence(&extensions)) },
        ])
    }
}

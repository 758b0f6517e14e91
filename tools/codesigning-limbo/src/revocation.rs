//! Revocation lists as the suite describes them (RFC 5280 §5).

use countersign::crypto::DigestAlgorithm;
use countersign::encoding::asn1::{encode, encode_sequence, oid, tag};
use countersign::time::Time;

use crate::certificate::Certificate;
use crate::extension::{self, Extension};
use crate::names::{generalized_time, instant, on};
use crate::pair::Pair;

/// A list to be made.
#[derive(Clone, Debug)]
pub(crate) struct List {
    pub(crate) issuer: Vec<u8>,
    pub(crate) signer: Pair,
    pub(crate) issued: Time,
    pub(crate) next: Option<Time>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) extensions: Vec<Extension>,
    /// The signature value is changed.
    pub(crate) changed: bool,
}

/// One revoked certificate.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    serial: Vec<u8>,
    revoked: Time,
    extensions: Vec<Extension>,
}

impl Entry {
    pub(crate) fn of(certificate: &Certificate, revoked: Time) -> Self {
        Self { serial: certificate.serial.clone(), revoked, extensions: Vec::new() }
    }

    /// For this reason: a number of RFC 5280 §5.3.1.
    pub(crate) fn reason(self, reason: u8) -> Self {
        self.with(Extension::new(oid::CRL_REASON, false, encode(tag::ENUMERATED, &[reason])))
    }

    /// Compromised since.
    pub(crate) fn invalid_since(self, since: Time) -> Self {
        self.with(Extension::new(oid::INVALIDITY_DATE, false, generalized_time(since)))
    }

    pub(crate) fn with(mut self, extension: Extension) -> Self {
        self.extensions.push(extension);
        self
    }

    fn der(&self) -> Vec<u8> {
        let extensions: Vec<Vec<u8>> = self.extensions.iter().map(Extension::der).collect();
        let extensions = if extensions.is_empty() { Vec::new() } else { encode_sequence(&extensions) };
        encode_sequence(&[encode(tag::INTEGER, &self.serial), instant(self.revoked), extensions])
    }
}

impl List {
    /// A complete list of `issuer`.
    pub(crate) fn of(issuer: &Certificate, issued: &str, next: &str) -> Self {
        Self {
            issuer: issuer.subject.clone(),
            signer: issuer.key,
            issued: on(issued),
            next: Some(on(next)),
            entries: Vec::new(),
            extensions: vec![extension::authority_key(&issuer.key.key()), extension::crl_number(7)],
            changed: false,
        }
    }

    pub(crate) fn listing(mut self, entry: Entry) -> Self {
        self.entries.push(entry);
        self
    }

    pub(crate) fn with(mut self, extension: Extension) -> Self {
        match self.extensions.iter_mut().find(|known| known.oid == extension.oid) {
            Some(known) => *known = extension,
            None => self.extensions.push(extension),
        }
        self
    }

    pub(crate) fn without(mut self, oid: &[u8]) -> Self {
        self.extensions.retain(|extension| extension.oid != oid);
        self
    }

    pub(crate) fn signed_with(self, signer: Pair) -> Self {
        Self { signer, ..self }
    }

    /// The whole list.
    pub(crate) fn der(&self) -> Vec<u8> {
        let digest = DigestAlgorithm::Sha256;
        let algorithm = self.signer.key().algorithm(digest);
        let entries: Vec<Vec<u8>> = self.entries.iter().map(Entry::der).collect();
        let extensions: Vec<Vec<u8>> = self.extensions.iter().map(Extension::der).collect();
        let tbs = encode_sequence(&[
            vec![tag::INTEGER, 1, 1],
            algorithm.clone(),
            self.issuer.clone(),
            instant(self.issued),
            self.next.map(instant).unwrap_or_default(),
            if entries.is_empty() { Vec::new() } else { encode_sequence(&entries) },
            if extensions.is_empty() { Vec::new() } else { encode(0xa0, &encode_sequence(&extensions)) },
        ]);
        let mut signature = self.signer.sign(digest, &tbs);
        if self.changed {
            signature.iter_mut().take(1).for_each(|byte| *byte ^= 1);
        }
        encode_sequence(&[tbs, algorithm, encode(tag::BIT_STRING, &[vec![0], signature].concat())])
    }
}

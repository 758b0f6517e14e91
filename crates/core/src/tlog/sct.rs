//! Signed certificate timestamps inside certificates (RFC 6962 §3.2, §3.3): a certificate log's promise that
//! the certificate is public.

use super::trusted_root::Log;
use crate::crypto::{Digest, DigestAlgorithm, Message, SignatureError, SignatureScheme, verify};
use crate::encoding::asn1::{self, Reader, Rules, oid, tag};
use crate::encoding::x509::Certificate;
use crate::time::Time;

/// One promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateTimestamp {
    /// The log that made it: SHA-256 of its key.
    pub log_id: [u8; 32],
    /// Milliseconds since the Unix epoch.
    milliseconds: u64,
    extensions: Vec<u8>,
    scheme: Option<SignatureScheme>,
    signature: Vec<u8>,
}

const VERSION_1: u8 = 0;
const CERTIFICATE_TIMESTAMP: u8 = 0;
const PRECERT_ENTRY: [u8; 2] = [0, 1];
/// The extensions of a certificate (RFC 5280 §4.1.2.9).
const EXTENSIONS: u8 = 0xa3;
/// Promises read from one certificate; real ones have one to five.
const MAX_TIMESTAMPS: usize = 16;

/// The promises inside a certificate; `None` if it has the extension, but malformed.
#[must_use]
pub fn embedded(certificate: &Certificate) -> Option<Vec<CertificateTimestamp>> {
    let Some(extension) = certificate.extension(oid::SCT_LIST) else { return Some(Vec::new()) };
    let mut outer = Reader::new(extension.value, Rules::Der);
    let list = outer.octet_string().ok()?;
    outer.finish().ok()?;
    let mut bytes = Bytes(list);
    let mut items = Bytes(bytes.vector()?);
    bytes.end()?;
    let mut found = Vec::new();
    while !items.0.is_empty() {
        if found.len() >= MAX_TIMESTAMPS {
            return None;
        }
        found.push(CertificateTimestamp::read(items.vector()?)?);
    }
    Some(found)
}

impl CertificateTimestamp {
    fn read(item: &[u8]) -> Option<Self> {
        let mut bytes = Bytes(item);
        if bytes.array::<1>()? != [VERSION_1] {
            return None;
        }
        let log_id = bytes.array()?;
        let milliseconds = u64::from_be_bytes(bytes.array()?);
        let extensions = bytes.vector()?.to_vec();
        let scheme = scheme(bytes.array()?);
        let signature = bytes.vector()?.to_vec();
        bytes.end()?;
        Some(Self { log_id, milliseconds, extensions, scheme, signature })
    }

    /// When the log made the promise.
    #[must_use]
    pub fn time(&self) -> Time {
        let seconds = self.milliseconds.checked_div(1000).unwrap_or_default();
        Time::from_unix(i64::try_from(seconds).unwrap_or(i64::MAX))
    }

    /// Verifies the promise about a certificate that was issued with this key (a `SubjectPublicKeyInfo`).
    ///
    /// # Errors
    /// If the signature does not hold, or its algorithm is not supported.
    pub fn verify(&self, certificate: &Certificate, issuer_spki: &[u8], log: &Log) -> Result<(), SignatureError> {
        let scheme = self.scheme.ok_or(SignatureError::Unsupported)?;
        let message = self.signed_bytes(certificate, issuer_spki).ok_or(SignatureError::Mismatch)?;
        verify(&log.key, scheme, Message::Bytes(&message), &self.signature).map(|_| ())
    }

    fn signed_bytes(&self, certificate: &Certificate, issuer_spki: &[u8]) -> Option<Vec<u8>> {
        let tbs = without_timestamps(certificate.tbs())?;
        let [zero, length @ ..] = u32::try_from(tbs.len()).ok()?.to_be_bytes();
        let extensions = u16::try_from(self.extensions.len()).ok()?.to_be_bytes();
        let issuer = Digest::of(DigestAlgorithm::Sha256, issuer_spki);
        let parts: [&[u8]; 8] = [
            &[VERSION_1, CERTIFICATE_TIMESTAMP],
            &self.milliseconds.to_be_bytes(),
            &PRECERT_ENTRY,
            issuer.as_bytes(),
            &length,
            &tbs,
            &extensions,
            &self.extensions,
        ];
        (zero == 0).then(|| parts.concat())
    }
}

/// The `TBSCertificate` as the log saw it: without the extension that carries the promises.
fn without_timestamps(tbs: &[u8]) -> Option<Vec<u8>> {
    let mut fields = Reader::new(tbs, Rules::Der).sequence().ok()?;
    let mut rebuilt = Vec::new();
    while !fields.is_empty() {
        let field = fields.any().ok()?;
        if field.tag == EXTENSIONS {
            rebuilt.push(asn1::encode(EXTENSIONS, &other_extensions(field.content)?));
        } else {
            rebuilt.push(field.raw.to_vec());
        }
    }
    Some(asn1::encode_sequence(&rebuilt))
}

fn other_extensions(content: &[u8]) -> Option<Vec<u8>> {
    let mut list = Reader::new(content, Rules::Der).sequence().ok()?;
    let mut kept = Vec::new();
    while !list.is_empty() {
        let extension = list.any().ok()?;
        let mut fields = Reader::new(extension.content, Rules::Der);
        if fields.expect(tag::OID).ok()?.content != oid::SCT_LIST {
            kept.push(extension.raw.to_vec());
        }
    }
    Some(asn1::encode_sequence(&kept))
}

/// `SignatureAndHashAlgorithm` (RFC 5246 §7.4.1.4.1).
fn scheme(identifier: [u8; 2]) -> Option<SignatureScheme> {
    let [hash, signature] = identifier;
    let digest = match hash {
        4 => DigestAlgorithm::Sha256,
        5 => DigestAlgorithm::Sha384,
        6 => DigestAlgorithm::Sha512,
        _ => return None,
    };
    match signature {
        1 => Some(SignatureScheme::RsaPkcs1(digest)),
        3 => Some(SignatureScheme::Ecdsa(digest)),
        _ => None,
    }
}

/// TLS presentation language (RFC 5246 §4): vectors with a length of two bytes.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*array)
    }

    fn vector(&mut self) -> Option<&'a [u8]> {
        let length = u16::from_be_bytes(self.array()?);
        let (content, rest) = self.0.split_at_checked(usize::from(length))?;
        self.0 = rest;
        Some(content)
    }

    fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_promise_extension_alone_is_taken_out() {
        let extension =
            |name: &[u8]| asn1::encode_sequence(&[asn1::encode(tag::OID, name), asn1::encode(tag::OCTET_STRING, &[1])]);
        let tbs = |extensions: &[Vec<u8>]| {
            let list = asn1::encode(EXTENSIONS, &asn1::encode_sequence(extensions));
            asn1::encode_sequence(&[asn1::encode_unsigned(&[7]), list])
        };
        let with = tbs(&[extension(oid::SHA256), extension(oid::SCT_LIST), extension(oid::SHA384)]);
        let without = tbs(&[extension(oid::SHA256), extension(oid::SHA384)]);
        assert_eq!(without_timestamps(&with), Some(without.clone()));
        assert_eq!(without_timestamps(&without), Some(without));
        assert_eq!(without_timestamps(&[1, 2, 3]), None);
    }

    #[test]
    fn promises_of_other_versions_or_with_rests_are_refused() {
        let mut item = vec![VERSION_1];
        item.extend([9; 32]);
        item.extend(1_700_000_000_999_u64.to_be_bytes());
        item.extend([0, 2, 0xaa, 0xbb, 4, 3, 0, 1, 0xcc]);
        let read = CertificateTimestamp::read(&item).unwrap();
        assert_eq!((read.time(), read.extensions.len()), (Time::from_unix(1_700_000_000), 2));
        assert_eq!(read.scheme, Some(SignatureScheme::Ecdsa(DigestAlgorithm::Sha256)));
        assert_eq!(CertificateTimestamp::read(&[&item[..], &[0]].concat()), None);
        item[0] = 1;
        assert_eq!(CertificateTimestamp::read(&item), None);
    }
}

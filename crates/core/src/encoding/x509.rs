//! X.509 certificates (RFC 5280 §4), read without re-encoding.
//!
//! A [`Certificate`] keeps its bytes and remembers where the fields are. Reading decides only what the
//! fields are; whether they are acceptable is decided where certificates are used (`pki`). Departures from
//! the standard that the world produces and that leave no doubt about the meaning are read and listed by
//! [`Certificate::leniencies`].

mod extension;
mod leniency;
mod name;
mod time;

pub use extension::{
    AuthorityKeyId, BasicConstraints, CertificatePolicies, ExtendedKeyUsage, Extension, GeneralName, KeyUsage,
    NameConstraints, PolicyConstraints, PolicyMapping, Subtree, general_names,
};
pub use leniency::Leniency;
pub use name::{Attribute, Name, NameTextError};
pub(crate) use time::read_time;

use std::fmt;
use std::sync::Arc;

use crate::crypto::{
    self, Digest, DigestAlgorithm, KeyError, Message, PublicKey, SignatureError, SignatureScheme, Strength,
};
use crate::encoding::asn1::{self, ErrorKind, Reader, Rules, oid, tag};
use crate::encoding::base64;
use crate::time::Time;

/// Largest certificate read, in bytes. Real ones have a few kilobytes; the longest post-quantum signature
/// of a standard (SLH-DSA-SHA2-256f) has 49,856.
pub const MAX_CERTIFICATE: usize = 256 * 1024;

/// Most extensions read. Sigstore's certificates carry the most of all that are known: about 30.
const MAX_EXTENSIONS: usize = 128;

/// A certificate: its bytes as found and where its fields are. Cloning is cheap.
#[derive(Clone)]
pub struct Certificate {
    fields: Arc<Fields>,
}

struct Fields {
    der: Box<[u8]>,
    rules: Rules,
    tbs: Span,
    version: u8,
    serial: Span,
    algorithm: Span,
    issuer: Name,
    not_before: Time,
    not_after: Time,
    subject: Name,
    spki: Span,
    extensions: Vec<ExtensionSpan>,
    signature: Span,
    odd_time: bool,
}

/// A part of the certificate's bytes.
#[derive(Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
}

struct ExtensionSpan {
    oid: Span,
    critical: bool,
    value: Span,
}

/// Why bytes are no certificate, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertificateError {
    /// Offset from the start of the certificate (of the extension's value if an extension is read).
    pub offset: usize,
    /// What is wrong there.
    pub kind: CertificateErrorKind,
}

/// What is wrong with a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateErrorKind {
    /// The encoding is broken.
    Encoding(ErrorKind),
    /// Longer than [`MAX_CERTIFICATE`].
    TooLong,
    /// More than 128 extensions.
    TooManyExtensions,
    /// A version that X.509 does not define.
    Version,
    /// No such date or time.
    Time,
    /// The signed and the unsigned name of the signature algorithm differ (RFC 5280 §4.1.1.2).
    AlgorithmsDiffer,
    /// An extension occurs twice (RFC 5280 §4.2): readers could disagree about which one counts.
    DuplicateExtension,
    /// An extension's value is not of its type.
    Extension,
}

impl From<asn1::Error> for CertificateError {
    fn from(error: asn1::Error) -> Self {
        Self { offset: error.offset, kind: CertificateErrorKind::Encoding(error.kind) }
    }
}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            CertificateErrorKind::Encoding(kind) => {
                return asn1::Error { offset: self.offset, kind }.fmt(f);
            }
            CertificateErrorKind::TooLong => "the certificate is too long",
            CertificateErrorKind::TooManyExtensions => "too many extensions",
            CertificateErrorKind::Version => "unknown version of certificate",
            CertificateErrorKind::Time => "no such time",
            CertificateErrorKind::AlgorithmsDiffer => "the two names of the signature algorithm differ",
            CertificateErrorKind::DuplicateExtension => "an extension occurs twice",
            CertificateErrorKind::Extension => "the value of an extension is not of its type",
        };
        write!(f, "{what} at offset {}", self.offset)
    }
}

impl std::error::Error for CertificateError {}

impl Certificate {
    /// Reads one certificate, in DER or in the BER that some old issuers wrote.
    ///
    /// # Errors
    /// [`CertificateError`] with the offset of what is wrong.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        if der.len() > MAX_CERTIFICATE {
            return Err(CertificateError { offset: MAX_CERTIFICATE, kind: CertificateErrorKind::TooLong });
        }
        let strict = Fields::read(der, Rules::Der);
        let fields = match strict {
            Err(error) if error.is_about_strictness() => Fields::read(der, Rules::Ber).map_err(|_| error)?,
            other => other?,
        };
        Ok(Self { fields: Arc::new(fields) })
    }

    /// The whole certificate, as found.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.fields.der
    }

    /// The signed part (`tbsCertificate`), as found.
    #[must_use]
    pub fn tbs(&self) -> &[u8] {
        self.slice(self.fields.tbs)
    }

    /// The version: 1, 2 or 3.
    #[must_use]
    pub fn version(&self) -> u8 {
        self.fields.version
    }

    /// The serial number, big-endian, without the leading zero that only marks it as positive.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        unpadded(self.slice(self.fields.serial))
    }

    /// The serial number's content octets as found, sign and padding included.
    #[must_use]
    pub fn serial_as_found(&self) -> &[u8] {
        self.slice(self.fields.serial)
    }

    /// Whether this issuer name (DER) and serial number (content octets) are those of the certificate, as
    /// CMS's `IssuerAndSerialNumber` and CRL entries name it.
    #[must_use]
    pub fn is_named_by(&self, issuer: &Name, serial: &[u8]) -> bool {
        minimal(self.serial_as_found()) == minimal(serial) && self.issuer() == issuer
    }

    /// The issuer's name.
    #[must_use]
    pub fn issuer(&self) -> &Name {
        &self.fields.issuer
    }

    /// The name that the certificate is about (X.509 `subject`).
    #[must_use]
    pub fn subject(&self) -> &Name {
        &self.fields.subject
    }

    /// First instant of validity.
    #[must_use]
    pub fn not_before(&self) -> Time {
        self.fields.not_before
    }

    /// Last instant of validity, inclusive (RFC 5280 §4.1.2.5).
    #[must_use]
    pub fn not_after(&self) -> Time {
        self.fields.not_after
    }

    /// Whether `at` lies within the validity.
    #[must_use]
    pub fn is_valid_at(&self, at: Time) -> bool {
        self.not_before() <= at && at <= self.not_after()
    }

    /// The `SubjectPublicKeyInfo`, as found.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        self.slice(self.fields.spki)
    }

    /// The certified key.
    ///
    /// # Errors
    /// [`KeyError`] if it is malformed or of an algorithm that nothing here verifies.
    pub fn public_key(&self) -> Result<PublicKey, KeyError> {
        PublicKey::from_spki(self.spki())
    }

    /// The `AlgorithmIdentifier` of the issuer's signature, as found in the signed part.
    #[must_use]
    pub fn signature_algorithm(&self) -> &[u8] {
        self.slice(self.fields.algorithm)
    }

    /// How the issuer signed, or `None` if nothing here verifies that.
    #[must_use]
    pub fn signature_scheme(&self) -> Option<SignatureScheme> {
        SignatureScheme::from_algorithm_identifier(self.signature_algorithm(), None)
    }

    /// The issuer's signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        self.slice(self.fields.signature)
    }

    /// Verifies the issuer's signature with this key. Says nothing about who holds the key.
    ///
    /// # Errors
    /// [`SignatureError`].
    pub fn verify_signed_by(&self, key: &PublicKey) -> Result<Strength, SignatureError> {
        let scheme = self.signature_scheme().ok_or(SignatureError::Unsupported)?;
        crypto::verify(key, scheme, Message::Bytes(self.tbs()), self.signature())
    }

    /// The extensions, in the order of the certificate.
    pub fn extensions(&self) -> impl Iterator<Item = Extension<'_>> {
        self.fields.extensions.iter().map(|span| self.extension_at(span))
    }

    /// The extension of this identifier (content octets).
    #[must_use]
    pub fn extension(&self, oid: &[u8]) -> Option<Extension<'_>> {
        let found = self.fields.extensions.iter().find(|span| self.slice(span.oid) == oid)?;
        Some(self.extension_at(found))
    }

    /// Whether it has the extension of this identifier, and that is critical.
    #[must_use]
    pub fn is_critical(&self, oid: &[u8]) -> bool {
        self.extension(oid).is_some_and(|extension| extension.critical)
    }

    fn extension_at(&self, span: &ExtensionSpan) -> Extension<'_> {
        Extension { oid: self.slice(span.oid), critical: span.critical, value: self.slice(span.value) }
    }

    /// What the key may be used for, or `None` if the certificate does not restrict it.
    ///
    /// # Errors
    /// If the extension is malformed.
    pub fn key_usage(&self) -> Result<Option<KeyUsage>, CertificateError> {
        self.read_extension(oid::KEY_USAGE, KeyUsage::read)
    }

    /// What the certificate may be used for, or `None` if it does not say.
    ///
    /// # Errors
    /// If the extension is malformed.
    pub fn extended_key_usage(&self) -> Result<Option<ExtendedKeyUsage<'_>>, CertificateError> {
        self.read_extension(oid::EXTENDED_KEY_USAGE, ExtendedKeyUsage::read)
    }

    /// Whether it is a CA, and how long paths below it may be.
    ///
    /// # Errors
    /// If the extension is malformed.
    pub fn basic_constraints(&self) -> Result<Option<BasicConstraints>, CertificateError> {
        self.read_extension(oid::BASIC_CONSTRAINTS, BasicConstraints::read)
    }

    /// Further names; empty if there is no such extension.
    ///
    /// # Errors
    /// If the extension is malformed.
    pub fn subject_alternative_names(&self) -> Result<Vec<GeneralName>, CertificateError> {
        Ok(self.read_extension(oid::SUBJECT_ALT_NAME, general_names)?.unwrap_or_default())
    }

    /// The policies under which it was issued, or `None` if it does not say.
    ///
    /// # Errors
    /// If the extension is malformed.
    pub fn policies(&self) -> Result<Option<CertificatePolicies<'_>>, CertificateError> {
        self.read_extension(oid::CERTIFICATE_POLICIES, CertificatePolicies::read)
    }

    /// The identifier of its key.
    #[must_use]
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        let value = self.extension(oid::SUBJECT_KEY_ID)?.value;
        Reader::new(value, Rules::Ber).octet_string().ok()
    }

    /// How it names its issuer's key.
    #[must_use]
    pub fn authority_key_id(&self) -> Option<AuthorityKeyId<'_>> {
        self.read_extension(oid::AUTHORITY_KEY_ID, AuthorityKeyId::read).ok().flatten()
    }

    /// Reads the extension of this identifier, if it is there.
    pub(crate) fn read_extension<'a, T>(
        &'a self,
        oid: &[u8],
        read: impl FnOnce(&'a [u8]) -> Result<T, asn1::Error>,
    ) -> Result<Option<T>, CertificateError> {
        let Some(extension) = self.extension(oid) else { return Ok(None) };
        read(extension.value)
            .map(Some)
            .map_err(|error| CertificateError { offset: error.offset, kind: CertificateErrorKind::Extension })
    }

    /// SHA-256 of the certificate.
    #[must_use]
    pub fn fingerprint(&self) -> Digest {
        Digest::of(DigestAlgorithm::Sha256, self.der())
    }

    /// Whether it names itself as its issuer. That it signed itself is another question.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.issuer() == self.subject()
    }

    /// Whether it is a CA by its own account (`basicConstraints`).
    #[must_use]
    pub fn is_ca(&self) -> bool {
        matches!(self.basic_constraints(), Ok(Some(BasicConstraints { ca: true, .. })))
    }

    /// Tolerated departures from the standard, to be reported.
    #[must_use]
    pub fn leniencies(&self) -> Vec<Leniency> {
        leniency::of(self)
    }

    fn slice(&self, span: Span) -> &[u8] {
        self.fields.der.get(span.start..span.end).unwrap_or_default()
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.fields, &other.fields) || self.der() == other.der()
    }
}

impl Eq for Certificate {}

impl serde::Serialize for Certificate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        base64::text::serialize(self.der(), serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Certificate {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let der = base64::text::deserialize(deserializer)?;
        Self::from_der(&der).map_err(serde::de::Error::custom)
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({} issued by {})", self.subject(), self.issuer())
    }
}

/// An INTEGER's content octets without the zeros that only mark it as positive.
fn unpadded(content: &[u8]) -> &[u8] {
    let zeros = content.iter().take_while(|byte| **byte == 0).count();
    let start = zeros.min(content.len().saturating_sub(1));
    content.get(start..).unwrap_or_default()
}

/// An INTEGER's content octets as DER writes them: equal exactly if the numbers are, of either sign.
pub(crate) fn minimal(content: &[u8]) -> &[u8] {
    let padding = content.windows(2).take_while(|pair| matches!(pair, [0, next] if next & 0x80 == 0)).count();
    content.get(padding..).unwrap_or_default()
}

impl CertificateError {
    /// Whether reading as BER could mend it.
    const fn is_about_strictness(self) -> bool {
        matches!(self.kind, CertificateErrorKind::Encoding(ErrorKind::BadLength | ErrorKind::BadValue))
    }
}

impl Span {
    const fn of(element: &asn1::Element<'_>) -> Self {
        Self { start: element.offset, end: element.offset.saturating_add(element.raw.len()) }
    }

    /// Of the content octets alone.
    const fn content(reader: &Reader<'_>, element: &asn1::Element<'_>) -> Self {
        let start = reader.within(element).offset();
        Self { start, end: start.saturating_add(element.content.len()) }
    }
}

impl Fields {
    fn read(der: &[u8], rules: Rules) -> Result<Self, CertificateError> {
        let mut outer = Reader::new(der, rules);
        let mut certificate = outer.sequence()?;
        outer.finish()?;
        let tbs_element = certificate.expect(tag::SEQUENCE)?;
        let outer_algorithm = certificate.expect(tag::SEQUENCE)?;
        let at = certificate.offset();
        let bits = certificate.expect(tag::BIT_STRING)?;
        certificate.finish()?;
        let bad = CertificateError { offset: at, kind: CertificateErrorKind::Encoding(ErrorKind::BadValue) };
        if bits.content.first() != Some(&0) {
            return Err(bad);
        }
        let mut signature = Span::content(&certificate, &bits);
        signature.start = signature.start.saturating_add(1);

        let mut tbs = certificate.within(&tbs_element);
        let version = read_version(&mut tbs)?;
        let serial_element = tbs.expect(tag::INTEGER)?;
        let serial = Span::content(&tbs, &serial_element);
        let algorithm = tbs.expect(tag::SEQUENCE)?;
        if algorithm.raw != outer_algorithm.raw {
            return Err(CertificateError { offset: algorithm.offset, kind: CertificateErrorKind::AlgorithmsDiffer });
        }
        let issuer = Name::read(&mut tbs)?;
        let mut validity = tbs.sequence()?;
        let (not_before, odd_before) = read_time(&mut validity)?;
        let (not_after, odd_after) = read_time(&mut validity)?;
        validity.finish()?;
        let subject = Name::read(&mut tbs)?;
        let spki = Span::of(&tbs.expect(tag::SEQUENCE)?);
        for unique_identifier in [0x81, 0x82] {
            tbs.optional(unique_identifier)?;
        }
        let extensions = match tbs.optional(0xa3)? {
            Some(wrapper) => read_extensions(tbs.within(&wrapper), der)?,
            None => Vec::new(),
        };
        tbs.finish()?;
        Ok(Self {
            der: der.into(),
            rules,
            tbs: Span::of(&tbs_element),
            version,
            serial,
            algorithm: Span::of(&algorithm),
            issuer,
            not_before,
            not_after,
            subject,
            spki,
            extensions,
            signature,
            odd_time: odd_before || odd_after,
        })
    }
}

/// `version [0] EXPLICIT INTEGER DEFAULT v1`: the number a reader knows it by, 1 to 3.
fn read_version(tbs: &mut Reader<'_>) -> Result<u8, CertificateError> {
    let offset = tbs.offset();
    let Some(wrapper) = tbs.optional(0xa0)? else { return Ok(1) };
    let mut inner = tbs.within(&wrapper);
    let number = inner.u64()?;
    inner.finish()?;
    match number {
        0 => Ok(1),
        1 => Ok(2),
        2 => Ok(3),
        _ => Err(CertificateError { offset, kind: CertificateErrorKind::Version }),
    }
}

fn read_extensions(mut wrapper: Reader<'_>, der: &[u8]) -> Result<Vec<ExtensionSpan>, CertificateError> {
    let mut list = wrapper.sequence()?;
    wrapper.finish()?;
    let mut extensions: Vec<ExtensionSpan> = Vec::with_capacity(12);
    while !list.is_empty() {
        let offset = list.offset();
        let error = |kind| Err(CertificateError { offset, kind });
        let extension = read_extension(&mut list)?;
        let bytes = |span: Span| der.get(span.start..span.end);
        if extensions.iter().any(|earlier| bytes(earlier.oid) == bytes(extension.oid)) {
            return error(CertificateErrorKind::DuplicateExtension);
        }
        if extensions.len() >= MAX_EXTENSIONS {
            return error(CertificateErrorKind::TooManyExtensions);
        }
        extensions.push(extension);
    }
    Ok(extensions)
}

fn read_extension(list: &mut Reader<'_>) -> Result<ExtensionSpan, asn1::Error> {
    let mut fields = list.sequence()?;
    let oid = fields.expect(tag::OID)?;
    let oid = Span::content(&fields, &oid);
    let critical = if fields.peek() == Some(tag::BOOLEAN) { fields.boolean()? } else { false };
    let value = fields.expect(tag::OCTET_STRING)?;
    fields.finish()?;
    Ok(ExtensionSpan { oid, critical, value: Span::content(&fields, &value) })
}

#[cfg(test)]
mod tests;

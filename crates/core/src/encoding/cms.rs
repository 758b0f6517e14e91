//! CMS and PKCS #7 `SignedData` (RFC 5652 §5, RFC 2315 §9), read without re-encoding.
//!
//! Every part keeps the bytes it was read from, because signatures are made over bytes as found: real
//! signed attributes are not always sorted as DER wants. BER is accepted: Apple and old tools write
//! indefinite lengths and strings in parts. Nothing is judged here but [`verify_signer`], which makes the
//! checks that need no more than a key.

mod verify;

use std::borrow::Cow;
use std::fmt;

use super::asn1::{self, Element, Reader, Rules, oid, tag};
use super::x509::{Certificate, Name};
use crate::crypto::{DigestAlgorithm, SignatureScheme};

pub use verify::{Signed, Verification, verify_signer};

/// Elements of one list (certificates, signers, attributes, values) that are read. Real files have fewer
/// than a hundred; the bound keeps a list of empty elements from filling the memory.
const MAX_ELEMENTS: usize = 4096;

const CONTEXT_0: u8 = 0xa0;
const CONTEXT_1: u8 = 0xa1;
const KEY_ID: u8 = 0x80;
const CONSTRUCTED: u8 = 0x20;

/// Why bytes are no `SignedData`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The encoding does not hold.
    Encoding(asn1::Error),
    /// It is another content type.
    NotSignedData,
    /// A list is longer than any real one.
    TooMany {
        /// Where the list begins.
        offset: usize,
    },
}

impl From<asn1::Error> for Error {
    fn from(error: asn1::Error) -> Self {
        Self::Encoding(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding(error) => error.fmt(f),
            Self::NotSignedData => f.write_str("the content type is not signedData"),
            Self::TooMany { offset } => write!(f, "a list of more than {MAX_ELEMENTS} elements at offset {offset}"),
        }
    }
}

impl std::error::Error for Error {}

/// A `SignedData` with the `ContentInfo` around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedData<'a> {
    /// The whole `ContentInfo`, as found.
    pub raw: &'a [u8],
    /// Its version.
    pub version: u64,
    /// The digest algorithms that it announces, as object identifiers.
    pub digest_algorithms: Vec<&'a [u8]>,
    /// What was signed.
    pub content: Content<'a>,
    /// The certificates, each as found; not all of them need be X.509.
    pub certificates: Vec<Element<'a>>,
    /// The revocation lists, each as found.
    pub crls: Vec<Element<'a>>,
    /// The signers.
    pub signers: Vec<SignerInfo<'a>>,
}

/// The encapsulated content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content<'a> {
    /// Its type, an object identifier.
    pub content_type: &'a [u8],
    /// The element that carries it, or `None` if the signature is detached. CMS carries an OCTET STRING,
    /// PKCS #7 (Authenticode) any type.
    pub element: Option<Element<'a>>,
    /// The octets that are digested: those of the element without its tag and length, joined if they
    /// came in parts.
    pub octets: Option<Cow<'a, [u8]>>,
}

/// One signer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignerInfo<'a> {
    /// The whole `SignerInfo`, as found.
    pub raw: &'a [u8],
    /// Its version.
    pub version: u64,
    /// Which certificate it is by.
    pub sid: SignerId<'a>,
    /// The object identifier of the digest algorithm.
    pub digest_algorithm: &'a [u8],
    /// The attributes that the signature covers, if it covers attributes.
    pub signed: Option<Attributes<'a>>,
    /// The `AlgorithmIdentifier` of the signature, as found.
    pub signature_algorithm: &'a [u8],
    /// The signature value.
    pub signature: Cow<'a, [u8]>,
    /// The attributes that no signature covers.
    pub unsigned: Attributes<'a>,
}

/// How a signer names the certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignerId<'a> {
    /// By issuer and serial number.
    IssuerAndSerial {
        /// The issuer's `Name`, as found.
        issuer: &'a [u8],
        /// The content octets of the serial number, as found.
        serial: &'a [u8],
    },
    /// By subject key identifier.
    KeyId(&'a [u8]),
}

impl SignerId<'_> {
    /// Whether this certificate is the one named.
    #[must_use]
    pub fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::IssuerAndSerial { issuer, serial } => {
                Name::from_der(issuer).is_ok_and(|issuer| certificate.is_named_by(&issuer, serial))
            }
            Self::KeyId(id) => certificate.subject_key_id() == Some(id),
        }
    }
}

/// A list of attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes<'a> {
    /// The content octets of the list, as found.
    pub content: &'a [u8],
    /// The attributes, in order.
    pub list: Vec<Attribute<'a>>,
}

/// One attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// Its type, an object identifier.
    pub kind: &'a [u8],
    /// Its values, in order.
    pub values: Vec<Element<'a>>,
    /// The whole attribute, as found.
    pub element: Element<'a>,
}

impl<'a> SignedData<'a> {
    /// Reads the `ContentInfo` at the start of `bytes`. What follows it is the caller's to look at:
    /// `bytes[signed.raw.len()..]`.
    ///
    /// # Errors
    /// See [`Error`]; offsets count from the start of `bytes`.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut outer = Reader::new(bytes, Rules::Ber);
        let whole = outer.expect(tag::SEQUENCE)?;
        let mut info = outer.within(&whole);
        if info.oid()? != oid::SIGNED_DATA {
            return Err(Error::NotSignedData);
        }
        let mut explicit = info.enter(CONTEXT_0)?;
        info.finish()?;
        let fields = explicit.sequence()?;
        explicit.finish()?;
        Self::read_fields(whole.raw, fields)
    }

    fn read_fields(raw: &'a [u8], mut fields: Reader<'a>) -> Result<Self, Error> {
        let version = fields.u64()?;
        let digest_algorithms = algorithms(&mut fields)?;
        let content = Content::read(&mut fields)?;
        let certificates = optional_list(&mut fields, CONTEXT_0)?;
        let crls = optional_list(&mut fields, CONTEXT_1)?;
        let mut signers = fields.set()?;
        fields.finish()?;
        let signers = elements(&mut signers)?.into_iter().map(|signer| SignerInfo::read(&signer));
        Ok(Self {
            raw,
            version,
            digest_algorithms,
            content,
            certificates,
            crls,
            signers: signers.collect::<Result<_, _>>()?,
        })
    }
}

impl<'a> Content<'a> {
    fn read(fields: &mut Reader<'a>) -> Result<Self, Error> {
        let mut info = fields.sequence()?;
        let content_type = info.oid()?;
        let element = match info.optional(CONTEXT_0)? {
            None => None,
            Some(explicit) => {
                let mut inner = info.within(&explicit);
                let element = inner.any()?;
                inner.finish()?;
                Some(element)
            }
        };
        info.finish()?;
        let octets = element.map(|element| content_octets(&element)).transpose()?;
        Ok(Self { content_type, element, octets })
    }
}

/// The octets of an encapsulated content: a string's may come in parts, others are taken as they are.
fn content_octets<'a>(element: &Element<'a>) -> Result<Cow<'a, [u8]>, Error> {
    if element.tag & 0x1f == tag::OCTET_STRING {
        return Ok(element.octets()?);
    }
    Ok(Cow::Borrowed(element.content))
}

impl<'a> SignerInfo<'a> {
    /// Reads a `SignerInfo`, as it stands in a `SignedData` or as a counter-signature.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read(element: &Element<'a>) -> Result<Self, Error> {
        let mut fields = Reader::at(element.content, element.content_offset(), Rules::Ber);
        if element.tag != tag::SEQUENCE {
            let kind = asn1::ErrorKind::UnexpectedTag { expected: tag::SEQUENCE, found: element.tag };
            return Err(asn1::Error { offset: element.offset, kind }.into());
        }
        let version = fields.u64()?;
        let sid = SignerId::read(&mut fields)?;
        let digest_algorithm = fields.sequence()?.oid()?;
        let signed = match fields.optional(CONTEXT_0)? {
            Some(list) => Some(Attributes::read(&fields, &list)?),
            None => None,
        };
        let signature_algorithm = fields.expect(tag::SEQUENCE)?.raw;
        let signature = read_octets(&mut fields)?;
        let unsigned = match fields.optional(CONTEXT_1)? {
            Some(list) => Attributes::read(&fields, &list)?,
            None => Attributes::default(),
        };
        fields.finish()?;
        let raw = element.raw;
        Ok(Self { raw, version, sid, digest_algorithm, signed, signature_algorithm, signature, unsigned })
    }

    /// The digest algorithm, if it is one we know.
    #[must_use]
    pub fn digest(&self) -> Option<DigestAlgorithm> {
        DigestAlgorithm::from_oid(self.digest_algorithm)
    }

    /// The signature scheme, if it is one we know.
    #[must_use]
    pub fn scheme(&self) -> Option<SignatureScheme> {
        SignatureScheme::from_algorithm_identifier(self.signature_algorithm, self.digest())
    }
}

fn read_octets<'a>(fields: &mut Reader<'a>) -> Result<Cow<'a, [u8]>, Error> {
    let element = fields.any()?;
    match element.tag & !CONSTRUCTED {
        tag::OCTET_STRING => Ok(element.octets()?),
        _ => {
            let kind = asn1::ErrorKind::UnexpectedTag { expected: tag::OCTET_STRING, found: element.tag };
            Err(asn1::Error { offset: element.offset, kind }.into())
        }
    }
}

impl<'a> SignerId<'a> {
    fn read(fields: &mut Reader<'a>) -> Result<Self, Error> {
        if let Some(key_id) = fields.optional(KEY_ID)? {
            return Ok(Self::KeyId(key_id.content));
        }
        let mut name = fields.sequence()?;
        let issuer = name.expect(tag::SEQUENCE)?.raw;
        let serial = name.expect(tag::INTEGER)?.content;
        name.finish()?;
        Ok(Self::IssuerAndSerial { issuer, serial })
    }
}

impl<'a> Attributes<'a> {
    fn read(reader: &Reader<'a>, list: &Element<'a>) -> Result<Self, Error> {
        let attributes = elements(&mut reader.within(list))?;
        let attributes = attributes.into_iter().map(|element| Attribute::read(reader, element));
        Ok(Self { content: list.content, list: attributes.collect::<Result<_, _>>()? })
    }

    /// The attributes of this type.
    pub fn of(&self, kind: &[u8]) -> impl Iterator<Item = &Attribute<'a>> {
        self.list.iter().filter(move |attribute| attribute.kind == kind)
    }

    /// All values of all attributes of this type.
    pub fn values(&self, kind: &[u8]) -> impl Iterator<Item = &Element<'a>> {
        self.of(kind).flat_map(|attribute| &attribute.values)
    }

    /// The value of the only attribute of this type, if it is there once and has one value
    /// (RFC 5652 §11.1–11.3 demand that of their attributes).
    #[must_use]
    pub fn single(&self, kind: &[u8]) -> Option<&Element<'a>> {
        let mut found = self.of(kind);
        match (found.next()?.values.as_slice(), found.next()) {
            ([value], None) => Some(value),
            _ => None,
        }
    }

    /// What a signature over these attributes covers: the list with the tag of a SET, its content as
    /// found (RFC 5652 §5.4).
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        asn1::encode(tag::SET, self.content)
    }
}

impl<'a> Attribute<'a> {
    fn read(reader: &Reader<'a>, element: Element<'a>) -> Result<Self, Error> {
        let mut fields = reader.within(&element);
        let kind = fields.oid()?;
        let mut values = fields.set()?;
        fields.finish()?;
        Ok(Self { kind, values: elements(&mut values)?, element })
    }
}

fn elements<'a>(list: &mut Reader<'a>) -> Result<Vec<Element<'a>>, Error> {
    let offset = list.offset();
    let mut found = Vec::new();
    while !list.is_empty() {
        if found.len() >= MAX_ELEMENTS {
            return Err(Error::TooMany { offset });
        }
        found.push(list.any()?);
    }
    Ok(found)
}

fn optional_list<'a>(fields: &mut Reader<'a>, tag: u8) -> Result<Vec<Element<'a>>, Error> {
    match fields.optional(tag)? {
        Some(list) => elements(&mut fields.within(&list)),
        None => Ok(Vec::new()),
    }
}

fn algorithms<'a>(fields: &mut Reader<'a>) -> Result<Vec<&'a [u8]>, Error> {
    let mut list = fields.set()?;
    let offset = list.offset();
    let mut names = Vec::new();
    while !list.is_empty() {
        if names.len() >= MAX_ELEMENTS {
            return Err(Error::TooMany { offset });
        }
        names.push(list.sequence()?.oid()?);
    }
    Ok(names)
}

#[cfg(test)]
mod tests;

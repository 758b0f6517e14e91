//! Microsoft certificate trust lists ("Certificate Trust List Profile", MS-CAESO): `authroot.stl` with the
//! roots of its programme, `disallowedcert.stl` with what must not be trusted, and catalogues.
//!
//! A list names its subjects by digest and gives each properties: a root that is on the list may still be
//! limited to some usages, to certificates issued before a date, or be distrusted since a date.

mod properties;

use std::fmt;

pub use properties::Properties;

use crate::crypto::{DigestAlgorithm, Message, Strength};
use crate::encoding::asn1::{self, ErrorKind, Reader, Rules, oid, tag};
use crate::encoding::cms::{self, Signed, SignedData, verify_signer};
use crate::encoding::x509::{Certificate, read_time};
use crate::time::Time;

/// Subjects that are read. The root list has fewer than a thousand, the largest catalogues some ten thousand.
const MAX_SUBJECTS: usize = 200_000;

/// A certificate trust list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustList {
    /// What the list is for, as object identifiers.
    pub usage: Vec<Vec<u8>>,
    /// Its identifier.
    pub identifier: Option<Vec<u8>>,
    /// Its number, as the content octets of an INTEGER: newer lists have higher ones.
    pub sequence_number: Option<Vec<u8>>,
    /// When it was made.
    pub this_update: Time,
    /// When it is to be replaced, if said.
    pub next_update: Option<Time>,
    /// How the subjects are named, as an object identifier.
    pub subject_algorithm: Vec<u8>,
    /// The same, if it is a digest that we know.
    pub algorithm: Option<DigestAlgorithm>,
    /// The subjects.
    pub subjects: Vec<TrustedSubject>,
}

/// A subject of a list, with its properties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedSubject {
    /// The digest of the subject, for root lists the SHA-1 of the certificate.
    pub id: Vec<u8>,
    /// What the list says about it.
    pub properties: Properties,
}

/// A trust list whose signature holds. Whether its signer may sign lists is the caller's to decide.
#[derive(Clone, Debug)]
pub struct SignedList {
    /// The list.
    pub list: TrustList,
    /// Who signed it.
    pub signer: Certificate,
    /// How much that signature is worth.
    pub strength: Strength,
    /// All certificates that came with it.
    pub certificates: Vec<Certificate>,
}

/// Why bytes are no signed trust list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListError {
    /// It is no `SignedData`.
    Cms(cms::Error),
    /// The `SignedData` carries another content type.
    NotAList,
    /// The list cannot be read.
    Encoding(asn1::Error),
    /// It has another number of signers than one, or its signer's certificate is not there or unusable.
    NoSigner,
    /// The signature does not hold; the facts.
    Signature(String),
}

impl From<asn1::Error> for ListError {
    fn from(error: asn1::Error) -> Self {
        Self::Encoding(error)
    }
}

impl From<cms::Error> for ListError {
    fn from(error: cms::Error) -> Self {
        Self::Cms(error)
    }
}

impl fmt::Display for ListError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cms(error) => write!(f, "no CMS SignedData: {error}"),
            Self::NotAList => f.write_str("the signed content is no certificate trust list"),
            Self::Encoding(error) => write!(f, "no certificate trust list: {error}"),
            Self::NoSigner => f.write_str("the list has no single signer with a usable certificate"),
            Self::Signature(detail) => write!(f, "the list's signature does not hold: {detail}"),
        }
    }
}

impl std::error::Error for ListError {}

impl SignedList {
    /// Reads a signed list (`.stl`) and verifies its signature with the certificate that came with it.
    ///
    /// # Errors
    /// See [`ListError`].
    pub fn open(bytes: &[u8]) -> Result<Self, ListError> {
        let signed = SignedData::parse(bytes)?;
        let content = signed.content.octets.as_deref().unwrap_or_default();
        if signed.content.content_type != oid::CTL {
            return Err(ListError::NotAList);
        }
        let certificates = signed.certificates.iter().filter_map(|element| Certificate::from_der(element.raw).ok());
        let certificates: Vec<Certificate> = certificates.collect();
        let (signer, strength) = verify(&signed, content, &certificates)?;
        Ok(Self { list: TrustList::read_fields(content)?, signer, strength, certificates })
    }
}

fn verify(
    signed: &SignedData<'_>,
    content: &[u8],
    certificates: &[Certificate],
) -> Result<(Certificate, Strength), ListError> {
    let [signer] = signed.signers.as_slice() else { return Err(ListError::NoSigner) };
    let certificate = certificates.iter().find(|certificate| signer.sid.names(certificate));
    let certificate = certificate.ok_or(ListError::NoSigner)?;
    let key = certificate.public_key().map_err(|_| ListError::NoSigner)?;
    let claim = Signed { content_type: Some(oid::CTL), content: Message::Bytes(content) };
    let verification = verify_signer(signer, claim, &key);
    match (verification.problem(), verification.strength) {
        (None, Some(strength)) => Ok((certificate.clone(), strength)),
        (problem, _) => Err(ListError::Signature(problem.map(|check| check.detail.clone()).unwrap_or_default())),
    }
}

impl TrustList {
    /// Reads a list that is not signed: its SEQUENCE.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(bytes: &[u8]) -> Result<Self, asn1::Error> {
        let mut outer = Reader::new(bytes, Rules::Ber);
        let element = outer.expect(tag::SEQUENCE)?;
        outer.finish()?;
        Self::read_fields(element.content)
    }

    /// Reads the fields of the SEQUENCE, which is what a `SignedData` digests.
    fn read_fields(content: &[u8]) -> Result<Self, asn1::Error> {
        let mut fields = Reader::new(content, Rules::Ber);
        if fields.peek() == Some(tag::INTEGER) {
            fields.any()?;
        }
        let usage = usages(fields.sequence()?)?;
        let identifier = fields.optional(tag::OCTET_STRING)?.map(|element| element.content.to_vec());
        let sequence_number = fields.optional(tag::INTEGER)?.map(|element| element.content.to_vec());
        let this_update = time(&mut fields)?;
        let has_next = matches!(fields.peek(), Some(tag::UTC_TIME | tag::GENERALIZED_TIME));
        let next_update = if has_next { Some(time(&mut fields)?) } else { None };
        let subject_algorithm = fields.sequence()?.oid()?.to_vec();
        let algorithm = DigestAlgorithm::from_oid(&subject_algorithm);
        let subjects = match fields.optional(tag::SEQUENCE)? {
            Some(list) => subjects(fields.within(&list))?,
            None => Vec::new(),
        };
        fields.optional(EXTENSIONS)?;
        fields.finish()?;
        Ok(Self {
            usage,
            identifier,
            sequence_number,
            this_update,
            next_update,
            subject_algorithm,
            algorithm,
            subjects,
        })
    }

    /// The subject of this digest.
    #[must_use]
    pub fn subject(&self, id: &[u8]) -> Option<&TrustedSubject> {
        self.subjects.iter().find(|subject| subject.id == id)
    }
}

const EXTENSIONS: u8 = 0xa0;

fn time(fields: &mut Reader<'_>) -> Result<Time, asn1::Error> {
    let bad = fields.error(ErrorKind::BadValue);
    read_time(fields).map(|(time, _)| time).map_err(|_| bad)
}

/// A SEQUENCE OF OBJECT IDENTIFIER.
fn usages(mut list: Reader<'_>) -> Result<Vec<Vec<u8>>, asn1::Error> {
    let mut found = Vec::new();
    while !list.is_empty() {
        found.push(list.oid()?.to_vec());
    }
    Ok(found)
}

fn subjects(mut list: Reader<'_>) -> Result<Vec<TrustedSubject>, asn1::Error> {
    let mut found = Vec::new();
    while !list.is_empty() {
        if found.len() >= MAX_SUBJECTS {
            return Err(list.error(ErrorKind::BadLength));
        }
        let mut fields = list.sequence()?;
        let id = fields.octet_string()?.to_vec();
        let properties = match fields.optional(tag::SET)? {
            Some(attributes) => Properties::read(fields.within(&attributes))?,
            None => Properties::default(),
        };
        fields.finish()?;
        found.push(TrustedSubject { id, properties });
    }
    Ok(found)
}

#[cfg(test)]
mod tests;

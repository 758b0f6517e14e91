//! Signed metadata of in-toto, in both of its envelopes: the old one over canonical JSON ("Metablock"), and DSSE.

use std::fmt;

use super::budget::{Budget, Exhausted};
use super::canonical;
use super::key;
use crate::crypto::PublicKey;
use crate::encoding::dsse::{Envelope, IN_TOTO};
use crate::encoding::json::{self, Cursor, FieldError, Json};
use crate::encoding::x509::Certificate;
use crate::encoding::{hex, pem};

/// Signatures that are looked at; real metadata has one per owner or functionary. Others are left out, which
/// can only lack a signature.
const MAX_SIGNATURES: usize = 64;

/// A document of in-toto with the signatures over it.
#[derive(Clone, Debug)]
pub(super) struct Signed {
    /// The document.
    pub(super) document: Json,
    message: Vec<u8>,
    signatures: Vec<Value>,
}

/// One signature value.
#[derive(Clone, Debug)]
struct Value {
    value: Vec<u8>,
    certificate: Option<Certificate>,
}

/// Why a file is no metadata of in-toto.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum MetadataError {
    /// It is no JSON that is read here.
    Json(json::Error),
    /// A member is not as the format demands.
    Field(FieldError),
    /// It holds a number that has no canonical form.
    NotCanonical,
    /// The envelope is for another type of document.
    PayloadType(String),
}

impl fmt::Display for MetadataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => error.fmt(f),
            Self::Field(error) => error.fmt(f),
            Self::NotCanonical => f.write_str("it holds a number that has no canonical form"),
            Self::PayloadType(found) => write!(f, "the envelope is for `{found}`, expected `{IN_TOTO}`"),
        }
    }
}

impl std::error::Error for MetadataError {}

impl From<FieldError> for MetadataError {
    fn from(error: FieldError) -> Self {
        Self::Field(error)
    }
}

impl From<json::Error> for MetadataError {
    fn from(error: json::Error) -> Self {
        Self::Json(error)
    }
}

impl Signed {
    /// Reads either envelope.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, MetadataError> {
        let file = json::parse(bytes)?;
        let place = Cursor::new(&file);
        match place.optional("payload")? {
            Some(_) => Self::from_envelope(&Envelope::from_json(&place)?),
            None => Self::from_metablock(&place),
        }
    }

    fn from_envelope(envelope: &Envelope) -> Result<Self, MetadataError> {
        if envelope.payload_type != IN_TOTO {
            return Err(MetadataError::PayloadType(envelope.payload_type.clone()));
        }
        let signatures = envelope.signatures.iter().take(MAX_SIGNATURES).map(|signature| Value {
            value: signature.sig.clone(),
            certificate: signature.certificate.as_deref().and_then(certificate),
        });
        Ok(Self {
            document: json::parse(&envelope.payload)?,
            message: envelope.signed_bytes(),
            signatures: signatures.collect(),
        })
    }

    fn from_metablock(place: &Cursor<'_>) -> Result<Self, MetadataError> {
        let document = place.field("signed")?.value().clone();
        let message = canonical::encode(&document).ok_or(MetadataError::NotCanonical)?;
        let items = place.field("signatures")?.items()?;
        let signatures = items.iter().take(MAX_SIGNATURES).map(Value::read).collect::<Result<_, _>>()?;
        Ok(Self { document, message, signatures })
    }

    /// What the document says it is: `layout` or `link`.
    pub(super) fn kind(&self) -> Option<&str> {
        self.document.text_at(&["_type"])
    }

    /// Whether a signature by this key holds. Key ids are hints and not looked at.
    pub(super) fn is_signed_by(&self, key: &PublicKey, budget: &mut Budget) -> Result<bool, Exhausted> {
        for signature in &self.signatures {
            budget.spend_signature()?;
            if key::verifies(key, &self.message, &signature.value) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The certificates that are permitted and whose keys made signatures that hold. Whether one is permitted is
    /// asked first, so that no key is used, of whatever size, for which nobody vouches.
    pub(super) fn signing_certificates(
        &self,
        is_permitted: impl Fn(&Certificate, &mut Budget) -> Result<bool, Exhausted>,
        budget: &mut Budget,
    ) -> Result<Vec<&Certificate>, Exhausted> {
        let mut found = Vec::new();
        for signature in &self.signatures {
            let Some(certificate) = &signature.certificate else { continue };
            budget.spend_signature()?;
            let verifies = |key| key::verifies(&key, &self.message, &signature.value);
            if is_permitted(certificate, budget)? && certificate.public_key().is_ok_and(verifies) {
                found.push(certificate);
            }
        }
        Ok(found)
    }
}

impl Value {
    fn read(place: &Cursor<'_>) -> Result<Self, MetadataError> {
        let sig = place.field("sig")?;
        let value = hex::decode(sig.text()?);
        Ok(Self {
            value: value.ok_or_else(|| sig.error(json::Problem::BadValue("hexadecimal")))?,
            certificate: place.optional("cert")?.map(|text| text.text()).transpose()?.and_then(certificate),
        })
    }
}

fn certificate(text: &str) -> Option<Certificate> {
    pem::certificates(text.as_bytes()).ok()?.into_iter().next()
}

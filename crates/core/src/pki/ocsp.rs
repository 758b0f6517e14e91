//! OCSP responses (RFC 6960, RFC 5019), kept and judged offline: nobody is asked here.
//!
//! They are read with our own [`Reader`](crate::encoding::asn1::Reader): the crate `x509-ocsp` would bring a
//! second ASN.1 stack with its own idea of lengths and its own certificate type, and it keeps no bytes as found,
//! over which the responder signed.
//!
//! As with lists, two strictnesses: *revoked* counts from any response that is signed by whom it must be,
//! whatever else is odd about it; *good* counts only if everything critical is understood and the response
//! covers the instant asked about.

mod judge;
mod read;

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::crypto::{self, Digest, DigestAlgorithm, Message, PublicKey, SignatureError, SignatureScheme, Strength};
use crate::encoding::asn1::{self, ErrorKind};
use crate::encoding::pem::{self, MaterialFileError};
use crate::encoding::x509::{Certificate, Name, minimal};
use crate::pki::revocation::{Entry, Kind, Piece, Source};
use crate::time::Time;

pub(super) use judge::opinions;

/// Largest response read, in bytes. Real ones have 500 to 3,000.
pub const MAX_OCSP: usize = 1 << 20;

/// Answers read of one response; real ones have one, pre-produced ones rarely some dozens.
const MAX_ANSWERS: usize = 1024;

/// Certificates read of one response; real ones have up to three. Each may cost two signatures.
const MAX_CERTIFICATES: usize = 8;

/// An OCSP response: its bytes as found and what they say. Cloning is cheap.
#[derive(Clone)]
pub struct OcspResponse {
    fields: Arc<Fields>,
    source: Source,
}

struct Fields {
    der: Box<[u8]>,
    status: ResponseStatus,
    basic: Option<Basic>,
}

/// What a responder signed (`BasicOCSPResponse`).
struct Basic {
    tbs: (usize, usize),
    algorithm: (usize, usize),
    signature: (usize, usize),
    responder: ResponderId,
    produced_at: Time,
    answers: Vec<Answer>,
    /// Those of the certificates that could be read.
    certificates: Vec<Certificate>,
    /// It has a critical extension that is not understood.
    not_understood: bool,
    /// The first key asked about and whether it signed the response.
    verified: OnceLock<(Vec<u8>, Result<Strength, SignatureError>)>,
}

/// How the responder names itself.
enum ResponderId {
    Name(Name),
    /// SHA-1 of its key.
    Key(Vec<u8>),
}

/// The answer about one certificate (`SingleResponse`).
struct Answer {
    id: CertificateId,
    status: AnswerStatus,
    this_update: Time,
    next_update: Option<Time>,
    archive_cutoff: Option<Time>,
    not_understood: bool,
}

/// Whom an answer is about (`CertID`).
struct CertificateId {
    /// `None` if it is none that we know.
    algorithm: Option<DigestAlgorithm>,
    issuer_name: Vec<u8>,
    issuer_key: Vec<u8>,
    serial: Vec<u8>,
}

enum AnswerStatus {
    Good,
    Revoked(Entry),
    Unknown,
}

/// How a request ended (RFC 6960 §4.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponseStatus(u8);

impl ResponseStatus {
    const SUCCESSFUL: Self = Self(0);

    /// The name that RFC 6960 gives it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self.0 {
            0 => "successful",
            1 => "malformedRequest",
            2 => "internalError",
            3 => "tryLater",
            5 => "sigRequired",
            6 => "unauthorized",
            _ => "a status that is not defined",
        }
    }
}

/// Why bytes are no OCSP response, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OcspError {
    /// Offset from the start of the response.
    pub offset: usize,
    /// What is wrong there.
    pub problem: &'static str,
}

impl fmt::Display for OcspError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at offset {}", self.problem, self.offset)
    }
}

impl std::error::Error for OcspError {}

impl From<asn1::Error> for OcspError {
    fn from(error: asn1::Error) -> Self {
        let problem = match error.kind {
            ErrorKind::Truncated => "the OCSP response ends early",
            ErrorKind::TrailingBytes => "bytes after the end",
            ErrorKind::UnexpectedTag { .. } => "another element than an OCSP response has",
            _ => "broken encoding",
        };
        Self { offset: error.offset, problem }
    }
}

/// Why a file holds no OCSP responses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OcspFileError {
    /// It is neither PEM nor DER of the kind.
    File(MaterialFileError),
    /// A response in it is broken.
    Response(OcspError),
}

impl fmt::Display for OcspFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(error) => error.fmt(f),
            Self::Response(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for OcspFileError {}

/// The OCSP responses of a PEM file, or the one of a DER file.
///
/// # Errors
/// If there is none, or one cannot be read.
pub fn read_all(bytes: &[u8]) -> Result<Vec<OcspResponse>, OcspFileError> {
    let ders = pem::der_of(bytes, &["OCSP RESPONSE"]).map_err(OcspFileError::File)?;
    ders.iter().map(|der| OcspResponse::from_der(der).map_err(OcspFileError::Response)).collect()
}

impl OcspResponse {
    /// Reads one `OCSPResponse`, in DER.
    ///
    /// # Errors
    /// [`OcspError`] with the offset of what is wrong. That the responder gave no answer is none.
    pub fn from_der(der: &[u8]) -> Result<Self, OcspError> {
        Ok(Self { fields: Arc::new(Fields::read(der)?), source: Source::default() })
    }

    /// Reads a `BasicOCSPResponse`, as CAdES attributes carry it (ETSI EN 319 122-1 §5.4): a successful one.
    ///
    /// # Errors
    /// As [`OcspResponse::from_der`].
    pub fn from_basic_der(der: &[u8]) -> Result<Self, OcspError> {
        Ok(Self { fields: Arc::new(Fields::read_basic(der)?), source: Source::default() })
    }

    /// The same response, from this source.
    #[must_use]
    pub fn from_source(self, source: Source) -> Self {
        Self { source, ..self }
    }

    /// The whole response, as found.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.fields.der
    }

    /// How the request ended.
    #[must_use]
    pub fn status(&self) -> ResponseStatus {
        self.fields.status
    }

    /// The issuers whose certificates it is about, by digests of their names. Those of unknown algorithms are left
    /// out: nothing here could compare them.
    pub(super) fn issuer_names(&self) -> impl Iterator<Item = (DigestAlgorithm, &[u8])> {
        let answers = self.fields.basic.iter().flat_map(|basic| &basic.answers);
        answers.filter_map(|answer| Some((answer.id.algorithm?, answer.id.issuer_name.as_slice())))
    }

    /// The newest of the dates of its answers.
    #[must_use]
    pub fn this_update(&self) -> Option<Time> {
        self.fields.basic.as_ref()?.answers.iter().map(|answer| answer.this_update).max()
    }

    fn piece(&self, answer: Option<&Answer>) -> Piece {
        Piece {
            kind: Kind::Response,
            source: self.source.clone(),
            this_update: answer.map(|answer| answer.this_update),
            next_update: answer.and_then(|answer| answer.next_update),
        }
    }

    fn verify_signed_by(&self, basic: &Basic, key: &PublicKey) -> Result<Strength, SignatureError> {
        let (known, result) = basic.verified.get_or_init(|| (key.spki().to_vec(), self.verify(basic, key)));
        if known == key.spki() { *result } else { self.verify(basic, key) }
    }

    fn verify(&self, basic: &Basic, key: &PublicKey) -> Result<Strength, SignatureError> {
        let scheme = SignatureScheme::from_algorithm_identifier(self.slice(basic.algorithm), None);
        let scheme = scheme.ok_or(SignatureError::Unsupported)?;
        crypto::verify(key, scheme, Message::Bytes(self.slice(basic.tbs)), self.slice(basic.signature))
    }

    fn slice(&self, (start, end): (usize, usize)) -> &[u8] {
        self.fields.der.get(start..end).unwrap_or_default()
    }
}

impl fmt::Debug for OcspResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OcspResponse({}, {:?})", self.fields.status.name(), self.this_update())
    }
}

impl ResponderId {
    /// Whether this certificate is meant.
    fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Name(name) => certificate.subject() == name,
            Self::Key(hash) => certificate
                .public_key()
                .is_ok_and(|key| Digest::of(DigestAlgorithm::Sha1, key.key_bits()).as_bytes() == *hash),
        }
    }
}

impl CertificateId {
    /// Whether this certificate of this issuer is meant: by all three, never by the serial number alone.
    fn names(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        let Some(algorithm) = self.algorithm else { return false };
        let is = |hash: &[u8], bytes: &[u8]| Digest::of(algorithm, bytes).as_bytes() == hash;
        minimal(&self.serial) == minimal(certificate.serial_as_found())
            && is(&self.issuer_name, certificate.issuer().der())
            && issuer.public_key().is_ok_and(|key| is(&self.issuer_key, key.key_bits()))
    }
}

#[cfg(test)]
mod tests;

//! Reading bundles, without judging them.

use crate::crypto::{Digest, DigestAlgorithm};
use crate::encoding::dsse::{Envelope, EnvelopeSignature, Signs};
use crate::encoding::json::{self, Cursor, FieldError, Problem};
use crate::encoding::statement::{Statement, StatementError};
use crate::evidence::{Need, Outcome, Reason};
use crate::tlog::entry::{Body, BodyError, LogEntry};

/// Log entries and timestamps read from one bundle: the bound that sigstore-go and sigstore-python set.
const MAX_EVIDENCE: usize = 32;

const BUNDLE_0_1: &str = "application/vnd.dev.sigstore.bundle+json;version=0.1";

const MEDIA_TYPES: [&str; 4] = [
    BUNDLE_0_1,
    "application/vnd.dev.sigstore.bundle+json;version=0.2",
    "application/vnd.dev.sigstore.bundle+json;version=0.3",
    "application/vnd.dev.sigstore.bundle.v0.3+json",
];

/// Something signed, with the evidence that comes with it.
pub(in crate::formats) struct Attestation {
    /// What is signed, and the signature.
    pub(in crate::formats) content: Content,
    /// What the signature is to be verified with.
    pub(in crate::formats) verifier: Verifier,
    /// Entries of transparency logs with their bodies.
    pub(in crate::formats) entries: Vec<Entry>,
    /// RFC 3161 tokens.
    pub(in crate::formats) timestamps: Vec<Vec<u8>>,
    /// Whether it is a bundle v0.1. These may rest on the log's promise alone, and brought the root
    /// certificate along, which is not used.
    pub(in crate::formats) is_first_version: bool,
    /// The statement in the envelope, if the envelope says that it carries one.
    pub(in crate::formats) statement: Option<Result<Statement, StatementError>>,
    /// What came with each signature of the envelope by itself, in their order; empty if that is said of none.
    pub(in crate::formats) apart: Vec<Option<Result<Apart, Defect>>>,
}

/// A signature of an envelope whose evidence is its own: a message signature over the encoding of the envelope.
pub(in crate::formats) struct Apart {
    /// The digest that it says it is over.
    digest: Option<Digest>,
    /// The signature value.
    signature: Vec<u8>,
    evidence: Evidence,
}

/// What a signature comes with, as a bundle's `VerificationMaterial`.
#[derive(Clone)]
struct Evidence {
    verifier: Verifier,
    entries: Vec<Entry>,
    timestamps: Vec<Vec<u8>>,
}

/// An entry of a log with its body.
type Entry = (LogEntry, Option<Result<Body, BodyError>>);

/// What is signed.
pub(in crate::formats) enum Content {
    /// The artifact itself.
    Message {
        /// Its digest, as the bundle says.
        digest: Option<Digest>,
        /// The signature over it.
        signature: Vec<u8>,
    },
    /// A payload with a type.
    Envelope(Envelope),
}

/// What a signature is to be verified with.
#[derive(Clone)]
pub(in crate::formats) enum Verifier {
    /// A certificate, leaf first, as DER.
    Certificates(Vec<Vec<u8>>),
    /// A key that the relying party has, named by a hint that nobody signed.
    Key(Option<String>),
    /// Nothing is said: a certificate beside the signature in the envelope, else a key of the relying party.
    Unsaid,
}

/// Why an attestation cannot be read.
pub(in crate::formats) struct Defect {
    pub(in crate::formats) outcome: Outcome,
    pub(in crate::formats) detail: String,
}

impl Defect {
    pub(in crate::formats) fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { outcome: Outcome::Fail(reason), detail: detail.into() }
    }
}

impl From<FieldError> for Defect {
    fn from(error: FieldError) -> Self {
        Self::new(Reason::Malformed, error.to_string())
    }
}

impl From<json::Error> for Defect {
    fn from(error: json::Error) -> Self {
        let outcome = if error.is_limit() { Outcome::Undecided(Need::Limit) } else { Outcome::Fail(Reason::Malformed) };
        Self { outcome, detail: format!("JSON: {error}") }
    }
}

/// Reads a bundle.
pub(in crate::formats) fn read(place: &Cursor<'_>) -> Result<Attestation, Defect> {
    let media_type = place.field("mediaType")?.text()?;
    if !MEDIA_TYPES.contains(&media_type) {
        return Err(Defect::new(Reason::VersionUnknown, format!("media type `{media_type}`")));
    }
    let content = content(place)?;
    if let Content::Envelope(envelope) = &content
        && envelope.signatures.len() != 1
    {
        let count = envelope.signatures.len();
        return Err(Defect::new(Reason::SignerCountWrong, format!("a bundle has one signature, this one {count}")));
    }
    let missing = || Defect::new(Reason::CertificateMissing, "the bundle has no verification material");
    let evidence = Evidence::read(&place.optional("verificationMaterial")?.ok_or_else(missing)?)?;
    let is_first_version = media_type == BUNDLE_0_1;
    Ok(Attestation { is_first_version, ..together(content, evidence) })
}

/// Puts together what a document says.
pub(in crate::formats) fn attestation(
    content: Content,
    verifier: Verifier,
    entries: &[Cursor<'_>],
    timestamps: Vec<Vec<u8>>,
) -> Result<Attestation, Defect> {
    Ok(together(content, Evidence::bounded(verifier, entries, timestamps)?))
}

fn together(content: Content, evidence: Evidence) -> Attestation {
    let statement = match &content {
        Content::Envelope(envelope) => Statement::of_envelope(envelope),
        Content::Message { .. } => None,
    };
    let Evidence { verifier, entries, timestamps } = evidence;
    Attestation { content, verifier, entries, timestamps, is_first_version: false, statement, apart: Vec::new() }
}

impl Evidence {
    /// Reads `VerificationMaterial` of protobuf-specs.
    fn read(material: &Cursor<'_>) -> Result<Self, Defect> {
        let timestamps = material.optional("timestampVerificationData")?;
        let tokens = timestamps.map_or_else(|| Ok(Vec::new()), |data| data.list("rfc3161Timestamps"))?;
        let tokens = tokens.iter().map(|token| token.field("signedTimestamp")?.bytes()).collect::<Result<_, _>>()?;
        Self::bounded(verifier(material)?, &material.list("tlogEntries")?, tokens)
    }

    fn bounded(verifier: Verifier, entries: &[Cursor<'_>], timestamps: Vec<Vec<u8>>) -> Result<Self, Defect> {
        if entries.len() > MAX_EVIDENCE || timestamps.len() > MAX_EVIDENCE {
            let detail = format!("more than {MAX_EVIDENCE} log entries or timestamps");
            return Err(Defect { outcome: Outcome::Undecided(Need::Limit), detail });
        }
        Ok(Self { verifier, entries: entries.iter().map(entry).collect::<Result<_, _>>()?, timestamps })
    }
}

impl Attestation {
    /// What came with signature `index` of the envelope by itself.
    pub(super) fn apart(&self, index: usize) -> Option<Result<&Apart, &Defect>> {
        self.apart.get(index)?.as_ref().map(Result::as_ref)
    }
}

impl Apart {
    /// Reads a `MessageSignature` and the `VerificationMaterial` for it.
    pub(in crate::formats) fn read(message: &Cursor<'_>, material: &Cursor<'_>) -> Result<Self, Defect> {
        let (digest, signature) = message_signature(message)?;
        Ok(Self { digest, signature, evidence: Evidence::read(material)? })
    }

    /// The attestation that this signature over an envelope is by itself. It is made when it is judged, and then dropped: as
    /// many copies of a payload as there are signatures would be more than the bound on files is meant to allow.
    pub(super) fn over(
        &self,
        envelope: &Envelope,
        statement: Option<&Result<Statement, StatementError>>,
    ) -> Attestation {
        let sig = self.signature.clone();
        let signature = EnvelopeSignature { keyid: None, sig, certificate: None, signs: Signs::Encoding };
        let Evidence { verifier, entries, timestamps } = self.evidence.clone();
        Attestation {
            content: Content::Envelope(Envelope {
                payload_type: envelope.payload_type.clone(),
                payload: envelope.payload.clone(),
                signatures: vec![signature],
            }),
            verifier,
            entries,
            timestamps,
            is_first_version: false,
            statement: statement.cloned(),
            apart: Vec::new(),
        }
    }

    /// What is wrong with the digest that the signature says it is over. Verification does not need it, but whoever reads
    /// it is shown something else than the verifier.
    pub(super) fn contradiction(&self, envelope: &Envelope) -> Option<String> {
        let named = self.digest?;
        let ours = Digest::of(named.algorithm(), &envelope.signed_bytes());
        (named != ours).then(|| format!("the signature says that it is over {named}, the envelope has {ours}"))
    }
}

fn entry(place: &Cursor<'_>) -> Result<Entry, FieldError> {
    let entry = LogEntry::from_json(place)?;
    let body = entry.body.as_deref().map(|body| Body::parse(body, &entry.kind, &entry.version));
    Ok((entry, body))
}

fn content(place: &Cursor<'_>) -> Result<Content, Defect> {
    match (place.optional("messageSignature")?, place.optional("dsseEnvelope")?) {
        (Some(message), None) => {
            let (digest, signature) = message_signature(&message)?;
            Ok(Content::Message { digest, signature })
        }
        (None, Some(envelope)) => Ok(Content::Envelope(Envelope::from_json(&envelope)?)),
        (None, None) => {
            Err(Defect::new(Reason::Malformed, "the bundle has neither a message signature nor an envelope"))
        }
        (Some(_), Some(_)) => {
            Err(Defect::new(Reason::Contradiction, "the bundle has both a message signature and an envelope"))
        }
    }
}

/// `MessageSignature` of protobuf-specs: the digest of the message, if it is said, and the signature value.
fn message_signature(place: &Cursor<'_>) -> Result<(Option<Digest>, Vec<u8>), Defect> {
    let digest = place.optional("messageDigest")?.map(|digest| message_digest(&digest)).transpose()?;
    Ok((digest, place.field("signature")?.bytes()?))
}

/// `HashOutput` of protobuf-specs.
fn message_digest(place: &Cursor<'_>) -> Result<Digest, Defect> {
    let named = place.field("algorithm")?;
    let algorithm = match named.text()? {
        "SHA2_256" => DigestAlgorithm::Sha256,
        "SHA2_384" => DigestAlgorithm::Sha384,
        "SHA2_512" => DigestAlgorithm::Sha512,
        other if other.starts_with("SHA3_") => {
            return Err(Defect { outcome: Outcome::Undecided(Need::Algorithm), detail: other.to_owned() });
        }
        _ => return Err(named.error(Problem::BadValue("a digest algorithm")).into()),
    };
    let value = place.field("digest")?;
    let digest = Digest::new(algorithm, &value.bytes()?);
    Ok(digest.ok_or_else(|| value.error(Problem::BadValue("as long as a digest of its algorithm")))?)
}

fn verifier(material: &Cursor<'_>) -> Result<Verifier, Defect> {
    let certificate = material.optional("certificate")?;
    let chain = material.optional("x509CertificateChain")?;
    let key = material.optional("publicKey")?;
    match (certificate, chain, key) {
        (Some(one), None, None) => Ok(Verifier::Certificates(vec![one.field("rawBytes")?.bytes()?])),
        (None, Some(chain), None) => {
            let certificates = chain.list("certificates")?;
            let read = certificates.iter().map(|one| one.field("rawBytes")?.bytes());
            Ok(Verifier::Certificates(read.collect::<Result<_, _>>()?))
        }
        (None, None, Some(key)) => {
            let hint = key.optional("hint")?.map(|hint| hint.text().map(str::to_owned)).transpose()?;
            Ok(Verifier::Key(hint))
        }
        (None, None, None) => {
            Err(Defect::new(Reason::CertificateMissing, "the bundle names neither a certificate nor a key"))
        }
        _ => Err(Defect::new(Reason::Contradiction, "the bundle names more than one of certificate, chain and key")),
    }
}

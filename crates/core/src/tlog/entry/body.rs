//! What the log records about a signature. Every kind answers the same three questions: over which digest,
//! which signature value, under which key or certificate.

use crate::crypto::{Digest, DigestAlgorithm};
use crate::encoding::json::{self, Cursor, FieldError, Json, Problem};
use crate::encoding::{base64, hex, pem};

/// The body of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// A signature over a digest: `hashedrekord` 0.0.1 and 0.0.2.
    Digest {
        /// The digest of what was signed; for an envelope, of its encoding (Rekor v2).
        digest: Digest,
        /// The signature.
        logged: Logged,
    },
    /// A DSSE envelope: `dsse` 0.0.1 and 0.0.2, `intoto` 0.0.2.
    Envelope {
        /// The digest of the payload.
        payload: Digest,
        /// The signatures.
        logged: Vec<Logged>,
    },
    /// A DSSE envelope of which the log records payload and verifier, but not the signature value, although it
    /// verified that before: `intoto` 0.0.1.
    Payload {
        /// The digest of the payload.
        payload: Digest,
        /// What its signature verifies under.
        verifier: Verifier,
    },
}

/// A signature that the log records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// The signature value.
    pub signature: Vec<u8>,
    /// What it verifies under.
    pub verifier: Verifier,
}

/// What a logged signature verifies under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verifier {
    /// A certificate, as DER.
    Certificate(Vec<u8>),
    /// A key, as DER `SubjectPublicKeyInfo`.
    Key(Vec<u8>),
}

/// Why a body cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// It is no JSON.
    Json(json::Error),
    /// A member is missing or of the wrong form.
    Field(FieldError),
    /// It is of another kind or version than the bundle says.
    OtherKind(String),
    /// Entries of this kind and version are not read here.
    Unsupported(String),
}

impl std::fmt::Display for BodyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Json(error) => write!(f, "log entry: {error}"),
            Self::Field(error) => write!(f, "log entry: {error}"),
            Self::OtherKind(kind) => write!(f, "log entry: its body is of kind {kind}, the bundle says another"),
            Self::Unsupported(kind) => write!(f, "log entry: kind {kind} is not read here"),
        }
    }
}

impl std::error::Error for BodyError {}

impl Body {
    /// Reads a body that is said to be of this kind and version.
    ///
    /// # Errors
    /// If it is of another kind, not supported or malformed.
    pub fn parse(bytes: &[u8], kind: &str, version: &str) -> Result<Self, BodyError> {
        let document = json::parse(bytes).map_err(BodyError::Json)?;
        let top = Cursor::new(&document);
        let own = (document.text_at(&["kind"]), document.text_at(&["apiVersion"]));
        if own != (Some(kind), Some(version)) {
            return Err(BodyError::OtherKind(format!("{} {}", own.0.unwrap_or("?"), own.1.unwrap_or("?"))));
        }
        let spec = top.field("spec").map_err(BodyError::Field)?;
        let read = match (kind, version) {
            ("hashedrekord", "0.0.1") => hashedrekord_1(&spec),
            ("hashedrekord", "0.0.2") => hashedrekord_2(&spec),
            ("dsse", "0.0.1") => dsse_1(&spec),
            ("dsse", "0.0.2") => dsse_2(&spec),
            ("intoto", "0.0.1") => intoto_1(&spec),
            ("intoto", "0.0.2") => intoto_2(&spec),
            _ => return Err(BodyError::Unsupported(format!("{kind} {version}"))),
        };
        read.map_err(BodyError::Field)
    }
}

fn hashedrekord_1(spec: &Cursor<'_>) -> Result<Body, FieldError> {
    let signature = spec.field("signature")?;
    let logged = Logged {
        signature: signature.field("content")?.bytes()?,
        verifier: pem_verifier(&signature.field("publicKey")?.field("content")?)?,
    };
    Ok(Body::Digest { digest: hex_digest(&spec.field("data")?.field("hash")?)?, logged })
}

fn hashedrekord_2(spec: &Cursor<'_>) -> Result<Body, FieldError> {
    let record = spec.field("hashedRekordV002")?;
    let logged = logged_2(&record.field("signature")?)?;
    Ok(Body::Digest { digest: hash_output(&record.field("data")?)?, logged })
}

fn dsse_1(spec: &Cursor<'_>) -> Result<Body, FieldError> {
    let read = |place: &Cursor<'_>| -> Result<Logged, FieldError> {
        let signature = place.field("signature")?.bytes()?;
        Ok(Logged { signature, verifier: pem_verifier(&place.field("verifier")?)? })
    };
    let logged = spec.field("signatures")?.items()?.iter().map(read).collect::<Result<_, _>>()?;
    Ok(Body::Envelope { payload: hex_digest(&spec.field("payloadHash")?)?, logged })
}

fn dsse_2(spec: &Cursor<'_>) -> Result<Body, FieldError> {
    let record = spec.field("dsseV002")?;
    let logged = record.field("signatures")?.items()?.iter().map(logged_2).collect::<Result<_, _>>()?;
    Ok(Body::Envelope { payload: hash_output(&record.field("payloadHash")?)?, logged })
}

fn intoto_1(spec: &Cursor<'_>) -> Result<Body, FieldError> {
    let payload = hex_digest(&spec.field("content")?.field("payloadHash")?)?;
    Ok(Body::Payload { payload, verifier: pem_verifier(&spec.field("publicKey")?)? })
}

fn intoto_2(spec: &Cursor<'_>) -> Result<Body, FieldError> {
    let content = spec.field("content")?;
    let read = |place: &Cursor<'_>| -> Result<Logged, FieldError> {
        // The log encodes the text of the envelope's signature once more.
        let sig = place.field("sig")?;
        let inner = String::from_utf8(sig.bytes()?).ok().and_then(|text| base64::decode(&text));
        let signature = inner.ok_or_else(|| sig.error(Problem::BadBase64))?;
        Ok(Logged { signature, verifier: pem_verifier(&place.field("publicKey")?)? })
    };
    let signatures = content.field("envelope")?.field("signatures")?.items()?;
    let logged = signatures.iter().map(read).collect::<Result<_, _>>()?;
    Ok(Body::Envelope { payload: hex_digest(&content.field("payloadHash")?)?, logged })
}

/// `Signature` of rekor-tiles.
fn logged_2(place: &Cursor<'_>) -> Result<Logged, FieldError> {
    let verifier = place.field("verifier")?;
    let raw = |name| verifier.optional(name)?.map(|held| held.field("rawBytes")?.bytes()).transpose();
    let verifier = match (raw("x509Certificate")?, raw("publicKey")?) {
        (Some(certificate), None) => Verifier::Certificate(certificate),
        (None, Some(key)) => Verifier::Key(key),
        _ => return Err(verifier.error(Problem::BadValue("either a certificate or a key"))),
    };
    Ok(Logged { signature: place.field("content")?.bytes()?, verifier })
}

/// Base64 of the PEM text of one certificate or key.
fn pem_verifier(place: &Cursor<'_>) -> Result<Verifier, FieldError> {
    let bad = || place.error(Problem::BadValue("base64 of one certificate or public key in PEM"));
    let blocks = pem::blocks(&place.bytes()?).map_err(|_| bad())?;
    let [block] = <[pem::Block; 1]>::try_from(blocks).map_err(|_| bad())?;
    match block.label.as_str() {
        "CERTIFICATE" => Ok(Verifier::Certificate(block.der)),
        "PUBLIC KEY" => Ok(Verifier::Key(block.der)),
        _ => Err(bad()),
    }
}

/// `{algorithm, value}` with hexadecimal.
fn hex_digest(place: &Cursor<'_>) -> Result<Digest, FieldError> {
    let value = place.field("value")?;
    digest(place, hex::decode(value.text()?))
}

/// `HashOutput` of protobuf-specs.
fn hash_output(place: &Cursor<'_>) -> Result<Digest, FieldError> {
    digest(place, Some(place.field("digest")?.bytes()?))
}

fn digest(place: &Cursor<'_>, bytes: Option<Vec<u8>>) -> Result<Digest, FieldError> {
    let named = place.field("algorithm")?;
    let algorithm = algorithm(named.value());
    let digest = algorithm.zip(bytes).and_then(|(algorithm, bytes)| Digest::new(algorithm, &bytes));
    digest.ok_or_else(|| place.error(Problem::BadValue("a SHA-2 digest with its algorithm")))
}

/// The names of Rekor v1 and of protobuf-specs' `HashAlgorithm`.
fn algorithm(name: &Json) -> Option<DigestAlgorithm> {
    match name.as_str()? {
        "sha256" | "SHA2_256" => Some(DigestAlgorithm::Sha256),
        "sha384" | "SHA2_384" => Some(DigestAlgorithm::Sha384),
        "sha512" | "SHA2_512" => Some(DigestAlgorithm::Sha512),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> String {
        base64::encode(b"-----BEGIN PUBLIC KEY-----\nAQID\n-----END PUBLIC KEY-----\n")
    }

    const HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn empty() -> Digest {
        Digest::of(DigestAlgorithm::Sha256, b"")
    }

    #[test]
    fn an_old_entry_records_payload_and_verifier() {
        let hash = format!(r#"{{"algorithm":"sha256","value":"{HASH}"}}"#);
        let text = format!(
            r#"{{"kind":"intoto","apiVersion":"0.0.1","spec":{{"content":{{"hash":{hash},"payloadHash":{hash}}},"publicKey":"{}"}}}}"#,
            key()
        );
        let body = Body::parse(text.as_bytes(), "intoto", "0.0.1").unwrap();
        assert_eq!(body, Body::Payload { payload: empty(), verifier: Verifier::Key(vec![1, 2, 3]) });
        let bare = text.replace("payloadHash", "other");
        assert!(matches!(Body::parse(bare.as_bytes(), "intoto", "0.0.1"), Err(BodyError::Field(_))));
    }

    #[test]
    fn every_kind_answers_the_same_questions() {
        let logged = Logged { signature: vec![5], verifier: Verifier::Key(vec![1, 2, 3]) };
        let hash = format!(r#"{{"algorithm":"sha256","value":"{HASH}"}}"#);
        let output = format!(r#"{{"algorithm":"SHA2_256","digest":"{}"}}"#, base64::encode(empty().as_bytes()));
        let new = r#"{"content":"BQ==","verifier":{"publicKey":{"rawBytes":"AQID"},"keyDetails":"x"}}"#;
        let key = key();
        let double = base64::encode(b"BQ==");
        let digest = Body::Digest { digest: empty(), logged: logged.clone() };
        let envelope = Body::Envelope { payload: empty(), logged: vec![logged] };
        for (kind, version, spec, expected) in [
            (
                "hashedrekord",
                "0.0.1",
                format!(
                    r#"{{"data":{{"hash":{hash}}},"signature":{{"content":"BQ==","publicKey":{{"content":"{key}"}}}}}}"#
                ),
                &digest,
            ),
            (
                "hashedrekord",
                "0.0.2",
                format!(r#"{{"hashedRekordV002":{{"data":{output},"signature":{new}}}}}"#),
                &digest,
            ),
            (
                "dsse",
                "0.0.1",
                format!(r#"{{"payloadHash":{hash},"signatures":[{{"signature":"BQ==","verifier":"{key}"}}]}}"#),
                &envelope,
            ),
            ("dsse", "0.0.2", format!(r#"{{"dsseV002":{{"payloadHash":{output},"signatures":[{new}]}}}}"#), &envelope),
            (
                "intoto",
                "0.0.2",
                format!(
                    r#"{{"content":{{"payloadHash":{hash},"envelope":{{"signatures":[{{"sig":"{double}","publicKey":"{key}"}}]}}}}}}"#
                ),
                &envelope,
            ),
        ] {
            let text = format!(r#"{{"kind":"{kind}","apiVersion":"{version}","spec":{spec}}}"#);
            assert_eq!(Body::parse(text.as_bytes(), kind, version).as_ref(), Ok(expected), "{kind} {version}");
            assert!(matches!(Body::parse(text.as_bytes(), kind, "9"), Err(BodyError::OtherKind(_))));
        }
    }

    #[test]
    fn unknown_kinds_and_broken_members_are_told_apart() {
        let read = |text: &str, kind| Body::parse(text.as_bytes(), kind, "0.0.1").unwrap_err();
        assert!(matches!(read(r#"{"kind":"rpm","apiVersion":"0.0.1","spec":{}}"#, "rpm"), BodyError::Unsupported(_)));
        assert!(matches!(read(r#"{"kind":"dsse","apiVersion":"0.0.1","spec":{}}"#, "dsse"), BodyError::Field(_)));
        assert!(matches!(read(r#"{"kind":"dsse","apiVersion":"0.0.1"}"#, "dsse"), BodyError::Field(_)));
        assert!(matches!(read("{", "dsse"), BodyError::Json(_)));
    }
}

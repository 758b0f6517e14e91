//! OCI image layouts, as far as evidence lies in them (image-spec 1.1 "Image Layout", "Index", "Manifest").
//!
//! cosign keeps attestations as layers: the envelope is the blob, the certificate and the log's promise stand in
//! annotations of the manifest. Here they are put together as the Sigstore bundle (version 0.1) that
//! cosign itself makes of them, so that one reader judges both.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::json;

use super::json::{self, Cursor, FieldError, Problem};
use super::{base64, hex, pem};
use crate::crypto::Digest;

/// What a document of a layout says about a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// The kind of its content.
    pub media_type: String,
    /// The digest of its content, which is also its name in the layout.
    pub digest: Digest,
    /// Free texts about it.
    pub annotations: BTreeMap<String, String>,
}

/// Why a document of a layout cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LayoutError {
    /// It is no JSON.
    Json(json::Error),
    /// A member is missing or of the wrong form.
    Field(FieldError),
    /// An annotation that belongs to a signature cannot be read.
    Annotation(&'static str),
}

impl fmt::Display for LayoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => error.fmt(f),
            Self::Field(error) => error.fmt(f),
            Self::Annotation(name) => write!(f, "annotation `{name}` cannot be read"),
        }
    }
}

impl std::error::Error for LayoutError {}

impl From<FieldError> for LayoutError {
    fn from(error: FieldError) -> Self {
        Self::Field(error)
    }
}

const CERTIFICATE: &str = "dev.sigstore.cosign/certificate";
const LOG_BUNDLE: &str = "dev.sigstore.cosign/bundle";
const ENVELOPE: &str = "application/vnd.dsse.envelope.v1+json";
const BUNDLE_START: &str = "application/vnd.dev.sigstore.bundle";
const SIMPLE_SIGNING: &str = "application/vnd.dev.cosign.simplesigning.v1+json";

/// What a document refers to: the manifests of an index, or the layers of a manifest.
///
/// # Errors
/// If it is not of such a form.
pub fn descriptors(document: &[u8]) -> Result<Vec<Descriptor>, LayoutError> {
    let document = json::parse(document).map_err(LayoutError::Json)?;
    let top = Cursor::new(&document);
    let member = if top.optional("manifests")?.is_some() { "manifests" } else { "layers" };
    // A list reads an absent member as empty, as ProtoJSON writes it; OCI's documents must have it.
    top.field(member)?;
    Ok(top.list(member)?.iter().map(descriptor).collect::<Result<_, _>>()?)
}

fn descriptor(place: &Cursor<'_>) -> Result<Descriptor, FieldError> {
    let digest = place.field("digest")?;
    let parsed = digest.text()?.parse().map_err(|_| digest.error(Problem::BadValue("a digest")))?;
    let given = place.optional("annotations")?;
    let given = given.as_ref().and_then(|annotations| annotations.value().as_object()).into_iter().flatten();
    Ok(Descriptor {
        media_type: place.field("mediaType")?.text()?.to_owned(),
        digest: parsed,
        annotations: given.filter_map(|(name, text)| Some((name.clone(), text.as_str()?.to_owned()))).collect(),
    })
}

impl Descriptor {
    /// Whether it is a document that refers to others.
    #[must_use]
    pub fn leads_on(&self) -> bool {
        let kind = self.media_type.as_str();
        matches!(
            kind,
            "application/vnd.oci.image.index.v1+json"
                | "application/vnd.oci.image.manifest.v1+json"
                | "application/vnd.docker.distribution.manifest.v2+json"
                | "application/vnd.docker.distribution.manifest.list.v2+json"
        )
    }

    /// Whether it is a signature or attestation.
    #[must_use]
    pub fn is_evidence(&self) -> bool {
        self.media_type == ENVELOPE || self.media_type == SIMPLE_SIGNING || self.media_type.starts_with(BUNDLE_START)
    }

    /// The evidence in its blob, together with that in its annotations.
    ///
    /// # Errors
    /// If an annotation that belongs to it cannot be read.
    pub fn evidence(&self, blob: Vec<u8>) -> Result<Vec<u8>, LayoutError> {
        match self.annotations.get(CERTIFICATE) {
            Some(certificate) if self.media_type == ENVELOPE => self.bundle(certificate, &blob),
            _ => Ok(blob),
        }
    }

    fn bundle(&self, certificate: &str, envelope: &[u8]) -> Result<Vec<u8>, LayoutError> {
        // Only what is one JSON value of its own may become a member of another.
        json::parse(envelope).map_err(LayoutError::Json)?;
        let blocks = pem::blocks(certificate.as_bytes()).map_err(|_| LayoutError::Annotation(CERTIFICATE))?;
        let leaf = blocks.first().ok_or(LayoutError::Annotation(CERTIFICATE))?;
        let entries = self.annotations.get(LOG_BUNDLE).map(|text| log_entry(text)).transpose()?;
        let material = json!({
            "x509CertificateChain": { "certificates": [{ "rawBytes": base64::encode(&leaf.der) }] },
            "tlogEntries": entries.as_slice(),
        });
        let head = format!(
            "{{\"mediaType\":\"application/vnd.dev.sigstore.bundle+json;version=0.1\",\"verificationMaterial\":{material},\
             \"dsseEnvelope\":"
        );
        Ok([head.as_bytes(), envelope, b"}"].concat())
    }
}

/// The log entry of an annotation (`RekorBundle` of cosign), as a bundle writes it.
fn log_entry(text: &str) -> Result<serde_json::Value, LayoutError> {
    let bad = || LayoutError::Annotation(LOG_BUNDLE);
    let document = json::parse(text.as_bytes()).map_err(LayoutError::Json)?;
    let top = Cursor::new(&document);
    let payload = top.field("Payload")?;
    let body = payload.field("body")?;
    let kind = json::parse(&body.bytes()?).map_err(LayoutError::Json)?;
    let id = hex::decode(payload.field("logID")?.text()?).ok_or_else(bad)?;
    Ok(json!({
        "logIndex": payload.field("logIndex")?.integer()?.to_string(),
        "logId": { "keyId": base64::encode(&id) },
        "kindVersion": {
            "kind": kind.text_at(&["kind"]).ok_or_else(bad)?,
            "version": kind.text_at(&["apiVersion"]).ok_or_else(bad)?,
        },
        "integratedTime": payload.field("integratedTime")?.integer()?.to_string(),
        "inclusionPromise": { "signedEntryTimestamp": top.field("SignedEntryTimestamp")?.text()? },
        "canonicalizedBody": body.text()?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn an_index_and_a_manifest_name_their_blobs() {
        let index = format!(
            r#"{{"manifests":[{{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"{DIGEST}","size":0}}]}}"#
        );
        let found = descriptors(index.as_bytes()).unwrap();
        assert!(found[0].leads_on() && !found[0].is_evidence());
        assert_eq!(found[0].digest.to_string(), DIGEST);
        let manifest = format!(
            r#"{{"layers":[{{"mediaType":"{ENVELOPE}","digest":"{DIGEST}","annotations":{{"a":"b","c":1}}}}]}}"#
        );
        let found = descriptors(manifest.as_bytes()).unwrap();
        assert!(found[0].is_evidence());
        assert_eq!(found[0].annotations.len(), 1);
        assert!(descriptors(b"{}").is_err());
        assert!(descriptors(br#"{"layers":[{"mediaType":"a","digest":"../../etc/passwd"}]}"#).is_err());
    }

    #[test]
    fn annotations_and_blob_become_one_bundle() {
        let body = base64::encode(br#"{"kind":"dsse","apiVersion":"0.0.1"}"#);
        let log = format!(
            r#"{{"SignedEntryTimestamp":"AQ==","Payload":{{"body":"{body}","integratedTime":5,"logIndex":7,"logID":"0a"}}}}"#
        );
        let pem = "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n";
        let annotations = BTreeMap::from([(CERTIFICATE.to_owned(), pem.to_owned()), (LOG_BUNDLE.to_owned(), log)]);
        let descriptor = Descriptor { media_type: ENVELOPE.to_owned(), digest: DIGEST.parse().unwrap(), annotations };
        let bundle = json::parse(&descriptor.evidence(br#"{"payload":"x"}"#.to_vec()).unwrap()).unwrap();
        assert_eq!(bundle.text_at(&["dsseEnvelope", "payload"]), Some("x"));
        let material = bundle.get("verificationMaterial").unwrap();
        let entry = &material.get("tlogEntries").and_then(json::Json::as_array).unwrap()[0];
        assert_eq!(entry.text_at(&["kindVersion", "kind"]), Some("dsse"));
        assert_eq!(entry.text_at(&["logId", "keyId"]), Some("Cg=="));
        let smuggled = br#"{},"verificationMaterial":{}"#.to_vec();
        assert!(descriptor.evidence(smuggled).is_err());
    }

    #[test]
    fn what_has_no_annotations_stays_as_it_is() {
        let descriptor = Descriptor {
            media_type: format!("{BUNDLE_START}.v0.3+json"),
            digest: DIGEST.parse().unwrap(),
            annotations: BTreeMap::new(),
        };
        assert!(descriptor.is_evidence());
        assert_eq!(descriptor.evidence(b"x".to_vec()).unwrap(), b"x");
    }
}

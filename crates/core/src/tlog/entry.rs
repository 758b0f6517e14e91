//! Entries of Sigstore's signature log, Rekor (`TransparencyLogEntry` of protobuf-specs), and their bodies.

mod body;
mod wire;

pub use body::{Body, BodyError, Logged, Verifier};

use super::merkle::Hash;
use super::trusted_root::Log;
use crate::crypto::{Message, SignatureError, verify};
use crate::encoding::json::{Cursor, FieldError, Problem};
use crate::encoding::{base64, hex};
use crate::time::Time;

/// What a bundle says about one entry of the log. Nothing in it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Position among all entries of the log's trees.
    pub index: u64,
    /// The log.
    pub log_id: Vec<u8>,
    /// The kind of body, such as `hashedrekord`.
    pub kind: String,
    /// The version of the kind.
    pub version: String,
    /// When the log took it in. Only a promise vouches for this.
    pub integrated: Option<Time>,
    /// The log's signed promise of inclusion (signed entry timestamp).
    pub promise: Option<Vec<u8>>,
    /// The proof of inclusion.
    pub proof: Option<InclusionProof>,
    /// What is logged, byte for byte; `None` if the bundle leaves it out.
    pub body: Option<Vec<u8>>,
}

/// A proof of inclusion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InclusionProof {
    /// Position in the tree.
    pub index: u64,
    /// Size of the tree that the proof is about.
    pub size: u64,
    /// Root of that tree.
    pub root: Hash,
    /// Hashes from the leaf to the root.
    pub path: Vec<Hash>,
    /// The log's checkpoint of that tree, as text.
    pub checkpoint: Option<String>,
}

impl LogEntry {
    /// Reads an entry.
    ///
    /// # Errors
    /// If a member is missing or of the wrong form, a negative index among them.
    pub fn from_json(place: &Cursor<'_>) -> Result<Self, FieldError> {
        let kind = place.field("kindVersion")?;
        let promise = place.optional("inclusionPromise")?;
        let seconds = place.optional("integratedTime")?.map_or(Ok(0), |time| time.integer())?;
        Ok(Self {
            index: index(place, "logIndex")?,
            log_id: place.field("logId")?.field("keyId")?.bytes()?,
            kind: kind.field("kind")?.text()?.to_owned(),
            version: kind.field("version")?.text()?.to_owned(),
            // ProtoJSON cannot tell zero from absent.
            integrated: (seconds != 0).then(|| Time::from_unix(seconds)),
            promise: promise.map(|promise| promise.field("signedEntryTimestamp")?.bytes()).transpose()?,
            proof: place.optional("inclusionProof")?.map(|proof| InclusionProof::from_json(&proof)).transpose()?,
            body: place.optional("canonicalizedBody")?.map(|body| body.bytes()).transpose()?,
        })
    }

    /// Reads an entry in the binary form of Protocol Buffers, as gitsign keeps it.
    #[must_use]
    pub fn from_protobuf(bytes: &[u8]) -> Option<Self> {
        wire::entry(bytes)
    }

    /// Whether the log is of the second generation (rekor-tiles), which promises nothing and knows no time.
    #[must_use]
    pub fn is_second_generation(&self) -> bool {
        matches!((self.kind.as_str(), self.version.as_str()), ("hashedrekord" | "dsse", "0.0.2"))
    }

    /// Verifies the log's promise: a signature over index, log, time and body in canonical JSON (RFC 8785).
    ///
    /// # Errors
    /// If the promise does not hold, or there is none.
    pub fn verify_promise(&self, log: &Log) -> Result<(), SignatureError> {
        let promise = self.promise.as_deref().ok_or(SignatureError::Mismatch)?;
        let body = self.body.as_deref().ok_or(SignatureError::Mismatch)?;
        // Names in order, base64 and hexadecimal need no escapes: this is the canonical form.
        let message = format!(
            r#"{{"body":"{}","integratedTime":{},"logID":"{}","logIndex":{}}}"#,
            base64::encode(body),
            self.integrated.map_or(0, Time::unix),
            hex::encode(&self.log_id),
            self.index
        );
        verify(&log.key, log.scheme, Message::Bytes(message.as_bytes()), promise).map(|_| ())
    }
}

impl InclusionProof {
    fn from_json(place: &Cursor<'_>) -> Result<Self, FieldError> {
        let root = hash(&place.field("rootHash")?)?;
        let path = place.list("hashes")?.iter().map(hash).collect::<Result<_, _>>()?;
        let checkpoint = place.optional("checkpoint")?;
        let envelope = checkpoint.map(|checkpoint| checkpoint.optional("envelope")).transpose()?.flatten();
        let checkpoint = envelope.map(|text| text.text().map(str::to_owned)).transpose()?;
        Ok(Self {
            index: index(place, "logIndex")?,
            size: index(place, "treeSize")?,
            root,
            path,
            checkpoint: checkpoint.filter(|text| !text.is_empty()),
        })
    }
}

/// A count or position; ProtoJSON leaves zero out.
fn index(place: &Cursor<'_>, name: &str) -> Result<u64, FieldError> {
    let Some(number) = place.optional(name)? else { return Ok(0) };
    let negative = number.error(Problem::BadValue("a number from zero"));
    u64::try_from(number.integer()?).map_err(|_| negative)
}

fn hash(place: &Cursor<'_>) -> Result<Hash, FieldError> {
    place.bytes()?.try_into().map_err(|_| place.error(Problem::BadValue("a SHA-256 hash")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::json;

    fn entry(members: &str) -> Result<LogEntry, FieldError> {
        let text =
            format!(r#"{{"logId":{{"keyId":"AQ=="}},"kindVersion":{{"kind":"dsse","version":"0.0.1"}}{members}}}"#);
        LogEntry::from_json(&Cursor::new(&json::parse(text.as_bytes()).unwrap()))
    }

    #[test]
    fn what_protojson_leaves_out_is_zero_or_absent() {
        let bare = entry("").unwrap();
        assert_eq!((bare.index, bare.integrated, bare.promise, bare.body), (0, None, None, None));
        assert_eq!(entry(r#","integratedTime":"0""#).unwrap().integrated, None);
        let root = base64::encode(&[7; 32]);
        let members =
            format!(r#","inclusionProof":{{"treeSize":"1","rootHash":"{root}","checkpoint":{{"envelope":""}}}}"#);
        let proof = InclusionProof { index: 0, size: 1, root: [7; 32], path: vec![], checkpoint: None };
        assert_eq!(entry(&members).unwrap().proof, Some(proof));
    }

    #[test]
    fn impossible_members_are_refused() {
        let place = |members| entry(members).unwrap_err().path;
        assert_eq!(place(r#","logIndex":"-1""#), "logIndex");
        assert_eq!(place(r#","logIndex":"9223372036854775808""#), "logIndex");
        assert_eq!(place(r#","inclusionProof":{"rootHash":"AQ=="}"#), "inclusionProof.rootHash");
        assert_eq!(place(r#","inclusionPromise":{}"#), "inclusionPromise.signedEntryTimestamp");
        assert_eq!(place(r#","integratedTime":"soon""#), "integratedTime");
    }
}

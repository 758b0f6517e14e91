//! Signed lists: a DSSE envelope around the JSON form.

use super::pack::{DistrustPack, PackError};
use crate::crypto::{DigestAlgorithm, Message, PublicKey, SignatureScheme, SigningKey, Strength, verify};
use crate::encoding::dsse::{Envelope, EnvelopeSignature};
use crate::encoding::json::{self, Cursor};

/// The payload type of signed lists.
pub const PACK_TYPE: &str = "application/vnd.countersign.distrust+json";

/// Signatures of one envelope that are tried; real ones have one or two.
const MAX_SIGNATURES: usize = 16;

/// A list from a file: plain, or signed.
///
/// With keys, the file must be signed by one of them: a plain list is refused like one with a bad signature.
/// Without keys nothing can be verified, and a signed list is read as a plain one.
///
/// # Errors
/// [`PackError`].
pub fn open(bytes: &[u8], keys: &[PublicKey]) -> Result<DistrustPack, PackError> {
    let Some(envelope) = envelope(bytes)? else {
        if !keys.is_empty() {
            let problem = "it is not signed, and a key was given that must have signed it";
            return Err(PackError::Signature(problem.to_owned()));
        }
        return DistrustPack::from_json(bytes);
    };
    let signer = if keys.is_empty() { None } else { Some(signer(&envelope, keys)?) };
    let mut pack = DistrustPack::from_json(&envelope.payload)?;
    pack.signed_by = signer.map(PublicKey::spki_sha256);
    Ok(pack)
}

/// A list with the signature of a key over it, as a file. The same list and key give the same bytes.
#[must_use]
pub fn sign(pack: &DistrustPack, key: &SigningKey) -> Vec<u8> {
    Envelope::signed(PACK_TYPE, pack.to_json(), key).to_json()
}

/// The envelope in the file, if it is one.
fn envelope(bytes: &[u8]) -> Result<Option<Envelope>, PackError> {
    let malformed = |problem: String| PackError::Malformed(problem);
    if !looks_enveloped(bytes) {
        return Ok(None);
    }
    let document = json::parse(bytes).map_err(|error| malformed(error.to_string()))?;
    let envelope = Envelope::from_json(&Cursor::new(&document)).map_err(|error| malformed(error.to_string()))?;
    if envelope.payload_type != PACK_TYPE {
        return Err(malformed(format!("the envelope carries `{}`, not `{PACK_TYPE}`", envelope.payload_type)));
    }
    Ok(Some(envelope))
}

/// Whether the top of the document has an envelope's members.
fn looks_enveloped(bytes: &[u8]) -> bool {
    let documents = json::top_level_names(bytes);
    documents.first().is_some_and(|names| names.iter().any(|name| name == "payloadType"))
}

/// The key that signed the envelope.
fn signer<'a>(envelope: &Envelope, keys: &'a [PublicKey]) -> Result<&'a PublicKey, PackError> {
    let signed = envelope.signed_bytes();
    let signatures = || envelope.signatures.iter().take(MAX_SIGNATURES);
    let holds = |key: &&PublicKey| {
        let scheme = SignatureScheme::usual_for(key.kind(), DigestAlgorithm::Sha256);
        let strong = |one: &EnvelopeSignature| {
            verify(key, scheme, Message::Bytes(&signed), &one.sig).is_ok_and(|strength| strength == Strength::Strong)
        };
        signatures().any(strong)
    };
    keys.iter().find(holds).ok_or_else(|| {
        let problem = match envelope.signatures.len() {
            0 => "the envelope has no signature".to_owned(),
            count => format!("none of its {count} signatures is by a key that was given"),
        };
        PackError::Signature(problem)
    })
}

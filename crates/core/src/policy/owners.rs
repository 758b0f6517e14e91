//! The signatures of a policy's owners: enough of them must have signed the very text that is applied.
//!
//! They stand in one DSSE envelope (v1.0.2) beside the policy, whose payload is its text: whoever reads the envelope sees
//! what was signed, and no byte of the text is outside of it.

use std::fmt;

use crate::crypto::{Digest, DigestAlgorithm, Message, PublicKey, SigningKey, Strength, verify_any_scheme};
use crate::encoding::dsse::Envelope;
use crate::encoding::json::{self, Cursor};

/// The payload type of a signed policy.
pub const PAYLOAD_TYPE: &str = "application/vnd.countersign.policy.v1+toml";

/// Most signatures of one envelope: each costs a verification with every key.
const MAX_SIGNATURES: usize = 64;
/// Most owners of one policy.
const MAX_OWNERS: usize = 64;

/// Who must have signed a policy.
#[derive(Clone, Debug)]
pub struct Owners {
    keys: Vec<PublicKey>,
    threshold: usize,
}

/// Why a policy is not one that its owners signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnersError {
    /// No key was given, or more than the limit.
    Keys(usize),
    /// So many signatures cannot be had, or none are asked for.
    Threshold {
        /// How many are asked for.
        asked: usize,
        /// How many different keys there are.
        of: usize,
    },
    /// The document is no envelope.
    NotRead(String),
    /// The envelope is about something else than a policy.
    OtherType(String),
    /// The envelope is about another text.
    OtherText {
        /// SHA-256 of the text that was signed.
        signed: Box<Digest>,
        /// SHA-256 of the text that is to be applied.
        applied: Box<Digest>,
    },
    /// It holds more signatures than the limit.
    TooMany(usize),
    /// Not enough owners signed.
    TooFew {
        /// The keys of those that did (SHA-256 of their `SubjectPublicKeyInfo`).
        signed: Vec<Digest>,
        /// How many are needed.
        needed: usize,
    },
}

impl fmt::Display for OwnersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keys(count) => write!(f, "{count} keys of owners were given: 1 to {MAX_OWNERS} can be"),
            Self::Threshold { asked, of } => write!(f, "{asked} signatures of {of} different keys cannot be asked for"),
            Self::NotRead(problem) => write!(f, "is no envelope (DSSE): {problem}"),
            Self::OtherType(found) => write!(f, "signs `{found}`, not a policy (`{PAYLOAD_TYPE}`)"),
            Self::OtherText { signed, applied } => {
                write!(f, "signs another text ({signed}), the policy is {applied}")
            }
            Self::TooMany(count) => write!(f, "holds {count} signatures: at most {MAX_SIGNATURES} are read"),
            Self::TooFew { signed, needed } => {
                write!(f, "{} of the {needed} owners that are needed signed the policy", signed.len())?;
                let names: Vec<String> = signed.iter().map(Digest::to_string).collect();
                if names.is_empty() { Ok(()) } else { write!(f, ": {}", names.join(", ")) }
            }
        }
    }
}

impl std::error::Error for OwnersError {}

impl Owners {
    /// The owners with these keys, of whom so many must have signed; without a number, all. One key given twice is one.
    ///
    /// # Errors
    /// If there are no keys or too many, or if so many signatures cannot be had.
    pub fn new(keys: Vec<PublicKey>, threshold: Option<usize>) -> Result<Self, OwnersError> {
        let mut distinct: Vec<PublicKey> = Vec::new();
        for key in keys {
            if !distinct.iter().any(|known| known.spki() == key.spki()) {
                distinct.push(key);
            }
        }
        let of = distinct.len();
        if of == 0 || of > MAX_OWNERS {
            return Err(OwnersError::Keys(of));
        }
        let threshold = threshold.unwrap_or(of);
        if threshold == 0 || threshold > of {
            return Err(OwnersError::Threshold { asked: threshold, of });
        }
        Ok(Self { keys: distinct, threshold })
    }

    /// The keys of the owners who signed this text, if they are enough. Signatures by others say nothing, and neither do
    /// those of weak algorithms.
    ///
    /// # Errors
    /// Whatever keeps the text from being one that the owners signed.
    pub fn confirm(&self, text: &str, envelope: &[u8]) -> Result<Vec<Digest>, OwnersError> {
        let envelope = read(text, envelope)?;
        let message = envelope.signed_bytes();
        let holds = |key: &PublicKey, sig: &[u8]| {
            matches!(verify_any_scheme(key, Message::Bytes(&message), sig), Ok((_, Strength::Strong)))
        };
        let has_signed = |key: &&PublicKey| envelope.signatures.iter().any(|signature| holds(key, &signature.sig));
        let signed: Vec<Digest> = self.keys.iter().filter(has_signed).map(PublicKey::spki_sha256).collect();
        let needed = self.threshold;
        if signed.len() < needed { Err(OwnersError::TooFew { signed, needed }) } else { Ok(signed) }
    }
}

/// The envelope of a policy with one signature more; without earlier ones, with this one alone. Who has signed already
/// does not sign again.
///
/// # Errors
/// If the earlier envelope cannot be read, or is not about this text.
pub fn sign(text: &str, earlier: Option<&[u8]>, key: &SigningKey) -> Result<Vec<u8>, OwnersError> {
    let new = Envelope::signed(PAYLOAD_TYPE, text.as_bytes().to_vec(), key);
    let Some(earlier) = earlier else { return Ok(new.to_json()) };
    let mut envelope = read(text, earlier)?;
    let is_new = |sig: &Vec<u8>| !envelope.signatures.iter().any(|known| known.sig == *sig);
    let added: Vec<_> = new.signatures.into_iter().filter(|signature| is_new(&signature.sig)).collect();
    envelope.signatures.extend(added);
    Ok(envelope.to_json())
}

/// Reads an envelope about this text.
fn read(text: &str, envelope: &[u8]) -> Result<Envelope, OwnersError> {
    let document = json::parse(envelope).map_err(|error| OwnersError::NotRead(error.to_string()))?;
    let envelope =
        Envelope::from_json(&Cursor::new(&document)).map_err(|error| OwnersError::NotRead(error.to_string()))?;
    if envelope.payload_type != PAYLOAD_TYPE {
        return Err(OwnersError::OtherType(envelope.payload_type));
    }
    if envelope.payload != text.as_bytes() {
        let digest = |bytes: &[u8]| Box::new(Digest::of(DigestAlgorithm::Sha256, bytes));
        return Err(OwnersError::OtherText { signed: digest(&envelope.payload), applied: digest(text.as_bytes()) });
    }
    let count = envelope.signatures.len();
    if count > MAX_SIGNATURES { Err(OwnersError::TooMany(count)) } else { Ok(envelope) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::dsse::IN_TOTO;

    const TEXT: &str = "schema = 1\nname = \"p\"\n";

    /// An Ed25519 key out of a seed (RFC 8410 §7).
    fn key(seed: u8) -> SigningKey {
        let head = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
        SigningKey::from_pkcs8(&[&head[..], &[seed; 32]].concat()).unwrap()
    }

    fn owners(seeds: &[u8], threshold: Option<usize>) -> Result<Owners, OwnersError> {
        Owners::new(seeds.iter().map(|seed| key(*seed).public_key().clone()).collect(), threshold)
    }

    fn signed_by(text: &str, seeds: &[u8]) -> Vec<u8> {
        let more = |earlier: Option<Vec<u8>>, seed: &u8| Some(sign(text, earlier.as_deref(), &key(*seed)).unwrap());
        seeds.iter().fold(None, more).unwrap()
    }

    fn count(signers: &[u8], wanted: &[u8], threshold: usize) -> Result<usize, OwnersError> {
        let owners = owners(wanted, Some(threshold))?;
        owners.confirm(TEXT, &signed_by(TEXT, signers)).map(|signed| signed.len())
    }

    #[test]
    fn enough_different_owners_must_have_signed() {
        assert_eq!(count(&[1, 2], &[1, 2, 3], 2), Ok(2));
        assert_eq!(count(&[1, 2, 3], &[1, 2, 3], 2), Ok(3));
        let one = |signers: &[u8]| match count(signers, &[1, 2, 3], 2) {
            Err(OwnersError::TooFew { signed, needed: 2 }) => signed.len(),
            other => panic!("{other:?}"),
        };
        assert_eq!(one(&[1]), 1);
        assert_eq!(one(&[1, 1]), 1, "one owner signs twice");
        assert_eq!(one(&[1, 9]), 1, "somebody else signs");
        assert_eq!(one(&[8, 9]), 0);
    }

    #[test]
    fn one_signature_under_many_hints_is_one() {
        let mut envelope = read(TEXT, &signed_by(TEXT, &[1])).unwrap();
        let mut again = envelope.signatures[0].clone();
        again.keyid = Some("another".to_owned());
        envelope.signatures.push(again);
        let confirmed = owners(&[1, 2], None).unwrap().confirm(TEXT, &envelope.to_json());
        assert!(matches!(confirmed, Err(OwnersError::TooFew { signed, needed: 2 }) if signed.len() == 1));
    }

    #[test]
    fn only_the_very_text_is_confirmed() {
        let owners = owners(&[1], None).unwrap();
        let envelope = signed_by(TEXT, &[1]);
        let other = TEXT.replace("\"p\"", "\"q\"");
        assert!(matches!(owners.confirm(&other, &envelope), Err(OwnersError::OtherText { .. })));
        let mut forged = read(TEXT, &envelope).unwrap();
        forged.payload = other.clone().into_bytes();
        assert!(matches!(owners.confirm(&other, &forged.to_json()), Err(OwnersError::TooFew { .. })));
        let statement = Envelope::signed(IN_TOTO, TEXT.as_bytes().to_vec(), &key(1)).to_json();
        assert!(matches!(owners.confirm(TEXT, &statement), Err(OwnersError::OtherType(_))));
        assert!(matches!(sign(&other, Some(&envelope), &key(2)), Err(OwnersError::OtherText { .. })));
        for broken in [&b""[..], b"{}", b"[1]", b"{\"payloadType\":1}"] {
            assert!(matches!(owners.confirm(TEXT, broken), Err(OwnersError::NotRead(_))));
        }
    }

    #[test]
    fn what_cannot_be_asked_for_is_an_error() {
        assert_eq!(owners(&[], None).unwrap_err(), OwnersError::Keys(0));
        assert_eq!(owners(&[1], Some(0)).unwrap_err(), OwnersError::Threshold { asked: 0, of: 1 });
        assert_eq!(owners(&[1, 1], Some(2)).unwrap_err(), OwnersError::Threshold { asked: 2, of: 1 });
        let mut many = read(TEXT, &signed_by(TEXT, &[1])).unwrap();
        many.signatures = vec![many.signatures[0].clone(); MAX_SIGNATURES + 1];
        let confirmed = owners(&[1], None).unwrap().confirm(TEXT, &many.to_json());
        assert_eq!(confirmed.unwrap_err(), OwnersError::TooMany(MAX_SIGNATURES + 1));
    }
}

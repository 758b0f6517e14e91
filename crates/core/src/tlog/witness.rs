//! Cosignatures of witnesses (<https://c2sp.org/tlog-cosignature>): third parties that saw a log's checkpoint
//! and found that the log only grew.

use super::checkpoint::Checkpoint;
use super::note::NoteSignature;
use crate::crypto::{Digest, DigestAlgorithm, Message, PublicKey, SignatureScheme, verify};
use crate::encoding::{base64, hex};
use crate::time::Time;

/// `cosignature/v1` with Ed25519, the type byte of its verifier keys.
const ED25519_COSIGNATURE: u8 = 0x04;
/// An eight-byte time and an Ed25519 signature.
const LENGTH: usize = 72;

/// A witness that a relying party knows, from its verifier key `NAME+HASH+KEY` (signed-note).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Its name.
    pub name: String,
    hint: [u8; 4],
    key: PublicKey,
}

impl Witness {
    /// Reads a verifier key of a `cosignature/v1` witness; `None` if it is none, or contradicts itself.
    #[must_use]
    pub fn from_verifier_key(text: &str) -> Option<Self> {
        let (name, rest) = text.split_once('+')?;
        let (hash, key) = rest.split_once('+')?;
        let key = base64::decode(key)?;
        let (&kind, public) = key.split_first()?;
        let id = Digest::of(DigestAlgorithm::Sha256, &[name.as_bytes(), b"\n", &key].concat());
        let hint = *id.as_bytes().first_chunk::<4>()?;
        if kind != ED25519_COSIGNATURE || hex::decode(hash)? != hint {
            return None;
        }
        Some(Self { name: name.to_owned(), hint, key: PublicKey::from_ed25519(public).ok()? })
    }

    /// When this witness cosigned the checkpoint, if it did and its cosignature holds.
    #[must_use]
    pub fn cosigned(&self, checkpoint: &Checkpoint<'_>) -> Option<Time> {
        let ours = checkpoint.note.signatures.iter().filter(|s| s.name == self.name && s.hint == self.hint);
        ours.filter_map(|signature| self.time_of(checkpoint, signature)).next()
    }

    fn time_of(&self, checkpoint: &Checkpoint<'_>, cosignature: &NoteSignature) -> Option<Time> {
        let (time, signature) = cosignature.signature.split_first_chunk::<8>()?;
        let seconds = u64::from_be_bytes(*time);
        let message = format!("cosignature/v1\ntime {seconds}\n{}", checkpoint.note.text);
        verify(&self.key, SignatureScheme::Ed25519, Message::Bytes(message.as_bytes()), signature).ok()?;
        i64::try_from(seconds).ok().map(Time::from_unix)
    }
}

/// The names in lines that have the form of a cosignature, whoever made them.
#[must_use]
pub fn claimed<'a>(checkpoint: &'a Checkpoint<'_>) -> Vec<&'a str> {
    let lines = checkpoint.note.signatures.iter().filter(|signature| signature.signature.len() == LENGTH);
    lines.map(|signature| signature.name.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cosignature_holds_for_its_witness_checkpoint_and_time_alone() {
        use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
        let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let key = [&[ED25519_COSIGNATURE], pair.public_key().as_ref()].concat();
        let id = Digest::of(DigestAlgorithm::Sha256, &[b"w.example\n", &key[..]].concat());
        let verifier = format!("w.example+{}+{}", hex::encode(&id.as_bytes()[..4]), base64::encode(&key));
        let witness = Witness::from_verifier_key(&verifier).unwrap();

        let body = "log\n736\nrs1YPY0ydAV0lxgfrq5pE4oRpUJwo3syeps5+eGUTDI=\n";
        let signature = pair.sign(format!("cosignature/v1\ntime 1700000000\n{body}").as_bytes());
        let line = |time: u64| {
            let value = [&id.as_bytes()[..4], &time.to_be_bytes(), signature.as_ref()].concat();
            format!("{body}\n\u{2014} w.example {}\n", base64::encode(&value))
        };
        let text = line(1_700_000_000);
        let checkpoint = Checkpoint::parse(&text).unwrap();
        assert_eq!(witness.cosigned(&checkpoint), Some(Time::from_unix(1_700_000_000)));
        assert_eq!(claimed(&checkpoint), ["w.example"]);
        assert_eq!(witness.cosigned(&Checkpoint::parse(&line(1_700_000_001)).unwrap()), None);
        let other = text.replace("736", "737");
        assert_eq!(witness.cosigned(&Checkpoint::parse(&other).unwrap()), None);
        assert_eq!(Witness::from_verifier_key(&verifier.replace("w.e", "v.e")), None);
    }
}

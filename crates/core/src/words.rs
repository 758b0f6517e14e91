//! Closed sets of words in stored documents: written as their word, read back only if it is one of the set.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::claim::{SourceNamedIn, Standing, Voucher};
use crate::crypto::DigestAlgorithm;
use crate::evidence::{CheckId, Need, Reason, TimeSource};
use crate::finding::FindingId;
use crate::identity::Assurance;
use crate::verdict::{Answer, Question};

/// A word of a set that is known when the program is built.
pub(crate) type Word = &'static str;

/// The word of a stored document, if it is one of these.
pub(crate) fn known<'de, D: Deserializer<'de>>(
    deserializer: D,
    what: &str,
    mut words: impl Iterator<Item = Word>,
) -> Result<Word, D::Error> {
    let word = String::deserialize(deserializer)?;
    let unknown = || D::Error::custom(format_args!("`{word}` is no {what} that is known here"));
    words.find(|known| *known == word).ok_or_else(unknown)
}

macro_rules! stored_as_word {
    ($($set:ident: $what:literal, $all:expr, $word:expr;)*) => {
        $(
            impl Serialize for $set {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.serialize_str($word(*self))
                }
            }

            impl<'de> Deserialize<'de> for $set {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let word = known(deserializer, $what, $all.iter().map(|value| $word(*value)))?;
                    let found = $all.iter().copied().find(|value| $word(*value) == word);
                    found.ok_or_else(|| D::Error::custom($what))
                }
            }
        )*
    };
}

stored_as_word! {
    Answer: "answer", Self::ALL, Self::word;
    Assurance: "assurance", Self::ALL, Self::word;
    CheckId: "check", Self::ALL, Self::word;
    DigestAlgorithm: "digest algorithm", Self::ALL, Self::name;
    FindingId: "finding", Self::ALL, Self::word;
    Need: "need", Self::ALL, Self::word;
    Question: "question", Self::ALL, Self::word;
    Reason: "reason", Self::ALL, Self::word;
    SourceNamedIn: "place of a source", Self::ALL, Self::word;
    Standing: "standing", Self::ALL, Self::word;
    TimeSource: "source of time", Self::ALL, Self::word;
    Voucher: "voucher", Self::ALL, Self::word;
}

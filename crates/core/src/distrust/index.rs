//! Finding entries without looking at all of them.

use super::selector::without_zeros;
use crate::crypto::{Digest, DigestAlgorithm};
use crate::encoding::x509::Name;
use crate::registry::Selector;

/// What kind of thing a key of the index stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Certificate,
    Signed,
    IssuerSerial,
    Key,
    KeyBits,
    File,
    Subject,
    Identity,
    HolderKey,
    HolderNumber,
    HolderName,
}

/// A key of the index: a digest, so that every key has one length whatever it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct IndexKey {
    kind: Kind,
    digest: [u8; 32],
}

impl IndexKey {
    /// Of parts, each with its length, so that no two lists of parts are the same.
    pub(super) fn of(kind: Kind, parts: &[&[u8]]) -> Self {
        let mut bytes = Vec::new();
        for part in parts {
            bytes.extend((part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        let mut digest = [0; 32];
        let value = Digest::of(DigestAlgorithm::Sha256, &bytes);
        digest.iter_mut().zip(value.as_bytes()).for_each(|(slot, byte)| *slot = *byte);
        Self { kind, digest }
    }

    pub(super) fn of_digest(kind: Kind, digest: &Digest) -> Self {
        Self::of(kind, &[digest.algorithm().name().as_bytes(), digest.as_bytes()])
    }

    pub(super) fn of_issuer_serial(issuer: &Name, serial: &[u8]) -> Self {
        // Leading zeros only mark a number as positive; lists write or omit them.
        Self::of(Kind::IssuerSerial, &[issuer.canonical(), without_zeros(serial)])
    }

    pub(super) fn of_identity(selector: &Selector) -> Self {
        Self::of(Kind::Identity, &[selector.key().as_bytes()])
    }

    pub(super) fn of_subject(subject: &Name) -> Self {
        Self::of(Kind::Subject, &[subject.canonical()])
    }
}

/// Positions of entries by key, sorted, so that a look-up is a bisection.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    keys: Vec<(IndexKey, usize)>,
}

impl Index {
    pub(super) fn new(keys: impl IntoIterator<Item = (IndexKey, usize)>) -> Self {
        let mut keys: Vec<_> = keys.into_iter().collect();
        keys.sort_unstable();
        Self { keys }
    }

    /// Positions of the entries with this key.
    pub(super) fn find(&self, key: &IndexKey) -> impl Iterator<Item = usize> {
        let first = self.keys.partition_point(|(other, _)| other < key);
        let key = *key;
        self.keys.iter().skip(first).take_while(move |(other, _)| *other == key).map(|(_, position)| *position)
    }
}

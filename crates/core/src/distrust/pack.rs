//! A dated list, read and written.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::PackSummary;
use super::index::{Index, IndexKey, Kind};
use super::selector::{Selector, SelectorDocument, Why, key_bits_md5};
use crate::artifact::Digests;
use crate::crypto::{Digest, DigestAlgorithm};
use crate::encoding::hex;
use crate::encoding::x509::Certificate;
use crate::registry;
use crate::time::Time;

/// The schema of the lists that are read and written here.
pub const SCHEMA: &str = "countersign/distrust/v1";

/// Entries of one list. The largest public list of abused certificates has some ten thousand, large
/// revocation lists some hundred thousand.
pub const MAX_ENTRIES: usize = 1_000_000;

/// Characters of a name, note or reference; longer ones would drown the verdict that quotes them.
pub const MAX_TEXT: usize = 2_000;

/// A dated list of what must not be trusted.
#[derive(Clone, Debug)]
pub struct DistrustPack {
    name: String,
    source: String,
    licence: String,
    dated: Time,
    entries: Vec<Entry>,
    index: Index,
    pub(super) holders: Index,
    /// The kinds of digests that entries use: none else are computed.
    algorithms: BTreeSet<(Kind, DigestAlgorithm)>,
    pub(super) signed_by: Option<Digest>,
}

/// One entry of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it names.
    pub selector: Selector,
    /// The first known abuse. Signatures that a trusted time proves to be older are not affected.
    pub since: Option<Time>,
    /// When it was revoked, where the source says so.
    pub revoked_at: Option<Time>,
    /// Why it is on the list.
    pub why: Why,
    /// A word for people.
    pub note: Option<String>,
    /// Where to read more.
    pub reference: Option<String>,
    /// What the source knows about the holder. Only neighbours are found by it; it matches nothing exactly.
    pub holder: Option<Holder>,
}

impl Entry {
    /// An entry that says no more than what it names and why.
    #[must_use]
    pub const fn new(selector: Selector, why: Why) -> Self {
        Self { selector, since: None, revoked_at: None, why, note: None, reference: None, holder: None }
    }
}

/// The holder of a listed certificate.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Holder {
    /// The organisation or person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The number under which it is registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration: Option<String>,
    /// Its country, as two letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// SHA-256 of the `SubjectPublicKeyInfo`, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spki_sha256: Option<String>,
}

/// Why bytes are no list. It says nothing about any artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackError {
    /// It is no JSON of the schema; the parser's words.
    Malformed(String),
    /// It is of another schema.
    Schema(String),
    /// This entry (from 0) cannot be used.
    Entry(usize, String),
    /// A bound is exceeded.
    Limit(String),
    /// It is not signed as it must be.
    Signature(String),
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(problem) => write!(f, "no distrust list: {problem}"),
            Self::Schema(found) => write!(f, "expected the schema `{SCHEMA}`, found `{found}`"),
            Self::Entry(position, problem) => write!(f, "entries[{position}]: {problem}"),
            Self::Limit(problem) => f.write_str(problem),
            Self::Signature(problem) => write!(f, "the list's signature is not accepted: {problem}"),
        }
    }
}

impl std::error::Error for PackError {}

/// A list as written.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct PackDocument {
    schema: String,
    name: String,
    source: String,
    #[serde(default)]
    licence: String,
    dated: Time,
    entries: Vec<EntryDocument>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct EntryDocument {
    #[serde(rename = "match")]
    selector: SelectorDocument,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoked_at: Option<Time>,
    reason: Why,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    holder: Option<Holder>,
}

impl DistrustPack {
    /// A list of these entries.
    ///
    /// # Errors
    /// If it has no name or source, or exceeds a bound.
    pub fn new(
        name: impl Into<String>,
        source: impl Into<String>,
        licence: impl Into<String>,
        dated: Time,
        entries: Vec<Entry>,
    ) -> Result<Self, PackError> {
        let (name, source, licence) = (name.into(), source.into(), licence.into());
        if name.trim().is_empty() || source.trim().is_empty() {
            return Err(PackError::Malformed("`name` and `source` must say something".to_owned()));
        }
        [&name, &source, &licence].into_iter().try_for_each(|text| bounded(text))?;
        if entries.len() > MAX_ENTRIES {
            return Err(PackError::Limit(format!("more than {MAX_ENTRIES} entries")));
        }
        for (position, entry) in entries.iter().enumerate() {
            check_entry(entry).map_err(|problem| PackError::Entry(position, problem))?;
        }
        let index = by_selector(&entries);
        let holders = super::neighbour::index(&entries);
        let algorithms = entries.iter().filter_map(|entry| digest_kind(&entry.selector)).collect();
        Ok(Self { name, source, licence, dated, entries, index, holders, algorithms, signed_by: None })
    }

    /// Reads a list in its JSON form, without a signature.
    ///
    /// # Errors
    /// [`PackError`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, PackError> {
        let document: PackDocument =
            serde_json::from_slice(bytes).map_err(|error| PackError::Malformed(error.to_string()))?;
        if document.schema != SCHEMA {
            return Err(PackError::Schema(document.schema));
        }
        let entries = document.entries.into_iter().enumerate();
        let entries =
            entries.map(|(position, entry)| entry.read().map_err(|problem| PackError::Entry(position, problem)));
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        Self::new(document.name, document.source, document.licence, document.dated, entries)
    }

    /// The list with these entries too, and this date. An entry takes the place of one that names the same.
    ///
    /// # Errors
    /// If it exceeds a bound.
    pub fn with(&self, entries: Vec<Entry>, dated: Time) -> Result<Self, PackError> {
        let new = by_selector(&entries);
        let named_again = |entry: &&Entry| {
            let key = entry.selector.index_key();
            let mut same = new.find(&key).filter_map(|at| entries.get(at));
            same.any(|new| new.selector == entry.selector)
        };
        let kept: Vec<Entry> = self.entries.iter().filter(|entry| !named_again(entry)).cloned().collect();
        let all = kept.into_iter().chain(entries.iter().cloned()).collect();
        Self::new(&self.name, &self.source, &self.licence, dated, all)
    }

    /// The JSON form: the same list, the same bytes.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let document = PackDocument {
            schema: SCHEMA.to_owned(),
            name: self.name.clone(),
            source: self.source.clone(),
            licence: self.licence.clone(),
            dated: self.dated,
            entries: self.entries.iter().map(EntryDocument::of).collect(),
        };
        // Only strings and instants: nothing in it fails to be written.
        let mut bytes = serde_json::to_vec_pretty(&document).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where its entries come from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The terms it comes under; empty if it does not say.
    #[must_use]
    pub fn licence(&self) -> &str {
        &self.licence
    }

    /// Its date.
    #[must_use]
    pub const fn dated(&self) -> Time {
        self.dated
    }

    /// Its entries, in its order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// SHA-256 of the key that signed it, if that was verified.
    #[must_use]
    pub const fn signed_by(&self) -> Option<Digest> {
        self.signed_by
    }

    /// What reports say about it.
    #[must_use]
    pub fn summary(&self) -> PackSummary {
        PackSummary {
            name: self.name.clone(),
            source: self.source.clone(),
            dated: self.dated,
            entries: self.entries.len(),
            signed_by: self.signed_by,
        }
    }

    /// The entries that name this certificate or its key exactly.
    #[must_use]
    pub fn on_certificate(&self, certificate: &Certificate) -> Vec<&Entry> {
        let mut keys = vec![
            IndexKey::of_issuer_serial(certificate.issuer(), certificate.serial()),
            IndexKey::of_subject(certificate.subject()),
        ];
        for (kind, algorithm) in &self.algorithms {
            let digest = match kind {
                Kind::Certificate => Some(Digest::of(*algorithm, certificate.der())),
                Kind::Signed => Some(Digest::of(*algorithm, certificate.tbs())),
                Kind::Key => Some(Digest::of(*algorithm, certificate.spki())),
                Kind::KeyBits => key_bits_md5(certificate),
                _ => None,
            };
            keys.extend(digest.map(|digest| IndexKey::of_digest(*kind, &digest)));
        }
        let mut entries = self.with_keys(&keys);
        entries.retain(|entry| entry.selector.names(certificate));
        entries
    }

    /// The entries that name this key (SHA-256 of its `SubjectPublicKeyInfo`) exactly.
    #[must_use]
    pub fn on_key(&self, spki_sha256: &Digest) -> Vec<&Entry> {
        self.with_keys(&[IndexKey::of_digest(Kind::Key, spki_sha256)])
    }

    /// The entries that name a file of these digests.
    #[must_use]
    pub fn on_file(&self, digests: &Digests) -> Vec<&Entry> {
        let keys: Vec<_> = digests.values().map(|digest| IndexKey::of_digest(Kind::File, digest)).collect();
        self.with_keys(&keys)
    }

    /// The entries that name one of these identities.
    #[must_use]
    pub fn on_identity(&self, known_by: &[registry::Selector]) -> Vec<&Entry> {
        let keys: Vec<_> = known_by.iter().map(IndexKey::of_identity).collect();
        let mut entries = self.with_keys(&keys);
        entries.retain(|entry| matches!(&entry.selector, Selector::Identity(named) if known_by.contains(named)));
        entries
    }

    /// The digests of files that its entries use.
    pub fn file_algorithms(&self) -> impl Iterator<Item = DigestAlgorithm> {
        self.algorithms.iter().filter(|(kind, _)| *kind == Kind::File).map(|(_, algorithm)| *algorithm)
    }

    fn with_keys(&self, keys: &[IndexKey]) -> Vec<&Entry> {
        let positions = keys.iter().flat_map(|key| self.index.find(key));
        positions.filter_map(|position| self.entries.get(position)).collect()
    }
}

impl EntryDocument {
    fn read(self) -> Result<Entry, String> {
        Ok(Entry {
            selector: self.selector.read()?,
            since: self.since,
            revoked_at: self.revoked_at,
            why: self.reason,
            note: self.note,
            reference: self.reference,
            holder: self.holder,
        })
    }

    fn of(entry: &Entry) -> Self {
        Self {
            selector: SelectorDocument::of(&entry.selector),
            since: entry.since,
            revoked_at: entry.revoked_at,
            reason: entry.why,
            note: entry.note.clone(),
            reference: entry.reference.clone(),
            holder: entry.holder.clone(),
        }
    }
}

/// An entry from its JSON form.
pub(super) fn entry_of_json(value: serde_json::Value) -> Result<Entry, String> {
    serde_json::from_value::<EntryDocument>(value).map_err(|error| error.to_string())?.read()
}

fn by_selector(entries: &[Entry]) -> Index {
    Index::new(entries.iter().enumerate().map(|(at, entry)| (entry.selector.index_key(), at)))
}

fn bounded(text: &str) -> Result<(), PackError> {
    if text.len() > MAX_TEXT { Err(PackError::Limit(format!("a text has more than {MAX_TEXT} bytes"))) } else { Ok(()) }
}

fn check_entry(entry: &Entry) -> Result<(), String> {
    let holder = entry.holder.iter().flat_map(|holder| [&holder.name, &holder.registration, &holder.country]);
    let texts = [&entry.note, &entry.reference].into_iter().chain(holder).flatten();
    texts.into_iter().try_for_each(|text| bounded(text).map_err(|error| error.to_string()))?;
    let key = entry.holder.as_ref().and_then(|holder| holder.spki_sha256.as_ref());
    match key {
        Some(key) if hex::decode(key).is_none_or(|bytes| bytes.len() != DigestAlgorithm::Sha256.length()) => {
            Err("`holder.spki_sha256` is not 64 hexadecimal digits".to_owned())
        }
        _ => Ok(()),
    }
}

/// Which digests finding this selector needs.
const fn digest_kind(selector: &Selector) -> Option<(Kind, DigestAlgorithm)> {
    Some(match selector {
        Selector::Certificate(digest) => (Kind::Certificate, digest.algorithm()),
        Selector::Signed(digest) => (Kind::Signed, digest.algorithm()),
        Selector::Key(digest) => (Kind::Key, digest.algorithm()),
        Selector::KeyBits(digest) => (Kind::KeyBits, digest.algorithm()),
        Selector::File(digest) => (Kind::File, digest.algorithm()),
        Selector::IssuerSerial { .. } | Selector::Subject { .. } | Selector::Identity(_) => return None,
    })
}

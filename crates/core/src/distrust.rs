//! Lists of what must not be trusted: certificates, keys, files and identities that are known to be abused.
//!
//! A [`DistrustPack`] is a dated list with a source; a [`Distrust`] is what one run was given. An entry names
//! one thing exactly: a certificate by its digest, by issuer *and* serial number, or by the digest of its
//! signed part; a key; a file; a full certificate name together with its issuer or registration number. A
//! serial number alone names nothing, since every issuer counts for itself, and neither does a name alone.
//!
//! What matches exactly is `distrusted` (`judge`). What only resembles an entry is a finding of limited
//! weight (`neighbour`) and never changes an answer: the neighbour may well be the victim.

pub mod import;
mod index;
mod judge;
mod neighbour;
mod pack;
mod selector;
mod signed;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use neighbour::FoundHolder;
pub use pack::{DistrustPack, Entry, Holder, MAX_ENTRIES, MAX_TEXT, PackError, SCHEMA};
pub use selector::{Selector, Why};
pub use signed::{PACK_TYPE, open, sign};

pub(crate) use judge::judge;

use crate::artifact::Digests;
use crate::crypto::{Digest, DigestAlgorithm};
use crate::encoding::x509::Certificate;
use crate::registry;
use crate::time::Time;

/// The lists of one run. Cloning is cheap.
#[derive(Clone, Debug, Default)]
pub struct Distrust {
    packs: Vec<Arc<DistrustPack>>,
}

/// An entry that names something exactly, and the list that it stands in.
#[derive(Clone, Copy, Debug)]
pub struct Hit<'a> {
    /// The list.
    pub pack: &'a DistrustPack,
    /// The entry.
    pub entry: &'a Entry,
}

/// What a report says about a list that was used.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PackSummary {
    /// Its name.
    pub name: String,
    /// Where its entries come from.
    pub source: String,
    /// Its date.
    pub dated: Time,
    /// Number of its entries.
    pub entries: usize,
    /// SHA-256 of the key that signed it, if that was verified.
    pub signed_by: Option<Digest>,
}

impl Distrust {
    /// Adds a list.
    pub fn add(&mut self, pack: DistrustPack) {
        self.packs.push(Arc::new(pack));
    }

    /// Whether no list was given.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.packs.is_empty()
    }

    /// The lists, in the order given.
    pub fn packs(&self) -> impl Iterator<Item = &DistrustPack> {
        self.packs.iter().map(Arc::as_ref)
    }

    /// What reports say about the lists.
    #[must_use]
    pub fn summaries(&self) -> Vec<PackSummary> {
        self.packs().map(DistrustPack::summary).collect()
    }

    /// The entries that name this certificate or its key exactly.
    #[must_use]
    pub fn on_certificate(&self, certificate: &Certificate) -> Vec<Hit<'_>> {
        self.each(|pack| pack.on_certificate(certificate))
    }

    /// The entries that name this key (SHA-256 of its `SubjectPublicKeyInfo`) exactly.
    #[must_use]
    pub fn on_key(&self, spki_sha256: &Digest) -> Vec<Hit<'_>> {
        self.each(|pack| pack.on_key(spki_sha256))
    }

    /// The entries that name a file of these digests.
    #[must_use]
    pub fn on_file(&self, digests: &Digests) -> Vec<Hit<'_>> {
        self.each(|pack| pack.on_file(digests))
    }

    /// The entries that name one of these identities.
    #[must_use]
    pub fn on_identity(&self, known_by: &[registry::Selector]) -> Vec<Hit<'_>> {
        self.each(|pack| pack.on_identity(known_by))
    }

    /// The digests of files that the lists need.
    #[must_use]
    pub fn file_algorithms(&self) -> BTreeSet<DigestAlgorithm> {
        self.packs().flat_map(DistrustPack::file_algorithms).collect()
    }

    fn each<'a>(&'a self, find: impl Fn(&'a DistrustPack) -> Vec<&'a Entry>) -> Vec<Hit<'a>> {
        self.packs().flat_map(|pack| find(pack).into_iter().map(move |entry| Hit { pack, entry })).collect()
    }
}

impl Hit<'_> {
    /// The entry in words: the list, why it is on it, since when, and where to read more.
    #[must_use]
    pub fn words(&self) -> String {
        let entry = self.entry;
        let mut text = format!("on the list `{}` of {} ({})", self.pack.name(), self.pack.dated(), entry.why.word());
        let mut say = |what: &str, value: &str| text.push_str(&format!("{what}{value}"));
        if let Some(since) = entry.since {
            say(", abused since ", &since.to_string());
        }
        if let Some(revoked) = entry.revoked_at {
            say(", revoked at ", &revoked.to_string());
        }
        if let Some(note) = &entry.note {
            say(": ", note);
        }
        if let Some(reference) = &entry.reference {
            say("; see ", reference);
        }
        text
    }
}

#[cfg(test)]
mod tests;

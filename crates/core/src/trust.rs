//! Trust anchors by purpose (RFC 5914), with the limits their source puts on them.
//!
//! A [`TrustBundle`] is a list of anchors with a date and sources. The built-in one is made by
//! `cargo xtask trust` from public lists (crates/core/trust/README.md); more come from `--anchor` or
//! `countersign trust import`. Nothing here ever reads the TLS store of the system: who may name a web
//! server says nothing about who may sign software.

mod anchor;
mod file;
mod import;
mod show;
mod stl;

use std::borrow::Cow;
use std::fmt;

pub use anchor::{Limit, ListedAnchor, ListedPurpose, Purposes};
pub use file::BundleError;
pub use import::{ImportError, import_pem};
pub use show::{AnchorListing, BundleListing, LimitListing, SourceListing};
pub use stl::{CertificateSet, import_stl};

use crate::crypto::{Digest, DigestAlgorithm};
use crate::encoding::x509::{Certificate, Name};
use crate::pki::anchor::{Anchor, AnchorSource};
use crate::time::Time;

/// The anchors that come with Countersign.
const BUILT_IN: &[u8] = include_bytes!("../trust/anchors.der");

/// The trusted roots of public Sigstore instances that come with Countersign, by name.
///
/// The first two stand for what is published; `staging` is a playground whose signatures prove nothing.
pub const SIGSTORE_ROOTS: [(&str, &[u8]); 3] = [
    ("public-good", include_bytes!("../trust/sigstore-public-good.json")),
    ("github", include_bytes!("../trust/sigstore-github.json")),
    ("staging", include_bytes!("../trust/sigstore-staging.json")),
];

/// Anchors, by the name of their certificate.
///
/// Loading the built-in bundle finds where its anchors are and reads none of them: a verdict needs one or
/// two of more than five hundred.
#[derive(Clone, Default)]
pub struct TrustBundle {
    dated: Option<Time>,
    sources: Vec<AnchorSourceInfo>,
    /// Sorted by key, so that the anchors of one name are found by bisection.
    entries: Vec<Entry>,
}

/// Where anchors come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchorSourceInfo {
    /// Its name, such as `Microsoft Trusted Root Program`.
    pub name: String,
    /// What exactly: package and version, or path.
    pub origin: String,
    /// The terms it comes under.
    pub licence: String,
    /// The date it gives itself.
    pub dated: Option<Time>,
}

/// One encoded anchor under the key of its name.
#[derive(Clone)]
struct Entry {
    key: NameKey,
    record: Cow<'static, [u8]>,
}

/// The start of the digest of a name in its canonical form: equal names have equal keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct NameKey([u8; 8]);

impl NameKey {
    fn of(name: &Name) -> Self {
        let digest = Digest::of(DigestAlgorithm::Sha256, name.canonical());
        let mut key = [0; 8];
        key.iter_mut().zip(digest.as_bytes()).for_each(|(slot, byte)| *slot = *byte);
        Self(key)
    }
}

impl TrustBundle {
    /// The anchors that come with Countersign.
    #[must_use]
    pub fn built_in() -> Self {
        // A test reads all of it: it cannot be broken in a released build, and if it were, nothing would be
        // trusted.
        Self::from_static(BUILT_IN).unwrap_or_default()
    }

    /// The date of the bundle: that of its oldest dated source, or `None` if it has none.
    #[must_use]
    pub const fn dated(&self) -> Option<Time> {
        self.dated
    }

    /// Where its anchors come from.
    #[must_use]
    pub fn sources(&self) -> &[AnchorSourceInfo] {
        &self.sources
    }

    /// Number of anchors.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Every anchor, in an order that depends on their names alone.
    pub fn anchors(&self) -> impl Iterator<Item = ListedAnchor> {
        self.entries.iter().filter_map(|entry| self.decode(entry))
    }

    /// The anchors whose certificate has this name (`subject`).
    #[must_use]
    pub fn listed(&self, name: &Name) -> Vec<ListedAnchor> {
        let key = NameKey::of(name);
        let first = self.entries.partition_point(|entry| entry.key < key);
        let with_key = self.entries.iter().skip(first).take_while(|entry| entry.key == key);
        with_key.filter_map(|entry| self.decode(entry)).filter(|anchor| anchor.certificate.subject() == name).collect()
    }

    /// This bundle with a certificate that the user accepts for every purpose (`--anchor`).
    ///
    /// Its own validity and extensions still count; the date of the bundle stays that of its lists.
    #[must_use]
    pub fn with_anchor(mut self, certificate: Certificate, origin: &str) -> Self {
        let source = self.add_source(AnchorSourceInfo {
            name: "given by the user".to_owned(),
            origin: origin.to_owned(),
            licence: String::new(),
            dated: None,
        });
        self.insert(&ListedAnchor::for_every_purpose(certificate, source));
        self
    }

    /// This bundle with an anchor under the terms that its list puts on it.
    #[must_use]
    pub fn with_listed(mut self, mut anchor: ListedAnchor) -> Self {
        anchor.source = self.add_source(anchor.source);
        self.insert(&anchor);
        self
    }

    /// The anchors of both. The date is the older one: what is not known to be newer is not called newer.
    #[must_use]
    pub fn union(mut self, other: &Self) -> Self {
        for mut anchor in other.anchors() {
            anchor.source = self.add_source(anchor.source);
            self.insert(&anchor);
        }
        self.dated = match (self.dated, other.dated) {
            (Some(ours), Some(theirs)) => Some(ours.min(theirs)),
            (ours, theirs) => ours.or(theirs),
        };
        self
    }

    /// The bundle without the anchors that `keep` refuses.
    #[must_use]
    pub fn retain(mut self, keep: impl Fn(&ListedAnchor) -> bool) -> Self {
        let entries = std::mem::take(&mut self.entries);
        self.entries =
            entries.into_iter().filter(|entry| self.decode(entry).is_some_and(|anchor| keep(&anchor))).collect();
        self
    }

    /// Puts a date on the bundle.
    pub(crate) fn date(&mut self, dated: Option<Time>) {
        self.dated = dated;
    }

    /// Lists a source once, and returns it.
    fn add_source(&mut self, source: AnchorSourceInfo) -> AnchorSourceInfo {
        if !self.sources.contains(&source) {
            self.sources.push(source.clone());
        }
        source
    }

    /// Adds an anchor whose source is listed.
    fn insert(&mut self, anchor: &ListedAnchor) {
        let position = self.sources.iter().position(|source| *source == anchor.source).unwrap_or_default();
        let key = NameKey::of(anchor.certificate.subject());
        let entry = Entry { key, record: Cow::Owned(file::encode_anchor(anchor, position)) };
        let at = self.entries.partition_point(|other| (other.key, &other.record) < (entry.key, &entry.record));
        if self.entries.get(at).is_none_or(|other| other.record != entry.record) {
            self.entries.insert(at, entry);
        }
    }

    fn decode(&self, entry: &Entry) -> Option<ListedAnchor> {
        file::decode_anchor(&entry.record, &self.sources).ok()
    }
}

impl AnchorSource for TrustBundle {
    fn named(&self, name: &Name) -> Vec<Anchor> {
        self.listed(name).into_iter().map(ListedAnchor::for_validation).collect()
    }
}

impl fmt::Debug for TrustBundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (dated, anchors) = (self.dated, self.entries.len());
        f.debug_struct("TrustBundle").field("dated", &dated).field("anchors", &anchors).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_anchor_is_read_and_found_by_its_name() {
        let bundle = TrustBundle::built_in();
        let anchors: Vec<ListedAnchor> = bundle.anchors().collect();
        assert_eq!(anchors.len(), bundle.len());
        for anchor in &anchors {
            assert!(bundle.listed(anchor.certificate.subject()).contains(anchor), "{}", anchor.name);
        }
        assert!(TrustBundle::from_der(BUILT_IN).is_ok());
    }

    #[test]
    fn the_built_in_bundle_keeps_what_its_source_says() {
        let bundle = TrustBundle::built_in();
        let of = |name: &str| bundle.anchors().filter(|anchor| anchor.source.name == name).collect::<Vec<_>>();
        let microsoft = of("Microsoft Trusted Root Program");
        // Counted independently on the list of 2026-10-23; a newer list changes these figures.
        assert_eq!(microsoft.len(), 555);
        let may = |purpose| microsoft.iter().filter(|anchor| anchor.purposes.contains(purpose)).count();
        // 304 name the usage, and 6 of Microsoft's own are not restricted to named usages.
        assert_eq!(may(ListedPurpose::CodeSigning), 304 + 6);
        assert_eq!(may(ListedPurpose::TimeStamping), 326 + 6);
        let always = Time::from_unix(0);
        let dated = |limit: Option<Limit>| limit.is_some_and(|limit| limit.at > always);
        assert_eq!(microsoft.iter().filter(|anchor| dated(anchor.disallowed_since)).count(), 205);
        assert_eq!(microsoft.iter().filter(|anchor| dated(anchor.issued_before)).count(), 296);
        // Usages that are disallowed without a date, and one that newer certificates lost without a date.
        let undated = |limit: Option<Limit>| limit.is_some_and(|limit| limit.at == always);
        assert_eq!(microsoft.iter().filter(|anchor| undated(anchor.disallowed_since)).count(), 13);
        assert_eq!(microsoft.iter().filter(|anchor| undated(anchor.issued_before)).count(), 1);
        assert_eq!(bundle.dated().map(|date| date.to_string()).as_deref(), Some("2026-10-23T23:18:35Z"));
    }

    #[test]
    fn a_union_lists_each_anchor_once_and_takes_the_older_date() {
        let bundle = TrustBundle::built_in();
        let twice = bundle.clone().union(&bundle);
        assert_eq!(twice.len(), bundle.len());
        assert_eq!(twice.sources(), bundle.sources());
        let mut newer = TrustBundle::default();
        newer.date(Some(Time::FOREVER));
        assert_eq!(newer.union(&bundle).dated(), bundle.dated());
    }

    #[test]
    fn an_anchor_of_the_user_is_for_every_purpose_and_does_not_date_the_bundle() {
        let certificate = TrustBundle::built_in().anchors().next().unwrap().certificate;
        let bundle = TrustBundle::default().with_anchor(certificate.clone(), "root.pem");
        let found = bundle.listed(certificate.subject());
        assert_eq!(found.len(), 1);
        assert!(ListedPurpose::ALL.iter().all(|purpose| found[0].purposes.contains(*purpose)));
        assert_eq!(found[0].source.origin, "root.pem");
        assert_eq!(bundle.dated(), None);
    }
}

//! A bundle as people and programs read it: `countersign trust show`.

use serde::Serialize;

use super::{AnchorSourceInfo, Limit, ListedAnchor, TrustBundle};
use crate::time::Time;

/// A bundle in readable form, `"schema": "countersign/trust/v1"`.
#[derive(Clone, Debug, Serialize)]
pub struct BundleListing {
    /// The schema of this document.
    pub schema: &'static str,
    /// The date of the bundle.
    pub dated: Option<Time>,
    /// Where its anchors come from.
    pub sources: Vec<SourceListing>,
    /// Its anchors, sorted by name.
    pub anchors: Vec<AnchorListing>,
}

/// A source in readable form.
#[derive(Clone, Debug, Serialize)]
pub struct SourceListing {
    /// Its name.
    pub name: String,
    /// What exactly.
    pub origin: String,
    /// The terms it comes under.
    pub licence: String,
    /// The date it gives itself.
    pub dated: Option<Time>,
}

/// An anchor in readable form.
#[derive(Clone, Debug, Serialize)]
pub struct AnchorListing {
    /// Its friendly name.
    pub name: String,
    /// The name in its certificate.
    pub certificate_name: String,
    /// SHA-256 of its certificate.
    pub sha256: String,
    /// First instant of its validity.
    pub not_before: Time,
    /// Last instant of its validity.
    pub not_after: Time,
    /// What it may vouch for; `any` if its source does not restrict it.
    pub purposes: Vec<&'static str>,
    /// Certificates issued from this instant on are not trusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_before: Option<LimitListing>,
    /// Nothing signed from this instant on is trusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disallowed_since: Option<LimitListing>,
    /// The name of its source.
    pub source: String,
}

/// A limit in readable form.
#[derive(Clone, Debug, Serialize)]
pub struct LimitListing {
    /// The instant.
    pub at: Time,
    /// The purposes that it limits; `any` for all.
    pub purposes: Vec<&'static str>,
}

impl TrustBundle {
    /// The bundle in readable form.
    #[must_use]
    pub fn listing(&self) -> BundleListing {
        let mut anchors: Vec<AnchorListing> = self.anchors().map(AnchorListing::of).collect();
        anchors.sort_by(|a, b| (&a.name, &a.sha256).cmp(&(&b.name, &b.sha256)));
        let sources = self.sources().iter().map(SourceListing::of).collect();
        BundleListing { schema: "countersign/trust/v1", dated: self.dated(), sources, anchors }
    }
}

impl SourceListing {
    fn of(source: &AnchorSourceInfo) -> Self {
        let AnchorSourceInfo { name, origin, licence, dated } = source.clone();
        Self { name, origin, licence, dated }
    }
}

impl AnchorListing {
    fn of(anchor: ListedAnchor) -> Self {
        Self {
            certificate_name: anchor.certificate.subject().to_string(),
            sha256: anchor.certificate.fingerprint().hex(),
            not_before: anchor.certificate.not_before(),
            not_after: anchor.certificate.not_after(),
            purposes: anchor.purposes.words(),
            issued_before: anchor.issued_before.map(LimitListing::of),
            disallowed_since: anchor.disallowed_since.map(LimitListing::of),
            name: anchor.name,
            source: anchor.source.name,
        }
    }
}

impl LimitListing {
    fn of(limit: Limit) -> Self {
        Self { at: limit.at, purposes: limit.purposes.words() }
    }
}

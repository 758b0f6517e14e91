//! The history of a package: how well each of its versions was attested.

use serde::{Deserialize, Serialize};

use crate::crypto::Digest;
use crate::event::field::words;
use crate::time::Time;

words! {
    /// How a version came to its registry, least first.
    PublishedHow {
        /// Without an attestation: whoever had the password or token could.
        Unattested = "unattested",
        /// With provenance.
        Attested = "attested",
        /// By a workflow that the registry knows, without a long-lived secret.
        TrustedPublisher = "trusted-publisher",
    }
}

/// One version of a package, as its registry recorded it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedVersion {
    /// The package.
    pub package: String,
    /// The version.
    pub version: String,
    /// When it was published.
    pub published: Time,
    /// How it was published.
    pub how: PublishedHow,
    /// Digests of its files.
    pub digests: Vec<Digest>,
    /// Why it was taken back, if it was.
    pub withdrawn: Option<String>,
}

/// The line of releases that a version belongs to: back-ports to an older line are no step back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    major: &'a str,
    pre_release: bool,
}

impl<'a> Line<'a> {
    /// The line of a version: its first number, and for `0.x` the second as well (Semantic Versioning 2.0.0 §4).
    #[must_use]
    pub fn of(version: &'a str) -> Self {
        let version = version.strip_prefix('v').unwrap_or(version);
        let plain = version.split_once('+').map_or(version, |(plain, _)| plain);
        let (numbers, pre_release) = plain.split_once('-').map_or((plain, false), |(numbers, _)| (numbers, true));
        let mut dots = numbers.match_indices('.').map(|(at, _)| at);
        let end = if numbers.starts_with("0.") { dots.nth(1) } else { dots.next() };
        Self { major: numbers.get(..end.unwrap_or(numbers.len())).unwrap_or(numbers), pre_release }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_apart() {
        assert_eq!(Line::of("1.2.3"), Line::of("v1.9.0"));
        assert_ne!(Line::of("1.2.3"), Line::of("2.0.0"));
        assert_ne!(Line::of("1.2.3"), Line::of("1.2.4-rc.1"));
        assert_ne!(Line::of("0.30.4"), Line::of("0.31.0"));
        assert_eq!(Line::of("0.30.4"), Line::of("0.30.3+build"));
        assert_eq!(Line::of("2026"), Line::of("2026.1"));
    }
}

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
    /// Why it is less well attested than the versions before it, if somebody answers for that.
    #[serde(default)]
    pub explained: Option<String>,
}

/// The line of releases that a version belongs to: back-ports to an older line are no step back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    major: &'a str,
    pre_release: bool,
}

impl<'a> Line<'a> {
    /// The line of a version: its first number, and for `0.x` the second as well (Semantic Versioning 2.0.0 §4). A
    /// pre-release has a hyphen (§9), or a label behind its numbers (PEP 440).
    #[must_use]
    pub fn of(version: &'a str) -> Self {
        let version = version.strip_prefix('v').unwrap_or(version);
        let plain = version.split_once('+').map_or(version, |(plain, _)| plain);
        let hyphen = plain.split_once('-').map(|(numbers, _)| numbers);
        let pre_release = hyphen.or_else(|| before_label(plain));
        let (numbers, pre_release) = (pre_release.unwrap_or(plain), pre_release.is_some());
        let mut dots = numbers.match_indices('.').map(|(at, _)| at);
        let end = if numbers.starts_with("0.") { dots.nth(1) } else { dots.next() };
        Self { major: numbers.get(..end.unwrap_or(numbers.len())).unwrap_or(numbers), pre_release }
    }
}

/// What PEP 440 calls what comes before a release, in each of its spellings.
const LABELS: [&str; 9] = ["a", "b", "c", "rc", "alpha", "beta", "pre", "preview", "dev"];

/// The numbers of a version before the label of a pre-release, if it has one.
fn before_label(version: &str) -> Option<&str> {
    let at = version.find(|character: char| character.is_ascii_alphabetic())?;
    let label: String = version.get(at..)?.chars().take_while(char::is_ascii_alphabetic).collect();
    let is_known = LABELS.iter().any(|known| label.eq_ignore_ascii_case(known));
    version.get(..at).filter(|_| is_known).map(|numbers| numbers.trim_end_matches(['.', '_']))
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
        for pre_release in ["2.0rc1", "2.0.0b2", "2.0.dev3", "2.0_alpha", "2rc1"] {
            assert_eq!(Line::of(pre_release), Line::of("2.0.0-rc.1"), "{pre_release}");
        }
        for release in ["2.0.post1", "2.0.Final", "2.0"] {
            assert_eq!(Line::of(release), Line::of("2.1"), "{release}");
        }
    }
}

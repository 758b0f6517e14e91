//! Waivers: exceptions that somebody answers for, somebody else approved, and that end by themselves.
//!
//! A waiver changes the decision, never an answer. What says that the artifact was changed, that a certificate was
//! revoked, or that a signer is distrusted or compromised can never be waived.

mod load;

pub(super) use load::Item;

use crate::crypto::{Digest, DigestAlgorithm};
use crate::dossier::ArtifactFacts;
use crate::lookalike::Resemblance;
use crate::policy::Pattern;
use crate::time::Time;

/// Most waivers of a policy. Each is compared with every artifact, and nobody reviews thousands.
const MAX_WAIVERS: usize = 1_000;

/// Most days from `granted` to `expires`: a year, also a leap year. What is needed for longer belongs into the
/// policy itself.
pub const MAX_DAYS: i64 = 366;

/// Most `*` of a name: a beginning, an ending and something between them can be said with two.
const MAX_STARS: usize = 2;

/// Fewest letters and digits of a name with `*`, without its ending: fewer fit almost everything.
const MIN_LETTERS: usize = 4;

/// What no waiver excuses: integrity, revocation and distrust.
const NEVER_WAIVED: [&str; 4] = ["intact", "coverage", "not-revoked", "not-distrusted"];

/// What says whose it is, from what it was made, or that these are the bytes. It is waived for exact bytes alone, because
/// whoever makes a file also names it.
const BY_DIGEST_ALONE: [&str; 13] = [
    "vouched",
    "expected",
    "registered",
    "no-drift",
    "expected-publisher",
    "provenance",
    "source",
    "builder",
    "package",
    "as-released",
    "source-compared",
    "reproduced",
    "tool-results",
];

/// An exception for an artifact from a requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// Its name in the policy: a ticket, an incident.
    pub id: String,
    /// The requirement that it excuses from.
    pub requirement: String,
    /// The artifacts that it is for.
    pub artifact: Concerned,
    /// The only environment that it is for, if it is not for all.
    pub environment: Option<String>,
    /// Who answers for it.
    pub owner: String,
    /// Who approved it; never the owner.
    pub approved_by: Vec<String>,
    /// Why.
    pub reason: String,
    /// From when on it counts.
    pub granted: Time,
    /// From when on it does not count any more.
    pub expires: Time,
}

/// Which artifacts a waiver is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Concerned {
    /// These bytes.
    Digest(Digest),
    /// Whatever has such a name.
    Name(Pattern),
}

impl std::fmt::Display for Concerned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Digest(digest) => digest.fmt(f),
            Self::Name(pattern) => pattern.fmt(f),
        }
    }
}

/// Where a waiver is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaiverPhase {
    /// It does not count yet.
    NotYetInForce,
    /// It counts.
    InForce,
    /// It does not count any more.
    Expired,
}

impl Waiver {
    /// Whether it could be about this artifact in this environment.
    #[must_use]
    pub fn concerns(&self, artifact: &ArtifactFacts, environment: &str) -> bool {
        let here = self.environment.as_deref().is_none_or(|only| only == environment);
        here && match &self.artifact {
            Concerned::Digest(digest) => artifact.digests.get(&DigestAlgorithm::Sha256) == Some(digest),
            Concerned::Name(pattern) => pattern.matches(&artifact.name),
        }
    }

    /// Where it is in its life at this instant.
    #[must_use]
    pub fn phase(&self, at: Time) -> WaiverPhase {
        if at < self.granted {
            WaiverPhase::NotYetInForce
        } else if at < self.expires {
            WaiverPhase::InForce
        } else {
            WaiverPhase::Expired
        }
    }
}

/// Whether two accounts or addresses are likely the same person's: however they are spelt, by the letters that they
/// look like, and without the part that mail systems let everybody add (RFC 5233).
fn same_person(a: &str, b: &str) -> bool {
    let (a, b) = (without_detail(a), without_detail(b));
    let rules = [Resemblance::Spelling, Resemblance::Confusable];
    rules.into_iter().any(|rule| rule.equates(&a, &b))
}

/// `name+anything@host` is `name@host`.
fn without_detail(address: &str) -> String {
    match address.split_once('@') {
        Some((name, host)) => format!("{}@{host}", name.split('+').next().unwrap_or(name)),
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::Digests;

    fn waiver(artifact: Concerned, environment: Option<&str>) -> Waiver {
        Waiver {
            id: "w".to_owned(),
            requirement: "timestamp".to_owned(),
            artifact,
            environment: environment.map(str::to_owned),
            owner: "o".to_owned(),
            approved_by: vec!["a".to_owned()],
            reason: "r".to_owned(),
            granted: Time::from_unix(10),
            expires: Time::from_unix(20),
        }
    }

    fn facts(name: &str, bytes: &[u8]) -> ArtifactFacts {
        let digests: Digests = DigestAlgorithm::ALL.map(|of| (of, Digest::of(of, bytes))).into_iter().collect();
        ArtifactFacts { name: name.to_owned(), path: String::new(), size: None, container: "data", digests }
    }

    #[test]
    fn it_concerns_exact_bytes_or_a_name_and_where_it_says() {
        let digest = Concerned::Digest(Digest::of(DigestAlgorithm::Sha256, b"x"));
        assert!(waiver(digest.clone(), None).concerns(&facts("a", b"x"), "production"));
        assert!(!waiver(digest.clone(), None).concerns(&facts("a", b"y"), "production"));
        assert!(!waiver(digest.clone(), Some("lab")).concerns(&facts("a", b"x"), "production"));
        assert!(!waiver(digest, None).concerns(&ArtifactFacts { digests: Digests::new(), ..facts("a", b"") }, "lab"));
        let name = Concerned::Name(Pattern::new("tool-*.exe"));
        assert!(waiver(name.clone(), Some("lab")).concerns(&facts("tool-1.exe", b"x"), "lab"));
        assert!(!waiver(name, None).concerns(&facts("other.exe", b"x"), "lab"));
    }

    #[test]
    fn it_counts_from_its_first_instant_to_the_one_before_its_end() {
        let waiver = waiver(Concerned::Name(Pattern::new("a")), None);
        let phase = |seconds| waiver.phase(Time::from_unix(seconds));
        assert_eq!((phase(9), phase(10)), (WaiverPhase::NotYetInForce, WaiverPhase::InForce));
        assert_eq!((phase(19), phase(20)), (WaiverPhase::InForce, WaiverPhase::Expired));
    }

    #[test]
    fn one_person_is_known_under_several_spellings() {
        for other in ["J.Doe@Acme", "j.doe+work@acme", "j-doe@acme", "j.d\u{43e}e@acme", "j.doe\u{200b}@acme"] {
            assert!(same_person("j.doe@acme", other), "{other}");
        }
        for other in ["k.lee@acme", "j.doe@other", "j.roe@acme"] {
            assert!(!same_person("j.doe@acme", other), "{other}");
        }
    }
}

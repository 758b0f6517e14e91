//! Whether a signature that holds could have been forged.
//!
//! - MD5, and RSA below 1024 bits: never accepted. A CA certificate was forged with MD5 in 2008 (Sotirov and
//!   others) and a code-signing one in 2012 (Flame); Microsoft ended RSA below 1024 bits in 2012 (KB2661254).
//! - SHA-1: accepted of a signature that a timestamp proves to be older than 2016, with a finding. Microsoft
//!   ended its trust in SHA-1 signatures made since ("Windows Enforcement of SHA1 Certificates"), and the first
//!   published collision is of 2017. Without a trusted time nothing shows that it is that old.
//! - DSA, RSA from 1024 to 2047 bits and of odd sizes: accepted with a finding; no forgery is known.
//!
//! It is asked only of signatures that somebody vouches for: for others there is nothing to withdraw, and the
//! finding says what there is to say.

use super::Notes;
use crate::crypto::{DigestAlgorithm, SMALLEST_RSA, Strength, Weakness};
use crate::evidence::{CheckId, Outcome, Reason, Signature};
use crate::finding::FindingId;
use crate::pki::path::Path;
use crate::time::Time;

/// 2016-01-01T00:00:00Z.
const SHA1_ENDED: Time = Time::from_unix(1_451_606_400);

/// Everything that could have been forged.
pub(super) struct Strengths<'a> {
    /// The strength of the signature, if it holds.
    pub(super) own: Option<Strength>,
    /// What makes its trusted time forgeable, if the certificate is valid at no other.
    pub(super) time: Option<Weakness>,
    /// The path of its certificate.
    pub(super) path: Option<&'a Path>,
}

impl Strengths<'_> {
    /// Checks the strength, at the trusted time if there is one.
    pub(super) fn check(&self, signature: &mut Signature, notes: &mut Notes, trusted: Option<Time>) {
        let weaknesses = self.weaknesses(signature.digest_algorithm);
        let forgeable = weaknesses.iter().any(|(weakness, _)| !is_tolerated(*weakness, trusted));
        let (finding, words) = match (self.own.is_some(), forgeable) {
            (true, true) => (FindingId::WeakAlgorithm, "verifies under a weak algorithm"),
            (true, false) => {
                (FindingId::WeakAlgorithmTolerated, "verifies under a weak algorithm, accepted for the time of signing")
            }
            (false, _) => (FindingId::WeakAlgorithm, "made with a weak algorithm"),
        };
        let detail = format!("{words}: {}", list(&weaknesses));
        if !weaknesses.is_empty() {
            notes.push((finding, detail.clone()));
        }
        if self.own.is_none() || !signature.passes(CheckId::Chain) {
            return;
        }
        match (weaknesses.is_empty(), forgeable) {
            (true, _) => {
                signature.check(CheckId::Strength, Outcome::Pass, "no algorithm that could have been forged");
            }
            (_, true) => signature.check(CheckId::Strength, Outcome::Fail(Reason::WeakAlgorithm), detail),
            (_, false) => {
                signature.check(CheckId::Strength, Outcome::Fail(Reason::WeakAlgorithmTolerated), detail);
            }
        }
    }

    fn weaknesses(&self, content: Option<DigestAlgorithm>) -> Vec<(Weakness, String)> {
        let mut found = Vec::new();
        match content {
            Some(DigestAlgorithm::Md5) => found.push((Weakness::Md5, "the file digest is MD5".to_owned())),
            Some(DigestAlgorithm::Sha1) => found.push((Weakness::Sha1, "the file digest is SHA-1".to_owned())),
            _ => {}
        }
        if let Some(Strength::Weak(weakness)) = self.own {
            found.push((weakness, format!("signed with {weakness}")));
        }
        if let Some(weakness) = self.time {
            found.push((weakness, format!("the timestamp that it depends on is made with {weakness}")));
        }
        for weakness in self.path.map(|path| path.weaknesses.as_slice()).unwrap_or_default() {
            let position = weakness.position.saturating_add(1);
            found.push((
                weakness.weakness,
                format!("certificate {position} of the path signed with {}", weakness.weakness),
            ));
        }
        found
    }
}

fn list(weaknesses: &[(Weakness, String)]) -> String {
    let details: Vec<&str> = weaknesses.iter().map(|(_, detail)| detail.as_str()).collect();
    details.join("; ")
}

fn is_tolerated(weakness: Weakness, trusted: Option<Time>) -> bool {
    match weakness {
        Weakness::Md5 => false,
        Weakness::Sha1 => trusted.is_some_and(|time| time < SHA1_ENDED),
        Weakness::SmallRsa(bits) | Weakness::OddRsa(bits) => bits >= SMALLEST_RSA,
        Weakness::Dsa => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Origin, State};

    /// State, word and detail of a signature that holds under this weakness and that an anchor vouches for.
    fn judged(weakness: Weakness, trusted: Option<&str>) -> (State, &'static str, FindingId, String) {
        let mut signature = Signature::new("test", Origin::Embedded);
        for id in [CheckId::Signature, CheckId::Chain, CheckId::Validity] {
            signature.check(id, Outcome::Pass, "");
        }
        let mut notes = Notes::new();
        let own = Some(Strength::Weak(weakness));
        let trusted = trusted.map(|time| time.parse().unwrap());
        Strengths { own, time: None, path: None }.check(&mut signature, &mut notes, trusted);
        let strength = signature.checks.pop().unwrap();
        assert_eq!(strength.id, CheckId::Strength);
        assert_eq!(notes, [(notes[0].0, strength.detail.clone())]);
        signature.checks.push(strength.clone());
        (signature.state(), strength.outcome.reason(), notes[0].0, strength.detail)
    }

    #[test]
    fn what_can_be_forged_is_distrusted_in_so_many_words() {
        for (weakness, trusted) in [
            (Weakness::Md5, None),
            (Weakness::Md5, Some("2005-01-01T00:00:00Z")),
            (Weakness::Sha1, None),
            (Weakness::Sha1, Some("2016-01-01T00:00:00Z")),
            (Weakness::SmallRsa(1023), Some("2010-01-01T00:00:00Z")),
            (Weakness::SmallRsa(512), None),
            (Weakness::OddRsa(1000), None),
        ] {
            let (state, reason, finding, detail) = judged(weakness, trusted);
            assert_eq!((state, reason, finding), (State::Distrusted, "weak-algorithm", FindingId::WeakAlgorithm));
            assert_eq!(detail, format!("verifies under a weak algorithm: signed with {weakness}"));
        }
    }

    #[test]
    fn what_is_tolerated_is_valid_and_said_to_be_weak() {
        for (weakness, trusted) in [
            (Weakness::Sha1, Some("2015-12-31T23:59:59Z")),
            (Weakness::SmallRsa(1024), None),
            (Weakness::SmallRsa(2047), None),
            (Weakness::OddRsa(2049), None),
            (Weakness::Dsa, None),
        ] {
            let (state, reason, finding, detail) = judged(weakness, trusted);
            let tolerated = FindingId::WeakAlgorithmTolerated;
            assert_eq!((state, reason, finding), (State::Valid, "weak-algorithm-tolerated", tolerated));
            let words = "verifies under a weak algorithm, accepted for the time of signing";
            assert_eq!(detail, format!("{words}: signed with {weakness}"));
        }
    }

    #[test]
    fn what_does_not_hold_is_not_said_to_verify() {
        let mut signature = Signature::new("test", Origin::Embedded);
        signature.digest_algorithm = Some(DigestAlgorithm::Md5);
        let mut notes = Notes::new();
        Strengths { own: None, time: None, path: None }.check(&mut signature, &mut notes, None);
        assert_eq!(
            notes,
            [(FindingId::WeakAlgorithm, "made with a weak algorithm: the file digest is MD5".to_owned())]
        );
        assert!(signature.checks.is_empty());
    }
}

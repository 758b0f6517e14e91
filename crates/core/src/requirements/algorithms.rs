//! `algorithms`: nothing in the signature can be forged.

use super::{Choice, Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::crypto::DigestAlgorithm;
use crate::evidence::{CheckId, Outcome, Reason, Signature};
use crate::ground::Ground;
use crate::verdict::{Answer, Question};

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "algorithms",
    section: Section::Of(Question::Signed),
    title: "The algorithms cannot be forged",
    meaning: "No MD5 or SHA-1, no RSA under 2048 bits, no DSA: not in the signature and not in its chain.",
    shape: Shape::Word(&[Choice { word: "strong", meaning: "no algorithm may be one that can be forged" }]),
    judge: Judge::Signature(judge),
    fix: "obtain a newer signature from the publisher",
    controls: &[Control { framework: "NIST SP 800-53", id: "SC-13" }],
};

fn judge(_: Context<'_>, signature: &Signature, _: &Setting) -> Weighed {
    match signature.outcome(CheckId::Strength) {
        Some(Outcome::Pass) => {
            Weighed::yes(Ground::AlgorithmsStrong, signature.signature_algorithm.as_deref().unwrap_or_default())
        }
        Some(Outcome::Fail(reason)) => {
            let check = signature.checks.iter().find(|check| check.outcome == Outcome::Fail(reason));
            weak(check.map(|check| check.detail.as_str()).unwrap_or_default())
        }
        Some(Outcome::Undecided(need)) => Weighed::new(Answer::NotEstablished, need.word(), ""),
        // Nobody vouches, so that nothing was judged; what the names say is enough for a no.
        None if signature.digest_algorithm.is_some_and(DigestAlgorithm::is_broken) => {
            let digest = signature.digest_algorithm.map(DigestAlgorithm::name).unwrap_or_default();
            weak(&format!("{} a weak algorithm: {digest}", under(signature)))
        }
        None if is_weak(signature.signature_algorithm.as_deref().unwrap_or_default()) => {
            let algorithm = signature.signature_algorithm.as_deref().unwrap_or_default();
            weak(&format!("{} a weak algorithm: {algorithm}", under(signature)))
        }
        None => by_name(signature.signature_algorithm.as_deref().unwrap_or_default()),
    }
}

fn weak(detail: &str) -> Weighed {
    Weighed::new(Answer::No, Reason::WeakAlgorithm.word(), detail)
}

/// Only of a signature that holds can be said that it verifies.
fn under(signature: &Signature) -> &'static str {
    if signature.passes(CheckId::Signature) { "verifies under" } else { "made with" }
}

/// Where the format made no check of its own because nothing was weak.
fn by_name(algorithm: &str) -> Weighed {
    if is_strong(algorithm) {
        Weighed::yes(Ground::AlgorithmsStrong, algorithm)
    } else {
        Weighed::missing(Ground::AlgorithmsNotJudged, algorithm)
    }
}

/// The names that [`SignatureScheme::describe`](crate::crypto::SignatureScheme::describe) gives to what
/// cannot be forged; RSA from 2048 bits (NIST SP 800-131A).
fn is_strong(algorithm: &str) -> bool {
    let rsa = algorithm.strip_prefix("rsa-pkcs1-").or_else(|| algorithm.strip_prefix("rsa-pss-"));
    match rsa {
        Some(bits) => bits.parse().is_ok_and(|bits: u32| bits >= 2048),
        None => algorithm == "ed25519" || algorithm.starts_with("ecdsa-p") || algorithm.starts_with("ml-dsa-"),
    }
}

/// The names of what is known to be weak.
fn is_weak(algorithm: &str) -> bool {
    let rsa = algorithm.strip_prefix("rsa-pkcs1-").or_else(|| algorithm.strip_prefix("rsa-pss-"));
    algorithm == "dsa" || rsa.and_then(|bits| bits.parse().ok()).is_some_and(|bits: u32| bits < 2048)
}

#[cfg(test)]
mod tests {
    use super::{is_strong, is_weak};

    #[test]
    fn what_is_not_known_to_be_strong_is_not_strong() {
        for strong in ["ecdsa-p256", "ecdsa-p521", "ed25519", "rsa-pkcs1-2048", "rsa-pss-4096", "ml-dsa-65"] {
            assert!(is_strong(strong), "{strong}");
        }
        for other in ["", "dsa", "rsa-pkcs1-1024", "rsa-pkcs1-", "rsa-pss-x", "mismatched", "ed448"] {
            assert!(!is_strong(other), "{other}");
            assert_eq!(is_weak(other), ["dsa", "rsa-pkcs1-1024"].contains(&other), "{other}");
        }
    }
}

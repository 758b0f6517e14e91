//! `not-revoked`: nobody took the certificate back. Not knowing is never good.

use super::{Choice, Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::evidence::{CheckId, Need, Outcome, Signature, State};
use crate::ground::Ground;
use crate::time::Time;
use crate::verdict::{Answer, Question};

const ESTABLISHED: Choice =
    Choice { word: "established", meaning: "a revocation list or OCSP response must say that it was not revoked" };
const NOTHING_KNOWN: Choice = Choice { word: "nothing-known", meaning: "nothing at hand may say that it was revoked" };

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "not-revoked",
    section: Section::Of(Question::Signer),
    title: "The certificate was not revoked",
    meaning: "The certificate was not revoked with effect at or before the time that counts. Certificates that \
              live for minutes are not revoked, and a key that you accept yourself is yours to take back.",
    shape: Shape::Word(&[ESTABLISHED, NOTHING_KNOWN]),
    judge: Judge::Signature(judge),
    fix: Need::RevocationStatus.settled_by(),
    controls: &[
        Control { framework: "OWASP NHI Top 10", id: "NHI1:2025" },
        Control { framework: "NIST SP 800-53", id: "IA-5" },
    ],
};

fn judge(_: Context<'_>, signature: &Signature, setting: &Setting) -> Weighed {
    let outcome = signature.outcome(CheckId::Revocation);
    match outcome {
        Some(Outcome::Fail(reason)) => {
            return Weighed::new(Answer::No, reason.word(), detail(signature)).with_fix(reason.fix());
        }
        _ if signature.state() == State::Revoked => {
            return Weighed::new(Answer::No, signature.reason(), detail(signature));
        }
        Some(Outcome::Pass) => return Weighed::yes(Ground::NotRevoked, detail(signature)),
        _ => {}
    }
    if is_accepted_key(signature) {
        return Weighed::yes(Ground::KeyIsOurs, "");
    }
    if is_short_lived(signature) {
        return Weighed::yes(Ground::ShortLived, "");
    }
    if setting.is(NOTHING_KNOWN.word) {
        return Weighed::yes(Ground::NoRevocationKnown, "");
    }
    let need = if let Some(Outcome::Undecided(need)) = outcome { need } else { Need::RevocationStatus };
    Weighed::new(Answer::NotEstablished, need.word(), detail(signature)).with_fix(need.settled_by())
}

/// Whether the relying party accepts the very key, so that no authority stands between.
fn is_accepted_key(signature: &Signature) -> bool {
    signature.state() == State::Valid && signature.chain.is_empty()
}

/// Most seconds that a certificate may live to be called short-lived. Fulcio's live for ten minutes; nobody
/// publishes revocation lists faster than once a day, so that up to there a list would come too late anyway.
const SHORT_LIFETIME: i64 = Time::DAY;

/// Whether the certificate is of the kind that an identity provider's word makes (Fulcio), was gone before
/// anybody could have revoked it, and was valid at a proven time. A private instance may issue longer ones.
fn is_short_lived(signature: &Signature) -> bool {
    let signer = &signature.signer;
    signer.oidc_issuer.is_some()
        && signer.lifetime().is_some_and(|seconds| (0..=SHORT_LIFETIME).contains(&seconds))
        && signature.time.trusted.is_some()
        && signature.passes(CheckId::Validity)
}

fn detail(signature: &Signature) -> &str {
    let check = signature.checks.iter().find(|check| check.id == CheckId::Revocation);
    check.map(|check| check.detail.as_str()).unwrap_or_default()
}

//! `vouched`: somebody whom we accept stands behind the signer's name or key.

use super::{Choice, Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed, fix_of};
use crate::evidence::{Reason, Signature, State};
use crate::ground::Ground;
use crate::verdict::{Answer, Question};

const BY_ANCHOR: Choice = Choice { word: "by-anchor", meaning: "an accepted anchor or key must vouch" };
const OR_ITSELF: Choice =
    Choice { word: "by-anchor-or-itself", meaning: "a self-signed certificate passes too, with a finding" };

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "vouched",
    section: Section::Of(Question::Signer),
    title: "An accepted anchor vouches for the signer",
    meaning: "The signature is valid: an accepted anchor or key vouches for the signer, who was within \
              validity at the time that counts, may sign software, and is on no list of distrust.",
    shape: Shape::Word(&[BY_ANCHOR, OR_ITSELF]),
    judge: Judge::Signature(judge),
    fix: "accept the signer's root with --anchor or the key with --key, if you have reason to",
    controls: &[
        Control { framework: "NIST SSDF SP 800-218", id: "PS.2.1" },
        Control { framework: "NIST SP 800-53", id: "CM-14" },
    ],
};

fn judge(_: Context<'_>, signature: &Signature, setting: &Setting) -> Weighed {
    let (state, reason) = (signature.state(), signature.reason());
    if state == State::Untrusted && reason == Reason::SelfSigned.word() && setting.is(OR_ITSELF.word) {
        let name = signature.signer.display_name().unwrap_or_default();
        return Weighed::yes(Ground::SelfSignedAccepted, format!("`{name}` vouches for itself"));
    }
    let weighed = Weighed::new(answer(state, reason), reason, detail(signature));
    if state == State::Valid { weighed } else { weighed.with_fix(fix_of(signature)) }
}

/// Whether evidence speaks against the signer, or somebody's word is only missing.
fn answer(state: State, reason: &str) -> Answer {
    match state {
        State::Valid => Answer::Yes,
        State::Unknown => Answer::NotEstablished,
        // A root or key that nobody here knows may yet be accepted.
        State::Untrusted if [Reason::NoPathToAnchor, Reason::KeyNotAccepted].map(Reason::word).contains(&reason) => {
            Answer::NotEstablished
        }
        _ => Answer::No,
    }
}

fn detail(signature: &Signature) -> String {
    let reason = signature.reason();
    let checks = || signature.checks.iter().filter(|check| !check.detail.is_empty());
    if let Some(check) = checks().find(|check| check.outcome.reason() == reason) {
        return check.detail.clone();
    }
    match signature.chain.last() {
        Some(anchor) => format!("anchor `{anchor}`"),
        None => signature.signer.display_name().unwrap_or_default().to_owned(),
    }
}

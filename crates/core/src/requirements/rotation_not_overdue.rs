//! `rotation-not-overdue`: the key was replaced when it had to be.

use super::registered::{ESTABLISHED, Known, NOTHING_KNOWN, after_its_end, ask};
use super::{Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::evidence::Signature;
use crate::ground::Ground;
use crate::verdict::Question;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "rotation-not-overdue",
    section: Section::Of(Question::Signer),
    title: "The key was not overdue for replacement",
    meaning: "When it signed, the day on which its key must have been replaced had not come; where a replacement \
              was under way, its last day had not.",
    shape: Shape::Word(&[ESTABLISHED, NOTHING_KNOWN]),
    judge: Judge::Signature(judge),
    fix: "say when its key must be replaced: countersign identity rotate",
    controls: &[
        Control { framework: "OWASP NHI Top 10", id: "NHI7:2025" },
        Control { framework: "OWASP CI/CD Top 10", id: "CICD-SEC-6" },
    ],
};

fn judge(context: Context<'_>, signature: &Signature, setting: &Setting) -> Weighed {
    let Known { identity, made, .. } = match ask(context, signature, setting) {
        Ok(known) => known,
        Err(weighed) => return weighed,
    };
    match identity.rotation_deadline() {
        Some(due) if due <= made.instant() => {
            let detail = format!("the key of `{}` had to be replaced by {due}", identity.id);
            after_its_end(made, Ground::RotationOverdue, detail)
        }
        Some(due) => Weighed::yes(Ground::RotationInTime, format!("due {due}")),
        None if setting.is(NOTHING_KNOWN.word) => Weighed::yes(Ground::NothingKnownOfSigner, "no deadline is stated"),
        None => Weighed::missing(Ground::RotationNotKnown, format!("`{}` states no deadline", identity.id)),
    }
}

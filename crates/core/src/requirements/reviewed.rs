//! `reviewed`: somebody looked at the identity's entry lately.

use super::registered::{ESTABLISHED, Known, NOTHING_KNOWN, ask};
use super::{Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::evidence::Signature;
use crate::ground::Ground;
use crate::verdict::Question;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "reviewed",
    section: Section::Of(Question::Signer),
    title: "The identity's entry is reviewed",
    meaning: "The day of the next review of the identity's entry is stated, and has not come at the instant of \
              appraisal.",
    shape: Shape::Word(&[ESTABLISHED, NOTHING_KNOWN]),
    judge: Judge::Signature(judge),
    fix: "review the entry: countersign identity review",
    controls: &[
        Control { framework: "OWASP NHI Top 10", id: "NHI1:2025" },
        Control { framework: "NIST AI RMF", id: "GOVERN 1.5" },
    ],
};

fn judge(context: Context<'_>, signature: &Signature, setting: &Setting) -> Weighed {
    let Known { identity, .. } = match ask(context, signature, setting) {
        Ok(known) => known,
        Err(weighed) => return weighed,
    };
    match identity.review_due() {
        Some(due) if due <= context.at => {
            Weighed::no(Ground::ReviewOverdue, format!("`{}` had to be reviewed by {due}", identity.id))
        }
        Some(due) => Weighed::yes(Ground::EntryReviewed, format!("next {due}")),
        None if setting.is(NOTHING_KNOWN.word) => Weighed::yes(Ground::NothingKnownOfSigner, "no review is planned"),
        None => Weighed::missing(Ground::ReviewNotKnown, format!("`{}` has no day of review", identity.id)),
    }
}

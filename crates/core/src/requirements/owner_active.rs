//! `owner-active`: somebody answers for the identity.

use super::registered::{ESTABLISHED, Known, NOTHING_KNOWN, after_its_end, ask};
use super::{Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::evidence::Signature;
use crate::ground::Ground;
use crate::verdict::Question;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "owner-active",
    section: Section::Of(Question::Signer),
    title: "Somebody answers for the identity",
    meaning: "The identity has an owner and a second owner, and the owner had not left when it signed. What was \
              signed before an owner left stays as it was.",
    shape: Shape::Word(&[ESTABLISHED, NOTHING_KNOWN]),
    judge: Judge::Signature(judge),
    fix: "let somebody claim the identity: countersign identity claim",
    controls: &[
        Control { framework: "OWASP NHI Top 10", id: "NHI1:2025" },
        Control { framework: "NIST CSF", id: "GV.RR-02" },
    ],
};

fn judge(context: Context<'_>, signature: &Signature, setting: &Setting) -> Weighed {
    let Known { identity, made, .. } = match ask(context, signature, setting) {
        Ok(known) => known,
        Err(weighed) => return weighed,
    };
    let is_lenient = setting.is(NOTHING_KNOWN.word);
    let Some(owner) = identity.owner() else {
        return if is_lenient {
            Weighed::yes(Ground::NothingKnownOfSigner, format!("`{}` has no owner yet", identity.id))
        } else {
            Weighed::missing(Ground::OwnerNotKnown, format!("`{}` has no owner", identity.id))
        };
    };
    if let Some(left) = identity.has_left(owner).filter(|left| *left <= made.instant()) {
        return after_its_end(made, Ground::OwnerLeft, format!("`{owner}`, owner of `{}`, left {left}", identity.id));
    }
    match identity.second_owner() {
        _ if is_lenient => Weighed::yes(Ground::OwnerActive, owner.as_str()),
        Some(second) if identity.has_left(second).is_none() => {
            Weighed::yes(Ground::OwnerActive, format!("{owner}, then {second}"))
        }
        Some(second) => Weighed::missing(Ground::OwnerNotKnown, format!("the second owner `{second}` left")),
        None => Weighed::missing(Ground::OwnerNotKnown, format!("`{}` has no second owner", identity.id)),
    }
}

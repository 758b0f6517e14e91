//! `separate-or-isolated`: as `separate`, but a builder out of reach of the build's steps may also sign.

use super::provenance::Provenance;
use super::{Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed, separate};
use crate::claim::Voucher;
use crate::verdict::Question;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "separate-or-isolated",
    section: Section::Of(Question::Path),
    title: "The duties are held apart, by people or by isolation",
    meaning: "As `separate`, but the builder may also sign where its steps cannot reach the key: a builder that the \
              table of builders grants level 3, in whose statement the platform vouches. With keyless signing the \
              signer bears the builder's name in most honest releases.",
    shape: Shape::Words(separate::words),
    judge: Judge::Release(judge),
    fix: "use a builder of level 3, or let another pipeline sign; register who is behind credentials",
    controls: &[Control { framework: "SLSA", id: "Build L3" }, Control { framework: "NIST SP 800-53", id: "AC-5" }],
};

/// The least level at which the steps of a build cannot reach what signs for it (SLSA v1.2, Build L3).
const ISOLATED: u8 = 3;

fn judge(context: Context<'_>, provenance: Option<&Provenance<'_>>, setting: &Setting) -> Weighed {
    let isolated = provenance.and_then(isolated);
    separate::weigh(context, provenance, setting, isolated.as_deref())
}

/// Why the builder of a provenance may also sign.
fn isolated(provenance: &Provenance<'_>) -> Option<String> {
    let vouched = provenance.statement().is_some_and(|stand| stand.supports_by(Some(Voucher::Platform)));
    let grade = provenance.grade().filter(|grade| grade.level >= ISOLATED && vouched)?;
    Some(format!("the builder `{}` of level {} signs out of reach of its steps", grade.builder.name, grade.level))
}

//! `attested`: another tool's verified statement about the artifact is there.

use super::{Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::claim::Fact;
use crate::ground::Ground;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "attested",
    section: Section::Other,
    title: "Other tools stated what the policy asks for",
    meaning: "For each of the named predicate types there is a verified statement about this artifact. What the \
              statement says inside is not judged here.",
    shape: Shape::Patterns(&[]),
    judge: Judge::Artifact(judge),
    fix: "give the statement of the tool with --evidence, and its signer with --key, --anchor or --trusted-root",
    controls: &[Control { framework: "NIST SSDF SP 800-218", id: "PS.3.2" }],
};

/// Unlike elsewhere, *all* of the patterns must be met: each asks for a statement of its own.
fn judge(context: Context<'_>, setting: &Setting) -> Weighed {
    let verified: Vec<_> = context.dossier.claims.verified().collect();
    let mut found = Vec::new();
    for pattern in setting.patterns() {
        let fits = |fact: &Fact| matches!(fact, Fact::Attested { predicate_type } if pattern.matches(predicate_type));
        match verified.iter().find(|claim| fits(&claim.fact)) {
            Some(claim) => found.extend(claim.evidence.signature()),
            None => return Weighed::missing(Ground::NotAttested, format!("no verified `{pattern}`")),
        }
    }
    if found.is_empty() {
        return Weighed::missing(Ground::NotAttested, "");
    }
    found.dedup();
    Weighed { evidence: found, ..Weighed::yes(Ground::Attested, "") }
}

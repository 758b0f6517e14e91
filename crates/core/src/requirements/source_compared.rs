//! `source-compared`: the artifact contains what its source says.

use super::run::{ESTABLISHED, NOTHING_KNOWN};
use super::{
    Context, Control, Judge, Requirement, Said, Section, Setting, Shape, Weighed, behind, is_vouched_for, tool_results,
};
use crate::claim::Claim;
use crate::dossier::Dossier;
use crate::ground::Ground;
use crate::tool::{ToolKind, ToolResult};
use crate::verdict::Question;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "source-compared",
    section: Section::Of(Question::Path),
    title: "It contains what its source says",
    meaning: "A tool compared the archive or package with the tag or commit that it is of, and every difference is \
              explained. What is only in the archive was seen by no reviewer: so came the backdoor of xz.",
    shape: Shape::Word(&[ESTABLISHED, NOTHING_KNOWN]),
    judge: Judge::Artifact(judge),
    fix: "compare it with the tag and give the result with --observed (docs/tools.md)",
    controls: &[Control { framework: "OWASP CI/CD Top 10", id: "CICD-SEC-9" }],
};

/// Whether something is at hand that could speak against the artifact.
pub(super) fn is_known(dossier: &Dossier) -> bool {
    dossier.claims.all().iter().any(|claim| result(dossier, claim).is_some())
}

fn result<'a>(dossier: &Dossier, claim: &'a Claim) -> Option<&'a ToolResult> {
    claim.tool_result(&dossier.artifact.digests).filter(|result| result.kind == ToolKind::SourceComparison)
}

fn judge(context: Context<'_>, setting: &Setting) -> Weighed {
    let unknown = (Ground::SourceNotCompared, "nobody is known to have compared it with its source");
    let is_accepted = |claim: &Claim| is_vouched_for(context, claim);
    let accepted = context.dossier.claims.verified().filter(|claim| is_accepted(claim));
    let newest = tool_results::Newest::of(accepted.filter_map(|claim| result(context.dossier, claim)));
    let said = Said::of(context, is_accepted, |claim| {
        let result = result(context.dossier, claim).filter(|result| newest.counts(result))?;
        Some(match result.outcome.speaks_for() {
            Some(true) => Weighed::yes(Ground::MatchesSource, result.to_string()),
            Some(false) => Weighed::no(Ground::DiffersFromSource, result.to_string())
                .with_fix("find out with its publisher what differs, and build from the tag meanwhile"),
            None => Weighed::missing(Ground::SourceNotCompared, result.to_string()),
        })
    });
    behind(said.unopposed(), setting, unknown)
}

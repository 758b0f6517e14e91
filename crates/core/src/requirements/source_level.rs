//! `source-level`: a verifier of sources says what level the commit reaches that was built.

use super::provenance::Provenance;
use super::{
    Context, Control, Field, Form, Judge, Requirement, Said, Section, Setting, Shape, Weighed, behind, repository_of,
    summary,
};
use crate::claim::Fact;
use crate::ground::Ground;
use crate::policy::{Demand, Pattern};
use crate::release::review::SourceSummary;
use crate::verdict::{Answer, Appraised, Question};

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "source-level",
    section: Section::Of(Question::Path),
    title: "A verifier of sources found the commit good",
    meaning: "A verification summary about the commit that the provenance names (SLSA v1.2, source track) is by the \
              named verifier, signed by somebody whom you named (`--key`, `--signer`, `[witnesses]`), with the result PASSED, \
              names the level or a higher one of its track, and, where both name a branch, was found on that one.",
    shape: Shape::Tables(
        &[],
        &[
            Field { key: "verifier", meaning: "identifier of the verifier", required: true, form: Form::Pattern },
            Field {
                key: "level",
                meaning: "level to be reached, such as `SLSA_SOURCE_LEVEL_3` or `SLSA_SOURCE_TWO_PARTY_REVIEWED`",
                required: true,
                form: Form::Pattern,
            },
        ],
    ),
    judge: Judge::Provenance(judge),
    fix: "obtain the summary of the source's verifier and give it with --evidence",
    controls: &[Control { framework: "SLSA", id: "Source L3" }, Control { framework: "S2C2F", id: "AUD-1" }],
};

/// What a summary names in place of levels where it found the source wanting (SLSA v1.2, verification summary).
const FAILED: &str = "FAILED";

fn judge(context: Context<'_>, provenance: &Provenance<'_>, setting: &Setting) -> Weighed {
    let unknown = (Ground::NoSourceSummary, "no summary is there about the commit that was built");
    let of_table = |table: &[(&'static str, Pattern)]| {
        let said = Said::beside(context, provenance, |claim| match &claim.fact {
            Fact::SourceSummarised(said) if provenance.is_of_commit(&repository(said), &said.commit) => {
                weigh(provenance, said, table)
            }
            _ => None,
        });
        behind(said.best(), setting, unknown)
    };
    let best = setting.tables().iter().map(|table| of_table(table)).max_by_key(|weighed| weighed.answer);
    best.unwrap_or_else(|| Weighed::missing(unknown.0, unknown.1)).on(provenance.signature.id)
}

/// The level of SLSA's source track that is established: the least that the policy accepts, once this requirement is met.
pub(crate) fn established(demands: &[Demand], appraised: &[(Section, Appraised)]) -> Option<u8> {
    let is_met = |(_, one): &(Section, Appraised)| one.id == ENTRY.id && one.answer == Answer::Yes;
    let demand = demands.iter().find(|demand| demand.requirement.id == ENTRY.id)?;
    let of_field = |(name, level): &(&str, Pattern)| if *name == "level" { number(level) } else { None };
    let levels = demand.setting.tables().iter().map(|table| table.iter().find_map(of_field));
    let least = levels.min().flatten();
    least.filter(|_| appraised.iter().any(is_met))
}

fn number(level: &Pattern) -> Option<u8> {
    level.as_str().strip_prefix("SLSA_SOURCE_LEVEL_")?.parse().ok()
}

/// The repository that a summary is about, as its resource names it (`git+https://…`).
fn repository(said: &SourceSummary) -> String {
    repository_of(said.summary.resource.as_deref().unwrap_or_default())
}

fn weigh(provenance: &Provenance<'_>, said: &SourceSummary, table: &[(&'static str, Pattern)]) -> Option<Weighed> {
    let field = |key: &str| table.iter().find(|(name, _)| *name == key).map(|(_, pattern)| pattern);
    let (verifier, level) = (field("verifier")?, field("level")?);
    let summary = &said.summary;
    if !verifier.matches(&summary.verifier) {
        return None;
    }
    if summary.passed != Some(true) || summary.levels.iter().any(|level| level == FAILED) {
        let detail = format!("`{}` does not say PASSED", summary.verifier);
        return Some(Weighed::no(Ground::SourceLevelNotReached, detail));
    }
    if let Some(branch) = branch_not_found(provenance, said) {
        return Some(Weighed::no(Ground::SourceLevelNotReached, format!("the commit was not found on `{branch}`")));
    }
    let lacking = summary::lacks(level.as_str(), summary);
    let reached =
        || Weighed::yes(Ground::SourceLevelReached, format!("`{}` says {}", summary.verifier, level.as_str()));
    Some(lacking.map_or_else(reached, |lacking| match lacking.answer {
        Answer::No => Weighed::no(Ground::SourceLevelNotReached, lacking.detail),
        _ => Weighed::missing(Ground::SourceLevelNotReached, lacking.detail),
    }))
}

/// The branch that was built, if the summary names references and that one is not among them.
fn branch_not_found<'a>(provenance: &Provenance<'a>, said: &SourceSummary) -> Option<&'a str> {
    let sources = provenance.sources();
    let mut branches = sources.iter().filter_map(|(_, source)| source.reference.as_deref());
    let branch = branches.find(|reference| reference.starts_with("refs/heads/"))?;
    let is_found = said.references.is_empty() || said.references.iter().any(|reference| reference == branch);
    (!is_found).then_some(branch)
}

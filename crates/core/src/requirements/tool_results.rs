//! `tool-results`: other tools looked at the artifact, lately enough, and say nothing against it.

use std::collections::BTreeMap;

use super::{Context, Control, Field, Form, Judge, Requirement, Section, Setting, Shape, Weighed};
use super::{VOUCHED_BY, age_of, is_vouched_for};
use crate::claim::Claim;
use crate::ground::Ground;
use crate::policy::Pattern;
use crate::time::Time;
use crate::tool::{ToolKind, ToolResult};
use crate::verdict::Answer;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "tool-results",
    section: Section::Other,
    title: "Other tools looked at it and say nothing against it",
    meaning: "For each of the tables there is a verified result of this kind about these bytes, by a tool of this name, \
              not older than `max-age`, and it is good: `clean`, `passed` or `listed`; for `sbom` and `vex` it is enough \
              that it is there. Of each tool the newest result counts, and of several tools the worst. All of the tables \
              must be met.",
    shape: Shape::Tables(
        &[],
        &[
            Field { key: "kind", meaning: "what the tool looked at", required: true, form: Form::Word(kinds) },
            Field { key: "tool", meaning: "name of the tool", required: false, form: Form::Pattern },
            Field {
                key: "max-age",
                meaning: "the longest time since the result, and since the database that it rests on: `36h`, `7d`, `2w`",
                required: false,
                form: Form::Age,
            },
        ],
    ),
    judge: Judge::Artifact(judge),
    fix: "run the tool on this file and give its result with --observed, or its signed statement with --evidence",
    controls: &[Control { framework: "NIST SSDF SP 800-218", id: "PW.4.4" }],
};

fn kinds() -> Vec<&'static str> {
    ToolKind::ALL.iter().map(|kind| kind.word()).collect()
}

fn judge(context: Context<'_>, setting: &Setting) -> Weighed {
    let weighed: Vec<_> = setting.tables().iter().map(|table| Wanted::of(table).weigh(context)).collect();
    let all_met = weighed.iter().all(|weighed| weighed.answer == Answer::Yes);
    if all_met && !weighed.is_empty() {
        let details: Vec<_> = weighed.iter().map(|weighed| weighed.detail.as_str()).collect();
        let evidence = weighed.iter().flat_map(|weighed| weighed.evidence.iter().copied()).collect();
        return Weighed { evidence, ..Weighed::yes(Ground::ToolsSatisfied, details.join("; ")) };
    }
    let worst = weighed.into_iter().min_by_key(|weighed| weighed.answer);
    worst.unwrap_or_else(|| Weighed::missing(Ground::NoToolResult, ""))
}

/// What one table asks for.
struct Wanted<'a> {
    kind: Option<ToolKind>,
    tool: Option<&'a Pattern>,
    max_age: Option<&'a Pattern>,
}

impl<'a> Wanted<'a> {
    fn of(table: &'a [(&'static str, Pattern)]) -> Self {
        let field = |key: &str| table.iter().find(|(name, _)| *name == key).map(|(_, value)| value);
        let kind = field("kind").and_then(|kind| ToolKind::of_word(kind.as_str()));
        Self { kind, tool: field("tool"), max_age: field("max-age") }
    }

    fn fits(&self, result: &ToolResult) -> bool {
        Some(result.kind) == self.kind && self.tool.is_none_or(|tool| tool.matches(&result.tool))
    }

    /// What tools say that the relying party named; what others say only counts against the artifact.
    fn weigh(&self, context: Context<'_>) -> Weighed {
        let digests = &context.dossier.artifact.digests;
        let results = context.dossier.claims.not_refuted().filter_map(|claim| {
            let result = claim.tool_result(digests).filter(|result| self.fits(result))?;
            Some((claim, result, is_vouched_for(context, claim)))
        });
        let (accepted, others): (Vec<_>, Vec<_>) = results.partition(|(_, _, is_accepted)| *is_accepted);
        let newest = Newest::of(accepted.iter().map(|(_, result, _)| *result));
        let worst = |results: Vec<(&Claim, &ToolResult, bool)>| {
            let counting = results.into_iter().filter(|(_, result, _)| newest.counts(result));
            let weighed =
                counting.map(|(claim, result, is_accepted)| self.weigh_one(context, (claim, result), is_accepted));
            weighed.min_by_key(|weighed| weighed.answer)
        };
        let (accepted, others) = (worst(accepted), worst(others));
        let against = others.clone().filter(|weighed| weighed.answer == Answer::No);
        let none = || Weighed::missing(Ground::NoToolResult, format!("no verified result: {self}"));
        against.or(accepted).or(others).unwrap_or_else(none)
    }

    fn weigh_one(&self, context: Context<'_>, (claim, result): (&Claim, &ToolResult), is_accepted: bool) -> Weighed {
        let is_there = matches!(result.kind, ToolKind::Sbom | ToolKind::Vex);
        let good = if is_there { Some(true) } else { result.outcome.speaks_for() };
        let weighed = match good {
            Some(false) => Weighed::no(Ground::ToolFoundSomething, result.to_string())
                .with_fix("find out whether it is so; if it was solved, give the newer result"),
            _ if !is_accepted => {
                Weighed::missing(Ground::NotVouchedFor, claim.evidence.to_string()).with_fix(VOUCHED_BY)
            }
            _ if !self.is_fresh(context, result) => Weighed::missing(Ground::ToolResultTooOld, dated(result)),
            Some(true) => Weighed::yes(Ground::ToolsSatisfied, dated(result)),
            None => Weighed::missing(Ground::ToolUndecided, result.to_string()),
        };
        weighed.resting_on(claim)
    }

    /// Without an instant nothing is fresh, and neither is what comes from the future.
    fn is_fresh(&self, context: Context<'_>, result: &ToolResult) -> bool {
        let Some(max_age) = self.max_age else { return true };
        let age = result.at.map(|at| context.at.unix().saturating_sub(at.unix()));
        age.zip(age_of(max_age.as_str())).is_some_and(|(age, most)| (0..=most).contains(&age))
    }
}

impl std::fmt::Display for Wanted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind.map_or("nothing", ToolKind::word))?;
        self.tool.map_or(Ok(()), |tool| write!(f, " by `{tool}`"))
    }
}

/// The instant of the newest accepted result of each tool.
///
/// A tool that looks again supersedes what it said; equally new results all count. What nobody vouches for supersedes
/// nothing: anybody could write a newer one.
pub(super) struct Newest<'a>(BTreeMap<&'a str, Option<Time>>);

impl<'a> Newest<'a> {
    pub(super) fn of(accepted: impl Iterator<Item = &'a ToolResult>) -> Self {
        let mut newest = BTreeMap::new();
        for result in accepted {
            let known = newest.entry(result.tool.as_str()).or_insert(result.at);
            *known = (*known).max(result.at);
        }
        Self(newest)
    }

    /// Whether a result is not superseded. What speaks against the artifact without a date is superseded by nothing.
    pub(super) fn counts(&self, result: &ToolResult) -> bool {
        let is_open = result.at.is_none() && result.outcome.speaks_for() == Some(false);
        is_open || self.0.get(result.tool.as_str()).is_none_or(|newest| result.at >= *newest)
    }
}

fn dated(result: &ToolResult) -> String {
    match result.at {
        Some(at) => format!("{result}, of {at}"),
        None => format!("{result}, undated"),
    }
}

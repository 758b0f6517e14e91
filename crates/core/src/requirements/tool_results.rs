//! `tool-results`: other tools looked at the artifact, lately enough, and say nothing against it.

use std::collections::BTreeMap;

use super::{Context, Control, Field, Form, Judge, Requirement, Section, Setting, Shape, Weighed};
use super::{age_of, is_vouched_for};
use crate::claim::{Claim, Standing};
use crate::ground::Ground;
use crate::policy::Pattern;
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

    /// What tools say that the relying party named; else what others say, which only counts against the artifact.
    fn weigh(&self, context: Context<'_>) -> Weighed {
        let digests = &context.dossier.artifact.digests;
        let claims = context.dossier.claims.all().iter().filter(|claim| claim.standing != Standing::Refuted);
        let results = claims.filter_map(|claim| Some((claim, claim.tool_result(digests)?)));
        let is_accepted = |claim: &Claim| is_vouched_for(context, claim);
        let (accepted, others): (Vec<_>, Vec<_>) =
            results.filter(|(_, result)| self.fits(result)).partition(|(claim, _)| is_accepted(claim));
        let worst = |results: &[(&Claim, &ToolResult)], is_accepted: bool| {
            let newest = newest_of_each(results);
            newest.into_iter().map(|one| self.weigh_one(context, one, is_accepted)).min_by_key(|one| one.answer)
        };
        let none = || Weighed::missing(Ground::NoToolResult, format!("no verified result: {self}"));
        worst(&accepted, true).or_else(|| worst(&others, false)).unwrap_or_else(none)
    }

    fn weigh_one(&self, context: Context<'_>, (claim, result): (&Claim, &ToolResult), is_accepted: bool) -> Weighed {
        let is_there = matches!(result.kind, ToolKind::Sbom | ToolKind::Vex);
        let good = if is_there { Some(true) } else { result.outcome.speaks_for() };
        let weighed = match good {
            Some(false) => Weighed::no(Ground::ToolFoundSomething, result.to_string())
                .with_fix("find out whether it is so; if it was solved, give the newer result"),
            _ if !is_accepted => Weighed::missing(Ground::NotVouchedFor, claim.evidence.to_string()).with_fix(
                "obtain it yourself and give it with --observed, or give the key of whoever signed it with --key",
            ),
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

/// A tool that looks again supersedes what it said: of each the newest result, of equally new ones all. What speaks
/// against the artifact without a date is superseded by nothing.
fn newest_of_each<'a>(results: &[(&'a Claim, &'a ToolResult)]) -> Vec<(&'a Claim, &'a ToolResult)> {
    let mut newest = BTreeMap::new();
    for (_, result) in results {
        let known = newest.entry(result.tool.as_str()).or_insert(result.at);
        *known = (*known).max(result.at);
    }
    let counts = |(_, result): &&(&Claim, &ToolResult)| {
        let is_open = result.at.is_none() && result.outcome.speaks_for() == Some(false);
        is_open || newest.get(result.tool.as_str()) == Some(&result.at)
    };
    results.iter().filter(counts).copied().collect()
}

fn dated(result: &ToolResult) -> String {
    match result.at {
        Some(at) => format!("{result}, of {at}"),
        None => format!("{result}, undated"),
    }
}

//! `run`: the run that built the artifact ended well, and was not an outsider's.

use super::provenance::Provenance;
use super::{Choice, Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed, is_vouched_beside};
use crate::claim::{Claim, Fact};
use crate::dossier::Dossier;
use crate::ground::Ground;
use crate::provenance::bare_repository;
use crate::release::run::{Conclusion, RunId, RunOutcome, is_of_outsiders};
use crate::verdict::Question;

/// The word of the requirements about what is behind an artifact that asks for evidence.
pub(super) const ESTABLISHED: Choice =
    Choice { word: "established", meaning: "somebody whom you name must say so, or you obtained it yourself" };

/// The word of the requirements about what is behind an artifact that asks that nothing speaks against it.
pub(crate) const NOTHING_KNOWN: Choice =
    Choice { word: "nothing-known", meaning: "nothing at hand may speak against it" };

/// The entry of the table.
pub(crate) static ENTRY: Requirement = Requirement {
    id: "run",
    section: Section::Of(Question::Path),
    title: "The run that built it ended well",
    meaning: "The forge says how the run ended that the provenance names: with success, on the same commit, set off by \
              an event that outsiders cannot cause (not `issue_comment` or `pull_request_target`), and not with the \
              code of a fork. An artifact of a run that failed or was stopped was published by something else than \
              the end of its own release.",
    shape: Shape::Word(&[ESTABLISHED, NOTHING_KNOWN]),
    judge: Judge::Provenance(judge),
    fix: "obtain what the forge says of the run and give it with --observed: gh api repos/OWNER/REPO/actions/runs/ID",
    controls: &[
        Control { framework: "OWASP CI/CD Top 10", id: "CICD-SEC-4" },
        Control { framework: "NIST SSDF SP 800-218", id: "PO.3.3" },
    ],
};

/// Whether something is at hand that could speak against a run.
pub(super) fn is_known(dossier: &Dossier) -> bool {
    dossier.claims.all().iter().any(|claim| matches!(claim.fact, Fact::RunEnded(_)))
}

fn judge(context: Context<'_>, provenance: &Provenance<'_>, setting: &Setting) -> Weighed {
    let outcomes = outcomes(context, provenance);
    let lenient = setting.is(NOTHING_KNOWN.word);
    let weighed = against(provenance, &outcomes).unwrap_or_else(|| support(&outcomes, lenient));
    weighed.on(provenance.signature.id)
}

/// What is said about the run that this provenance names.
struct Outcome<'a> {
    claim: &'a Claim,
    run: &'a RunOutcome,
    /// Whether somebody says so whom the relying party named.
    accepted: bool,
    /// Whether it is this run for certain, and not perhaps another attempt of it.
    certain: bool,
}

/// The runs that a provenance names.
pub(crate) fn named_by(provenance: &Provenance<'_>) -> Vec<RunId> {
    let repository = provenance.sources().first().map(|(_, source)| bare_repository(&source.repository));
    let named =
        provenance.all(|fact| if let Fact::BuiltIn { invocation, .. } = fact { Some(invocation) } else { None });
    named.iter().map(|(_, id)| RunId::of(id, repository)).collect()
}

fn outcomes<'a>(context: Context<'a>, provenance: &Provenance<'_>) -> Vec<Outcome<'a>> {
    let named = named_by(provenance);
    let about = context.dossier.claims.not_refuted().filter_map(|claim| match &claim.fact {
        Fact::RunEnded(run) => Some((claim, run, RunId::of(&run.invocation, None))),
        _ => None,
    });
    let ours = about.filter(|(_, _, id)| named.iter().any(|named| named.may_be(id)));
    let outcome = |(claim, run, id): (&'a Claim, &'a RunOutcome, RunId)| Outcome {
        claim,
        run,
        accepted: is_vouched_beside(context, provenance, claim),
        certain: named.iter().any(|named| named.is(&id)),
    };
    ours.map(outcome).collect()
}

/// What speaks against the run, whoever says it.
fn against(provenance: &Provenance<'_>, outcomes: &[Outcome<'_>]) -> Option<Weighed> {
    if let Some(of_outsider) = of_outsider(provenance) {
        return Some(of_outsider);
    }
    let mut events = outcomes.iter().filter_map(|outcome| outcome.run.event.as_deref());
    if let Some(event) = events.find(|event| is_of_outsiders(event)) {
        return Some(set_off_by(event));
    }
    outcomes.iter().find_map(|outcome| against_outcome(provenance, outcome))
}

/// What speaks against provenance that itself names an event which outsiders can cause.
pub(super) fn of_outsider(provenance: &Provenance<'_>) -> Option<Weighed> {
    let events =
        provenance.all(|fact| if let Fact::TriggeredBy { event } = fact { Some(event.as_str()) } else { None });
    let event = events.into_iter().map(|(_, event)| event).find(|event| is_of_outsiders(event))?;
    Some(set_off_by(event))
}

fn set_off_by(event: &str) -> Weighed {
    Weighed::no(Ground::RunOfOutsider, format!("set off by `{event}`")).with_fix(REBUILD)
}

const REBUILD: &str = "obtain a release that a run of its own repository built to its end";

fn against_outcome(provenance: &Provenance<'_>, outcome: &Outcome<'_>) -> Option<Weighed> {
    let Outcome { claim, run, .. } = outcome;
    let said = format!("`{}` ended in {} ({})", run.invocation, run.conclusion, claim.evidence);
    let (ground, detail) = match run.conclusion {
        Conclusion::Failure | Conclusion::Cancelled | Conclusion::TimedOut => (Ground::RunFailed, said),
        _ if run.from_fork == Some(true) => (Ground::RunOfOutsider, format!("`{}` ran a fork's code", run.invocation)),
        _ => (Ground::Contradicted, other_commit(provenance, run)?),
    };
    Some(Weighed::no(ground, detail).with_fix(REBUILD))
}

/// A run on another commit than the provenance names is not what built the artifact.
fn other_commit(provenance: &Provenance<'_>, run: &RunOutcome) -> Option<String> {
    let ran = run.commit.as_deref()?;
    let sources = provenance.sources();
    let mut named = sources.iter().filter_map(|(_, source)| source.commit.as_deref()).peekable();
    let first = *named.peek()?;
    if named.any(|named| named.eq_ignore_ascii_case(ran)) {
        return None;
    }
    Some(format!("`{}` ran on the commit {ran}, the provenance names {first}", run.invocation))
}

/// The best that is said for the run, where nothing speaks against it.
fn support(outcomes: &[Outcome<'_>], lenient: bool) -> Weighed {
    let ended_well = |outcome: &&Outcome<'_>| outcome.certain && outcome.run.conclusion == Conclusion::Success;
    let good: Vec<_> = outcomes.iter().filter(ended_well).collect();
    let verified = good.iter().find(|outcome| outcome.accepted);
    match (verified, good.first(), outcomes.first()) {
        (Some(Outcome { run, claim, .. }), ..) => {
            Weighed::yes(Ground::RunSucceeded, format!("`{}` ({})", run.invocation, claim.evidence))
        }
        _ if lenient => Weighed::yes(Ground::NothingKnownAgainst, "nothing says that the run failed"),
        (None, Some(Outcome { claim, .. }), _) => {
            Weighed::missing(Ground::NotVouchedFor, format!("{} says success", claim.evidence))
                .with_fix("obtain what the forge says yourself and give it with --observed, or have it signed")
        }
        (None, None, Some(Outcome { run, .. })) => {
            Weighed::missing(Ground::RunNotEnded, format!("`{}`: {}", run.invocation, run.conclusion.meaning()))
        }
        (None, None, None) => Weighed::missing(Ground::RunNotKnown, "nothing says how the run ended"),
    }
}

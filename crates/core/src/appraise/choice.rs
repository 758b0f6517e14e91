//! Which signature and which provenance the answers rest on: the best one, judged as a whole.

use std::borrow::Cow;

use crate::evidence::{Need, Origin, Outcome, Reason, Signature};
use crate::finding::Finding;
use crate::ground::Ground;
use crate::policy::{Demand, Environment};
use crate::requirements::{
    AS_GIVEN, Context, Judge, OR_AS_GIVEN, Provenance, Section, Setting, Weighed, layout, summary, unverified,
};
use crate::verdict::{Answer, Appraised, Mode, Question};

use super::waive::Excuses;

/// The requirement that says who should have signed.
const EXPECTED: &str = "expected";

/// A demand, and what it means for the decision.
struct Asked<'r> {
    demand: Cow<'r, Demand>,
    mode: Mode,
}

/// Every answer, in the order of the table of requirements, resting on the evidence that serves best if these excuses
/// count.
pub(super) fn appraise(
    context: Context<'_>,
    required: &Environment,
    excuses: &Excuses<'_>,
) -> Vec<(Section, Appraised)> {
    let asked = asked(context, required);
    let best = best_provenance(context, &asked, excuses);
    let (provenance, of_provenance) = best.map_or((None, Vec::new()), |best| (Some(best.of), best.answers));
    // What was weighed to choose is not weighed again.
    let mut of_signature = best_signature(context, &asked, excuses).into_iter();
    let mut of_provenance = of_provenance.into_iter();
    let mut weigh = |asked: &Asked<'_>| match asked.demand.requirement.judge {
        Judge::Artifact(judge) => judge(context, &asked.demand.setting),
        Judge::Signature(judge) => {
            of_signature.next().unwrap_or_else(|| on_signature(context, judge, None, &asked.demand.setting))
        }
        Judge::Provenance(_) => {
            let weighed = on_provenance(provenance.as_ref(), of_provenance.next());
            as_said_elsewhere(context, &asked.demand).unwrap_or(weighed)
        }
        Judge::Release(judge) => {
            of_provenance.next().unwrap_or_else(|| judge(context, provenance.as_ref(), &asked.demand.setting))
        }
    };
    asked.iter().map(|asked| (asked.demand.requirement.section, name(context, asked, weigh(asked)))).collect()
}

/// What the answers may rest on, with all that is asked of it, in the order in which it is asked.
struct Candidate<T> {
    of: T,
    answers: Vec<Weighed>,
    rank: Rank,
}

/// What the policy asks, with what is at hand that could speak against the artifact, and what is usual under the
/// questions that nothing is required under: every question gets its answer.
fn asked<'r>(context: Context<'_>, required: &'r Environment) -> Vec<Asked<'r>> {
    let at = context.at;
    let mode = |demand: &Demand| if demand.enforcement.is_in_force(at) { Mode::Required } else { Mode::Warned };
    let of_policy = |demand: &'r Demand| Asked { demand: Cow::Borrowed(demand), mode: mode(demand) };
    let mut asked: Vec<_> = required.demands().iter().map(of_policy).collect();
    for demand in required.made_by_what_is_known(context.dossier, at) {
        let is_asked = required.asks_in(demand.requirement.section, at);
        asked.push(Asked {
            demand: Cow::Owned(demand),
            mode: if is_asked { Mode::Required } else { Mode::Informative },
        });
    }
    for question in Question::ALL.into_iter().filter(|question| !required.asks(*question, at)) {
        let warned = |usual: &Demand| required.demands().iter().any(|it| it.requirement.id == usual.requirement.id);
        let usual = Environment::usual(question).into_iter().filter(|usual| !warned(usual));
        asked.extend(usual.map(|demand| Asked { demand: Cow::Owned(demand), mode: Mode::Informative }));
    }
    asked
}

fn name(context: Context<'_>, asked: &Asked<'_>, weighed: Weighed) -> Appraised {
    let requirement = asked.demand.requirement;
    let fix = match weighed.answer {
        Answer::Yes => String::new(),
        _ if weighed.fix.is_empty() => requirement.fix.to_owned(),
        _ => weighed.fix,
    };
    Appraised {
        id: requirement.id.into(),
        answer: weighed.answer,
        reason: weighed.reason,
        detail: weighed.detail,
        evidence: weighed.evidence,
        fix,
        mode: asked.mode,
        effective_on: asked.demand.enforcement.comes_on(context.at),
        waived_by: None,
    }
}

type SignatureJudge = fn(Context<'_>, &Signature, &Setting) -> Weighed;

/// How good a candidate is: first what is required; then whether it is by the expected signer, so that what speaks
/// against *their* signature is the reason, and not that somebody else's lies beside it; then everything, worst answers
/// first; of equals in all of this, some order, so that the order of the evidence decides nothing.
type Rank = (Answer, Answer, Answer, Vec<Answer>, Vec<(Answer, &'static str)>);

/// How an answer counts: whether the decision rests on it, and its reason.
type Counted = (bool, Answer, &'static str);

fn rank(answers: &[Counted], expected: Answer) -> Rank {
    let required = answers.iter().filter(|(required, ..)| *required).map(|(_, answer, _)| *answer);
    let mut all: Vec<_> = answers.iter().map(|(_, answer, _)| *answer).collect();
    let worst = all.iter().copied().min().unwrap_or(Answer::Yes);
    all.sort_unstable();
    let each = answers.iter().map(|(_, answer, reason)| (*answer, *reason)).collect();
    (required.min().unwrap_or(Answer::Yes), expected, worst, all, each)
}

fn counted(asked: &Asked<'_>, weighed: &Weighed, excuses: &Excuses<'_>) -> Counted {
    let required = asked.mode == Mode::Required;
    let answer = match required {
        true => excuses.counted(asked.demand.requirement.id, weighed.answer, weighed.reason),
        false => weighed.answer,
    };
    (required, answer, weighed.reason)
}

impl<T> Candidate<T> {
    /// Weighs what is asked of its kind.
    fn of(
        of: T,
        asked: &[Asked<'_>],
        excuses: &Excuses<'_>,
        weigh: impl Fn(&T, &Asked<'_>) -> Option<Weighed>,
    ) -> Self {
        // Whether it is by the expected signer, where somebody said who that is.
        let mut by_expected = Answer::Yes;
        let (mut answers, mut counts) = (Vec::new(), Vec::new());
        for asked in asked {
            let Some(weighed) = weigh(&of, asked) else { continue };
            if asked.demand.requirement.id == EXPECTED {
                by_expected = weighed.answer;
            }
            counts.push(counted(asked, &weighed, excuses));
            answers.push(weighed);
        }
        Self { of, answers, rank: rank(&counts, by_expected) }
    }
}

/// What is asked of signatures, of the one that answers best; nothing if there is none. One inside of the artifact that
/// does not hold is never passed over.
fn best_signature(context: Context<'_>, asked: &[Asked<'_>], excuses: &Excuses<'_>) -> Vec<Weighed> {
    let weigh = |(signature, integrity): &(&Signature, Outcome), asked: &Asked<'_>| {
        let Judge::Signature(judge) = asked.demand.requirement.judge else { return None };
        Some(on_signature(context, judge, Some((signature, *integrity)), &asked.demand.setting))
    };
    let candidate = |signature| Candidate::of((signature, Signature::integrity(signature)), asked, excuses, weigh);
    let signatures = &context.dossier.signatures;
    let best = match signatures.iter().find(|signature| is_broken_inside(signature)) {
        Some(broken) => Some(candidate(broken)),
        None => first_best(signatures.iter().map(candidate)),
    };
    best.map_or_else(Vec::new, |best| best.answers)
}

fn is_broken_inside(signature: &Signature) -> bool {
    signature.origin == Origin::Embedded && matches!(signature.integrity(), Outcome::Fail(_))
}

/// Like `max_by_key`, but the first of equals: the order of the evidence decides, nothing else.
fn first_best<T>(candidates: impl Iterator<Item = Candidate<T>>) -> Option<Candidate<T>> {
    candidates.reduce(|best, next| if next.rank > best.rank { next } else { best })
}

/// What is asked of a signature, once it holds and is about the artifact.
fn on_signature(
    context: Context<'_>,
    judge: SignatureJudge,
    found: Option<(&Signature, Outcome)>,
    setting: &Setting,
) -> Weighed {
    let Some((signature, integrity)) = found else {
        return Weighed::missing(Ground::Unsigned, "no signature was found");
    };
    let weighed = match integrity {
        Outcome::Pass => judge(context, signature, setting),
        // It says nothing about this artifact, neither good nor bad.
        Outcome::Fail(Reason::SubjectMismatch) => {
            Weighed::missing(Ground::NoneAboutArtifact, "the evidence is about something else")
        }
        Outcome::Fail(reason) => does_not_hold(Answer::No, reason.word(), reason.fix()),
        Outcome::Undecided(need) => does_not_hold(Answer::NotEstablished, need.word(), Need::settled_by(need)),
    };
    if weighed.evidence.is_empty() { weighed.on(signature.id) } else { weighed }
}

fn does_not_hold(answer: Answer, reason: &'static str, fix: &str) -> Weighed {
    Weighed::new(answer, reason, "no name is taken from a signature that does not hold").with_fix(fix)
}

/// The provenance that answers best, of those whose signature holds. Where none is verified, the worst:
/// unverified claims only count against the artifact.
fn best_provenance<'a>(
    context: Context<'a>,
    asked: &[Asked<'_>],
    excuses: &Excuses<'_>,
) -> Option<Candidate<Provenance<'a>>> {
    let weigh = |provenance: &Provenance<'a>, asked: &Asked<'_>| match asked.demand.requirement.judge {
        Judge::Provenance(judge) => Some(judge(context, provenance, &asked.demand.setting)),
        Judge::Release(judge) => Some(judge(context, Some(provenance), &asked.demand.setting)),
        Judge::Artifact(_) | Judge::Signature(_) => None,
    };
    let candidate = |provenance| Candidate::of(provenance, asked, excuses, weigh);
    let (verified, others): (Vec<_>, Vec<_>) = provenances(context).partition(Provenance::is_verified);
    let worst = |others: Vec<_>| {
        let others = others.into_iter().map(candidate);
        others.reduce(|worst, next| if next.rank < worst.rank { next } else { worst })
    };
    first_best(verified.into_iter().map(candidate)).or_else(|| worst(others))
}

/// What was found of a statement that the policy says otherwise of.
pub(super) fn is_permitted(context: Context<'_>, finding: &Finding) -> bool {
    !context.builders.is_empty() && provenances(context).any(|provenance| provenance.is_permitted(finding))
}

fn provenances(context: Context<'_>) -> impl Iterator<Item = Provenance<'_>> {
    let Context { dossier, builders, .. } = context;
    let holding = dossier.signatures.iter().filter(|signature| signature.integrity() == Outcome::Pass);
    holding.filter_map(move |signature| {
        let claims = dossier.claims.all().iter().filter(|claim| claim.evidence == signature.id);
        Provenance::of(signature, claims, builders)
    })
}

/// What is asked of a provenance, as it was weighed to choose one.
fn on_provenance(provenance: Option<&Provenance<'_>>, weighed: Option<Weighed>) -> Weighed {
    match provenance.zip(weighed) {
        // That nothing speaks against a build says nothing as long as nothing says verifiably which build it was.
        Some((provenance, Weighed { answer: Answer::Yes, .. })) if !provenance.is_verified() => {
            unverified(provenance.signature)
        }
        Some((_, weighed)) => weighed,
        None => Weighed::missing(Ground::NoProvenance, "no provenance is there that is about this artifact"),
    }
}

/// What is left to the command line about how the release came about is said by the layout or the summary that it
/// names.
fn as_said_elsewhere(context: Context<'_>, demand: &Demand) -> Option<Weighed> {
    let left_open = demand.setting.is(AS_GIVEN.word) || demand.setting.is(OR_AS_GIVEN);
    let said = context.expectations.demands().any(|id| id == demand.requirement.id);
    if said || !left_open {
        return None;
    }
    let of_layout = context.dossier.layout.as_ref().map(layout::weigh);
    let of_summary = context.expectations.summary.as_ref().map(|_| summary::weigh(context));
    of_layout.into_iter().chain(of_summary).min_by_key(|weighed| weighed.answer)
}

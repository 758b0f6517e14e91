//! Appraisal: from a dossier to a verdict, opinion without parsing.
//!
//! Laws that the tests check over generated dossiers:
//!
//! - Taking evidence beside the artifact away never turns a refusal into an admission. What others recorded of a release
//!   is no such evidence: like a revocation it counts if it is known, and is not missed.
//! - Only verified claims support an answer; others can only count against it.
//! - A requirement more never admits more.
//! - A waiver changes no answer to a requirement about a piece of evidence, only what the decision makes of it.
//! - What is asked of a signature is asked of one and the same signature, and so for provenance.

mod choice;
mod look_alikes;
mod not_examined;
mod own_rules;
mod waive;
mod warned;

use std::borrow::Cow;

use crate::dossier::Dossier;
use crate::facts::Basis;
use crate::finding::{Finding, FindingId};
use crate::ground::Ground;
use crate::policy::{Environment, Expectations, Policy};
use crate::registry::{Registry, packages_of};
use crate::requirements::{Context, Section, provenance, source_level};
use crate::speaker::Speaker;
use crate::time::Time;
use crate::tool::ToolKind;
use crate::verdict::{Answer, Appraised, Decision, Levels, Mode, Question, QuestionVerdict, Verdict};

use waive::Excuses;

/// The policy has no environment of this name: the run fails, this says nothing about any artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownEnvironment {
    /// The name.
    pub name: String,
    /// The names that there are.
    pub known: Vec<String>,
}

impl std::fmt::Display for UnknownEnvironment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the policy has no environment `{}`; it has: {}", self.name, self.known.join(", "))
    }
}

impl std::error::Error for UnknownEnvironment {}

/// Under what a dossier is weighed: everything that is opinion.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// The environment in it.
    pub environment: &'a str,
    /// What the command line says is expected.
    pub expectations: &'a Expectations,
    /// What is known about the identities that sign.
    pub registry: &'a Registry,
    /// The instant of appraisal.
    pub at: Time,
}

impl<'a> Terms<'a> {
    /// The same for requirements, with what was found and who made the signatures.
    pub(crate) fn context(&self, dossier: &'a Dossier, speakers: &'a [Speaker<'a>]) -> Context<'a> {
        let Self { policy, environment, expectations, registry, at } = *self;
        let downgrades_since = policy.environment(environment).and_then(Environment::downgrades_since);
        let (builders, witnesses) = (policy.builders(), policy.witnesses());
        Context { dossier, expectations, registry, builders, witnesses, speakers, environment, downgrades_since, at }
    }
}

/// Weighs what was found.
///
/// # Errors
/// Only if the policy has no such environment.
pub fn appraise(dossier: Dossier, terms: &Terms<'_>) -> Result<Verdict, UnknownEnvironment> {
    let Terms { policy, environment, .. } = *terms;
    let required = policy.environment(environment).ok_or_else(|| UnknownEnvironment {
        name: environment.to_owned(),
        known: policy.environments().map(str::to_owned).collect(),
    })?;
    Ok(weigh(dossier, required, terms))
}

/// Weighs what was found under these requirements.
pub(crate) fn weigh(dossier: Dossier, required: &Environment, terms: &Terms<'_>) -> Verdict {
    let Terms { policy, environment, expectations, at, .. } = *terms;
    let required = required.with(expectations, dossier.layout.as_ref(), at);
    let required = of_registry(&required, &dossier, terms);
    let speakers = Speaker::all(terms, &dossier);
    let context = terms.context(&dossier, &speakers);
    let concerning = waive::concerning(policy, &dossier, environment);
    let excuses = Excuses::of(&concerning, at);
    let mut appraised = under_waivers(context, &required, &excuses);
    let policy = policy.id(environment);
    let found = found(context, &appraised);
    let mut of_rules = {
        let (appraised, findings) = (&appraised, &found);
        own_rules::appraise(&required, &Basis { context, policy: &policy, appraised, findings })
    };
    excuses.apply(&mut of_rules);
    appraised.extend(of_rules);
    let waivers = waive::uses(&concerning, &appraised, at);
    let decision = decide(&appraised);
    let levels = Levels {
        build: provenance::build_level(context, &appraised),
        source: source_level::established(required.demands(), &appraised),
    };
    let of_policy = warned::findings(&appraised).chain(waive::findings(&waivers));
    let findings = found.into_iter().chain(of_policy).collect();
    let not_examined = not_examined::list(&dossier, at);
    let questions =
        Question::ALL.map(|question| verdict_on(question, required.asks(question, at), &mut appraised)).to_vec();
    let other = take(Section::Other, &mut appraised);
    Verdict { at, policy, decision, questions, levels, other, waivers, findings, not_examined, dossier }
}

/// The answers as they are without any waiver, with what is excused of them. Only where that does not admit as much as
/// it could, they rest on the evidence that serves best with the waivers: otherwise somebody else's evidence beside
/// the artifact could take a waiver's effect away.
fn under_waivers(context: Context<'_>, required: &Environment, excuses: &Excuses<'_>) -> Vec<(Section, Appraised)> {
    let mut plain = choice::appraise(context, required, &Excuses::default());
    if excuses.is_empty() {
        return plain;
    }
    excuses.apply(&mut plain);
    if counted(&plain) == Answer::Yes {
        return plain;
    }
    let mut best = choice::appraise(context, required, excuses);
    excuses.apply(&mut best);
    if counted(&best) > counted(&plain) { best } else { plain }
}

/// What the registry has to say about the signers or the product is judged, asked or not.
fn of_registry<'r>(required: &'r Environment, dossier: &Dossier, terms: &Terms<'_>) -> Cow<'r, Environment> {
    let Terms { registry, expectations, .. } = terms;
    let knows_signer = dossier.signatures.iter().any(|signature| registry.concerns(signature, &dossier.claims));
    let of_signatures = dossier.signatures.iter().flat_map(|signature| packages_of(signature, &dossier.claims));
    let packages: Vec<&str> = of_signatures.chain(expectations.package.as_deref()).collect();
    let expects_publisher = !registry.expecting(&dossier.artifact.name, &packages).is_empty();
    required.with_registry(knows_signer, expects_publisher, terms.at)
}

/// Takes the answers of a section out of all of them.
fn take(section: Section, appraised: &mut Vec<(Section, Appraised)>) -> Vec<Appraised> {
    let (its, others): (Vec<_>, Vec<_>) = std::mem::take(appraised).into_iter().partition(|(of, _)| *of == section);
    *appraised = others;
    its.into_iter().map(|(_, one)| one).collect()
}

/// The answer rests on what is in force. Where no requirement is, the question has an answer all the same, of which
/// rules of the policy's own can only take away.
fn verdict_on(question: Question, is_asked: bool, appraised: &mut Vec<(Section, Appraised)>) -> QuestionVerdict {
    let requirements = take(Section::Of(question), appraised);
    let in_force = || requirements.iter().filter(|one| one.mode == Mode::Required);
    let required = in_force().next().is_some();
    let answer = match is_asked {
        true => Answer::worst(in_force().map(|one| one.answer)),
        false => Answer::worst(requirements.iter().map(|one| one.answer)),
    };
    QuestionVerdict { question, required, answer, requirements }
}

/// The worst answer as it counts: of what is in force and not excused. Of nothing at all, nothing is established.
fn counted(appraised: &[(Section, Appraised)]) -> Answer {
    let in_force = appraised.iter().map(|(_, one)| one).filter(|one| one.mode == Mode::Required);
    Answer::worst(in_force.map(|one| if one.waived_by.is_some() { Answer::Yes } else { one.answer }))
}

/// Admitted only if everything that is required is established or excused.
fn decide(appraised: &[(Section, Appraised)]) -> Decision {
    match counted(appraised) {
        Answer::No => Decision::Refuse,
        Answer::NotEstablished => Decision::RefuseForLackOfEvidence,
        Answer::Yes => Decision::Admit,
    }
}

/// What was found, and what follows from it without the policy's waivers and rules.
fn found(context: Context<'_>, appraised: &[(Section, Appraised)]) -> Vec<Finding> {
    let Context { dossier, expectations, registry, at, .. } = context;
    let of_dossier = dossier.findings.iter().filter(|finding| !choice::is_permitted(context, finding)).cloned();
    let of_appraisal = findings(dossier, appraised).into_iter().chain(registry.findings(dossier, at));
    let look_alikes = look_alikes::findings(dossier, expectations);
    of_dossier.chain(of_appraisal).chain(malware(dossier)).chain(look_alikes).collect()
}

/// What malware scanners reported, whatever the policy asks and whoever passes it on.
fn malware(dossier: &Dossier) -> impl Iterator<Item = Finding> + '_ {
    let claims = dossier.claims.not_refuted();
    claims.filter_map(|claim| {
        let result = claim.tool_result(&dossier.artifact.digests)?;
        let is_bad = result.kind == ToolKind::Malware && result.outcome.speaks_for() == Some(false);
        is_bad.then(|| Finding {
            id: FindingId::MalwareReported,
            message: format!("{result}, {} by {}", claim.standing.word(), claim.evidence),
            signatures: claim.evidence.signature().into_iter().collect(),
        })
    })
}

/// What a reader should know about how the answers came about.
fn findings(dossier: &Dossier, appraised: &[(Section, Appraised)]) -> Vec<Finding> {
    let accepted = appraised.iter().filter(|(_, appraised)| appraised.reason == Ground::SelfSignedAccepted.word());
    let self_signed = accepted.map(|(_, appraised)| Finding {
        id: FindingId::SelfSigned,
        message: format!("accepted in this environment although {}: nobody checked that name", appraised.detail),
        signatures: appraised.evidence.clone(),
    });
    self_signed.filter(|finding| !dossier.findings.contains(finding)).collect()
}

//! Appraisal: from a dossier to a verdict, opinion without parsing.
//!
//! Laws that the tests check over generated dossiers:
//!
//! - Taking evidence beside the artifact away never turns a refusal into an admission.
//! - Only verified claims support an answer; others can only count against it.
//! - A requirement more never admits more.
//! - What is asked of a signature is asked of one and the same signature, and so for provenance.

mod choice;
mod look_alikes;
mod not_examined;

use crate::dossier::Dossier;
use crate::finding::{Finding, FindingId};
use crate::ground::Ground;
use crate::policy::{Environment, Expectations, Policy};
use crate::registry::{Registry, packages_of};
use crate::requirements::{Context, Section};
use crate::time::Time;
use crate::verdict::{Answer, Appraised, Decision, Question, QuestionVerdict, Verdict};

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

/// Weighs what was found.
///
/// # Errors
/// Only if the policy has no such environment.
pub fn appraise(dossier: Dossier, terms: &Terms<'_>) -> Result<Verdict, UnknownEnvironment> {
    let Terms { policy, environment, expectations, registry, at } = *terms;
    let required = policy.environment(environment).ok_or_else(|| UnknownEnvironment {
        name: environment.to_owned(),
        known: policy.environments().map(str::to_owned).collect(),
    })?;
    let required = required.with(expectations, dossier.layout.as_ref());
    let required = of_registry(&required, &dossier, terms);
    let context = Context { dossier: &dossier, expectations, registry, environment, at };
    let appraised = choice::appraise(context, &required);
    let questions = Question::ALL.map(|question| verdict_on(question, &required, &appraised)).to_vec();
    let other = in_section(Section::Other, &appraised);
    let decision = decide(&questions, &other);
    let look_alikes = look_alikes::findings(&dossier, expectations);
    let of_appraisal = findings(&dossier, &appraised).into_iter().chain(registry.findings(&dossier, at));
    let findings = dossier.findings.iter().cloned().chain(of_appraisal).chain(look_alikes).collect();
    let not_examined = not_examined::list(&dossier);
    Ok(Verdict { at, policy: policy.id(environment), decision, questions, other, findings, not_examined, dossier })
}

/// What the registry has to say about the signers or the product is judged, asked or not.
fn of_registry(required: &Environment, dossier: &Dossier, terms: &Terms<'_>) -> Environment {
    let Terms { registry, expectations, .. } = terms;
    let knows_signer = dossier.signatures.iter().any(|signature| registry.concerns(signature, &dossier.claims));
    let of_signatures = dossier.signatures.iter().flat_map(|signature| packages_of(signature, &dossier.claims));
    let packages: Vec<&str> = of_signatures.chain(expectations.package.as_deref()).collect();
    let expects_publisher = !registry.expecting(&dossier.artifact.name, &packages).is_empty();
    required.with_registry(knows_signer, expects_publisher)
}

fn in_section(section: Section, appraised: &[(Section, Appraised)]) -> Vec<Appraised> {
    appraised.iter().filter(|(of, _)| *of == section).map(|(_, appraised)| appraised.clone()).collect()
}

fn verdict_on(question: Question, required: &Environment, appraised: &[(Section, Appraised)]) -> QuestionVerdict {
    let requirements = in_section(Section::Of(question), appraised);
    let answer = Answer::worst(requirements.iter().map(|appraised| appraised.answer));
    QuestionVerdict { question, required: required.asks(question), answer, requirements }
}

/// Admitted only if everything that is required is established; of nothing at all, nothing is.
fn decide(questions: &[QuestionVerdict], other: &[Appraised]) -> Decision {
    let of_questions = questions.iter().filter(|verdict| verdict.required).map(|verdict| verdict.answer);
    match Answer::worst(of_questions.chain(other.iter().map(|appraised| appraised.answer))) {
        Answer::No => Decision::Refuse,
        Answer::NotEstablished => Decision::RefuseForLackOfEvidence,
        Answer::Yes => Decision::Admit,
    }
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

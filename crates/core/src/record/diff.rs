//! What another policy would have decided about what somebody relied on.

use std::borrow::Cow;

use super::VerdictRecord;
use crate::appraise::{Terms, UnknownEnvironment, appraise};
use crate::policy::Policy;
use crate::registry::Registry;
use crate::verdict::{Answer, Decision, Question, Verdict};

/// Two policies that are compared over recorded facts.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'a> {
    /// The one before.
    pub old: &'a Policy,
    /// The one after.
    pub new: &'a Policy,
    /// The environment in both, if it is not the recorded one.
    pub environment: Option<&'a str>,
}

/// What a recorded verdict is under both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The decision under the old policy.
    pub before: Decision,
    /// The decision under the new one.
    pub after: Decision,
    /// The questions whose answers differ.
    pub answers: Vec<(Question, Answer, Answer)>,
    /// The requirements that decide: those that refuse under the new policy, or those that refused under the old one
    /// where the new one admits. None if the decision is the same.
    pub because: Vec<Because>,
}

/// A requirement, or a rule of the policy, that decides.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Because {
    /// Its id.
    pub requirement: Cow<'static, str>,
    /// Its answer.
    pub answer: Answer,
    /// The word for why.
    pub reason: &'static str,
}

impl Comparison<'_> {
    /// Weighs the recorded facts under both policies, as of the recorded instant.
    ///
    /// # Errors
    /// If one of the policies has no such environment.
    pub fn of(&self, record: VerdictRecord, registry: &Registry) -> Result<Change, UnknownEnvironment> {
        let environment = self.environment.unwrap_or(&record.policy.environment);
        let (expectations, at) = (&record.expectations, record.at);
        let under = |policy, dossier| {
            let terms = Terms { policy, environment, expectations, registry, at };
            appraise(dossier, &terms)
        };
        let before = under(self.old, record.dossier.clone())?;
        let after = under(self.new, record.dossier)?;
        Ok(change(&before, &after))
    }
}

fn change(before: &Verdict, after: &Verdict) -> Change {
    let pairs = before.questions.iter().zip(&after.questions);
    let differing = pairs.filter(|(before, after)| before.answer != after.answer);
    let answers = differing.map(|(before, after)| (before.question, before.answer, after.answer)).collect();
    let because = match (before.decision, after.decision) {
        (before, after) if before == after => Vec::new(),
        (_, Decision::Admit) => in_the_way(before),
        (..) => in_the_way(after),
    };
    Change { before: before.decision, after: after.decision, answers, because }
}

fn in_the_way(verdict: &Verdict) -> Vec<Because> {
    let of = verdict.requirements().filter(|one| one.stands_in_the_way());
    of.map(|one| Because { requirement: one.id.clone(), answer: one.answer, reason: one.reason }).collect()
}

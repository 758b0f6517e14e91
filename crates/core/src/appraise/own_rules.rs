//! The rules of the policy's own, weighed on the facts after everything else.

use crate::condition;
use crate::facts::Basis;
use crate::policy::{Environment, Rule};
use crate::requirements::{Section, Weighed};
use crate::verdict::{Answer, Appraised, Mode};

/// The answer of every rule, in the order of the policy.
pub(super) fn appraise(required: &Environment, basis: &Basis<'_>) -> Vec<(Section, Appraised)> {
    let rules = required.rules();
    if rules.is_empty() {
        return Vec::new();
    }
    let conditions = rules.iter().map(|rule| (rule.condition(), rule.otherwise()));
    let weighed = condition::judge(conditions, basis);
    rules.iter().zip(weighed).map(|(rule, weighed)| (rule.section(), name(rule, weighed, basis))).collect()
}

fn name(rule: &Rule, weighed: Weighed, basis: &Basis<'_>) -> Appraised {
    let fix = match (weighed.answer, rule.fix()) {
        (Answer::Yes, _) => String::new(),
        (_, Some(fix)) => fix.to_owned(),
        (_, None) if weighed.fix.is_empty() => format!("the policy asks: {}", rule.otherwise()),
        (_, None) => weighed.fix,
    };
    let in_force = rule.enforcement().is_in_force(basis.context.at);
    Appraised {
        id: rule.id().to_owned().into(),
        answer: weighed.answer,
        reason: weighed.reason,
        detail: weighed.detail,
        evidence: weighed.evidence,
        fix,
        mode: if in_force { Mode::Required } else { Mode::Warned },
        effective_on: rule.enforcement().comes_on(basis.context.at),
        waived_by: None,
    }
}

//! Weighs conditions on the facts of one artifact.

use std::collections::BTreeSet;

use super::engine::{Situation, Unanswered};
use super::steps::Sizes;
use super::{Condition, MAX_STEPS, MAX_TEXT};
use crate::evidence::Need;
use crate::facts::{self, Basis, Datum, Member, Part, Shape};
use crate::ground::Ground;
use crate::requirements::Weighed;
use crate::verdict::Answer;

/// Weighs conditions, in their order, on what a document of facts is made of. `otherwise` of each is said where it does
/// not hold.
pub(crate) fn judge<'r>(
    conditions: impl Iterator<Item = (&'r Condition, &'r str)> + Clone,
    basis: &Basis<'_>,
) -> Vec<Weighed> {
    let wanted: BTreeSet<&'static str> =
        conditions.clone().flat_map(|(condition, _)| &condition.roots).copied().collect();
    let document = Part::of(basis, &wanted);
    let fields = document.fields();
    let sizes = sizes(&fields);
    let situation = Situation::of(&fields);
    conditions.map(|(condition, otherwise)| weigh(condition, otherwise, &situation, &sizes)).collect()
}

fn sizes(fields: &[(&'static str, Datum<'_>)]) -> Sizes {
    let mut sizes = Sizes::default();
    let Shape::Record(record, members) = facts::shape() else { return sizes };
    for (name, datum) in fields {
        if let Some(Member { name, shape, .. }) = members.iter().find(|member| member.name == *name) {
            sizes.measure(datum, shape, (record, name));
        }
    }
    sizes
}

fn weigh(condition: &Condition, otherwise: &str, situation: &Situation<'_>, sizes: &Sizes) -> Weighed {
    let steps = condition.steps.count(sizes);
    if sizes.is_beyond_text() || steps > MAX_STEPS {
        let detail = if sizes.is_beyond_text() {
            format!("a text that the rule could look at is longer than {MAX_TEXT} bytes")
        } else {
            format!("the rule could take {steps} steps on these facts; {MAX_STEPS} are done")
        };
        return Weighed::new(Answer::NotEstablished, Need::Limit.word(), detail)
            .with_fix("look at fewer lists in each other, or ask for a release with fewer statements");
    }
    match situation.evaluate(&condition.program) {
        Ok(true) => Weighed::yes(Ground::RuleHolds, ""),
        Ok(false) => Weighed::no(Ground::RuleViolated, otherwise),
        Err(why) => Weighed::missing(Ground::RuleNotEvaluated, why_not(&why)).with_fix(otherwise),
    }
}

fn why_not(why: &Unanswered) -> String {
    match why {
        Unanswered::Unknown(name) => format!("nothing is known of `{name}`"),
        Unanswered::Empty(list) => format!("`{list}` is empty, and an empty list satisfies nothing"),
        Unanswered::NoItem => "a list has no item of that number".to_owned(),
        Unanswered::NoNumber => "a number cannot be computed".to_owned(),
        Unanswered::NotRead(problem) => problem.clone(),
        Unanswered::Other => "the rule could not be evaluated".to_owned(),
    }
}

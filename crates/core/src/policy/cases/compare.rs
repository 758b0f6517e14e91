//! Holding a verdict against what a case expects.

use super::{Expected, ExpectedRequirement};
use crate::verdict::{Appraised, Decision, Verdict};

/// Where the verdict differs, in words.
pub(super) fn differences(expected: &Expected, verdict: &Verdict) -> Vec<String> {
    let decision = (expected.decision != verdict.decision)
        .then(|| differs("decision", decision_word(expected.decision), &decided(verdict)));
    let answers = expected.answers.iter().filter_map(|(question, answer)| {
        let found = verdict.questions.iter().find(|judged| judged.question == *question)?;
        (found.answer != *answer).then(|| differs(question.word(), answer.word(), found.answer.word()))
    });
    let requirements = expected.requirements.iter().filter_map(|wanted| requirement(wanted, verdict));
    let told = |id| verdict.findings.iter().any(|finding| finding.id == id);
    let findings = expected.findings.iter().filter(|id| !told(**id));
    let findings = findings.map(|id| format!("finding `{}` is not told", id.word()));
    decision.into_iter().chain(answers).chain(requirements).chain(findings).collect()
}

fn differs(what: &str, expected: &str, found: &str) -> String {
    format!("{what}: expected {expected}, found {found}")
}

/// The decision with the requirements that stand in the way.
fn decided(verdict: &Verdict) -> String {
    let word = decision_word(verdict.decision);
    let in_the_way = verdict.requirements().filter(|one| one.stands_in_the_way());
    let why: Vec<String> = in_the_way.map(|one| format!("{}: {}", one.id, one.reason)).collect();
    if why.is_empty() { word.to_owned() } else { format!("{word} ({})", why.join(", ")) }
}

/// The word of a case for a decision.
pub(super) const fn decision_word(decision: Decision) -> &'static str {
    match decision {
        Decision::Admit => "admit",
        Decision::Refuse => "refuse",
        Decision::RefuseForLackOfEvidence => "refuse-for-lack-of-evidence",
    }
}

fn requirement(wanted: &ExpectedRequirement, verdict: &Verdict) -> Option<String> {
    let fits = |one: &Appraised| {
        let reason = wanted.reason.as_deref().is_none_or(|reason| reason == one.reason);
        let waiver = wanted.waived_by.as_deref().is_none_or(|id| one.waived_by.as_deref() == Some(id));
        one.answer == wanted.answer && reason && waiver
    };
    let judged: Vec<&Appraised> = verdict.requirements().filter(|one| one.id == wanted.id).collect();
    if judged.iter().any(|one| fits(one)) {
        return None;
    }
    let found: Vec<String> = judged.into_iter().map(found_words).collect();
    let found = if found.is_empty() { "that it was not asked".to_owned() } else { found.join(" and ") };
    Some(differs(&wanted.id, &wanted_words(wanted), &found))
}

fn wanted_words(wanted: &ExpectedRequirement) -> String {
    let reason = wanted.reason.as_ref().map_or_else(String::new, |reason| format!(" ({reason})"));
    let waiver = wanted.waived_by.as_ref().map_or_else(String::new, |id| format!(", waived by {id}"));
    format!("{}{reason}{waiver}", wanted.answer.word())
}

fn found_words(one: &Appraised) -> String {
    let waiver = one.waived_by.as_ref().map_or_else(String::new, |id| format!(", waived by {id}"));
    format!("{} ({}){waiver}", one.answer.word(), one.reason)
}

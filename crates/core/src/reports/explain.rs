//! `explain`: the reasoning, question by question, and the words it uses.

use super::Form;
use super::inspect;
use super::page::{Page, Tone};
use crate::evidence::{CheckId, Need, Outcome, Reason, Signature};
use crate::finding::{Finding, FindingId};
use crate::ground::Ground;
use crate::identity::Assurance;
use crate::policy::Waiver;
use crate::verdict::{Answer, Appraised, Mode, Question, QuestionVerdict, Verdict};

/// How the verdict came about, step by step; only for one question if one is given.
#[must_use]
pub fn explain(verdict: &Verdict, question: Option<Question>, form: &Form) -> String {
    let mut page = Page::new(form);
    let artifact = &verdict.dossier.artifact;
    let shown = if artifact.path.is_empty() { &artifact.name } else { &artifact.path };
    let shown = page.clean(shown);
    page.line(page.word(&shown, 0, Tone::Strong));
    let policy = &verdict.policy;
    let environment = page.clean(&policy.environment);
    page.line(format!("policy {} (sha256 {})", page.clean(&policy.name), policy.sha256.hex()));
    page.line(format!("environment {environment}, as of {}", verdict.at));
    for judged in verdict.questions.iter().filter(|judged| question.is_none_or(|asked| asked == judged.question)) {
        one_question(&mut page, judged, verdict);
    }
    if question.is_none() && !verdict.other.is_empty() {
        page.line("");
        page.line("  beyond the three questions the policy asks for:");
        verdict
            .other
            .iter()
            .enumerate()
            .for_each(|(index, asked)| requirement(&mut page, index.saturating_add(1), asked, verdict));
    }
    if question.is_none() {
        verdict.findings.iter().filter(|finding| finding.id.question().is_none()).for_each(|of| finding(&mut page, of));
    }
    evidence(&mut page, verdict, question);
    page.finish()
}

fn finding(page: &mut Page, finding: &Finding) {
    let severity = finding.id.severity().word();
    page.line(format!("  finding {} ({severity}): {}", finding.id.word(), page.clean(&finding.message)));
    page.line(format!("    {}", finding.id.meaning()));
}

fn one_question(page: &mut Page, judged: &QuestionVerdict, verdict: &Verdict) {
    page.line("");
    let answer = page.word(judged.answer.word(), 0, Tone::of(judged.answer));
    let number = Question::ALL.iter().position(|q| *q == judged.question).unwrap_or(0).saturating_add(1);
    let required = if judged.required { "" } else { " (the policy does not require it)" };
    page.line(format!("{number} {} {answer}{required}", judged.question.text()));
    let in_force =
        if judged.requirements.iter().any(|one| one.mode == Mode::Warned) { " that are in force" } else { "" };
    page.line(format!("  the answer is the worst answer of these requirements{in_force}:"));
    for (index, required) in judged.requirements.iter().enumerate() {
        requirement(page, index.saturating_add(1), required, verdict);
    }
    if judged.requirements.is_empty() {
        page.line("  none: the policy asks nothing here, and nothing proves nothing");
    }
    let its = verdict.findings.iter().filter(|finding| finding.id.question() == Some(judged.question));
    its.for_each(|of| finding(page, of));
}

fn requirement(page: &mut Page, number: usize, required: &Appraised, verdict: &Verdict) {
    let answer = page.word(required.answer.word(), 0, Tone::of(required.answer));
    page.line(format!("  {number}. {}: {answer}, {}", required.id, required.reason));
    if !required.detail.is_empty() {
        page.line(format!("     {}", page.clean(&required.detail)));
    }
    if let Some(meaning) = meaning(required.reason) {
        page.line(format!("     means: {meaning}"));
    }
    if !required.evidence.is_empty() {
        let ids: Vec<String> = required.evidence.iter().map(ToString::to_string).collect();
        page.line(format!("     rests on {}", ids.join(", ")));
    }
    if required.answer != Answer::Yes && !required.fix.is_empty() {
        page.line(format!("     would change it: {}", page.clean(&required.fix)));
    }
    match (required.mode, required.effective_on) {
        (Mode::Warned, Some(date)) => page.line(format!("     until {date} the decision does not rest on it")),
        (Mode::Warned, None) => page.line("     the policy only warns of it: the decision does not rest on it"),
        (Mode::Required | Mode::Informative, _) => {}
    }
    let by = |waiver: &&Waiver| required.waived_by.as_deref() == Some(waiver.id.as_str());
    if let Some(waiver) = verdict.applied_waivers().find(by) {
        waived(page, waiver);
    }
}

fn waived(page: &mut Page, waiver: &Waiver) {
    let Waiver { id, owner, reason, granted, expires, .. } = waiver;
    let (owner, reason) = (page.clean(owner), page.clean(reason));
    let approvers = page.clean(&waiver.approved_by.join(", "));
    page.line(format!("     waived by {id} ({granted} to {expires}): the decision does not rest on it"));
    page.line(format!("       {reason}"));
    page.line(format!("       {owner} answers for it, approved by {approvers}"));
}

/// The sentence for a word, if it is one of a check.
fn meaning(word: &str) -> Option<&'static str> {
    let reason = Reason::ALL.iter().find(|reason| reason.word() == word).map(|reason| reason.meaning());
    reason.or_else(|| Need::ALL.iter().find(|need| need.word() == word).map(|need| need.meaning()))
}

/// Which checks matter for a question.
fn concerns(check: CheckId, question: Option<Question>) -> bool {
    match question {
        None | Some(Question::Path) => true,
        Some(Question::Signed) => check.is_integrity(),
        Some(Question::Signer) => !check.is_integrity() || check == CheckId::Signature,
    }
}

fn evidence(page: &mut Page, verdict: &Verdict, question: Option<Question>) {
    page.line("");
    if verdict.dossier.signatures.is_empty() {
        page.line("evidence: no signature was found, in the artifact or beside it");
        return;
    }
    page.line("evidence");
    for signature in &verdict.dossier.signatures {
        one_signature(page, signature, verdict, question);
    }
    if question.is_none_or(|asked| asked == Question::Path) {
        inspect::claims(page, &verdict.dossier);
    }
}

fn one_signature(page: &mut Page, signature: &Signature, verdict: &Verdict, question: Option<Question>) {
    let mut shown = signature.clone();
    shown.checks.clear();
    inspect::one(page, &shown, verdict.at);
    page.line(format!("    {} proves: {}", signature.assurance.word(), signature.assurance.proves()));
    page.line(format!("    {} does not prove: {}", signature.assurance.word(), signature.assurance.does_not_prove()));
    for (index, check) in signature.checks.iter().filter(|check| concerns(check.id, question)).enumerate() {
        let outcome = page.word(check.outcome.word(), 0, Tone::of_outcome(check.outcome));
        page.line(format!("    {}. {} {outcome}", index.saturating_add(1), check.id.meaning()));
        page.line(format!("       {}: {}", check.outcome.reason(), page.clean(&check.detail)));
        if let Some(change) = would_change(check.outcome) {
            page.line(format!("       would change it: {change}"));
        }
    }
    let state = page.word(signature.state().word(), 0, Tone::of_state(signature.state()));
    page.line(format!("    so the signature is {state} ({})", signature.reason()));
}

const fn would_change(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Pass => None,
        Outcome::Fail(reason) => Some(reason.fix()),
        Outcome::Undecided(need) => Some(need.settled_by()),
    }
}

/// The closed sets of words that verdicts use, with meaning and remedy.
#[must_use]
pub fn vocabulary(form: &Form) -> String {
    let mut page = Page::new(form);
    answers(&mut page);
    title(&mut page, "Reasons why a check failed, the state they put a signature in, and what would change it");
    for reason in Reason::ALL {
        let state = reason.state().map_or("weakens other evidence only", crate::evidence::State::word);
        entry(&mut page, reason.word(), &format!("{} [{state}]", reason.meaning()), reason.fix());
    }
    title(&mut page, "What a check lacked, and what would settle it");
    for need in Need::ALL {
        entry(&mut page, need.word(), need.meaning(), need.settled_by());
    }
    title(&mut page, "Why a requirement has its answer, where the words above do not say it");
    for ground in Ground::ALL {
        entry(&mut page, ground.word(), ground.meaning(), "");
    }
    title(&mut page, "Checks");
    for check in CheckId::ALL {
        let part = if check.is_integrity() { "question 1" } else { "question 2" };
        entry(&mut page, check.word(), &format!("{} [{part}]", check.meaning()), "");
    }
    title(&mut page, "Findings");
    for finding in FindingId::ALL {
        entry(&mut page, finding.word(), &format!("{} [{}]", finding.meaning(), finding.severity().word()), "");
    }
    title(&mut page, "What stands behind a signer's name");
    for assurance in Assurance::ALL {
        entry(&mut page, assurance.word(), assurance.proves(), assurance.does_not_prove());
    }
    page.finish()
}

fn answers(page: &mut Page) {
    page.line(page.word("Answers", 0, Tone::Strong));
    entry(page, "yes", "Evidence supports it.", "");
    entry(page, "no", "Evidence speaks against it.", "");
    let meaning = "Evidence is missing, unreadable, beyond a limit, or not checkable with the material at hand.";
    entry(page, "not-established", meaning, "never counted as yes");
}

fn title(page: &mut Page, title: &str) {
    page.line("");
    page.line(page.word(title, 0, Tone::Strong));
}

fn entry(page: &mut Page, word: &str, meaning: &str, remedy: &str) {
    page.line(format!("  {word}"));
    page.line(format!("      {meaning}"));
    if !remedy.is_empty() {
        page.line(format!("      -> {remedy}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vocabulary_lists_every_word_of_a_check() {
        let text = vocabulary(&Form::default());
        let words = Reason::ALL.iter().map(|r| r.word()).chain(Need::ALL.iter().map(|n| n.word()));
        let words = words.chain(Ground::ALL.iter().map(|ground| ground.word()));
        for word in words.chain(FindingId::ALL.iter().map(|f| f.word())) {
            assert!(text.contains(&format!("  {word}\n")), "{word}");
        }
    }

    #[test]
    fn every_question_is_shown_its_own_checks() {
        assert!(concerns(CheckId::Digest, Some(Question::Signed)));
        assert!(!concerns(CheckId::Chain, Some(Question::Signed)));
        assert!(!concerns(CheckId::Digest, Some(Question::Signer)));
        assert!(concerns(CheckId::Chain, Some(Question::Signer)));
        assert!(CheckId::ALL.iter().all(|check| concerns(*check, None)));
    }
}

//! `markdown`: for the summaries of pipelines (GitHub Flavored Markdown).
//!
//! Everything that comes from a file stands in code spans: there nothing is a link, an image, a mention or markup
//! (CommonMark §6.1), and the two characters that end a span or a cell of a table are written as `\u{…}`.

use std::fmt::Write as _;

use super::escape::for_terminal;
use super::{Form, Report, Tally, Voice};
use crate::crypto::DigestAlgorithm;
use crate::dossier::ArtifactFacts;
use crate::policy::Waiver;
use crate::verdict::{Answer, Appraised, Decision, Verdict};

pub(super) static ENTRY: Report = Report {
    id: "markdown",
    title: "Markdown, for the job summaries of pipelines",
    voice: Voice::Report,
    tells_failures: true,
    begin: |_| String::new(),
    verdict,
    between: |_| "\n",
    end,
};

/// Most characters of one foreign text: a summary holds a mebibyte, and is to be read.
const LONGEST: usize = 300;

fn verdict(verdict: &Verdict, form: &Form) -> String {
    let name = shown(&verdict.dossier.artifact);
    let is_plain = verdict.findings.is_empty() && verdict.applied_waivers().next().is_none();
    if form.many && verdict.decision == Decision::Admit && is_plain {
        return format!("{name}: admitted\n");
    }
    let mut text = format!("### {name}: {}\n\n", decided(verdict.decision));
    under_what(&mut text, verdict);
    answers(&mut text, verdict);
    unmet(&mut text, verdict);
    waivers(&mut text, verdict);
    findings(&mut text, verdict);
    not_examined(&mut text, verdict);
    text
}

fn shown(artifact: &ArtifactFacts) -> String {
    code(if artifact.path.is_empty() { &artifact.name } else { &artifact.path })
}

const fn decided(decision: Decision) -> &'static str {
    match decision {
        Decision::Admit => "admitted",
        Decision::Refuse => "refused",
        Decision::RefuseForLackOfEvidence => "refused for lack of evidence",
    }
}

fn under_what(text: &mut String, verdict: &Verdict) {
    let digests = &verdict.dossier.artifact.digests;
    let digest = digests.get(&DigestAlgorithm::Sha256).or_else(|| digests.values().last());
    let digest = digest.map_or_else(String::new, |digest| format!("{}, ", code(&digest.to_string())));
    let (policy, environment) = (code(&verdict.policy.name), code(&verdict.policy.environment));
    let _ = writeln!(text, "{digest}policy {policy}, environment {environment}, as of {}\n", verdict.at);
}

fn answers(text: &mut String, verdict: &Verdict) {
    text.push_str("| Question | Answer |\n|---|---|\n");
    for judged in &verdict.questions {
        let optional = if judged.required { "" } else { " (not required here)" };
        let _ = writeln!(text, "| {} | **{}**{optional} |", judged.question.text(), judged.answer.word());
    }
}

fn unmet(text: &mut String, verdict: &Verdict) {
    let of_questions =
        verdict.questions.iter().flat_map(|judged| judged.requirements.iter().map(|r| (judged.question.word(), r)));
    let all = of_questions.chain(verdict.other.iter().map(|asked| ("other", asked)));
    let open: Vec<(&str, &Appraised)> = all.filter(|(_, asked)| asked.answer != Answer::Yes).collect();
    if open.is_empty() {
        return;
    }
    text.push_str("\n| Requirement | Answer | Reason | Case | What would change it |\n|---|---|---|---|---|\n");
    for (section, asked) in open {
        let (id, answer, reason) = (&asked.id, asked.answer.word(), asked.reason);
        let (detail, fix) = (code(&asked.detail), code(&asked.fix));
        let standing = asked.standing().map_or_else(String::new, |standing| format!(" {}", code(&standing)));
        let _ = writeln!(text, "| {section}/{id} | **{answer}**{standing} | {reason} | {detail} | {fix} |");
    }
}

/// What the decision does not rest on although the policy asks for it.
fn waivers(text: &mut String, verdict: &Verdict) {
    let mut applied = verdict.applied_waivers().peekable();
    if applied.peek().is_none() {
        return;
    }
    text.push_str(
        "\n| Waiver | Requirement | Until | Answered for by | Approved by | Reason |\n|---|---|---|---|---|---|\n",
    );
    for Waiver { id, requirement, expires, owner, approved_by, reason, .. } in applied {
        let (id, requirement, owner) = (code(id), code(requirement), code(owner));
        let (approvers, reason) = (code(&approved_by.join(", ")), code(reason));
        let _ = writeln!(text, "| {id} | {requirement} | {expires} | {owner} | {approvers} | {reason} |");
    }
}

fn findings(text: &mut String, verdict: &Verdict) {
    if verdict.findings.is_empty() {
        return;
    }
    text.push_str("\n| Finding | Severity | Case |\n|---|---|---|\n");
    for finding in &verdict.findings {
        let (id, severity) = (finding.id.word(), finding.id.severity().word());
        let _ = writeln!(text, "| {id} | **{severity}** | {} |", code(&finding.message));
    }
}

fn not_examined(text: &mut String, verdict: &Verdict) {
    let open: Vec<&str> =
        verdict.not_examined.iter().filter(|gap| gap.covered_by.is_none()).map(|gap| gap.what).collect();
    if !open.is_empty() {
        let _ = writeln!(text, "\nNot examined: {}", open.join("; "));
    }
}

fn end(form: &Form, tally: &Tally) -> String {
    let mut text = String::new();
    for failure in &tally.failures {
        let _ = write!(text, "\n{} could not be judged: {}\n", code(&failure.path), code(&failure.problem));
    }
    if form.many {
        let (admitted, refused, lacking) = (tally.admitted, tally.refused, tally.lacking);
        let _ = writeln!(
            text,
            "\n**{admitted} admitted, {refused} refused, {lacking} refused for lack of evidence, {} could not be judged**",
            tally.failures.len()
        );
    }
    text
}

/// Foreign text as a code span; nothing for nothing.
fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let brief: String = text.chars().take(LONGEST).collect();
    let more = if brief.len() < text.len() { "…" } else { "" };
    let plain = for_terminal(&brief, false).replace('`', "\\u{60}").replace('|', "\\u{7c}");
    format!("`{plain}`{more}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_in_its_span_and_cell() {
        assert_eq!(code("a`b|c\n<img>@all"), "`a\\u{60}b\\u{7c}c\\u{a}<img>@all`");
        assert_eq!(code(""), "");
        assert_eq!(code(&"x".repeat(LONGEST + 1)), format!("`{}`…", "x".repeat(LONGEST)));
    }
}

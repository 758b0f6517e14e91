//! `junit`: JUnit XML, for the test reports of pipelines: one suite per artifact, one case per requirement.
//!
//! The elements and attributes are those of the schema of Jenkins' xUnit plugin (`junit-10.xsd`), which GitLab, Azure
//! and GitHub's actions read too. *No* is a failure, *not established* an error: both end a pipeline. What the policy
//! does not require, only warns of, or waives is skipped.

use std::fmt::Write as _;

use super::escape::for_terminal;
use super::{Failure, Form, Report, Tally, Voice};
use crate::dossier::ArtifactFacts;
use crate::finding::Finding;
use crate::verdict::{Answer, Appraised, Decision, Verdict};

pub(super) static ENTRY: Report = Report {
    id: "junit",
    title: "JUnit XML, for the test reports of pipelines",
    voice: Voice::Report,
    tells_failures: true,
    begin: |_| "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"countersign\">\n".to_owned(),
    verdict,
    between: |_| "",
    end,
};

/// How a case ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    Passed,
    Failed,
    Error,
    Skipped,
}

impl Ended {
    const fn element(self) -> Option<&'static str> {
        match self {
            Self::Passed => None,
            Self::Failed => Some("failure"),
            Self::Error => Some("error"),
            Self::Skipped => Some("skipped"),
        }
    }
}

/// One case.
struct Case<'a> {
    class: &'a str,
    name: &'a str,
    ended: Ended,
    /// A word of a closed set.
    kind: &'a str,
    message: String,
    fix: &'a str,
}

fn verdict(verdict: &Verdict, _: &Form) -> String {
    let cases = cases(verdict);
    let artifact = &verdict.dossier.artifact;
    let name = if artifact.path.is_empty() { &artifact.name } else { &artifact.path };
    let mut text = suite(name, &cases, Some(&verdict.at.to_string()));
    properties(&mut text, verdict, artifact);
    cases.iter().for_each(|case| write_case(&mut text, case));
    let _ = write!(text, "    <system-out>{}</system-out>\n  </testsuite>\n", xml(&said(verdict), "\n"));
    text
}

/// The requirements, and where none of them tells that the artifact is refused, the decision.
fn cases(verdict: &Verdict) -> Vec<Case<'_>> {
    let of_questions = verdict
        .questions
        .iter()
        .flat_map(|judged| judged.requirements.iter().map(|asked| case(judged.question.word(), asked)));
    let mut cases: Vec<Case<'_>> = of_questions.chain(verdict.other.iter().map(|asked| case("other", asked))).collect();
    let is_told = cases.iter().any(|case| matches!(case.ended, Ended::Failed | Ended::Error));
    if verdict.decision != Decision::Admit && !is_told {
        let ended = if verdict.decision == Decision::Refuse { Ended::Failed } else { Ended::Error };
        let message = "refused: the policy requires what none of its requirements establishes".to_owned();
        cases.push(Case { class: "decision", name: "admitted", ended, kind: "refused", message, fix: "" });
    }
    cases
}

fn case<'a>(class: &'a str, asked: &'a Appraised) -> Case<'a> {
    let ended = match asked.answer {
        Answer::Yes => Ended::Passed,
        _ if !asked.stands_in_the_way() => Ended::Skipped,
        Answer::No => Ended::Failed,
        Answer::NotEstablished => Ended::Error,
    };
    let standing = asked.standing().map_or_else(String::new, |standing| format!("{standing}: "));
    let message = format!("{standing}{}: {}", asked.answer.word(), asked.detail);
    Case { class, name: &asked.id, ended, kind: asked.reason, message, fix: &asked.fix }
}

fn suite(name: &str, cases: &[Case<'_>], timestamp: Option<&str>) -> String {
    let count = |ended| cases.iter().filter(|case| case.ended == ended).count();
    let (failed, errors, skipped) = (count(Ended::Failed), count(Ended::Error), count(Ended::Skipped));
    let mut text = format!("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failed}\"", xml(name, ""), cases.len());
    let _ = write!(text, " errors=\"{errors}\" skipped=\"{skipped}\"");
    if let Some(timestamp) = timestamp {
        let _ = write!(text, " timestamp=\"{}\"", xml(timestamp, ""));
    }
    text.push_str(">\n");
    text
}

fn properties(text: &mut String, verdict: &Verdict, artifact: &ArtifactFacts) {
    let policy = &verdict.policy;
    let named = format!("{}@{} (sha256 {})", policy.name, policy.environment, policy.sha256.hex());
    let digests = artifact.digests.iter().map(|(algorithm, digest)| (algorithm.name(), digest.hex()));
    let answers = verdict.questions.iter().map(|judged| (judged.question.word(), judged.answer.word().to_owned()));
    let decision = ("decision", verdict.decision.word().to_owned());
    text.push_str("    <properties>\n");
    for (name, value) in std::iter::once(decision).chain(answers).chain([("policy", named)]).chain(digests) {
        let _ = writeln!(text, "      <property name=\"{}\" value=\"{}\"/>", xml(name, ""), xml(&value, ""));
    }
    text.push_str("    </properties>\n");
}

fn write_case(text: &mut String, case: &Case<'_>) {
    let _ = write!(text, "    <testcase classname=\"{}\" name=\"{}\"", xml(case.class, ""), xml(case.name, ""));
    let Some(element) = case.ended.element() else { return text.push_str("/>\n") };
    let fix = if case.fix.is_empty() { String::new() } else { format!("what would change it: {}", case.fix) };
    let (kind, message, fix) = (xml(case.kind, ""), xml(&case.message, ""), xml(&fix, ""));
    let _ =
        writeln!(text, ">\n      <{element} type=\"{kind}\" message=\"{message}\">{fix}</{element}>\n    </testcase>");
}

/// Findings, and what nobody looked at.
fn said(verdict: &Verdict) -> String {
    let line = |finding: &Finding| {
        // A message that breaks its line would look like the next finding.
        let message = for_terminal(&finding.message, false);
        format!("{} {}: {message}\n", finding.id.severity().word(), finding.id.word())
    };
    let findings: String = verdict.findings.iter().map(line).collect();
    let open = verdict.not_examined.iter().filter(|gap| gap.covered_by.is_none()).map(|gap| gap.what);
    format!("{findings}not examined: {}\n", open.collect::<Vec<_>>().join("; "))
}

fn end(_: &Form, tally: &Tally) -> String {
    let cases: Vec<Case<'_>> = tally.failures.iter().map(not_judged).collect();
    let mut text = String::new();
    if !cases.is_empty() {
        text.push_str(&suite("could not be judged", &cases, None));
        cases.iter().for_each(|case| write_case(&mut text, case));
        text.push_str("  </testsuite>\n");
    }
    text + "</testsuites>\n"
}

fn not_judged(failure: &Failure) -> Case<'_> {
    let message = failure.problem.clone();
    Case { class: "run", name: &failure.path, ended: Ended::Error, kind: "could-not-run", message, fix: "" }
}

/// Text in an attribute or element (XML 1.0 §2.4). What deceives is written as `\u{…}`, and so is what no document may
/// have even as a reference (§2.2); characters to keep are our own.
fn xml(text: &str, keep: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(escaped, "\\u{{{:x}}}", u32::from(character));
            }
            _ if keep.contains(character) => escaped.push(character),
            _ => escaped.push_str(&for_terminal(character.encode_utf8(&mut [0; 4]), false)),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_leaves_its_place() {
        let hostile = "\"><failure/>&'\u{0}\u{b}\u{1b}\u{202e}\u{fffe}\u{ffff}\r\nü";
        let shown = xml(hostile, "");
        assert_eq!(
            shown,
            "&quot;&gt;&lt;failure/&gt;&amp;&apos;\\u{0}\\u{b}\\u{1b}\\u{202e}\\u{fffe}\\u{ffff}\\u{d}\\u{a}ü"
        );
    }

    #[test]
    fn a_run_in_which_nothing_could_be_judged_is_an_error() {
        let failure = Failure { path: "a<b".to_owned(), problem: "no such \"file\"".to_owned() };
        let tally = Tally { failures: vec![failure], ..Tally::default() };
        let form = Form::default();
        let text = (ENTRY.begin)(&form) + &end(&form, &tally);
        assert!(
            text.contains(r#"<testsuite name="could not be judged" tests="1" failures="0" errors="1" skipped="0">"#)
        );
        assert!(text.contains(r#"<error type="could-not-run" message="no such &quot;file&quot;"></error>"#), "{text}");
    }
}

//! `sarif`: SARIF 2.1.0 (OASIS), for code-scanning dashboards.
//!
//! One result per requirement that is not met and per finding. The level follows the answer: *no* is an
//! error, *not established* a warning. Results of requirements carry hierarchical rule ids
//! (`signed/intact`, SARIF §3.27.5) under the rule of their question. What a waiver excuses is a suppressed result
//! (§3.35); what is only warned of is a finding.

use serde_json::{Value, json};

use super::escape::{percent_encoded, to_json};
use super::{Failure, Form, Report, Tally, Voice};
use crate::crypto::DigestAlgorithm;
use crate::dossier::ArtifactFacts;
use crate::finding::{Finding, FindingId, Severity};
use crate::policy::Waiver;
use crate::verdict::{Answer, Appraised, Mode, Question, QuestionVerdict, Verdict};

pub(super) static ENTRY: Report = Report {
    id: "sarif",
    title: "SARIF 2.1.0, for code-scanning dashboards",
    voice: Voice::Report,
    tells_failures: true,
    begin,
    verdict,
    between: |_| ",\n",
    end,
};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

fn begin(_: &Form) -> String {
    let questions = Question::ALL.iter().map(|question| section_rule(question.word(), question.text()));
    let sections = questions.chain(std::iter::once(section_rule(OTHER, OTHER_TEXT)));
    let rules: Vec<Value> = sections.chain(FindingId::ALL.iter().map(|id| finding_rule(*id))).collect();
    let driver = json!({ "name": "countersign", "semanticVersion": env!("CARGO_PKG_VERSION"), "rules": rules });
    let driver = to_json(&driver, false);
    format!(
        "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{\"tool\":{{\"driver\":{driver}}},\n\"results\":[\n"
    )
}

/// The rule of what a policy asks beyond the three questions.
const OTHER: &str = "other";
const OTHER_TEXT: &str = "Is the evidence of other tools there that the policy asks for?";

fn section_rule(id: &str, asks: &str) -> Value {
    json!({
        "id": id,
        "shortDescription": { "text": asks },
        "defaultConfiguration": { "level": "error" },
    })
}

fn finding_rule(id: FindingId) -> Value {
    json!({
        "id": id.word(),
        "shortDescription": { "text": id.meaning() },
        "defaultConfiguration": { "level": level(id.severity()) },
        "properties": { "security-severity": score(id.severity()) },
    })
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// The number that dashboards sort by: the lower end of the word's range in CVSS 3.1 (§5).
const fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.0",
        Severity::High => "7.0",
        Severity::Medium => "4.0",
        Severity::Low => "0.1",
        Severity::Info => "0.0",
    }
}

fn verdict(verdict: &Verdict, _: &Form) -> String {
    let facts = &verdict.dossier.artifact;
    let unmet = verdict.questions.iter().flat_map(|judged| unmet(judged, facts));
    let other = verdict.other.iter().filter(|asked| is_unmet(asked));
    let other = other.map(|asked| requirement_result(OTHER, OTHER_TEXT, asked, facts));
    let found = verdict.findings.iter().map(|finding| found(finding, facts));
    let waived = |result| suppressed(result, verdict);
    let results: Vec<String> =
        unmet.chain(other).map(waived).chain(found).map(|result| to_json(&result, false)).collect();
    results.join(",\n")
}

fn is_unmet(required: &Appraised) -> bool {
    required.mode == Mode::Required && required.answer != Answer::Yes
}

/// The result of a requirement, suppressed if a waiver excuses it.
fn suppressed((mut result, required): (Value, &Appraised), verdict: &Verdict) -> Value {
    let by = |waiver: &&Waiver| required.waived_by.as_deref() == Some(waiver.id.as_str());
    let waiver = verdict.applied_waivers().find(by);
    if let (Some(waiver), Some(members)) = (waiver, result.as_object_mut()) {
        let Waiver { id, owner, reason, expires, .. } = waiver;
        let approvers = waiver.approved_by.join(", ");
        let why = format!("waiver {id} of {owner}, approved by {approvers}, until {expires}: {reason}");
        let suppression = json!([{ "kind": "external", "status": "accepted", "justification": why }]);
        members.insert("suppressions".to_owned(), suppression);
    }
    result
}

/// The requirements that are not met, where the decision rests on them.
fn unmet<'a>(
    judged: &'a QuestionVerdict,
    facts: &'a ArtifactFacts,
) -> impl Iterator<Item = (Value, &'a Appraised)> + 'a {
    let open = judged.requirements.iter().filter(|required| is_unmet(required));
    open.map(move |required| requirement_result(judged.question.word(), judged.question.text(), required, facts))
}

fn requirement_result<'a>(
    rule: &str,
    asks: &str,
    required: &'a Appraised,
    facts: &ArtifactFacts,
) -> (Value, &'a Appraised) {
    let level = if required.answer == Answer::No { "error" } else { "warning" };
    let mut text = format!("{asks} {} ({}: {})", required.answer.word(), required.reason, required.detail);
    if !required.fix.is_empty() {
        text = format!("{text} What would change it: {}", required.fix);
    }
    let id = format!("{rule}/{}", required.id);
    (result(&id, rule, level, &text, facts), required)
}

fn found(finding: &Finding, facts: &ArtifactFacts) -> Value {
    let text = format!("{} {}", finding.id.meaning(), finding.message);
    result(finding.id.word(), finding.id.word(), level(finding.id.severity()), &text, facts)
}

fn result(id: &str, rule: &str, level: &str, text: &str, facts: &ArtifactFacts) -> Value {
    let sha256 = facts.digests.get(&DigestAlgorithm::Sha256).map(crate::crypto::Digest::hex);
    json!({
        "ruleId": id,
        "rule": { "id": rule },
        "level": level,
        "message": { "text": text },
        "locations": [{ "physicalLocation": { "artifactLocation": { "uri": uri(facts) } } }],
        "partialFingerprints": { "artifactAndRule/v1": format!("{}:{id}", sha256.as_deref().unwrap_or(&facts.name)) },
    })
}

/// A path as a relative or absolute URI reference (RFC 3986): everything but unreserved characters and `/` is
/// percent-encoded; a digest stands as itself.
fn uri(facts: &ArtifactFacts) -> String {
    let text = if facts.path.is_empty() { &facts.name } else { &facts.path };
    uri_of(text)
}

fn uri_of(path: &str) -> String {
    percent_encoded(&path.replace('\\', "/"), "/")
}

fn end(_: &Form, tally: &Tally) -> String {
    let notes: Vec<Value> = tally.failures.iter().map(notification).collect();
    let invocation = json!([{
        "executionSuccessful": tally.failures.is_empty() && tally.judged() > 0,
        "exitCode": tally.exit_code(),
        "toolExecutionNotifications": notes,
    }]);
    format!("\n],\n\"invocations\":{}}}]}}\n", to_json(&invocation, false))
}

fn notification(failure: &Failure) -> Value {
    json!({
        "level": "error",
        "message": { "text": failure.problem },
        "locations": [{ "physicalLocation": { "artifactLocation": { "uri": uri_of(&failure.path) } } }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uri_references() {
        assert_eq!(uri_of("dir/a b%\u{202e}.exe"), "dir/a%20b%25%E2%80%AE.exe");
    }

    #[test]
    fn an_empty_run_is_a_whole_document_and_no_success() {
        let form = Form::default();
        let text = begin(&form) + &end(&form, &Tally::default());
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["version"], "2.1.0");
        let run = &document["runs"][0];
        assert_eq!(run["invocations"][0]["executionSuccessful"], false);
        assert_eq!(run["tool"]["driver"]["rules"].as_array().unwrap().len(), 4 + FindingId::ALL.len());
    }
}

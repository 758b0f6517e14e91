//! `text`: three lines first, then the reasons, then what nobody looked at, then what would change the answer.

use super::page::{Page, Tone, counted, time_of, with_age};
use super::{Form, Report, Tally, Voice};
use crate::crypto::DigestAlgorithm;
use crate::evidence::{CheckId, Outcome, Reason, Signature, State};
use crate::finding::{Finding, Severity};
use crate::identity::KeyProtection;
use crate::verdict::{Answer, Appraised, Decision, Mode, Question, QuestionVerdict, Verdict};

pub(super) static ENTRY: Report = Report {
    id: "text",
    title: "for people: three answers, then the reasons",
    voice: Voice::Report,
    tells_failures: false,
    begin: |_| String::new(),
    verdict,
    between: |form| if form.many { "\n" } else { "" },
    end,
};

/// Most characters of what a summary says about the signature, and about each requirement: three lines are to
/// be read at a glance, and the reasons follow in full.
const FACTS: usize = 120;
const DETAIL: usize = 72;
/// Columns of the longest question, and of the longest answer.
const QUESTION_WIDTH: usize = 8;
const ANSWER_WIDTH: usize = 17;

fn verdict(verdict: &Verdict, form: &Form) -> String {
    let mut page = Page::new(form);
    head(&mut page, verdict);
    for judged in &verdict.questions {
        three_lines(&mut page, judged, verdict);
    }
    if !form.many {
        reasons(&mut page, verdict);
        signatures(&mut page, verdict);
    }
    waivers(&mut page, verdict);
    findings(&mut page, verdict, if form.many { Severity::Medium } else { Severity::Info });
    if !form.many {
        not_examined(&mut page, verdict);
        changes(&mut page, verdict);
    }
    decision(&mut page, verdict);
    page.finish()
}

fn head(page: &mut Page, verdict: &Verdict) {
    let artifact = &verdict.dossier.artifact;
    let shown = if artifact.path.is_empty() { &artifact.name } else { &artifact.path };
    let name = page.clean(shown);
    let digest = artifact.digests.get(&DigestAlgorithm::Sha256).or_else(|| artifact.digests.values().last());
    let digest = digest.map_or_else(String::new, |d| format!("   {}:{}", d.algorithm(), page.short(&d.hex())));
    let digest = if artifact.path.is_empty() { String::new() } else { digest };
    let policy = format!("{}@{}", page.clean(&verdict.policy.environment), start(&verdict.policy.sha256.hex()));
    page.line(format!("{}{digest}   policy {policy}   as of {}", page.word(&name, 0, Tone::Strong), verdict.at));
}

fn start(hex: &str) -> &str {
    hex.get(..8).unwrap_or(hex)
}

fn three_lines(page: &mut Page, judged: &QuestionVerdict, verdict: &Verdict) {
    let question = page.word(judged.question.word(), QUESTION_WIDTH, Tone::Strong);
    let answer = page.word(judged.answer.word(), ANSWER_WIDTH, Tone::of(judged.answer));
    let optional = if judged.required { "" } else { "  (not required here)" };
    let facts = match judged.question {
        Question::Signed => signed_facts(verdict),
        Question::Signer => signer_facts(verdict, judged),
        Question::Path => None,
    };
    let facts = facts.map(|facts| page.brief(&facts, FACTS));
    let words: Vec<String> = facts.into_iter().chain(deciding(page, judged)).collect();
    let summary = words.join("; ");
    page.line(format!("  {question} {answer} {summary}{optional}"));
}

/// Formats and digests, how many signatures hold, and since when the oldest proven one exists.
fn signed_facts(verdict: &Verdict) -> Option<String> {
    let of_artifact = verdict.dossier.signatures.iter().filter(|signature| !is_record(signature, verdict));
    let signatures: Vec<&Signature> = of_artifact.collect();
    let first = signatures.first()?;
    let format = first.format;
    let digest = first.digest_algorithm.map_or_else(String::new, |algorithm| format!(", {algorithm}"));
    let holding = signatures.iter().filter(|signature| signature.integrity() == Outcome::Pass).count();
    let proven = signatures.iter().filter_map(|s| Some((s.time.trusted?, s.time.source))).min_by_key(|(time, _)| *time);
    let time = proven.map_or_else(String::new, |(time, source)| format!("; {} {time}", source.word()));
    Some(format!("{format}{digest}, {holding} of {} hold{time}", signatures.len()))
}

/// Who signed, as far as a signature that holds says so, and what stands behind the name.
fn signer_facts(verdict: &Verdict, judged: &QuestionVerdict) -> Option<String> {
    let id = judged.requirements.iter().find_map(|required| required.evidence.first())?;
    let signature = verdict.dossier.signatures.iter().find(|signature| signature.id == *id)?;
    if signature.integrity() != Outcome::Pass {
        return None;
    }
    let name = signature.signer.display_name()?;
    Some(format!("\"{name}\" ({})", signature.assurance.word()))
}

/// The details of the requirements that decide the answer; nothing to add to a *yes* about signatures, whose
/// facts say it.
fn deciding(page: &Page, judged: &QuestionVerdict) -> Vec<String> {
    if judged.requirements.is_empty() {
        return vec!["the policy asks nothing here".to_owned()];
    }
    if judged.answer == Answer::Yes && judged.question != Question::Path {
        return Vec::new();
    }
    let counts = |required: &&Appraised| required.mode != Mode::Warned || !judged.required;
    let deciding = judged.requirements.iter().filter(counts).filter(|required| required.answer == judged.answer);
    let words = deciding.map(|required| {
        let detail = page.brief(&required.detail, DETAIL);
        match judged.answer {
            Answer::Yes => detail,
            _ if detail.is_empty() => format!("[{}]", required.reason),
            _ => format!("{detail} [{}]", required.reason),
        }
    });
    let mut words: Vec<String> = words.filter(|word| !word.is_empty()).collect();
    words.dedup();
    words
}

fn reasons(page: &mut Page, verdict: &Verdict) {
    let width = all_requirements(verdict).map(|(_, required)| required.id.len()).max().unwrap_or(0);
    if width == 0 {
        return;
    }
    page.line("  reasons");
    for (question, required) in all_requirements(verdict) {
        let name = page.word(&required.id, width, Tone::Quiet);
        let answer = page.word(required.answer.word(), ANSWER_WIDTH, Tone::of(required.answer));
        let evidence: Vec<String> = required.evidence.iter().map(ToString::to_string).collect();
        let evidence = if evidence.is_empty() { String::new() } else { format!("  ({})", evidence.join(", ")) };
        let colon = if required.detail.is_empty() { "" } else { ": " };
        let detail = page.clean(&required.detail);
        let question = page.word(question, QUESTION_WIDTH, Tone::Quiet);
        let rests = page.clean(&rests(required));
        page.line(format!("    {question} {name}  {answer} {}{colon}{detail}{evidence}{rests}", required.reason));
    }
}

/// Why the decision does not rest on a requirement, if it does not.
fn rests(required: &Appraised) -> String {
    match (&required.waived_by, required.mode, required.effective_on) {
        (Some(waiver), ..) => format!("  [waived by {waiver}]"),
        (None, Mode::Warned, Some(date)) => format!("  [only warned of until {date}]"),
        (None, Mode::Warned, None) => "  [only warned of]".to_owned(),
        (None, Mode::Required | Mode::Informative, _) => String::new(),
    }
}

/// The waivers that the decision rests on; in every report, also in a list of many.
fn waivers(page: &mut Page, verdict: &Verdict) {
    if verdict.applied_waivers().next().is_none() {
        return;
    }
    page.line("  waived");
    for waiver in verdict.applied_waivers() {
        let (id, requirement, expires) = (&waiver.id, &waiver.requirement, waiver.expires);
        let (owner, approvers) = (page.clean(&waiver.owner), page.clean(&waiver.approved_by.join(", ")));
        let why = page.clean(&waiver.reason);
        page.line(format!("    {requirement} by {id} until {expires}: {why}"));
        page.line(format!(
            "      {owner} answers for it, approved by {approvers}; for {}",
            page.clean(&waiver.artifact.to_string())
        ));
    }
}

/// Every requirement with the word for where the policy puts it.
fn all_requirements(verdict: &Verdict) -> impl Iterator<Item = (&'static str, &Appraised)> {
    let under = |judged: &QuestionVerdict| judged.question.word();
    let questions =
        verdict.questions.iter().flat_map(move |judged| judged.requirements.iter().map(move |r| (under(judged), r)));
    questions.chain(verdict.other.iter().map(|required| ("other", required)))
}

fn signatures(page: &mut Page, verdict: &Verdict) {
    if verdict.dossier.signatures.is_empty() {
        return;
    }
    page.line("  signatures");
    for signature in &verdict.dossier.signatures {
        one_signature(page, signature, verdict);
    }
}

/// Whether it is over a record of what is behind the artifact: of its run, its source or its release.
fn is_record(signature: &Signature, verdict: &Verdict) -> bool {
    let mut claims = verdict.dossier.claims.all().iter().filter(|claim| claim.evidence == signature.id);
    let about_another = signature.outcome(CheckId::Subject) == Some(Outcome::Fail(Reason::SubjectMismatch));
    about_another
        && signature.state_of_statement() == State::Valid
        && claims.any(|claim| !claim.fact.is_about_artifact())
}

fn one_signature(page: &mut Page, signature: &Signature, verdict: &Verdict) {
    let is_record = is_record(signature, verdict);
    let state = if is_record { signature.state_of_statement() } else { signature.state() };
    let state = page.word(state.word(), 0, Tone::of_state(state));
    let origin = page.clean(super::document::source(&signature.origin));
    let position = signature.position.as_deref().map_or_else(String::new, |place| format!(", {}", page.clean(place)));
    let reason = if is_record { "about what is behind the artifact" } else { signature.reason() };
    let (id, format) = (signature.id, signature.format);
    page.line(format!("    {id} {format}, {origin}{position}: {state} ({reason})"));
    if let Some(name) = signature.signer.display_name() {
        // A name in a signature that does not hold is a claim by whoever wrote the file.
        let holds = is_record || signature.integrity() == Outcome::Pass;
        let said = if holds { "signer" } else { "claims to be from" };
        page.line(format!("      {said} {}, {}", page.clean(name), signature.assurance.word()));
    }
    if let Some(issuer) = signature.signer.oidc_issuer.as_ref().or(signature.signer.issuer.as_ref()) {
        page.line(format!("      issuer {}", page.clean(issuer)));
    }
    page.line(format!("      time   {}", time_of(signature, verdict.at)));
    if signature.key_protection != KeyProtection::Unknown {
        page.line(format!("      key    {}", page.clean(&key_of(&signature.key_protection))));
    }
}

/// How the key is held, with who says so.
fn key_of(held: &KeyProtection) -> String {
    let by = held.by().map_or_else(String::new, |by| format!(" by {by}"));
    match held {
        KeyProtection::RequiredByRule { .. } => format!("{}, asserted{by}: {}", held.word(), held.detail()),
        _ => format!("{}{by}: {}", held.word(), held.detail()),
    }
}

fn findings(page: &mut Page, verdict: &Verdict, least: Severity) {
    let shown: Vec<&Finding> = verdict.findings.iter().filter(|finding| finding.id.severity() >= least).collect();
    if shown.is_empty() {
        return;
    }
    page.line("  findings");
    for finding in shown {
        let severity = finding.id.severity();
        let tone = if severity >= Severity::High { Tone::Bad } else { Tone::Open };
        let word = page.word(severity.word(), ANSWER_WIDTH.saturating_sub(8), tone);
        page.line(format!("    {word} {}: {}", finding.id.word(), page.clean(&finding.message)));
    }
}

fn not_examined(page: &mut Page, verdict: &Verdict) {
    let open = verdict.not_examined.iter().filter(|gap| gap.covered_by.is_none());
    let open: Vec<&str> = open.map(|gap| gap.what).collect();
    if !open.is_empty() {
        page.line(format!("  not examined: {}", open.join(", ")));
    }
    let dated = |time| with_age(time, verdict.at);
    let anchors = verdict.dossier.material.anchors.map_or_else(|| "not dated".to_owned(), dated);
    let revocation = verdict.dossier.material.revocation.map_or_else(|| "none at hand".to_owned(), dated);
    page.line(format!("  material: trust anchors {anchors}; revocation lists {revocation}"));
    for list in &verdict.dossier.material.distrust {
        let signed =
            list.signed_by.map_or_else(String::new, |key| format!(", signed by key {}", page.short(&key.hex())));
        let (name, source) = (page.clean(&list.name), page.clean(&list.source));
        let (when, count) = (dated(list.dated), list.entries);
        page.line(format!("  distrust list `{name}`: {when}, entries: {count}, from {source}{signed}"));
    }
}

fn changes(page: &mut Page, verdict: &Verdict) {
    let open = all_requirements(verdict).filter(|(_, required)| required.answer != Answer::Yes);
    let open = open.filter(|(_, required)| required.mode != Mode::Warned);
    let mut shown: Vec<String> = Vec::new();
    for (question, required) in open.filter(|(_, required)| !required.fix.is_empty()) {
        let line = format!("    {} {}", page.word(question, QUESTION_WIDTH, Tone::Quiet), page.clean(&required.fix));
        if !shown.contains(&line) {
            shown.push(line);
        }
    }
    if !shown.is_empty() {
        page.line("  what would change the answer");
        shown.iter().for_each(|line| page.line(line));
    }
}

fn decision(page: &mut Page, verdict: &Verdict) {
    let (word, tone) = match verdict.decision {
        Decision::Admit => ("admitted", Tone::Good),
        Decision::Refuse => ("refused", Tone::Bad),
        Decision::RefuseForLackOfEvidence => ("refused for lack of evidence", Tone::Open),
    };
    let word = page.word(word, 0, tone);
    let why = deciding_question(verdict).map_or_else(String::new, |question| why(page, verdict, question));
    let waivers = verdict.applied_waivers().count() as u64;
    let under = if waivers == 0 { String::new() } else { format!(" under {}", counted(waivers, "waiver")) };
    page.line(format!("{word}{under} (exit {}){why}", verdict.decision.exit_code()));
}

/// The question to ask about first: the worst of those required.
fn deciding_question(verdict: &Verdict) -> Option<Question> {
    let in_the_way = |judged: &&QuestionVerdict| judged.requirements.iter().any(Appraised::stands_in_the_way);
    let open = verdict.questions.iter().filter(in_the_way);
    open.min_by_key(|judged| judged.answer).map(|judged| judged.question)
}

fn why(page: &Page, verdict: &Verdict, question: Question) -> String {
    let artifact = &verdict.dossier.artifact;
    let named = if artifact.path.is_empty() {
        format!("--digest {}", artifact.name)
    } else {
        shell_quoted(&page.clean(&artifact.path))
    };
    format!("   why: countersign explain {named} --question {}", question.word())
}

/// A word as a shell takes it (POSIX, single quotes).
fn shell_quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "._-/+:=@,".contains(c);
    let option = if word.starts_with('-') { "-- " } else { "" };
    if !word.is_empty() && word.chars().all(plain) {
        format!("{option}{word}")
    } else {
        format!("{option}'{}'", word.replace('\'', "'\\''"))
    }
}

fn end(form: &Form, tally: &Tally) -> String {
    if !form.many {
        return String::new();
    }
    let mut page = Page::new(form);
    if tally.judged() > 0 {
        page.line("");
    }
    let mut parts = vec![format!("{} admitted", tally.admitted)];
    parts.push(format!("{} refused", tally.refused));
    parts.push(format!("{} refused for lack of evidence", tally.lacking));
    if !tally.failures.is_empty() {
        parts.push(format!("{} could not be judged", tally.failures.len()));
    }
    page.line(format!("{}: {} (exit {})", counted(tally.judged(), "artifact"), parts.join(", "), tally.exit_code()));
    page.finish()
}

//! How the differences of two policies are written.

use countersign::policy::{Difference, Policy};
use countersign::record::diff::Because;
use countersign::reports::{for_terminal, to_json};
use serde::Serialize;

use super::{Key, Recorded};

/// The differences for people.
pub(super) fn text(said: &[Difference], recorded: Option<&Recorded>, most: usize) -> String {
    let mut text = String::new();
    if said.is_empty() {
        text.push_str("both policies say the same\n");
    }
    for Difference { place, before, after } in said {
        let line = match (before, after) {
            (None, Some(after)) => format!("+ {place} = {after}"),
            (Some(before), None) => format!("- {place} = {before}"),
            (before, after) => {
                format!("~ {place} = {} (was {})", after.as_deref().unwrap_or(""), before.as_deref().unwrap_or(""))
            }
        };
        text.push_str(&format!("{}\n", for_terminal(&line, false)));
    }
    if let Some(recorded) = recorded {
        text.push_str(&recorded_text(recorded, most));
    }
    text
}

fn recorded_text(recorded: &Recorded, most: usize) -> String {
    let mut text = format!("\n{} recorded verdicts\n", recorded.verdicts);
    for ((before, after), count) in &recorded.decisions {
        let (before, after) = (in_words(before), in_words(after));
        let line = if before == after { format!("stay {before}") } else { format!("{before} -> {after}") };
        text.push_str(&format!("  {count:>8} {line}\n"));
    }
    for (count, what) in [
        (recorded.answers, "of those that stay have another answer to a question"),
        (recorded.elsewhere, "are of an environment that one of the policies does not have"),
        (recorded.failed, "could not be weighed again"),
    ] {
        if count > 0 {
            text.push_str(&format!("  {count:>8} {what}\n"));
        }
    }
    if !recorded.artifacts.is_empty() {
        text.push_str("\nchanged\n");
    }
    for (key, count) in recorded.artifacts.iter().take(most) {
        let Key { name, digest, because, .. } = key;
        let (before, after) = (in_words(key.before), in_words(key.after));
        let because: Vec<String> =
            because.iter().map(|it| format!("{} {} ({})", it.requirement, it.answer.word(), it.reason)).collect();
        let times = if *count == 1 { String::new() } else { format!(", {count} verdicts") };
        let name = for_terminal(name, false);
        text.push_str(&format!("  {name} {digest}{times}: {before} -> {after}\n    {}\n", because.join(", ")));
    }
    let left = recorded.artifacts.len().saturating_sub(most);
    if left > 0 {
        text.push_str(&format!("  and {left} more (--most)\n"));
    }
    text
}

fn in_words(decision: &str) -> &'static str {
    match decision {
        "admit" => "admitted",
        "refuse" => "refused",
        _ => "refused for lack of evidence",
    }
}

/// The differences as one JSON document.
pub(super) fn json((old, new): (&Policy, &Policy), said: &[Difference], recorded: Option<&Recorded>) -> String {
    to_json(&Document::of(old, new, said, recorded), true) + "\n"
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    old: PolicyNamed<'a>,
    new: PolicyNamed<'a>,
    differences: Vec<DifferenceDocument<'a>>,
    recorded: Option<RecordedDocument<'a>>,
}

#[derive(Serialize)]
struct PolicyNamed<'a> {
    name: &'a str,
    sha256: String,
}

#[derive(Serialize)]
struct DifferenceDocument<'a> {
    place: &'a str,
    before: Option<&'a str>,
    after: Option<&'a str>,
}

#[derive(Serialize)]
struct RecordedDocument<'a> {
    verdicts: u64,
    answers: u64,
    elsewhere: u64,
    failed: u64,
    decisions: Vec<DecisionDocument>,
    changed: Vec<ChangedDocument<'a>>,
}

#[derive(Serialize)]
struct DecisionDocument {
    before: &'static str,
    after: &'static str,
    verdicts: u64,
}

#[derive(Serialize)]
struct ChangedDocument<'a> {
    name: &'a str,
    digest: &'a str,
    before: &'static str,
    after: &'static str,
    verdicts: u64,
    because: Vec<BecauseDocument<'a>>,
}

#[derive(Serialize)]
struct BecauseDocument<'a> {
    requirement: &'a str,
    answer: &'static str,
    reason: &'static str,
}

impl<'a> Document<'a> {
    fn of(old: &'a Policy, new: &'a Policy, said: &'a [Difference], recorded: Option<&'a Recorded>) -> Self {
        let named = |policy: &'a Policy| PolicyNamed { name: policy.name(), sha256: policy.sha256().hex() };
        let difference = |it: &'a Difference| DifferenceDocument {
            place: &it.place,
            before: it.before.as_deref(),
            after: it.after.as_deref(),
        };
        Self {
            schema: "countersign/policy-diff/v1",
            old: named(old),
            new: named(new),
            differences: said.iter().map(difference).collect(),
            recorded: recorded.map(RecordedDocument::of),
        }
    }
}

impl<'a> RecordedDocument<'a> {
    fn of(recorded: &'a Recorded) -> Self {
        let decisions = recorded.decisions.iter();
        let decision = |((before, after), verdicts): (&(&'static str, &'static str), &u64)| DecisionDocument {
            before,
            after,
            verdicts: *verdicts,
        };
        Self {
            verdicts: recorded.verdicts,
            answers: recorded.answers,
            elsewhere: recorded.elsewhere,
            failed: recorded.failed,
            decisions: decisions.map(decision).collect(),
            changed: recorded.artifacts.iter().map(ChangedDocument::of).collect(),
        }
    }
}

impl<'a> ChangedDocument<'a> {
    fn of((key, verdicts): (&'a Key, &u64)) -> Self {
        let because = key.because.iter();
        let one = |it: &'a Because| BecauseDocument {
            requirement: &it.requirement,
            answer: it.answer.word(),
            reason: it.reason,
        };
        Self {
            name: &key.name,
            digest: &key.digest,
            before: key.before,
            after: key.after,
            verdicts: *verdicts,
            because: because.map(one).collect(),
        }
    }
}

//! What is wrong with a policy: every problem of one run, each with its place and a suggestion.

use std::fmt;
use std::ops::Range;

/// A policy that cannot be used. The run fails; this says nothing about any artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyErrors {
    /// Where the policy comes from: a path.
    pub source: String,
    /// Every problem, in the order of the text; at least one.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong with a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, in bytes of the text.
    pub span: Range<usize>,
    /// Line of the beginning, from 1.
    pub line: usize,
    /// Column of the beginning, in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
}

impl fmt::Display for PolicyErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, problem) in self.problems.iter().enumerate() {
            if position > 0 {
                writeln!(f)?;
            }
            write!(f, "{}:{}:{}: {}", self.source, problem.line, problem.column, problem.message)?;
            if let Some(help) = &problem.help {
                write!(f, " ({help})")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for PolicyErrors {}

/// Known words that an error lists: nobody reads more, and looks them up.
const MOST_LISTED: usize = 16;

/// Collects problems while a policy is read.
pub(super) struct Problems<'a> {
    text: &'a str,
    found: Vec<Problem>,
}

impl<'a> Problems<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, found: Vec::new() }
    }

    /// The text of a part of the policy, as it is written.
    pub(super) fn written(&self, span: Range<usize>) -> &'a str {
        self.text.get(span).unwrap_or_default()
    }

    /// Records a problem.
    pub(super) fn add(&mut self, span: Range<usize>, message: impl Into<String>, help: Option<String>) {
        let (line, column) = place(self.text, span.start);
        self.found.push(Problem { span, line, column, message: message.into(), help });
    }

    /// Records a word that is not among the known ones, with the nearest of them.
    pub(super) fn unknown<'w>(
        &mut self,
        span: Range<usize>,
        what: &str,
        word: &str,
        known: impl IntoIterator<Item = &'w str>,
    ) {
        let known: Vec<_> = known.into_iter().collect();
        self.add(
            span,
            format!("unknown {what} `{}`", printable(word)),
            Some(suggestion(word, &known, "docs/policy.md")),
        );
    }

    /// Records a word behind a key that is not among its known ones, with the nearest of them.
    pub(super) fn unknown_value<'w>(
        &mut self,
        span: Range<usize>,
        key: &str,
        word: &str,
        known: impl IntoIterator<Item = &'w str>,
    ) {
        self.unknown(span, &format!("value of `{key}`:"), word, known);
    }

    /// Whether nothing is wrong so far.
    pub(super) const fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The problems, or `Ok` if there are none.
    pub(super) fn finish(mut self, source: &str) -> Result<(), PolicyErrors> {
        if self.found.is_empty() {
            return Ok(());
        }
        self.found.sort_by_key(|problem| problem.span.start);
        Err(PolicyErrors { source: source.to_owned(), problems: self.found })
    }
}

/// Line and column, from 1, of a byte of the text.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count().saturating_add(1);
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count().saturating_add(1);
    (line, column)
}

/// What would be right in place of a word that is not among the known ones, which this page lists.
pub(crate) fn suggestion(word: &str, known: &[&str], page: &str) -> String {
    match nearest(word, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "there is none yet".to_owned(),
        None if known.len() > MOST_LISTED => format!("{page} lists what is known"),
        None => format!("known: {}", known.join(", ")),
    }
}

/// The known word that is likely meant: at most a third of its letters differ.
pub(super) fn nearest<'w>(word: &str, known: &[&'w str]) -> Option<&'w str> {
    let plain = |word: &str| word.to_ascii_lowercase().replace('_', "-");
    let word = plain(word);
    let distances = known.iter().map(|known| (strsim::osa_distance(&word, &plain(known)), *known));
    let (distance, near) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance.saturating_mul(3) <= near.chars().count().max(3)).then_some(near)
}

/// The word, short and without control characters: it goes to a terminal.
pub(crate) fn printable(word: &str) -> String {
    /// Longer words are no words of ours.
    const SHOWN: usize = 60;
    let plain = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    let shown: String = word.chars().take(SHOWN).map(plain).collect();
    if word.chars().count() > SHOWN { format!("{shown}…") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_characters_from_one() {
        assert_eq!(place("ab\nüx", 0), (1, 1));
        assert_eq!(place("ab\nüx", 3), (2, 1));
        assert_eq!(place("ab\nüx", 5), (2, 2));
        assert_eq!(place("ab", 99), (1, 3));
    }

    #[test]
    fn suggests_only_what_is_near() {
        let known = ["intact", "coverage", "not-revoked"];
        assert_eq!(nearest("intect", &known), Some("intact"));
        assert_eq!(nearest("not_revoked", &known), Some("not-revoked"));
        assert_eq!(nearest("Coverage", &known), Some("coverage"));
        assert_eq!(nearest("owner", &known), None);
        assert_eq!(nearest("x", &[]), None);
    }
}

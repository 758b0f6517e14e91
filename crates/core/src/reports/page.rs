//! Lines of text for a terminal: escaping, colour, ages, the same in every text report.

use std::fmt::Write as _;

use super::Form;
use super::escape::for_terminal;
use crate::evidence::{Outcome, Signature, State};
use crate::time::Time;
use crate::verdict::Answer;

/// A text being written. Everything that comes from an artifact passes through [`Page::clean`].
pub(super) struct Page {
    colour: bool,
    ascii: bool,
    text: String,
}

/// The meaning of a colour. Colour only repeats what the word beside it says.
#[derive(Clone, Copy)]
pub(super) enum Tone {
    Good,
    Bad,
    Open,
    Strong,
    Quiet,
}

impl Tone {
    /// The SGR sequence (ECMA-48 §8.3.117).
    const fn sequence(self) -> &'static str {
        match self {
            Self::Good => "\u{1b}[32m",
            Self::Bad => "\u{1b}[31m",
            Self::Open => "\u{1b}[33m",
            Self::Strong => "\u{1b}[1m",
            Self::Quiet => "\u{1b}[2m",
        }
    }

    /// The tone of an answer.
    pub(super) const fn of(answer: Answer) -> Self {
        match answer {
            Answer::No => Self::Bad,
            Answer::NotEstablished => Self::Open,
            Answer::Yes => Self::Good,
        }
    }

    /// The tone of a check's outcome.
    pub(super) const fn of_outcome(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Pass => Self::Good,
            Outcome::Fail(_) => Self::Bad,
            Outcome::Undecided(_) => Self::Open,
        }
    }

    /// The tone of a signature's state.
    pub(super) const fn of_state(state: State) -> Self {
        match state {
            State::Valid => Self::Good,
            State::Unknown | State::Untrusted | State::Expired => Self::Open,
            _ => Self::Bad,
        }
    }
}

impl Page {
    pub(super) const fn new(form: &Form) -> Self {
        Self { colour: form.colour, ascii: form.ascii, text: String::new() }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    /// A line of parts that are clean already.
    pub(super) fn line(&mut self, line: impl AsRef<str>) {
        self.text.push_str(line.as_ref().trim_end());
        self.text.push('\n');
    }

    /// Foreign text, made harmless.
    pub(super) fn clean(&self, text: &str) -> String {
        for_terminal(text, self.ascii).into_owned()
    }

    /// Our own word in a colour, padded to `width` columns.
    pub(super) fn word(&self, word: &str, width: usize, tone: Tone) -> String {
        let padding = " ".repeat(width.saturating_sub(word.len()));
        if self.colour { format!("{}{word}\u{1b}[0m{padding}", tone.sequence()) } else { format!("{word}{padding}") }
    }

    /// `…`, or what stands for it.
    pub(super) const fn ellipsis(&self) -> &'static str {
        if self.ascii { "..." } else { "…" }
    }

    /// Foreign text of at most `most` characters.
    pub(super) fn brief(&self, text: &str, most: usize) -> String {
        let mut brief: String = text.chars().take(most).collect();
        if brief.len() < text.len() {
            brief = self.clean(&brief);
            brief.push_str(self.ellipsis());
            return brief;
        }
        self.clean(&brief)
    }

    /// A digest's beginning and end.
    pub(super) fn short(&self, hex: &str) -> String {
        match (hex.get(..8), hex.get(hex.len().saturating_sub(4)..)) {
            (Some(first), Some(last)) if hex.len() > 16 => format!("{first}{}{last}", self.ellipsis()),
            _ => hex.to_owned(),
        }
    }
}

/// An instant with its distance from the instant of appraisal, in days.
pub(super) fn with_age(time: Time, at: Time) -> String {
    let days = at.unix().saturating_sub(time.unix()).div_euclid(Time::DAY);
    if days < 0 { format!("{time} (after the instant of appraisal)") } else { format!("{time} ({days} d ago)") }
}

/// When a signature was made, in words: what is proven, else what is only claimed.
pub(super) fn time_of(signature: &Signature, at: Time) -> String {
    match (signature.time.trusted, signature.time.claimed) {
        (Some(trusted), _) => format!("{} {}", signature.time.source.word(), with_age(trusted, at)),
        (None, Some(claimed)) => format!("no trusted time; claimed {}", with_age(claimed, at)),
        (None, None) => "no trusted time".to_owned(),
    }
}

/// `one thing`, `2 things`.
pub(super) fn counted(count: u64, noun: &str) -> String {
    let mut text = String::new();
    let plural = if count == 1 { "" } else { "s" };
    let _ = write!(text, "{count} {noun}{plural}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_count_whole_days_and_admit_the_future() {
        let at = Time::from_unix(10 * Time::DAY);
        assert_eq!(with_age(Time::from_unix(Time::DAY - 1), at), "1970-01-01T23:59:59Z (9 d ago)");
        assert!(with_age(Time::from_unix(11 * Time::DAY), at).ends_with("(after the instant of appraisal)"));
    }

    #[test]
    fn colour_repeats_a_word_and_never_replaces_it() {
        let form = |colour| Form { colour, ..Form::default() };
        assert_eq!(Page::new(&form(false)).word("yes", 5, Tone::Good), "yes  ");
        assert_eq!(Page::new(&form(true)).word("yes", 5, Tone::Good), "\u{1b}[32myes\u{1b}[0m  ");
    }
}

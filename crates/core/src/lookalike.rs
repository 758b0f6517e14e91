//! Names that look like another's: publishers that pass for somebody else, and names that hide characters.
//!
//! Names are compared in three ways, each a rule of its own: the same after normalisation (case, punctuation,
//! spacing, width, legal form), the same to the eye (UTS #39 skeleton), the same without invisible characters.
//! All of it is weak evidence. Two honest companies may be called *Computer Ltd* and *OOO Computer*.

mod characters;
mod cluster;
mod legal_forms;

use unicode_normalization::UnicodeNormalization as _;
use unicode_security::confusable_detection::skeleton;

pub use characters::{Oddity, oddities};
pub use cluster::{Clusters, Member, cluster};

/// Characters of a name that are looked at, without the invisible; certificate names have at most a few hundred
/// (X.520 upper bounds).
const MAX_NAME: usize = 1_024;

/// How two different names resemble each other: the first rule that makes them the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resemblance {
    /// They differ in invisible characters alone.
    Invisible,
    /// They differ in case, width, spacing or punctuation alone.
    Spelling,
    /// They differ in the legal form alone.
    LegalForm,
    /// They look the same to the eye (UTS #39).
    Confusable,
}

impl Resemblance {
    /// Every rule, the one that says most first.
    pub const ALL: [Self; 4] = [Self::Invisible, Self::Spelling, Self::LegalForm, Self::Confusable];

    /// Whether the names are the same but for what this rule is about.
    #[must_use]
    pub fn equates(self, a: &str, b: &str) -> bool {
        match self {
            Self::Invisible => visible(a) == visible(b),
            Self::Spelling => squeeze(&plain(a)) == squeeze(&plain(b)),
            Self::LegalForm => normalise(a) == normalise(b),
            Self::Confusable => Letters::ALL.into_iter().any(|letters| {
                let seen = eye(a, letters);
                // Of some letters the eye sees punctuation alone.
                !seen.is_empty() && seen == eye(b, letters)
            }),
        }
    }

    /// What makes the names the same, in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Invisible => "the same without invisible characters",
            Self::Spelling => "the same without case, spacing and punctuation",
            Self::LegalForm => "the same without the legal form",
            Self::Confusable => "the same to the eye (UTS #39)",
        }
    }
}

/// How two names resemble each other; `None` if they are the same, or nothing makes them alike.
#[must_use]
pub fn compare(a: &str, b: &str) -> Option<Resemblance> {
    if a == b || normalise(a).is_empty() || normalise(b).is_empty() {
        return None;
    }
    Resemblance::ALL.into_iter().find(|rule| rule.equates(a, b))
}

/// The form of a name in which spelling and legal form make no difference.
#[must_use]
pub fn normalise(name: &str) -> String {
    squeeze(&legal_forms::without(&plain(name)))
}

/// The letters in which two names are looked at. What looks alike differs: a capital i is a small L as it is
/// written, Cyrillic and Latin M are one as capitals alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Letters {
    /// Small letters.
    Small,
    /// As the name writes them.
    AsWritten,
    /// Capitals.
    Capital,
}

impl Letters {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Small, Self::AsWritten, Self::Capital];

    fn of(self, text: &str) -> String {
        match self {
            Self::Small => text.to_lowercase(),
            Self::AsWritten => text.to_owned(),
            Self::Capital => text.to_uppercase(),
        }
    }

    /// Shapes without their case. A capital L keeps its own, because a small one is also what a capital i looks like.
    fn fold(self, shapes: &str) -> String {
        match self {
            Self::Small => shapes.to_lowercase(),
            Self::AsWritten | Self::Capital => shapes.split('L').map(str::to_lowercase).collect::<Vec<_>>().join("L"),
        }
    }
}

/// The form of a name, looked at in these letters, in which nothing makes a difference that the eye does not see.
#[must_use]
pub fn eye(name: &str, letters: Letters) -> String {
    let shown: String = visible(name).nfkc().collect();
    squeeze(&legal_forms::without_to_the_eye(&seen(&letters.of(&shown), letters)))
}

/// Words as the eye sees them. The skeleton of a capital may be a letter that has a skeleton of its own once it is
/// small, so that it is taken twice.
fn seen(text: &str, letters: Letters) -> String {
    let once = |text: &str| words(&letters.fold(&skeleton(text).nfkc().collect::<String>()));
    once(&once(text))
}

/// As much of a name as is looked at, without what is invisible.
fn visible(name: &str) -> String {
    characters::without_invisible(name).take(MAX_NAME).collect()
}

/// Words in lower case, compatibility forms and invisible characters resolved, punctuation made spaces.
fn plain(name: &str) -> String {
    let shown = visible(name);
    let folded: String = if shown.is_ascii() {
        shown.to_ascii_lowercase()
    } else {
        shown.nfkc().flat_map(char::to_lowercase).nfkc().collect()
    };
    words(&folded)
}

/// The words of a text: punctuation made spaces, and each space one.
fn words(folded: &str) -> String {
    let mut text = String::with_capacity(folded.len());
    for character in folded.chars() {
        text.push(if character.is_alphanumeric() || is_mark(character) { character } else { ' ' });
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Combining marks belong to their letter.
fn is_mark(character: char) -> bool {
    unicode_normalization::char::is_combining_mark(character)
}

fn squeeze(words: &str) -> String {
    words.split_whitespace().collect()
}

#[cfg(test)]
mod tests;

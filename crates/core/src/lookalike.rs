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

/// Characters of a name that are looked at; certificate names have at most a few hundred (X.520 upper bounds).
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

    /// The form of a name in which what this rule is about makes no difference.
    #[must_use]
    pub fn form(self, name: &str) -> String {
        match self {
            Self::Invisible => characters::without_invisible(name),
            Self::Spelling => squeeze(&plain(name)),
            Self::LegalForm => normalise(name),
            Self::Confusable => eye(name),
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
    Resemblance::ALL.into_iter().find(|rule| rule.form(a) == rule.form(b))
}

/// The form of a name in which spelling and legal form make no difference.
#[must_use]
pub fn normalise(name: &str) -> String {
    squeeze(&legal_forms::without(&plain(name)))
}

/// The form of a name in which nothing makes a difference that the eye does not see.
#[must_use]
pub fn eye(name: &str) -> String {
    let folded = plain(name);
    // The skeleton maps letters to what they look like, which may again be upper case.
    let seen: String = skeleton(&legal_forms::without(&folded)).collect();
    squeeze(&plain(&seen))
}

/// Words in lower case, compatibility forms and invisible characters resolved, punctuation made spaces.
fn plain(name: &str) -> String {
    let name = name.get(..floor(name)).unwrap_or(name);
    let folded: String = if name.is_ascii() {
        name.to_ascii_lowercase()
    } else {
        characters::without_invisible(name).nfkc().flat_map(char::to_lowercase).nfkc().collect()
    };
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

/// The end of what is looked at, at a character's boundary.
fn floor(name: &str) -> usize {
    name.char_indices().nth(MAX_NAME).map_or(name.len(), |(end, _)| end)
}

fn squeeze(words: &str) -> String {
    words.split_whitespace().collect()
}

#[cfg(test)]
mod tests;

//! Texts of an event: short, visible and without surprises.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Most bytes of one text. Workflow URIs and tickets stay below 300, certificate names below 600.
pub const MAX_TEXT: usize = 1_024;

/// Most bytes of the name of an identity. A UUID takes 36, a DNS label 63.
pub const MAX_ID: usize = 64;

/// A text that people or machines wrote about an identity: not empty, without surrounding white space,
/// without control characters, and without characters that cannot be seen.
///
/// What cannot be seen could make two owners or publishers look like one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text(String);

/// Why a text cannot stand in an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadText {
    /// It is empty.
    Empty,
    /// It has more than [`MAX_TEXT`] bytes, or [`MAX_ID`] in the name of an identity.
    TooLong,
    /// It begins or ends with white space.
    Untrimmed,
    /// It has a control character or one that cannot be seen.
    Invisible(char),
    /// It is no name of an identity: `a`–`z`, `0`–`9`, `-`, `_`, `.`, and first a letter or digit.
    NotAnId,
}

impl fmt::Display for BadText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the text is empty"),
            Self::TooLong => write!(f, "the text is longer than {MAX_TEXT} bytes (the name of an identity: {MAX_ID})"),
            Self::Untrimmed => f.write_str("the text begins or ends with white space"),
            Self::Invisible(character) => {
                write!(f, "the text has a character that cannot be seen: U+{:04X}", u32::from(*character))
            }
            Self::NotAnId => f.write_str(
                "the name of an identity is made of a-z, 0-9, `-`, `_`, `.`, and begins with a letter or digit",
            ),
        }
    }
}

impl std::error::Error for BadText {}

impl Text {
    /// Takes a text.
    ///
    /// # Errors
    /// If it could not be read back as it was meant.
    pub fn new(text: impl Into<String>) -> Result<Self, BadText> {
        let text = text.into();
        if text.is_empty() {
            return Err(BadText::Empty);
        }
        if text.len() > MAX_TEXT {
            return Err(BadText::TooLong);
        }
        if let Some(character) = text.chars().find(|character| is_invisible(*character)) {
            return Err(BadText::Invisible(character));
        }
        if text.trim() != text {
            return Err(BadText::Untrimmed);
        }
        Ok(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both name the same person or account. Letter case does not make another person: else
    /// `Alice` could approve what `alice` claimed.
    #[must_use]
    pub fn is_same_person(&self, other: &Self) -> bool {
        self.0.to_lowercase() == other.0.to_lowercase()
    }
}

/// Control characters, and those that take no room on the screen or turn its direction (Unicode category Cf
/// as far as names of people and organisations could carry them, the soft hyphen and the fillers).
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Text {
    type Error = BadText;

    fn try_from(text: String) -> Result<Self, BadText> {
        Self::new(text)
    }
}

impl FromStr for Text {
    type Err = BadText;

    fn from_str(text: &str) -> Result<Self, BadText> {
        Self::new(text)
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0
    }
}

/// The name of an identity: a readable slug or a UUID, given by whoever first records it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IdentityId(String);

impl IdentityId {
    /// Takes a name.
    ///
    /// # Errors
    /// If it is longer than [`MAX_ID`] bytes or has other characters than `a`–`z`, `0`–`9`, `-`, `_`, `.`.
    pub fn new(name: impl Into<String>) -> Result<Self, BadText> {
        let name = name.into();
        if name.len() > MAX_ID {
            return Err(BadText::TooLong);
        }
        let is_alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let begins_well = name.bytes().next().is_some_and(is_alphanumeric);
        if begins_well && name.bytes().all(|byte| is_alphanumeric(byte) || matches!(byte, b'-' | b'_' | b'.')) {
            Ok(Self(name))
        } else {
            Err(BadText::NotAnId)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdentityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for IdentityId {
    type Error = BadText;

    fn try_from(name: String) -> Result<Self, BadText> {
        Self::new(name)
    }
}

impl FromStr for IdentityId {
    type Err = BadText;

    fn from_str(name: &str) -> Result<Self, BadText> {
        Self::new(name)
    }
}

impl From<IdentityId> for String {
    fn from(id: IdentityId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_what_it_looks_like() {
        assert!(Text::new("Acme GmbH & Co. KG").is_ok());
        assert!(Text::new("Ω Software").is_ok());
        for (bad, why) in [
            ("", BadText::Empty),
            (" a", BadText::Untrimmed),
            ("a\u{a0}", BadText::Untrimmed),
            ("a\nb", BadText::Invisible('\n')),
            ("Ac\u{ad}me", BadText::Invisible('\u{ad}')),
            ("a\u{202e}b", BadText::Invisible('\u{202e}')),
        ] {
            assert_eq!(Text::new(bad), Err(why), "{bad:?}");
        }
        assert!(Text::new("a".repeat(MAX_TEXT)).is_ok());
        assert_eq!(Text::new("a".repeat(MAX_TEXT + 1)), Err(BadText::TooLong));
    }

    #[test]
    fn a_name_of_an_identity_is_a_slug_or_a_uuid() {
        for good in ["acme-release", "0197f3a2-6f1c-7000-8000-000000000000", "a", "x_1.y"] {
            assert!(IdentityId::new(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "A", "a b", "ä", "a/b"] {
            assert_eq!(IdentityId::new(bad), Err(BadText::NotAnId), "{bad}");
        }
        assert_eq!(IdentityId::new("a".repeat(MAX_ID + 1)), Err(BadText::TooLong));
    }

    #[test]
    fn letter_case_makes_no_other_person() {
        let text = |text: &str| Text::new(text).unwrap();
        assert!(text("Alice@acme.example").is_same_person(&text("alice@acme.example")));
        assert!(!text("alice").is_same_person(&text("alice2")));
    }
}

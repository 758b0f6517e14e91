//! Characters that hide: invisible ones, and letters of several scripts in one word.

use unicode_security::mixed_script::AugmentedScriptSet;

/// Something in a name that a reader does not see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// A character that shows nothing, or a space that is not a space.
    Invisible(char),
    /// A word with letters of scripts that are not written together, each letter that departs.
    MixedScript {
        /// The word.
        word: String,
        /// Its letters outside of ASCII.
        letters: Vec<char>,
    },
}

impl Oddity {
    /// In words, with code points.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Invisible(character) => format!("invisible {}", code_point(*character)),
            Self::MixedScript { word, letters } => {
                let letters: Vec<String> = letters.iter().map(|c| format!("`{c}` {}", code_point(*c))).collect();
                format!("several scripts in `{word}`: {}", letters.join(", "))
            }
        }
    }
}

fn code_point(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

/// Oddities told of one name.
const MAX_ODDITIES: usize = 16;

/// What a reader of this name does not see, each thing once.
#[must_use]
pub fn oddities(name: &str) -> Vec<Oddity> {
    let invisible = name.chars().filter(|c| is_invisible(*c)).map(Oddity::Invisible);
    let mixed = name.split(|c: char| c.is_whitespace() || is_invisible(c)).filter_map(mixed_script);
    let mut found: Vec<Oddity> = Vec::new();
    for oddity in invisible.chain(mixed) {
        if found.len() < MAX_ODDITIES && !found.contains(&oddity) {
            found.push(oddity);
        }
    }
    found
}

/// A word whose letters are of no one writing system (UTS #39 §5.1; Japanese and Korean mix scripts by right).
fn mixed_script(word: &str) -> Option<Oddity> {
    let parts = word.split(|c: char| !c.is_alphanumeric());
    let odd = parts.into_iter().find(|part| AugmentedScriptSet::for_str(part).is_empty())?;
    let letters: Vec<char> = odd.chars().filter(|c| !c.is_ascii()).collect();
    Some(Oddity::MixedScript { word: odd.to_owned(), letters })
}

/// Format characters (general category Cf), spaces other than the usual one, and fillers.
pub(super) const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{a0}'
            | '\u{ad}'
            | '\u{34f}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{1680}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{2000}'..='\u{200f}'
            | '\u{2028}'..='\u{202f}'
            | '\u{205f}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{110bd}'
            | '\u{110cd}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The name as it looks: what shows as a space is one, and the rest of the invisible is gone.
pub(super) fn without_invisible(name: &str) -> impl Iterator<Item = char> + '_ {
    let shown = |c: char| match c {
        c if !is_invisible(c) => Some(c),
        c if c.is_whitespace() => Some(' '),
        _ => None,
    };
    name.chars().filter_map(shown)
}

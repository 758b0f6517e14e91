//! Names come from attackers: nothing in them may move the cursor, reorder the line or hide.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;

use serde::Serialize;

/// Whether a character can deceive a reader of a terminal: control characters (C0, C1, DEL), characters that
/// reorder text (Unicode TR 36 §2.8, TR 9), that show nothing, that break lines, or that have no agreed form.
const fn deceives(character: char) -> bool {
    matches!(character,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}'            // C0, DEL, C1: terminal sequences
        | '\u{ad}' | '\u{34f}' | '\u{61c}'                  // soft hyphen, grapheme joiner, Arabic letter mark
        | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' // fillers and vowels without a form
        | '\u{180b}'..='\u{180f}'                           // Mongolian selectors
        | '\u{200b}'..='\u{200f}'                           // zero width, left-to-right and right-to-left marks
        | '\u{2028}'..='\u{202e}'                           // line and paragraph separators, embeddings, overrides
        | '\u{2060}'..='\u{206f}'                           // word joiner, isolates, deprecated formats
        | '\u{3164}' | '\u{ffa0}'                           // Hangul fillers
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'              // variation selectors, byte order mark
        | '\u{fff0}'..='\u{fffb}'                           // specials
        | '\u{1d173}'..='\u{1d17a}'                         // musical formats
        | '\u{e000}'..='\u{f8ff}'                           // private use
        | '\u{e0000}'..='\u{10ffff}'                        // tags, selectors, private use
    )
}

/// Text as it may stand in a line on a terminal: what deceives is written as `\u{…}`; with `ascii`, everything
/// beyond ASCII is.
#[must_use]
pub fn for_terminal(text: &str, ascii: bool) -> Cow<'_, str> {
    let plain = |character: char| !deceives(character) && (!ascii || character.is_ascii());
    if text.chars().all(plain) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if plain(character) {
            escaped.push(character);
        } else {
            let _ = write!(escaped, "\\u{{{:x}}}", u32::from(character));
        }
    }
    Cow::Owned(escaped)
}

/// Text as part of a URI (RFC 3986 §2): everything but unreserved characters and those kept is percent-encoded.
pub(super) fn percent_encoded(text: &str, keep: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        let character = char::from(byte);
        if character.is_ascii_alphanumeric() || "-._~".contains(character) || keep.contains(character) {
            encoded.push(character);
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// A value as JSON on one line, or indented. Characters that deceive are written as escapes: the value is the
/// same to every reader, and harmless on a terminal.
#[must_use]
pub fn to_json<T: Serialize>(value: &T, pretty: bool) -> String {
    let mut bytes = Vec::with_capacity(4096);
    let written = if pretty {
        let format = Guarded(serde_json::ser::PrettyFormatter::new());
        value.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, format))
    } else {
        value.serialize(&mut serde_json::Serializer::with_formatter(
            &mut bytes,
            Guarded(serde_json::ser::CompactFormatter),
        ))
    };
    // Documents are structs, lists and maps with text keys: writing one into memory has no way to fail. If one
    // did, nothing is better than half a document.
    written.ok().and_then(|()| String::from_utf8(bytes).ok()).unwrap_or_default()
}

struct Guarded<F>(F);

macro_rules! pass_on {
    ($($name:ident($($argument:ident: $kind:ty),*);)*) => {
        $(fn $name<W: ?Sized + io::Write>(&mut self, writer: &mut W $(, $argument: $kind)*) -> io::Result<()> {
            self.0.$name(writer $(, $argument)*)
        })*
    };
}

impl<F: serde_json::ser::Formatter> serde_json::ser::Formatter for Guarded<F> {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        if !fragment.chars().any(deceives) {
            return writer.write_all(fragment.as_bytes());
        }
        for character in fragment.chars() {
            if deceives(character) {
                let mut units = [0; 2];
                character.encode_utf16(&mut units).iter().try_for_each(|unit| write!(writer, "\\u{unit:04x}"))?;
            } else {
                write!(writer, "{character}")?;
            }
        }
        Ok(())
    }

    pass_on! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        end_object_key();
        begin_object_value();
        end_object_value();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "a\u{1b}]0;x\u{7}\u{9b}31m\u{202e}exe.\u{200b}\u{e0041}\r\nÜ";

    #[test]
    fn a_hostile_name_cannot_reach_the_terminal() {
        let shown = for_terminal(HOSTILE, false);
        assert_eq!(shown, "a\\u{1b}]0;x\\u{7}\\u{9b}31m\\u{202e}exe.\\u{200b}\\u{e0041}\\u{d}\\u{a}Ü");
        assert!(for_terminal(HOSTILE, true).is_ascii());
    }

    #[test]
    fn plain_text_is_not_copied() {
        assert!(matches!(for_terminal("CN=Example GmbH, C=DE", true), Cow::Borrowed(_)));
        assert!(matches!(for_terminal("CN=Müller", false), Cow::Borrowed(_)));
    }

    #[test]
    fn json_keeps_the_value_and_guards_the_terminal() {
        for pretty in [false, true] {
            let text = to_json(&[HOSTILE], pretty);
            assert_eq!(serde_json::from_str::<Vec<String>>(&text).unwrap(), [HOSTILE]);
            assert!(!text.chars().any(|c| deceives(c) && c != '\n'), "{text:?}");
        }
    }
}

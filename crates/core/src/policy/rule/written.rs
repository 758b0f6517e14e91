//! Where in the text of a policy a part of a string stands: escapes and line ends make it another place than in the
//! string.

/// How many bytes of a TOML string, as it is written, come before this byte of its value.
pub(super) fn offset(written: &str, value: &str, at: usize) -> usize {
    let delimiter = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|delimiter| written.starts_with(delimiter));
    let delimiter = delimiter.unwrap_or_default();
    let Some(inner) = written.get(delimiter.len()..) else { return 0 };
    // A line end directly behind the delimiter is not part of the value (TOML 1.0, "String").
    let first = if delimiter.len() == 3 { line_end(inner) } else { 0 };
    let walk = Walk { rest: inner.get(first..).unwrap_or_default(), escapes: delimiter.starts_with('"') };
    let before = walk.over(value.get(..at).unwrap_or(value));
    delimiter.len().saturating_add(first).saturating_add(before)
}

fn line_end(text: &str) -> usize {
    if text.starts_with("\r\n") { 2 } else { usize::from(text.starts_with('\n')) }
}

/// Goes through what is written beside the value that it makes.
struct Walk<'t> {
    rest: &'t str,
    escapes: bool,
}

impl Walk<'_> {
    /// How much is written for this beginning of the value.
    fn over(mut self, value: &str) -> usize {
        let whole = self.rest.len();
        for character in value.chars() {
            self.skip_joined_lines();
            let length = match self.rest.chars().next() {
                Some('\\') if self.escapes => escape_length(self.rest),
                // Both kinds of line ends can be written; which one the value has is the reader's choice.
                Some('\r') if character == '\n' => line_end(self.rest),
                Some(other) => other.len_utf8(),
                None => 0,
            };
            self.rest = self.rest.get(length..).unwrap_or_default();
        }
        self.skip_joined_lines();
        whole.saturating_sub(self.rest.len())
    }

    /// A backslash before a line end joins the lines, without the white space between.
    fn skip_joined_lines(&mut self) {
        while let Some(after) = self.rest.strip_prefix('\\').filter(|_| self.escapes) {
            let blank = after.trim_start_matches([' ', '\t']);
            if line_end(blank) == 0 {
                return;
            }
            self.rest = blank.trim_start_matches([' ', '\t', '\r', '\n']);
        }
    }
}

/// Bytes of an escape (TOML 1.1, "String").
fn escape_length(text: &str) -> usize {
    match text.as_bytes().get(1) {
        Some(b'x') => 4,
        Some(b'u') => 6,
        Some(b'U') => 10,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::offset;

    /// Every letter of the value that is written as itself is found where it stands.
    fn assert_found(written: &str) {
        let document = format!("a = {written}\n");
        let table: toml::Table = toml::from_str(&document).unwrap();
        let value = table["a"].as_str().unwrap();
        let mut found = 0;
        for (at, letter) in value.char_indices().filter(|(_, letter)| letter.is_ascii_uppercase()) {
            let place = offset(written, value, at);
            assert!(written[place..].starts_with(letter), "{written}: {letter} at {place}");
            found += 1;
        }
        assert!(found > 0);
    }

    #[test]
    fn places_are_found_behind_escapes_and_line_ends() {
        for written in [
            "\"ABC\"",
            "'A\\B'",
            "\"A\\\"B\\tC\\u00e4D\\U0001F600E\"",
            "\"üA\\\\B\"",
            "\"\"\"\nA\nB\"\"\"",
            "\"\"\"A\\\n   B \\\n\n C\"\"\"",
            "'''\nA\n  B'''",
            "\"\"\"A\r\nB\"\"\"",
            "'''\r\nA\r\nB'''",
        ] {
            assert_found(written);
        }
    }

    #[test]
    fn what_does_not_fit_stays_within_what_is_written() {
        assert!(offset("\"a\\", "abcdef", 6) <= 3);
        assert_eq!(offset("", "abc", 2), 0);
    }
}

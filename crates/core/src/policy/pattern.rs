//! Patterns: a text that must be equal, or a glob with `*`.

use std::fmt;

/// What a text must be: equal, or as a glob in which `*` stands for any characters, also none and also `/`.
///
/// There is no other special character and no prefix match: `https://accounts.example` does not match
/// `https://accounts.example.evil`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pattern(String);

impl Pattern {
    /// The pattern of this text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it fits everything, or is empty: then it says nothing.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0.chars().all(|c| c == '*')
    }

    /// Whether the text fits. Letter case counts.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        Self::fits(&self.0, text)
    }

    /// Whether the text fits this pattern.
    pub(crate) fn fits(pattern: &str, text: &str) -> bool {
        let mut parts = pattern.split('*');
        let Some(first) = parts.next() else { return false };
        let Some(last) = parts.next_back() else { return first == text };
        // The first and last part are anchored, so the greedy search for those between is exact.
        let Some(rest) = text.strip_prefix(first) else { return false };
        let Some(mut rest) = rest.strip_suffix(last) else { return false };
        for part in parts {
            match rest.split_once(part) {
                Some((_, after)) => rest = after,
                None => return false,
            }
        }
        true
    }
}

/// Longest pattern of which [`Pattern::overlaps`] is decided; the work grows with the product of two lengths.
const MAX_COMPARED: usize = 1_024;

impl Pattern {
    /// Whether some text fits both. Of patterns too long to compare, it is supposed that one does.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let (ours, theirs): (Vec<char>, Vec<char>) = (self.0.chars().collect(), other.0.chars().collect());
        if ours.len().max(theirs.len()) > MAX_COMPARED {
            return true;
        }
        // Row by row from the ends: whether the rests of both from here on have a text in common.
        let mut below = vec![false; theirs.len().saturating_add(1)];
        for at in (0..=ours.len()).rev() {
            below = row(ours.get(at).copied(), &theirs, &below);
        }
        below.first().copied().unwrap_or(true)
    }
}

/// Whether a rest that begins with `our` has a text in common with each rest of `theirs`, the whole first. `below` is
/// the same without `our`; `our` is `None` at the end.
fn row(our: Option<char>, theirs: &[char], below: &[bool]) -> Vec<bool> {
    let mut row: Vec<bool> = Vec::with_capacity(below.len());
    for at in (0..=theirs.len()).rev() {
        let their = theirs.get(at).copied();
        let after_their = row.last().copied().unwrap_or(false);
        let below = |at: usize| our.is_some() && below.get(at).copied().unwrap_or(false);
        row.push(match (our, their) {
            (None, None) => true,
            (Some('*'), None) => below(at),
            (Some('*'), Some(_)) | (Some(_), Some('*')) => below(at) || after_their,
            (None, Some('*')) => after_their,
            (Some(our), Some(their)) => our == their && below(at.saturating_add(1)),
            (None, Some(_)) | (Some(_), None) => false,
        });
    }
    row.reverse();
    row
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn equal_or_glob() {
        for (pattern, text, fits) in [
            ("abc", "abc", true),
            ("abc", "abcd", false),
            ("abc", "Abc", false),
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "any/thing", true),
            ("a*", "a", true),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c", false),
            ("**", "x", true),
            ("https://github.com/acme/*", "https://github.com/acme-evil/x", false),
            ("https://issuer.example", "https://issuer.example.evil", false),
            ("*@acme.example", "j.doe@acme.example", true),
            ("*@acme.example", "j.doe@acme.example.evil", false),
            ("a?c", "abc", false),
        ] {
            assert_eq!(Pattern::new(pattern).matches(text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn two_patterns_overlap_where_a_text_fits_both() {
        for (a, b, overlap) in [
            ("refs/tags/*", "refs/tags/v*", true),
            ("refs/tags/*", "refs/heads/main", false),
            ("refs/heads/main", "refs/heads/main", true),
            ("*a", "b*", true),
            ("a*", "b*", false),
            ("*-rc", "v1*", true),
            ("*-rc", "v1", false),
            ("", "*", true),
            ("", "", true),
            ("", "a", false),
            ("a*b*c", "*x*", true),
            ("ab", "a*b", true),
            ("a", "a*b", false),
        ] {
            assert_eq!(Pattern::new(a).overlaps(&Pattern::new(b)), overlap, "{a} {b}");
            assert_eq!(Pattern::new(b).overlaps(&Pattern::new(a)), overlap, "{b} {a}");
        }
        let long = |first: char| Pattern::new(format!("{first}{}", "x".repeat(2_000)));
        assert!(long('a').overlaps(&long('b')));
    }
}

//! Files of one JSON document, or of one per line (`.jsonl`), and a cheap look at what they are.

use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use super::{Error, Json, parse};

/// Lines that are read. Collections of attestations seen have fewer than a hundred.
const MAX_LINES: usize = 10_000;
/// Lines looked at to find out what a file is.
const LINES_PROBED: usize = 64;

/// The documents of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Documents {
    /// Each with its line, counted from 1; `None` if the file is one document.
    pub documents: Vec<(Option<usize>, Json)>,
    /// Lines that are no JSON, or beyond the bound.
    pub unreadable: usize,
}

/// Reads a file of one document, or of one document per line.
///
/// # Errors
/// If it is neither.
pub fn documents(bytes: &[u8]) -> Result<Documents, Error> {
    let whole = match parse(bytes) {
        Ok(document) => return Ok(Documents { documents: vec![(None, document)], unreadable: 0 }),
        Err(error) => error,
    };
    let mut found = Documents { documents: Vec::new(), unreadable: 0 };
    for (number, line) in lines(bytes) {
        match parse(line) {
            Ok(document @ Json::Object(_)) if number <= MAX_LINES => found.documents.push((Some(number), document)),
            _ => found.unreadable = found.unreadable.saturating_add(1),
        }
    }
    // A cut document in pretty print has a line or two that happen to be JSON, but never its first.
    let is_lines = found.documents.first().is_some_and(|(number, _)| *number <= Some(LINES_PROBED))
        && found.documents.len() >= found.unreadable;
    if is_lines { Ok(found) } else { Err(whole) }
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let numbered = bytes.split(|byte| *byte == b'\n').enumerate();
    numbered.map(|(index, line)| (index.saturating_add(1), line.trim_ascii())).filter(|(_, line)| !line.is_empty())
}

/// The names of the members of the first object in the file, and of those on the next lines, as far as
/// they can be read: enough to tell formats apart, also in a file that is cut short.
#[must_use]
pub fn top_level_names(bytes: &[u8]) -> Vec<Vec<String>> {
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Vec::new();
    }
    let mut first = Vec::new();
    let whole = serde_json::Deserializer::from_slice(bytes).deserialize_map(Names(&mut first));
    let mut all = vec![first];
    if whole.is_ok() {
        let more = lines(bytes).skip(1).take(LINES_PROBED).filter(|(_, line)| line.starts_with(b"{"));
        all.extend(more.map(|(_, line)| {
            let mut names = Vec::new();
            // What could be read before an error is kept.
            let _ = serde_json::Deserializer::from_slice(line).deserialize_map(Names(&mut names));
            names
        }));
    }
    all
}

struct Names<'a>(&'a mut Vec<String>);

impl<'de> Visitor<'de> for Names<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            self.0.push(name);
            members.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_document_or_one_per_line() {
        let one = documents(b"{\n \"a\": 1\n}\n").unwrap();
        assert_eq!((one.documents.len(), one.documents[0].0), (1, None));
        let lines = documents(b"{\"a\":1}\n\n# no JSON\n{\"b\":2}\n").unwrap();
        let numbers: Vec<_> = lines.documents.iter().map(|(number, _)| *number).collect();
        assert_eq!((numbers, lines.unreadable), (vec![Some(1), Some(4)], 1));
    }

    #[test]
    fn a_cut_document_is_an_error_not_a_set_of_lines() {
        assert!(documents(b"{\n \"a\": [\n{\"x\":1}\n, 2").is_err());
        assert!(documents(b"{\"a\":1").is_err());
        assert!(documents(b"").is_err());
    }

    #[test]
    fn names_are_found_even_if_the_file_is_cut() {
        assert_eq!(top_level_names(b" {\"a\":{\"x\":1},\"b\":[1,"), [["a", "b"]]);
        assert_eq!(top_level_names(b"{\"a\":1}\n{\"b\":1}\nrest"), [["a"], ["b"]]);
        assert!(top_level_names(b"MZ").is_empty());
        assert!(top_level_names(b"[{\"a\":1}]").is_empty());
    }
}

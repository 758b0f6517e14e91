//! Signed notes (<https://c2sp.org/signed-note>): a text and lines of signatures over it.

use crate::encoding::base64;

/// A text and its signatures, none of which is verified yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note<'a> {
    /// The signed text, with its final newline.
    pub text: &'a str,
    /// The signatures, in order.
    pub signatures: Vec<NoteSignature>,
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    /// Who claims to have signed.
    pub name: String,
    /// The first four bytes of the key's identifier: a hint, two keys may share it.
    pub hint: [u8; 4],
    /// The signature value.
    pub signature: Vec<u8>,
}

/// Why bytes are no signed note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteError {
    /// No empty line stands between text and signatures.
    NoSignatures,
    /// A signature line breaks the format.
    BadLine,
    /// There are more signatures than a reader must take (100, as in the reference implementation).
    TooMany,
}

impl std::fmt::Display for NoteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NoSignatures => "no signature below the text",
            Self::BadLine => "a line below the text is no signature",
            Self::TooMany => "more than 100 signatures",
        })
    }
}

impl std::error::Error for NoteError {}

const MAX_SIGNATURES: usize = 100;
const DASH: &str = "\u{2014} ";

impl<'a> Note<'a> {
    /// Reads a note.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(note: &'a str) -> Result<Self, NoteError> {
        let (text, lines) = note.rsplit_once("\n\n").ok_or(NoteError::NoSignatures)?;
        let end = text.len().saturating_add(1);
        let text = note.get(..end).ok_or(NoteError::NoSignatures)?;
        let lines = lines.strip_suffix('\n').unwrap_or(lines);
        if lines.is_empty() {
            return Err(NoteError::NoSignatures);
        }
        let signatures: Vec<_> = lines.split('\n').take(MAX_SIGNATURES.saturating_add(1)).map(signature).collect();
        if signatures.len() > MAX_SIGNATURES {
            return Err(NoteError::TooMany);
        }
        let signatures = signatures.into_iter().collect::<Option<_>>().ok_or(NoteError::BadLine)?;
        Ok(Self { text, signatures })
    }
}

fn signature(line: &str) -> Option<NoteSignature> {
    let (name, value) = line.strip_prefix(DASH)?.split_once(' ')?;
    let value = base64::decode(value)?;
    let (hint, signature) = value.split_first_chunk::<4>()?;
    let named = !name.is_empty() && !name.contains(['+', '\u{a0}']) && !signature.is_empty();
    named.then(|| NoteSignature { name: name.to_owned(), hint: *hint, signature: signature.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_signatures_are_taken_apart_at_the_last_empty_line() {
        let note = Note::parse("a\n\nb\n\n\u{2014} name AQIDBAU=\n\u{2014} other AAAAAAE=\n").unwrap();
        assert_eq!(note.text, "a\n\nb\n");
        assert_eq!(note.signatures[0], NoteSignature { name: "name".into(), hint: [1, 2, 3, 4], signature: vec![5] });
        assert_eq!(note.signatures.len(), 2);
    }

    #[test]
    fn what_is_no_note_is_refused() {
        assert_eq!(Note::parse("a\n"), Err(NoteError::NoSignatures));
        assert_eq!(Note::parse("a\n\n"), Err(NoteError::NoSignatures));
        for line in
            ["name AQIDBAU=", "\u{2014} name", "\u{2014} name AQID", "\u{2014}  AQIDBAU=", "\u{2014} a+b AQIDBAU="]
        {
            assert_eq!(Note::parse(&format!("a\n\n{line}\n")), Err(NoteError::BadLine), "{line}");
        }
        let many = format!("a\n\n{}", "\u{2014} n AQIDBAU=\n".repeat(101));
        assert_eq!(Note::parse(&many), Err(NoteError::TooMany));
    }
}

//! Checkpoints (<https://c2sp.org/tlog-checkpoint>): a log's signed statement of its size and root.

use super::merkle::Hash;
use super::note::{Note, NoteError};
use super::trusted_root::Log;
use crate::crypto::{Message, verify};
use crate::encoding::base64;

/// A checkpoint, read but not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint<'a> {
    /// The log's name; Rekor v1 appends ` - ` and the number of its tree.
    pub origin: &'a str,
    /// Entries in the tree.
    pub size: u64,
    /// The root of the tree.
    pub root: Hash,
    /// The note that it is in.
    pub note: Note<'a>,
}

/// Why a text is no checkpoint, or not one of this log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckpointError {
    /// It is no signed note.
    Note(NoteError),
    /// This line breaks the format.
    Line(&'static str),
    /// No signature in it claims to be of this log.
    NotByLog(String),
    /// The log's signature does not hold.
    SignatureMismatch,
}

impl std::fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Note(error) => write!(f, "checkpoint: {error}"),
            Self::Line(what) => write!(f, "checkpoint: no {what} where it belongs"),
            Self::NotByLog(origin) => write!(f, "checkpoint of `{origin}`: no signature by the log of the entry"),
            Self::SignatureMismatch => f.write_str("checkpoint: the log's signature does not hold"),
        }
    }
}

impl std::error::Error for CheckpointError {}

impl<'a> Checkpoint<'a> {
    /// Reads a checkpoint.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(text: &'a str) -> Result<Self, CheckpointError> {
        let note = Note::parse(text).map_err(CheckpointError::Note)?;
        let mut lines = note.text.split('\n');
        let origin = lines.next().filter(|line| !line.is_empty()).ok_or(CheckpointError::Line("origin"))?;
        let size = lines.next().and_then(decimal).ok_or(CheckpointError::Line("tree size"))?;
        let root = lines.next().and_then(hash).ok_or(CheckpointError::Line("root hash"))?;
        Ok(Self { origin, size, root, note })
    }

    /// Whether the log signed it: a signature under the log's name and key hint that holds.
    ///
    /// # Errors
    /// If there is none, or none that holds.
    pub fn verify(&self, log: &Log) -> Result<(), CheckpointError> {
        let named = self.origin == log.name || self.origin.strip_prefix(&log.name).is_some_and(is_tree);
        let hinted = |hint: &[u8; 4]| log.checkpoint_id.starts_with(hint);
        let by_log = |name: &str| log.name.is_empty() || (named && name == log.name);
        let mut claimed = self.note.signatures.iter().filter(|s| hinted(&s.hint) && by_log(&s.name)).peekable();
        if claimed.peek().is_none() {
            return Err(CheckpointError::NotByLog(self.origin.to_owned()));
        }
        let message = Message::Bytes(self.note.text.as_bytes());
        let holds = claimed.any(|s| verify(&log.key, log.scheme, message, &s.signature).is_ok());
        if holds { Ok(()) } else { Err(CheckpointError::SignatureMismatch) }
    }
}

/// What Rekor v1 writes after its name.
fn is_tree(rest: &str) -> bool {
    rest.strip_prefix(" - ").is_some_and(|tree| decimal(tree).is_some())
}

fn decimal(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with('0');
    let digits = canonical && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn hash(text: &str) -> Option<Hash> {
    base64::decode(text)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "rs1YPY0ydAV0lxgfrq5pE4oRpUJwo3syeps5+eGUTDI=";

    #[test]
    fn the_three_lines_are_read_and_more_are_allowed() {
        let text = format!("log\n736\n{ROOT}\nTimestamp: 1\n\n\u{2014} log AQIDBAU=\n");
        let read = Checkpoint::parse(&text).unwrap();
        assert_eq!((read.origin, read.size, read.root[0]), ("log", 736, 0xae));
    }

    #[test]
    fn missing_or_odd_lines_are_refused() {
        let tail = "\n\n\u{2014} log AQIDBAU=\n";
        for (head, what) in [
            (format!("736\n{ROOT}"), "tree size"),
            (format!("\n736\n{ROOT}"), "origin"),
            (format!("log\n{ROOT}"), "tree size"),
            (format!("log\n0736\n{ROOT}"), "tree size"),
            (format!("log\n+736\n{ROOT}"), "tree size"),
            ("log\n736\nAQ==".to_owned(), "root hash"),
            ("log\n736".to_owned(), "root hash"),
        ] {
            let text = format!("{head}{tail}");
            assert_eq!(Checkpoint::parse(&text), Err(CheckpointError::Line(what)), "{text}");
        }
    }
}

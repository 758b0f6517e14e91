//! Long texts that many documents share, such as the certificates of an authority: each kept once.
//!
//! A dossier is a few kilobytes of its own and three times as much of certificates that every other dossier of the
//! same signer has too. In the kept text such a part stands as its number between two marks, which JSON cannot hold
//! unescaped. What a document is compared with is always the digest of the whole text.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, Statement, params};

use super::{Problem, Worked, prefix, sum};

/// Stands before and after the number of a part: a control character (RFC 8259 §7).
const MARK: char = '\u{1}';

/// Bytes from which on a text is worth a row of its own.
const LEAST: usize = 256;

/// Bytes of parts that are remembered while documents are read: those of a few hundred signers.
const REMEMBERED: usize = 4 << 20;

/// Takes parts out of documents.
pub(super) struct Splitter<'c> {
    find: Statement<'c>,
    insert: Statement<'c>,
}

impl<'c> Splitter<'c> {
    pub(super) fn open(connection: &'c Connection) -> Worked<Self> {
        Ok(Self {
            find: connection.prepare("SELECT number FROM part WHERE prefix = ?1 AND sum = ?2")?,
            insert: connection.prepare("INSERT INTO part (prefix, sum, text) VALUES (?1, ?2, ?3)")?,
        })
    }

    /// The document with the numbers of its long texts in their places.
    pub(super) fn split(&mut self, document: &str) -> Worked<String> {
        if document.contains(MARK) {
            return Err(Problem::Damaged("a document to be kept holds a control character: it is no JSON".to_owned()));
        }
        let mut kept = String::with_capacity(document.len());
        for (position, piece) in document.split('"').enumerate() {
            if position > 0 {
                kept.push('"');
            }
            if is_part(piece) {
                kept.push_str(&format!("{MARK}{}{MARK}", self.number(piece)?));
            } else {
                kept.push_str(piece);
            }
        }
        Ok(kept)
    }

    fn number(&mut self, text: &str) -> Worked<i64> {
        let sum = sum(text);
        let known = self.find.query_row(params![prefix(&sum), sum], |row| row.get(0)).optional()?;
        match known {
            Some(number) => Ok(number),
            None => Ok(self.insert.insert(params![prefix(&sum), sum, text])?),
        }
    }
}

/// Whether a text between two quotes is long and Base64: what others are likely to have too, and never a place
/// where quotes could have been escaped.
fn is_part(piece: &str) -> bool {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_');
    piece.len() >= LEAST && piece.bytes().all(is_base64)
}

/// Puts parts back into documents.
pub(super) struct Joiner<'c> {
    find: Statement<'c>,
    known: BTreeMap<i64, String>,
    bytes: usize,
}

impl<'c> Joiner<'c> {
    pub(super) fn open(connection: &'c Connection) -> Worked<Self> {
        let find = connection.prepare("SELECT text FROM part WHERE number = ?1")?;
        Ok(Self { find, known: BTreeMap::new(), bytes: 0 })
    }

    /// The document as it was.
    pub(super) fn join(&mut self, kept: &str) -> Worked<String> {
        let mut document = String::new();
        for (position, piece) in kept.split(MARK).enumerate() {
            if position % 2 == 0 {
                document.push_str(piece);
            } else {
                document.push_str(self.part(piece)?);
            }
        }
        Ok(document)
    }

    fn part(&mut self, number: &str) -> Worked<&str> {
        let missing = || Problem::Damaged(format!("part `{number}` of a document is not there"));
        let number: i64 = number.parse().map_err(|_| missing())?;
        if self.bytes > REMEMBERED {
            self.known.clear();
            self.bytes = 0;
        }
        if !self.known.contains_key(&number) {
            let found: Option<String> = self.find.query_row([number], |row| row.get(0)).optional()?;
            let text = found.ok_or_else(missing)?;
            self.bytes += text.len();
            self.known.insert(number, text);
        }
        Ok(self.known.get(&number).map_or("", String::as_str))
    }
}

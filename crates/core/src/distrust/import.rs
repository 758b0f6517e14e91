//! Lists that others publish, as entries of ours.
//!
//! A format is an entry of [`FORMATS`]. What a file has and cannot be used is counted and told
//! ([`Imported::left_out`]), never dropped in silence; a file that is not of its format at all is an error.

mod abuse_ch;
mod certgraveyard;
mod certificates;
mod crl;
mod deny_csv;
mod loldrivers;
mod microsoft;
mod packs;
mod table;
mod xingtu;

use std::collections::BTreeMap;
use std::fmt;

use super::{Entry, MAX_ENTRIES};
use crate::time::Time;

/// A format of lists that others publish.
#[derive(Debug)]
pub struct ImportFormat {
    /// Its name.
    pub id: &'static str,
    /// What it is, in a few words.
    pub title: &'static str,
    /// Where such lists come from, for the name of what is made of one.
    pub origin: &'static str,
    /// Whether a file looks like one.
    detect: fn(&[u8]) -> bool,
    read: fn(&[u8]) -> Result<Imported, String>,
}

/// The formats, in the order in which a file is tried.
pub static FORMATS: [&ImportFormat; 9] = [
    &packs::ENTRY,
    &certgraveyard::ENTRY,
    &abuse_ch::ENTRY,
    &xingtu::ENTRY,
    &deny_csv::ENTRY,
    &loldrivers::ENTRY,
    &microsoft::ENTRY,
    &crl::ENTRY,
    &certificates::ENTRY,
];

/// What a list holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Its entries.
    pub entries: Vec<Entry>,
    /// The date it gives itself.
    pub dated: Option<Time>,
    /// What could not be used: why, and how often.
    pub left_out: BTreeMap<String, usize>,
}

impl Imported {
    fn leave_out(&mut self, why: impl Into<String>) {
        let count = self.left_out.entry(why.into()).or_default();
        *count = count.saturating_add(1);
    }

    fn take(&mut self, entry: Result<Entry, String>) {
        match entry {
            Ok(entry) => self.entries.push(entry),
            Err(why) => self.leave_out(why),
        }
    }
}

/// Why a file cannot be imported. It says nothing about any artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportError {
    /// No format fits.
    UnknownFormat,
    /// It is of this format, but broken.
    Malformed(&'static str, String),
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownFormat => {
                let known: Vec<&str> = FORMATS.iter().map(|format| format.title).collect();
                write!(f, "no list that is read here; expected one of: {}", known.join(", "))
            }
            Self::Malformed(format, problem) => write!(f, "{format}: {problem}"),
        }
    }
}

impl std::error::Error for ImportError {}

/// Reads a list that somebody publishes, whatever its format.
///
/// # Errors
/// [`ImportError`].
pub fn import(bytes: &[u8]) -> Result<(&'static ImportFormat, Imported), ImportError> {
    let format = FORMATS.iter().find(|format| (format.detect)(bytes)).ok_or(ImportError::UnknownFormat)?;
    let imported = (format.read)(bytes).map_err(|problem| ImportError::Malformed(format.id, problem))?;
    if imported.entries.len() > MAX_ENTRIES {
        return Err(ImportError::Malformed(format.id, format!("more than {MAX_ENTRIES} entries")));
    }
    Ok((format, imported))
}

/// Characters taken of a text of others; four bytes each at most, they stay far below what an entry may hold.
const LONGEST: usize = super::MAX_TEXT / 8;

/// The text, if it says something: lists write what they do not know in many ways.
fn known(text: &str) -> Option<String> {
    let text = text.trim();
    let unknown = text.chars().all(|c| matches!(c, '?' | '-')) || text.eq_ignore_ascii_case("not specified");
    let unknown = unknown || text.eq_ignore_ascii_case("n/a") || text.eq_ignore_ascii_case("unknown");
    (!unknown).then(|| text.chars().take(LONGEST).collect())
}

/// The digest member of this length for a kind of thing, such as `certificate_sha1` for 40 digits.
fn digest_member(kind: &str, digits: &str) -> Option<String> {
    let algorithm = match digits.len() {
        32 => "md5",
        40 => "sha1",
        64 => "sha256",
        96 => "sha384",
        128 => "sha512",
        _ => return None,
    };
    Some(format!("{kind}_{algorithm}"))
}

/// The selector for a digest that says by its length what it is.
fn by_digest(kind: &str, digits: &str) -> Result<super::Selector, String> {
    let digits: String = digits.chars().filter(|c| !matches!(c, ':' | ' ')).collect();
    let member = digest_member(kind, &digits).ok_or_else(|| format!("no digest of a {kind}"))?;
    super::Selector::of_digest(&member, &digits).map_err(|_| format!("no digest of a {kind}"))
}

#[cfg(test)]
mod tests;

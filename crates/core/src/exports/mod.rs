//! Exports: documents that a forge, a registry, a gateway or a tool wrote and nobody signed.
//!
//! What they say is about a run, a commit, a release or a file. It counts as far as the relying party vouches for
//! the document: obtained by itself (`--observed`), it is verified; given as evidence, it can only count against the
//! artifact. The same documents are also read inside of signed statements ([`PREDICATE`]).

mod attestations;
mod change;
mod checksums;
mod cyclonedx;
mod git;
mod github;
mod github_release;
mod gitlab;
mod merge_request;
mod npm;
mod own;
mod pull;
mod pypi;
mod sarif;
mod scanners;
mod spdx;
mod tools;
mod vex;
mod virustotal;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::claim::{Claim, EvidenceId, Fact, Standing, Voucher};
use crate::crypto::{Digest, DigestAlgorithm};
use crate::dossier::EvidenceFacts;
use crate::encoding::json::{self, Cursor, FieldError, Json};
use crate::material::{EvidenceFile, MaterialError};
use crate::words::{Word, known};

/// Every kind of export, in the order in which content is tried.
static EXPORTS: &[&ExportFormat] = &[
    &own::RECORD,
    &github::RUN,
    &github::RUN_VIEW,
    &merge_request::MERGE_REQUEST,
    &gitlab::PIPELINE,
    &pull::PULL,
    &pull::PULL_VIEW,
    &github_release::RELEASE,
    &npm::PACKUMENT,
    &pypi::SIMPLE,
    &pypi::PROJECT,
    &cyclonedx::BOM,
    &spdx::V2,
    &spdx::V3,
    &vex::OPENVEX,
    &vex::CSAF,
    &sarif::LOG,
    &virustotal::FILE,
    &scanners::GRYPE,
    &scanners::TRIVY,
    &git::COMMITS,
    &checksums::SUMS,
];

/// The predicate type of a statement whose predicate is such a document.
pub const PREDICATE: &str = "https://github.com/countersign/countersign/export/v1";

/// One kind of export: plain data with functions.
pub(crate) struct ExportFormat {
    /// Its name in verdicts.
    id: &'static str,
    /// How it is read.
    reader: Reader,
    /// Who stands behind it, if it is what it seems to be.
    voucher: Voucher,
}

/// How a kind of export is read.
enum Reader {
    /// A JSON document.
    Json {
        /// Whether a document is of this kind, by the names of its members.
        detect: fn(&Json) -> bool,
        /// What it says.
        read: fn(&Cursor<'_>) -> Result<Vec<Fact>, FieldError>,
    },
    /// Lines of text; `None` if they are of another kind.
    Text(fn(&str) -> Option<Vec<Fact>>),
    /// Anything else; `None` if it is of another kind.
    Bytes(ReadBytes),
}

type ReadBytes = fn(&[u8]) -> Option<Result<Vec<Fact>, FieldError>>;

/// Names one export of a verdict: `export-0`, `export-1`, ….
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportId {
    /// Its position.
    pub export: usize,
}

impl std::fmt::Display for ExportId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "export-{}", self.export)
    }
}

/// An export that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Export {
    /// Where it comes from: a path.
    pub source: String,
    /// What kind of document it is.
    #[serde(deserialize_with = "known_id")]
    pub kind: Word,
    /// Whether the relying party obtained it itself.
    pub observed: bool,
}

/// An export with what it says. It is read once and asked about every artifact of a directory, and cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadExport {
    export: Export,
    sha256: Digest,
    facts: Arc<[Fact]>,
    /// The algorithms of the digests by which it names files.
    algorithms: BTreeSet<DigestAlgorithm>,
    voucher: Voucher,
}

/// Statements of one document that are read: the longest lists of files of one package have some ten thousand.
const MAX_FACTS: usize = 100_000;

/// A list of as many items as there may be statements.
const MANY: AtMost = AtMost { items: MAX_FACTS, expected: "a list of at most 100,000 items" };

/// How long a list may be.
#[derive(Clone, Copy)]
struct AtMost {
    items: usize,
    /// The same in words.
    expected: &'static str,
}

/// Bytes of a text that many statements of one document repeat, such as the name of a package: 25 MB in all of them.
const MAX_REPEATED: usize = 256;

/// Bytes of one text that is read. Names, versions and addresses are far shorter.
const MAX_TEXT: usize = 4_096;

impl ReadExport {
    /// Reads an export that the relying party obtained itself.
    ///
    /// # Errors
    /// If it is no kind of export that is read here, or lacks a member.
    pub fn observed(file: &EvidenceFile) -> Result<Self, MaterialError> {
        let error = |problem: String| MaterialError { source: file.path.clone(), problem };
        match read(file) {
            Some(Ok(read)) => Ok(Self { export: Export { observed: true, ..read.export }, ..read }),
            Some(Err(problem)) => Err(error(problem.to_string())),
            None => Err(error(format!("no kind of export that is read here; known: {}", ids().join(", ")))),
        }
    }

    /// The file that it was read from.
    pub(crate) fn file(&self) -> EvidenceFacts {
        EvidenceFacts { path: self.export.source.clone(), sha256: self.sha256 }
    }

    /// The algorithms of the digests by which it names files.
    pub(crate) fn algorithms(&self) -> impl Iterator<Item = DigestAlgorithm> {
        self.algorithms.iter().copied()
    }

    /// What kind of document it is, and where it comes from.
    pub(crate) const fn export(&self) -> &Export {
        &self.export
    }

    /// Whether it says anything at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// The claims in it under this name, of those facts that concern somebody.
    pub(crate) fn claims(&self, id: ExportId, concerns: impl Fn(&Fact) -> bool) -> Vec<Claim> {
        let is_verified = |fact: &Fact| self.export.observed || fact.proves_itself();
        let standing = |fact: &Fact| if is_verified(fact) { Standing::Verified } else { Standing::Asserted };
        let claim = |fact: &Fact| Claim {
            fact: fact.clone(),
            vouched_by: self.voucher,
            standing: standing(fact),
            subject: None,
            evidence: EvidenceId::Export(id),
        };
        self.facts.iter().filter(|fact| concerns(fact)).map(claim).collect()
    }
}

/// Reads an export; `None` if the file is of no kind that is read here.
pub(crate) fn read(file: &EvidenceFile) -> Option<Result<ReadExport, FieldError>> {
    let Ok(document) = json::parse(&file.bytes) else { return of_other(file) };
    let (format, read) = of(&document)?;
    Some(facts(read, &Cursor::new(&document)).map(|facts| format.of_file(file, facts)))
}

fn of_other(file: &EvidenceFile) -> Option<Result<ReadExport, FieldError>> {
    let text = std::str::from_utf8(&file.bytes).ok();
    EXPORTS.iter().find_map(|format| {
        let facts = match format.reader {
            Reader::Text(read) => text.and_then(read).map(Ok),
            Reader::Bytes(read) => read(&file.bytes),
            Reader::Json { .. } => None,
        };
        facts.map(|facts| facts.map(|facts| format.of_file(file, facts)))
    })
}

impl ExportFormat {
    fn of_file(&self, file: &EvidenceFile, facts: Vec<Fact>) -> ReadExport {
        let export = Export { source: file.path.clone(), kind: self.id, observed: false };
        let sha256 = Digest::of(DigestAlgorithm::Sha256, &file.bytes);
        let named = facts.iter().flat_map(Fact::digests).map(Digest::algorithm);
        let algorithms = named.filter(|algorithm| !algorithm.is_broken()).collect();
        ReadExport { export, sha256, facts: facts.into(), algorithms, voucher: self.voucher }
    }
}

/// What a document inside of a signed statement says; nothing if it is of no kind that is read here. Who signed is
/// not who wrote it, so that a signature makes it a tool's word.
pub(crate) fn of_predicate(predicate: &Json) -> Option<Result<Vec<Fact>, FieldError>> {
    of(predicate).map(|(_, read)| facts(read, &Cursor::new(predicate)))
}

/// What a predicate of this type says of a tool's result; `None` if it is of no type that is read here.
pub(crate) fn of_tool(predicate_type: &str, predicate: &Json) -> Option<Result<Vec<Fact>, FieldError>> {
    attestations::read(predicate_type, predicate)
}

type ReadJson = fn(&Cursor<'_>) -> Result<Vec<Fact>, FieldError>;

fn of(document: &Json) -> Option<(&'static ExportFormat, ReadJson)> {
    EXPORTS.iter().find_map(|format| match format.reader {
        Reader::Json { detect, read } if detect(document) => Some((*format, read)),
        Reader::Json { .. } | Reader::Text(_) | Reader::Bytes(_) => None,
    })
}

fn facts(read: ReadJson, document: &Cursor<'_>) -> Result<Vec<Fact>, FieldError> {
    let facts = read(document)?;
    if facts.len() > MAX_FACTS {
        return Err(document.error(json::Problem::BadValue(TOO_MANY)));
    }
    Ok(facts)
}

fn ids() -> Vec<&'static str> {
    EXPORTS.iter().map(|format| format.id).collect()
}

fn known_id<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Word, D::Error> {
    known(deserializer, "kind of export", ids().into_iter())
}

/// Whether an object has all of these members.
fn has(document: &Json, names: &[&str]) -> bool {
    names.iter().all(|name| document.get(name).is_some())
}

/// The text of this name, if it is there and says something.
fn text(of: &Cursor<'_>, name: &str) -> Result<Option<String>, FieldError> {
    let Some(place) = of.optional(name)? else { return Ok(None) };
    let text = place.text()?;
    if text.len() > MAX_TEXT {
        return Err(place.error(json::Problem::BadValue("a text of at most 4,096 bytes")));
    }
    Ok(Some(text).filter(|text| !text.is_empty()).map(str::to_owned))
}

/// What somebody says in words, as much of it as is read.
fn prose(text: &str) -> String {
    let end = (0..=MAX_TEXT.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or_default()).unwrap_or_default().to_owned()
}

/// A text at a place that many statements are going to repeat.
fn repeated<'a>(place: &Cursor<'_>, text: &'a str) -> Result<&'a str, FieldError> {
    let is_short = text.len() <= MAX_REPEATED;
    if is_short { Ok(text) } else { Err(place.error(json::Problem::BadValue("a name of at most 256 bytes"))) }
}

/// The list of this name, which must not be longer.
fn at_most<'a>(of: &Cursor<'a>, name: &str, most: AtMost) -> Result<Vec<Cursor<'a>>, FieldError> {
    let Some(list) = of.optional(name)? else { return Ok(Vec::new()) };
    let is_short = list.value().as_array().is_none_or(|items| items.len() <= most.items);
    if is_short { list.items() } else { Err(list.error(json::Problem::BadValue(most.expected))) }
}

/// Adds a statement of a document, as long as there are not too many.
fn state(facts: &mut Vec<Fact>, fact: Fact, place: &Cursor<'_>) -> Result<(), FieldError> {
    if facts.len() >= MAX_FACTS {
        return Err(place.error(json::Problem::BadValue(TOO_MANY)));
    }
    facts.push(fact);
    Ok(())
}

const TOO_MANY: &str = "in a document of at most 100,000 statements";

/// The instant of this name, if it is there.
fn instant(of: &Cursor<'_>, name: &str) -> Result<Option<crate::time::Time>, FieldError> {
    of.optional(name)?.map(|place| place.instant()).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an OpenVEX document by this author with so many statements says.
    fn openvex(author: &str, statements: usize) -> Result<usize, String> {
        let list = vec![r#"{"vulnerability":"CVE-1","status":"fixed"}"#; statements].join(",");
        let text =
            format!(r#"{{"@context":"https://openvex.dev/ns/v0.2.0","author":"{author}","statements":[{list}]}}"#);
        let document = json::parse(text.as_bytes()).unwrap();
        of_predicate(&document).unwrap().map(|facts| facts.len()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_document_states_so_much_and_repeats_short_names_only() {
        assert_eq!(openvex("a", MAX_FACTS), Ok(MAX_FACTS));
        assert!(openvex("a", MAX_FACTS + 1).unwrap_err().starts_with("`statements` is not a list of at most 100,000"));
        assert!(openvex(&"a".repeat(MAX_REPEATED), 1).is_ok());
        assert!(openvex(&"a".repeat(MAX_REPEATED + 1), 1).unwrap_err().contains("at most 256 bytes"));
        assert!(openvex(&"a".repeat(MAX_TEXT + 1), 1).unwrap_err().contains("at most 4,096 bytes"));
    }

    #[test]
    fn words_are_cut_between_letters() {
        let text = format!("a{}", "\u{e4}".repeat(MAX_TEXT));
        assert_eq!(prose(&text).len(), MAX_TEXT - 1);
        assert_eq!(prose("broken"), "broken");
    }
}

//! The table of signature formats. One file per format, two lines here to add one (CONTRIBUTING.md).

pub mod authenticode;
mod cloud_build;
mod dsse;
mod gitsign;
mod npm;
mod pep740;
mod sigstore;

use std::collections::BTreeSet;

use crate::artifact::{Artifact, Digests, HashJob, ReadError, Source};
use crate::claim::{Fact, Voucher};
use crate::crypto::{Digest, DigestAlgorithm};
use crate::evidence::{Need, Signature};
use crate::finding::FindingId;
use crate::material::{EvidenceFile, Limits, Material};
use crate::time::Time;
use crate::words::{Word, known};

/// Every format, in the order in which content is tried.
pub static FORMATS: &[&Format] = &[
    &authenticode::ENTRY,
    &gitsign::ENTRY,
    &sigstore::ENTRY,
    &npm::ENTRY,
    &pep740::ENTRY,
    &cloud_build::ENTRY,
    &dsse::ENTRY,
];

/// One signature format: plain data with functions, nothing registered behind the scenes.
pub struct Format {
    /// Its name in verdicts.
    pub id: &'static str,
    /// Its name in words.
    pub title: &'static str,
    /// The document that defines it.
    pub specification: &'static str,
    /// Where its signatures are and how they are read.
    pub reader: Reader,
}

/// Where the signatures of a format are.
pub enum Reader {
    /// Inside the artifact.
    Embedded {
        /// The kind of file, as in `artifact.format` of the verdict.
        container: &'static str,
        /// Whether a file that starts like this is of that kind. The name of the file is never asked.
        detect: fn(head: &[u8]) -> bool,
        /// Finds the signatures, without judging them.
        open: fn(artifact: &dyn Source, limits: &Limits) -> Result<Reading, ReadError>,
    },
    /// In a file of their own.
    Detached {
        /// Whether these bytes are evidence of this format.
        detect: fn(bytes: &[u8]) -> bool,
        /// Whether this evidence is about a directory as a whole.
        signs_tree: fn(bytes: &[u8]) -> bool,
        /// Reads the evidence, without judging it.
        open: fn(file: &EvidenceFile, limits: &Limits) -> Reading,
    },
}

/// Bytes at the start of a file that decide its kind.
pub const HEAD: usize = 4096;

/// Signatures that were found and wait for digests of the artifact.
///
/// Reading and judging are apart: every format first says which digests it needs, then all of them are
/// computed in one pass, then each format judges.
pub trait Pending {
    /// Digests over parts of the artifact. Their values come to [`Pending::judge`] in this order.
    fn jobs(&self) -> Vec<HashJob> {
        Vec::new()
    }

    /// Algorithms of which the digest of the whole artifact (or of every file of a tree) is needed.
    fn whole(&self) -> BTreeSet<DigestAlgorithm> {
        BTreeSet::new()
    }

    /// Makes every check that the material allows.
    fn judge(self: Box<Self>, context: &Context<'_>) -> Found;
}

/// Signatures found by one format in one file.
pub type Reading = Box<dyn Pending>;

/// What a format may look at when it judges.
pub struct Context<'a> {
    /// The artifact.
    pub artifact: &'a Artifact<'a>,
    /// Digests of the whole artifact; empty if it is beyond a limit.
    pub digests: &'a Digests,
    /// Digests of the files of a signed directory, sorted by path.
    pub tree: &'a [(String, Digests)],
    /// The values of [`Pending::jobs`]; empty if the bytes are not at hand or beyond a limit.
    pub hashed: &'a [Digest],
    /// What is lacking if `hashed` or `digests` is empty.
    pub lacking: Need,
    /// What the relying party brings.
    pub material: &'a Material,
    /// The instant that counts where no trusted time is proven.
    pub at: Time,
    /// The bounds.
    pub limits: &'a Limits,
}

/// What a format found.
#[derive(Default)]
pub struct Found {
    /// Every signature, in the order of the file.
    pub signatures: Vec<Signature>,
    /// What the signed documents claim.
    pub claims: Vec<FoundClaim>,
    /// What a reader should know, with positions in `signatures`.
    pub findings: Vec<FoundFinding>,
}

/// A claim before its standing is decided.
pub struct FoundClaim {
    /// Position in [`Found::signatures`] of the signature that it rests on.
    pub signature: usize,
    /// What is claimed.
    pub fact: Fact,
    /// Who stands behind it.
    pub vouched_by: Voucher,
    /// Whether better evidence in the same document contradicts it.
    pub refuted: bool,
}

/// A finding of one format.
pub struct FoundFinding {
    /// What kind it is.
    pub id: FindingId,
    /// The facts of this case.
    pub message: String,
    /// Positions in [`Found::signatures`].
    pub signatures: Vec<usize>,
}

impl Found {
    /// One signature and nothing else.
    #[must_use]
    pub fn one(signature: Signature) -> Self {
        Self { signatures: vec![signature], ..Self::default() }
    }
}

/// The embedded format whose container a file of this start is.
#[must_use]
pub fn embedded_in(head: &[u8]) -> Vec<&'static Format> {
    let fits = |format: &&&Format| match format.reader {
        Reader::Embedded { detect, .. } => detect(head),
        Reader::Detached { .. } => false,
    };
    FORMATS.iter().filter(fits).copied().collect()
}

/// The format of a file of evidence, by its content.
#[must_use]
pub fn of_evidence(bytes: &[u8]) -> Option<&'static Format> {
    let fits = |format: &&&Format| match format.reader {
        Reader::Detached { detect, .. } => detect(bytes),
        Reader::Embedded { .. } => false,
    };
    FORMATS.iter().find(fits).copied()
}

/// Whether a file of evidence is about a directory as a whole.
#[must_use]
pub fn signs_tree(bytes: &[u8]) -> bool {
    of_evidence(bytes).is_some_and(|format| match format.reader {
        Reader::Detached { signs_tree, .. } => signs_tree(bytes),
        Reader::Embedded { .. } => false,
    })
}

/// Reads back the id of a format that stands in a stored document.
pub(crate) fn known_id<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Word, D::Error> {
    known(deserializer, "format", FORMATS.iter().map(|format| format.id))
}

/// Reads back the kind of an artifact that stands in a stored document.
pub(crate) fn known_container<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Word, D::Error> {
    let containers = FORMATS.iter().filter_map(|format| match format.reader {
        Reader::Embedded { container, .. } => Some(container),
        Reader::Detached { .. } => None,
    });
    known(deserializer, "kind of artifact", containers.chain(crate::examine::PLAIN_CONTAINERS))
}

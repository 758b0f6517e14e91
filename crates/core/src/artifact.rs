//! The artifact that is asked about: bytes read by range, digests made in one pass.

mod hashing;

use std::collections::BTreeMap;
use std::fmt;

pub use hashing::{HashJob, Hashed, hash_pass};

use crate::crypto::{Digest, DigestAlgorithm};

/// Read access to bytes, given by the shell: a file, or a slice.
///
/// Core reads by range and never holds a whole file. An implementation must notice when the bytes change
/// while they are being read, and say so with [`ReadErrorKind::Changed`].
pub trait Source: Sync {
    /// Number of bytes.
    fn len(&self) -> u64;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills `buffer` from `offset`.
    ///
    /// # Errors
    /// If fewer bytes are there, or they cannot be read.
    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError>;
}

impl Source for [u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        let error = ReadError { offset, kind: ReadErrorKind::Truncated };
        let start = usize::try_from(offset).map_err(|_| error.clone())?;
        let rest = self.get(start..).and_then(|rest| rest.get(..buffer.len())).ok_or(error)?;
        buffer.copy_from_slice(rest);
        Ok(())
    }
}

impl Source for Vec<u8> {
    fn len(&self) -> u64 {
        Source::len(self.as_slice())
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        self.as_slice().read_exact_at(offset, buffer)
    }
}

/// The run failed: the bytes could not be read. This says nothing about the artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// Where reading failed.
    pub offset: u64,
    /// Why.
    pub kind: ReadErrorKind,
}

/// Why bytes could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadErrorKind {
    /// The file changed while it was being read.
    Changed,
    /// The file ended early.
    Truncated,
    /// The operating system's words.
    Failed(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ReadErrorKind::Changed => write!(f, "the file changed while it was being read")?,
            ReadErrorKind::Truncated => write!(f, "the file ended early")?,
            ReadErrorKind::Failed(words) => write!(f, "{words}")?,
        }
        write!(f, " (offset {})", self.offset)
    }
}

impl std::error::Error for ReadError {}

/// What is asked about.
pub struct Artifact<'a> {
    /// The last part of its path, or the digest itself.
    pub name: String,
    /// Where it was found, as the user wrote it; empty for a digest.
    pub path: String,
    /// Its bytes, or what stands for them.
    pub content: Content<'a>,
}

/// The content of an artifact, or what stands for it.
#[derive(Clone, Copy)]
pub enum Content<'a> {
    /// One file.
    File(&'a dyn Source),
    /// A directory that is signed as a whole: every file in it, sorted by path.
    Tree(&'a [TreeFile<'a>]),
    /// Only a digest is known.
    Digest(Digest),
}

/// One file of a signed directory.
pub struct TreeFile<'a> {
    /// Path below the directory, with `/` between its parts.
    pub path: String,
    /// Its bytes.
    pub bytes: &'a dyn Source,
}

impl Artifact<'_> {
    /// Number of bytes, where they are at hand.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        match self.content {
            Content::File(source) => Some(source.len()),
            Content::Tree(files) => Some(files.iter().fold(0, |sum, file| sum.saturating_add(file.bytes.len()))),
            Content::Digest(_) => None,
        }
    }
}

/// The digests of an artifact, one per algorithm.
pub type Digests = BTreeMap<DigestAlgorithm, Digest>;

/// Whether something with these digests is among those that are named, by an algorithm without practical collisions.
pub(crate) fn is_among(digests: &Digests, named: &[Digest]) -> bool {
    let ours = |digest: &Digest| digests.get(&digest.algorithm()) == Some(digest);
    named.iter().filter(|digest| !digest.algorithm().is_broken()).any(ours)
}

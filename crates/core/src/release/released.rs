//! What was released: the digests that a release had when it was made.

use serde::{Deserialize, Serialize};

use crate::crypto::Digest;
use crate::time::Time;

/// One file of a release, as its publisher, its registry or a log of one's own recorded it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleasedFile {
    /// The name of the file, without folders.
    pub name: String,
    /// Its digests. More than one is of more than one algorithm.
    pub digests: Vec<Digest>,
    /// The version or tag of the release.
    pub version: Option<String>,
    /// When it was published.
    pub published: Option<Time>,
    /// Whether a signature was inside of it or beside it.
    pub signed: Option<bool>,
    /// Why it was taken back, if it was.
    pub withdrawn: Option<String>,
}

/// A tag of a repository, and where it pointed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagRecord {
    /// The repository.
    pub repository: String,
    /// The tag, fully qualified.
    pub tag: String,
    /// The commit that it points to now.
    pub commit: String,
    /// Commits that it pointed to before.
    pub before: Vec<String>,
    /// Whether it is meant to move, such as the `v1` of an action.
    pub floating: bool,
}

/// The result of building the same source again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rebuild {
    /// The repository.
    pub repository: String,
    /// The commit that was built.
    pub commit: String,
    /// The name of the file.
    pub name: String,
    /// The digest of the result.
    pub digest: Digest,
    /// Who built it.
    pub by: String,
}

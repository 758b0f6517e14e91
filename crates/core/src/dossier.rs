//! The dossier: what examination found, without opinion.

use serde::{Deserialize, Serialize};

use crate::artifact::Digests;
use crate::claim::Claims;
use crate::crypto::Digest;
use crate::evidence::Signature;
use crate::exports::Export;
use crate::finding::Finding;
use crate::in_toto::LayoutReport;
use crate::material::MaterialDates;
use crate::words::Word;

/// The facts about the artifact itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArtifactFacts {
    /// The last part of its path, or the digest.
    pub name: String,
    /// Its path as the user wrote it; empty for a digest.
    pub path: String,
    /// Bytes, where they are at hand.
    pub size: Option<u64>,
    /// What kind of file it is by its content: `pe`, `directory`, `digest`, `data`.
    #[serde(deserialize_with = "crate::formats::known_container")]
    pub container: Word,
    /// Digests of the whole artifact.
    pub digests: Digests,
}

/// A file of evidence that was read: whoever is told the verdict can tell what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceFacts {
    /// Its path, as the user wrote it.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
}

/// What examination found.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dossier {
    /// The artifact.
    pub artifact: ArtifactFacts,
    /// Every signature.
    pub signatures: Vec<Signature>,
    /// Every file of evidence that was read, once, in the order of its first mention.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<EvidenceFacts>,
    /// Every claim, its standing decided.
    pub claims: Claims,
    /// Documents that nobody signed, about what is behind the artifact.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exports: Vec<Export>,
    /// What became of the layout that the relying party wants followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<LayoutReport>,
    /// What a reader should know.
    pub findings: Vec<Finding>,
    /// How old the material is.
    pub material: MaterialDates,
}

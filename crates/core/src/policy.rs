//! Policies.

use crate::crypto::Digest;

/// Which policy was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyId {
    /// Its name.
    pub name: String,
    /// SHA-256 of its text.
    pub sha256: Digest,
    /// The environment in it.
    pub environment: String,
}

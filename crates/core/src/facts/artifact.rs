//! The artifact and the terms of appraisal.

use std::borrow::Cow;

use super::shape::{Texts, records};
use crate::dossier::ArtifactFacts;
use crate::policy::PolicyId;

records! {
    /// What is judged.
    Artifact<'a> = "Artifact" {
        /// The last part of its path, or the digest.
        name: &'a str,
        /// Its size in bytes, where they are at hand.
        size: Option<i64>,
        /// The kind of file by its content: `pe`, `directory`, `digest`, `data`.
        format: &'a str,
        /// Hexadecimal digests of the whole artifact, by the name of the algorithm.
        digests: Texts<'a>,
    }

    /// The policy that is applied.
    AppliedPolicy<'a> = "Policy" {
        /// Its name.
        name: &'a str,
        /// SHA-256 of its text, in hexadecimal.
        sha256: String,
    }
}

impl<'a> Artifact<'a> {
    pub(super) fn of(facts: &'a ArtifactFacts) -> Self {
        let digests = facts.digests.iter();
        Self {
            name: &facts.name,
            size: facts.size.map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX)),
            format: facts.container,
            digests: digests
                .map(|(algorithm, digest)| (Cow::Borrowed(algorithm.name()), Cow::Owned(digest.hex())))
                .collect(),
        }
    }
}

impl<'a> AppliedPolicy<'a> {
    pub(super) fn of(policy: &'a PolicyId) -> Self {
        Self { name: &policy.name, sha256: policy.sha256.hex() }
    }
}

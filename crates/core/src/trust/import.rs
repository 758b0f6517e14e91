//! Bundles from files that others publish.

use std::fmt;

use super::{AnchorSourceInfo, ListedAnchor, Purposes, TrustBundle};
use crate::encoding::pem;

/// Why a file cannot be imported. It says nothing about any artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportError {
    /// It cannot be read.
    Malformed(String),
    /// It is not signed as it must be.
    NotSigned(String),
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(problem) => f.write_str(problem),
            Self::NotSigned(problem) => write!(f, "the signature of the list is not accepted: {problem}"),
        }
    }
}

impl std::error::Error for ImportError {}

/// The certificates of a PEM file, or the one of a DER file, as anchors for these purposes.
///
/// # Errors
/// If there is none, or one cannot be read.
pub fn import_pem(file: &[u8], purposes: Purposes, source: AnchorSourceInfo) -> Result<TrustBundle, ImportError> {
    let certificates = pem::certificates(file).map_err(|error| ImportError::Malformed(error.to_string()))?;
    let mut bundle = TrustBundle::default();
    bundle.date(source.dated);
    bundle.add_source(source.clone());
    for certificate in certificates {
        bundle.insert(&ListedAnchor { purposes, ..ListedAnchor::for_every_purpose(certificate, source.clone()) });
    }
    Ok(bundle)
}

//! Sigstore trusted roots.

/// A trusted root.
#[derive(Clone, Debug)]
pub struct TrustedRoot;

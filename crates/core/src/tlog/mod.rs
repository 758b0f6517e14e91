//! Transparency logs: pure mathematics and formats.
//!
//! [`merkle`] is the tree of RFC 6962, [`note`] and [`checkpoint`] the signed statements about it (C2SP),
//! [`witness`] the cosignatures of third parties, [`entry`] what Sigstore's log records about a signature,
//! [`sct`] what certificate logs promise, and [`trusted_root`] whom a relying party accepts.

pub mod checkpoint;
pub mod entry;
pub mod merkle;
pub mod note;
pub mod sct;
pub mod trusted_root;
pub mod witness;

//! Certificates in use: path building and validation at a past instant, revocation, timestamps.

pub mod anchor;
pub mod assurance;
pub mod crl;
mod name_constraints;
pub mod ocsp;
pub mod path;
pub mod policies;
pub mod profile;
pub mod revocation;
pub mod signer;
pub mod timestamp;

#[cfg(any(test, feature = "minting"))]
pub mod minting;

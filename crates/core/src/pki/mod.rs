//! Certificates in use: path building and validation at a past instant, revocation, timestamps.

pub mod anchor;
pub mod crl;
pub mod timestamp;

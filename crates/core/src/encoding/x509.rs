//! X.509 certificates (RFC 5280), read without re-encoding.

/// A certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate;

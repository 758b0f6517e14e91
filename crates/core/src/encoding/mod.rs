//! What two or more formats share: the encodings that carry signatures, read without opinion.

pub mod asn1;
pub mod hex;
pub mod pem;
pub mod x509;

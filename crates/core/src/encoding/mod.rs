//! What two or more formats share: the encodings that carry signatures, read without opinion.

pub mod asn1;
pub mod base64;
pub mod cms;
pub mod ctl;
pub mod dsse;
pub mod hex;
pub mod json;
pub mod oci;
pub mod pe;
pub mod pem;
pub mod protobuf;
pub mod ssh;
pub mod statement;
pub mod x509;

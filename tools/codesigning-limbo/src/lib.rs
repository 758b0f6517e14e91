//! Generates the code-signing limbo: a truth table for verifiers of signed code.
//!
//! Every case is a scene in which one thing differs from a signature that is valid in every respect, together
//! with the answer that a standard or the CA/Browser Forum's requirements give (CSBR: Baseline Requirements for
//! the Issuance and Management of Publicly-Trusted Code Signing Certificates, v3.10.0). The answers are written
//! here by hand; no verifier is asked. Keys are fixed and their signatures deterministic, so that the suite is
//! the same byte for byte every time.

// A generator that cannot make a case must fail.
#![allow(clippy::expect_used, clippy::arithmetic_side_effects)]

mod cases;
mod certificate;
mod cms;
mod expected;
mod extension;
mod image;
mod model;
mod names;
mod ocsp;
mod pair;
mod revocation;
mod scene;
mod stamp;
mod suite;

/// The suite as JSON, one field a line.
///
/// # Panics
/// If a case cannot be made.
#[must_use]
pub fn json() -> String {
    let limbo = model::Limbo { version: 1, testcases: cases::all() };
    let mut text = serde_json::to_string_pretty(&limbo).expect("a suite is plain data");
    text.push('\n');
    text
}

/// The JSON Schema of [`json`].
///
/// # Panics
/// Never: the schema is plain data.
#[must_use]
pub fn schema() -> String {
    let schema = schemars::schema_for!(model::Limbo);
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is plain data");
    text.push('\n');
    text
}

/// The suite as it is checked in: compressed with xz.
///
/// # Errors
/// Never in practice: it writes to memory.
pub fn packed(json: &str) -> std::io::Result<Vec<u8>> {
    use std::io::Write as _;
    let mut writer = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(9))?;
    writer.write_all(json.as_bytes())?;
    writer.finish()
}

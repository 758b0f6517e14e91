//! Textual encodings (RFC 7468): certificates, revocation lists and public keys, in PEM or bare DER.

use std::fmt;

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::crypto::{KeyError, PublicKey, SigningKey};
use crate::encoding::asn1::tag;
use crate::encoding::x509::{Certificate, CertificateError};

/// Blocks read of one file; Mozilla's list of roots has about 150.
const MAX_BLOCKS: usize = 10_000;

/// Real files end lines and blocks in many ways; the padding says nothing.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// One block between `-----BEGIN LABEL-----` and `-----END LABEL-----`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The label, such as `CERTIFICATE`.
    pub label: String,
    /// The decoded bytes.
    pub der: Vec<u8>,
    /// Line of `BEGIN`, from 1.
    pub line: usize,
}

/// Why text is no PEM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PemError {
    /// Line of the block that is wrong, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub kind: PemErrorKind,
}

/// What is wrong with a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PemErrorKind {
    /// It has no end, or the end of another label.
    NoEnd,
    /// It is no base64.
    NotBase64,
    /// There are more than 10,000 blocks.
    TooMany,
}

impl fmt::Display for PemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            PemErrorKind::NoEnd => "the PEM block has no matching END line",
            PemErrorKind::NotBase64 => "the PEM block is not base64",
            PemErrorKind::TooMany => "too many PEM blocks",
        };
        write!(f, "{what} (line {})", self.line)
    }
}

impl std::error::Error for PemError {}

/// Whether bytes hold a PEM block.
#[must_use]
pub fn is_pem(bytes: &[u8]) -> bool {
    lines(bytes).any(|line| label(line, "BEGIN").is_some())
}

/// Whether bytes hold a PEM block with a private key of any kind, OpenSSH's among them.
#[must_use]
pub fn holds_private_key(bytes: &[u8]) -> bool {
    lines(bytes).filter_map(|line| label(line, "BEGIN")).any(|label| label.ends_with("PRIVATE KEY"))
}

/// All blocks of a text; what stands between them is comment.
///
/// # Errors
/// [`PemError`] for the first block that cannot be read.
pub fn blocks(bytes: &[u8]) -> Result<Vec<Block>, PemError> {
    let mut found = Vec::new();
    let mut open: Option<(usize, String, Vec<u8>)> = None;
    for (index, line) in lines(bytes).enumerate() {
        let number = index.saturating_add(1);
        match open.as_mut() {
            None => open = label(line, "BEGIN").map(|label| (number, label, Vec::new())),
            Some((start, begun, body)) => match label(line, "END") {
                Some(ended) if ended == *begun => {
                    let error = |kind| PemError { line: *start, kind };
                    let der = LENIENT.decode(&*body).map_err(|_| error(PemErrorKind::NotBase64))?;
                    if found.len() >= MAX_BLOCKS {
                        return Err(error(PemErrorKind::TooMany));
                    }
                    found.push(Block { label: std::mem::take(begun), der, line: *start });
                    open = None;
                }
                Some(_) => return Err(PemError { line: *start, kind: PemErrorKind::NoEnd }),
                None => body.extend(line.iter().copied().filter(|c| !c.is_ascii_whitespace())),
            },
        }
    }
    match open {
        Some((line, ..)) => Err(PemError { line, kind: PemErrorKind::NoEnd }),
        None => Ok(found),
    }
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii)
}

fn label(line: &[u8], which: &str) -> Option<String> {
    let inner = line.strip_prefix(b"-----")?.strip_suffix(b"-----")?.strip_prefix(which.as_bytes())?;
    let label = inner.strip_prefix(b" ")?;
    std::str::from_utf8(label).ok().map(str::to_owned)
}

/// Why a file holds no certificates or no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MaterialFileError {
    /// The PEM is broken.
    Pem(PemError),
    /// A certificate cannot be read.
    Certificate(CertificateError),
    /// A key cannot be used.
    Key(KeyError),
    /// Nothing of the wanted kind is in it.
    Nothing,
}

impl fmt::Display for MaterialFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pem(error) => error.fmt(f),
            Self::Certificate(error) => error.fmt(f),
            Self::Key(error) => error.fmt(f),
            Self::Nothing => f.write_str("holds nothing of this kind, neither as PEM nor as DER"),
        }
    }
}

impl std::error::Error for MaterialFileError {}

/// The DER of every block with one of these labels, or the whole input if it is DER.
///
/// # Errors
/// If the PEM is broken, or nothing of the kind is there.
pub fn der_of(bytes: &[u8], labels: &[&str]) -> Result<Vec<Vec<u8>>, MaterialFileError> {
    if bytes.first() == Some(&tag::SEQUENCE) && !is_pem(bytes) {
        return Ok(vec![bytes.to_vec()]);
    }
    let blocks = blocks(bytes).map_err(MaterialFileError::Pem)?;
    let wanted = blocks.into_iter().filter(|block| labels.contains(&block.label.as_str()));
    let found: Vec<Vec<u8>> = wanted.map(|block| block.der).collect();
    if found.is_empty() { Err(MaterialFileError::Nothing) } else { Ok(found) }
}

/// The certificates of a PEM file, or the one of a DER file.
///
/// # Errors
/// If there is none, or one cannot be read.
pub fn certificates(bytes: &[u8]) -> Result<Vec<Certificate>, MaterialFileError> {
    const LABELS: &[&str] = &["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"];
    let ders = der_of(bytes, LABELS)?;
    ders.iter().map(|der| Certificate::from_der(der).map_err(MaterialFileError::Certificate)).collect()
}

/// The public key of a PEM or DER `SubjectPublicKeyInfo`.
///
/// # Errors
/// If there is none, or it cannot be used.
pub fn public_key(bytes: &[u8]) -> Result<PublicKey, MaterialFileError> {
    let ders = der_of(bytes, &["PUBLIC KEY"])?;
    let der = ders.first().ok_or(MaterialFileError::Nothing)?;
    PublicKey::from_spki(der).map_err(MaterialFileError::Key)
}

/// The Ed25519 or ECDSA P-256 key of a PEM or DER `PrivateKeyInfo` (PKCS #8).
///
/// # Errors
/// If there is none, or it cannot be used.
pub fn signing_key(bytes: &[u8]) -> Result<SigningKey, MaterialFileError> {
    let ders = der_of(bytes, &["PRIVATE KEY"])?;
    let der = ders.first().ok_or(MaterialFileError::Nothing)?;
    SigningKey::from_pkcs8(der).map_err(MaterialFileError::Key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_among_comments_and_any_line_ends() {
        let text =
            b"Subject: x\r\n-----BEGIN A B-----\r\nAQ\r\nID\r\n-----END A B-----\n\n-----BEGIN C-----\n-----END C-----";
        let found = blocks(text).unwrap();
        assert_eq!(found[0], Block { label: "A B".to_owned(), der: vec![1, 2, 3], line: 2 });
        assert_eq!((found[1].label.as_str(), found[1].line), ("C", 7));
    }

    #[test]
    fn private_keys_are_known_by_their_label() {
        for label in ["PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "OPENSSH PRIVATE KEY"] {
            assert!(holds_private_key(format!("x\r\n-----BEGIN {label}-----\r\n").as_bytes()));
        }
        assert!(!holds_private_key(b"-----BEGIN PUBLIC KEY-----\n-----END PRIVATE KEY-----\nPRIVATE KEY"));
    }

    #[test]
    fn a_broken_block_is_named_by_its_line() {
        let error = |text: &[u8]| blocks(text).unwrap_err();
        assert_eq!(error(b"\n-----BEGIN A-----\nAQID\n"), PemError { line: 2, kind: PemErrorKind::NoEnd });
        assert_eq!(error(b"-----BEGIN A-----\n-----END B-----").kind, PemErrorKind::NoEnd);
        assert_eq!(error(b"-----BEGIN A-----\n*\n-----END A-----").kind, PemErrorKind::NotBase64);
        assert_eq!(certificates(b"nothing").unwrap_err(), MaterialFileError::Nothing);
    }
}

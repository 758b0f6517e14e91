//! OpenSSH's public keys (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4) and signatures
//! (<https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig>).
//!
//! Both are a few fields with their lengths in front. What is read becomes a key and a value for [`crate::crypto`]: there
//! is one place that verifies.

mod signature;

use std::fmt;

use super::base64;
use crate::crypto::{Curve, KeyError, PublicKey};

pub use signature::{SshSignature, SshSignatureError};

/// Keys read of one file; a list of everybody who may log in to a machine has some hundred, and signatures that name no key
/// are tried under each.
const MAX_KEYS: usize = 1_000;

/// Largest key or signature in its binary form, in bytes: what OpenSSH reads of a key (`SSH_MAX_PUBKEY_BYTES`). One of RSA
/// with 16,384 bits has 2 KiB.
const MAX_BLOB: usize = 16 << 10;

const ED25519: &str = "ssh-ed25519";
const RSA: &str = "ssh-rsa";

/// The names of keys on a curve, the names of the curve in them, and the curve (RFC 5656 §3.1, §10.1).
const CURVES: [(&str, &str, Curve); 3] = [
    ("ecdsa-sha2-nistp256", "nistp256", Curve::P256),
    ("ecdsa-sha2-nistp384", "nistp384", Curve::P384),
    ("ecdsa-sha2-nistp521", "nistp521", Curve::P521),
];

/// Keys that OpenSSH knows and that are not read: of security keys, whose signatures are over more than the message, of
/// broken algorithms, and certificates, which only an authority of their own could vouch for.
const NOT_READ: [&str; 3] = ["sk-", "ssh-dss", "-cert-v01@openssh.com"];

/// Why a file holds no keys that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFileError {
    /// There is no key in it.
    Nothing,
    /// A line, counted from 1, is wrong.
    Line(usize, LineProblem),
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineProblem {
    /// It is no key.
    NoKey,
    /// Something stands before the key: options, principals or the name of a machine.
    NotAlone,
    /// The key is no base64.
    NotBase64,
    /// The name before the key is that of another algorithm.
    OtherName,
    /// The key cannot be used.
    Key(KeyError),
    /// There are more than 1,000 keys.
    TooMany,
}

impl fmt::Display for KeyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("holds no key"),
            Self::Line(line, problem) => write!(f, "line {line}: {problem}"),
        }
    }
}

impl std::error::Error for KeyFileError {}

impl fmt::Display for LineProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoKey => f.write_str("no OpenSSH public key"),
            Self::NotAlone => f.write_str(
                "options, principals or the name of a machine stand before the key and would have no effect here",
            ),
            Self::NotBase64 => f.write_str("the OpenSSH public key is not base64"),
            Self::OtherName => f.write_str("the name before the OpenSSH public key is not that of its algorithm"),
            Self::Key(error) => error.fmt(f),
            Self::TooMany => f.write_str("too many keys"),
        }
    }
}

/// The keys of a file that OpenSSH keeps public keys in: one per line, blank lines and comments between them. What would
/// limit a key is refused, since it would have no effect.
///
/// # Errors
/// [`KeyFileError`] for the first line that cannot be used, or if no line has a key.
pub fn public_keys(text: &[u8]) -> Result<Vec<PublicKey>, KeyFileError> {
    let mut found = Vec::new();
    for (index, line) in text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).enumerate() {
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        let wrong = |problem| KeyFileError::Line(index.saturating_add(1), problem);
        if found.len() >= MAX_KEYS {
            return Err(wrong(LineProblem::TooMany));
        }
        found.push(key_of_line(line).map_err(wrong)?);
    }
    if found.is_empty() { Err(KeyFileError::Nothing) } else { Ok(found) }
}

/// `NAME BASE64 [COMMENT]`.
fn key_of_line(line: &[u8]) -> Result<PublicKey, LineProblem> {
    let line = std::str::from_utf8(line).map_err(|_| LineProblem::NoKey)?;
    let mut words = line.split_ascii_whitespace();
    let name = words.next().ok_or(LineProblem::NoKey)?;
    if !is_name(name) {
        return Err(if words.any(is_name) { LineProblem::NotAlone } else { LineProblem::NoKey });
    }
    let blob = words.next().and_then(base64::decode).ok_or(LineProblem::NotBase64)?;
    let (own, key) = public_key(&blob).map_err(LineProblem::Key)?;
    if own == name { Ok(key) } else { Err(LineProblem::OtherName) }
}

/// Whether a word is the name of an algorithm of keys, read here or not.
fn is_name(word: &str) -> bool {
    let [security_key, dsa, certificate] = NOT_READ;
    let is_curve = || CURVES.iter().any(|(name, ..)| *name == word);
    let is_other = || word.starts_with(security_key) || word == dsa || word.ends_with(certificate);
    word == ED25519 || word == RSA || is_curve() || is_other()
}

/// A key in its binary form, and the name of its algorithm.
fn public_key(blob: &[u8]) -> Result<(&'static str, PublicKey), KeyError> {
    if blob.len() > MAX_BLOB {
        return Err(KeyError::Unsupported);
    }
    let mut fields = Fields(blob);
    let name = fields.string().ok_or(KeyError::Malformed)?;
    let (name, key) = if name == ED25519.as_bytes() {
        (ED25519, fields.ed25519()?)
    } else if name == RSA.as_bytes() {
        (RSA, fields.rsa()?)
    } else {
        let row = CURVES.iter().find(|(known, ..)| name == known.as_bytes());
        let (name, curve_name, curve) = row.ok_or(KeyError::Unsupported)?;
        (*name, fields.point(curve_name, *curve)?)
    };
    fields.end().ok_or(KeyError::Malformed)?;
    Ok((name, key))
}

/// Fields in the representation of RFC 4251 §5, one after the other.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// `uint32`.
    fn number(&mut self) -> Option<u32> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*taken))
    }

    /// `string`: bytes after their number.
    fn string(&mut self) -> Option<&'a [u8]> {
        let count = self.number()?;
        self.take(usize::try_from(count).ok()?)
    }

    /// `mpint` that is not negative, as big-endian bytes. Zeros in front are as forbidden as in DER.
    fn unsigned(&mut self) -> Option<&'a [u8]> {
        match self.string()? {
            [0, rest @ ..] if rest.first().is_some_and(|first| first & 0x80 != 0) => Some(rest),
            [first, ..] if *first == 0 || first & 0x80 != 0 => None,
            bytes => Some(bytes),
        }
    }

    /// Nothing may follow.
    const fn end(&self) -> Option<()> {
        if self.0.is_empty() { Some(()) } else { None }
    }

    fn ed25519(&mut self) -> Result<PublicKey, KeyError> {
        let key: Option<&[u8; 32]> = self.string().and_then(|key| key.try_into().ok());
        PublicKey::from_ed25519(key.ok_or(KeyError::Malformed)?)
    }

    fn rsa(&mut self) -> Result<PublicKey, KeyError> {
        let exponent = self.unsigned().ok_or(KeyError::Malformed)?;
        let modulus = self.unsigned().ok_or(KeyError::Malformed)?;
        PublicKey::from_rsa(modulus, exponent)
    }

    fn point(&mut self, curve_name: &str, curve: Curve) -> Result<PublicKey, KeyError> {
        self.string().filter(|name| *name == curve_name.as_bytes()).ok_or(KeyError::Malformed)?;
        PublicKey::from_ec_point(curve, self.string().ok_or(KeyError::Malformed)?)
    }
}

#[cfg(test)]
mod tests;

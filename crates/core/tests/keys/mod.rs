//! Throw-away keys that sign, for tests of what is signed.
#![allow(clippy::unwrap_used)]

use countersign::crypto::SigningKey;

/// An Ed25519 key whose seed is this octet (PKCS #8, RFC 8410 §7).
pub(crate) fn ed25519(seed: u8) -> SigningKey {
    let head = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    SigningKey::from_pkcs8(&[head.as_slice(), &[seed; 32]].concat()).unwrap()
}

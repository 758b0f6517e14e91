//! Keys as in-toto metadata carries them (securesystemslib).

use crate::crypto::{Message, PublicKey, verify_any_scheme};
use crate::encoding::json::{Cursor, FieldError, Problem};
use crate::encoding::{hex, pem};

/// Reads a key object: `keytype` and `keyval`. Its `scheme` is not looked at: the ways in which a key of its
/// kind signs are few, and all of them are strong.
pub(super) fn read(place: &Cursor<'_>) -> Result<PublicKey, FieldError> {
    let public = place.field("keyval")?.field("public")?;
    let text = public.text()?;
    let key = match place.field("keytype")?.text()? {
        "ed25519" => hex::decode(text).and_then(|raw| PublicKey::from_ed25519(&raw).ok()),
        _ => pem::public_key(text.as_bytes()).ok(),
    };
    key.ok_or_else(|| public.error(Problem::BadValue("a public key that is known here")))
}

/// Whether the key made this signature.
pub(super) fn verifies(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    verify_any_scheme(key, Message::Bytes(message), signature).is_ok()
}

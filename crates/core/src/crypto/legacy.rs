//! The quarantine: algorithms that no maintained library verifies any more, met in old files.

use super::{Digest, PublicKey, SignatureError, SignatureScheme, Weakness};

pub(super) fn verify(
    _key: &PublicKey,
    _scheme: SignatureScheme,
    _digest: &Digest,
    _signature: &[u8],
) -> Result<Weakness, SignatureError> {
    Err(SignatureError::Unsupported)
}

//! Verification where nothing says how a key signs.

use super::{Curve, DigestAlgorithm, KeyKind, Message, PublicKey, SignatureError, SignatureScheme, Strength};

/// Verifies with each of the ways in which signers use a key of this kind.
///
/// # Errors
/// See [`SignatureError`].
pub(crate) fn verify_any_scheme(
    key: &PublicKey,
    message: Message<'_>,
    signature: &[u8],
) -> Result<(SignatureScheme, Strength), SignatureError> {
    first_that_holds(schemes(key.kind()).into_iter(), |scheme| {
        let as_encoded = super::verify(key, scheme, message, signature);
        // DSSE does not say how ECDSA signatures are encoded: both forms occur.
        match (as_encoded, scheme) {
            (Err(_), SignatureScheme::Ecdsa(digest)) => super::verify_fixed_ecdsa(key, digest, message, signature),
            (result, _) => result,
        }
    })
}

/// The first way that holds, or the error of the last that fits the key.
pub(crate) fn first_that_holds(
    schemes: impl Iterator<Item = SignatureScheme>,
    verify: impl Fn(SignatureScheme) -> Result<Strength, SignatureError>,
) -> Result<(SignatureScheme, Strength), SignatureError> {
    let mut error = SignatureError::Unsupported;
    for scheme in schemes {
        match verify(scheme) {
            Ok(strength) => return Ok((scheme, strength)),
            Err(SignatureError::Unsupported) => {}
            Err(found) => error = found,
        }
    }
    Err(error)
}

/// The ways in which signers use a key, most usual first. None of these formats states it, and to try a few
/// is safe: each of them is a strong algorithm.
pub(crate) fn schemes(kind: KeyKind) -> Vec<SignatureScheme> {
    use DigestAlgorithm::{Sha256, Sha384, Sha512};
    let digests = match kind {
        KeyKind::Ec(Curve::P384) => [Sha384, Sha256, Sha512],
        KeyKind::Ec(Curve::P521) => [Sha512, Sha256, Sha384],
        _ => [Sha256, Sha384, Sha512],
    };
    match kind {
        KeyKind::Ec(_) => digests.map(SignatureScheme::Ecdsa).to_vec(),
        KeyKind::Rsa { .. } => {
            digests.into_iter().flat_map(|d| [SignatureScheme::RsaPkcs1(d), SignatureScheme::RsaPss(d)]).collect()
        }
        KeyKind::Ed25519 => vec![SignatureScheme::Ed25519],
        KeyKind::MlDsa(_) => vec![SignatureScheme::MlDsa],
        KeyKind::Dsa => vec![SignatureScheme::Dsa(Sha256)],
    }
}

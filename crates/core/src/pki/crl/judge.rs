//! What one revocation list says about a certificate at the instant that counts for a signature.

use super::{Crl, Lookup};
use crate::crypto::{Strength, Weakness};
use crate::encoding::x509::Certificate;
use crate::pki::revocation::{Instant, Knowledge, Status, Unknown, covers};
use crate::time::Time;

/// How long after a certificate's expiry its revocation must stay on the list, in seconds: ten years
/// (CA/Browser Forum code-signing requirements §7.2). RFC 5280 §3.3 alone would let it go after one more list.
const KEPT_AFTER_EXPIRY: i64 = 10 * 365 * 86_400;

/// What each list of the certificate's issuer says.
pub(crate) fn opinions(
    certificate: &Certificate,
    signers: &[&Certificate],
    crls: &[Crl],
    at: Instant,
) -> Vec<Knowledge> {
    let own = crls.iter().filter(|crl| crl.issuer() == certificate.issuer());
    own.map(|crl| Knowledge::new(one(crl, certificate, signers, at), crl.piece())).collect()
}

fn one(crl: &Crl, certificate: &Certificate, signers: &[&Certificate], at: Instant) -> Status {
    let Some(strength) = signers.iter().find_map(|signer| signed_by(crl, signer)) else {
        return Status::Unknown(Unknown::NotSignedByIssuer);
    };
    let scope = &crl.fields.scope;
    // Entries of an indirect list may be about certificates of other issuers.
    if scope.indirect || !scope.covers(certificate) {
        return Status::Unknown(Unknown::NotCovered);
    }
    match crl.look_up(certificate.serial_as_found()) {
        Err(_) => Status::Unknown(Unknown::Malformed),
        Ok(Lookup::Listed(entry)) => entry.at(at),
        Ok(Lookup::NotUnderstood) => Status::Unknown(Unknown::NotCovered),
        Ok(Lookup::NotListed) => absent(crl, strength, certificate, at.time()),
    }
}

/// That a certificate is absent counts only under the strict reading.
fn absent(crl: &Crl, strength: Strength, certificate: &Certificate, instant: Time) -> Status {
    let scope = &crl.fields.scope;
    let issued = crl.this_update();
    let unnumbered = crl.version() > 1 && !scope.numbered;
    if scope.delta || scope.some_reasons || scope.not_understood || unnumbered {
        return Status::Unknown(Unknown::NotCovered);
    }
    if strength == Strength::Weak(Weakness::Md5) {
        return Status::Unknown(Unknown::Forgeable);
    }
    if issued > certificate.not_after().plus(KEPT_AFTER_EXPIRY) {
        return Status::Unknown(Unknown::NotKept { issued });
    }
    if covers(issued, crl.next_update(), instant) {
        Status::Good { as_of: issued }
    } else {
        Status::Unknown(Unknown::OutOfDate { issued })
    }
}

/// How strongly this certificate's key signed the list, if it did and may sign lists.
fn signed_by(crl: &Crl, signer: &Certificate) -> Option<Strength> {
    let permitted = match signer.key_usage() {
        Ok(usage) => usage.is_none_or(|usage| usage.crl_sign()),
        Err(_) => false,
    };
    let named = signer.subject() == crl.issuer();
    let key = signer.public_key().ok().filter(|_| permitted && named)?;
    crl.verify_signed_by(&key).ok()
}

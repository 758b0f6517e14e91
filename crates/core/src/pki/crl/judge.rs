//! What one revocation list says about a certificate at the instant that counts for a signature.

use super::scope::{Point, Reasons, points_of};
use super::{Crl, Lookup};
use crate::crypto::{Strength, Weakness};
use crate::encoding::x509::Certificate;
use crate::pki::revocation::{Instant, Knowledge, Status, Unknown, covers};
use crate::time::Time;

/// How long after a certificate's expiry its revocation must stay on the list, in seconds: ten years
/// (CA/Browser Forum code-signing requirements §7.2). RFC 5280 §3.3 alone would let it go after one more list.
const KEPT_AFTER_EXPIRY: i64 = 10 * 365 * Time::DAY;

/// What each list about certificates of this issuer says.
pub(crate) fn opinions(
    certificate: &Certificate,
    signers: &[&Certificate],
    crls: &[Crl],
    at: Instant,
) -> Vec<Knowledge> {
    if crls.is_empty() {
        return Vec::new();
    }
    // Read once for all lists: points and lists both may come from files, and there may be many of each.
    let points = points_of(certificate);
    let question = Question { certificate, points: &points, signers, crls, at };
    let of_issuer = |crl: &&Crl| {
        crl.issuer() == certificate.issuer() || crl.fields.scope.indirect && question.covered_by(crl) != Reasons::NONE
    };
    let said: Vec<(&Crl, Said)> = crls.iter().filter(of_issuer).map(|crl| (crl, question.ask(crl))).collect();
    let parts = || said.iter().filter_map(|(crl, said)| Some((crl, said.part()?)));
    let together = parts().fold(Reasons::NONE, |all, (_, reasons)| all.or(reasons));
    let whole = parts().map(|(crl, _)| crl).min_by_key(|crl| crl.this_update());
    // Lists for some reasons each say "good" together if no reason is left over; as of the oldest of them.
    let good = whole.filter(|_| together == Reasons::ALL);
    let good = good.map(|crl| Knowledge::new(Status::Good { as_of: crl.this_update() }, crl.piece()));
    said.iter().map(|(crl, said)| Knowledge::new(said.status(), crl.piece())).chain(good).collect()
}

/// What a list says.
enum Said {
    Whole(Status),
    /// Not revoked for these reasons.
    Part(Reasons),
}

impl Said {
    const UNCOVERED: Self = Self::Whole(Status::Unknown(Unknown::NotCovered));

    fn status(&self) -> Status {
        match self {
            Self::Whole(status) => status.clone(),
            Self::Part(_) => Status::Unknown(Unknown::NotCovered),
        }
    }

    const fn part(&self) -> Option<Reasons> {
        match self {
            Self::Whole(_) => None,
            Self::Part(reasons) => Some(*reasons),
        }
    }
}

/// A certificate and everything that may answer about it.
struct Question<'a> {
    certificate: &'a Certificate,
    /// The distribution points that it names.
    points: &'a [Point],
    signers: &'a [&'a Certificate],
    crls: &'a [Crl],
    at: Instant,
}

impl Question<'_> {
    /// For which reasons a list speaks about the certificate.
    fn covered_by(&self, crl: &Crl) -> Reasons {
        crl.fields.scope.covers(self.certificate, self.points, crl.issuer())
    }

    fn ask(&self, crl: &Crl) -> Said {
        let Some(strength) = self.signed(crl) else {
            return Said::Whole(Status::Unknown(Unknown::NotSignedByIssuer));
        };
        let reasons = self.covered_by(crl);
        if reasons == Reasons::NONE {
            return Said::UNCOVERED;
        }
        match crl.look_up(self.certificate) {
            Err(_) => Said::Whole(Status::Unknown(Unknown::Malformed)),
            Ok(Lookup::Listed(entry)) if entry.is_hold() && self.is_released(crl) => {
                self.absent(crl, strength, reasons)
            }
            Ok(Lookup::Listed(entry)) => Said::Whole(entry.at(self.at)),
            Ok(Lookup::NotUnderstood) => Said::UNCOVERED,
            Ok(Lookup::NotListed) => self.absent(crl, strength, reasons),
        }
    }

    /// That a certificate is absent counts only under the strict reading.
    fn absent(&self, crl: &Crl, strength: Strength, reasons: Reasons) -> Said {
        let unknown = |why| Said::Whole(Status::Unknown(why));
        let (scope, issued) = (&crl.fields.scope, crl.this_update());
        let unnumbered = crl.version() > 1 && scope.number.is_none();
        if scope.changes_to.is_some() || scope.not_understood || unnumbered {
            return Said::UNCOVERED;
        }
        if strength == Strength::Weak(Weakness::Md5) {
            return unknown(Unknown::Forgeable);
        }
        if issued > self.certificate.not_after().plus(KEPT_AFTER_EXPIRY) {
            return unknown(Unknown::NotKept { issued });
        }
        match covers(issued, crl.next_update(), self.at.time()) {
            true if reasons == Reasons::ALL => Said::Whole(Status::Good { as_of: issued }),
            true => Said::Part(reasons),
            false => unknown(Unknown::OutOfDate { issued }),
        }
    }

    /// Whether a list of changes ends the hold that this complete list has (RFC 5280 §5.2.4, §5.3.1): nothing else
    /// can be taken back.
    fn is_released(&self, complete: &Crl) -> bool {
        let ends = |delta: &Crl| {
            let scope = &delta.fields.scope;
            delta.issuer() == complete.issuer()
                && complete.fields.scope.is_changed_by(scope)
                && !scope.not_understood
                && !scope.indirect
                && covers(delta.this_update(), delta.next_update(), self.at.time())
                && self.signed(delta).is_some_and(|strength| strength != Strength::Weak(Weakness::Md5))
                && delta.releases(self.certificate.serial_as_found())
        };
        self.crls.iter().any(ends)
    }

    fn signed(&self, crl: &Crl) -> Option<Strength> {
        self.signers.iter().find_map(|signer| signed_by(crl, signer))
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

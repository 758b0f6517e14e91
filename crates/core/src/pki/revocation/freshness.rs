//! How old revocation information may be: shown, not judged. What counts is whether it covers the instant.
//!
//! CA/Browser Forum code-signing requirements: lists for code-signing leaves are due after at most ten days and
//! those for CAs after at most twelve months (§4.9.7); OCSP responses for leaves live at most ten days (§4.9.10).

use super::{Kind, Knowledge, Piece, Status};
use crate::encoding::x509::Certificate;
use crate::time::Time;

/// For code-signing leaves, in seconds.
const LEAF_BOUND: i64 = 10 * Time::DAY;
/// For CAs, in seconds: a leap year.
const CA_BOUND: i64 = 366 * Time::DAY;

const fn bound(is_ca: bool) -> i64 {
    if is_ca { CA_BOUND } else { LEAF_BOUND }
}

/// That the piece which says *good* is older at `now` than the requirements let one become, in words.
#[must_use]
pub fn stale(certificate: &Certificate, known: &Knowledge, now: Time) -> Option<String> {
    let Status::Good { as_of } = known.status else { return None };
    let age = seconds(as_of, now);
    let kind = known.by.as_ref().map_or(Kind::List, |piece| piece.kind);
    (age > bound(certificate.is_ca())).then(|| {
        format!(
            "{}: the {kind} of {as_of} is {} days older than {now}; what was revoked since is not known",
            certificate.subject(),
            age / Time::DAY
        )
    })
}

/// That the period of a piece is longer than the requirements allow, in words.
#[must_use]
pub fn long_period(certificate: &Certificate, piece: &Piece) -> Option<String> {
    let (made, next) = (piece.this_update?, piece.next_update?);
    let (period, bound) = (seconds(made, next), bound(certificate.is_ca()));
    let section = if piece.kind == Kind::List { "4.9.7" } else { "4.9.10" };
    (period > bound).then(|| {
        format!(
            "{}: the {} of {made} is valid for {} days; the code-signing requirements ({section}) allow {}",
            certificate.subject(),
            piece.kind,
            period / Time::DAY,
            bound / Time::DAY
        )
    })
}

pub(super) fn seconds(from: Time, to: Time) -> i64 {
    to.unix().saturating_sub(from.unix())
}

//! What is known about the revocation of certificates, from lists and OCSP responses together.
//!
//! Three outcomes: good as of an instant, revoked at an instant, unknown; and unknown is never good. Every
//! piece at hand is asked, whoever supplied it, and the worst answer counts: revoked, then revoked only after
//! the signature was made, then good, then unknown. So nobody improves an answer by adding a piece, and who
//! makes a signature can leave pieces out but not outvote the relying party's.
//!
//! The effective date of a revocation is the earlier of *revocation date* and *invalidity date*. The CA/Browser
//! Forum's code-signing requirements have CAs put the first suspected compromise in the revocation date
//! (§4.9.5), which may lie before the decision (§4.9.6), and make both dates the same since 2022-07-01
//! (§7.2.2). Where they differ nevertheless, somebody knew of the earlier one.

mod effect;
mod embedded;
mod freshness;
mod ghost;
mod path_status;
mod piece;
mod shelf;

pub use effect::{Effect, Side, effect};
pub use embedded::Embedded;
pub use freshness::{long_period, stale};
pub use ghost::unrevocable;
pub use path_status::PathStatus;
pub use piece::{Kind, Piece, Source};
pub use shelf::shelves_of;

use crate::encoding::asn1::{self, ErrorKind, Reader, tag};
use crate::encoding::x509::Certificate;
use crate::pki::crl::{self, Crl};
use crate::pki::ocsp::{self, OcspResponse, ResponseStatus};
use crate::time::Time;

/// Everything at hand that may say something about revocation. Cloning is cheap.
#[derive(Clone, Debug, Default)]
pub struct RevocationInfo {
    /// Revocation lists.
    pub crls: Vec<Crl>,
    /// OCSP responses.
    pub ocsp: Vec<OcspResponse>,
}

impl RevocationInfo {
    /// Lists alone.
    #[must_use]
    pub fn of_lists(crls: &[Crl]) -> Self {
        Self { crls: crls.to_vec(), ocsp: Vec::new() }
    }

    /// The date of the newest piece.
    #[must_use]
    pub fn newest(&self) -> Option<Time> {
        let lists = self.crls.iter().map(Crl::this_update);
        lists.chain(self.ocsp.iter().filter_map(OcspResponse::this_update)).max()
    }
}

/// Why a certificate was revoked (RFC 5280 §5.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevocationReason(u8);

impl RevocationReason {
    /// The certificate was replaced.
    pub const SUPERSEDED: Self = Self(4);
    /// The certificate is not needed any more.
    pub const CESSATION_OF_OPERATION: Self = Self(5);
    /// Suspended: it may be released again.
    pub const CERTIFICATE_HOLD: Self = Self(6);
    /// The entry is there to end an earlier one (in lists of changes).
    pub(super) const REMOVE_FROM_CRL: Self = Self(8);

    /// Reads a `CRLReason` (RFC 5280 §5.3.1), as lists and responses carry it: one octet and nothing after it.
    pub(super) fn read(mut reader: Reader<'_>) -> Result<Self, asn1::Error> {
        let bad = reader.error(ErrorKind::BadValue);
        let code = reader.expect(tag::ENUMERATED)?.content;
        reader.finish()?;
        match code {
            [code] => Ok(Self(*code)),
            _ => Err(bad),
        }
    }

    /// The name that RFC 5280 gives it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self.0 {
            1 => "keyCompromise",
            2 => "cACompromise",
            3 => "affiliationChanged",
            4 => "superseded",
            5 => "cessationOfOperation",
            6 => "certificateHold",
            8 => "removeFromCRL",
            9 => "privilegeWithdrawn",
            10 => "aACompromise",
            _ => "unspecified",
        }
    }

    /// Whether the certificate was only put out of use: nothing is said against what was signed before.
    #[must_use]
    pub const fn is_retirement(self) -> bool {
        matches!(self, Self::SUPERSEDED | Self::CESSATION_OF_OPERATION)
    }

    /// Whether an authority's timestamps from before the revocation stay good (RFC 3161 §4.1): for
    /// unspecified, affiliationChanged, superseded and cessationOfOperation. Of any other reason, and without
    /// one, all of its timestamps are invalid.
    #[must_use]
    pub const fn leaves_timestamps(self) -> bool {
        matches!(self.0, 0 | 3 | 4 | 5)
    }
}

/// A revocation: one entry of a list, or what a response says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it was revoked.
    pub revoked: Time,
    /// Why, where said.
    pub reason: Option<RevocationReason>,
    /// Since when the key is known or suspected to be compromised, where said.
    pub invalid_since: Option<Time>,
}

impl Entry {
    /// From when on signatures do not count: the earlier of the two dates.
    #[must_use]
    pub fn effective(&self) -> Time {
        self.invalid_since.map_or(self.revoked, |since| since.min(self.revoked))
    }

    /// Whether the certificate was only put out of use.
    #[must_use]
    pub fn is_retirement(&self) -> bool {
        self.reason.is_some_and(RevocationReason::is_retirement)
    }

    /// Whether an authority's timestamps from before the revocation stay good: never without a reason.
    pub(super) fn leaves_timestamps(&self) -> bool {
        self.reason.is_some_and(RevocationReason::leaves_timestamps)
    }

    /// How much the revocation takes with it of what was made before. Whatever leaves signatures leaves
    /// timestamps, too.
    fn rank(&self) -> u8 {
        u8::from(!self.leaves_timestamps()).saturating_add(u8::from(!self.is_retirement()))
    }

    /// Whether it is a suspension that may be ended again.
    pub(super) fn is_hold(&self) -> bool {
        self.reason == Some(RevocationReason::CERTIFICATE_HOLD)
    }

    /// What it means at the instant that counts.
    pub(super) fn at(self, instant: Instant) -> Status {
        match instant {
            Instant::Proven(time) if time < self.effective() => Status::RevokedSince(self),
            _ => Status::Revoked(self),
        }
    }

    fn words(&self) -> String {
        let reason = self.reason.map(|reason| format!(" ({})", reason.name())).unwrap_or_default();
        let dated = match self.invalid_since {
            Some(since) if since < self.revoked => format!(", its invalidity date; revoked {}", self.revoked),
            _ => String::new(),
        };
        format!("revoked with effect from {}{reason}{dated}", self.effective())
    }
}

/// What is known about the revocation of one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Not revoked, as of the making of a piece that covers the instant asked about.
    Good {
        /// When the piece was made (`thisUpdate`).
        as_of: Time,
    },
    /// Revoked, with effect at or before the instant that counts.
    Revoked(Entry),
    /// Revoked, but only with effect after the signature was provably made.
    RevokedSince(Entry),
    /// Nothing usable is known. Never good.
    Unknown(Unknown),
}

impl Status {
    /// The revocation, if there is one, whenever it takes effect.
    #[must_use]
    pub const fn entry(&self) -> Option<&Entry> {
        match self {
            Self::Revoked(entry) | Self::RevokedSince(entry) => Some(entry),
            Self::Good { .. } | Self::Unknown(_) => None,
        }
    }
}

/// Why the status is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// Nothing of the issuer is at hand.
    NothingAtHand,
    /// The responder gave no answer.
    NoAnswer(ResponseStatus),
    /// The piece is broken.
    Malformed,
    /// The issuer's key did not sign the list, or may not sign lists.
    NotSignedByIssuer,
    /// Whoever signed the response may not speak for the issuer, and why.
    NotAuthorized(&'static str),
    /// The signature of the piece can be forged (MD5).
    Forgeable,
    /// The responder says that it does not know the certificate.
    NotKnownThere,
    /// The piece is of a time at which the issuer need not keep the certificate's status any more.
    NotKept {
        /// When it was made.
        issued: Time,
    },
    /// The piece covers other certificates, or only some reasons, or only changes, or is not understood.
    NotCovered,
    /// The piece says nothing about the instant: it is older, and the next one was due before.
    OutOfDate {
        /// When it was made.
        issued: Time,
    },
}

impl Unknown {
    /// How close the piece came to an answer.
    const fn rank(self) -> u8 {
        match self {
            Self::NothingAtHand => 0,
            Self::NoAnswer(_) => 1,
            Self::Malformed => 2,
            Self::NotSignedByIssuer | Self::NotAuthorized(_) => 3,
            Self::Forgeable => 4,
            Self::NotKnownThere => 5,
            Self::NotKept { .. } => 6,
            Self::NotCovered => 7,
            Self::OutOfDate { .. } => 8,
        }
    }

    fn words(self, kind: Kind) -> String {
        match self {
            Self::NothingAtHand => "no revocation list or OCSP response of the issuer is at hand".to_owned(),
            Self::NoAnswer(status) => format!("the OCSP responder gave no answer: {}", status.name()),
            Self::Malformed => format!("the {kind} is broken"),
            Self::NotSignedByIssuer => format!("the {kind} was not signed by the issuer"),
            Self::NotAuthorized(why) => format!("the {kind} does not speak for the issuer: {why}"),
            Self::Forgeable => format!("the signature of the {kind} can be forged"),
            Self::NotKnownThere => "the OCSP responder does not know the certificate".to_owned(),
            Self::NotKept { issued } => {
                format!("the {kind} of {issued} may leave out certificates that expired as long ago as this one")
            }
            Self::NotCovered => format!("the {kind} does not cover the certificate"),
            Self::OutOfDate { issued } => format!("the {kind} of {issued} is too old"),
        }
    }
}

/// When a signature was made, as far as that is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instant {
    /// A timestamp proves that it existed then: a later revocation leaves it.
    Proven(Time),
    /// Nothing proves when: any revocation known now counts.
    Now(Time),
}

impl Instant {
    /// The instant itself.
    #[must_use]
    pub const fn time(self) -> Time {
        let (Self::Proven(time) | Self::Now(time)) = self;
        time
    }
}

/// What is known about one certificate, and by which piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Knowledge {
    /// The status.
    pub status: Status,
    /// The piece that says so, if one was there.
    pub by: Option<Piece>,
}

impl Knowledge {
    pub(super) const fn new(status: Status, by: Piece) -> Self {
        Self { status, by: Some(by) }
    }

    const NOTHING: Self = Self { status: Status::Unknown(Unknown::NothingAtHand), by: None };

    /// Worst first by status; among equals the one that says most: the reason that takes most with it, the
    /// earliest revocation, the latest good.
    fn rank(&self) -> (u8, u8, i64) {
        match &self.status {
            Status::Unknown(why) => (0, why.rank(), 0),
            Status::Good { as_of } => (1, 0, as_of.unix()),
            Status::RevokedSince(entry) => (2, entry.rank(), early(entry)),
            Status::Revoked(entry) => (3, 0, early(entry)),
        }
    }

    /// The facts in words: status, and the source and age of what says so.
    #[must_use]
    pub fn words(&self) -> String {
        let kind = self.by.as_ref().map_or(Kind::List, |piece| piece.kind);
        let status = match &self.status {
            Status::Good { as_of } => format!("not revoked as of {as_of}"),
            Status::Revoked(entry) => entry.words(),
            Status::RevokedSince(entry) => format!("{}, after the signature was made", entry.words()),
            Status::Unknown(why) => why.words(kind),
        };
        match &self.by {
            Some(piece) => format!("{status} [{piece}]"),
            None => status,
        }
    }
}

fn early(entry: &Entry) -> i64 {
    entry.effective().unix().saturating_neg()
}

/// Asks every piece about a certificate. The worst answer counts.
///
/// `signers` are the certificates of the issuer whose keys are accepted to sign its lists and responses: the
/// next one in the path, and others that the caller validated.
#[must_use]
pub fn of_certificate(
    certificate: &Certificate,
    signers: &[&Certificate],
    info: &RevocationInfo,
    at: Instant,
) -> Knowledge {
    let lists = crl::opinions(certificate, signers, &info.crls, at);
    let responses = info.ocsp.iter().flat_map(|response| ocsp::opinions(response, certificate, signers, info, at));
    lists.into_iter().chain(responses).max_by_key(Knowledge::rank).unwrap_or(Knowledge::NOTHING)
}

/// Whether a piece says something about an instant: it was made later, or the next one was due later.
pub(super) fn covers(this_update: Time, next_update: Option<Time>, instant: Time) -> bool {
    this_update >= instant || next_update.is_some_and(|next| instant <= next)
}

//! What revocation lists say about a certificate at the instant that counts for a signature.

use super::{Crl, Entry, Lookup};
use crate::encoding::x509::Certificate;
use crate::evidence::{Check, CheckId, Need, Outcome, Reason};
use crate::pki::path::Path;
use crate::time::Time;

/// What is known about the revocation of one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Not revoked, as of the issue of a list that covers the instant asked about.
    Good {
        /// When the list was issued.
        as_of: Time,
    },
    /// Revoked, with effect at or before the instant that counts.
    Revoked(Entry),
    /// Revoked, but only with effect after the signature was provably made.
    RevokedSince(Entry),
    /// Nothing usable is known. Never good.
    Unknown(Unknown),
}

/// Why the status is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// No list of the issuer is at hand.
    NoList,
    /// The list was not signed by the issuer's key, or its key may not sign lists.
    NotSignedByIssuer,
    /// The list says nothing about the instant: it is older, and the next one was due before.
    OutOfDate {
        /// When it was issued.
        issued: Time,
    },
    /// The list covers other certificates, or only some reasons, or only changes, or is not understood.
    NotCovered,
    /// The list is broken.
    Malformed,
}

impl Unknown {
    /// How close the list came to an answer.
    const fn rank(self) -> u8 {
        match self {
            Self::NoList => 0,
            Self::Malformed => 1,
            Self::NotSignedByIssuer => 2,
            Self::NotCovered => 3,
            Self::OutOfDate { .. } => 4,
        }
    }

    fn words(self) -> String {
        match self {
            Self::NoList => "no revocation list of the issuer is at hand".to_owned(),
            Self::NotSignedByIssuer => "the revocation list was not signed by the issuer".to_owned(),
            Self::OutOfDate { issued } => format!("the revocation list of {issued} is too old"),
            Self::NotCovered => "the revocation list does not cover the certificate".to_owned(),
            Self::Malformed => "the revocation list is broken".to_owned(),
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

/// Looks a certificate up in every list of its issuer. The worst answer counts: revoked before revoked since,
/// before good, before unknown.
///
/// `signers` are the certificates of the issuer whose keys are accepted to sign its lists: the next one in
/// the path, and others that the caller validated.
#[must_use]
pub fn of_certificate(certificate: &Certificate, signers: &[&Certificate], crls: &[Crl], at: Instant) -> Status {
    let own = crls.iter().filter(|crl| crl.issuer() == certificate.issuer());
    let answers = own.map(|crl| one(crl, certificate, signers, at));
    answers.max_by_key(Status::rank).unwrap_or(Status::Unknown(Unknown::NoList))
}

fn one(crl: &Crl, certificate: &Certificate, signers: &[&Certificate], at: Instant) -> Status {
    if !signers.iter().any(|signer| signs(signer, crl)) {
        return Status::Unknown(Unknown::NotSignedByIssuer);
    }
    let scope = &crl.fields.scope;
    // Entries of an indirect list may be about certificates of other issuers.
    if scope.indirect || !scope.covers(certificate) {
        return Status::Unknown(Unknown::NotCovered);
    }
    match crl.look_up(certificate.serial_as_found()) {
        Err(_) => Status::Unknown(Unknown::Malformed),
        Ok(Lookup::Listed(entry)) => match at {
            Instant::Proven(time) if time < entry.effective() => Status::RevokedSince(entry),
            _ => Status::Revoked(entry),
        },
        Ok(Lookup::NotUnderstood) => Status::Unknown(Unknown::NotCovered),
        Ok(Lookup::NotListed) => absent(crl, at),
    }
}

/// That a certificate is absent counts only under the strict reading.
fn absent(crl: &Crl, at: Instant) -> Status {
    let scope = &crl.fields.scope;
    let unnumbered = crl.version() > 1 && !scope.numbered;
    if scope.delta || scope.some_reasons || scope.not_understood || unnumbered {
        return Status::Unknown(Unknown::NotCovered);
    }
    let (Instant::Proven(time) | Instant::Now(time)) = at;
    let issued = crl.this_update();
    let covers = issued >= time || crl.next_update().is_some_and(|next| time <= next);
    if covers { Status::Good { as_of: issued } } else { Status::Unknown(Unknown::OutOfDate { issued }) }
}

fn signs(signer: &Certificate, crl: &Crl) -> bool {
    let permitted = match signer.key_usage() {
        Ok(usage) => usage.is_none_or(|usage| usage.crl_sign()),
        Err(_) => false,
    };
    let named = signer.subject() == crl.issuer();
    permitted && named && signer.public_key().is_ok_and(|key| crl.verify_signed_by(&key).is_ok())
}

impl Status {
    const fn rank(&self) -> (u8, u8) {
        match self {
            Self::Unknown(why) => (0, why.rank()),
            Self::Good { .. } => (1, 0),
            Self::RevokedSince(_) => (2, 0),
            Self::Revoked(_) => (3, 0),
        }
    }

    /// The facts in words.
    #[must_use]
    pub fn words(&self) -> String {
        let entry = |entry: &Entry| {
            let reason = entry.reason.map(|reason| format!(" ({})", reason.name())).unwrap_or_default();
            format!("revoked with effect from {}{reason}", entry.effective())
        };
        match self {
            Self::Good { as_of } => format!("not revoked as of {as_of}"),
            Self::Revoked(listed) => entry(listed),
            Self::RevokedSince(listed) => format!("{}, after the signature was made", entry(listed)),
            Self::Unknown(why) => why.words(),
        }
    }
}

/// What is known about the certificates of a path, leaf first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathStatus {
    /// Certificate name and status of each.
    pub certificates: Vec<(String, Status)>,
}

impl PathStatus {
    /// Looks up every certificate below the anchor.
    #[must_use]
    pub fn of(path: &Path, crls: &[Crl], at: Instant) -> Self {
        let below = path.certificates.iter();
        let issuers = path.certificates.iter().skip(1).chain(std::iter::once(&path.anchor.certificate));
        let certificates = below.zip(issuers).map(|(certificate, issuer)| {
            let status = of_certificate(certificate, &[issuer], crls, at);
            (certificate.subject().to_string(), status)
        });
        Self { certificates: certificates.collect() }
    }

    /// The status of the leaf.
    #[must_use]
    pub fn leaf(&self) -> Option<&Status> {
        self.certificates.first().map(|(_, status)| status)
    }

    /// Certificates of the path that were revoked only after the signature was made.
    pub fn revoked_since(&self) -> impl Iterator<Item = &(String, Status)> {
        self.certificates.iter().filter(|(_, status)| matches!(status, Status::RevokedSince(_)))
    }

    /// The result as a check: failed if any certificate was revoked, passed if something is known about each,
    /// else undecided.
    #[must_use]
    pub fn check(&self) -> Check {
        let revoked = self.certificates.iter().any(|(_, status)| matches!(status, Status::Revoked(_)));
        let unknown = self.certificates.iter().any(|(_, status)| matches!(status, Status::Unknown(_)));
        let outcome = match (revoked, unknown) {
            (true, _) => Outcome::Fail(Reason::Revoked),
            (false, true) => Outcome::Undecided(Need::RevocationStatus),
            (false, false) => Outcome::Pass,
        };
        let details = self.certificates.iter().map(|(name, status)| format!("{name}: {}", status.words()));
        Check { id: CheckId::Revocation, outcome, detail: details.collect::<Vec<_>>().join("; ") }
    }
}

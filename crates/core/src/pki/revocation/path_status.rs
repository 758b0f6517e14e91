//! The status of every certificate of a path, as one check.

use super::{Instant, Knowledge, RevocationInfo, Status, of_certificate};
use crate::encoding::x509::Certificate;
use crate::evidence::{Check, CheckId, Need, Outcome, Reason};
use crate::pki::path::Path;

/// What is known about the certificates of a path, leaf first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathStatus {
    /// Certificate name and status of each.
    pub certificates: Vec<(String, Knowledge)>,
}

impl PathStatus {
    /// Looks up every certificate below the anchor.
    #[must_use]
    pub fn of(path: &Path, info: &RevocationInfo, at: Instant) -> Self {
        let issuers = path.certificates.iter().skip(1).chain(std::iter::once(&path.anchor.certificate));
        let issuers: Vec<&Certificate> = issuers.collect();
        // The next one is the issuer; those above it may issue indirect lists about it.
        let certificates = path.certificates.iter().enumerate().map(|(position, certificate)| {
            let known = of_certificate(certificate, issuers.get(position..).unwrap_or_default(), info, at);
            (certificate.subject().to_string(), known)
        });
        Self { certificates: certificates.collect() }
    }

    /// What is known about the leaf.
    #[must_use]
    pub fn leaf(&self) -> Option<&Knowledge> {
        self.certificates.first().map(|(_, known)| known)
    }

    /// Certificates of the path that were revoked only after the signature was made.
    pub fn revoked_since(&self) -> impl Iterator<Item = &(String, Knowledge)> {
        self.certificates.iter().filter(|(_, known)| matches!(known.status, Status::RevokedSince(_)))
    }

    /// The result as a check: failed if any certificate was revoked, passed if something is known about each,
    /// else undecided.
    #[must_use]
    pub fn check(&self) -> Check {
        let any = |wanted: fn(&Status) -> bool| self.certificates.iter().any(|(_, known)| wanted(&known.status));
        let revoked = any(|status| matches!(status, Status::Revoked(_)));
        let unknown = any(|status| matches!(status, Status::Unknown(_)));
        let outcome = match (revoked, unknown) {
            (true, _) => Outcome::Fail(Reason::Revoked),
            (false, true) => Outcome::Undecided(Need::RevocationStatus),
            (false, false) => Outcome::Pass,
        };
        let details = self.certificates.iter().map(|(name, known)| format!("{name}: {}", known.words()));
        Check { id: CheckId::Revocation, outcome, detail: details.collect::<Vec<_>>().join("; ") }
    }
}

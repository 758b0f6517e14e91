//! Path building and validation at a past instant (RFC 5280 §6).
//!
//! A search goes from the leaf upwards over every candidate issuer, and every rule that can be judged from
//! below is judged at once, so that a hopeless path is left early. What ends a path is kept with its reason:
//! a failed search reports its candidates, not one error. Three questions are kept apart, because a
//! signature's state depends on which of them fails: does an accepted anchor vouch (chain), at that instant
//! (validity), for this use (usage)?

mod rules;
mod search;

use crate::crypto::Weakness;
use crate::encoding::x509::{Certificate, Name};
use crate::evidence::{Check, CheckId, Outcome, Reason};
use crate::pki::anchor::{Anchor, AnchorSource, Purpose};
use crate::pki::policies::PolicyInputs;
use crate::time::Time;

/// What is asked of a certificate.
#[derive(Clone)]
pub struct PathQuery<'a> {
    /// The certificate to judge.
    pub leaf: &'a Certificate,
    /// Certificates that may stand between it and an anchor; nothing in them is trusted.
    pub intermediates: &'a [Certificate],
    /// The anchors.
    pub anchors: &'a dyn AnchorSource,
    /// What the leaf is to be good for.
    pub purpose: Purpose,
    /// The instant at which all of this is judged.
    pub at: Time,
    /// Critical extensions that the caller knows and handles, as content octets of object identifiers: vendor
    /// extensions of leaves, such as Apple's.
    pub accepted_critical: &'a [&'a [u8]],
    /// What is asked of certificate policies.
    pub policies: PolicyInputs,
    /// The bounds.
    pub limits: PathLimits,
}

impl<'a> PathQuery<'a> {
    /// A query with no further demands and the usual bounds.
    #[must_use]
    pub fn new(
        leaf: &'a Certificate,
        intermediates: &'a [Certificate],
        anchors: &'a dyn AnchorSource,
        purpose: Purpose,
        at: Time,
    ) -> Self {
        Self {
            leaf,
            intermediates,
            anchors,
            purpose,
            at,
            accepted_critical: &[],
            policies: PolicyInputs::default(),
            limits: PathLimits::default(),
        }
    }
}

/// Bounds on one search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathLimits {
    /// Most intermediates in a path that are not self-issued, as `pathLenConstraint` counts them.
    pub intermediates: usize,
    /// Certificates of the caller that are looked at.
    pub certificates: usize,
    /// Signatures verified: the expensive part of a search.
    pub signatures: usize,
    /// Issuers tried.
    pub candidates: usize,
}

impl Default for PathLimits {
    /// Real paths have up to 4 intermediates, real signatures carry up to about 20 certificates, and the
    /// cross-signed worst case of public suites needs some dozens of signatures.
    fn default() -> Self {
        Self { intermediates: 8, certificates: 256, signatures: 128, candidates: 2048 }
    }
}

/// Rejected candidates that a report lists.
const MAX_REPORTED: usize = 32;

/// A chain of certificates from a leaf to an anchor.
#[derive(Clone, Debug)]
pub struct Path {
    /// The leaf and the intermediates, without the anchor; the leaf alone if it is itself an anchor.
    pub certificates: Vec<Certificate>,
    /// The anchor that it ends at.
    pub anchor: Anchor,
    /// Signatures in the path, below the anchor, that could have been forged.
    pub weaknesses: Vec<PathWeakness>,
}

impl Path {
    /// The certificate names, leaf first, the anchor's last.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.with_anchor().map(|certificate| name_text(certificate.subject())).collect()
    }

    /// The certificates, leaf first, the anchor's last.
    pub fn with_anchor(&self) -> impl Iterator<Item = &Certificate> {
        let anchor = Some(&self.anchor.certificate).filter(|anchor| self.certificates.last() != Some(anchor));
        self.certificates.iter().chain(anchor)
    }

    /// The certificate of the leaf's issuer: the first intermediate, or the anchor.
    #[must_use]
    pub fn issuer(&self) -> &Certificate {
        self.certificates.get(1).unwrap_or(&self.anchor.certificate)
    }
}

/// A forgeable signature in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathWeakness {
    /// Position in [`Path::certificates`] of the certificate that is signed so.
    pub position: usize,
    /// What makes it weak.
    pub weakness: Weakness,
}

/// One thing that speaks against a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The question it belongs to: [`CheckId::Chain`], [`CheckId::Validity`] or [`CheckId::Usage`].
    pub check: CheckId,
    /// Why.
    pub outcome: Outcome,
    /// The certificate and the facts.
    pub detail: String,
}

impl Fault {
    fn new(check: CheckId, reason: Reason, detail: impl Into<String>) -> Self {
        Self { check, outcome: Outcome::Fail(reason), detail: detail.into() }
    }

    fn chain(reason: Reason, detail: impl Into<String>) -> Self {
        Self::new(CheckId::Chain, reason, detail)
    }

    fn is_of_chain(&self) -> bool {
        self.check == CheckId::Chain
    }

    /// How much the fault says about why there is no path: the higher, the closer the path came to an anchor.
    const fn precision(&self) -> u8 {
        match self.outcome {
            Outcome::Fail(Reason::PathBudgetExceeded) => 9,
            Outcome::Fail(Reason::AnchorNotAccepted) => 6,
            Outcome::Fail(Reason::PathConstraintViolated) => 5,
            Outcome::Fail(Reason::CertificateSignatureMismatch) => 4,
            Outcome::Undecided(_) => 3,
            Outcome::Fail(Reason::SelfSigned) => 2,
            _ => 1,
        }
    }
}

/// A chain of certificates that was tried and not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Certificate names, leaf first.
    pub names: Vec<String>,
    /// What ended it.
    pub fault: Fault,
}

/// The result of a search.
#[derive(Clone, Debug)]
pub struct PathReport {
    path: Option<Path>,
    faults: Vec<Fault>,
    rejected: Vec<Candidate>,
}

impl PathReport {
    /// The path, if there is one that nothing speaks against.
    #[must_use]
    pub const fn accepted(&self) -> Option<&Path> {
        if self.faults.is_empty() { self.path.as_ref() } else { None }
    }

    /// The path that leads to an accepted anchor, even though it may be expired or of another usage. Never
    /// enough to trust: see [`PathReport::accepted`].
    #[must_use]
    pub const fn leading(&self) -> Option<&Path> {
        self.path.as_ref()
    }

    /// What speaks against [`PathReport::leading`]; or, if there is none, the most telling reason first.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Every other chain that was tried, with its reason, up to 32 of them.
    #[must_use]
    pub fn rejected(&self) -> &[Candidate] {
        &self.rejected
    }

    /// The most telling reason for which no path is accepted.
    #[must_use]
    pub fn reason(&self) -> Option<Outcome> {
        self.faults.first().map(|fault| fault.outcome)
    }

    /// The result as checks of a signature: always [`CheckId::Chain`]; and [`CheckId::Validity`] and
    /// [`CheckId::Usage`] if an accepted anchor vouches at all. Who nobody vouches for is untrusted, whatever
    /// their dates say.
    #[must_use]
    pub fn checks(&self) -> Vec<Check> {
        let Some(path) = &self.path else {
            return vec![self.chain_failed()];
        };
        let chain = format!("{} (anchor: {})", path.names().join(" <- "), path.anchor.source);
        vec![
            Check { id: CheckId::Chain, outcome: Outcome::Pass, detail: chain },
            self.check_of(CheckId::Validity, "every certificate was within its validity"),
            self.check_of(CheckId::Usage, "every certificate permits this use"),
        ]
    }

    fn check_of(&self, id: CheckId, holds: &str) -> Check {
        match self.faults.iter().find(|fault| fault.check == id) {
            Some(fault) => Check { id, outcome: fault.outcome, detail: fault.detail.clone() },
            None => Check { id, outcome: Outcome::Pass, detail: holds.to_owned() },
        }
    }

    fn chain_failed(&self) -> Check {
        let fault = self.faults.first();
        let outcome = fault.map_or(Outcome::Fail(Reason::NoPathToAnchor), |fault| fault.outcome);
        let mut detail = fault.map(|fault| fault.detail.clone()).unwrap_or_default();
        for candidate in self.rejected.iter().filter(|candidate| Some(&candidate.fault) != fault) {
            let tried = candidate.names.join(" <- ");
            detail = format!("{detail}; tried {tried}: {}", candidate.fault.detail);
        }
        Check { id: CheckId::Chain, outcome, detail }
    }
}

/// Searches a path from the leaf to an anchor on which every rule holds.
#[must_use]
pub fn build_path(query: &PathQuery<'_>) -> PathReport {
    search::Search::new(query).run()
}

/// A name to show: RFC 4514 text, or that there is none.
pub(super) fn name_text(name: &Name) -> String {
    if name.is_empty() { "(no name)".to_owned() } else { name.to_string() }
}

#[cfg(test)]
mod tests;

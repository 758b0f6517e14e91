//! Who vouches for a signing certificate: an authority of a Sigstore instance, or an anchor of the user.

use super::timestamps::Proven;
use crate::encoding::x509::Certificate;
use crate::evidence::{CheckId, Need, Outcome, Reason, Reliance, Signature};
use crate::formats::Context;
use crate::pki::anchor::{Anchor, Purpose};
use crate::pki::assurance;
use crate::pki::path::{Path, PathQuery, PathReport, build_path};
use crate::time::Time;
use crate::tlog::sct;
use crate::tlog::trusted_root::{Authority, TrustedRoot};

/// The instance whose authorities issued a certificate.
pub(super) struct Issuance<'a> {
    pub(super) root: &'a TrustedRoot,
    /// Each authority that the certificate leads to, and how.
    paths: Vec<(&'a Authority, PathReport)>,
}

impl<'a> Issuance<'a> {
    /// Finds the instance that issued a certificate, as of the instant at which it says it was issued. When
    /// the authority is accepted is another question: [`Issuance::check`].
    pub(super) fn find(leaf: &Certificate, others: &[Certificate], roots: &'a [TrustedRoot]) -> Option<Self> {
        roots.iter().find_map(|root| {
            let path = |authority| Some((authority, climb(leaf, authority, others)?));
            let paths: Vec<_> = root.certificate_authorities.iter().filter_map(path).collect();
            (!paths.is_empty()).then_some(Self { root, paths })
        })
    }

    /// Checks that an authority was accepted, and its certificates valid, at every proven time. Returns the
    /// certificate that issued the leaf.
    pub(super) fn check(
        &self,
        signature: &mut Signature,
        leaf: &Certificate,
        times: &[Proven],
    ) -> Option<&Certificate> {
        let accepted =
            |path: &&(&Authority, PathReport)| times.iter().all(|proven| was_accepted(path.0, &path.1, proven.time));
        let chosen = self.paths.iter().find(accepted);
        let (_, report) = chosen.or(self.paths.first())?;
        signature.rests_on.splice(0..0, Reliance::of_path(leaf, report.leading()));
        let (outcome, detail) = match chosen {
            Some((authority, _)) => (Outcome::Pass, format!("{} ({})", authority.uri, self.root.source)),
            None => {
                let spans: Vec<_> = self.paths.iter().map(|(authority, _)| authority.valid.to_string()).collect();
                let detail = format!("the authority is accepted {}, not when it was signed", spans.join(" or "));
                (Outcome::Fail(Reason::AnchorNotAccepted), detail)
            }
        };
        if chosen.is_some() {
            signature.chain = report.leading().map(Path::names).unwrap_or_default();
        }
        signature.check(CheckId::Chain, outcome, detail);
        signature.checks.extend(report.checks().into_iter().filter(|check| check.id == CheckId::Usage));
        report.leading().map(Path::issuer)
    }
}

fn was_accepted(authority: &Authority, report: &PathReport, at: Time) -> bool {
    let issuers = report.leading().map_or(&[][..], |path| path.certificates.get(1..).unwrap_or_default());
    let anchor = authority.certificates.last();
    authority.valid.contains(at) && issuers.iter().chain(anchor).all(|certificate| certificate.is_valid_at(at))
}

/// The path to the authority's anchor, if there is one.
fn climb(leaf: &Certificate, authority: &Authority, others: &[Certificate]) -> Option<PathReport> {
    let (anchor, own) = authority.certificates.split_last()?;
    let issuers = || authority.certificates.iter().chain(others);
    if !issuers().any(|issuer| issuer.subject() == leaf.issuer()) {
        return None;
    }
    let anchors = [Anchor::unlimited(anchor.clone(), authority.uri.as_str())];
    let intermediates = [own, others].concat();
    let query = PathQuery::new(leaf, &intermediates, &anchors, Purpose::CodeSigning, leaf.not_before());
    let report = build_path(&query);
    report.leading().is_some().then_some(report)
}

/// Checks a certificate of no Sigstore instance against the anchors of the relying party. Nothing proves
/// when it signed unless a timestamp does, so it is judged as of now.
pub(super) fn check_anchored(
    signature: &mut Signature,
    leaf: &Certificate,
    others: &[Certificate],
    times: &[Proven],
    context: &Context<'_>,
) {
    let at = times.iter().map(|proven| proven.time).min().unwrap_or(context.at);
    let query = PathQuery::new(leaf, others, &context.material.anchors, Purpose::CodeSigning, at);
    let report = build_path(&query);
    signature.rests_on.splice(0..0, Reliance::of_path(leaf, report.leading()));
    signature.chain = report.accepted().map(Path::names).unwrap_or_default();
    signature.assurance = assurance::of_leaf(leaf, report.accepted());
    signature.checks.extend(report.checks());
}

/// Checks that the leaf was valid at every proven time. Its own validity of ten minutes is the reason why
/// Sigstore needs proven times at all.
pub(super) fn check_validity(signature: &mut Signature, leaf: &Certificate, times: &[Proven], now: Time) {
    let span = format!("{} to {}", leaf.not_before(), leaf.not_after());
    let (outcome, detail) = match times {
        [] => (Outcome::Undecided(Need::TrustedTime), format!("valid {span}, and nothing proves when it signed")),
        times => times
            .iter()
            .map(|proven| validity_at(leaf, proven.time, now))
            .find(|found| *found != Outcome::Pass)
            .map_or_else(
                || (Outcome::Pass, format!("valid {span}")),
                |outcome| {
                    let times: Vec<_> = times.iter().map(|proven| proven.time.to_string()).collect();
                    (outcome, format!("valid {span}, signed {}", times.join(" and ")))
                },
            ),
    };
    signature.check(CheckId::Validity, outcome, detail);
}

fn validity_at(leaf: &Certificate, time: Time, now: Time) -> Outcome {
    if time < leaf.not_before() || super::log::is_after(time, now) {
        Outcome::Fail(Reason::NotYetValid)
    } else if time > leaf.not_after() {
        Outcome::Fail(Reason::Expired)
    } else {
        Outcome::Pass
    }
}

/// Checks the promises of certificate logs inside the leaf, if the instance has such logs: at least one must
/// be by an accepted log and hold.
pub(super) fn check_logged(signature: &mut Signature, leaf: &Certificate, issuer: &Certificate, root: &TrustedRoot) {
    let Some(promises) = sct::embedded(leaf) else {
        let detail = "the certificate's timestamps cannot be read";
        signature.check(CheckId::CertificateLogged, Outcome::Fail(Reason::CertificateLogInvalid), detail);
        return;
    };
    if root.certificate_logs.is_empty() {
        return;
    }
    let mut problem =
        (Outcome::Fail(Reason::CertificateLogInvalid), "the certificate has no timestamp of a log".to_owned());
    for promise in &promises {
        let at = promise.time();
        let named = root.certificate_logs.iter().filter(|log| log.id == promise.log_id);
        let mut known = named.filter(|log| log.valid.contains(at)).peekable();
        if known.peek().is_none() {
            let id = crate::encoding::hex::encode(&promise.log_id);
            problem = (Outcome::Undecided(Need::LogKey), format!("no accepted log has the id {id} at {at}"));
            continue;
        }
        if let Some(log) = known.find(|log| promise.verify(leaf, issuer.spki(), log).is_ok()) {
            signature.check(CheckId::CertificateLogged, Outcome::Pass, format!("{at} by {}", log.name));
            return;
        }
        problem = (Outcome::Fail(Reason::CertificateLogInvalid), format!("the timestamp of {at} does not hold"));
    }
    signature.check(CheckId::CertificateLogged, problem.0, problem.1);
}

//! What one OCSP response says about a certificate, and who may say it.

use super::{Answer, AnswerStatus, Basic, OcspResponse, ResponseStatus};
use crate::crypto::{Strength, Weakness};
use crate::encoding::asn1::oid;
use crate::encoding::x509::Certificate;
use crate::pki::crl;
use crate::pki::revocation::{Instant, Knowledge, RevocationInfo, Status, Unknown, covers};

/// The strength of a signature, or of one that it depends on, that others can make.
const FORGEABLE: Strength = Strength::Weak(Weakness::Md5);

/// What the response says about a certificate: an opinion per answer about it; one that it gave no answer, if
/// it gave none to anything.
pub(crate) fn opinions(
    response: &OcspResponse,
    certificate: &Certificate,
    signers: &[&Certificate],
    info: &RevocationInfo,
    at: Instant,
) -> Vec<Knowledge> {
    let Some(basic) = &response.fields.basic else {
        let status = response.fields.status;
        let why = if status == ResponseStatus::SUCCESSFUL { Unknown::NotCovered } else { Unknown::NoAnswer(status) };
        return vec![Knowledge::new(Status::Unknown(why), response.piece(None))];
    };
    // A list may be signed by others; for a responder the issuer alone can speak.
    let issuers = signers.iter().filter(|signer| signer.subject() == certificate.issuer());
    let meant = issuers.filter(|issuer| basic.answers.iter().any(|answer| answer.id.names(certificate, issuer)));
    // Asked once for each issuer and not for each answer: it costs signatures, and there may be many answers.
    let speaking: Vec<(&Certificate, Result<Strength, Unknown>)> =
        meant.map(|issuer| (*issuer, authorize(response, basic, issuer, info))).collect();
    let of = |answer: &Answer| {
        let issuers = speaking.iter().filter(|(issuer, _)| answer.id.names(certificate, issuer));
        let status = match best(issuers.map(|(_, outcome)| *outcome))? {
            Ok(strength) => one(basic, answer, strength, certificate, at),
            Err(why) => Status::Unknown(why),
        };
        Some(Knowledge::new(status, response.piece(Some(answer))))
    };
    basic.answers.iter().filter_map(of).collect()
}

/// The first outcome that others cannot have brought about; else one that holds, else the last reason why none does.
fn best<E>(outcomes: impl Iterator<Item = Result<Strength, E>>) -> Option<Result<Strength, E>> {
    let mut best = None;
    for outcome in outcomes {
        match (&outcome, &best) {
            (Ok(strength), _) if *strength != FORGEABLE => return Some(outcome),
            (Err(_), Some(Ok(_))) => {}
            _ => best = Some(outcome),
        }
    }
    best
}

fn one(basic: &Basic, answer: &Answer, strength: Strength, certificate: &Certificate, at: Instant) -> Status {
    match answer.status {
        AnswerStatus::Revoked(entry) => entry.at(at),
        AnswerStatus::Unknown => Status::Unknown(Unknown::NotKnownThere),
        AnswerStatus::Good if basic.not_understood || answer.not_understood => Status::Unknown(Unknown::NotCovered),
        AnswerStatus::Good if strength == FORGEABLE => Status::Unknown(Unknown::Forgeable),
        AnswerStatus::Good => good(answer, certificate, at),
    }
}

fn good(answer: &Answer, certificate: &Certificate, at: Instant) -> Status {
    let issued = answer.this_update;
    // Without a cutoff a responder may forget a certificate with its expiry (RFC 6960 §4.4.4).
    let expired = issued > certificate.not_after();
    if expired && answer.archive_cutoff.is_none_or(|cutoff| cutoff > certificate.not_after()) {
        return Status::Unknown(Unknown::NotKept { issued });
    }
    if covers(issued, answer.next_update, at.time()) {
        Status::Good { as_of: issued }
    } else {
        Status::Unknown(Unknown::OutOfDate { issued })
    }
}

/// Whether the response is signed by the issuer's key, or by a responder that the issuer itself certified for
/// that (RFC 6960 §4.2.2.2); else why it says nothing.
fn authorize(
    response: &OcspResponse,
    basic: &Basic,
    issuer: &Certificate,
    info: &RevocationInfo,
) -> Result<Strength, Unknown> {
    if basic.responder.names(issuer) {
        let key = issuer.public_key().ok();
        if let Some(Ok(strength)) = key.map(|key| response.verify_signed_by(basic, &key)) {
            return Ok(strength);
        }
    }
    let named = basic.certificates.iter().filter(|candidate| basic.responder.names(candidate));
    let tried = named.map(|candidate| delegated(response, basic, candidate, issuer, info));
    best(tried)
        .unwrap_or(Err("it is not signed by the issuer, nor by a responder whose certificate it carries"))
        .map_err(Unknown::NotAuthorized)
}

/// Whether this responder may speak for the issuer and signed the response.
fn delegated(
    response: &OcspResponse,
    basic: &Basic,
    responder: &Certificate,
    issuer: &Certificate,
    info: &RevocationInfo,
) -> Result<Strength, &'static str> {
    const NOT_CERTIFIED: &str = "its responder was not certified by the issuer itself";
    let issuer_key = issuer.public_key().map_err(|_| "the issuer's key cannot be used")?;
    if responder.issuer() != issuer.subject() {
        return Err(NOT_CERTIFIED);
    }
    let certified = responder.verify_signed_by(&issuer_key).map_err(|_| NOT_CERTIFIED)?;
    let usage = responder.extended_key_usage().ok().flatten();
    if !usage.is_some_and(|usage| usage.contains(oid::OCSP_SIGNING)) {
        return Err("its responder's certificate is not for OCSP");
    }
    if !responder.is_valid_at(basic.produced_at) {
        return Err("its responder's certificate was not valid when the response was made");
    }
    if !may_sign(responder) {
        return Err("its responder's certificate does not permit this");
    }
    let key = responder.public_key().map_err(|_| "the responder's key cannot be used")?;
    let strength = response.verify_signed_by(basic, &key).map_err(|_| "its signature does not hold")?;
    // Last, because lists may be long: only for who really spoke.
    if is_revoked(responder, issuer, basic, info) {
        return Err("its responder's certificate was revoked");
    }
    // Whoever forges the certificate has a key of his own, with which he signs as strongly as he likes.
    Ok(if certified == FORGEABLE { certified } else { strength })
}

/// Extensions of a responder's certificate that may be critical.
const UNDERSTOOD: [&[u8]; 6] = [
    oid::KEY_USAGE,
    oid::EXTENDED_KEY_USAGE,
    oid::BASIC_CONSTRAINTS,
    oid::CERTIFICATE_POLICIES,
    oid::SUBJECT_ALT_NAME,
    oid::OCSP_NO_CHECK,
];

/// Whether its key usage permits signatures and everything critical in it is understood.
fn may_sign(responder: &Certificate) -> bool {
    let usage = responder.key_usage();
    let permitted = usage.is_ok_and(|usage| usage.is_none_or(|u| u.digital_signature() || u.content_commitment()));
    permitted && responder.extensions().all(|e| !e.critical || UNDERSTOOD.contains(&e.oid))
}

/// Whether a list of its issuer says that the responder was revoked before it spoke. Responses are not asked,
/// so that two responders cannot vouch for each other. `id-pkix-ocsp-nocheck` (RFC 6960 §4.2.2.2.1) says that
/// nobody needs to look; what is at hand anyway counts nevertheless.
fn is_revoked(responder: &Certificate, issuer: &Certificate, basic: &Basic, info: &RevocationInfo) -> bool {
    let told = crl::opinions(responder, &[issuer], &info.crls, Instant::Now(basic.produced_at));
    told.iter().any(|known| match known.status {
        // A key that somebody else has speaks at any date that he likes.
        Status::Revoked(entry) => !entry.is_retirement() || entry.effective() <= basic.produced_at,
        _ => false,
    })
}

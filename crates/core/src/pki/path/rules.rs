//! What RFC 5280 §6.1.3–§6.1.5 demands of one certificate in a path, seen from below.

use super::{Fault, PathQuery, name_text};
use crate::encoding::asn1::oid;
use crate::encoding::x509::{Certificate, CertificateError, KeyUsage};
use crate::evidence::{CheckId, Reason};
use crate::pki::anchor::{Anchor, Purpose};

/// Extensions that are processed here, and may therefore be critical.
const PROCESSED: &[&[u8]] = &[
    oid::KEY_USAGE,
    oid::SUBJECT_ALT_NAME,
    oid::BASIC_CONSTRAINTS,
    oid::NAME_CONSTRAINTS,
    oid::CERTIFICATE_POLICIES,
    oid::POLICY_MAPPINGS,
    oid::POLICY_CONSTRAINTS,
    oid::EXTENDED_KEY_USAGE,
    oid::INHIBIT_ANY_POLICY,
];

/// What speaks against the leaf itself. `is_anchor` if the relying party accepts this very certificate.
pub(super) fn of_leaf(query: &PathQuery<'_>, is_anchor: bool) -> Vec<Fault> {
    let leaf = query.leaf;
    let mut faults = Vec::new();
    faults.extend(unknown_critical(leaf, query.accepted_critical));
    faults.extend(leaf_contradiction(leaf));
    faults.extend(outside_validity(query, leaf));
    faults.extend(leaf_usage(leaf, query.purpose, is_anchor));
    faults
}

/// What speaks against a certificate as an issuer. `below` counts the intermediates under it that are not
/// self-issued; `anchor` if it is one: then its validity does not count.
pub(super) fn of_issuer(
    query: &PathQuery<'_>,
    issuer: &Certificate,
    anchor: Option<&Anchor>,
    below: usize,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    let taken_as_it_is = anchor.is_some() && anchors_are_taken_as_they_are(query.purpose);
    if !taken_as_it_is {
        faults.extend(unknown_critical(issuer, &[]));
    }
    // Version 1 has no way to say that a certificate is of a CA.
    let may_be_silent = taken_as_it_is || (anchor.is_some() && issuer.version() < 3);
    faults.extend(not_a_ca(issuer, may_be_silent, below));
    faults.extend(issuer_usage(issuer, query.purpose));
    match anchor {
        None => faults.extend(outside_validity(query, issuer)),
        Some(anchor) => faults.extend(outside_terms(query, anchor)),
    }
    faults
}

fn violated(certificate: &Certificate, what: impl std::fmt::Display) -> Fault {
    let name = name_text(certificate.subject());
    Fault::chain(Reason::PathConstraintViolated, format!("{name}: {what}"))
}

fn malformed(certificate: &Certificate, error: CertificateError) -> Fault {
    violated(certificate, error)
}

fn unknown_critical(certificate: &Certificate, accepted: &[&[u8]]) -> Option<Fault> {
    let known = |oid: &[u8]| PROCESSED.contains(&oid) || accepted.contains(&oid);
    let unknown = certificate.extensions().find(|extension| extension.critical && !known(extension.oid))?;
    let oid = oid::dotted(unknown.oid).unwrap_or_else(|| "malformed".to_owned());
    Some(violated(certificate, format_args!("unknown critical extension {oid}")))
}

/// A leaf must not carry what only a CA may: readers could disagree about what it is.
fn leaf_contradiction(leaf: &Certificate) -> Option<Fault> {
    let constraints = match leaf.basic_constraints() {
        Ok(constraints) => constraints.unwrap_or_default(),
        Err(error) => return Some(malformed(leaf, error)),
    };
    if let Err(error) = leaf.subject_alternative_names() {
        return Some(malformed(leaf, error));
    }
    if leaf.issuer().is_empty() {
        return Some(violated(leaf, "the issuer's name is empty"));
    }
    if constraints.ca {
        return None;
    }
    match leaf.key_usage() {
        Err(error) => Some(malformed(leaf, error)),
        Ok(Some(usage)) if usage.key_cert_sign() => Some(violated(leaf, "may sign certificates, but is no CA")),
        Ok(_) if leaf.extension(oid::NAME_CONSTRAINTS).is_some() => {
            Some(violated(leaf, "constrains names, but is no CA"))
        }
        Ok(_) => None,
    }
}

fn outside_validity(query: &PathQuery<'_>, certificate: &Certificate) -> Option<Fault> {
    let reason = match certificate {
        certificate if query.at > certificate.not_after() => Reason::Expired,
        certificate if query.at < certificate.not_before() => Reason::NotYetValid,
        _ => return None,
    };
    let (from, until) = (certificate.not_before(), certificate.not_after());
    let name = name_text(certificate.subject());
    Some(Fault::new(CheckId::Validity, reason, format!("{name}: valid from {from} to {until}, asked at {}", query.at)))
}

fn not_permitted(certificate: &Certificate, what: &str, purpose: Purpose) -> Option<Fault> {
    let name = name_text(certificate.subject());
    let detail = format!("{name}: {what} does not permit {}", purpose.words());
    Some(Fault::new(CheckId::Usage, Reason::UsageNotPermitted, detail))
}

fn leaf_usage(leaf: &Certificate, purpose: Purpose, is_anchor: bool) -> Option<Fault> {
    let usage = leaf.key_usage().unwrap_or_default();
    if usage.is_some_and(|usage| !key_usage_permits(usage, purpose)) {
        return not_permitted(leaf, "its key usage", purpose);
    }
    let wanted = purpose.extended_key_usage()?;
    let usages = match leaf.extended_key_usage() {
        Ok(usages) => usages,
        Err(error) => return Some(malformed(leaf, error)),
    };
    match usages {
        Some(usages) if !usages.contains(wanted) => not_permitted(leaf, "its extended key usage", purpose),
        // RFC 3161 §2.3: time stamping and nothing else, lest one key both sign and date its signatures.
        Some(usages) if purpose == Purpose::TimeStamping && usages.oids.len() > 1 => {
            not_permitted(leaf, "its extended key usage names further purposes and so", purpose)
        }
        // Who accepts this very certificate has decided on its use, unless it says otherwise itself.
        None if requires_extended_key_usage(purpose) && !is_anchor => {
            not_permitted(leaf, "its missing extended key usage", purpose)
        }
        _ => None,
    }
}

/// CSBR 7.1.2.3 and RFC 3161 §2.3 demand the usage; TLS profiles of RFC 5280 do not.
const fn requires_extended_key_usage(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::CodeSigning | Purpose::TimeStamping)
}

const fn key_usage_permits(usage: KeyUsage, purpose: Purpose) -> bool {
    match purpose {
        Purpose::CodeSigning => usage.digital_signature(),
        Purpose::TimeStamping => usage.digital_signature() || usage.content_commitment(),
        Purpose::ServerAuth | Purpose::ClientAuth | Purpose::Any => true,
    }
}

/// Of an anchor RFC 5280 §6.1.1 (d) takes no more than name and key. Roots of software signing depend on it:
/// Microsoft's of 1997 has no basic constraints, Debian's for Secure Boot a critical Netscape extension. The
/// profile that the public TLS suites test is stricter.
const fn anchors_are_taken_as_they_are(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::CodeSigning | Purpose::TimeStamping)
}

/// RFC 5280 §6.1.4 (k)–(n). What an anchor says of itself counts; one that is taken as it is may be silent.
fn not_a_ca(issuer: &Certificate, may_be_silent: bool, below: usize) -> Option<Fault> {
    let constraints = match issuer.basic_constraints() {
        Err(error) => return Some(malformed(issuer, error)),
        Ok(None) if may_be_silent => return None,
        Ok(None) => return Some(violated(issuer, "no CA: it has no basic constraints")),
        Ok(Some(constraints)) => constraints,
    };
    if !constraints.ca {
        return Some(violated(issuer, "no CA by its basic constraints"));
    }
    let below = u64::try_from(below).unwrap_or(u64::MAX);
    if let Some(most) = constraints.path_len.filter(|most| below > *most) {
        return Some(violated(issuer, format_args!("permits {most} intermediates below it, there are {below}")));
    }
    match issuer.key_usage() {
        Err(error) => Some(malformed(issuer, error)),
        Ok(Some(usage)) if !usage.key_cert_sign() => Some(violated(issuer, "its key may not sign certificates")),
        Ok(_) => None,
    }
}

/// Usages nest: a CA that names its purposes passes on no others. RFC 5280 leaves that open; Microsoft's
/// verifier and browsers do it, and CAs rely on it to confine intermediates.
fn issuer_usage(issuer: &Certificate, purpose: Purpose) -> Option<Fault> {
    let wanted = purpose.extended_key_usage()?;
    match issuer.extended_key_usage() {
        Err(error) => Some(malformed(issuer, error)),
        Ok(Some(usages)) if !usages.contains(wanted) && !usages.contains(oid::ANY_EXTENDED_KEY_USAGE) => {
            not_permitted(issuer, "its extended key usage", purpose)
        }
        Ok(_) => None,
    }
}

/// The terms under which the relying party accepts an anchor.
pub(super) fn outside_terms(query: &PathQuery<'_>, anchor: &Anchor) -> Option<Fault> {
    let name = name_text(anchor.certificate.subject());
    let refused = |why: String| {
        let detail = format!("{name}: {} accepts it {why}", anchor.source);
        Some(Fault::chain(Reason::AnchorNotAccepted, detail))
    };
    let Some(terms) = anchor.terms_for(query.purpose) else {
        return refused(format!("for other purposes than {}", query.purpose.words()));
    };
    if let Some(from) = terms.accepted_from.filter(|from| query.at < *from) {
        return refused(format!("from {from}, asked at {}", query.at));
    }
    if let Some(until) = terms.accepted_until.filter(|until| query.at > *until) {
        return refused(format!("until {until}, asked at {}", query.at));
    }
    let issued = query.leaf.not_before();
    if let Some(until) = terms.issued_until.filter(|until| issued > *until) {
        return refused(format!("for certificates issued until {until}, this one was on {issued}"));
    }
    None
}

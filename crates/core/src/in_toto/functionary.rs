//! Functionaries that are known by their certificates (ITE-7).

use super::document::{CertificateConstraint, Layout};
use crate::encoding::asn1::oid;
use crate::encoding::x509::{Certificate, GeneralName};
use crate::pki::anchor::{Anchor, Purpose};
use crate::pki::path::{PathQuery, build_path};
use crate::time::Time;

/// Whether a certificate is that of a functionary: one of the constraint's roots vouches for it, and it says all
/// that is asked for and nothing else.
pub(super) fn is_permitted(
    certificate: &Certificate,
    constraint: &CertificateConstraint,
    layout: &Layout,
    at: Time,
) -> bool {
    says_what_is_asked(certificate, constraint) && is_vouched_for(certificate, constraint, layout, at)
}

fn is_vouched_for(certificate: &Certificate, constraint: &CertificateConstraint, layout: &Layout, at: Time) -> bool {
    let anchor = |root: &Certificate| Anchor::unlimited(root.clone(), "the layout");
    let anchors: Vec<Anchor> = constraint.roots.iter().map(anchor).collect();
    let query = PathQuery::new(certificate, &layout.intermediates, &anchors, Purpose::Any, at);
    build_path(&query).accepted().is_some()
}

fn says_what_is_asked(certificate: &Certificate, constraint: &CertificateConstraint) -> bool {
    let Ok(names) = certificate.subject_alternative_names() else { return false };
    let of = |pick: fn(&GeneralName) -> Option<&String>| names.iter().filter_map(pick).cloned().collect::<Vec<_>>();
    let subject = certificate.subject();
    let organizations = subject.attributes().filter(|found| found.oid == oid::ORGANIZATION);
    let common_name = subject.attribute(oid::COMMON_NAME).unwrap_or_default();
    (constraint.common_name == "*" || constraint.common_name == common_name)
        && fits(&constraint.organizations, organizations.map(|found| found.text()).collect())
        && fits(&constraint.dns_names, of(|name| if let GeneralName::Dns(text) = name { Some(text) } else { None }))
        && fits(&constraint.emails, of(|name| if let GeneralName::Email(text) = name { Some(text) } else { None }))
        && fits(&constraint.uris, of(|name| if let GeneralName::Uri(text) = name { Some(text) } else { None }))
}

/// Whether the values are those permitted, all of them and no others; `*` alone permits any.
fn fits(permitted: &[String], mut found: Vec<String>) -> bool {
    if let [any] = permitted
        && any == "*"
    {
        return true;
    }
    let mut permitted: Vec<String> = permitted.iter().filter(|text| !text.is_empty()).cloned().collect();
    permitted.sort_unstable();
    found.sort_unstable();
    permitted == found
}

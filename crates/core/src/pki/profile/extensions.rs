//! Extensions that must be there: section 7.1.2.3 a, b, c and g.

use super::{AppliesTo, BEGINNING, Check, Checked, LeafRole, Rule, demand, deviation};
use crate::encoding::asn1::{self, Reader, Rules, oid};
use crate::encoding::x509::{Certificate, GeneralName};
use crate::finding::Severity;

/// Distribution points and access descriptions read of one extension; real ones have at most four.
const MAX_ITEMS: usize = 64;

const fn rule(
    section: &'static str,
    id: &'static str,
    demands: &'static str,
    check: fn(&Certificate, LeafRole) -> Checked,
) -> Rule {
    let check = Check::Certificate(check);
    let (from, until, severity) = (BEGINNING, None, Severity::Low);
    Rule { section, id, applies_to: AppliesTo::Leaf, from, until, demands, severity, check }
}

pub(super) static RULES: &[Rule] = &[
    rule("7.1.2.3 a", "policies-present", "certificatePolicies", policies),
    rule("7.1.2.3 b", "crl-dp-present", "a CRL distribution point over HTTP, not critical", crl_distribution),
    rule("7.1.2.3 c", "aia-present", "the address of the issuer's certificate over HTTP, not critical", issuer_address),
    rule("7.1.2.3 g", "aki-present", "the identifier of the issuer's key, not critical", issuer_key),
];

fn policies(certificate: &Certificate, _: LeafRole) -> Checked {
    match certificate.policies() {
        Ok(policies) => demand(policies.is_some(), "no certificatePolicies", "at least one policy"),
        Err(error) => deviation(error.to_string(), "readable certificatePolicies"),
    }
}

fn crl_distribution(certificate: &Certificate, _: LeafRole) -> Checked {
    match certificate.read_extension(oid::CRL_DISTRIBUTION_POINTS, distribution_urls) {
        Err(error) => deviation(error.to_string(), "readable cRLDistributionPoints"),
        Ok(None) => deviation("no cRLDistributionPoints", "one"),
        Ok(Some(urls)) => {
            demand(urls.iter().any(is_http), "cRLDistributionPoints without an HTTP address", "one")?;
            let critical = certificate.is_critical(oid::CRL_DISTRIBUTION_POINTS);
            demand(!critical, "critical cRLDistributionPoints", "ones that are not critical")
        }
    }
}

fn issuer_address(certificate: &Certificate, _: LeafRole) -> Checked {
    match certificate.read_extension(oid::AUTHORITY_INFO_ACCESS, issuer_urls) {
        Err(error) => deviation(error.to_string(), "a readable authorityInfoAccess"),
        Ok(None) => deviation("no authorityInfoAccess", "one"),
        Ok(Some(urls)) => {
            demand(urls.iter().any(is_http), "authorityInfoAccess without an HTTP address of the issuer", "one")?;
            let critical = certificate.is_critical(oid::AUTHORITY_INFO_ACCESS);
            demand(!critical, "a critical authorityInfoAccess", "one that is not critical")
        }
    }
}

fn issuer_key(certificate: &Certificate, _: LeafRole) -> Checked {
    demand(certificate.authority_key_id().is_some(), "no readable authorityKeyIdentifier", "one")?;
    demand(!certificate.is_critical(oid::AUTHORITY_KEY_ID), "a critical authorityKeyIdentifier", "one that is not")
}

fn is_http(name: &GeneralName) -> bool {
    matches!(name, GeneralName::Uri(uri) if uri.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("http://")))
}

/// The full names of every `DistributionPoint` (RFC 5280 §4.2.1.13).
fn distribution_urls(value: &[u8]) -> Result<Vec<GeneralName>, asn1::Error> {
    let mut points = Reader::new(value, Rules::Ber).sequence()?;
    let mut names = Vec::new();
    while !points.is_empty() && names.len() < MAX_ITEMS {
        let mut point = points.sequence()?;
        let Some(name) = point.optional(0xa0)? else { continue };
        let Some(full) = point.within(&name).optional(0xa0)? else { continue };
        let mut full = point.within(&full);
        while !full.is_empty() && names.len() < MAX_ITEMS {
            names.push(GeneralName::read(&mut full)?);
        }
    }
    Ok(names)
}

/// The locations of the issuer's certificate among the `AccessDescription`s (RFC 5280 §4.2.2.1).
fn issuer_urls(value: &[u8]) -> Result<Vec<GeneralName>, asn1::Error> {
    let mut descriptions = Reader::new(value, Rules::Ber).sequence()?;
    let mut names = Vec::new();
    for _ in 0..MAX_ITEMS {
        if descriptions.is_empty() {
            break;
        }
        let mut description = descriptions.sequence()?;
        let method = description.oid()?;
        let location = GeneralName::read(&mut description)?;
        if method == oid::CA_ISSUERS {
            names.push(location);
        }
    }
    Ok(names)
}

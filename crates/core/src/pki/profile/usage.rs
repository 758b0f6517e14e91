//! What a certificate permits: section 7.1.2.3 d, e and f.

use super::{AppliesTo, BEGINNING, Check, Checked, LeafRole, Rule, demand, deviation};
use crate::encoding::asn1::oid;
use crate::encoding::x509::{Certificate, ExtendedKeyUsage};
use crate::finding::Severity;

pub(super) static RULES: &[Rule] = &[
    Rule {
        section: "7.1.2.3 d",
        id: "basic-constraints",
        applies_to: AppliesTo::Leaf,
        from: BEGINNING,
        until: None,
        demands: "a leaf that is no CA",
        severity: Severity::High,
        check: Check::Certificate(no_ca),
    },
    Rule {
        section: "7.1.2.3 e",
        id: "key-usage",
        applies_to: AppliesTo::Leaf,
        from: BEGINNING,
        until: None,
        demands: "a critical key usage with digitalSignature and without keyCertSign and cRLSign",
        severity: Severity::Medium,
        check: Check::Certificate(key_usage),
    },
    Rule {
        section: "7.1.2.3 f",
        id: "eku-code-signing",
        applies_to: AppliesTo::CodeSigning,
        from: BEGINNING,
        until: None,
        demands: "the extended key usage codeSigning, without anyExtendedKeyUsage and serverAuth",
        severity: Severity::Medium,
        check: Check::Certificate(for_code_signing),
    },
    Rule {
        section: "7.1.2.3 f",
        id: "eku-timestamping",
        applies_to: AppliesTo::TimeStamping,
        from: BEGINNING,
        until: None,
        demands: "the critical extended key usage timeStamping and no other",
        severity: Severity::High,
        check: Check::Certificate(for_time_stamping),
    },
];

fn no_ca(certificate: &Certificate, _: LeafRole) -> Checked {
    match certificate.basic_constraints() {
        Err(error) => deviation(error.to_string(), "readable basicConstraints"),
        Ok(constraints) => demand(constraints.is_none_or(|limits| !limits.ca), "a CA certificate", "cA false"),
    }
}

fn key_usage(certificate: &Certificate, _: LeafRole) -> Checked {
    let usage = match certificate.key_usage() {
        Ok(Some(usage)) => usage,
        Ok(None) => return deviation("no keyUsage", "keyUsage"),
        Err(error) => return deviation(error.to_string(), "a readable keyUsage"),
    };
    let critical = certificate.is_critical(oid::KEY_USAGE);
    demand(usage.digital_signature(), "keyUsage without digitalSignature", "digitalSignature")?;
    demand(!usage.key_cert_sign(), "keyUsage with keyCertSign", "none")?;
    demand(!usage.crl_sign(), "keyUsage with cRLSign", "none")?;
    demand(critical, "a keyUsage that is not critical", "a critical one")
}

fn usages(certificate: &Certificate) -> Result<ExtendedKeyUsage<'_>, super::Deviation> {
    let missing = |found: String, expected| super::Deviation { found, expected };
    match certificate.extended_key_usage() {
        Ok(Some(usage)) => Ok(usage),
        Ok(None) => Err(missing("no extKeyUsage".to_owned(), "extKeyUsage")),
        Err(error) => Err(missing(error.to_string(), "a readable extKeyUsage")),
    }
}

/// Neither role may be combined with these.
fn not_for_all(usage: &ExtendedKeyUsage<'_>) -> Checked {
    let any = usage.contains(oid::ANY_EXTENDED_KEY_USAGE);
    demand(!any, "extKeyUsage with anyExtendedKeyUsage", "none")?;
    demand(!usage.contains(oid::SERVER_AUTH), "extKeyUsage with serverAuth", "none")
}

fn for_code_signing(certificate: &Certificate, _: LeafRole) -> Checked {
    let usage = usages(certificate)?;
    demand(usage.contains(oid::CODE_SIGNING), "extKeyUsage without codeSigning", "codeSigning")?;
    not_for_all(&usage)
}

fn for_time_stamping(certificate: &Certificate, _: LeafRole) -> Checked {
    let usage = usages(certificate)?;
    let critical = certificate.is_critical(oid::EXTENDED_KEY_USAGE);
    demand(usage.contains(oid::TIME_STAMPING), "extKeyUsage without timeStamping", "timeStamping")?;
    not_for_all(&usage)?;
    let others = usage.oids.iter().filter(|oid| **oid != oid::TIME_STAMPING);
    let others: Vec<String> = others.filter_map(|oid| oid::dotted(oid)).collect();
    demand(
        others.is_empty(),
        &format!("extKeyUsage with {}", others.join(", ")),
        "timeStamping alone (RFC 3161 §2.3)",
    )?;
    demand(critical, "an extKeyUsage that is not critical", "a critical one")
}

//! What stands behind the name in a certificate: assurance from policies, issuer and extensions.
//!
//! A certificate can claim any policy and any issuer's name, so nothing but self-signing is read from one
//! that no accepted anchor vouches for. A subject in the style of extended validation (registration number,
//! jurisdiction) proves nothing by itself: only the issuer's policy says what was checked.

mod policies;

use crate::encoding::asn1::oid;
use crate::encoding::x509::{Certificate, Name};
use crate::identity::Assurance;
use crate::pki::path::Path;

use policies::Level;

/// Vendors of platforms that sign what runs on them under roots of their own, as they write their name.
const PLATFORM_VENDORS: &[&str] = &["Microsoft Corporation", "Apple Inc."];

/// Words by which CAs for tests name themselves. A CA that says so of itself vouches for nobody.
const TEST_WORDS: &[&str] = &["test", "testing", "development", "staging", "sandbox", "preproduction"];

/// Organisation under which Certum certifies single developers of open source.
const CERTUM_INDIVIDUALS: &str = "Open Source Developer";

/// Classifies a leaf. `path` is the one that leads to an accepted anchor, if there is one.
#[must_use]
pub fn of_leaf(leaf: &Certificate, path: Option<&Path>) -> Assurance {
    if is_self_signed(leaf) {
        return Assurance::SelfSigned;
    }
    let Some(path) = path else { return Assurance::Unknown };
    if is_for_tests(path) {
        return Assurance::Test;
    }
    if is_of_platform_vendor(leaf, path) {
        return Assurance::Platform;
    }
    match level(leaf) {
        Some(Level::Extended) => Assurance::ExtendedValidation,
        Some(Level::Standard) if is_individual(leaf.subject()) => Assurance::IndividualValidated,
        Some(Level::Standard) => Assurance::OrganizationValidated,
        None => Assurance::Unknown,
    }
}

/// Whether a certificate is signed with its own key.
#[must_use]
pub fn is_self_signed(certificate: &Certificate) -> bool {
    let signs = || certificate.public_key().is_ok_and(|key| certificate.verify_signed_by(&key).is_ok());
    certificate.is_self_issued() && signs()
}

fn is_for_tests(path: &Path) -> bool {
    let above = path.certificates.iter().skip(1).chain([&path.anchor.certificate]);
    above.into_iter().any(|authority| says_test(authority.subject()))
}

fn says_test(name: &Name) -> bool {
    let is_test = |text: String| {
        let words = text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase).collect::<Vec<_>>();
        words.iter().any(|word| TEST_WORDS.contains(&word.as_str()))
            || words.windows(3).any(|three| three.join(" ") == "do not trust")
    };
    name.attributes().any(|attribute| is_test(attribute.text()))
}

/// The vendor certifies itself, under a root that names the vendor.
pub(super) fn is_of_platform_vendor(leaf: &Certificate, path: &Path) -> bool {
    let own = |name: &Name| name.attribute(oid::ORGANIZATION);
    PLATFORM_VENDORS.iter().any(|vendor| {
        own(leaf.subject()).as_deref() == Some(vendor)
            && own(leaf.issuer()).as_deref() == Some(vendor)
            && names_vendor(path.anchor.certificate.subject(), vendor)
    })
}

/// Microsoft's older roots name it as unit or as domain alone.
fn names_vendor(root: &Name, vendor: &str) -> bool {
    let domain = vendor.split(' ').next().unwrap_or_default();
    root.attributes().any(|attribute| match attribute.oid {
        oid::ORGANIZATION | oid::ORGANIZATIONAL_UNIT => attribute.text() == vendor,
        oid::DOMAIN_COMPONENT => attribute.text().eq_ignore_ascii_case(domain),
        _ => false,
    })
}

/// The highest level among the policies that are understood. Contradicting ones do not occur; extended
/// validation includes the other.
fn level(leaf: &Certificate) -> Option<Level> {
    let stated = leaf.policies().ok().flatten()?;
    let issuer = leaf.issuer().attribute(oid::ORGANIZATION);
    stated.oids.iter().filter_map(|policy| policies::level(policy, issuer.as_deref())).max()
}

/// CSBR 7.1.4.2: certificates of persons carry a given name or surname, or no organisation.
fn is_individual(subject: &Name) -> bool {
    let has = |oid| subject.attribute(oid).is_some();
    let organization = subject.attribute(oid::ORGANIZATION);
    has(oid::GIVEN_NAME)
        || has(oid::SURNAME)
        || organization.is_none_or(|organization| organization.starts_with(CERTUM_INDIVIDUALS))
}

#[cfg(test)]
mod tests;

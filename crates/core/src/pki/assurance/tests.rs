use super::*;
use crate::pki::anchor::{Anchor, Purpose};
use crate::pki::minting::{Holder, Order, ca, name, policies, time, usages};
use crate::pki::path::{PathQuery, build_path};

const EV: &str = "2.23.140.1.3";
const OV: &str = "2.23.140.1.4.1";

/// The assurance of a leaf with this name and policy, under a CA and a root with these names.
fn classify(root: &[(&[u8], &str)], issuer: &[(&[u8], &str)], subject: &[(&[u8], &str)], policy: &str) -> Assurance {
    let (root, issuer) = (Holder::named(name(root), 1), Holder::named(name(issuer), 2));
    let holder = Holder::named(name(subject), 3);
    let intermediate = root.certify(&issuer, &Order::with(&[ca(None)]));
    let leaf = issuer.certify(&holder, &Order::with(&[usages(&[oid::CODE_SIGNING]), policies(&[policy])]));
    let anchors = [Anchor::unlimited(root.root(), "test")];
    let at = time("2025-06-01T00:00:00Z");
    let intermediates = [intermediate];
    let report = build_path(&PathQuery::new(&leaf, &intermediates, &anchors, Purpose::CodeSigning, at));
    assert!(report.accepted().is_some(), "{:?}", report.faults());
    assert_eq!(of_leaf(&leaf, None), Assurance::Unknown, "without a path nothing is believed");
    of_leaf(&leaf, report.leading())
}

const CA: &[(&[u8], &str)] = &[(oid::ORGANIZATION, "Some CA"), (oid::COMMON_NAME, "Code Signing CA")];
const COMPANY: &[(&[u8], &str)] = &[(oid::ORGANIZATION, "Firm"), (oid::COMMON_NAME, "Firm")];
const EV_STYLE: &[(&[u8], &str)] = &[
    (oid::JURISDICTION_COUNTRY, "DE"),
    (oid::BUSINESS_CATEGORY, "Private Organization"),
    (oid::SERIAL_NUMBER, "HRB 1"),
    (oid::ORGANIZATION, "Firm"),
];

#[test]
fn the_reserved_policies_decide_and_a_subject_alone_does_not() {
    let root: &[(&[u8], &str)] = &[(oid::COMMON_NAME, "Root")];
    assert_eq!(classify(root, CA, EV_STYLE, EV), Assurance::ExtendedValidation);
    assert_eq!(classify(root, CA, EV_STYLE, OV), Assurance::OrganizationValidated);
    assert_eq!(classify(root, CA, EV_STYLE, "1.2.3"), Assurance::Unknown);
    assert_eq!(classify(root, CA, &[(oid::COMMON_NAME, "Jo Doe")], OV), Assurance::IndividualValidated);
    let developer = [(oid::ORGANIZATION, "Open Source Developer, Jo Doe"), (oid::COMMON_NAME, "Jo Doe")];
    assert_eq!(classify(root, CA, &developer, OV), Assurance::IndividualValidated);
}

#[test]
fn a_vendor_is_a_platform_only_under_its_own_root() {
    let microsoft: &[(&[u8], &str)] = &[(oid::ORGANIZATION, "Microsoft Corporation"), (oid::COMMON_NAME, "PCA")];
    let old_root: &[(&[u8], &str)] = &[(oid::DOMAIN_COMPONENT, "com"), (oid::DOMAIN_COMPONENT, "microsoft")];
    assert_eq!(classify(microsoft, microsoft, microsoft, "1.2.3"), Assurance::Platform);
    assert_eq!(classify(old_root, microsoft, microsoft, "1.2.3"), Assurance::Platform);
    assert_eq!(classify(CA, microsoft, microsoft, OV), Assurance::OrganizationValidated);
    assert_eq!(classify(microsoft, microsoft, COMPANY, OV), Assurance::OrganizationValidated);
}

#[test]
fn a_ca_that_calls_itself_a_test_vouches_for_nobody() {
    let tests: &[(&[u8], &str)] = &[(oid::COMMON_NAME, "Corpus Test Root")];
    assert_eq!(classify(tests, CA, COMPANY, EV), Assurance::Test);
    let warned: &[(&[u8], &str)] = &[(oid::COMMON_NAME, "NUGET_DO_NOT_TRUST.root")];
    assert_eq!(classify(warned, CA, COMPANY, EV), Assurance::Test);
    let testo: &[(&[u8], &str)] = &[(oid::COMMON_NAME, "Testo Root")];
    assert_eq!(classify(testo, CA, COMPANY, EV), Assurance::ExtendedValidation);
}

#[test]
fn self_signed_is_said_whatever_the_policy_and_only_if_true() {
    let holder = Holder::new("x", 1);
    let leaf = holder.certify(&holder, &Order::with(&[policies(&[EV])]));
    assert_eq!(of_leaf(&leaf, None), Assurance::SelfSigned);
    let impostor = Holder::new("x", 2).certify(&holder, &Order::default());
    assert_eq!(of_leaf(&impostor, None), Assurance::Unknown, "self-issued, but signed with another key");
}

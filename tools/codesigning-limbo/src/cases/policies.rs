//! Certificate policies: what they say about the publisher, and what authorities demand of them.

use countersign::encoding::asn1::oid;
use countersign::pki::minting;

use crate::certificate::Certificate;
use crate::expected::{Expected, untrusted, valid};
use crate::extension::{Extension, inhibit_any_policy, policies, policy_constraints, policy_mapping};
use crate::pair::Pair;
use crate::scene::{Scene, code_ca, code_root, usual};
use crate::suite::Suite;

const EXTENDED: &str = "2.23.140.1.3";
const STANDARD: &str = "2.23.140.1.4.1";
const ANY: &str = "2.5.29.32.0";
const OWN: &str = "1.3.6.1.4.1.99999.4";
const OTHER: &str = "1.3.6.1.4.1.99999.5";
const DIGICERT_EXTENDED: &str = "2.16.840.1.114412.3.2";
const DIGICERT_STANDARD: &str = "2.16.840.1.114412.3.1";
const SECTIGO_EXTENDED: &str = "1.3.6.1.4.1.6449.1.2.1.6.1";

pub(super) fn add(suite: &mut Suite) {
    suite.family("policy");
    reserved(suite);
    of_one_authority(suite);
    persons(suite);
    required(suite);
    required_later(suite);
    any_policy(suite);
    mappings(suite);
}

fn with_policies(list: &[&str]) -> Scene {
    usual().leaf(|leaf| match list {
        [] => leaf.without(oid::CERTIFICATE_POLICIES),
        list => leaf.with(policies(list)),
    })
}

const RESERVED: &[&str] = &["CSBR 7.1.6.1", "CSBR 7.1.6.4"];

fn reserved(suite: &mut Suite) {
    let sets: [(&str, &[&str], &str); 6] = [
        ("reserved-extended", &[EXTENDED], "extended-validation"),
        ("reserved-standard", &[STANDARD], "organization-validated"),
        ("reserved-both", &[STANDARD, EXTENDED], "extended-validation"),
        ("none", &[], "unknown"),
        ("any-alone", &[ANY], "unknown"),
        ("unknown-alone", &[OWN], "unknown"),
    ];
    for (word, list, assurance) in sets {
        let text = format!("A certificate with the policies `{word}` stands for the assurance `{assurance}`.");
        suite.case(word, RESERVED, text, &with_policies(list), &valid().assurance(assurance));
    }
}

/// The usual scene with an authority of this organisation.
fn issued_by_organization(organization: &str, list: &[&str]) -> Scene {
    let name = crate::names::name(organization, "Limbo Code Signing CA");
    let scene = usual().ca(|ca| ca.named(name));
    scene.leaf(|leaf| leaf.with(policies(list)))
}

/// A CA's own policy means what the CA says, in its own certificates alone.
fn of_one_authority(suite: &mut Suite) {
    let own = &["CSBR 7.1.6.4", "RFC 5280 §4.2.1.4"];
    let cases = [
        ("own-extended", "DigiCert, Inc.", DIGICERT_EXTENDED, "extended-validation"),
        ("own-standard", "DigiCert, Inc.", DIGICERT_STANDARD, "organization-validated"),
        ("own-of-another", "DigiCert, Inc.", SECTIGO_EXTENDED, "unknown"),
        ("own-of-sectigo", "Sectigo Limited", SECTIGO_EXTENDED, "extended-validation"),
        ("own-borrowed", "Limbo Trust", DIGICERT_EXTENDED, "unknown"),
        ("own-borrowed-lookalike", "Digicert", DIGICERT_EXTENDED, "unknown"),
    ];
    for (word, organization, policy, assurance) in cases {
        let text = format!("The policy {policy} in a certificate issued by `{organization}` stands for `{assurance}`.");
        let scene = issued_by_organization(organization, &[policy]);
        suite.case(word, own, text, &scene, &valid().assurance(assurance));
    }
    let text = "An authority that calls itself a test vouches for nobody, whatever its policies say.";
    let name = crate::names::name("Limbo Trust", "Limbo Test CA");
    let scene = usual().ca(|ca| ca.named(name)).leaf(|leaf| leaf.with(policies(&[EXTENDED])));
    suite.case("issuer-says-test", RESERVED, text, &scene, &valid().assurance("test").low());
}

fn persons(suite: &mut Suite) {
    let person = minting::name(&[
        (oid::COUNTRY, "CH"),
        (oid::GIVEN_NAME, "Erika"),
        (oid::SURNAME, "Mustermann"),
        (oid::COMMON_NAME, "Erika Mustermann"),
    ]);
    let scene = usual().leaf(|leaf| leaf.named(person));
    let text = "A certificate of a person carries given name and surname.";
    suite.case("person", &["CSBR 7.1.4.2"], text, &scene, &valid().assurance("individual-validated"));
    let registered = minting::name(&[
        (oid::SERIAL_NUMBER, "CHE-123.456.789"),
        (oid::BUSINESS_CATEGORY, "Private Organization"),
        (oid::COUNTRY, "CH"),
        (oid::ORGANIZATION, "Example Software"),
        (oid::COMMON_NAME, "Example Software"),
    ]);
    let scene = usual().leaf(|leaf| leaf.named(registered).with(policies(&[STANDARD])));
    let text = "A name in the style of extended validation proves nothing: the policy says what was checked.";
    suite.case("extended-style-name", RESERVED, text, &scene, &valid().assurance("organization-validated"));
}

/// A scene of an authority with these extensions, over a leaf with these policies.
fn demanding(authority: &[Extension], leaf: &[&str]) -> Scene {
    let scene = usual().ca(|ca| authority.iter().cloned().fold(ca, Certificate::with));
    scene.leaf(|certificate| match leaf {
        [] => certificate.without(oid::CERTIFICATE_POLICIES),
        list => certificate.with(policies(list)),
    })
}

const GRAPH: &[&str] = &["RFC 5280 §6.1.5 (g)", "RFC 5280 §4.2.1.11", "RFC 9618 §5"];

fn required(suite: &mut Suite) {
    let explicit = || policy_constraints(Some(0), None);
    let mut add = |name: &str, text: &str, scene: Scene, expected: Expected| {
        suite.case(name, GRAPH, text, &scene, &expected);
    };
    add("not-required-none", "Nobody requires a policy, and there is none.", demanding(&[], &[]), valid());
    add(
        "required-none",
        "The authority requires a policy; the leaf has none.",
        demanding(&[explicit(), policies(&[STANDARD])], &[]),
        untrusted(),
    );
    add(
        "required-same",
        "The authority requires a policy; it and the leaf name the same.",
        demanding(&[explicit(), policies(&[STANDARD])], &[STANDARD]),
        valid(),
    );
    add(
        "required-other",
        "The authority requires a policy; the leaf names another than it.",
        demanding(&[explicit(), policies(&[OWN])], &[OTHER]),
        untrusted(),
    );
    add(
        "required-any-above",
        "The authority requires a policy and grants any; the leaf names one.",
        demanding(&[explicit(), policies(&[ANY])], &[STANDARD]),
        valid(),
    );
    add(
        "required-any-below",
        "The authority requires a policy and names one; the leaf grants any.",
        demanding(&[explicit(), policies(&[STANDARD])], &[ANY]),
        valid(),
    );
    add(
        "required-authority-none",
        "The authority requires a policy but is granted none itself.",
        demanding(&[explicit()], &[STANDARD]),
        untrusted(),
    );
    add(
        "required-one-of-two",
        "The authority requires a policy; one of the leaf's two is its own.",
        demanding(&[explicit(), policies(&[OWN])], &[OTHER, OWN]),
        valid(),
    );
    let leaf = |list: &[&str]| with_policies(list).leaf(|leaf| leaf.with(policy_constraints(Some(0), None)));
    add(
        "required-by-leaf-none",
        "The leaf itself requires a policy, and the authority has none to grant.",
        leaf(&[STANDARD]),
        untrusted().low(),
    );
}

/// Two authorities; the upper one has these extensions, the lower one those.
fn two(upper: &[Extension], lower: &[Extension], leaf: &[&str]) -> Scene {
    let with = |certificate, extensions: &[Extension]| extensions.iter().cloned().fold(certificate, Certificate::with);
    let above = Certificate::authority("Limbo Code Policy CA", Pair::CodeCa2, &code_root(), oid::CODE_SIGNING);
    let above = with(above, upper);
    let below = with(code_ca().issued_by(&above), lower);
    let scene = usual().authorities(vec![below, above]);
    scene.leaf(|certificate| match leaf {
        [] => certificate.without(oid::CERTIFICATE_POLICIES),
        list => certificate.with(policies(list)),
    })
}

fn required_later(suite: &mut Suite) {
    for (skip, leaf_needs) in [(0_u8, true), (1, true), (2, true), (3, false)] {
        let upper = [policy_constraints(Some(skip), None), policies(&[STANDARD])];
        let scene = two(&upper, &[policies(&[STANDARD])], &[]);
        let text = format!(
            "A policy is required after {skip} further certificates; the leaf is the second, ends the path, and has none."
        );
        let expected = if leaf_needs { untrusted() } else { valid() };
        suite.case(format!("required-after-{skip}"), GRAPH, text, &scene, &expected);
    }
}

fn any_policy(suite: &mut Suite) {
    let sections = &["RFC 5280 §6.1.3 (d) (2)", "RFC 5280 §4.2.1.14"];
    for (skip, counts) in [(0_u8, false), (1, true)] {
        let upper = [policy_constraints(Some(0), None), policies(&[STANDARD]), inhibit_any_policy(skip)];
        let scene = two(&upper, &[policies(&[ANY])], &[STANDARD]);
        let text = format!("anyPolicy counts for {skip} further certificates; the next authority has nothing else.");
        let expected = if counts { valid() } else { untrusted() };
        suite.case(format!("any-inhibited-after-{skip}"), sections, text, &scene, &expected);
    }
    let upper = [policies(&[STANDARD]), inhibit_any_policy(0)];
    let scene = two(&upper, &[policies(&[ANY])], &[STANDARD]);
    let text = "anyPolicy does not count, but nobody requires a policy.";
    suite.case("any-inhibited-not-required", sections, text, &scene, &valid());
}

fn mappings(suite: &mut Suite) {
    let sections = &["RFC 5280 §6.1.4 (a)–(b)", "RFC 5280 §4.2.1.5"];
    let explicit = || policy_constraints(Some(0), None);
    let mut add = |name: &str, text: &str, scene: Scene, expected: Expected| {
        suite.case(name, sections, text, &scene, &expected);
    };
    let mapped = [policies(&[OWN]), policy_mapping(OWN, OTHER)];
    add(
        "mapped",
        "The authority takes the leaf's policy for its own.",
        two(&[explicit(), policies(&[OWN])], &mapped, &[OTHER]),
        valid(),
    );
    add(
        "mapped-away",
        "The authority takes another policy for its own; the leaf names the one mapped away.",
        two(&[explicit(), policies(&[OWN])], &mapped, &[OWN]),
        untrusted(),
    );
    add(
        "mapping-inhibited",
        "The authority above forbids mappings.",
        two(&[policy_constraints(Some(0), Some(0)), policies(&[OWN])], &mapped, &[OTHER]),
        untrusted(),
    );
    let any = [policies(&[OWN]), policy_mapping(OWN, ANY)];
    add(
        "mapping-to-any",
        "Policies MUST NOT be mapped to anyPolicy.",
        two(&[explicit(), policies(&[OWN])], &any, &[OTHER]),
        untrusted(),
    );
    let any = [policies(&[ANY]), policy_mapping(ANY, OTHER)];
    add(
        "mapping-from-any",
        "Policies MUST NOT be mapped from anyPolicy.",
        two(&[explicit(), policies(&[OWN])], &any, &[OTHER]),
        untrusted(),
    );
}

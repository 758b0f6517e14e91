//! What a certificate may be used for: extended usage of leaf and authorities, key usage.

use countersign::encoding::asn1::{encode_sequence, oid};
use countersign::evidence::State;

use crate::certificate::Certificate;
use crate::expected::{Expected, untrusted, valid, wrong_usage};
use crate::extension::{
    CERT_SIGN, CONTENT_COMMITMENT, CRL_SIGN, DIGITAL_SIGNATURE, Extension, KEY_ENCIPHERMENT, key_usage, usages,
};
use crate::pair::Pair;
use crate::scene::{Anchor, Scene, code_ca, code_root, time_root, usual};
use crate::suite::Suite;

const CSBR_LEAF_USAGE: &str = "CSBR 7.1.2.3 (f)";
const RFC_USAGE: &str = "RFC 5280 §4.2.1.12";

pub(super) fn add(suite: &mut Suite) {
    suite.family("eku");
    of_leaves(suite);
    odd_usages_of_leaves(suite);
    nested(suite);
    nested_twice(suite);
    of_roots(suite);
    suite.family("ku");
    key_usages_of_leaves(suite);
    key_usages_of_authorities(suite);
}

/// Sets of extended usages of a leaf, and whether it may sign code with them.
const LEAF_USAGES: &[(&str, &[&[u8]], bool)] = &[
    ("code", &[oid::CODE_SIGNING], true),
    ("code-and-email", &[oid::CODE_SIGNING, oid::EMAIL_PROTECTION], true),
    ("email-and-code", &[oid::EMAIL_PROTECTION, oid::CODE_SIGNING], true),
    ("code-and-documents", &[oid::CODE_SIGNING, oid::DOCUMENT_SIGNING], true),
    ("code-and-client", &[oid::CODE_SIGNING, oid::CLIENT_AUTH], true),
    ("code-and-time", &[oid::CODE_SIGNING, oid::TIME_STAMPING], true),
    ("any", &[oid::ANY_EXTENDED_KEY_USAGE], false),
    ("server", &[oid::SERVER_AUTH], false),
    ("client", &[oid::CLIENT_AUTH], false),
    ("server-and-client", &[oid::SERVER_AUTH, oid::CLIENT_AUTH], false),
    ("email", &[oid::EMAIL_PROTECTION], false),
    ("time", &[oid::TIME_STAMPING], false),
    ("ocsp", &[oid::OCSP_SIGNING], false),
    ("lifetime-alone", &[oid::LIFETIME_SIGNING], false),
    ("documents", &[oid::DOCUMENT_SIGNING], false),
];

fn of_leaves(suite: &mut Suite) {
    for (word, purposes, permitted) in LEAF_USAGES {
        for critical in [false, true] {
            let usage = Extension { critical, ..usages(purposes) };
            let scene = usual().leaf(|leaf| leaf.with(usage));
            let (ending, how) = if critical { ("-critical", "critical") } else { ("", "not critical") };
            let verb = if *permitted { "permits" } else { "does not permit" };
            let text = format!("The leaf's extended key usage `{word}` ({how}) {verb} code signing.");
            let expected = if *permitted { valid() } else { wrong_usage().critical() };
            let asks_for_end = purposes.contains(&oid::LIFETIME_SIGNING);
            let expected = if asks_for_end { expected.finding("lifetime-signing") } else { expected };
            suite.case(format!("leaf-{word}{ending}"), &[CSBR_LEAF_USAGE, RFC_USAGE], text, &scene, &expected);
        }
    }
}

fn odd_usages_of_leaves(suite: &mut Suite) {
    let mut add = |name: &str, text: &str, leaf: fn(Certificate) -> Certificate, expected: Expected| {
        suite.case(name, &[CSBR_LEAF_USAGE, RFC_USAGE], text, &usual().leaf(leaf), &expected);
    };
    add(
        "leaf-none",
        "A leaf without extended key usage may not sign code: the usage is required.",
        |leaf| leaf.without(oid::EXTENDED_KEY_USAGE),
        wrong_usage().critical(),
    );
    add(
        "leaf-empty",
        "An empty list of usages permits nothing; the type demands at least one (SIZE (1..MAX)).",
        |leaf| leaf.with(Extension::new(oid::EXTENDED_KEY_USAGE, false, encode_sequence(&[]))),
        wrong_usage().or(State::Untrusted).or(State::Broken),
    );
    add(
        "leaf-code-twice",
        "The same usage named twice is still that usage.",
        |leaf| leaf.with(usages(&[oid::CODE_SIGNING, oid::CODE_SIGNING])),
        valid().low(),
    );
    add(
        "leaf-code-and-any",
        "Whatever else it names, the leaf names code signing; that anyExtendedKeyUsage is forbidden binds the CA.",
        |leaf| leaf.with(usages(&[oid::CODE_SIGNING, oid::ANY_EXTENDED_KEY_USAGE])),
        valid().low(),
    );
    add(
        "leaf-code-and-server",
        "Whatever else it names, the leaf names code signing; that serverAuth is forbidden binds the CA.",
        |leaf| leaf.with(usages(&[oid::CODE_SIGNING, oid::SERVER_AUTH])),
        valid().low(),
    );
}

/// Sets of extended usages of an authority, and whether leaves below it may sign code.
const AUTHORITY_USAGES: &[(&str, &[&[u8]], bool)] = &[
    ("none", &[], true),
    ("code", &[oid::CODE_SIGNING], true),
    ("any", &[oid::ANY_EXTENDED_KEY_USAGE], true),
    ("code-and-time", &[oid::CODE_SIGNING, oid::TIME_STAMPING], true),
    ("server-and-code", &[oid::SERVER_AUTH, oid::CODE_SIGNING], true),
    ("server", &[oid::SERVER_AUTH], false),
    ("time", &[oid::TIME_STAMPING], false),
    ("server-and-client", &[oid::SERVER_AUTH, oid::CLIENT_AUTH], false),
    ("email", &[oid::EMAIL_PROTECTION], false),
    ("lifetime-alone", &[oid::LIFETIME_SIGNING], false),
];

const NESTING: &[&str] = &["CSBR 7.1.2.2 (f)", "Microsoft Trusted Root Program: chained extended key usage", RFC_USAGE];

fn with_usages(authority: Certificate, purposes: &[&[u8]]) -> Certificate {
    match purposes {
        [] => authority.without(oid::EXTENDED_KEY_USAGE),
        purposes => authority.with(usages(purposes)),
    }
}

fn nested(suite: &mut Suite) {
    for (word, purposes, permitted) in AUTHORITY_USAGES {
        let scene = usual().ca(|ca| with_usages(ca, purposes));
        let verb = if *permitted { "passes code signing on" } else { "does not pass code signing on" };
        let text = format!("An authority with the extended key usage `{word}` {verb} to a leaf that names it.");
        let expected = if *permitted { valid() } else { wrong_usage().critical() };
        suite.case(format!("authority-{word}"), NESTING, text, &scene, &expected);
    }
}

/// A name, the usages of the upper authority, and those of the lower one.
type TwoUsages<'a> = (&'a str, &'a [&'a [u8]], &'a [&'a [u8]]);

/// Two authorities, of which one lacks the usage.
fn nested_twice(suite: &mut Suite) {
    let pairs: [TwoUsages<'_>; 4] = [
        ("upper-server-lower-code", &[oid::SERVER_AUTH], &[oid::CODE_SIGNING]),
        ("upper-code-lower-server", &[oid::CODE_SIGNING], &[oid::SERVER_AUTH]),
        ("upper-server-lower-none", &[oid::SERVER_AUTH], &[]),
        ("upper-time-lower-any", &[oid::TIME_STAMPING], &[oid::ANY_EXTENDED_KEY_USAGE]),
    ];
    for (word, upper, lower) in pairs {
        let scene = two_authorities(|ca| with_usages(ca, upper), |ca| with_usages(ca, lower));
        let text = format!("Every authority of the path must pass the usage on: {}.", word.replace('-', " "));
        suite.case(word, NESTING, text, &scene, &wrong_usage().critical());
    }
    let fitting: [TwoUsages<'_>; 3] = [
        ("upper-none-lower-code", &[], &[oid::CODE_SIGNING]),
        ("upper-any-lower-code", &[oid::ANY_EXTENDED_KEY_USAGE], &[oid::CODE_SIGNING]),
        ("upper-code-lower-none", &[oid::CODE_SIGNING], &[]),
    ];
    for (word, upper, lower) in fitting {
        let scene = two_authorities(|ca| with_usages(ca, upper), |ca| with_usages(ca, lower));
        let text = format!("Both authorities pass the usage on: {}.", word.replace('-', " "));
        suite.case(word, NESTING, text, &scene, &valid());
    }
}

/// The usual scene with two authorities between leaf and root.
fn two_authorities(
    upper: impl FnOnce(Certificate) -> Certificate,
    lower: impl FnOnce(Certificate) -> Certificate,
) -> Scene {
    let upper = upper(Certificate::authority("Limbo Code Policy CA", Pair::CodeCa2, &code_root(), oid::CODE_SIGNING));
    let lower = lower(code_ca().issued_by(&upper));
    usual().authorities(vec![lower, upper])
}

/// RFC 5280 §6.1.1 (d) takes an anchor as a name and a key; RFC 5937 lets its extensions limit it.
fn of_roots(suite: &mut Suite) {
    let sections: &[&str] = &["RFC 5937 §3", "RFC 5280 §6.1.1 (d)", "CSBR 7.1.2.1 (d)"];
    let rooted = |purposes: &[&[u8]]| {
        let root = code_root().with(usages(purposes));
        usual().anchors(vec![Anchor::of(root), Anchor::of(time_root())])
    };
    let text = "A root that names code signing among its usages vouches for code.";
    suite.case("root-code", sections, text, &rooted(&[oid::CODE_SIGNING]), &valid().low());
    let text = "A root that names other usages only has said itself that it does not vouch for code.";
    let expected = wrong_usage().or(State::Untrusted).low();
    suite.case("root-server", sections, text, &rooted(&[oid::SERVER_AUTH]), &expected);
}

const CSBR_KEY_USAGE: &str = "CSBR 7.1.2.3 (e)";
const RFC_KEY_USAGE: &str = "RFC 5280 §4.2.1.3";

fn key_usages_of_leaves(suite: &mut Suite) {
    let sets: [(&str, &[u8], bool); 7] = [
        ("digital-signature", &[DIGITAL_SIGNATURE], true),
        ("signature-and-commitment", &[DIGITAL_SIGNATURE, CONTENT_COMMITMENT], true),
        ("signature-and-encipherment", &[DIGITAL_SIGNATURE, KEY_ENCIPHERMENT], true),
        ("signature-and-crl-sign", &[DIGITAL_SIGNATURE, CRL_SIGN], true),
        ("commitment", &[CONTENT_COMMITMENT], false),
        ("encipherment", &[KEY_ENCIPHERMENT], false),
        ("crl-sign", &[CRL_SIGN], false),
    ];
    for (word, bits, permitted) in sets {
        for critical in [true, false] {
            let usage = Extension { critical, ..key_usage(bits) };
            let scene = usual().leaf(|leaf| leaf.with(usage));
            let (ending, how) = if critical { ("", "critical") } else { ("-not-critical", "not critical") };
            let verb = if permitted { "has" } else { "lacks" };
            let text = format!("The leaf's key usage `{word}` ({how}) {verb} digitalSignature.");
            let expected = if permitted { valid() } else { wrong_usage() };
            suite.case(format!("leaf-{word}{ending}"), &[CSBR_KEY_USAGE, RFC_KEY_USAGE], text, &scene, &expected);
        }
    }
    let mut add = |name: &str, text: &str, leaf: fn(Certificate) -> Certificate, expected: Expected| {
        suite.case(name, &[RFC_KEY_USAGE, CSBR_KEY_USAGE], text, &usual().leaf(leaf), &expected);
    };
    add(
        "leaf-none",
        "A leaf without key usage is not restricted; that it must be there binds the CA.",
        |leaf| leaf.without(oid::KEY_USAGE),
        valid().low(),
    );
    add(
        "leaf-no-bits",
        "A key usage without any bit permits nothing; at least one must be set.",
        |leaf| leaf.with(key_usage(&[])),
        wrong_usage().or(State::Untrusted).or(State::Broken),
    );
    add(
        "leaf-cert-sign",
        "keyCertSign without cA contradicts itself: RFC 5280 §4.2.1.9 demands both or neither.",
        |leaf| leaf.with(key_usage(&[DIGITAL_SIGNATURE, CERT_SIGN])),
        untrusted().or(State::WrongUsage),
    );
}

fn key_usages_of_authorities(suite: &mut Suite) {
    let mut add = |name: &str, text: &str, ca: fn(Certificate) -> Certificate, expected: Expected| {
        suite.case(name, &["RFC 5280 §6.1.4 (n)", RFC_KEY_USAGE], text, &usual().ca(ca), &expected);
    };
    add(
        "authority-no-cert-sign",
        "An authority whose key usage lacks keyCertSign may not issue certificates.",
        |ca| ca.with(key_usage(&[DIGITAL_SIGNATURE, CRL_SIGN])),
        untrusted().critical(),
    );
    add(
        "authority-none",
        "An authority without key usage is not restricted.",
        |ca| ca.without(oid::KEY_USAGE),
        valid().low(),
    );
    add(
        "authority-cert-sign-alone",
        "An authority that may not sign lists may still issue certificates.",
        |ca| ca.with(key_usage(&[CERT_SIGN])),
        valid(),
    );
    add(
        "authority-not-critical",
        "A key usage counts whether critical or not.",
        |ca| ca.with(key_usage(&[DIGITAL_SIGNATURE]).not_critical()),
        untrusted(),
    );
}

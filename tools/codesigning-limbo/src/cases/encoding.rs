//! How certificates are written: extensions nobody knows, numbers, names, and contradictions.

use countersign::encoding::asn1::{encode, encode_sequence, oid, tag};
use countersign::evidence::State;

use crate::certificate::{Certificate, Oddity};
use crate::expected::{Expected, unknown_root, untrusted, valid, wrong_usage};
use crate::extension::{DIGITAL_SIGNATURE, Extension, key_usage, policies, private, usages};
use crate::names::object;
use crate::pair::Pair;
use crate::scene::{Anchor, Scene, code_ca, code_root, time_root, usual};
use crate::suite::Suite;

pub(super) fn add(suite: &mut Suite) {
    suite.family("extension");
    unknown(suite);
    repeated(suite);
    suite.family("serial");
    serials(suite);
    suite.family("name");
    names(suite);
    suite.family("certificate");
    contradictions(suite);
}

fn unknown(suite: &mut Suite) {
    let sections = &["RFC 5280 §4.2", "RFC 5280 §6.1.4 (o)"];
    for (critical, word) in [(true, "critical"), (false, "not-critical")] {
        let expected = || if critical { untrusted() } else { valid() };
        let how = word.replace('-', " ");
        let scene = usual().leaf(|leaf| leaf.with(private(critical)));
        let text = format!("The publisher's certificate has an extension that nobody knows, {how}.");
        suite.case(format!("unknown-{word}-leaf"), sections, text, &scene, &expected());
        let scene = usual().ca(|ca| ca.with(private(critical)));
        let text = format!("The authority's certificate has an extension that nobody knows, {how}.");
        suite.case(format!("unknown-{word}-authority"), sections, text, &scene, &expected());
        let root = Anchor::of(code_root().with(private(critical)));
        let scene = usual().anchors(vec![root, Anchor::of(time_root())]);
        let text =
            format!("The root's certificate has an extension that nobody knows, {how}: an anchor is name and key.");
        suite.case(format!("unknown-{word}-root"), &["RFC 5280 §6.1.1 (d)"], text, &scene, &valid().low());
    }
}

fn repeated(suite: &mut Suite) {
    let sections = &["RFC 5280 §4.2"];
    let refused = || untrusted().or(State::Broken).or(State::WrongUsage).or(State::Unknown);
    let mut add = |name: &str, text: &str, scene: Scene, expected: Expected| {
        suite.case(name, sections, text, &scene, &expected);
    };
    let twice = |extension: Extension| usual().leaf(|leaf| leaf.and(extension));
    add(
        "usage-twice",
        "The extended usage stands there twice, first for code, then for servers: MUST NOT.",
        twice(usages(&[oid::SERVER_AUTH])),
        refused(),
    );
    add(
        "usage-twice-same",
        "The same extended usage stands there twice: MUST NOT.",
        twice(usages(&[oid::CODE_SIGNING])),
        refused(),
    );
    add(
        "key-usage-twice",
        "The key usage stands there twice: MUST NOT.",
        twice(key_usage(&[DIGITAL_SIGNATURE])),
        refused(),
    );
    add("policies-twice", "The policies stand there twice: MUST NOT.", twice(policies(&["2.23.140.1.3"])), refused());
    let unknown = private(false);
    add(
        "unknown-twice",
        "An extension that nobody knows stands there twice: MUST NOT.",
        usual().leaf(|leaf| leaf.and(unknown.clone()).and(unknown)),
        refused().or(State::Valid).low(),
    );
    let scene = usual().ca(|ca| ca.and(crate::extension::end_entity()));
    add(
        "authority-constraints-twice",
        "The authority is a CA and is none: basic constraints stand there twice, so its certificate is none.",
        scene,
        unknown_root().or(State::Broken),
    );
}

fn serials(suite: &mut Suite) {
    let sections = &["RFC 5280 §4.1.2.2"];
    let long = |length: usize| [vec![0x11], vec![0x22; length - 1]].concat();
    let cases: [(&str, Vec<u8>, bool, &str); 6] = [
        ("zero", vec![0], false, "is zero; users SHOULD handle it gracefully"),
        ("negative", vec![0x80, 1], false, "is negative; users SHOULD handle it gracefully"),
        ("one", vec![1], true, "is one"),
        ("20-octets", long(20), true, "has 20 octets, the most that users MUST handle"),
        ("21-octets", long(21), false, "has 21 octets, more than conforming CAs use"),
        ("40-octets", long(40), false, "has 40 octets, far more than conforming CAs use"),
    ];
    for (word, serial, conforming, what) in cases {
        let scene = usual().leaf(|leaf| leaf.serial(&serial));
        let expected = if conforming { valid() } else { valid().finding("lenient-encoding") };
        suite.case(word, sections, format!("The serial number {what}."), &scene, &expected.low());
    }
}

/// `C=CH, O=Limbo Trust, CN=Limbo Code CA` in other letters.
fn written(kind: u8, organization: &str, common_name: &str) -> Vec<u8> {
    let attribute = |oid: &[u8], tag: u8, text: &str| {
        encode(tag::SET, &encode_sequence(&[object(oid), encode(tag, text.as_bytes())]))
    };
    encode_sequence(&[
        attribute(oid::COUNTRY, tag::PRINTABLE_STRING, "CH"),
        attribute(oid::ORGANIZATION, kind, organization),
        attribute(oid::COMMON_NAME, kind, common_name),
    ])
}

fn names(suite: &mut Suite) {
    let sections = &["RFC 5280 §7.1", "RFC 4518 §2"];
    let issuer = |name: Vec<u8>| usual().leaf(|leaf| Certificate { issuer: name, ..leaf });
    let mut add = |name: &str, text: &str, scene: Scene, expected: Expected| {
        suite.case(name, sections, text, &scene, &expected);
    };
    add(
        "printable-string",
        "The publisher names its issuer in another string type.",
        issuer(written(tag::PRINTABLE_STRING, "Limbo Trust", "Limbo Code CA")),
        valid().low(),
    );
    add(
        "other-case",
        "The publisher names its issuer in other letter case.",
        issuer(written(tag::UTF8_STRING, "LIMBO TRUST", "limbo code ca")),
        valid().low(),
    );
    add(
        "other-spaces",
        "The publisher names its issuer with more spaces.",
        issuer(written(tag::UTF8_STRING, "Limbo  Trust", " Limbo Code CA ")),
        valid().low(),
    );
    add(
        "another-letter",
        "The publisher names an issuer that differs by one letter.",
        issuer(written(tag::UTF8_STRING, "Limbo Trust", "Limbo Code CB")),
        unknown_root(),
    );
    add(
        "confusable",
        "The publisher names an issuer with a Cyrillic letter that looks the same.",
        issuer(written(tag::UTF8_STRING, "Limbo Trust", "Limbo C\u{43e}de CA")),
        unknown_root(),
    );
}

fn contradictions(suite: &mut Suite) {
    let scene = usual().leaf(|leaf| leaf.odd(Oddity::GeneralizedTime));
    let text = "Dates before 2050 as GeneralizedTime: MUST be UTCTime, but verifiers read both.";
    let expected = valid().finding("lenient-encoding").lenient();
    suite.case("generalized-time-before-2050", &["RFC 5280 §4.1.2.5"], text, &scene, &expected);
    let scene = usual().leaf(|leaf| leaf.odd(Oddity::AlgorithmsDiffer));
    let text = "The two places for the signature algorithm differ: MUST be the same.";
    let expected = untrusted().or(State::Broken).or(State::Bad).or(State::Unknown);
    suite.case("algorithms-differ", &["RFC 5280 §4.1.1.2"], text, &scene, &expected);
    let scene = usual().leaf(Certificate::version_1);
    let text = "A publisher's certificate of version 1 names no usage.";
    suite.case("leaf-version-1", &["CSBR 7.1.2.3 (f)", "CSBR 7.1.1"], text, &scene, &wrong_usage());
    let root = Certificate { digest: countersign::crypto::DigestAlgorithm::Sha256, ..code_root() }.version_1();
    let scene = usual().anchors(vec![Anchor::of(root), Anchor::of(time_root())]);
    let text = "A root of version 1 is accepted: an anchor is name and key.";
    suite.case("root-version-1", &["RFC 5280 §6.1.1 (d)"], text, &scene, &valid().low());
    let malformed = Extension::new(oid::EXTENDED_KEY_USAGE, false, encode(tag::OCTET_STRING, b"code"));
    let scene = usual().leaf(|leaf| leaf.with(malformed));
    let text = "An extended usage that cannot be read permits nothing.";
    suite.case(
        "malformed-usage",
        &["RFC 5280 §4.2.1.12"],
        text,
        &scene,
        &untrusted().or(State::WrongUsage).or(State::Broken),
    );
    let other = Certificate::publisher(&code_ca()).key(Pair::Stranger).serial(&[0x79]);
    let scene = usual().carrying(other);
    let text = "Two certificates of the same name come along: the signer is the one that the signature names.";
    suite.case("two-of-one-name", &["RFC 5652 §5.3"], text, &scene, &valid());
}

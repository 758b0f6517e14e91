//! Time: validity against the instant that counts, with and without a timestamp, and lifetime signing.

use countersign::encoding::asn1::oid;
use countersign::time::Time;

use crate::certificate::Certificate;
use crate::expected::{Expected, expired, valid, valid_by};
use crate::extension::usages;
use crate::names::on;
use crate::pair::Pair;
use crate::scene::{Anchor, LATE, SIGNED, SOON, Scene, code_ca, code_root, stamp, time_root, usual};
use crate::stamp::Kind;
use crate::suite::Suite;

const VALIDITY: &[&str] = &["RFC 5280 §6.1.3 (a) (2)", "RFC 5280 §4.1.2.5"];
const SIGNING_TIME: &[&str] = &["Authenticode specification: Time Stamping", "RFC 3161 §1", "RFC 5280 §6.1.3 (a) (2)"];

pub(super) fn add(suite: &mut Suite) {
    suite.family("validity");
    without_timestamp(suite);
    stamped_in_the_past(suite);
    stamped_and_appraised_early(suite);
    claimed_times(suite);
    authorities_out_of_date(suite);
    roots_out_of_date(suite);
    odd_validities(suite);
    suite.family("lifetime");
    lifetime_signing(suite);
    lifetime_elsewhere(suite);
}

/// Instants around the validity of the leaf, and whether they are inside.
fn instants() -> [(&'static str, Time, bool); 7] {
    let leaf = Certificate::publisher(&code_ca());
    [
        ("long-before", leaf.from.plus(-86_400 * 365), false),
        ("second-before", leaf.from.plus(-1), false),
        ("at-begin", leaf.from, true),
        ("inside", on(SIGNED), true),
        ("at-end", leaf.until, true),
        ("second-after", leaf.until.plus(1), false),
        ("long-after", leaf.until.plus(86_400 * 365), false),
    ]
}

fn without_timestamp(suite: &mut Suite) {
    for (word, at, inside) in instants() {
        let text = format!("No timestamp: the instant of appraisal counts, and it is {}.", word.replace('-', " "));
        let expected = if inside { valid() } else { expired().critical() };
        suite.case(format!("none-{word}"), VALIDITY, text, &usual().at(at), &expected);
    }
}

/// Appraised years after the end of the leaf: what a timestamp proves decides.
fn stamped_in_the_past(suite: &mut Suite) {
    let at = on("2029-01-01");
    // The authority is valid at every one of these instants.
    let stamps = || Certificate::stamps(&crate::scene::time_ca()).valid("2021-01-01", "2031-01-01");
    for kind in Kind::BOTH {
        for (word, time, inside) in instants() {
            let stamp = crate::stamp::Stamp::new(kind, time, vec![stamps(), crate::scene::time_ca()]);
            let scene = usual().at(at).stamped(stamp);
            let text = format!(
                "Appraised after the leaf's end: the {} counts, and its time is {}.",
                kind.words(),
                word.replace('-', " ")
            );
            let expected =
                if inside { valid().proven(kind, time).expired_since() } else { expired().proven(kind, time) };
            suite.case(format!("{}-{word}", kind.word()), SIGNING_TIME, text, &scene, &expected.critical());
        }
    }
}

/// Appraised within the leaf's validity: a timestamp may only make it worse, or prove nothing.
fn stamped_and_appraised_early(suite: &mut Suite) {
    for kind in Kind::BOTH {
        let good = usual().stamped(stamp(kind, on(SIGNED)));
        let text = format!("Appraised within the leaf's validity, with a {} of before.", kind.words());
        suite.case(format!("{}-soon", kind.word()), SIGNING_TIME, text, &good, &valid().proven(kind, on(SIGNED)));
        let future = usual().stamped(stamp(kind, on("2024-06-01")));
        let text = format!("A {} of the future, as seen at the instant of appraisal, proves nothing.", kind.words());
        suite.case(
            format!("{}-of-the-future", kind.word()),
            SIGNING_TIME,
            text,
            &future,
            &valid().stamp_without_effect(),
        );
        let stamps = Certificate::stamps(&crate::scene::time_ca()).valid("2021-01-01", "2031-01-01");
        let early = crate::stamp::Stamp::new(kind, on("2022-06-01"), vec![stamps, crate::scene::time_ca()]);
        let text = format!("A {} of before the leaf was valid: signed when nobody vouched for it.", kind.words());
        let expected = expired().proven(kind, on("2022-06-01"));
        suite.case(format!("{}-soon-too-early", kind.word()), SIGNING_TIME, text, &usual().stamped(early), &expected);
    }
}

/// The signer's own word about the time proves nothing.
fn claimed_times(suite: &mut Suite) {
    let sections = &["RFC 2985 §5.3.3", "RFC 5652 §11.3"];
    let claim = |scene: Scene, time: &str| Scene { claimed: Some(on(time)), ..scene };
    let text = "The signer claims to have signed within the validity; without a timestamp that proves nothing.";
    suite.case("claimed-inside", sections, text, &claim(usual().at(on(LATE)), SIGNED), &expired().critical());
    let text = "The signer claims to have signed after the end; the timestamp proves that it was before.";
    let scene = claim(usual().at(on(LATE)).stamped(stamp(Kind::Token, on(SIGNED))), "2026-03-01");
    suite.case("claimed-after-stamped-inside", sections, text, &scene, &valid_by(Kind::Token, SIGNED));
    let text =
        "The signer claims a time before the certificate began; appraised within the validity, that proves nothing.";
    suite.case("claimed-too-early", sections, text, &claim(usual(), "2020-01-01"), &valid().low());
}

fn authorities_out_of_date(suite: &mut Suite) {
    let mut add = |name: &str, text: &str, ca: (&str, &str), stamped: Option<Kind>, at: &str, expected: Expected| {
        let scene = usual().at(on(at)).ca(|authority| authority.valid(ca.0, ca.1));
        let scene = stamped.into_iter().fold(scene, |scene, kind| scene.stamped(stamp(kind, on(SIGNED))));
        suite.case(name, SIGNING_TIME, text, &scene, &expected);
    };
    let ended = ("2010-01-01", "2023-08-01");
    let text = "The authority expired before the instant of appraisal; nothing proves an earlier time.";
    add("authority-expired", text, ended, None, SOON, expired());
    for kind in Kind::BOTH {
        let text = format!("The authority expired after the time of the {}.", kind.words());
        let name = format!("authority-expired-after-{}", kind.word());
        add(&name, &text, ended, Some(kind), SOON, valid().proven(kind, on(SIGNED)));
        let text = format!("The authority expired before the time of the {}.", kind.words());
        let name = format!("authority-expired-before-{}", kind.word());
        add(&name, &text, ("2010-01-01", "2023-05-01"), Some(kind), SOON, expired().proven(kind, on(SIGNED)));
        let text = format!("Leaf and authority expired after the time of the {}.", kind.words());
        let name = format!("both-expired-after-{}", kind.word());
        add(&name, &text, ended, Some(kind), LATE, valid_by(kind, SIGNED));
    }
    let text = "The authority's own validity begins after the instant of appraisal.";
    add("authority-not-yet-valid", text, ("2024-01-01", "2034-01-01"), None, SOON, expired());
    let text = "The authority's validity ends with the very second of appraisal: that second is inside.";
    add("authority-at-end", text, ("2010-01-01", SOON), None, SOON, valid());
}

fn roots_out_of_date(suite: &mut Suite) {
    let sections = &["RFC 5280 §6.1.1 (d)", "RFC 5280 §6.1.3"];
    for (word, from, until) in [("expired", "2005-01-01", "2020-01-01"), ("not-yet-valid", "2030-01-01", "2045-01-01")]
    {
        let root = code_root().valid(from, until);
        let scene = usual().anchors(vec![Anchor::of(root), Anchor::of(time_root())]);
        let text = format!(
            "An anchor is a name and a key; its certificate is {}, which does not count.",
            word.replace('-', " ")
        );
        suite.case(format!("root-{word}"), sections, text, &scene, &valid());
    }
}

fn odd_validities(suite: &mut Suite) {
    let scene = usual().leaf(|leaf| leaf.valid("2024-01-01", "2023-01-01")).at(on("2023-06-01"));
    suite.case(
        "ends-before-it-begins",
        VALIDITY,
        "A validity that ends before it begins holds no instant.",
        &scene,
        &expired(),
    );
    let scene = usual().leaf(|leaf| Certificate { until: Time::FOREVER, ..leaf }).at(on("2040-01-01"));
    let text = "99991231235959Z: a certificate without a well-defined end.";
    suite.case("no-end", &["RFC 5280 §4.1.2.5"], text, &scene, &valid().low());
    let scene = usual().leaf(|leaf| leaf.valid("1950-01-01", "2049-12-31T23:59:59Z"));
    let text = "The first and the last year that a UTCTime can name: 1950 and 2049.";
    suite.case("utc-time-limits", &["RFC 5280 §4.1.2.5.1"], text, &scene, &valid().low());
    let scene = usual().ca(|ca| ca.valid("2006-01-01", "2060-01-01")).at(on("2049-12-31"));
    let scene = scene.leaf(|leaf| leaf.valid("2023-01-01", "2050-01-01"));
    let text = "The first year that must be written as GeneralizedTime.";
    suite.case("generalized-time", &["RFC 5280 §4.1.2.5.2"], text, &scene, &valid().low());
}

const LIFETIME: &[&str] = &["CSBR 7.2", "Microsoft: lifetime signing OID 1.3.6.1.4.1.311.10.3.13"];

fn lifetime_signing(suite: &mut Suite) {
    let leaf = |leaf: Certificate| leaf.with(usages(&[oid::CODE_SIGNING, oid::LIFETIME_SIGNING]));
    let end = Certificate::publisher(&code_ca()).until;
    let instants = [
        ("inside", on(SOON), true),
        ("at-end", end, true),
        ("second-after", end.plus(1), false),
        ("long-after", on("2030-01-01"), false),
    ];
    for (word, at, inside) in instants {
        for kind in [None, Some(Kind::Token), Some(Kind::Countersignature)] {
            let scene = usual().leaf(leaf).at(at);
            let scene = kind.into_iter().fold(scene, |scene, kind| scene.stamped(stamp(kind, on(SIGNED))));
            let expected = if inside { valid() } else { expired().critical() };
            let expected = kind.into_iter().fold(expected, |expected, kind| expected.proven(kind, on(SIGNED)));
            let how = kind.map_or("no timestamp", Kind::words);
            let text = format!(
                "Lifetime signing ends a signature with its certificate: {how}, appraised {}.",
                word.replace('-', " ")
            );
            let name = format!("{}-{word}", kind.map_or("none", Kind::word));
            suite.case(name, LIFETIME, text, &scene, &expected.finding("lifetime-signing"));
        }
    }
}

/// The usage counts in the signer's own certificate alone.
fn lifetime_elsewhere(suite: &mut Suite) {
    for kind in Kind::BOTH {
        let scene = usual().ca(|ca| ca.with(usages(&[oid::CODE_SIGNING, oid::LIFETIME_SIGNING])));
        let scene = scene.at(on(LATE)).stamped(stamp(kind, on(SIGNED)));
        let text = format!("An authority names the lifetime usage, its leaf does not; {} inside.", kind.words());
        suite.case(format!("authority-{}", kind.word()), LIFETIME, text, &scene, &valid_by(kind, SIGNED).low());
    }
    let upper = Certificate::authority("Limbo Code Policy CA", Pair::CodeCa2, &code_root(), oid::CODE_SIGNING);
    let leaf = |leaf: Certificate| leaf.with(usages(&[oid::LIFETIME_SIGNING, oid::CODE_SIGNING]).critical());
    let scene = usual().authorities(vec![code_ca().issued_by(&upper), upper]).leaf(leaf);
    let scene = scene.at(on(LATE)).stamped(stamp(Kind::Token, on(SIGNED)));
    let text = "Order and criticality of the usages change nothing, nor does a longer path.";
    let expected = expired().proven(Kind::Token, on(SIGNED)).finding("lifetime-signing");
    suite.case("critical-first", LIFETIME, text, &scene, &expected);
}

//! Timestamps: when one proves something, and when it is only there.
//!
//! All scenes are appraised after the end of the publisher's certificate: a timestamp that counts makes the
//! signature valid, one that does not leaves it expired.

use countersign::crypto::DigestAlgorithm;
use countersign::encoding::asn1::oid;

use crate::certificate::Certificate;
use crate::expected::{Expected, expired, valid, valid_by};
use crate::extension::{
    CONTENT_COMMITMENT, DIGITAL_SIGNATURE, Extension, KEY_ENCIPHERMENT, key_usage, private, usages,
};
use crate::names::on;
use crate::pair::Pair;
use crate::scene::{Anchor, LATE, SIGNED, Scene, code_root, stamp, stamps, time_ca, time_root, usual};
use crate::stamp::{Flaw, Kind, Stamp};
use crate::suite::Suite;

pub(super) fn add(suite: &mut Suite) {
    suite.family("timestamp");
    flaws(suite);
    imprints(suite);
    for kind in Kind::BOTH {
        usages_of_authorities(suite, kind);
        sole_purpose(suite, kind);
        key_usages_of_authorities(suite, kind);
        validity_of_authorities(suite, kind);
        paths_of_authorities(suite, kind);
        old_keys(suite, kind);
    }
    several(suite);
    none_of_two(suite);
}

fn late() -> Scene {
    usual().at(on(LATE))
}

fn counts(kind: Kind) -> Expected {
    valid_by(kind, SIGNED)
}

fn proves_nothing() -> Expected {
    expired().stamp_without_effect().critical()
}

fn flaws(suite: &mut Suite) {
    let of_tokens = [
        (Flaw::AboutAnother, "about-another", "RFC 3161 §2.4.2", "is about another signature"),
        (Flaw::SignatureChanged, "signature-changed", "RFC 5652 §5.6", "has a changed signature value"),
        (Flaw::OtherContent, "message-digest", "RFC 5652 §11.2", "carries the message digest of something else"),
        (
            Flaw::NamesNoCertificate,
            "names-no-certificate",
            "RFC 3161 §2.4.2",
            "does not name its authority's certificate",
        ),
        (Flaw::NamesAnother, "names-another", "RFC 5816 §2.2.1", "names another certificate than its authority's"),
        (Flaw::NotTstInfo, "no-tst-info", "RFC 3161 §2.4.2", "has another content type than TSTInfo"),
        (Flaw::TwoSigners, "two-signers", "RFC 3161 §2.4.2", "has two signers"),
        (Flaw::VersionTwo, "version-2", "RFC 3161 §2.4.2", "has a TSTInfo of version 2"),
        (Flaw::NoCertificates, "no-certificates", "RFC 3161 §2.4.1", "comes without its authority's certificate"),
    ];
    for (flaw, word, section, what) in of_tokens {
        let scene = late().stamped(stamp(Kind::Token, on(SIGNED)).flawed(flaw));
        let text = format!("The token {what}: it proves nothing.");
        suite.case(format!("rfc3161-{word}"), &[section], text, &scene, &proves_nothing());
    }
    let of_counter = [
        (Flaw::AboutAnother, "about-another", "RFC 2985 §5.3.6", "is about another signature"),
        (Flaw::SignatureChanged, "signature-changed", "RFC 5652 §5.6", "has a changed signature value"),
        (Flaw::OtherContent, "message-digest", "RFC 5652 §11.4", "carries the message digest of something else"),
        (Flaw::NoTime, "no-time", "RFC 2985 §5.3.3", "carries no signing time"),
        (Flaw::NoCertificates, "no-certificates", "RFC 5652 §11.4", "comes without its authority's certificate"),
    ];
    for (flaw, word, section, what) in of_counter {
        let scene = late().stamped(stamp(Kind::Countersignature, on(SIGNED)).flawed(flaw));
        let text = format!("The counter-signature {what}: it proves nothing.");
        suite.case(format!("pkcs9-{word}"), &[section], text, &scene, &proves_nothing());
    }
}

fn imprints(suite: &mut Suite) {
    for (digest, word) in
        [(DigestAlgorithm::Sha384, "sha384"), (DigestAlgorithm::Sha512, "sha512"), (DigestAlgorithm::Sha1, "sha1")]
    {
        let stamp = Stamp { imprint: digest, ..stamp(Kind::Token, on(SIGNED)) };
        let text = format!("The token stamps a {word} digest of the signature value.");
        let expected =
            if digest == DigestAlgorithm::Sha1 { counts(Kind::Token).lenient() } else { counts(Kind::Token) };
        suite.case(format!("rfc3161-imprint-{word}"), &["RFC 3161 §2.4.2"], text, &late().stamped(stamp), &expected);
    }
    let both = Stamp { digest: DigestAlgorithm::Sha512, ..stamp(Kind::Token, on(SIGNED)) };
    let text = "Imprint and signature of the token may use different digests.";
    suite.case("rfc3161-mixed-digests", &["RFC 3161 §2.4.2"], text, &late().stamped(both), &counts(Kind::Token));
}

/// The usual scene with a timestamp by an authority that is changed so.
fn by(kind: Kind, change: impl FnOnce(Certificate) -> Certificate) -> Scene {
    let authority = change(stamps());
    late().stamped(Stamp::new(kind, on(SIGNED), vec![authority, time_ca()]))
}

fn usages_of_authorities(suite: &mut Suite, kind: Kind) {
    let sections = &["RFC 3161 §2.3", "CSBR 7.1.2.3 (f)"];
    let sets: [(&str, &[&[u8]]); 5] = [
        ("code", &[oid::CODE_SIGNING]),
        ("any", &[oid::ANY_EXTENDED_KEY_USAGE]),
        ("server", &[oid::SERVER_AUTH]),
        ("email", &[oid::EMAIL_PROTECTION]),
        ("ocsp", &[oid::OCSP_SIGNING]),
    ];
    for (word, purposes) in sets {
        let scene = by(kind, |authority| authority.with(usages(purposes).critical()));
        let text = format!("A {} by a certificate of the extended key usage `{word}`.", kind.words());
        suite.case(format!("{}-authority-{word}", kind.word()), sections, text, &scene, &proves_nothing());
    }
    let scene = by(kind, |authority| authority.without(oid::EXTENDED_KEY_USAGE));
    let text = format!("A {} by a certificate without extended key usage.", kind.words());
    suite.case(format!("{}-authority-no-usage", kind.word()), sections, text, &scene, &proves_nothing());
    let scene = by(kind, |authority| authority.with(usages(&[oid::TIME_STAMPING])));
    let text = format!(
        "A {} by a certificate whose usage is not critical, as Microsoft's own authorities had it for years.",
        kind.words()
    );
    suite.case(format!("{}-authority-not-critical", kind.word()), sections, text, &scene, &counts(kind).lenient());
}

/// RFC 3161 §2.3 demands that time stamping be the only usage. For counter-signatures no section says so; but a
/// key that may sign mail or code could date its own signatures, so the same is right (README, "Where no section
/// decides").
fn sole_purpose(suite: &mut Suite, kind: Kind) {
    let sections = &["RFC 3161 §2.3", "CSBR 7.1.2.3 (f)"];
    let sets: [(&str, &[&[u8]]); 2] = [
        ("time-and-code", &[oid::TIME_STAMPING, oid::CODE_SIGNING]),
        ("time-and-email", &[oid::EMAIL_PROTECTION, oid::TIME_STAMPING]),
    ];
    for (word, purposes) in sets {
        let scene = by(kind, |authority| authority.with(usages(purposes).critical()));
        let text = format!("A {} by a certificate of the usages `{word}`: it must be for nothing else.", kind.words());
        suite.case(format!("{}-authority-{word}", kind.word()), sections, text, &scene, &proves_nothing());
    }
}

fn key_usages_of_authorities(suite: &mut Suite, kind: Kind) {
    let sections = &["CSBR 7.1.2.3 (e)", "RFC 5280 §4.2.1.12"];
    let sets: [(&str, Option<&[u8]>, bool); 4] = [
        ("no-key-usage", None, true),
        ("commitment", Some(&[CONTENT_COMMITMENT]), true),
        ("signature-and-commitment", Some(&[DIGITAL_SIGNATURE, CONTENT_COMMITMENT]), true),
        ("encipherment", Some(&[KEY_ENCIPHERMENT]), false),
    ];
    for (word, bits, permitted) in sets {
        let scene = by(kind, |authority| match bits {
            Some(bits) => authority.with(key_usage(bits)),
            None => authority.without(oid::KEY_USAGE),
        });
        let verb = if permitted { "may" } else { "may not" };
        let text = format!("A {} by a certificate of the key usage `{word}`, which {verb} sign.", kind.words());
        let expected = if permitted { counts(kind).low() } else { proves_nothing() };
        suite.case(format!("{}-authority-{word}", kind.word()), sections, text, &scene, &expected);
    }
}

fn validity_of_authorities(suite: &mut Suite, kind: Kind) {
    let sections = &["RFC 3161 §2.4.2", "Authenticode specification: Time Stamping", "RFC 5280 §6.1.3 (a) (2)"];
    let sets = [
        ("expired-since", "2022-12-01", "2024-01-01", true, "was valid at its time and has expired since"),
        ("at-begin", SIGNED, "2034-01-01", true, "begins to be valid at the very second of its time"),
        ("at-end", "2022-12-01", SIGNED, true, "ends to be valid at the very second of its time"),
        ("expired", "2021-01-01", "2023-05-01", false, "had expired before its time"),
        ("not-yet-valid", "2023-07-01", "2034-01-01", false, "was not valid yet at its time"),
    ];
    for (word, from, until, counting, what) in sets {
        let scene = by(kind, |authority| authority.valid(from, until));
        let text = format!("A {} by an authority that {what}.", kind.words());
        let expected = if counting { counts(kind) } else { proves_nothing() };
        suite.case(format!("{}-authority-{word}", kind.word()), sections, text, &scene, &expected);
    }
    for (word, until, counting) in
        [("issuer-expired-since", "2024-01-01", true), ("issuer-expired", "2023-05-01", false)]
    {
        let issuer = time_ca().valid("2010-01-01", until);
        let stamp = Stamp::new(kind, on(SIGNED), vec![stamps().issued_by(&issuer), issuer]);
        let text = format!("A {} whose authority's issuer expired on {until}.", kind.words());
        let expected = if counting { counts(kind) } else { proves_nothing() };
        suite.case(format!("{}-{word}", kind.word()), sections, text, &late().stamped(stamp), &expected);
    }
}

fn paths_of_authorities(suite: &mut Suite, kind: Kind) {
    let sections = &["RFC 3161 §2.4.2", "RFC 5280 §6.1"];
    let mut add = |word: &str, text: &str, scene: Scene, expected: Expected| {
        suite.case(
            format!("{}-{word}", kind.word()),
            sections,
            format!("A {} {text}.", kind.words()),
            &scene,
            &expected,
        );
    };
    let good = || late().stamped(stamp(kind, on(SIGNED)));
    add("good", "that is right in every respect", good(), counts(kind).critical());
    let none = vec![Anchor::of(code_root())];
    add("unknown-root", "by an authority under a root that is not accepted", good().anchors(none), proves_nothing());
    let for_code = Anchor { purposes: vec!["code-signing"], ..Anchor::of(time_root()) };
    let anchors = vec![Anchor::of(code_root()), for_code];
    add("root-for-code", "under a root that is accepted for code alone", good().anchors(anchors), proves_nothing());
    let for_time = Anchor { purposes: vec!["time-stamping"], ..Anchor::of(time_root()) };
    let anchors = vec![Anchor::of(code_root()), for_time];
    add(
        "root-for-time",
        "under a root that is accepted for time stamping alone",
        good().anchors(anchors),
        counts(kind),
    );
    let one = Certificate::authority("Limbo Time CA", Pair::TimeCa, &code_root(), oid::TIME_STAMPING);
    let chain = vec![stamps().issued_by(&one), one];
    let scene = late().stamped(Stamp::new(kind, on(SIGNED), chain)).anchors(vec![Anchor::of(code_root())]);
    add("same-root", "by an authority under the root that vouches for the publisher", scene, counts(kind));
    let scene = late().stamped(Stamp::new(kind, on(SIGNED), vec![stamps()]));
    add("issuer-missing", "whose authority's issuer is not there", scene, proves_nothing());
    let of_code = Certificate::authority("Limbo Time CA", Pair::TimeCa, &time_root(), oid::CODE_SIGNING);
    let chain = vec![stamps().issued_by(&of_code), of_code];
    add(
        "issuer-for-code",
        "whose authority's issuer passes on code signing alone",
        late().stamped(Stamp::new(kind, on(SIGNED), chain)),
        proves_nothing(),
    );
    let anchors = vec![Anchor::of(code_root()), Anchor::of(stamps())];
    let scene = late().stamped(Stamp::new(kind, on(SIGNED), vec![stamps()])).anchors(anchors);
    add("authority-accepted", "by an authority whose own certificate is accepted", scene, counts(kind));
    let itself = Certificate { issuer: stamps().subject, signer: Pair::Stamps, ..stamps() };
    add(
        "self-signed",
        "by an authority that vouches for itself",
        late().stamped(Stamp::new(kind, on(SIGNED), vec![itself])),
        proves_nothing(),
    );
    let critical = stamps().with(private(true));
    add(
        "unknown-critical",
        "by a certificate with a critical extension that nobody knows",
        late().stamped(Stamp::new(kind, on(SIGNED), vec![critical, time_ca()])),
        proves_nothing(),
    );
    let ended = Anchor { disallowed_since: Some(on("2023-05-01")), ..Anchor::limited(time_root()) };
    let scene = good().anchors(vec![Anchor::of(code_root()), ended]);
    add("root-ended-before", "under a root that was not accepted any more at its time", scene, proves_nothing());
    let ended = Anchor { disallowed_since: Some(on("2023-07-01")), ..Anchor::limited(time_root()) };
    let scene = good().anchors(vec![Anchor::of(code_root()), ended]);
    add("root-ended-after", "under a root that was still accepted at its time", scene, counts(kind));
}

/// CSBR 6.3.2: a key stamps for at most 15 months. That binds the authority; what it stamped later still holds.
fn old_keys(suite: &mut Suite, kind: Kind) {
    for (word, from, what) in [("key-young", "2022-06-01", "12"), ("key-old", "2020-06-01", "36")] {
        let scene = by(kind, |authority| authority.valid(from, "2030-01-01"));
        let text = format!("A {} by a key of {what} months; the rule of 15 months binds the authority.", kind.words());
        suite.case(format!("{}-{word}", kind.word()), &["CSBR 6.3.2"], text, &scene, &counts(kind).low());
    }
}

const EARLIEST: &[&str] = &["RFC 3161 §1", "Authenticode specification: Time Stamping"];

fn several(suite: &mut Suite) {
    let (earlier, later, too_late) = ("2023-03-01", SIGNED, "2026-03-01");
    for first in Kind::BOTH {
        for second in Kind::BOTH {
            let words = format!("{}-{}", first.word(), second.word());
            let scene = late().stamped(stamp(first, on(later))).stamped(stamp(second, on(earlier)));
            let text = "Of two timestamps that hold the earlier counts, whichever comes first.";
            suite.case(format!("two-{words}"), EARLIEST, text, &scene, &valid_by(second, earlier));
            let scene = late().stamped(stamp(first, on(too_late))).stamped(stamp(second, on(later)));
            let text = "A timestamp of after the certificate's end does not spoil one of before.";
            suite.case(format!("two-one-late-{words}"), EARLIEST, text, &scene, &valid_by(second, later));
            let flawed = stamp(first, on(earlier)).flawed(Flaw::AboutAnother);
            let scene = late().stamped(flawed).stamped(stamp(second, on(later)));
            let text = "The earlier of two timestamps is about another signature: the later counts.";
            suite.case(
                format!("two-one-wrong-{words}"),
                EARLIEST,
                text,
                &scene,
                &valid_by(second, later).stamp_without_effect(),
            );
        }
    }
}

fn none_of_two(suite: &mut Suite) {
    let scene = late()
        .stamped(stamp(Kind::Token, on(SIGNED)).flawed(Flaw::SignatureChanged))
        .stamped(stamp(Kind::Countersignature, on(SIGNED)).flawed(Flaw::AboutAnother));
    let text = "Two timestamps, and neither holds.";
    suite.case("two-none-holds", EARLIEST, text, &scene, &proves_nothing());
    let unknown = stamps().with(Extension::new(&crate::names::dotted("1.3.6.1.4.1.99999.1"), false, vec![5, 0]));
    let scene = late().stamped(Stamp::new(Kind::Token, on(SIGNED), vec![unknown, time_ca()]));
    let text = "An extension that nobody knows and that is not critical changes nothing.";
    suite.case("rfc3161-unknown-not-critical", &["RFC 5280 §4.2"], text, &scene, &counts(Kind::Token).low());
    let scene = usual().stamped(stamp(Kind::Token, on(SIGNED)).flawed(Flaw::SignatureChanged));
    let text = "A timestamp that does not hold does not spoil a signature that needs none.";
    suite.case("rfc3161-needless-and-wrong", EARLIEST, text, &scene, &valid().stamp_without_effect());
}

//! Who vouches: anchors and their terms, accepted keys, several paths to a root.

use countersign::encoding::asn1::oid;
use countersign::time::Time;

use crate::certificate::{Certificate, Oddity};
use crate::expected::{Expected, expired, unknown_root, untrusted, valid, wrong_usage};
use crate::extension::{authority_key, end_entity, usages};
use crate::names::{name, on};
use crate::pair::Pair;
use crate::scene::{Anchor, LATE, SIGNED, Scene, code_ca, code_root, stamp, time_root, usual};
use crate::stamp::Kind;
use crate::suite::Suite;

const PATH: &[&str] = &["RFC 5280 §6.1", "RFC 5280 §6.1.1 (d)"];

pub(super) fn add(suite: &mut Suite) {
    suite.family("anchor");
    unknown(suite);
    purposes(suite);
    disallowed(suite);
    issued_before(suite);
    partial(suite);
    suite.family("key");
    self_signed(suite);
    accepted(suite);
    suite.family("path");
    wrong_signatures(suite);
    key_identifiers(suite);
    same_names(suite);
    cross_certificates(suite);
    circles(suite);
    surplus(suite);
}

fn for_time() -> Anchor {
    Anchor::of(time_root())
}

fn unknown(suite: &mut Suite) {
    let mut add = |name: &str, text: &str, scene: Scene, expected: Expected| {
        suite.case(name, PATH, text, &scene, &expected);
    };
    add("none", "No anchor is accepted at all.", usual().anchors(Vec::new()), unknown_root().critical());
    add(
        "other",
        "Another root is accepted than the one that vouches.",
        usual().anchors(vec![for_time()]),
        unknown_root().critical(),
    );
    add(
        "root-carried-along",
        "The signature brings its root along, which nobody accepts.",
        usual().anchors(vec![for_time()]).carrying(code_root()),
        unknown_root().critical(),
    );
    add(
        "same-name-other-key",
        "A root of the same name and another key is accepted.",
        usual().anchors(vec![Anchor::of(Certificate::root("Limbo Code Root", Pair::Stranger)), for_time()]),
        untrusted().critical(),
    );
    add(
        "authority-missing",
        "The certificate of the publisher's authority is not there.",
        usual().authorities(Vec::new()).leaf(|leaf| leaf.issued_by(&code_ca())),
        unknown_root(),
    );
    let renamed = Certificate { issuer: name("Limbo Trust", "Limbo Nobody"), ..Certificate::publisher(&code_ca()) };
    add(
        "issuer-named-otherwise",
        "The publisher names another issuer than the one whose key signed.",
        Scene { leaf: renamed, ..usual() },
        unknown_root(),
    );
}

fn purposes(suite: &mut Suite) {
    let sections = &["Microsoft Trusted Root Program: EKU restrictions", "RFC 5914 §2.4"];
    let with =
        |purposes: Vec<&'static str>| usual().anchors(vec![Anchor { purposes, ..Anchor::of(code_root()) }, for_time()]);
    let mut add = |name: &str, text: &str, purposes: Vec<&'static str>, expected: Expected| {
        suite.case(name, sections, text, &with(purposes), &expected);
    };
    add("for-code", "The root is accepted for code signing alone.", vec!["code-signing"], valid());
    add("for-time", "The root is accepted for time stamping alone.", vec!["time-stamping"], untrusted().critical());
    add(
        "for-server",
        "The root is accepted for TLS servers alone.",
        vec!["server-authentication"],
        untrusted().critical(),
    );
    add(
        "for-both",
        "The root is accepted for code signing and time stamping.",
        vec!["code-signing", "time-stamping"],
        valid(),
    );
}

const LIMITS: &[&str] = &["Microsoft Trusted Root Program: Disallow and NotBefore properties"];

/// Nothing signed at or after the date counts; what was provably signed before does.
fn disallowed(suite: &mut Suite) {
    let date = on(SIGNED);
    let root = || Anchor { disallowed_since: Some(date), ..Anchor::limited(code_root()) };
    let scene = |scene: Scene| scene.anchors(vec![root(), for_time()]);
    for kind in Kind::BOTH {
        for (word, time, kept) in
            [("second-before", date.plus(-1), true), ("at", date, false), ("second-after", date.plus(1), false)]
        {
            let expected = if kept { valid() } else { untrusted() }.proven(kind, time);
            let text = format!(
                "The root is not accepted from a date on; signed {} that date, as a {} proves.",
                word.replace('-', " "),
                kind.words()
            );
            suite.case(
                format!("disallowed-{}-{word}", kind.word()),
                LIMITS,
                text,
                &scene(usual().stamped(stamp(kind, time))),
                &expected,
            );
        }
    }
    for (word, at, kept) in [("before", date.plus(-1), true), ("at", date, false), ("after", date.plus(1), false)] {
        let expected = if kept { valid() } else { untrusted() };
        let text = format!("The root is not accepted from a date on; no timestamp, appraised {word} that date.");
        suite.case(format!("disallowed-no-time-{word}"), LIMITS, text, &scene(usual().at(at)), &expected);
    }
}

/// Certificates issued at or after the date do not count; older ones do, for as long as they last.
fn issued_before(suite: &mut Suite) {
    let issued: Time = Certificate::publisher(&code_ca()).from;
    for (word, date, kept) in
        [("second-before", issued.plus(1), true), ("at", issued, false), ("second-after", issued.plus(-1), false)]
    {
        let root = Anchor { issued_before: Some(date), ..Anchor::limited(code_root()) };
        let expected = if kept { valid() } else { untrusted() };
        let text = format!(
            "The root vouches for certificates issued before a date; the publisher's was {} it.",
            word.replace('-', " ")
        );
        suite.case(format!("issued-{word}"), LIMITS, text, &usual().anchors(vec![root, for_time()]), &expected);
    }
    let root = Anchor { issued_before: Some(issued), ..Anchor::limited(code_root()) };
    let scene = usual().anchors(vec![root, for_time()]).stamped(stamp(Kind::Token, on(SIGNED)));
    let text = "A timestamp does not help a certificate that was issued too late.";
    suite.case("issued-too-late-stamped", LIMITS, text, &scene, &untrusted().proven(Kind::Token, on(SIGNED)));
}

/// An anchor need be no root.
fn partial(suite: &mut Suite) {
    let sections = &["RFC 5280 §6.1.1 (d)", "RFC 5914 §1"];
    let scene = usual().anchors(vec![Anchor::of(code_ca()), for_time()]);
    suite.case(
        "authority-accepted",
        sections,
        "The publisher's authority is accepted itself, its root is not.",
        &scene,
        &valid(),
    );
    let expired_authority = code_ca().valid("2010-01-01", "2020-01-01");
    let scene =
        usual().authorities(vec![expired_authority.clone()]).anchors(vec![Anchor::of(expired_authority), for_time()]);
    let text = "The publisher's authority is accepted itself; that its certificate has expired does not count.";
    suite.case("authority-accepted-expired", sections, text, &scene, &valid().low());
    let scene = usual().anchors(vec![Anchor::of(usual().leaf), for_time()]);
    suite.case("leaf-accepted", sections, "The publisher's own certificate is accepted.", &scene, &valid());
    let scene = usual().at(on(LATE)).anchors(vec![Anchor::of(usual().leaf), for_time()]);
    suite.case(
        "leaf-accepted-expired",
        sections,
        "The publisher's own certificate is accepted, but has expired.",
        &scene,
        &expired(),
    );
    let tls = usual().leaf(|leaf| leaf.with(usages(&[oid::SERVER_AUTH])));
    let scene = tls.clone().anchors(vec![Anchor::of(tls.leaf), for_time()]);
    let text = "The publisher's own certificate is accepted, but says itself that it is for servers.";
    suite.case("leaf-accepted-for-server", sections, text, &scene, &wrong_usage());
}

fn vouching_for_itself() -> Certificate {
    let leaf = Certificate::publisher(&code_ca());
    Certificate { issuer: leaf.subject.clone(), signer: leaf.key, ..leaf }.without(oid::AUTHORITY_KEY_ID)
}

fn self_signed(suite: &mut Suite) {
    let sections = &["RFC 5280 §6.1", "CSBR 7.1.2.3"];
    let own = || Scene { leaf: vouching_for_itself(), above: Vec::new(), ..usual() };
    let with = |expected: Expected| expected.finding("self-signed").assurance("self-signed");
    let text = "The publisher vouches for himself, and nobody accepts him.";
    suite.case("self-signed", sections, text, &own(), &with(untrusted()).critical());
    let accepted = own().anchors(vec![Anchor::of(vouching_for_itself()), for_time()]);
    let text = "The publisher vouches for himself, and his certificate is accepted as an anchor.";
    suite.case("self-signed-anchor", sections, text, &accepted, &with(valid()));
    let looks = vouching_for_itself().named(code_root().subject);
    let looks = Certificate { issuer: looks.subject.clone(), ..looks };
    let scene = Scene { leaf: looks, above: Vec::new(), ..usual() };
    let text = "The publisher vouches for himself under the name of an accepted root.";
    suite.case("self-signed-as-root", sections, text, &scene, &untrusted().finding("self-signed").critical());
    let broken = Scene { leaf: vouching_for_itself().odd(Oddity::SignatureChanged), above: Vec::new(), ..usual() };
    let text = "Issuer and subject are the same, but the certificate is not even signed with its own key.";
    suite.case("self-issued-not-signed", sections, text, &broken, &unknown_root().critical());
}

fn accepted(suite: &mut Suite) {
    let sections = &["Countersign contract: --key"];
    let with = |scene: Scene| {
        let leaf = scene.leaf.clone();
        Scene { accepted_keys: vec![leaf], ..scene }.anchors(vec![for_time()])
    };
    let by_key = |expected: Expected| expected.revocation(crate::expected::Revocation::NotAsked);
    let text = "No anchor vouches, but the relying party accepts the publisher's key.";
    suite.case("accepted", sections, text, &with(usual()), &by_key(valid()).assurance("key-only"));
    let text = "The publisher's key is accepted, but its certificate has expired.";
    suite.case("accepted-expired", sections, text, &with(usual().at(on(LATE))), &by_key(expired()));
    let text = "The publisher's key is accepted; the certificate has expired since the timestamp.";
    let scene = with(usual().at(on(LATE)).stamped(stamp(Kind::Token, on(SIGNED))));
    let expected = by_key(valid()).proven(Kind::Token, on(SIGNED)).expired_since();
    suite.case("accepted-stamped", sections, text, &scene, &expected);
    let own = Scene { leaf: vouching_for_itself(), above: Vec::new(), ..usual() };
    let text = "The publisher vouches for himself, and his key is accepted.";
    let expected = by_key(valid()).finding("self-signed").assurance("self-signed");
    suite.case("accepted-self-signed", sections, text, &with(own), &expected);
    let other = Scene { accepted_keys: vec![Certificate::publisher(&code_ca()).key(Pair::Stranger)], ..usual() };
    let text = "Another key of a publisher of the same name is accepted: names do not count.";
    suite.case("accepted-same-name", sections, text, &other.anchors(vec![for_time()]), &unknown_root().critical());
}

fn wrong_signatures(suite: &mut Suite) {
    let sections = &["RFC 5280 §6.1.3 (a) (1)"];
    let mut add = |name: &str, text: &str, scene: Scene| {
        suite.case(name, sections, text, &scene, &untrusted().critical());
    };
    add(
        "leaf-signature-changed",
        "The signature on the publisher's certificate was changed.",
        usual().leaf(|leaf| leaf.odd(Oddity::SignatureChanged)),
    );
    add(
        "authority-signature-changed",
        "The signature on the authority's certificate was changed.",
        usual().ca(|ca| ca.odd(Oddity::SignatureChanged)),
    );
    add(
        "leaf-signed-by-stranger",
        "Somebody else signed the publisher's certificate in the authority's name.",
        usual().leaf(|leaf| Certificate { signer: Pair::Stranger, ..leaf }),
    );
    add(
        "authority-signed-by-stranger",
        "Somebody else signed the authority's certificate in the root's name.",
        usual().ca(|ca| Certificate { signer: Pair::Stranger, ..ca }),
    );
}

fn key_identifiers(suite: &mut Suite) {
    let sections = &["RFC 5280 §4.2.1.1", "RFC 4158 §3.5.12"];
    let mut add = |name: &str, text: &str, scene: Scene| {
        suite.case(name, sections, text, &scene, &valid().low());
    };
    add(
        "leaf-no-identifier",
        "The publisher's certificate does not identify its issuer's key.",
        usual().leaf(|leaf| leaf.without(oid::AUTHORITY_KEY_ID)),
    );
    add(
        "leaf-other-identifier",
        "The publisher's certificate identifies another key, but the authority's signed: an identifier is a hint.",
        usual().leaf(|leaf| leaf.with(authority_key(&Pair::Stranger.key()))),
    );
    add(
        "authority-no-identifier",
        "The authority's certificate identifies neither its own key nor its issuer's.",
        usual().ca(|ca| ca.without(oid::AUTHORITY_KEY_ID).without(oid::SUBJECT_KEY_ID)),
    );
}

fn same_names(suite: &mut Suite) {
    let sections = &["RFC 5280 §6.1", "RFC 4158 §2.4"];
    let twin = Certificate::authority("Limbo Code CA", Pair::CodeCa2, &code_root(), oid::CODE_SIGNING).serial(&[0x55]);
    let scene = usual().authorities(vec![twin.clone(), code_ca()]).leaf(|leaf| leaf.issued_by(&code_ca()));
    suite.case(
        "two-keys-of-authority",
        sections,
        "The authority has two keys; the second certificate is the issuer's.",
        &scene,
        &valid(),
    );
    let scene = usual().authorities(vec![twin]).leaf(|leaf| leaf.issued_by(&code_ca()));
    suite.case(
        "other-key-of-authority",
        sections,
        "The authority's certificate that is there is of another key than signed.",
        &scene,
        &untrusted(),
    );
    let roots =
        vec![Anchor::of(Certificate::root("Limbo Code Root", Pair::Stranger)), Anchor::of(code_root()), for_time()];
    suite.case(
        "two-roots-of-one-name",
        sections,
        "Two roots of one name are accepted; the second vouches.",
        &usual().anchors(roots),
        &valid(),
    );
}

/// The usual authority, certified by another root as well.
fn crossed(cross: Certificate, roots: Vec<Anchor>) -> Scene {
    usual().authorities(vec![cross, code_ca()]).leaf(|leaf| leaf.issued_by(&code_ca())).anchors(roots)
}

fn cross_certificates(suite: &mut Suite) {
    let sections = &["RFC 4158 §2.3", "RFC 5280 §6.1"];
    let other_root = || Certificate::root("Limbo Other Root", Pair::StrangerCa);
    let cross =
        || Certificate::authority("Limbo Code CA", Pair::CodeCa, &other_root(), oid::CODE_SIGNING).serial(&[0x66]);
    let both = || vec![Anchor::of(other_root()), Anchor::of(code_root()), for_time()];
    let mut add = |name: &str, text: &str, scene: Scene, expected: Expected| {
        suite.case(name, sections, text, &scene, &expected);
    };
    add(
        "cross-both-good",
        "The authority is certified by two roots, and both are accepted.",
        crossed(cross(), both()),
        valid(),
    );
    add(
        "cross-one-root",
        "The authority is certified by two roots, of which the first is not accepted.",
        crossed(cross(), vec![Anchor::of(code_root()), for_time()]),
        valid(),
    );
    add(
        "cross-other-root",
        "The authority is certified by two roots, of which the second is not accepted.",
        crossed(cross(), vec![Anchor::of(other_root()), for_time()]),
        valid(),
    );
    add(
        "cross-expired",
        "One of the authority's two certificates has expired: the other path is good.",
        crossed(cross().valid("2010-01-01", "2020-01-01"), both()),
        valid(),
    );
    add(
        "cross-for-server",
        "One of the authority's two certificates is for servers: the other path is good.",
        crossed(cross().with(usages(&[oid::SERVER_AUTH])), both()),
        valid(),
    );
    add(
        "cross-no-ca",
        "One of the authority's two certificates is no CA's: the other path is good.",
        crossed(cross().with(end_entity()), both()),
        valid(),
    );
    add(
        "cross-changed",
        "One of the authority's two certificates was changed: the other path is good.",
        crossed(cross().odd(Oddity::SignatureChanged), both()),
        valid(),
    );
    add(
        "cross-expired-and-unknown",
        "One path has expired, the other leads to an unknown root.",
        crossed(cross().valid("2010-01-01", "2020-01-01"), vec![Anchor::of(other_root()), for_time()]),
        expired(),
    );
    let limited = Anchor { disallowed_since: Some(on("2020-01-01")), ..Anchor::limited(other_root()) };
    add(
        "cross-root-ended",
        "One of two roots is not accepted any more: the other path is good.",
        crossed(cross(), vec![limited, Anchor::of(code_root()), for_time()]),
        valid(),
    );
    let above =
        Certificate::authority("Limbo Code Root", Pair::CodeRoot, &other_root(), oid::CODE_SIGNING).serial(&[0x67]);
    let scene = usual().carrying(above).anchors(vec![Anchor::of(other_root()), for_time()]);
    add("root-cross-certified", "The root is not accepted itself, but certified by one that is.", scene, valid());
}

fn circles(suite: &mut Suite) {
    let sections = &["RFC 4158 §5.2", "RFC 5280 §6.1"];
    let first = || Certificate::authority("Limbo Code CA", Pair::CodeCa, &second(), oid::CODE_SIGNING);
    fn second() -> Certificate {
        let first = Certificate::authority("Limbo Code CA", Pair::CodeCa, &code_root(), oid::CODE_SIGNING);
        Certificate::authority("Limbo Circle CA", Pair::CodeCa2, &first, oid::CODE_SIGNING)
    }
    let scene = usual().authorities(vec![first(), second()]);
    suite.case(
        "circle-alone",
        sections,
        "Two authorities certify each other, and nobody else does.",
        &scene,
        &unknown_root(),
    );
    let scene = usual().authorities(vec![first(), second(), code_ca()]);
    suite.case(
        "circle-with-exit",
        sections,
        "Two authorities certify each other; one is certified by the root, too.",
        &scene,
        &valid(),
    );
}

fn surplus(suite: &mut Suite) {
    let sections = &["RFC 5652 §5.1"];
    let stranger =
        Certificate::publisher(&code_ca()).key(Pair::Stranger).serial(&[0x77]).named(name("Stranger", "Stranger"));
    let scene = usual().carrying(stranger).carrying(code_root());
    let text = "Certificates of others and the root come along: more than is needed is permitted.";
    suite.case("surplus-certificates", sections, text, &scene, &valid());
    let scene = usual().authorities(vec![code_ca(), code_ca().serial(&[0x78])]);
    let text = "The authority's certificate was renewed with the same key: both fit.";
    suite.case("renewed-authority", sections, text, &scene, &valid());
}

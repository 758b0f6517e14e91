//! Revocation: its date against the time of signing, what lists count, and whom they revoke.

use countersign::encoding::asn1::oid;
use countersign::evidence::State;
use countersign::time::Time;

use crate::expected::{Expected, Revocation, expired, revoked, valid, valid_by};
use crate::extension::{CERT_SIGN, Only, crl_number, delta, issuing_point, key_usage, private};
use crate::names::on;
use crate::pair::Pair;
use crate::revocation::{Entry, List};
use crate::scene::{LATE, SIGNED, SOON, Scene, code_ca, code_root, stamp, stamps, time_ca, time_root, usual};
use crate::stamp::Kind;
use crate::suite::Suite;

const BASELINE: &[&str] = &["CSBR 4.9.6", "Authenticode specification: revocation and time stamps", "RFC 5280 §5.3"];

pub(super) fn add(suite: &mut Suite) {
    suite.family("revocation");
    known_good(suite);
    dates_against_time(suite);
    reasons(suite);
    without_time(suite);
    invalidity_dates(suite);
    authorities(suite);
    suite.family("crl");
    ages(suite);
    scopes(suite);
    signers(suite);
    odd_lists(suite);
    suite.family("revocation-of-time");
    timestamping_authorities(suite);
}

/// Lists of both authorities, issued just before the instant of appraisal, that name nobody.
fn leaf_list() -> List {
    List::of(&code_ca(), "2023-08-30", "2023-09-06")
}

fn authority_list() -> List {
    List::of(&code_root(), "2023-06-01", "2024-05-30")
}

fn with_lists(scene: Scene, of_leaf: List) -> Scene {
    scene.list(of_leaf).list(authority_list())
}

fn revoking(scene: Scene, entry: impl FnOnce(&Scene) -> Entry) -> Scene {
    let entry = entry(&scene);
    with_lists(scene, leaf_list().listing(entry))
}

fn since() -> Expected {
    valid().revocation(Revocation::Since)
}

fn known_good(suite: &mut Suite) {
    let good = || valid().revocation(Revocation::Good);
    let sections = &["RFC 5280 §6.3", "CSBR 4.9.7"];
    let scene = with_lists(usual(), leaf_list());
    suite.case("good", sections, "Current lists of both authorities name nobody of the path.", &scene, &good());
    for kind in Kind::BOTH {
        let scene = with_lists(usual().stamped(stamp(kind, on(SIGNED))), leaf_list());
        let text = format!("Current lists name nobody of the path; with a {}.", kind.words());
        suite.case(format!("good-{}", kind.word()), sections, text, &scene, &good().proven(kind, on(SIGNED)));
    }
    let scene = usual().list(leaf_list());
    let text = "The publisher's authority has a current list, the root has none at hand: not known of the whole path.";
    suite.case("leaf-known-alone", sections, text, &scene, &valid());
    let scene = usual().list(authority_list());
    suite.case("authority-known-alone", sections, "Nothing is at hand about the publisher.", &scene, &valid());
    let other = Entry::of(&usual().leaf.serial(&[0x42]), on("2023-02-01"));
    let scene = with_lists(usual(), leaf_list().listing(other));
    suite.case("another-revoked", sections, "Another certificate of the same authority is revoked.", &scene, &good());
    let elsewhere =
        List::of(&time_ca(), "2023-08-30", "2023-09-06").listing(Entry::of(&usual().leaf, on("2023-02-01")));
    let scene = with_lists(usual(), leaf_list()).list(elsewhere);
    let text = "Another authority revoked its own certificate of the same serial number: that is another certificate.";
    suite.case("same-serial-elsewhere", &["RFC 5280 §5.1.2.6", "RFC 5280 §5.3.3"], text, &scene, &good().critical());
}

/// Signed a second before, at, and a second after the date of revocation.
fn dates_against_time(suite: &mut Suite) {
    let date = on(SIGNED);
    for kind in Kind::BOTH {
        for (word, time, kept) in [
            ("second-before", date.plus(-1), true),
            ("at", date, false),
            ("second-after", date.plus(1), false),
            ("months-before", on("2023-02-01"), true),
            ("months-after", on("2023-08-01"), false),
        ] {
            let scene = revoking(usual().stamped(stamp(kind, time)), |scene| Entry::of(&scene.leaf, date));
            let expected = if kept { since() } else { revoked() }.proven(kind, time).critical();
            let text =
                format!("Signed {} the date of revocation, as a {} proves.", word.replace('-', " "), kind.words());
            suite.case(format!("{}-{word}", kind.word()), BASELINE, text, &scene, &expected);
        }
    }
}

/// Numbers and names of RFC 5280 §5.3.1.
const REASONS: &[(u8, &str)] = &[
    (0, "unspecified"),
    (1, "key-compromise"),
    (2, "ca-compromise"),
    (3, "affiliation-changed"),
    (4, "superseded"),
    (5, "cessation"),
    (6, "hold"),
    (9, "privilege-withdrawn"),
];

/// Reasons that put a certificate out of use and say nothing against what was signed before.
const RETIRED: [u8; 2] = [4, 5];

fn reasons(suite: &mut Suite) {
    for (number, word) in REASONS {
        for (position, time, kept) in [("before", "2023-05-01", true), ("after", "2023-07-01", false)] {
            let scene = usual().stamped(stamp(Kind::Token, on(time)));
            let scene = revoking(scene, |scene| Entry::of(&scene.leaf, on(SIGNED)).reason(*number));
            let since = if RETIRED.contains(number) { valid().revocation(Revocation::RetiredSince) } else { since() };
            let expected = if kept { since } else { revoked() }.proven(Kind::Token, on(time));
            let text =
                format!("Revoked for the reason `{word}`; signed {position} that date: the reason changes nothing.");
            suite.case(format!("reason-{word}-{position}"), BASELINE, text, &scene, &expected);
        }
    }
}

fn without_time(suite: &mut Suite) {
    for (number, word) in REASONS {
        let scene = revoking(usual(), |scene| Entry::of(&scene.leaf, on(SIGNED)).reason(*number));
        let text = format!("Revoked (`{word}`), and nothing proves that the signature is older.");
        suite.case(format!("no-time-{word}"), BASELINE, text, &scene, &revoked());
    }
    let claimed = Scene { claimed: Some(on("2023-02-01")), ..usual() };
    let scene = revoking(claimed, |scene| Entry::of(&scene.leaf, on(SIGNED)));
    let text = "The signer claims to have signed before the revocation; that proves nothing.";
    suite.case("no-time-claimed-before", BASELINE, text, &scene, &revoked());
    let flawed = stamp(Kind::Token, on("2023-02-01")).flawed(crate::stamp::Flaw::AboutAnother);
    let scene = revoking(usual().stamped(flawed), |scene| Entry::of(&scene.leaf, on(SIGNED)));
    let text = "A timestamp of before the revocation is about another signature.";
    suite.case("no-time-wrong-timestamp", BASELINE, text, &scene, &revoked().stamp_without_effect());
    let removed = |scene: &Scene| Entry::of(&scene.leaf, on(SIGNED)).reason(8);
    let scene = revoking(usual(), removed);
    let text = "removeFromCRL has no meaning in a complete list: whether the certificate is revoked is not known.";
    let expected = valid().revocation(Revocation::Good).or(State::Revoked).low();
    suite.case("remove-from-crl", &["RFC 5280 §5.3.1"], text, &scene, &expected);
}

/// The key was compromised before the certificate was revoked.
fn invalidity_dates(suite: &mut Suite) {
    let sections = &["RFC 5280 §5.3.2", "CSBR 7.2.2", "CSBR 4.9.6"];
    let (since_date, date) = (on("2023-03-01"), on(SIGNED));
    let positions: [(&str, Time, bool); 5] = [
        ("second-before", since_date.plus(-1), true),
        ("at", since_date, false),
        ("second-after", since_date.plus(1), false),
        ("between", on("2023-05-01"), false),
        ("after-both", on("2023-07-01"), false),
    ];
    for (word, time, kept) in positions {
        let scene = usual().stamped(stamp(Kind::Token, time));
        let scene = revoking(scene, |scene| Entry::of(&scene.leaf, date).reason(1).invalid_since(since_date));
        let expected = if kept { since() } else { revoked() }.proven(Kind::Token, time);
        // By the date of revocation alone it would stay good.
        let missed = !kept && time < date;
        let expected = if missed { expected.finding("ineffective-revocation") } else { expected };
        let text = format!(
            "The key was compromised before the revocation; signed {} of the compromise.",
            word.replace('-', " ")
        );
        suite.case(format!("invalidity-date-{word}"), sections, text, &scene, &expected);
    }
    let scene = usual().stamped(stamp(Kind::Token, on("2023-07-01")));
    let scene = revoking(scene, |scene| Entry::of(&scene.leaf, date).invalid_since(on("2023-08-01")));
    let text = "An invalidity date after the revocation does not put the revocation off.";
    suite.case("invalidity-date-later", sections, text, &scene, &revoked().proven(Kind::Token, on("2023-07-01")));
}

/// The publisher's authority was revoked by the root.
fn authorities(suite: &mut Suite) {
    let sections = &["RFC 5280 §6.1.3 (a) (3)", "CSBR 4.9.6"];
    let date = on(SIGNED);
    let listed = || authority_list().listing(Entry::of(&code_ca(), date).reason(2));
    let scene = |scene: Scene| scene.list(leaf_list()).list(listed());
    let text = "The publisher's authority is revoked, and nothing proves that the signature is older.";
    suite.case("authority-no-time", sections, text, &scene(usual()), &revoked());
    for kind in Kind::BOTH {
        for (word, time, kept) in [("before", date.plus(-1), true), ("at", date, false), ("after", date.plus(1), false)]
        {
            let expected = if kept { since() } else { revoked() }.proven(kind, time);
            let text =
                format!("The publisher's authority is revoked; signed {word} that date, as a {} proves.", kind.words());
            let scene = scene(usual().stamped(stamp(kind, time)));
            suite.case(format!("authority-{}-{word}", kind.word()), sections, text, &scene, &expected);
        }
    }
    let late = scene(usual().at(on(LATE)));
    let text = "Authority revoked and leaf expired, and no timestamp: revoked is the worse of both.";
    suite.case("authority-and-leaf-expired", sections, text, &late, &revoked().or(State::Expired));
}

/// A list speaks of the instant that counts, or it does not.
fn ages(suite: &mut Suite) {
    let sections = &["RFC 5280 §5.1.2.5", "RFC 5280 §6.3.3", "CSBR 4.9.7"];
    let good = || valid().revocation(Revocation::Good);
    let mut add = |name: &str, text: &str, scene: Scene, issued: &str, next: Option<&str>, expected: Expected| {
        let list = List { next: next.map(on), ..List::of(&code_ca(), issued, "2023-09-06") };
        suite.case(name, sections, text, &with_lists(scene, list), &expected);
    };
    add(
        "next-due-at-appraisal",
        "The next list is due at the very second of appraisal.",
        usual(),
        "2023-08-26",
        Some(SOON),
        good(),
    );
    add(
        "overdue",
        "The list is older than the instant of appraisal, and the next one was due before.",
        usual(),
        "2023-08-20",
        Some("2023-08-27"),
        valid(),
    );
    add("long-overdue", "The list is of years before.", usual(), "2021-01-01", Some("2021-01-08"), valid());
    add(
        "issued-after-appraisal",
        "The list was issued after the instant of appraisal: it speaks of that instant too.",
        usual(),
        "2023-09-02",
        Some("2023-09-09"),
        good(),
    );
    add(
        "no-next-update",
        "The list names no next one, which RFC 5280 §5.1.2.5 forbids: it speaks of its own time alone.",
        usual(),
        "2023-08-30",
        None,
        valid().low(),
    );
    let stamped = || usual().stamped(stamp(Kind::Token, on(SIGNED)));
    let at_time = |expected: Expected| expected.proven(Kind::Token, on(SIGNED));
    add(
        "overdue-but-after-signing",
        "The list is overdue, but it was issued after the time of signing.",
        stamped(),
        "2023-07-01",
        Some("2023-07-08"),
        at_time(good()),
    );
    add(
        "overdue-at-signing",
        "The list was overdue at the time of signing already.",
        stamped(),
        "2023-05-01",
        Some("2023-05-08"),
        at_time(valid()),
    );
    add(
        "current-at-signing",
        "The list was current at the time of signing.",
        stamped(),
        "2023-05-30",
        Some("2023-06-06"),
        at_time(good()),
    );
    let overdue = List::of(&code_ca(), "2021-01-01", "2021-01-08");
    let scene = usual();
    let entry = Entry::of(&scene.leaf, on("2020-12-01"));
    let scene = with_lists(scene, overdue.listing(entry));
    let text = "The list is long overdue, but it names the certificate: what was revoked stays revoked.";
    suite.case("overdue-names-leaf", sections, text, &scene, &revoked());
}

/// Lists that say nothing about a publisher's certificate that is not on them.
fn scopes(suite: &mut Suite) {
    let sections = &["RFC 5280 §5.2.5", "RFC 5280 §6.3.3"];
    let good = || valid().revocation(Revocation::Good);
    let mut add = |name: &str, text: &str, list: List, expected: Expected| {
        suite.case(name, sections, text, &with_lists(usual(), list), &expected);
    };
    let of = |only: &Only<'_>| leaf_list().with(issuing_point(only));
    add("for-users", "The list covers end entities alone: the publisher is one.", of(&Only::Users), good());
    add(
        "for-authorities",
        "The list covers authorities alone: the publisher is none.",
        of(&Only::Authorities),
        valid(),
    );
    add("for-attributes", "The list covers attribute certificates alone.", of(&Only::Attributes), valid());
    add("for-some-reasons", "The list covers key compromise alone.", of(&Only::SomeReasons), valid());
    add(
        "indirect",
        "The list covers certificates of other issuers too: the publisher's own issuer signed it.",
        of(&Only::Indirect),
        good(),
    );
    add(
        "own-point",
        "The list is of the distribution point that the certificate names.",
        of(&Only::Point("http://crl.limbo.invalid/code-ca.crl")),
        good(),
    );
    add(
        "other-point",
        "The list is of another distribution point than the certificate names.",
        of(&Only::Point("http://crl.limbo.invalid/other.crl")),
        valid(),
    );
    add("delta", "The list holds changes alone.", leaf_list().with(delta(6)), valid());
    add(
        "unknown-critical",
        "The list has a critical extension that nobody knows.",
        leaf_list().with(private(true)),
        valid(),
    );
    add(
        "unknown-not-critical",
        "The list has an extension that nobody knows and that is not critical.",
        leaf_list().with(private(false)),
        good(),
    );
    add(
        "no-number",
        "The list has no number, which RFC 5280 §5.2.3 demands.",
        leaf_list().without(oid::CRL_NUMBER),
        valid().low(),
    );
    add(
        "critical-number",
        "The list's number is critical, which RFC 5280 §5.2.3 forbids.",
        leaf_list().with(crl_number(7).critical()),
        valid().low(),
    );
    let other = |entry: Entry| leaf_list().listing(entry);
    let stranger = || Entry::of(&usual().leaf.serial(&[0x42]), on("2023-02-01"));
    add(
        "entry-unknown-critical",
        "An entry about another certificate has a critical extension that nobody knows: the list MUST NOT be used to decide who is good.",
        other(stranger().with(private(true))),
        valid(),
    );
    add(
        "entry-unknown-not-critical",
        "An entry about another certificate has an extension that nobody knows and that is not critical.",
        other(stranger().with(private(false))),
        good(),
    );
    let own = Entry::of(&usual().leaf, on("2023-02-01")).with(private(true));
    add(
        "own-entry-unknown-critical",
        "The publisher's own entry has a critical extension that nobody knows: it is on the list all the same.",
        other(own),
        revoked(),
    );
    let scene = usual();
    let entry = Entry::of(&scene.leaf, on("2023-02-01"));
    add(
        "delta-names-leaf",
        "A list of changes names the publisher.",
        leaf_list().with(delta(6)).listing(entry.clone()),
        revoked(),
    );
    add(
        "some-reasons-name-leaf",
        "A list that covers key compromise alone names the publisher.",
        of(&Only::SomeReasons).listing(entry),
        revoked(),
    );
}

/// Whose signature makes a list count.
fn signers(suite: &mut Suite) {
    let sections = &["RFC 5280 §6.3.3 (f)–(g)", "RFC 5280 §4.2.1.3"];
    let entry = || Entry::of(&usual().leaf, on("2023-02-01"));
    let mut add = |name: &str, text: &str, scene: Scene, expected: Expected| {
        suite.case(name, sections, text, &scene, &expected);
    };
    let forged = || leaf_list().signed_with(Pair::StrangerCa);
    add("wrong-key", "Somebody else signed a list in the authority's name.", with_lists(usual(), forged()), valid());
    add(
        "wrong-key-names-leaf",
        "Somebody else signed a list in the authority's name that names the publisher: it counts for nothing.",
        with_lists(usual(), forged().listing(entry())),
        valid().critical(),
    );
    add(
        "changed",
        "The list was changed after it was signed.",
        with_lists(usual(), List { changed: true, ..leaf_list() }),
        valid(),
    );
    add(
        "changed-names-leaf",
        "The list was changed after it was signed, and names the publisher.",
        with_lists(usual(), List { changed: true, ..leaf_list().listing(entry()) }),
        valid().critical(),
    );
    add(
        "changed-beside-good",
        "Beside a list that was changed there is a good one.",
        with_lists(usual(), leaf_list()).list(List { changed: true, ..leaf_list().listing(entry()) }),
        valid().revocation(Revocation::Good),
    );
    let silent = usual().ca(|ca| ca.with(key_usage(&[CERT_SIGN])));
    add("no-crl-sign", "The authority's key may not sign lists.", with_lists(silent.clone(), leaf_list()), valid());
    add(
        "no-crl-sign-names-leaf",
        "The authority's key may not sign lists; its list names the publisher.",
        with_lists(silent, leaf_list().listing(entry())),
        valid().low(),
    );
    let unrestricted = usual().ca(|ca| ca.without(oid::KEY_USAGE));
    add(
        "no-key-usage",
        "The authority's key is not restricted.",
        with_lists(unrestricted, leaf_list()),
        valid().revocation(Revocation::Good),
    );
    let old = leaf_list();
    let newer = List::of(&code_ca(), "2023-08-31", "2023-09-07").listing(entry());
    add(
        "newer-names-leaf",
        "Of two lists of the authority the newer names the publisher.",
        with_lists(usual(), old).list(newer),
        revoked(),
    );
    let older = List::of(&code_ca(), "2023-08-01", "2023-08-08").listing(entry());
    add(
        "older-names-leaf",
        "Of two lists of the authority the older names the publisher: what was revoked stays revoked.",
        with_lists(usual(), leaf_list()).list(older),
        revoked(),
    );
}

fn odd_lists(suite: &mut Suite) {
    let scene = usual().at(on(LATE));
    let entry = Entry::of(&scene.leaf, on("2023-02-01"));
    let list = List::of(&code_ca(), "2026-05-30", "2026-06-06").listing(entry);
    let text = "Expired and revoked, and no timestamp: revoked is the worse of both.";
    suite.case("expired-and-revoked", BASELINE, text, &scene.list(list), &revoked().or(State::Expired));
    let scene = usual().at(on(LATE)).stamped(stamp(Kind::Token, on(SIGNED)));
    let list = List::of(&code_ca(), "2026-05-30", "2026-06-06");
    let roots = List::of(&code_root(), "2026-05-01", "2027-04-30");
    let text = "Signed while valid; lists of after the certificate's end name nobody: entries stay for ten years.";
    let expected = valid_by(Kind::Token, SIGNED).revocation(Revocation::Good);
    suite.case("lists-of-after-the-end", &["CSBR 7.2", "CSBR 4.10.1"], text, &scene.list(list).list(roots), &expected);
}

/// RFC 3161 §4: tokens of before the revocation hold if the reason says that the key was not compromised; without
/// a reason, or with any other, none of them holds.
fn timestamping_authorities(suite: &mut Suite) {
    let sections = &["RFC 3161 §4 (1)–(2)", "CSBR 4.9.6"];
    let date = on("2023-07-01");
    let reasons: [(Option<u8>, &str, bool); 6] = [
        (None, "none", false),
        (Some(0), "unspecified", true),
        (Some(3), "affiliation-changed", true),
        (Some(4), "superseded", true),
        (Some(5), "cessation", true),
        (Some(1), "key-compromise", false),
    ];
    for (reason, word, keeps) in reasons {
        for (position, time, before) in
            [("before", date.plus(-1), true), ("at", date, false), ("after", on("2023-08-01"), false)]
        {
            let entry = Entry::of(&stamps(), date);
            let entry = reason.into_iter().fold(entry, Entry::reason);
            let list = List::of(&time_ca(), "2026-05-01", "2026-12-01").listing(entry);
            let roots = List::of(&time_root(), "2026-05-01", "2026-12-01");
            let scene = usual().at(on(LATE)).stamped(stamp(Kind::Token, time)).list(list).list(roots);
            let expected = if keeps && before {
                let retired = reason.is_some_and(|reason| RETIRED.contains(&reason));
                let finding = if retired { "retired-since" } else { "revoked-since" };
                valid().proven(Kind::Token, time).expired_since().finding(finding)
            } else {
                expired().stamp_without_effect().critical()
            };
            let text = format!(
                "The timestamping authority was revoked, reason `{word}`; the token is of {position} that date."
            );
            suite.case(format!("{word}-{position}"), sections, text, &scene, &expected);
        }
    }
}

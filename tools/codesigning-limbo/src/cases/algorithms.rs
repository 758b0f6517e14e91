//! Algorithms that can be forged, by date.
//!
//! MD5 is never accepted. SHA-1 is accepted of signatures that a timestamp proves to be older than 2016: Windows
//! ended its trust in those made since. RSA below 1,024 bits is never accepted (KB2661254), shorter than 2,048 or
//! 3,072 bits is accepted and pointed out, or is the CA's breach alone.

use countersign::crypto::DigestAlgorithm;
use countersign::encoding::asn1::oid;
use countersign::evidence::State;

use crate::certificate::Certificate;
use crate::expected::{Expected, distrusted, valid};
use crate::names::on;
use crate::pair::Pair;
use crate::scene::{Anchor, Scene, code_ca, code_root, time_ca, time_root, usual};
use crate::stamp::{Kind, Stamp};
use crate::suite::Suite;

const SHA1: &[&str] = &["Windows Enforcement of SHA1 Certificates", "CSBR 7.1.3.2"];
const MD5: &[&str] = &["RFC 6151 §2.1", "KB2862973"];

pub(super) fn add(suite: &mut Suite) {
    suite.family("weak");
    by_date(suite);
    strong(suite);
    roots(suite);
    key_sizes(suite);
    timestamps(suite);
    alternatives(suite);
}

/// A publisher whose certificate is valid from 2013 to 2019, and an authority to match.
fn of_its_time() -> Scene {
    usual().leaf(|leaf| leaf.valid("2013-01-01", "2019-01-01")).at(on("2018-06-01"))
}

fn stamped(scene: Scene, time: &str) -> Scene {
    let stamps = Certificate::stamps(&time_ca()).valid("2013-01-01", "2024-01-01");
    scene.stamped(Stamp::new(Kind::Token, on(time), vec![stamps, time_ca()]))
}

/// Where a weak digest stands.
#[derive(Clone, Copy)]
enum Place {
    /// File digest and signature.
    File,
    Leaf,
    Authority,
}

const PLACES: [(Place, &str, &str); 3] = [
    (Place::File, "file", "File digest and signature are"),
    (Place::Leaf, "leaf", "The leaf's certificate is signed"),
    (Place::Authority, "authority", "The authority's certificate is signed"),
];

fn weakened(place: Place, digest: DigestAlgorithm) -> Scene {
    match place {
        Place::File => of_its_time().digest(digest),
        Place::Leaf => of_its_time().leaf(|leaf| leaf.digest(digest)),
        Place::Authority => of_its_time().ca(|ca| ca.digest(digest)),
    }
}

fn by_date(suite: &mut Suite) {
    let times = [
        (Some("2014-06-01T00:00:00Z"), "2014", true),
        (Some("2015-12-31T23:59:59Z"), "last-of-2015", true),
        (Some("2016-01-01T00:00:00Z"), "first-of-2016", false),
        (Some("2017-06-01T00:00:00Z"), "2017", false),
        (None, "no-time", false),
    ];
    for (place, place_word, what) in PLACES {
        for (digest, digest_word, sections) in
            [(DigestAlgorithm::Sha1, "sha1", SHA1), (DigestAlgorithm::Md5, "md5", MD5)]
        {
            for (time, time_word, old) in times {
                let scene = weakened(place, digest);
                let scene = time.into_iter().fold(scene, stamped);
                let kept = old && digest == DigestAlgorithm::Sha1;
                let expected = if kept { valid().tolerated() } else { distrusted() };
                let expected = time.into_iter().fold(expected, |expected, time| expected.proven(Kind::Token, on(time)));
                let text = format!("{what} with {digest_word}; proven time: {}.", time_word.replace('-', " "));
                suite.case(format!("{place_word}-{digest_word}-{time_word}"), sections, text, &scene, &expected);
            }
        }
    }
}

fn strong(suite: &mut Suite) {
    for (digest, word) in [(DigestAlgorithm::Sha384, "sha384"), (DigestAlgorithm::Sha512, "sha512")] {
        for (place, place_word, what) in PLACES {
            let text = format!("{what} with {word}.");
            suite.case(format!("{place_word}-{word}"), &["CSBR 7.1.3.2"], text, &weakened(place, digest), &valid());
        }
    }
}

/// Nobody relies on the signature of a root.
fn roots(suite: &mut Suite) {
    for (digest, word) in [(DigestAlgorithm::Sha1, "sha1"), (DigestAlgorithm::Md5, "md5")] {
        let root = code_root().digest(digest);
        let scene = usual().anchors(vec![Anchor::of(root), Anchor::of(time_root())]);
        let text = format!("The root's signature on itself is made with {word}: nobody relies on it.");
        suite.case(format!("root-{word}"), &["RFC 5280 §6.1.1 (d)"], text, &scene, &valid());
    }
}

fn key_sizes(suite: &mut Suite) {
    let sections = &["KB2661254", "CSBR 6.1.5.2"];
    let key = |pair: Pair, from: &str, until: &str, at: &str| {
        usual().leaf(|leaf| leaf.key(pair).valid(from, until)).at(on(at))
    };
    let mut add = |name: &str, text: &str, scene: Scene, expected: Expected| {
        suite.case(name, sections, text, &scene, &expected);
    };
    add(
        "rsa-512",
        "A publisher's key of 512 bits can be factored in hours.",
        key(Pair::Rsa512, "2013-01-01", "2016-01-01", "2014-01-01"),
        distrusted().or(State::Unknown),
    );
    add(
        "rsa-1023",
        "A publisher's key of 1,023 bits: shorter than 1,024 is not accepted.",
        key(Pair::Rsa1023, "2013-01-01", "2016-01-01", "2014-01-01"),
        distrusted(),
    );
    add(
        "rsa-1024-of-2010",
        "A publisher's key of 1,024 bits, as was usual in 2010: accepted and pointed out.",
        key(Pair::Rsa1024, "2010-01-01", "2013-01-01", "2012-01-01"),
        valid().tolerated(),
    );
    add(
        "rsa-1024-of-2022",
        "A publisher's key of 1,024 bits issued in 2022: its CA broke the rules; pointed out.",
        key(Pair::Rsa1024, "2022-01-01", "2025-01-01", "2023-01-01"),
        valid().tolerated(),
    );
    add(
        "rsa-2048-of-2020",
        "A publisher's key of 2,048 bits, as the rules demanded in 2020.",
        key(Pair::Rsa2048, "2020-01-01", "2023-01-01", "2021-01-01"),
        valid(),
    );
    add(
        "rsa-2048-of-2022",
        "A publisher's key of 2,048 bits issued in 2022: its CA broke the rules; it cannot be forged.",
        key(Pair::Rsa2048, "2022-01-01", "2025-01-01", "2023-01-01"),
        valid().low(),
    );
    add(
        "rsa-4096",
        "A publisher's key of 4,096 bits.",
        key(Pair::Rsa4096, "2022-01-01", "2025-01-01", "2023-01-01"),
        valid(),
    );
    let small = |pair: Pair| {
        let ca = code_ca().key(pair);
        usual().authorities(vec![ca])
    };
    add(
        "authority-rsa-512",
        "The authority's key has 512 bits: anybody can issue in its name.",
        small(Pair::Rsa512),
        distrusted().or(State::Untrusted),
    );
    add(
        "authority-rsa-1024",
        "The authority's key has 1,024 bits: accepted and pointed out.",
        small(Pair::Rsa1024),
        valid().tolerated(),
    );
    add("authority-rsa-2048", "The authority's key has 2,048 bits.", small(Pair::Rsa2048), valid());
}

/// Tokens with SHA-1 were permitted through 2022-04-30 (CSBR 7.1.3.2.1). Appraised after the publisher's end.
fn timestamps(suite: &mut Suite) {
    let sections = &["CSBR 7.1.3.2.1"];
    let leaf = |leaf: Certificate| leaf.valid("2020-01-01", "2023-01-01");
    let times = [
        ("2021-06-01T00:00:00Z", "2021", true),
        ("2022-04-30T23:59:59Z", "last-permitted", true),
        ("2022-05-01T00:00:00Z", "first-forbidden", false),
        ("2022-12-01T00:00:00Z", "2022", false),
    ];
    for kind in Kind::BOTH {
        for (digest, word) in [(DigestAlgorithm::Sha1, "sha1"), (DigestAlgorithm::Md5, "md5")] {
            for (time, time_word, permitted) in times {
                let stamps = Certificate::stamps(&time_ca()).valid("2020-01-01", "2030-01-01");
                let stamp = Stamp::new(kind, on(time), vec![stamps, time_ca()]).digest(digest);
                let scene = usual().leaf(leaf).at(on("2024-01-01")).stamped(stamp);
                let kept = permitted && digest == DigestAlgorithm::Sha1;
                let expected =
                    if kept { valid().expired_since() } else { distrusted().expired_since().or(State::Expired) };
                let text = format!("The expired publisher depends on a {} with {word} of {time_word}.", kind.words());
                let name = format!("{}-{word}-{time_word}", kind.word());
                suite.case(name, sections, text, &scene, &expected.proven(kind, on(time)));
            }
        }
    }
    let stamps = Certificate::stamps(&time_ca()).key(Pair::Rsa512);
    let stamp = Stamp::new(Kind::Token, on("2023-06-01"), vec![stamps, time_ca()]);
    let scene = usual().at(on(crate::scene::LATE)).stamped(stamp);
    let text = "The expired publisher depends on a timestamp by a key of 512 bits.";
    let expected = distrusted().proven(Kind::Token, on("2023-06-01")).expired_since().or(State::Expired);
    suite.case("rfc3161-rsa-512", &["KB2661254", "CSBR 6.1.5.2"], text, &scene, &expected);
}

/// Two certificates of one authority: a strong path is there.
fn alternatives(suite: &mut Suite) {
    let weak = code_ca().digest(DigestAlgorithm::Sha1);
    let scene = usual().authorities(vec![weak, code_ca()]);
    let text =
        "The authority's certificate is there twice, signed with SHA-1 and with SHA-256: the strong path counts.";
    suite.case("authority-sha1-and-sha256", &["CSBR 7.1.3.2", "RFC 4158 §2.4"], text, &scene, &valid());
    let upper = Certificate::authority("Limbo Code Policy CA", Pair::CodeCa2, &code_root(), oid::CODE_SIGNING);
    let weak = code_ca().issued_by(&upper).digest(DigestAlgorithm::Md5);
    let scene = usual().authorities(vec![weak, upper, code_ca()]);
    let text = "A cross-certificate with MD5 stands beside the authority's own with SHA-256: the strong path counts.";
    suite.case("cross-md5-and-own-sha256", &["RFC 4158 §2.4"], text, &scene, &valid());
}

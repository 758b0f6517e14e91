//! What an authority may issue: basic constraints, length of paths, constraints on names.

use countersign::encoding::asn1::{encode, encode_sequence, oid, tag};
use countersign::evidence::State;

use crate::certificate::Certificate;
use crate::expected::{Expected, untrusted, valid};
use crate::extension::{
    Extension, alternative_names, ca, directory, end_entity, host, mail, name_constraints, registered, uri,
};
use crate::names::name;
use crate::pair::Pair;
use crate::scene::{Anchor, Scene, code_ca, code_root, time_root, usual};
use crate::suite::Suite;

pub(super) fn add(suite: &mut Suite) {
    suite.family("ca");
    basic_constraints(suite);
    suite.family("pathlen");
    path_lengths(suite);
    self_issued(suite);
    path_length_of_root(suite);
    long_path(suite);
    suite.family("nc");
    name_constraints_of_authorities(suite);
    odd_name_constraints(suite);
}

fn basic_constraints(suite: &mut Suite) {
    let mut of_ca = |name: &str, text: &str, change: fn(Certificate) -> Certificate, expected: Expected| {
        suite.case(name, &["RFC 5280 §6.1.4 (k)", "RFC 5280 §4.2.1.9"], text, &usual().ca(change), &expected);
    };
    of_ca(
        "authority-no-basic-constraints",
        "A certificate of version 3 without basic constraints is no CA.",
        |ca| ca.without(oid::BASIC_CONSTRAINTS),
        untrusted().critical(),
    );
    of_ca(
        "authority-not-ca",
        "A certificate whose basic constraints say that it is no CA issues nothing.",
        |ca| ca.with(end_entity()),
        untrusted().critical(),
    );
    of_ca(
        "authority-not-critical",
        "Basic constraints count whether critical or not; that they be critical binds the CA.",
        |authority| authority.with(ca(None).not_critical()),
        valid().low(),
    );
    of_ca(
        "authority-version-1",
        "A certificate of version 1 cannot say that it is a CA.",
        Certificate::version_1,
        untrusted().critical(),
    );
    of_ca(
        "authority-malformed-basic-constraints",
        "Basic constraints that cannot be read say nothing good.",
        |ca| {
            ca.with(Extension::new(
                oid::BASIC_CONSTRAINTS,
                true,
                encode_sequence(&[vec![tag::BOOLEAN, 1, 0xff], vec![4, 1, 0]]),
            ))
        },
        untrusted().or(State::Broken),
    );
    let mut of_leaf = |name: &str, text: &str, change: fn(Certificate) -> Certificate, expected: Expected| {
        suite.case(name, &["CSBR 7.1.2.3 (d)", "RFC 5280 §4.2.1.9"], text, &usual().leaf(change), &expected);
    };
    of_leaf(
        "leaf-end-entity",
        "A leaf that says in so many words that it is no CA.",
        |leaf| leaf.with(end_entity()),
        valid(),
    );
    of_leaf(
        "leaf-is-ca",
        "A leaf that is a CA breaks the CA's rules; RFC 5280 §6.1 validates it like any other.",
        |leaf| leaf.with(ca(None)),
        valid().low(),
    );
    let publisher_as_issuer = || {
        let publisher = Certificate::publisher(&code_ca());
        let next = publisher.clone().key(Pair::Stranger).named(name("Stranger", "Stranger")).issued_by(&publisher);
        let scene = Scene { leaf: next, ..usual() };
        scene.carrying(publisher)
    };
    suite.case(
        "leaf-issues-leaf",
        &["RFC 5280 §6.1.4 (k)"],
        "A publisher issues a certificate to somebody else: he is no CA.",
        &publisher_as_issuer(),
        &untrusted().critical(),
    );
}

/// Authorities from the leaf's issuer upwards; `limit` stands in the one at `position`.
fn authorities(count: usize, position: usize, limit: u8) -> Vec<Certificate> {
    let keys = [Pair::CodeCa, Pair::CodeCa2, Pair::CodeCa3];
    let mut above: Vec<Certificate> = Vec::new();
    let mut issuer = code_root();
    for index in (0..count).rev() {
        let common_name = format!("Limbo Code CA {index}");
        let mut authority = Certificate::authority(&common_name, keys[index % keys.len()], &issuer, oid::CODE_SIGNING);
        if index == position {
            authority = authority.with(ca(Some(limit)));
        }
        issuer = authority.clone();
        above.insert(0, authority);
    }
    above
}

fn path_lengths(suite: &mut Suite) {
    for count in 1_usize..=3 {
        for limit in 0_u8..=2 {
            let top = count - 1;
            let below = top;
            let scene = usual().authorities(authorities(count, top, limit));
            let fits = below <= usize::from(limit);
            let text = format!("An authority that permits {limit} further authorities has {below} below it.");
            let expected = if fits { valid() } else { untrusted().critical() };
            let sections = &["RFC 5280 §6.1.4 (l)–(m)", "RFC 5280 §4.2.1.9"];
            suite.case(format!("limit-{limit}-below-{below}"), sections, text, &scene, &expected);
        }
    }
}

/// The same authority with a newer key: name and issuer are the same.
fn self_issued(suite: &mut Suite) {
    let upper = code_ca().with(ca(Some(0)));
    let lower = code_ca().key(Pair::CodeCa2).with(ca(Some(0))).issued_by(&upper);
    let scene = usual().authorities(vec![lower.clone(), upper.clone()]);
    let text = "An authority certifies its own newer key: a self-issued certificate does not count.";
    suite.case("self-issued-does-not-count", &["RFC 5280 §6.1.4 (l)"], text, &scene, &valid());
    let other = Certificate::authority("Limbo Other CA", Pair::CodeCa3, &lower, oid::CODE_SIGNING);
    let scene = usual().authorities(vec![other, lower, upper]);
    let text = "Below an authority's self-issued certificate stands another authority: that one counts.";
    suite.case("authority-below-self-issued", &["RFC 5280 §6.1.4 (l)–(m)"], text, &scene, &untrusted());
}

fn path_length_of_root(suite: &mut Suite) {
    let scene = usual().anchors(vec![Anchor::of(code_root().with(ca(Some(0)))), Anchor::of(time_root())]);
    let text = "A root that permits no authorities below it has one: what it says of itself limits it.";
    suite.case("root-limit-0-below-1", &["RFC 5937 §3", "RFC 5280 §6.1.1 (d)"], text, &scene, &untrusted().low());
    let scene = usual().anchors(vec![Anchor::of(code_root().with(ca(Some(1)))), Anchor::of(time_root())]);
    let text = "A root that permits one authority below it has one.";
    suite.case("root-limit-1-below-1", &["RFC 5937 §3", "RFC 5280 §6.1.1 (d)"], text, &scene, &valid().low());
}

fn long_path(suite: &mut Suite) {
    let scene = usual().authorities(authorities(6, 5, 5));
    let text = "Six authorities stand between leaf and root, as many as the topmost permits.";
    suite.case("six-authorities", &["RFC 5280 §6.1.4 (l)–(m)"], text, &scene, &valid().low());
}

/// `C=CH, O=Example Software`: the start of the usual publisher's name.
fn publishers() -> Vec<u8> {
    directory(&countersign::pki::minting::name(&[(oid::COUNTRY, "CH"), (oid::ORGANIZATION, "Example Software")]))
}

fn somebody_else() -> Vec<u8> {
    directory(&countersign::pki::minting::name(&[(oid::COUNTRY, "CH"), (oid::ORGANIZATION, "Another Company")]))
}

const SECTIONS: &[&str] = &["RFC 5280 §6.1.3 (b)–(c)", "RFC 5280 §4.2.1.10"];

/// One authority with these constraints over a leaf with these alternative names.
fn constrained(permitted: &[Vec<u8>], excluded: &[Vec<u8>], names: &[Vec<u8>]) -> Scene {
    let scene = usual().ca(|ca| ca.with(name_constraints(permitted, excluded)));
    if names.is_empty() { scene } else { scene.leaf(|leaf| leaf.with(alternative_names(names))) }
}

fn name_constraints_of_authorities(suite: &mut Suite) {
    let mut add = |name: &str, text: &str, scene: Scene, permitted: bool| {
        let expected = if permitted { valid() } else { untrusted() };
        suite.case(name, SECTIONS, text, &scene, &expected);
    };
    let (ours, theirs) = (publishers(), somebody_else());
    let one = std::slice::from_ref;
    add(
        "directory-permitted",
        "The publisher's name lies below the permitted one.",
        constrained(one(&ours), &[], &[]),
        true,
    );
    add(
        "directory-not-permitted",
        "The publisher's name lies below no permitted one.",
        constrained(one(&theirs), &[], &[]),
        false,
    );
    add(
        "directory-excluded",
        "The publisher's name lies below an excluded one.",
        constrained(&[], one(&ours), &[]),
        false,
    );
    add(
        "directory-not-excluded",
        "The publisher's name lies below no excluded one.",
        constrained(&[], one(&theirs), &[]),
        true,
    );
    add(
        "directory-permitted-and-excluded",
        "A name that is both permitted and excluded is excluded.",
        constrained(one(&ours), one(&ours), &[]),
        false,
    );
    add("directory-one-of-two", "One permitted name of two is enough.", constrained(&[theirs, ours], &[], &[]), true);
    let dns = host("example.com");
    add(
        "dns-without-names",
        "A constraint on hosts does not touch a leaf that names none.",
        constrained(one(&dns), &[], &[]),
        true,
    );
    add(
        "dns-permitted",
        "The leaf names a permitted host beside its publisher.",
        constrained(one(&dns), &[], &[host("code.example.com")]),
        true,
    );
    add(
        "dns-not-permitted",
        "The leaf names a host that is not permitted, though it signs code and serves nothing.",
        constrained(one(&dns), &[], &[host("code.example.org")]),
        false,
    );
    add(
        "dns-excluded",
        "The leaf names an excluded host.",
        constrained(&[], one(&dns), &[host("code.example.com")]),
        false,
    );
    let domain = mail("example.com");
    add(
        "mail-permitted",
        "The leaf names a permitted mail address.",
        constrained(one(&domain), &[], &[mail("code@example.com")]),
        true,
    );
    add(
        "mail-not-permitted",
        "The leaf names a mail address of another host.",
        constrained(one(&domain), &[], &[mail("code@example.org")]),
        false,
    );
    add(
        "mail-excluded",
        "The leaf names an excluded mail address.",
        constrained(&[], one(&domain), &[mail("code@example.com")]),
        false,
    );
    let address = uri("example.com");
    add(
        "uri-permitted",
        "The leaf names a permitted address.",
        constrained(one(&address), &[], &[uri("https://example.com/code")]),
        true,
    );
    add(
        "uri-not-permitted",
        "The leaf names an address of another host.",
        constrained(one(&address), &[], &[uri("https://example.org/code")]),
        false,
    );
}

fn odd_name_constraints(suite: &mut Suite) {
    let form = registered("1.3.6.1.4.1.99999.3");
    let scene = constrained(&[], std::slice::from_ref(&form), std::slice::from_ref(&form));
    let text = "A constraint on a form of name that few verifiers compare, and the leaf has such a name: refuse.";
    suite.case("unknown-form-named", SECTIONS, text, &scene, &untrusted());
    let scene = constrained(&[], std::slice::from_ref(&form), &[]);
    let text = "A constraint on a form of name that few verifiers compare does not touch a leaf without such a name.";
    suite.case("unknown-form-not-named", SECTIONS, text, &scene, &valid().low());
    let constraint = name_constraints(&[somebody_else()], &[]).not_critical();
    let scene = usual().ca(|ca| ca.with(constraint));
    let text = "Name constraints count although not critical; that they be critical binds the CA.";
    suite.case("not-critical", SECTIONS, text, &scene, &untrusted());
    let scene = usual().leaf(|leaf| leaf.with(name_constraints(&[publishers()], &[])));
    let text = "Name constraints in a leaf: they MUST be used in CA certificates only.";
    suite.case("in-leaf", &["RFC 5280 §4.2.1.10"], text, &scene, &untrusted().or(State::Valid).low());
    let malformed = Extension::new(oid::NAME_CONSTRAINTS, true, encode(tag::OCTET_STRING, b"none"));
    let scene = usual().ca(|ca| ca.with(malformed));
    let text = "Name constraints that cannot be read permit nothing.";
    suite.case("malformed", SECTIONS, text, &scene, &untrusted());
    let upper = Certificate::authority("Limbo Code Policy CA", Pair::CodeCa2, &code_root(), oid::CODE_SIGNING);
    let upper = upper.with(name_constraints(&[somebody_else(), directory(&code_ca().subject)], &[]));
    let scene = usual().authorities(vec![code_ca().issued_by(&upper), upper]);
    let text = "A constraint two authorities above binds the leaf as well.";
    suite.case("from-above", SECTIONS, text, &scene, &untrusted());
}

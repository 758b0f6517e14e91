//! Whether the signature holds at all: question 1 comes before who signed.

use countersign::evidence::State;

use crate::expected::{Expected, Revocation, valid, valid_by};
use crate::names::on;
use crate::scene::{Flaw, LATE, SIGNED, Scene, stamp, usual};
use crate::stamp::Kind;
use crate::suite::Suite;

pub(super) fn add(suite: &mut Suite) {
    suite.family("integrity");
    flaws(suite);
    let text = "Everything is right: the case that all others differ from by one thing.";
    suite.case("good", &["Authenticode specification", "RFC 5280 §6.1"], text, &usual(), &valid().critical());
    let scene = usual().at(on(LATE)).stamped(stamp(Kind::Token, on(SIGNED)));
    let text = "Everything is right, with a timestamp, years later.";
    suite.case(
        "good-stamped",
        &["Authenticode specification: Time Stamping"],
        text,
        &scene,
        &valid_by(Kind::Token, SIGNED).critical(),
    );
    let changed = scene.flawed(Flaw::FileChanged);
    let text = "A byte of the file was changed; a good timestamp over the signature changes nothing about that.";
    let expected = bad().proven(Kind::Token, on(SIGNED)).finding("signed-within-validity");
    suite.case(
        "file-changed-stamped",
        &["Authenticode specification: Calculating the PE Image Hash"],
        text,
        &changed,
        &expected,
    );
}

fn bad() -> Expected {
    Expected::new(State::Bad).critical()
}

fn broken() -> Expected {
    Expected::new(State::Broken)
}

fn flaws(suite: &mut Suite) {
    let mut add = |name: &str, section: &'static str, text: &str, flaw: Flaw, expected: Expected| {
        let scene: Scene = usual().flawed(flaw);
        suite.case(name, &[section], text, &scene, &expected);
    };
    add(
        "file-changed",
        "Authenticode specification: Calculating the PE Image Hash",
        "A byte of the file was changed after signing.",
        Flaw::FileChanged,
        bad(),
    );
    add("signature-changed", "RFC 5652 §5.6", "The signature value was changed.", Flaw::SignatureChanged, bad());
    add(
        "message-digest",
        "RFC 5652 §11.2",
        "The signed attributes carry another digest than the content has.",
        Flaw::OtherContent,
        bad(),
    );
    add(
        "content-type",
        "Authenticode specification: SpcIndirectDataContent",
        "The signed content is called data.",
        Flaw::ContentType,
        broken(),
    );
    add(
        "no-certificate",
        "Authenticode specification: certificates",
        "The signer's certificate does not come along.",
        Flaw::NoCertificate,
        broken().revocation(Revocation::NotAsked),
    );
    add(
        "two-signers",
        "Authenticode specification: signerInfos",
        "The signature has two signers; Authenticode has one.",
        Flaw::TwoSigners,
        broken(),
    );
    add(
        "digests-differ",
        "Authenticode specification: digestAlgorithm",
        "File digest and signature name different algorithms.",
        Flaw::DigestsDiffer,
        broken(),
    );
}

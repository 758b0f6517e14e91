//! OCSP: who may answer, about which certificate, for how long, and what an answer does.

use countersign::crypto::DigestAlgorithm;
use countersign::encoding::asn1::oid;
use countersign::evidence::State;

use crate::certificate::Certificate;
use crate::expected::{Expected, Revocation, revoked, valid};
use crate::extension::usages;
use crate::names::on;
use crate::ocsp::{Response, Status};
use crate::pair::Pair;
use crate::revocation::{Entry, List};
use crate::scene::{SIGNED, Scene, code_ca, code_root, stamp, usual};
use crate::stamp::Kind;
use crate::suite::Suite;

pub(super) fn add(suite: &mut Suite) {
    suite.family("ocsp");
    answers(suite);
    responders(suite);
    dates(suite);
    ages(suite);
    beside_lists(suite);
}

/// An answer about the usual publisher by its authority.
fn about_publisher(status: Status) -> Response {
    Response::of(&usual().leaf, &code_ca(), status)
}

/// A scene with this answer, and a list of the root about the publisher's authority.
fn with(scene: Scene, response: Response) -> Scene {
    scene.list(List::of(&code_root(), "2023-06-01", "2024-05-30")).answered(response)
}

fn good() -> Expected {
    valid().revocation(Revocation::Good)
}

fn answers(suite: &mut Suite) {
    let sections = &["RFC 6960 §2.2", "RFC 6960 §4.1.1"];
    let mut add = |name: &str, text: &str, response: Response, expected: Expected| {
        suite.case(name, sections, text, &with(usual(), response), &expected);
    };
    let yes = || about_publisher(Status::Good);
    add("good", "The publisher's authority says itself that the certificate is good.", yes(), good());
    let sha256 = Response { digest: DigestAlgorithm::Sha256, ..yes() };
    add("good-by-sha256", "The certificate is named by SHA-256 digests of its issuer.", sha256, good());
    add(
        "unknown",
        "The authority does not know the certificate: that is not good.",
        about_publisher(Status::Unknown),
        valid(),
    );
    let other = Response { serial: vec![0x42], ..yes() };
    add("another-serial", "The answer is about another certificate of the authority.", other, valid());
    let other = Response { serial: vec![0x42], ..about_publisher(Status::Revoked(on(SIGNED), None)) };
    add(
        "another-revoked",
        "Another certificate of the authority is revoked; nothing is said about the publisher's.",
        other,
        valid(),
    );
    let stranger = Certificate::authority("Limbo Code CA", Pair::StrangerCa, &code_root(), oid::CODE_SIGNING);
    let other = Response { issuer: stranger, ..yes() };
    add("another-issuer-key", "The answer names an issuer of the same name and another key.", other, valid());
    add("try-later", "The responder gives no answer: tryLater.", about_publisher(Status::NoAnswer(3)), valid());
    add("unauthorized", "The responder gives no answer: unauthorized.", about_publisher(Status::NoAnswer(6)), valid());
}

/// A responder that the publisher's authority certified for that.
fn responder(issuer: &Certificate) -> Certificate {
    let responder = Certificate::publisher(issuer).key(Pair::Stranger).valid("2023-01-01", "2024-01-01");
    let responder = responder.named(crate::names::name("Limbo Trust", "Limbo Status")).serial(&[0x31]);
    responder.with(usages(&[oid::OCSP_SIGNING]))
}

fn responders(suite: &mut Suite) {
    let sections = &["RFC 6960 §4.2.2.2"];
    let mut add = |name: &str, text: &str, response: Response, expected: Expected| {
        suite.case(name, sections, text, &with(usual(), response), &expected);
    };
    let yes = || about_publisher(Status::Good);
    let no = || about_publisher(Status::Revoked(on(SIGNED), Some(1)));
    add(
        "delegate",
        "A responder answers that the publisher's authority certified for it.",
        yes().by(&responder(&code_ca())),
        good(),
    );
    add(
        "delegate-says-revoked",
        "A responder that the authority certified says that the publisher's certificate is revoked.",
        no().by(&responder(&code_ca())),
        revoked(),
    );
    let without = responder(&code_ca()).with(usages(&[oid::CODE_SIGNING]));
    add(
        "delegate-without-usage",
        "A publisher of the same authority answers: he is certified for code signing alone.",
        yes().by(&without),
        valid().critical(),
    );
    add(
        "delegate-without-usage-says-revoked",
        "A publisher of the same authority says that another's certificate is revoked.",
        no().by(&without),
        valid().critical(),
    );
    add(
        "delegate-of-root",
        "A responder answers that the root certified, not the publisher's authority itself.",
        yes().by(&responder(&code_root())),
        valid(),
    );
    let ended = responder(&code_ca()).valid("2023-01-01", "2023-06-01");
    add("delegate-expired", "The responder's certificate had expired when it answered.", yes().by(&ended), valid());
    let stranger = Response { signer: Pair::StrangerCa, ..yes() };
    add("stranger", "Somebody else answers in the authority's name.", stranger, valid().critical());
    let stranger = Response { signer: Pair::StrangerCa, ..no() };
    add(
        "stranger-says-revoked",
        "Somebody else says in the authority's name that the certificate is revoked.",
        stranger,
        valid().critical(),
    );
    add(
        "changed",
        "The answer was changed after it was signed.",
        Response { changed: true, ..yes() },
        valid().critical(),
    );
}

/// The date of revocation against the time of signing: as with lists.
fn dates(suite: &mut Suite) {
    let sections = &["CSBR 4.9.6", "RFC 6960 §4.2.1"];
    let date = on(SIGNED);
    let no = |reason| about_publisher(Status::Revoked(date, reason));
    for (reason, word) in [(None, "no-reason"), (Some(1), "key-compromise"), (Some(6), "hold")] {
        let text = format!("Revoked (`{word}`), and nothing proves that the signature is older.");
        suite.case(format!("no-time-{word}"), sections, text, &with(usual(), no(reason)), &revoked());
    }
    for (word, time, kept) in
        [("second-before", date.plus(-1), true), ("at", date, false), ("second-after", date.plus(1), false)]
    {
        let scene = with(usual().stamped(stamp(Kind::Token, time)), no(Some(1)));
        let expected = if kept { valid().revocation(Revocation::Since) } else { revoked() };
        let text = format!("Signed {} the date of revocation that the answer names.", word.replace('-', " "));
        suite.case(format!("signed-{word}"), sections, text, &scene, &expected.proven(Kind::Token, time).critical());
    }
    let scene = with(usual().stamped(stamp(Kind::Token, on("2023-05-01"))), no(Some(4)));
    let text = "Signed before the certificate was put out of use.";
    let expected = valid().revocation(Revocation::RetiredSince).proven(Kind::Token, on("2023-05-01"));
    suite.case("signed-before-superseded", sections, text, &scene, &expected);
}

fn ages(suite: &mut Suite) {
    let sections = &["RFC 6960 §4.2.2.1", "CSBR 4.9.10"];
    let overdue = about_publisher(Status::Good).issued("2023-08-20", "2023-08-24");
    let text = "The answer is older than the instant of appraisal, and the next one was due before.";
    suite.case("overdue", sections, text, &with(usual(), overdue), &valid());
    let overdue = about_publisher(Status::Revoked(on(SIGNED), None)).issued("2023-08-20", "2023-08-24");
    let text = "The answer is overdue, but what was revoked stays revoked.";
    suite.case("overdue-says-revoked", sections, text, &with(usual(), overdue), &revoked());
    let then = about_publisher(Status::Good).issued("2023-05-30", "2023-06-03");
    let scene = with(usual().stamped(stamp(Kind::Token, on(SIGNED))), then);
    let text = "The answer was current at the time of signing.";
    suite.case("current-at-signing", sections, text, &scene, &good().proven(Kind::Token, on(SIGNED)));
}

/// Of two that disagree, the worse counts.
fn beside_lists(suite: &mut Suite) {
    let sections = &["RFC 6960 §2.2", "CSBR 4.9.10", "CSBR 7.2"];
    let list = || List::of(&code_ca(), "2023-08-30", "2023-09-06");
    let listed = list().listing(Entry::of(&usual().leaf, on(SIGNED)));
    let scene = with(usual(), about_publisher(Status::Good)).list(listed);
    let text =
        "The answer says good, a list of the same authority names the certificate: what was revoked stays revoked.";
    suite.case("good-but-listed", sections, text, &scene, &revoked());
    let scene = with(usual(), about_publisher(Status::Revoked(on(SIGNED), None))).list(list());
    let text = "A list does not name the certificate, the answer of the same authority says that it is revoked.";
    suite.case("revoked-but-not-listed", sections, text, &scene, &revoked());
    let scene = with(usual(), about_publisher(Status::Unknown)).list(list());
    let text = "The responder does not know the certificate, a list of the same authority covers it.";
    suite.case("unknown-but-covered", sections, text, &scene, &good().or(State::Unknown).low());
}

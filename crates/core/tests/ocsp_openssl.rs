//! OCSP responses of our own, judged by us and by `openssl ocsp -respin`: every disagreement is listed with its
//! reason, and one that has healed fails too.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use countersign::crypto::DigestAlgorithm;
use countersign::encoding::asn1::{encode, oid, tag};
use countersign::encoding::x509::Certificate;
use countersign::pki::minting::ocsp::{Answer, Response, good, refusal, revoked, unknown};
use countersign::pki::minting::{Holder, Order, ca, extension, usages};
use countersign::pki::ocsp::OcspResponse;
use countersign::pki::revocation::{Instant, RevocationInfo, Status, of_certificate};
use countersign::time::Time;

/// `openssl ocsp` compares the period of an answer with the clock of the machine and cannot be told otherwise, so
/// that the answers here cover every instant from 2025 to 2098.
const NEXT: &str = "20990101000000Z";
/// Within it.
const AT: &str = "2025-01-05T00:00:00Z";

/// What a verifier makes of a response: the word for the certificate's status, or `unknown` if the response does
/// not count.
type Opinion = &'static str;

struct Case {
    name: &'static str,
    der: Vec<u8>,
    leaf: Certificate,
    /// The digest of the `CertID` that openssl looks for.
    digest: DigestAlgorithm,
}

struct Cases {
    issuer: Holder,
    authority: Certificate,
    leaf: Certificate,
    responder: Holder,
    list: Vec<Case>,
}

impl Cases {
    fn new() -> Self {
        let issuer = Holder::new("Issuer", 1);
        let order = Order { serial: 7, until: "490101000000Z", ..Order::default() };
        let leaf = issuer.certify(&Holder::new("Holder", 2), &order);
        let (authority, responder) = (issuer.root(), Holder::new("Responder", 3));
        Self { issuer, authority, leaf, responder, list: Vec::new() }
    }

    fn answer(&self) -> Answer {
        Answer { next_update: Some(NEXT), ..Answer::about(&self.leaf, &self.authority) }
    }

    fn add(&mut self, name: &'static str, der: Vec<u8>) {
        self.list.push(Case { name, der, leaf: self.leaf.clone(), digest: DigestAlgorithm::Sha1 });
    }

    fn add_answer(&mut self, name: &'static str, answer: Answer) {
        let der = Response::new(&self.issuer, answer).der();
        self.add(name, der);
    }

    /// A response by the responder, with this certificate.
    fn add_delegated(&mut self, name: &'static str, certificate: Certificate) {
        let response =
            Response { certificates: vec![certificate], ..Response::new(&self.responder, self.answer()) }.der();
        self.add(name, response);
    }

    fn delegate(&self, extensions: &[Vec<u8>]) -> Certificate {
        self.issuer.certify(&self.responder, &Order { serial: 9, ..Order::with(extensions) })
    }

    fn all() -> Vec<Case> {
        let mut cases = Self::new();
        cases.statuses();
        cases.certificate_ids();
        cases.dates();
        cases.responders();
        cases.oddities();
        cases.list
    }

    fn statuses(&mut self) {
        self.add_answer("good", self.answer());
        self.add_answer("unknown", Answer { status: unknown(), ..self.answer() });
        for (name, reason) in
            [("revoked", None), ("revoked-key", Some(1)), ("revoked-superseded", Some(4)), ("revoked-hold", Some(6))]
        {
            self.add_answer(name, Answer { status: revoked("20240601000000Z", reason), ..self.answer() });
        }
        for (name, status) in [("refused-malformed", 1), ("refused-later", 3), ("refused-unauthorized", 6)] {
            self.add(name, refusal(status));
        }
        let by_key = Response { by_key: true, ..Response::new(&self.issuer, self.answer()) }.der();
        self.add("by-key", by_key);
    }

    fn certificate_ids(&mut self) {
        for (name, digest) in [
            ("id-sha256", DigestAlgorithm::Sha256),
            ("id-sha384", DigestAlgorithm::Sha384),
            ("id-sha512", DigestAlgorithm::Sha512),
            ("id-md5", DigestAlgorithm::Md5),
        ] {
            self.add_answer(name, Answer { digest, ..self.answer() });
            self.list.last_mut().unwrap().digest = digest;
        }
        self.add_answer("id-other-serial", Answer { serial: vec![8], ..self.answer() });
        self.add_answer("id-other-name", Answer { issuer_name: vec![0x30, 0], ..self.answer() });
        self.add_answer("id-other-key", Answer { issuer_key: vec![1; 32], ..self.answer() });
    }

    fn dates(&mut self) {
        let expired = Answer { this_update: "20241201000000Z", next_update: Some("20241208000000Z"), ..self.answer() };
        self.add_answer("period-over", expired);
        let future = Answer { this_update: "20480601000000Z", next_update: Some("20480608000000Z"), ..self.answer() };
        self.add_answer("period-to-come", future);
        self.add_answer("no-next-update", Answer { next_update: None, ..self.answer() });
        let order = Order { serial: 7, until: "240101000000Z", ..Order::default() };
        let expired = self.issuer.certify(&Holder::new("Holder", 2), &order);
        let cutoff = extension(oid::OCSP_ARCHIVE_CUTOFF, false, &encode(tag::GENERALIZED_TIME, b"20200101000000Z"));
        for (name, extensions) in [("expired-without-cutoff", vec![]), ("expired-with-cutoff", vec![cutoff])] {
            let der = Response::new(&self.issuer, Answer { extensions, ..self.answer() }).der();
            self.list.push(Case { name, der, leaf: expired.clone(), digest: DigestAlgorithm::Sha1 });
        }
    }

    fn responders(&mut self) {
        let ocsp = || usages(&[oid::OCSP_SIGNING]);
        self.add_delegated("delegated", self.delegate(&[ocsp()]));
        let no_check = extension(oid::OCSP_NO_CHECK, false, &[5, 0]);
        self.add_delegated("delegated-no-check", self.delegate(&[ocsp(), no_check]));
        self.add_delegated("delegated-no-usage", self.delegate(&[]));
        self.add_delegated("delegated-code-signing", self.delegate(&[usages(&[oid::CODE_SIGNING])]));
        self.add_delegated("delegated-any-usage", self.delegate(&[usages(&[oid::ANY_EXTENDED_KEY_USAGE])]));
        let certificates_alone = extension(oid::KEY_USAGE, true, &[3, 2, 2, 0x04]);
        self.add_delegated("delegated-key-usage", self.delegate(&[ocsp(), certificates_alone]));
        self.add_delegated("delegated-odd", self.delegate(&[ocsp(), extension(&[0x2a, 3], true, &[5, 0])]));
        let expired = Order { until: "241231000000Z", ..Order::with(&[ocsp()]) };
        self.add_delegated("delegated-expired", self.issuer.certify(&self.responder, &expired));
        let stranger = Holder::new("Issuer", 5).certify(&self.responder, &Order::with(&[ocsp()]));
        self.add_delegated("delegated-by-stranger", stranger);
        let impostor = self.issuer.certify(&Holder::new("Responder", 8), &Order::with(&[ocsp()]));
        self.add_delegated("delegated-other-key", impostor);
        let middle = Holder::new("Middle", 6);
        let below = middle.certify(&self.responder, &Order::with(&[ocsp()]));
        let authority = self.issuer.certify(&middle, &Order { serial: 12, ..Order::with(&[ca(None)]) });
        let response =
            Response { certificates: vec![below, authority], ..Response::new(&self.responder, self.answer()) }.der();
        self.add("delegated-by-subordinate", response);
        self.add("delegated-without-certificate", Response::new(&self.responder, self.answer()).der());
        self.add("self-made", Response::new(&Holder::new("Issuer", 5), self.answer()).der());
    }

    fn oddities(&mut self) {
        let odd = || vec![extension(&[0x2a, 3], true, &[5, 0])];
        self.add_answer("critical-of-answer", Answer { extensions: odd(), ..self.answer() });
        let response = Response { extensions: odd(), ..Response::new(&self.issuer, self.answer()) }.der();
        self.add("critical-of-response", response);
        let revoked = Answer { status: revoked("20240601000000Z", None), ..self.answer() };
        for (name, answers) in [
            ("good-then-revoked", vec![self.answer(), revoked.clone()]),
            ("revoked-then-good", vec![revoked.clone(), self.answer()]),
            ("other-then-good", vec![Answer { serial: vec![8], ..revoked }, self.answer()]),
            ("no-answers", vec![]),
        ] {
            let response = Response { answers, ..Response::new(&self.issuer, self.answer()) }.der();
            self.add(name, response);
        }
        let mut broken = Response::new(&self.issuer, Answer { status: good(), ..self.answer() }).der();
        *broken.last_mut().unwrap() ^= 1;
        self.add("broken-signature", broken);
    }
}

fn ours(case: &Case, authority: &Certificate) -> Opinion {
    let Ok(response) = OcspResponse::from_der(&case.der) else { return "unknown" };
    let info = RevocationInfo { ocsp: vec![response], ..RevocationInfo::default() };
    let at: Time = AT.parse().unwrap();
    match of_certificate(&case.leaf, &[authority], &info, Instant::Now(at)).status {
        Status::Good { .. } => "good",
        Status::Revoked(_) | Status::RevokedSince(_) => "revoked",
        Status::Unknown(_) => "unknown",
    }
}

fn pem(certificate: &Certificate) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", base64(certificate.der()))
}

fn base64(bytes: &[u8]) -> String {
    countersign::encoding::base64::encode(bytes)
}

/// What `openssl ocsp` says, its clock for the responder's certificate set to the case's instant.
fn theirs(case: &Case, folder: &Path, authority: &Certificate) -> Opinion {
    let file = |name: &str, bytes: &[u8]| -> PathBuf {
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let at: Time = AT.parse().unwrap();
    let issuer = file("issuer.pem", pem(authority).as_bytes());
    let output = Command::new("openssl")
        .args(["ocsp", "-no_nonce", "-attime", &at.unix().to_string()])
        .arg("-respin")
        .arg(file("response.der", &case.der))
        .arg("-issuer")
        .arg(&issuer)
        .arg("-CAfile")
        .arg(&issuer)
        .arg(format!("-{}", case.digest))
        .arg("-cert")
        .arg(file("leaf.pem", pem(&case.leaf).as_bytes()))
        .output()
        .expect("openssl runs");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    if !text.contains("Response verify OK") || text.contains("WARNING: Status times invalid") {
        return "unknown";
    }
    let answer =
        text.lines().find_map(|line| line.split_once("leaf.pem: ").map(|(_, answer)| answer.trim().to_owned()));
    match answer.as_deref() {
        Some("good") => "good",
        Some("revoked") => "revoked",
        _ => "unknown",
    }
}

#[test]
fn every_disagreement_with_openssl_is_listed_with_its_reason() {
    if Command::new("openssl").arg("version").output().is_err() {
        eprintln!("SKIPPED: no openssl on this machine");
        return;
    }
    let listed: BTreeMap<String, (String, String, String)> =
        serde_json::from_str(include_str!("data/ocsp-openssl-exceptions.json")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let authority = Holder::new("Issuer", 1).root();
    let cases = Cases::all();
    let mut found = BTreeMap::new();
    for case in &cases {
        let (ours, theirs) = (ours(case, &authority), theirs(case, folder.path(), &authority));
        if ours != theirs {
            found.insert(case.name.to_owned(), (ours, theirs));
        }
    }
    eprintln!("openssl ocsp: {} of {} agree", cases.len() - found.len(), cases.len());
    let fits = |name: &String, (ours, theirs): &(Opinion, Opinion)| {
        listed.get(name).is_some_and(|(we, they, why)| we == ours && they == theirs && !why.is_empty())
    };
    let unlisted: Vec<_> = found.iter().filter(|(name, opinions)| !fits(name, opinions)).collect();
    let healed: Vec<_> = listed.keys().filter(|name| !found.contains_key(*name)).collect();
    assert!(unlisted.is_empty(), "not listed (case, ours, theirs): {unlisted:#?}");
    assert!(healed.is_empty(), "healed, take them off the list: {healed:?}");
}

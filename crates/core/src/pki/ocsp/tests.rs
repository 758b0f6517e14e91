use super::*;
use crate::encoding::asn1::{encode, oid, tag};
use crate::encoding::x509::Certificate;
use crate::pki::minting::ocsp::{Answer, Response, good, refusal, revoked, unknown};
use crate::pki::minting::{Holder, Key, Order, ca, extension, time, usages};
use crate::pki::revocation::{Instant, Knowledge, RevocationInfo, Status, Unknown, of_certificate};

/// Responses of `minting` are of 2025-01-01, the next one is due on 2025-01-08.
const COVERED: &str = "2025-01-05T00:00:00Z";
const ISSUED: &str = "2025-01-01T00:00:00Z";

struct Setting {
    issuer: Holder,
    authority: Certificate,
    leaf: Certificate,
    responder: Holder,
}

impl Setting {
    fn new() -> Self {
        let (issuer, holder) = (Holder::new("Issuer", 1), Holder::new("Holder", 2));
        let leaf = issuer.certify(&holder, &Order { serial: 7, ..Order::default() });
        Self { authority: issuer.root(), issuer, leaf, responder: Holder::new("Responder", 3) }
    }

    /// With an issuer whose key can sign MD5.
    fn with_rsa() -> Self {
        let issuer = Holder { key: Key::rsa_1024(), ..Holder::new("Issuer", 1) };
        let leaf = issuer.certify(&Holder::new("Holder", 2), &Order { serial: 7, ..Order::default() });
        Self { authority: issuer.root(), leaf, issuer, ..Self::new() }
    }

    fn answer(&self) -> Answer {
        Answer::about(&self.leaf, &self.authority)
    }

    fn revoked(&self, at: &str, reason: Option<u8>) -> Answer {
        Answer { status: revoked(at, reason), ..self.answer() }
    }

    /// A certificate of the responder, as a CA should issue it but for these extensions.
    fn delegate(&self, extensions: &[Vec<u8>]) -> Certificate {
        self.issuer.certify(&self.responder, &Order { serial: 9, ..Order::with(extensions) })
    }

    /// A certificate of the responder, signed by way of this digest.
    fn delegate_by(&self, digest: DigestAlgorithm) -> Certificate {
        let order = Order { serial: 9, digest, ..Order::with(&[usages(&[oid::OCSP_SIGNING])]) };
        self.issuer.certify(&self.responder, &order)
    }

    fn delegated(&self, certificate: Certificate) -> Status {
        let response = Response { certificates: vec![certificate], ..Response::new(&self.responder, self.answer()) };
        self.ask(&response.der(), Instant::Now(time(COVERED))).status
    }

    fn ask(&self, der: &[u8], at: Instant) -> Knowledge {
        self.ask_all(&[der], at)
    }

    fn ask_all(&self, ders: &[&[u8]], at: Instant) -> Knowledge {
        let ocsp = ders.iter().map(|der| OcspResponse::from_der(der).unwrap()).collect();
        of_certificate(&self.leaf, &[&self.authority], &RevocationInfo { ocsp, ..RevocationInfo::default() }, at)
    }

    fn status(&self, answer: Answer) -> Status {
        self.ask(&Response::new(&self.issuer, answer).der(), Instant::Now(time(COVERED))).status
    }
}

fn is_good(status: &Status) -> bool {
    *status == Status::Good { as_of: time(ISSUED) }
}

#[test]
fn the_issuers_own_answer_counts_by_name_and_by_key() {
    let setting = Setting::new();
    for by_key in [false, true] {
        let response = Response { by_key, ..Response::new(&setting.issuer, setting.answer()) };
        assert!(is_good(&setting.ask(&response.der(), Instant::Now(time(COVERED))).status));
    }
    assert_eq!(setting.status(Answer { status: unknown(), ..setting.answer() }), unknown_as(Unknown::NotKnownThere));
    let Status::Revoked(entry) = setting.status(setting.revoked("20240601000000Z", Some(1))) else { panic!() };
    assert_eq!((entry.revoked, entry.reason.map(|r| r.name())), (time("2024-06-01T00:00:00Z"), Some("keyCompromise")));
}

const fn unknown_as(why: Unknown) -> Status {
    Status::Unknown(why)
}

#[test]
fn the_date_of_revocation_decides_against_a_proven_time_alone() {
    let setting = Setting::new();
    let date = time("2024-06-01T00:00:00Z");
    let response = Response::new(&setting.issuer, setting.revoked("20240601000000Z", None)).der();
    let at = |instant| setting.ask(&response, instant).status;
    assert!(matches!(at(Instant::Proven(date.plus(-1))), Status::RevokedSince(_)));
    assert!(matches!(at(Instant::Proven(date)), Status::Revoked(_)));
    assert!(matches!(at(Instant::Now(date.plus(-1))), Status::Revoked(_)));
}

#[test]
fn an_invalidity_date_among_the_extensions_counts_where_it_is_earlier() {
    let setting = Setting::new();
    let since = extension(oid::INVALIDITY_DATE, false, &encode(tag::GENERALIZED_TIME, b"20230101000000Z"));
    let answer = Answer { extensions: vec![since], ..setting.revoked("20240601000000Z", None) };
    let Status::Revoked(entry) = setting.status(answer) else { panic!() };
    assert_eq!(entry.effective(), time("2023-01-01T00:00:00Z"));
}

#[test]
fn every_part_of_the_certificate_id_must_match() {
    let setting = Setting::new();
    for digest in [DigestAlgorithm::Sha1, DigestAlgorithm::Sha256, DigestAlgorithm::Sha384, DigestAlgorithm::Sha512] {
        assert!(is_good(&setting.status(Answer { digest, ..setting.answer() })), "{digest}");
    }
    let other = [
        Answer { digest: DigestAlgorithm::Md5, ..setting.answer() },
        Answer { serial: vec![8], ..setting.answer() },
        Answer { issuer_name: setting.leaf.subject().der().to_vec(), ..setting.answer() },
        Answer { issuer_key: setting.leaf.public_key().unwrap().key_bits().to_vec(), ..setting.answer() },
    ];
    for answer in other {
        assert_eq!(setting.status(answer), unknown_as(Unknown::NothingAtHand));
    }
}

#[test]
fn good_counts_only_while_the_answer_covers_the_instant() {
    let setting = Setting::new();
    let at = |answer: Answer, instant| setting.ask(&Response::new(&setting.issuer, answer).der(), instant).status;
    let late = time("2025-01-08T00:00:01Z");
    let out_of_date = unknown_as(Unknown::OutOfDate { issued: time(ISSUED) });
    assert!(is_good(&at(setting.answer(), Instant::Proven(time("2021-01-01T00:00:00Z")))));
    assert!(is_good(&at(setting.answer(), Instant::Now(late.plus(-1)))));
    assert_eq!(at(setting.answer(), Instant::Now(late)), out_of_date);
    let open = Answer { next_update: None, ..setting.answer() };
    assert_eq!(at(open.clone(), Instant::Now(time(COVERED))), out_of_date, "newer answers may exist");
    assert!(is_good(&at(open, Instant::Now(time(ISSUED)))));
}

#[test]
fn after_the_expiry_good_counts_only_with_a_cutoff_before_it() {
    let issuer = Holder::new("Issuer", 1);
    let order = Order { serial: 7, until: "240101000000Z", ..Order::default() };
    let leaf = issuer.certify(&Holder::new("Holder", 2), &order);
    let setting = Setting { leaf, ..Setting::new() };
    let cutoff =
        |at: &str| vec![extension(oid::OCSP_ARCHIVE_CUTOFF, false, &encode(tag::GENERALIZED_TIME, at.as_bytes()))];
    let forgotten = unknown_as(Unknown::NotKept { issued: time(ISSUED) });
    let with = |extensions| setting.status(Answer { extensions, ..setting.answer() });
    assert_eq!(with(Vec::new()), forgotten);
    assert_eq!(with(cutoff("20240101000001Z")), forgotten);
    assert!(is_good(&with(cutoff("20240101000000Z"))));
    let of_all = Response { extensions: cutoff("20200101000000Z"), ..Response::new(&setting.issuer, setting.answer()) };
    assert!(is_good(&setting.ask(&of_all.der(), Instant::Now(time(COVERED))).status));
    assert!(matches!(setting.status(setting.revoked("20230601000000Z", None)), Status::Revoked(_)));
}

#[test]
fn critical_extensions_that_are_not_understood_leave_good_open_and_revoked_standing() {
    let setting = Setting::new();
    let odd = || vec![extension(&[0x2a, 3], true, &[5, 0])];
    assert_eq!(
        setting.status(Answer { extensions: odd(), ..setting.answer() }),
        unknown_as(Unknown::NotCovered),
        "of the answer"
    );
    let response = Response { extensions: odd(), ..Response::new(&setting.issuer, setting.answer()) };
    let status = setting.ask(&response.der(), Instant::Now(time(COVERED))).status;
    assert_eq!(status, unknown_as(Unknown::NotCovered), "of the response");
    let answer = Answer { extensions: odd(), ..setting.revoked("20240601000000Z", None) };
    assert!(matches!(setting.status(answer), Status::Revoked(_)));
    let nonce = vec![extension(oid::OCSP_NONCE, true, &[4, 1, 0])];
    assert!(is_good(&setting.status(Answer { extensions: nonce, ..setting.answer() })));
}

#[test]
fn a_responder_speaks_only_if_the_issuer_itself_certified_it_for_that() {
    let setting = Setting::new();
    let ocsp = || usages(&[oid::OCSP_SIGNING]);
    let refused = |certificate, word: &str| match setting.delegated(certificate) {
        Status::Unknown(Unknown::NotAuthorized(why)) => assert!(why.contains(word), "{why}"),
        other => panic!("{other:?}"),
    };
    assert!(is_good(&setting.delegated(setting.delegate(&[ocsp()]))));
    let no_check = extension(oid::OCSP_NO_CHECK, false, &[5, 0]);
    assert!(is_good(&setting.delegated(setting.delegate(&[ocsp(), no_check]))));
    refused(setting.delegate(&[]), "not for OCSP");
    refused(setting.delegate(&[usages(&[oid::CODE_SIGNING])]), "not for OCSP");
    refused(setting.delegate(&[usages(&[oid::ANY_EXTENDED_KEY_USAGE])]), "not for OCSP");
    let certificates_alone = extension(oid::KEY_USAGE, true, &[3, 2, 2, 0x04]);
    refused(setting.delegate(&[ocsp(), certificates_alone]), "does not permit");
    refused(setting.delegate(&[ocsp(), extension(&[0x2a, 3], true, &[5, 0])]), "does not permit");
    let expired = Order { until: "241231000000Z", ..Order::with(&[ocsp()]) };
    refused(setting.issuer.certify(&setting.responder, &expired), "not valid when");
    let early = Order { from: "250102000000Z", ..Order::with(&[ocsp()]) };
    refused(setting.issuer.certify(&setting.responder, &early), "not valid when");
    let stranger = Holder::new("Issuer", 5);
    refused(stranger.certify(&setting.responder, &Order::with(&[ocsp()])), "not certified by the issuer");
    let middle = Holder::new("Middle", 6);
    refused(middle.certify(&setting.responder, &Order::with(&[ocsp()])), "not certified by the issuer");
    let impostor = Holder::new("Responder", 8);
    refused(setting.issuer.certify(&impostor, &Order::with(&[ocsp()])), "signature does not hold");
    let other_name = Holder::new("Other", 3);
    refused(setting.issuer.certify(&other_name, &Order::with(&[ocsp()])), "not signed by the issuer");
}

#[test]
fn a_responder_whose_certificate_can_be_forged_does_not_call_anything_good() {
    let setting = Setting::with_rsa();
    assert!(is_good(&setting.delegated(setting.delegate_by(DigestAlgorithm::Sha256))));
    assert_eq!(setting.delegated(setting.delegate_by(DigestAlgorithm::Md5)), unknown_as(Unknown::Forgeable));
    let revoked = Response {
        certificates: vec![setting.delegate_by(DigestAlgorithm::Md5)],
        ..Response::new(&setting.responder, setting.revoked("20240601000000Z", Some(1)))
    };
    let status = setting.ask(&revoked.der(), Instant::Now(time(COVERED))).status;
    assert!(matches!(status, Status::Revoked(_)), "whatever is odd about it");
}

#[test]
fn a_strong_certificate_of_the_responder_counts_beside_one_that_can_be_forged() {
    let setting = Setting::with_rsa();
    let [strong, weak] = [DigestAlgorithm::Sha256, DigestAlgorithm::Md5].map(|digest| setting.delegate_by(digest));
    for certificates in [vec![strong.clone(), weak.clone()], vec![weak, strong]] {
        let response = Response { certificates, ..Response::new(&setting.responder, setting.answer()) };
        assert!(is_good(&setting.ask(&response.der(), Instant::Now(time(COVERED))).status));
    }
}

/// How often a list is asked about the leaf and the responder together.
fn questions(setting: &Setting, by: &Holder, answers: usize) -> u32 {
    let response = Response {
        answers: vec![setting.answer(); answers],
        certificates: vec![setting.delegate(&[usages(&[oid::OCSP_SIGNING])])],
        ..Response::new(by, setting.answer())
    };
    let ocsp = vec![OcspResponse::from_der(&response.der()).unwrap()];
    let info = RevocationInfo { crls: vec![setting.issuer.revoke(&[], &[])], ocsp };
    let _ = of_certificate(&setting.leaf, &[&setting.authority], &info, Instant::Now(time(COVERED)));
    info.crls[0].asked()
}

#[test]
fn a_responder_is_judged_once_however_many_answers_it_gives() {
    let setting = Setting::new();
    assert_eq!(questions(&setting, &setting.responder, 1), 2, "the leaf and the responder");
    assert_eq!(questions(&setting, &setting.responder, 500), 2);
}

#[test]
fn lists_are_asked_about_a_responder_only_if_it_spoke() {
    let setting = Setting::new();
    assert_eq!(questions(&setting, &Holder::new("Responder", 8), 1), 1, "the leaf alone");
}

#[test]
fn a_responder_of_the_issuers_parent_does_not_speak_for_the_issuer() {
    let (root, issuer, responder) = (Holder::new("Root", 4), Holder::new("Issuer", 1), Holder::new("Responder", 3));
    let authority = root.certify(&issuer, &Order::with(&[ca(None)]));
    let setting = Setting { authority, ..Setting::new() };
    let certificate = root.certify(&responder, &Order::with(&[usages(&[oid::OCSP_SIGNING])]));
    assert!(matches!(setting.delegated(certificate), Status::Unknown(Unknown::NotAuthorized(_))));
    let of_root = Response::new(&root, setting.answer()).der();
    let status = setting.ask(&of_root, Instant::Now(time(COVERED))).status;
    assert!(matches!(status, Status::Unknown(Unknown::NotAuthorized(_))));
}

#[test]
fn a_responder_that_a_list_calls_revoked_says_nothing_any_more() {
    let setting = Setting::new();
    let certificate = setting.delegate(&[usages(&[oid::OCSP_SIGNING])]);
    let response = Response { certificates: vec![certificate], ..Response::new(&setting.responder, setting.answer()) };
    let reason = |code| vec![extension(oid::CRL_REASON, false, &[tag::ENUMERATED, 1, code])];
    let ask = |date: &'static str, reason| {
        let ocsp = vec![OcspResponse::from_der(&response.der()).unwrap()];
        let crls = vec![setting.issuer.revoke(&[(9, date, reason)], &[])];
        let at = Instant::Now(time(COVERED));
        of_certificate(&setting.leaf, &[&setting.authority], &RevocationInfo { crls, ocsp }, at).status
    };
    assert!(matches!(ask("250601000000Z", reason(1)), Status::Unknown(_)), "compromised at any date");
    assert!(matches!(ask("240601000000Z", reason(4)), Status::Unknown(_)), "superseded before it spoke");
    assert!(is_good(&ask("250601000000Z", reason(4))), "superseded after it spoke");
}

#[test]
fn of_several_answers_the_worst_counts() {
    let setting = Setting::new();
    let bad = || setting.revoked("20240601000000Z", None);
    let other = Answer { serial: vec![8], ..setting.answer() };
    let at = Instant::Now(time(COVERED));
    for answers in [vec![other.clone(), setting.answer(), bad()], vec![bad(), setting.answer(), other]] {
        let response = Response { answers, ..Response::new(&setting.issuer, setting.answer()) };
        assert!(matches!(setting.ask(&response.der(), at).status, Status::Revoked(_)));
    }
    let (good, bad) =
        (Response::new(&setting.issuer, setting.answer()).der(), Response::new(&setting.issuer, bad()).der());
    assert!(matches!(setting.ask_all(&[&bad, &good], at).status, Status::Revoked(_)));
    assert!(is_good(&setting.ask_all(&[&good, &refusal(3)], at).status));
}

#[test]
fn lists_and_responses_are_weighed_together() {
    let setting = Setting::new();
    let good = OcspResponse::from_der(&Response::new(&setting.issuer, setting.answer()).der()).unwrap();
    let listed = setting.issuer.revoke(&[(7, "230601000000Z", vec![])], &[]);
    let info = RevocationInfo { crls: vec![listed], ocsp: vec![good.from_source(Source::Producer("a test"))] };
    let known = of_certificate(&setting.leaf, &[&setting.authority], &info, Instant::Now(time(COVERED)));
    assert!(matches!(known.status, Status::Revoked(_)));
    assert!(known.words().ends_with("[revocation list of 2025-01-01T00:00:00Z, next due 2025-02-01T00:00:00Z, given]"));
    let alone = RevocationInfo { crls: Vec::new(), ..info };
    let known = of_certificate(&setting.leaf, &[&setting.authority], &alone, Instant::Now(time(COVERED)));
    assert_eq!(
        known.words(),
        "not revoked as of 2025-01-01T00:00:00Z [OCSP response of 2025-01-01T00:00:00Z, next due \
         2025-01-08T00:00:00Z, supplied by the producer in a test]"
    );
}

#[test]
fn a_refusal_says_nothing() {
    let setting = Setting::new();
    for status in [1, 2, 3, 5, 6] {
        let known = setting.ask(&refusal(status), Instant::Now(time(COVERED)));
        assert!(matches!(known.status, Status::Unknown(Unknown::NoAnswer(_))), "{status}");
    }
    assert!(OcspResponse::from_der(&refusal(0)).is_err(), "success without an answer");
}

#[test]
fn a_basic_response_alone_reads_the_same() {
    let setting = Setting::new();
    let basic = OcspResponse::from_basic_der(&Response::new(&setting.issuer, setting.answer()).basic()).unwrap();
    let info = RevocationInfo { ocsp: vec![basic], ..RevocationInfo::default() };
    let known = of_certificate(&setting.leaf, &[&setting.authority], &info, Instant::Now(time(COVERED)));
    assert!(is_good(&known.status));
}

#[test]
fn every_truncation_and_every_flipped_byte_is_an_error_or_says_nothing_good() {
    let setting = Setting::new();
    let certificate = setting.delegate(&[usages(&[oid::OCSP_SIGNING])]);
    let response = Response {
        certificates: vec![certificate],
        ..Response::new(&setting.responder, Answer { status: good(), ..setting.answer() })
    };
    let der = response.der();
    for at in 0..der.len() {
        assert!(OcspResponse::from_der(&der[..at]).is_err());
        for bit in [0x01, 0x20, 0x80] {
            let mut changed = der.clone();
            changed[at] ^= bit;
            let Ok(response) = OcspResponse::from_der(&changed) else { continue };
            let info = RevocationInfo { ocsp: vec![response], ..RevocationInfo::default() };
            let known = of_certificate(&setting.leaf, &[&setting.authority], &info, Instant::Now(time(COVERED)));
            assert!(matches!(known.status, Status::Unknown(_)), "byte {at}, bit {bit:#x}");
        }
    }
}

#[test]
fn files_are_read_as_pem_and_der_and_errors_name_the_offset() {
    let setting = Setting::new();
    let der = Response::new(&setting.issuer, setting.answer()).der();
    let pem = |label: &str| {
        let body = crate::encoding::base64::encode(&der);
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
    };
    assert_eq!(read_all(&der).unwrap().len(), 1);
    let twice = [pem("OCSP RESPONSE"), pem("OCSP RESPONSE")].concat();
    assert_eq!(read_all(twice.as_bytes()).unwrap().len(), 2);
    assert!(read_all(pem("X509 CRL").as_bytes()).is_err());
    assert!(read_all(b"nothing").is_err());
    let error = read_all(&[&der[..], &[0]].concat()).unwrap_err().to_string();
    assert_eq!(error, format!("bytes after the end at offset {}", der.len()));
}

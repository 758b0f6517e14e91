use super::*;
use crate::encoding::asn1::{encode, encode_sequence};
use crate::encoding::x509::Certificate;
use crate::evidence::{Need, Outcome, Reason};
use crate::pki::anchor::{Anchor, Purpose};
use crate::pki::minting::{Holder, Order, ca, extension, time};
use crate::pki::path::{PathQuery, build_path};
use crate::pki::revocation::{Instant, PathStatus, RevocationInfo, Status, Unknown, of_certificate};

/// Lists of `minting` are of 2025-01-01, the next one is due on 2025-02-01.
const COVERED: &str = "2025-01-15T00:00:00Z";

fn number() -> Vec<u8> {
    extension(oid::CRL_NUMBER, false, &[2, 1, 1])
}

fn reason(code: u8) -> Vec<u8> {
    extension(oid::CRL_REASON, false, &[tag::ENUMERATED, 1, code])
}

struct Setting {
    issuer: Holder,
    authority: Certificate,
    leaf: Certificate,
}

impl Setting {
    fn new() -> Self {
        let (issuer, holder) = (Holder::new("Issuer", 1), Holder::new("Holder", 2));
        let leaf = issuer.certify(&holder, &Order { serial: 7, ..Order::default() });
        Self { authority: issuer.root(), issuer, leaf }
    }

    fn ask(&self, crl: Crl, at: Instant) -> Status {
        of_certificate(&self.leaf, &[&self.authority], &RevocationInfo::of_lists(&[crl]), at).status
    }

    /// The status by a list without entries and with these extensions.
    fn absent(&self, extensions: &[Vec<u8>]) -> Status {
        self.ask(self.issuer.revoke(&[], extensions), Instant::Now(time(COVERED)))
    }
}

#[test]
fn the_date_of_revocation_decides_against_a_proven_time_alone() {
    let setting = Setting::new();
    let list =
        || setting.issuer.revoke(&[(3, "220101000000Z", vec![]), (7, "230601000000Z", vec![reason(1)])], &[number()]);
    let revoked = time("2023-06-01T00:00:00Z");
    let before = Instant::Proven(revoked.plus(-1));
    assert!(matches!(setting.ask(list(), before), Status::RevokedSince(entry) if entry.revoked == revoked));
    assert!(matches!(setting.ask(list(), Instant::Proven(revoked)), Status::Revoked(_)));
    assert!(matches!(setting.ask(list(), Instant::Now(revoked.plus(-1))), Status::Revoked(_)));
    let Status::Revoked(entry) = setting.ask(list(), Instant::Now(time(COVERED))) else { panic!() };
    assert_eq!(entry.reason.map(RevocationReason::name), Some("keyCompromise"));
}

#[test]
fn compromise_counts_from_its_own_date_where_that_is_earlier() {
    let setting = Setting::new();
    let since = extension(oid::INVALIDITY_DATE, false, &encode(tag::GENERALIZED_TIME, b"20210101000000Z"));
    let list = setting.issuer.revoke(&[(7, "230601000000Z", vec![since])], &[number()]);
    let at = Instant::Proven(time("2022-01-01T00:00:00Z"));
    assert!(
        matches!(setting.ask(list, at), Status::Revoked(entry) if entry.effective() == time("2021-01-01T00:00:00Z"))
    );
}

#[test]
fn absence_is_good_only_while_the_list_covers_the_instant() {
    let setting = Setting::new();
    let ask = |at: Instant| setting.ask(setting.issuer.revoke(&[(8, "230601000000Z", vec![])], &[number()]), at);
    let issued = time("2025-01-01T00:00:00Z");
    assert_eq!(ask(Instant::Now(time(COVERED))), Status::Good { as_of: issued });
    assert_eq!(ask(Instant::Proven(time("2021-01-01T00:00:00Z"))), Status::Good { as_of: issued });
    let late = ask(Instant::Now(time("2025-02-02T00:00:00Z")));
    assert_eq!(late, Status::Unknown(Unknown::OutOfDate { issued }));
}

#[test]
fn what_a_list_leaves_open_is_unknown() {
    let setting = Setting::new();
    let unknown = Status::Unknown(Unknown::NotCovered);
    let point =
        |content: &[u8]| extension(oid::ISSUING_DISTRIBUTION_POINT, true, &encode_sequence(&[content.to_vec()]));
    assert_eq!(setting.absent(&[number(), extension(&[0x2a, 3], true, &[5, 0])]), unknown, "unknown critical");
    assert_eq!(setting.absent(&[number(), extension(oid::DELTA_CRL_INDICATOR, true, &[2, 1, 0])]), unknown, "delta");
    assert_eq!(setting.absent(&[number(), point(&[0x82, 1, 0xff])]), unknown, "CAs alone");
    assert_eq!(setting.absent(&[number(), point(&[0x83, 2, 1, 6])]), unknown, "some reasons");
    assert_eq!(setting.absent(&[extension(&[0x2a, 3], false, &[5, 0])]), unknown, "without number");
    let elsewhere = encode(0xa0, &encode(0xa0, &encode(0x86, b"http://x/")));
    assert_eq!(setting.absent(&[number(), point(&elsewhere)]), unknown, "another distribution point");
    assert!(matches!(setting.absent(&[number(), point(&[0x81, 1, 0xff])]), Status::Good { .. }), "users alone");
    assert!(matches!(setting.absent(&[number(), point(&[0x84, 1, 0xff])]), Status::Good { .. }), "others' too");
    let odd_entry = (9, "230601000000Z", vec![extension(&[0x2a, 3], true, &[5, 0])]);
    let list = setting.issuer.revoke(&[odd_entry], &[number()]);
    assert_eq!(setting.ask(list, Instant::Now(time(COVERED))), unknown, "another entry is not understood");
}

#[test]
fn a_reason_that_is_none_spares_nothing_and_leaves_the_rest_of_the_list_open() {
    let setting = Setting::new();
    let odd: [&[u8]; 4] =
        [&[tag::ENUMERATED, 2, 1, 4], &[tag::ENUMERATED, 1, 4, 5, 0], &[tag::ENUMERATED, 0], &[tag::INTEGER, 1, 4]];
    for value in odd {
        let list = |serial| {
            let reason = extension(oid::CRL_REASON, false, value);
            setting.issuer.revoke(&[(serial, "230601000000Z", vec![reason])], &[number()])
        };
        let status = setting.ask(list(7), Instant::Now(time(COVERED)));
        assert!(matches!(status, Status::Revoked(entry) if entry.reason.is_none()), "{value:02x?}: {status:?}");
        let other = setting.ask(list(8), Instant::Now(time(COVERED)));
        assert_eq!(other, Status::Unknown(Unknown::NotCovered), "{value:02x?}");
    }
    let removed = extension(oid::CRL_REASON, false, &[tag::ENUMERATED, 2, 1, 8]);
    let list = setting.issuer.revoke(&[(7, "230601000000Z", vec![removed])], &[number()]);
    assert!(matches!(setting.ask(list, Instant::Now(time(COVERED))), Status::Revoked(_)), "not taken off");
}

fn scope(content: &[u8]) -> Vec<u8> {
    extension(oid::ISSUING_DISTRIBUTION_POINT, true, &encode_sequence(&[content.to_vec()]))
}

#[test]
fn lists_for_some_reasons_are_good_only_together() {
    let setting = Setting::new();
    let list = |bits: [u8; 2]| setting.issuer.revoke(&[], &[number(), scope(&[0x83, 3, 7, bits[0], bits[1]])]);
    let ask = |lists: &[Crl]| {
        let info = RevocationInfo::of_lists(lists);
        of_certificate(&setting.leaf, &[&setting.authority], &info, Instant::Now(time(COVERED))).status
    };
    let (compromise, rest) = (list([0x60, 0]), list([0x1f, 0x80]));
    let unknown = Status::Unknown(Unknown::NotCovered);
    assert_eq!(ask(std::slice::from_ref(&compromise)), unknown);
    assert_eq!(ask(std::slice::from_ref(&rest)), unknown);
    assert_eq!(ask(&[compromise.clone(), list([0x1f, 0])]), unknown, "aACompromise is left over");
    assert!(matches!(ask(&[compromise, rest.clone()]), Status::Good { .. }));
    let listed = setting.issuer.revoke(&[(7, "230601000000Z", vec![])], &[number(), scope(&[0x83, 2, 5, 0x60])]);
    assert!(matches!(ask(&[rest, listed]), Status::Revoked(_)));
}

#[test]
fn an_entry_of_an_indirect_list_is_about_the_issuer_named_last() {
    let setting = Setting::new();
    let issuer = |holder: &Holder| {
        let names = encode_sequence(&[encode(0xa4, &holder.name)]);
        extension(oid::CERTIFICATE_ISSUER, true, &names)
    };
    let other = Holder::new("Other", 9);
    let ask = |entries: &[(u8, &str, Vec<Vec<u8>>)]| {
        let list = setting.issuer.revoke(entries, &[number(), scope(&[0x84, 1, 0xff])]);
        matches!(setting.ask(list, Instant::Now(time(COVERED))), Status::Revoked(_))
    };
    let date = "230601000000Z";
    assert!(ask(&[(7, date, vec![])]), "before any name: the list's own");
    assert!(!ask(&[(7, date, vec![issuer(&other)])]));
    assert!(!ask(&[(3, date, vec![issuer(&other)]), (7, date, vec![])]), "the name goes on");
    assert!(ask(&[(3, date, vec![issuer(&other)]), (7, date, vec![issuer(&setting.issuer)])]));
}

#[test]
fn a_list_of_changes_ends_a_hold_and_nothing_else() {
    let setting = Setting::new();
    let numbered = |value: u8| extension(oid::CRL_NUMBER, false, &[2, 1, value]);
    let changes = |base: u8| extension(oid::DELTA_CRL_INDICATOR, true, &[2, 1, base]);
    let ask = |held: u8, removed: Vec<Vec<u8>>, extensions: &[Vec<u8>]| {
        let complete = setting.issuer.revoke(&[(7, "230601000000Z", vec![reason(held)])], &[numbered(5)]);
        let delta = setting.issuer.revoke(&[(7, "240601000000Z", removed)], extensions);
        let info = RevocationInfo::of_lists(&[complete, delta]);
        of_certificate(&setting.leaf, &[&setting.authority], &info, Instant::Now(time(COVERED))).status
    };
    let release = || vec![reason(8)];
    let good = |status: Status| matches!(status, Status::Good { .. });
    assert!(good(ask(6, release(), &[numbered(6), changes(5)])));
    assert!(good(ask(6, release(), &[numbered(6), changes(4)])));
    assert!(!good(ask(1, release(), &[numbered(6), changes(5)])), "a compromise is for ever");
    assert!(!good(ask(6, release(), &[numbered(6), changes(6)])), "changes to a later list");
    assert!(!good(ask(6, release(), &[numbered(5), changes(5)])), "no newer than the list");
    assert!(!good(ask(6, release(), &[numbered(6)])), "no list of changes");
    assert!(!good(ask(6, vec![reason(1)], &[numbered(6), changes(5)])), "revoked for good");
    let odd = extension(&[0x2a, 3], true, &[5, 0]);
    assert!(!good(ask(6, release(), &[numbered(6), changes(5), odd])), "not understood");
    let other = scope(&[0x82, 1, 0xff]);
    assert!(!good(ask(6, release(), &[numbered(6), changes(5), other])), "about other certificates");
}

#[test]
fn presence_counts_whatever_else_is_odd_about_the_list() {
    let setting = Setting::new();
    let entry = || (7, "230601000000Z", vec![extension(&[0x2a, 3], true, &[5, 0])]);
    for odd in [vec![extension(&[0x2a, 3], true, &[5, 0])], vec![extension(oid::DELTA_CRL_INDICATOR, true, &[2, 1, 0])]]
    {
        let list = setting.issuer.revoke(&[entry()], &odd);
        assert!(matches!(setting.ask(list, Instant::Now(time("2030-01-01T00:00:00Z"))), Status::Revoked(_)));
    }
}

#[test]
fn only_the_issuers_key_speaks_and_only_if_it_may() {
    let setting = Setting::new();
    let forged = Holder::new("Issuer", 5).revoke(&[], &[number()]);
    let not_signed = Status::Unknown(Unknown::NotSignedByIssuer);
    assert_eq!(setting.ask(forged, Instant::Now(time(COVERED))), not_signed);
    let other = Holder::new("Other", 1).revoke(&[], &[number()]);
    assert_eq!(setting.ask(other, Instant::Now(time(COVERED))), Status::Unknown(Unknown::NothingAtHand));
    let certificates_alone = extension(oid::KEY_USAGE, true, &[3, 2, 2, 0x04]);
    let authority = setting.issuer.certify(&setting.issuer, &Order::with(&[ca(None), certificates_alone]));
    let list = setting.issuer.revoke(&[], &[number()]);
    let info = RevocationInfo::of_lists(&[list]);
    assert_eq!(of_certificate(&setting.leaf, &[&authority], &info, Instant::Now(time(COVERED))).status, not_signed);
}

#[test]
fn of_several_lists_the_worst_answer_counts() {
    let setting = Setting::new();
    let good = setting.issuer.revoke(&[], &[number()]);
    let bad = setting.issuer.revoke(&[(7, "230601000000Z", vec![])], &[number()]);
    let at = Instant::Now(time(COVERED));
    for lists in [[good.clone(), bad.clone()], [bad, good]] {
        let known = of_certificate(&setting.leaf, &[&setting.authority], &RevocationInfo::of_lists(&lists), at);
        assert!(matches!(known.status, Status::Revoked(_)));
    }
}

#[test]
fn a_path_is_revoked_with_any_of_its_certificates() {
    let (root, issuer, holder) = (Holder::new("Root", 1), Holder::new("Issuer", 2), Holder::new("Holder", 3));
    let intermediates = [root.certify(&issuer, &Order { serial: 4, ..Order::with(&[ca(None)]) })];
    let leaf = issuer.certify(&holder, &Order::default());
    let anchors = [Anchor::unlimited(root.root(), "given")];
    let report = build_path(&PathQuery::new(&leaf, &intermediates, &anchors, Purpose::Any, time(COVERED)));
    let path = report.accepted().unwrap();
    let outcome = |lists: &[Crl]| {
        PathStatus::of(path, &RevocationInfo::of_lists(lists), Instant::Now(time(COVERED))).check().outcome
    };
    let of_leaf = issuer.revoke(&[], &[number()]);
    assert_eq!(outcome(&[]), Outcome::Undecided(Need::RevocationStatus));
    assert_eq!(outcome(std::slice::from_ref(&of_leaf)), Outcome::Undecided(Need::RevocationStatus));
    assert_eq!(outcome(&[of_leaf.clone(), root.revoke(&[], &[number()])]), Outcome::Pass);
    let revoked = root.revoke(&[(4, "230601000000Z", vec![])], &[number()]);
    assert_eq!(outcome(&[of_leaf, revoked]), Outcome::Fail(Reason::Revoked));
}

#[test]
fn a_long_list_says_the_same_however_often_it_is_asked() {
    let setting = Setting::new();
    let entry = |listed: u8| (listed, "230601000000Z", vec![]);
    let ask = |entries: &[(u8, &str, Vec<Vec<u8>>)]| {
        let list = setting.issuer.revoke(entries, &[number()]);
        assert!(list.der().len() > INDEXED_FROM);
        let times = 0..2 * ASKED_BEFORE;
        times.map(|_| setting.ask(list.clone(), Instant::Now(time(COVERED)))).collect::<Vec<_>>()
    };
    let mut entries: Vec<_> = (0..24_000_u32).map(|number| entry(100 + (number % 100) as u8)).collect();
    assert!(ask(&entries).iter().all(|status| matches!(status, Status::Good { .. })));
    entries.push(entry(7));
    assert!(ask(&entries).iter().all(|status| matches!(status, Status::Revoked(_))));
}

#[test]
fn every_truncation_and_every_flipped_byte_is_an_error_or_a_bad_signature() {
    let setting = Setting::new();
    let list = setting.issuer.revoke(&[(8, "230601000000Z", vec![reason(1)])], &[number()]);
    let key = setting.authority.public_key().unwrap();
    assert!(list.verify_signed_by(&key).is_ok());
    for length in 0..list.der().len() {
        assert!(Crl::from_der(&list.der()[..length]).is_err());
        let mut changed = list.der().to_vec();
        changed[length] ^= 0x20;
        let holds = Crl::from_der(&changed).is_ok_and(|crl| crl.verify_signed_by(&key).is_ok());
        assert!(!holds, "byte {length}");
    }
}

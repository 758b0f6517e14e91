//! Revocation of signers and of timestamping authorities, as far as a whole signature shows it.

use super::*;
use crate::encoding::asn1::encode_sequence;
use crate::pki::crl::Crl;
use crate::pki::minting::extension;
use crate::pki::minting::ocsp::{Answer, Response, good, revoked};
use crate::pki::ocsp::OcspResponse;

/// Covered by lists of `minting`, which are of 2025-01-01, the next one due on 2025-02-01.
const COVERED: &str = "2025-01-15T00:00:00Z";
const BEFORE: &str = "200301000000Z";
const AFTER: &str = "200901000000Z";

fn reason(code: u8) -> Vec<u8> {
    extension(oid::CRL_REASON, false, &encode(tag::ENUMERATED, &[code]))
}

fn invalid_since(time: &str) -> Vec<u8> {
    extension(oid::INVALIDITY_DATE, false, &encode(tag::GENERALIZED_TIME, time.as_bytes()))
}

impl World {
    /// The publisher's CA revokes its certificate at this date.
    fn revokes(&self, date: &str, extensions: Vec<Vec<u8>>) -> Crl {
        self.publisher.authority.revoke(&[(7, date, extensions)], &[])
    }

    /// What becomes of a signature of June 2020 with these lists at hand.
    fn with_lists(&mut self, crls: Vec<Crl>) -> Dossier {
        self.material.crls = crls;
        self.examine(&self.stamped(DURING).file(), NOW)
    }

    fn ocsp(&self, status: Vec<u8>, this_update: &'static str, next_update: &'static str) -> Vec<u8> {
        let about = Answer::about(&self.publisher.certificate, &self.publisher.root);
        let answer = Answer { status, this_update, next_update: Some(next_update), ..about };
        Response { produced_at: this_update, ..Response::new(&self.publisher.authority, answer) }.der()
    }
}

fn state(dossier: &Dossier) -> State {
    dossier.signatures[0].state()
}

fn revocation(dossier: &Dossier) -> (Option<Outcome>, String) {
    let signature = &dossier.signatures[0];
    let details = signature.checks.iter().filter(|check| check.id == CheckId::Revocation);
    (signature.outcome(CheckId::Revocation), details.map(|check| check.detail.clone()).collect())
}

#[test]
fn revocation_counts_from_its_date() {
    let mut world = world();
    let dossier = world.with_lists(vec![world.revokes(BEFORE, Vec::new())]);
    assert_eq!((state(&dossier), has(&dossier, FindingId::RevokedSince)), (State::Revoked, false));
    let dossier = world.with_lists(vec![world.revokes(AFTER, Vec::new())]);
    assert_eq!((state(&dossier), has(&dossier, FindingId::RevokedSince)), (State::Valid, true));
    let unproven = world.examine(&world.publisher.signing().file(), "2020-06-01T00:00:00Z");
    assert_eq!(state(&unproven), State::Revoked, "nothing proves that it is older");
}

#[test]
fn a_certificate_put_out_of_use_later_is_a_small_matter_and_any_other_reason_is_not() {
    let mut world = world();
    for (code, retired) in [(4, true), (5, true), (1, false), (3, false), (6, false), (9, false)] {
        let dossier = world.with_lists(vec![world.revokes(AFTER, vec![reason(code)])]);
        assert_eq!(state(&dossier), State::Valid, "{code}");
        assert_eq!(has(&dossier, FindingId::RetiredSince), retired, "{code}");
        assert_eq!(has(&dossier, FindingId::RevokedSince), !retired, "{code}");
        let dossier = world.with_lists(vec![world.revokes(BEFORE, vec![reason(code)])]);
        assert_eq!(state(&dossier), State::Revoked, "{code}");
    }
}

#[test]
fn an_earlier_invalidity_date_counts_and_shows_that_the_revocation_date_has_no_effect() {
    let mut world = world();
    let dossier = world.with_lists(vec![world.revokes(AFTER, vec![invalid_since("20200301000000Z")])]);
    assert_eq!((state(&dossier), has(&dossier, FindingId::IneffectiveRevocation)), (State::Revoked, true));
    let dossier = world.with_lists(vec![world.revokes(AFTER, vec![invalid_since("20200801000000Z")])]);
    assert_eq!((state(&dossier), has(&dossier, FindingId::IneffectiveRevocation)), (State::Valid, false));
    let dossier = world.with_lists(vec![world.revokes(BEFORE, vec![invalid_since("20200801000000Z")])]);
    assert_eq!((state(&dossier), has(&dossier, FindingId::IneffectiveRevocation)), (State::Revoked, false));
}

#[test]
fn ocsp_responses_count_as_lists_do() {
    let mut world = world();
    let file = world.stamped(DURING).file();
    let maker = super::world();
    let mut judge = |response: &[u8]| {
        world.material.ocsp = vec![OcspResponse::from_der(response).unwrap()];
        world.examine(&file, NOW)
    };
    let (during, later) = ("20200701000000Z", "20200708000000Z");
    let response = |status| maker.ocsp(status, during, later);
    let dossier = judge(&response(good()));
    assert_eq!((state(&dossier), revocation(&dossier).0), (State::Valid, Some(Outcome::Pass)));
    assert_eq!(dossier.material.revocation.unwrap().to_string(), "2020-07-01T00:00:00Z");
    assert_eq!(state(&judge(&response(revoked("20200301000000Z", None)))), State::Revoked);
    let dossier = judge(&response(revoked("20200701000000Z", Some(1))));
    assert_eq!((state(&dossier), has(&dossier, FindingId::RevokedSince)), (State::Valid, true));
    let early = judge(&maker.ocsp(good(), "20200501000000Z", "20200508000000Z"));
    assert_eq!(revocation(&early).0, Some(Outcome::Undecided(Need::RevocationStatus)), "older than the signature");
}

#[test]
fn what_the_producer_supplies_counts_by_the_same_rules_and_is_named_as_the_producers() {
    let world = world();
    let judge = |crls: Vec<Vec<u8>>| {
        let mut signing = world.stamped(DURING);
        signing.crls = crls;
        world.examine(&signing.file(), NOW)
    };
    let list = |date| world.revokes(date, Vec::new()).der().to_vec();
    assert_eq!(state(&judge(vec![list(BEFORE)])), State::Revoked);
    let empty = world.publisher.authority.revoke(&[], &[extension(oid::CRL_NUMBER, false, &[2, 1, 1])]);
    let dossier = judge(vec![empty.der().to_vec()]);
    let (outcome, detail) = revocation(&dossier);
    assert_eq!(outcome, Some(Outcome::Pass));
    assert!(detail.contains("supplied by the producer in the signature's revocation lists"), "{detail}");
    let fresh = world.ocsp(good(), "20200601000000Z", "20200608000000Z");
    let stapled =
        |response: &[u8]| encode(0xa1, &[encode(tag::OID, oid::OCSP_RESPONSE_INFO), response.to_vec()].concat());
    assert_eq!(revocation(&judge(vec![stapled(&fresh)])).0, Some(Outcome::Pass));
    let stale = world.ocsp(good(), "20200501000000Z", "20200508000000Z");
    assert_eq!(revocation(&judge(vec![stapled(&stale)])).0, Some(Outcome::Undecided(Need::RevocationStatus)));
    let unread = judge(vec![encode_sequence(&[])]);
    assert!(has(&unread, FindingId::EvidenceNotRead));
    let stranger = Publisher { authority: Holder::new("Code Root", 99), ..Publisher::new(&[]) };
    let forged = stranger.authority.revoke(&[(7, BEFORE, Vec::new())], &[]);
    assert_eq!(state(&judge(vec![forged.der().to_vec()])), State::Valid, "not signed by the issuer");
}

#[test]
fn the_relying_partys_list_outvotes_what_the_producer_supplies() {
    let mut world = world();
    world.material.crls = vec![world.revokes(BEFORE, Vec::new())];
    let response = world.ocsp(good(), "20200601000000Z", "20200608000000Z");
    let mut signing = world.stamped(DURING);
    signing.crls = vec![encode(0xa1, &[encode(tag::OID, oid::OCSP_RESPONSE_INFO), response].concat())];
    assert_eq!(state(&world.examine(&signing.file(), NOW)), State::Revoked);
}

/// The timestamping authority's certificate is revoked at this date, for this reason.
fn with_revoked_authority(date: &str, extensions: Vec<Vec<u8>>) -> Dossier {
    let mut world = world();
    let root = Holder::new("Stamp Root", 70);
    world.with_lists(vec![root.revoke(&[(7, date, extensions)], &[])])
}

#[test]
fn timestamps_of_a_revoked_authority_count_only_from_before_and_for_a_harmless_reason() {
    for code in [0, 3, 4, 5] {
        let dossier = with_revoked_authority(AFTER, vec![reason(code)]);
        assert_eq!(state(&dossier), State::Valid, "{code}");
        let id = if matches!(code, 4 | 5) { FindingId::RetiredSince } else { FindingId::RevokedSince };
        assert!(has(&dossier, id), "{code}");
        assert_eq!(state(&with_revoked_authority(BEFORE, vec![reason(code)])), State::Expired, "{code}");
    }
    for code in [1, 2, 6, 9, 10] {
        let dossier = with_revoked_authority(AFTER, vec![reason(code)]);
        assert_eq!((state(&dossier), dossier.signatures[0].time.trusted), (State::Expired, None), "{code}");
        assert!(has(&dossier, FindingId::TimestampWithoutEffect));
    }
    assert_eq!(state(&with_revoked_authority(AFTER, Vec::new())), State::Expired, "without a reason");
}

#[test]
fn old_information_that_covers_the_instant_still_counts_and_its_age_is_shown() {
    let mut world = world();
    let list = world.publisher.authority.revoke(&[], &[extension(oid::CRL_NUMBER, false, &[2, 1, 1])]);
    let dossier = world.with_lists(vec![list]);
    assert_eq!(revocation(&dossier).0, Some(Outcome::Pass));
    let stale = dossier.findings.iter().find(|finding| finding.id == FindingId::RevocationStale).unwrap();
    assert!(stale.message.contains("is 691 days older than 2026-11-23T00:00:00Z"), "{}", stale.message);
    assert!(!has(&dossier, FindingId::RevocationPeriodLong), "a CA of our own is not bound by the requirements");
    let fresh = world.examine(&world.stamped(DURING).file(), "2025-01-10T00:00:00Z");
    assert!(!has(&fresh, FindingId::RevocationStale));
}

#[test]
fn a_certificate_whose_issuer_has_ended_is_reported_while_it_is_relied_on() {
    let mut world = world();
    let middle = Holder::new("Middle", 90);
    let order = Order { until: "240101000000Z", serial: 4, ..Order::with(&[ca(None)]) };
    let issuer = world.publisher.authority.certify(&middle, &order);
    let order = Order { from: "200101000000Z", until: "210101000000Z", ..Order::with(&[usages(&[oid::CODE_SIGNING])]) };
    world.publisher.certificate = middle.certify(&world.publisher.holder, &order);
    let judge = |world: &World, at: &str, stamped: bool| {
        let mut signing = if stamped { world.stamped(DURING) } else { world.publisher.signing() };
        signing.certificates.push(issuer.der().to_vec());
        world.examine(&signing.file(), at)
    };
    let ghost = |dossier: &Dossier| has(dossier, FindingId::UnrevocableCertificate);
    let dossier = judge(&world, NOW, true);
    assert_eq!((state(&dossier), ghost(&dossier)), (State::Valid, true));
    assert!(!ghost(&judge(&world, "2023-06-01T00:00:00Z", true)), "its issuer can still revoke it");
    let expired = judge(&world, NOW, false);
    assert_eq!((state(&expired), ghost(&expired)), (State::Expired, false), "not relied on");
    world.material.crls = vec![middle.revoke(&[(7, BEFORE, Vec::new())], &[])];
    let revoked = judge(&world, COVERED, true);
    assert_eq!((state(&revoked), ghost(&revoked)), (State::Revoked, false));
}

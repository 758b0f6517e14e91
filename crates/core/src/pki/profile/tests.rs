//! Each rule just inside, just outside, and before its first day. Nothing here verifies a signature, so the
//! certificates carry keys and signatures that nobody made.

use super::*;
use crate::crypto::encode_spki;
use crate::encoding::asn1::{encode, encode_sequence, encode_unsigned, oid, tag};
use crate::pki::minting::{extension, name, oid_of, oids};

const SHA256_RSA: &[u8] = oid::SHA256_WITH_RSA;

/// A leaf that keeps every rule, to break one at a time.
#[derive(Clone)]
struct Leaf {
    from: &'static str,
    until: &'static str,
    spki: Vec<u8>,
    algorithm: Vec<u8>,
    extensions: Vec<(Vec<u8>, bool, Vec<u8>)>,
}

fn rsa(bits: usize) -> Vec<u8> {
    let modulus = [vec![0x80], vec![1; bits / 8 - 1]].concat();
    let key = encode_sequence(&[encode_unsigned(&modulus), encode_unsigned(&[1, 0, 1])]);
    encode_spki(&[encode(tag::OID, oid::RSA_ENCRYPTION), vec![5, 0]], &key)
}

fn on_curve(dotted: &str) -> Vec<u8> {
    let curve = encode(tag::OID, &oid_of(dotted));
    encode_spki(&[encode(tag::OID, oid::EC_PUBLIC_KEY), curve], &[4; 65])
}

fn dsa(modulus: usize, order: usize) -> Vec<u8> {
    let number = |bits: usize| encode_unsigned(&[vec![0x80], vec![1; bits / 8 - 1]].concat());
    let parameters = encode_sequence(&[number(modulus), number(order), encode_unsigned(&[2])]);
    encode_spki(&[encode(tag::OID, oid::DSA), parameters], &encode_unsigned(&[9]))
}

fn algorithm(oid: &[u8]) -> Vec<u8> {
    encode_sequence(&[encode(tag::OID, oid), vec![5, 0]])
}

fn uri(text: &str) -> Vec<u8> {
    encode(0x86, text.as_bytes())
}

fn distribution(text: &str) -> Vec<u8> {
    encode_sequence(&[encode_sequence(&[encode(0xa0, &encode(0xa0, &uri(text)))])])
}

fn access(method: &str, text: &str) -> Vec<u8> {
    encode_sequence(&[encode_sequence(&[encode(tag::OID, &oid_of(method)), uri(text)])])
}

const KEY_USAGE_SIGNS: [u8; 4] = [3, 2, 7, 0x80];

fn for_code() -> Leaf {
    let policy = encode_sequence(&[encode_sequence(&[encode(tag::OID, &oid_of("2.23.140.1.4.1"))])]);
    let extensions = vec![
        (oid::KEY_USAGE.to_vec(), true, KEY_USAGE_SIGNS.to_vec()),
        (oid::EXTENDED_KEY_USAGE.to_vec(), false, oids(&[oid::CODE_SIGNING])),
        (oid::CERTIFICATE_POLICIES.to_vec(), false, policy),
        (oid::CRL_DISTRIBUTION_POINTS.to_vec(), false, distribution("http://ca.example/a.crl")),
        (oid::AUTHORITY_INFO_ACCESS.to_vec(), false, access("1.3.6.1.5.5.7.48.2", "http://ca.example/a.cer")),
        (oid::AUTHORITY_KEY_ID.to_vec(), false, encode_sequence(&[encode(0x80, &[1; 20])])),
    ];
    let algorithm = algorithm(SHA256_RSA);
    Leaf { from: "240101000000Z", until: "250101000000Z", spki: rsa(3072), algorithm, extensions }
}

fn for_time() -> Leaf {
    for_code().with(oid::EXTENDED_KEY_USAGE, true, &oids(&[oid::TIME_STAMPING]))
}

impl Leaf {
    fn valid(self, from: &'static str, until: &'static str) -> Self {
        Self { from, until, ..self }
    }

    fn key(self, spki: Vec<u8>) -> Self {
        Self { spki, ..self }
    }

    fn signed(self, oid: &[u8]) -> Self {
        Self { algorithm: algorithm(oid), ..self }
    }

    fn with(mut self, oid: &[u8], critical: bool, value: &[u8]) -> Self {
        self = self.without(oid);
        self.extensions.push((oid.to_vec(), critical, value.to_vec()));
        self
    }

    fn without(mut self, oid: &[u8]) -> Self {
        self.extensions.retain(|(other, _, _)| other != oid);
        self
    }

    fn certificate(&self) -> Certificate {
        let time = |text: &str| encode(tag::UTC_TIME, text.as_bytes());
        let extensions = self.extensions.iter().map(|(oid, critical, value)| extension(oid, *critical, value));
        let tbs = encode_sequence(&[
            encode(0xa0, &[2, 1, 2]),
            encode_unsigned(&[7]),
            self.algorithm.clone(),
            name(&[(oid::COMMON_NAME, "CA")]),
            encode_sequence(&[time(self.from), time(self.until)]),
            name(&[(oid::COMMON_NAME, "Publisher")]),
            self.spki.clone(),
            encode(0xa3, &encode_sequence(&extensions.collect::<Vec<_>>())),
        ]);
        let signature = encode(tag::BIT_STRING, &[0, 1]);
        Certificate::from_der(&encode_sequence(&[tbs, self.algorithm.clone(), signature])).unwrap()
    }

    /// The rules that it breaks in this role.
    fn breaks(&self, role: LeafRole) -> Vec<&'static str> {
        of_certificate(&self.certificate(), role).iter().map(|breach| breach.rule.id).collect()
    }

    fn breaks_as_code(&self) -> Vec<&'static str> {
        self.breaks(LeafRole::CodeSigning)
    }

    fn breaks_as_time(&self) -> Vec<&'static str> {
        self.breaks(LeafRole::TimeStamping)
    }

    /// The rules that a timestamp of this instant breaks.
    fn stamp_breaks(&self, time: &str, weakness: Option<Weakness>) -> Vec<&'static str> {
        let token = Token { time: time.parse().unwrap(), weakness };
        of_token(&self.certificate(), &token).iter().map(|breach| breach.rule.id).collect()
    }
}

const NONE: [&str; 0] = [];

#[test]
fn what_keeps_every_rule_breaks_none() {
    assert_eq!(for_code().breaks_as_code(), NONE);
    assert_eq!(for_time().breaks_as_time(), NONE);
}

#[test]
fn rsa_has_3072_bits_from_june_2021() {
    let small = for_code().key(rsa(3064));
    assert_eq!(small.breaks_as_code(), ["key-size-rsa"]);
    assert_eq!(for_time().key(rsa(2048)).breaks_as_time(), ["key-size-rsa"]);
    assert_eq!(small.clone().valid("210601000000Z", "220601000000Z").breaks_as_code(), ["key-size-rsa"]);
    assert_eq!(small.valid("210531235959Z", "220601000000Z").breaks_as_code(), NONE);
    let breach = &of_certificate(&for_code().key(rsa(2048)).certificate(), LeafRole::CodeSigning)[0];
    assert_eq!(breach.to_string(), "6.1.5.2 key-size-rsa: an RSA key of 2048 bits; expected at least 3072 (CSBR)");
    assert_eq!(breach.finding(), FindingId::ProfileBreach);
}

#[test]
fn elliptic_curves_are_those_of_nist() {
    for good in ["1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"] {
        assert_eq!(for_code().key(on_curve(good)).breaks_as_code(), NONE, "{good}");
    }
    for bad in ["1.3.132.0.10", "1.3.36.3.3.2.8.1.1.7"] {
        let leaf = for_code().key(on_curve(bad));
        assert_eq!(leaf.breaks_as_code(), ["key-curve"], "{bad}");
        assert_eq!(leaf.valid("170131235959Z", "180101000000Z").breaks_as_code(), NONE, "before the requirements");
    }
    let explicit = encode_spki(&[encode(tag::OID, oid::EC_PUBLIC_KEY), vec![0x30, 0]], &[4; 65]);
    assert_eq!(for_code().key(explicit).breaks_as_code(), ["key-curve"]);
}

#[test]
fn dsa_has_2048_bits_and_an_order_of_224_or_256() {
    for (modulus, order, breaks) in
        [(2048, 224, false), (2048, 256, false), (2048, 160, true), (1024, 160, true), (3072, 256, true)]
    {
        let leaf = for_code().key(dsa(modulus, order));
        let expected: &[&str] = if breaks { &["key-dsa"] } else { &[] };
        assert_eq!(leaf.breaks_as_code(), expected, "{modulus} {order}");
        assert_eq!(leaf.valid("170131235959Z", "180101000000Z").breaks_as_code(), NONE);
    }
}

#[test]
fn certificates_are_signed_with_sha2_from_june_2021() {
    for good in [oid::SHA256_WITH_RSA, oid::SHA384_WITH_RSA, oid::ECDSA_WITH_SHA512, oid::DSA_WITH_SHA256] {
        assert_eq!(for_code().signed(good).breaks_as_code(), NONE);
    }
    for bad in [oid::SHA1_WITH_RSA, oid::MD5_WITH_RSA, oid::ECDSA_WITH_SHA1, oid::DSA_WITH_SHA1, oid::ED25519] {
        assert_eq!(for_code().signed(bad).breaks_as_code(), ["signature-algorithm"]);
    }
    let old = for_code().signed(oid::SHA1_WITH_RSA);
    assert_eq!(old.clone().valid("210601000000Z", "220601000000Z").breaks_as_code(), ["signature-algorithm"]);
    assert_eq!(old.valid("210531235959Z", "220601000000Z").breaks_as_code(), NONE);
}

#[test]
fn authorities_for_time_may_be_certified_with_sha1_until_april_2022() {
    let old = for_time().signed(oid::SHA1_WITH_RSA);
    assert_eq!(old.clone().valid("220430235959Z", "230501000000Z").breaks_as_time(), NONE);
    assert_eq!(old.valid("220501000000Z", "230501000000Z").breaks_as_time(), ["signature-algorithm"]);
    let forgeable = for_time().signed(oid::MD5_WITH_RSA);
    assert_eq!(forgeable.valid("220430235959Z", "230501000000Z").breaks_as_time(), ["signature-algorithm"]);
}

#[test]
fn timestamps_may_use_sha1_until_april_2022() {
    let authority = for_time().valid("220101000000Z", "230501000000Z");
    let sha1 = Some(Weakness::Sha1);
    assert_eq!(authority.stamp_breaks("2022-04-30T23:59:59Z", sha1), NONE);
    assert_eq!(authority.stamp_breaks("2022-05-01T00:00:00Z", sha1), ["sha1-exception"]);
    assert_eq!(authority.stamp_breaks("2022-05-01T00:00:00Z", None), NONE);
    assert_eq!(authority.valid("170131000000Z", "230501000000Z").stamp_breaks("2022-05-01T00:00:00Z", sha1), NONE);
}

#[test]
fn code_is_signed_with_certificates_of_39_months() {
    let from = "241130120000Z";
    assert_eq!(for_code().valid(from, "280229120000Z").breaks_as_code(), NONE, "the 29th is the last of February");
    assert_eq!(for_code().valid(from, "280229120001Z").breaks_as_code(), ["validity-max"]);
    assert_eq!(for_code().valid("170131235959Z", "300101000000Z").breaks_as_code(), NONE);
    assert_eq!(for_code().valid("170201000000Z", "300101000000Z").breaks_as_code(), ["validity-max"]);
}

#[test]
fn code_is_signed_with_certificates_of_460_days_from_march_2026() {
    assert_eq!(for_code().valid("260301000000Z", "270604000000Z").breaks_as_code(), NONE);
    assert_eq!(for_code().valid("260301000000Z", "270604000001Z").breaks_as_code(), ["validity-max"]);
    assert_eq!(for_code().valid("260228235959Z", "290528235959Z").breaks_as_code(), NONE, "39 months before");
    assert_eq!(for_code().valid("260228235959Z", "290529000000Z").breaks_as_code(), ["validity-max"]);
}

#[test]
fn authorities_for_time_have_certificates_of_135_months() {
    assert_eq!(for_time().valid("240115000000Z", "350415000000Z").breaks_as_time(), NONE);
    assert_eq!(for_time().valid("240115000000Z", "350415000001Z").breaks_as_time(), ["tsa-validity-max"]);
    assert_eq!(for_time().valid("170131235959Z", "490101000000Z").breaks_as_time(), NONE);
}

#[test]
fn a_key_for_time_is_used_for_15_months() {
    let authority = for_time().valid("240131060000Z", "350101000000Z");
    assert_eq!(authority.stamp_breaks("2025-04-30T06:00:00Z", None), NONE);
    assert_eq!(authority.stamp_breaks("2025-04-30T06:00:01Z", None), ["tsa-key-use-max"]);
    assert_eq!(authority.valid("170131235959Z", "270101000000Z").stamp_breaks("2025-04-30T06:00:01Z", None), NONE);
}

#[test]
fn a_leaf_is_no_ca() {
    let ca = for_code().with(oid::BASIC_CONSTRAINTS, true, &encode_sequence(&[vec![1, 1, 0xff]]));
    assert_eq!(ca.breaks_as_code(), ["basic-constraints"]);
    assert_eq!(ca.valid("170131235959Z", "180101000000Z").breaks_as_code(), NONE);
    assert_eq!(for_code().with(oid::BASIC_CONSTRAINTS, true, &[0x30, 0]).breaks_as_code(), NONE);
}

#[test]
fn the_key_usage_is_critical_and_to_sign_data_alone() {
    let with = |critical, value: &[u8]| for_code().with(oid::KEY_USAGE, critical, value).breaks_as_code();
    assert_eq!(with(true, &[3, 2, 6, 0xc0]), NONE, "contentCommitment is not forbidden");
    for (critical, value) in [(false, KEY_USAGE_SIGNS), (true, [3, 2, 6, 0x40]), (true, [3, 2, 2, 0x84])] {
        assert_eq!(with(critical, &value), ["key-usage"], "{value:?}");
    }
    assert_eq!(with(true, &[3, 2, 1, 0x82]), ["key-usage"], "cRLSign");
    assert_eq!(for_code().without(oid::KEY_USAGE).breaks_as_code(), ["key-usage"]);
    assert_eq!(for_code().without(oid::KEY_USAGE).valid("170131235959Z", "180101000000Z").breaks_as_code(), NONE);
}

#[test]
fn code_signing_is_not_mixed_with_servers() {
    let with = |usages: &[&[u8]]| for_code().with(oid::EXTENDED_KEY_USAGE, false, &oids(usages));
    for others in [oid::LIFETIME_SIGNING, oid::EMAIL_PROTECTION, oid::DOCUMENT_SIGNING, oid::CLIENT_AUTH] {
        assert_eq!(with(&[oid::CODE_SIGNING, others]).breaks_as_code(), NONE);
    }
    for others in [oid::SERVER_AUTH, oid::ANY_EXTENDED_KEY_USAGE] {
        assert_eq!(with(&[oid::CODE_SIGNING, others]).breaks_as_code(), ["eku-code-signing"]);
    }
    assert_eq!(with(&[oid::EMAIL_PROTECTION]).breaks_as_code(), ["eku-code-signing"]);
    let silent = for_code().without(oid::EXTENDED_KEY_USAGE);
    assert_eq!(silent.breaks_as_code(), ["eku-code-signing"]);
    assert_eq!(silent.valid("170131235959Z", "180101000000Z").breaks_as_code(), NONE);
}

#[test]
fn time_stamping_is_the_only_usage_and_critical() {
    let with = |critical, usages: &[&[u8]]| for_time().with(oid::EXTENDED_KEY_USAGE, critical, &oids(usages));
    assert_eq!(with(false, &[oid::TIME_STAMPING]).breaks_as_time(), ["eku-timestamping"]);
    for other in [oid::CODE_SIGNING, oid::SERVER_AUTH, oid::ANY_EXTENDED_KEY_USAGE] {
        assert_eq!(with(true, &[oid::TIME_STAMPING, other]).breaks_as_time(), ["eku-timestamping"]);
    }
    assert_eq!(with(true, &[oid::CODE_SIGNING]).breaks_as_time(), ["eku-timestamping"]);
    let old = with(false, &[oid::TIME_STAMPING]).valid("170131235959Z", "180101000000Z");
    assert_eq!(old.breaks_as_time(), NONE);
}

#[test]
fn the_formalities_are_there_and_not_critical() {
    let formalities = [
        (oid::CERTIFICATE_POLICIES, "policies-present"),
        (oid::CRL_DISTRIBUTION_POINTS, "crl-dp-present"),
        (oid::AUTHORITY_INFO_ACCESS, "aia-present"),
        (oid::AUTHORITY_KEY_ID, "aki-present"),
    ];
    for (oid, rule) in formalities {
        assert_eq!(for_code().without(oid).breaks_as_code(), [rule]);
        assert_eq!(for_time().without(oid).breaks_as_time(), [rule]);
        assert_eq!(for_code().with(oid, false, &[4, 0]).breaks_as_code(), [rule], "malformed");
        assert_eq!(for_code().without(oid).valid("170131235959Z", "180101000000Z").breaks_as_code(), NONE);
        let (_, _, value) = for_code().extensions.into_iter().find(|(other, _, _)| other == oid).unwrap();
        let critical: &[&str] = if rule == "policies-present" { &[] } else { &[rule] };
        assert_eq!(for_code().with(oid, true, &value).breaks_as_code(), critical, "critical");
    }
    let ldap = distribution("ldap://ca.example/cn=a");
    assert_eq!(for_code().with(oid::CRL_DISTRIBUTION_POINTS, false, &ldap).breaks_as_code(), ["crl-dp-present"]);
    let status_only = access("1.3.6.1.5.5.7.48.1", "http://ocsp.example/");
    assert_eq!(for_code().with(oid::AUTHORITY_INFO_ACCESS, false, &status_only).breaks_as_code(), ["aia-present"]);
}

#[test]
fn every_rule_has_a_section_and_days_that_exist() {
    for rule in rules() {
        assert!(rule.section.starts_with(|c: char| c.is_ascii_digit()), "{}", rule.id);
        assert!(rule.from.begins() >= BEGINNING.begins() && rule.from.begins() < Time::FOREVER, "{}", rule.id);
        assert!(rule.until.is_none_or(|until| until.begins() > rule.from.begins()), "{}", rule.id);
        assert!(!rule.demands.is_empty());
    }
}

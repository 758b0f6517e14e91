use super::*;
use crate::encoding::asn1::{encode, encode_sequence};

fn property(number: u8, value: &[u8]) -> Vec<u8> {
    let arc = [0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x0a, 0x0b, number];
    let values = encode(tag::SET, &encode(tag::OCTET_STRING, value));
    encode_sequence(&[encode(tag::OID, &arc), values])
}

fn list(properties: &[Vec<u8>]) -> Vec<u8> {
    let subject = encode_sequence(&[encode(tag::OCTET_STRING, &[7; 20]), encode(tag::SET, &properties.concat())]);
    encode_sequence(&[
        encode_sequence(&[encode(tag::OID, &[0x2a, 3])]),
        encode(tag::INTEGER, &[1, 2]),
        encode(tag::UTC_TIME, b"261023000000Z"),
        encode_sequence(&[encode(tag::OID, oid::SHA1)]),
        encode_sequence(&[subject]),
    ])
}

/// 2020-01-01T00:00:00Z in ticks of 100 ns since 1601.
const FILETIME_2020: u64 = (1_577_836_800 + 11_644_473_600) * 10_000_000;

#[test]
fn the_limits_of_a_root_are_read() {
    let code_signing = encode_sequence(&[encode(tag::OID, oid::CODE_SIGNING)]);
    let name: Vec<u8> = "Wurzel\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let bytes = list(&[
        property(9, &code_signing),
        property(11, &name),
        property(104, &[0; 8]),
        property(122, &code_signing),
        property(126, &FILETIME_2020.to_le_bytes()),
        property(127, &code_signing),
        property(98, &[9; 32]),
        property(83, &[1, 2, 3]),
    ]);
    let list = TrustList::read(&bytes).unwrap();
    assert_eq!(list.this_update.to_string(), "2026-10-23T00:00:00Z");
    assert_eq!(list.algorithm, Some(DigestAlgorithm::Sha1));
    let root = &list.subject(&[7; 20]).unwrap().properties;
    let code_signing = vec![oid::CODE_SIGNING.to_vec()];
    assert_eq!(root.usages.as_ref(), Some(&code_signing));
    assert_eq!(root.disallowed_usages, code_signing);
    assert_eq!(root.not_before_usages.as_ref(), Some(&code_signing));
    assert_eq!(root.friendly_name.as_deref(), Some("Wurzel"));
    assert_eq!(root.disallowed_since.unwrap().to_string(), "1601-01-01T00:00:00Z");
    assert_eq!(root.not_before.unwrap().to_string(), "2020-01-01T00:00:00Z");
    assert_eq!(root.sha256.unwrap().as_bytes(), [9; 32]);
    assert_eq!(list.subject(&[8; 20]), None);
}

#[test]
fn a_date_that_is_none_is_an_error_not_a_root_without_limits() {
    assert!(TrustList::read(&list(&[property(104, &[1, 2, 3])])).is_err());
    assert!(TrustList::read(&list(&[property(9, &[0x30, 5])])).is_err());
}

#[test]
fn every_prefix_is_an_error() {
    let bytes = list(&[property(104, &[0; 8])]);
    for length in 0..bytes.len() {
        assert!(TrustList::read(&bytes[..length]).is_err());
    }
    assert_eq!(SignedList::open(&bytes).unwrap_err(), ListError::Cms(SignedData::parse(&bytes).unwrap_err()));
}

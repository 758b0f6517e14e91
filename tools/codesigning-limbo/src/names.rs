//! Names, instants and other small pieces of ASN.1.

use countersign::encoding::asn1::{encode, oid, tag};
use countersign::pki::minting;
use countersign::time::Time;

/// An instant: a date at midnight, or RFC 3339 in full.
pub(crate) fn on(text: &str) -> Time {
    let full = if text.contains('T') { text.to_owned() } else { format!("{text}T00:00:00Z") };
    full.parse().expect("an instant of the suite")
}

/// The digits of an instant as ASN.1 writes them: `YYYYMMDDHHMMSSZ`.
fn digits(time: Time) -> String {
    time.to_string().chars().filter(|c| c.is_ascii_alphanumeric() && *c != 'T').collect()
}

pub(crate) fn generalized_time(time: Time) -> Vec<u8> {
    encode(tag::GENERALIZED_TIME, digits(time).as_bytes())
}

/// A UTCTime through 2049, a GeneralizedTime from 2050 on (RFC 5280 §4.1.2.5).
pub(crate) fn instant(time: Time) -> Vec<u8> {
    match digits(time) {
        digits if digits.as_str() < "2050" => encode(tag::UTC_TIME, digits.get(2..).unwrap_or_default().as_bytes()),
        _ => generalized_time(time),
    }
}

/// `O=organization, CN=common name`.
pub(crate) fn name(organization: &str, common_name: &str) -> Vec<u8> {
    minting::name(&[(oid::COUNTRY, "CH"), (oid::ORGANIZATION, organization), (oid::COMMON_NAME, common_name)])
}

/// The content octets of a dotted object identifier.
pub(crate) fn dotted(text: &str) -> Vec<u8> {
    minting::oid_of(text)
}

pub(crate) fn object(content: &[u8]) -> Vec<u8> {
    encode(tag::OID, content)
}

/// `Attribute` with one value.
pub(crate) fn attribute(kind: &[u8], value: &[u8]) -> Vec<u8> {
    countersign::formats::authenticode::fixtures::attribute(kind, value)
}

/// A SET OF in the order that DER demands.
pub(crate) fn set_of(mut elements: Vec<Vec<u8>>) -> Vec<u8> {
    elements.sort();
    elements.concat()
}

//! Extensions of certificates and revocation lists.

use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::encoding::asn1::{encode, encode_sequence, encode_unsigned, oid, tag};
use countersign::pki::minting::{self, Key};

use crate::names::{dotted, object};

/// Authority information access (RFC 5280 §4.2.2.1).
const AUTHORITY_INFORMATION: &str = "1.3.6.1.5.5.7.1.1";
/// Its access method for certificates of the issuer.
const CA_ISSUERS: &str = "1.3.6.1.5.5.7.48.2";

/// An extension: identifier, whether critical, DER value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Extension {
    pub(crate) oid: Vec<u8>,
    pub(crate) critical: bool,
    pub(crate) value: Vec<u8>,
}

impl Extension {
    pub(crate) fn new(oid: &[u8], critical: bool, value: Vec<u8>) -> Self {
        Self { oid: oid.to_vec(), critical, value }
    }

    pub(crate) fn critical(self) -> Self {
        Self { critical: true, ..self }
    }

    pub(crate) fn not_critical(self) -> Self {
        Self { critical: false, ..self }
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        minting::extension(&self.oid, self.critical, &self.value)
    }
}

pub(crate) fn usages(purposes: &[&[u8]]) -> Extension {
    Extension::new(oid::EXTENDED_KEY_USAGE, false, minting::oids(purposes))
}

/// Bits of `KeyUsage` by their number in RFC 5280 §4.2.1.3.
pub(crate) const DIGITAL_SIGNATURE: u8 = 0;
pub(crate) const CONTENT_COMMITMENT: u8 = 1;
pub(crate) const KEY_ENCIPHERMENT: u8 = 2;
pub(crate) const CERT_SIGN: u8 = 5;
pub(crate) const CRL_SIGN: u8 = 6;

pub(crate) fn key_usage(bits: &[u8]) -> Extension {
    let set = bits.iter().fold(0_u8, |byte, bit| byte | (0x80 >> bit));
    // DER leaves trailing zero bits out.
    let unused = u8::try_from(set.trailing_zeros().min(8)).unwrap_or(8);
    let value = if set == 0 { vec![0] } else { vec![unused, set] };
    Extension::new(oid::KEY_USAGE, true, encode(tag::BIT_STRING, &value))
}

pub(crate) fn ca(path_len: Option<u8>) -> Extension {
    let length = path_len.map(|length| vec![tag::INTEGER, 1, length]).unwrap_or_default();
    Extension::new(oid::BASIC_CONSTRAINTS, true, encode_sequence(&[vec![tag::BOOLEAN, 1, 0xff], length]))
}

pub(crate) fn end_entity() -> Extension {
    Extension::new(oid::BASIC_CONSTRAINTS, true, encode_sequence(&[]))
}

pub(crate) fn policies(list: &[&str]) -> Extension {
    let information: Vec<Vec<u8>> = list.iter().map(|policy| encode_sequence(&[object(&dotted(policy))])).collect();
    Extension::new(oid::CERTIFICATE_POLICIES, false, encode_sequence(&information))
}

/// `PolicyConstraints`: certificates to skip before each rule applies.
pub(crate) fn policy_constraints(require_explicit: Option<u8>, inhibit_mapping: Option<u8>) -> Extension {
    let field = |tag: u8, skip: Option<u8>| skip.map(|skip| encode(tag, &[skip])).unwrap_or_default();
    let value = encode_sequence(&[field(0x80, require_explicit), field(0x81, inhibit_mapping)]);
    Extension::new(oid::POLICY_CONSTRAINTS, true, value)
}

pub(crate) fn inhibit_any_policy(skip: u8) -> Extension {
    Extension::new(oid::INHIBIT_ANY_POLICY, true, encode(tag::INTEGER, &[skip]))
}

pub(crate) fn policy_mapping(issuer: &str, subject: &str) -> Extension {
    let pair = encode_sequence(&[object(&dotted(issuer)), object(&dotted(subject))]);
    Extension::new(oid::POLICY_MAPPINGS, true, encode_sequence(&[pair]))
}

/// `GeneralName` of a directory name.
pub(crate) fn directory(name: &[u8]) -> Vec<u8> {
    encode(0xa4, name)
}

/// `GeneralName` of a mail address, or of a mail domain in constraints.
pub(crate) fn mail(address: &str) -> Vec<u8> {
    encode(0x81, address.as_bytes())
}

/// `GeneralName` of a host.
pub(crate) fn host(name: &str) -> Vec<u8> {
    encode(0x82, name.as_bytes())
}

pub(crate) fn uri(address: &str) -> Vec<u8> {
    encode(0x86, address.as_bytes())
}

/// `GeneralName` of a registered identifier: a form that few verifiers constrain.
pub(crate) fn registered(identifier: &str) -> Vec<u8> {
    encode(0x88, &dotted(identifier))
}

pub(crate) fn name_constraints(permitted: &[Vec<u8>], excluded: &[Vec<u8>]) -> Extension {
    let subtrees = |tag: u8, names: &[Vec<u8>]| match names {
        [] => Vec::new(),
        names => {
            encode(tag, &names.iter().flat_map(|name| encode_sequence(std::slice::from_ref(name))).collect::<Vec<u8>>())
        }
    };
    Extension::new(oid::NAME_CONSTRAINTS, true, encode_sequence(&[subtrees(0xa0, permitted), subtrees(0xa1, excluded)]))
}

pub(crate) fn alternative_names(names: &[Vec<u8>]) -> Extension {
    Extension::new(oid::SUBJECT_ALT_NAME, false, encode_sequence(names))
}

/// The identifier of a key by method 1 of RFC 5280 §4.2.1.2.
fn key_id(key: &Key) -> Vec<u8> {
    Digest::of(DigestAlgorithm::Sha1, &key.spki()).as_bytes().to_vec()
}

pub(crate) fn subject_key(key: &Key) -> Extension {
    Extension::new(oid::SUBJECT_KEY_ID, false, encode(tag::OCTET_STRING, &key_id(key)))
}

pub(crate) fn authority_key(key: &Key) -> Extension {
    Extension::new(oid::AUTHORITY_KEY_ID, false, encode_sequence(&[encode(0x80, &key_id(key))]))
}

/// A distribution point of revocation lists, as `DistributionPointName`.
fn point(address: &str) -> Vec<u8> {
    encode(0xa0, &encode(0xa0, &uri(address)))
}

pub(crate) fn crl_point(address: &str) -> Extension {
    let points = encode_sequence(&[encode_sequence(&[point(address)])]);
    Extension::new(oid::CRL_DISTRIBUTION_POINTS, false, points)
}

pub(crate) fn issuer_address(address: &str) -> Extension {
    let access = encode_sequence(&[object(&dotted(CA_ISSUERS)), uri(address)]);
    Extension::new(&dotted(AUTHORITY_INFORMATION), false, encode_sequence(&[access]))
}

pub(crate) fn crl_number(number: u8) -> Extension {
    Extension::new(oid::CRL_NUMBER, false, encode_unsigned(&[number]))
}

/// What `IssuingDistributionPoint` (RFC 5280 §5.2.5) restricts a list to.
pub(crate) enum Only<'a> {
    Point(&'a str),
    Users,
    Authorities,
    Attributes,
    /// Key compromise alone.
    SomeReasons,
    Indirect,
}

pub(crate) fn issuing_point(only: &Only<'_>) -> Extension {
    let field = match only {
        Only::Point(address) => point(address),
        Only::Users => encode(0x81, &[0xff]),
        Only::Authorities => encode(0x82, &[0xff]),
        Only::SomeReasons => encode(0x83, &[6, 0x40]),
        Only::Indirect => encode(0x84, &[0xff]),
        Only::Attributes => encode(0x85, &[0xff]),
    };
    Extension::new(oid::ISSUING_DISTRIBUTION_POINT, true, encode_sequence(&[field]))
}

/// The list holds changes to the list of this number only.
pub(crate) fn delta(base: u8) -> Extension {
    Extension::new(oid::DELTA_CRL_INDICATOR, true, encode_unsigned(&[base]))
}

/// An extension that no standard knows.
pub(crate) fn private(critical: bool) -> Extension {
    Extension::new(&dotted("1.3.6.1.4.1.99999.1"), critical, encode(tag::NULL, &[]))
}

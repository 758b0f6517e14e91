//! Certificates and revocation lists made for tests, signed with Ed25519 keys from fixed seeds.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};

use crate::encoding::asn1::{encode, encode_sequence, encode_unsigned, oid, tag};
use crate::encoding::x509::Certificate;
use crate::pki::crl::Crl;
use crate::time::Time;

/// A key and the name that goes with it.
pub(crate) struct Holder {
    pub(crate) name: Vec<u8>,
    key: Ed25519KeyPair,
}

pub(crate) fn time(text: &str) -> Time {
    text.parse().unwrap()
}

/// A name of attributes in their order, such as `[(oid::COMMON_NAME, "x")]`.
pub(crate) fn name(attributes: &[(&[u8], &str)]) -> Vec<u8> {
    let rdn = |(oid, text): &(&[u8], &str)| {
        let pair = encode_sequence(&[encode(tag::OID, oid), encode(tag::UTF8_STRING, text.as_bytes())]);
        encode(tag::SET, &pair)
    };
    encode_sequence(&attributes.iter().map(rdn).collect::<Vec<_>>())
}

pub(crate) fn oid_of(dotted: &str) -> Vec<u8> {
    const_oid::ObjectIdentifier::new(dotted).unwrap().as_bytes().to_vec()
}

pub(crate) fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let flag = if critical { vec![1, 1, 0xff] } else { Vec::new() };
    encode_sequence(&[encode(tag::OID, oid), flag, encode(tag::OCTET_STRING, value)])
}

pub(crate) fn oids(identifiers: &[&[u8]]) -> Vec<u8> {
    encode_sequence(&identifiers.iter().map(|oid| encode(tag::OID, oid)).collect::<Vec<_>>())
}

pub(crate) fn usages(purposes: &[&[u8]]) -> Vec<u8> {
    extension(oid::EXTENDED_KEY_USAGE, false, &oids(purposes))
}

pub(crate) fn policies(dotted: &[&str]) -> Vec<u8> {
    let information = dotted.iter().map(|policy| encode_sequence(&[encode(tag::OID, &oid_of(policy))]));
    extension(oid::CERTIFICATE_POLICIES, false, &encode_sequence(&information.collect::<Vec<_>>()))
}

/// CA, with at most this many intermediates below.
pub(crate) fn ca(path_len: Option<u8>) -> Vec<u8> {
    let length = path_len.map(|length| vec![2, 1, length]).unwrap_or_default();
    extension(oid::BASIC_CONSTRAINTS, true, &encode_sequence(&[vec![1, 1, 0xff], length]))
}

/// What a certificate says, to vary one thing at a time.
pub(crate) struct Order {
    pub(crate) serial: u8,
    pub(crate) from: &'static str,
    pub(crate) until: &'static str,
    pub(crate) extensions: Vec<Vec<u8>>,
}

impl Default for Order {
    fn default() -> Self {
        Self { serial: 7, from: "200101000000Z", until: "300101000000Z", extensions: Vec::new() }
    }
}

impl Order {
    pub(crate) fn with(extensions: &[Vec<u8>]) -> Self {
        Self { extensions: extensions.to_vec(), ..Self::default() }
    }
}

fn algorithm() -> Vec<u8> {
    encode_sequence(&[encode(tag::OID, oid::ED25519)])
}

impl Holder {
    pub(crate) fn new(common_name: &str, seed: u8) -> Self {
        Self::named(name(&[(oid::COMMON_NAME, common_name)]), seed)
    }

    pub(crate) fn named(name: Vec<u8>, seed: u8) -> Self {
        Self { name, key: Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap() }
    }

    fn spki(&self) -> Vec<u8> {
        let bits = [&[0], self.key.public_key().as_ref()].concat();
        encode_sequence(&[algorithm(), encode(tag::BIT_STRING, &bits)])
    }

    /// Its Ed25519 signature over these bytes.
    pub(crate) fn sign_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        self.key.sign(bytes).as_ref().to_vec()
    }

    fn sign(&self, tbs: Vec<u8>) -> Vec<u8> {
        let bits = [vec![0], self.sign_bytes(&tbs)].concat();
        encode_sequence(&[tbs, algorithm(), encode(tag::BIT_STRING, &bits)])
    }

    /// Certifies `holder` as `order` says.
    pub(crate) fn certify(&self, holder: &Self, order: &Order) -> Certificate {
        let validity = encode_sequence(&[
            encode(tag::UTC_TIME, order.from.as_bytes()),
            encode(tag::UTC_TIME, order.until.as_bytes()),
        ]);
        let mut tbs = vec![encode(0xa0, &[2, 1, 2]), encode_unsigned(&[order.serial]), algorithm()];
        tbs.extend([self.name.clone(), validity, holder.name.clone(), holder.spki()]);
        if !order.extensions.is_empty() {
            tbs.push(encode(0xa3, &encode_sequence(&order.extensions)));
        }
        Certificate::from_der(&self.sign(encode_sequence(&tbs))).unwrap()
    }

    /// A root: certifies itself as a CA.
    pub(crate) fn root(&self) -> Certificate {
        self.certify(self, &Order::with(&[ca(None)]))
    }

    /// A list of entries `(serial, revoked at, extensions)`.
    pub(crate) fn revoke(&self, entries: &[(u8, &str, Vec<Vec<u8>>)], extensions: &[Vec<u8>]) -> Crl {
        let entry = |(serial, at, extensions): &(u8, &str, Vec<Vec<u8>>)| {
            let list = if extensions.is_empty() { Vec::new() } else { encode_sequence(extensions) };
            encode_sequence(&[encode_unsigned(&[*serial]), encode(tag::UTC_TIME, at.as_bytes()), list])
        };
        let mut tbs = vec![vec![2, 1, 1], algorithm(), self.name.clone()];
        tbs.push(encode(tag::UTC_TIME, b"250101000000Z"));
        tbs.push(encode(tag::UTC_TIME, b"250201000000Z"));
        if !entries.is_empty() {
            tbs.push(encode_sequence(&entries.iter().map(entry).collect::<Vec<_>>()));
        }
        tbs.push(encode(0xa0, &encode_sequence(extensions)));
        Crl::from_der(&self.sign(encode_sequence(&tbs))).unwrap()
    }
}

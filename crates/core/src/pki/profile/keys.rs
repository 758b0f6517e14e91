//! Keys and algorithms: sections 6.1.5.2 and 7.1.3.2.

use super::{AppliesTo, BEGINNING, Check, Checked, Day, LeafRole, Rule, Token, demand, deviation};
use crate::crypto::{Curve, DigestAlgorithm, KeyKind, SignatureScheme, Weakness, bit_length};
use crate::encoding::asn1::{Reader, Rules, oid};
use crate::encoding::x509::Certificate;
use crate::finding::Severity;
use crate::time::Time;

/// Smallest RSA modulus, in bits.
const MIN_RSA: usize = 3072;

/// Bits of a DSA modulus.
const DSA_MODULUS: usize = 2048;

/// Bits that the order of a DSA group may have.
const DSA_ORDERS: [usize; 2] = [224, 256];

/// Last day on which timestamps, and certificates for them, could be made with SHA-1 (section 7.1.3.2.1).
pub(in crate::pki) const SHA1_LAST: Day = Day::new(2022, 4, 30);

pub(super) static RULES: &[Rule] = &[
    Rule {
        section: "6.1.5.2",
        id: "key-size-rsa",
        applies_to: AppliesTo::Leaf,
        from: Day::new(2021, 6, 1),
        until: None,
        demands: "an RSA modulus of at least 3072 bits",
        severity: Severity::Medium,
        check: Check::Certificate(rsa_size),
    },
    Rule {
        section: "6.1.5.2",
        id: "key-curve",
        applies_to: AppliesTo::Leaf,
        from: BEGINNING,
        until: None,
        demands: "an elliptic curve key on P-256, P-384 or P-521",
        severity: Severity::Medium,
        check: Check::Certificate(curve),
    },
    Rule {
        section: "6.1.5.2",
        id: "key-dsa",
        applies_to: AppliesTo::Leaf,
        from: BEGINNING,
        until: None,
        demands: "a DSA key of 2048 bits over a group of order 224 or 256 bits",
        severity: Severity::Medium,
        check: Check::Certificate(dsa_size),
    },
    Rule {
        section: "7.1.3.2",
        id: "signature-algorithm",
        applies_to: AppliesTo::Leaf,
        from: Day::new(2021, 6, 1),
        until: None,
        demands: "RSA or ECDSA with SHA-256, SHA-384 or SHA-512, or DSA with SHA-256; SHA-1 in certificates of timestamping authorities until 2022-04-30",
        severity: Severity::High,
        check: Check::Certificate(signature_algorithm),
    },
    Rule {
        section: "7.1.3.2.1",
        id: "sha1-exception",
        applies_to: AppliesTo::TimeStamping,
        from: BEGINNING,
        until: None,
        demands: "no timestamp with SHA-1 after 2022-04-30",
        severity: Severity::Low,
        check: Check::Token(token_algorithm),
    },
];

fn kind(certificate: &Certificate) -> Option<KeyKind> {
    certificate.public_key().ok().map(|key| key.kind())
}

fn rsa_size(certificate: &Certificate, _: LeafRole) -> Checked {
    match kind(certificate) {
        Some(KeyKind::Rsa { bits }) if bits < MIN_RSA => {
            deviation(format!("an RSA key of {bits} bits"), "at least 3072")
        }
        _ => Ok(()),
    }
}

fn curve(certificate: &Certificate, _: LeafRole) -> Checked {
    const EXPECTED: &str = "P-256, P-384 or P-521";
    let mut spki = Reader::new(certificate.spki(), Rules::Ber);
    let mut fields = || spki.sequence()?.sequence();
    let Ok(mut algorithm) = fields() else { return Ok(()) };
    if algorithm.oid() != Ok(oid::EC_PUBLIC_KEY) {
        return Ok(());
    }
    match kind(certificate) {
        Some(KeyKind::Ec(Curve::P256 | Curve::P384 | Curve::P521)) => Ok(()),
        _ => match algorithm.oid().ok().and_then(oid::dotted) {
            Some(name) => deviation(format!("a key on the curve {name}"), EXPECTED),
            None => deviation("a key on a curve that is not named", EXPECTED),
        },
    }
}

/// Bits of modulus and group order of a DSA key.
fn dsa_parameters(spki: &[u8]) -> Option<(usize, usize)> {
    let mut algorithm = Reader::new(spki, Rules::Ber).sequence().ok()?.sequence().ok()?;
    if algorithm.oid().ok()? != oid::DSA {
        return None;
    }
    let mut parameters = algorithm.sequence().ok()?;
    Some((bit_length(parameters.unsigned().ok()?), bit_length(parameters.unsigned().ok()?)))
}

fn dsa_size(certificate: &Certificate, _: LeafRole) -> Checked {
    match dsa_parameters(certificate.spki()) {
        Some((modulus, order)) if modulus != DSA_MODULUS || !DSA_ORDERS.contains(&order) => {
            deviation(format!("a DSA key of {modulus} bits, order {order}"), "2048 bits, order 224 or 256")
        }
        _ => Ok(()),
    }
}

fn signature_algorithm(certificate: &Certificate, role: LeafRole) -> Checked {
    use DigestAlgorithm::{Md5, Sha1, Sha256, Sha384, Sha512};
    use SignatureScheme::{Dsa, Ecdsa, RsaPkcs1, RsaPss};
    const EXPECTED: &str = "RSA or ECDSA with SHA-256, SHA-384 or SHA-512, or DSA with SHA-256";
    let permitted_sha1 = role == LeafRole::TimeStamping && certificate.not_before() < SHA1_LAST.ends();
    match certificate.signature_scheme() {
        Some(RsaPkcs1(Sha256 | Sha384 | Sha512) | RsaPss(Sha256 | Sha384 | Sha512)) => Ok(()),
        Some(Ecdsa(Sha256 | Sha384 | Sha512) | Dsa(Sha256)) => Ok(()),
        Some(RsaPkcs1(Sha1) | RsaPss(Sha1) | Ecdsa(Sha1) | Dsa(Sha1)) if permitted_sha1 => Ok(()),
        Some(RsaPkcs1(Md5) | RsaPss(Md5) | Ecdsa(Md5) | Dsa(Md5)) => deviation("signed with MD5", EXPECTED),
        Some(RsaPkcs1(Sha1) | RsaPss(Sha1) | Ecdsa(Sha1) | Dsa(Sha1)) => deviation("signed with SHA-1", EXPECTED),
        _ => {
            let name = Reader::new(certificate.signature_algorithm(), Rules::Ber).sequence();
            let name = name.and_then(|mut fields| fields.oid()).ok().and_then(oid::dotted);
            deviation(format!("signed with {}", name.unwrap_or_default()), EXPECTED)
        }
    }
}

/// Of the imprint nothing is said: section 7.1.3.2 is about what the authority signs with, and who asks for a
/// timestamp chooses the digest of what is stamped.
fn token_algorithm(_: &Certificate, token: &Token) -> Checked {
    let is_sha1 = token.weakness == Some(Weakness::Sha1);
    let at = |time: Time| format!("a timestamp of {time} with SHA-1");
    demand(!is_sha1 || token.time < SHA1_LAST.ends(), &at(token.time), "none after 2022-04-30")
}

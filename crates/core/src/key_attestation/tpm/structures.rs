//! The structures of the TPM library specification, part 2, that a certified signing key needs. Integers are
//! big-endian; a `TPM2B` is a length of two bytes and that many bytes.

use crate::crypto::{Digest, DigestAlgorithm, SignatureScheme, encode_spki};
use crate::encoding::asn1::{encode, encode_sequence, encode_unsigned, oid, tag};

/// `TPM_GENERATED_VALUE`: what a TPM signs itself begins with it, and a restricted key signs nothing else so.
const GENERATED: u32 = 0xff54_4347;
/// `TPM_ST_ATTEST_CERTIFY`.
const ATTEST_CERTIFY: u16 = 0x8017;
/// `clockInfo` (17 bytes) and `firmwareVersion` (8 bytes).
const CLOCK_AND_FIRMWARE: usize = 25;

/// `TPM_ALG_NULL`.
const ALG_NULL: u16 = 0x0010;
const ALG_RSA: u16 = 0x0001;
const ALG_ECC: u16 = 0x0023;
const ALG_RSASSA: u16 = 0x0014;
const ALG_RSAES: u16 = 0x0015;
const ALG_RSAPSS: u16 = 0x0016;
const ALG_ECDSA: u16 = 0x0018;
const ALG_ECDAA: u16 = 0x001a;

/// Bits of `TPMA_OBJECT`.
const FIXED_TPM: u32 = 1 << 1;
const FIXED_PARENT: u32 = 1 << 4;
const SENSITIVE_DATA_ORIGIN: u32 = 1 << 5;

/// What must be set, and what it means.
const HELD: [(u32, &str); 3] =
    [(FIXED_TPM, "fixedTPM"), (FIXED_PARENT, "fixedParent"), (SENSITIVE_DATA_ORIGIN, "sensitiveDataOrigin")];

/// Reads fields from the front.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn sized(&mut self) -> Option<&'a [u8]> {
        let length = self.u16()?;
        self.take(usize::from(length))
    }

    const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn digest_of(algorithm: u16) -> Option<DigestAlgorithm> {
    match algorithm {
        0x0004 => Some(DigestAlgorithm::Sha1),
        0x000b => Some(DigestAlgorithm::Sha256),
        0x000c => Some(DigestAlgorithm::Sha384),
        0x000d => Some(DigestAlgorithm::Sha512),
        _ => None,
    }
}

/// `TPMS_ATTEST` of an object.
pub(super) struct Attest {
    /// The name of the certified object: the algorithm's number and the digest of the public area.
    pub(super) name: Vec<u8>,
}

impl Attest {
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        if fields.u32()? != GENERATED || fields.u16()? != ATTEST_CERTIFY {
            return None;
        }
        let (_signer, _extra) = (fields.sized()?, fields.sized()?);
        fields.take(CLOCK_AND_FIRMWARE)?;
        let name = fields.sized()?.to_vec();
        let _qualified_name = fields.sized()?;
        fields.is_empty().then_some(Self { name })
    }
}

/// `TPMT_PUBLIC` of a key.
#[derive(Clone, Debug)]
pub(super) struct Public {
    bytes: Vec<u8>,
    name_algorithm: u16,
    name_digest: DigestAlgorithm,
    attributes: u32,
    /// The key as `SubjectPublicKeyInfo`.
    pub(super) spki: Vec<u8>,
}

impl Public {
    /// Reads the area, or a `TPM2B_PUBLIC` around it.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut outer = Fields(bytes);
        match outer.sized() {
            Some(inner) if outer.is_empty() => Self::read_area(inner),
            _ => Self::read_area(bytes),
        }
    }

    fn read_area(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        let kind = fields.u16()?;
        let name_algorithm = fields.u16()?;
        let name_digest = digest_of(name_algorithm).filter(|digest| !digest.is_broken())?;
        let attributes = fields.u32()?;
        let _policy = fields.sized()?;
        skip_symmetric(&mut fields)?;
        let spki = match kind {
            ALG_RSA => rsa(&mut fields)?,
            ALG_ECC => ecc(&mut fields)?,
            _ => return None,
        };
        fields.is_empty().then(|| Self { bytes: bytes.to_vec(), name_algorithm, name_digest, attributes, spki })
    }

    pub(super) fn name(&self) -> Vec<u8> {
        let digest = Digest::of(self.name_digest, &self.bytes);
        [&self.name_algorithm.to_be_bytes()[..], digest.as_bytes()].concat()
    }

    /// How the key is held, if it was made in the TPM and cannot leave it.
    pub(super) fn held(&self) -> Result<String, String> {
        match HELD.iter().find(|(bit, _)| self.attributes & bit == 0) {
            None => Ok("generated in a TPM and fixed to it".to_owned()),
            Some((_, lacking)) => {
                Err(format!("the TPM holds the key, but the key may exist elsewhere: its attributes lack {lacking}"))
            }
        }
    }
}

/// `TPMT_SYM_DEF_OBJECT`.
fn skip_symmetric(fields: &mut Fields<'_>) -> Option<()> {
    if fields.u16()? != ALG_NULL {
        let (_bits, _mode) = (fields.u16()?, fields.u16()?);
    }
    Some(())
}

/// `TPMT_RSA_SCHEME` or `TPMT_ECC_SCHEME`.
fn skip_scheme(fields: &mut Fields<'_>) -> Option<()> {
    match fields.u16()? {
        ALG_NULL | ALG_RSAES => {}
        ALG_ECDAA => {
            let (_digest, _count) = (fields.u16()?, fields.u16()?);
        }
        _ => {
            let _digest = fields.u16()?;
        }
    }
    Some(())
}

fn rsa(fields: &mut Fields<'_>) -> Option<Vec<u8>> {
    skip_scheme(fields)?;
    let _bits = fields.u16()?;
    let exponent = match fields.u32()? {
        0 => 65537,
        other => other,
    };
    let modulus = fields.sized()?;
    let key = encode_sequence(&[encode_unsigned(modulus), encode_unsigned(&exponent.to_be_bytes())]);
    Some(encode_spki(&[encode(tag::OID, oid::RSA_ENCRYPTION), encode(tag::NULL, &[])], &key))
}

fn ecc(fields: &mut Fields<'_>) -> Option<Vec<u8>> {
    skip_scheme(fields)?;
    let (curve, length) = match fields.u16()? {
        0x0003 => (oid::P256, 32),
        0x0004 => (oid::P384, 48),
        0x0005 => (oid::P521, 66),
        _ => return None,
    };
    if fields.u16()? != ALG_NULL {
        let _kdf = fields.u16()?;
    }
    let (x, y) = (fields.sized()?, fields.sized()?);
    let point = [vec![4], padded(x, length)?, padded(y, length)?].concat();
    Some(encode_spki(&[encode(tag::OID, oid::EC_PUBLIC_KEY), encode(tag::OID, curve)], &point))
}

fn padded(coordinate: &[u8], length: usize) -> Option<Vec<u8>> {
    let zeros = length.checked_sub(coordinate.len())?;
    Some([vec![0; zeros], coordinate.to_vec()].concat())
}

/// `TPMT_SIGNATURE`.
pub(super) struct TpmSignature {
    pub(super) scheme: SignatureScheme,
    /// As the scheme's users write it: DER for ECDSA.
    pub(super) value: Vec<u8>,
}

impl TpmSignature {
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        let algorithm = fields.u16()?;
        let digest = digest_of(fields.u16()?)?;
        let first = fields.sized()?;
        let found = match algorithm {
            ALG_RSASSA => Self { scheme: SignatureScheme::RsaPkcs1(digest), value: first.to_vec() },
            ALG_RSAPSS => Self { scheme: SignatureScheme::RsaPss(digest), value: first.to_vec() },
            ALG_ECDSA => {
                let pair = encode_sequence(&[encode_unsigned(first), encode_unsigned(fields.sized()?)]);
                Self { scheme: SignatureScheme::Ecdsa(digest), value: pair }
            }
            _ => return None,
        };
        fields.is_empty().then_some(found)
    }
}

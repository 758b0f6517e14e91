//! Extensions and their payloads (RFC 5280 §4.2.1), each read when it is asked for.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::name::{Name, decode};
use crate::encoding::asn1::{self, ErrorKind, Reader, Rules, oid, tag};
use crate::encoding::hex;

/// Items read of one list in an extension: names, policies, usages, subtrees. Certificates for thousands of
/// host names exist; nothing that signs software comes near.
const MAX_ITEMS: usize = 8192;

/// One extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension<'a> {
    /// Its identifier, as content octets.
    pub oid: &'a [u8],
    /// Whether a reader that does not know it must refuse.
    pub critical: bool,
    /// The content of its OCTET STRING.
    pub value: &'a [u8],
}

impl<'a> Extension<'a> {
    /// Reads the next extension of a list, as certificates, revocation lists and OCSP responses carry them.
    ///
    /// # Errors
    /// If it is none.
    pub(crate) fn read(list: &mut Reader<'a>) -> Result<Self, asn1::Error> {
        let mut fields = list.sequence()?;
        let oid = fields.oid()?;
        let critical = if fields.peek() == Some(tag::BOOLEAN) { fields.boolean()? } else { false };
        let value = fields.octet_string()?;
        fields.finish()?;
        Ok(Self { oid, critical, value })
    }
}

/// `KeyUsage` (RFC 5280 §4.2.1.3), as the bits of its BIT STRING.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyUsage(u16);

impl KeyUsage {
    pub(super) fn read(value: &[u8]) -> Result<Self, asn1::Error> {
        let mut reader = Reader::new(value, Rules::Ber);
        let bad = reader.error(ErrorKind::BadValue);
        let content = reader.expect(tag::BIT_STRING)?.content;
        reader.finish()?;
        let (unused, bytes) = content.split_first().ok_or(bad)?;
        if *unused > 7 || bytes.len() > 2 {
            return Err(bad);
        }
        let byte = |at: usize| u16::from(bytes.get(at).copied().unwrap_or(0));
        Ok(Self(byte(0).wrapping_shl(8) | byte(1)))
    }

    const fn bit(self, number: u32) -> bool {
        self.0 & 0x8000_u16.wrapping_shr(number) != 0
    }

    /// May sign data.
    #[must_use]
    pub const fn digital_signature(self) -> bool {
        self.bit(0)
    }

    /// May sign what its holder shall not be able to deny.
    #[must_use]
    pub const fn content_commitment(self) -> bool {
        self.bit(1)
    }

    /// May sign certificates.
    #[must_use]
    pub const fn key_cert_sign(self) -> bool {
        self.bit(5)
    }

    /// May sign revocation lists.
    #[must_use]
    pub const fn crl_sign(self) -> bool {
        self.bit(6)
    }

    /// Permits nothing.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// `ExtKeyUsageSyntax` (RFC 5280 §4.2.1.12).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtendedKeyUsage<'a> {
    /// The purposes, as content octets of object identifiers.
    pub oids: Vec<&'a [u8]>,
}

impl<'a> ExtendedKeyUsage<'a> {
    pub(super) fn read(value: &'a [u8]) -> Result<Self, asn1::Error> {
        Ok(Self { oids: list(value, Reader::oid)? })
    }

    /// Whether this purpose is named.
    #[must_use]
    pub fn contains(&self, oid: &[u8]) -> bool {
        self.oids.contains(&oid)
    }
}

/// `BasicConstraints` (RFC 5280 §4.2.1.9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BasicConstraints {
    /// Whether it is a CA.
    pub ca: bool,
    /// Most intermediates that are not self-issued and may follow before the leaf.
    pub path_len: Option<u64>,
}

impl BasicConstraints {
    pub(super) fn read(value: &[u8]) -> Result<Self, asn1::Error> {
        let mut outer = Reader::new(value, Rules::Ber);
        let mut fields = outer.sequence()?;
        outer.finish()?;
        let ca = if fields.peek() == Some(tag::BOOLEAN) { fields.boolean()? } else { false };
        let path_len = if fields.is_empty() { None } else { Some(fields.u64()?) };
        fields.finish()?;
        Ok(Self { ca, path_len })
    }
}

/// `CertificatePolicies` (RFC 5280 §4.2.1.4) without qualifiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificatePolicies<'a> {
    /// The policies, as content octets of object identifiers.
    pub oids: Vec<&'a [u8]>,
}

impl<'a> CertificatePolicies<'a> {
    pub(super) fn read(value: &'a [u8]) -> Result<Self, asn1::Error> {
        let oids = list(value, |reader| {
            let mut information = reader.sequence()?;
            let policy = information.oid()?;
            if !information.is_empty() {
                information.expect(tag::SEQUENCE)?;
            }
            information.finish()?;
            Ok(policy)
        })?;
        let mut sorted = oids.clone();
        sorted.sort_unstable();
        // "A certificate policy OID MUST NOT appear more than once" (RFC 5280 §4.2.1.4).
        if sorted.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(asn1::Error { offset: 0, kind: ErrorKind::BadValue });
        }
        Ok(Self { oids })
    }

    /// Whether this policy is named.
    #[must_use]
    pub fn contains(&self, oid: &[u8]) -> bool {
        self.oids.contains(&oid)
    }
}

/// One pair of `PolicyMappings` (RFC 5280 §4.2.1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyMapping<'a> {
    /// The issuer's policy.
    pub issuer: &'a [u8],
    /// The policy of the certified CA that counts as the same.
    pub subject: &'a [u8],
}

impl<'a> PolicyMapping<'a> {
    /// Reads `PolicyMappings`.
    ///
    /// # Errors
    /// If the value is malformed.
    pub fn read_all(value: &'a [u8]) -> Result<Vec<Self>, asn1::Error> {
        list(value, |reader| {
            let mut pair = reader.sequence()?;
            let mapping = Self { issuer: pair.oid()?, subject: pair.oid()? };
            pair.finish()?;
            Ok(mapping)
        })
    }
}

/// `PolicyConstraints` (RFC 5280 §4.2.1.11): certificates to skip before each rule applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PolicyConstraints {
    /// An acceptable policy is required from then on.
    pub require_explicit_policy: Option<u64>,
    /// Mapping of policies is not allowed any more from then on.
    pub inhibit_policy_mapping: Option<u64>,
}

impl PolicyConstraints {
    /// Reads `PolicyConstraints`.
    ///
    /// # Errors
    /// If the value is malformed, or empty, which RFC 5280 forbids.
    pub fn read(value: &[u8]) -> Result<Self, asn1::Error> {
        let mut outer = Reader::new(value, Rules::Ber);
        let mut fields = outer.sequence()?;
        outer.finish()?;
        if fields.is_empty() {
            return Err(fields.error(ErrorKind::BadValue));
        }
        let mut skip = |tag| fields.optional(tag).and_then(|field| field.map(|f| implicit_u64(&f)).transpose());
        let constraints = Self { require_explicit_policy: skip(0x80)?, inhibit_policy_mapping: skip(0x81)? };
        fields.finish()?;
        Ok(constraints)
    }
}

/// An implicitly tagged non-negative INTEGER.
pub(super) fn implicit_u64(element: &asn1::Element<'_>) -> Result<u64, asn1::Error> {
    let bad = asn1::Error { offset: element.offset, kind: ErrorKind::BadValue };
    let encoded = asn1::encode(tag::INTEGER, element.content);
    Reader::new(&encoded, Rules::Ber).u64().map_err(|_| bad)
}

/// `AuthorityKeyIdentifier` (RFC 5280 §4.2.1.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuthorityKeyId<'a> {
    /// The identifier of the issuer's key.
    pub key_id: Option<&'a [u8]>,
    /// The name of the issuer's own issuer, as the content of `GeneralNames`.
    pub issuer: Option<&'a [u8]>,
    /// The serial number of the issuer's certificate, as content octets.
    pub serial: Option<&'a [u8]>,
}

impl<'a> AuthorityKeyId<'a> {
    pub(super) fn read(value: &'a [u8]) -> Result<Self, asn1::Error> {
        let mut outer = Reader::new(value, Rules::Ber);
        let mut fields = outer.sequence()?;
        outer.finish()?;
        let mut content = |tag| fields.optional(tag).map(|field| field.map(|f| f.content));
        let found = Self { key_id: content(0x80)?, issuer: content(0xa1)?, serial: content(0x82)? };
        fields.finish()?;
        Ok(found)
    }
}

/// `GeneralName` (RFC 5280 §4.2.1.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GeneralName {
    /// A name of a type given by an object identifier, such as Fulcio's user names.
    Other {
        /// The type, as content octets.
        oid: Vec<u8>,
        /// The value, as found, without its explicit tag.
        value: Vec<u8>,
    },
    /// An e-mail address.
    Email(String),
    /// A host name.
    Dns(String),
    /// A directory name.
    Directory(Name),
    /// A URI.
    Uri(String),
    /// An IP address (4 or 16 bytes), in name constraints with a mask (8 or 32 bytes).
    Ip(Vec<u8>),
    /// An object identifier, as content octets.
    RegisteredId(Vec<u8>),
    /// X.400 addresses and EDI party names, which nothing here reads further: the tag and the content.
    Unread(u8, Vec<u8>),
}

impl GeneralName {
    /// Reads the name that comes next.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, asn1::Error> {
        let element = reader.any()?;
        let bad = asn1::Error { offset: element.offset, kind: ErrorKind::BadValue };
        let mut inner = reader.within(&element);
        let text = || ascii(element.content).ok_or(bad);
        Ok(match element.tag {
            0xa0 => {
                let oid = inner.oid()?.to_vec();
                let value = inner.expect(0xa0)?.content.to_vec();
                inner.finish()?;
                Self::Other { oid, value }
            }
            0x81 => Self::Email(text()?),
            0x82 => Self::Dns(text()?),
            0x86 => Self::Uri(text()?),
            0xa4 => {
                let name = Name::read(&mut inner)?;
                inner.finish()?;
                Self::Directory(name)
            }
            0x87 => Self::Ip(element.content.to_vec()),
            0x88 => Self::RegisteredId(element.content.to_vec()),
            0xa3 | 0xa5 => Self::Unread(element.tag, element.content.to_vec()),
            _ => return Err(bad),
        })
    }

    /// The name's text where it is a text: e-mail address, host name, URI, or another name whose value is a
    /// string (as Fulcio's user names are).
    #[must_use]
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Email(text) | Self::Dns(text) | Self::Uri(text) => Some(text.clone()),
            Self::Other { value, .. } => {
                let element = Reader::new(value, Rules::Ber).any().ok()?;
                decode(element.tag, element.content)
            }
            _ => None,
        }
    }
}

impl fmt::Display for GeneralName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Email(text) | Self::Dns(text) | Self::Uri(text) => f.write_str(text),
            Self::Other { oid, value } => match self.text() {
                Some(text) => f.write_str(&text),
                None => write!(f, "{}=#{}", oid::dotted(oid).unwrap_or_default(), hex::encode(value)),
            },
            Self::Directory(name) => name.fmt(f),
            Self::Ip(bytes) => fmt_ip(bytes, f),
            Self::RegisteredId(content) => f.write_str(&oid::dotted(content).unwrap_or_default()),
            Self::Unread(tag, content) => write!(f, "[{}]#{}", tag & 0x1f, hex::encode(content)),
        }
    }
}

fn fmt_ip(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if let Ok(octets) = <[u8; 4]>::try_from(bytes) {
        return fmt::Display::fmt(&Ipv4Addr::from(octets), f);
    }
    match <[u8; 16]>::try_from(bytes) {
        Ok(octets) => fmt::Display::fmt(&Ipv6Addr::from(octets), f),
        Err(_) => write!(f, "#{}", hex::encode(bytes)),
    }
}

/// IA5String content; other characters make the name unusable, never a different name.
fn ascii(content: &[u8]) -> Option<String> {
    std::str::from_utf8(content).ok().filter(|text| text.is_ascii() && !text.contains('\0')).map(str::to_owned)
}

/// Reads `GeneralNames`: a sequence of at least one name.
///
/// # Errors
/// If the value is malformed or empty.
pub fn general_names(value: &[u8]) -> Result<Vec<GeneralName>, asn1::Error> {
    list(value, GeneralName::read)
}

/// `NameConstraints` (RFC 5280 §4.2.1.10).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameConstraints {
    /// Names must lie in one of these, where one of their form is given.
    pub permitted: Vec<Subtree>,
    /// Names must lie in none of these.
    pub excluded: Vec<Subtree>,
}

/// `GeneralSubtree` (RFC 5280 §4.2.1.10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subtree {
    /// The base of the subtree.
    pub base: GeneralName,
    /// Whether it has a `minimum` other than 0 or a `maximum`, which RFC 5280 does not define.
    pub has_bounds: bool,
}

impl NameConstraints {
    /// Reads `NameConstraints`.
    ///
    /// # Errors
    /// If the value is malformed, or empty, which RFC 5280 forbids.
    pub fn read(value: &[u8]) -> Result<Self, asn1::Error> {
        let mut outer = Reader::new(value, Rules::Ber);
        let mut fields = outer.sequence()?;
        outer.finish()?;
        if fields.is_empty() {
            return Err(fields.error(ErrorKind::BadValue));
        }
        let mut subtrees = |tag| match fields.optional(tag)? {
            Some(element) => items(fields.within(&element), Subtree::read),
            None => Ok(Vec::new()),
        };
        let constraints = Self { permitted: subtrees(0xa0)?, excluded: subtrees(0xa1)? };
        fields.finish()?;
        Ok(constraints)
    }
}

impl Subtree {
    fn read(reader: &mut Reader<'_>) -> Result<Self, asn1::Error> {
        let mut fields = reader.sequence()?;
        let base = GeneralName::read(&mut fields)?;
        let minimum = fields.optional(0x80)?.map(|element| implicit_u64(&element)).transpose()?;
        let maximum = fields.optional(0x81)?;
        fields.finish()?;
        Ok(Self { base, has_bounds: minimum.is_some_and(|least| least != 0) || maximum.is_some() })
    }
}

/// A SEQUENCE OF at least one item.
fn list<'a, T>(
    value: &'a [u8],
    read: impl Fn(&mut Reader<'a>) -> Result<T, asn1::Error>,
) -> Result<Vec<T>, asn1::Error> {
    let mut outer = Reader::new(value, Rules::Ber);
    let inner = outer.sequence()?;
    outer.finish()?;
    items(inner, read)
}

fn items<'a, T>(
    mut reader: Reader<'a>,
    read: impl Fn(&mut Reader<'a>) -> Result<T, asn1::Error>,
) -> Result<Vec<T>, asn1::Error> {
    let mut items = Vec::new();
    while !reader.is_empty() {
        if items.len() >= MAX_ITEMS {
            return Err(reader.error(ErrorKind::BadValue));
        }
        items.push(read(&mut reader)?);
    }
    if items.is_empty() { Err(reader.error(ErrorKind::BadValue)) } else { Ok(items) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_usage_counts_bits_from_the_left() {
        let usage = KeyUsage::read(&[3, 2, 1, 0x06]).unwrap();
        assert!(usage.key_cert_sign() && usage.crl_sign() && !usage.digital_signature());
        assert!(KeyUsage::read(&[3, 2, 7, 0x80]).unwrap().digital_signature());
        assert!(KeyUsage::read(&[3, 1, 0]).unwrap().is_empty());
        assert!(KeyUsage::read(&[3, 0]).is_err() && KeyUsage::read(&[3, 2, 8, 0]).is_err());
    }

    #[test]
    fn basic_constraints_default_to_no_ca() {
        assert_eq!(BasicConstraints::read(&[0x30, 0]).unwrap(), BasicConstraints::default());
        let limited = BasicConstraints::read(&[0x30, 6, 1, 1, 0xff, 2, 1, 0]).unwrap();
        assert_eq!(limited, BasicConstraints { ca: true, path_len: Some(0) });
        assert!(BasicConstraints::read(&[0x30, 6, 1, 1, 0xff, 2, 1, 0x80]).is_err(), "a negative length");
        assert!(BasicConstraints::read(&[0x30, 0, 5]).is_err());
    }

    #[test]
    fn policies_may_not_repeat() {
        let policy = |last: u8| [0x30, 4, 6, 2, 0x2a, last];
        let of = |policies: &[[u8; 6]]| asn1::encode(tag::SEQUENCE, &policies.concat());
        assert_eq!(CertificatePolicies::read(&of(&[policy(3), policy(4)])).unwrap().oids.len(), 2);
        assert!(CertificatePolicies::read(&of(&[policy(3), policy(3)])).is_err());
        assert!(CertificatePolicies::read(&of(&[])).is_err());
    }

    #[test]
    fn other_names_keep_their_value_and_show_its_text() {
        let der = [0x30, 12, 0xa0, 10, 6, 2, 0x2a, 3, 0xa0, 4, 0x0c, 2, b'h', b'i'];
        let names = general_names(&der).unwrap();
        assert_eq!(names, [GeneralName::Other { oid: vec![0x2a, 3], value: vec![0x0c, 2, b'h', b'i'] }]);
        assert_eq!(names[0].to_string(), "hi");
        assert!(general_names(&[0x30, 4, 0x82, 2, b'a', 0]).is_err(), "a host name with a NUL");
    }
}

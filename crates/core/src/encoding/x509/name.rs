//! Distinguished names (RFC 5280 §4.1.2.4), as text (RFC 4514) and compared (RFC 5280 §7.1).

mod text;

use std::fmt::{self, Write as _};
use std::sync::OnceLock;

pub use text::NameTextError;

use crate::encoding::asn1::{self, Reader, Rules, oid, tag};
use crate::encoding::hex;

/// Attributes read of one name; real names have fewer than twenty.
const MAX_ATTRIBUTES: usize = 256;

/// A distinguished name: its bytes as found.
///
/// Names are equal if RFC 5280 §7.1 says so: attribute by attribute, strings without regard to case,
/// string type and repeated spaces.
#[derive(Clone)]
pub struct Name {
    der: Box<[u8]>,
    canonical: OnceLock<Box<[u8]>>,
}

/// One attribute of a name.
#[derive(Clone, Copy, Debug)]
pub struct Attribute<'a> {
    /// Its type, as the content octets of an object identifier.
    pub oid: &'a [u8],
    /// The tag of its value.
    pub tag: u8,
    /// The content octets of its value.
    pub content: &'a [u8],
    /// Its value as found.
    raw: &'a [u8],
    /// Position of its relative distinguished name in the name.
    rdn: usize,
}

impl Name {
    /// Reads a DER or BER `Name`.
    ///
    /// # Errors
    /// If it is none.
    pub fn from_der(der: &[u8]) -> Result<Self, asn1::Error> {
        let mut reader = Reader::new(der, Rules::Ber);
        let name = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(name)
    }

    /// Reads the `Name` that comes next.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, asn1::Error> {
        let element = reader.expect(tag::SEQUENCE)?;
        check(reader.within(&element))?;
        Ok(Self { der: element.raw.into(), canonical: OnceLock::new() })
    }

    /// The name, as found.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whether it has no attribute.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.attributes().next().is_none()
    }

    /// The attributes in the order of the encoding, most significant first.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'_>> {
        let rdns = Reader::new(&self.der, Rules::Ber).sequence().ok();
        Attributes { rdns, set: None, rdn: 0 }
    }

    /// The text of the last (most specific) attribute of this type.
    #[must_use]
    pub fn attribute(&self, oid: &[u8]) -> Option<String> {
        self.attributes().filter(|attribute| attribute.oid == oid).last().map(|attribute| attribute.text())
    }

    /// Bytes that two names share exactly if they are equal, computed once: to compare and to index.
    #[must_use]
    pub fn canonical(&self) -> &[u8] {
        self.canonical.get_or_init(|| self.canonicalise().into_boxed_slice())
    }

    fn canonicalise(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.der.len());
        let mut rdn: Vec<Vec<u8>> = Vec::new();
        let mut current = 0;
        for attribute in self.attributes() {
            if attribute.rdn != current {
                append_rdn(&mut out, &mut rdn);
                current = attribute.rdn;
            }
            rdn.push(attribute.canonical());
        }
        append_rdn(&mut out, &mut rdn);
        out
    }

    /// Whether `self` lies in the subtree of `base` (RFC 5280 §4.2.1.10): `base`'s relative distinguished
    /// names are the first ones of `self`.
    #[must_use]
    pub fn is_within(&self, base: &Self) -> bool {
        // Each relative distinguished name is length-prefixed, so a prefix of bytes is one of names.
        self.canonical().starts_with(base.canonical())
    }
}

/// The attributes of one relative distinguished name are a set: their order does not count.
fn append_rdn(out: &mut Vec<u8>, attributes: &mut Vec<Vec<u8>>) {
    if attributes.is_empty() {
        return;
    }
    attributes.sort_unstable();
    out.extend(asn1::encode(tag::SET, &attributes.concat()));
    attributes.clear();
}

/// Reads through a name, so that nothing later can fail.
fn check(mut rdns: Reader<'_>) -> Result<(), asn1::Error> {
    let mut count = 0_usize;
    while !rdns.is_empty() {
        let mut set = rdns.set()?;
        if set.is_empty() {
            return Err(set.error(asn1::ErrorKind::BadValue));
        }
        while !set.is_empty() {
            let at = set.error(asn1::ErrorKind::BadValue);
            let mut pair = set.sequence()?;
            pair.oid()?;
            pair.any()?;
            pair.finish()?;
            count = count.saturating_add(1);
            if count > MAX_ATTRIBUTES {
                return Err(at);
            }
        }
    }
    Ok(())
}

struct Attributes<'a> {
    rdns: Option<Reader<'a>>,
    set: Option<Reader<'a>>,
    rdn: usize,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Attribute<'a>;

    fn next(&mut self) -> Option<Attribute<'a>> {
        if self.set.as_ref().is_some_and(Reader::is_empty) {
            self.set = None;
            self.rdn = self.rdn.saturating_add(1);
        }
        if self.set.is_none() {
            self.set = Some(self.rdns.as_mut()?.set().ok()?);
        }
        let mut pair = self.set.as_mut()?.sequence().ok()?;
        let oid = pair.oid().ok()?;
        let value = pair.any().ok()?;
        Some(Attribute { oid, tag: value.tag, content: value.content, raw: value.raw, rdn: self.rdn })
    }
}

impl Attribute<'_> {
    /// The value as text; what is no string is written as `#` and the hexadecimal of its encoding
    /// (RFC 4514 §2.4). Bytes that do not fit the string's type become U+FFFD.
    #[must_use]
    pub fn text(&self) -> String {
        decode(self.tag, self.content).unwrap_or_else(|| format!("#{}", hex::encode(self.raw)))
    }

    /// The type's short name, or its dotted form.
    #[must_use]
    pub fn key(&self) -> String {
        short_key(self.oid).map(str::to_owned).or_else(|| oid::dotted(self.oid)).unwrap_or_else(|| "?".to_owned())
    }

    /// Whether the value is a string with characters that its type does not have.
    #[must_use]
    pub fn is_mistyped(&self) -> bool {
        match self.tag {
            tag::UTF8_STRING => std::str::from_utf8(self.content).is_err(),
            tag::PRINTABLE_STRING => !self.content.iter().all(|c| is_printable(*c)),
            tag::IA5_STRING | VISIBLE_STRING => !self.content.is_ascii(),
            NUMERIC_STRING => !self.content.iter().all(|c| c.is_ascii_digit() || *c == b' '),
            tag::BMP_STRING => !self.content.len().is_multiple_of(2),
            UNIVERSAL_STRING => !self.content.len().is_multiple_of(4),
            _ => false,
        }
    }

    fn canonical(&self) -> Vec<u8> {
        let value = match decode(self.tag, self.content) {
            Some(text) if !self.is_mistyped() => fold(&text).into_bytes(),
            // Not a string that can be folded: equal only byte for byte.
            _ => self.raw.to_vec(),
        };
        [asn1::encode(tag::OID, self.oid), asn1::encode(tag::OCTET_STRING, &value)].concat()
    }
}

const NUMERIC_STRING: u8 = 0x12;
const VISIBLE_STRING: u8 = 0x1a;
const UNIVERSAL_STRING: u8 = 0x1c;

/// PrintableString's alphabet (X.680 §41.4).
fn is_printable(character: u8) -> bool {
    character.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&character)
}

/// Text of a string type, or `None` for other types.
pub(super) fn decode(tag: u8, content: &[u8]) -> Option<String> {
    Some(match tag {
        tag::UTF8_STRING | tag::PRINTABLE_STRING | tag::IA5_STRING | NUMERIC_STRING | VISIBLE_STRING => {
            String::from_utf8_lossy(content).into_owned()
        }
        // In practice issuers write Latin-1 into T61String.
        tag::T61_STRING => content.iter().copied().map(char::from).collect(),
        tag::BMP_STRING => {
            let units = content.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair));
            char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        UNIVERSAL_STRING => {
            let units = content.as_chunks::<4>().0.iter().map(|quad| u32::from_be_bytes(*quad));
            units.map(|c| char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        _ => return None,
    })
}

/// Lower case, with outer spaces dropped and inner runs of spaces made one (the part of RFC 4518 that
/// real names need).
fn fold(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der || self.canonical() == other.canonical()
    }
}

impl Eq for Name {}

impl fmt::Display for Name {
    /// RFC 4514, most specific first, with a space after each comma; control and direction-changing
    /// characters escaped, so that a name can neither steer a terminal nor display as another.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rdns: Vec<String> = Vec::new();
        let mut last = None;
        for attribute in self.attributes() {
            let text = format!("{}={}", attribute.key(), escaped(&attribute));
            match rdns.last_mut().filter(|_| last == Some(attribute.rdn)) {
                Some(rdn) => {
                    let _ = write!(rdn, "+{text}");
                }
                None => rdns.push(text),
            }
            last = Some(attribute.rdn);
        }
        rdns.reverse();
        f.write_str(&rdns.join(", "))
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}

fn escaped(attribute: &Attribute<'_>) -> String {
    let Some(text) = decode(attribute.tag, attribute.content) else { return attribute.text() };
    let mut out = String::with_capacity(text.len());
    let last = text.chars().count().saturating_sub(1);
    for (position, character) in text.chars().enumerate() {
        let at_edge = (position == 0 && matches!(character, ' ' | '#')) || (position == last && character == ' ');
        match character {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => out.extend(['\\', character]),
            _ if at_edge => out.extend(['\\', character]),
            _ if is_deceptive(character) => escape_bytes(&mut out, character),
            _ => out.push(character),
        }
    }
    out
}

/// Control characters, and those that reorder or hide text.
pub(crate) fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn escape_bytes(out: &mut String, character: char) {
    let mut buffer = [0; 4];
    for byte in character.encode_utf8(&mut buffer).bytes() {
        let _ = write!(out, "\\{byte:02X}");
    }
}

/// The short names of RFC 4514 §3 and those that everybody uses for code-signing names.
const SHORT_KEYS: [(&str, &[u8]); 20] = [
    ("CN", oid::COMMON_NAME),
    ("SN", oid::SURNAME),
    ("serialNumber", oid::SERIAL_NUMBER),
    ("C", oid::COUNTRY),
    ("L", oid::LOCALITY),
    ("ST", oid::STATE),
    ("STREET", oid::STREET),
    ("O", oid::ORGANIZATION),
    ("OU", oid::ORGANIZATIONAL_UNIT),
    ("title", oid::TITLE),
    ("businessCategory", oid::BUSINESS_CATEGORY),
    ("postalCode", oid::POSTAL_CODE),
    ("GN", oid::GIVEN_NAME),
    ("organizationIdentifier", oid::ORGANIZATION_IDENTIFIER),
    ("UID", oid::USER_ID),
    ("DC", oid::DOMAIN_COMPONENT),
    ("emailAddress", oid::EMAIL_ADDRESS),
    ("jurisdictionL", oid::JURISDICTION_LOCALITY),
    ("jurisdictionST", oid::JURISDICTION_STATE),
    ("jurisdictionC", oid::JURISDICTION_COUNTRY),
];

fn short_key(content: &[u8]) -> Option<&'static str> {
    SHORT_KEYS.iter().find(|(_, oid)| *oid == content).map(|(key, _)| *key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::asn1::{encode, encode_sequence};

    type Pair<'a> = (&'a [u8], u8, &'a [u8]);

    fn name(rdns: &[&[Pair<'_>]]) -> Name {
        let rdn = |attributes: &[Pair<'_>]| {
            let pairs: Vec<Vec<u8>> = attributes
                .iter()
                .map(|(oid, tag, content)| encode_sequence(&[encode(tag::OID, oid), encode(*tag, content)]))
                .collect();
            encode(tag::SET, &pairs.concat())
        };
        let rdns: Vec<Vec<u8>> = rdns.iter().map(|attributes| rdn(attributes)).collect();
        Name::from_der(&encode_sequence(&rdns)).unwrap()
    }

    #[test]
    fn written_as_rfc_4514_with_escapes() {
        let written = name(&[
            &[(oid::COUNTRY, tag::PRINTABLE_STRING, b"DE")],
            &[(oid::ORGANIZATION, tag::UTF8_STRING, "Müller, Söhne".as_bytes())],
            &[(oid::COMMON_NAME, tag::BMP_STRING, &[0, b'A', 0, 7]), (&[42, 3], tag::INTEGER, &[5])],
        ]);
        assert_eq!(written.to_string(), r"CN=A\07+1.2.3=#020105, O=Müller\, Söhne, C=DE");
        let reversed = name(&[&[(oid::COMMON_NAME, tag::UTF8_STRING, "a\u{202e}b".as_bytes())]]);
        assert_eq!(reversed.to_string(), r"CN=a\E2\80\AEb");
        assert_eq!(written.attribute(oid::ORGANIZATION).as_deref(), Some("Müller, Söhne"));
        assert_eq!(written.attribute(oid::LOCALITY), None);
    }

    #[test]
    fn equal_without_regard_to_case_spaces_string_type_and_order_in_a_set() {
        let left = name(&[&[(oid::COMMON_NAME, tag::UTF8_STRING, b" A  b "), (oid::ORGANIZATION, 0x13, b"X")]]);
        let right = name(&[&[(oid::ORGANIZATION, 0x0c, b"x"), (oid::COMMON_NAME, tag::PRINTABLE_STRING, b"a B")]]);
        assert_eq!(left, right);
        let apart = name(&[&[(oid::COMMON_NAME, 0x0c, b"a b")], &[(oid::ORGANIZATION, 0x0c, b"x")]]);
        assert_ne!(left, apart);
    }

    #[test]
    fn mistyped_strings_are_read_and_equal_only_to_themselves() {
        let bad = name(&[&[(oid::EMAIL_ADDRESS, tag::IA5_STRING, b"\xe9@x")]]);
        let other = name(&[&[(oid::EMAIL_ADDRESS, tag::IA5_STRING, b"\xe8@x")]]);
        assert!(bad.attributes().all(|a| a.is_mistyped()));
        assert_eq!(bad.to_string(), "emailAddress=\u{fffd}@x");
        assert_ne!(bad, other);
        assert_eq!(bad, bad.clone());
    }

    #[test]
    fn a_subtree_is_a_prefix() {
        let base = name(&[&[(oid::COUNTRY, tag::PRINTABLE_STRING, b"DE")]]);
        let inside = name(&[&[(oid::COUNTRY, tag::UTF8_STRING, b"de")], &[(oid::COMMON_NAME, tag::UTF8_STRING, b"x")]]);
        assert!(inside.is_within(&base) && base.is_within(&base) && !base.is_within(&inside));
    }
}

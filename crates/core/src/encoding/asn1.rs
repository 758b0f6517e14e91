//! ASN.1 tag-length-value reading over raw slices, DER (X.690 §10) and the BER that the world produces.
//!
//! Signatures are made over bytes as found, so this reader never re-encodes: every element keeps the
//! slice it came from. Nothing here recurses, and lengths are checked before they are used.

pub mod oid;

use std::borrow::Cow;
use std::fmt;

/// Which encodings of one value are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// Exactly one: definite, minimal lengths.
    Der,
    /// Also indefinite and padded lengths, as Apple and old signing tools write them.
    Ber,
}

/// Nested indefinite lengths that are followed to find an element's end; real files use fewer than ten.
const MAX_INDEFINITE_DEPTH: usize = 32;

/// The bit of an identifier octet that says that the content is made of elements.
const CONSTRUCTED: u8 = 0x20;
/// An OCTET STRING in parts, which only BER has.
const CONSTRUCTED_OCTET_STRING: u8 = tag::OCTET_STRING | CONSTRUCTED;

/// Universal tags (X.680 §8), with the constructed bit where DER sets it.
pub mod tag {
    #![allow(missing_docs)]
    pub const BOOLEAN: u8 = 0x01;
    pub const INTEGER: u8 = 0x02;
    pub const BIT_STRING: u8 = 0x03;
    pub const OCTET_STRING: u8 = 0x04;
    pub const NULL: u8 = 0x05;
    pub const OID: u8 = 0x06;
    pub const ENUMERATED: u8 = 0x0a;
    pub const UTF8_STRING: u8 = 0x0c;
    pub const PRINTABLE_STRING: u8 = 0x13;
    pub const T61_STRING: u8 = 0x14;
    pub const IA5_STRING: u8 = 0x16;
    pub const UTC_TIME: u8 = 0x17;
    pub const GENERALIZED_TIME: u8 = 0x18;
    pub const BMP_STRING: u8 = 0x1e;
    pub const SEQUENCE: u8 = 0x30;
    pub const SET: u8 = 0x31;
}

/// One element: its tag byte, its content, and all of it as found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// The identifier octet, class and constructed bit included.
    pub tag: u8,
    /// The content octets; for an indefinite length without the end-of-contents octets.
    pub content: &'a [u8],
    /// Identifier, length and content as found.
    pub raw: &'a [u8],
    /// Where `raw` begins, counted from the start of the outermost reader.
    pub offset: usize,
}

impl<'a> Element<'a> {
    /// Where the content begins, counted as `offset` is.
    #[must_use]
    pub const fn content_offset(&self) -> usize {
        let around = self.raw.len().saturating_sub(self.content.len());
        // An indefinite length has a header of two octets and ends with two more.
        let header = if matches!(self.raw, [_, 0x80, ..]) { 2 } else { around };
        self.offset.saturating_add(header)
    }

    /// The octets of a string of any tag: the content as it is, or the joined parts of a constructed
    /// encoding (X.690 §8.7.3).
    ///
    /// # Errors
    /// If a part is no OCTET STRING, or parts are nested too deeply.
    pub fn octets(&self) -> Result<Cow<'a, [u8]>, Error> {
        if self.tag & CONSTRUCTED == 0 {
            return Ok(Cow::Borrowed(self.content));
        }
        let mut joined = Vec::new();
        let mut open = vec![Reader { rest: self.content, offset: self.content_offset(), rules: Rules::Ber }];
        while let Some(reader) = open.last_mut() {
            if reader.is_empty() {
                open.pop();
                continue;
            }
            let part = reader.any()?;
            match part.tag {
                tag::OCTET_STRING => joined.extend_from_slice(part.content),
                CONSTRUCTED_OCTET_STRING if open.len() < MAX_INDEFINITE_DEPTH => {
                    open.push(Reader { rest: part.content, offset: part.content_offset(), rules: Rules::Ber });
                }
                CONSTRUCTED_OCTET_STRING => return Err(Error { offset: part.offset, kind: ErrorKind::TooDeep }),
                found => {
                    let kind = ErrorKind::UnexpectedTag { expected: tag::OCTET_STRING, found };
                    return Err(Error { offset: part.offset, kind });
                }
            }
        }
        Ok(Cow::Owned(joined))
    }
}

/// What is wrong with an encoding, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    /// Offset from the start of the outermost reader.
    pub offset: usize,
    /// What is wrong there.
    pub kind: ErrorKind,
}

/// What is wrong with an encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The input ends inside an element.
    Truncated,
    /// Another tag than the expected one.
    UnexpectedTag {
        /// The identifier octet that should stand there.
        expected: u8,
        /// The one that does.
        found: u8,
    },
    /// A length in a form that the rules do not allow, or that does not fit the machine.
    BadLength,
    /// A tag number above 30, which no format here uses.
    HighTag,
    /// Too many nested indefinite lengths.
    TooDeep,
    /// Bytes after the last expected element.
    TrailingBytes,
    /// The content is not of its type's form.
    BadValue,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ErrorKind::Truncated => write!(f, "the encoding ends early"),
            ErrorKind::UnexpectedTag { expected, found } => {
                write!(f, "expected tag 0x{expected:02x}, found 0x{found:02x}")
            }
            ErrorKind::BadLength => write!(f, "length not allowed here"),
            ErrorKind::HighTag => write!(f, "tag number above 30"),
            ErrorKind::TooDeep => write!(f, "more than {MAX_INDEFINITE_DEPTH} nested indefinite lengths"),
            ErrorKind::TrailingBytes => write!(f, "bytes after the last element"),
            ErrorKind::BadValue => write!(f, "value not of its type's form"),
        }?;
        write!(f, " at offset {}", self.offset)
    }
}

impl std::error::Error for Error {}

/// Reads elements one after the other.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    offset: usize,
    rules: Rules,
}

impl<'a> Reader<'a> {
    /// A reader over the start of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8], rules: Rules) -> Self {
        Self { rest: bytes, offset: 0, rules }
    }

    /// A reader over bytes that begin at `offset` of something larger.
    #[must_use]
    pub const fn at(bytes: &'a [u8], offset: usize, rules: Rules) -> Self {
        Self { rest: bytes, offset, rules }
    }

    /// A reader over the content of `element`, counting offsets from the same start.
    #[must_use]
    pub const fn within(&self, element: &Element<'a>) -> Self {
        Self { rest: element.content, offset: element.content_offset(), rules: self.rules }
    }

    /// Whether everything has been read.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What has not been read yet.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Where the next element begins.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// The tag of the next element, without reading it.
    #[must_use]
    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// An error of this kind at the present position.
    #[must_use]
    pub const fn error(&self, kind: ErrorKind) -> Error {
        Error { offset: self.offset, kind }
    }

    /// Succeeds if everything has been read.
    ///
    /// # Errors
    /// [`ErrorKind::TrailingBytes`] otherwise.
    pub const fn finish(&self) -> Result<(), Error> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.error(ErrorKind::TrailingBytes)) }
    }

    /// The next element, whatever it is.
    ///
    /// # Errors
    /// If there is none, or its length breaks the rules.
    pub fn any(&mut self) -> Result<Element<'a>, Error> {
        let header = Header::read(self.rest, self.rules).map_err(|kind| self.error(kind))?;
        let (content_len, raw_len) = match header.content {
            Some(len) => (len, header.len.checked_add(len)),
            None => {
                let len = indefinite_content(self.rest.get(header.len..).unwrap_or_default())
                    .map_err(|kind| self.error(kind))?;
                (len, header.len.checked_add(len).and_then(|end| end.checked_add(2)))
            }
        };
        let raw_len = raw_len.ok_or(self.error(ErrorKind::BadLength))?;
        let (raw, rest) = self.rest.split_at_checked(raw_len).ok_or(self.error(ErrorKind::Truncated))?;
        let content = raw.get(header.len..).and_then(|c| c.get(..content_len));
        let content = content.ok_or(self.error(ErrorKind::Truncated))?;
        let element = Element { tag: header.tag, content, raw, offset: self.offset };
        self.rest = rest;
        self.offset = self.offset.saturating_add(raw_len);
        Ok(element)
    }

    /// The next element, which must have this tag.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedTag`] for another one, or as [`Reader::any`].
    pub fn expect(&mut self, expected: u8) -> Result<Element<'a>, Error> {
        match self.peek() {
            None => Err(self.error(ErrorKind::Truncated)),
            Some(found) if found != expected => Err(self.error(ErrorKind::UnexpectedTag { expected, found })),
            Some(_) => self.any(),
        }
    }

    /// The next element if it has this tag.
    ///
    /// # Errors
    /// As [`Reader::any`], if it has.
    pub fn optional(&mut self, expected: u8) -> Result<Option<Element<'a>>, Error> {
        if self.peek() == Some(expected) { self.any().map(Some) } else { Ok(None) }
    }

    /// A reader over the content of the next element, which must have this tag.
    ///
    /// # Errors
    /// As [`Reader::expect`].
    pub fn enter(&mut self, expected: u8) -> Result<Self, Error> {
        let element = self.expect(expected)?;
        Ok(self.within(&element))
    }

    /// A reader over the next element, a SEQUENCE.
    ///
    /// # Errors
    /// As [`Reader::expect`].
    pub fn sequence(&mut self) -> Result<Self, Error> {
        self.enter(tag::SEQUENCE)
    }

    /// A reader over the next element, a SET.
    ///
    /// # Errors
    /// As [`Reader::expect`].
    pub fn set(&mut self) -> Result<Self, Error> {
        self.enter(tag::SET)
    }

    /// The content octets of an OBJECT IDENTIFIER, to compare with [`oid`].
    ///
    /// # Errors
    /// As [`Reader::expect`].
    pub fn oid(&mut self) -> Result<&'a [u8], Error> {
        Ok(self.expect(tag::OID)?.content)
    }

    /// A BOOLEAN.
    ///
    /// # Errors
    /// As [`Reader::expect`]; [`ErrorKind::BadValue`] for a value that the rules do not allow.
    pub fn boolean(&mut self) -> Result<bool, Error> {
        let at = self.error(ErrorKind::BadValue);
        match (self.expect(tag::BOOLEAN)?.content, self.rules) {
            ([0], _) => Ok(false),
            ([0xff], _) | ([_], Rules::Ber) => Ok(true),
            _ => Err(at),
        }
    }

    /// A primitive OCTET STRING.
    ///
    /// # Errors
    /// As [`Reader::expect`].
    pub fn octet_string(&mut self) -> Result<&'a [u8], Error> {
        Ok(self.expect(tag::OCTET_STRING)?.content)
    }

    /// A BIT STRING of whole bytes.
    ///
    /// # Errors
    /// As [`Reader::expect`]; [`ErrorKind::BadValue`] if bits are left over.
    pub fn bit_string(&mut self) -> Result<&'a [u8], Error> {
        let at = self.error(ErrorKind::BadValue);
        match self.expect(tag::BIT_STRING)?.content.split_first() {
            Some((0, bytes)) => Ok(bytes),
            _ => Err(at),
        }
    }

    /// A non-negative INTEGER as big-endian bytes without leading zeros (empty for zero).
    ///
    /// # Errors
    /// As [`Reader::expect`]; [`ErrorKind::BadValue`] if it is negative, empty or not minimal.
    pub fn unsigned(&mut self) -> Result<&'a [u8], Error> {
        let at = self.error(ErrorKind::BadValue);
        match self.expect(tag::INTEGER)?.content {
            [] => Err(at),
            [first, ..] if first & 0x80 != 0 => Err(at),
            [0, next, ..] if next & 0x80 == 0 && self.rules == Rules::Der => Err(at),
            content => {
                let zeros = content.iter().take_while(|byte| **byte == 0).count();
                Ok(content.get(zeros..).unwrap_or_default())
            }
        }
    }

    /// A non-negative INTEGER that fits 64 bits.
    ///
    /// # Errors
    /// As [`Reader::unsigned`]; [`ErrorKind::BadValue`] if it is larger.
    pub fn u64(&mut self) -> Result<u64, Error> {
        let at = self.error(ErrorKind::BadValue);
        let bytes = self.unsigned()?;
        let mut padded = [0; 8];
        let start = padded.len().checked_sub(bytes.len()).ok_or(at)?;
        padded.get_mut(start..).ok_or(at)?.copy_from_slice(bytes);
        Ok(u64::from_be_bytes(padded))
    }
}

struct Header {
    tag: u8,
    len: usize,
    content: Option<usize>,
}

impl Header {
    fn read(bytes: &[u8], rules: Rules) -> Result<Self, ErrorKind> {
        let (&tag, rest) = bytes.split_first().ok_or(ErrorKind::Truncated)?;
        if tag & 0x1f == 0x1f {
            return Err(ErrorKind::HighTag);
        }
        let (&first, rest) = rest.split_first().ok_or(ErrorKind::Truncated)?;
        if first < 0x80 {
            return Ok(Self { tag, len: 2, content: Some(usize::from(first)) });
        }
        if first == 0x80 {
            let allowed = rules == Rules::Ber && tag & 0x20 != 0;
            return if allowed { Ok(Self { tag, len: 2, content: None }) } else { Err(ErrorKind::BadLength) };
        }
        let count = usize::from(first & 0x7f);
        let digits = rest.get(..count).ok_or(ErrorKind::Truncated)?;
        let content = long_length(digits, rules)?;
        Ok(Self { tag, len: count.saturating_add(2), content: Some(content) })
    }
}

fn long_length(digits: &[u8], rules: Rules) -> Result<usize, ErrorKind> {
    let significant = digits.iter().skip_while(|d| **d == 0).count();
    if significant > size_of::<u32>() {
        return Err(ErrorKind::BadLength);
    }
    let length = digits.iter().fold(0_usize, |sum, d| sum.wrapping_shl(8) | usize::from(*d));
    let minimal = digits.first() != Some(&0) && length >= 0x80;
    if rules == Rules::Der && !minimal { Err(ErrorKind::BadLength) } else { Ok(length) }
}

/// Length of the content before the end-of-contents octets that close it.
fn indefinite_content(bytes: &[u8]) -> Result<usize, ErrorKind> {
    let (mut position, mut depth) = (0_usize, 0_usize);
    loop {
        let rest = bytes.get(position..).ok_or(ErrorKind::Truncated)?;
        if rest.starts_with(&[0, 0]) {
            if depth == 0 {
                return Ok(position);
            }
            depth = depth.saturating_sub(1);
            position = position.saturating_add(2);
            continue;
        }
        let header = Header::read(rest, Rules::Ber)?;
        position = position.checked_add(header.len).ok_or(ErrorKind::BadLength)?;
        match header.content {
            Some(length) => position = position.checked_add(length).ok_or(ErrorKind::BadLength)?,
            None if depth >= MAX_INDEFINITE_DEPTH => return Err(ErrorKind::TooDeep),
            None => depth = depth.saturating_add(1),
        }
    }
}

/// One DER element of this tag and content.
#[must_use]
pub fn encode(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let length = content.len().to_be_bytes();
    match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let digits: Vec<u8> = length.into_iter().skip_while(|b| *b == 0).collect();
            out.push(0x80 | u8::try_from(digits.len()).unwrap_or(0));
            out.extend(digits);
        }
    }
    out.extend_from_slice(content);
    out
}

/// A DER INTEGER of big-endian bytes taken as non-negative.
#[must_use]
pub fn encode_unsigned(bytes: &[u8]) -> Vec<u8> {
    let significant: Vec<u8> = bytes.iter().copied().skip_while(|b| *b == 0).collect();
    let pad = significant.first().is_none_or(|first| first & 0x80 != 0);
    let content: Vec<u8> = pad.then_some(0).into_iter().chain(significant).collect();
    encode(tag::INTEGER, &content)
}

/// A DER SEQUENCE of these encoded elements.
#[must_use]
pub fn encode_sequence(elements: &[Vec<u8>]) -> Vec<u8> {
    encode(tag::SEQUENCE, &elements.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definite_lengths_are_read_and_der_wants_them_minimal() {
        let mut reader = Reader::new(&[0x04, 0x02, 1, 2, 0x05, 0x00], Rules::Der);
        let element = reader.any().unwrap();
        assert_eq!((element.tag, element.content, element.raw.len()), (0x04, &[1, 2][..], 4));
        assert_eq!(reader.any().unwrap().offset, 4);
        assert!(reader.is_empty());

        let padded = [0x04, 0x81, 0x01, 7];
        assert_eq!(Reader::new(&padded, Rules::Der).any().unwrap_err().kind, ErrorKind::BadLength);
        assert_eq!(Reader::new(&padded, Rules::Ber).any().unwrap().content, &[7]);
    }

    #[test]
    fn indefinite_lengths_are_followed_in_ber_only() {
        let nested = [0x30, 0x80, 0x24, 0x80, 0x04, 0x01, 9, 0, 0, 0, 0, 0xaa];
        let element = Reader::new(&nested, Rules::Ber).any().unwrap();
        assert_eq!(element.content, &nested[2..9]);
        assert_eq!(element.raw, &nested[..11]);
        assert_eq!(Reader::new(&nested, Rules::Der).any().unwrap_err().kind, ErrorKind::BadLength);
        let deep = [0x30, 0x80].repeat(100_000);
        assert_eq!(Reader::new(&deep, Rules::Ber).any().unwrap_err().kind, ErrorKind::TooDeep);
    }

    #[test]
    fn the_parts_of_a_constructed_string_are_joined() {
        let parts = [0x24, 0x80, 0x04, 1, 7, 0x24, 0x80, 0x04, 2, 8, 9, 0, 0, 0, 0];
        let element = Reader::new(&parts, Rules::Ber).any().unwrap();
        assert_eq!(element.octets().unwrap().as_ref(), [7, 8, 9]);
        assert_eq!(element.content_offset(), 2);
        let wrong = Reader::new(&[0x24, 3, 0x02, 1, 7], Rules::Ber).any().unwrap().octets().unwrap_err();
        assert_eq!((wrong.offset, wrong.kind), (2, ErrorKind::UnexpectedTag { expected: 4, found: 2 }));
        let deep = (0..MAX_INDEFINITE_DEPTH + 1).fold(Vec::new(), |inner, _| encode(0x24, &inner));
        let error = Reader::new(&deep, Rules::Ber).any().unwrap().octets().unwrap_err();
        assert_eq!(error.kind, ErrorKind::TooDeep);
    }

    #[test]
    fn lies_about_lengths_are_errors_with_offsets() {
        for bytes in [&[0x30_u8, 0x05, 1][..], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &[0x30], &[]] {
            let error = Reader::new(bytes, Rules::Ber).any().unwrap_err();
            assert_eq!(error, Error { offset: 0, kind: ErrorKind::Truncated }, "{bytes:02x?}");
        }
        let huge = [0x30, 0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(Reader::new(&huge, Rules::Ber).any().unwrap_err().kind, ErrorKind::BadLength);
    }

    #[test]
    fn integers_are_minimal_and_not_negative() {
        let read = |bytes: &[u8]| Reader::new(bytes, Rules::Der).u64().ok();
        assert_eq!(read(&[2, 1, 0]), Some(0));
        assert_eq!(read(&[2, 2, 0, 0x80]), Some(0x80));
        assert_eq!(read(&[2, 1, 0x80]), None);
        assert_eq!(read(&[2, 2, 0, 1]), None);
        assert_eq!(read(&[2, 0]), None);
        assert_eq!(encode_unsigned(&[0, 0, 0x80]), [2, 2, 0, 0x80]);
        assert_eq!(encode_unsigned(&[]), [2, 1, 0]);
    }

    #[test]
    fn what_is_encoded_is_read_back() {
        let long = vec![7; 300];
        let encoded = encode(tag::OCTET_STRING, &long);
        assert_eq!(Reader::new(&encoded, Rules::Der).octet_string().unwrap(), &long[..]);
    }
}

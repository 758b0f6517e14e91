//! `SpcIndirectDataContent`: which digest of which kind of file was signed ("Windows Authenticode Portable
//! Executable Signature Format", "Authenticode-Specific Structures").

use crate::crypto::{Digest, DigestAlgorithm};
use crate::encoding::asn1::{self, Element, ErrorKind, Reader, Rules, oid, tag};

/// The class of a serialized object that carries page hashes: `a6b586d5-b4a1-2466-ae05-a217da8e60d6`.
const PAGE_HASHES: &[u8] =
    &[0xa6, 0xb5, 0x86, 0xd5, 0xb4, 0xa1, 0x24, 0x66, 0xae, 0x05, 0xa2, 0x17, 0xda, 0x8e, 0x60, 0xd6];

const EXPLICIT_FILE: u8 = 0xa0;
const MONIKER: u8 = 0xa1;

/// What an Authenticode signature says about its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IndirectData<'a> {
    /// The kind of file, an object identifier.
    pub(crate) kind: &'a [u8],
    /// Facts about that kind of file.
    pub(crate) value: Option<Element<'a>>,
    /// The object identifier of the digest algorithm.
    pub(crate) algorithm: &'a [u8],
    /// The digest.
    pub(crate) digest: &'a [u8],
}

impl<'a> IndirectData<'a> {
    /// Reads the fields of the SEQUENCE.
    pub(crate) fn read(content: &'a [u8]) -> Result<Self, asn1::Error> {
        let mut fields = Reader::new(content, Rules::Ber);
        let mut data = fields.sequence()?;
        let kind = data.oid()?;
        let value = if data.is_empty() { None } else { Some(data.any()?) };
        data.finish()?;
        let mut info = fields.sequence()?;
        let algorithm = info.sequence()?.oid()?;
        let digest = info.octet_string()?;
        info.finish()?;
        fields.finish()?;
        Ok(Self { kind, value, algorithm, digest })
    }

    /// The digest algorithm, if it is one we know.
    pub(crate) fn digest_algorithm(&self) -> Option<DigestAlgorithm> {
        DigestAlgorithm::from_oid(self.algorithm)
    }

    /// The table of page hashes, if the signature has one.
    pub(crate) fn page_hashes(&self) -> Result<Option<PageHashes>, asn1::Error> {
        let Some(value) = self.value.filter(|_| self.kind == oid::SPC_PE_IMAGE_DATA) else { return Ok(None) };
        let mut image_data = Reader::new(value.raw, Rules::Ber).sequence()?;
        image_data.optional(tag::BIT_STRING)?;
        let Some(file) = image_data.optional(EXPLICIT_FILE)? else { return Ok(None) };
        let Some(moniker) = image_data.within(&file).optional(MONIKER)? else { return Ok(None) };
        let mut object = Reader::new(moniker.content, Rules::Ber);
        if object.octet_string()? != PAGE_HASHES {
            return Ok(None);
        }
        PageHashes::read(object.octet_string()?).map(Some)
    }
}

/// Page hashes as signed: file offset and digest of each page, and the offset at which the last one ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PageHashes {
    pub(crate) algorithm: DigestAlgorithm,
    pub(crate) pages: Vec<(u64, Digest)>,
    pub(crate) end: u64,
}

impl PageHashes {
    fn read(serialized: &[u8]) -> Result<Self, asn1::Error> {
        let mut set = Reader::new(serialized, Rules::Ber).set()?;
        let mut attribute = set.sequence()?;
        let bad = attribute.error(ErrorKind::BadValue);
        let algorithm = match attribute.oid()? {
            oid::SPC_PAGE_HASHES_V1 => DigestAlgorithm::Sha1,
            oid::SPC_PAGE_HASHES_V2 => DigestAlgorithm::Sha256,
            _ => return Err(bad),
        };
        let table = attribute.set()?.octet_string()?;
        Self::entries(algorithm, table).ok_or(bad)
    }

    /// Little-endian offset and digest, one after the other; the last digest is zero.
    fn entries(algorithm: DigestAlgorithm, table: &[u8]) -> Option<Self> {
        let entries = table.chunks_exact(algorithm.length().checked_add(4)?);
        if !entries.remainder().is_empty() {
            return None;
        }
        let entry = |bytes: &[u8]| {
            let (offset, digest) = bytes.split_first_chunk::<4>()?;
            Some((u64::from(u32::from_le_bytes(*offset)), Digest::new(algorithm, digest)?))
        };
        let mut pages: Vec<_> = entries.map(entry).collect::<Option<_>>()?;
        let (end, last) = pages.pop()?;
        last.as_bytes().iter().all(|byte| *byte == 0).then_some(Self { algorithm, pages, end })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::asn1::{encode, encode_sequence};

    fn object(content: &[u8]) -> Vec<u8> {
        encode(tag::OID, content)
    }

    fn indirect(image_data: &[u8]) -> Vec<u8> {
        let data = encode_sequence(&[object(oid::SPC_PE_IMAGE_DATA), image_data.to_vec()]);
        let info = encode_sequence(&[encode_sequence(&[object(oid::SHA256)]), encode(tag::OCTET_STRING, &[7; 32])]);
        [data, info].concat()
    }

    fn with_pages(table: &[u8]) -> Vec<u8> {
        let attribute =
            encode_sequence(&[object(oid::SPC_PAGE_HASHES_V2), encode(tag::SET, &encode(tag::OCTET_STRING, table))]);
        let serialized = encode(tag::SET, &attribute);
        let object = [encode(tag::OCTET_STRING, PAGE_HASHES), encode(tag::OCTET_STRING, &serialized)].concat();
        let file = encode(EXPLICIT_FILE, &encode(MONIKER, &object));
        indirect(&encode_sequence(&[encode(tag::BIT_STRING, &[0]), file]))
    }

    fn row(offset: u32, digest: u8) -> Vec<u8> {
        [&offset.to_le_bytes()[..], &[digest; 32]].concat()
    }

    #[test]
    fn digest_and_page_hashes_are_read() {
        let bytes = with_pages(&[row(0, 1), row(512, 2), row(1024, 0)].concat());
        let data = IndirectData::read(&bytes).unwrap();
        assert_eq!((data.digest_algorithm(), data.digest), (Some(DigestAlgorithm::Sha256), &[7; 32][..]));
        let pages = data.page_hashes().unwrap().unwrap();
        let digest = |byte| Digest::new(DigestAlgorithm::Sha256, &[byte; 32]).unwrap();
        assert_eq!((pages.pages, pages.end), (vec![(0, digest(1)), (512, digest(2))], 1024));
    }

    #[test]
    fn a_file_name_in_place_of_page_hashes_is_none() {
        let name = encode(EXPLICIT_FILE, &encode(0xa2, &encode(0x80, b"")));
        let bytes = indirect(&encode_sequence(&[encode(tag::BIT_STRING, &[0]), name]));
        assert_eq!(IndirectData::read(&bytes).unwrap().page_hashes(), Ok(None));
    }

    #[test]
    fn a_table_that_does_not_end_with_zeros_or_breaks_off_is_an_error() {
        for table in [row(0, 1), row(0, 0)[1..].to_vec(), Vec::new()] {
            let bytes = with_pages(&table);
            assert!(IndirectData::read(&bytes).unwrap().page_hashes().is_err());
        }
    }
}

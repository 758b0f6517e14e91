//! The file of a bundle: DER, read without reading the certificates in it.
//!
//! ```asn1
//! TrustBundle ::= SEQUENCE {
//!     version  INTEGER (1),
//!     dated    INTEGER,                          -- Unix seconds; 0: undated
//!     sources  SEQUENCE OF Source,
//!     anchors  SEQUENCE OF Entry }               -- sorted by key, then by record
//! Source ::= SEQUENCE { name UTF8String, origin UTF8String, licence UTF8String, dated INTEGER }
//! Entry  ::= SEQUENCE { key OCTET STRING, record Record }
//! Record ::= SEQUENCE {
//!     purposes         INTEGER,                  -- bit n: ListedPurpose::ALL[n]
//!     source           INTEGER,                  -- position in sources
//!     name             UTF8String,
//!     issuedBefore     [0] Limit OPTIONAL,
//!     disallowedSince  [1] Limit OPTIONAL,
//!     certificate      Certificate }
//! Limit ::= SEQUENCE { at INTEGER, purposes INTEGER }
//! ```
//! `key` is the start of the SHA-256 digest of the certificate's name in canonical form.

use std::borrow::Cow;
use std::fmt;

use super::{AnchorSourceInfo, Entry, Limit, ListedAnchor, NameKey, Purposes, TrustBundle};
use crate::encoding::asn1::{self, ErrorKind, Reader, Rules, encode, encode_sequence, encode_unsigned, tag};
use crate::encoding::x509::Certificate;
use crate::time::Time;

/// The version of the format.
const VERSION: u64 = 1;

const ISSUED_BEFORE: u8 = 0xa0;
const DISALLOWED_SINCE: u8 = 0xa1;

/// Why bytes are no trust bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BundleError(asn1::Error);

impl fmt::Display for BundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a trust bundle: {}", self.0)
    }
}

impl std::error::Error for BundleError {}

impl TrustBundle {
    /// Reads a bundle and every anchor in it.
    ///
    /// # Errors
    /// If it is none, or any part of it is broken.
    pub fn from_der(der: &[u8]) -> Result<Self, BundleError> {
        let parts = read(der).map_err(BundleError)?;
        let mut bundle = Self { dated: parts.dated, sources: parts.sources, entries: Vec::new() };
        for (_, record) in parts.entries {
            let anchor = decode_anchor(record, &bundle.sources).map_err(BundleError)?;
            // The keys of the file are not believed: they decide what is found.
            bundle.insert(&anchor);
        }
        Ok(bundle)
    }

    /// Reads a bundle that was made by [`TrustBundle::to_der`], without reading its anchors.
    pub(super) fn from_static(der: &'static [u8]) -> Result<Self, BundleError> {
        let Parts { dated, sources, entries } = read(der).map_err(BundleError)?;
        let entry = |(key, record)| Entry { key, record: Cow::Borrowed(record) };
        Ok(Self { dated, sources, entries: entries.into_iter().map(entry).collect() })
    }

    /// The file of this bundle. Equal bundles have equal files.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let sources: Vec<Vec<u8>> = self.sources.iter().map(encode_source).collect();
        let entry = |entry: &Entry| encode_sequence(&[encode(tag::OCTET_STRING, &entry.key.0), entry.record.to_vec()]);
        let entries: Vec<Vec<u8>> = self.entries.iter().map(entry).collect();
        encode_sequence(&[
            encode_number(VERSION),
            encode_date(self.dated),
            encode_sequence(&sources),
            encode_sequence(&entries),
        ])
    }
}

struct Parts<'a> {
    dated: Option<Time>,
    sources: Vec<AnchorSourceInfo>,
    entries: Vec<(NameKey, &'a [u8])>,
}

fn read(der: &[u8]) -> Result<Parts<'_>, asn1::Error> {
    let mut outer = Reader::new(der, Rules::Der);
    let mut fields = outer.sequence()?;
    outer.finish()?;
    let at = fields.error(ErrorKind::BadValue);
    if fields.u64()? != VERSION {
        return Err(at);
    }
    let dated = read_date(&mut fields)?;
    let mut list = fields.sequence()?;
    let mut sources = Vec::new();
    while !list.is_empty() {
        sources.push(read_source(&mut list)?);
    }
    let mut list = fields.sequence()?;
    fields.finish()?;
    let mut entries = Vec::new();
    while !list.is_empty() {
        let mut entry = list.sequence()?;
        let at = entry.error(ErrorKind::BadValue);
        let key = entry.octet_string()?.try_into().map_err(|_| at)?;
        entries.push((NameKey(key), entry.expect(tag::SEQUENCE)?.raw));
        entry.finish()?;
    }
    Ok(Parts { dated, sources, entries })
}

fn read_source(list: &mut Reader<'_>) -> Result<AnchorSourceInfo, asn1::Error> {
    let mut fields = list.sequence()?;
    let source = AnchorSourceInfo {
        name: read_text(&mut fields)?,
        origin: read_text(&mut fields)?,
        licence: read_text(&mut fields)?,
        dated: read_date(&mut fields)?,
    };
    fields.finish()?;
    Ok(source)
}

fn encode_source(source: &AnchorSourceInfo) -> Vec<u8> {
    let text = |text: &str| encode(tag::UTF8_STRING, text.as_bytes());
    encode_sequence(&[text(&source.name), text(&source.origin), text(&source.licence), encode_date(source.dated)])
}

/// The record of an anchor whose source is at this position.
pub(super) fn encode_anchor(anchor: &ListedAnchor, source: usize) -> Vec<u8> {
    let limit = |tag: u8, limit: Option<Limit>| {
        let content =
            |limit: Limit| [encode_date(Some(limit.at)), encode_number(limit.purposes.bits().into())].concat();
        limit.map_or_else(Vec::new, |limit| encode(tag, &content(limit)))
    };
    encode_sequence(&[
        encode_number(anchor.purposes.bits().into()),
        encode_number(source.try_into().unwrap_or_default()),
        encode(tag::UTF8_STRING, anchor.name.as_bytes()),
        limit(ISSUED_BEFORE, anchor.issued_before),
        limit(DISALLOWED_SINCE, anchor.disallowed_since),
        anchor.certificate.der().to_vec(),
    ])
}

/// Reads the record of an anchor.
pub(super) fn decode_anchor(record: &[u8], sources: &[AnchorSourceInfo]) -> Result<ListedAnchor, asn1::Error> {
    let mut fields = Reader::new(record, Rules::Der).sequence()?;
    let at = fields.error(ErrorKind::BadValue);
    let purposes = read_purposes(&mut fields)?;
    let position = usize::try_from(fields.u64()?).map_err(|_| at)?;
    let source = sources.get(position).ok_or(at)?.clone();
    let name = read_text(&mut fields)?;
    let issued_before = read_limit(&mut fields, ISSUED_BEFORE)?;
    let disallowed_since = read_limit(&mut fields, DISALLOWED_SINCE)?;
    let at = fields.error(ErrorKind::BadValue);
    // What is left is the certificate, which some issuers wrote in BER.
    let certificate = Certificate::from_der(fields.rest()).map_err(|_| at)?;
    Ok(ListedAnchor { certificate, purposes, issued_before, disallowed_since, name, source })
}

fn read_limit(fields: &mut Reader<'_>, tag: u8) -> Result<Option<Limit>, asn1::Error> {
    let Some(element) = fields.optional(tag)? else { return Ok(None) };
    let mut content = fields.within(&element);
    let at = read_instant(&mut content)?;
    let purposes = read_purposes(&mut content)?;
    content.finish()?;
    Ok(Some(Limit { at, purposes }))
}

fn read_purposes(fields: &mut Reader<'_>) -> Result<Purposes, asn1::Error> {
    let at = fields.error(ErrorKind::BadValue);
    Ok(Purposes::from_bits(u32::try_from(fields.u64()?).map_err(|_| at)?))
}

fn read_text(fields: &mut Reader<'_>) -> Result<String, asn1::Error> {
    let at = fields.error(ErrorKind::BadValue);
    let text = fields.expect(tag::UTF8_STRING)?.content;
    String::from_utf8(text.to_vec()).map_err(|_| at)
}

fn read_instant(fields: &mut Reader<'_>) -> Result<Time, asn1::Error> {
    let at = fields.error(ErrorKind::BadValue);
    Ok(Time::from_unix(i64::try_from(fields.u64()?).map_err(|_| at)?))
}

fn read_date(fields: &mut Reader<'_>) -> Result<Option<Time>, asn1::Error> {
    Ok(Some(read_instant(fields)?).filter(|instant| instant.unix() != 0))
}

/// Instants before 1970 are written as 1970: no limit of any list is older.
fn encode_date(date: Option<Time>) -> Vec<u8> {
    encode_number(date.and_then(|date| u64::try_from(date.unix()).ok()).unwrap_or_default())
}

fn encode_number(number: u64) -> Vec<u8> {
    encode_unsigned(&number.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_is_read_back_as_it_was_written() {
        let bundle = TrustBundle::built_in();
        let der = bundle.to_der();
        assert_eq!(der, super::super::BUILT_IN);
        let again = TrustBundle::from_der(&der).unwrap();
        assert_eq!((again.dated(), again.sources(), again.to_der()), (bundle.dated(), bundle.sources(), der));
    }

    #[test]
    fn a_limit_at_the_epoch_stays_a_limit() {
        let mut anchor = TrustBundle::built_in().anchors().next().unwrap();
        anchor.disallowed_since = Some(Limit { at: Time::from_unix(0), purposes: Purposes::ALL });
        let record = encode_anchor(&anchor, 0);
        let sources = [anchor.source.clone()];
        assert_eq!(decode_anchor(&record, &sources), Ok(anchor));
    }

    #[test]
    fn broken_files_are_errors() {
        let der = TrustBundle::built_in().to_der();
        assert!(TrustBundle::from_der(&[]).is_err());
        assert!(TrustBundle::from_der(&der[..der.len() - 1]).is_err());
        assert!(TrustBundle::from_der(&[&der[..], &[0]].concat()).is_err());
        for position in 0..200 {
            let mut changed = der.clone();
            changed[position] ^= 0x55;
            // Some changes are to texts and numbers that may have any value: then it is another bundle.
            if let Ok(bundle) = TrustBundle::from_der(&changed) {
                assert_ne!(bundle.to_der(), der);
            }
        }
    }
}

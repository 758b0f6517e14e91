//! The attribute certificate table: `WIN_CERTIFICATE` entries, each aligned to eight bytes.

use std::ops::Range;

use super::{Fault, Image, le16, le32, read, read_up_to};
use crate::artifact::{ReadError, Source};

/// Bytes of a `WIN_CERTIFICATE` before its certificate.
const HEADER: u64 = 8;
/// `WIN_CERT_REVISION_2_0`.
const REVISION_2: u16 = 0x0200;
/// `WIN_CERT_TYPE_PKCS_SIGNED_DATA`.
const PKCS_SIGNED_DATA: u16 = 0x0002;

/// One `WIN_CERTIFICATE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The whole entry, header included, alignment not.
    pub range: Range<u64>,
    /// `wRevision`.
    pub revision: u16,
    /// `wCertificateType`.
    pub kind: u16,
}

impl Entry {
    /// Whether revision and type are those that carry Authenticode.
    #[must_use]
    pub const fn is_signed_data(&self) -> bool {
        self.revision == REVISION_2 && self.kind == PKCS_SIGNED_DATA
    }

    /// The bytes after the header.
    #[must_use]
    pub const fn certificate(&self) -> Range<u64> {
        self.range.start.saturating_add(HEADER)..self.range.end
    }
}

/// The entries of a certificate table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The entries, in order.
    pub entries: Vec<Entry>,
    /// Bytes of the table after the last entry that are not its alignment.
    pub rest: Option<Range<u64>>,
    /// Why reading ended before the end of the table.
    pub fault: Option<Fault>,
    /// Whether more than the permitted number of entries are there.
    pub cut: bool,
}

impl Table {
    /// Reads at most `limit` entries of the image's certificate table.
    ///
    /// # Errors
    /// If the bytes cannot be read.
    pub fn read(image: &Image, source: &dyn Source, limit: usize) -> Result<Self, ReadError> {
        let mut found = Self::default();
        let Some(table) = image.table.clone() else { return Ok(found) };
        let mut position = table.start;
        while position < table.end {
            if found.entries.len() >= limit {
                found.cut = true;
                return Ok(found);
            }
            match read_entry(source, position, table.end)? {
                Ok(entry) => {
                    position = entry.range.end.checked_next_multiple_of(8).unwrap_or(u64::MAX);
                    found.entries.push(entry);
                }
                Err(fault) => {
                    found.rest = Some(position..table.end);
                    found.fault = (!is_zero(source, position..table.end)?).then_some(fault);
                    break;
                }
            }
        }
        Ok(found)
    }
}

fn read_entry(source: &dyn Source, offset: u64, table_end: u64) -> Result<Result<Entry, Fault>, ReadError> {
    let header = read::<8>(source, offset)?.unwrap_or_default();
    let length = u64::from(le32(&header, 0));
    let end = offset.saturating_add(length);
    if length < HEADER || end > table_end {
        return Ok(Err(Fault::EntryOutOfBounds { offset, length, table_end }));
    }
    Ok(Ok(Entry { range: offset..end, revision: le16(&header, 4), kind: le16(&header, 6) }))
}

/// Bytes of a table's rest that are looked at to tell padding from content; more is content.
const PADDING_LOOKED_AT: usize = 4096;

fn is_zero(source: &dyn Source, range: Range<u64>) -> Result<bool, ReadError> {
    let length = range.end.saturating_sub(range.start);
    let bytes = read_up_to(source, range.start, usize::try_from(length).unwrap_or(usize::MAX).min(PADDING_LOOKED_AT))?;
    Ok(bytes.len() as u64 == length && bytes.iter().all(|byte| *byte == 0))
}

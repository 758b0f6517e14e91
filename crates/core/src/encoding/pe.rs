//! PE/COFF and EFI images (Microsoft "PE Format" specification), read by range and tolerant of lies.
//!
//! Only what signatures need is read: where the headers, sections and the certificate table lie. What
//! contradicts itself becomes a [`Fault`], never a panic and never silence. The digest ranges follow
//! "Windows Authenticode Portable Executable Signature Format" (2008-03-21), "Calculating the PE Image
//! Hash", in the form that Windows computes: every byte of the file in order, without the checksum, the
//! security directory entry and the certificate table. That form also covers gaps between sections and
//! bytes after the table.

mod pages;
mod table;

use std::fmt;
use std::ops::Range;

use crate::artifact::{HashJob, ReadError, Source};
use crate::crypto::DigestAlgorithm;

pub use pages::Page;
pub use table::{Entry, Table};

/// Offset of `e_lfanew` in the MS-DOS header.
const LFANEW: u64 = 0x3c;
/// Bytes of the signature `PE\0\0` and the COFF file header.
const COFF: usize = 24;
/// Offset of `CheckSum` in the optional header, the same for PE32 and PE32+.
const CHECKSUM: u64 = 64;
/// Offset of `SizeOfHeaders` in the optional header, the same for both.
const SIZE_OF_HEADERS: usize = 60;
/// Offset of `SectionAlignment` in the optional header, the same for both.
const SECTION_ALIGNMENT: usize = 32;
/// Number of the security directory among the data directories.
const SECURITY: u64 = 4;
/// Bytes of one data directory.
const DIRECTORY: u64 = 8;
/// Bytes of one section header.
const SECTION: usize = 40;
/// Bytes of the optional header up to the data directories (PE32+, the longer one).
const OPTIONAL: usize = 112;

/// What in a file contradicts itself, with its offsets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The security directory names bytes outside of the file, or no bytes.
    DirectoryOutOfBounds {
        /// The file offset it names.
        offset: u64,
        /// The size it names.
        size: u64,
        /// Bytes of the file.
        file: u64,
    },
    /// The optional header counts a security directory that its own size leaves no room for.
    DirectoryOutsideHeader,
    /// The certificate table overlaps the headers or a section.
    TableOverlapsContent {
        /// The table.
        table: Range<u64>,
        /// What it overlaps.
        content: Range<u64>,
    },
    /// An entry of the certificate table is longer than the table or shorter than its own header.
    EntryOutOfBounds {
        /// Where the entry begins.
        offset: u64,
        /// The length it names.
        length: u64,
        /// Where the table ends.
        table_end: u64,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DirectoryOutOfBounds { offset, size, file } => {
                write!(f, "the security directory names {size} bytes at {offset}; the file has {file}")
            }
            Self::DirectoryOutsideHeader => {
                write!(f, "the optional header counts more data directories than it has room for")
            }
            Self::TableOverlapsContent { table, content } => write!(
                f,
                "the certificate table at {}..{} overlaps content at {}..{}",
                table.start, table.end, content.start, content.end
            ),
            Self::EntryOutOfBounds { offset, length, table_end } => {
                write!(f, "the entry at {offset} names a length of {length}; the table ends at {table_end}")
            }
        }
    }
}

/// Where a section's data lies in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// `PointerToRawData` and `SizeOfRawData`, as found: may point outside of the file.
    pub raw: Range<u64>,
}

/// A PE image: where its parts lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Bytes of the file.
    pub length: u64,
    /// File offset of the four bytes of `CheckSum`.
    pub checksum: u64,
    /// File offset of the security directory, if the header has one.
    pub security_directory: Option<u64>,
    /// `SizeOfHeaders`, as found.
    pub headers: u64,
    /// `SectionAlignment`, as found.
    pub section_alignment: u64,
    /// The sections, in the order of their headers.
    pub sections: Vec<Section>,
    /// The certificate table's place as the directory names it, cut to the file; `None` if unsigned.
    pub table: Option<Range<u64>>,
    /// What contradicts itself.
    pub faults: Vec<Fault>,
}

impl Image {
    /// Reads the headers, or finds that this is no PE image: `None`.
    ///
    /// # Errors
    /// If the bytes cannot be read.
    pub fn open(source: &dyn Source) -> Result<Option<Self>, ReadError> {
        let Some(pe) = find_header(source)? else { return Ok(None) };
        let Some(coff) = read::<COFF>(source, pe)? else { return Ok(None) };
        let optional = pe.saturating_add(COFF as u64);
        let header = read_up_to(source, optional, OPTIONAL)?;
        let Some(directories) = Directories::locate(&coff, &header, optional) else { return Ok(None) };
        let mut image = Self {
            length: source.len(),
            checksum: optional.saturating_add(CHECKSUM),
            security_directory: directories.security,
            headers: u64::from(le32(&header, SIZE_OF_HEADERS)),
            section_alignment: u64::from(le32(&header, SECTION_ALIGNMENT)),
            sections: read_sections(source, &coff, optional)?,
            table: None,
            faults: Vec::new(),
        };
        image.locate_table(source, directories.fits)?;
        Ok(Some(image))
    }

    fn locate_table(&mut self, source: &dyn Source, fits: bool) -> Result<(), ReadError> {
        let Some(at) = self.security_directory else { return Ok(()) };
        let Some(entry) = read::<8>(source, at)? else { return Ok(()) };
        let (offset, size) = (u64::from(le32(&entry, 0)), u64::from(le32(&entry, 4)));
        if offset == 0 && size == 0 {
            return Ok(());
        }
        let end = offset.saturating_add(size);
        if !fits {
            self.faults.push(Fault::DirectoryOutsideHeader);
        }
        if offset == 0 || size == 0 || end > self.length {
            self.faults.push(Fault::DirectoryOutOfBounds { offset, size, file: self.length });
        }
        let table = offset.min(self.length)..end.min(self.length);
        self.faults.extend(self.overlap(&table));
        self.table = Some(table);
        Ok(())
    }

    fn overlap(&self, table: &Range<u64>) -> Option<Fault> {
        let headers = 0..self.headers;
        let mut contents = std::iter::once(&headers).chain(self.sections.iter().map(|section| &section.raw));
        let content = contents.find(|content| content.start < table.end && table.start < content.end)?;
        Some(Fault::TableOverlapsContent { table: table.clone(), content: content.clone() })
    }

    /// The parts of the file that no image digest covers: checksum, security directory, certificate table.
    fn left_out(&self) -> [Range<u64>; 3] {
        let part = |start: u64, length: u64| start..start.saturating_add(length);
        let directory = self.security_directory.map_or(0..0, |at| part(at, DIRECTORY));
        [part(self.checksum, 4), directory, self.table.clone().unwrap_or(0..0)]
    }

    /// The bytes of `range` that the image digest covers, in file order.
    fn covered(&self, range: Range<u64>) -> Vec<Range<u64>> {
        let mut left_out = self.left_out();
        left_out.sort_by_key(|part| part.start);
        let end = range.end.min(self.length);
        let mut position = range.start;
        let mut covered = Vec::new();
        for part in left_out.into_iter().filter(|part| part.start < part.end) {
            covered.push(position..part.start.clamp(position, end.max(position)));
            position = position.max(part.end);
        }
        covered.push(position..end.max(position));
        covered.retain(|part| part.start < part.end);
        covered
    }

    /// The image digest. A file without a table is padded with zeros to a multiple of eight, as signing
    /// would pad it.
    #[must_use]
    pub fn digest_job(&self, algorithm: DigestAlgorithm) -> HashJob {
        let zero_padding = match self.table {
            Some(_) => 0,
            None => self.length.wrapping_neg() % 8,
        };
        HashJob { algorithm, ranges: self.covered(0..self.length), zero_padding }
    }

    /// How many bytes of the file the image digest covers.
    #[must_use]
    pub fn covered_bytes(&self) -> u64 {
        let ranges = self.covered(0..self.length);
        ranges.iter().fold(0, |sum, range| sum.saturating_add(range.end.saturating_sub(range.start)))
    }
}

/// Where the data directories are.
struct Directories {
    security: Option<u64>,
    fits: bool,
}

impl Directories {
    fn locate(coff: &[u8], header: &[u8], optional: u64) -> Option<Self> {
        let (count_at, first) = match le16(header, 0) {
            0x10b => (92, 96),
            0x20b => (108, 112),
            _ => return None,
        };
        let count = u64::from(le32(header, count_at));
        let offset = DIRECTORY.saturating_mul(SECURITY).saturating_add(first);
        let fits = offset.saturating_add(DIRECTORY) <= u64::from(le16(coff, 20));
        Some(Self { security: (count > SECURITY).then(|| optional.saturating_add(offset)), fits })
    }
}

fn find_header(source: &dyn Source) -> Result<Option<u64>, ReadError> {
    let Some(dos) = read::<2>(source, 0)? else { return Ok(None) };
    let Some(lfanew) = read::<4>(source, LFANEW)? else { return Ok(None) };
    let pe = u64::from(u32::from_le_bytes(lfanew));
    let signature = read::<4>(source, pe)?;
    Ok((dos == *b"MZ" && signature == Some(*b"PE\0\0")).then_some(pe))
}

/// Whether a file that starts like this may be a PE image. Beyond `head` its header is not looked for.
#[must_use]
pub fn detect(head: &[u8]) -> bool {
    let lfanew = usize::try_from(le32(head, 0x3c)).unwrap_or(usize::MAX);
    let signature = head.get(lfanew..).and_then(|rest| rest.get(..4));
    head.starts_with(b"MZ") && head.len() >= 0x40 && signature.is_none_or(|found| found == b"PE\0\0")
}

fn read_sections(source: &dyn Source, coff: &[u8], optional: u64) -> Result<Vec<Section>, ReadError> {
    let count = usize::from(le16(coff, 6));
    let start = optional.saturating_add(u64::from(le16(coff, 20)));
    // At most 65,535 headers of 40 bytes: 2.6 MB.
    let bytes = read_up_to(source, start, count.saturating_mul(SECTION))?;
    let sections = bytes.chunks_exact(SECTION).map(|header| {
        let (size, pointer) = (u64::from(le32(header, 16)), u64::from(le32(header, 20)));
        // A section without data (`.bss`) names no place in the file.
        let end = pointer.saturating_add(size);
        Section { raw: if pointer == 0 { 0..0 } else { pointer..end } }
    });
    Ok(sections.filter(|section| section.raw.start < section.raw.end).collect())
}

/// `N` bytes at `offset`, or `None` if the file ends before.
fn read<const N: usize>(source: &dyn Source, offset: u64) -> Result<Option<[u8; N]>, ReadError> {
    if offset.checked_add(N as u64).is_none_or(|end| end > source.len()) {
        return Ok(None);
    }
    let mut buffer = [0; N];
    source.read_exact_at(offset, &mut buffer)?;
    Ok(Some(buffer))
}

/// Up to `length` bytes at `offset`: as many as the file has.
fn read_up_to(source: &dyn Source, offset: u64, length: usize) -> Result<Vec<u8>, ReadError> {
    let left = source.len().saturating_sub(offset);
    let length = usize::try_from(left).unwrap_or(length).min(length);
    let mut buffer = vec![0; length];
    if length > 0 {
        source.read_exact_at(offset, &mut buffer)?;
    }
    Ok(buffer)
}

/// The 16-bit little-endian number at `at`; zero where the bytes end before.
fn le16(bytes: &[u8], at: usize) -> u16 {
    let field = bytes.get(at..).and_then(|rest| rest.first_chunk::<2>());
    field.map_or(0, |field| u16::from_le_bytes(*field))
}

/// The 32-bit little-endian number at `at`; zero where the bytes end before.
fn le32(bytes: &[u8], at: usize) -> u32 {
    let field = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>());
    field.map_or(0, |field| u32::from_le_bytes(*field))
}

#[cfg(test)]
mod tests;

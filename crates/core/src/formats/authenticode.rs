//! Authenticode in PE and EFI images: every entry of the certificate table and every signature nested in one,
//! each reported on its own.

mod coverage;
mod judge;
pub(crate) mod spc;
mod tree;

use std::collections::BTreeSet;

use crate::artifact::{HashJob, ReadError, Source};
use crate::crypto::DigestAlgorithm;
use crate::encoding::cms::SignedData;
use crate::encoding::pe::{self, Entry, Image, Page, Table};
use crate::formats::{Context, Format, Found, Pending, Reader, Reading};
use crate::material::Limits;

use self::spc::IndirectData;
use self::tree::Tree;

/// Authenticode in PE and EFI images.
pub static ENTRY: Format = Format {
    id: ID,
    title: "Authenticode in PE and EFI images",
    specification: "Windows Authenticode Portable Executable Signature Format, 2008-03-21",
    reader: Reader::Embedded { container: "pe", detect: pe::detect, open },
};

const ID: &str = "authenticode";

/// Pages whose hashes are checked: half a gigabyte of image, at some 350 bytes of memory a page.
const MAX_PAGES: u64 = 131_072;

/// The signatures of one image, waiting for its digests.
struct Signatures {
    image: Image,
    table: Table,
    /// The certificates of the readable entries, with the number of their entry.
    blobs: Vec<(usize, Vec<u8>)>,
    /// Entries that are too large to be read.
    too_large: Vec<usize>,
    /// First bytes of alignment after an entry that are not zero, with the number of the entry.
    odd_alignment: Vec<usize>,
    tree: Tree,
    algorithms: Vec<DigestAlgorithm>,
    paged: Vec<Paged>,
}

/// The pages of the image for one digest algorithm.
struct Paged {
    algorithm: DigestAlgorithm,
    pages: Vec<Page>,
    end: u64,
}

fn open(source: &dyn Source, limits: &Limits) -> Result<Reading, ReadError> {
    let Some(image) = Image::open(source)? else { return Ok(Box::new(NotPe)) };
    // One place is kept for the word that there are more.
    let most = limits.signatures.saturating_sub(1);
    let table = Table::read(&image, source, most)?;
    let mut found = Signatures {
        image,
        table,
        blobs: Vec::new(),
        too_large: Vec::new(),
        odd_alignment: Vec::new(),
        tree: Tree::default(),
        algorithms: Vec::new(),
        paged: Vec::new(),
    };
    found.read_blobs(source, limits)?;
    found.tree = Tree::grow(&found.blobs, most, limits.depth);
    found.plan();
    Ok(Box::new(found))
}

/// A file that starts like a PE image and is none has no signature.
struct NotPe;

impl Pending for NotPe {
    fn judge(self: Box<Self>, _: &Context<'_>) -> Found {
        Found::default()
    }
}

impl Signatures {
    fn read_blobs(&mut self, source: &dyn Source, limits: &Limits) -> Result<(), ReadError> {
        let mut left = limits.memory_bytes;
        for (number, entry) in (1..).zip(&self.table.entries) {
            if has_odd_alignment(source, entry, &self.image)? {
                self.odd_alignment.push(number);
            }
            if !entry.is_signed_data() {
                continue;
            }
            let place = entry.certificate();
            let length = place.end.saturating_sub(place.start);
            match (left.checked_sub(length), usize::try_from(length)) {
                (Some(rest), Ok(length)) => {
                    let mut bytes = vec![0; length];
                    source.read_exact_at(place.start, &mut bytes)?;
                    self.blobs.push((number, bytes));
                    left = rest;
                }
                _ => self.too_large.push(number),
            }
        }
        Ok(())
    }

    /// Finds out which digests the signatures need, each once.
    fn plan(&mut self) {
        let mut algorithms = BTreeSet::new();
        let mut page_algorithms = BTreeSet::new();
        for node in &self.tree.nodes {
            let bytes = self.blobs.get(node.blob).and_then(|(_, bytes)| bytes.get(node.range.clone()));
            let Some(Ok(signed)) = bytes.map(SignedData::parse) else { continue };
            let content = signed.content.octets.as_deref().unwrap_or_default();
            let Ok(data) = IndirectData::read(content) else { continue };
            algorithms.extend(data.digest_algorithm());
            page_algorithms.extend(data.page_hashes().ok().flatten().map(|hashes| hashes.algorithm));
        }
        self.algorithms = algorithms.into_iter().collect();
        if self.image.page_count() <= MAX_PAGES {
            let paged = page_algorithms.into_iter().map(|algorithm| {
                let (pages, end) = self.image.pages(algorithm);
                Paged { algorithm, pages, end }
            });
            self.paged = paged.collect();
        }
    }
}

/// Whether bytes that only align the next entry are not zero.
fn has_odd_alignment(source: &dyn Source, entry: &Entry, image: &Image) -> Result<bool, ReadError> {
    let table_end = image.table.as_ref().map_or(0, |table| table.end);
    let end = entry.range.end.next_multiple_of(8).min(table_end);
    let mut bytes = [0_u8; 8];
    let length = usize::try_from(end.saturating_sub(entry.range.end)).unwrap_or(0);
    let Some(bytes) = bytes.get_mut(..length) else { return Ok(false) };
    source.read_exact_at(entry.range.end, bytes)?;
    Ok(bytes.iter().any(|byte| *byte != 0))
}

impl Pending for Signatures {
    fn jobs(&self) -> Vec<HashJob> {
        let whole = self.algorithms.iter().map(|algorithm| self.image.digest_job(*algorithm));
        let pages = self.paged.iter().flat_map(|paged| &paged.pages).map(|page| page.job.clone());
        whole.chain(pages).collect()
    }

    fn judge(self: Box<Self>, context: &Context<'_>) -> Found {
        judge::all(&self, context)
    }
}

#[cfg(any(test, feature = "minting"))]
pub mod fixtures;
#[cfg(test)]
mod tests;

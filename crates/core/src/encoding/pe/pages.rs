//! Page hashes: one digest per memory page, so that Windows can check a page when it is loaded.
//!
//! The specification leaves their computation out; this follows what Windows signing tools write: first the
//! headers, then each section's data page by page, the last page of each filled up with zeros.

use super::{Image, Section};
use crate::artifact::HashJob;
use crate::crypto::DigestAlgorithm;

/// The page size where the header names none that can be one.
const USUAL_PAGE: u64 = 4096;
/// The largest page size of the machines that Windows ran on, with room.
const LARGEST_PAGE: u64 = 64 * 1024;

/// One page of the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// File offset at which it begins.
    pub offset: u64,
    /// How its digest is computed.
    pub job: HashJob,
}

impl Image {
    fn page_size(&self) -> u64 {
        let named = self.section_alignment;
        if named.is_power_of_two() && (USUAL_PAGE..=LARGEST_PAGE).contains(&named) { named } else { USUAL_PAGE }
    }

    /// How many pages the image has.
    #[must_use]
    pub fn page_count(&self) -> u64 {
        let pages = |section: &Section| self.clip(section).1.div_ceil(self.page_size());
        self.sections.iter().fold(1, |sum, section| sum.saturating_add(pages(section)))
    }

    /// Every page with its digest job, in the order of a page-hash table, and the offset that ends the table.
    #[must_use]
    pub fn pages(&self, algorithm: DigestAlgorithm) -> (Vec<Page>, u64) {
        let size = self.page_size();
        let headers = HashJob {
            algorithm,
            ranges: self.covered(0..self.headers),
            zero_padding: size.saturating_sub(self.headers),
        };
        let mut pages = vec![Page { offset: 0, job: headers }];
        let mut end = self.headers;
        for section in &self.sections {
            let (start, length) = self.clip(section);
            for page in 0..length.div_ceil(size) {
                let from = start.saturating_add(page.saturating_mul(size));
                let to = from.saturating_add(size).min(start.saturating_add(length));
                let zero_padding = size.saturating_sub(to.saturating_sub(from));
                let job = HashJob { algorithm, ranges: std::iter::once(from..to).collect(), zero_padding };
                pages.push(Page { offset: from, job });
            }
            end = start.saturating_add(length);
        }
        (pages, end)
    }

    /// Start and length of a section's data, cut to the file.
    fn clip(&self, section: &Section) -> (u64, u64) {
        let start = section.raw.start.min(self.length);
        (start, section.raw.end.min(self.length).saturating_sub(start))
    }
}

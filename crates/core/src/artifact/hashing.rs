//! One pass over the bytes for all digests that any signature needs.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::Scope;

use super::{ReadError, Source};
use crate::crypto::{Digest, DigestAlgorithm, Hasher};

/// Bytes read at once. Larger blocks were not faster (docs/performance.md).
const BLOCK: usize = 256 * 1024;
/// Blocks that may wait for a hashing thread, so that memory stays bounded.
const BLOCKS_IN_FLIGHT: usize = 8;
/// Below this many bytes a thread costs more than it saves.
const WORTH_A_THREAD: u64 = 4 * 1024 * 1024;

/// A digest to compute: an algorithm over ranges of the artifact, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashJob {
    /// The digest algorithm.
    pub algorithm: DigestAlgorithm,
    /// Ranges of the artifact, ascending and without overlap.
    pub ranges: Vec<Range<u64>>,
    /// Zero bytes hashed after the last range.
    pub zero_padding: u64,
}

/// The digests of a list of jobs, in its order.
pub type Hashed = Vec<Digest>;

impl HashJob {
    /// The digest of the whole artifact.
    #[must_use]
    pub fn whole(algorithm: DigestAlgorithm, length: u64) -> Self {
        Self { algorithm, ranges: std::iter::once(0..length).collect(), zero_padding: 0 }
    }

    fn bytes(&self) -> u64 {
        self.ranges.iter().fold(0, |sum, range| sum.saturating_add(range.end.saturating_sub(range.start)))
    }

    fn end(&self) -> u64 {
        self.ranges.last().map_or(0, |range| range.end)
    }

    /// Time relative to SHA-256 (docs/performance.md).
    fn cost(&self) -> u64 {
        let factor = match self.algorithm {
            DigestAlgorithm::Sha256 => 1,
            DigestAlgorithm::Md5 | DigestAlgorithm::Sha384 | DigestAlgorithm::Sha512 => 3,
            DigestAlgorithm::Sha1 => 5,
        };
        self.bytes().saturating_mul(factor)
    }
}

/// Computes every job in one pass over `source`, on at most `threads` threads.
///
/// Each block is read once and shared by all jobs, so that every digest is of the same bytes.
///
/// # Errors
/// If the source cannot be read.
pub fn hash_pass(source: &dyn Source, jobs: &[HashJob], threads: usize) -> Result<Hashed, ReadError> {
    let mut lanes = into_lanes(jobs, threads, source.len());
    let end = jobs.iter().map(HashJob::end).max().unwrap_or(0);
    if let [lane] = lanes.as_mut_slice() {
        read_blocks(source, end, |offset, block| lane.update(offset, block))?;
    } else {
        std::thread::scope(|scope| {
            let senders: Vec<_> = lanes.iter_mut().map(|lane| spawn(scope, lane)).collect();
            read_blocks(source, end, |offset, block| {
                for sender in &senders {
                    // A lane ends only when its sender is dropped, so this cannot fail before that.
                    let _ = sender.send((offset, Arc::clone(block)));
                }
            })
        })?;
    }
    let mut finished: Vec<(usize, Digest)> = lanes.into_iter().flat_map(Lane::finish).collect();
    finished.sort_by_key(|(index, _)| *index);
    Ok(finished.into_iter().map(|(_, digest)| digest).collect())
}

type Block = Arc<Vec<u8>>;

fn spawn<'scope>(scope: &'scope Scope<'scope, '_>, lane: &'scope mut Lane) -> SyncSender<(u64, Block)> {
    let (sender, receiver) = sync_channel::<(u64, Block)>(BLOCKS_IN_FLIGHT);
    scope.spawn(move || {
        for (offset, block) in receiver {
            lane.update(offset, &block);
        }
    });
    sender
}

fn read_blocks(source: &dyn Source, end: u64, mut each: impl FnMut(u64, &Block)) -> Result<(), ReadError> {
    let mut offset = 0;
    let mut block = Block::default();
    while offset < end {
        let left = end.saturating_sub(offset);
        let length = usize::try_from(left).unwrap_or(BLOCK).min(BLOCK);
        // The buffer is reused once no hashing thread holds it.
        if Arc::get_mut(&mut block).is_none() {
            block = Block::default();
        }
        if let Some(buffer) = Arc::get_mut(&mut block) {
            buffer.resize(length, 0);
            source.read_exact_at(offset, buffer)?;
        }
        each(offset, &block);
        offset = offset.saturating_add(length as u64);
    }
    Ok(())
}

/// Spreads jobs over lanes, the heaviest first to the lane with the least work.
fn into_lanes(jobs: &[HashJob], threads: usize, length: u64) -> Vec<Lane> {
    let count = if length < WORTH_A_THREAD { 1 } else { threads.clamp(1, jobs.len().max(1)) };
    let mut lanes: Vec<(u64, Lane)> = (0..count).map(|_| (0, Lane::default())).collect();
    let mut order: Vec<(usize, &HashJob)> = jobs.iter().enumerate().collect();
    order.sort_by_key(|(_, job)| Reverse(job.cost()));
    for (index, job) in order {
        if let Some((load, lane)) = lanes.iter_mut().min_by_key(|(load, _)| *load) {
            *load = load.saturating_add(job.cost());
            lane.waiting.push(Running::new(index, job));
        }
    }
    let mut lanes: Vec<Lane> = lanes.into_iter().map(|(_, lane)| lane).collect();
    for lane in &mut lanes {
        lane.waiting.sort_by_key(|job| Reverse((job.start(), job.index)));
    }
    lanes
}

/// Jobs hashed by one thread: those not begun (sorted by start, the last first), those under way, and the
/// digests of those done. Page hashes come by the thousand, and only a few are under way at once.
#[derive(Default)]
struct Lane {
    waiting: Vec<Running>,
    running: Vec<Running>,
    done: Vec<(usize, Digest)>,
}

impl Lane {
    fn update(&mut self, offset: u64, block: &[u8]) {
        let end = offset.saturating_add(block.len() as u64);
        while let Some(job) = self.waiting.pop_if(|job| job.start() < end) {
            self.running.push(job);
        }
        for job in &mut self.running {
            job.update(offset, block);
        }
        self.done.extend(self.running.extract_if(.., |job| job.is_done()).map(Running::finish));
    }

    fn finish(self) -> Vec<(usize, Digest)> {
        let rest = self.running.into_iter().chain(self.waiting).map(Running::finish);
        self.done.into_iter().chain(rest).collect()
    }
}

struct Running {
    index: usize,
    algorithm: DigestAlgorithm,
    /// Made with the first bytes: page hashes wait by the hundred thousand, and a hasher has hundreds of bytes.
    hasher: Option<Hasher>,
    ranges: Vec<Range<u64>>,
    next: usize,
    zero_padding: u64,
}

impl Running {
    fn new(index: usize, job: &HashJob) -> Self {
        Self {
            index,
            algorithm: job.algorithm,
            hasher: None,
            ranges: job.ranges.clone(),
            next: 0,
            zero_padding: job.zero_padding,
        }
    }

    fn start(&self) -> u64 {
        self.ranges.first().map_or(0, |range| range.start)
    }

    fn is_done(&self) -> bool {
        self.next >= self.ranges.len()
    }

    fn update(&mut self, offset: u64, block: &[u8]) {
        let end = offset.saturating_add(block.len() as u64);
        while let Some(range) = self.ranges.get(self.next).cloned() {
            let from = range.start.max(offset);
            let to = range.end.min(end);
            if from < to {
                let slice = block.get(within(from, offset)..within(to, offset));
                self.hasher().update(slice.unwrap_or_default());
            }
            if range.end > end {
                return;
            }
            self.next = self.next.saturating_add(1);
        }
    }

    fn hasher(&mut self) -> &mut Hasher {
        self.hasher.get_or_insert_with(|| Hasher::new(self.algorithm))
    }

    fn finish(mut self) -> (usize, Digest) {
        const ZEROS: [u8; 4096] = [0; 4096];
        let mut left = self.zero_padding;
        while left > 0 {
            let count = usize::try_from(left).unwrap_or(ZEROS.len()).min(ZEROS.len());
            self.hasher().update(ZEROS.get(..count).unwrap_or_default());
            left = left.saturating_sub(count as u64);
        }
        let hasher = self.hasher.unwrap_or_else(|| Hasher::new(self.algorithm));
        (self.index, hasher.finish())
    }
}

fn within(position: u64, offset: u64) -> usize {
    usize::try_from(position.saturating_sub(offset)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::ReadErrorKind;

    fn bytes(length: usize) -> Vec<u8> {
        (0..length).map(|i| u8::try_from(i % 251).unwrap()).collect()
    }

    fn expected(data: &[u8], job: &HashJob) -> Digest {
        let mut hasher = Hasher::new(job.algorithm);
        for range in &job.ranges {
            hasher.update(&data[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()]);
        }
        hasher.update(&vec![0; usize::try_from(job.zero_padding).unwrap()]);
        hasher.finish()
    }

    #[test]
    fn every_job_gets_its_digest_on_one_thread_and_on_many() {
        let data = bytes(BLOCK * 20 + 17);
        let length = data.len() as u64;
        let mut jobs = vec![
            HashJob::whole(DigestAlgorithm::Sha256, length),
            HashJob { algorithm: DigestAlgorithm::Sha1, ranges: vec![0..100, 104..length - 3], zero_padding: 5 },
            HashJob { algorithm: DigestAlgorithm::Md5, ranges: vec![], zero_padding: 0 },
        ];
        jobs.extend((0..length / 4096).map(|page| HashJob {
            algorithm: DigestAlgorithm::Sha256,
            ranges: std::iter::once(page * 4096..page * 4096 + 1000).collect(),
            zero_padding: 3096,
        }));
        let want: Hashed = jobs.iter().map(|job| expected(&data, job)).collect();
        for threads in [1, 2, 5] {
            assert_eq!(hash_pass(&data, &jobs, threads).unwrap(), want, "{threads} threads");
        }
    }

    #[test]
    fn a_source_that_ends_early_is_an_error() {
        let jobs = [HashJob::whole(DigestAlgorithm::Sha256, 200)];
        let error = hash_pass(&bytes(100), &jobs, 1).unwrap_err();
        assert_eq!(error.kind, ReadErrorKind::Truncated);
    }
}

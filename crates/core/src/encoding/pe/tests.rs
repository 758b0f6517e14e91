use super::*;

/// A PE32 image of 1,024 bytes: 512 bytes of headers, one section of 512, and this certificate table.
fn image(table: &[u8]) -> Vec<u8> {
    let mut file = vec![0; 1024];
    file[..2].copy_from_slice(b"MZ");
    file[0x3c] = 0x40;
    file[0x40..0x44].copy_from_slice(b"PE\0\0");
    file[0x46] = 1;
    file[0x54] = 0xe0;
    let optional = 0x58;
    file[optional..optional + 2].copy_from_slice(&0x10b_u16.to_le_bytes());
    put(&mut file, optional + 32, 4096);
    put(&mut file, optional + 60, 512);
    put(&mut file, optional + 92, 16);
    put(&mut file, optional + 0xe0 + 16, 512);
    put(&mut file, optional + 0xe0 + 20, 512);
    if !table.is_empty() {
        put(&mut file, DIRECTORY_AT, 1024);
        put(&mut file, DIRECTORY_AT + 4, u32::try_from(table.len()).unwrap());
    }
    file.extend_from_slice(table);
    file
}

const DIRECTORY_AT: usize = 0x58 + 96 + 32;

fn put(file: &mut [u8], at: usize, value: u32) {
    file[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

fn entry(body: &[u8]) -> Vec<u8> {
    let mut entry = u32::try_from(body.len() + 8).unwrap().to_le_bytes().to_vec();
    entry.extend([0, 2, 2, 0]);
    entry.extend(body);
    entry.resize(entry.len().next_multiple_of(8), 0);
    entry
}

fn open(file: &dyn Source) -> Image {
    Image::open(file).unwrap().unwrap()
}

fn table(file: &dyn Source) -> Table {
    Table::read(&open(file), file, 64).unwrap()
}

#[test]
fn the_digest_leaves_out_checksum_directory_and_table() {
    let file = image(&entry(&[1; 20]));
    let image = open(&file);
    let checksum = 0x58 + 64;
    let directory = DIRECTORY_AT as u64;
    assert!(image.faults.is_empty());
    assert_eq!(
        image.digest_job(DigestAlgorithm::Sha256).ranges,
        [0..checksum, checksum + 4..directory, directory + 8..1024]
    );
    assert_eq!(image.covered_bytes(), 1024 - 12);
}

#[test]
fn bytes_after_the_table_are_part_of_the_digest() {
    let mut file = image(&entry(&[1; 24]));
    let end = file.len() as u64;
    file.extend([7; 9]);
    assert_eq!(open(&file).digest_job(DigestAlgorithm::Sha1).ranges.last(), Some(&(end..end + 9)));
}

#[test]
fn an_unsigned_file_is_padded_as_signing_would_pad_it() {
    let mut file = image(&[]);
    file.extend([7; 3]);
    let job = open(&file).digest_job(DigestAlgorithm::Sha256);
    assert_eq!((job.ranges.last().unwrap().end, job.zero_padding), (1027, 5));
    assert_eq!(open(&file).table, None);
}

#[test]
fn entries_follow_each_other_at_eight_bytes() {
    let file = image(&[entry(&[1; 3]), entry(&[2; 16])].concat());
    let table = table(&file);
    let places: Vec<_> = table.entries.iter().map(Entry::certificate).collect();
    assert_eq!(places, [1032..1035, 1048..1064]);
    assert!(table.entries.iter().all(Entry::is_signed_data));
    assert_eq!((table.rest, table.fault), (None, None));
}

#[test]
fn the_alignment_of_the_last_entry_may_be_missing() {
    let mut file = image(&entry(&[1; 3])[..11]);
    assert_eq!(table(&file).entries.len(), 1);
    file.truncate(1024 + 8);
    put(&mut file, DIRECTORY_AT + 4, 8);
    assert!(matches!(table(&file).fault, Some(Fault::EntryOutOfBounds { offset: 1024, length: 11, .. })));
}

#[test]
fn zeros_after_the_last_entry_are_padding_and_others_a_fault() {
    let zeros = table(&image(&[entry(&[1; 8]), vec![0; 24]].concat()));
    assert_eq!((zeros.rest, zeros.fault), (Some(1040..1064), None));
    let garbage = table(&image(&[entry(&[1; 8]), vec![0xee; 24]].concat()));
    assert_eq!(garbage.rest, Some(1040..1064));
    assert!(garbage.fault.is_some());
}

#[test]
fn a_table_of_thousands_is_cut() {
    let found = table(&image(&entry(&[]).repeat(10_000)));
    assert_eq!((found.entries.len(), found.cut), (64, true));
}

#[test]
fn directories_that_lie_are_faults() {
    let fault = |offset: u32, size: u32| {
        let mut file = image(&entry(&[1; 8]));
        put(&mut file, DIRECTORY_AT, offset);
        put(&mut file, DIRECTORY_AT + 4, size);
        let image = open(&file);
        // Whatever the directory says, a digest job stays within the file.
        assert!(image.digest_job(DigestAlgorithm::Sha256).ranges.iter().all(|r| r.start < r.end && r.end <= 1040));
        image.faults
    };
    assert!(matches!(fault(u32::MAX, u32::MAX)[..], [Fault::DirectoryOutOfBounds { .. }]));
    assert!(matches!(fault(1024, 0)[..], [Fault::DirectoryOutOfBounds { .. }]));
    assert!(matches!(fault(1024, 17)[..], [Fault::DirectoryOutOfBounds { .. }]));
    assert!(matches!(fault(1000, 40)[..], [Fault::TableOverlapsContent { .. }]));
    assert!(matches!(fault(0, 8)[..], [Fault::DirectoryOutOfBounds { .. }, Fault::TableOverlapsContent { .. }]));
    assert!(fault(1024, 16).is_empty());
    assert!(fault(0, 0).is_empty());
}

#[test]
fn a_header_without_room_for_its_directories_is_a_fault() {
    let mut file = image(&entry(&[1; 8]));
    file[0x54] = 100;
    assert!(open(&file).faults.contains(&Fault::DirectoryOutsideHeader));
    let mut few = image(&entry(&[1; 8]));
    put(&mut few, 0x58 + 92, 4);
    assert_eq!(open(&few).security_directory, None);
}

#[test]
fn pages_are_filled_up_with_zeros_and_end_with_the_last_section() {
    let file = image(&entry(&[1; 8]));
    let (pages, end) = open(&file).pages(DigestAlgorithm::Sha256);
    let shape: Vec<_> = pages.iter().map(|page| (page.offset, page.job.zero_padding)).collect();
    assert_eq!(shape, [(0, 4096 - 512), (512, 4096 - 512)]);
    assert_eq!(end, 1024);
    assert_eq!(open(&file).page_count(), 2);
}

#[test]
fn every_prefix_is_read_without_panic() {
    let file = image(&[entry(&[1; 8]), entry(&[2; 9])].concat());
    for length in 0..file.len() {
        let prefix = file[..length].to_vec();
        if let Some(image) = Image::open(&prefix).unwrap() {
            Table::read(&image, &prefix, 64).unwrap();
            assert!(image.digest_job(DigestAlgorithm::Md5).ranges.iter().all(|range| range.end <= length as u64));
        }
    }
    assert!(detect(&file) && !detect(&file[..0x3f]) && !detect(b"PE\0\0"));
}

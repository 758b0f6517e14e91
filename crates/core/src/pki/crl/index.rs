//! Where the entries of a long list are, by serial number.
//!
//! A list of a public CA has up to some hundred thousand entries, and a sweep asks it about thousands of
//! certificates. The index costs about as much as a few readings, once, and then some twenty comparisons per question.

use super::{CrlError, Lookup, PLAIN_ENTRY_REST, RevocationReason, minimal, read_entry};
use crate::encoding::asn1::{Reader, Rules, tag};

/// Content octets from which an index is worth its building: about 10,000 entries of the usual 30 to 40.
pub(super) const INDEXED_FROM: usize = 384 * 1024;

/// Questions that are answered by reading the list before an index is built: it costs about eight readings, and one
/// file alone asks a question or two.
pub(super) const ASKED_BEFORE: u32 = 8;

/// Offsets of entries in the content of `revokedCertificates`, sorted by serial number: four octets per entry, so
/// that even a list of the largest size with the smallest entries takes less memory than the list itself.
pub(super) struct Index {
    sorted: Vec<u32>,
    /// Every critical extension of every entry is understood.
    understood: bool,
}

impl Index {
    /// Reads every entry once.
    pub(super) fn build(content: &[u8]) -> Result<Self, CrlError> {
        let mut entries = Reader::new(content, Rules::Der);
        let (mut found, mut understood) = (Vec::new(), true);
        while !entries.is_empty() {
            // `MAX_CRL` is far below 4 GiB.
            let at = u32::try_from(entries.offset()).unwrap_or(u32::MAX);
            let mut fields = entries.sequence()?;
            found.push((minimal(fields.expect(tag::INTEGER)?.content), at));
            if fields.rest().len() > PLAIN_ENTRY_REST {
                understood &= read_entry(&mut fields)?.1;
            }
        }
        // Of equal numbers the first in the list stays first, because its offset is smaller.
        found.sort_unstable();
        Ok(Self { sorted: found.into_iter().map(|(_, at)| at).collect(), understood })
    }

    /// The first entry of a serial number that revokes it.
    pub(super) fn look_up(&self, content: &[u8], serial: &[u8]) -> Result<Lookup, CrlError> {
        let serial = minimal(serial);
        let first = self.sorted.partition_point(|at| serial_at(content, *at) < serial);
        let equal = self.sorted.iter().skip(first).take_while(|at| serial_at(content, **at) == serial);
        for at in equal {
            let mut fields = entry_at(content, *at).sequence()?;
            fields.expect(tag::INTEGER)?;
            let (entry, _) = read_entry(&mut fields)?;
            if entry.reason != Some(RevocationReason::REMOVE_FROM_CRL) {
                return Ok(Lookup::Listed(entry));
            }
        }
        Ok(if self.understood { Lookup::NotListed } else { Lookup::NotUnderstood })
    }
}

fn entry_at(content: &[u8], at: u32) -> Reader<'_> {
    let start = at as usize;
    Reader::at(content.get(start..).unwrap_or_default(), start, Rules::Der)
}

/// The serial number of the entry that begins here; every one was read when the index was built.
fn serial_at(content: &[u8], at: u32) -> &[u8] {
    let number = entry_at(content, at).sequence().and_then(|mut fields| fields.expect(tag::INTEGER));
    number.map(|number| minimal(number.content)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::scan;
    use super::*;
    use crate::encoding::asn1::{encode, encode_sequence, oid};

    fn entry(serial: &[u8], extensions: &[Vec<u8>]) -> Vec<u8> {
        let list = if extensions.is_empty() { Vec::new() } else { encode_sequence(extensions) };
        encode_sequence(&[encode(tag::INTEGER, serial), encode(tag::UTC_TIME, b"230601000000Z"), list])
    }

    fn extension(kind: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
        crate::pki::minting::extension(kind, critical, value)
    }

    /// What the index says must be what reading every entry says.
    fn agree(content: &[u8], serials: &[&[u8]]) {
        let index = Index::build(content).unwrap();
        for serial in serials {
            assert_eq!(index.look_up(content, serial), scan(content, serial), "{serial:02x?}");
        }
    }

    #[test]
    fn the_index_and_reading_every_entry_say_the_same() {
        let mut content = Vec::new();
        let mut number = 1_u32;
        for _ in 0..3000 {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let bytes = number.to_be_bytes();
            content.extend(entry(&bytes[(number % 3) as usize..], &[]));
        }
        let all: Vec<[u8; 4]> = (0..3000_u32).map(|step| step.wrapping_mul(1_432_001).to_be_bytes()).collect();
        let mut serials: Vec<&[u8]> = all.iter().map(<[u8; 4]>::as_slice).collect();
        let found: Vec<Vec<u8>> =
            Index::build(&content).unwrap().sorted.iter().map(|at| serial_at(&content, *at).to_vec()).collect();
        serials.extend(found.iter().map(Vec::as_slice));
        agree(&content, &serials);
    }

    #[test]
    fn repeated_removed_padded_and_negative_numbers_are_found_alike() {
        let remove = extension(oid::CRL_REASON, false, &encode(tag::ENUMERATED, &[8]));
        let reason = extension(oid::CRL_REASON, false, &encode(tag::ENUMERATED, &[1]));
        let content = [
            entry(&[5], &[remove]),
            entry(&[5], &[reason]),
            entry(&[5], &[]),
            entry(&[0, 0, 7], &[]),
            entry(&[0xff], &[]),
            entry(&[0, 0xff], &[]),
        ]
        .concat();
        agree(&content, &[&[5], &[7], &[0, 7], &[0xff], &[0, 0xff], &[6], &[]]);
    }

    #[test]
    fn an_entry_that_is_not_understood_leaves_absence_open_and_a_broken_one_leaves_everything_open() {
        let odd = [entry(&[5], &[extension(&[0x2a, 3], true, &[5, 0])]), entry(&[7], &[])].concat();
        agree(&odd, &[&[5], &[6], &[7]]);
        let broken = [entry(&[5], &[]), encode_sequence(&[vec![4, 1, 6]])].concat();
        assert!(Index::build(&broken).is_err());
    }
}

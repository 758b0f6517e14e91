//! The smallest PE image that verifiers take for one: headers, one section, a certificate table.

use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::encoding::asn1::{encode, encode_sequence, oid, tag};
use countersign::formats::authenticode::fixtures::entry;

use crate::cms::digest_algorithm;
use crate::names::object;

/// Length of headers, and of the section.
const HALF: usize = 512;
/// Where the optional header begins.
const OPTIONAL: usize = 0x58;
const CHECKSUM: usize = OPTIONAL + 64;
/// The entry of the certificate table among the data directories.
const DIRECTORY: usize = OPTIONAL + 96 + 4 * 8;

/// The image without a certificate table.
fn unsigned() -> Vec<u8> {
    let mut file = vec![0; 2 * HALF];
    let mut put = |at: usize, bytes: &[u8]| file.iter_mut().skip(at).zip(bytes).for_each(|(to, from)| *to = *from);
    let number = |value: u32| value.to_le_bytes();
    put(0, b"MZ");
    put(0x3c, &[0x40]);
    put(0x40, b"PE\0\0\x4c\x01\x01");
    // Size of the optional header; an executable image for 32 bits.
    put(0x54, &[0xe0, 0, 0x02, 0x01]);
    put(OPTIONAL, &[0x0b, 0x01]);
    for (offset, value) in [(4, 512), (16, 0x1000), (20, 0x1000), (28, 0x40_0000), (32, 0x1000), (36, 512)] {
        put(OPTIONAL + offset, &number(value));
    }
    // System version 4, size of image and of headers, console, directories.
    for (offset, value) in [(40, 4), (48, 4), (56, 0x2000), (60, 512), (68, 3), (92, 16)] {
        put(OPTIONAL + offset, &number(value));
    }
    let section = OPTIONAL + 0xe0;
    put(section, b".text");
    for (offset, value) in [(8, 512), (12, 0x1000), (16, 512), (20, 512), (36, 0x6000_0020)] {
        put(section + offset, &number(value));
    }
    // xor eax, eax; ret: it does nothing, should anybody start it.
    put(HALF, &[0x31, 0xc0, 0xc3]);
    file
}

/// The digest that a signature carries (Authenticode specification, "Calculating the PE Image Hash").
pub(crate) fn digest(algorithm: DigestAlgorithm) -> Digest {
    let file = unsigned();
    let skipped = |at: usize| (CHECKSUM..CHECKSUM + 4).contains(&at) || (DIRECTORY..DIRECTORY + 8).contains(&at);
    let hashed: Vec<u8> = file.iter().enumerate().filter(|(at, _)| !skipped(*at)).map(|(_, byte)| *byte).collect();
    Digest::of(algorithm, &hashed)
}

/// The content octets of `SpcIndirectDataContent` with this digest.
pub(crate) fn indirect_data(digest: &Digest) -> Vec<u8> {
    let obsolete: Vec<u8> = "<<<Obsolete>>>".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let link = encode(0xa0, &encode(0xa2, &encode(0x80, &obsolete)));
    let data = encode_sequence(&[encode(tag::BIT_STRING, &[0]), link]);
    let kind = encode_sequence(&[object(oid::SPC_PE_IMAGE_DATA), data]);
    let value = encode(tag::OCTET_STRING, digest.as_bytes());
    [kind, encode_sequence(&[digest_algorithm(digest.algorithm()), value])].concat()
}

/// The image with this signature, or with none; `changed` flips a bit that every signature covers.
pub(crate) fn signed(signature: &[u8], changed: bool) -> Vec<u8> {
    let mut file = unsigned();
    let table = entry(signature);
    let place = u32::try_from(file.len()).unwrap_or_default().to_le_bytes();
    let length = u32::try_from(table.len()).unwrap_or_default().to_le_bytes();
    let directory = file.iter_mut().skip(DIRECTORY);
    directory.zip(place.iter().chain(&length)).for_each(|(to, from)| *to = *from);
    if changed {
        file.iter_mut().skip(HALF + 100).take(1).for_each(|byte| *byte ^= 1);
    }
    file.extend(table);
    file
}

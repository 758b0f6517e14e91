//! Signed PE images made for tests: an own writer of PE, CMS and timestamps, so that every part can be wrong.
//!
//! Compiled for tests and under the feature `minting` only; it panics on what cannot be made.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test that cannot be set up must fail"
)]

use crate::crypto::{Digest, DigestAlgorithm};
use crate::encoding::asn1::{encode, encode_sequence, oid, tag};
use crate::encoding::pe::Image;
use crate::encoding::x509::Certificate;
use crate::pki::minting::{Holder, Order, ca, extension, oids, usages};

/// A PE32 image with 512 bytes of headers and two sections, and this certificate table.
#[must_use]
pub fn pe(table: &[u8]) -> Vec<u8> {
    let mut file = vec![0; 5632];
    let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
    let optional = 0x58;
    put(0, b"MZ");
    put(0x3c, &[0x40]);
    put(0x40, b"PE\0\0");
    put(0x46, &[2]);
    put(0x54, &[0xe0]);
    put(optional, &0x10b_u16.to_le_bytes());
    put(optional + 32, &4096_u32.to_le_bytes());
    put(optional + 60, &512_u32.to_le_bytes());
    put(optional + 92, &16_u32.to_le_bytes());
    for (section, (start, length)) in [(512_u32, 4608_u32), (5120, 512)].into_iter().enumerate() {
        let header = optional + 0xe0 + 40 * section;
        put(header + 16, &length.to_le_bytes());
        put(header + 20, &start.to_le_bytes());
    }
    for (at, byte) in file.iter_mut().enumerate().skip(512) {
        *byte = u8::try_from(at % 251).unwrap();
    }
    if !table.is_empty() {
        let directory = optional + 96 + 32;
        file[directory..directory + 4].copy_from_slice(&5632_u32.to_le_bytes());
        file[directory + 4..directory + 8].copy_from_slice(&u32::try_from(table.len()).unwrap().to_le_bytes());
    }
    file.extend_from_slice(table);
    file
}

/// Where the certificate of the first table entry begins.
pub const FIRST_CERTIFICATE: usize = 5632 + 8;

/// A `WIN_CERTIFICATE` around a certificate, aligned.
#[must_use]
pub fn entry(certificate: &[u8]) -> Vec<u8> {
    let mut entry = u32::try_from(certificate.len() + 8).unwrap().to_le_bytes().to_vec();
    entry.extend([0, 2, 2, 0]);
    entry.extend(certificate);
    entry.resize(entry.len().next_multiple_of(8), 0);
    entry
}

/// An object identifier.
#[must_use]
pub fn object(content: &[u8]) -> Vec<u8> {
    encode(tag::OID, content)
}

/// An attribute with one value.
#[must_use]
pub fn attribute(kind: &[u8], value: &[u8]) -> Vec<u8> {
    encode_sequence(&[object(kind), encode(tag::SET, value)])
}

fn algorithm(digest: DigestAlgorithm) -> Vec<u8> {
    encode_sequence(&[object(digest.oid())])
}

/// The digest that a signature over [`pe`] must carry.
#[must_use]
pub fn image_digest(algorithm: DigestAlgorithm) -> Digest {
    let file = pe(&[1; 8]);
    let image = Image::open(&file).unwrap().unwrap();
    crate::artifact::hash_pass(&file, &[image.digest_job(algorithm)], 1).unwrap()[0]
}

/// The fields of an `SpcIndirectDataContent` over a PE image with this digest.
#[must_use]
pub fn indirect_data(digest: &Digest, file: &[u8]) -> Vec<u8> {
    let image_data = encode_sequence(&[encode(tag::BIT_STRING, &[0]), file.to_vec()]);
    let data = encode_sequence(&[object(oid::SPC_PE_IMAGE_DATA), image_data]);
    let value = encode(tag::OCTET_STRING, digest.as_bytes());
    [data, encode_sequence(&[algorithm(digest.algorithm()), value])].concat()
}

/// Page hashes of [`pe`] with SHA-256, as `SpcPeImageData.file`; `change` may spoil the table.
#[must_use]
pub fn page_hashes(change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    const CLASS: [u8; 16] =
        [0xa6, 0xb5, 0x86, 0xd5, 0xb4, 0xa1, 0x24, 0x66, 0xae, 0x05, 0xa2, 0x17, 0xda, 0x8e, 0x60, 0xd6];
    let file = pe(&[1; 8]);
    let (pages, end) = Image::open(&file).unwrap().unwrap().pages(DigestAlgorithm::Sha256);
    let mut table = Vec::new();
    for page in pages {
        table.extend(u32::try_from(page.offset).unwrap().to_le_bytes());
        table.extend(crate::artifact::hash_pass(&file, &[page.job], 1).unwrap()[0].as_bytes());
    }
    table.extend(u32::try_from(end).unwrap().to_le_bytes());
    table.extend([0; 32]);
    change(&mut table);
    let hashes = attribute(oid::SPC_PAGE_HASHES_V2, &encode(tag::OCTET_STRING, &table));
    let serialized = encode(tag::OCTET_STRING, &encode(tag::SET, &hashes));
    encode(0xa0, &encode(0xa1, &[encode(tag::OCTET_STRING, &CLASS), serialized].concat()))
}

/// A CMS signature to be made: change a field to make another part wrong.
pub struct Signing<'a> {
    /// Whose key signs.
    pub holder: &'a Holder,
    /// The certificate that the `SignerInfo` names.
    pub certificate: &'a Certificate,
    /// The certificates that go along.
    pub certificates: Vec<Vec<u8>>,
    /// The revocation information that goes along.
    pub crls: Vec<Vec<u8>>,
    /// The content type, as content octets of its object identifier.
    pub content_type: &'a [u8],
    /// The content octets of the content: what is digested.
    pub content: Vec<u8>,
    /// The tag around the content.
    pub content_tag: u8,
    /// The digest of the content and of the signed attributes.
    pub digest: DigestAlgorithm,
    /// Further signed attributes.
    pub signed: Vec<Vec<u8>>,
    /// The unsigned attributes.
    pub unsigned: Vec<Vec<u8>>,
    /// How often the `SignerInfo` is repeated.
    pub signers: usize,
}

impl<'a> Signing<'a> {
    /// An Authenticode signature over [`pe`].
    #[must_use]
    pub fn of_image(holder: &'a Holder, certificate: &'a Certificate) -> Self {
        Self {
            holder,
            certificate,
            certificates: vec![certificate.der().to_vec()],
            crls: Vec::new(),
            content_type: oid::SPC_INDIRECT_DATA,
            content: indirect_data(&image_digest(DigestAlgorithm::Sha256), &[]),
            content_tag: tag::SEQUENCE,
            digest: DigestAlgorithm::Sha256,
            signed: Vec::new(),
            unsigned: Vec::new(),
            signers: 1,
        }
    }

    fn attributes(&self) -> Vec<u8> {
        let digest = Digest::of(self.digest, &self.content);
        let message_digest = attribute(oid::MESSAGE_DIGEST, &encode(tag::OCTET_STRING, digest.as_bytes()));
        [attribute(oid::CONTENT_TYPE, &object(self.content_type)), message_digest, self.signed.concat()].concat()
    }

    /// The signature value.
    #[must_use]
    pub fn signature(&self) -> Vec<u8> {
        self.holder.key.sign(self.digest, &encode(tag::SET, &self.attributes()))
    }

    /// The `SignerInfo`.
    #[must_use]
    pub fn signer_info(&self) -> Vec<u8> {
        let serial = encode(tag::INTEGER, self.certificate.serial_as_found());
        let unsigned = self.unsigned.concat();
        encode_sequence(&[
            vec![2, 1, 1],
            encode_sequence(&[self.certificate.issuer().der().to_vec(), serial]),
            algorithm(self.digest),
            encode(0xa0, &self.attributes()),
            self.holder.key.cms_algorithm(),
            encode(tag::OCTET_STRING, &self.signature()),
            if unsigned.is_empty() { unsigned } else { encode(0xa1, &unsigned) },
        ])
    }

    /// The whole `ContentInfo`.
    #[must_use]
    pub fn content_info(&self) -> Vec<u8> {
        let content = encode(0xa0, &encode(self.content_tag, &self.content));
        let crls = self.crls.concat();
        let inner = encode_sequence(&[
            vec![2, 1, 1],
            encode(tag::SET, &algorithm(self.digest)),
            encode_sequence(&[object(self.content_type), content]),
            encode(0xa0, &self.certificates.concat()),
            if crls.is_empty() { crls } else { encode(0xa1, &crls) },
            encode(tag::SET, &self.signer_info().repeat(self.signers)),
        ]);
        encode_sequence(&[object(oid::SIGNED_DATA), encode(0xa0, &inner)])
    }

    /// [`pe`] with this signature as the only entry.
    #[must_use]
    pub fn file(&self) -> Vec<u8> {
        pe(&entry(&self.content_info()))
    }
}

/// A timestamping authority with its root.
pub struct Authority {
    /// The authority.
    pub holder: Holder,
    /// Its root.
    pub root: Certificate,
    /// Its certificate.
    pub certificate: Certificate,
}

impl Authority {
    /// An authority whose certificate is for these usages.
    #[must_use]
    pub fn new(purposes: &[&[u8]]) -> Self {
        let (root, holder) = (Holder::new("Stamp Root", 70), Holder::new("Stamps", 71));
        let usage = extension(oid::EXTENDED_KEY_USAGE, true, &oids(purposes));
        let certificate = root.certify(&holder, &Order::with(&[usage]));
        Self { root: root.root(), holder, certificate }
    }

    /// A token over a signature value, as the unsigned attribute that carries it.
    #[must_use]
    pub fn stamp(&self, stamped: &[u8], time: &str) -> Vec<u8> {
        self.stamp_naming(stamped, time, &self.certificate)
    }

    /// The same, naming this certificate as its authority's.
    #[must_use]
    pub fn stamp_naming(&self, stamped: &[u8], time: &str, named: &Certificate) -> Vec<u8> {
        let imprint = Digest::of(DigestAlgorithm::Sha256, stamped);
        let imprint = [algorithm(imprint.algorithm()), encode(tag::OCTET_STRING, imprint.as_bytes())];
        let info = encode_sequence(&[
            vec![2, 1, 1],
            object(&[0x2a, 3]),
            encode_sequence(&imprint),
            vec![2, 1, 9],
            encode(tag::GENERALIZED_TIME, time.as_bytes()),
        ]);
        let id = encode(tag::OCTET_STRING, Digest::of(DigestAlgorithm::Sha256, named.der()).as_bytes());
        let certificates = encode_sequence(&[encode_sequence(&[encode_sequence(&[id])])]);
        let token = Signing {
            content_type: oid::TST_INFO,
            content: info,
            content_tag: tag::OCTET_STRING,
            signed: vec![attribute(oid::SIGNING_CERTIFICATE_V2, &certificates)],
            ..Signing::of_image(&self.holder, &self.certificate)
        };
        attribute(oid::SPC_RFC3161_TIMESTAMP, &token.content_info())
    }

    /// A counter-signature over a signature value, as the unsigned attribute that carries it.
    #[must_use]
    pub fn countersign(&self, stamped: &[u8], time: &str) -> Vec<u8> {
        let counter = Signing {
            content_type: oid::DATA,
            content: stamped.to_vec(),
            signed: vec![attribute(oid::SIGNING_TIME, &encode(tag::UTC_TIME, time.as_bytes()))],
            ..Signing::of_image(&self.holder, &self.certificate)
        };
        attribute(oid::COUNTERSIGNATURE, &counter.signer_info())
    }
}

/// A publisher with a root, and a certificate for code signing that is valid in 2020 alone.
pub struct Publisher {
    /// The publisher.
    pub holder: Holder,
    /// The root's holder.
    pub authority: Holder,
    /// The root.
    pub root: Certificate,
    /// The publisher's certificate.
    pub certificate: Certificate,
}

impl Publisher {
    /// A publisher whose certificate is for these usages.
    #[must_use]
    pub fn new(purposes: &[&[u8]]) -> Self {
        let (authority, holder) = (Holder::new("Code Root", 80), Holder::new("Publisher", 81));
        let root = authority.certify(&authority, &Order { until: "400101000000Z", ..Order::with(&[ca(None)]) });
        let order = Order { from: "200101000000Z", until: "210101000000Z", ..Order::with(&[usages(purposes)]) };
        let certificate = authority.certify(&holder, &order);
        Self { holder, authority, root, certificate }
    }

    /// An Authenticode signature by the publisher.
    #[must_use]
    pub fn signing(&self) -> Signing<'_> {
        Signing::of_image(&self.holder, &self.certificate)
    }
}

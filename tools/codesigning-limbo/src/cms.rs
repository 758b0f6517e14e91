//! CMS signatures (RFC 5652), with every part open to change.

use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::encoding::asn1::{encode, encode_sequence, oid, tag};

use crate::certificate::Certificate;
use crate::names::{attribute, object, set_of};

/// One signature over one content.
#[derive(Clone)]
pub(crate) struct Signing<'a> {
    pub(crate) by: &'a Certificate,
    pub(crate) digest: DigestAlgorithm,
    pub(crate) content_type: &'a [u8],
    /// What is digested: the content octets.
    pub(crate) content: &'a [u8],
    /// Further signed attributes.
    pub(crate) signed: Vec<Vec<u8>>,
    pub(crate) unsigned: Vec<Vec<u8>>,
    pub(crate) fault: Fault,
}

/// What is wrong with a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// The signature value is changed.
    SignatureChanged,
    /// The signed attributes carry the digest of something else.
    OtherContent,
}

/// The `AlgorithmIdentifier` of a digest.
pub(crate) fn digest_algorithm(digest: DigestAlgorithm) -> Vec<u8> {
    encode_sequence(&[object(digest.oid()), encode(tag::NULL, &[])])
}

impl Signing<'_> {
    fn attributes(&self) -> Vec<u8> {
        let content: &[u8] = if self.fault == Fault::OtherContent { b"something else" } else { self.content };
        let digest = Digest::of(self.digest, content);
        let mut attributes = vec![
            attribute(oid::CONTENT_TYPE, &object(self.content_type)),
            attribute(oid::MESSAGE_DIGEST, &encode(tag::OCTET_STRING, digest.as_bytes())),
        ];
        attributes.extend(self.signed.iter().cloned());
        set_of(attributes)
    }

    /// The signature value.
    pub(crate) fn signature(&self) -> Vec<u8> {
        let mut signature = self.by.key.sign(self.digest, &encode(tag::SET, &self.attributes()));
        if self.fault == Fault::SignatureChanged {
            signature.iter_mut().take(1).for_each(|byte| *byte ^= 1);
        }
        signature
    }

    /// The `SignerInfo`.
    pub(crate) fn signer_info(&self) -> Vec<u8> {
        let unsigned = set_of(self.unsigned.clone());
        encode_sequence(&[
            vec![tag::INTEGER, 1, 1],
            encode_sequence(&[self.by.issuer.clone(), encode(tag::INTEGER, &self.by.serial)]),
            digest_algorithm(self.digest),
            encode(0xa0, &self.attributes()),
            self.by.key.key().cms_algorithm(),
            encode(tag::OCTET_STRING, &self.signature()),
            if unsigned.is_empty() { unsigned } else { encode(0xa1, &unsigned) },
        ])
    }

    /// The `ContentInfo` with these signers, the content as `element`, and certificates.
    pub(crate) fn content_info(
        &self,
        version: u8,
        element: &[u8],
        certificates: &[Vec<u8>],
        signers: &[Vec<u8>],
    ) -> Vec<u8> {
        let inner = encode_sequence(&[
            vec![tag::INTEGER, 1, version],
            encode(tag::SET, &digest_algorithm(self.digest)),
            encode_sequence(&[object(self.content_type), encode(0xa0, element)]),
            if certificates.is_empty() { Vec::new() } else { encode(0xa0, &certificates.concat()) },
            encode(tag::SET, &signers.concat()),
        ]);
        encode_sequence(&[object(oid::SIGNED_DATA), encode(0xa0, &inner)])
    }
}

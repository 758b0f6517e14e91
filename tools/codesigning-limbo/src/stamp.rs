//! Timestamps as the suite describes them: RFC 3161 tokens and PKCS #9 counter-signatures.

use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::encoding::asn1::{encode, encode_sequence, oid, tag};
use countersign::time::Time;

use crate::certificate::Certificate;
use crate::cms::{Fault, Signing, digest_algorithm};
use crate::names::{attribute, dotted, generalized_time, instant, object};

/// The two kinds of timestamp that Authenticode knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A token of RFC 3161.
    Token,
    /// A counter-signature of PKCS #9 (RFC 2985 §5.3.6).
    Countersignature,
}

impl Kind {
    pub(crate) const BOTH: [Self; 2] = [Self::Token, Self::Countersignature];

    /// Its place in the id of a case.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Token => "rfc3161",
            Self::Countersignature => "pkcs9",
        }
    }

    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Token => "RFC 3161 timestamp",
            Self::Countersignature => "PKCS #9 counter-signature",
        }
    }

    /// The word of the verdict for where the trusted time comes from.
    pub(crate) const fn source(self) -> &'static str {
        match self {
            Self::Token => "rfc3161",
            Self::Countersignature => "authenticode-countersignature",
        }
    }
}

/// A timestamp to be made.
#[derive(Clone, Debug)]
pub(crate) struct Stamp {
    pub(crate) kind: Kind,
    pub(crate) time: Time,
    /// The authority's certificate and those above it, without the root.
    pub(crate) chain: Vec<Certificate>,
    /// The digest of the authority's own signature.
    pub(crate) digest: DigestAlgorithm,
    /// The digest of what is stamped, in a token.
    pub(crate) imprint: DigestAlgorithm,
    pub(crate) flaw: Flaw,
}

/// What is wrong with a timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    None,
    /// It is about another signature.
    AboutAnother,
    /// Its signature value is changed.
    SignatureChanged,
    /// Its signed attributes carry the digest of something else.
    OtherContent,
    /// The token does not name its authority's certificate.
    NamesNoCertificate,
    /// The token names another certificate of the authority.
    NamesAnother,
    /// The content of the token is called data.
    NotTstInfo,
    /// The token has two signers.
    TwoSigners,
    /// `TSTInfo` of a version that is not defined.
    VersionTwo,
    /// The authority's certificates are not there.
    NoCertificates,
    /// The counter-signature carries no time.
    NoTime,
}

impl Stamp {
    pub(crate) fn new(kind: Kind, time: Time, chain: Vec<Certificate>) -> Self {
        let digest = DigestAlgorithm::Sha256;
        Self { kind, time, chain, digest, imprint: digest, flaw: Flaw::None }
    }

    pub(crate) fn flawed(self, flaw: Flaw) -> Self {
        Self { flaw, ..self }
    }

    pub(crate) fn digest(self, digest: DigestAlgorithm) -> Self {
        Self { digest, ..self }
    }

    /// The unsigned attribute over a signature value.
    pub(crate) fn attribute(&self, signature: &[u8]) -> Vec<u8> {
        let stamped: &[u8] = if self.flaw == Flaw::AboutAnother { b"another signature" } else { signature };
        match self.kind {
            Kind::Token => attribute(oid::SPC_RFC3161_TIMESTAMP, &self.token(stamped)),
            Kind::Countersignature => attribute(oid::COUNTERSIGNATURE, &self.countersignature(stamped)),
        }
    }

    /// Certificates that the signature around it must carry.
    pub(crate) fn left_outside(&self) -> Vec<Vec<u8>> {
        match self.kind {
            Kind::Token => Vec::new(),
            Kind::Countersignature => self.certificates(),
        }
    }

    fn certificates(&self) -> Vec<Vec<u8>> {
        if self.flaw == Flaw::NoCertificates { Vec::new() } else { self.chain.iter().map(Certificate::der).collect() }
    }

    const fn fault(&self) -> Fault {
        match self.flaw {
            Flaw::SignatureChanged => Fault::SignatureChanged,
            Flaw::OtherContent => Fault::OtherContent,
            _ => Fault::None,
        }
    }

    fn authority(&self) -> &Certificate {
        self.chain.first().expect("a timestamp has an authority")
    }

    fn token(&self, stamped: &[u8]) -> Vec<u8> {
        let info = self.info(stamped);
        let content = encode_sequence(&info);
        let mut signed = vec![attribute(oid::SIGNING_TIME, &instant(self.time))];
        if self.flaw != Flaw::NamesNoCertificate {
            signed.push(self.certificate_id());
        }
        let signing = Signing {
            by: self.authority(),
            digest: self.digest,
            content_type: if self.flaw == Flaw::NotTstInfo { oid::DATA } else { oid::TST_INFO },
            content: &content,
            signed,
            unsigned: Vec::new(),
            fault: self.fault(),
        };
        let signers = vec![signing.signer_info(); if self.flaw == Flaw::TwoSigners { 2 } else { 1 }];
        signing.content_info(3, &encode(tag::OCTET_STRING, &content), &self.certificates(), &signers)
    }

    /// `TSTInfo` (RFC 3161 §2.4.2).
    fn info(&self, stamped: &[u8]) -> [Vec<u8>; 5] {
        let imprint = Digest::of(self.imprint, stamped);
        [
            vec![tag::INTEGER, 1, if self.flaw == Flaw::VersionTwo { 2 } else { 1 }],
            object(&dotted("1.3.6.1.4.1.99999.2")),
            encode_sequence(&[digest_algorithm(self.imprint), encode(tag::OCTET_STRING, imprint.as_bytes())]),
            vec![tag::INTEGER, 1, 9],
            generalized_time(self.time),
        ]
    }

    /// `SigningCertificateV2` (RFC 5035) by SHA-256.
    fn certificate_id(&self) -> Vec<u8> {
        let named = match self.flaw {
            Flaw::NamesAnother => self.authority().clone().serial(&[9]).der(),
            _ => self.authority().der(),
        };
        let digest = Digest::of(DigestAlgorithm::Sha256, &named);
        let id = encode_sequence(&[encode(tag::OCTET_STRING, digest.as_bytes())]);
        attribute(oid::SIGNING_CERTIFICATE_V2, &encode_sequence(&[encode_sequence(&[id])]))
    }

    fn countersignature(&self, stamped: &[u8]) -> Vec<u8> {
        let time = attribute(oid::SIGNING_TIME, &instant(self.time));
        let signing = Signing {
            by: self.authority(),
            digest: self.digest,
            content_type: oid::DATA,
            content: stamped,
            signed: if self.flaw == Flaw::NoTime { Vec::new() } else { vec![time] },
            unsigned: Vec::new(),
            fault: self.fault(),
        };
        signing.signer_info()
    }
}

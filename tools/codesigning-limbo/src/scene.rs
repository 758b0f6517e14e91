//! A scene: everything around one signed file. The usual one is valid in every respect; cases change one thing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::crypto::DigestAlgorithm;
use countersign::encoding::asn1::{encode, oid, tag};
use countersign::time::Time;

use crate::certificate::Certificate;
use crate::cms::{Fault, Signing};
use crate::expected::Expected;
use crate::image;
use crate::model::{AnchorTerms, CodeSigning, Testcase};
use crate::names::{attribute, instant, on};
use crate::ocsp::Response;
use crate::pair::Pair;
use crate::revocation::List;
use crate::stamp::{Kind, Stamp};

/// The usual instants: signed, then appraised while the publisher's certificate is valid, or after it expired.
pub(crate) const SIGNED: &str = "2023-06-01";
pub(crate) const SOON: &str = "2023-09-01";
pub(crate) const LATE: &str = "2026-06-01";

/// Everything around one signed file.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) leaf: Certificate,
    /// Certificates that go along in the signature, issuer of the leaf first.
    pub(crate) above: Vec<Certificate>,
    pub(crate) anchors: Vec<Anchor>,
    pub(crate) accepted_keys: Vec<Certificate>,
    pub(crate) stamps: Vec<Stamp>,
    pub(crate) lists: Vec<List>,
    pub(crate) responses: Vec<Response>,
    pub(crate) at: Time,
    /// The time that the signer claims.
    pub(crate) claimed: Option<Time>,
    pub(crate) digest: DigestAlgorithm,
    pub(crate) flaw: Flaw,
}

/// An anchor with its terms.
#[derive(Clone)]
pub(crate) struct Anchor {
    pub(crate) certificate: Certificate,
    /// None: every purpose.
    pub(crate) purposes: Vec<&'static str>,
    pub(crate) disallowed_since: Option<Time>,
    pub(crate) issued_before: Option<Time>,
}

impl Anchor {
    pub(crate) fn of(certificate: Certificate) -> Self {
        Self { certificate, purposes: Vec::new(), disallowed_since: None, issued_before: None }
    }

    /// For code signing and time stamping, which limits may name.
    pub(crate) fn limited(certificate: Certificate) -> Self {
        Self { purposes: vec!["code-signing", "time-stamping"], ..Self::of(certificate) }
    }

    fn has_terms(&self) -> bool {
        !self.purposes.is_empty() || self.disallowed_since.is_some() || self.issued_before.is_some()
    }

    fn terms(&self) -> AnchorTerms {
        AnchorTerms {
            purposes: self.purposes.clone(),
            disallowed_since: self.disallowed_since.map(|time| time.to_string()),
            issued_before: self.issued_before.map(|time| time.to_string()),
        }
    }
}

/// What is wrong with the file or its signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    None,
    /// A byte of the file was changed after signing.
    FileChanged,
    SignatureChanged,
    /// The signed attributes carry another digest than the content has.
    OtherContent,
    /// The signed content is called data.
    ContentType,
    /// The signer's certificate is not there.
    NoCertificate,
    TwoSigners,
    /// File digest and signature name different algorithms.
    DigestsDiffer,
}

/// The root for code signing.
pub(crate) fn code_root() -> Certificate {
    Certificate::root("Limbo Code Root", Pair::CodeRoot)
}

/// The usual issuer of publishers.
pub(crate) fn code_ca() -> Certificate {
    Certificate::authority("Limbo Code CA", Pair::CodeCa, &code_root(), oid::CODE_SIGNING)
}

/// The root for time stamping.
pub(crate) fn time_root() -> Certificate {
    Certificate::root("Limbo Time Root", Pair::TimeRoot)
}

/// The issuer of timestamping authorities.
pub(crate) fn time_ca() -> Certificate {
    Certificate::authority("Limbo Time CA", Pair::TimeCa, &time_root(), oid::TIME_STAMPING)
}

/// The usual timestamping authority.
pub(crate) fn stamps() -> Certificate {
    Certificate::stamps(&time_ca())
}

/// A good timestamp of this time.
pub(crate) fn stamp(kind: Kind, time: Time) -> Stamp {
    Stamp::new(kind, time, vec![stamps(), time_ca()])
}

/// The usual scene, appraised soon after signing, without timestamp and without revocation lists.
pub(crate) fn usual() -> Scene {
    Scene {
        leaf: Certificate::publisher(&code_ca()),
        above: vec![code_ca()],
        anchors: vec![Anchor::of(code_root()), Anchor::of(time_root())],
        accepted_keys: Vec::new(),
        stamps: Vec::new(),
        lists: Vec::new(),
        responses: Vec::new(),
        at: on(SOON),
        claimed: None,
        digest: DigestAlgorithm::Sha256,
        flaw: Flaw::None,
    }
}

impl Scene {
    pub(crate) fn leaf(self, change: impl FnOnce(Certificate) -> Certificate) -> Self {
        Self { leaf: change(self.leaf), ..self }
    }

    /// With another usual issuer of the leaf.
    pub(crate) fn ca(mut self, change: impl FnOnce(Certificate) -> Certificate) -> Self {
        self.above = vec![change(code_ca())];
        self.leaf = self.leaf.issued_by(&self.above[0]);
        self
    }

    /// With these authorities between the leaf and the root: the leaf's issuer first.
    pub(crate) fn authorities(mut self, above: Vec<Certificate>) -> Self {
        if let Some(issuer) = above.first() {
            self.leaf = self.leaf.issued_by(issuer);
        }
        self.above = above;
        self
    }

    pub(crate) fn carrying(mut self, certificate: Certificate) -> Self {
        self.above.push(certificate);
        self
    }

    pub(crate) fn anchors(self, anchors: Vec<Anchor>) -> Self {
        Self { anchors, ..self }
    }

    pub(crate) fn stamped(mut self, stamp: Stamp) -> Self {
        self.stamps.push(stamp);
        self
    }

    pub(crate) fn list(mut self, list: List) -> Self {
        self.lists.push(list);
        self
    }

    pub(crate) fn answered(mut self, response: Response) -> Self {
        self.responses.push(response);
        self
    }

    pub(crate) fn at(self, at: Time) -> Self {
        Self { at, ..self }
    }

    pub(crate) fn digest(self, digest: DigestAlgorithm) -> Self {
        Self { digest, ..self }
    }

    pub(crate) fn flawed(self, flaw: Flaw) -> Self {
        Self { flaw, ..self }
    }

    /// The signed file.
    fn artifact(&self) -> Vec<u8> {
        let file_digest = if self.flaw == Flaw::DigestsDiffer { DigestAlgorithm::Sha512 } else { self.digest };
        let content = image::indirect_data(&image::digest(file_digest));
        let mut signing = Signing {
            by: &self.leaf,
            digest: self.digest,
            content_type: if self.flaw == Flaw::ContentType { oid::DATA } else { oid::SPC_INDIRECT_DATA },
            content: &content,
            signed: self.claimed.map(|time| attribute(oid::SIGNING_TIME, &instant(time))).into_iter().collect(),
            unsigned: Vec::new(),
            fault: match self.flaw {
                Flaw::SignatureChanged => Fault::SignatureChanged,
                Flaw::OtherContent => Fault::OtherContent,
                _ => Fault::None,
            },
        };
        let signature = signing.signature();
        signing.unsigned = self.stamps.iter().map(|stamp| stamp.attribute(&signature)).collect();
        let signers = vec![signing.signer_info(); if self.flaw == Flaw::TwoSigners { 2 } else { 1 }];
        let info = signing.content_info(1, &encode(tag::SEQUENCE, &content), &self.certificates(), &signers);
        image::signed(&info, self.flaw == Flaw::FileChanged)
    }

    fn certificates(&self) -> Vec<Vec<u8>> {
        let own = Some(&self.leaf).filter(|_| self.flaw != Flaw::NoCertificate);
        let own = own.into_iter().chain(&self.above).map(Certificate::der);
        let mut all: Vec<Vec<u8>> = own.chain(self.stamps.iter().flat_map(Stamp::left_outside)).collect();
        let mut seen = std::collections::BTreeSet::new();
        all.retain(|certificate| seen.insert(certificate.clone()));
        all
    }

    /// What a verifier must be able to express.
    fn features(&self) -> Vec<&'static str> {
        let has = |kind: Kind| self.stamps.iter().any(|stamp| stamp.kind == kind);
        let features = [
            (has(Kind::Token), "rfc3161"),
            (has(Kind::Countersignature), "pkcs9"),
            (!self.lists.is_empty(), "crl"),
            (!self.responses.is_empty(), "ocsp"),
            (self.anchors.iter().any(Anchor::has_terms), "anchor-terms"),
            (!self.accepted_keys.is_empty(), "accepted-key"),
        ];
        features.into_iter().filter(|(present, _)| *present).map(|(_, feature)| feature).collect()
    }

    /// The case in its published form.
    pub(crate) fn testcase(
        &self,
        id: String,
        description: String,
        decided_by: &[&'static str],
        expected: &Expected,
    ) -> Testcase {
        let certificates =
            |list: &[Certificate]| list.iter().map(|certificate| pem("CERTIFICATE", &certificate.der())).collect();
        Testcase {
            id,
            features: self.features().into_iter().chain(expected.features()).collect(),
            importance: expected.importance(),
            description,
            validation_kind: "CODE_SIGNING",
            trusted_certs: self.anchors.iter().map(|anchor| pem("CERTIFICATE", &anchor.certificate.der())).collect(),
            untrusted_intermediates: certificates(&self.above),
            peer_certificate: pem("CERTIFICATE", &self.leaf.der()),
            validation_time: self.at.to_string(),
            expected_result: expected.result(),
            crls: self.lists.iter().map(|list| pem("X509 CRL", &list.der())).collect(),
            code_signing: CodeSigning {
                artifact: STANDARD.encode(self.artifact()),
                anchors: self.anchors.iter().map(Anchor::terms).collect(),
                accepted_keys: certificates(&self.accepted_keys),
                ocsp: self.responses.iter().map(|response| STANDARD.encode(response.der())).collect(),
                decided_by: decided_by.to_vec(),
                expected: expected.document(),
            },
        }
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<String> =
        text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

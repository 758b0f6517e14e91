//! Dossiers made by hand, for tests of appraisal.
#![allow(dead_code, clippy::indexing_slicing, clippy::unwrap_used)] // Each test program uses its part.

use countersign::claim::{Claim, Claims, Fact, Source, SourceNamedIn, Standing, Voucher};
use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::dossier::{ArtifactFacts, Dossier};
use countersign::evidence::{CheckId, Origin, Outcome, Signature, SignatureId, TimeSource};
use countersign::identity::{Assurance, Signer};
use countersign::material::MaterialDates;
use countersign::time::Time;

pub(crate) fn dossier(mut signatures: Vec<Signature>, claims: Vec<Claim>) -> Dossier {
    for (position, signature) in signatures.iter_mut().enumerate() {
        signature.id = SignatureId(position);
    }
    let digest = Digest::of(DigestAlgorithm::Sha256, b"artifact");
    Dossier {
        artifact: ArtifactFacts {
            name: "app".to_owned(),
            path: "app".to_owned(),
            size: Some(8),
            container: "data",
            digests: std::iter::once((DigestAlgorithm::Sha256, digest)).collect(),
        },
        signatures,
        claims: Claims::new(claims),
        findings: Vec::new(),
        evidence: Vec::new(),
        layout: None,
        exports: Vec::new(),
        material: MaterialDates::default(),
    }
}

/// An embedded signature in which everything holds.
pub(crate) fn embedded(name: &str) -> Signature {
    let mut signature = Signature::new("authenticode", Origin::Embedded);
    signature.signer = Signer {
        name: Some(format!("CN={name},O={name} Inc.")),
        issuer: Some("CN=Some CA,O=Trust Corp".to_owned()),
        ..Signer::default()
    };
    signature.assurance = Assurance::OrganizationValidated;
    signature.chain = vec![format!("CN={name}"), "CN=Some CA".to_owned()];
    let checks = [
        CheckId::Structure,
        CheckId::Digest,
        CheckId::Signature,
        CheckId::Chain,
        CheckId::Validity,
        CheckId::Usage,
        CheckId::Revocation,
        CheckId::Strength,
    ];
    for id in checks {
        signature.check(id, Outcome::Pass, "");
    }
    signature
}

pub(crate) fn in_file(format: &'static str, path: &str) -> Signature {
    Signature::new(format, Origin::File(path.to_owned()))
}

/// A keyless Sigstore signature by a workflow of this repository of `acme`, in which everything holds.
pub(crate) fn fulcio(repository: &str, time: i64) -> Signature {
    let mut signature = in_file("sigstore", "app.sigstore.json");
    signature.signer = Signer {
        name: Some(String::new()),
        issuer: Some("O=sigstore.dev,CN=sigstore-intermediate".to_owned()),
        san: vec![format!("https://github.com/acme/{repository}/.github/workflows/release.yml@refs/tags/v1.0.0")],
        oidc_issuer: Some("https://token.actions.githubusercontent.com".to_owned()),
        validity: Some((Time::from_unix(time), Time::from_unix(time.saturating_add(600)))),
        ..Signer::default()
    };
    signature.assurance = Assurance::WorkloadOidc;
    signature.chain = vec!["leaf".to_owned(), "O=sigstore.dev".to_owned()];
    signature.time.trusted = Some(Time::from_unix(time));
    signature.time.source = TimeSource::TransparencyLog;
    let checks = [
        CheckId::Structure,
        CheckId::Signature,
        CheckId::Subject,
        CheckId::Chain,
        CheckId::Validity,
        CheckId::LogEntry,
        CheckId::LogInclusion,
        CheckId::LogCheckpoint,
    ];
    for id in checks {
        signature.check(id, Outcome::Pass, "");
    }
    signature
}

pub(crate) fn claim(signature: usize, fact: Fact) -> Claim {
    Claim {
        fact,
        vouched_by: Voucher::Ca,
        standing: Standing::Verified,
        subject: Some(Digest::of(DigestAlgorithm::Sha256, b"artifact")),
        evidence: SignatureId(signature).into(),
    }
}

pub(crate) fn built_by(builder: &str) -> Fact {
    Fact::BuiltBy { builder: builder.to_owned(), build_type: None, graded: None }
}

pub(crate) fn built_from(repository: &str, reference: Option<&str>) -> Fact {
    Fact::BuiltFrom(Source {
        repository: repository.to_owned(),
        reference: reference.map(str::to_owned),
        commit: None,
        branch: None,
        named_in: SourceNamedIn::Certificate,
    })
}

//! Examination: from bytes to a dossier, facts without opinion.
//!
//! Three steps, for all formats together: find the signatures and say which digests they need; compute all
//! digests in one pass over the artifact; make every check. Then, in one place for all formats, statements
//! are bound to the artifact and claims get their standing.

mod bind;
mod keys;
mod names;

use std::collections::BTreeSet;

use crate::artifact::{Artifact, Content, Digests, HashJob, ReadError, Source, hash_pass};
use crate::claim::{Claim, Claims};
use crate::crypto::{Digest, DigestAlgorithm};
use crate::distrust;
use crate::dossier::{ArtifactFacts, Dossier, EvidenceFacts};
use crate::encoding::json::top_level_names;
use crate::evidence::{Need, SignatureId};
use crate::exports::{self, Export, ExportId, ReadExport};
use crate::finding::{Finding, FindingId};
use crate::formats::{self, Context, Found, Reader, Reading};
use crate::in_toto;
use crate::material::{EvidenceFile, Limits, Material, MaterialDates};
use crate::time::Time;

/// Examines an artifact with the material at hand.
///
/// `at` is the instant that counts wherever no trusted time is proven.
///
/// # Errors
/// Only if the artifact's bytes cannot be read: that says nothing about the artifact. Whatever is wrong
/// with the artifact or its evidence is part of the dossier.
pub fn examine(artifact: &Artifact<'_>, material: &Material, at: Time, limits: &Limits) -> Result<Dossier, ReadError> {
    let (container, mut readings) = open_embedded(artifact, limits)?;
    let Opened { files: evidence, exported, unread, .. } = open_evidence(material, limits, &mut readings);
    let mut listed = material.distrust.file_algorithms();
    listed.extend(material.observed.iter().chain(&exported).flat_map(ReadExport::algorithms));
    let hashes = Hashes::compute(artifact, &readings, &listed, limits)?;
    let mut draft = Draft::default();
    for (index, reading) in readings.into_iter().enumerate() {
        let context = Context {
            artifact,
            digests: &hashes.whole,
            tree: &hashes.tree,
            hashed: hashes.jobs.get(index).map_or(&[], Vec::as_slice),
            lacking: hashes.lacking,
            material,
            at,
            limits,
        };
        draft.add(reading.judge(&context), limits);
    }
    draft.findings.extend(unread);
    bind::subjects(&mut draft.signatures, &hashes.whole);
    // What a signature claims says whose it is; a list may say that it counts for nothing, and so do its claims.
    let provisional = Claims::new(bind::claims(&draft.claims, &draft.signatures, &artifact.name, &hashes.whole));
    distrust::judge(&mut draft.signatures, &provisional, &hashes.whole, &material.distrust, &mut draft.findings);
    let mut claims = bind::claims(&draft.claims, &draft.signatures, &artifact.name, &hashes.whole);
    let exports = add_exports(
        material.observed.iter().chain(&exported),
        &artifact.name,
        &hashes.whole,
        &mut claims,
        &mut draft.findings,
    );
    bind::findings(&draft.signatures, &claims, &mut draft.findings);
    let layout = material.layout.as_ref().map(|layout| {
        in_toto::verify(&in_toto::Asked { layout, evidence: &material.evidence, digests: &hashes.whole, at })
    });
    keys::attested(&mut draft.signatures, material, at, &mut draft.findings);
    names::findings(&draft.signatures, &mut draft.findings);
    Ok(Dossier {
        layout,
        exports,
        artifact: ArtifactFacts {
            name: artifact.name.clone(),
            path: artifact.path.clone(),
            size: artifact.size(),
            container,
            digests: hashes.whole,
        },
        signatures: draft.signatures,
        evidence,
        claims: Claims::new(claims),
        findings: draft.findings,
        material: dates(material),
    })
}

/// What an artifact is whose content no format of embedded signatures knows.
pub(crate) const PLAIN_CONTAINERS: [&str; 3] = [DATA, DIRECTORY, DIGEST];
const DATA: &str = "data";
const DIRECTORY: &str = "directory";
const DIGEST: &str = "digest";

fn open_embedded(artifact: &Artifact<'_>, limits: &Limits) -> Result<(&'static str, Vec<Reading>), ReadError> {
    let source = match artifact.content {
        Content::File(source) => source,
        Content::Tree(_) => return Ok((DIRECTORY, Vec::new())),
        Content::Digest(_) => return Ok((DIGEST, Vec::new())),
    };
    let head = read_head(source)?;
    let mut container_found = DATA;
    let mut readings = Vec::new();
    for format in formats::embedded_in(&head) {
        if let Reader::Embedded { container, open, .. } = format.reader {
            container_found = container;
            readings.push(open(source, limits)?);
        }
    }
    Ok((container_found, readings))
}

fn read_head(source: &dyn Source) -> Result<Vec<u8>, ReadError> {
    let length = usize::try_from(source.len()).unwrap_or(formats::HEAD).min(formats::HEAD);
    let mut head = vec![0; length];
    source.read_exact_at(0, &mut head)?;
    Ok(head)
}

/// Opens every evidence file; what nothing here reads becomes a finding, never silence.
fn open_evidence(material: &Material, limits: &Limits, readings: &mut Vec<Reading>) -> Opened {
    let mut opened = Opened::default();
    material.observed.iter().for_each(|read| opened.note(read.file()));
    let of_layout = |file: &EvidenceFile| material.layout.is_some() && in_toto::is_metadata(&file.bytes);
    for file in &material.evidence {
        match formats::of_evidence(&file.bytes).map(|format| &format.reader) {
            _ if of_layout(file) => opened.note(facts_of(file)),
            Some(Reader::Detached { open, .. }) => {
                readings.push(open(file, limits));
                opened.note(facts_of(file));
            }
            _ => opened.export(file),
        }
    }
    opened
}

/// What became of the evidence files. Those that were read are noted once, however often they were given.
#[derive(Default)]
struct Opened {
    files: Vec<EvidenceFacts>,
    seen: BTreeSet<(String, Digest)>,
    exported: Vec<ReadExport>,
    unread: Vec<Finding>,
}

impl Opened {
    fn note(&mut self, file: EvidenceFacts) {
        if self.seen.insert((file.path.clone(), file.sha256)) {
            self.files.push(file);
        }
    }

    /// Reads a document that nobody signed.
    fn export(&mut self, file: &EvidenceFile) {
        let problem = match exports::read(file) {
            Some(Ok(read)) => {
                self.exported.push(read);
                return self.note(facts_of(file));
            }
            Some(Err(error)) => error.to_string(),
            None => why_not_read(&file.bytes).to_owned(),
        };
        let message = format!("{}: {problem}", file.path);
        self.unread.push(Finding { id: FindingId::EvidenceNotRead, message, signatures: Vec::new() });
    }
}

fn facts_of(file: &EvidenceFile) -> EvidenceFacts {
    EvidenceFacts { path: file.path.clone(), sha256: Digest::of(DigestAlgorithm::Sha256, &file.bytes) }
}

/// Numbers the exports through and adds what they say, except for what they say about other files.
fn add_exports<'a>(
    read: impl Iterator<Item = &'a ReadExport>,
    called: &str,
    digests: &Digests,
    claims: &mut Vec<Claim>,
    findings: &mut Vec<Finding>,
) -> Vec<Export> {
    let mut exports = Vec::new();
    for (position, read) in read.enumerate() {
        // Nobody signed it, so that it has no subject. Most of what it says is about other files.
        let ours =
            read.claims(ExportId { export: position }, |fact| !bind::is_about_another(fact, false, called, digests));
        if ours.is_empty() && !read.is_empty() {
            let message =
                format!("{}: is about other files, so that it says nothing of this one", read.export().source);
            findings.push(Finding { id: FindingId::EvidenceAboutAnother, message, signatures: Vec::new() });
        }
        exports.push(read.export().clone());
        claims.extend(ours);
    }
    exports
}

/// A statement by itself is what GitLab's runner and Jenkins write; it proves nothing until somebody signs it.
fn why_not_read(bytes: &[u8]) -> &'static str {
    let is_statement =
        |names: &Vec<String>| ["_type", "predicateType"].iter().all(|name| names.iter().any(|n| n == name));
    if top_level_names(bytes).iter().any(is_statement) {
        "a statement without a signature, which anybody could have written"
    } else {
        "no format of evidence that is read here"
    }
}

/// All digests that any signature needs.
struct Hashes {
    whole: Digests,
    tree: Vec<(String, Digests)>,
    jobs: Vec<Vec<Digest>>,
    lacking: Need,
}

impl Hashes {
    fn compute(
        artifact: &Artifact<'_>,
        readings: &[Reading],
        listed: &BTreeSet<DigestAlgorithm>,
        limits: &Limits,
    ) -> Result<Self, ReadError> {
        let mut algorithms: BTreeSet<DigestAlgorithm> = readings.iter().flat_map(|r| r.whole()).collect();
        algorithms.insert(DigestAlgorithm::Sha256);
        algorithms.extend(listed);
        match artifact.content {
            _ if artifact.size().is_some_and(|size| size > limits.artifact_bytes) => Ok(Self::none(Need::Limit)),
            Content::Digest(digest) => {
                let whole = std::iter::once((digest.algorithm(), digest)).collect();
                Ok(Self { whole, ..Self::none(Need::ArtifactBytes) })
            }
            Content::Tree(files) => {
                let hash = |bytes| whole_digests(bytes, &algorithms, limits);
                let tree = files.iter().map(|file| Ok((file.path.clone(), hash(file.bytes)?)));
                let tree = tree.collect::<Result<_, ReadError>>()?;
                Ok(Self { tree, ..Self::none(Need::ArtifactBytes) })
            }
            Content::File(source) => Self::of_file(source, readings, &algorithms, limits),
        }
    }

    const fn none(lacking: Need) -> Self {
        Self { whole: Digests::new(), tree: Vec::new(), jobs: Vec::new(), lacking }
    }

    fn of_file(
        source: &dyn Source,
        readings: &[Reading],
        algorithms: &BTreeSet<DigestAlgorithm>,
        limits: &Limits,
    ) -> Result<Self, ReadError> {
        let mut jobs: Vec<HashJob> = algorithms.iter().map(|a| HashJob::whole(*a, source.len())).collect();
        let lists: Vec<Vec<HashJob>> = readings.iter().map(|reading| reading.jobs()).collect();
        jobs.extend(lists.iter().flatten().cloned());
        let mut values = hash_pass(source, &jobs, limits.hash_threads)?.into_iter();
        let whole = algorithms.iter().copied().zip(values.by_ref()).collect();
        let jobs = lists.iter().map(|list| values.by_ref().take(list.len()).collect()).collect();
        Ok(Self { whole, jobs, ..Self::none(Need::ArtifactBytes) })
    }
}

fn whole_digests(
    source: &dyn Source,
    algorithms: &BTreeSet<DigestAlgorithm>,
    limits: &Limits,
) -> Result<Digests, ReadError> {
    let jobs: Vec<HashJob> = algorithms.iter().map(|a| HashJob::whole(*a, source.len())).collect();
    let values = hash_pass(source, &jobs, limits.hash_threads)?;
    Ok(algorithms.iter().copied().zip(values).collect())
}

/// What all formats found together, numbered through.
#[derive(Default)]
struct Draft {
    signatures: Vec<crate::evidence::Signature>,
    claims: Vec<bind::Unbound>,
    findings: Vec<Finding>,
}

impl Draft {
    fn add(&mut self, found: Found, limits: &Limits) {
        let first = self.signatures.len();
        let id = |local: usize| SignatureId(first.saturating_add(local));
        for (local, mut signature) in found.signatures.into_iter().enumerate() {
            signature.id = id(local);
            self.signatures.push(signature);
        }
        if self.signatures.len() > limits.signatures {
            self.findings.push(Finding {
                id: FindingId::EvidenceNotRead,
                message: format!("more than {} signatures: the rest is not listed", limits.signatures),
                signatures: Vec::new(),
            });
            self.signatures.truncate(limits.signatures);
        }
        self.claims.extend(found.claims.into_iter().map(|claim| bind::Unbound {
            claim: Claim {
                fact: claim.fact,
                vouched_by: claim.vouched_by,
                standing: crate::claim::Standing::Asserted,
                subject: None,
                evidence: id(claim.signature).into(),
            },
            refuted: claim.refuted,
        }));
        self.findings.extend(found.findings.into_iter().map(|finding| Finding {
            id: finding.id,
            message: finding.message,
            signatures: finding.signatures.into_iter().map(id).collect(),
        }));
    }
}

fn dates(material: &Material) -> MaterialDates {
    MaterialDates {
        anchors: material.anchors.dated(),
        revocation: material.revocation().newest(),
        distrust: material.distrust.summaries(),
    }
}

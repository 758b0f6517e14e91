//! Attestations that were read and wait for the digests of the artifact.

use std::collections::BTreeSet;

use super::bundle::{Attestation, Content, Defect};
use super::{judge, model};
use crate::crypto::DigestAlgorithm;
use crate::encoding::json::{Cursor, documents, parse};
use crate::evidence::{Origin, Signature};
use crate::finding::FindingId;
use crate::formats::{Context, Format, Found, FoundFinding};
use crate::material::EvidenceFile;
use crate::provenance;
use crate::tlog::entry::Body;

/// One attestation of a file.
pub(in crate::formats) struct Item {
    /// Where in the file it is.
    pub(in crate::formats) position: Option<String>,
    /// What was read, or why nothing could be.
    pub(in crate::formats) attestation: Result<Attestation, Defect>,
}

/// The attestations of a file.
pub(in crate::formats) struct Pending {
    format: &'static str,
    path: String,
    /// In the order of the file.
    items: Vec<Item>,
    /// Parts of the file that are no attestation; other documents may stand beside them.
    ignored: usize,
}

impl Pending {
    /// A file of one JSON document or one per line. `read` takes a document for an attestation, or passes it
    /// over as something else.
    pub(in crate::formats) fn of_lines(
        format: &Format,
        file: &EvidenceFile,
        read: fn(&Cursor<'_>) -> Option<Result<Attestation, Defect>>,
    ) -> Self {
        let documents = match documents(&file.bytes) {
            Ok(documents) => documents,
            Err(error) => return Self::broken(format, file, error.into()),
        };
        let mut pending = Self::new(format, file);
        pending.ignored = documents.unreadable;
        for (line, document) in &documents.documents {
            let position = line.map(|line| format!("line {line}"));
            match read(&Cursor::new(document)) {
                Some(attestation) => pending.items.push(Item { position, attestation }),
                None => pending.ignored = pending.ignored.saturating_add(1),
            }
        }
        pending
    }

    /// A file of one JSON document in which `read` finds the attestations.
    pub(in crate::formats) fn of_document(
        format: &Format,
        file: &EvidenceFile,
        read: fn(&Cursor<'_>) -> Result<Vec<Item>, Defect>,
    ) -> Self {
        match parse(&file.bytes).map_err(Defect::from).and_then(|document| read(&Cursor::new(&document))) {
            Ok(items) => Self { items, ..Self::new(format, file) },
            Err(defect) => Self::broken(format, file, defect),
        }
    }

    fn new(format: &Format, file: &EvidenceFile) -> Self {
        Self { format: format.id, path: file.path.clone(), items: Vec::new(), ignored: 0 }
    }

    fn broken(format: &Format, file: &EvidenceFile, defect: Defect) -> Self {
        let mut pending = Self::new(format, file);
        pending.items.push(Item { position: None, attestation: Err(defect) });
        pending
    }
}

/// The digests of the artifact that an attestation may be about.
fn algorithms(attestation: &Attestation) -> BTreeSet<DigestAlgorithm> {
    let mut needed = BTreeSet::new();
    if let Content::Message { digest, .. } = &attestation.content {
        needed.insert(digest.map_or(DigestAlgorithm::Sha256, |digest| digest.algorithm()));
        needed.extend(attestation.entries.iter().filter_map(|(_, body)| match body {
            Some(Ok(Body::Digest { digest, .. })) => Some(digest.algorithm()),
            _ => None,
        }));
    }
    if let Some(Ok(statement)) = &attestation.statement {
        let digests = statement.subjects.iter().flat_map(|subject| &subject.digests);
        needed.extend(digests.map(|digest| digest.algorithm()).filter(|algorithm| !algorithm.is_broken()));
        needed.extend(model::algorithms(statement));
        needed.extend(provenance::algorithms(statement));
    }
    needed
}

impl crate::formats::Pending for Pending {
    fn whole(&self) -> BTreeSet<DigestAlgorithm> {
        self.items.iter().filter_map(|item| item.attestation.as_ref().ok()).flat_map(algorithms).collect()
    }

    fn judge(self: Box<Self>, context: &Context<'_>) -> Found {
        let mut found = Found::default();
        for item in &self.items {
            let blank = || Signature {
                position: item.position.clone(),
                ..Signature::new(self.format, Origin::File(self.path.clone()))
            };
            match &item.attestation {
                Ok(attestation) => judge::attestation(&mut found, attestation, &blank, context),
                Err(defect) => judge::defect(&mut found, defect, blank()),
            }
            if found.signatures.len() > context.limits.signatures {
                break;
            }
        }
        if self.ignored > 0 {
            let message =
                format!("{}: {} parts of the file are no attestation that is read here", self.path, self.ignored);
            found.findings.push(FoundFinding { id: FindingId::EvidenceNotRead, message, signatures: Vec::new() });
        }
        found
    }
}

/// Whether a bundle is about a directory as a whole.
pub(in crate::formats) fn signs_tree(bytes: &[u8]) -> bool {
    let Ok(documents) = documents(bytes) else { return false };
    let payload = |document: &crate::encoding::json::Json| {
        let text = document.text_at(&["dsseEnvelope", "payload"])?;
        crate::encoding::base64::decode(text)
    };
    let statements = documents.documents.iter().filter_map(|(_, document)| payload(document));
    let mut statements = statements.filter_map(|payload| crate::encoding::statement::Statement::parse(&payload).ok());
    statements.any(|statement| model::is_model(&statement))
}

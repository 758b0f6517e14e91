//! Records of verdicts in a store: documents to records and back.

use std::collections::BTreeSet;

use countersign::crypto::Digest;
use countersign::dossier::Dossier;
use countersign::record::VerdictRecord;
use countersign::registry::{Identity, selectors_of_statement};

use crate::error::{StoreError, StoreErrorKind};
use crate::store::{NewRecord, Store, StoredRecord};

/// The keys of everybody whose signature a dossier holds: over the artifact, or over what was recorded of its release.
#[must_use]
pub fn keys(dossier: &Dossier) -> Vec<String> {
    let each = dossier.signatures.iter().flat_map(|signature| selectors_of_statement(signature, &dossier.claims));
    each.map(|selector| selector.key()).collect::<BTreeSet<String>>().into_iter().collect()
}

/// The keys that the signatures of an identity are found by. Names and products are none.
#[must_use]
pub fn keys_of_identity(identity: &Identity) -> Vec<String> {
    identity.credentials.iter().map(|held| held.selector.key()).collect()
}

/// The documents of a record, with all that it is found by.
#[must_use]
pub fn documents(record: &VerdictRecord) -> NewRecord {
    let (facts, body) = record.to_documents();
    NewRecord {
        at: record.at,
        digests: record.dossier.artifact.digests.values().copied().collect(),
        keys: keys(&record.dossier),
        policy: record.policy.sha256,
        facts,
        body,
    }
}

/// What is done with each record.
pub type EachRecord<'a> = &'a mut dyn FnMut(u64, VerdictRecord) -> Result<(), StoreError>;

/// The records whose evidence has one of these keys, with their numbers, in the order in which they were written.
///
/// # Errors
/// If the store cannot be read, `each` fails, or it holds what this version does not understand.
pub fn of_keys(store: &impl Store, keys: &[String], each: EachRecord<'_>) -> Result<(), StoreError> {
    store.records_of(keys, &mut |stored| each(stored.number, read(&stored)?))
}

/// The records about an artifact with this digest.
///
/// # Errors
/// As [`of_keys`].
pub fn about(store: &impl Store, digest: &Digest, each: EachRecord<'_>) -> Result<(), StoreError> {
    store.records_about(digest, &mut |stored| {
        let record = read(&stored)?;
        let same = record.dossier.artifact.digests.values().any(|found| found == digest);
        if same { each(stored.number, record) } else { Ok(()) }
    })
}

/// The record in a pair of documents.
///
/// # Errors
/// If it is not what this version understands.
pub fn read(stored: &StoredRecord) -> Result<VerdictRecord, StoreError> {
    VerdictRecord::from_documents(&stored.facts, &stored.body).map_err(|bad| StoreError {
        place: format!("record {}", stored.number),
        kind: StoreErrorKind::TooNew,
        detail: bad.to_string(),
    })
}

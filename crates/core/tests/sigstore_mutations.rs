//! Systematic damage: every member of a few valid documents is changed, emptied and removed, one at a time.
//! None of it may leave a valid signature, except where the member provably does not matter; those are
//! listed with the reason.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    dead_code,
    missing_docs,
    unreachable_pub
)]

mod sigstore;

use std::collections::BTreeSet;
use std::fs;

use countersign::evidence::State;
use countersign::material::EvidenceFile;
use serde_json::Value;
use sigstore::mutation::{BASES, Mutation, mutations};
use sigstore::{Case, cases};

/// Members that may change without effect, by the end of case and path, what was done, and why.
const WITHOUT_EFFECT: &[(&str, &str, &str)] = &[
    ("publicKey.hint", "*", "a hint at a key that the relying party has; nobody signed it"),
    (".keyid", "*", "the same in an envelope"),
    ("messageSignature.messageDigest", "removed", "a hint: the artifact's own digest takes its place"),
    ("verificationMaterial.tlogEntries", "removed", "where the log is not demanded: keys, and GitHub's instance"),
    ("inclusionPromise", "removed", "where a timestamp or nothing needs to prove the time"),
    ("timestampVerificationData", "removed", "where a promise proves the time, or a key needs none"),
    ("rfc3161Timestamps", "removed", "the same"),
    ("rfc3161Timestamps[0]", "removed", "the same"),
    ("tlogEntries[0]", "removed", "where the log is not demanded"),
    ("inclusionProof", "removed", "v0.1 rests on the promise alone"),
    ("publicKey", "emptied", "the hint is all that is in it"),
    ("tlogEntries", "emptied", "where the log is not demanded"),
    ("timestampVerificationData", "emptied", "where a promise proves the time, or a key needs none"),
    ("rfc3161Timestamps", "emptied", "the same"),
    ("x509CertificateChain.certificates", "doubled", "the leaf once more as an intermediate that it cannot be"),
    ("intoto-with-custom-trust-root: verificationMaterial.tlogEntries[0].inclusionProof.hashes", "*", "a tree of one"),
    (
        "intoto-with-custom-trust-root: verificationMaterial.tlogEntries[0].inclusionProof.logIndex",
        "removed",
        "is zero",
    ),
    (
        "rekor2-dsse-happy-path: verificationMaterial.tlogEntries[0].inclusionProof.checkpoint.envelope",
        "changed",
        "a cosignature of a witness that nobody named; the log's own line is checked in the other cases",
    ),
];

/// The line of the list that allows for a change.
fn allowance(id: &str, mutation: &Mutation) -> Option<usize> {
    let place = format!("{id}: {}", mutation.path);
    let allows = |(end, what, _): &(&str, &str, &str)| place.ends_with(end) && (*what == "*" || *what == mutation.what);
    WITHOUT_EFFECT.iter().position(allows)
}

fn is_valid(case: &Case, document: &Value) -> bool {
    let mut material = case.material().unwrap();
    material.evidence.push(EvidenceFile { path: "mutated".to_owned(), bytes: serde_json::to_vec(document).unwrap() });
    case.examine_with(&material).signatures.iter().any(|signature| signature.state() == State::Valid)
}

#[test]
fn no_change_to_a_member_that_matters_leaves_a_valid_signature() {
    let (mut tried, mut survived, mut used) = (0, Vec::new(), BTreeSet::new());
    for (family, id) in BASES {
        let Some(case) = cases(family).into_iter().find(|case| case.id == id) else { return };
        let text = fs::read(&case.evidence()[0]).unwrap();
        let document: Value = serde_json::from_slice(&text).unwrap();
        assert!(is_valid(&case, &document), "{id}");
        for mutation in mutations(&document) {
            tried += 1;
            if is_valid(&case, &mutation.document) {
                match allowance(id, &mutation) {
                    Some(line) => drop(used.insert(line)),
                    None => survived.push(format!("{id}: {} {}", mutation.path, mutation.what)),
                }
            }
        }
    }
    eprintln!("{tried} changes tried");
    assert!(survived.is_empty(), "{} changes without effect:\n{}", survived.len(), survived.join("\n"));
    let unused: Vec<_> = (0..WITHOUT_EFFECT.len()).filter(|line| !used.contains(line)).collect();
    assert!(
        unused.is_empty(),
        "lines of the list that allow for nothing: {:?}",
        unused.iter().map(|l| WITHOUT_EFFECT[*l]).collect::<Vec<_>>()
    );
}

/// Halves of two valid documents: nothing of one may vouch for the other.
#[test]
fn halves_of_two_valid_documents_never_make_a_valid_one() {
    let bundles: Vec<_> = BASES
        .iter()
        .filter_map(|(family, id)| {
            let case = cases(family).into_iter().find(|case| case.id == *id)?;
            let document: Value = serde_json::from_slice(&fs::read(&case.evidence()[0]).unwrap()).unwrap();
            document.get("mediaType")?;
            Some((case, document))
        })
        .collect();
    let parts: [&[&str]; 4] = [
        &["messageSignature"],
        &["dsseEnvelope"],
        &["verificationMaterial", "tlogEntries"],
        &["verificationMaterial", "timestampVerificationData"],
    ];
    let mut survived = Vec::new();
    for (case, document) in &bundles {
        for (other, donor) in bundles.iter().filter(|(other, _)| other.id != case.id) {
            for part in parts {
                let pointer = format!("/{}", part.join("/"));
                let (Some(own), Some(foreign)) = (document.pointer(&pointer), donor.pointer(&pointer)) else {
                    continue;
                };
                let is_empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty);
                if own == foreign || is_empty(own) || is_empty(foreign) {
                    continue;
                }
                let mut mixed = document.clone();
                *mixed.pointer_mut(&pointer).unwrap() = foreign.clone();
                if is_valid(case, &mixed) {
                    survived.push(format!("{} with {} of {}", case.id, part.join("."), other.id));
                }
            }
        }
    }
    assert!(survived.is_empty(), "{survived:#?}");
}

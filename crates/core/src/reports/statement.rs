//! Statements of a verifier: our own verdict as an in-toto statement (v1), for those who rely on us.
//!
//! What the predicates share. A statement says no more than the verdict: a level or property stands in it only if the
//! artifact was admitted, and what was not established is said to be so.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::escape::to_json;
use super::verifier::Verifier;
use crate::dossier::{Dossier, EvidenceFacts};
use crate::encoding::base64;
use crate::evidence::{CheckId, Origin, Outcome, Reason, Signature};
use crate::verdict::{Answer, Levels, Question, Verdict};

const STATEMENT: &str = "https://in-toto.io/Statement/v1";

/// The name of our own member in predicates: extensions are named by a URI (in-toto attestation, parsing rules).
const ANSWERS: &str = "https://github.com/countersign/countersign/answers/v1";

/// The statement on one line; nothing if the artifact has no digest that names it alone.
pub(super) fn line(verdict: &Verdict, predicate_type: &str, predicate: Map<String, Value>) -> String {
    let digests = verdict.dossier.artifact.digests.iter().filter(|(algorithm, _)| !algorithm.is_broken());
    let digests: BTreeMap<_, _> = digests.map(|(algorithm, digest)| (algorithm.name(), digest.hex())).collect();
    if digests.is_empty() {
        return String::new();
    }
    let statement = json!({
        "_type": STATEMENT,
        "subject": [{ "name": verdict.dossier.artifact.name, "digest": digests }],
        "predicateType": predicate_type,
        "predicate": predicate,
    });
    to_json(&statement, false) + "\n"
}

/// The members that every predicate begins with: who verified, and our answers.
pub(super) fn predicate(verdict: &Verdict, verifier: Value) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert("verifier".to_owned(), verifier);
    members.insert(ANSWERS.to_owned(), answers(verdict));
    members
}

/// Who verified.
pub(super) fn verifier(verifier: &Verifier) -> Map<String, Value> {
    Map::from_iter([("id".to_owned(), verifier.id().into())])
}

/// The three answers, what nobody looked at, and what the decision does not rest on although the policy asks for it.
fn answers(verdict: &Verdict) -> Value {
    let mut answers: Map<String, Value> = verdict
        .questions
        .iter()
        .map(|judged| (judged.question.word().to_owned(), judged.answer.word().into()))
        .collect();
    let open = verdict.not_examined.iter().filter(|gap| gap.covered_by.is_none());
    answers.insert("notExamined".to_owned(), open.map(|gap| gap.id).collect());
    let waived = verdict.applied_waivers().map(|waiver| json!({ "id": waiver.id, "requirement": waiver.requirement }));
    answers.insert("waived".to_owned(), waived.collect());
    Value::Object(answers)
}

/// The policy as a resource descriptor. Its text has no address, so it is named by its digest (RFC 6920).
pub(super) fn policy(verdict: &Verdict) -> Value {
    let policy = &verdict.policy;
    json!({
        "uri": format!("ni:///sha-256;{}", base64::encode_for_url(policy.sha256.as_bytes())),
        "name": policy.name,
        "digest": { "sha256": policy.sha256.hex() },
        "annotations": { "environment": policy.environment },
    })
}

/// The answers that are *yes*, as properties. Words that begin with `SLSA_` are SLSA's own.
pub(super) fn properties(verdict: &Verdict) -> impl Iterator<Item = &'static str> {
    let established = verdict.questions.iter().filter(|judged| judged.answer == Answer::Yes);
    established.map(|judged| match judged.question {
        Question::Signed => "COUNTERSIGN_SIGNED",
        Question::Signer => "COUNTERSIGN_SIGNER_TRUSTED",
        Question::Path => "COUNTERSIGN_PATH_CONTROLLED",
    })
}

/// The SLSA levels as words, one per track: the level where it is established.
pub(super) fn levels(verdict: &Verdict) -> [(&'static str, Option<u8>); 2] {
    let Levels { build, source } = &verdict.levels;
    [("BUILD", build.as_ref().map(|of| of.level)), ("SOURCE", *source)]
}

/// Every file of evidence that the verdict rests on, as resource descriptors; `None` if that is not known of all of
/// them, because a list is all or nothing (SLSA VSA, `inputAttestations`).
pub(super) fn evidence(dossier: &Dossier) -> Option<Vec<Value>> {
    let is_listed = |signature: &Signature| match &signature.origin {
        Origin::Embedded => true,
        Origin::File(path) => dossier.evidence.iter().any(|file| file.path == *path),
    };
    let used = dossier.evidence.iter().filter(|file| !is_about_another(file, dossier));
    dossier.signatures.iter().all(is_listed).then(|| used.map(descriptor).collect())
}

/// Whether everything in a file is about other artifacts, and no claim about what is behind this one rests on it.
fn is_about_another(file: &EvidenceFacts, dossier: &Dossier) -> bool {
    let of_file = |signature: &&Signature| matches!(&signature.origin, Origin::File(path) if *path == file.path);
    let mut signatures = dossier.signatures.iter().filter(of_file).peekable();
    let another = Some(Outcome::Fail(Reason::SubjectMismatch));
    let is_used = |signature: &Signature| dossier.claims.all().iter().any(|claim| claim.evidence == signature.id);
    signatures.peek().is_some()
        && signatures.all(|signature| signature.outcome(CheckId::Subject) == another && !is_used(signature))
}

/// Paths are nobody else's business: the digest names the file.
fn descriptor(file: &EvidenceFacts) -> Value {
    let name = file.path.rsplit(['/', '\\']).next().unwrap_or_default();
    json!({ "name": name, "digest": { file.sha256.algorithm().name(): file.sha256.hex() } })
}

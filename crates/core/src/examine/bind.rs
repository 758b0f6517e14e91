//! The one place where statements are bound to the artifact and claims get their standing.
//!
//! A claim about another digest is dropped with its signature reported, which ends the class of mistakes
//! "valid attestation for something else".

use crate::artifact::{Digests, is_among};
use crate::claim::{Claim, Fact, Standing};
use crate::crypto::DigestAlgorithm;
use crate::evidence::{CheckId, Origin, Outcome, Reason, Signature, State, Subject};
use crate::finding::{Finding, FindingId};
use crate::release::released::{Rebuild, ReleasedFile};

/// A claim whose standing is not decided yet.
pub(super) struct Unbound {
    pub(super) claim: Claim,
    pub(super) refuted: bool,
}

/// Checks, for every signature that names subjects, that the artifact is one of them.
pub(super) fn subjects(signatures: &mut [Signature], digests: &Digests) {
    for signature in signatures {
        if let Some(subjects) = signature.subjects.take() {
            let (outcome, detail) = match matching(&subjects, digests) {
                Some(subject) => (Outcome::Pass, format!("subject `{}`", subject.name)),
                None => (Outcome::Fail(Reason::SubjectMismatch), mismatch(&subjects)),
            };
            signature.check(CheckId::Subject, outcome, detail);
            signature.subjects = Some(subjects);
        }
    }
}

/// The subject that has a digest of the artifact, by an algorithm without practical collisions.
fn matching<'a>(subjects: &'a [Subject], digests: &Digests) -> Option<&'a Subject> {
    subjects.iter().find(|subject| is_among(digests, &subject.digests))
}

fn mismatch(subjects: &[Subject]) -> String {
    match subjects {
        [] => "the statement names no subject".to_owned(),
        [one] => format!("the statement is about `{}` with other digests", one.name),
        many => format!("the artifact is none of the {} subjects of the statement", many.len()),
    }
}

/// Gives every claim its standing: verified only if its signature is valid and about this artifact.
pub(super) fn claims(unbound: &[Unbound], signatures: &[Signature], called: &str, digests: &Digests) -> Vec<Claim> {
    let subject = digests.get(&DigestAlgorithm::Sha256).or_else(|| digests.values().next_back()).copied();
    let records = |id| unbound.iter().any(|it| it.claim.evidence == id && !it.claim.fact.is_about_artifact());
    // Whose workload signed a record is asked of the record.
    let says_who_recorded = |claim: &Claim| matches!(claim.fact, Fact::WorkflowIdentity(_)) && records(claim.evidence);
    let stand = |Unbound { claim, refuted }: &Unbound| {
        let signature = signatures.iter().find(|signature| claim.evidence == signature.id)?;
        let is_about_artifact = signature.outcome(CheckId::Subject).is_none_or(|outcome| outcome == Outcome::Pass);
        if claim.fact.is_about_artifact() && !is_about_artifact && !says_who_recorded(claim) {
            return None;
        }
        let subject = subject.filter(|_| is_about_artifact);
        if is_about_another(&claim.fact, subject.is_some(), called, digests) {
            return None;
        }
        let standing = match signature.state_of_statement() {
            State::Valid if !*refuted => Standing::Verified,
            State::Broken | State::Bad => Standing::Refuted,
            _ if *refuted => Standing::Refuted,
            _ => Standing::Asserted,
        };
        Some(Claim { standing, subject, ..claim.clone() })
    };
    unbound.iter().filter_map(stand).collect()
}

/// Whether it is about another file than the one of this name and these digests, by what it names itself. `is_subject`
/// says whether the artifact is the subject of the statement.
pub(super) fn is_about_another(fact: &Fact, is_subject: bool, called: &str, digests: &Digests) -> bool {
    let is_ours = is_among(digests, fact.digests());
    match fact {
        Fact::ToolFound(result) => !result.is_about(digests, is_subject),
        Fact::Acted(_) => !is_ours,
        // A file of this name with other bytes is what was changed since.
        Fact::Released(ReleasedFile { name, .. }) | Fact::BuiltAgain(Rebuild { name, .. }) => {
            name != called && !is_ours
        }
        _ => false,
    }
}

/// Findings that follow from the signatures together.
pub(super) fn findings(signatures: &[Signature], claims: &[Claim], findings: &mut Vec<Finding>) {
    let says_something = |signature: &Signature| claims.iter().any(|claim| claim.evidence == signature.id);
    let holds = |signature: &Signature| signature.integrity() == Outcome::Pass;
    for signature in signatures.iter().filter(|signature| signature.origin != Origin::Embedded) {
        let id = match signature.integrity() {
            // It is about the run or the commit behind the artifact.
            Outcome::Fail(Reason::SubjectMismatch) if says_something(signature) => continue,
            Outcome::Fail(Reason::SubjectMismatch) => FindingId::EvidenceAboutAnother,
            Outcome::Fail(_) => FindingId::EvidenceDoesNotVerify,
            _ => continue,
        };
        let message = format!("{}: {}", signature.id, signature.reason());
        findings.push(Finding { id, message, signatures: vec![signature.id] });
    }
    let embedded = || signatures.iter().filter(|signature| signature.origin == Origin::Embedded);
    if embedded().any(holds) && !embedded().all(holds) {
        findings.push(Finding {
            id: FindingId::MixedSignatures,
            message: "not every signature in the file holds: a verifier that is content with any of them is deceived"
                .to_owned(),
            signatures: embedded().filter(|signature| !holds(signature)).map(|signature| signature.id).collect(),
        });
    }
}

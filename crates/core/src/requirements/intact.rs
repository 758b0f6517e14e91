//! `intact`: a signature covers the artifact and its mathematics hold.
//!
//! Embedded signatures and evidence beside the artifact are weighed apart. Embedded ones must all hold:
//! whoever is content with any of them is deceived by the others. Of the evidence beside it the best counts:
//! if a bad file beside the artifact could turn the answer, taking it away would turn it back.

use super::{Choice, Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::evidence::{Need, Origin, Outcome, Reason, Signature};
use crate::ground::Ground;
use crate::verdict::{Answer, Question};

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "intact",
    section: Section::Of(Question::Signed),
    title: "A signature covers the artifact and holds",
    meaning: "Every signature inside of the artifact holds, or one beside it does: digests match, signature \
              values hold, statements are about this artifact. It says nothing about who signed.",
    shape: Shape::Word(&[Choice { word: "required", meaning: "a signature must hold" }]),
    judge: Judge::Artifact(judge),
    fix: "obtain a signed release from the publisher",
    controls: &[
        Control { framework: "NIST SSDF SP 800-218", id: "PS.2.1" },
        Control { framework: "OWASP CI/CD Top 10", id: "CICD-SEC-9" },
    ],
};

fn judge(context: Context<'_>, _: &Setting) -> Weighed {
    let (embedded, detached): (Vec<_>, Vec<_>) =
        context.dossier.signatures.iter().partition(|signature| signature.origin == Origin::Embedded);
    let embedded = weigh_embedded(&embedded);
    let detached = weigh_detached(&detached);
    match (embedded, detached) {
        (Some(embedded), _) if embedded.answer == Answer::No => embedded,
        (Some(embedded), Some(detached)) if detached.answer > embedded.answer => detached,
        (Some(weighed), _) | (None, Some(weighed)) => weighed,
        (None, None) => Weighed::no(Ground::Unsigned, "no signature was found"),
    }
}

/// All must hold: the worst decides.
fn weigh_embedded(signatures: &[&Signature]) -> Option<Weighed> {
    let weighed: Vec<_> = signatures.iter().map(|signature| weigh(signature)).collect();
    let worst = weighed.iter().min_by_key(|weighed| weighed.answer)?.clone();
    Some(match worst.answer {
        Answer::Yes => together(&weighed),
        _ => worst,
    })
}

/// One must hold: the best decides. If none does, one that fails speaks against the artifact.
fn weigh_detached(signatures: &[&Signature]) -> Option<Weighed> {
    let weighed: Vec<_> = signatures.iter().map(|signature| weigh(signature)).collect();
    let holding: Vec<_> = weighed.iter().filter(|weighed| weighed.answer == Answer::Yes).cloned().collect();
    if !holding.is_empty() {
        return Some(together(&holding));
    }
    weighed.into_iter().min_by_key(|weighed| weighed.answer)
}

fn together(holding: &[Weighed]) -> Weighed {
    let evidence: Vec<_> = holding.iter().flat_map(|weighed| weighed.evidence.iter().copied()).collect();
    let detail = match holding {
        [one] => one.detail.clone(),
        many => format!("{} signatures hold", many.len()),
    };
    Weighed { evidence, ..Weighed::yes(Ground::SignatureHolds, detail) }
}

/// What one signature says about the bytes.
pub(super) fn weigh(signature: &Signature) -> Weighed {
    let id = signature.id;
    let detail = || format!("{id}: {}", detail_of(signature));
    let weighed = match signature.integrity() {
        Outcome::Pass => Weighed::yes(Ground::SignatureHolds, format!("{id}: {} signature holds", signature.format)),
        Outcome::Fail(reason) => Weighed::new(Answer::No, reason.word(), detail()).with_fix(reason.fix()),
        Outcome::Undecided(need) => {
            Weighed::new(Answer::NotEstablished, need.word(), detail()).with_fix(need.settled_by())
        }
    };
    weighed.on(id)
}

/// The facts of the check that decides over integrity.
pub(super) fn detail_of(signature: &Signature) -> String {
    let decisive = signature.integrity();
    let check = signature.checks.iter().find(|check| check.id.is_integrity() && check.outcome == decisive);
    match (check, decisive) {
        (Some(check), _) if !check.detail.is_empty() => format!("{}: {}", check.id.word(), check.detail),
        (_, Outcome::Fail(reason)) => Reason::meaning(reason).to_owned(),
        (_, Outcome::Undecided(need)) => Need::meaning(need).to_owned(),
        (_, Outcome::Pass) => "holds".to_owned(),
    }
}

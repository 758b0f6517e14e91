//! `not-distrusted`: nobody else could have signed in the identity's name, and nobody lists it as abused.

use super::registered::{ESTABLISHED, NOTHING_KNOWN, ask};
use super::{Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::evidence::{Check, CheckId, Outcome, Signature};
use crate::ground::Ground;
use crate::registry::{Compromise, Identity, Made};
use crate::verdict::{Answer, Question};

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "not-distrusted",
    section: Section::Of(Question::Signer),
    title: "The signer is not distrusted",
    meaning: "The signer stands on no list of what must not be trusted, and its identity is not known to be \
              compromised. What is proven to be signed before the date of a compromise stays as it was; without \
              such a proof it is not established.",
    shape: Shape::Word(&[ESTABLISHED, NOTHING_KNOWN]),
    judge: Judge::Signature(judge),
    fix: "obtain a release that was signed before the compromise, or by another identity",
    controls: &[
        Control { framework: "OWASP NHI Top 10", id: "NHI2:2025" },
        Control { framework: "NIST CSF", id: "RS.MI-01" },
        Control { framework: "S2C2F", id: "ING-3" },
    ],
};

fn judge(context: Context<'_>, signature: &Signature, setting: &Setting) -> Weighed {
    if let Some(Outcome::Fail(reason)) = signature.outcome(CheckId::Distrust) {
        return Weighed::new(Answer::No, reason.word(), listed(signature)).with_fix(reason.fix());
    }
    let made = Made::of(signature, context.at);
    // Where it is not clear which identity signed, the compromise of any of them counts.
    let matches = context.registry.matching(signature, &context.dossier.claims);
    let weighed = matches
        .all()
        .iter()
        .filter_map(|(identity, _)| identity.compromised.as_ref().map(|compromise| weigh(identity, compromise, made)));
    if let Some(worst) = weighed.min_by_key(|weighed| weighed.answer) {
        return worst;
    }
    match ask(context, signature, setting) {
        Ok(known) => Weighed::yes(Ground::NotCompromised, format!("`{}`", known.identity.id)),
        // That it is unclear who signed matters elsewhere: none of them is compromised.
        Err(_) if matches.is_ambiguous() => Weighed::yes(Ground::NotCompromised, "none of those who could have signed"),
        Err(weighed) => weighed,
    }
}

/// The entries of the lists.
fn listed(signature: &Signature) -> String {
    let failed = |check: &&Check| check.id == CheckId::Distrust && matches!(check.outcome, Outcome::Fail(_));
    let details = signature.checks.iter().filter(failed).map(|check| check.detail.as_str());
    details.collect::<Vec<_>>().join("; ")
}

fn weigh(identity: &Identity, compromise: &Compromise, made: Made) -> Weighed {
    let detail = format!("`{}` is compromised since {}: {}", identity.id, compromise.since, compromise.reason);
    match made {
        Made::By(at) if at < compromise.since => {
            Weighed::yes(Ground::SignedBeforeCompromise, format!("signed {at}; {detail}"))
        }
        Made::By(at) => Weighed::no(Ground::IdentityCompromised, format!("signed {at}; {detail}")),
        Made::Unproven(_) => Weighed::missing(Ground::TimeNotProven, detail),
    }
}

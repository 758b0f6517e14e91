//! Waivers in an appraisal: which could be about the artifact, what they excuse, and what became of them.

use crate::dossier::Dossier;
use crate::evidence::{Reason, State};
use crate::finding::{Finding, FindingId};
use crate::ground::Ground;
use crate::policy::{Policy, Waiver, WaiverPhase};
use crate::requirements::Section;
use crate::time::Time;
use crate::verdict::{Answer, Appraised, Mode, WaiverEffect, WaiverUse};

/// What may be excused here and now.
#[derive(Clone, Debug, Default)]
pub(super) struct Excuses<'a>(Vec<&'a Waiver>);

impl<'a> Excuses<'a> {
    /// The waivers in force that could be about the artifact.
    pub(super) fn of(concerning: &[&'a Waiver], at: Time) -> Self {
        Self(concerning.iter().copied().filter(|waiver| waiver.phase(at) == WaiverPhase::InForce).collect())
    }

    /// Whether there are none.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first waiver that excuses an answer to this requirement, given for this reason.
    fn of_answer(&self, requirement: &str, reason: &str) -> Option<&'a Waiver> {
        let found = self.0.iter().copied().find(|waiver| waiver.requirement == requirement);
        found.filter(|_| is_excusable(reason))
    }

    /// The answer as it counts for the decision.
    pub(super) fn counted(&self, requirement: &str, answer: Answer, reason: &str) -> Answer {
        match self.of_answer(requirement, reason) {
            Some(_) => Answer::Yes,
            None => answer,
        }
    }

    /// Says of everything that stands in the way which waiver excuses it.
    pub(super) fn apply(&self, appraised: &mut [(Section, Appraised)]) {
        for (_, one) in appraised.iter_mut().filter(|(_, one)| one.stands_in_the_way()) {
            one.waived_by = self.of_answer(&one.id, one.reason).map(|waiver| waiver.id.clone());
        }
    }
}

/// Whether a reason can be excused at all. A waiver of `vouched` accepts a signer whom nobody knows; it does not
/// accept a file that was changed, or a signer who was revoked, is distrusted or was compromised.
fn is_excusable(reason: &str) -> bool {
    let state = Reason::ALL.iter().find(|known| known.word() == reason).and_then(|known| known.state());
    let never = matches!(state, Some(State::Broken | State::Bad | State::Distrusted | State::Revoked));
    !never && !NEVER_EXCUSED.iter().any(|ground| ground.word() == reason)
}

/// The grounds that say the same as such a state: another file than was released, or another signer than it seems.
const NEVER_EXCUSED: [Ground; 5] = [
    Ground::IdentityCompromised,
    Ground::NumberChangedUnderName,
    Ground::ChangedSinceRelease,
    Ground::StrippedSinceRelease,
    Ground::Withdrawn,
];

/// The waivers that could be about the artifact.
pub(super) fn concerning<'a>(policy: &'a Policy, dossier: &Dossier, environment: &str) -> Vec<&'a Waiver> {
    policy.waivers().iter().filter(|waiver| waiver.concerns(&dossier.artifact, environment)).collect()
}

/// What became of each.
pub(super) fn uses(concerning: &[&Waiver], appraised: &[(Section, Appraised)], at: Time) -> Vec<WaiverUse> {
    let used = |waiver: &&Waiver| WaiverUse { waiver: (*waiver).clone(), effect: effect(waiver, appraised, at) };
    concerning.iter().map(used).collect()
}

fn effect(waiver: &Waiver, appraised: &[(Section, Appraised)], at: Time) -> WaiverEffect {
    match waiver.phase(at) {
        WaiverPhase::NotYetInForce => return WaiverEffect::NotYetInForce,
        WaiverPhase::Expired => return WaiverEffect::Expired,
        WaiverPhase::InForce => {}
    }
    let unmet = |one: &&Appraised| one.mode == Mode::Required && one.answer != Answer::Yes;
    let mut its = appraised.iter().map(|(_, one)| one).filter(|one| one.id == waiver.requirement).filter(unmet);
    if its.clone().any(|one| one.waived_by.as_deref() == Some(waiver.id.as_str())) {
        WaiverEffect::Applied
    } else if its.any(|one| one.waived_by.is_none()) {
        WaiverEffect::Refused
    } else {
        WaiverEffect::Unused
    }
}

/// What a reader should know about the waivers that do not do what somebody hoped for.
pub(super) fn findings(uses: &[WaiverUse]) -> impl Iterator<Item = Finding> {
    uses.iter().filter_map(|WaiverUse { waiver, effect }| {
        let (id, what) = match effect {
            WaiverEffect::Applied => return None,
            WaiverEffect::Unused => (FindingId::WaiverUnused, "excuses nothing here".to_owned()),
            WaiverEffect::Refused => (FindingId::WaiverRefused, "cannot excuse this".to_owned()),
            WaiverEffect::Expired => (FindingId::WaiverExpired, format!("expired {}", waiver.expires)),
            WaiverEffect::NotYetInForce => {
                (FindingId::WaiverNotYetInForce, format!("counts from {} on", waiver.granted))
            }
        };
        let Waiver { id: name, requirement, owner, .. } = waiver;
        let message = format!("waiver `{name}` of `{requirement}` {what}; {owner} answers for it");
        Some(Finding { id, message, signatures: Vec::new() })
    })
}

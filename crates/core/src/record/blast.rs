//! What becomes of a recorded verdict if an identity is compromised since an instant.

use super::{NotAppraised, RecordedPolicy, VerdictRecord, decided};
use crate::evidence::Signature;
use crate::registry::{Identity, Registry};
use crate::time::Time;
use crate::verdict::Answer;

/// What becomes of a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// No signature that held is of this identity.
    NotConcerned,
    /// Every signature of this identity was made before, by a trusted time; this is the latest.
    Saved(Time),
    /// A signature of this identity has no trusted time: whether it was made before cannot be decided.
    Undecided,
    /// A signature of this identity was made when somebody else could have made it: at this trusted time.
    Lost(Time),
}

impl Effect {
    /// The kebab-case word of the contract.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotConcerned => "not-concerned",
            Self::Saved(_) => "saved",
            Self::Undecided => "undecided",
            Self::Lost(_) => "lost",
        }
    }

    /// The worst comes last.
    const fn rank(self) -> (u8, i64) {
        match self {
            Self::NotConcerned => (0, 0),
            Self::Saved(time) => (1, time.unix()),
            Self::Undecided => (2, 0),
            Self::Lost(time) => (3, time.unix()),
        }
    }
}

/// What becomes of the signatures of this identity in a record, the worst of them.
#[must_use]
pub fn effect(record: &VerdictRecord, identity: &Identity, since: Time) -> Effect {
    let claims = &record.dossier.claims;
    // By its selectors alone: a store also finds records by names, which somebody else may bear.
    let of_it = record.dossier.signatures.iter().filter(|signature| identity.could_have_made(signature, claims));
    of_it
        .map(|signature| of_signature(signature, since))
        .max_by_key(|effect| effect.rank())
        .unwrap_or(Effect::NotConcerned)
}

fn of_signature(signature: &Signature, since: Time) -> Effect {
    match signature.time.trusted {
        None => Effect::Undecided,
        Some(time) if time < since => Effect::Saved(time),
        Some(time) => Effect::Lost(time),
    }
}

/// What the recorded verdict would be decided today, with what the registry knows by now.
///
/// # Errors
/// If the recorded policy cannot be applied again.
pub fn decided_again(
    record: &VerdictRecord,
    policy: &RecordedPolicy,
    registry: &Registry,
    at: Time,
) -> Result<Answer, NotAppraised> {
    record.appraise(policy, registry, at).map(|verdict| decided(verdict.decision))
}

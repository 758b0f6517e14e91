//! Which requirements and rules of a policy its cases have seen met, and which not met. A requirement that was never seen to
//! refuse is one of which nobody knows that it can.

use std::collections::BTreeMap;

use crate::policy::{Environment, Policy};
use crate::verdict::{Answer, Verdict};

/// What was seen of every requirement of a policy, by environment.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    environments: BTreeMap<String, BTreeMap<String, Seen>>,
}

/// How a requirement was answered so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// With yes.
    pub met: bool,
    /// With anything else.
    pub unmet: bool,
}

impl Coverage {
    /// Nothing is seen yet of this policy.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        let unseen = |name: &str| {
            let environment = policy.environment(name);
            let asked = environment.into_iter().flat_map(Environment::asked);
            asked.map(|id| (id.to_owned(), Seen::default())).collect()
        };
        Self { environments: policy.environments().map(|name| (name.to_owned(), unseen(name))).collect() }
    }

    /// Takes in what a case has seen.
    pub fn take(&mut self, verdict: &Verdict) {
        let Some(environment) = self.environments.get_mut(&verdict.policy.environment) else { return };
        for one in verdict.requirements() {
            if let Some(seen) = environment.get_mut(&*one.id) {
                seen.met |= one.answer == Answer::Yes;
                seen.unmet |= one.answer != Answer::Yes;
            }
        }
    }

    /// Every environment with its requirements.
    pub fn environments(&self) -> impl Iterator<Item = (&str, &BTreeMap<String, Seen>)> {
        self.environments.iter().map(|(name, seen)| (name.as_str(), seen))
    }
}

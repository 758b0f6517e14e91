//! Policies: what is required, by environment.
//!
//! A policy only requires; nothing in it allows something that would be refused without it. A requirement
//! more never admits more.

mod expectations;
mod load;
mod pattern;
mod problem;

use std::collections::BTreeMap;

pub use expectations::{Expectations, SummaryExpectation};
pub use pattern::Pattern;
pub use problem::{PolicyErrors, Problem};

use serde::{Deserialize, Serialize};

use crate::crypto::{Digest, DigestAlgorithm};
use crate::in_toto::LayoutReport;
use crate::requirements::{self, REQUIREMENTS, Requirement, Section, Setting};
use crate::verdict::Question;

/// Which policy was applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyId {
    /// Its name.
    pub name: String,
    /// SHA-256 of its text.
    pub sha256: Digest,
    /// The environment in it.
    pub environment: String,
}

/// A policy: requirements by environment.
#[derive(Clone, Debug)]
pub struct Policy {
    name: String,
    sha256: Digest,
    environments: BTreeMap<String, Environment>,
}

/// What one environment requires.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    demands: Vec<Demand>,
}

/// One requirement with what the policy says about it.
#[derive(Clone, Debug)]
pub struct Demand {
    /// The requirement.
    pub requirement: &'static Requirement,
    /// What the policy says.
    pub setting: Setting,
}

/// The text of the built-in policy, as `countersign policy` shows it.
pub const BUILT_IN: &str = include_str!("policy/built_in.toml");

/// The environment that counts if none is named.
pub const DEFAULT_ENVIRONMENT: &str = "production";

/// What the built-in policy requires; the same as [`BUILT_IN`], which a test compares.
const BUILT_IN_DEMANDS: &[(&str, &[(&str, &str)])] = &[
    (
        "production",
        &[
            ("intact", "required"),
            ("vouched", "by-anchor"),
            ("not-revoked", "established"),
            ("expected", "as-given"),
            ("provenance", "verified-or-as-given"),
            ("source", "as-given"),
            ("builder", "as-given"),
        ],
    ),
    ("lab", &[("intact", "required"), ("vouched", "by-anchor-or-itself")]),
];

/// What is judged whenever the registry knows the signer.
const OF_REGISTRY: [&str; 5] = ["registered", "owner-active", "rotation-not-overdue", "no-drift", "not-distrusted"];

impl Policy {
    /// The built-in policy: `production` asks all three questions, `lab` asks for integrity and accepts
    /// self-signed certificates with a finding.
    #[must_use]
    pub fn built_in() -> Self {
        let environment = |demands: &[(&str, &'static str)]| Environment {
            demands: demands.iter().filter_map(|(id, word)| Demand::new(id, Setting::Word(word))).collect(),
        };
        Self {
            name: "built-in".to_owned(),
            sha256: Digest::of(DigestAlgorithm::Sha256, BUILT_IN.as_bytes()),
            environments: BUILT_IN_DEMANDS
                .iter()
                .map(|(name, demands)| ((*name).to_owned(), environment(demands)))
                .collect(),
        }
    }

    /// Reads a policy from its text. `source` is where it comes from, for the errors.
    ///
    /// # Errors
    /// Everything that is wrong with it, not only the first: whatever is not understood is an error.
    pub fn parse(text: &str, source: &str) -> Result<Self, PolicyErrors> {
        load::policy(text, source)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 of its text.
    #[must_use]
    pub const fn sha256(&self) -> Digest {
        self.sha256
    }

    /// What the verdict says about the policy.
    #[must_use]
    pub fn id(&self, environment: &str) -> PolicyId {
        PolicyId { name: self.name.clone(), sha256: self.sha256, environment: environment.to_owned() }
    }

    /// The environment of this name.
    #[must_use]
    pub fn environment(&self, name: &str) -> Option<&Environment> {
        self.environments.get(name)
    }

    /// The names of all environments, sorted.
    pub fn environments(&self) -> impl Iterator<Item = &str> {
        self.environments.keys().map(String::as_str)
    }
}

impl Environment {
    /// Every demand, in the order of the table of requirements.
    #[must_use]
    pub fn demands(&self) -> &[Demand] {
        &self.demands
    }

    /// Whether something is required under this question.
    #[must_use]
    pub fn asks(&self, question: Question) -> bool {
        self.demands.iter().any(|demand| demand.requirement.section == Section::Of(question))
    }

    /// These demands and those of the command line: an expectation that is given is always judged, and so is a
    /// layout.
    #[must_use]
    pub(crate) fn with(&self, expectations: &Expectations, layout: Option<&LayoutReport>) -> Self {
        let layout = layout.map(|_| requirements::layout::ENTRY.id);
        self.also(expectations.demands().chain(layout), requirements::AS_GIVEN.word)
    }

    /// These demands and those that the registry makes by knowing the signer or the product: what it says is
    /// always judged, whatever the policy asks.
    #[must_use]
    pub(crate) fn with_registry(&self, knows_signer: bool, expects_publisher: bool) -> Self {
        let of_signer = OF_REGISTRY.iter().filter(|_| knows_signer);
        let of_product = ["expected-publisher"].iter().filter(|_| expects_publisher);
        let ids: Vec<_> = of_signer.chain(of_product).copied().collect();
        self.also(ids.into_iter(), requirements::NOTHING_KNOWN.word)
    }

    fn also<'a>(&self, ids: impl Iterator<Item = &'a str>, word: &'static str) -> Self {
        let mut demands = self.demands.clone();
        for id in ids {
            if !demands.iter().any(|demand| demand.requirement.id == id) {
                demands.extend(Demand::new(id, Setting::Word(word)));
            }
        }
        demands.sort_by_key(|demand| REQUIREMENTS.iter().position(|known| known.id == demand.requirement.id));
        Self { demands }
    }

    /// What the built-in policy would require under a question that this environment does not ask.
    pub(crate) fn usual(question: Question) -> Vec<Demand> {
        let production = BUILT_IN_DEMANDS.iter().find(|(name, _)| *name == DEFAULT_ENVIRONMENT);
        let usual = production.into_iter().flat_map(|(_, demands)| demands.iter());
        let usual = usual.filter_map(|(id, word)| Demand::new(id, Setting::Word(word)));
        usual.filter(|demand| demand.requirement.section == Section::Of(question)).collect()
    }
}

impl Demand {
    fn new(id: &str, setting: Setting) -> Option<Self> {
        Some(Self { requirement: requirements::by_id(id)?, setting })
    }
}

#[cfg(test)]
mod tests {
    use super::{BUILT_IN, Policy};

    #[test]
    fn the_built_in_policy_is_what_its_text_says() {
        let (built_in, parsed) = (Policy::built_in(), Policy::parse(BUILT_IN, "built_in.toml").unwrap());
        assert_eq!(format!("{built_in:#?}"), format!("{parsed:#?}"));
    }
}

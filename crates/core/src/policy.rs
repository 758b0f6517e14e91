//! Policies: what is required, by environment.
//!
//! A policy only requires; nothing in it allows something that would be refused without it. A requirement
//! more never admits more.

mod builders;
pub mod cases;
mod contradiction;
mod dates;
mod difference;
mod enforcement;
mod expectations;
mod inherit;
pub mod learn;
mod load;
pub mod owners;
mod pattern;
mod problem;
mod rule;
mod waiver;
mod witness;
pub(crate) mod write;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use difference::{Difference, differences};
pub use enforcement::Enforcement;
pub use expectations::{Expectations, SummaryExpectation};
pub use pattern::Pattern;
pub use problem::{PolicyErrors, Problem};
pub(crate) use problem::{printable, suggestion};
pub use rule::{MAX_RULES, Rule};
pub use waiver::{Concerned, MAX_DAYS, Waiver, WaiverPhase};
pub use witness::Witness;
pub use write::quoted;

use serde::{Deserialize, Serialize};

use crate::crypto::{Digest, DigestAlgorithm};
use crate::dossier::Dossier;
use crate::in_toto::LayoutReport;
use crate::provenance::builders::Builder;
use crate::requirements::{self, REQUIREMENTS, Requirement, Section, Setting};
use crate::time::Time;
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
    builders: Vec<Builder>,
    witnesses: Vec<Witness>,
    environments: BTreeMap<String, Environment>,
    waivers: Vec<Waiver>,
}

/// What one environment requires.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    demands: Vec<Demand>,
    inherits: Option<Arc<str>>,
    rules: Vec<Rule>,
    downgrades_since: Option<Time>,
}

/// One requirement with what the policy says about it.
#[derive(Clone, Debug)]
pub struct Demand {
    /// The requirement.
    pub requirement: &'static Requirement,
    /// What the policy says.
    pub setting: Setting,
    /// From when on the decision rests on it.
    pub enforcement: Enforcement,
    /// The environment that says so, its own or one that it inherits from; `None` for what the policy does not say.
    pub stated_in: Option<Arc<str>>,
    /// The environment that put it out of force, for ever or until a date.
    pub enforced_by: Option<Arc<str>>,
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
        let environment = |name: &str, demands: &[(&str, &'static str)]| {
            let demands = demands.iter().filter_map(|(id, word)| Demand::new(id, Setting::Word(word)));
            let stated = |demand| Demand { stated_in: Some(name.into()), ..demand };
            Environment { demands: demands.map(stated).collect(), ..Environment::default() }
        };
        Self {
            name: "built-in".to_owned(),
            sha256: Digest::of(DigestAlgorithm::Sha256, BUILT_IN.as_bytes()),
            builders: Vec::new(),
            witnesses: Vec::new(),
            environments: BUILT_IN_DEMANDS
                .iter()
                .map(|(name, demands)| ((*name).to_owned(), environment(name, demands)))
                .collect(),
            waivers: Vec::new(),
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

    /// The builders that it names, which count before the shipped ones.
    #[must_use]
    pub fn builders(&self) -> &[Builder] {
        &self.builders
    }

    /// Whose signed records count, beside the keys and the signer of the command line.
    #[must_use]
    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
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

    /// Every waiver, in the order of the text.
    #[must_use]
    pub fn waivers(&self) -> &[Waiver] {
        &self.waivers
    }
}

impl Environment {
    /// Every demand, in the order of the table of requirements.
    #[must_use]
    pub fn demands(&self) -> &[Demand] {
        &self.demands
    }

    /// The environment that it inherits from, if from one.
    #[must_use]
    pub fn inherits(&self) -> Option<&str> {
        self.inherits.as_deref()
    }

    /// The rules of its own, in the order of the text, those that it inherits first.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// From when on a version that is less well attested than those before it is held against it (`not-downgraded`).
    /// It is no part of that requirement: what is known of downgrades is judged without it, too, and to ask for more must
    /// never admit more.
    #[must_use]
    pub const fn downgrades_since(&self) -> Option<Time> {
        self.downgrades_since
    }

    /// The ids of its requirements, then of its rules.
    pub fn asked(&self) -> impl Iterator<Item = &str> {
        self.demands.iter().map(|demand| demand.requirement.id).chain(self.rules.iter().map(Rule::id))
    }

    /// Whether a requirement under this question is in force at this instant. A rule answers no question alone.
    #[must_use]
    pub fn asks(&self, question: Question, at: Time) -> bool {
        let inside = |demand: &&Demand| demand.requirement.section == Section::Of(question);
        self.demands.iter().filter(inside).any(|demand| demand.enforcement.is_in_force(at))
    }

    /// Whether the decision rests on anything in this section at this instant, be it a requirement or a rule.
    pub(crate) fn asks_in(&self, section: Section, at: Time) -> bool {
        let of_demands = self.demands.iter().map(|demand| (demand.requirement.section, demand.enforcement));
        let of_rules = self.rules.iter().map(|rule| (rule.section, rule.enforcement));
        of_demands.chain(of_rules).any(|(of, enforcement)| of == section && enforcement.is_in_force(at))
    }

    /// These demands and those of the command line: an expectation that is given is always judged, and so is a
    /// layout.
    #[must_use]
    pub(crate) fn with(&self, expectations: &Expectations, layout: Option<&LayoutReport>, at: Time) -> Cow<'_, Self> {
        let layout = layout.map(|_| requirements::layout::ENTRY.id);
        self.also(expectations.demands().chain(layout), requirements::AS_GIVEN.word, at)
    }

    /// These demands and those that the registry makes by knowing the signer or the product: what it says is
    /// always judged, whatever the policy asks.
    #[must_use]
    pub(crate) fn with_registry(&self, knows_signer: bool, expects_publisher: bool, at: Time) -> Cow<'_, Self> {
        let of_signer = OF_REGISTRY.iter().filter(|_| knows_signer);
        let of_product = ["expected-publisher"].iter().filter(|_| expects_publisher);
        let ids: Vec<_> = of_signer.chain(of_product).copied().collect();
        self.also(ids.into_iter(), requirements::NOTHING_KNOWN.word, at)
    }

    /// What is only warned of stays beside what is asked here: the one says nothing for the other.
    fn also<'a>(&self, ids: impl Iterator<Item = &'a str>, word: &'static str, at: Time) -> Cow<'_, Self> {
        let in_force = |id: &str| {
            let mut same = self.demands.iter().filter(|demand| demand.requirement.id == id);
            same.any(|demand| demand.enforcement.is_in_force(at))
        };
        let mut added: Vec<Demand> = Vec::new();
        for id in ids.filter(|id| !in_force(id)) {
            if !added.iter().any(|demand| demand.requirement.id == id) {
                added.extend(Demand::new(id, Setting::Word(word)));
            }
        }
        if added.is_empty() {
            return Cow::Borrowed(self);
        }
        let demands = self.demands.iter().cloned().chain(added).collect();
        Cow::Owned(Self { downgrades_since: self.downgrades_since, ..Self::of(demands, self.rules.clone()) })
    }

    /// The demands in the order of the table; of two on one requirement the one in force comes first.
    fn of(mut demands: Vec<Demand>, rules: Vec<Rule>) -> Self {
        let place = |demand: &Demand| REQUIREMENTS.iter().position(|known| known.id == demand.requirement.id);
        demands.sort_by_key(|demand| (place(demand), demand.enforcement != Enforcement::Always));
        Self { demands, rules, ..Self::default() }
    }

    /// What is judged although nobody asks, because something is at hand that could speak against the artifact.
    /// What is only tried does not stand in the way: a requirement more would admit more.
    pub(crate) fn made_by_what_is_known(&self, dossier: &Dossier, at: Time) -> Vec<Demand> {
        let in_force = || self.demands.iter().filter(|demand| demand.enforcement.is_in_force(at));
        let is_asked = |id: &str| in_force().any(|demand| demand.requirement.id == id);
        let known = requirements::JUDGED_IF_KNOWN.iter().filter(|(_, is_known)| is_known(dossier));
        let ids = known.map(|(requirement, _)| requirement.id).filter(|id| !is_asked(id));
        ids.filter_map(|id| Demand::new(id, Setting::Word(requirements::NOTHING_KNOWN.word))).collect()
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
        Some(Self::stated(requirements::by_id(id)?, setting))
    }

    const fn stated(requirement: &'static Requirement, setting: Setting) -> Self {
        Self { requirement, setting, enforcement: Enforcement::Always, stated_in: None, enforced_by: None }
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

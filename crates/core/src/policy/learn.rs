//! A first policy from artifacts that are known to be good.
//!
//! What is learnt is never wider than what was seen: only values that occur are accepted, and only what every good
//! artifact meets is required. It is a text for somebody to review: each line says on what it rests, and what some of
//! the artifacts do not meet is written as a comment.

mod values;
mod write;

use super::{Demand, Environment, Expectations, Policy};
use crate::appraise::{Terms, weigh};
use crate::dossier::Dossier;
use crate::registry::Registry;
use crate::requirements::Setting;
use crate::time::Time;
use crate::verdict::{Appraised, Decision, Verdict};

/// Most good artifacts that are learnt from: their facts are kept until all are known, some tens of kilobytes each, and
/// a first policy gets no better by more.
pub const MAX_ARTIFACTS: usize = 4_096;

/// The environment that is written.
const ENVIRONMENT: &str = super::DEFAULT_ENVIRONMENT;

/// What an artifact must meet to be learnt from: the least that makes a name in it worth anything.
const LEAST: [(&str, &str); 2] = [("intact", "required"), ("vouched", "by-anchor")];

/// What is required if all meet it. Of several words of one requirement the first that all meet.
const WORDS: [(&str, &[&str]); 7] = [
    ("coverage", &["complete"]),
    ("algorithms", &["strong"]),
    ("timestamp", &["verified"]),
    ("transparency", &["logged"]),
    ("not-revoked", &["established", "nothing-known"]),
    ("key-in-hardware", &["attested", "required", "declared"]),
    ("provenance", &["verified"]),
];

/// Artifacts that were looked at.
#[derive(Clone, Debug, Default)]
pub struct Lessons {
    good: Vec<Dossier>,
    left_out: Vec<LeftOut>,
}

/// An artifact that does not meet something.
#[derive(Clone, Debug, PartialEq, Eq)]
struct LeftOut {
    name: String,
    /// The requirement and the word for why.
    why: String,
}

/// What was learnt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// The policy, as TOML to be reviewed.
    pub text: String,
    /// How many artifacts it rests on.
    pub artifacts: usize,
    /// How many were left out, because nothing in them verifies.
    pub left_out: usize,
}

/// Why nothing was learnt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NothingLearnt {
    /// In none of the artifacts anything verifies.
    NothingVerifies,
    /// There are more good artifacts than can be learnt from at once.
    TooMany,
}

impl std::fmt::Display for NothingLearnt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NothingVerifies => f.write_str("in none of the artifacts a signature holds that is vouched for"),
            Self::TooMany => write!(f, "more than {MAX_ARTIFACTS} artifacts verify: learn from fewer"),
        }
    }
}

impl std::error::Error for NothingLearnt {}

impl Lessons {
    /// Takes in what was found in an artifact. Only one in which something verifies teaches anything.
    ///
    /// # Errors
    /// [`NothingLearnt::TooMany`].
    pub fn take(&mut self, dossier: Dossier, at: Time) -> Result<(), NothingLearnt> {
        let verdict = judge(&dossier, &least(), at);
        if verdict.decision != Decision::Admit {
            self.left_out.push(LeftOut { name: dossier.artifact.name, why: why(&verdict) });
            return Ok(());
        }
        if self.good.len() >= MAX_ARTIFACTS {
            return Err(NothingLearnt::TooMany);
        }
        self.good.push(dossier);
        Ok(())
    }

    /// The policy that all good artifacts meet.
    ///
    /// # Errors
    /// [`NothingLearnt`].
    pub fn learn(&self, name: &str, at: Time) -> Result<Lesson, NothingLearnt> {
        if self.good.is_empty() {
            return Err(NothingLearnt::NothingVerifies);
        }
        let demands = least();
        let lines = demands.iter().map(Line::required).collect();
        let mut draft = Draft { good: &self.good, at, demands, lines };
        WORDS.iter().for_each(|(id, words)| draft.word(id, words));
        values::add(&mut draft);
        let text = write::text(name, at, self, &draft);
        Ok(Lesson { text, artifacts: self.good.len(), left_out: self.left_out.len() })
    }
}

/// A policy that is being written.
struct Draft<'a> {
    good: &'a [Dossier],
    at: Time,
    /// What is required so far; every good artifact meets it.
    demands: Vec<Demand>,
    lines: Vec<Line>,
}

/// A line of the policy, with what is said about it.
#[derive(Clone, Debug, Default)]
struct Line {
    requirement: &'static str,
    /// Key and value; `None` if no value is met by all.
    required: Option<String>,
    /// How often each value was seen.
    values: Vec<(String, usize)>,
    /// Who does not meet it, or does not meet what is stricter than what is required.
    unmet: Vec<LeftOut>,
    /// What a reviewer should know.
    note: Option<&'static str>,
}

impl Line {
    fn required(demand: &Demand) -> Self {
        Self { requirement: demand.requirement.id, required: Some(demand.to_toml()), ..Self::default() }
    }
}

impl Draft<'_> {
    /// Requires the first of these words that all good artifacts meet, or says who does not meet the last.
    fn word(&mut self, id: &'static str, words: &[&'static str]) {
        let mut stricter = Vec::new();
        for word in words {
            let Some(demand) = Demand::new(id, Setting::Word(word)) else { continue };
            let unmet = self.try_out(&demand);
            if unmet.is_empty() {
                self.lines.push(Line { unmet: stricter, ..Line::required(&demand) });
                return self.demands.push(demand);
            }
            stricter = unmet;
        }
        self.lines.push(Line { requirement: id, unmet: stricter, ..Line::default() });
    }

    /// Requires a value that was seen, unless it cannot be said in a policy.
    fn value(&mut self, id: &'static str, setting: Setting, mut line: Line) {
        let Some(demand) = Demand::new(id, setting) else { return };
        line.requirement = id;
        line.unmet = self.try_out(&demand);
        if line.unmet.is_empty() {
            line.required = Some(demand.to_toml());
            self.demands.push(demand);
        }
        self.lines.push(line);
    }

    /// The good artifacts that would not be admitted if this were required too.
    fn try_out(&self, demand: &Demand) -> Vec<LeftOut> {
        let demands = [self.demands.as_slice(), std::slice::from_ref(demand)].concat();
        let judged = self.good.iter().map(|dossier| (dossier, judge(dossier, &demands, self.at)));
        let refused = judged.filter(|(_, verdict)| verdict.decision != Decision::Admit);
        refused.map(|(dossier, verdict)| LeftOut { name: dossier.artifact.name.clone(), why: why(&verdict) }).collect()
    }

    /// The verdicts on all good artifacts under what is required so far.
    fn verdicts(&self) -> Vec<Verdict> {
        self.good.iter().map(|dossier| judge(dossier, &self.demands, self.at)).collect()
    }
}

fn least() -> Vec<Demand> {
    LEAST.iter().filter_map(|(id, word)| Demand::new(id, Setting::Word(word))).collect()
}

fn judge(dossier: &Dossier, demands: &[Demand], at: Time) -> Verdict {
    let (policy, expectations, registry) = (Policy::built_in(), Expectations::default(), Registry::default());
    let terms =
        Terms { policy: &policy, environment: ENVIRONMENT, expectations: &expectations, registry: &registry, at };
    weigh(dossier.clone(), &Environment::of(demands.to_vec(), Vec::new()), &terms)
}

/// The first requirement that stands in the way.
fn why(verdict: &Verdict) -> String {
    let first = verdict.requirements().find(|one| one.stands_in_the_way());
    first.map_or_else(String::new, |Appraised { id, reason, .. }| format!("{id}: {reason}"))
}

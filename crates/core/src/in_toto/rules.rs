//! Artifact rules, applied (in-toto specification v1.0, §4.3.3 and §5.2).
//!
//! The artifacts of a step stand in a queue. Every rule takes out those that it explains; `DISALLOW` and
//! `REQUIRE` look at what is left. What is left at the end is permitted, as in the reference implementation: a
//! layout that wants it otherwise ends with `DISALLOW *`.

use std::collections::{BTreeMap, BTreeSet};

use super::budget::{Budget, Exhausted};
use super::document::{Artifacts, Link, Match, Rule, Step};
use super::glob::matches;
use crate::crypto::DigestAlgorithm;
use crate::encoding::hex;

/// Steps that looking an artifact up among the others costs, compared with the characters of a pattern.
const LOOK_UP: usize = 32;

/// Why the artifacts of a step are not what the layout says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Violation {
    /// An artifact is there that a rule forbids.
    Disallowed { pattern: String, artifact: String },
    /// An artifact is not there that a rule requires.
    Required { artifact: String },
    /// Comparing took too long: nothing is decided.
    Limit,
}

impl From<Exhausted> for Violation {
    fn from(_: Exhausted) -> Self {
        Self::Limit
    }
}

/// The artifacts of one step.
struct Applied<'a> {
    /// The materials or the products, whichever the rules are about.
    artifacts: &'a Artifacts,
    link: &'a Link,
    links: &'a BTreeMap<&'a str, &'a Link>,
}

/// Checks materials and products of a step against its rules.
pub(super) fn check(
    step: &Step,
    links: &BTreeMap<&str, &Link>,
    budget: &mut Budget,
) -> Result<(), (&'static str, Violation)> {
    let Some(link) = links.get(step.name.as_str()) else { return Ok(()) };
    let materials = Applied { artifacts: &link.materials, link, links };
    materials.apply(&step.materials, budget).map_err(|violation| ("materials", violation))?;
    let products = Applied { artifacts: &link.products, link, links };
    products.apply(&step.products, budget).map_err(|violation| ("products", violation))
}

impl Applied<'_> {
    fn apply(&self, rules: &[Rule], budget: &mut Budget) -> Result<(), Violation> {
        budget.spend(self.artifacts.len())?;
        let mut queue: BTreeSet<&str> = self.artifacts.keys().map(String::as_str).collect();
        for rule in rules {
            let mut consumed = Vec::new();
            for artifact in &queue {
                if self.consumes(rule, artifact, budget)? {
                    consumed.push(*artifact);
                }
            }
            match rule {
                Rule::Disallow(pattern) => {
                    if let Some(artifact) = consumed.first() {
                        let artifact = (*artifact).to_owned();
                        return Err(Violation::Disallowed { pattern: pattern.clone(), artifact });
                    }
                }
                Rule::Require(artifact) if !queue.contains(artifact.as_str()) => {
                    return Err(Violation::Required { artifact: artifact.clone() });
                }
                Rule::Require(_) => {}
                _ => consumed.into_iter().for_each(|artifact| {
                    queue.remove(artifact);
                }),
            }
        }
        Ok(())
    }

    /// Whether a rule is about an artifact of the queue.
    fn consumes(&self, rule: &Rule, artifact: &str, budget: &mut Budget) -> Result<bool, Exhausted> {
        // Whether the rule concerns the artifact or not: most do not.
        budget.spend(artifact.len().saturating_add(LOOK_UP))?;
        let (material, product) = (self.link.materials.get(artifact), self.link.products.get(artifact));
        let (pattern, concerns) = match rule {
            Rule::Create(pattern) => (pattern, material.is_none() && product.is_some()),
            Rule::Delete(pattern) => (pattern, material.is_some() && product.is_none()),
            Rule::Modify(pattern) => {
                budget.spend(material.map_or(0, size))?;
                (pattern, material.is_some() && product.is_some() && material != product)
            }
            Rule::Allow(pattern) | Rule::Disallow(pattern) => (pattern, true),
            Rule::Require(_) => return Ok(false),
            Rule::Match(rule) => return self.is_matched(rule, artifact, budget),
        };
        Ok(concerns && matches(pattern, artifact, budget)?)
    }

    /// Whether the other step knows the same artifact, with the same digests.
    fn is_matched(&self, rule: &Match, artifact: &str, budget: &mut Budget) -> Result<bool, Exhausted> {
        let Some(below) = artifact.strip_prefix(rule.source_prefix.as_str()) else { return Ok(false) };
        let Some(other) = self.links.get(rule.step.as_str()) else { return Ok(false) };
        let there = if rule.with_products { &other.products } else { &other.materials };
        budget.spend(rule.destination_prefix.len().saturating_add(self.artifacts.get(artifact).map_or(0, size)))?;
        let counterpart = there.get(&format!("{}{below}", rule.destination_prefix));
        let same = counterpart
            .is_some_and(|digests| is_collision_free(digests) && self.artifacts.get(artifact) == Some(digests));
        Ok(same && matches(&rule.pattern, below, budget)?)
    }
}

/// Whether a digest is among these for which nobody makes two artifacts: what is the same by MD5 and SHA-1 alone may
/// be another.
fn is_collision_free(digests: &BTreeMap<String, String>) -> bool {
    let strong = DigestAlgorithm::ALL.into_iter().filter(|algorithm| !algorithm.is_broken());
    let value = |algorithm: DigestAlgorithm| hex::decode(digests.get(algorithm.name())?);
    strong.into_iter().any(|algorithm| value(algorithm).is_some_and(|bytes| bytes.len() == algorithm.length()))
}

/// Characters of digests and their names, which a comparison looks at.
fn size(digests: &BTreeMap<String, String>) -> usize {
    let lengths = digests.iter().map(|(algorithm, value)| algorithm.len().saturating_add(value.len()));
    lengths.fold(0, usize::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifacts(named: &[(&str, &str)]) -> Artifacts {
        let digest = |value: &str| BTreeMap::from([("sha256".to_owned(), value.repeat(64))]);
        named.iter().map(|(path, value)| ((*path).to_owned(), digest(value))).collect()
    }

    fn link(step: &str, materials: &[(&str, &str)], products: &[(&str, &str)]) -> Link {
        Link { step: step.to_owned(), materials: artifacts(materials), products: artifacts(products) }
    }

    fn products(rules: Vec<Rule>, links: &[Link]) -> Result<(), Violation> {
        let links: BTreeMap<&str, &Link> = links.iter().map(|link| (link.step.as_str(), link)).collect();
        let link = links["build"];
        Applied { artifacts: &link.products, link, links: &links }.apply(&rules, &mut Budget::new())
    }

    fn rule(of: fn(String) -> Rule, pattern: &str) -> Rule {
        of(pattern.to_owned())
    }

    fn matching(pattern: &str, source: &str, destination: &str) -> Rule {
        Rule::Match(Match {
            pattern: pattern.to_owned(),
            source_prefix: source.to_owned(),
            with_products: true,
            destination_prefix: destination.to_owned(),
            step: "write".to_owned(),
        })
    }

    #[test]
    fn create_delete_and_modify_look_at_both_sides() {
        let build = link(
            "build",
            &[("kept", "1"), ("changed", "1"), ("gone", "1")],
            &[("kept", "1"), ("changed", "2"), ("new", "1")],
        );
        let left = |of| products(vec![rule(of, "*"), rule(Rule::Disallow, "*")], std::slice::from_ref(&build));
        let disallowed =
            |artifact: &str| Err(Violation::Disallowed { pattern: "*".to_owned(), artifact: artifact.to_owned() });
        assert_eq!(left(Rule::Create), disallowed("changed"));
        assert_eq!(left(Rule::Modify), disallowed("kept"));
        assert_eq!(left(Rule::Delete), disallowed("changed"));
        assert_eq!(left(Rule::Allow), Ok(()));
    }

    #[test]
    fn rules_that_concern_nothing_cost_something_too() {
        let names: Vec<String> = (0..10_000).map(|number| format!("{number:05}")).collect();
        let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
        let build = link("build", &[], &many);
        for of in [Rule::Delete, Rule::Modify] {
            let rules = vec![rule(of, "*"); 200];
            assert_eq!(products(rules, std::slice::from_ref(&build)), Err(Violation::Limit));
        }
        assert_eq!(
            products(vec![matching("*", "", "out/"); 200], &[build, link("write", &[], &[])]),
            Err(Violation::Limit)
        );
    }

    #[test]
    fn what_no_rule_explains_is_permitted_until_it_is_disallowed() {
        let build = link("build", &[], &[("a", "1")]);
        assert_eq!(products(vec![], std::slice::from_ref(&build)), Ok(()));
        assert!(products(vec![rule(Rule::Disallow, "*")], &[build]).is_err());
    }

    #[test]
    fn require_wants_exactly_this_name_unexplained_or_not() {
        let build = link("build", &[], &[("a", "1")]);
        assert_eq!(products(vec![rule(Rule::Require, "a")], std::slice::from_ref(&build)), Ok(()));
        let missing = Err(Violation::Required { artifact: "*".to_owned() });
        assert_eq!(products(vec![rule(Rule::Require, "*")], &[build]), missing);
    }

    #[test]
    fn match_wants_the_same_digests_below_the_prefixes() {
        let write = link("write", &[], &[("out/a", "1"), ("out/b", "1")]);
        let build = link("build", &[], &[("src/a", "1"), ("src/b", "2")]);
        let rules = |pattern| vec![matching(pattern, "src/", "out/"), rule(Rule::Disallow, "*")];
        let disallowed =
            |artifact: &str| Err(Violation::Disallowed { pattern: "*".to_owned(), artifact: artifact.to_owned() });
        assert_eq!(products(rules("*"), &[write.clone(), build.clone()]), disallowed("src/b"));
        assert_eq!(products(rules("x"), &[write, build.clone()]), disallowed("src/a"));
        assert_eq!(products(rules("*"), &[build]), disallowed("src/a"));
    }

    #[test]
    fn a_match_by_digests_with_collisions_alone_is_none() {
        let with = |step: &str, digests: &[(&str, usize)]| {
            let digests = digests.iter().map(|(algorithm, length)| ((*algorithm).to_owned(), "1".repeat(*length)));
            let products = BTreeMap::from([("a".to_owned(), digests.collect())]);
            Link { step: step.to_owned(), materials: Artifacts::new(), products }
        };
        let judge = |digests: &[(&str, usize)]| {
            let rules = vec![matching("*", "", ""), rule(Rule::Disallow, "*")];
            products(rules, &[with("write", digests), with("build", digests)]).is_ok()
        };
        assert!(judge(&[("sha256", 64)]));
        assert!(judge(&[("md5", 32), ("sha512", 128)]));
        assert!(!judge(&[("md5", 32), ("sha1", 40)]));
        assert!(!judge(&[("md5", 32)]));
        assert!(!judge(&[("crc32", 8)]), "an algorithm that nobody here knows");
        assert!(!judge(&[("sha256", 0)]) && !judge(&[("sha256", 40)]), "no such digest");
        assert!(!judge(&[]));
    }
}

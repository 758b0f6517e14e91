//! The difference between two policies in what they say, not in how they are written.

use std::collections::{BTreeMap, BTreeSet};

use super::{Demand, Enforcement, Policy, Rule, Waiver, write};

/// What one policy says and the other does not, or not so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// Where: `production.signer.vouched`, `waiver.INC-1`.
    pub place: String,
    /// What the old one says; `None` if nothing.
    pub before: Option<String>,
    /// What the new one says; `None` if nothing.
    pub after: Option<String>,
}

/// Every difference, in the order of the places; only of one environment if one is named.
#[must_use]
pub fn differences(old: &Policy, new: &Policy, environment: Option<&str>) -> Vec<Difference> {
    let (before, after) = (statements(old, environment), statements(new, environment));
    let places: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differing = places.into_iter().filter(|place| before.get(*place) != after.get(*place));
    differing
        .map(|place| Difference {
            place: place.clone(),
            before: before.get(place).cloned(),
            after: after.get(place).cloned(),
        })
        .collect()
}

/// Everything that a policy says, by its place, with what is inherited.
fn statements(policy: &Policy, only: Option<&str>) -> BTreeMap<String, String> {
    let mut statements = BTreeMap::new();
    for name in policy.environments().filter(|name| only.is_none_or(|only| only == *name)) {
        let Some(environment) = policy.environment(name) else { continue };
        for demand in environment.demands() {
            let place = format!("{name}.{}.{}", demand.requirement.section.word(), demand.requirement.id);
            statements.insert(place, of_demand(demand));
        }
        if let Some(since) = environment.downgrades_since() {
            statements.insert(format!("{name}.downgrades_since"), since.to_string());
        }
        for rule in environment.rules() {
            statements.insert(format!("{name}.rule.{}", rule.id()), of_rule(rule));
        }
    }
    for builder in policy.builders() {
        statements.insert(format!("builders.{}", builder.name), write::builder(builder));
    }
    for witness in policy.witnesses() {
        statements.insert(format!("witnesses.{}", witness.name), witness.to_toml());
    }
    let concerned =
        |waiver: &&Waiver| only.is_none_or(|only| waiver.environment.as_deref().is_none_or(|it| it == only));
    for waiver in policy.waivers().iter().filter(concerned) {
        statements.insert(format!("waiver.{}", waiver.id), of_waiver(waiver));
    }
    statements
}

fn of_demand(demand: &Demand) -> String {
    demand.setting.to_toml() + &in_force(demand.enforcement)
}

fn in_force(enforcement: Enforcement) -> String {
    match enforcement {
        Enforcement::Always => String::new(),
        Enforcement::Warn => ", only warned of".to_owned(),
        Enforcement::From(date) => format!(", in force from {date} on"),
    }
}

fn of_rule(rule: &Rule) -> String {
    let if_known = if rule.is_if_known() { ", if known" } else { "" };
    let fix = rule.fix().map_or_else(String::new, |fix| format!("; {fix}"));
    let (text, enforcement) = (rule.text().trim(), in_force(rule.enforcement()));
    format!("{text} ({}{if_known}{enforcement}), else: {}{fix}", rule.section().word(), rule.otherwise())
}

fn of_waiver(waiver: &Waiver) -> String {
    let Waiver { id: _, requirement, artifact, environment, owner, approved_by, reason, granted, expires } = waiver;
    let place = environment.as_deref().unwrap_or("every environment");
    let approvers = approved_by.join(", ");
    let terms = format!("{artifact} from {requirement} in {place}, {granted} to {expires}");
    format!("{terms}, {owner}, approved by {approvers}: {reason}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(text: &str) -> Policy {
        let head = "schema = 1\nname = \"p\"\nenvironment.production.signed.intact = \"required\"\n";
        Policy::parse(&format!("{head}{text}"), "p").unwrap()
    }

    fn between(old: &str, new: &str) -> Vec<String> {
        let line = |it: Difference| format!("{}: {:?} -> {:?}", it.place, it.before, it.after);
        differences(&policy(old), &policy(new), None).into_iter().map(line).collect()
    }

    #[test]
    fn who_may_speak_and_from_when_on_downgrades_count_is_told() {
        let witness = "witnesses.a = { signer = \"s\", issuer = \"i\", says = [\"reviewed\"] }\n";
        let since = "environment.production.downgrades_since = 2026-01-01\n";
        let told = between("", &format!("{witness}{since}"));
        let written = witness.trim_end().strip_prefix("witnesses.a = ").unwrap();
        assert_eq!(
            told,
            [
                "production.downgrades_since: None -> Some(\"2026-01-01T00:00:00Z\")".to_owned(),
                format!("witnesses.a: None -> Some({written:?})"),
            ]
        );
    }

    #[test]
    fn only_what_is_said_differently_is_told() {
        let old = "environment.production.signed.coverage = \"complete\"\nenvironment.lab.inherits = \"production\"\n";
        let new = "environment.production.signed.coverage = \"complete\"\nenvironment.production.warn = [\"coverage\"]\n\
                   environment.lab.inherits = \"production\"\nenvironment.lab.path.trigger = [\"push\"]\n";
        assert_eq!(between(old, &format!("# a comment\n{old}")), Vec::<String>::new());
        let warned = "Some(\"\\\"complete\\\"\") -> Some(\"\\\"complete\\\", only warned of\")";
        assert_eq!(
            between(old, new),
            [
                "lab.path.trigger: None -> Some(\"[\\\"push\\\"]\")".to_owned(),
                format!("lab.signed.coverage: {warned}"),
                format!("production.signed.coverage: {warned}"),
            ]
        );
    }
}

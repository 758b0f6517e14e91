//! A policy in words: what each environment asks, where that comes from, from when on, and what is waived.

use super::Form;
use super::page::{Page, Tone, counted};
use crate::policy::{Demand, Enforcement, Environment, Policy, Rule, Waiver, WaiverPhase, write};
use crate::requirements::{Section, Setting, Shape};
use crate::time::Time;

/// The policy in words, as of an instant; only one environment if one is named.
#[must_use]
pub fn explain_policy(policy: &Policy, environment: Option<&str>, at: Time, form: &Form) -> String {
    let mut page = Page::new(form);
    let title = page.clean(policy.name());
    page.line(format!("policy {} (sha256 {}), as of {at}", page.word(&title, 0, Tone::Strong), policy.sha256().hex()));
    for name in policy.environments().filter(|name| environment.is_none_or(|only| only == *name)) {
        if let Some(found) = policy.environment(name) {
            one_environment(&mut page, name, found, at);
        }
    }
    if !policy.builders().is_empty() {
        page.line("");
        page.line("builders");
    }
    for builder in policy.builders() {
        page.line(format!("  {} = {}", builder.name, page.clean(&write::builder(builder))));
    }
    if !policy.witnesses().is_empty() {
        page.line("");
        page.line("witnesses: of the facts that they are named for, what they sign counts");
    }
    for witness in policy.witnesses() {
        page.line(format!("  {} = {}", witness.name, page.clean(&witness.to_toml())));
    }
    page.line("");
    page.line(
        "always asked besides: what the command line says is expected, what the registry knows of the signer, and what is \
         known against the release where something is asked about its path",
    );
    waivers(&mut page, policy, environment, at);
    page.finish()
}

fn one_environment(page: &mut Page, name: &str, environment: &Environment, at: Time) {
    page.line("");
    let from = environment.inherits().map_or_else(String::new, |parent| format!(", inherits from {parent}"));
    page.line(format!("environment {}{from}", page.word(name, 0, Tone::Strong)));
    if let Some(since) = environment.downgrades_since() {
        let to_come = if since > at { ": until then, none counts" } else { "" };
        page.line(format!("  downgrades count for versions published since {since}{to_come}"));
    }
    for section in Section::ALL {
        let under = |demand: &&Demand| demand.requirement.section == section;
        let demands: Vec<&Demand> = environment.demands().iter().filter(under).collect();
        let rules: Vec<&Rule> = environment.rules().iter().filter(|rule| rule.section() == section).collect();
        match section {
            Section::Of(question) if demands.is_empty() && !rules.is_empty() => {
                page.line(format!("  {} Only rules ask: what is usual is answered beside them.", question.text()));
            }
            Section::Of(question) if demands.is_empty() => {
                page.line(format!("  {} Nothing is asked: it is answered, but nothing rests on it.", question.text()));
            }
            Section::Of(question) => page.line(format!("  {}", question.text())),
            Section::Other if demands.is_empty() && rules.is_empty() => {}
            Section::Other => page.line("  Evidence of other tools"),
        }
        demands.into_iter().for_each(|demand| one_demand(page, name, demand, at));
        rules.into_iter().for_each(|rule| one_rule(page, name, rule, at));
    }
}

fn one_demand(page: &mut Page, environment: &str, demand: &Demand, at: Time) {
    let requirement = demand.requirement;
    page.line(format!("    {}", page.word(&page.clean(&demand.to_toml()), 0, Tone::Strong)));
    page.line(format!("      {}", requirement.meaning));
    if let Some(meaning) = meaning_of_word(requirement.shape, &demand.setting) {
        page.line(format!("      here: {meaning}"));
    }
    let elsewhere = |of: &Option<std::sync::Arc<str>>| of.clone().filter(|of| of.as_ref() != environment);
    if let Some(stated_in) = elsewhere(&demand.stated_in) {
        page.line(format!("      stated in {stated_in}"));
    }
    let by = elsewhere(&demand.enforced_by).map_or_else(String::new, |by| format!(", stated in {by}"));
    enforcement(page, demand.enforcement, &by, at);
}

fn one_rule(page: &mut Page, environment: &str, rule: &Rule, at: Time) {
    page.line(format!("    {}", page.word(&format!("rule {}", rule.id()), 0, Tone::Strong)));
    rule.text().trim().lines().for_each(|line| page.line(format!("      {}", page.clean(line))));
    page.line(format!("      else: {}", page.clean(rule.otherwise())));
    if rule.is_if_known() {
        page.line("      counts only if it is known: leaving evidence out can make it hold");
    }
    if rule.stated_in() != environment {
        page.line(format!("      stated in {}", rule.stated_in()));
    }
    enforcement(page, rule.enforcement(), "", at);
}

fn enforcement(page: &mut Page, enforcement: Enforcement, by: &str, at: Time) {
    match enforcement {
        Enforcement::Always => {}
        Enforcement::Warn => page.line(format!("      only warned of: nothing is refused for it{by}")),
        Enforcement::From(date) if at < date => page.line(format!("      only warned of until {date}{by}")),
        Enforcement::From(date) => page.line(format!("      in force since {date}{by}")),
    }
}

/// What the word behind a key means, where it is one.
fn meaning_of_word(shape: Shape, setting: &Setting) -> Option<&'static str> {
    let Setting::Word(word) = setting else { return None };
    let choices = match shape {
        Shape::Word(choices)
        | Shape::Patterns(choices)
        | Shape::Tables(choices, _)
        | Shape::Graded(choices)
        | Shape::Map(choices, _) => choices,
        Shape::Words(_) => return None,
    };
    choices.iter().find(|choice| choice.word == *word).map(|choice| choice.meaning)
}

fn waivers(page: &mut Page, policy: &Policy, environment: Option<&str>, at: Time) {
    let here = |waiver: &&Waiver| match (environment, waiver.environment.as_deref()) {
        (Some(asked), Some(only)) => asked == only,
        _ => true,
    };
    let shown: Vec<&Waiver> = policy.waivers().iter().filter(here).collect();
    page.line("");
    if shown.is_empty() {
        return page.line("no waivers");
    }
    page.line(counted(shown.len() as u64, "waiver"));
    shown.into_iter().for_each(|waiver| one_waiver(page, waiver, at));
}

fn one_waiver(page: &mut Page, waiver: &Waiver, at: Time) {
    let Waiver { id, requirement, artifact, granted, expires, .. } = waiver;
    let phase = match waiver.phase(at) {
        WaiverPhase::NotYetInForce => "does not count yet",
        WaiverPhase::InForce => "counts",
        WaiverPhase::Expired => "has expired",
    };
    let place = waiver.environment.as_deref().unwrap_or("every environment");
    let artifact = page.clean(&artifact.to_string());
    page.line(format!("  {} excuses {artifact} from {requirement} in {place}", page.word(id, 0, Tone::Strong)));
    page.line(format!("    {phase}: from {granted} to {expires}"));
    page.line(format!("    {}", page.clean(&waiver.reason)));
    let (owner, approvers) = (page.clean(&waiver.owner), page.clean(&waiver.approved_by.join(", ")));
    page.line(format!("    {owner} answers for it, approved by {approvers}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = "schema = 1\nname = \"p\"\n[environment.production]\neffective_on = { vouched = 2027-01-01 }\n\
        [environment.production.signed]\nintact = \"required\"\n[environment.production.signer]\nvouched = \"by-anchor\"\n\
        [environment.lab]\ninherits = \"production\"\ndowngrades_since = 2026-02-01\n[environment.lab.path]\ntrigger = [\"push\"]\n\
        [witnesses.forge]\nsigner = \"s\"\nissuer = \"i\"\nsays = [\"reviewed\"]\n\
        [[waiver]]\nid = \"W-1\"\nrequirement = \"trigger\"\nartifact = \"tool.exe\"\nenvironment = \"lab\"\nowner = \"a@a\"\n\
        approved_by = [\"b@b\"]\nreason = \"why not\"\ngranted = 2026-01-01\nexpires = 2026-06-01\n";

    fn explained(environment: Option<&str>, at: &str) -> String {
        explain_policy(&Policy::parse(POLICY, "p").unwrap(), environment, at.parse().unwrap(), &Form::default())
    }

    #[test]
    fn it_says_where_each_requirement_comes_from_and_from_when_on_it_counts() {
        let text = explained(Some("lab"), "2026-12-31T00:00:00Z");
        for words in [
            "environment lab, inherits from production\n  downgrades count for versions published since 2026-02-01",
            "  forge = { signer = \"s\", issuer = \"i\", says = [\"reviewed\"] }\n",
            "    vouched = \"by-anchor\"\n",
            "      stated in production\n      only warned of until 2027-01-01T00:00:00Z, stated in production\n",
            "    trigger = [\"push\"]\n",
            "  W-1 excuses tool.exe from trigger in lab\n    has expired: from 2026-01-01T00:00:00Z to 2026-06-01T00:00:00Z\n    why not\n    a@a answers for it, approved by b@b\n",
        ] {
            assert!(text.contains(words), "{words}{text}");
        }
        assert!(!text.contains("environment production\n"), "{text}");
    }

    #[test]
    fn a_question_of_which_nothing_is_asked_says_so() {
        let text = explained(Some("production"), "2027-06-01T00:00:00Z");
        assert!(text.contains("Is the release path controlled? Nothing is asked"), "{text}");
        assert!(text.contains("in force since 2027-01-01T00:00:00Z\n") && text.contains("no waivers\n"), "{text}");
        assert!(!text.contains("stated in"), "{text}");
    }
}

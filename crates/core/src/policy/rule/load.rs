//! Reading rules. One that is half understood would admit what its author meant to refuse.

use std::sync::Arc;

use toml::Spanned;
use toml::de::DeValue;

use super::{MAX_RULES, Rule, written};
use crate::condition::Condition;
use crate::policy::Enforcement;
use crate::policy::inherit::{EFFECTIVE_ON, WARN};
use crate::policy::load::Loader;
use crate::policy::waiver::Item;
use crate::requirements::{self, Section};

/// The key of an environment's rules.
pub(in crate::policy) const RULE: &str = "rule";

/// The fields that every rule has: key, how it is written, what it says.
const FIELDS: [(&str, &str, &str); 3] = [
    ("id", "\"acme.no-friday\"", "its name, which stands in every report"),
    ("cel", "'…'", "the condition that must hold"),
    ("else", "\"…\"", "what is said where it does not hold"),
];

/// The fields that a rule may have.
const OPTIONAL: [&str; 5] = ["question", "fix", IF_KNOWN, WARN, EFFECTIVE_ON];

/// The key that accepts that a rule cannot notice what is left out.
const IF_KNOWN: &str = "if_known";

/// Most characters of an id: it stands in a column of reports.
const MAX_ID: usize = 64;

impl Loader<'_> {
    /// The rules of an environment.
    pub(in crate::policy) fn rules(&mut self, value: &Spanned<DeValue<'_>>, environment: &Arc<str>) -> Vec<Rule> {
        let expected = format!("a list of tables, each under [[environment.{environment}.rule]]");
        let DeValue::Array(list) = value.get_ref() else {
            self.wrong_type(value.span(), RULE, &expected, value.get_ref());
            return Vec::new();
        };
        if list.is_empty() || list.len() > MAX_RULES {
            let message = format!("`{RULE}` has {} entries; 1 to {MAX_RULES} are possible", list.len());
            self.problems.add(value.span(), message, None);
            return Vec::new();
        }
        let mut rules = Vec::new();
        for item in list {
            match item.get_ref() {
                DeValue::Table(table) => {
                    rules.extend(self.rule(&Item { table, span: item.span() }, environment));
                }
                other => self.wrong_type(item.span(), RULE, &expected, other),
            }
        }
        self.refuse_twins(list.iter().filter_map(|item| item.get_ref().get("id")), RULE);
        rules
    }

    fn rule(&mut self, item: &Item<'_, '_>, environment: &Arc<str>) -> Option<Rule> {
        self.fields_of_rule(item);
        let id = self.rule_id(item);
        let section = self.rule_section(item);
        let if_known = self.if_known(item);
        let condition = self.condition(item, if_known);
        let otherwise = self.text_of(item, "else");
        let fix = match item.get("fix") {
            Some(_) => Some(self.text_of(item, "fix")?.0.to_owned()),
            None => None,
        };
        let enforcement = self.rule_enforcement(item);
        let (text, condition) = condition?;
        Some(Rule {
            id: id?.to_owned(),
            section: section?,
            text: text.to_owned(),
            otherwise: otherwise?.0.to_owned(),
            fix,
            if_known,
            enforcement: enforcement?,
            stated_in: Arc::clone(environment),
            condition: Arc::new(condition),
        })
    }

    /// Whether all fields are there and no others.
    fn fields_of_rule(&mut self, item: &Item<'_, '_>) {
        let known = || FIELDS.iter().map(|(key, ..)| *key).chain(OPTIONAL);
        for (key, _) in item.table.iter().filter(|(key, _)| !known().any(|known| known == key.get_ref().as_ref())) {
            self.problems.unknown(key.span(), "field of `rule`:", key.get_ref(), known());
        }
        for (key, sample, meaning) in FIELDS.iter().filter(|(key, ..)| !item.table.contains_key(*key)) {
            let help = Some(format!("add `{key} = {sample}`: {meaning}"));
            self.problems.add(item.span.clone(), format!("a rule lacks `{key}`"), help);
        }
    }

    fn rule_id<'a>(&mut self, item: &Item<'a, '_>) -> Option<&'a str> {
        let (id, span) = self.text_of(item, "id")?;
        if requirements::by_id(id).is_some() {
            let help = Some("give the rule a name of its own, such as `acme.…`".to_owned());
            self.problems.add(span, format!("`{id}` is a requirement"), help);
            return None;
        }
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let is_word = |part: &str| !part.is_empty() && part.chars().all(plain);
        if id.len() <= MAX_ID && id.split(['.', '-']).all(is_word) {
            return Some(id);
        }
        let help =
            Some(format!("use words of lower-case letters and digits, with `-` and `.` between, at most {MAX_ID}"));
        self.problems.add(span, "the `id` of a rule is a name such as `acme.no-friday`", help);
        None
    }

    /// Where it counts; under none of the questions unless it says so.
    fn rule_section(&mut self, item: &Item<'_, '_>) -> Option<Section> {
        const KEY: &str = "question";
        let Some(value) = item.get(KEY) else { return Some(Section::Other) };
        let Some(word) = value.get_ref().as_str() else {
            self.wrong_type(value.span(), KEY, "a string", value.get_ref());
            return None;
        };
        let section = Section::ALL.into_iter().find(|section| section.word() == word);
        if section.is_none() {
            self.problems.unknown_value(value.span(), KEY, word, Section::ALL.map(Section::word));
        }
        section
    }

    fn rule_enforcement(&mut self, item: &Item<'_, '_>) -> Option<Enforcement> {
        match (item.get(WARN), item.get(EFFECTIVE_ON)) {
            (None, None) => Some(Enforcement::Always),
            (Some(value), None) if matches!(value.get_ref(), DeValue::Boolean(true)) => Some(Enforcement::Warn),
            (Some(value), None) => {
                let help = Some("write `warn = true`, or leave it out".to_owned());
                self.problems.add(value.span(), "`warn` of a rule is `true`", help);
                None
            }
            (None, Some(value)) => self.instant(EFFECTIVE_ON, value).map(Enforcement::From),
            (Some(value), Some(_)) => {
                let help = Some(format!("name `{WARN}` or `{EFFECTIVE_ON}`"));
                self.problems.add(value.span(), "the rule is put out of force twice", help);
                None
            }
        }
    }

    fn if_known(&mut self, item: &Item<'_, '_>) -> bool {
        let Some(value) = item.get(IF_KNOWN) else { return false };
        let is_true = matches!(value.get_ref(), DeValue::Boolean(true));
        if !is_true {
            let help = Some(format!("write `{IF_KNOWN} = true`, or leave it out"));
            self.problems.add(value.span(), format!("`{IF_KNOWN}` of a rule is `true`"), help);
        }
        is_true
    }

    /// The condition with its text. Mistakes in it are told at their place in the policy.
    fn condition<'a>(&mut self, item: &Item<'a, '_>, if_known: bool) -> Option<(&'a str, Condition)> {
        const KEY: &str = "cel";
        let value = item.get(KEY)?;
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(value.span(), KEY, "a string", value.get_ref());
            return None;
        };
        let mistakes = match Condition::read(text, if_known) {
            Ok(condition) => return Some((text, condition)),
            Err(mistakes) => mistakes,
        };
        let span = value.span();
        let as_written = self.problems.written(span.clone());
        for mistake in mistakes {
            let at = span.start.saturating_add(written::offset(as_written, text, mistake.at)).min(span.end);
            self.problems.add(at..span.end, mistake.message, mistake.help);
        }
        None
    }
}

//! Reading a policy from TOML. Whatever is not understood is an error: a policy that is half understood
//! admits what its author meant to refuse.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::inherit::{self, Draft};
use super::problem::{PolicyErrors, Problems, printable};
use super::rule::RULE;
use super::witness::WITNESSES;
use super::{Demand, Environment, Pattern, Policy, Waiver, Witness};
use crate::crypto::{Digest, DigestAlgorithm};
use crate::provenance::builders::Builder;
use crate::requirements::{self, Choice, Field, Form, REQUIREMENTS, Requirement, Section, Setting, Shape};

/// Largest policy, in bytes; a large organisation's policy has some tens of kilobytes.
const MAX_BYTES: usize = 1 << 20;

/// The version of the language of policies.
const SCHEMA: &str = "1";

/// The keys of a policy.
const KEYS: [&str; 6] = ["schema", "name", "builders", WITNESSES, "environment", "waiver"];

type Entry<'a, 'i> = (&'a Spanned<std::borrow::Cow<'i, str>>, &'a Spanned<DeValue<'i>>);

/// Reads a policy. `source` is where it comes from, for the errors.
pub(super) fn policy(text: &str, source: &str) -> Result<Policy, PolicyErrors> {
    let document = parse(text, source)?;
    let mut loader = Loader::new(text);
    let read = loader.document(document.get_ref());
    loader.problems.finish(source)?;
    Ok(Policy {
        name: read.name,
        sha256: Digest::of(DigestAlgorithm::Sha256, text.as_bytes()),
        builders: loader.builders,
        witnesses: read.witnesses,
        environments: read.environments,
        waivers: read.waivers,
    })
}

/// Reads the language itself, whatever stands in it.
pub(super) fn parse<'t>(text: &'t str, source: &str) -> Result<Spanned<DeTable<'t>>, PolicyErrors> {
    let mut problems = Problems::new(text);
    let text = if text.len() > MAX_BYTES {
        problems.add(0..0, format!("the file is larger than {MAX_BYTES} bytes"), None);
        ""
    } else {
        text
    };
    let (document, mistakes) = DeTable::parse_recoverable(text);
    for mistake in mistakes {
        problems.add(mistake.span().unwrap_or(0..0), mistake.message(), None);
    }
    // What follows a mistake in the language itself may only seem wrong.
    problems.finish(source).map(|()| document)
}

/// What a policy says.
struct Read {
    name: String,
    witnesses: Vec<Witness>,
    environments: BTreeMap<String, Environment>,
    waivers: Vec<Waiver>,
}

/// Reads the parts of a policy and collects what is wrong with them.
pub(super) struct Loader<'t> {
    pub(super) problems: Problems<'t>,
    /// The names of the policy's builders.
    pub(super) named: Vec<String>,
    /// Those of them that can be used.
    pub(super) builders: Vec<Builder>,
    /// The ids of all rules of the policy's own.
    pub(super) rules: BTreeSet<String>,
}

impl<'t> Loader<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self { problems: Problems::new(text), named: Vec::new(), builders: Vec::new(), rules: BTreeSet::new() }
    }
}

impl Loader<'_> {
    fn document(&mut self, document: &DeTable<'_>) -> Read {
        for (key, _) in document.iter().filter(|(key, _)| !KEYS.contains(&key.get_ref().as_ref())) {
            self.problems.unknown(key.span(), "key", key.get_ref(), KEYS);
        }
        self.schema(document.get("schema"));
        let name = self.name(document.get("name"));
        self.builders = document.get("builders").map_or_else(Vec::new, |value| self.builders(value));
        let witnesses = document.get(WITNESSES).map_or_else(Vec::new, |value| self.witnesses(value));
        let environments = match document.get("environment") {
            Some(value) => self.environments(value),
            None => {
                let help = Some("add [environment.production.signed]".to_owned());
                self.problems.add(0..0, "the policy has no environment", help);
                BTreeMap::new()
            }
        };
        self.unused_builders(document.get("builders"), &environments);
        let names = environments.keys().map(String::as_str).collect();
        let waivers = document.get("waiver").map_or_else(Vec::new, |value| self.waivers(value, &names));
        Read { name, witnesses, environments, waivers }
    }

    pub(super) fn schema(&mut self, value: Option<&Spanned<DeValue<'_>>>) {
        let help = || Some(format!("write `schema = {SCHEMA}`"));
        let Some(value) = value else {
            return self.problems.add(0..0, "`schema` is missing", help());
        };
        match value.get_ref() {
            DeValue::Integer(number) if number.as_str() == SCHEMA => {}
            DeValue::Integer(number) => {
                let message = format!("schema {} is not known here", number.as_str());
                self.problems.add(value.span(), message, help());
            }
            other => self.wrong_type(value.span(), "schema", "an integer", other),
        }
    }

    fn name(&mut self, value: Option<&Spanned<DeValue<'_>>>) -> String {
        let help = || Some("write `name = \"…\"`: it stands in every verdict".to_owned());
        let Some(value) = value else {
            self.problems.add(0..0, "`name` is missing", help());
            return String::new();
        };
        let Some(name) = value.get_ref().as_str() else {
            self.wrong_type(value.span(), "name", "a string", value.get_ref());
            return String::new();
        };
        if name.trim().is_empty() || name.chars().any(char::is_control) {
            self.problems.add(value.span(), "`name` is empty or has control characters", help());
        }
        name.to_owned()
    }

    /// Whatever the author of a policy names has a word for a name.
    pub(super) fn named_by_a_word(&mut self, name: &Spanned<std::borrow::Cow<'_, str>>, what: &str) {
        if !is_environment_name(name.get_ref()) {
            let help = Some("use lower-case letters, digits and `-`".to_owned());
            self.problems.add(name.span(), format!("the name of {what} is a word"), help);
        }
    }

    fn environments(&mut self, value: &Spanned<DeValue<'_>>) -> BTreeMap<String, Environment> {
        let Some(table) = self.table(value, "environment") else { return BTreeMap::new() };
        let mut drafts = BTreeMap::new();
        for (name, value) in table {
            self.named_by_a_word(name, "an environment");
            drafts.insert(name.get_ref().to_string(), self.environment((name, value)));
        }
        self.inherit(&drafts)
    }

    fn environment(&mut self, (name, value): Entry<'_, '_>) -> Draft {
        let mut draft = Draft::new(name.get_ref(), name.span());
        let Some(table) = self.table(value, name.get_ref()) else { return draft };
        for (key, value) in table.iter().filter(|(key, _)| !inherit::KEYS.contains(&key.get_ref().as_ref())) {
            match Section::ALL.into_iter().find(|section| section.word() == key.get_ref().as_ref()) {
                Some(section) => self.section(section, &draft.name, value, &mut draft.own),
                None if key.get_ref() == RULE => draft.rules = self.rules(value, &draft.name),
                None => self.unknown_section(key, name.get_ref()),
            }
        }
        draft.mentions_intact = self.mentions_intact(table);
        self.rules.extend(draft.rules.iter().map(|rule| rule.id().to_owned()));
        self.inheritance(table, &mut draft);
        draft.own.iter_mut().for_each(|demand| demand.stated_in = Some(Arc::clone(&draft.name)));
        draft
    }

    /// Whether `intact` is there, if with a mistake that is already reported.
    fn mentions_intact(&self, environment: &DeTable<'_>) -> bool {
        let signed = environment.get("signed").and_then(|signed| signed.get_ref().as_table());
        signed.is_some_and(|signed| signed.contains_key("intact"))
    }

    fn unknown_section(&mut self, key: &Spanned<std::borrow::Cow<'_, str>>, environment: &str) {
        match requirements::by_id(key.get_ref()) {
            Some(requirement) => {
                let place = format!("[environment.{environment}.{}]", requirement.section.word());
                let message = format!("`{}` stands outside of its section", requirement.id);
                self.problems.add(key.span(), message, Some(format!("it belongs under {place}")));
            }
            None => {
                let known = Section::ALL.map(Section::word).into_iter().chain([RULE]).chain(inherit::KEYS);
                self.problems.unknown(key.span(), "section", key.get_ref(), known);
            }
        }
    }

    fn section(
        &mut self,
        section: Section,
        environment: &str,
        value: &Spanned<DeValue<'_>>,
        demands: &mut Vec<Demand>,
    ) {
        let Some(table) = self.table(value, section.word()) else { return };
        for (key, value) in table {
            let known = requirements::by_id(key.get_ref());
            match known {
                Some(requirement) if requirement.section == section => {
                    if let Some(setting) = self.setting(requirement, value) {
                        demands.push(Demand::stated(requirement, setting));
                    }
                }
                Some(requirement) => {
                    let place = format!("[environment.{environment}.{}]", requirement.section.word());
                    let message = format!("`{}` is no requirement of `{}`", requirement.id, section.word());
                    self.problems.add(key.span(), message, Some(format!("it belongs under {place}")));
                }
                None => {
                    let here = REQUIREMENTS.iter().filter(|known| known.section == section).map(|known| known.id);
                    self.problems.unknown(key.span(), "requirement", key.get_ref(), here);
                }
            }
        }
    }

    fn setting(&mut self, requirement: &Requirement, value: &Spanned<DeValue<'_>>) -> Option<Setting> {
        let key = requirement.id;
        match (requirement.shape, value.get_ref()) {
            (Shape::Word(choices), DeValue::String(word)) => self.word(key, choices, word, value.span()),
            (Shape::Word(_), other) => self.wrong_type_of(value.span(), key, "a string", other),
            (Shape::Words(choices), DeValue::Array(list)) => self.words(key, &choices(), list, value.span()),
            (Shape::Words(_), other) => self.wrong_type_of(value.span(), key, "a list of words", other),
            (Shape::Patterns(choices), DeValue::String(text)) => {
                self.word_or(key, choices, text, value.span(), "a list of patterns", |text| format!("[\"{text}\"]"))
            }
            (Shape::Patterns(_), DeValue::Array(list)) => self.patterns(key, list, value.span()),
            (Shape::Patterns(_), other) => self.wrong_type_of(value.span(), key, "a list of patterns", other),
            (Shape::Tables(choices, fields), DeValue::String(text)) => {
                let first = fields.first().map_or("", |field| field.key);
                let like = |text: &str| format!("{{ {first} = \"{text}\" }}");
                self.word_or(key, choices, text, value.span(), "a table or a list of tables", like)
            }
            (Shape::Tables(_, fields), DeValue::Table(table)) => {
                let table = self.fields(key, fields, table, value.span())?;
                Some(Setting::Tables(vec![table]))
            }
            (Shape::Tables(_, fields), DeValue::Array(list)) => self.tables(key, fields, list, value.span()),
            (Shape::Tables(..), other) => self.wrong_type_of(value.span(), key, "a table or a list of tables", other),
            (Shape::Graded(choices), _) => self.graded(key, choices, value),
            (Shape::Map(choices, _), DeValue::String(text)) => {
                let like = |text: &str| format!("{{ \"PATH\" = \"{text}\" }}");
                self.word_or(key, choices, text, value.span(), "a table", like)
            }
            (Shape::Map(..), DeValue::Table(table)) => self.map(key, table, value.span()).map(Setting::Map),
            (Shape::Map(..), other) => self.wrong_type_of(value.span(), key, "a table", other),
        }
    }

    fn word(&mut self, key: &str, choices: &[Choice], word: &str, span: Range<usize>) -> Option<Setting> {
        let known = choices.iter().find(|choice| choice.word == word);
        if known.is_none() {
            self.problems.unknown_value(span, key, word, choices.iter().map(|choice| choice.word));
        }
        known.map(|choice| Setting::Word(choice.word))
    }

    /// One of the words, or the way to write what the text was likely meant to be.
    pub(super) fn word_or(
        &mut self,
        key: &str,
        choices: &[Choice],
        text: &str,
        span: Range<usize>,
        expected: &str,
        like: impl Fn(&str) -> String,
    ) -> Option<Setting> {
        if let Some(choice) = choices.iter().find(|choice| choice.word == text) {
            return Some(Setting::Word(choice.word));
        }
        let choices: String = choices.iter().map(|choice| format!("`{}` or ", choice.word)).collect();
        let message = format!("`{key}` must be {choices}{expected}, found: string");
        self.problems.add(span, message, Some(format!("write `{key} = {}`", like(&printable(text)))));
        None
    }

    pub(super) fn words(
        &mut self,
        key: &str,
        choices: &[Choice],
        list: &DeArray<'_>,
        span: Range<usize>,
    ) -> Option<Setting> {
        let items = self.items(key, list, span)?;
        let mut words = Vec::new();
        for (text, span) in items {
            match self.word(key, choices, text, span.clone())? {
                Setting::Word(word) if words.contains(&word) => {
                    self.problems.add(span, format!("`{word}` is listed twice in `{key}`"), None);
                }
                Setting::Word(word) => words.push(word),
                _ => {}
            }
        }
        Some(Setting::Words(words))
    }

    pub(super) fn patterns(&mut self, key: &str, list: &DeArray<'_>, span: Range<usize>) -> Option<Setting> {
        let items = self.items(key, list, span)?;
        let patterns: Vec<_> = items.into_iter().map(|(text, span)| self.pattern(key, text, span)).collect();
        patterns.into_iter().collect::<Option<_>>().map(Setting::Patterns)
    }

    /// The strings of a list that must not be empty.
    pub(super) fn items<'a>(
        &mut self,
        key: &str,
        list: &'a DeArray<'_>,
        span: Range<usize>,
    ) -> Option<Vec<(&'a str, Range<usize>)>> {
        if list.is_empty() {
            let help = Some("name at least one, or leave the key out".to_owned());
            self.problems.add(span, format!("`{key}` is an empty list, which nothing can meet"), help);
            return None;
        }
        let mut items = Vec::new();
        for item in list {
            match item.get_ref().as_str() {
                Some(text) => items.push((text, item.span())),
                None => self.wrong_type(item.span(), key, "a list of strings", item.get_ref()),
            }
        }
        (items.len() == list.len()).then_some(items)
    }

    pub(super) fn pattern(&mut self, key: &str, text: &str, span: Range<usize>) -> Option<Pattern> {
        let problem = if text.is_empty() {
            "is empty"
        } else if text.chars().all(|c| c == '*') {
            "accepts everything"
        } else if text.chars().any(char::is_control) {
            "has control characters"
        } else {
            return Some(Pattern::new(text));
        };
        let help = Some("say what is expected, or leave the key out".to_owned());
        self.problems.add(span, format!("a pattern of `{key}` {problem}"), help);
        None
    }

    fn tables(&mut self, key: &str, fields: &[Field], list: &DeArray<'_>, span: Range<usize>) -> Option<Setting> {
        if list.is_empty() {
            let help = Some("name at least one, or leave the key out".to_owned());
            self.problems.add(span, format!("`{key}` is an empty list, which nothing can meet"), help);
            return None;
        }
        let mut tables = Vec::new();
        for item in list {
            match item.get_ref() {
                DeValue::Table(table) => tables.extend(self.fields(key, fields, table, item.span())),
                other => self.wrong_type(item.span(), key, "a list of tables", other),
            }
        }
        (tables.len() == list.len()).then_some(Setting::Tables(tables))
    }

    fn fields(
        &mut self,
        key: &str,
        fields: &[Field],
        table: &DeTable<'_>,
        span: Range<usize>,
    ) -> Option<Vec<(&'static str, Pattern)>> {
        if table.is_empty() {
            let help = Some(format!("known: {}", words(fields)));
            self.problems.add(span, format!("`{key}` is an empty table, which says nothing"), help);
            return None;
        }
        let mut found = Vec::new();
        for (name, value) in table {
            let Some(field) = fields.iter().find(|field| field.key == name.get_ref().as_ref()) else {
                let known = fields.iter().map(|field| field.key);
                self.problems.unknown(name.span(), &format!("field of `{key}`:"), name.get_ref(), known);
                continue;
            };
            match value.get_ref().as_str() {
                Some(text) => {
                    found.extend(self.field(field, text, value.span()).map(|pattern| (field.key, pattern)));
                }
                None => self.wrong_type(value.span(), field.key, "a string", value.get_ref()),
            }
        }
        let missing = fields.iter().find(|field| field.required && !table.contains_key(field.key));
        if let Some(field) = missing {
            let help = Some(format!("add `{} = \"…\"`: {}", field.key, field.meaning));
            self.problems.add(span, format!("a table of `{key}` lacks `{}`", field.key), help);
            return None;
        }
        (found.len() == table.len()).then_some(found)
    }

    /// The value of a field, if it has the form that its field asks for.
    fn field(&mut self, field: &Field, text: &str, span: Range<usize>) -> Option<Pattern> {
        match field.form {
            Form::Pattern => self.pattern(field.key, text, span),
            Form::Word(words) if words().contains(&text) => Some(Pattern::new(text)),
            Form::Word(words) => {
                self.problems.unknown_value(span, field.key, text, words());
                None
            }
            Form::Age if requirements::age_of(text).is_some() => Some(Pattern::new(text)),
            Form::Age => {
                let message = format!("`{}` is no span of time: `{}`", field.key, printable(text));
                let help = Some("write hours, days or weeks: `36h`, `7d`, `2w`".to_owned());
                self.problems.add(span, message, help);
                None
            }
        }
    }

    /// The table behind a key, which must be one and must not be empty.
    pub(super) fn table<'a, 'i>(&mut self, value: &'a Spanned<DeValue<'i>>, key: &str) -> Option<&'a DeTable<'i>> {
        match value.get_ref() {
            DeValue::Table(table) if table.is_empty() => {
                let help = Some("require something, or leave the section out".to_owned());
                self.problems.add(value.span(), format!("`{key}` is empty"), help);
                None
            }
            DeValue::Table(table) => Some(table),
            other => {
                self.wrong_type(value.span(), key, "a table", other);
                None
            }
        }
    }

    pub(super) fn wrong_type(&mut self, span: Range<usize>, key: &str, expected: &str, found: &DeValue<'_>) {
        let message = format!("`{key}` must be {expected}, found: {}", found.type_str());
        self.problems.add(span, message, None);
    }

    pub(super) fn wrong_type_of<T>(
        &mut self,
        span: Range<usize>,
        key: &str,
        expected: &str,
        found: &DeValue<'_>,
    ) -> Option<T> {
        self.wrong_type(span, key, expected, found);
        None
    }
}

fn words(fields: &[Field]) -> String {
    fields.iter().map(|field| field.key).collect::<Vec<_>>().join(", ")
}

/// Lower-case letters, digits and `-`, as in all our words.
fn is_environment_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

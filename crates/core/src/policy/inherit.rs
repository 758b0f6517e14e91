//! Environments that inherit: a child takes what its parent requires and may say something else about it.
//!
//! A laboratory may ask for less than production, on purpose. Where every requirement and every date comes from is
//! kept, so that `policy explain` can say it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::load::Loader;
use super::{Demand, Enforcement, Environment, Rule, contradiction};
use crate::requirements::{self, REQUIREMENTS};
use crate::time::Time;

/// The key that names the parent.
pub(super) const INHERITS: &str = "inherits";
/// The key that lists what is only warned of.
pub(super) const WARN: &str = "warn";
/// The key of the dates from which on something refuses.
pub(super) const EFFECTIVE_ON: &str = "effective_on";

/// The key of the date from which on downgrades count.
pub(super) const DOWNGRADES_SINCE: &str = "downgrades_since";

/// The keys of an environment that are no sections.
pub(super) const KEYS: [&str; 4] = [INHERITS, WARN, EFFECTIVE_ON, DOWNGRADES_SINCE];

/// What can never be only warned of: no other requirement means anything without it.
const ALWAYS_IN_FORCE: &str = "intact";

/// Most environments in a line: nobody can follow a longer one.
const MAX_LINE: usize = 8;

/// An environment as it is written, before it takes anything from its parent.
pub(super) struct Draft {
    pub(super) name: Arc<str>,
    pub(super) span: Range<usize>,
    parent: Option<(String, Range<usize>)>,
    /// What it says itself.
    pub(super) own: Vec<Demand>,
    /// The rules that it states itself.
    pub(super) rules: Vec<Rule>,
    /// Whether it says something about integrity, if with a mistake that is reported already.
    pub(super) mentions_intact: bool,
    /// What it puts out of force, for ever or until a date.
    softened: Vec<Softened>,
    /// From when on downgrades count.
    downgrades_since: Option<Time>,
}

struct Softened {
    requirement: String,
    enforcement: Enforcement,
    span: Range<usize>,
}

impl Draft {
    /// An environment of which only the name is known, and with it that something is wrong.
    pub(super) fn new(name: &str, span: Range<usize>) -> Self {
        Self {
            name: name.into(),
            span,
            parent: None,
            own: Vec::new(),
            rules: Vec::new(),
            mentions_intact: true,
            softened: Vec::new(),
            downgrades_since: None,
        }
    }
}

impl Loader<'_> {
    /// Reads the keys of an environment that are no sections.
    pub(super) fn inheritance(&mut self, table: &DeTable<'_>, draft: &mut Draft) {
        draft.parent = table.get(INHERITS).and_then(|value| self.parent(value));
        // What a parent that is not understood would have said, nobody knows.
        draft.mentions_intact |= table.contains_key(INHERITS) && draft.parent.is_none();
        if let Some(value) = table.get(WARN) {
            self.warned(value, &mut draft.softened);
        }
        if let Some(value) = table.get(EFFECTIVE_ON) {
            self.effective_on(value, &mut draft.softened);
        }
        let since = table.get(DOWNGRADES_SINCE);
        draft.downgrades_since = since.and_then(|value| self.instant(DOWNGRADES_SINCE, value));
    }

    fn parent(&mut self, value: &Spanned<DeValue<'_>>) -> Option<(String, Range<usize>)> {
        match value.get_ref().as_str() {
            Some(name) => Some((name.to_owned(), value.span())),
            None => self.wrong_type_of(value.span(), INHERITS, "the name of one environment", value.get_ref()),
        }
    }

    fn warned(&mut self, value: &Spanned<DeValue<'_>>, softened: &mut Vec<Softened>) {
        let DeValue::Array(list) = value.get_ref() else {
            return self.wrong_type(value.span(), WARN, "a list of requirements", value.get_ref());
        };
        for (id, span) in self.items(WARN, list, value.span()).unwrap_or_default() {
            self.soften(softened, id, Enforcement::Warn, span);
        }
    }

    fn effective_on(&mut self, value: &Spanned<DeValue<'_>>, softened: &mut Vec<Softened>) {
        let DeValue::Table(table) = value.get_ref() else {
            let help = Some(format!("write `{EFFECTIVE_ON} = {{ provenance = 2027-01-31 }}`"));
            let message =
                format!("`{EFFECTIVE_ON}` must be a table of requirements, found: {}", value.get_ref().type_str());
            return self.problems.add(value.span(), message, help);
        };
        if table.is_empty() {
            let help = Some("name a requirement and its date, or leave the key out".to_owned());
            self.problems.add(value.span(), format!("`{EFFECTIVE_ON}` is empty"), help);
        }
        for (id, value) in table {
            if let Some(date) = self.instant(id.get_ref(), value) {
                self.soften(softened, id.get_ref(), Enforcement::From(date), id.span());
            }
        }
    }

    fn soften(&mut self, softened: &mut Vec<Softened>, id: &str, enforcement: Enforcement, span: Range<usize>) {
        if requirements::by_id(id).is_none() {
            let known = REQUIREMENTS.iter().map(|known| known.id).filter(|known| *known != ALWAYS_IN_FORCE);
            return self.problems.unknown(span, "requirement", id, known);
        }
        if id == ALWAYS_IN_FORCE {
            let help = Some("take it out of the list: without it no other requirement means anything".to_owned());
            return self.problems.add(span, format!("`{id}` is always in force"), help);
        }
        if softened.iter().any(|other| other.requirement == id) {
            let help = Some(format!("name it once: under `{WARN}`, or with its date under `{EFFECTIVE_ON}`"));
            return self.problems.add(span, format!("`{id}` is put out of force twice"), help);
        }
        softened.push(Softened { requirement: id.to_owned(), enforcement, span });
    }

    /// The environments with what they inherit.
    pub(super) fn inherit(&mut self, drafts: &BTreeMap<String, Draft>) -> BTreeMap<String, Environment> {
        drafts.iter().map(|(name, draft)| (name.clone(), self.inherited(draft, drafts))).collect()
    }

    fn inherited(&mut self, draft: &Draft, drafts: &BTreeMap<String, Draft>) -> Environment {
        let Some(line) = self.line_of(draft, drafts) else { return Environment::default() };
        let demands = merged(&line);
        let asked = |id: &str| demands.iter().any(|demand| demand.requirement.id == id);
        for softened in draft.softened.iter().filter(|softened| !asked(&softened.requirement)) {
            let message = format!("environment `{}` does not ask for `{}`", draft.name, softened.requirement);
            let help = Some("ask for it, or take it out here".to_owned());
            self.problems.add(softened.span.clone(), message, help);
        }
        // Names are taken only from signatures that hold: without this, no other requirement means anything.
        if !asked(ALWAYS_IN_FORCE) && !line.iter().any(|one| one.mentions_intact) {
            let message = format!("environment `{}` does not require that a signature holds", draft.name);
            let help = format!("add `intact = \"required\"` under [environment.{}.signed]", draft.name);
            self.problems.add(draft.span.clone(), message, Some(help));
        }
        for message in contradiction::among(&demands) {
            let message = format!("environment `{}` can admit nothing: {message}", draft.name);
            self.problems.add(draft.span.clone(), message, Some("change one of the two".to_owned()));
        }
        Environment {
            inherits: draft.parent.as_ref().map(|(name, _)| name.as_str().into()),
            downgrades_since: line.iter().rev().find_map(|one| one.downgrades_since),
            ..Environment::of(demands, rules_of(&line))
        }
    }

    /// The environment and all that it inherits from, the first parent first; `None` if there is no end to it.
    fn line_of<'d>(&mut self, draft: &'d Draft, drafts: &'d BTreeMap<String, Draft>) -> Option<Vec<&'d Draft>> {
        let mut line = vec![draft];
        let mut youngest = draft;
        while let Some((parent, span)) = &youngest.parent {
            let Some(found) = drafts.get(parent) else {
                // Said once, where it is written.
                if std::ptr::eq(youngest, draft) {
                    self.problems.unknown(span.clone(), "environment", parent, drafts.keys().map(String::as_str));
                }
                return None;
            };
            if line.iter().any(|one| std::ptr::eq(*one, found)) {
                self.circle(draft, found);
                return None;
            }
            if line.len() >= MAX_LINE {
                let message = format!("more than {MAX_LINE} environments inherit from each other in a line");
                let help = Some("say what is required where it is required".to_owned());
                let span = draft.parent.as_ref().map_or(0..0, |(_, span)| span.clone());
                self.problems.add(span, message, help);
                return None;
            }
            line.push(found);
            youngest = found;
        }
        line.reverse();
        Some(line)
    }

    /// A circle is reported by each that is part of it; what merely leads into one is not at fault.
    fn circle(&mut self, draft: &Draft, met_again: &Draft) {
        if !std::ptr::eq(draft, met_again) {
            return;
        }
        let span = draft.parent.as_ref().map_or(0..0, |(_, span)| span.clone());
        let help = Some("let one of them say what it requires itself".to_owned());
        self.problems.add(span, format!("environment `{}` inherits from itself", draft.name), help);
    }
}

/// The rules of the line. A rule of a child takes the place of its parents' of the same id.
fn rules_of(line: &[&Draft]) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for draft in line {
        rules.retain(|rule| !draft.rules.iter().any(|own| own.id() == rule.id()));
        rules.extend(draft.rules.iter().cloned());
    }
    rules
}

/// What the last of the line requires. What a child says of a requirement takes the place of all that its parents say
/// of it, also of a date.
fn merged(line: &[&Draft]) -> Vec<Demand> {
    let mut demands: Vec<Demand> = Vec::new();
    for draft in line {
        demands.retain(|demand| !draft.own.iter().any(|own| own.requirement.id == demand.requirement.id));
        demands.extend(draft.own.iter().cloned());
        for softened in &draft.softened {
            let of_it = |demand: &&mut Demand| demand.requirement.id == softened.requirement;
            if let Some(demand) = demands.iter_mut().find(of_it) {
                demand.enforcement = softened.enforcement;
                demand.enforced_by = Some(Arc::clone(&draft.name));
            }
        }
    }
    demands
}

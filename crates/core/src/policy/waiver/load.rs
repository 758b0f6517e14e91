//! Reading waivers. One that lacks anything, or says something that is not understood, is an error: an exception
//! that nobody answers for would be a hole.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{
    BY_DIGEST_ALONE, Concerned, MAX_DAYS, MAX_STARS, MAX_WAIVERS, MIN_LETTERS, NEVER_WAIVED, Waiver, same_person,
};
use crate::crypto::Digest;
use crate::policy::Pattern;
use crate::policy::load::Loader;
use crate::requirements::REQUIREMENTS;
use crate::time::Time;

/// The fields that every waiver has: key, how it is written, what it says.
const FIELDS: [(&str, &str, &str); 8] = [
    ("id", "\"…\"", "the ticket or incident, which stands in every report"),
    ("requirement", "\"…\"", "what it excuses from"),
    ("artifact", "\"sha256:…\"", "for what"),
    ("owner", "\"…\"", "who answers for it"),
    ("approved_by", "[\"…\"]", "who approved it, never the owner"),
    ("reason", "\"…\"", "why"),
    ("granted", "2026-11-01", "from when on it counts"),
    ("expires", "2027-02-01", "from when on it does not count any more"),
];

/// The field that a waiver may have.
const ENVIRONMENT: &str = "environment";

/// Most characters of a text: a reason is a sentence or two, beside a ticket.
const MAX_TEXT: usize = 500;

/// Most characters of an id: it stands in a column of reports.
const MAX_ID: usize = 64;

/// Most people who approve: more are a meeting.
const MAX_APPROVERS: usize = 16;

/// A table with the place of what is missing in it.
pub(in crate::policy) struct Item<'a, 'i> {
    pub(in crate::policy) table: &'a DeTable<'i>,
    pub(in crate::policy) span: Range<usize>,
}

impl<'a, 'i> Item<'a, 'i> {
    pub(in crate::policy) fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'i>>> {
        self.table.get(key)
    }
}

impl Loader<'_> {
    /// The waivers of a policy with these environments.
    pub(in crate::policy) fn waivers(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        environments: &BTreeSet<&str>,
    ) -> Vec<Waiver> {
        let DeValue::Array(list) = value.get_ref() else {
            self.wrong_type(value.span(), "waiver", "a list of tables, each under [[waiver]]", value.get_ref());
            return Vec::new();
        };
        if list.is_empty() || list.len() > MAX_WAIVERS {
            let message = format!("`waiver` has {} entries; 1 to {MAX_WAIVERS} are possible", list.len());
            self.problems.add(value.span(), message, None);
            return Vec::new();
        }
        let mut waivers = Vec::new();
        for item in list {
            match item.get_ref() {
                DeValue::Table(table) => {
                    waivers.extend(self.waiver(&Item { table, span: item.span() }, environments));
                }
                other => self.wrong_type(item.span(), "waiver", "a list of tables, each under [[waiver]]", other),
            }
        }
        self.refuse_twins(list.iter().filter_map(|item| item.get_ref().get("id")), "waiver");
        waivers
    }

    /// Names that two of a list have.
    pub(in crate::policy) fn refuse_twins<'a, 'i: 'a>(
        &mut self,
        ids: impl Iterator<Item = &'a Spanned<DeValue<'i>>>,
        what: &str,
    ) {
        let mut seen = BTreeSet::new();
        for id in ids {
            let Some(text) = id.get_ref().as_str() else { continue };
            if !seen.insert(text) {
                let help = Some(format!("give each its own: a report names a {what} by its id"));
                self.problems.add(id.span(), format!("two {what}s have this id"), help);
            }
        }
    }

    fn waiver(&mut self, item: &Item<'_, '_>, environments: &BTreeSet<&str>) -> Option<Waiver> {
        self.fields_of_waiver(item);
        let id = self.waiver_id(item);
        let requirement = self.waived_requirement(item);
        let artifact = self.waived_artifact(item, requirement);
        let environment = self.waived_environment(item, environments);
        let owner = self.text_of(item, "owner");
        let owner = owner.and_then(|(text, span)| self.person("owner", text, span));
        let approved_by = self.approvers(item, owner);
        let reason = self.text_of(item, "reason");
        let dates = self.dates(item);
        let ((granted, expires), (reason, _)) = (dates?, reason?);
        Some(Waiver {
            id: id?.to_owned(),
            requirement: requirement?.to_owned(),
            artifact: artifact?,
            environment: environment?.map(str::to_owned),
            owner: owner?.to_owned(),
            approved_by: approved_by?,
            reason: reason.to_owned(),
            granted,
            expires,
        })
    }

    /// Whether all fields are there and no others.
    fn fields_of_waiver(&mut self, item: &Item<'_, '_>) {
        let known = || FIELDS.iter().map(|(key, ..)| *key).chain([ENVIRONMENT]);
        for (key, _) in item.table.iter().filter(|(key, _)| !known().any(|known| known == key.get_ref().as_ref())) {
            self.problems.unknown(key.span(), "field of `waiver`:", key.get_ref(), known());
        }
        for (key, sample, meaning) in FIELDS.iter().filter(|(key, ..)| !item.table.contains_key(*key)) {
            let help = Some(format!("add `{key} = {sample}`: {meaning}"));
            self.problems.add(item.span.clone(), format!("a waiver lacks `{key}`"), help);
        }
    }

    /// A text for people, on one line.
    pub(in crate::policy) fn text_of<'a>(&mut self, item: &Item<'a, '_>, key: &str) -> Option<(&'a str, Range<usize>)> {
        let value = item.get(key)?;
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(value.span(), key, "a string", value.get_ref());
            return None;
        };
        self.is_line(key, text, value.span()).then(|| (text, value.span()))
    }

    fn is_line(&mut self, key: &str, text: &str, span: Range<usize>) -> bool {
        let problem = if text.trim().is_empty() {
            "is empty"
        } else if text.chars().any(char::is_control) {
            "has control characters"
        } else if text.chars().count() > MAX_TEXT {
            "is longer than 500 characters"
        } else {
            return true;
        };
        self.problems.add(span, format!("`{key}` {problem}"), None);
        false
    }

    fn waiver_id<'a>(&mut self, item: &Item<'a, '_>) -> Option<&'a str> {
        let (id, span) = self.text_of(item, "id")?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if id.chars().all(plain) && id.len() <= MAX_ID {
            return Some(id);
        }
        let help = Some(format!("use letters, digits, `-`, `_` and `.`, at most {MAX_ID}"));
        self.problems.add(span, "the `id` of a waiver is a word", help);
        None
    }

    fn waived_requirement<'a>(&mut self, item: &Item<'a, '_>) -> Option<&'a str> {
        let (id, span) = self.text_of(item, "requirement")?;
        if NEVER_WAIVED.contains(&id) {
            let help = Some("integrity, revocation and distrust never are: leave the waiver out".to_owned());
            self.problems.add(span, format!("`{id}` cannot be waived"), help);
            return None;
        }
        if REQUIREMENTS.iter().any(|known| known.id == id) || self.rules.contains(id) {
            return Some(id);
        }
        let known = REQUIREMENTS.iter().map(|known| known.id).filter(|id| !NEVER_WAIVED.contains(id));
        let rules = self.rules.clone();
        self.problems.unknown(span, "requirement", id, known.chain(rules.iter().map(String::as_str)));
        None
    }

    fn waived_artifact(&mut self, item: &Item<'_, '_>, requirement: Option<&str>) -> Option<Concerned> {
        let (text, span) = self.text_of(item, "artifact")?;
        let (problem, help) = match concerned(text) {
            Ok(name @ Concerned::Name(_)) => match requirement.filter(|id| BY_DIGEST_ALONE.contains(id)) {
                None => return Some(name),
                Some(id) => (
                    format!("`{id}` is waived for exact bytes alone: whoever makes a file also names it"),
                    "write `artifact = \"sha256:…\"`".to_owned(),
                ),
            },
            Ok(digest) => return Some(digest),
            Err((problem, help)) => (format!("`artifact` {problem}"), help),
        };
        self.problems.add(span, problem, Some(help));
        None
    }

    /// The environment, or that none is named; `None` if it is not one of the policy's.
    fn waived_environment<'a>(
        &mut self,
        item: &Item<'a, '_>,
        environments: &BTreeSet<&str>,
    ) -> Option<Option<&'a str>> {
        if item.get(ENVIRONMENT).is_none() {
            return Some(None);
        }
        let (name, span) = self.text_of(item, ENVIRONMENT)?;
        if environments.contains(name) {
            return Some(Some(name));
        }
        self.problems.unknown(span, "environment", name, environments.iter().copied());
        None
    }

    /// Somebody, written as an account or address alone, so that two names of one person do not pass for two people.
    fn person<'a>(&mut self, key: &str, text: &'a str, span: Range<usize>) -> Option<&'a str> {
        let plain = |c: char| !c.is_whitespace() && !matches!(c, '<' | '>' | ',' | ';' | '"' | '*');
        if text.chars().all(plain) && text.chars().any(char::is_alphanumeric) {
            return Some(text);
        }
        let help = Some(format!("write an account or address alone: `{key} = {}`", sample_person(key)));
        self.problems.add(span, format!("`{key}` does not name somebody"), help);
        None
    }

    fn approvers(&mut self, item: &Item<'_, '_>, owner: Option<&str>) -> Option<Vec<String>> {
        const KEY: &str = "approved_by";
        let value = item.get(KEY)?;
        let DeValue::Array(list) = value.get_ref() else {
            self.wrong_type(value.span(), KEY, "a list of strings", value.get_ref());
            return None;
        };
        if list.is_empty() || list.len() > MAX_APPROVERS {
            let message = format!("`{KEY}` names {} people; 1 to {MAX_APPROVERS} are possible", list.len());
            self.problems.add(value.span(), message, Some("somebody else than the owner must approve".to_owned()));
            return None;
        }
        let mut approvers: Vec<String> = Vec::new();
        for (name, span) in self.items(KEY, list, value.span())? {
            let name = self.is_line(KEY, name, span.clone()).then_some(name);
            let name = name.and_then(|name| self.person(KEY, name, span.clone()))?;
            if owner.is_some_and(|owner| same_person(owner, name)) {
                let help = Some("somebody else must approve".to_owned());
                self.problems.add(span, format!("`{KEY}` names the owner"), help);
                return None;
            }
            if approvers.iter().any(|other| same_person(other, name)) {
                self.problems.add(span, format!("`{KEY}` names somebody twice"), None);
                return None;
            }
            approvers.push(name.to_owned());
        }
        Some(approvers)
    }

    fn dates(&mut self, item: &Item<'_, '_>) -> Option<(Time, Time)> {
        let granted = item.get("granted").and_then(|value| self.instant("granted", value));
        let value = item.get("expires")?;
        let expires = self.instant("expires", value);
        let (granted, expires) = (granted?, expires?);
        let seconds = expires.unix().saturating_sub(granted.unix());
        let most = MAX_DAYS.saturating_mul(Time::DAY);
        let problem = match seconds {
            ..=0 => "`expires` does not lie after `granted`".to_owned(),
            _ if seconds > most => format!("`expires` lies more than {MAX_DAYS} days after `granted`"),
            _ => return Some((granted, expires)),
        };
        let help = Some("grant it anew when it ends, if it is still needed".to_owned());
        self.problems.add(value.span(), problem, help);
        None
    }
}

fn sample_person(key: &str) -> &'static str {
    if key == "owner" { "\"j.doe@acme.example\"" } else { "[\"k.lee@acme.example\"]" }
}

/// Which artifacts are meant, or what is wrong and what would be right.
fn concerned(text: &str) -> Result<Concerned, (String, String)> {
    const NAME: &str = "name a file, with at most two `*`, or write \"sha256:…\"";
    let refused = |problem: &str, help: &str| Err((problem.to_owned(), help.to_owned()));
    if let Some((algorithm, _)) = text.split_once(':') {
        return match text.parse::<Digest>() {
            Ok(digest) if algorithm == "sha256" => Ok(Concerned::Digest(digest)),
            _ => refused("is no whole SHA-256", "write \"sha256:\" and 64 hexadecimal digits, or the name of a file"),
        };
    }
    let stars = text.matches('*').count();
    // An ending alone is that of every program: `*.exe`.
    let stem = text.rsplit_once('.').map_or(text, |(stem, _)| stem);
    let letters = stem.chars().filter(|character| character.is_alphanumeric()).count();
    if text.contains(['/', '\\']) {
        return refused("is no name of a file: a path is never matched", NAME);
    }
    if stars > MAX_STARS {
        return refused("has more than two `*`", NAME);
    }
    if stars > 0 && letters < MIN_LETTERS {
        return refused(
            "fits almost everything",
            "name at least four letters beside `*` and the ending, or write \"sha256:…\"",
        );
    }
    Ok(Concerned::Name(Pattern::new(text)))
}

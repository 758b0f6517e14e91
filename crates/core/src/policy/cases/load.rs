//! Reading a table of cases. Whatever is not understood is an error, and so is a table that tests nothing.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::compare::decision_word;
use super::{Case, CaseOption, CaseTable, Expected, ExpectedRequirement, MAX_CASES, Subject};
use crate::crypto::Digest;
use crate::evidence::{Need, Reason};
use crate::finding::FindingId;
use crate::ground::Ground;
use crate::policy::load::{self, Loader};
use crate::policy::problem::PolicyErrors;
use crate::policy::{DEFAULT_ENVIRONMENT, quoted};
use crate::requirements::REQUIREMENTS;
use crate::time::Time;
use crate::verdict::{Answer, Decision, Question};

/// The keys of a table.
const KEYS: [&str; 4] = ["schema", "policy", "at", "case"];

/// The keys of a case.
const CASE: [&str; 8] = ["name", "environment", "artifact", "digest", "dossier", "at", "options", "expect"];

/// The keys of what is expected.
const EXPECT: [&str; 6] = ["decision", "signed", "signer", "path", "requirements", "findings"];

/// The keys of what is expected of a requirement.
const REQUIREMENT: [&str; 3] = ["answer", "reason", "waived_by"];

/// The keys that say what is judged.
const SUBJECTS: [&str; 3] = ["artifact", "digest", "dossier"];

type Value<'i> = Spanned<DeValue<'i>>;

pub(super) fn table(text: &str, source: &str, options: &[&str]) -> Result<CaseTable, PolicyErrors> {
    let document = load::parse(text, source)?;
    let mut loader = Loader::new(text);
    let table = loader.case_table(document.get_ref(), options);
    loader.problems.finish(source)?;
    Ok(table)
}

impl Loader<'_> {
    fn case_table(&mut self, document: &DeTable<'_>, options: &[&str]) -> CaseTable {
        self.only(document, "key", &KEYS);
        self.schema(document.get("schema"));
        let policy = document.get("policy").and_then(|value| self.line_of_text("policy", value));
        let at = document.get("at").and_then(|value| self.instant("at", value));
        let has_at = document.contains_key("at");
        let cases = match document.get("case").map(|value| (value.get_ref(), value.span())) {
            Some((DeValue::Array(list), span)) if list.is_empty() || list.len() > MAX_CASES => {
                let message = format!("{} cases; 1 to {MAX_CASES} are possible", list.len());
                self.problems.add(span, message, None);
                Vec::new()
            }
            Some((DeValue::Array(list), _)) => {
                list.iter().filter_map(|item| self.case(item, (at, has_at), options)).collect()
            }
            Some((other, span)) => {
                self.wrong_type(span, "case", "a list of tables, each under [[case]]", other);
                Vec::new()
            }
            None => {
                let help = Some("add [[case]]: a table without cases tests nothing".to_owned());
                self.problems.add(0..0, "there is no case", help);
                Vec::new()
            }
        };
        CaseTable { policy, cases }
    }

    fn line_of_text(&mut self, key: &str, value: &Value<'_>) -> Option<String> {
        let Some(text) = value.get_ref().as_str() else {
            return self.wrong_type_of(value.span(), key, "a string", value.get_ref());
        };
        if text.trim().is_empty() || text.chars().any(char::is_control) {
            self.problems.add(value.span(), format!("`{key}` is empty or has control characters"), None);
            return None;
        }
        Some(text.to_owned())
    }

    fn case(&mut self, item: &Value<'_>, at: (Option<Time>, bool), options: &[&str]) -> Option<Case> {
        let DeValue::Table(table) = item.get_ref() else {
            return self.wrong_type_of(item.span(), "case", "a list of tables, each under [[case]]", item.get_ref());
        };
        self.only(table, "key of a case:", &CASE);
        let text = |loader: &mut Self, key: &str| table.get(key).map(|value| loader.line_of_text(key, value));
        let name = text(self, "name").unwrap_or_else(|| self.lacking(item.span(), "name", "\"…\""));
        let environment = text(self, "environment").unwrap_or_else(|| Some(DEFAULT_ENVIRONMENT.to_owned()));
        let subject = self.subject(table, item.span());
        let at = match table.get("at") {
            Some(value) => self.instant("at", value),
            None if at.1 => at.0,
            None => self.lacking(item.span(), "at", "2026-11-23T00:00:00Z"),
        };
        let options = table.get("options").map_or_else(|| Some(Vec::new()), |value| self.options(value, options));
        let expected = match table.get("expect") {
            Some(value) => self.expected(value),
            None => self.lacking(item.span(), "expect", "{ decision = \"admit\" }"),
        };
        Some(Case {
            name: name?,
            environment: environment?,
            subject: subject?,
            at: at?,
            options: options?,
            expected: expected?,
        })
    }

    fn lacking<T>(&mut self, span: Range<usize>, key: &str, sample: &str) -> Option<T> {
        self.problems.add(span, format!("a case lacks `{key}`"), Some(format!("add `{key} = {sample}`")));
        None
    }

    fn subject(&mut self, table: &DeTable<'_>, span: Range<usize>) -> Option<Subject> {
        let mut named = SUBJECTS.iter().filter_map(|key| Some((*key, table.get(*key)?)));
        let (Some((key, value)), None) = (named.next(), named.next()) else {
            let help = Some("name one of `artifact`, `digest` and `dossier`".to_owned());
            self.problems.add(span, "it is not clear what is judged", help);
            return None;
        };
        let text = self.line_of_text(key, value)?;
        match key {
            "artifact" => Some(Subject::Artifact(text)),
            "dossier" => Some(Subject::Dossier(text)),
            _ => match text.parse::<Digest>() {
                Ok(digest) => Some(Subject::Digest(digest)),
                Err(bad) => {
                    self.problems.add(value.span(), bad.to_string(), None);
                    None
                }
            },
        }
    }

    fn options(&mut self, value: &Value<'_>, known: &[&str]) -> Option<Vec<CaseOption>> {
        let table = self.table(value, "options")?;
        let mut options = Vec::new();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            if !known.contains(&name) {
                self.problems.unknown(key.span(), "option", name, known.iter().copied());
                continue;
            }
            if let Some(values) = self.values(name, value) {
                options.push(CaseOption { name: name.to_owned(), values });
            }
        }
        (options.len() == table.len()).then_some(options)
    }

    fn values(&mut self, key: &str, value: &Value<'_>) -> Option<Vec<String>> {
        match value.get_ref() {
            DeValue::Boolean(true) => Some(Vec::new()),
            DeValue::Array(list) => {
                let items = self.items(key, list, value.span())?;
                Some(items.into_iter().map(|(text, _)| text.to_owned()).collect())
            }
            DeValue::String(_) => Some(vec![self.line_of_text(key, value)?]),
            other => self.wrong_type_of(value.span(), key, "a string, a list of strings or `true`", other),
        }
    }

    fn expected(&mut self, value: &Value<'_>) -> Option<Expected> {
        let table = self.table(value, "expect")?;
        self.only(table, "key of `expect`:", &EXPECT);
        let decision = match table.get("decision") {
            Some(value) => self.one_of("decision", value, &DECISIONS, |decision| decision_word(*decision)),
            None => self.lacking(value.span(), "decision", "\"admit\""),
        };
        let mut answers = Vec::new();
        for question in Question::ALL {
            if let Some(value) = table.get(question.word()) {
                answers.push((question, self.answer(question.word(), value)?));
            }
        }
        let requirements =
            table.get("requirements").map_or_else(|| Some(Vec::new()), |value| self.expected_requirements(value));
        let findings = table.get("findings").map_or_else(|| Some(Vec::new()), |value| self.expected_findings(value));
        Some(Expected { decision: decision?, answers, requirements: requirements?, findings: findings? })
    }

    fn answer(&mut self, key: &str, value: &Value<'_>) -> Option<Answer> {
        self.one_of(key, value, &Answer::ALL, |answer| answer.word())
    }

    fn one_of<T: Copy>(
        &mut self,
        key: &str,
        value: &Value<'_>,
        known: &[T],
        word: impl Fn(&T) -> &'static str,
    ) -> Option<T> {
        let Some(text) = value.get_ref().as_str() else {
            return self.wrong_type_of(value.span(), key, "a string", value.get_ref());
        };
        let found = known.iter().copied().find(|one| word(one) == text);
        if found.is_none() {
            self.problems.unknown_value(value.span(), key, text, known.iter().map(&word));
        }
        found
    }

    fn expected_requirements(&mut self, value: &Value<'_>) -> Option<Vec<ExpectedRequirement>> {
        let table = self.table(value, "requirements")?;
        let mut expected = Vec::new();
        for (key, value) in table {
            let id = key.get_ref().as_ref();
            if !REQUIREMENTS.iter().any(|known| known.id == id) {
                self.problems.unknown(key.span(), "requirement", id, REQUIREMENTS.iter().map(|known| known.id));
                continue;
            }
            expected.extend(self.expected_requirement(id, value));
        }
        (expected.len() == table.len()).then_some(expected)
    }

    fn expected_requirement(&mut self, id: &str, value: &Value<'_>) -> Option<ExpectedRequirement> {
        let id = id.to_owned();
        let DeValue::Table(table) = value.get_ref() else {
            let answer = self.answer(&id, value)?;
            return Some(ExpectedRequirement { id, answer, reason: None, waived_by: None });
        };
        self.only(table, &format!("key of `{id}`:"), &REQUIREMENT);
        let answer = match table.get("answer") {
            Some(value) => self.answer("answer", value),
            None => self.lacking(value.span(), "answer", "\"yes\""),
        };
        let reason = table.get("reason").map(|value| self.reason(value));
        let waived_by = table.get("waived_by").map(|value| self.line_of_text("waived_by", value));
        Some(ExpectedRequirement {
            id,
            answer: answer?,
            reason: reason.map_or(Some(None), |found| found.map(Some))?,
            waived_by: waived_by.map_or(Some(None), |found| found.map(Some))?,
        })
    }

    fn reason(&mut self, value: &Value<'_>) -> Option<String> {
        let text = self.line_of_text("reason", value)?;
        let grounds = Ground::ALL.iter().map(|ground| ground.word());
        let reasons = Reason::ALL.iter().map(|reason| reason.word());
        let known: BTreeSet<&str> = grounds.chain(reasons).chain(Need::ALL.iter().map(|need| need.word())).collect();
        if known.contains(text.as_str()) {
            return Some(text);
        }
        let near = crate::policy::problem::nearest(&text, &known.iter().copied().collect::<Vec<_>>());
        let help = near.map_or_else(
            || "`countersign explain --reasons` lists them".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        self.problems.add(value.span(), format!("{} is no reason of a verdict", quoted(&text)), Some(help));
        None
    }

    fn expected_findings(&mut self, value: &Value<'_>) -> Option<Vec<FindingId>> {
        let DeValue::Array(list) = value.get_ref() else {
            return self.wrong_type_of(value.span(), "findings", "a list of words", value.get_ref());
        };
        let mut findings = Vec::new();
        for (word, span) in self.items("findings", list, value.span())? {
            match FindingId::ALL.iter().find(|id| id.word() == word) {
                Some(id) => findings.push(*id),
                None => self.problems.unknown(span, "finding", word, FindingId::ALL.iter().map(|id| id.word())),
            }
        }
        (findings.len() == list.len()).then_some(findings)
    }
}

const DECISIONS: [Decision; 3] = [Decision::Admit, Decision::Refuse, Decision::RefuseForLackOfEvidence];

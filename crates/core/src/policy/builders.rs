//! Reading the builders that a policy names, and what it asks of builders.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::load::Loader;
use super::{Environment, Pattern};
use crate::claim::Voucher;
use crate::crypto::{Digest, DigestAlgorithm};
use crate::encoding::hex;
use crate::provenance::builders::{self, Builder, GITHUB, Named, Reference, SignedBy};
use crate::requirements::{Choice, GradeDemand, Setting};

/// The fields of a builder.
const BUILDER: [&str; 6] = ["id", "ref", "signer", "level", "build_types", "parameters"];
/// The fields of its signer.
const SIGNER: [&str; 3] = ["issuer", "workflow", "key"];
/// What may be asked of a builder.
const GRADED: [&str; 3] = ["builder", "level", "voucher"];

/// The least level of a builder that signs out of reach of the job that it describes (SLSA v1.2, Build L2).
const BY_PLATFORM: u8 = 2;

type Fields<'a, 'i> = &'a DeTable<'i>;

impl Loader<'_> {
    /// `[builders.NAME]`.
    pub(super) fn builders(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<Builder> {
        let Some(table) = self.table(value, "builders") else { return Vec::new() };
        let mut builders = Vec::new();
        for (name, value) in table {
            self.named.push(name.get_ref().to_string());
            self.named_by_a_word(name, "a builder");
            let key = format!("builders.{}", name.get_ref());
            if let Some(table) = self.table(value, &key) {
                builders.extend(self.builder(name.get_ref(), table, value.span()));
            }
        }
        builders
    }

    fn builder(&mut self, name: &str, table: Fields<'_, '_>, span: Range<usize>) -> Option<Builder> {
        self.only(table, "field of a builder:", &BUILDER);
        let reference = self.optional(table, "ref", Self::one_pattern);
        let reference = reference.map(|given| given.map_or(Reference::Release, Reference::Fits));
        let of = ("a builder", table, &span);
        let id = self.required(of, "id", "the name that its statements have for it", Self::one_pattern);
        let signer = self.required(of, "signer", "who signs for it", Self::signer);
        let level = self.optional(table, "level", Self::level);
        let build_types = self.optional(table, "build_types", Self::build_types);
        let allowed = self.optional(table, "parameters", |loader, key, value| match value.get_ref() {
            DeValue::Table(table) => loader.map(key, table, value.span()),
            other => loader.wrong_type_of(value.span(), key, "a table", other),
        });
        let (level, reference) = (level?.unwrap_or(builders::LISTED), reference?);
        Some(Builder {
            name: name.to_owned(),
            title: "named by the policy".to_owned(),
            note: String::new(),
            level,
            voucher: if level >= BY_PLATFORM { Voucher::Platform } else { Voucher::Tenant },
            signers: vec![signer?.at(&reference)],
            named: Named::AsSaid { id: id?, reference },
            build_types: build_types?.unwrap_or_default(),
            known: Vec::new(),
            allowed: allowed?,
            of_policy: true,
        })
    }

    /// Reports every key that is not known.
    pub(super) fn only(&mut self, table: Fields<'_, '_>, what: &str, known: &[&'static str]) {
        for (key, _) in table.iter().filter(|(key, _)| !known.contains(&key.get_ref().as_ref())) {
            self.problems.unknown(key.span(), what, key.get_ref(), known.iter().copied());
        }
    }

    /// A field that may be missing; `None` if it is there and wrong.
    pub(super) fn optional<T>(
        &mut self,
        table: Fields<'_, '_>,
        key: &str,
        read: impl Fn(&mut Self, &str, &Spanned<DeValue<'_>>) -> Option<T>,
    ) -> Option<Option<T>> {
        match table.get(key) {
            None => Some(None),
            Some(value) => read(self, key, value).map(Some),
        }
    }

    /// A field of something, which is a table at this place, that must not be missing.
    pub(super) fn required<T>(
        &mut self,
        (what, table, span): (&str, Fields<'_, '_>, &Range<usize>),
        key: &str,
        meaning: &str,
        read: impl Fn(&mut Self, &str, &Spanned<DeValue<'_>>) -> Option<T>,
    ) -> Option<T> {
        let found = self.optional(table, key, read)?;
        if found.is_none() {
            let help = Some(format!("add `{key}`: {meaning}"));
            self.problems.add(span.clone(), format!("{what} lacks `{key}`"), help);
        }
        found
    }

    pub(super) fn one_pattern(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Pattern> {
        match value.get_ref().as_str() {
            Some(text) => self.pattern(key, text, value.span()),
            None => self.wrong_type_of(value.span(), key, "a string", value.get_ref()),
        }
    }

    fn build_types(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Vec<Pattern>> {
        let DeValue::Array(list) = value.get_ref() else {
            return self.wrong_type_of(value.span(), key, "a list of patterns", value.get_ref());
        };
        match self.patterns(key, list, value.span())? {
            Setting::Patterns(patterns) => Some(patterns),
            _ => None,
        }
    }

    fn level(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<u8> {
        let DeValue::Integer(number) = value.get_ref() else {
            return self.wrong_type_of(value.span(), key, "an integer", value.get_ref());
        };
        let level = decimal(number).filter(|level| *level <= builders::HIGHEST);
        if level.is_none() {
            let help = Some("SLSA's build track has the levels 0 to 3".to_owned());
            self.problems.add(value.span(), format!("`{key}` is no level: {}", number.as_str()), help);
        }
        level
    }

    /// `{ issuer, workflow }` or `{ key }`.
    fn signer(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Signer> {
        let table = self.table(value, key)?;
        self.only(table, "field of `signer`:", &SIGNER);
        let text = |name: &str| table.get(name).map(|value| (value.get_ref().as_str(), value.span()));
        match (text("issuer"), text("workflow"), text("key")) {
            (Some((Some(issuer), of_issuer)), Some((Some(workflow), span)), None) => {
                if issuer.starts_with("https://") {
                    return self.workflow(issuer, workflow, span);
                }
                let help = Some("write it as in certificates, whole".to_owned());
                self.problems.add(of_issuer, "the issuer is no `https://` URL", help);
                None
            }
            (None, None, Some((Some(key), span))) => self.key(key, span),
            _ => {
                let help = "write `{ issuer = \"https://…\", workflow = \"OWNER/REPOSITORY/.github/workflows/FILE\" }` or \
                            `{ key = \"sha256:…\" }`";
                self.problems.add(value.span(), "`signer` is neither a workflow nor a key", Some(help.to_owned()));
                None
            }
        }
    }

    fn workflow(&mut self, issuer: &str, workflow: &str, span: Range<usize>) -> Option<Signer> {
        let problem = if workflow.contains('@') {
            "the reference of a workflow belongs into `ref`"
        } else if workflow.contains('*') {
            "one workflow signs for a builder: `*` has no meaning here"
        } else if workflow.contains("://") {
            return Some(Signer::Workflow { issuer: issuer.to_owned(), workflow: workflow.to_owned() });
        } else if issuer == GITHUB && workflow.split('/').filter(|part| !part.is_empty()).count() > 2 {
            let workflow = format!("https://github.com/{workflow}");
            return Some(Signer::Workflow { issuer: issuer.to_owned(), workflow });
        } else {
            "the workflow is not as in certificates"
        };
        let help = "on GitHub `OWNER/REPOSITORY/.github/workflows/FILE`, elsewhere the whole URI".to_owned();
        self.problems.add(span, problem, Some(help));
        None
    }

    fn key(&mut self, text: &str, span: Range<usize>) -> Option<Signer> {
        let bytes = hex::decode(text.strip_prefix("sha256:").unwrap_or(text));
        let digest = bytes.and_then(|bytes| Digest::new(DigestAlgorithm::Sha256, &bytes));
        if digest.is_none() {
            let help = Some("the verdict shows it as `spki_sha256` of the signer".to_owned());
            self.problems.add(span, "`key` is no SHA-256 of a public key in hexadecimal", help);
        }
        digest.map(Signer::Key)
    }

    /// A table from paths to what may stand there.
    pub(super) fn map(
        &mut self,
        key: &str,
        table: Fields<'_, '_>,
        span: Range<usize>,
    ) -> Option<Vec<(Pattern, Pattern)>> {
        if table.is_empty() {
            let help = Some("allow something, or leave the key out".to_owned());
            self.problems.add(span, format!("`{key}` is an empty table, which says nothing"), help);
            return None;
        }
        let mut map = Vec::new();
        for (path, value) in table {
            let Some(text) = value.get_ref().as_str() else {
                let message =
                    format!("`{key}` must be a table from paths to patterns, found: {}", value.get_ref().type_str());
                let help = format!("put the whole path in quotes: `\"{}.…\" = \"…\"`", path.get_ref());
                self.problems.add(value.span(), message, Some(help));
                continue;
            };
            let path = self.pattern(key, path.get_ref(), path.span());
            // Anything is a value that somebody may mean to allow.
            let value = if text == "*" { Some(Pattern::new(text)) } else { self.pattern(key, text, value.span()) };
            map.extend(path.zip(value));
        }
        (map.len() == table.len()).then_some(map)
    }

    /// One of the words, or `{ builder, level, voucher }`.
    pub(super) fn graded(&mut self, key: &str, choices: &[Choice], value: &Spanned<DeValue<'_>>) -> Option<Setting> {
        let table = match value.get_ref() {
            DeValue::String(text) => {
                let like = |text: &str| format!("{{ builder = \"{text}\", level = 3 }}");
                return self.word_or(key, choices, text, value.span(), "a table", like);
            }
            DeValue::Table(_) => self.table(value, key)?,
            other => return self.wrong_type_of(value.span(), key, "a string or a table", other),
        };
        self.only(table, "field of `provenance`:", &GRADED);
        let builder = self.optional(table, "builder", Self::builder_name);
        let level = self.optional(table, "level", Self::level);
        let voucher = self.optional(table, "voucher", Self::voucher);
        let demand = GradeDemand { builder: builder?, level: level?.unwrap_or(0), voucher: voucher? };
        Some(Setting::Graded(demand))
    }

    fn builder_name(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<String> {
        let Some(name) = value.get_ref().as_str() else {
            return self.wrong_type_of(value.span(), key, "a string", value.get_ref());
        };
        let shipped = builders::shipped().iter().map(|known| known.name.as_str());
        // What is wrong with one of the policy's own is already said.
        if self.named.iter().map(String::as_str).chain(shipped.clone()).any(|known| known == name) {
            return Some(name.to_owned());
        }
        let known: Vec<_> = self.named.iter().cloned().chain(shipped.map(str::to_owned)).collect();
        self.problems.unknown(value.span(), "builder", name, known.iter().map(String::as_str));
        None
    }

    fn voucher(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Voucher> {
        let Some(word) = value.get_ref().as_str() else {
            return self.wrong_type_of(value.span(), key, "a string", value.get_ref());
        };
        let voucher = Voucher::ALL.into_iter().find(|voucher| voucher.word() == word);
        if voucher.is_none() {
            self.problems.unknown_value(value.span(), key, word, Voucher::ALL.map(Voucher::word));
        }
        voucher
    }

    /// A builder that nothing asks for is a mistake: its author believes that something rests on it.
    pub(super) fn unused_builders(
        &mut self,
        value: Option<&Spanned<DeValue<'_>>>,
        environments: &BTreeMap<String, Environment>,
    ) {
        let settings = || environments.values().flat_map(Environment::demands).map(|demand| &demand.setting);
        let names =
            |setting: &Setting| if let Setting::Graded(demand) = setting { demand.builder.clone() } else { None };
        let used: Vec<String> = settings().filter_map(names).collect();
        let table = value.and_then(|value| value.get_ref().as_table());
        // Where an environment has a mistake, what it asks for is not known.
        if !self.problems.is_empty() {
            return;
        }
        for (name, _) in
            table.into_iter().flatten().filter(|(name, _)| !used.iter().any(|used| *used == **name.get_ref()))
        {
            let message = format!("no environment asks for the builder `{}`", name.get_ref());
            let help =
                format!("add `provenance = {{ builder = \"{}\" }}` to a `path`, or leave it out", name.get_ref());
            self.problems.add(name.span(), message, Some(help));
        }
    }
}

/// A signer before its reference is known.
enum Signer {
    Workflow { issuer: String, workflow: String },
    Key(Digest),
}

impl Signer {
    fn at(self, reference: &Reference) -> SignedBy {
        match self {
            Self::Workflow { issuer, workflow } => {
                SignedBy::Workflow { issuer, workflow, reference: reference.clone() }
            }
            Self::Key(digest) => SignedBy::Keys(vec![digest]),
        }
    }
}

fn decimal(number: &DeInteger<'_>) -> Option<u8> {
    (number.radix() == 10).then(|| number.as_str().parse().ok()).flatten()
}

//! One page per requirement, made from the table: `docs/requirements/`.
//!
//! After a change of the table: `UPDATE=1 cargo test -p countersign --test requirement_pages`.

#![allow(missing_docs, clippy::disallowed_methods, clippy::panic, clippy::unwrap_used)]

mod described;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use countersign::ground::Ground;
use countersign::policy::Policy;
use countersign::requirements::{Judge, REQUIREMENTS, Requirement, Section, Shape};
use described::{EXAMPLES, example_value, value};

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/requirements")
}

/// A policy that asks for nothing but this, and for what every policy must.
fn example(requirement: &Requirement) -> String {
    let value = example_value(requirement);
    let mut text =
        "schema = 1\nname = \"example\"\n\n[environment.production.signed]\nintact = \"required\"\n".to_owned();
    let section = requirement.section.word();
    match (requirement.id, section) {
        ("intact", _) => {}
        (id, "signed") => writeln!(text, "{id} = {value}").unwrap(),
        (id, _) => writeln!(text, "\n[environment.production.{section}]\n{id} = {value}").unwrap(),
    }
    text
}

/// The words that the requirement's own file gives as reason. What it hands on of signatures and checks has the words of
/// those.
fn reasons(requirement: &Requirement) -> Vec<Ground> {
    let file = format!("src/requirements/{}.rs", requirement.id.replace('-', "_"));
    let source = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let code = source.split("#[cfg(test)]").next().unwrap();
    let ends = |rest: &str| !rest.starts_with(|next: char| next.is_alphanumeric());
    let is_named = |ground: &Ground| code.split(&format!("Ground::{ground:?}")).skip(1).any(ends);
    Ground::ALL.iter().copied().filter(is_named).collect()
}

/// Whether a waiver may excuse it, by asking the policy.
fn waivable(requirement: &Requirement) -> &'static str {
    let with = |artifact: &str| {
        let waiver = format!(
            "\n[[waiver]]\nid = \"T-1\"\nrequirement = \"{}\"\nartifact = \"{artifact}\"\nowner = \"ann\"\n\
             approved_by = [\"bob\"]\nreason = \"known\"\ngranted = 2026-11-01\nexpires = 2026-12-01\n",
            requirement.id
        );
        Policy::parse(&(example(requirement) + &waiver), "example")
    };
    let digest = format!("sha256:{}", "ab".repeat(32));
    match (with(&digest), with("tools-*.tar.gz")) {
        (Ok(_), Ok(_)) => "A waiver may excuse it, for a digest or for a bounded pattern of names.",
        (Ok(_), Err(_)) => "A waiver may excuse it for exact bytes only (a digest).",
        (Err(errors), Err(_)) if errors.to_string().contains("waive") => "It can never be waived.",
        (_, unexpected) => panic!("{}: {unexpected:?}", requirement.id),
    }
}

/// Whether it can be tried before it refuses, by asking the policy.
fn tried(requirement: &Requirement) -> String {
    let line = format!("warn = [\"{}\"]", requirement.id);
    let text = example(requirement) + "\n[environment.production]\n" + &line + "\n";
    match Policy::parse(&text, "example") {
        Ok(_) => format!("`{line}` reports it without refusing. "),
        Err(_) => String::new(),
    }
}

fn judged_on(requirement: &Requirement) -> &'static str {
    match requirement.judge {
        Judge::Artifact(_) => "everything that was found",
        Judge::Signature(_) => "one signature, the same for all that is asked of signatures",
        Judge::Provenance(_) => "one provenance, the same for all that is asked of provenance",
        Judge::Release(_) => "everything that was found, beside the provenance that the others are judged on",
    }
}

const HEAD: &str = "<!-- generated, see crates/core/tests/requirement_pages.rs -->\n";

fn page(requirement: &Requirement) -> String {
    let (id, section) = (requirement.id, requirement.section.word());
    let question =
        if let Section::Of(question) = requirement.section { question.text() } else { "Evidence of other tools" };
    let mut text = format!("{HEAD}# `{id}`: {}\n", requirement.title);
    writeln!(text, "{question} Stands under `[environment.NAME.{section}]`; judged on {}.\n", judged_on(requirement))
        .unwrap();
    writeln!(text, "{}\n", requirement.meaning).unwrap();
    writeln!(text, "## In a policy\n```toml\n{}```", example(requirement)).unwrap();
    match requirement.shape {
        Shape::Word(choices) => {
            writeln!(text, "| Value | It asks |\n|---|---|").unwrap();
            choices.iter().for_each(|of| writeln!(text, "| `\"{}\"` | {} |", of.word, of.meaning).unwrap());
            text.push('\n');
        }
        _ => writeln!(text, "`{id}` is {}.\n", value(requirement)).unwrap(),
    }
    writeln!(text, "## When it is not met\n{}: {}.", capital("what would change it"), requirement.fix).unwrap();
    writeln!(text, "{}{}\n", tried(requirement), waivable(requirement)).unwrap();
    let reasons = reasons(requirement);
    if !reasons.is_empty() {
        writeln!(text, "| Reason of its own | Meaning |\n|---|---|").unwrap();
        reasons.iter().for_each(|ground| writeln!(text, "| `{}` | {} |", ground.word(), ground.meaning()).unwrap());
        writeln!(
            text,
            "\nOther reasons are those of the signature or check that it rests on: `countersign explain --reasons`.\n"
        )
        .unwrap();
    }
    if !requirement.controls.is_empty() {
        writeln!(text, "## Controls that it is evidence for").unwrap();
        requirement.controls.iter().for_each(|of| writeln!(text, "- {}: {}", of.framework, of.id).unwrap());
        text.push('\n');
    }
    writeln!(text, "[All requirements](README.md) · [how policies are weighed](../policy.md)").unwrap();
    text
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn index() -> String {
    let mut text = format!(
        "{HEAD}# Requirements\nWhat a policy may ask, by question. How they are weighed together: [policies](../policy.md).\n"
    );
    for section in Section::ALL {
        let title = if let Section::Of(question) = section { question.text() } else { "Evidence of other tools" };
        writeln!(text, "\n## `{}`: {title}\n| Requirement | |\n|---|---|", section.word()).unwrap();
        for known in REQUIREMENTS.iter().filter(|known| known.section == section) {
            writeln!(text, "| [`{0}`]({0}.md) | {1} |", known.id, known.title).unwrap();
        }
    }
    text
}

/// All pages by their names.
fn pages() -> BTreeMap<String, String> {
    let of_requirements = REQUIREMENTS.iter().map(|requirement| (format!("{}.md", requirement.id), page(requirement)));
    of_requirements.chain(std::iter::once(("README.md".to_owned(), index()))).collect()
}

fn written() -> BTreeMap<String, String> {
    let files = std::fs::read_dir(docs()).unwrap().map(|file| file.unwrap());
    files.map(|file| (file.file_name().into_string().unwrap(), std::fs::read_to_string(file.path()).unwrap())).collect()
}

#[test]
fn the_pages_are_those_of_the_table() {
    let pages = pages();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(docs()).unwrap();
        for gone in written().keys().filter(|name| !pages.contains_key(*name)) {
            std::fs::remove_file(docs().join(gone)).unwrap();
        }
        pages.iter().for_each(|(name, text)| std::fs::write(docs().join(name), text).unwrap());
    }
    let written = written();
    assert_eq!(written.keys().collect::<Vec<_>>(), pages.keys().collect::<Vec<_>>(), "run with UPDATE=1");
    for (name, text) in &pages {
        assert_eq!(&written[name], text, "{name}: run with UPDATE=1");
    }
}

#[test]
fn every_example_can_be_used_and_asks_for_its_requirement() {
    for requirement in REQUIREMENTS {
        let text = example(requirement);
        let policy = Policy::parse(&text, requirement.id).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
        let demands = policy.environment("production").unwrap().demands();
        assert!(demands.iter().any(|demand| demand.requirement.id == requirement.id), "{text}");
    }
}

#[test]
fn no_example_is_left_over() {
    for (id, _) in EXAMPLES {
        assert!(REQUIREMENTS.iter().any(|requirement| requirement.id == *id), "{id}");
    }
}

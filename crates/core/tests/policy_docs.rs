//! What `docs/policy.md` says is what the code does.
//!
//! After a change of the table of requirements: `UPDATE=1 cargo test -p countersign --test policy_docs`.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::print_stderr)]

mod described;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use countersign::condition::FUNCTIONS;
use countersign::policy::Policy;
use countersign::provenance::builders::{publish_records, shipped};
use countersign::requirements::{REQUIREMENTS, Section};
use described::value;

const BEGIN: &str = "<!-- requirements: generated, see crates/core/tests/policy_docs.rs -->\n";
const END: &str = "<!-- /requirements -->";

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

fn page() -> String {
    std::fs::read_to_string(docs().join("policy.md")).unwrap()
}

/// The texts of the fenced blocks of this language.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    page.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

fn table() -> String {
    let mut text = String::new();
    for section in Section::ALL {
        let title = if let Section::Of(question) = section { question.text() } else { "Evidence of other tools" };
        writeln!(text, "\n### `{}`: {title}\n| Key | Value | What it means |\n|---|---|---|", section.word()).unwrap();
        for known in REQUIREMENTS.iter().filter(|known| known.section == section) {
            writeln!(text, "| [`{0}`](requirements/{0}.md) | {1} | {2} |", known.id, value(known), known.meaning)
                .unwrap();
        }
    }
    text + "\n"
}

/// Compares what stands between two marks of a page with what the code says, or writes it there.
fn generated(name: &str, begin: &str, end: &str, table: &str) {
    let page = std::fs::read_to_string(docs().join(name)).unwrap();
    let (before, rest) = page.split_once(begin).unwrap();
    let (written, after) = rest.split_once(end).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(docs().join(name), format!("{before}{begin}{table}{end}{after}")).unwrap();
    } else {
        assert_eq!(written, table, "run with UPDATE=1");
    }
}

#[test]
fn the_table_of_requirements_is_the_table_of_the_code() {
    generated("policy.md", BEGIN, END, &table());
}

const BUILDERS_BEGIN: &str = "<!-- builders: generated, see crates/core/tests/policy_docs.rs -->\n";
const BUILDERS_END: &str = "<!-- /builders -->";

fn builders() -> String {
    let mut text = "| Row | Builder | Signed by | Level | Vouched for by | |\n|---|---|---|---|---|---|\n".to_owned();
    for row in shipped() {
        let (signers, voucher) = (row.signed_by(), row.voucher.word());
        writeln!(text, "| `{}` | {} | {signers} | {} | `{voucher}` | {} |", row.name, row.title, row.level, row.note)
            .unwrap();
    }
    for record in publish_records() {
        writeln!(text, "| `{}` | {} | | 0 | | {} |", record.name, record.title, record.note).unwrap();
    }
    text
}

#[test]
fn the_table_of_builders_is_the_table_of_the_code() {
    generated("release-path.md", BUILDERS_BEGIN, BUILDERS_END, &builders());
}

const FUNCTIONS_BEGIN: &str = "<!-- functions: generated, see crates/core/tests/policy_docs.rs -->\n";
const FUNCTIONS_END: &str = "<!-- /functions -->";

fn functions() -> String {
    let mut text = "\n| Example | What it gives |\n|---|---|\n".to_owned();
    for function in FUNCTIONS {
        writeln!(text, "| `{}` | {} |", function.example, function.meaning).unwrap();
    }
    text + "\n"
}

#[test]
fn the_functions_of_rules_are_those_of_the_code() {
    let page = page();
    let (before, rest) = page.split_once(FUNCTIONS_BEGIN).unwrap();
    let (shown, after) = rest.split_once(FUNCTIONS_END).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        let updated = format!("{before}{FUNCTIONS_BEGIN}{}{FUNCTIONS_END}{after}", functions());
        std::fs::write(docs().join("policy.md"), updated).unwrap();
        return;
    }
    assert_eq!(shown, functions(), "run with UPDATE=1");
}

#[test]
fn every_policy_of_the_page_can_be_used() {
    let page = page();
    let policies = blocks(&page, "toml");
    assert!(policies.len() >= 2);
    for text in policies {
        Policy::parse(text, "policy.md").unwrap();
    }
}

#[test]
fn every_example_can_be_used_and_is_named_on_the_page() {
    let page = page();
    let files = std::fs::read_dir(docs().join("examples")).unwrap().map(|file| file.unwrap().path());
    let is_policy =
        |path: &PathBuf| path.to_str().is_some_and(|it| it.ends_with(".toml") && !it.ends_with(".tests.toml"));
    let policies: Vec<_> = files.filter(is_policy).collect();
    assert!(policies.len() >= 3);
    for path in policies {
        let name = path.file_name().unwrap().to_str().unwrap();
        Policy::parse(&std::fs::read_to_string(&path).unwrap(), name).unwrap();
        assert!(page.contains(&format!("(examples/{name})")), "{name}");
    }
}

#[test]
fn the_errors_of_the_page_are_real() {
    let page = page();
    let text = "schema = 1\nname = \"p\"\n[environment.production.signed]\nintact = \"required\"\n\
                [environment.production.signer]\nvoched = \"by-anchor\"\nexpected = \"Acme\"\n";
    let errors = Policy::parse(text, "policy.toml").unwrap_err().to_string();
    let shown = blocks(&page, "text");
    assert_eq!(shown, [format!("{errors}\n")]);
}

/// The controls of public frameworks that the requirements name, against the table of them that is shared between
/// the repositories.
#[test]
fn the_controls_are_in_the_table() {
    let table = docs().join("../../shared/reference/data/controls.csv");
    let Ok(table) = std::fs::read_to_string(&table) else {
        eprintln!("SKIPPED: {} is not there", table.display());
        return;
    };
    for requirement in REQUIREMENTS {
        for control in requirement.controls {
            let row = |line: &str| {
                let rest = line.strip_prefix(control.framework).and_then(|rest| rest.strip_prefix(','));
                rest.and_then(|rest| rest.split_once(','))
                    .is_some_and(|(_, rest)| rest.strip_prefix(control.id).is_some_and(|rest| rest.starts_with(',')))
            };
            assert!(table.lines().any(row), "{}: {} {}", requirement.id, control.framework, control.id);
        }
    }
}

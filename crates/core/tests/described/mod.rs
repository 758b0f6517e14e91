//! Requirements in words, for the pages that are generated from the table.
#![allow(dead_code, missing_docs, clippy::panic, clippy::unwrap_used)] // Each test program uses its part.

use countersign::requirements::{Choice, Field, Form, Requirement, Shape};

pub(crate) fn words(choices: &[Choice]) -> String {
    choices.iter().map(|choice| format!("`\"{}\"` ({})", choice.word, choice.meaning)).collect::<Vec<_>>().join("; ")
}

fn field(field: &Field) -> String {
    let known = if let Form::Word(words) = field.form { words() } else { Vec::new() };
    let words = if known.is_empty() { String::new() } else { format!(": `{}`", known.join("`, `")) };
    format!("`{}` ({}{words})", field.key, field.meaning)
}

/// What may stand behind its key, in words.
pub(crate) fn value(requirement: &Requirement) -> String {
    let or = |choices: &[Choice], what: &str| match choices {
        [] => what.to_owned(),
        choices => format!("{}; or {what}", words(choices)),
    };
    match requirement.shape {
        Shape::Word(choices) => words(choices),
        // A format more must not need a change of the page.
        Shape::Words(_) if requirement.id == "kinds" => "a list of names that `countersign formats` shows".to_owned(),
        Shape::Words(choices) => {
            let names: Vec<_> = choices().iter().map(|choice| format!("`{}`", choice.word)).collect();
            format!("a list of {}", names.join(", "))
        }
        Shape::Graded(choices) => or(
            choices,
            "a table of `builder` (a name under `[builders]`, or of the shipped table), `level` (the least, 0 to 3) and `voucher` (the least)",
        ),
        Shape::Map(choices, what) => or(choices, what),
        Shape::Patterns(choices) => or(choices, "a list of patterns"),
        Shape::Tables(choices, fields) => {
            let fields: Vec<_> = fields.iter().map(field).collect();
            or(choices, &format!("a table, or a list of tables, of {}", fields.join(" and ")))
        }
    }
}

/// What stands behind the key in the example, where the first of its words would not do.
pub(crate) const EXAMPLES: &[(&str, &str)] = &[
    ("kinds", r#"["sigstore", "authenticode"]"#),
    ("assurance", r#"["organization-validated", "extended-validation"]"#),
    (
        "expected",
        r#"{ signer = "https://github.com/acme/app/*", issuer = "https://token.actions.githubusercontent.com" }"#,
    ),
    ("provenance", r#"{ level = 3, voucher = "platform" }"#),
    ("source", r#"{ repo = "https://github.com/acme/app", ref = "refs/tags/v*" }"#),
    ("ref", r#"["refs/tags/v*"]"#),
    ("builder", r#"["https://github.com/acme/app/.github/workflows/release.yml"]"#),
    ("trigger", r#"["push", "release"]"#),
    ("runner", r#"["github-hosted"]"#),
    ("parameters", r#"{ "workflow.path" = ".github/workflows/release.yml", "workflow.ref" = "refs/tags/v*" }"#),
    (
        "source-level",
        r#"{ verifier = "https://github.com/slsa-framework/source-actions", level = "SLSA_SOURCE_LEVEL_3" }"#,
    ),
    ("source-controls", r#"["CONTINUITY_ENFORCED", "*TWO_PARTY_REVIEW*"]"#),
    (
        "dependencies",
        r#"{ uri = "git+https://github.com/acme/app", digest = "gitCommit:b5f3c2a1d0e9f8a7b6c5d4e3f2a1b0c9d8e7f6a5" }"#,
    ),
    ("separate", r#"["approve", "sign"]"#),
    ("separate-or-isolated", r#"["build", "sign"]"#),
    ("attested", r#"["https://cyclonedx.org/bom*"]"#),
    ("tool-results", r#"[{ kind = "malware", max-age = "7d" }, { kind = "sbom" }]"#),
];

/// What stands behind its key in an example.
pub(crate) fn example_value(requirement: &Requirement) -> String {
    let named = EXAMPLES.iter().find(|(id, _)| *id == requirement.id).map(|(_, text)| (*text).to_owned());
    named.unwrap_or_else(|| match requirement.shape {
        Shape::Word(choices) => format!("\"{}\"", choices.first().unwrap().word),
        Shape::Words(choices) => format!("[\"{}\"]", choices().first().unwrap().word),
        _ => panic!("add an example for `{}` to EXAMPLES", requirement.id),
    })
}

//! Requirements in words, for the pages that are generated from the table.
#![allow(dead_code, missing_docs)] // Each test program uses its part.

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

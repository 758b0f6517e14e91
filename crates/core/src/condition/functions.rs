//! The functions that rules may call. Every other name is a mistake when the policy is read.

use super::kind::Kind;

/// What a function takes or gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    Text,
    /// A text, a list, or texts by name.
    Sized,
    Instant,
    /// A text or an instant.
    TextOrInstant,
}

/// What a function gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gives {
    Flag,
    Number,
    Instant,
    Span,
}

/// A function that rules may call.
#[derive(Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// How it is called.
    pub example: &'static str,
    /// What it says.
    pub meaning: &'static str,
    /// What it is called on, written before it.
    pub(super) on: Option<Takes>,
    pub(super) takes: &'static [Takes],
    pub(super) gives: Gives,
}

const fn of_text(name: &'static str, example: &'static str, meaning: &'static str) -> Function {
    Function { name, example, meaning, on: Some(Takes::Text), takes: &[Takes::Text], gives: Gives::Flag }
}

const fn of_instant(name: &'static str, example: &'static str, meaning: &'static str) -> Function {
    Function { name, example, meaning, on: Some(Takes::Instant), takes: &[], gives: Gives::Number }
}

/// Every function.
pub static FUNCTIONS: &[Function] = &[
    Function {
        name: "size",
        example: "size(provenance)",
        meaning: "How many items a list or texts by name have, or how many characters a text has.",
        on: None,
        takes: &[Takes::Sized],
        gives: Gives::Number,
    },
    Function {
        name: "size",
        example: "provenance.size()",
        meaning: "The same.",
        on: Some(Takes::Sized),
        takes: &[],
        gives: Gives::Number,
    },
    of_text("startsWith", "uri.startsWith(\"https://\")", "Whether a text begins so."),
    of_text("endsWith", "uri.endsWith(\".git\")", "Whether a text ends so."),
    of_text("contains", "uri.contains(\"acme\")", "Whether another text stands in it."),
    of_text(
        "glob",
        "ref.glob(\"refs/tags/v*\")",
        "Whether the whole text fits a pattern in which `*` stands for any characters.",
    ),
    Function {
        name: "timestamp",
        example: "timestamp(\"2026-12-31T00:00:00Z\")",
        meaning: "The instant that a text in RFC 3339 names.",
        on: None,
        takes: &[Takes::TextOrInstant],
        gives: Gives::Instant,
    },
    Function {
        name: "duration",
        example: "duration(\"72h\")",
        meaning: "The span of time that a text names: hours `h`, minutes `m`, seconds `s`.",
        on: None,
        takes: &[Takes::Text],
        gives: Gives::Span,
    },
    of_instant("getFullYear", "now.getFullYear()", "The year of an instant in UTC."),
    of_instant("getMonth", "now.getMonth()", "Its month, from 0."),
    of_instant("getDate", "now.getDate()", "Its day of the month, from 1."),
    of_instant("getDayOfWeek", "now.getDayOfWeek()", "Its day of the week: Sunday is 0."),
    of_instant("getHours", "now.getHours()", "Its hour, from 0."),
];

impl Takes {
    pub(super) const fn fits(self, kind: &Kind) -> bool {
        match self {
            Self::Text => kind.is_text(),
            Self::Sized => matches!(kind, Kind::Text | Kind::List(..) | Kind::Map),
            Self::Instant => matches!(kind, Kind::Instant),
            Self::TextOrInstant => matches!(kind, Kind::Text | Kind::Instant),
        }
    }
}

impl Gives {
    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::Flag => Kind::Flag,
            Self::Number => Kind::Number,
            Self::Instant => Kind::Instant,
            Self::Span => Kind::Span,
        }
    }
}

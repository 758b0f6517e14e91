//! Conditions in CEL over the [facts](crate::facts): the rules of a policy's own, for what no requirement asks.
//!
//! A rule is checked when the policy is read: every field against the shape of the facts, every operand by its kind.
//! What can still go wrong when it is evaluated (something is not known, a list is empty, a limit is reached) makes it
//! `not-established`, never yes. This folder is the one place that names the CEL library.
//!
//! Departures from CEL, all towards refusing:
//!
//! - `all`, `exists`, `exists_one` and `in` over an empty list are an error and not true or false: an empty set
//!   satisfies nothing, and neither does its opposite.
//! - There is no null, no dynamic type, no floating-point number and no regular expression. Nothing reads a clock:
//!   `now` is a fact.

mod bounds;
mod check;
mod engine;
mod functions;
mod judge;
mod kind;
mod steps;
mod view;

use std::collections::BTreeSet;

pub use functions::{FUNCTIONS, Function};
pub(crate) use judge::judge;

use self::steps::Steps;

/// Bytes of one rule. Rules that people still understand have a few hundred.
pub const MAX_BYTES: usize = 4_096;

/// Tokens of one rule: about a page of text.
pub const MAX_TOKENS: usize = 1_024;

/// Nesting of one rule, counted before it is parsed (`bounds`). Parser, checks and evaluation recurse on it; 96 of
/// the parser's own levels fit into a quarter of a mebibyte of stack.
pub const MAX_DEPTH: usize = 64;

/// Loops in loops: over provenances, over what each used, and over one list more.
pub const MAX_LOOPS: usize = 3;

/// Steps of the evaluation of one rule on one artifact, estimated from the lengths of the lists before it begins:
/// a few hundred milliseconds at worst. Ten attestations take some hundred.
pub const MAX_STEPS: u64 = 1_000_000;

/// Bytes of one text that a rule may look at. Real ones, such as parameters of a build, have some hundred.
pub const MAX_TEXT: u64 = 64 << 10;

/// A condition in CEL that was checked.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    program: engine::Program,
    /// The fields of the document that it looks at.
    roots: BTreeSet<&'static str>,
    steps: Steps,
}

/// What is wrong with the text of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// Where, in bytes of the text.
    pub(crate) at: usize,
    /// What is wrong.
    pub(crate) message: String,
    /// What would be right.
    pub(crate) help: Option<String>,
}

impl Mistake {
    fn new(at: usize, message: impl Into<String>, help: Option<String>) -> Self {
        Self { at, message: message.into(), help }
    }
}

impl Condition {
    /// The fields of the document that it looks at.
    pub(crate) fn roots(&self) -> impl Iterator<Item = &'static str> {
        self.roots.iter().copied()
    }

    /// Reads and checks the text of a condition. Unless it counts only `if_known`, it must be one that nobody can make
    /// hold by leaving evidence out.
    ///
    /// # Errors
    /// What is wrong with it: one mistake if it is beyond a limit or no CEL, else every field and operand that is.
    pub(crate) fn read(text: &str, if_known: bool) -> Result<Self, Vec<Mistake>> {
        bounds::within(text).map_err(|mistake| vec![mistake])?;
        let mut program = engine::Program::parse(text).map_err(|mistake| vec![mistake])?;
        let checked = check::check(&mut program, text, if_known)?;
        Ok(Self { program, roots: checked.roots, steps: checked.steps })
    }
}

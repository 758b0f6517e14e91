//! Checks a rule against the shape of the facts when the policy is read, and prepares its evaluation.
//!
//! Every part has a kind that is known beforehand. Recursion is bounded by [`MAX_DEPTH`](super::MAX_DEPTH).

mod call;
mod looping;
mod withheld;

use std::collections::BTreeSet;

use cel::common::ast::{Expr, IdedExpr, LiteralValue, SelectExpr};

use super::Mistake;
use super::engine::{Places, Program};
use super::kind::{Items, Kind};
use super::steps::{Length, Steps};
use crate::facts::{self, Member, Shape};
use crate::policy::{printable, suggestion};

/// The part of the document that supports nothing. With it a rule could only be made to hold by what nobody vouches for,
/// or by leaving that out.
const ASSERTED: &str = "asserted";

/// What is called in rules.
const FUNCTION: &str = "function";

/// What checking finds out.
pub(super) struct Checked {
    /// The fields of the document that the rule looks at.
    pub(super) roots: BTreeSet<&'static str>,
    pub(super) steps: Steps,
}

/// Checks a rule, and makes empty lists an error where they would decide. Unless it counts only `if_known`, nobody must
/// be able to make it hold by leaving evidence out.
pub(super) fn check(program: &mut Program, text: &str, if_known: bool) -> Result<Checked, Vec<Mistake>> {
    let mut checker = Checker::default();
    let mut steps = Steps::default();
    match checker.kind(&mut program.tree, &mut steps) {
        Some(Kind::Flag) if checker.roots.is_empty() => {
            checker.add(call::first(&program.tree), "the rule looks at no fact", None);
        }
        Some(Kind::Flag) | None => {}
        Some(other) => {
            let message = format!("a rule is true or false, this is {}", other.words());
            checker.add(call::first(&program.tree), message, None);
        }
    }
    if checker.wrong.is_empty() && !if_known {
        checker.withheld(&mut program.tree);
    }
    if checker.wrong.is_empty() {
        return Ok(Checked { roots: checker.roots, steps });
    }
    let places = Places::of(text);
    let mistake = |wrong: Wrong| Mistake::new(places.of_node(wrong.node), wrong.message, wrong.help);
    let mut mistakes: Vec<_> = checker.wrong.into_iter().map(mistake).collect();
    mistakes.sort_by_key(|mistake| mistake.at);
    Err(mistakes)
}

#[derive(Default)]
struct Checker {
    /// The variables of the loops around, innermost last.
    variables: Vec<(String, Kind)>,
    roots: BTreeSet<&'static str>,
    /// The nodes that name a field of a record which is never left out.
    always_there: BTreeSet<u64>,
    wrong: Vec<Wrong>,
}

/// Something that is wrong at a node of the syntax tree.
struct Wrong {
    node: u64,
    message: String,
    help: Option<String>,
}

/// The fields of the document.
fn document() -> (&'static str, &'static [Member]) {
    match facts::shape() {
        Shape::Record(name, members) => (name, members),
        _ => ("", &[]),
    }
}

impl Checker {
    fn add(&mut self, node: u64, message: impl Into<String>, help: Option<&str>) {
        self.wrong.push(Wrong { node, message: message.into(), help: help.map(str::to_owned) });
    }

    /// Notes a mistake. What it stands in has no kind then, and is not complained about.
    fn refuse<T>(&mut self, node: u64, message: impl Into<String>, help: &str) -> Option<T> {
        self.add(node, message, Some(help).filter(|help| !help.is_empty()));
        None
    }

    fn unknown<T>(&mut self, node: u64, what: &str, word: &str, known: &[&str]) -> Option<T> {
        let page = if what == FUNCTION { "docs/policy.md" } else { "docs/facts.md" };
        self.refuse(node, format!("unknown {what} `{}`", printable(word)), &suggestion(word, known, page))
    }

    /// Notes where leaving evidence out can make the rule hold.
    fn withheld(&mut self, tree: &mut IdedExpr) {
        let Some(node) = withheld::place(tree, &self.always_there) else { return };
        let help = "ask with `exists` for what must be there; or write `if_known = true`: it then counts like a \
                    revocation, only where it is known";
        self.add(node, "whoever leaves evidence out can make this hold", Some(help));
    }

    /// The kind of an expression; none if something in it is wrong, which is noted then.
    fn kind(&mut self, expr: &mut IdedExpr, steps: &mut Steps) -> Option<Kind> {
        steps.step();
        let node = expr.id;
        match &mut expr.expr {
            Expr::Literal(value) => self.literal(node, value),
            Expr::Ident(name) => self.name(node, name),
            Expr::Select(select) => self.select(node, select, steps),
            Expr::Call(call) => self.call(node, call, steps),
            Expr::Comprehension(comprehension) => self.comprehension(node, comprehension, steps),
            Expr::List(list) => self.list(node, &mut list.elements, steps),
            Expr::Map(_) | Expr::Struct(_) => self.refuse(node, "rules make no records", ""),
            Expr::Unspecified => self.refuse(node, "something is missing here", ""),
        }
    }

    fn literal(&mut self, node: u64, value: &LiteralValue) -> Option<Kind> {
        match value {
            LiteralValue::Boolean(_) => Some(Kind::Flag),
            LiteralValue::Int(_) => Some(Kind::Number),
            LiteralValue::String(_) => Some(Kind::Text),
            LiteralValue::Null => {
                self.refuse(node, "facts have no null", "ask with `has(…)` whether something is known")
            }
            LiteralValue::Double(_) | LiteralValue::UInt(_) => {
                self.refuse(node, "numbers in rules are whole and have no suffix", "")
            }
            LiteralValue::Bytes(_) => self.refuse(node, "facts have no bytes", "write a text without `b`"),
        }
    }

    fn name(&mut self, node: u64, name: &str) -> Option<Kind> {
        if let Some((_, kind)) = self.variables.iter().find(|(variable, _)| variable == name) {
            return Some(kind.clone());
        }
        let (record, members) = document();
        if name == ASSERTED {
            let help =
                "what stands there supports nothing, and can be left out; requirements hold it against the artifact";
            return self.refuse(node, format!("rules do not look at `{ASSERTED}`"), help);
        }
        if let Some(member) = members.iter().find(|member| member.name == name) {
            self.roots.insert(member.name);
            return Some(Kind::of(&member.shape, record, member.name));
        }
        let variables: Vec<String> = self.variables.iter().map(|(variable, _)| variable.clone()).collect();
        let known: Vec<&str> =
            variables.iter().map(String::as_str).chain(members.iter().map(|member| member.name)).collect();
        self.unknown(node, "fact", name, &known)
    }

    fn select(&mut self, node: u64, select: &mut SelectExpr, steps: &mut Steps) -> Option<Kind> {
        let of = self.kind(&mut select.operand, steps)?;
        if select.test { self.has(node, of, &select.field) } else { self.field(node, of, &select.field, steps) }
    }

    /// The kind of a field, or of a text by its name.
    fn field(&mut self, node: u64, of: Kind, field: &str, steps: &mut Steps) -> Option<Kind> {
        match of {
            Kind::Record(record, members) => {
                let member = self.member(node, field, record, members)?;
                if !member.optional {
                    self.always_there.insert(node);
                }
                Some(Kind::of(&member.shape, record, member.name))
            }
            Kind::Map => {
                steps.text();
                Some(Kind::Text)
            }
            Kind::List(..) => {
                let help = "look at its items: `.exists(x, …)`, `.all(x, …)`, `[0]`";
                self.refuse(node, format!("a list has no field `{}`", printable(field)), help)
            }
            other => self.refuse(node, format!("{} has no field `{}`", other.words(), printable(field)), ""),
        }
    }

    fn has(&mut self, node: u64, of: Kind, field: &str) -> Option<Kind> {
        let Kind::Record(record, members) = of else {
            let help = if matches!(of, Kind::Map) { "write `\"NAME\" in …`" } else { "" };
            return self.refuse(node, format!("`has` asks for a field of a record, this is {}", of.words()), help);
        };
        let member = self.member(node, field, record, members)?;
        if member.optional {
            return Some(Kind::Flag);
        }
        let help = if matches!(member.shape, Shape::List(_) | Shape::Map) { "ask for `size(…) > 0`" } else { "" };
        self.refuse(node, format!("`{field}` is always there"), help)
    }

    fn member(&mut self, node: u64, field: &str, record: &str, members: &'static [Member]) -> Option<&'static Member> {
        let member = members.iter().find(|member| member.name == field);
        member.or_else(|| {
            let known: Vec<_> = members.iter().map(|member| member.name).collect();
            self.unknown(node, &format!("field of {record}:"), field, &known)
        })
    }

    fn list(&mut self, node: u64, items: &mut [IdedExpr], steps: &mut Steps) -> Option<Kind> {
        let length = Length::Items(items.len() as u64);
        let mut kinds = items.iter_mut().map(|item| (item.id, self.kind(item, steps))).collect::<Vec<_>>().into_iter();
        let Some((_, first)) = kinds.next() else {
            return self.refuse(node, "an empty list: nothing is in it", "");
        };
        let first = first?;
        if !matches!(first, Kind::Flag | Kind::Number | Kind::Text | Kind::Word(..) | Kind::Instant | Kind::Span) {
            return self.refuse(node, format!("lists in rules hold plain values, not {}", first.words()), "");
        }
        for (node, kind) in kinds {
            let kind = kind?;
            if !first.is_comparable(&kind) {
                let message = format!("the list begins with {}, this is {}", first.words(), kind.words());
                return self.refuse(node, message, "");
            }
        }
        Some(Kind::List(Box::new(first), Items { length, are_given: true }))
    }
}

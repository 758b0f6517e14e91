//! Operators and functions.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators};

use super::{Checker, FUNCTION};
use crate::condition::engine::{self, SOME};
use crate::condition::functions::{FUNCTIONS, Function};
use crate::condition::kind::Kind;
use crate::condition::steps::Steps;
use crate::policy::{Pattern, printable};

/// Loops, for whoever calls them with another number of arguments.
const MACROS: &[(&str, &str)] = &[
    ("all", "list.all(x, …)"),
    ("exists", "list.exists(x, …)"),
    ("exists_one", "list.exists_one(x, …)"),
    ("filter", "list.filter(x, …)"),
    ("map", "list.map(x, …)"),
    ("has", "has(record.field)"),
];

/// The name of an operator as it is written.
fn written(operator: &str) -> &str {
    operator.trim_matches('_')
}

/// The text of a literal.
pub(super) fn literal(expr: &IdedExpr) -> Option<&str> {
    match &expr.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}

impl Checker {
    pub(super) fn call(&mut self, node: u64, call: &mut CallExpr, steps: &mut Steps) -> Option<Kind> {
        if call.target.is_some() {
            return self.function(node, call, steps);
        }
        let name = call.func_name.clone();
        match (name.as_str(), call.args.as_mut_slice()) {
            (operators::LOGICAL_AND | operators::LOGICAL_OR, [left, right]) => {
                let (left, right) = (self.flag(left, steps), self.flag(right, steps));
                left.and(right)
            }
            (operators::LOGICAL_NOT, [one]) => self.flag(one, steps),
            (operators::NEGATE, [one]) => self.negated(node, one, steps),
            (operators::CONDITIONAL, [condition, yes, no]) => self.conditional(node, [condition, yes, no], steps),
            (operators::EQUALS | operators::NOT_EQUALS, [left, right]) => self.equality(node, left, right, steps),
            (
                operators::LESS | operators::LESS_EQUALS | operators::GREATER | operators::GREATER_EQUALS,
                [left, right],
            ) => self.order(node, left, right, steps),
            (operators::IN, [item, list]) => self.within(node, item, list, steps),
            (operators::INDEX, [of, index]) => self.index(node, of, index, steps),
            (
                operators::ADD | operators::SUBSTRACT | operators::MULTIPLY | operators::DIVIDE | operators::MODULO,
                [left, right],
            ) => self.arithmetic(node, &name, left, right, steps),
            _ => self.function(node, call, steps),
        }
    }

    /// An operand that must be true or false.
    pub(super) fn flag(&mut self, expr: &mut IdedExpr, steps: &mut Steps) -> Option<Kind> {
        match self.kind(expr, steps)? {
            Kind::Flag => Some(Kind::Flag),
            other => self.refuse(first(expr), format!("this must be true or false, and is {}", other.words()), ""),
        }
    }

    fn negated(&mut self, node: u64, one: &mut IdedExpr, steps: &mut Steps) -> Option<Kind> {
        match self.kind(one, steps)? {
            kind @ (Kind::Number | Kind::Span) => Some(kind),
            other => self.refuse(node, format!("`-` does not fit {}", other.words()), ""),
        }
    }

    fn conditional(&mut self, node: u64, parts: [&mut IdedExpr; 3], steps: &mut Steps) -> Option<Kind> {
        let [condition, yes, no] = parts;
        let (condition, yes, no) = (self.flag(condition, steps), self.kind(yes, steps), self.kind(no, steps));
        let (_, yes, no) = (condition?, yes?, no?);
        if yes.is_comparable(&no) {
            return Some(if yes.is_text() { Kind::Text } else { yes });
        }
        self.refuse(node, format!("`? :` gives {} or {}", yes.words(), no.words()), "")
    }

    fn equality(&mut self, node: u64, left: &mut IdedExpr, right: &mut IdedExpr, steps: &mut Steps) -> Option<Kind> {
        steps.text();
        let (one, other) = (self.kind(left, steps), self.kind(right, steps));
        let (one, other) = (one?, other?);
        self.words_known((&one, left), (&other, right))?;
        if one.is_comparable(&other) { Some(Kind::Flag) } else { self.incomparable(node, &one, &other) }
    }

    fn order(&mut self, node: u64, left: &mut IdedExpr, right: &mut IdedExpr, steps: &mut Steps) -> Option<Kind> {
        steps.text();
        let (one, other) = (self.kind(left, steps), self.kind(right, steps));
        let (one, other) = (one?, other?);
        match one.is_comparable(&other) && one.is_ordered() && other.is_ordered() {
            true => Some(Kind::Flag),
            false => self.incomparable(node, &one, &other),
        }
    }

    fn incomparable(&mut self, node: u64, one: &Kind, other: &Kind) -> Option<Kind> {
        let help = match (one, other) {
            (Kind::Instant, Kind::Text) | (Kind::Text, Kind::Instant) => "write `timestamp(\"2026-12-31T00:00:00Z\")`",
            (Kind::Span, Kind::Text | Kind::Number) | (Kind::Text | Kind::Number, Kind::Span) => {
                "write `duration(\"72h\")`"
            }
            (Kind::List(..), _) | (_, Kind::List(..)) => "look at its items: `.exists(x, …)`, `.all(x, …)`, `in`",
            _ => "",
        };
        self.refuse(node, format!("{} cannot be compared with {}", one.words(), other.words()), help)
    }

    /// A text that stands beside a word must be one of its set: any other would never be equal.
    fn words_known(&mut self, one: (&Kind, &IdedExpr), other: (&Kind, &IdedExpr)) -> Option<()> {
        for ((set, _), (_, text)) in [(one, other), (other, one)] {
            if let (Kind::Word(name, words), Some(word)) = (set, literal(text))
                && !words.contains(&word)
            {
                return self.unknown(text.id, &format!("word of {name}:"), word, words);
            }
        }
        Some(())
    }

    /// `in`: of an empty list, nothing is said.
    fn within(&mut self, node: u64, item: &mut IdedExpr, list: &mut IdedExpr, steps: &mut Steps) -> Option<Kind> {
        let (one, of) = (self.kind(item, steps), self.kind(list, steps));
        let (one, of) = (one?, of?);
        match &of {
            Kind::Map if one.is_text() => steps.text(),
            Kind::List(kind, items) => {
                let mut compare = Steps::default();
                compare.text();
                steps.each(items.length, compare);
                if let Expr::List(literals) = &list.expr {
                    for text in &literals.elements {
                        self.words_known((&one, item), (kind, text))?;
                    }
                }
                self.words_known((&one, item), (kind, list))?;
                if !one.is_comparable(kind) {
                    return self.incomparable(node, &one, kind);
                }
            }
            other => return self.refuse(node, format!("`in` asks about a list, this is {}", other.words()), ""),
        }
        self.must_hold_something(list);
        Some(Kind::Flag)
    }

    /// Makes it an error that a list is empty.
    pub(super) fn must_hold_something(&mut self, list: &mut IdedExpr) {
        if matches!(list.expr, Expr::List(_)) {
            return;
        }
        let (name, node) = (spelled(list).unwrap_or_else(|| "the list".to_owned()), list.id);
        let name = IdedExpr { id: node, expr: Expr::Literal(LiteralValue::String(name.into())) };
        let args = vec![std::mem::take(list), name];
        *list = IdedExpr { id: node, expr: Expr::Call(CallExpr { func_name: SOME.to_owned(), target: None, args }) };
    }

    fn index(&mut self, node: u64, of: &mut IdedExpr, index: &mut IdedExpr, steps: &mut Steps) -> Option<Kind> {
        let (of, by) = (self.kind(of, steps), self.kind(index, steps));
        match (of?, by?, literal(index)) {
            (Kind::List(item, _), Kind::Number, _) => Some(*item),
            (Kind::Map, kind, _) if kind.is_text() => {
                steps.text();
                Some(Kind::Text)
            }
            (of @ Kind::Record(..), _, Some(field)) => self.field(node, of, field, steps),
            (of, by, _) => self.refuse(node, format!("{} has nothing under {}", of.words(), by.words()), ""),
        }
    }

    fn arithmetic(
        &mut self,
        node: u64,
        operator: &str,
        left: &mut IdedExpr,
        right: &mut IdedExpr,
        steps: &mut Steps,
    ) -> Option<Kind> {
        let (one, other) = (self.kind(left, steps), self.kind(right, steps));
        match (operator, one?, other?) {
            (_, Kind::Number, Kind::Number) => Some(Kind::Number),
            (operators::ADD, one, other) if one.is_text() && other.is_text() => {
                steps.text();
                Some(Kind::Text)
            }
            (operators::ADD | operators::SUBSTRACT, Kind::Span, Kind::Span)
            | (operators::SUBSTRACT, Kind::Instant, Kind::Instant) => Some(Kind::Span),
            (operators::ADD | operators::SUBSTRACT, Kind::Instant, Kind::Span)
            | (operators::ADD, Kind::Span, Kind::Instant) => Some(Kind::Instant),
            (_, one, other) => {
                let operator = written(operator);
                self.refuse(node, format!("`{operator}` does not fit {} and {}", one.words(), other.words()), "")
            }
        }
    }

    fn function(&mut self, node: u64, call: &mut CallExpr, steps: &mut Steps) -> Option<Kind> {
        let name = call.func_name.clone();
        if let Some((_, example)) = MACROS.iter().find(|(known, _)| *known == name) {
            return self.refuse(node, format!("`{name}` is written otherwise"), &format!("write `{example}`"));
        }
        let on = match &mut call.target {
            Some(target) => Some(self.kind(target, steps)?),
            None => None,
        };
        let kinds: Vec<_> = call.args.iter_mut().map(|argument| self.kind(argument, steps)).collect();
        let kinds: Vec<Kind> = kinds.into_iter().collect::<Option<_>>()?;
        let named = || FUNCTIONS.iter().filter(|function| function.name == name);
        let fitting = named().find(|function| fits(function, on.as_ref(), &kinds));
        let Some(function) = fitting else {
            return self.no_such_function(node, &name, named().next(), on.as_ref(), &kinds);
        };
        steps.text();
        self.literal_argument(function, &call.args)?;
        Some(function.gives.kind())
    }

    fn no_such_function(
        &mut self,
        node: u64,
        name: &str,
        same_name: Option<&Function>,
        on: Option<&Kind>,
        kinds: &[Kind],
    ) -> Option<Kind> {
        if let Some(function) = same_name {
            let given: Vec<_> = on.into_iter().chain(kinds).map(Kind::words).collect();
            let message = format!("`{name}` does not fit {}", given.join(" and "));
            return self.refuse(node, message, &format!("write `{}`", function.example));
        }
        if name == "matches" {
            let help = "write `glob(\"…\")`, in which `*` stands for any characters";
            return self.refuse(node, "rules have no regular expressions", help);
        }
        let mut known: Vec<_> =
            FUNCTIONS.iter().map(|function| function.name).chain(MACROS.iter().map(|it| it.0)).collect();
        known.dedup();
        self.unknown(node, FUNCTION, name, &known)
    }

    /// What is written out can be checked now.
    fn literal_argument(&mut self, function: &Function, args: &[IdedExpr]) -> Option<()> {
        let [argument] = args else { return Some(()) };
        let Some(text) = literal(argument) else { return Some(()) };
        let problem = match function.name {
            "timestamp" => engine::instant(text).is_none().then_some("is no instant in RFC 3339"),
            "duration" => engine::span(text).is_none().then_some("is no span of time, such as `72h`"),
            "glob" => Pattern::new(text).is_open().then_some("fits everything"),
            _ => text.is_empty().then_some("is empty, and fits everything"),
        };
        match problem {
            Some(problem) => self.refuse(argument.id, format!("`{}` {problem}", printable(text)), ""),
            None => Some(()),
        }
    }
}

fn fits(function: &Function, on: Option<&Kind>, kinds: &[Kind]) -> bool {
    let target = match (function.on, on) {
        (Some(takes), Some(kind)) => takes.fits(kind),
        (None, None) => true,
        _ => false,
    };
    target
        && function.takes.len() == kinds.len()
        && function.takes.iter().zip(kinds).all(|(takes, kind)| takes.fits(kind))
}

/// What a list is called in the rule.
fn spelled(expr: &IdedExpr) -> Option<String> {
    match &expr.expr {
        Expr::Ident(name) => Some(name.clone()),
        Expr::Select(select) => {
            let of = spelled(&select.operand).map_or_else(String::new, |of| of + ".");
            Some(of + &select.field)
        }
        Expr::Call(call) if call.func_name == operators::INDEX => {
            call.args.first().and_then(spelled).map(|list| list + "[…]")
        }
        _ => None,
    }
}

/// The node at which an expression begins.
pub(super) fn first(mut expr: &IdedExpr) -> u64 {
    loop {
        let before = match &expr.expr {
            Expr::Select(select) if !select.test => Some(&*select.operand),
            Expr::Comprehension(comprehension) => Some(&comprehension.iter_range),
            Expr::Call(call) if call.target.is_some() => call.target.as_deref(),
            // Operators between two operands are named so.
            Expr::Call(call) if call.func_name.starts_with(['_', '@']) => call.args.first(),
            _ => None,
        };
        match before {
            Some(operand) => expr = operand,
            None => return expr.id,
        }
    }
}

//! Loops over lists: `all`, `exists`, `exists_one`, `filter`, `map`, as the parser expands them.

use cel::common::ast::{ComprehensionExpr, Expr, IdedExpr, LiteralValue, operators};

use super::Checker;
use crate::condition::MAX_LOOPS;
use crate::condition::kind::{Items, Kind};
use crate::condition::steps::Steps;

/// The parts of a loop that its author wrote.
pub(super) enum Body<'a> {
    /// A condition on items.
    Condition(&'a mut IdedExpr),
    /// A new list of what is made of items, if a condition holds.
    List { condition: Option<&'a mut IdedExpr>, item: &'a mut IdedExpr },
}

impl Checker {
    pub(super) fn comprehension(
        &mut self,
        node: u64,
        comprehension: &mut ComprehensionExpr,
        steps: &mut Steps,
    ) -> Option<Kind> {
        let range = self.kind(&mut comprehension.iter_range, steps)?;
        let Kind::List(item, items) = range else {
            return self.refuse(node, format!("loops go over lists, this is {}", range.words()), "");
        };
        if !items.are_given {
            let help = "put the conditions into one loop over the list itself";
            return self.refuse(node, "this goes over a list that the rule made", help);
        }
        self.enter(node, &comprehension.iter_var, *item.clone())?;
        let mut each = Steps::default();
        let kind = match body(comprehension) {
            Some(Body::Condition(condition)) => self.flag(condition, &mut each),
            Some(Body::List { condition, item }) => self.made(condition, item, items, &mut each),
            None => self.refuse(node, "this loop is not understood", ""),
        };
        self.variables.pop();
        steps.each(items.length, each);
        if let Some(Kind::Flag) = kind {
            // Of nothing, nothing is said: neither that all are, nor that none is.
            self.must_hold_something(&mut comprehension.iter_range);
        }
        kind
    }

    /// Takes a variable in.
    fn enter(&mut self, node: u64, name: &str, kind: Kind) -> Option<()> {
        if self.variables.len() >= MAX_LOOPS {
            return self.refuse(node, format!("more than {MAX_LOOPS} loops in each other"), "make several rules of it");
        }
        let taken = self.variables.iter().any(|(known, _)| known == name);
        if taken || super::document().1.iter().any(|member| member.name == name) || name.starts_with('.') {
            return self.refuse(node, format!("`{name}` means something else already"), "give the item another name");
        }
        self.variables.push((name.to_owned(), kind));
        Some(())
    }

    /// A list that the rule makes: the items themselves, or something of each.
    fn made(
        &mut self,
        condition: Option<&mut IdedExpr>,
        item: &mut IdedExpr,
        items: Items,
        each: &mut Steps,
    ) -> Option<Kind> {
        let condition = condition.map_or(Some(Kind::Flag), |condition| self.flag(condition, each));
        let variable = self.variables.last().map(|(name, _)| name.as_str());
        let is_item = matches!(&item.expr, Expr::Ident(name) if Some(name.as_str()) == variable);
        let kind = self.kind(item, each);
        let (_, kind) = (condition?, kind?);
        if matches!(kind, Kind::List(..)) {
            return self.refuse(item.id, "lists of lists are not made", "");
        }
        Some(Kind::List(Box::new(kind), Items { are_given: items.are_given && is_item, ..items }))
    }
}

/// How the parser expands a loop.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// `@result && condition`: `all`.
    Every,
    /// `@result || condition`: `exists`.
    Any,
    /// `condition ? @result + 1 : @result`.
    Count,
    /// `condition ? @result + [item] : @result`.
    Filter,
    /// `@result + [item]`.
    Map,
}

impl Form {
    pub(super) fn of(comprehension: &ComprehensionExpr) -> Option<Self> {
        let Expr::Call(step) = &comprehension.loop_step.expr else { return None };
        match (&comprehension.accu_init.expr, step.func_name.as_str()) {
            (Expr::Literal(LiteralValue::Boolean(_)), operators::LOGICAL_AND) => Some(Self::Every),
            (Expr::Literal(LiteralValue::Boolean(_)), operators::LOGICAL_OR) => Some(Self::Any),
            (Expr::Literal(LiteralValue::Int(_)), operators::CONDITIONAL) => Some(Self::Count),
            (Expr::List(_), operators::CONDITIONAL) => Some(Self::Filter),
            (Expr::List(_), operators::ADD) => Some(Self::Map),
            _ => None,
        }
    }
}

/// The parts that the author wrote, out of the parser's expansion (cel-spec, "Macros").
pub(super) fn body(comprehension: &mut ComprehensionExpr) -> Option<Body<'_>> {
    let form = Form::of(comprehension)?;
    if let Form::Map = form {
        return Some(Body::List { condition: None, item: appended_item(&mut comprehension.loop_step)? });
    }
    let Expr::Call(step) = &mut comprehension.loop_step.expr else { return None };
    match (form, step.args.as_mut_slice()) {
        (Form::Every | Form::Any, [_, condition]) | (Form::Count, [condition, _, _]) => {
            Some(Body::Condition(condition))
        }
        (Form::Filter, [condition, appended, _]) => {
            Some(Body::List { condition: Some(condition), item: appended_item(appended)? })
        }
        _ => None,
    }
}

/// The item of `@result + [item]`.
fn appended_item(step: &mut IdedExpr) -> Option<&mut IdedExpr> {
    let Expr::Call(add) = &mut step.expr else { return None };
    let [_, list] = add.args.as_mut_slice() else { return None };
    let Expr::List(list) = &mut list.expr else { return None };
    list.elements.first_mut()
}

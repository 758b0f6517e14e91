//! Whether leaving evidence out can make a rule hold. It must not: whoever hands an artifact over chooses what lies
//! beside it.
//!
//! Every list of the document can have more items, and no other fact of an item depends on its neighbours but those
//! that are named in [`VARYING`]. What stays true once it is true, however much evidence is added, cannot be made true
//! by taking evidence away. A value that cannot be computed counts as neither true nor false: both operators and both
//! loops absorb it as CEL demands.
//!
//! Recursion is bounded by [`MAX_DEPTH`](crate::condition::MAX_DEPTH).

use std::collections::BTreeSet;

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, SelectExpr, operators};

use super::call::{first, literal};
use super::document;
use super::looping::{Body, Form, body};
use crate::condition::engine::SOME;
use crate::facts::Shape;

/// The list whose items change with the evidence, and the answer that no evidence more takes away where the decision
/// rests on it.
const ANSWERS: (&str, &str, &str) = ("requirements", "answer", "yes");

/// Other fields of items that change with what lies beside them: list, field.
const VARYING: [(&str, &str); 6] = [
    ("requirements", "mode"),
    ("requirements", "reason"),
    ("requirements", "signatures"),
    ("findings", "message"),
    ("findings", "signatures"),
    ("tools", "superseded"),
];

/// What becomes of a value when evidence is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Becomes {
    /// It stays what it is.
    Same,
    /// An item of this list of the document: it stays, and what it holds does but for what varies.
    Item(&'static str),
    /// A list of such items becomes longer.
    Longer(&'static str),
    /// A number becomes greater.
    Greater,
    /// The answer to a requirement.
    Answer,
    /// What is true stays true, or what is false stays false, or neither.
    Flag { truth: bool, falsity: bool },
}

impl Becomes {
    /// Nothing is known of it.
    const ANYTHING: Self = Self::Flag { truth: false, falsity: false };

    const fn truth(self) -> bool {
        matches!(self, Self::Same | Self::Flag { truth: true, .. })
    }

    const fn falsity(self) -> bool {
        matches!(self, Self::Same | Self::Flag { falsity: true, .. })
    }

    fn same_if(all_same: bool) -> Self {
        if all_same { Self::Same } else { Self::ANYTHING }
    }

    const fn both(self, other: Self) -> Self {
        Self::Flag { truth: self.truth() && other.truth(), falsity: self.falsity() && other.falsity() }
    }

    const fn opposite(self) -> Self {
        Self::Flag { truth: self.falsity(), falsity: self.truth() }
    }
}

/// Where in a rule evidence that is left out can make it hold.
pub(super) fn place(tree: &mut IdedExpr, always_there: &BTreeSet<u64>) -> Option<u64> {
    let mut evidence = Evidence { always_there, items: Vec::new(), blamed: None };
    let becomes = evidence.of(tree);
    let blamed = evidence.blamed.unwrap_or_else(|| first(tree));
    (!becomes.truth()).then_some(blamed)
}

struct Evidence<'a> {
    /// The fields of records that are never left out, by the nodes that name them.
    always_there: &'a BTreeSet<u64>,
    /// The variables of the loops around, innermost last.
    items: Vec<(String, Becomes)>,
    /// The first part that can become anything, or only what the rule does not ask for.
    blamed: Option<u64>,
}

impl Evidence<'_> {
    fn of(&mut self, expr: &mut IdedExpr) -> Becomes {
        let node = expr.id;
        let becomes = match &mut expr.expr {
            Expr::Ident(name) => self.named(name),
            Expr::Select(select) => self.selected(select),
            Expr::Call(call) => self.called(call),
            Expr::Comprehension(comprehension) => self.looped(comprehension),
            Expr::List(list) => Becomes::same_if(list.elements.iter_mut().all(|item| self.of(item) == Becomes::Same)),
            Expr::Literal(_) => Becomes::Same,
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => Becomes::ANYTHING,
        };
        if matches!(becomes, Becomes::Flag { truth: false, .. }) {
            self.blamed.get_or_insert(node);
        }
        becomes
    }

    fn named(&self, name: &str) -> Becomes {
        if let Some((_, item)) = self.items.iter().find(|(known, _)| known == name) {
            return *item;
        }
        let field = document().1.iter().find(|member| member.name == name);
        match field.map(|member| (member.name, &member.shape)) {
            Some((list, Shape::List(_))) => Becomes::Longer(list),
            _ => Becomes::Same,
        }
    }

    fn selected(&mut self, select: &mut SelectExpr) -> Becomes {
        let field = select.field.as_str();
        match self.of(&mut select.operand) {
            Becomes::Item(list) if (list, field) == (ANSWERS.0, ANSWERS.1) => Becomes::Answer,
            Becomes::Item(list) => Becomes::same_if(!VARYING.contains(&(list, field))),
            of => Becomes::same_if(of == Becomes::Same),
        }
    }

    fn called(&mut self, call: &mut CallExpr) -> Becomes {
        if let Some(target) = &mut call.target {
            let of = self.of(target);
            return match call.args.as_mut_slice() {
                [] => sized(&call.func_name, of),
                args => Becomes::same_if(of == Becomes::Same && self.are_same(args)),
            };
        }
        match (call.func_name.as_str(), call.args.as_mut_slice()) {
            (operators::LOGICAL_AND | operators::LOGICAL_OR, [left, right]) => self.of(left).both(self.of(right)),
            (operators::LOGICAL_NOT, [one]) => self.of(one).opposite(),
            (operators::CONDITIONAL, [condition, yes, no]) => {
                let (condition, yes, no) = (self.of(condition), self.of(yes), self.of(no));
                match (condition, yes, no) {
                    (Becomes::Same, Becomes::Same, Becomes::Same) => Becomes::Same,
                    (Becomes::Same, yes, no) => yes.both(no),
                    _ => Becomes::ANYTHING,
                }
            }
            (operators::EQUALS | operators::NOT_EQUALS, [left, right]) => {
                let equal = self.equal(left, right);
                if call.func_name == operators::EQUALS { equal } else { equal.opposite() }
            }
            (operators::LESS | operators::LESS_EQUALS, [left, right]) => self.ordered(left, right),
            (operators::GREATER | operators::GREATER_EQUALS, [left, right]) => self.ordered(right, left),
            (operators::IN, [item, list]) => match (self.of(item), self.of(list)) {
                (Becomes::Same, Becomes::Same) => Becomes::Same,
                (Becomes::Same, Becomes::Longer(_)) => Becomes::Flag { truth: true, falsity: false },
                _ => Becomes::ANYTHING,
            },
            (SOME, [list, _]) => self.of(list),
            (name, [one]) => sized(name, self.of(one)),
            (_, args) => Becomes::same_if(self.are_same(args)),
        }
    }

    fn are_same(&mut self, args: &mut [IdedExpr]) -> bool {
        args.iter_mut().all(|argument| self.of(argument) == Becomes::Same)
    }

    fn equal(&mut self, left: &mut IdedExpr, right: &mut IdedExpr) -> Becomes {
        let is_yes = literal(left).or_else(|| literal(right)) == Some(ANSWERS.2);
        match (self.of(left), self.of(right)) {
            (Becomes::Same, Becomes::Same) => Becomes::Same,
            (Becomes::Answer, Becomes::Same) | (Becomes::Same, Becomes::Answer) if is_yes => {
                Becomes::Flag { truth: true, falsity: false }
            }
            _ => Becomes::ANYTHING,
        }
    }

    /// Whether the one is less than the other.
    fn ordered(&mut self, less: &mut IdedExpr, greater: &mut IdedExpr) -> Becomes {
        match (self.of(less), self.of(greater)) {
            (Becomes::Same, Becomes::Same) => Becomes::Same,
            (Becomes::Same, Becomes::Greater) => Becomes::Flag { truth: true, falsity: false },
            (Becomes::Greater, Becomes::Same) => Becomes::Flag { truth: false, falsity: true },
            _ => Becomes::ANYTHING,
        }
    }

    fn looped(&mut self, comprehension: &mut ComprehensionExpr) -> Becomes {
        let range = self.of(&mut comprehension.iter_range);
        let item = match range {
            Becomes::Longer(list) => Becomes::Item(list),
            Becomes::Same => Becomes::Same,
            _ => return Becomes::ANYTHING,
        };
        let form = Form::of(comprehension);
        self.items.push((comprehension.iter_var.clone(), item));
        let becomes = match (form, body(comprehension)) {
            (Some(form), Some(Body::Condition(condition))) => folded(form, range, self.of(condition)),
            (_, Some(Body::List { condition, item })) => self.made(range, condition, item),
            _ => Becomes::ANYTHING,
        };
        self.items.pop();
        becomes
    }

    /// A list that the rule makes. One item that cannot be judged spoils it, which more evidence may bring.
    fn made(&mut self, range: Becomes, condition: Option<&mut IdedExpr>, item: &mut IdedExpr) -> Becomes {
        let (stays, judged) = condition.map_or((Becomes::Same, true), |condition| {
            let is_always_judged = self.is_always_judged(condition);
            (self.of(condition), is_always_judged)
        });
        let is_always_judged = judged && self.is_always_judged(item);
        match (range, self.of(item)) {
            (Becomes::Same, Becomes::Same) if stays == Becomes::Same => Becomes::Same,
            (Becomes::Longer(list), Becomes::Same | Becomes::Item(_)) if stays.truth() && is_always_judged => {
                Becomes::Longer(list)
            }
            _ => Becomes::ANYTHING,
        }
    }

    /// Whether this has a value for every item.
    fn is_always_judged(&self, expr: &IdedExpr) -> bool {
        /// What has a value if its operands have.
        const SAFE: [&str; 14] = [
            operators::LOGICAL_AND,
            operators::LOGICAL_OR,
            operators::LOGICAL_NOT,
            operators::EQUALS,
            operators::NOT_EQUALS,
            operators::LESS,
            operators::LESS_EQUALS,
            operators::GREATER,
            operators::GREATER_EQUALS,
            "size",
            "startsWith",
            "endsWith",
            "contains",
            "glob",
        ];
        match &expr.expr {
            Expr::Literal(_) | Expr::Ident(_) => true,
            Expr::Select(select) => {
                (select.test || self.always_there.contains(&expr.id)) && self.is_always_judged(&select.operand)
            }
            Expr::Call(call) => {
                let mut operands = call.target.iter().map(|target| &**target).chain(&call.args);
                SAFE.contains(&call.func_name.as_str()) && operands.all(|operand| self.is_always_judged(operand))
            }
            Expr::List(list) => list.elements.iter().all(|item| self.is_always_judged(item)),
            _ => false,
        }
    }
}

/// `size` of something, or a function of it alone.
fn sized(function: &str, of: Becomes) -> Becomes {
    match of {
        Becomes::Longer(_) if function == "size" => Becomes::Greater,
        of => Becomes::same_if(of == Becomes::Same),
    }
}

/// What a condition on items makes of their list.
const fn folded(form: Form, list: Becomes, condition: Becomes) -> Becomes {
    let (grows, truth, falsity) = (matches!(list, Becomes::Longer(_)), condition.truth(), condition.falsity());
    match form {
        // One that fits is enough, and stays.
        Form::Any => Becomes::Flag { truth, falsity: falsity && !grows },
        // One that does not fit is enough, and stays.
        Form::Every => Becomes::Flag { truth: truth && !grows, falsity },
        Form::Count => {
            let stays = truth && falsity && !grows;
            Becomes::Flag { truth: stays, falsity: stays }
        }
        Form::Filter | Form::Map => Becomes::ANYTHING,
    }
}

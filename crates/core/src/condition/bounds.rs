//! Bounds on the text of a rule, before anything recurses on it.

use cel::parser::pratt_parser::{Lexer, TokenKind};

use super::{MAX_BYTES, MAX_DEPTH, MAX_TOKENS, Mistake};

/// Levels of the syntax tree that a bracket can add: a macro such as `map` stands for four.
const BRACKET: usize = 4;

/// Whether the text is within all bounds. What is no CEL is for the parser to say.
pub(super) fn within(text: &str) -> Result<(), Mistake> {
    let shorter = || Some("make several rules of it: all of them must hold".to_owned());
    if text.len() > MAX_BYTES {
        return Err(Mistake::new(0, format!("the rule is longer than {MAX_BYTES} bytes"), shorter()));
    }
    let mut nesting = Nesting::default();
    let mut lexer = Lexer::new(text);
    for _ in 0..MAX_TOKENS {
        let token = lexer.lex();
        match token.kind {
            TokenKind::TokEnd | TokenKind::TokError => return Ok(()),
            kind => nesting.take(kind),
        }
        if nesting.depth() > MAX_DEPTH {
            return Err(Mistake::new(token.start, "the rule is nested too deeply", shorter()));
        }
    }
    Err(Mistake::new(0, format!("the rule has more than {MAX_TOKENS} words and signs"), shorter()))
}

/// An upper bound on the depth of the syntax tree.
#[derive(Default)]
struct Nesting {
    /// What stands around the brackets that are open, outermost first.
    around: Vec<Level>,
    innermost: Level,
    /// Whether an operand has just ended: a bracket behind it stands above it.
    behind_operand: bool,
}

/// What stands between two brackets.
#[derive(Clone, Copy, Default)]
struct Level {
    /// Operators since the last comma or logical operator. Each may stand above everything before it.
    operators: usize,
    /// The deepest bracket that was closed in the same stretch.
    deepest: usize,
    /// The deepest of the stretches before.
    before: usize,
    /// Logical operators, whose chains the parser balances.
    logical: usize,
}

impl Level {
    /// Levels from here down, if there is a bracket so deep in the present stretch.
    fn depth_over(&self, bracket: usize) -> usize {
        let stretch = self.operators.saturating_add(self.deepest.max(bracket));
        let balanced = self.logical.checked_ilog2().map_or(0, |log| log.saturating_add(1) as usize);
        // `&&` below `||` is a chain of its own.
        stretch.max(self.before).saturating_add(balanced.saturating_mul(2))
    }

    fn end_stretch(&mut self) {
        self.before = self.before.max(self.operators.saturating_add(self.deepest));
        (self.operators, self.deepest) = (0, 0);
    }
}

impl Nesting {
    fn take(&mut self, kind: TokenKind) {
        if kind == TokenKind::TokLeftBracket && self.behind_operand {
            self.innermost.operators = self.innermost.operators.saturating_add(1);
        }
        if !matches!(kind, TokenKind::TokWhitespace | TokenKind::TokComment) {
            self.behind_operand = ends_operand(kind);
        }
        match kind {
            TokenKind::TokLeftParen | TokenKind::TokLeftBracket | TokenKind::TokLeftBrace => {
                self.around.push(std::mem::take(&mut self.innermost));
            }
            TokenKind::TokRightParen | TokenKind::TokRightBracket | TokenKind::TokRightBrace => {
                let closed = self.innermost.depth_over(0).saturating_add(BRACKET);
                self.innermost = self.around.pop().unwrap_or_default();
                self.innermost.deepest = self.innermost.deepest.max(closed);
            }
            TokenKind::TokComma => self.innermost.end_stretch(),
            TokenKind::TokLogicalAnd | TokenKind::TokLogicalOr => {
                self.innermost.end_stretch();
                self.innermost.logical = self.innermost.logical.saturating_add(1);
            }
            kind if is_operator(kind) => self.innermost.operators = self.innermost.operators.saturating_add(1),
            _ => {}
        }
    }

    fn depth(&self) -> usize {
        let innermost = self.innermost.depth_over(0);
        let out = |depth: usize, level: &Level| level.depth_over(depth.saturating_add(BRACKET));
        self.around.iter().rev().fold(innermost, out)
    }
}

const fn ends_operand(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::TokNull
            | TokenKind::TokFalse
            | TokenKind::TokTrue
            | TokenKind::TokReservedWord
            | TokenKind::TokInt
            | TokenKind::TokUint
            | TokenKind::TokFloat
            | TokenKind::TokString
            | TokenKind::TokBytes
            | TokenKind::TokIdent
            | TokenKind::TokRightParen
            | TokenKind::TokRightBracket
            | TokenKind::TokRightBrace
    )
}

const fn is_operator(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::TokDot
            | TokenKind::TokIn
            | TokenKind::TokMinus
            | TokenKind::TokPlus
            | TokenKind::TokAsterisk
            | TokenKind::TokSlash
            | TokenKind::TokPercent
            | TokenKind::TokQuestion
            | TokenKind::TokColon
            | TokenKind::TokExclamation
            | TokenKind::TokEqualEqual
            | TokenKind::TokExclamationEqual
            | TokenKind::TokLess
            | TokenKind::TokLessEqual
            | TokenKind::TokGreater
            | TokenKind::TokGreaterEqual
    )
}

#[cfg(test)]
mod tests {
    use cel::common::ast::{EntryExpr, Expr, IdedExpr};
    use cel::parser::PrattParser;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn estimate(text: &str) -> usize {
        let (mut nesting, mut lexer, mut most) = (Nesting::default(), Lexer::new(text), 0);
        loop {
            match lexer.lex().kind {
                TokenKind::TokEnd | TokenKind::TokError => return most,
                kind => nesting.take(kind),
            }
            most = most.max(nesting.depth());
        }
    }

    /// Operators above the deepest leaf.
    fn depth(expr: &IdedExpr) -> usize {
        let below: Vec<&IdedExpr> = match &expr.expr {
            Expr::Call(call) => call.target.iter().map(|target| &**target).chain(&call.args).collect(),
            Expr::Select(select) => vec![&select.operand],
            Expr::List(list) => list.elements.iter().collect(),
            Expr::Map(map) => map.entries.iter().flat_map(|entry| entries(&entry.expr)).collect(),
            Expr::Struct(of) => of.entries.iter().flat_map(|entry| entries(&entry.expr)).collect(),
            Expr::Comprehension(it) => {
                vec![&it.iter_range, &it.accu_init, &it.loop_cond, &it.loop_step, &it.result]
            }
            Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => return 0,
        };
        below.into_iter().map(depth).max().map_or(1, |deepest| deepest + 1)
    }

    fn entries(entry: &EntryExpr) -> Vec<&IdedExpr> {
        match entry {
            EntryExpr::StructField(field) => vec![&field.value],
            EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
        }
    }

    const SHAPES: &[&str] = &[
        "({})",
        "[{}]",
        "!{}",
        "-{}",
        "{}.f",
        "f({})",
        "{} + 1",
        "1 + {}",
        "{} && a",
        "a || {}",
        "{} ? a : b",
        "a ? b : {}",
        "{}.all(x, a)",
        "a.all(x, {})",
        "a.map(x, {})",
        "a.filter(x, {})",
        "a.map(x, {}, b)",
        "a[{}]",
        "{}[0]",
        "{1: {}}",
        "a.exists_one(x, {})",
        "{} in a",
        "a && b && {} || c || d",
        "{} == 1 || a && b",
        "[a, {}, b]",
    ];

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_syntax_tree_is_never_deeper_than_estimated(shapes in proptest::collection::vec(select(SHAPES), 0..12)) {
            let text = shapes.iter().fold("x".to_owned(), |inner, shape| shape.replacen("{}", &inner, 1));
            if let Ok(tree) = PrattParser::new().parse(&text) {
                prop_assert!(depth(&tree) <= estimate(&text), "{} > {}: {text}", depth(&tree), estimate(&text));
            }
        }
    }

    #[test]
    fn what_is_too_long_or_too_deep_is_refused_before_it_is_parsed() {
        let deep = |open: &str, close: &str, times: usize| format!("{}1{}", open.repeat(times), close.repeat(times));
        for (text, says) in [
            ("a".repeat(MAX_BYTES + 1), "longer than"),
            ("a ".repeat(MAX_TOKENS), "more than"),
            (deep("(", ")", 500), "too deeply"),
            (deep("[", "", 500), "too deeply"),
            (deep("!", "", 500), "too deeply"),
            (deep("", ".f", 500), "too deeply"),
            (deep("", "[0]", 300), "too deeply"),
            (deep("", " [0]", 300), "too deeply"),
            (deep("", " + 1", 500), "too deeply"),
            (deep("a ? b : ", "", 200), "too deeply"),
            (deep("a.map(x, ", ")", 20), "too deeply"),
        ] {
            let mistake = within(&text).unwrap_err();
            assert!(mistake.message.contains(says), "{mistake:?}");
        }
        within(&vec!["a == 1"; 100].join(" && ")).unwrap();
        within("provenance.all(p, p.source.uri == 'a' && signatures.exists(s, s.id == p.signature && s.holds))")
            .unwrap();
    }
}

//! The CEL library: parsing and evaluation.
//!
//! The environment has only the functions that are registered here: none of them reads a clock, a file or a zone.

use std::sync::{Arc, LazyLock};

use cel::common::ast::{IdedExpr, SourceInfo};
use cel::common::functions::Function;
use cel::common::types::{self, CelBool, CelInt, CelString};
use cel::common::value::CowVal;
use cel::parser::PrattParser;
use cel::{Context, DeclarationError, Env, ExecutionError, Value};

use super::{MAX_DEPTH, Mistake, view};
use crate::facts::Datum;
use crate::policy::{Pattern, printable};
use crate::time::Time;

/// The function, which no text of a rule can name, that gives a list back only if something is in it.
pub(super) const SOME: &str = "@some";

/// A rule in the form in which it is evaluated.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) tree: IdedExpr,
}

impl Program {
    /// Parses a text that is within [`bounds`](super::bounds).
    pub(super) fn parse(text: &str) -> Result<Self, Mistake> {
        parser().parse(text).map(|tree| Self { tree }).map_err(|errors| {
            // What follows a mistake may only seem wrong, and what has no place is about the number of mistakes.
            let first = errors.errors.into_iter().min_by_key(|error| (error.pos.0 == 0, error.pos));
            let (at, message) = first.map_or((0, String::new()), |error| (offset(text, error.pos), error.msg));
            let message = message.trim_start_matches("Syntax error: ").replace('\'', "`");
            Mistake::new(at, format!("the rule is no CEL: {message}"), None)
        })
    }
}

fn parser() -> PrattParser {
    // What this counts are brackets in brackets, fewer than what `bounds` counts.
    PrattParser::new().max_recursion_depth(u16::try_from(MAX_DEPTH).unwrap_or(u16::MAX))
}

/// The byte of a line and column from 1, which the parser counts in bytes.
fn offset(text: &str, (line, column): (isize, isize)) -> usize {
    let before = usize::try_from(line).unwrap_or(0).saturating_sub(1);
    let lines: usize = text.split_inclusive('\n').take(before).map(str::len).sum();
    let offset = lines.saturating_add(usize::try_from(column).unwrap_or(0).saturating_sub(1));
    offset.min(text.len())
}

/// Where the nodes of the syntax tree stand in the text.
///
/// The parser tells that only beside an error. With one more bracket behind the text there is one, and all nodes
/// before it are numbered as without.
pub(super) struct Places<'t> {
    text: &'t str,
    info: Option<Arc<SourceInfo>>,
}

impl<'t> Places<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let errors = parser().parse(&format!("{text}\n)")).err();
        Self { text, info: errors.and_then(|errors| errors.errors.into_iter().find_map(|error| error.source_info)) }
    }

    /// Where the node begins; of a field or a function behind a point, where its name does.
    pub(super) fn of_node(&self, node: u64) -> usize {
        let place = self.info.as_ref().and_then(|info| info.offset_for(node));
        let at = place.map_or(0, |(start, _)| start as usize).min(self.text.len());
        let (before, after) = self.text.split_at_checked(at).unwrap_or((self.text, ""));
        if let Some(name) = after.strip_prefix('.') {
            return self.text.len().saturating_sub(name.trim_start().len());
        }
        if after.starts_with('(') {
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            return before.trim_end().trim_end_matches(is_name).len();
        }
        at
    }
}

/// Why a rule gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unanswered {
    /// Nothing is known of this field.
    Unknown(String),
    /// This list is empty.
    Empty(String),
    /// A list has no such item.
    NoItem,
    /// A number cannot be computed.
    NoNumber,
    /// A text means nothing to a function.
    NotRead(String),
    /// Anything else, which checking should have found.
    Other,
}

impl Unanswered {
    fn of(error: ExecutionError) -> Self {
        match error {
            ExecutionError::NoSuchKey(name) => Self::Unknown(name.to_string()),
            ExecutionError::FunctionError { function, message } if function == SOME => Self::Empty(message),
            ExecutionError::FunctionError { message, .. } => Self::NotRead(message),
            ExecutionError::IndexOutOfBounds(_) => Self::NoItem,
            ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) | ExecutionError::Overflow(..) => {
                Self::NoNumber
            }
            _ => Self::Other,
        }
    }
}

/// What rules are evaluated over.
pub(super) struct Situation<'v>(Context<'v, 'v>);

impl<'v> Situation<'v> {
    /// The fields of the document that rules look at.
    pub(super) fn of(fields: &'v [(&'static str, Datum<'v>)]) -> Self {
        let mut context = Context::with_env(Arc::clone(&ENVIRONMENT));
        for (name, datum) in fields {
            context.add_variable_as_val(*name, view::of(datum));
        }
        Self(context)
    }

    /// Evaluates a program that was checked.
    pub(super) fn evaluate(&self, program: &Program) -> Result<bool, Unanswered> {
        let value = Value::resolve_val(&program.tree, &self.0).map_err(Unanswered::of)?;
        value.downcast_ref::<CelBool>().map(|flag| *flag.inner()).ok_or(Unanswered::Other)
    }
}

static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(environment().unwrap_or_default()));

fn environment() -> Result<Env, DeclarationError> {
    let mut env = Env::default().with_optional_support(false);
    for (id, of) in [("text", types::STRING_TYPE), ("list", types::LIST_TYPE), ("map", types::MAP_TYPE)] {
        env.add_overload("size", &format!("size_{id}"), vec![of.to_owned()], size)?;
        env.add_member_overload("size", &format!("{id}_size"), of.to_owned(), vec![], size)?;
        env.add_overload(SOME, &format!("some_{id}"), vec![of, types::STRING_TYPE], some)?;
    }
    let on_text: [(&str, Function); 4] =
        [("startsWith", starts_with), ("endsWith", ends_with), ("contains", contains), ("glob", glob)];
    for (name, function) in on_text {
        env.add_member_overload(name, name, types::STRING_TYPE, vec![types::STRING_TYPE], function)?;
    }
    env.add_overload("timestamp", "timestamp_text", vec![types::STRING_TYPE], timestamp)?;
    env.add_overload("timestamp", "timestamp_instant", vec![types::INT_TYPE], same)?;
    env.add_overload("duration", "duration_text", vec![types::STRING_TYPE], duration)?;
    let on_instant: [(&str, Function); 5] = [
        ("getFullYear", |args| part(&args, |civil| civil.year().into())),
        ("getMonth", |args| part(&args, |civil| i64::from(civil.month()).saturating_sub(1))),
        ("getDate", |args| part(&args, |civil| civil.day().into())),
        ("getDayOfWeek", |args| part(&args, |civil| civil.weekday().to_sunday_zero_offset().into())),
        ("getHours", |args| part(&args, |civil| civil.hour().into())),
    ];
    for (name, function) in on_instant {
        env.add_member_overload(name, name, types::INT_TYPE, vec![], function)?;
    }
    Ok(env)
}

type Args<'b, 'v> = Vec<CowVal<'b, 'v>>;
type Returned<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;

/// The text of an argument.
fn text_of<'a>(args: &'a [CowVal<'_, '_>], at: usize) -> Result<&'a str, ExecutionError> {
    let text = args.get(at).and_then(|argument| argument.downcast_ref::<CelString<'_>>());
    text.map(CelString::inner).ok_or_else(ExecutionError::missing_argument_or_target)
}

fn size<'b, 'v>(args: Args<'b, 'v>) -> Returned<'b, 'v> {
    let sizer = args.first().and_then(|argument| argument.as_sizer());
    Ok(CowVal::owned(sizer.ok_or_else(ExecutionError::missing_argument_or_target)?.size()))
}

fn some<'b, 'v>(args: Args<'b, 'v>) -> Returned<'b, 'v> {
    let is_empty = args.first().and_then(|list| list.as_sizer()).is_none_or(|sizer| *sizer.size().inner() == 0);
    if is_empty {
        return Err(ExecutionError::function_error(SOME, text_of(&args, 1).unwrap_or_default()));
    }
    args.into_iter().next().ok_or_else(ExecutionError::missing_argument_or_target)
}

fn same<'b, 'v>(args: Args<'b, 'v>) -> Returned<'b, 'v> {
    args.into_iter().next().ok_or_else(ExecutionError::missing_argument_or_target)
}

fn asked<'b, 'v>(args: &[CowVal<'_, '_>], ask: fn(&str, &str) -> bool) -> Returned<'b, 'v> {
    Ok(CowVal::owned(CelBool::from(ask(text_of(args, 0)?, text_of(args, 1)?))))
}

fn starts_with<'b, 'v>(args: Args<'b, 'v>) -> Returned<'b, 'v> {
    asked(&args, |text, beginning| text.starts_with(beginning))
}

fn ends_with<'b, 'v>(args: Args<'b, 'v>) -> Returned<'b, 'v> {
    asked(&args, |text, end| text.ends_with(end))
}

fn contains<'b, 'v>(args: Args<'b, 'v>) -> Returned<'b, 'v> {
    asked(&args, |text, part| text.contains(part))
}

fn glob<'b, 'v>(args: Args<'b, 'v>) -> Returned<'b, 'v> {
    asked(&args, |text, pattern| Pattern::new(pattern).matches(text))
}

fn number<'b, 'v>(number: i64) -> CowVal<'b, 'v> {
    CowVal::owned(CelInt::from(number))
}

fn timestamp<'b, 'v>(args: Args<'b, 'v>) -> Returned<'b, 'v> {
    let text = text_of(&args, 0)?;
    let time = instant(text).ok_or_else(|| not_read("timestamp", text, "is no instant"))?;
    Ok(number(time.unix()))
}

fn duration<'b, 'v>(args: Args<'b, 'v>) -> Returned<'b, 'v> {
    let text = text_of(&args, 0)?;
    Ok(number(span(text).ok_or_else(|| not_read("duration", text, "is no span of time"))?))
}

fn not_read(function: &str, text: &str, problem: &str) -> ExecutionError {
    ExecutionError::function_error(function, format!("`{}` {problem}", printable(text)))
}

/// The instant that a text names. A bare number is none: whoever writes one means something else.
pub(super) fn instant(text: &str) -> Option<Time> {
    if text.contains('T') { text.parse().ok() } else { None }
}

/// The seconds that a text names: `72h`, `1h30m`, `-5s`. Parts of seconds are refused, because facts have none.
pub(super) fn span(text: &str) -> Option<i64> {
    let (sign, mut rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let mut seconds = 0_i64;
    for (unit, length) in [('h', 3_600_i64), ('m', 60), ('s', 1)] {
        if let Some((count, after)) = rest.split_once(unit) {
            let digits = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
            let count: i64 = count.parse().ok().filter(|_| digits)?;
            seconds = seconds.checked_add(count.checked_mul(length)?)?;
            rest = after;
        }
    }
    let is_whole = rest.is_empty() && text.ends_with(['h', 'm', 's']);
    is_whole.then(|| seconds.checked_mul(sign)).flatten()
}

/// A part of an instant in UTC.
fn part<'b, 'v>(args: &[CowVal<'_, '_>], part: fn(jiff::civil::DateTime) -> i64) -> Returned<'b, 'v> {
    let seconds = args.first().and_then(|argument| argument.downcast_ref::<CelInt>()).map(|number| *number.inner());
    let civil = seconds.and_then(|seconds| Time::from_unix(seconds).civil());
    civil.map(|civil| number(part(civil))).ok_or_else(|| not_read("instant", "the instant", "is beyond the calendar"))
}

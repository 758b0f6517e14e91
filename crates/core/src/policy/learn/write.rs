//! The learnt policy as a file: each line with what it rests on, the rest as comments.

use super::{Draft, ENVIRONMENT, LeftOut, Lessons, Line};
use crate::policy::quoted;
use crate::reports::for_terminal;
use crate::requirements::{self, Section};
use crate::time::Time;

/// Most names in a list: the rest is counted.
const SHOWN: usize = 10;

/// The text of the policy.
pub(super) fn text(name: &str, at: Time, lessons: &Lessons, draft: &Draft<'_>) -> String {
    let good = draft.good.len();
    let mut text = format!(
        "# Learnt from {good} artifacts as of {at}, to be reviewed: it says what these artifacts have in common, not\n\
         # whether that is right. Nothing that was not seen is accepted. Where a line accepts several values, it accepts\n\
         # each of them together with each of the others'.\n"
    );
    if !lessons.left_out.is_empty() {
        let count = lessons.left_out.len();
        text.push_str(&format!("#\n# Left out, because nothing in them verifies: {count}\n"));
        text.push_str(&list(&lessons.left_out));
    }
    text.push_str(&format!("schema = 1\nname = {}\n", quoted(name)));
    for section in Section::ALL {
        text.push_str(&in_section(section, draft, good));
    }
    text
}

fn in_section(section: Section, draft: &Draft<'_>, good: usize) -> String {
    let of_it = |line: &&Line| requirements::by_id(line.requirement).is_some_and(|known| known.section == section);
    let mut lines: Vec<&Line> = draft.lines.iter().filter(of_it).collect();
    let place = |line: &Line| requirements::REQUIREMENTS.iter().position(|known| known.id == line.requirement);
    lines.sort_by_key(|line| place(line));
    let mut text = String::new();
    // A section of comments alone would be an empty one.
    let head = format!("[environment.{ENVIRONMENT}.{}]\n", section.word());
    match lines.iter().any(|line| line.required.is_some()) {
        true => text.push_str(&format!("\n{head}")),
        false if lines.is_empty() => {}
        false => text.push_str(&format!("\n# {head}")),
    }
    lines.into_iter().for_each(|line| text.push_str(&one_line(line, good)));
    text
}

fn one_line(line: &Line, good: usize) -> String {
    let mut text = String::new();
    if let (None, true, Some(note)) = (&line.required, line.unmet.is_empty(), line.note) {
        return format!("# `{}` is not asked: {note}\n", line.requirement);
    }
    if line.required.is_none() {
        text.push_str(&format!("# `{}` is not met by {} of {good}:\n", line.requirement, line.unmet.len()));
        return text + &list(&line.unmet);
    }
    if !line.unmet.is_empty() {
        text.push_str(&format!("# not more, because that is not met by {} of {good}:\n", line.unmet.len()));
        text.push_str(&list(&line.unmet));
    }
    if line.values.len() > 1 {
        for (value, count) in line.values.iter().take(SHOWN) {
            text.push_str(&format!("# {count} of {good}: {}\n", clean(value)));
        }
        text.push_str(&more(line.values.len()));
    }
    if let Some(note) = line.note {
        text.push_str(&format!("# {note}\n"));
    }
    text.push_str(line.required.as_deref().unwrap_or_default());
    text.push('\n');
    text
}

fn list(left_out: &[LeftOut]) -> String {
    let shown = left_out.iter().take(SHOWN);
    let lines = shown.map(|LeftOut { name, why }| format!("#   {} ({})\n", clean(name), clean(why)));
    lines.collect::<String>() + &more(left_out.len())
}

fn more(count: usize) -> String {
    match count.saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!("#   and {more} more\n"),
    }
}

/// A name in a comment: what could end the line is written as an escape.
fn clean(text: &str) -> String {
    for_terminal(text, false).into_owned()
}

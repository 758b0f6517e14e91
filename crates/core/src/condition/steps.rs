//! How long the evaluation of a rule can take: estimated from the lengths of the lists in the facts, because the
//! library has no budget of its own.

use std::collections::BTreeMap;

use super::MAX_TEXT;
use crate::facts::{Datum, Shape};

/// Bytes of a text that can be searched in the time of one step.
const TEXT_PER_STEP: u64 = 256;

/// How many items a list has.
#[derive(Clone, Copy, Debug)]
pub(super) enum Length {
    /// So many.
    Items(u64),
    /// As many as the longest list in this field of such records.
    Of(&'static str, &'static str),
}

/// What is done when a rule is evaluated.
#[derive(Clone, Debug, Default)]
pub(super) struct Steps {
    /// Steps of a fixed length.
    plain: u64,
    /// Steps that look through a text.
    texts: u64,
    /// What is done for each item of a list.
    loops: Vec<(Length, Self)>,
}

impl Steps {
    pub(super) const fn step(&mut self) {
        self.plain = self.plain.saturating_add(1);
    }

    pub(super) const fn text(&mut self) {
        self.texts = self.texts.saturating_add(1);
    }

    pub(super) fn each(&mut self, of: Length, what: Self) {
        self.loops.push((of, what));
    }

    /// How many there are at most. The loops are nested no deeper than [`MAX_LOOPS`](super::MAX_LOOPS).
    pub(super) fn count(&self, sizes: &Sizes) -> u64 {
        let texts = self.texts.saturating_mul(sizes.longest_text.div_ceil(TEXT_PER_STEP).saturating_add(1));
        let each = |(length, what): &(Length, Self)| sizes.of(*length).saturating_mul(what.count(sizes));
        self.loops.iter().map(each).fold(self.plain.saturating_add(texts), u64::saturating_add)
    }
}

/// The lengths of what stands in one document of facts.
#[derive(Debug, Default)]
pub(super) struct Sizes {
    lists: BTreeMap<(&'static str, &'static str), u64>,
    longest_text: u64,
}

impl Sizes {
    fn of(&self, length: Length) -> u64 {
        match length {
            Length::Items(items) => items,
            Length::Of(record, field) => self.lists.get(&(record, field)).copied().unwrap_or(0),
        }
    }

    /// Whether a text is too long to be looked at.
    pub(super) const fn is_beyond_text(&self) -> bool {
        self.longest_text > MAX_TEXT
    }

    /// Measures what stands at a place. The depth is that of the shape, which is ours.
    pub(super) fn measure(&mut self, datum: &Datum<'_>, shape: &'static Shape, place: (&'static str, &'static str)) {
        match (datum, shape) {
            (Datum::Text(text), _) => self.text(text),
            (Datum::Map(texts), _) => texts.iter().for_each(|(name, text)| {
                self.text(name);
                self.text(text);
            }),
            (Datum::List(items), Shape::List(item)) => {
                let longest = self.lists.entry(place).or_default();
                *longest = (*longest).max(items.len() as u64);
                items.iter().for_each(|datum| self.measure(datum, item, place));
            }
            (Datum::Record(fields), Shape::Record(record, members)) => {
                for (name, datum) in fields {
                    if let Some(member) = members.iter().find(|member| member.name == *name) {
                        self.measure(datum, &member.shape, (record, member.name));
                    }
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        self.longest_text = self.longest_text.max(text.len() as u64);
    }
}

//! Kinds of values in rules: every one is known when the policy is read.

use super::steps::Length;
use crate::facts::{Member, Shape};

/// What a part of a rule stands for.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Flag,
    Number,
    Text,
    /// One of these words.
    Word(&'static str, &'static [&'static str]),
    Instant,
    /// A span of time.
    Span,
    /// Texts by name.
    Map,
    Record(&'static str, &'static [Member]),
    List(Box<Self>, Items),
}

/// Where the items of a list come from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Items {
    pub(super) length: Length,
    /// Whether they stand in the facts or in the text of the rule, and were not made from others.
    pub(super) are_given: bool,
}

impl Kind {
    /// What stands at a place of the document: a field of a record.
    pub(super) fn of(shape: &'static Shape, record: &'static str, field: &'static str) -> Self {
        match shape {
            Shape::Flag => Self::Flag,
            Shape::Number => Self::Number,
            Shape::Text => Self::Text,
            Shape::Instant => Self::Instant,
            Shape::Word(name, words) => Self::Word(name, words),
            Shape::Map => Self::Map,
            Shape::Record(name, members) => Self::Record(name, members),
            Shape::List(item) => {
                let items = Items { length: Length::Of(record, field), are_given: true };
                Self::List(Box::new(Self::of(item, record, field)), items)
            }
        }
    }

    /// Whether two of them can be compared with each other.
    pub(super) fn is_comparable(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Word(one, _), Self::Word(other, _)) => one == other,
            (Self::Text | Self::Word(..), Self::Text | Self::Word(..))
            | (Self::Flag, Self::Flag)
            | (Self::Number, Self::Number)
            | (Self::Instant, Self::Instant)
            | (Self::Span, Self::Span) => true,
            _ => false,
        }
    }

    /// Whether one of two of them can come before the other.
    pub(super) const fn is_ordered(&self) -> bool {
        matches!(self, Self::Number | Self::Text | Self::Instant | Self::Span)
    }

    pub(super) const fn is_text(&self) -> bool {
        matches!(self, Self::Text | Self::Word(..))
    }

    /// What it is called in messages.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Flag => "true or false".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::Text => "a text".to_owned(),
            Self::Word(name, _) => format!("a word ({name})"),
            Self::Instant => "an instant".to_owned(),
            Self::Span => "a span of time".to_owned(),
            Self::Map => "texts by name".to_owned(),
            Self::Record(name, _) => format!("a record ({name})"),
            Self::List(item, _) => format!("a list of {}", item.words().trim_start_matches("a ")),
        }
    }
}

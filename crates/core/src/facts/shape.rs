//! What stands where in the document of facts: one description, from which the JSON Schema, the documentation and
//! the checks of rules are made.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};

use crate::reports::words::{Closed, Word};
use crate::time::Time;

/// What stands at one place of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// True or false.
    Flag,
    /// A whole number.
    Number,
    /// Any text.
    Text,
    /// An instant: RFC 3339, UTC, whole seconds.
    Instant,
    /// One word of a closed set: the name of the set, and its words.
    Word(&'static str, Vec<&'static str>),
    /// A list of such.
    List(Box<Self>),
    /// Texts by names that are not known beforehand.
    Map,
    /// The name of the record, and its fields.
    Record(&'static str, Vec<Member>),
}

/// One field of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// What it means, in a sentence or two.
    pub meaning: &'static str,
    /// Whether it is left out where nothing is known.
    pub optional: bool,
    /// What stands there.
    pub shape: Shape,
}

/// What stands there in one document. Nothing that is not known is there: no place holds a null.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Datum<'a> {
    /// True or false.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// A text or a word.
    Text(Cow<'a, str>),
    /// An instant.
    Instant(Time),
    /// A list.
    List(Vec<Self>),
    /// Texts by names.
    Map(Vec<(&'a str, &'a str)>),
    /// Fields by names, without those that are not known.
    Record(Vec<(&'static str, Self)>),
}

/// What can stand in the document.
pub(super) trait Described {
    /// Whether it is left out where nothing is known.
    const OPTIONAL: bool = false;

    /// What stands there.
    fn shape() -> Shape;

    /// What stands there in this case; `None` if nothing is known.
    fn datum(&self) -> Option<Datum<'_>>;
}

/// Declares records of the document: what stands there, what it means, and how it is written, in one place.
macro_rules! records {
    ($($(#[doc = $about:literal])+ $record:ident $(<$life:lifetime>)? = $title:literal {
        $($(#[doc = $doc:literal])+ $field:ident: $type:ty,)*
    })*) => { $(
        $(#[doc = $about])+
        #[derive(Clone, Debug)]
        pub(super) struct $record $(<$life>)? { $($(#[doc = $doc])+ pub(super) $field: $type,)* }

        impl $(<$life>)? $crate::facts::shape::Described for $record $(<$life>)? {
            fn shape() -> $crate::facts::shape::Shape {
                use $crate::facts::shape::{Described, Member, Shape};
                Shape::Record($title, vec![$(Member {
                    name: stringify!($field).trim_start_matches("r#"),
                    meaning: concat!($($doc),+).trim_ascii(),
                    optional: <$type as Described>::OPTIONAL,
                    shape: <$type as Described>::shape(),
                },)*])
            }

            fn datum(&self) -> Option<$crate::facts::shape::Datum<'_>> {
                Some($crate::facts::shape::Datum::Record(self.fields(|_| true)))
            }
        }

        impl $(<$life>)? $record $(<$life>)? {
            /// The fields that are wanted and known.
            pub(super) fn fields(
                &self,
                wanted: impl Fn(&str) -> bool,
            ) -> Vec<(&'static str, $crate::facts::shape::Datum<'_>)> {
                use $crate::facts::shape::Described;
                let mut fields = Vec::new();
                $(
                    let name = stringify!($field).trim_start_matches("r#");
                    if wanted(name) {
                        fields.extend(Described::datum(&self.$field).map(|datum| (name, datum)));
                    }
                )*
                fields
            }
        }
    )* };
}
pub(super) use records;

impl Described for bool {
    fn shape() -> Shape {
        Shape::Flag
    }

    fn datum(&self) -> Option<Datum<'_>> {
        Some(Datum::Flag(*self))
    }
}

impl Described for i64 {
    fn shape() -> Shape {
        Shape::Number
    }

    fn datum(&self) -> Option<Datum<'_>> {
        Some(Datum::Number(*self))
    }
}

impl Described for Time {
    fn shape() -> Shape {
        Shape::Instant
    }

    fn datum(&self) -> Option<Datum<'_>> {
        Some(Datum::Instant(*self))
    }
}

impl Described for &str {
    fn shape() -> Shape {
        Shape::Text
    }

    fn datum(&self) -> Option<Datum<'_>> {
        Some(Datum::Text(Cow::Borrowed(self)))
    }
}

impl Described for String {
    fn shape() -> Shape {
        Shape::Text
    }

    fn datum(&self) -> Option<Datum<'_>> {
        Some(Datum::Text(Cow::Borrowed(self)))
    }
}

/// A set of words that is known when the program is built, but is no enum.
pub(super) trait WordSet {
    /// Its name.
    const NAME: &'static str;

    /// Its words.
    fn words() -> Vec<&'static str>;
}

/// One word of such a set.
#[derive(Clone, Debug)]
pub(super) struct OneOf<S>(&'static str, PhantomData<S>);

impl<S: WordSet> OneOf<S> {
    pub(super) const fn new(word: &'static str) -> Self {
        Self(word, PhantomData)
    }

    /// The word.
    #[cfg(test)]
    pub(super) const fn word(&self) -> &'static str {
        self.0
    }
}

impl<S: WordSet> Described for OneOf<S> {
    fn shape() -> Shape {
        Shape::Word(S::NAME, S::words())
    }

    fn datum(&self) -> Option<Datum<'_>> {
        Some(Datum::Text(Cow::Borrowed(self.0)))
    }
}

impl<T: Closed> Described for Word<T> {
    fn shape() -> Shape {
        Shape::Word(T::SET, T::words())
    }

    fn datum(&self) -> Option<Datum<'_>> {
        Some(Datum::Text(Cow::Borrowed(self.0.word())))
    }
}

impl<T: Described> Described for Option<T> {
    const OPTIONAL: bool = true;

    fn shape() -> Shape {
        T::shape()
    }

    fn datum(&self) -> Option<Datum<'_>> {
        self.as_ref().and_then(T::datum)
    }
}

impl<T: Described> Described for Vec<T> {
    fn shape() -> Shape {
        Shape::List(Box::new(T::shape()))
    }

    fn datum(&self) -> Option<Datum<'_>> {
        Some(Datum::List(self.iter().filter_map(T::datum).collect()))
    }
}

/// Texts by names that are not known beforehand.
pub(super) type Texts<'a> = BTreeMap<Cow<'a, str>, Cow<'a, str>>;

impl Described for Texts<'_> {
    fn shape() -> Shape {
        Shape::Map
    }

    fn datum(&self) -> Option<Datum<'_>> {
        Some(Datum::Map(self.iter().map(|(name, text)| (&**name, &**text)).collect()))
    }
}

impl Serialize for Datum<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Number(number) => serializer.serialize_i64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Instant(time) => time.serialize(serializer),
            Self::List(items) => serializer.collect_seq(items),
            Self::Map(texts) => in_order(serializer, texts),
            Self::Record(fields) => in_order(serializer, fields),
        }
    }
}

fn in_order<S: Serializer, V: Serialize>(serializer: S, entries: &[(&str, V)]) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(entries.len()))?;
    entries.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
    map.end()
}

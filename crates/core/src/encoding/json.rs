//! JSON (RFC 8259) as evidence carries it, read with bounds and without ambiguity.
//!
//! A name that occurs twice in one object is an error: readers differ in which value they take, and a
//! signature over such a document means two things at once.

mod cursor;
mod lines;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};

pub use cursor::{Cursor, FieldError, Problem};
pub use lines::{Documents, documents, top_level_names};

/// Nesting that is read. Real statements stay below 20; the parser itself would stop at 128.
pub const MAX_DEPTH: usize = 96;
/// Values in one document. The largest SBOM statements seen have some hundred thousand; a million take
/// about 64 MiB.
pub const MAX_VALUES: usize = 1_000_000;

/// JSON of a value that has one: its maps have texts as keys, and no number in it is infinite.
#[must_use]
pub fn text_of<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as written.
    Number(serde_json::Number),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Self>),
    /// An object; every name occurs once.
    Object(BTreeMap<String, Self>),
}

/// Why bytes are no JSON document that is read here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The parser's words, with line and column.
    message: String,
    /// Whether only a bound of ours was reached.
    limit: bool,
}

impl Error {
    /// Whether the document may be sound, but runs into [`MAX_DEPTH`] or [`MAX_VALUES`].
    #[must_use]
    pub const fn is_limit(&self) -> bool {
        self.limit
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Reads one document that fills `bytes`.
///
/// # Errors
/// If it is no JSON, a name occurs twice in an object, or a bound is reached.
pub fn parse(bytes: &[u8]) -> Result<Json, Error> {
    let limit = Cell::new(false);
    let values = Cell::new(MAX_VALUES);
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let seed = Seed { depth: MAX_DEPTH, values: &values, limit: &limit };
    let read = seed.deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value));
    read.map_err(|error| Error { message: error.to_string(), limit: limit.get() })
}

#[derive(Clone, Copy)]
struct Seed<'a> {
    depth: usize,
    values: &'a Cell<usize>,
    limit: &'a Cell<bool>,
}

impl Seed<'_> {
    fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth, ..self }),
            None => Err(self.over(format_args!("nested deeper than {MAX_DEPTH}"))),
        }
    }

    fn over<E: serde::de::Error>(self, what: fmt::Arguments<'_>) -> E {
        self.limit.set(true);
        E::custom(what)
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Json;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        match self.values.get().checked_sub(1) {
            Some(left) => self.values.set(left),
            None => return Err(self.over(format_args!("more than {MAX_VALUES} values"))),
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Json, E> {
        serde_json::Number::from_f64(value).map(Json::Number).ok_or_else(|| E::custom("a number beyond all bounds"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let inner = self.inner()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            array.push(item);
        }
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let inner = self.inner()?;
        let mut object = BTreeMap::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(inner)?;
            if object.contains_key(&name) {
                return Err(A::Error::custom(format_args!("`{name}` occurs twice in one object")));
            }
            object.insert(name, value);
        }
        Ok(Json::Object(object))
    }
}

impl Json {
    /// The member of this name, if this is an object that has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.get(name),
            _ => None,
        }
    }

    /// The text, if this is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The items, if this is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The members, if this is an object.
    #[must_use]
    pub const fn as_object(&self) -> Option<&BTreeMap<String, Self>> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The value at the end of a path of member names.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |value, name| value.get(name))
    }

    /// The text at the end of a path of member names.
    #[must_use]
    pub fn text_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read() {
        let json = parse(br#" {"a":[1,-2,0.5,"\u00e4",true,null],"b":{}} "#).unwrap();
        assert_eq!(json.get("a").unwrap().as_array().unwrap().len(), 6);
        assert_eq!(json.at(&["b"]), Some(&Json::Object(BTreeMap::new())));
        assert_eq!(parse(br#"{"a":{"b":"c"}}"#).unwrap().text_at(&["a", "b"]), Some("c"));
    }

    #[test]
    fn what_is_ambiguous_or_no_json_is_refused() {
        for text in [r#"{"a":1,"a":2}"#, r#"{"a":1}{"#, r#"{"a":1"#, "", "{'a':1}", "[1,]", "NaN", "1e999"] {
            assert!(!parse(text.as_bytes()).unwrap_err().is_limit(), "{text}");
        }
        assert!(parse(b"\"\xff\"").is_err());
    }

    #[test]
    fn depth_and_number_of_values_are_bounded() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert!(parse(nested(MAX_DEPTH + 1).as_bytes()).unwrap_err().is_limit());
        assert!(parse(nested(100_000).as_bytes()).is_err());
        let many = format!("[{}0]", "0,".repeat(MAX_VALUES));
        assert!(parse(many.as_bytes()).unwrap_err().is_limit());
    }
}

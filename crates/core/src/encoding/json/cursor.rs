//! Walking a document by names, so that every error says where in the document it is.

use std::fmt;
use std::rc::Rc;

use super::Json;
use crate::encoding::base64;
use crate::time::Time;

/// A place in a document. Where it is, is written down in errors only: names come from the document, and a long one
/// must not be copied for every item below it.
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    value: &'a Json,
    step: Step<'a>,
    above: Option<Rc<Self>>,
}

/// The last step to a place.
#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    /// None: it is the top.
    Top,
    /// To the member of this name.
    Member(&'a str),
    /// To the item at this position.
    Item(usize),
}

/// Characters of one name that an error shows; names of formats are shorter.
const SHOWN: usize = 100;

/// A member of a document that is not as its format demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Names and positions from the top of the document, such as `signatures[0].sig`.
    pub path: String,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is not there.
    Missing,
    /// It is of another JSON type.
    WrongType(&'static str),
    /// It is no base64.
    BadBase64,
    /// It is of the right type, but no value that the format knows.
    BadValue(&'static str),
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "the document" } else { &self.path };
        match self.problem {
            Problem::Missing => write!(f, "`{path}` is missing"),
            Problem::WrongType(expected) => write!(f, "`{path}` is no {expected}"),
            Problem::BadBase64 => write!(f, "`{path}` is no base64"),
            Problem::BadValue(expected) => write!(f, "`{path}` is not {expected}"),
        }
    }
}

impl std::error::Error for FieldError {}

impl<'a> Cursor<'a> {
    /// The top of a document.
    #[must_use]
    pub const fn new(value: &'a Json) -> Self {
        Self { value, step: Step::Top, above: None }
    }

    /// The value here.
    #[must_use]
    pub const fn value(&self) -> &'a Json {
        self.value
    }

    /// An error about this place.
    #[must_use]
    pub fn error(&self, problem: Problem) -> FieldError {
        FieldError { path: self.path(), problem }
    }

    /// Names and positions from the top.
    fn path(&self) -> String {
        let places: Vec<_> = std::iter::successors(Some(self), |place| place.above.as_deref()).collect();
        places.iter().rev().fold(String::new(), |path, place| match place.step {
            Step::Top => path,
            Step::Member(name) => below(&path, name),
            Step::Item(index) => format!("{path}[{index}]"),
        })
    }

    /// The member of this name; `None` if it is absent or `null`, which ProtoJSON holds for the same.
    ///
    /// # Errors
    /// If this is no object.
    pub fn optional(&self, name: &str) -> Result<Option<Self>, FieldError> {
        let members = self.value.as_object().ok_or_else(|| self.error(Problem::WrongType("object")))?;
        let present = members.get_key_value(name).filter(|(_, value)| **value != Json::Null);
        let above = || Some(Rc::new(self.clone()));
        Ok(present.map(|(name, value)| Self { value, step: Step::Member(name), above: above() }))
    }

    /// The member of this name.
    ///
    /// # Errors
    /// If this is no object, or the member is absent or `null`.
    pub fn field(&self, name: &str) -> Result<Self, FieldError> {
        let missing = || FieldError { path: below(&self.path(), name), problem: Problem::Missing };
        self.optional(name)?.ok_or_else(missing)
    }

    /// The member that has one of two names, as versions of a format differ in them.
    ///
    /// # Errors
    /// If this is no object, or if it has both: `twice` is what the second one is not.
    pub fn either(&self, names: [&str; 2], twice: &'static str) -> Result<Option<Self>, FieldError> {
        let [first, second] = names.map(|name| self.optional(name));
        match (first?, second?) {
            (Some(_), Some(second)) => Err(second.error(Problem::BadValue(twice))),
            (one, other) => Ok(one.or(other)),
        }
    }

    /// The text here.
    ///
    /// # Errors
    /// If this is no string.
    pub fn text(&self) -> Result<&'a str, FieldError> {
        self.value.as_str().ok_or_else(|| self.error(Problem::WrongType("string")))
    }

    /// The instant here, as RFC 3339 writes it. A bare number is none: what means a day (`20260110`) would pass for
    /// seconds since 1970.
    ///
    /// # Errors
    /// If this is no string, or no instant.
    pub fn instant(&self) -> Result<Time, FieldError> {
        let text = self.text()?;
        let instant = text.contains(['T', 't']).then(|| text.parse().ok()).flatten();
        instant.ok_or_else(|| self.error(Problem::BadValue("an instant")))
    }

    /// The bytes of the base64 text here.
    ///
    /// # Errors
    /// If this is no string, or no base64.
    pub fn bytes(&self) -> Result<Vec<u8>, FieldError> {
        base64::decode(self.text()?).ok_or_else(|| self.error(Problem::BadBase64))
    }

    /// The integer here, as a number or, as ProtoJSON writes 64 bits, as a decimal string.
    ///
    /// # Errors
    /// If this is neither, or does not fit.
    pub fn integer(&self) -> Result<i64, FieldError> {
        let number = match self.value {
            Json::Number(number) => number.as_i64(),
            Json::String(text) => text.parse().ok(),
            _ => None,
        };
        number.ok_or_else(|| self.error(Problem::WrongType("64-bit integer")))
    }

    /// The items of the array here.
    ///
    /// # Errors
    /// If this is no array.
    pub fn items(&self) -> Result<Vec<Self>, FieldError> {
        let items = self.value.as_array().ok_or_else(|| self.error(Problem::WrongType("array")))?;
        let above = Rc::new(self.clone());
        let place = |(index, value)| Self { value, step: Step::Item(index), above: Some(Rc::clone(&above)) };
        Ok(items.iter().enumerate().map(place).collect())
    }

    /// The items of the array of this name; none if it is absent or `null`.
    ///
    /// # Errors
    /// If it is no array.
    pub fn list(&self, name: &str) -> Result<Vec<Self>, FieldError> {
        self.optional(name)?.map_or_else(|| Ok(Vec::new()), |list| list.items())
    }
}

/// The path of a member, of whose name only so much is shown as a reader can take in.
fn below(path: &str, name: &str) -> String {
    let shown: String = name.chars().take(SHOWN).collect();
    let more = if shown.len() < name.len() { "…" } else { "" };
    if path.is_empty() { format!("{shown}{more}") } else { format!("{path}.{shown}{more}") }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn errors_say_where() {
        let json = parse(br#"{"a":[{"b":"AQ=="},{"b":"!"}],"n":"7","x":null}"#).unwrap();
        let top = Cursor::new(&json);
        let items = top.field("a").unwrap().items().unwrap();
        assert_eq!(items[0].field("b").unwrap().bytes().unwrap(), [1]);
        let error = items[1].field("b").unwrap().bytes().unwrap_err();
        assert_eq!(error.to_string(), "`a[1].b` is no base64");
        assert_eq!(top.field("n").unwrap().integer(), Ok(7));
        assert_eq!(top.field("x").unwrap_err().to_string(), "`x` is missing");
        assert_eq!(items[0].field("c").unwrap_err().path, "a[0].c");
        assert!(top.list("x").unwrap().is_empty());
    }
    #[test]
    fn a_bare_number_is_no_instant() {
        let instant = |text: &str| Cursor::new(&Json::String(text.to_owned())).instant();
        assert_eq!(instant("2026-01-10T00:00:00Z"), Ok("2026-01-10T00:00:00Z".parse().unwrap()));
        for other in ["20260110", "1767225600", "-1", "2026-01-10", ""] {
            assert!(instant(other).is_err(), "{other}");
        }
    }

    #[test]
    fn a_long_name_is_not_copied_for_every_item_below_it() {
        const NAME: usize = 1 << 20;
        let name = "n".repeat(NAME);
        let text = format!(r#"{{"{name}":[{}]}}"#, vec!["{}"; 4_096].join(","));
        let json = parse(text.as_bytes()).unwrap();
        // Four gigabytes, if each had its own copy.
        let items = Cursor::new(&json).list(&name).unwrap();
        assert!(items.iter().all(|item| item.optional("a").unwrap().is_none()));
        assert_eq!(items[7].field("b").unwrap_err().path, format!("{}…[7].b", "n".repeat(SHOWN)));
    }
}

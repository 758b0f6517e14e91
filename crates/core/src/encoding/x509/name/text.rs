//! Reading names that people and lists write as text (RFC 4514).

use std::fmt;

use super::{Name, SHORT_KEYS};
use crate::encoding::asn1::{encode, encode_sequence, oid, tag};
use crate::encoding::hex;
use crate::identity::name;

/// Longest text read, in bytes: longer than any real name.
const MAX_TEXT: usize = 16 * 1024;

/// Why text is no name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameTextError {
    /// Empty, or longer than any name.
    Length,
    /// This part is not `TYPE=value`.
    NotAnAttribute(String),
    /// Nothing here knows this attribute type, and it is no dotted object identifier.
    UnknownType(String),
    /// An escape that RFC 4514 does not have, or a quote without its end.
    BadEscape(String),
}

impl fmt::Display for NameTextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length => f.write_str("no name, or longer than any"),
            Self::NotAnAttribute(part) => write!(f, "`{part}` is not TYPE=value"),
            Self::UnknownType(key) => write!(f, "unknown attribute type `{key}`"),
            Self::BadEscape(part) => write!(f, "bad escape in `{part}`"),
        }
    }
}

impl std::error::Error for NameTextError {}

impl Name {
    /// Reads a name that is written as RFC 4514 says: most specific attribute first, `,` between relative
    /// names, `+` within one. Spaces around separators and quoted values (RFC 2253 §4) are read, too.
    ///
    /// Strings become UTF-8 strings, which counts for nothing when names are compared.
    ///
    /// # Errors
    /// [`NameTextError`].
    pub fn from_text(text: &str) -> Result<Self, NameTextError> {
        if text.trim().is_empty() || text.len() > MAX_TEXT {
            return Err(NameTextError::Length);
        }
        let mut rdns = Vec::new();
        for relative in split(text, &[',', ';']) {
            let pairs = split(relative, &['+']).into_iter().map(attribute).collect::<Result<Vec<_>, _>>()?;
            rdns.push(encode(tag::SET, &pairs.concat()));
        }
        rdns.reverse();
        Self::from_der(&encode_sequence(&rdns)).map_err(|_| NameTextError::NotAnAttribute(text.to_owned()))
    }
}

/// The parts between separators that are neither escaped nor quoted.
fn split<'a>(text: &'a str, separators: &[char]) -> Vec<&'a str> {
    let (mut parts, mut start) = (Vec::new(), 0);
    let (mut escaped, mut quoted) = (false, false);
    for (position, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            _ if !quoted && separators.contains(&character) => {
                parts.extend(text.get(start..position));
                start = position.saturating_add(character.len_utf8());
            }
            _ => {}
        }
    }
    parts.extend(text.get(start..));
    parts
}

fn attribute(part: &str) -> Result<Vec<u8>, NameTextError> {
    let (key, value) = part.split_once('=').ok_or_else(|| NameTextError::NotAnAttribute(part.to_owned()))?;
    let key = key.trim();
    let kind = attribute_type(key).ok_or_else(|| NameTextError::UnknownType(key.to_owned()))?;
    let bad = || NameTextError::BadEscape(part.to_owned());
    let value = match value.trim().strip_prefix('#') {
        Some(digits) => hex::decode(digits).ok_or_else(bad)?,
        None => encode(tag::UTF8_STRING, unescape(trim(value)).ok_or_else(bad)?.as_bytes()),
    };
    Ok(encode_sequence(&[encode(tag::OID, &kind), value]))
}

fn attribute_type(key: &str) -> Option<Vec<u8>> {
    let short = SHORT_KEYS.iter().find(|(short, _)| short.eq_ignore_ascii_case(key));
    short.map(|(_, oid)| oid.to_vec()).or_else(|| oid::from_dotted(key))
}

/// Without the spaces around it, except for one that is escaped.
fn trim(value: &str) -> &str {
    let value = value.trim_start_matches(' ');
    let end = value.trim_end_matches(' ');
    let escapes = end.chars().rev().take_while(|c| *c == '\\').count();
    let kept = end.len().saturating_add(usize::from(escapes % 2 == 1));
    value.get(..kept).unwrap_or(end)
}

/// Undoes RFC 4514 §2.4 and the quotes of RFC 2253.
fn unescape(value: &str) -> Option<String> {
    let quoted = value.strip_prefix('"');
    let value = match quoted {
        Some(rest) => rest.strip_suffix('"')?,
        None => value,
    };
    name::unescape(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_back_from_its_own_text() {
        let text = r"CN=Acme\, Inc. \22x\22+serialNumber=7, O=M\C3\BCller\, Söhne\ , 1.2.3=#020105, C=DE";
        let name = Name::from_text(text).unwrap();
        assert_eq!(Name::from_text(&name.to_string()), Ok(name.clone()));
        let attributes: Vec<String> = name.attributes().map(|a| format!("{}={}", a.key(), a.text())).collect();
        assert_eq!(attributes[..2], ["C=DE".to_owned(), "1.2.3=#020105".to_owned()]);
        assert!(attributes.contains(&"O=Müller, Söhne ".to_owned()), "{attributes:?}");
        assert!(attributes.contains(&"CN=Acme, Inc. \"x\"".to_owned()), "{attributes:?}");
    }

    #[test]
    fn spacing_case_and_quotes_make_no_difference() {
        let name = Name::from_text("cn=Acme\\, Inc.,o=X,c=us").unwrap();
        assert_eq!(Name::from_text("CN = \"ACME,  Inc.\" ; O=x , C=US"), Ok(name));
    }

    #[test]
    fn order_counts_and_what_is_no_name_is_refused() {
        assert_ne!(Name::from_text("CN=a, O=b"), Name::from_text("O=b, CN=a"));
        assert_eq!(Name::from_text(""), Err(NameTextError::Length));
        assert_eq!(Name::from_text("Acme"), Err(NameTextError::NotAnAttribute("Acme".to_owned())));
        assert_eq!(Name::from_text("X=Acme"), Err(NameTextError::UnknownType("X".to_owned())));
        assert!(matches!(Name::from_text("CN=a\\"), Err(NameTextError::BadEscape(_))));
        assert!(matches!(Name::from_text("CN=\"a"), Err(NameTextError::BadEscape(_))));
        assert!(matches!(Name::from_text("CN=#0g"), Err(NameTextError::BadEscape(_))));
    }
}
